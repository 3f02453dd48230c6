import datetime as dt
from decimal import Decimal
from typing import Literal

import pytest

from claimbot.claims.facts import Facts, Known
from claimbot.claims.rules import RULES, RuleError, remedy_told


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_never_takes_unknown_for_no(name: str, known: Known) -> None:
    rule = RULES[name]
    assert rule.name == name
    assert rule.reads <= Facts.model_fields.keys()
    if not rule.reads:
        assert rule.holds(Facts(), known) is False
        return
    with pytest.raises(RuleError) as error:
        rule.holds(Facts(), known)
    assert error.value.missing == tuple(sorted(rule.reads))


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_answers_once_all_it_reads_is_known(name: str, known: Known, complete: Facts) -> None:
    told = {"request_kind": "photo", "decision": "reject", "goodwill_maker": Decimal(1), "goodwill_dealer": Decimal(1)}
    preauth = {"preauth_state": "granted", "preauth_until": known.today, "filed_on": known.today}
    asked = complete.model_copy(update={**told, **preauth})
    assert isinstance(RULES[name].holds(asked, known), bool)


@pytest.mark.parametrize(
    ("family", "holding"),
    [
        ("engine", {"is_engine_fault", "may_have_fault_codes"}),
        (
            "traction_battery",
            {"is_traction_battery", "is_new_energy_fault", "is_electrical_fault", "may_have_fault_codes"},
        ),
        ("drive_motor", {"is_drive_motor", "is_new_energy_fault", "is_electrical_fault", "may_have_fault_codes"}),
        ("brakes_steering", {"is_brake_steering", "may_have_fault_codes"}),
        ("body_paint", {"is_body_paint"}),
    ],
)
def test_fault_families_are_told_apart(family: str, holding: set[str], known: Known) -> None:
    facts = Facts.model_validate({"fault_family": family})
    asked = {name for name, rule in RULES.items() if rule.reads == {"fault_family"}}
    assert {name for name in asked if RULES[name].holds(facts, known)} == holding


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ("一缸喷油器泄漏", set()),
        ("喷油器泄漏,已更换", {"replaced"}),
        ("更换喷油器后正常", {"replaced"}),
        ("线束磨破,已修复", {"repaired"}),
        ("未更换,清洗后正常", set()),
        ("无需更换", set()),
        ("客户要求更换", set()),
        ("上次更换后再次泄漏", set()),
        ("更换周期内", set()),
        ("Injector leaked, replaced", {"replaced"}),
        ("not replaced, seal repaired", {"repaired"}),
        ("irreplaceable", set()),
        ("seal has to be replaced", set()),
        ("喷油器需更换", set()),
        ("待更换", set()),
        ("Repaired the harness and replaced the plug", {"repaired", "replaced"}),
    ],
)
def test_a_story_tells_what_was_done_and_not_what_was_denied(cause: str, told: set[str]) -> None:
    assert remedy_told(cause) == told


@pytest.mark.parametrize(
    ("cause", "remedy", "agrees"),
    [
        ("已更换", "replaced", True),
        ("已更换", "repaired", False),
        ("已修复", "repaired", True),
        ("已修复", "replaced", False),
        ("泄漏", "repaired", True),
        ("泄漏", "replaced", True),
        ("repaired and replaced", "repaired", True),
    ],
)
def test_the_story_must_not_say_the_other(
    cause: str, remedy: Literal["repaired", "replaced"], *, agrees: bool, known: Known
) -> None:
    assert RULES["remedy_agrees_with_story"].holds(Facts(cause=cause, remedy=remedy), known) is agrees


@pytest.mark.parametrize(("minutes", "after"), [(-1, False), (0, True), (1, True)])
def test_a_repair_order_closes_no_earlier_than_it_opens(minutes: int, *, after: bool, known: Known) -> None:
    facts = Facts(opened_at=known.now, closed_at=known.now + dt.timedelta(minutes=minutes))
    assert RULES["closing_after_opening"].holds(facts, known) is after


@pytest.mark.parametrize(
    ("left", "after"),
    [
        ("2026-09-08", True),
        ("2026-09-07", False),
        ("2026-09-08T16:39:00+08:00", False),
        ("2026-09-08T16:41:00+08:00", True),
    ],
)
def test_a_claim_leaves_no_earlier_than_its_repair_was_closed_by_the_hour_where_that_is_known(
    left: str, *, after: bool, known: Known
) -> None:
    closed = dt.datetime.fromisoformat("2026-09-08T16:40:00+08:00")
    facts = Facts.model_validate({"closed_at": closed, "filed_on": left})
    assert RULES["left_after_closing"].holds(facts, known) is after


@pytest.mark.parametrize(("minutes", "past"), [(-1, True), (0, True), (1, False)])
def test_a_repair_order_is_not_closed_in_the_future(minutes: int, *, past: bool, known: Known) -> None:
    assert (
        RULES["closed_not_in_future"].holds(Facts(closed_at=known.now + dt.timedelta(minutes=minutes)), known) is past
    )


@pytest.mark.parametrize(("day", "before"), [(1, True), (2, True), (3, False)])
def test_the_warranty_begins_no_later_than_the_repair_in_the_sites_own_day(
    day: int, *, before: bool, known: Known
) -> None:
    late = dt.datetime(2026, 5, 1, 20, 0, tzinfo=dt.UTC)  # already 2 May in Shanghai
    facts = Facts(in_service_on=dt.date(2026, 5, day), opened_at=late)
    assert RULES["in_service_before_repair"].holds(facts, known) is before


@pytest.mark.parametrize(("labour", "positive"), [("0", False), ("0.01", True)])
def test_something_must_be_claimed(labour: str, *, positive: bool, known: Known) -> None:
    facts = Facts.model_validate({"labour": labour, "parts": "0"})
    assert RULES["claim_amount_positive"].holds(facts, known) is positive


@pytest.mark.parametrize(
    ("decision", "asked"), [("approve", None), ("send_back", "decision_sends_back"), ("reject", "decision_rejects")]
)
def test_only_a_no_needs_a_reason_and_each_no_its_own(decision: str, asked: str | None, known: Known) -> None:
    facts = Facts.model_validate({"decision": decision})
    holding = [name for name in ("decision_sends_back", "decision_rejects") if RULES[name].holds(facts, known)]
    assert holding == ([] if asked is None else [asked])
