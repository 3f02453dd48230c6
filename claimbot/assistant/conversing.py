"""Conversations: which one a person is in, how one begins, goes on, is put aside and is done.

The engine says what is next; here it is kept and carried out, inside the transaction of the turn.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape
from typing import assert_never

from claimbot import engine
from claimbot.assistant import reminders
from claimbot.assistant.absences import colleagues_offered
from claimbot.assistant.acts import perform
from claimbot.assistant.answering import asked_for, money_missing
from claimbot.assistant.authority import approved_total
from claimbot.assistant.beside import in_short
from claimbot.assistant.doing import Doing, move
from claimbot.assistant.exposing import carried_over
from claimbot.assistant.flow_names import (
    APPROVAL,
    BEGUN_FROM,
    CORRECT,
    DESK,
    INQUIRY_ANSWER,
    INTAKE,
    MAKER,
    MORE,
    PREAUTH,
    REPLY,
    WRITE_OFF,
)
from claimbot.assistant.happenings import events_offered, forms_offered
from claimbot.assistant.house import Exhibit, House, Reply
from claimbot.assistant.inquiries import people_offered
from claimbot.assistant.knowing import LOOKED_UP_BY, around
from claimbot.assistant.letters import Letter, key, post, post_question, post_settling
from claimbot.assistant.screens import loose_screen, menu
from claimbot.assistant.titles import part_words
from claimbot.claims.clocks import event_words
from claimbot.claims.words import Html, show
from claimbot.engine import Finish, Hand, Leave, Loose, Mark, Say, State, Toast, Turn
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Around, At, Choice, Event
from claimbot.flow.kinds.photos import MOST_PHOTOS, sheet_of
from claimbot.flow.model import ChoiceStep, EndStep, Flow, OptionSource, PhotosStep, ProofStep, ReviewStep
from claimbot.store import Tx, claims, conversations, inquiries, people
from claimbot.store.claims import Claim
from claimbot.store.conversations import Conversation
from claimbot.store.people import Person, Site

_MOST_EARLIER = 8
_LONG = frozenset({INTAKE, DESK})
"""What is left halfway stays as a draft, and breaks into nothing: whoever begins it turns to it for long."""
_GOES_ON_WITH = "goes_on_with"
_JUST_BEFORE = dt.timedelta(hours=1)


def current(doing: Doing) -> Conversation | None:
    return conversations.current(doing.tx, doing.person.id)


def make_current(doing: Doing, held: Conversation) -> None:
    before = current(doing)
    if before is not None and before.id != held.id:
        comes_back = held.stand.answers.get("goes_on_with") == before.id
        if comes_back or not _throw_away_empty(doing, before):
            conversations.set_state(doing.tx, before.id, "parked", doing.now)
    conversations.set_state(doing.tx, held.id, "open", doing.now)
    people.change_person(doing.tx, doing.person.id, conversation_id=held.id)


def _throw_away_empty(doing: Doing, held: Conversation) -> bool:
    """A report that is left before anything was told or shown is no draft, and nobody is reminded of it."""
    if held.stand.flow != INTAKE or held.claim_id is None or held.stand.answers or held.stand.drafts:
        return False
    claim = claims.lock_claim(doing.tx, held.claim_id)
    if not any(doing.person.has(role, claim.site_id) for role in doing.house.office.life.moves["discard"].who):
        return False  # they reported faults once, and do no more
    discard(doing, held, claim)
    return True


def discard(doing: Doing, held: Conversation, claim: Claim) -> None:
    """A draft and its claim are over; the claim's life says who may do that."""
    conversations.set_state(doing.tx, held.id, "dropped", doing.now)
    if doing.person.conversation_id == held.id:
        people.change_person(doing.tx, doing.person.id, conversation_id=None)
    move(doing, claim, "discard")


