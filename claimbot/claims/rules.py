"""The rules that flows, plans and lives name: a yes or no about what is known of a claim.

A rule states which facts it reads. Asked before they are there, it raises `RuleError`: it never takes "unknown" for
"no". Where nothing is an answer too (a question that may be skipped), the rule says so and does not list the fact.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from claimbot.claims.facts import ClaimType, Facts, FaultFamily, Known
from claimbot.claims.old_parts import Tag, read_tag
from claimbot.claims.words import Words


class RuleError(Exception):
    """A rule was asked before a fact that it reads was known: a mistake in a flow's order, never a "no"."""

    def __init__(self, rule: str, missing: tuple[str, ...]) -> None:
        super().__init__(f"the rule {rule} reads {', '.join(missing)}, which is not known yet")
        self.rule = rule
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Rule:
    """One yes or no. `reads` names fields of `Facts`, all of them there whenever `test` runs."""

    name: str
    reads: frozenset[str]
    test: Callable[[Facts, Known], bool]
    words: Words
    """What it means, for whoever writes a flow."""

    def holds(self, facts: Facts, known: Known) -> bool:
        missing = tuple(sorted(name for name in self.reads if getattr(facts, name) is None))
        if missing:
            raise RuleError(self.name, missing)
        return self.test(facts, known)


_REPLACED: Final = re.compile(r"\b(?:replaced|renewed)\b|(?:已|予以|进行)?更换(?!周期|记录)|换新|换了|换件")
_REPAIRED: Final = re.compile(r"\brepaired\b|修复|修好|修理后")
_NOT_DONE: Final = re.compile(
    r"\b(?:not|never|previously|already been|(?:without|before) being|(?:to|should|must|can|cannot) be)\s+"
    r"(?:replaced|renewed|repaired)\b"
    r"|(?:未|没有?|无需|无须|不?需要?|须|应|待|拟|不用|不必|不能|无法|曾|上次|前次|建议|要求)(?:予以|进行)?(?:更换|换新|换了|换件|修复|修好|修理)"
)


def remedy_told(text: str) -> frozenset[str]:
    """Which remedies a text says were done: "replaced", "repaired", both or neither; not denied or earlier ones."""
    said = _NOT_DONE.sub(" ", text.casefold())
    told = (("replaced", _REPLACED), ("repaired", _REPAIRED))
    return frozenset(remedy for remedy, pattern in told if pattern.search(said))


def _remedy_agrees(facts: Facts, _: Known) -> bool:
    told = remedy_told(facts.cause or "")
    return not told or facts.remedy in told


def _family_is(*families: FaultFamily) -> Callable[[Facts, Known], bool]:
    return lambda facts, _: facts.fault_family in families


def _in_service_before_repair(facts: Facts, known: Known) -> bool:
    if facts.in_service_on is None or facts.opened_at is None:
        return False
    return facts.in_service_on <= facts.opened_at.astimezone(ZoneInfo(known.zone)).date()


def _closing_after_opening(facts: Facts, _: Known) -> bool:
    return facts.opened_at is not None and facts.closed_at is not None and facts.opened_at <= facts.closed_at


def _left_after_closing(facts: Facts, known: Known) -> bool:
    """True as well where nobody has said when the repair was closed: then nothing speaks against it."""
    left, closed = facts.filed_on, facts.closed_at
    if left is None or closed is None:
        return True
    return left >= closed if isinstance(left, dt.datetime) else left >= closed.astimezone(ZoneInfo(known.zone)).date()


def total(facts: Facts) -> Decimal:
    """What is claimed in all; a line that nobody filled in counts as nothing."""
    return (facts.labour or Decimal(0)) + (facts.parts or Decimal(0)) + (facts.other or Decimal(0))


def _type_is(claim_type: ClaimType) -> Callable[[Facts, Known], bool]:
    return lambda facts, _: facts.claim_type == claim_type


def _shares_within_hundred(facts: Facts, _: Known) -> bool:
    return (facts.goodwill_maker or Decimal(0)) + (facts.goodwill_dealer or Decimal(0)) <= Decimal(100)


def _completed(facts: Facts, _: Known) -> bool:
    """A car that is not sold yet has no in-service date, nor anything that proves one."""
    unsold = ("in_service_on", "in_service_proof") if facts.claim_type == "pre_delivery" else ()
    return all(getattr(facts, name) is not None for name in _TO_COMPLETE if name not in unsold)


_TO_COMPLETE: Final = ("in_service_on", "in_service_proof", "repair_order", "opened_at", "closed_at", "labour")


def _rule(name: str, reads: str, test: Callable[[Facts, Known], bool], en: str, zh: str) -> Rule:
    return Rule(name, frozenset(reads.split()), test, Words(en=en, zh=zh))


