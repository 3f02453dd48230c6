import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from claimbot.claims.audit import REASONS, AuditSheet, Verdict, in_the_way, judge
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.facts import CarReading, EarlierClaim, Facts, Known, OverduePart, PhotoSheet
from claimbot.claims.lines import Line, LineKind
from claimbot.claims.words import LANGS, phrase

Judged = Callable[..., dict[str, Verdict]]


@pytest.fixture(scope="session")
def judged(audit_sheet: AuditSheet, terms: MakerTerms, plans: EvidencePlans, known: Known, complete: Facts) -> Judged:
    """Judges the complete claim with these facts changed; `knowing` changes what the office knows."""

    def judge_it(
        knowing: dict[str, Any] | None = None, maker: MakerTerms = terms, **facts: object
    ) -> dict[str, Verdict]:
        changed = complete.model_copy(update=facts)
        office = known.model_copy(update=knowing or {})
        verdicts = judge(changed, office, sheet=audit_sheet, terms=maker, plans=plans)
        for verdict in verdicts:
            assert set(verdict.values) >= set(REASONS[verdict.rule][verdict.reason][1].split())
            for lang in LANGS:
                assert phrase(verdict.words, lang, verdict.values)
        return {verdict.rule: verdict for verdict in verdicts}

    return judge_it


def test_the_shipped_audit_has_no_problems(audit_sheet: AuditSheet) -> None:
    assert audit_sheet.problems() == ()


def test_a_good_claim_passes_every_rule_in_the_order_of_the_sheet(judged: Judged, audit_sheet: AuditSheet) -> None:
    verdicts = judged()
    assert {verdict.outcome for verdict in verdicts.values()} == {"pass"}
    assert list(verdicts) == list(audit_sheet.rules)


def test_a_claim_of_which_nothing_is_known_is_skipped_line_by_line_with_why(
    audit_sheet: AuditSheet, terms: MakerTerms, plans: EvidencePlans, known: Known
) -> None:
    nothing = known.model_copy(update={"overdue_parts": None})
    verdicts = judge(Facts(), nothing, sheet=audit_sheet, terms=terms, plans=plans)
    assert {verdict.outcome for verdict in verdicts} == {"skipped"}
    said = {verdict.rule: verdict.words.en for verdict in verdicts}
    assert "the maker's file asks for no old parts" in said.pop("old_parts_back")
    assert all("yet" in words for words in said.values())


@pytest.mark.parametrize(("day", "reason"), [(9, "within"), (10, "within"), (11, "over")])
def test_the_last_day_of_coverage_is_covered_and_the_next_is_not(judged: Judged, day: int, reason: str) -> None:
    opened = dt.datetime(2027, 3, day, 1, 0, tzinfo=dt.UTC)
    verdict = judged(opened_at=opened)["coverage_time"]
    assert verdict.reason == reason
    assert verdict.values["ends_on"] == dt.date(2027, 3, 10)
    assert "art. 18" in verdict.source.en
    if reason == "over":
        assert verdict.values["days_over"] == 1
        assert "purchase invoice" in phrase(verdict.words, "en", verdict.values)


@pytest.mark.parametrize(("km", "reason"), [(59_999, "within"), (60_000, "within"), (60_001, "over")])
def test_the_last_kilometre_of_coverage_is_covered_and_the_next_is_not(judged: Judged, km: int, reason: str) -> None:
    assert judged(odometer_km=km)["coverage_distance"].reason == reason


@pytest.mark.parametrize(
    ("today", "reason", "left"),
    [((2026, 6, 19), "within", 1), ((2026, 6, 20), "within", 0), ((2026, 6, 21), "over", None)],
)
def test_the_last_day_of_the_makers_window_is_in_time(
    judged: Judged, today: tuple[int, int, int], reason: str, left: int | None
) -> None:
    verdict = judged({"today": dt.date(*today)})["submission_window"]
    assert (verdict.reason, verdict.values.get("days_left")) == (reason, left)


def test_a_claim_once_reported_is_judged_by_the_day_it_was(judged: Judged) -> None:
    late = {"today": dt.date(2027, 1, 1), "reported_on": dt.date(2026, 6, 20)}
    assert judged(late)["submission_window"].reason == "within"


