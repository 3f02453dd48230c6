import datetime as dt
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from claimbot.claims.authority import NORMAL, AuthoritySheet, signatures_needed
from claimbot.claims.coverage import CoverageLine, MakerTerms, coverage_of, family_of, window_of
from claimbot.claims.facts import ClaimType, FaultFamily
from claimbot.claims.life import Role
from claimbot.claims.words import Money

SOURCE = {"en": "letter", "zh": "通知"}
ON = dt.date(2026, 6, 1)


def yuan(amount: str, currency: str = "CNY") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def needed_by(
    sheet: AuthoritySheet,
    amount: Money,
    role: Role,
    site: str,
    on: dt.date,
    claim_type: ClaimType = NORMAL,
    kind: str = "warranty",
) -> int:
    return signatures_needed(sheet.line_for(amount.currency, role, site, on, claim_type, kind), amount)


def test_the_shipped_terms_and_authority_have_no_problems(terms: MakerTerms, authority: AuthoritySheet) -> None:
    assert terms.problems() == ()
    assert authority.problems() == ()


@pytest.mark.parametrize(("amount", "needed"), [("4999.99", 1), ("5000", 1), ("5000.01", 2), ("0", 1)])
def test_above_the_amount_a_second_supervisor_signs(authority: AuthoritySheet, amount: str, needed: int) -> None:
    assert needed_by(authority, yuan(amount), "supervisor", "SH01", ON) == needed


@pytest.mark.parametrize("claim_type", get_args(ClaimType))
@pytest.mark.parametrize("currency", ["CNY", "EUR", "USD"])
def test_the_shipped_amount_of_each_type_is_the_last_that_one_signs_alone(
    authority: AuthoritySheet, claim_type: ClaimType, currency: str
) -> None:
    small = claim_type == "goodwill"
    limit = Decimal((1000 if small else 5000) if currency == "CNY" else 150 if small else 800)
    found = [
        needed_by(authority, yuan(str(limit + cent), currency), "supervisor", "SH01", ON, claim_type)
        for cent in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))
    ]
    assert found == [1, 1, 2]


def test_a_line_for_a_type_goes_before_all_that_name_none_and_a_site_within_it_before_all_sites() -> None:
    made = sheet(
        {},
        {"site": "SH01", "alone_up_to": 300},
        {"claim_type": "goodwill", "alone_up_to": 20},
        {"claim_type": "goodwill", "site": "BJ01", "alone_up_to": 40},
    )
    assert made.problems() == ()
    cases: list[tuple[str, ClaimType, int]] = [
        ("SH01", "goodwill", 20),
        ("BJ01", "goodwill", 40),
        ("SH01", "normal", 300),
        ("BJ01", "campaign", 100),
    ]
    for site, claim_type, limit in cases:
        assert needed_by(made, yuan(str(limit)), "supervisor", site, ON, claim_type) == 1
        assert needed_by(made, yuan(f"{limit}.01"), "supervisor", site, ON, claim_type) == 2


def test_who_has_several_roles_has_the_largest_of_their_amounts() -> None:
    made = sheet({}, {"role": "administrator", "alone_up_to": 900})
    roles: set[Role] = {"supervisor", "administrator", "technician"}
    assert signatures_needed(made.largest("CNY", roles, "SH01", ON), yuan("900")) == 1
    assert signatures_needed(made.largest("CNY", roles, "SH01", ON), yuan("900.01")) == 2
    assert signatures_needed(made.largest("CNY", {"supervisor"}, "SH01", ON), yuan("100.01")) == 2
    assert made.largest("CNY", {"technician"}, "SH01", ON) is None


def test_without_a_fitting_line_two_sign(authority: AuthoritySheet) -> None:
    assert needed_by(authority, yuan("1", "JPY"), "supervisor", "SH01", ON) == 2
    assert needed_by(authority, yuan("1"), "clerk", "SH01", ON) == 2
    assert needed_by(authority, yuan("1"), "supervisor", "SH01", dt.date(2019, 12, 31)) == 2


def sheet(*lines: dict[str, object]) -> AuthoritySheet:
    common = {
        "role": "supervisor",
        "currency": "CNY",
        "alone_up_to": 100,
        "from": dt.date(2026, 1, 1),
        "source": SOURCE,
    }
    return AuthoritySheet.model_validate({"authority": [{**common, **line} for line in lines]})


def test_a_site_goes_before_all_sites_and_a_kind_before_all_kinds() -> None:
    made = sheet({}, {"kind": "warranty", "alone_up_to": 200}, {"site": "SH01", "alone_up_to": 300})
    assert needed_by(made, yuan("300"), "supervisor", "SH01", ON) == 1
    assert needed_by(made, yuan("201"), "supervisor", "BJ01", ON) == 2
    assert needed_by(made, yuan("200"), "supervisor", "BJ01", ON) == 1
    assert needed_by(made, yuan("101"), "supervisor", "BJ01", ON, kind="contract") == 2


def test_the_amount_of_the_day_counts() -> None:
    made = sheet({"until": dt.date(2026, 5, 31)}, {"from": dt.date(2026, 6, 1), "alone_up_to": 50})
    assert made.problems() == ()
    assert needed_by(made, yuan("100"), "supervisor", "SH01", dt.date(2026, 5, 31)) == 1
    assert needed_by(made, yuan("100"), "supervisor", "SH01", dt.date(2026, 6, 1)) == 2


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (({}, {"from": dt.date(2026, 6, 1)}), "overlaps"),
        (({"until": dt.date(2026, 5, 31)}, {"from": dt.date(2026, 5, 31)}), "overlaps"),
        (({"until": dt.date(2026, 5, 31)}, {"from": dt.date(2026, 6, 2)}), "leaves a hole"),
        (({"until": dt.date(2025, 5, 31)},), "before it begins"),
        (({"source": {"en": " ", "zh": ""}},), "no source is given"),
    ],
)
def test_mistakes_in_dated_lines_are_told(lines: tuple[dict[str, object], ...], what: str) -> None:
    assert any(what in each.what for each in sheet(*lines).problems())


