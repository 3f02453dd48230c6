import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from claimbot.claims.audit import REASONS, AuditSheet, Verdict, judge
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.facts import CarReading, EarlierClaim, Facts, Known, PhotoSheet
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
    verdicts = judge(Facts(), known, sheet=audit_sheet, terms=terms, plans=plans)
    assert {verdict.outcome for verdict in verdicts} == {"skipped"}
    assert all("yet" in verdict.words.en for verdict in verdicts)


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
def test_the_same_part_of_the_same_car_is_a_duplicate_while_the_other_claim_stands(
    judged: Judged, update: dict[str, object], reason: str
) -> None:
    other = EarlierClaim(
        number="W-7", state="submitted", reported_on=dt.date(2026, 1, 5), failed_part="喷油器", part_number="06H905110G"
    )
    verdict = judged({"earlier": (other.model_copy(update=update),)})["duplicate"]
    assert verdict.reason == reason


def test_the_latest_of_several_duplicates_is_named(judged: Judged) -> None:
    claims = tuple(
        EarlierClaim(number=f"W-{month}", state="approved", reported_on=dt.date(2026, month, 1), failed_part="喷油器")
        for month in (2, 4, 3)
    )
    assert judged({"earlier": claims})["duplicate"].values["claim"] == "W-4"


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
    rules = {**audit_sheet.rules, "duplicate": audit_sheet.rules["duplicate"].model_copy(update={"at": "desk"})}
    sheet = audit_sheet.model_copy(update={"rules": rules})
    at_technician = judge(complete, known, sheet=sheet, terms=terms, plans=plans, at="technician")
    assert "duplicate" not in {verdict.rule for verdict in at_technician}
    assert "duplicate" in {verdict.rule for verdict in judge(complete, known, sheet=sheet, terms=terms, plans=plans)}


def test_mistakes_in_the_audit_sheet_are_told(audit_sheet: AuditSheet) -> None:
    raw = audit_sheet.model_dump(by_alias=True)
    del raw["rules"]["duplicate"]
    says = raw["rules"]["coverage_time"]["says"]
    del says["over"]
    says["sunny"] = {"en": "a", "zh": "甲"}
    says["within"]["en"] = "until {end_on}"
    raw["proofs"].pop("invoice")
    told = {each.at: each.what for each in AuditSheet.model_validate(raw).problems()}
    assert told == {
        ("rules",): "the rule duplicate is missing",
        ("rules", "coverage_time", "says"): "the reason over (fail) has no words",
        ("rules", "coverage_time", "says", "sunny"): "the rule never says sunny",
        ("rules", "coverage_time", "says", "within", "en"): "{end_on} is not known here",
        ("proofs",): "the proof invoice has no words",
    }
