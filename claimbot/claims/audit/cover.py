"""What is asked of the car: is it covered, in time, sold, itself, and is the claim of the right type."""

import datetime as dt
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from claimbot.claims.audit.case import Answer, Case
from claimbot.claims.coverage import Coverage, PartFamily, coverage_from, family_of, window_of
from claimbot.claims.facts import Facts
from claimbot.claims.odometer import earlier_readings, judge_odometer
from claimbot.claims.sheet import in_force
from claimbot.claims.vin import describe_vin, read_vin
from claimbot.claims.words import Words

_HUNDRED: Final = Decimal(100)


def coverage_time(case: Case) -> Answer:  # noqa: PLR0911  one way out a reason
    facts = case.facts
    if case.type.coverage == "none":
        return _by_type(case)
    if facts.fault_family is None:
        return Answer("fault_unknown", {})
    if case.type.coverage == "fitted_part":
        if facts.part_fitted_on is None:
            return Answer("fitting_unknown", {})
        return _within_time(case, _family(case), facts.part_fitted_on, case.sheet.fitting)
    if facts.in_service_on is None:
        return Answer("in_service_unknown", {})
    if facts.in_service_proof is None:
        return Answer("proof_unknown", {"in_service_on": facts.in_service_on})
    return _within_time(case, _family(case), facts.in_service_on, case.sheet.proofs[facts.in_service_proof])


def _by_type(case: Case) -> Answer:
    return Answer("by_type", {"type": case.type.words, "because": case.type.because}, case.type.source)


def _family(case: Case) -> PartFamily | None:
    """The family whose terms hold; None where the maker's file has none of the type's."""
    if case.type.family is not None:
        return case.terms.part_families.get(case.type.family)
    return (
        None
        if case.facts.fault_family is None
        else family_of(case.terms, case.facts.fault_family, case.facts.failed_part)
    )


def _within_time(case: Case, family: PartFamily | None, start: dt.date, proof: Words) -> Answer:
    coverage: Coverage | None = None if family is None else coverage_from(family, start)
    if family is None or coverage is None:
        words = case.type.words if family is None else family.words
        return Answer("no_terms", {"family": words, "in_service_on": start})
    if case.judged_on < start:
        values: dict[str, object] = {"in_service_on": start, "proof": proof, "judged_on": case.judged_on}
        return Answer("before_start", values, coverage.source)
    if coverage.ends_on is None:
        return Answer("no_limit", {"family": coverage.family}, coverage.source)
    values = {
        "family": coverage.family,
        "months": coverage.months,
        "in_service_on": start,
        "proof": proof,
        "ends_on": coverage.ends_on,
        "judged_on": case.judged_on,
    }
    over = (case.judged_on - coverage.ends_on).days
    return (
        Answer("over", {**values, "days_over": over}, coverage.source)
        if over > 0
        else Answer("within", values, coverage.source)
    )


def coverage_distance(case: Case) -> Answer:
    facts, family = case.facts, _family(case)
    if case.type.coverage == "none":
        return _by_type(case)
    if facts.fault_family is None:
        return Answer("fault_unknown", {})
    if facts.odometer_km is None:
        return Answer("odometer_unknown", {})
    if case.type.coverage == "terms":
        return _within_distance(case, family, facts.in_service_on, facts.odometer_km)
    if facts.part_fitted_on is None or facts.part_fitted_km is None:
        return Answer("fitting_unknown", {})
    return _within_distance(case, family, facts.part_fitted_on, facts.odometer_km - facts.part_fitted_km)


def _within_distance(case: Case, family: PartFamily | None, start: dt.date | None, km: int) -> Answer:
    if family is None:
        return Answer("no_terms", {"family": case.type.words, "in_service_on": start})
    if start is not None:
        line = in_force(family.versions, start)
    elif len({each.km for each in family.versions}) == 1:
        line = family.versions[-1]  # the date cannot make a difference
    else:
        return Answer("in_service_unknown", {})
    if line is None:
        return Answer("no_terms", {"family": family.words, "in_service_on": start})
    if line.km is None:
        return Answer("no_limit", {"family": family.words}, line.source)
    values = {"family": family.words, "km": km, "most": line.km}
    if km > line.km:
        return Answer("over", {**values, "over_km": km - line.km}, line.source)
    return Answer("within", values, line.source)


