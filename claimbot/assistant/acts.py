"""What is done at the end of a conversation: the claim moves, the entry is written, those concerned are told.

Everything here happens inside the transaction of the turn that led to it; who may do what is asked of the claim's
life first, and a `Refusal` leaves nothing changed.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never, get_args
from zoneinfo import ZoneInfo

from claimbot.assistant import reminders
from claimbot.assistant.house import House, Reply
from claimbot.assistant.knowing import role_words
from claimbot.assistant.letters import URGENT, Data, Letter, key, post
from claimbot.assistant.menus import command_menu
from claimbot.assistant.screens import (
    approval_card,
    claim_card,
    claim_title,
    decided_card,
    help_screen,
    photo_album,
)
from claimbot.claims.authority import signatures_needed
from claimbot.claims.facts import Known
from claimbot.claims.life import Part, permitted, unmet
from claimbot.claims.words import Html, Lang, Money, Words
from claimbot.engine import Finish
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Json
from claimbot.flow.model import ROLES, Role
from claimbot.store import Tx, claims, messages, people
from claimbot.store.claims import Claim, Signature
from claimbot.store.people import Person

INVITE_LASTS = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Doing:
    """One person doing one thing at one moment, and where what is said of it goes."""

    tx: Tx
    house: House
    reply: Reply
    person: Person
    now: dt.datetime

    @property
    def lang(self) -> Lang:
        return self.person.language

    def tell(self, to: Person, phrase: str, values: Mapping[str, object], *, claim: Claim | None = None) -> None:
        """A short message to one person in their language, with a way to the claim."""
        rows: Data = ()
        if claim is not None:
            rows = (((self.house.label("open_claim", to.language), f"c:{key(claim.id)}"),),)
        html = self.house.words(phrase, to.language, values)
        post(self.tx, self.reply, to, Letter(html, rows, claim_id=None if claim is None else claim.id), self.now)

    def say(self, phrase: str, values: Mapping[str, object] | None = None, *, claim: Claim | None = None) -> None:
        self.tell(self.person, phrase, values or {}, claim=claim)


def perform(doing: Doing, finish: Finish, claim_id: int | None) -> None:  # noqa: C901  one line an act
    """Does what the flow's end names. Raises Refusal when it is not to be done."""
    answers = finish.answers
    match finish.act:
        case "submit_claim":
            _submit(doing, _claim(doing, claim_id), answers)
        case "complete_claim":
            _complete(doing, _claim(doing, claim_id), answers)
        case "request_more":
            _request(doing, _claim(doing, claim_id), answers)
        case "reply":
            _reply(doing, _claim(doing, claim_id), answers)
        case "decide":
            _decide(doing, _claim(doing, claim_id), answers)
        case "withdraw":
            _withdraw(doing, _claim(doing, claim_id), str(answers["withdraw_reason"]))
        case "join":
            _join(doing, answers)
        case "set_language":
            _set_language(doing, "zh" if answers["language"] == "zh" else "en")
        case "invite":
            _invite(doing, answers)
        case "keep":
            pass
        case _:
            assert_never(finish.act)


def _claim(doing: Doing, claim_id: int | None) -> Claim:
    if claim_id is None:
        raise LookupError("a flow about a claim ended without one")
    return claims.lock_claim(doing.tx, claim_id)


def move(doing: Doing, claim: Claim, name: str, *, reason: str | None = None, **fields: object) -> Claim:
    """One permitted change of a claim's state, with its entry; the clocks that it stops are stopped."""
    approval = claims.approval_of(doing.tx, claim.id)
    person_is: set[Part] = set()
    if doing.person.id == claim.author_id:
        person_is.add("author")
    if approval is not None and doing.person.id == approval.sent_by:
        person_is.add("sender")
    held = frozenset(role for role in ROLES if doing.person.has(role, claim.site_id))
    life = doing.house.office.life
    permitted(life, claim.state, name, held, person_is)
    target = life.after(claim.state, name)
    claims.make_move(doing.tx, claim, name, target, person_id=doing.person.id, now=doing.now, reason=reason, **fields)
    detail = {"from": claim.state, "to": target, "reason": reason}
    claims.write_entry(doing.tx, claim.id, name, detail, person_id=doing.person.id, now=doing.now)
    moved = claims.claim(doing.tx, claim.id)
    reminders.after_move(doing.tx, doing.house, moved, name, claim.state, doing.now)
    return moved