@given(st.decimals(0, 100_000, places=2), st.decimals(0, 100_000, places=2))
def test_a_larger_amount_never_needs_fewer_signatures(authority: AuthoritySheet, one: Decimal, two: Decimal) -> None:
    low, high = sorted((one, two))
    needed = [needed_by(authority, yuan(str(each)), "supervisor", "SH01", ON) for each in (low, high)]
    assert needed == sorted(needed)


@pytest.mark.parametrize(
    ("fault", "part", "in_service_on", "months", "km"),
    [
        ("engine", "Injector", dt.date(2022, 1, 1), 36, 60_000),
        ("engine", "喷油器", dt.date(2021, 12, 31), 24, 50_000),
        ("engine", "some bracket", dt.date(2024, 1, 1), 36, 60_000),
        ("engine", None, dt.date(2024, 1, 1), 36, 60_000),
        ("engine", "火花塞", dt.date(2024, 1, 1), 6, 5_000),
        ("traction_battery", "电芯", dt.date(2024, 1, 1), 96, 120_000),
        ("other", "Brake pads", dt.date(2024, 1, 1), 6, 5_000),
        ("electronics", "电池管理系统(bms)", dt.date(2024, 1, 1), 96, 120_000),
    ],
)
def test_coverage_goes_by_part_and_by_the_day_the_car_went_into_service(
    terms: MakerTerms, fault: FaultFamily, part: str | None, in_service_on: dt.date, months: int, km: int
) -> None:
    coverage = coverage_of(terms, fault, part, in_service_on)
    assert coverage is not None
    assert (coverage.months, coverage.km) == (months, km)


def test_coverage_ends_on_the_same_number_and_a_car_before_the_sheet_has_none(terms: MakerTerms) -> None:
    coverage = coverage_of(terms, "engine", None, dt.date(2024, 2, 29))
    assert coverage is not None
    assert coverage.ends_on == dt.date(2027, 2, 28)
    assert coverage_of(terms, "engine", None, dt.date(2013, 9, 30)) is None
    assert coverage_of(terms, "traction_battery", None, dt.date(2015, 12, 31)) is None


def test_wear_parts_have_terms_of_their_own(terms: MakerTerms) -> None:
    assert family_of(terms, "brakes_steering", "制动片").wear
    assert not family_of(terms, "brakes_steering", "转向机").wear


def test_every_fault_family_offers_common_parts_in_both_languages(terms: MakerTerms) -> None:
    for fault in terms.faults:
        parts = terms.parts_of(fault)
        assert 6 <= len(parts) <= 10
        for name, part in parts.items():
            for text in (part.words.en, part.words.zh, name):
                named = terms.part_named(text, fault)
                assert named is not None
                assert named.name == name


@pytest.mark.parametrize(
    ("closed", "days"),
    [
        (dt.datetime(2023, 12, 31, 15, 59, tzinfo=dt.UTC), 60),
        (dt.datetime(2023, 12, 31, 16, 0, tzinfo=dt.UTC), 30),  # midnight in Shanghai
        (dt.datetime(2026, 5, 21, 9, 0, tzinfo=dt.UTC), 30),
    ],
)
def test_the_window_is_the_one_of_the_sites_day_on_which_the_repair_closed(
    terms: MakerTerms, closed: dt.datetime, days: int
) -> None:
    window = window_of(terms, closed, "Asia/Shanghai")
    assert window is not None
    assert window.days == days
    assert (window.due_on - window.closed_on).days == days
    assert window.due_at == dt.datetime.combine(window.due_on, dt.time(15, 59, 59), tzinfo=dt.UTC)


def test_before_the_first_line_there_is_no_window(terms: MakerTerms) -> None:
    assert window_of(terms, dt.datetime(2014, 6, 1, tzinfo=dt.UTC), "Asia/Shanghai") is None


def test_coverage_needs_a_limit_and_positive_numbers() -> None:
    line = {"from": dt.date(2026, 1, 1), "source": SOURCE}
    for wrong in ({}, {"months": 0}, {"km": -1}, {"months": 12, "kms": 5}):
        with pytest.raises(ValidationError):
            CoverageLine.model_validate({**line, **wrong})
    assert CoverageLine.model_validate({**line, "km": 100}).months is None


def test_mistakes_in_a_makers_file_are_told(terms: MakerTerms) -> None:
    raw = terms.model_dump(by_alias=True)
    raw["faults"]["engine"]["family"] = "vehicel"
    raw["faults"]["engine"]["parts"]["thermostat"]["family"] = "weer"
    raw["faults"]["engine"]["parts"]["water_pump"]["words"] = raw["faults"]["engine"]["parts"]["injector"]["words"]
    raw["submission_window"][0]["until"] = dt.date(2023, 12, 30)
    del raw["faults"]["other"]
    told = {each.at: each.what for each in MakerTerms.model_validate(raw).problems()}
    assert told == {
        ("faults", "engine", "family"): "there is no part family vehicel",
        ("faults", "engine", "parts", "thermostat", "family"): "there is no part family weer",
        ("faults", "engine", "parts", "water_pump", "words"): "injector has the same name",
        ("faults",): "the fault family other has no entry",
        ("submission_window", 1, "from"): "leaves a hole after 2023-12-30: no line holds in between",
    }