def test_no_end_of_coverage_is_told_without_what_proves_its_start(judged: Judged) -> None:
    assert judged(in_service_proof=None)["coverage_time"].reason == "proof_unknown"
    assert judged(in_service_on=None)["coverage_time"].reason == "in_service_unknown"


def test_distance_can_be_judged_without_the_date_only_where_the_date_makes_no_difference(judged: Judged) -> None:
    assert judged(in_service_on=None)["coverage_distance"].reason == "in_service_unknown"
    assert judged(in_service_on=None, failed_part="火花塞")["coverage_distance"].reason == "over"


def test_a_car_older_than_the_sheet_is_skipped_not_refused(judged: Judged) -> None:
    verdicts = judged(in_service_on=dt.date(2010, 1, 1))
    assert (verdicts["coverage_time"].outcome, verdicts["coverage_time"].reason) == ("skipped", "no_terms")
    assert verdicts["coverage_distance"].reason == "no_terms"


def test_a_car_that_came_in_before_its_coverage_began_fails(judged: Judged) -> None:
    assert judged(in_service_on=dt.date(2026, 5, 21))["coverage_time"].reason == "before_start"
    assert judged(in_service_on=dt.date(2026, 5, 20))["coverage_time"].reason == "within"


@pytest.mark.parametrize(
    ("vin", "outcome", "reason"),
    [
        ("LSVAA4182E2184848", "fail", "malformed"),
        ("WVWZZZ1KZAW123456", "pass", "not_decisive"),
        ("LSVAA4182E2184847", "pass", "good"),
        (None, "skipped", "vin_unknown"),
    ],
)
def test_a_vin_is_judged(judged: Judged, vin: str | None, outcome: str, reason: str) -> None:
    verdict = judged(vin=vin)["vin_plausible"]
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_car_of_another_maker_or_built_after_it_went_into_service_is_noticed(
    judged: Judged, terms: MakerTerms
) -> None:
    ours = terms.model_copy(update={"wmis": ("LFV",)})
    assert judged(maker=ours)["vin_plausible"].reason == "other_maker"
    assert judged(in_service_on=dt.date(1982, 1, 1))["vin_plausible"].reason == "built_later"


def test_odometer_doubts_use_the_offices_limits(judged: Judged) -> None:
    before = CarReading(claim="W-1", read_on=dt.date(2026, 5, 10), odometer_km=52_341)
    assert judged({"readings": (before,)})["odometer_plausible"].reason == "falling"
    assert (
        judged({"readings": (before.model_copy(update={"odometer_km": 52_340}),)})["odometer_plausible"].reason
        == "good"
    )
    assert (
        judged({"readings": (before.model_copy(update={"odometer_km": 37_340}),)})["odometer_plausible"].reason
        == "good"
    )
    assert (
        judged({"readings": (before.model_copy(update={"odometer_km": 37_339}),)})["odometer_plausible"].reason
        == "leaping"
    )


OTHER = EarlierClaim(
    number="W-7",
    state="submitted",
    reported_on=dt.date(2026, 1, 5),
    failed_part="喷油器",
    part_number="06H905110G",
    remedy="replaced",
    repair_order="RO-0",
)


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        ({}, "found"),
        ({"failed_part": "Injector", "part_number": "OTHER1"}, "found"),
        ({"failed_part": "水泵", "part_number": "06H905110G"}, "found"),
        ({"failed_part": "水泵", "part_number": "OTHER1"}, "none"),
        ({"state": "withdrawn"}, "none"),
        ({"state": "rejected"}, "none"),
        ({"state": "discarded"}, "none"),
        ({"state": "draft"}, "none"),
        ({"state": "approved"}, "found"),
    ],
)
def test_the_same_part_of_the_same_car_is_a_repeat_while_the_other_claim_stands(
    judged: Judged, update: dict[str, object], reason: str
) -> None:
    earlier = {"earlier": (OTHER.model_copy(update=update),)}
    assert judged(earlier)["repeat_repair"].reason == reason
    assert judged(earlier)["duplicate"].reason == "none"
    on_our_order = {"earlier": (OTHER.model_copy(update={**update, "repair_order": " ro-1"}),)}
    assert judged(on_our_order)["duplicate"].reason == reason