def start(doing: Doing, flow: Flow, *, at: int | None = None, shelf: Sequence[str] = ()) -> None:
    """A flow from its command or button. `at`: the site, where somebody works at several and has said which."""
    if flow.roles and not any(doing.person.has(role) for role in flow.roles):
        raise Refusal("not_yours")
    claim_id = None
    if flow.starts.about == "new_claim":
        sites = sorted({site for site, role in doing.person.roles if role in flow.roles and at in {None, site}})
        if not sites:
            raise Refusal("not_yours")
        if len(sites) > 1:
            _ask_site(doing, flow, sites)
            return
        site = people.site(doing.tx, sites[0])
        claim_id = claims.add_claim(
            doing.tx, site_id=site.id, author_id=doing.person.id, currency=site.currency, now=doing.now
        )
        claims.write_entry(doing.tx, claim_id, "begun", {}, person_id=doing.person.id, now=doing.now)
        # A photo sent just before, and never said where it belongs, was the beginning of this report.
        shelf = shelf or claims.loose_showings(doing.tx, doing.person.id, since=doing.now - _JUST_BEFORE)[-MOST_PHOTOS:]
    before = current(doing)
    kept = before is not None and before.stand.flow == INTAKE == flow.flow and bool(before.stand.answers)
    begin(doing, flow.flow, claim_id, {}, shelf=shelf, note="report_kept" if kept else None)
    if claim_id is not None:
        reminders.draft_touched(doing.tx, doing.house, claim_id, doing.now)


def _interrupted(doing: Doing, name: str) -> dict[str, int]:
    """What a short errand breaks into; it is gone on with afterwards. A report, or the desk's part, is no errand."""
    held = current(doing)
    if held is None or name in _LONG:
        return {}
    flow = doing.house.office.flows.get(held.stand.flow)
    if flow is not None and flow.starts.about == "nothing":  # an errand in an errand: back to what the first one left
        number = held.stand.answers.get(_GOES_ON_WITH)
        return {_GOES_ON_WITH: number} if isinstance(number, int) else {}
    return {_GOES_ON_WITH: held.id}


def go_on(doing: Doing, errand: State) -> None:
    """The question that the errand broke into, once more; not where its claim has moved on meanwhile."""
    number = errand.answers.get(_GOES_ON_WITH)
    held = conversations.conversation(doing.tx, number) if isinstance(number, int) else None
    flow = None if held is None else doing.house.office.flows.get(held.stand.flow)
    if held is None or flow is None or held.state != "parked" or current(doing) is not None:
        return
    if flow.starts.about == "claim" and held.claim_id is not None:
        claim = claims.claim(doing.tx, held.claim_id)
        if not _is_time_for(doing, flow, claim) or _is_overtaken(doing, held, claim, _fixed(doing, flow, claim)):
            return
        held = _kept(doing, held, _caught_up(doing, held, flow, claim))
    make_current(doing, held)
    ask_again(doing)


def _ask_site(doing: Doing, flow: Flow, sites: Sequence[int]) -> None:
    named = (people.site(doing.tx, site) for site in sites)
    rows = tuple(((f"{site.code} {site.name}", f"w:{flow.flow}:{key(site.id)}"),) for site in named)
    post(doing.tx, doing.reply, doing.person, Letter(doing.house.words("which_site", doing.lang), rows), doing.now)


