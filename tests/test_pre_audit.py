"""The pre-audit at the desk: no error passes, every failure leads to its mending, and what expires is told in time."""

import datetime as dt
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimbot.assistant.approving import send_for_approval
from claimbot.assistant.auditing import verdicts_of
from claimbot.assistant.conversing import current
from claimbot.assistant.correcting import record_preauth
from claimbot.assistant.doing import Doing, move
from claimbot.assistant.filing import file_claim
from claimbot.assistant.house import Reply
from claimbot.assistant.letters import key
from claimbot.assistant.tapping import tap
from claimbot.claims.audit import in_the_way
from claimbot.claims.facts import Known
from claimbot.claims.life import unmet
from claimbot.errors import Refusal
from claimbot.flow.office import Office
from claimbot.store import Tx, claims, people
from tests.conftest import TECHNICIAN, World
from tests.limits import Desk, desk_in, local
from tests.manners.steps import on_to, report_up_to

MORNING = local("2026-09-09 10:00")
SLOTS = ("vin_plate", "odometer", "fault_in_place", "failed_part", "part_label", "new_part", "old_part_tag")
LABOUR = {"kind": "labour", "code": "EX-L101", "quantity": "1.5", "unit_price": "160"}
PART = {"kind": "part", "code": "EX-06H906036", "unit_price": "1280.50"}
GOOD: dict[str, Any] = {
    "vin": "LSVAA4182E2184847",
    "odometer_km": 23456,
    "complaint": "怠速抖动",
    "fault_family": "engine",
    "fault_codes": None,
    "cause": "一缸喷油器泄漏",
    "failed_part": "喷油器",
    "part_number": "EX-06H906036",
    "remedy": "replaced",
    "new_part_number": None,
    "photos": {"slots": {slot: [slot[0] * 64] for slot in SLOTS}},
    "in_service_on": "2025-03-15",
    "in_service_proof": "invoice",
    "repair_order": "RO-1",
    "plate": None,
    "customer": None,
    "car_use": "commercial",
    "opened_at": "2026-09-08T01:20:00+00:00",
    "closed_at": "2026-09-08T08:40:00+00:00",
    "lines": [LABOUR, PART],
}
WRONG: tuple[dict[str, Any], ...] = (
    {"in_service_on": "2020-01-01"},
    {"in_service_on": None},
    {"in_service_proof": None},
    {"odometer_km": 99_999},
    {"odometer_km": 1_500_000},
    {"odometer_km": None},
    {"closed_at": "2026-07-01T08:00:00+00:00", "opened_at": "2026-07-01T01:00:00+00:00"},
    {"vin": "LSVAA4182E2184848"},
    {"claim_type": "campaign"},
    {"claim_type": "goodwill", "goodwill_maker": "50", "goodwill_dealer": "20"},
    {"claim_type": "pre_delivery"},
    {"claim_type": "repeat_repair"},
    {"claim_type": "transport_damage"},
    {"claim_type": "service_part", "part_fitted_on": "2026-03-01", "part_fitted_km": 20_000},
    {"photos": {"slots": {}}},
    {"photos": {"slots": {}, "gaps": dict.fromkeys(SLOTS, "later")}},
    {"cause": "喷油器已修复"},
    {"part_number": None},
    {"failed_part": "机电控制单元"},
    {"fault_family": "transmission"},
    {"remedy": "repaired"},
    {"lines": []},
    {"lines": [{**LABOUR, "quantity": "2"}, PART]},
    {"lines": [{**LABOUR, "code": "EX-L102", "quantity": "1"}]},
    {"lines": [{**PART, "quantity": "5"}]},
    {"lines": [{**PART, "unit_price": "10000.01"}]},
    {"lines": [LABOUR, {"kind": "sublet", "code": "INV-1", "unit_price": "300"}]},
    {"preauth_state": "granted", "preauth_number": "PA-1", "preauth_until": "2026-09-08", "preauth_amount": "9000"},
    {"preauth_state": "granted", "preauth_number": "PA-1", "preauth_until": "2026-09-09", "preauth_amount": "100"},
    {"lines": [LABOUR, {**PART, "unit_price": "10000"}]},
    {"preauth_state": "granted", "preauth_number": "PA-1", "preauth_until": "2026-12-09", "preauth_amount": "90000"},
    {"repair_order": "RO-0"},
    {"explained": ["story_agrees differs", "cause_complete number_missing", "labour_hours over"]},
)
"""Each one thing that may be wrong with a good claim, or mend another."""