def _clerks(doing: Doing, claim: Claim) -> tuple[Person, ...]:
    """Who is told at the desk: the claim's own clerk, else all of the site's, else its administrators."""
    desk = people.holders(doing.tx, claim.site_id, "clerk")
    own = tuple(each for each in desk if each.id == claim.clerk_id)
    return own or desk or people.holders(doing.tx, claim.site_id, "administrator")


def _keep(doing: Doing, claim: Claim, answers: Answers, what: str) -> Claim:
    claims.keep_facts(doing.tx, claim, answers, doing.now)
    claims.write_entry(doing.tx, claim.id, what, dict(answers), person_id=doing.person.id, now=doing.now)
    return claims.claim(doing.tx, claim.id)


def _submit(doing: Doing, claim: Claim, answers: Answers) -> None:
    site = people.site(doing.tx, claim.site_id)
    today = doing.now.astimezone(ZoneInfo(site.zone)).date()
    claim = _keep(doing, claim, answers, "facts")
    number = claims.next_number(doing.tx, site.id, site.code, today.year)
    claim = move(doing, claim, "submit", number=number, reported_on=today)
    doing.say("submitted", {"number": number}, claim=claim)
    for clerk in _clerks(doing, claim):
        if clerk.id != doing.person.id:
            values = {"line": claim_title(doing.house, claim, clerk.language), "name": doing.person.name}
            doing.tell(clerk, "clerk_new_claim", values, claim=claim)


def _complete(doing: Doing, claim: Claim, answers: Answers) -> None:
    claim = _keep(doing, claim, answers, "completed")
    claim = move(doing, claim, "complete", clerk_id=doing.person.id)
    doing.say("completed", {"number": claim.number or ""})
    post(
        doing.tx,
        doing.reply,
        doing.person,
        claim_card(doing.tx, doing.house, doing.person, claim, doing.now),
        doing.now,
    )


def _request(doing: Doing, claim: Claim, answers: Answers) -> None:
    slot = answers.get("request_slot")
    wanted: dict[str, Json] = {
        "request_kind": answers["request_kind"],
        "requested_slots": [slot] if slot is not None else [],
        "request_words": answers["request_words"],
    }
    claim = _keep(doing, claim, wanted, "asked")
    claim = move(doing, claim, "ask", reason=str(answers["request_words"]), clerk_id=doing.person.id)
    author = people.person(doing.tx, claim.author_id)
    what: Words | str = ""
    if isinstance(slot, str):
        what = doing.house.office.evidence.slots[slot].words
    button = doing.house.office.flows["warranty.reply"].starts.button
    label = "" if button is None else button.to(author.language)
    values = {
        "number": claim.number or "",
        "name": doing.person.name,
        "words": str(answers["request_words"]),
        "what": what or doing.house.office.words["an_answer"],
    }
    html = doing.house.words("technician_asked", author.language, values)
    rows = (((label, f"b:warranty.reply:{key(claim.id)}"),),)
    post(doing.tx, doing.reply, author, Letter(html, rows, claim_id=claim.id), doing.now, urgency=URGENT)
    doing.say("asked", {"name": author.name, "number": claim.number or ""})


def _reply(doing: Doing, claim: Claim, answers: Answers) -> None:
    given: dict[str, object] = {"reply_words": answers.get("reply_words")}
    photos = answers.get("photos")
    if isinstance(photos, dict):
        before = claim.answers.get("photos")
        sheet = dict(before) if isinstance(before, dict) else {"slots": {}, "tray": [], "gaps": {}}
        new = photos.get("slots")
        filled = new if isinstance(new, dict) else {}
        sheet["slots"] = {**sheet.get("slots", {}), **filled}
        sheet["gaps"] = {slot: why for slot, why in sheet.get("gaps", {}).items() if slot not in filled}
        given["photos"] = sheet
    claims.keep_facts(doing.tx, claim, given, doing.now)
    claim = claims.claim(doing.tx, claim.id)
    claim = move(doing, claim, "reply", reason=str(answers.get("reply_words") or ""))
    doing.say("replied", {"number": claim.number or ""})
    for clerk in _clerks(doing, claim):
        if clerk.id != doing.person.id:
            values = {
                "number": claim.number or "",
                "name": doing.person.name,
                "words": str(answers.get("reply_words") or doing.house.words("new_photo", clerk.language)),
            }
            doing.tell(clerk, "clerk_answered", values, claim=claim)