def begin_about(
    doing: Doing, name: str, claim: Claim, answers: Answers, *, shelf: Sequence[str] = (), at: str | None = None
) -> None:
    """A flow about a claim, with what is known of it; one that the person has begun already goes on.

    `at`: the step to change, asked first where the way leads there.
    """
    flow = doing.house.office.flows.get(name)
    if flow is None or flow.starts.about != "claim":
        raise Refusal("not_yours")
    if flow.roles and not any(doing.person.has(role, claim.site_id) for role in flow.roles):
        raise Refusal("not_yours")
    if not _is_time_for(doing, flow, claim):
        if name == REPLY and claim.state != "withdrawn":
            raise Refusal("replied_already")
        state = doing.house.office.life.states[claim.state].words
        raise Refusal("moved_meanwhile", {"number": claim.number or "", "state": state})
    before, held = current(doing), conversations.unfinished_about(doing.tx, doing.person.id, claim.id, name)
    fixed = _fixed(doing, flow, claim)
    if held is not None and _is_overtaken(doing, held, claim, fixed):
        conversations.set_state(doing.tx, held.id, "dropped", doing.now)
        held = None
    if held is not None and not answers:
        _take_up(doing, held, flow, claim, shelf, at)
        return
    known = _known_before(doing, flow, claim)
    drafts = {step: value for step, value in claim.answers.items() if step in flow.steps and name == MORE}
    begun_from = {step: value for step, value in claim.answers.items() if step in flow.steps}
    given = {**known, **answers, **fixed, BEGUN_FROM: begun_from}
    if before is not None and (before.stand.flow, before.claim_id) == (name, claim.id):  # this takes its place
        given[_GOES_ON_WITH] = before.stand.answers.get(_GOES_ON_WITH)
    begin(doing, name, claim.id, given, drafts, shelf=shelf, at=at)


def _is_overtaken(doing: Doing, held: Conversation, claim: Claim, fixed: Answers) -> bool:
    """Whether what was begun is about something else by now: the desk asked anew, photos or the maker's answer came."""
    match held.stand.flow:
        case flow if flow == REPLY:
            return not _same_request(held, claim)
        case flow if flow == MORE:
            return not _fresh_photos(doing, held, claim)
        case _:
            return any(held.stand.answers.get(each) != value for each, value in fixed.items())


def _known_before(doing: Doing, flow: Flow, claim: Claim) -> dict[str, object]:
    """What is not asked again: other flows' answers, and where the desk goes over its own, these but for the review.

    The desk also knows what earlier claims tell of the car; a repair that was under way is asked about again.
    """
    again = flow.flow in {DESK, CORRECT}
    told: dict[str, object] = {
        step: value
        for step, value in claim.answers.items()
        if step not in flow.steps or (again and not isinstance(flow.steps[step], ReviewStep))
    }
    if flow.flow != DESK:
        return told
    if not claim.answers.get("closed_at"):
        told.pop("closed_at", None)
    return {**carried_over(doing.tx, claim.facts), **told}


def _same_request(held: Conversation, claim: Claim) -> bool:
    """Whether an answer that was begun is still an answer to what the desk wants to know."""
    asked = ("request_kind", "requested_slots", "request_words")
    return all(held.stand.answers.get(name) == claim.answers.get(name) for name in asked)


def _take_up(doing: Doing, held: Conversation, flow: Flow, claim: Claim, shelf: Sequence[str], at: str | None) -> None:
    """One that was begun already goes on, with what became of its claim meanwhile."""
    stand, before = _caught_up(doing, held, flow, claim), current(doing)
    if before is not None and before.id != held.id:
        told = {step: value for step, value in stand.answers.items() if step != _GOES_ON_WITH}
        stand = replace(stand, answers={**told, **_interrupted(doing, flow.flow)})
    if at is not None and at in stand.answers and not shelf:
        stand = replace(stand, step=at)
    held = _kept(doing, held, stand)
    make_current(doing, held)
    if shelf:
        shelve(doing, held, shelf)
    else:
        ask_again(doing)


def _is_time_for(doing: Doing, flow: Flow, claim: Claim) -> bool:
    """Whether the claim stands where this flow leads on from."""
    return flow.move is None or claim.state in doing.house.office.life.moves[flow.move].states


def _fixed(doing: Doing, flow: Flow, claim: Claim) -> Answers:
    """What such a conversation is about, and is about no more when that has changed."""
    return asked_for(doing.tx, claim) if flow.flow == MAKER else {}


def _caught_up(doing: Doing, held: Conversation, flow: Flow, claim: Claim) -> State:
    """A conversation that goes on knows what became of its claim meanwhile; what was answered in it stays."""
    if flow.flow == MORE:
        return _with_photos_of(doing, held, flow, claim)
    became: Answers = {step: value for step, value in claim.answers.items() if step not in flow.steps}  # type: ignore[misc]  # JSON, as it came from the database
    return replace(held.stand, answers={**held.stand.answers, **became})