class Shop:
    """A site with its people, a claim of the same car before, and a hand for whatever one of them does."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.site = desk.site()
        self.technician = desk.person(self.site, "technician", name="Leo")
        self.clerk = desk.person(self.site, "clerk", name="Fiona")
        self.supervisor = desk.person(self.site, "supervisor", name="Carl")
        desk.person(self.site, "supervisor", name="Zoe")

    def claim(self, **changes: object) -> int:
        return self.desk.claim(self.site, self.technician, self.clerk, **{**GOOD, **changes})

    def doing(self, tx: Tx, person: int) -> Doing:
        return Doing(tx, self.desk.house, Reply(), people.person(tx, person), self.desk.now)

    def send(self, claim_id: int) -> Reply:
        with self.desk.tx() as tx:
            doing = self.doing(tx, self.clerk)
            send_for_approval(doing, claim_id)
            return doing.reply

    def tap(self, data: str, person: int | None = None) -> Reply:
        with self.desk.tx() as tx:
            doing = self.doing(tx, person or self.clerk)
            tap(doing, data)
            return doing.reply

    def stands_on(self, person: int) -> tuple[str, str] | None:
        with self.desk.tx() as tx:
            held = current(self.doing(tx, person))
            return None if held is None else (held.stand.flow, held.stand.step)

    def grant(self, claim_id: int, number: str, until: str) -> None:
        told = {"preauth_state": "granted", "preauth_number": number, "preauth_until": until, "preauth_amount": "20000"}
        with self.desk.tx() as tx:
            record_preauth(self.doing(tx, self.clerk), claims.lock_claim(tx, claim_id), told)

    def withdraw(self, claim_id: int) -> None:
        with self.desk.tx() as tx:
            move(self.doing(tx, self.clerk), claims.lock_claim(tx, claim_id), "withdraw")


@pytest.fixture
def shop(tmp_path: Path, office: Office) -> Shop:
    return Shop(desk_in(tmp_path, office, MORNING))


def said(reply: Reply) -> str:
    return "\n".join(str(message.body["html"]) for message in reply.messages)


def buttons(reply: Reply) -> list[str]:
    rows: list[Any] = [row for message in reply.messages for row in cast("list[Any]", message.body.get("rows", []))]
    return [data for row in rows for _, data in row]


def test_a_good_claim_is_sent(shop: Shop) -> None:
    claim = shop.claim()
    shop.send(claim)
    assert shop.desk.known(claim).state == "in_approval"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, office: Office) -> Shop:
    """One shop for all that is tried, with a claim of the same car and part before."""
    shop = Shop(desk_in(tmp_path_factory.mktemp("many"), office, MORNING))
    shop.claim(repair_order="RO-0")
    return shop


@given(st.lists(st.sampled_from(WRONG), max_size=4))
@settings(max_examples=120, deadline=None)
def test_no_error_ever_passes_and_no_warning_without_a_word(many: Shop, wrong: list[dict[str, Any]]) -> None:
    facts: dict[str, Any] = {"claim_type": "repeat_repair", "earlier_claim": "SH01-2026-0001"}
    for change in wrong:
        facts |= change
    claim = many.claim(**facts)
    with many.desk.tx() as tx:
        held = claims.claim(tx, claim)
        verdicts = verdicts_of(tx, many.desk.house, held, many.desk.now)
    bad = [each.rule for each in verdicts if each.outcome == "fail" and each.severity == "error"]
    known = Known(today=many.desk.now.date(), now=many.desk.now)
    unready = bool(unmet(many.desk.house.office.life, "send", held.facts, known))
    if unready:
        with pytest.raises(Refusal, match="not_ready"):
            many.send(claim)
    else:
        many.send(claim)
    sent = many.desk.known(claim).state == "in_approval"
    assert not (sent and bad), bad
    assert sent == (not unready and not in_the_way(verdicts, held.facts))
    many.withdraw(claim)


def test_what_is_in_the_way_is_told_with_the_taps_that_mend_it(shop: Shop) -> None:
    claim = shop.claim(odometer_km=99_999, part_number=None)
    reply = shop.send(claim)
    assert shop.desk.known(claim).state == "submitted"
    assert "⛔️ Within coverage by distance" in said(reply)
    assert "⚠️ Cause with its part" in said(reply)
    assert buttons(reply) == [
        f"fix:claim_type=goodwill:{key(claim)}",
        f"fix:odometer_km:{key(claim)}",
        f"fix:part_number:{key(claim)}",
        f"fix:desk_explanation:{key(claim)}",
    ]
    assert not reply.strip, "the tapped button may be tapped again once it is mended"


def test_who_may_not_send_is_not_told_what_is_wrong_but_that(shop: Shop) -> None:
    claim = shop.claim(odometer_km=99_999)
    with shop.desk.tx() as tx, pytest.raises(Refusal, match="move_not_your_role"):
        send_for_approval(shop.doing(tx, shop.supervisor), claim)


def test_every_rule_that_can_fail_leads_to_the_step_that_mends_it(shop: Shop) -> None:
    claim = shop.claim()
    sheet = shop.desk.house.office.audit
    led = {}
    for fix in {fix: None for rule in sheet.rules.values() for fix in rule.fixes}:
        shop.tap(f"fix:{fix}:{key(claim)}")
        stands = shop.stands_on(shop.clerk)
        assert stands is not None
        assert stands[1] == ("goodwill_maker" if fix == "claim_type=goodwill" else fix)
        led[fix] = stands[0]
        shop.tap("m:cancel")
    assert led == {
        "claim_type=goodwill": "warranty.type",
        "remedy": "warranty.correct",
        "in_service_on": "warranty.desk",
        "closed_at": "warranty.desk",
        "repair_order": "warranty.desk",
        "lines": "warranty.desk",
        "vin": "warranty.correct",
        "odometer_km": "warranty.correct",
        "cause": "warranty.correct",
        "part_number": "warranty.correct",
        "claim_type": "warranty.type",
        "photos": "warranty.more",
        "preauth_state": "warranty.preauth",
    }


def test_a_fix_leads_on_in_what_the_clerk_has_begun_already(shop: Shop) -> None:
    claim = shop.claim()
    shop.tap(f"b:warranty.desk:{key(claim)}")
    assert shop.stands_on(shop.clerk) == ("warranty.desk", "desk_explanation")
    shop.tap("m:cancel")
    shop.tap(f"fix:closed_at:{key(claim)}")
    assert shop.stands_on(shop.clerk) == ("warranty.desk", "closed_at")


def test_a_fix_of_a_claim_that_moved_on_or_of_nothing_is_answered_kindly(shop: Shop) -> None:
    claim = shop.claim()
    with pytest.raises(Refusal, match="not_yours"):
        shop.tap(f"fix:odometer_km:{key(claim)}", shop.technician)
    assert shop.tap(f"fix:horoscope:{key(claim)}").toast == "That button is no longer valid."
    shop.send(claim)
    for data in (f"fix:odometer_km:{key(claim)}", f"again:{key(claim)}", f"granted:{key(claim)}"):
        with pytest.raises(Refusal, match="mov"):
            shop.tap(data)


def test_a_warning_that_comes_after_the_desks_word_needs_another_word(shop: Shop) -> None:
    claim = shop.claim(part_number=None, explained=["cause_complete number_missing"])
    shop.claim(repair_order="RO-9")
    reply = shop.send(claim)
    assert "Not claimed before" in said(reply)
    assert "Cause with its part" not in said(reply)


def test_a_claim_reported_later_on_the_same_day_makes_no_reading_fall(shop: Shop) -> None:
    today = {"opened_at": "2026-09-09T01:20:00+00:00", "closed_at": "2026-09-09T01:40:00+00:00"}
    claim, later = shop.claim(**today), shop.claim(odometer_km=24_000, repair_order="RO-9", **today)
    told = []
    for each in (claim, later):
        with shop.desk.tx() as tx:
            verdicts = verdicts_of(tx, shop.desk.house, claims.claim(tx, each), shop.desk.now)
        told += [verdict.reason for verdict in verdicts if verdict.rule == "odometer_plausible"]
    assert told == ["first_reading", "good"]


def test_a_repeat_repair_is_marked_with_one_tap_and_names_the_latest_claim(shop: Shop) -> None:
    first, second = shop.claim(repair_order="RO-0"), shop.claim()
    shop.tap(f"again:{key(second)}")
    facts = shop.desk.known(second).facts
    assert (facts.claim_type, facts.earlier_claim) == ("repeat_repair", shop.desk.known(first).number)
    shop.send(second)
    assert shop.desk.known(second).state == "in_approval"


def test_another_type_leaves_nothing_of_the_one_before(shop: Shop) -> None:
    claim = shop.claim(claim_type="goodwill", goodwill_maker="50", goodwill_dealer="20")
    shop.claim(repair_order="RO-9")
    shop.tap(f"again:{key(claim)}")
    facts = shop.desk.known(claim).facts
    assert (facts.claim_type, facts.goodwill_maker) == ("repeat_repair", None)


STORY = "原因描述与处理一致"


async def told_otherwise(world: World) -> None:
    """A report at its review, whose cause tells of a repair where a part was replaced."""
    await report_up_to(world, "explanation")
    await world.tap(TECHNICIAN, "✏️ 故障原因")
    await world.say(TECHNICIAN, "一缸喷油器泄漏，已修复")
    assert f"⚠️ {STORY}" in world.last(TECHNICIAN)


async def test_a_technician_sends_what_failed_with_a_word_and_is_told_of_what(world: World) -> None:
    await told_otherwise(world)
    asked = await world.tap(TECHNICIAN, "✅ 提交")
    assert asked.endswith(f"✍️ 提交前请说明一句：{STORY}"), "and the whole review is not said again"
    assert not any("提交" in label for label in world.buttons(TECHNICIAN))
    assert f"⚠️ {STORY}" in await world.tap(TECHNICIAN, "👀 再看一遍")
    await world.tap(TECHNICIAN, "✅ 提交")
    assert "说明一句" in await world.say(TECHNICIAN, "👍")
    assert "已提交" in await world.say(TECHNICIAN, "先维修，无效后更换")


async def test_what_failed_is_mended_from_where_a_word_is_asked_for_and_looked_at_again(world: World) -> None:
    await told_otherwise(world)
    await world.tap(TECHNICIAN, "✅ 提交")
    await world.tap(TECHNICIAN, "🔧 故障原因")
    assert "👀 请核对" in await world.say(TECHNICIAN, "一缸喷油器泄漏，已更换")
    assert "已提交" in await world.tap(TECHNICIAN, "✅ 提交")


async def test_a_reading_that_was_confirmed_is_not_to_be_explained_too(world: World) -> None:
    await report_up_to(world, "odometer_km")
    await world.say(TECHNICIAN, "1500000")
    await world.tap(TECHNICIAN, "没错")
    await on_to(world, "explanation", TECHNICIAN)
    assert "⚠️ 里程可信" in world.last(TECHNICIAN)
    assert "已提交" in await world.tap(TECHNICIAN, "✅ 提交")


# pre-authorisation


def test_a_preauthorisation_is_told_of_before_and_after_it_runs_out(shop: Shop) -> None:
    claim = shop.claim()
    shop.grant(claim, "PA-1", "2026-09-23")
    assert shop.desk.limits(claim)["preauth/expiry"] == dt.date(2026, 9, 23)
    shop.desk.until(local("2026-09-30 12:00"))
    ladder = [each for each in shop.desk.sent if each.message.kind == "reminder" and "pre-authorisation" in each.html]
    assert [each.at.astimezone(dt.UTC).day for each in ladder] == [16, 22, 24, 28]
    assert "runs out on 23 Sept 2026, 7 days left" in ladder[0].html
    assert "ask anew" in ladder[-1].html
    assert {each.message.person_id for each in ladder} == {shop.clerk}


def test_a_preauthorisation_that_ran_out_blocks_until_it_is_granted_anew(shop: Shop) -> None:
    claim = shop.claim(lines=[LABOUR, {**PART, "unit_price": "10000"}])
    shop.grant(claim, "PA-1", "2026-09-23")
    shop.desk.now = local("2026-09-24 09:00")
    assert "PA-1 expired on 23 Sept 2026" in said(shop.send(claim))
    shop.grant(claim, "PA-2", "2026-10-23")
    assert shop.desk.limits(claim)["preauth/expiry"] == dt.date(2026, 10, 23)
    shop.send(claim)
    assert shop.desk.known(claim).state == "in_approval"


def test_what_ran_out_before_it_left_is_not_taken_as_sent_to_the_maker(shop: Shop) -> None:
    claim = shop.claim(lines=[LABOUR, {**PART, "unit_price": "10000"}])
    shop.grant(claim, "PA-1", "2026-09-23")
    shop.send(claim)
    with shop.desk.tx() as tx:
        held = claims.lock_claim(tx, claim)
        claims.make_move(tx, held, "approve", "approved", person_id=shop.supervisor, now=shop.desk.now)
    shop.desk.now = local("2026-09-25 09:00")

    def leave(day: str) -> None:
        with shop.desk.tx() as tx:
            file_claim(shop.doing(tx, shop.clerk), claims.lock_claim(tx, claim), {"filed_on": day})

    with pytest.raises(Refusal, match="filing_blocked"):
        leave("2026-09-24")
    leave("2026-09-23")
    assert shop.desk.known(claim).state == "filed"


def test_one_that_is_refused_or_whose_claim_is_over_runs_out_no_more(shop: Shop) -> None:
    refused, over = shop.claim(), shop.claim(repair_order="RO-2")
    for claim in (refused, over):
        shop.grant(claim, "PA-1", "2026-09-23")
    with shop.desk.tx() as tx:
        told = {"preauth_state": "refused", "preauth_reason": "repair it first"}
        record_preauth(shop.doing(tx, shop.clerk), claims.lock_claim(tx, refused), told)
    shop.withdraw(over)
    assert "preauth/expiry" not in shop.desk.limits(refused)
    assert "preauth/expiry" not in shop.desk.limits(over)


def test_its_lines_are_taken_over_once_and_only_where_there_are_none(shop: Shop) -> None:
    claim = shop.claim(lines=None, preauth_state="granted", preauth_until="2026-12-01", preauth_lines=[LABOUR, PART])
    shop.tap(f"granted:{key(claim)}")
    facts = shop.desk.known(claim).facts
    assert facts.lines == facts.preauth_lines
    assert facts.labour is not None
    with pytest.raises(Refusal, match="preauth_no_lines"):
        shop.tap(f"granted:{key(claim)}")