def test_the_latest_of_several_earlier_claims_is_named(judged: Judged) -> None:
    claims = tuple(
        EarlierClaim(number=f"W-{month}", state="approved", reported_on=dt.date(2026, month, 1), failed_part="喷油器")
        for month in (2, 4, 3)
    )
    assert judged({"earlier": claims})["repeat_repair"].values["claim"] == "W-4"


def line(kind: LineKind, code: str | None = None, quantity: str = "1", price: str = "100") -> Line:
    return Line(kind=kind, code=code, quantity=Decimal(quantity), unit_price=Decimal(price))


GOODWILL = {"claim_type": "goodwill", "goodwill_maker": Decimal(50), "goodwill_dealer": Decimal(50)}
SPARE = {"claim_type": "service_part", "part_fitted_on": dt.date(2025, 6, 1), "part_fitted_km": 40_000}
GRANTED = {
    "preauth_state": "granted",
    "preauth_number": "PA-1",
    "preauth_until": dt.date(2026, 6, 1),
    "preauth_amount": Decimal(1200),
}
NO_PHOTOS = PhotoSheet()
UNKNOWN_FAULT = {"fault_family": None}
DEAR = {"labour": Decimal("9100.01")}
BATTERY = {"fault_family": "traction_battery", "failed_part": "电池模组", "vin": "LGXCE6DD2N0000000"}
LATE = {"opened_at": dt.datetime(2027, 3, 11, 1, 0, tzinfo=dt.UTC)}
BEFORE_2013 = {"in_service_on": dt.date(2010, 1, 1)}
BEFORE_TABLES = {"opened_at": dt.datetime(2021, 5, 1, 1, 0, tzinfo=dt.UTC)}
SUBLET = {"lines": (line("sublet", "INV-7"),)}
DRIVEN = CarReading(claim="W-1", read_on=dt.date(2026, 5, 10), odometer_km=52_341)