def send_for_approval(doing: Doing, claim_id: int) -> None:
    """Asks the site's supervisors, all at once; the one who reported it and the one who sends it are not asked."""
    claim = claims.lock_claim(doing.tx, claim_id)
    total = Money(amount=claim.total, currency=claim.currency)
    site = people.site(doing.tx, claim.site_id)
    day = doing.now.astimezone(ZoneInfo(site.zone)).date()
    needed = signatures_needed(doing.house.office.authority, total, "supervisor", site.code, day)
    deciders = [
        each
        for each in people.holders(doing.tx, claim.site_id, "supervisor")
        if each.id not in {claim.author_id, doing.person.id}
    ]
    if len(deciders) < needed:
        raise Refusal("no_supervisor", {"needed": needed, "there": len(deciders)})
    open_points = unmet(doing.house.office.life, "send", claim.facts, Known(today=day, now=doing.now))
    if open_points:
        raise Refusal("not_ready", {"why": open_points[0]})
    claim = move(doing, claim, "send")
    approval_id = claims.open_approval(doing.tx, claim, needed=needed, sent_by=doing.person.id, now=doing.now)
    for decider in deciders:
        pictures = photo_album(claim)
        if pictures:
            post(doing.tx, doing.reply, decider, Letter(Html(), pictures=pictures, claim_id=claim.id), doing.now)
        card = approval_card(doing.tx, doing.house, decider, claim, approval_id, doing.now)
        post(doing.tx, doing.reply, decider, card, doing.now, urgency=URGENT)
    doing.say("sent_for_approval", {"number": claim.number or "", "count": len(deciders), "needed": needed})


def _decide(doing: Doing, claim: Claim, answers: Answers) -> None:
    approval = claims.approval(doing.tx, int(str(answers["approval"])))
    decision = str(answers["decision"])
    if approval is None or approval.state != "open" or claim.state != "in_approval":
        raise Refusal("already_decided", _who_decided(doing, None if approval is None else approval.id))
    if approval.claim_version != claim.version:
        raise Refusal("card_stale", {"number": claim.number or ""})
    given = claims.signatures_of(doing.tx, approval.id)
    if any(each.person_id == doing.person.id for each in given):
        raise Refusal("already_signed")
    reason = _reason_words(doing, answers)
    signature = Signature(doing.person.id, decision, reason, doing.now)
    if decision == "approve" and len(given) + 1 < approval.needed:
        _agree(doing, claim, approval.id, signature, approval.needed - len(given) - 1)
        return
    moved = move(doing, claim, decision, reason=reason)
    claims.sign(doing.tx, approval.id, signature)
    claims.close_approval(doing.tx, approval.id, "decided", decision, doing.now)
    refresh_cards(doing, moved, approval.id, decision)
    _tell_decision(doing, moved, decision, reason, approval.sent_by)


def _agree(doing: Doing, claim: Claim, approval_id: int, signature: Signature, left: int) -> None:
    """The first of several signatures: the claim stays where it is, and the others are told that theirs is awaited."""
    permitted_by = move(doing, claim, "agree")
    claims.sign(doing.tx, approval_id, signature)
    claims.renew_approval(doing.tx, approval_id, permitted_by.version)
    doing.say("signature_kept", {"number": claim.number or "", "left": left})
    for _, person_id, message_id in claims_cards(doing, approval_id):
        to = people.person(doing.tx, person_id)
        card = approval_card(doing.tx, doing.house, to, permitted_by, approval_id, doing.now)
        signed = doing.house.words("signed_first", to.language, {"name": doing.person.name, "left": left})
        rows = () if to.id == doing.person.id else card.rows
        html = Html(f"{signed}\n\n{card.html}")
        edit = Letter(html, rows, edits=message_id, kind="edit", claim_id=claim.id)
        post(doing.tx, doing.reply, to, edit, doing.now, urgency=URGENT)


def claims_cards(doing: Doing, approval_id: int) -> tuple[tuple[int, int, int], ...]:
    return messages.cards_of(doing.tx, approval_id)


def refresh_cards(doing: Doing, claim: Claim, approval_id: int, decision: str) -> None:
    """Every card in every chat says who decided what, and loses its buttons."""
    site = people.site(doing.tx, claim.site_id)
    at = doing.now.astimezone(ZoneInfo(site.zone))
    for _, person_id, message_id in claims_cards(doing, approval_id):
        to = people.person(doing.tx, person_id)
        html = decided_card(doing.house, claim, to.language, decision=decision, who=doing.person.name, at=at)
        edit = Letter(html, edits=message_id, kind="edit", claim_id=claim.id)
        post(doing.tx, doing.reply, to, edit, doing.now, urgency=URGENT)


