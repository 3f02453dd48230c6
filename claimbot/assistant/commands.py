"""What a person can ask for by name: `/queue`, `/drafts`, the flows' own commands; and what is said to all else."""

from dataclasses import replace

from claimbot.assistant.absences import come_back, show_absences, understood
from claimbot.assistant.acts import take_role, welcome
from claimbot.assistant.cards import approval_card, claim_card
from claimbot.assistant.claim_buttons import act_buttons, awaited_from
from claimbot.assistant.conversing import ask_again, begin, cancel, current, start
from claimbot.assistant.doing import Doing, post_album
from claimbot.assistant.due import due_screen
from claimbot.assistant.finding import claim_called, show_found
from claimbot.assistant.house import Command
from claimbot.assistant.knowing import may_see
from claimbot.assistant.letters import Data, Letter, post
from claimbot.assistant.old_parts import show_parts
from claimbot.assistant.reporting import ask_figures
from claimbot.assistant.screens import claims_screen, drafts_screen, menu, queue_screen
from claimbot.errors import Refusal
from claimbot.store import people
from claimbot.store.claims import Claim

_LANGUAGE = "people.language"
_AWAY = "people.away"


def obey(doing: Doing, said: Command) -> None:  # noqa: C901, PLR0912  one line a command
    match said.name:
        case "start" if said.arg:
            _accept_invite(doing, said.arg)
        case "start" | "help":
            welcome(doing)
            ask_again(doing)
        case "cancel":
            cancel(doing)
        case "drafts":
            screen = drafts_screen(doing.tx, doing.house, doing.person, _zone(doing))
            post(doing.tx, doing.reply, doing.person, screen, doing.now)
        case "claims":
            post(doing.tx, doing.reply, doing.person, claims_screen(doing.tx, doing.house, doing.person), doing.now)
        case "queue":
            post(
                doing.tx,
                doing.reply,
                doing.person,
                queue_screen(doing.tx, doing.house, doing.person, doing.now),
                doing.now,
            )
        case "parts":
            show_parts(doing)
        case "due":
            ahead = int(said.arg) if said.arg.isascii() and said.arg.isdigit() and len(said.arg) <= 3 else None
            screen = due_screen(doing.tx, doing.house, doing.person, doing.now, ahead)
            post(doing.tx, doing.reply, doing.person, screen, doing.now)
        case "stats":
            ask_figures(doing, said.arg)
        case "claim" if said.arg:
            found = claim_called(doing, said.arg.strip())
            if found is None or not may_see(doing.person, found):
                raise Refusal("claim_unknown", {"number": said.arg})
            open_claim(doing, found)
        case "claim":
            doing.say("claim_which")
        case "find" if said.arg:
            show_found(doing, said.arg)
        case "away" if said.arg.lower() in {"off", "back", "end", "结束", "回来"}:
            come_back(doing)
        case "away":
            show_absences(doing)
            begin(doing, _AWAY, None, understood(doing, said.arg))
        case "language" if said.arg.lower() in {"en", "zh"}:
            begin(doing, _LANGUAGE, None, {"language": said.arg.lower()})
        case name:
            flow = doing.house.office.flow_for_command(name)
            if flow is None:
                unknown(doing)
            else:
                start(doing, flow)


def _accept_invite(doing: Doing, token: str) -> None:
    """Somebody who has joined already takes one more role."""
    invite = people.open_invite(doing.tx, token, doing.now)
    if invite is None or not people.use_invite(doing.tx, invite.token_hash, doing.person.id, doing.now):
        if people.took_invite(doing.tx, token, doing.person.id):
            letter = Letter(doing.house.words("invite_taken", doing.lang), menu(doing.house, doing.person))
            post(doing.tx, doing.reply, doing.person, letter, doing.now)
            return
        raise Refusal("invite_gone")
    take_role(doing, invite)


def unknown(doing: Doing) -> None:
    """What can be done now, said to everything that nobody understands."""
    held = current(doing)
    if held is not None:
        ask_again(doing, doing.house.words("not_understood_here", doing.lang))
        return
    letter = Letter(doing.house.words("not_understood", doing.lang), menu(doing.house, doing.person))
    post(doing.tx, doing.reply, doing.person, letter, doing.now)


def _zone(doing: Doing) -> str:
    sites = doing.person.site_ids
    return people.site(doing.tx, sites[0]).zone if sites else "UTC"


def open_claim(doing: Doing, claim: Claim, more: Data = (), *, acts_first: bool = False) -> None:
    """The claim's card. `more`: buttons above its own, or else just below what moves it on.

    Its photos come by themselves only to whom it is to decide on them: a desk opens many claims a day.
    """
    if not may_see(doing.person, claim):
        raise Refusal("not_yours")
    asked = awaited_from(doing.tx, doing.person, claim)
    if asked is None:
        card = claim_card(doing.tx, doing.house, doing.person, claim, doing.now)
    else:
        post_album(doing, doing.person, claim)
        card = approval_card(doing.tx, doing.house, doing.person, claim, asked.id, doing.now)
    acts = act_buttons(doing.tx, doing.house, doing.person, claim, doing.now) if acts_first else ()
    place = card.rows.index(acts[-1]) + 1 if acts and acts[-1] in card.rows else 0
    rows = (*card.rows[:place], *more, *card.rows[place:])
    post(doing.tx, doing.reply, doing.person, replace(card, rows=rows), doing.now)