CASES: tuple[tuple[str, Mapping[str, object], dict[str, Any]], ...] = (
    ("coverage_time within", {}, {}),
    ("coverage_time within", SPARE, {}),
    ("coverage_time over", LATE, {}),
    ("coverage_time over", {**SPARE, "part_fitted_on": dt.date(2025, 5, 19)}, {}),
    ("coverage_time before_start", {"in_service_on": dt.date(2026, 5, 21)}, {}),
    ("coverage_time fault_unknown", UNKNOWN_FAULT, {}),
    ("coverage_time in_service_unknown", {"in_service_on": None}, {}),
    ("coverage_time proof_unknown", {"in_service_proof": None}, {}),
    ("coverage_time no_terms", BEFORE_2013, {}),
    ("coverage_time by_type", GOODWILL, {}),
    ("coverage_time fitting_unknown", {**SPARE, "part_fitted_on": None}, {}),
    ("coverage_distance within", {}, {}),
    ("coverage_distance within", {**SPARE, "odometer_km": 140_000}, {}),
    ("coverage_distance over", {"odometer_km": 60_001}, {}),
    ("coverage_distance over", {**SPARE, "odometer_km": 140_001}, {}),
    ("coverage_distance fault_unknown", UNKNOWN_FAULT, {}),
    ("coverage_distance odometer_unknown", {"odometer_km": None}, {}),
    ("coverage_distance in_service_unknown", {"in_service_on": None}, {}),
    ("coverage_distance no_terms", BEFORE_2013, {}),
    ("coverage_distance by_type", {"claim_type": "campaign"}, {}),
    ("coverage_distance fitting_unknown", {**SPARE, "part_fitted_km": None}, {}),
    ("submission_window within", {}, {}),
    ("submission_window over", {}, {"today": dt.date(2026, 6, 21)}),
    ("submission_window by_type", GOODWILL, {}),
    ("submission_window closed_unknown", {"closed_at": None}, {}),
    ("submission_window no_terms", {"closed_at": dt.datetime(2014, 1, 1, tzinfo=dt.UTC)}, {}),
    ("vin_plausible good", {}, {}),
    ("vin_plausible not_decisive", {"vin": "WVWZZZ1KZAW123456"}, {}),
    ("vin_plausible malformed", {"vin": "LSVAA4182E2184848"}, {}),
    ("vin_plausible built_later", {"in_service_on": dt.date(1982, 1, 1)}, {}),
    ("vin_plausible vin_unknown", {"vin": None}, {}),
    ("car_sold sold", {}, {}),
    ("car_sold not_yet", {"claim_type": "pre_delivery", "in_service_on": None}, {}),
    ("car_sold no_date", {"in_service_on": None}, {}),
    ("car_sold desk_unknown", {"in_service_on": None, "repair_order": None}, {}),
    ("claim_type fits", {}, {}),
    ("claim_type fits", {"claim_type": "pre_delivery", "in_service_on": None}, {}),
    ("claim_type fits", {"claim_type": "pre_delivery", "in_service_on": dt.date(2026, 5, 21)}, {}),
    ("claim_type fits", {"claim_type": "campaign", "campaign_number": "SA-1"}, {}),
    ("claim_type fits", {"claim_type": "transport_damage", "in_service_on": None}, {}),
    ("claim_type fits", {"claim_type": "repeat_repair", "earlier_claim": "W-7"}, {}),
    ("claim_type fits", GOODWILL, {}),
    ("claim_type fits", SPARE, {}),
    ("claim_type sold_already", {"claim_type": "pre_delivery", "in_service_on": dt.date(2026, 5, 20)}, {}),
    ("claim_type not_sold_yet", {"in_service_on": dt.date(2026, 5, 21)}, {}),
    ("claim_type campaign_missing", {"claim_type": "campaign"}, {}),
    ("claim_type shares_missing", {"claim_type": "goodwill", "goodwill_maker": Decimal(50)}, {}),
    ("claim_type shares_missing", {**GOODWILL, "goodwill_dealer": Decimal("50.01")}, {}),
    ("claim_type fitting_missing", {"claim_type": "service_part"}, {}),
    ("claim_type fitted_later", {**SPARE, "part_fitted_km": 52_341}, {}),
    ("claim_type earlier_missing", {"claim_type": "repeat_repair"}, {}),
    ("claim_type opened_unknown", {"opened_at": None}, {}),
    ("claim_type in_service_unknown", {"in_service_on": None}, {}),
    ("odometer_plausible first_reading", {}, {}),
    ("odometer_plausible falling", {}, {"readings": (DRIVEN,)}),
    ("odometer_plausible good", {"odometer_km": 52_341}, {"readings": (DRIVEN,)}),
    ("odometer_plausible leaping", {"odometer_km": 67_342}, {"readings": (DRIVEN,)}),
    ("odometer_plausible implausible", {"odometer_km": 1_000_001}, {}),
    ("odometer_plausible odometer_unknown", {"odometer_km": None}, {}),
    ("duplicate none", {}, {"earlier": (OTHER,)}),
    ("duplicate found", {"repair_order": "RO-0"}, {"earlier": (OTHER,)}),
    ("duplicate part_unknown", {"failed_part": None, "part_number": None}, {}),
    ("duplicate order_unknown", {"repair_order": None}, {}),
    ("repeat_repair none", {}, {}),
    ("repeat_repair marked", {"claim_type": "repeat_repair", "earlier_claim": "W-7"}, {"earlier": (OTHER,)}),
    ("repeat_repair found", {}, {"earlier": (OTHER,)}),
    ("repeat_repair not_found", {"claim_type": "repeat_repair", "earlier_claim": "W-9"}, {"earlier": (OTHER,)}),
    ("repeat_repair part_unknown", {"failed_part": None, "part_number": None}, {}),
    ("evidence_complete complete", {}, {}),
    ("evidence_complete missing", {"photos": NO_PHOTOS}, {}),
    ("evidence_complete missing", {"claim_type": "transport_damage"}, {}),
    ("evidence_complete photos_unknown", {"photos": None}, {}),
    ("evidence_complete fault_unknown", UNKNOWN_FAULT, {}),
    ("evidence_complete remedy_unknown", {"remedy": None}, {}),
    ("story_agrees agrees", {}, {}),
    ("story_agrees differs", {"cause": "已修复"}, {}),
    ("story_agrees remedy_unknown", {"remedy": None}, {}),
    ("story_agrees cause_unknown", {"cause": None}, {}),
    ("cause_complete complete", {}, {}),
    ("cause_complete part_missing", {"failed_part": None}, {}),
    ("cause_complete number_missing", {"part_number": None}, {}),
    ("cause_complete cause_unknown", {"cause": None}, {}),
    ("labour_fits none", {"lines": ()}, {}),
    ("labour_fits fits", {}, {}),
    ("labour_fits fits", {**BATTERY, "lines": (line("labour", "EX-L301"),)}, {}),
    ("labour_fits other_fault", {"fault_family": "transmission"}, {}),
    ("labour_fits other_model", {**BATTERY, "vin": "LSVAA4182E2184847", "lines": (line("labour", "EX-L301"),)}, {}),
    ("labour_fits not_listed", {"lines": (line("labour", "EX-L101"), line("labour", "ZZ-1"))}, {}),
    ("labour_fits no_code", {"lines": (line("labour", "EX-L101"), line("labour", None))}, {}),
    ("labour_fits no_table", BEFORE_TABLES, {}),
    ("labour_fits fault_unknown", UNKNOWN_FAULT, {}),
    ("labour_fits vin_unknown", {**BATTERY, "vin": None, "lines": (line("labour", "EX-L301"),)}, {}),
    ("labour_fits lines_unknown", {"lines": None}, {}),
    ("labour_remedy none", {"lines": ()}, {}),
    ("labour_remedy agrees", {}, {}),
    ("labour_remedy agrees", {"lines": (line("labour", "EX-L501"),)}, {}),
    ("labour_remedy differs", {"lines": (line("labour", "EX-L102"),)}, {}),
    ("labour_remedy differs", {"remedy": "repaired"}, {}),
    ("labour_remedy not_listed", {"lines": (line("labour", "ZZ-1"), line("labour", None))}, {}),
    ("labour_remedy no_code", {"lines": (line("labour", None),)}, {}),
    ("labour_remedy no_table", BEFORE_TABLES, {}),
    ("labour_remedy remedy_unknown", {"remedy": None}, {}),
    ("labour_remedy lines_unknown", {"lines": None}, {}),
    ("labour_hours none", {"lines": ()}, {}),
    ("labour_hours within", {}, {}),
    ("labour_hours over", {"lines": (line("labour", "EX-L101", "1"), line("labour", "EX-L101", "0.51"))}, {}),
    ("labour_hours not_listed", {"lines": (line("labour", "ZZ-1"),)}, {}),
    ("labour_hours no_code", {"lines": (line("labour", None),)}, {}),
    ("labour_hours no_table", BEFORE_TABLES, {}),
    ("labour_hours lines_unknown", {"lines": None}, {}),
    ("part_quantity none", {"lines": ()}, {}),
    ("part_quantity within", {"lines": (line("part", "EX-06H906036", "4"),)}, {}),
    ("part_quantity over", {"lines": (line("part", "EX-06H906036", "5"),)}, {}),
    ("part_quantity over", {"lines": (line("part", "EX-06H121026"), line("part", "EX-06H121026"))}, {}),
    ("part_quantity not_listed", {"lines": (line("part", "ZZ-1"),)}, {}),
    ("part_quantity no_table", BEFORE_TABLES, {}),
    ("part_quantity lines_unknown", {"lines": None}, {}),
    ("sublet_invoice none", {}, {}),
    ("sublet_invoice there", {**SUBLET, "photos": PhotoSheet(slots={"sublet_invoice": ("a" * 64,)})}, {}),
    ("sublet_invoice missing", SUBLET, {}),
    ("sublet_invoice photos_unknown", {**SUBLET, "photos": None}, {}),
    ("sublet_invoice lines_unknown", {"lines": None}, {}),
    ("preauthorised not_needed", {}, {}),
    ("preauthorised not_needed", {"labour": Decimal(9100)}, {}),
    ("preauthorised not_needed", {"failed_part": "涡轮增压器", "part_number": "T1"}, {}),
    ("preauthorised granted", {**GRANTED, "preauth_amount": Decimal(1200)}, {}),
    ("preauthorised granted", {**GRANTED, **DEAR, "preauth_amount": None}, {}),
    ("preauthorised missing", DEAR, {}),
    ("preauthorised missing", {"failed_part": "机电控制单元"}, {}),
    ("preauthorised missing", {"lines": (line("labour", "EX-L301"),)}, {}),
    ("preauthorised missing", GOODWILL, {}),
    (
        "preauthorised missing",
        {"failed_part": "涡轮增压器"},
        {"earlier": (OTHER.model_copy(update={"failed_part": "Turbocharger"}),)},
    ),
    ("preauthorised requested", {**DEAR, "preauth_state": "requested"}, {}),
    ("preauthorised refused", {**DEAR, "preauth_state": "refused"}, {}),
    ("preauthorised expired", {**GRANTED, **GOODWILL, "preauth_until": dt.date(2026, 5, 31)}, {}),
    ("preauthorised too_little", {**GRANTED, **GOODWILL, "preauth_amount": Decimal("599.99")}, {}),
    ("preauthorised not_needed", {**GRANTED, "preauth_until": dt.date(2026, 5, 31)}, {}),
    ("preauthorised granted", {**GRANTED, **GOODWILL}, {}),
    ("preauthorised granted", {**GRANTED, **GOODWILL, **DEAR, "preauth_amount": Decimal(6000)}, {}),
    ("preauthorised no_terms", BEFORE_TABLES, {}),
    ("preauthorised amount_unknown", {"labour": None}, {}),
    ("preauthorised no_amount", {}, {"currency": "JPY"}),
    ("preauthorised part_unknown", {"failed_part": None}, {}),
    ("preauthorised missing", {}, {"car_standing": "reached"}),
    ("preauthorised not_needed", {}, {"car_standing": "last"}),
    ("preauthorised use_unknown", {"car_use": "unknown"}, {}),
    ("preauthorised use_unknown", {"car_use": None}, {}),
    ("preauthorised lines_unknown", {"lines": None}, {}),
    ("old_parts_back none", {}, {}),
    ("old_parts_back overdue", {}, {"overdue_parts": (OverduePart(claim="W-3", due_on=dt.date(2026, 5, 1)),)}),
    ("old_parts_back not_kept", {}, {"overdue_parts": None}),
)
"""Rule and reason, by which facts of the complete claim and what the office knows it is met."""


