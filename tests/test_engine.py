"""The engine's promises, whatever is sent: properties over random conversations in the shipped flows."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimbot.claims.facts import Known
from claimbot.engine import Finish, Say, State, Turn, advance, begin, resume
from claimbot.flow.kinds.asking import Answers, Around, Event, Json, Said, Sent, Showed, Tapped, tag
from claimbot.flow.kinds.photos import sheet_of
from claimbot.flow.model import EndStep
from claimbot.flow.office import Office, load_office
from tests.conftest import FLOWS

OFFICE: Office = load_office(FLOWS)
NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
KNOWN = Known(today=dt.date(2026, 9, 9), now=NOW, zone="Asia/Shanghai")
INTAKE = OFFICE.flows["warranty.intake"]

TEXTS = st.sampled_from(
    [
        "LSVAA4182E2184847",
        "23456",
        "怠速抖动",
        "P0301",
        "喷油器泄漏已更换",
        "EX-1",
        "1",
        "发动机",
        "😀",
        "<b>&",
        "yes",
        "١٢٣",
    ]
)
VERBS = st.sampled_from(
    [
        "pick",
        "yes",
        "no",
        "back",
        "skip",
        "keep",
        "done",
        "change",
        "send",
        "sure",
        "why",
        "sort",
        "drop",
        "manage",
        "one",
    ]
)
ARGS = st.sampled_from(
    ["", "engine", "body_paint", "replaced", "repaired", "vin", "cause", "part_label", "failed_part", "P0301"]
)


def events(step: str) -> st.SearchStrategy[Event]:
    return st.one_of(
        TEXTS.map(Said),
        st.builds(Tapped, st.just(step), VERBS, ARGS),
        st.builds(Tapped, st.sampled_from(sorted(INTAKE.steps)), VERBS, ARGS),
        st.builds(
            Showed,
            st.text("0123456789abcdef", min_size=64, max_size=64),
            st.booleans(),
            st.sampled_from(["", "里程表"]),
        ),
        st.just(Sent("sticker")),
    )


def around(lang: str = "zh") -> Around:
    return Around(OFFICE, KNOWN, "zh" if lang == "zh" else "en")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_sent_the_conversation_stands_on_a_question_and_says_something(data: st.DataObject) -> None:
    state: State = begin(INTAKE, {}, around()).state
    for _ in range(25):
        event = data.draw(events(state.step))
        turn = advance(INTAKE, state, event, around())
        assert advance(INTAKE, state, event, around()) == turn, "the same event gives the same turn"
        assert turn.effects, "nobody is left without an answer"
        if any(isinstance(effect, Finish) for effect in turn.effects):
            assert isinstance(INTAKE.steps[turn.state.step], EndStep)
            return
        state = turn.state
        assert not isinstance(INTAKE.steps[state.step], EndStep)
        again = resume(INTAKE, state, around("en"))
        assert again.state.step == state.step, "a pause changes nothing"
        assert isinstance(again.effects[-1], Say)


def test_going_back_and_giving_the_same_answer_leads_where_one_was() -> None:
    state = begin(INTAKE, {}, around()).state
    for event in (Said("LSVAA4182E2184847"), Tapped("car_right", "yes"), Said("23456"), Said("怠速抖动")):
        state = advance(INTAKE, state, event, around()).state
    assert state.step == "fault_family"
    back = advance(INTAKE, state, Tapped("fault_family", "back"), around()).state
    assert back.step == "complaint"
    assert advance(INTAKE, back, Said("怠速抖动"), around()).state == state


def test_another_car_is_confirmed_anew_and_its_odometer_asked_again() -> None:
    state = begin(INTAKE, {}, around()).state
    for event in (Said("LSVAA4182E2184847"), Tapped("car_right", "yes"), Said("23456")):
        state = advance(INTAKE, state, event, around()).state
    for step in ("complaint", "odometer_km", "car_right"):
        state = advance(INTAKE, state, Tapped(step, "back"), around()).state
    state = advance(INTAKE, state, Said("LFV2A21K6A3041523"), around()).state
    assert state.step in {"vin", "car_right"}
    if state.step == "car_right":
        assert "odometer_km" not in state.answers


def test_a_flow_whose_step_is_gone_goes_on_at_the_nearest_with_the_answers_kept() -> None:
    state = State("warranty.intake", "old", "removed_step", {"vin": "LSVAA4182E2184847", "car_right": True}, {})
    turn = resume(INTAKE, state, around())
    assert turn.state.step == "odometer_km"
    assert turn.state.answers["vin"] == "LSVAA4182E2184847"


TOLD: Answers = {
    "vin": "LSVAA4182E2184847",
    "car_right": True,
    "odometer_km": 23456,
    "complaint": "怠速抖动",
    "fault_family": "engine",
    "fault_codes": ["P0301"],
    "cause": "喷油器泄漏",
    "failed_part": "喷油器",
    "part_number": None,
    "remedy": "replaced",
    "new_part_number": None,
    "old_part": None,
}
SHAS = tuple(letter * 64 for letter in "abcd")
SLOTS = ("vin_plate", "odometer", "failed_part", "part_label", "new_part", "fault_code_screen")
PHOTO_TAPS = st.one_of(
    st.builds(lambda verb, arg: Tapped("photos", verb, arg), st.sampled_from(["slot", "one"]), st.sampled_from(SLOTS)),
    st.sampled_from(["manage", "list", "done", "back", "skip", "keep"]).map(lambda verb: Tapped("photos", verb)),
    st.builds(
        lambda verb, sha, slot: Tapped("photos", verb, f"{sha[:8]}.{slot}"),
        st.sampled_from(["sort", "to", "move"]),
        st.sampled_from(SHAS),
        st.sampled_from(SLOTS),
    ),
    st.builds(
        lambda slot, why: Tapped("photos", "why", f"{tag(slot)}.{why}"), st.sampled_from(SLOTS), st.just("later")
    ),
)
PHOTO_EVENTS = st.one_of(
    PHOTO_TAPS,
    st.builds(Showed, st.sampled_from(SHAS), st.booleans(), st.sampled_from(["", "里程表", "零件标签"])),
    st.sampled_from([Said("污损"), Sent("voice")]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PHOTO_EVENTS, max_size=20))
def test_whatever_is_tapped_how_often_a_photo_leaves_only_for_another_in_its_place(events_sent: list[Event]) -> None:
    state = begin(INTAKE, TOLD, around()).state
    assert state.step == "photos"
    for event in events_sent:
        before = sheet_of(state.drafts.get("photos"))
        turn = advance(INTAKE, state, event, around())
        assert turn.effects
        state = turn.state
        if state.step != "photos":
            return
        after = sheet_of(state.drafts.get("photos"))
        gone = {*before.all} - {*after.all}
        assert len(gone) <= 1
        if gone:
            slot = next(slot for slot, held in before.slots.items() if held and held[-1] in gone)
            assert after.slots[slot] != before.slots[slot], "another photo stands where it was"
        assert len(after.all) == len(set(after.all)), "no photo stands in two places"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_comes_at_the_end_nothing_goes_but_from_a_review_of_all_that_is_told(data: st.DataObject) -> None:
    gaps: dict[str, Json] = dict.fromkeys((*SLOTS, "fault_in_place", "old_part_tag"), "later")
    turn = begin(INTAKE, {**TOLD, "photos": {"slots": {}, "tray": [], "gaps": gaps}}, around())
    assert turn.state.step == "explanation"
    for _ in range(15):
        said = next(effect for effect in reversed(turn.effects) if isinstance(effect, Say))
        shown = [Tapped(turn.state.step, each.verb, each.arg) for row in said.rows for each in row]
        taps = [each for each in shown if each.verb != "cancel" and each.arg not in {"vin", "odometer_km"}]
        sent: list[Event] = [Showed(SHAS[0]), Showed(SHAS[1], album=True), Said("阀体已更换"), Said("喷油器已维修")]
        before, event = turn.state, data.draw(st.sampled_from([*taps, *sent]))
        turn = advance(INTAKE, before, event, around())
        if any(isinstance(effect, Finish) for effect in turn.effects):
            assert before.step == "explanation"
            assert set(begin(INTAKE, before.answers, around()).state.answers) >= {*TOLD, "photos"}, "nothing was open"
            return


def test_who_skips_beside_entered_codes_has_entered_them() -> None:
    answers: Answers = {name: TOLD[name] for name in ("vin", "car_right", "odometer_km", "complaint", "fault_family")}
    asked = begin(INTAKE, answers, around()).state
    typed = advance(INTAKE, asked, Said("P0301 U0100"), around())
    assert "skip" not in verbs(typed)
    assert "skip" in verbs(advance(INTAKE, asked, Sent("sticker"), around()))
    for event in (Tapped("fault_codes", "skip"), Said("没有"), Tapped("fault_codes", "done")):
        assert advance(INTAKE, typed.state, event, around()).state.answers["fault_codes"] == ["P0301", "U0100"]


def verbs(turn: Turn) -> set[str]:
    (said,) = (effect for effect in turn.effects if isinstance(effect, Say))
    return {button.verb for row in said.rows for button in row}


def test_a_car_that_is_not_it_is_not_kept_as_it_is() -> None:
    told: Answers = {"vin": "LSVAA4182E2184847"}
    state = begin(INTAKE, told, around()).state
    assert state.step == "car_right"
    denied = advance(INTAKE, state, Tapped("car_right", "no", tag(told["vin"])), around())
    assert denied.state.step == "vin"
    assert "keep" not in verbs(denied)
    assert "keep" in verbs(advance(INTAKE, state, Tapped("car_right", "back"), around()))
    again = advance(INTAKE, denied.state, Said("LSVNV2189E2100002"), around()).state
    assert again.step == "car_right"
    assert "keep" in verbs(advance(INTAKE, again, Tapped("car_right", "back"), around()))


def test_a_car_that_was_confirmed_and_is_then_denied_is_confirmed_anew() -> None:
    state = begin(INTAKE, {"vin": "LSVAA4182E2184847", "car_right": True}, around()).state
    state = advance(INTAKE, state, Tapped("odometer_km", "back"), around()).state
    state = advance(INTAKE, state, Said("不是"), around()).state
    state = advance(INTAKE, state, Said("LSVAA4182E2184847"), around()).state
    assert state.step == "car_right"
