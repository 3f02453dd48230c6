"""What is done at the end of a conversation: the claim moves, the entry is written, those concerned are told."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import assert_never, get_args
from zoneinfo import ZoneInfo

from claimbot.assistant import reporting
from claimbot.assistant.absences import go_away
from claimbot.assistant.answering import appeal, explain_short, note_answer, write_off
from claimbot.assistant.approving import ask_anew, decide, void
from claimbot.assistant.correcting import changed_at_the_desk, correct_report, explain, finish, record_preauth, set_type
from claimbot.assistant.crediting import book_explained, read_credit
from claimbot.assistant.digests import write_next
from claimbot.assistant.doing import Doing, clerks_of, keep, move, say_on_card
from claimbot.assistant.filing import file_claim
from claimbot.assistant.finding import compensate, show_found
from claimbot.assistant.flow_names import BEGUN_FROM, DESK
from claimbot.assistant.happenings import follow_contract, note_event, put_off, set_clock
from claimbot.assistant.inquiries import answer_inquiry, ask_department
from claimbot.assistant.knowing import role_words
from claimbot.assistant.letters import Letter, key, post
from claimbot.assistant.menus import post_commands
from claimbot.assistant.old_parts import answer_deduction, keep_at_intake, keep_tag, note_deduction, return_parts
from claimbot.assistant.screens import help_screen
from claimbot.assistant.titles import car_and_part, claim_title
from claimbot.claims.facts import PhotoSheet
from claimbot.claims.life import ROLES, Role
from claimbot.claims.words import Html, Lang, Words, named
from claimbot.engine import Finish
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Json
from claimbot.flow.kinds.photos import sheet_of
from claimbot.store import Tx, claims, people
from claimbot.store.claims import Claim
from claimbot.store.messages import URGENT
from claimbot.store.people import Invite

INVITE_LASTS = dt.timedelta(days=7)


def perform(doing: Doing, finish: Finish, claim_id: int | None) -> None:  # noqa: C901, PLR0912, PLR0915  one line an act
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
            decide(doing, _claim(doing, claim_id), answers)
        case "add_photos":
            _add_photos(doing, _claim(doing, claim_id), answers)
        case "withdraw":
            _withdraw(doing, _claim(doing, claim_id), str(answers["withdraw_reason"]))
        case "file_claim":
            file_claim(doing, _claim(doing, claim_id), answers)
        case "join":
            _join(doing, answers)
        case "set_language":
            _set_language(doing, "zh" if answers["language"] == "zh" else "en")
        case "invite":
            _invite(doing, answers)
        case "note_event":
            note_event(doing, _claim(doing, claim_id), answers)
        case "set_clock":
            set_clock(doing, _claim(doing, claim_id), answers)
        case "follow_contract":
            follow_contract(doing, _claim(doing, claim_id), answers)
        case "snooze":
            put_off(doing, answers, _said(doing, "clocks.snooze", "snooze_reason", answers))
        case "go_away":
            go_away(doing, answers)
        case "find":
            show_found(doing, str(answers["sought"]))
        case "compensate":
            compensate(doing, _claim(doing, claim_id), answers)
        case "set_type":
            set_type(doing, _claim(doing, claim_id), answers)
        case "record_preauth":
            record_preauth(doing, _claim(doing, claim_id), answers)
        case "correct_report":
            correct_report(doing, _claim(doing, claim_id), answers)
        case "keep_old_part":
            keep_tag(doing, _claim(doing, claim_id), answers)
        case "return_parts":
            return_parts(doing, _claim(doing, claim_id), answers)
        case "note_deduction":
            note_deduction(doing, _claim(doing, claim_id), answers)
        case "answer_deduction":
            answer_deduction(doing, _claim(doing, claim_id), answers)
        case "ask_department":
            ask_department(doing, _claim(doing, claim_id), answers)
        case "answer_inquiry":
            answer_inquiry(doing, _claim(doing, claim_id), answers)
        case "note_answer":
            note_answer(doing, _claim(doing, claim_id), answers)
        case "appeal":
            appeal(doing, _claim(doing, claim_id), answers)
        case "explain_short":
            explain_short(doing, _claim(doing, claim_id), answers)
        case "write_off":
            write_off(doing, _claim(doing, claim_id), answers)
        case "read_credit":
            read_credit(doing, answers)
        case "book_credit":
            book_explained(doing, answers)
        case "keep":
            pass
        case _:
            assert_never(finish.act)


def _claim(doing: Doing, claim_id: int | None) -> Claim:
    if claim_id is None:
        raise LookupError("a flow about a claim ended without one")
    return claims.lock_claim(doing.tx, claim_id)


def _said(doing: Doing, flow: str, step: str, answers: Answers) -> Words | str:
    """A listed answer in both languages, or the person's own words."""
    said = str(answers[step])
    listed = getattr(doing.house.office.flows[flow].steps[step], "choices", {}).get(said)
    return listed if isinstance(listed, Words) else said