@pytest.mark.parametrize(("case", "facts", "knowing"), CASES, ids=[case for case, _, _ in CASES])
def test_a_rule_says_what_it_finds(
    judged: Judged, case: str, facts: Mapping[str, object], knowing: dict[str, Any]
) -> None:
    rule, _, reason = case.partition(" ")
    assert judged(knowing, **facts)[rule].reason == reason


def test_every_rule_has_a_case_that_passes_one_that_fails_and_one_that_is_skipped() -> None:
    met: dict[str, set[str]] = {}
    for case, _, _ in CASES:
        rule, _, reason = case.partition(" ")
        met.setdefault(rule, set()).add(REASONS[rule][reason][0])  # type: ignore[index]  # the names are those of the rules
    assert met == {rule: {"pass", "fail", "skipped"} for rule in REASONS}


def test_every_reason_but_those_told_apart_elsewhere_has_a_case() -> None:
    met = {case for case, _, _ in CASES}
    elsewhere = {"coverage_time no_limit", "coverage_distance no_limit", "vin_plausible other_maker"}
    elsewhere |= {"evidence_complete explained"}
    assert {f"{rule} {reason}" for rule, reasons in REASONS.items() for reason in reasons} - met == elsewhere


def test_a_family_without_a_limit_passes(judged: Judged, terms: MakerTerms) -> None:
    for rule, limits in (("coverage_time", {"months": None}), ("coverage_distance", {"km": None})):
        family = terms.part_families["vehicle"]
        versions = tuple(each.model_copy(update=limits) for each in family.versions)
        families = {**terms.part_families, "vehicle": family.model_copy(update={"versions": versions})}
        assert judged(maker=terms.model_copy(update={"part_families": families}))[rule].reason == "no_limit"