_ALL: Final = (
    _rule("was_replaced", "remedy", lambda f, _: f.remedy == "replaced", "the part was replaced", "零件已更换"),
    _rule(
        "has_fault_codes",
        "",  # the question may be skipped: no codes is an answer
        lambda f, _: bool(f.fault_codes),
        "there are fault codes",
        "有故障码",
    ),
    _rule("is_engine_fault", "fault_family", _family_is("engine"), "the engine", "发动机故障"),
    _rule("is_transmission_fault", "fault_family", _family_is("transmission"), "the transmission", "变速器故障"),
    _rule(
        "is_traction_battery", "fault_family", _family_is("traction_battery"), "the traction battery", "动力电池故障"
    ),
    _rule("is_drive_motor", "fault_family", _family_is("drive_motor"), "the drive motor", "驱动电机故障"),
    _rule(
        "is_new_energy_fault",
        "fault_family",
        _family_is("traction_battery", "drive_motor"),
        "the traction battery or the drive motor",
        "三电故障（电池或电机）",
    ),
    _rule(
        "is_electrical_fault",
        "fault_family",
        _family_is("electronics", "traction_battery", "drive_motor"),
        "electronics, traction battery or drive motor",
        "电气类故障",
    ),
    _rule("is_brake_steering", "fault_family", _family_is("brakes_steering"), "brakes or steering", "制动或转向故障"),
    _rule("is_body_paint", "fault_family", _family_is("body_paint"), "body or paint", "车身或油漆故障"),
    _rule(
        "may_have_fault_codes",
        "fault_family",
        lambda f, _: f.fault_family != "body_paint",
        "a fault that a control unit may have noted (anything but body and paint)",
        "控制单元可能记录的故障（车身油漆除外）",
    ),
    _rule("wants_photo", "request_kind", lambda f, _: f.request_kind == "photo", "a photo is asked for", "需要补照片"),
    _rule(
        "decision_cuts",
        "decision",
        lambda f, _: f.decision == "approve_part",
        "approved in part: some lines are cut",
        "部分批准（有核减）",
    ),
    _rule(
        "decision_sends_back",
        "decision",
        lambda f, _: f.decision == "send_back",
        "sent back, which needs a reason",
        "退回（须写原因）",
    ),
    _rule(
        "decision_rejects",
        "decision",
        lambda f, _: f.decision == "reject",
        "rejected, which needs a reason",
        "驳回（须写原因）",
    ),
    _rule(
        "remedy_agrees_with_story",
        "remedy cause",
        _remedy_agrees,
        "the cause does not say replaced where it was repaired, nor the reverse",
        "原因描述与处理方式（维修/更换）一致",
    ),
    _rule(
        "closing_after_opening",
        "opened_at closed_at",
        _closing_after_opening,
        "the repair order was closed after it was opened",
        "工单完工时间不早于开单时间",
    ),
    _rule(
        "left_after_closing",
        "filed_on",
        _left_after_closing,
        "it left for the maker after the repair was closed",
        "报出时间不早于完工时间",
    ),
    _rule(
        "opened_not_in_future",
        "opened_at",
        lambda f, known: f.opened_at is not None and f.opened_at <= known.now,
        "the repair order is opened already",
        "开单时间不晚于现在",
    ),
    _rule(
        "closed_not_in_future",
        "closed_at",
        lambda f, known: f.closed_at is not None and f.closed_at <= known.now,
        "the repair order is closed already",
        "完工时间不晚于现在",
    ),
    _rule(
        "in_service_before_repair",
        "in_service_on opened_at",
        _in_service_before_repair,
        "the warranty began before the repair",
        "保修起始日不晚于维修日期",
    ),
    _rule(
        "in_service_not_in_future",
        "in_service_on",
        lambda f, known: f.in_service_on is not None and f.in_service_on <= known.today,
        "the warranty has begun",
        "保修起始日不晚于今天",
    ),
    _rule(
        "claim_amount_positive",
        "labour",  # known as soon as there are lines
        lambda f, _: total(f) > 0,
        "something is claimed",
        "索赔金额大于零",
    ),
    _rule("is_household_car", "car_use", lambda f, _: f.car_use == "household", "a household car", "家用车"),
    _rule(
        "repair_is_over",
        "",  # the question may be skipped: not yet closed is an answer
        lambda f, _: f.closed_at is not None,
        "the repair order is closed, no longer under way",
        "维修已完工（不再在修）",
    ),
    _rule(
        "desk_completed",
        "",  # asks precisely whether they are known
        _completed,
        "the clerk has added dates, proof, repair order and amounts",
        "索赔员已补全日期、凭证、工单号和金额",
    ),
    # a claim of which nobody said the type is a normal one
    _rule("is_campaign", "", _type_is("campaign"), "a campaign or recall", "服务活动/召回"),
    _rule("is_goodwill", "", _type_is("goodwill"), "goodwill", "善意索赔"),
    _rule("is_repeat_repair", "", _type_is("repeat_repair"), "a repeat repair", "重复维修"),
    _rule("is_service_part", "", _type_is("service_part"), "a service part", "配件索赔"),
    _rule(
        "shares_within_hundred",
        "goodwill_maker goodwill_dealer",
        _shares_within_hundred,
        "the shares of maker and dealer do not come to more than the whole",
        "厂家和本店比例合计不超过 100%",
    ),
    _rule(
        "has_in_service_date",
        "",  # the question may be skipped: not sold yet is an answer
        lambda f, _: f.in_service_on is not None,
        "the in-service date is known",
        "已填启用日期",
    ),
    _rule(
        "has_sublet",
        "",  # as long as there are no lines, there is no sublet work
        lambda f, _: any(line.kind == "sublet" for line in f.lines or ()),
        "work done elsewhere is claimed",
        "有外协费用",
    ),
    _rule(
        "has_preauthorisation",
        "",  # not asked for is an answer
        lambda f, _: f.preauth_state == "granted",
        "the maker agreed beforehand",
        "已有预授权",
    ),
    _rule(
        "old_part_is_found",
        "old_part",
        lambda f, _: read_tag(f.old_part or "") != Tag(),
        "a tag number or a shelf can be read",
        "能看出吊牌号或货架",
    ),
    _rule("preauth_granted", "preauth_state", lambda f, _: f.preauth_state == "granted", "granted", "厂家已批准"),
    _rule("preauth_refused", "preauth_state", lambda f, _: f.preauth_state == "refused", "refused", "厂家未批准"),
    _rule(
        "preauth_not_over",
        "preauth_until",
        lambda f, known: f.preauth_until is not None and f.preauth_until >= known.today,
        "the pre-authorisation has not run out",
        "预授权尚未到期",
    ),
)

RULES: Final[Mapping[str, Rule]] = {rule.name: rule for rule in _ALL}