def _kept(doing: Doing, held: Conversation, stand: State) -> Conversation:
    conversations.keep_stand(doing.tx, held, stand, doing.now)
    found = conversations.conversation(doing.tx, held.id)
    if found is None:
        raise LookupError(f"conversation {held.id}")
    return found


def _with_photos_of(doing: Doing, held: Conversation, flow: Flow, claim: Claim) -> State:
    """The sheet under way, with what the claim got since it was begun; what was replaced here does not come back."""
    shelf = next(name for name, step in flow.steps.items() if isinstance(step, PhotosStep))
    there = sheet_of(claim.answers.get(shelf))  # type: ignore[arg-type]  # JSON, as it came from the database
    begun_from = held.stand.answers.get(BEGUN_FROM)
    known = {*sheet_of(begun_from.get(shelf)).all} if isinstance(begun_from, dict) else set()
    fresh = {slot: tuple(sha for sha in shown if sha not in known) for slot, shown in there.slots.items()}
    came = there.model_copy(update={"slots": {slot: shown for slot, shown in fresh.items() if shown}})
    sheet = sheet_of(held.stand.drafts.get(shelf)).absorbing(came, doing.house.office.evidence.many)
    return replace(held.stand, drafts={**held.stand.drafts, shelf: sheet.model_dump(mode="json")})


def begin(  # noqa: PLR0913  a person, what is begun about what, and all that is known of it
    doing: Doing,
    name: str,
    claim_id: int | None,
    answers: Mapping[str, object],
    drafts: Mapping[str, object] | None = None,
    *,
    shelf: Sequence[str] = (),
    at: str | None = None,
    note: str | None = None,
) -> None:
    """`note`: the phrase that is said with the first question."""
    flow = doing.house.office.flows[name]
    known: Answers = dict(answers)  # type: ignore[arg-type]  # JSON, as it came from the database
    given: Answers = {**_interrupted(doing, name), **known}
    begun: Answers = dict(drafts or {})  # type: ignore[arg-type]  # the same
    seen = _around(doing, flow, State(flow.flow, flow.fingerprint, flow.first, given, begun), None, claim_id)
    turn = engine.begin(flow, given, seen, begun)
    if shelf:
        turn = engine.lay_aside(flow, turn.state, shelf, seen)
        if claim_id is not None:
            claims.claim_showing(doing.tx, doing.person.id, shelf, claim_id)
    if at is not None:
        turn = engine.go_to(flow, turn.state, at, seen)
    number = conversations.add_conversation(doing.tx, doing.person.id, turn.state, claim_id, doing.now)
    held = conversations.conversation(doing.tx, number)
    if held is None:
        raise LookupError(f"conversation {number}")
    make_current(doing, held)
    if note is not None:
        turn = _noted(turn, doing.house.words(note, doing.lang))
    _carry_out(doing, replace(held, stand=turn.state), turn)


def _noted(turn: Turn, note: Html) -> Turn:
    """With a note before the question."""
    effects = (
        replace(each, html=Html(f"{note}\n{each.html}")) if isinstance(each, Say) else each for each in turn.effects
    )
    return replace(turn, effects=tuple(effects))


def _site(doing: Doing, claim_id: int | None) -> Site | None:
    if claim_id is not None:
        return people.site(doing.tx, claims.claim(doing.tx, claim_id).site_id)
    sites = doing.person.site_ids
    return people.site(doing.tx, sites[0]) if sites else None