def _submit(doing: Doing, claim: Claim, answers: Answers) -> None:
    site = people.site(doing.tx, claim.site_id)
    today = doing.now.astimezone(ZoneInfo(site.zone)).date()
    claim = keep(doing, claim, answers, "facts")
    number = claims.next_number(doing.tx, site.id, site.code, today.year)
    claim = move(doing, claim, "submit", number=number, reported_on=today)
    keep_at_intake(doing, claim, answers)
    doing.say("submitted", {"number": number}, claim=claim)
    for clerk in clerks_of(doing, claim):
        if clerk.id != doing.person.id:
            values = {"line": claim_title(doing.house, claim, clerk.language), "name": doing.person.name}
            doing.tell(clerk, "clerk_new_claim", values, claim=claim)


def _complete(doing: Doing, claim: Claim, answers: Answers) -> None:
    changed = changed_at_the_desk(doing, claim, DESK, answers)
    claim = explain(doing, keep(doing, claim, changed, "completed"))
    finish(doing, claim, "completed")


def _request(doing: Doing, claim: Claim, answers: Answers) -> None:
    slot = answers.get("request_slot")
    wanted: dict[str, Json] = {
        "request_kind": answers["request_kind"],
        "requested_slots": [slot] if slot is not None else [],
        "request_words": answers["request_words"],
    }
    claim = keep(doing, claim, wanted, "asked")
    claim = move(doing, claim, "ask", reason=str(answers["request_words"]), clerk_id=doing.person.id)
    author = people.person(doing.tx, claim.author_id)
    what: Words | str = ""
    if isinstance(slot, str):
        what = doing.house.office.evidence.slots[slot].words
    button = doing.house.office.flows["warranty.reply"].starts.button
    label = "" if button is None else button.to(author.language)
    values = {
        "number": claim.number or "",
        **car_and_part(doing.house, claim, author.language),
        "name": doing.person.name,
        "words": str(answers["request_words"]),
        "what": what or doing.house.office.words["an_answer"],
    }
    html = doing.house.words("technician_asked", author.language, values)
    rows = (((label, f"b:warranty.reply:{key(claim.id)}"),),)
    post(
        doing.tx, doing.reply, author, Letter(html, rows, kind="request", claim_id=claim.id), doing.now, urgency=URGENT
    )
    doing.say("asked", {"name": author.name, "number": claim.number or ""})


def _reply(doing: Doing, claim: Claim, answers: Answers) -> None:
    given: dict[str, Json] = {"reply_words": answers.get("reply_words")}
    photos = answers.get("photos")
    reasons: dict[str, Json] = {}
    if isinstance(photos, dict):
        sheet = {"slots": {}, "tray": [], "gaps": {}, **_members(claim.answers.get("photos"))}
        filled, there = _members(photos.get("slots")), _members(sheet["slots"])
        for slot in filled.keys() & doing.house.office.evidence.many:
            filled[slot] = [*_each(there.get(slot)), *_each(filled[slot])]
        held = {**there, **filled}
        reasons = _members(photos.get("gaps"))
        gaps = {**_members(sheet["gaps"]), **reasons}
        gaps = {slot: why for slot, why in gaps.items() if slot not in held}
        given["photos"] = {**sheet, "slots": held, "gaps": gaps}
    claim = keep(doing, claim, given, "replied")
    said = str(answers.get("reply_words") or "")
    claim = move(doing, claim, "reply", reason=said or _why_not(doing, reasons, doing.lang))
    if doing.person.id == claim.author_id:
        doing.say("replied", {"number": claim.number or ""})
    else:
        say_on_card(doing, "reply_entered", {"number": claim.number or ""}, claim)
    for clerk in clerks_of(doing, claim):
        if clerk.id != doing.person.id:
            values = {
                "number": claim.number or "",
                "name": doing.person.name,
                "words": said
                or _why_not(doing, reasons, clerk.language)
                or doing.house.label("new_photo", clerk.language),
            }
            doing.tell(clerk, "clerk_answered", values, claim=claim)


def _why_not(doing: Doing, reasons: Mapping[str, Json], lang: Lang) -> str:
    """Which photos were not taken, each with its reason; empty where there is none."""
    plans = doing.house.office.evidence
    told = ((plans.slots[slot].words.to(lang), plans.reason(str(why))) for slot, why in reasons.items())
    return ("；" if lang == "zh" else "; ").join(
        named(slot, why.to(lang) if isinstance(why, Words) else why, lang) for slot, why in told
    )