def submission_window(case: Case) -> Answer:
    if case.type.window == "none":
        return _by_type(case)
    if case.facts.closed_at is None:
        return Answer("closed_unknown", {})
    window = window_of(case.terms, case.facts.closed_at, case.known.zone)
    if window is None:
        closed_on = case.facts.closed_at.astimezone(ZoneInfo(case.known.zone)).date()
        return Answer("no_terms", {"closed_on": closed_on})
    values = {"closed_on": window.closed_on, "days": window.days, "due_on": window.due_on}
    left = (window.due_on - (case.known.reported_on or case.known.today)).days
    if left < 0:
        return Answer("over", {**values, "days_late": -left, "on_miss": window.on_miss}, window.source)
    return Answer("within", {**values, "days_left": left}, window.source)


def vin_plausible(case: Case) -> Answer:
    vin, in_service_on = case.facts.vin, case.facts.in_service_on
    if vin is None:
        return Answer("vin_unknown", {})
    reading = read_vin(vin)
    if reading.vin is None:
        return Answer("malformed", {"vin": vin})
    if case.terms.wmis and not vin.startswith(case.terms.wmis):
        return Answer("other_maker", {"vin": vin, "maker": case.terms.maker})
    years = describe_vin(vin, case.known.today).years
    if in_service_on is not None and years and min(years) > in_service_on.year + 1:
        return Answer("built_later", {"vin": vin, "year": str(min(years)), "in_service_on": in_service_on})
    return Answer("good" if reading.check == "passed" else "not_decisive", {"vin": vin})


def car_sold(case: Case) -> Answer:
    """Whether the car's sale is known by its date; only one that is claimed as not delivered yet may be without."""
    facts = case.facts
    if facts.in_service_on is not None:
        return Answer("sold", {"in_service_on": facts.in_service_on})
    if facts.claim_type == "pre_delivery":
        return Answer("not_yet", {"type": case.type.words})
    return Answer("desk_unknown" if facts.repair_order is None else "no_date", {})


def claim_type(case: Case) -> Answer:
    """Whether the claim says what its type needs, and is of the type that its dates tell."""
    facts, said = case.facts, {"type": case.type.words}
    lacking = _lacking(facts)
    if lacking is not None:
        return Answer(lacking, said)
    unsold = facts.claim_type == "pre_delivery"
    if facts.claim_type in {"campaign", "transport_damage"} or (unsold and facts.in_service_on is None):
        return Answer("fits", said)
    if facts.opened_at is None:
        return Answer("opened_unknown", said)
    if facts.in_service_on is None:
        return Answer("in_service_unknown", said)
    before = case.judged_on < facts.in_service_on
    if before == unsold:
        return Answer("fits", said)
    dates = {**said, "in_service_on": facts.in_service_on, "judged_on": case.judged_on}
    return Answer("sold_already" if unsold else "not_sold_yet", dates)


def _lacking(facts: Facts) -> str | None:
    """The reason that says what the type asks for and nobody told, or told wrong."""
    match facts.claim_type:
        case "campaign" if facts.campaign_number is None:
            return "campaign_missing"
        case "goodwill" if not _shares_fit(facts.goodwill_maker, facts.goodwill_dealer):
            return "shares_missing"
        case "repeat_repair" if facts.earlier_claim is None:
            return "earlier_missing"
        case "service_part" if facts.part_fitted_on is None or facts.part_fitted_km is None:
            return "fitting_missing"
        case "service_part" if facts.odometer_km is not None and facts.odometer_km < (facts.part_fitted_km or 0):
            return "fitted_later"
        case _:
            return None


def _shares_fit(maker: Decimal | None, dealer: Decimal | None) -> bool:
    return maker is not None and dealer is not None and min(maker, dealer) >= 0 and maker + dealer <= _HUNDRED


def odometer_plausible(case: Case) -> Answer:
    km, readings = case.facts.odometer_km, case.known.readings
    if km is None:
        return Answer("odometer_unknown", {})
    limits = case.sheet.odometer_limits(case.judged_on)
    for doubt in judge_odometer(km, readings, case.judged_on, limits):
        return Answer(doubt.doubt, doubt.values)
    earlier = earlier_readings(readings, case.judged_on)
    if not earlier:
        return Answer("first_reading", {"km": km})
    last = max(earlier, key=lambda each: (each.read_on, each.odometer_km))
    return Answer("good", {"km": km, "last_km": last.odometer_km, "last_on": last.read_on})