def test_a_makers_file_without_the_family_of_spare_parts_is_skipped(judged: Judged, terms: MakerTerms) -> None:
    families = {name: family for name, family in terms.part_families.items() if name != "genuine_part"}
    ours = terms.model_copy(update={"part_families": families})
    verdicts = judged(maker=ours, **SPARE)
    assert [verdicts[name].reason for name in ("coverage_time", "coverage_distance")] == ["no_terms", "no_terms"]


def test_each_thing_that_wants_a_preauthorisation_is_named(judged: Judged) -> None:
    facts = {**GOODWILL, **DEAR, "failed_part": "机电控制单元", "lines": (line("labour", "EX-L301"),)}
    earlier = {"earlier": (OTHER.model_copy(update={"failed_part": "Mechatronics unit"}),)}
    verdict = judged(earlier, **facts)["preauthorised"]
    said = str(phrase(verdict.words, "en", verdict.values))
    for why in ("CN¥10,000.01 is over CN¥10,000.00", "Mechatronics unit is on", "EX-L301", "second", "W-7", "Goodwill"):
        assert why in said


def test_an_error_blocks_a_warning_wants_words_and_one_explained_neither(judged: Judged, complete: Facts) -> None:
    verdicts = judged({"earlier": (OTHER,)}, odometer_km=60_001)
    found = in_the_way(tuple(verdicts.values()), complete)
    assert [each.rule for each in found] == ["coverage_distance", "repeat_repair"]
    told = complete.model_copy(update={"explained": ("coverage_distance over", "repeat_repair found")})
    assert [each.rule for each in in_the_way(tuple(verdicts.values()), told)] == ["coverage_distance"]
    gaps = judged(photos=PhotoSheet(gaps=dict.fromkeys(complete.photos.slots if complete.photos else (), "later")))
    assert gaps["evidence_complete"].explained
    assert in_the_way(tuple(gaps.values()), complete) == ()