def _around(doing: Doing, flow: Flow, stand: State, event: Event | None, claim_id: int | None) -> Around:
    site = _site(doing, claim_id) if claim_id is not None or flow.roles else None
    seen = around(doing.tx, doing.house, doing.person, site, flow, stand, event=event, claim_id=claim_id, now=doing.now)
    claim = None if claim_id is None or flow.starts.about != "claim" else claims.claim(doing.tx, claim_id)
    offers: dict[OptionSource, tuple[Choice, ...]] = {}
    for source in {step.options for step in flow.steps.values() if isinstance(step, ChoiceStep)}:
        if source == "events" and claim is not None:
            offers[source] = events_offered(doing.tx, doing.house, claim, doing.now)
        elif source == "earlier_claims":
            offers[source] = tuple(Choice(each.number, each.number) for each in seen.known.earlier[:_MOST_EARLIER])
        elif source == "office_people" and claim is not None:
            offers[source] = people_offered(doing.tx, doing.person, claim)
        elif source == "contract_forms":
            offers[source] = forms_offered(doing.house)
        elif source == "colleagues":
            offers[source] = colleagues_offered(doing.tx, doing.person)
    if offers:
        seen = replace(seen, offers={**seen.offers, **offers})
    if claim is None:
        return seen
    begun_from = stand.answers.get(BEGUN_FROM)
    if flow.flow == PREAUTH and isinstance(begun_from, dict):
        seen = replace(seen, earlier=begun_from)
    return replace(seen, about=_about(doing, flow, stand, claim))


def _about(doing: Doing, flow: Flow, stand: State, claim: Claim) -> str:
    """Said above every question: the claim's number, and what of it is asked about."""
    if flow.flow == APPROVAL:  # whoever decides writes a reason for this claim, and not for the one beside it
        values = {
            "number": claim.number or "",
            "total": approved_total(claim, ()),
            "part": part_words(doing.house, claim.facts.failed_part, doing.lang),
        }
        return unescape(doing.house.words("approval_about", doing.lang, values))
    if flow.flow == WRITE_OFF:
        return f"{claim.number or ''} · {show(money_missing(doing.tx, claim)['short'], doing.lang)}"
    happened = stand.answers.get("event")
    said = f" · {event_words(str(happened)).to(doing.lang)}" if happened is not None else ""
    question = _question_of(doing, flow, stand)
    return f"{claim.number or ''}{said}{f' · “{question}”' if question else ''}"


def _question_of(doing: Doing, flow: Flow, stand: State) -> str:
    """What was asked, where this answers a colleague: who enters what came by telephone must see it, too."""
    number = stand.answers.get("inquiry")
    if flow.flow == INQUIRY_ANSWER and isinstance(number, int):
        return in_short(inquiries.inquiry(doing.tx, number).words)
    return in_short(str(stand.answers.get("request_words") or "")) if flow.flow == REPLY else ""


def advance(doing: Doing, held: Conversation, event: Event) -> None:
    flow = doing.house.office.flows.get(held.stand.flow)
    if flow is None:
        conversations.set_state(doing.tx, held.id, "dropped", doing.now)
        people.change_person(doing.tx, doing.person.id, conversation_id=None)
        raise Refusal("flow_gone")
    seen = _around(doing, flow, held.stand, event, held.claim_id)
    turn = engine.advance(flow, held.stand, event, seen)
    if any(turn.state.answers.get(name) != held.stand.answers.get(name) for name in LOOKED_UP_BY):
        seen = _around(doing, flow, replace(turn.state, step=held.stand.step), event, held.claim_id)
        turn = engine.advance(flow, held.stand, event, seen)
    conversations.keep_stand(doing.tx, held, turn.state, doing.now)
    moved = replace(held, stand=turn.state)
    if flow.starts.about == "new_claim" and held.claim_id is not None:
        reminders.draft_touched(doing.tx, doing.house, held.claim_id, doing.now)
    _carry_out(doing, moved, turn)


