"""Papers that are made when they go out: read in one transaction, made outside of any, kept like evidence, then sent.

The message's row says which paper it carries, so a crash loses none; one that was made is not made again.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from claimbot.assistant.house import House
from claimbot.claims.words import Lang
from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx, claims, messages
from claimbot.store.messages import Message


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to be made: under which name, of which kind, and how.

    `make` takes its time; it may read the evidence, and no database.
    """

    name: str
    mime: str
    make: Callable[[EvidenceFolder], bytes]


Papers = Mapping[str, Callable[[Tx, House, int, Lang, dt.datetime], Paper]]
"""By the name that a message gives: how the values of a paper are read, for the one of that number, as of then."""


def made(tx: Tx, message: Message, paper: Paper, sha: str, size: int, now: dt.datetime) -> Message:
    """The message with its file, which the evidence folder holds already."""
    claims.add_evidence(tx, {"sha256": sha, "size": size, "mime": paper.mime, "kept_at": now})
    body = {name: value for name, value in message.body.items() if name != "makes"}
    body["file"] = [sha, paper.name]
    messages.keep_body(tx, message.id, body)
    return replace(message, body=body)
