"""The nightly check: no entry of a case file and no piece of evidence was changed; if one was, people are told.

The bytes are looked at outside any transaction, piece by piece; only the questions and the telling are turns.
"""

import asyncio
import datetime as dt
from dataclasses import dataclass

from claimbot.assistant.house import House, Reply
from claimbot.assistant.letters import Letter, post
from claimbot.evidence import EvidenceFolder
from claimbot.store import Database, Tx, claims, people
from claimbot.store.messages import URGENT


@dataclass(frozen=True, slots=True)
class Damage:
    """What is not as it was written: entries by claim and place, evidence by SHA-256."""

    entries: tuple[tuple[int, int], ...]
    evidence: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.entries or self.evidence)


async def look(database: Database, folder: EvidenceFolder) -> Damage:
    entries = await database.turn(claims.broken_entries)
    kept = await database.turn(claims.all_evidence)
    changed = await asyncio.to_thread(lambda: tuple(sha for sha in kept if not folder.check(sha)))
    return Damage(entries, changed)


def tell(tx: Tx, house: House, damage: Damage, now: dt.datetime) -> Reply:
    """A message to every administrator of every site, once each."""
    reply = Reply()
    told = {each.id: each for site in people.all_sites(tx) for each in people.holders(tx, site.id, "administrator")}
    values = {"entries": len(damage.entries), "photos": len(damage.evidence)}
    for person in told.values():
        words = house.words("integrity_broken", person.language, values)
        post(tx, reply, person, Letter(words), now, urgency=URGENT)
    return reply