def ask_again(doing: Doing, note: Html | None = None) -> None:
    """The question that stands, once more."""
    held = current(doing)
    flow = None if held is None else doing.house.office.flows.get(held.stand.flow)
    if held is None or flow is None:
        return
    seen = _around(doing, flow, held.stand, None, held.claim_id)
    turn = engine.resume(flow, held.stand, seen)
    if turn.state != held.stand:
        conversations.keep_stand(doing.tx, held, turn.state, doing.now)
        note = note or doing.house.words("flow_changed", doing.lang)
    if note is not None:
        turn = _noted(turn, note)
    _carry_out(doing, replace(held, stand=turn.state), turn)


def put_again(doing: Doing, step: str, why: Html) -> None:
    """The question that is to be answered otherwise, with the reason; the other answers are kept."""
    held = current(doing)
    if held is not None:
        conversations.keep_stand(doing.tx, held, replace(held.stand, step=step), doing.now)
    ask_again(doing, why)


def cancel(doing: Doing) -> None:
    """Stops here. A report keeps its draft until the person says to throw it away."""
    held = current(doing)
    if held is None:
        letter = Letter(doing.house.words("nothing_to_cancel", doing.lang), menu(doing.house, doing.person))
        post(doing.tx, doing.reply, doing.person, letter, doing.now)
        return
    if _throw_away_empty(doing, held):
        letter = Letter(doing.house.words("cancelled", doing.lang), menu(doing.house, doing.person))
        post(doing.tx, doing.reply, doing.person, letter, doing.now)
        return
    people.change_person(doing.tx, doing.person.id, conversation_id=None)
    about = None if held.claim_id is None else claims.claim(doing.tx, held.claim_id)
    if held.stand.flow not in _LONG and not _fresh_photos(doing, held, about):
        conversations.set_state(doing.tx, held.id, "dropped", doing.now)
        doing.say("cancelled" if doing.person.joined else "join_stopped", claim=about)
        go_on(doing, held.stand)
        return
    conversations.set_state(doing.tx, held.id, "parked", doing.now)
    further = (doing.house.label("draft_continue", doing.lang).format(car="").strip(), f"d:{key(held.id)}")
    throw = (doing.house.label("draft_discard", doing.lang), f"x:{key(held.id)}")
    rows = ((further,), (throw,)) if held.stand.flow == INTAKE else ((further,),)
    post(doing.tx, doing.reply, doing.person, Letter(doing.house.words("draft_kept", doing.lang), rows), doing.now)
    go_on(doing, held.stand)


def _fresh_photos(doing: Doing, held: Conversation, about: Claim | None) -> bool:
    """Whether photos wait in this conversation that its claim does not hold yet: they must not be lost with it."""
    flow = doing.house.office.flows.get(held.stand.flow)
    shelf = (
        None
        if flow is None
        else next((name for name, step in flow.steps.items() if isinstance(step, PhotosStep)), None)
    )
    if shelf is None or about is None:
        return False
    there = sheet_of(about.answers.get(shelf))  # type: ignore[arg-type]  # JSON, as it came from the database
    return bool({*sheet_of(held.stand.drafts.get(shelf)).all} - {*there.all})


def _carry_out(doing: Doing, held: Conversation, turn: Turn) -> None:
    """Does what the engine asked for, in order."""
    for effect in turn.effects:
        match effect:
            case Say():
                _say(doing, held, turn.state, effect)
            case Toast(text):
                doing.reply.toast = text
            case Mark(None):
                doing.reply.strip = True
            case Mark(text):
                doing.reply.mark = text
            case Loose(album=album):
                ask_where(doing, settles=album)
            case Leave():
                cancel(doing)
            case Hand(paper):
                _hand(doing, held, paper)
            case Finish():
                conversations.set_state(doing.tx, held.id, "done", doing.now)
                people.change_person(doing.tx, doing.person.id, conversation_id=None)
                _finish(doing, effect, held.claim_id)
                changed = people.person(doing.tx, doing.person.id)  # their language or their roles, perhaps
                go_on(replace(doing, person=changed), turn.state)
            case _:
                assert_never(effect)


def _finish(doing: Doing, finish: Finish, claim_id: int | None) -> None:
    try:
        perform(doing, finish, claim_id)
    except Refusal as refusal:
        refusal.final = refusal.again is None
        raise