def unask(doing: Doing, claim_id: int) -> None:
    """The desk no longer wants the technician's answer: the claim is back, and they are told not to look for it."""
    claim = move(doing, claims.lock_claim(doing.tx, claim_id), "unask", clerk_id=doing.person.id)
    say_on_card(doing, "unasked", {"number": claim.number or ""}, claim)
    if claim.author_id != doing.person.id:
        author = people.person(doing.tx, claim.author_id)
        doing.tell(author, "unasked_told", {"number": claim.number or "", "name": doing.person.name}, claim=claim)


def _add_photos(doing: Doing, claim: Claim, answers: Answers) -> None:
    """The whole sheet anew, as it was sorted; a claim that waits for a decision is then another one.

    Where nothing came of it nothing is done: a signature is not lost by a look at the photos.
    """
    sheet = _photos_with_theirs(doing, claim, answers)
    if sheet_of(sheet).photos == (claim.facts.photos or PhotoSheet()):
        doing.say("photos_unchanged", {"number": claim.number or ""}, claim=claim)
        return
    claim = keep(doing, claim, {"photos": sheet}, "photos")
    claim = move(doing, claim, "add")
    if claim.state == "in_approval":
        ask_anew(doing, claim)
        claim = claims.claim(doing.tx, claim.id)
    if doing.person.has("clerk", claim.site_id):
        say_on_card(doing, "photos_added", {"number": claim.number or ""}, claim)
    else:
        doing.say("photos_added", {"number": claim.number or ""}, claim=claim)
    for clerk in clerks_of(doing, claim):
        if clerk.id != doing.person.id:
            values = {"number": claim.number or "", "name": doing.person.name}
            doing.tell(clerk, "clerk_photos_added", values, claim=claim)


def _members(value: object) -> dict[str, Json]:
    return dict(value) if isinstance(value, dict) else {}


def _each(value: object) -> list[Json]:
    return value if isinstance(value, list) else []


def _photos_with_theirs(doing: Doing, claim: Claim, answers: Answers) -> Json:
    """The sheet as this person left it; a slot that they did not touch is as it has become meanwhile.

    A slot that holds many keeps what came meanwhile, touched or not.
    """
    begun_from = _members(answers.get(BEGUN_FROM))
    mine, before, now = (
        _members(each) for each in (answers["photos"], begun_from.get("photos"), claim.answers["photos"])
    )
    if not before or before == now:
        return mine
    merged: dict[str, Json] = {**mine}
    for part in ("slots", "gaps"):
        ours, was, theirs = (_members(each.get(part)) for each in (mine, before, now))
        untouched = [slot for slot in {*ours, *was, *theirs} if ours.get(slot) == was.get(slot)]
        touched = {slot: held for slot, held in ours.items() if slot not in untouched}
        if part == "slots":
            for slot in theirs.keys() & doing.house.office.evidence.many - {*untouched}:
                known = [*_each(was.get(slot)), *_each(ours.get(slot))]
                touched[slot] = [*_each(ours.get(slot)), *(sha for sha in _each(theirs[slot]) if sha not in known)]
        merged[part] = {**touched, **{slot: theirs[slot] for slot in untouched if slot in theirs}}
    return merged


def _withdraw(doing: Doing, claim: Claim, reason: str) -> None:
    claim = move(doing, claim, "withdraw", reason=reason)
    void(doing, claim, "withdraw")
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
    take_role(doing, invite)


def take_role(doing: Doing, invite: Invite) -> None:
    """The role of an invitation, with what comes with it: its commands, its mornings' digest and its months' report."""
    people.give_role(doing.tx, doing.person.id, invite.site_id, invite.role)
    person = people.person(doing.tx, doing.person.id)
    site = people.site(doing.tx, invite.site_id)
    write_next(doing.tx, doing.house, person, site, doing.now)
    reporting.write_next(doing.tx, doing.house, person, site, doing.now)
    welcome(doing)


def welcome(doing: Doing) -> None:
    """Says what this person can do as they are now, and gives them the commands for it."""
    person = people.person(doing.tx, doing.person.id)
    post(doing.tx, doing.reply, person, help_screen(doing.house, person), doing.now)
    post_commands(doing.tx, doing.house, doing.reply, person, doing.now)


def _set_language(doing: Doing, language: Lang) -> None:
    people.change_person(doing.tx, doing.person.id, language=language)
    changed = people.person(doing.tx, doing.person.id)
    post(doing.tx, doing.reply, changed, Letter(doing.house.words("language_set", language)), doing.now)
    post_commands(doing.tx, doing.house, doing.reply, changed, doing.now)


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