def test_a_missing_picture_fails_and_one_with_a_reason_is_told_as_explained(judged: Judged, complete: Facts) -> None:
    assert complete.photos is not None
    slots = {name: held for name, held in complete.photos.slots.items() if name != "part_label"}
    bare = judged(photos=PhotoSheet(slots=slots))["evidence_complete"]
    assert (bare.outcome, bare.reason, bare.explained) == ("fail", "missing", False)
    assert phrase(bare.words, "en", bare.values) == "missing: Part label"
    told = judged(photos=PhotoSheet(slots=slots, gaps={"part_label": "worn <off>"}))["evidence_complete"]
    assert (told.outcome, told.reason, told.explained) == ("fail", "explained", True)
    assert "worn &lt;off&gt;" in phrase(told.words, "zh", told.values)


def test_a_story_that_says_the_other_fails(judged: Judged) -> None:
    assert judged(cause="已修复")["story_agrees"].outcome == "fail"


def test_a_rule_of_the_desk_is_not_told_to_the_technician(
    audit_sheet: AuditSheet, terms: MakerTerms, plans: EvidencePlans, known: Known, complete: Facts
) -> None:
    rules = {**audit_sheet.rules, "repeat_repair": audit_sheet.rules["repeat_repair"].model_copy(update={"at": "desk"})}
    sheet = audit_sheet.model_copy(update={"rules": rules})
    at_technician = judge(complete, known, sheet=sheet, terms=terms, plans=plans, at="technician")
    assert "repeat_repair" not in {verdict.rule for verdict in at_technician}
    assert "repeat_repair" in {
        verdict.rule for verdict in judge(complete, known, sheet=sheet, terms=terms, plans=plans)
    }


def test_mistakes_in_the_audit_sheet_are_told(audit_sheet: AuditSheet) -> None:
    raw = audit_sheet.model_dump(by_alias=True)
    del raw["rules"]["duplicate"]
    says = raw["rules"]["coverage_time"]["says"]
    del says["over"]
    says["sunny"] = {"en": "a", "zh": "甲"}
    says["within"]["en"] = "until {end_on}"
    raw["proofs"].pop("invoice")
    raw["types"].pop("goodwill")
    raw["triggers"].pop("part")
    raw["triggers"]["labour"]["zh"] = "{code}"
    told = {each.at: each.what for each in AuditSheet.model_validate(raw).problems()}
    assert told == {
        ("rules",): "the rule duplicate is missing",
        ("rules", "coverage_time", "says"): "the reason over (fail) has no words",
        ("rules", "coverage_time", "says", "sunny"): "the rule never says sunny",
        ("rules", "coverage_time", "says", "within", "en"): "{end_on} is not known here",
        ("proofs",): "the proof invoice has no words",
        ("types",): "the type goodwill has no words",
        ("triggers",): "the trigger part has no words",
        ("triggers", "labour", "zh"): "{code} is not known here",
    }
