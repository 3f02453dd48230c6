"""The command menu: what Telegram shows behind the "/" for a person's roles, in their language."""

import datetime as dt

from claimbot.assistant.house import House, Reply
from claimbot.assistant.letters import Letter, post
from claimbot.claims.words import Html, Lang
from claimbot.store import Tx
from claimbot.store.people import Person

_ALWAYS = ("help", "cancel", "language")
_AT_WORK = ("due", "away")
"""For everybody with a role."""
_BY_ROLE = {
    "technician": ("new", "drafts", "claims", "find"),
    "clerk": ("queue", "find", "parts", "new", "drafts", "claims", "credit", "stats"),
    "supervisor": ("queue", "find", "stats"),
    "administrator": ("invite",),
}


def command_menu(house: House, person: Person | None, lang: Lang) -> tuple[tuple[str, str], ...]:
    """Command and its line; for a person without roles, what anybody may do."""
    held = () if person is None else [role for role in _BY_ROLE if role in person.role_names]
    wanted = dict.fromkeys([*(name for role in held for name in _BY_ROLE[role]), *(_AT_WORK if held else ()), *_ALWAYS])
    return tuple((name, _line(house, name, lang)) for name in wanted)


def _line(house: House, name: str, lang: Lang) -> str:
    flow = house.office.flow_for_command(name)
    if flow is not None and flow.starts.describe is not None:
        return flow.starts.describe.to(lang)
    return house.label(f"command_{name}", lang)


def post_commands(tx: Tx, house: House, reply: Reply, to: Person, now: dt.datetime) -> None:
    """Renews somebody's command menu, after their roles or their language changed."""
    post(tx, reply, to, Letter(Html(), kind="commands", commands=command_menu(house, to, to.language)), now)