def _reason_words(doing: Doing, answers: Answers) -> str | None:
    """The reason in words, also where a listed one was tapped: in both languages, as both will read it."""
    reason = answers.get("decision_reason")
    if reason is None:
        return None
    step = doing.house.office.flows["warranty.approval"].steps["decision_reason"]
    listed = getattr(step, "choices", {}).get(str(reason))
    return f"{listed.zh} / {listed.en}" if isinstance(listed, Words) else str(reason)


def _who_decided(doing: Doing, approval_id: int | None) -> dict[str, object]:
    given = () if approval_id is None else claims.signatures_of(doing.tx, approval_id)
    if not given:
        return {"name": "–", "decision": "–"}
    last = given[-1]
    return {
        "name": people.person(doing.tx, last.person_id).name,
        "decision": doing.house.office.words[f"decided_{last.decision}"],
    }


def _tell_decision(doing: Doing, claim: Claim, decision: str, reason: str | None, sent_by: int) -> None:
    """The one who reported it and the one who sent it, each once, in their language."""
    doing.say(
        "decision_noted", {"number": claim.number or "", "decision": doing.house.office.words[f"decided_{decision}"]}
    )
    for person_id in sorted({claim.author_id, sent_by} - {doing.person.id}):
        to = people.person(doing.tx, person_id)
        values = {
            "number": claim.number or "",
            "decision": doing.house.office.words[f"decided_{decision}"],
            "name": doing.person.name,
            "reason": reason or "–",
        }
        doing.tell(to, "decision_told" if reason is None else "decision_told_why", values, claim=claim)


def _withdraw(doing: Doing, claim: Claim, reason: str) -> None:
    approval = claims.approval_of(doing.tx, claim.id)
    claim = move(doing, claim, "withdraw", reason=reason)
    if approval is not None and claims.close_approval(doing.tx, approval.id, "void", "withdraw", doing.now):
        refresh_cards(doing, claim, approval.id, "withdraw")
    doing.say("withdrawn", {"number": claim.number or ""})
    if claim.author_id != doing.person.id:
        author = people.person(doing.tx, claim.author_id)
        values = {"number": claim.number or "", "name": doing.person.name, "reason": reason}
        doing.tell(author, "withdrawn_told", values, claim=claim)


def _join(doing: Doing, answers: Answers) -> None:
    invite = people.invite_by_hash(doing.tx, str(answers["invite"]))
    if invite is None or not people.use_invite(doing.tx, invite.token_hash, doing.person.id, doing.now):
        raise Refusal("invite_gone")
    language: Lang = "zh" if answers["language"] == "zh" else "en"
    people.change_person(doing.tx, doing.person.id, name=str(answers["name"]), language=language, joined_at=doing.now)
    people.give_role(doing.tx, doing.person.id, invite.site_id, invite.role)
    joined = people.person(doing.tx, doing.person.id)
    doing.reply.menu = command_menu(doing.house, joined, joined.language)
    post(doing.tx, doing.reply, joined, help_screen(doing.house, joined), doing.now)


def _set_language(doing: Doing, language: Lang) -> None:
    people.change_person(doing.tx, doing.person.id, language=language)
    changed = people.person(doing.tx, doing.person.id)
    doing.reply.menu = command_menu(doing.house, changed, language)
    post(doing.tx, doing.reply, changed, Letter(doing.house.words("language_set", language)), doing.now)


def _invite(doing: Doing, answers: Answers) -> None:
    site = people.site_by_code(doing.tx, str(answers["invite_site"]))
    role = str(answers["invite_role"])
    if site is None or role not in get_args(Role) or not doing.person.has("administrator", site.id):
        raise Refusal("not_yours")
    named: Role = next(each for each in ROLES if each == role)
    token = make_invite(doing.tx, site.id, named, doing.person.id, doing.now)
    link = invite_link(doing.house.bot_username, token)
    values = {"role": role_words(doing.house, role), "site": site.name, "link": Html(link)}
    doing.say("invited", values)


def make_invite(tx: Tx, site_id: int, role: Role, made_by: int | None, now: dt.datetime) -> str:
    """A token for one person that lasts seven days."""
    token = secrets.token_urlsafe(18)
    people.add_invite(tx, token, site_id=site_id, role=role, expires_at=now + INVITE_LASTS, made_by=made_by)
    return token


def invite_link(bot_username: str, token: str) -> str:
    return f"https://t.me/{bot_username}?start={token}" if bot_username else f"/start {token}"