def _say(doing: Doing, held: Conversation, state: State, say: Say) -> None:
    post_question(
        doing.tx,
        doing.reply,
        doing.person,
        say,
        conversation_id=held.id,
        step=state.step,
        claim_id=held.claim_id,
        now=doing.now,
    )


def _hand(doing: Doing, held: Conversation, paper: str) -> None:
    """The file is made when this goes out."""
    letter = Letter(
        doing.house.words(f"{paper}_file", doing.lang),
        kind="paper",
        makes=(paper, held.id),
        claim_id=held.claim_id,
        conversation_id=held.id,
    )
    post(doing.tx, doing.reply, doing.person, letter, doing.now)


def shelve(doing: Doing, held: Conversation, sha256s: Sequence[str]) -> None:
    flow = doing.house.office.flows[held.stand.flow]
    if held.claim_id is not None:
        claims.claim_showing(doing.tx, doing.person.id, sha256s, held.claim_id)
    seen = _around(doing, flow, held.stand, None, held.claim_id)
    turn = engine.lay_aside(flow, held.stand, sha256s, seen)
    conversations.keep_stand(doing.tx, held, turn.state, doing.now)
    _carry_out(doing, replace(held, stand=turn.state), turn)


def leave(doing: Doing) -> State | None:
    """Out of the conversation in hand, and how that stood: a report stays as a draft, anything else is over."""
    held = current(doing)
    if held is None:
        return None
    state = "parked" if held.stand.flow == INTAKE else "dropped"
    conversations.set_state(doing.tx, held.id, state, doing.now)
    people.change_person(doing.tx, doing.person.id, conversation_id=None)
    return held.stand


def keep_exhibit(doing: Doing, exhibit: Exhibit) -> None:
    """Its facts, and who showed it for which claim: none where the conversation in hand takes no pictures."""
    held = current(doing)
    flow = None if held is None else doing.house.office.flows.get(held.stand.flow)
    takes = (
        held is not None
        and flow is not None
        and (isinstance(flow.steps.get(held.stand.step), ProofStep) or engine.shelf_of(flow, held.stand) is not None)
    )
    claims.add_evidence(doing.tx, {**exhibit.fields, "kept_at": doing.now})
    if exhibit.showed.sheet is not None:
        return  # a table shows nothing of a car
    claims.add_showing(
        doing.tx,
        {
            "sha256": exhibit.showed.sha256,
            "claim_id": held.claim_id if held is not None and takes else None,
            "person_id": doing.person.id,
            "file_id": exhibit.file_id,
            "name": exhibit.name,
            "as_file": int(exhibit.as_file),
            "shown_at": doing.now,
        },
    )


def standing(
    tx: Tx, house: House, telegram_id: int, now: dt.datetime
) -> tuple[Person, Conversation | None, At | None] | None:
    """Where a person stands: their conversation and its question, where they are in one."""
    person = people.lock_by_telegram_id(tx, telegram_id)
    if person is None:
        return None
    doing = Doing(tx, house, Reply(), person, now)
    held = current(doing)
    flow = None if held is None else house.office.flows.get(held.stand.flow)
    if held is None or flow is None:
        return person, None, None
    seen = _around(doing, flow, held.stand, None, held.claim_id)
    step = flow.steps.get(held.stand.step)
    if step is None or isinstance(step, EndStep):
        return person, None, None
    draft = held.stand.drafts.get(held.stand.step)
    return person, held, At(flow, held.stand.step, step, held.stand.answers, draft, seen)


def ask_where(doing: Doing, *, settles: bool) -> None:
    """Asks where pictures without a claim belong; for an album once, after its last one."""
    letter = loose_screen(doing.tx, doing.house, doing.person)
    if settles:
        post_settling(doing.tx, doing.person, letter, f"loose:{doing.person.id}", doing.now)
    else:
        post(doing.tx, doing.reply, doing.person, letter, doing.now)
