import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.vin import WmiTable, check_digit, describe_vin, read_vin, short_vin

GOOD = "LSVAA4182E2184847"
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
ON = dt.date(2026, 11, 24)

vins = st.text(LETTERS, min_size=17, max_size=17)
checked_vins = vins.map(lambda vin: vin[:8] + check_digit(vin) + vin[9:])


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        (GOOD, ()),
        ("lsvaa4182e2184847", ("lower_case",)),
        ("ＬＳＶＡＡ４１８２Ｅ２１８４８４７", ("full_width",)),
        (" LSV-AA4 182.E2184847 ", ("spaces",)),
        ("LSVAA4I82E2I84847", ("letter_i",)),
        ("*LSVAA4182E2184847*", ("spaces",)),
        ("VIN: LSVAA4182E2184847", ()),
        ("车架号：LSVAA4182E2184847", ()),
    ],
)
def test_a_vin_is_read_and_each_mending_is_told(typed: str, mended: tuple[str, ...]) -> None:
    reading = read_vin(typed)
    assert (reading.vin, reading.mended, reading.problem, reading.check) == (GOOD, mended, None, "passed")


def test_o_and_q_become_zero() -> None:
    vin = "LSVAA418XE0084847"
    good = vin[:8] + check_digit(vin) + vin[9:]
    reading = read_vin(good.replace("0", "O", 1).replace("0", "q", 1))
    assert reading.vin == good
    assert reading.mended == ("lower_case", "letter_o", "letter_q")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "too_short"),
        ("184847", "too_short"),
        (GOOD[:16], "too_short"),
        (GOOD + "1", "too_long"),
        ("你好", "bad_characters"),
        ("LSVAA4182E218484?", "bad_characters"),
        ("LSVAA4182E2184848", "check_digit"),
    ],
)
def test_what_is_no_vin_says_why(typed: str, problem: str) -> None:
    reading = read_vin(typed)
    assert reading.vin is None
    assert reading.problem == problem


@pytest.mark.parametrize("first", list("LH12345"))
def test_the_check_digit_decides_in_china_and_north_america(first: str) -> None:
    vin = first + "SVAA418XE2184847"
    wrong = vin[:8] + ("1" if check_digit(vin) != "1" else "2") + vin[9:]
    assert (read_vin(wrong).vin, read_vin(wrong).check) == (None, "failed_enforced")


def test_elsewhere_a_failing_check_digit_only_warns_and_a_filler_is_no_check_digit() -> None:
    vin = "WVWZZZ1K0AW123456"
    wrong = vin[:8] + ("1" if check_digit(vin) != "1" else "2") + vin[9:]
    assert (read_vin(wrong).vin, read_vin(wrong).check) == (wrong, "failed_warned")
    assert read_vin("WVWZZZ1KZAW123456").check == "not_used"


def test_known_real_vins_pass() -> None:
    for vin in (GOOD, "1HGCM82633A004352", "11111111111111111", "1M8GDM9AXKP042788"):
        assert read_vin(vin).check == "passed"


@given(checked_vins)
def test_a_vin_with_its_check_digit_comes_back_unmended(vin: str) -> None:
    assert read_vin(vin).vin == vin
    assert read_vin(vin).mended == ()


@given(st.text(max_size=40))
def test_mending_a_mended_vin_changes_nothing(text: str) -> None:
    once = read_vin(text)
    if once.vin is not None:
        again = read_vin(once.vin)
        assert (again.vin, again.mended) == (once.vin, ())
    else:
        assert once.problem is not None


@given(checked_vins, st.integers(0, 16), st.sampled_from(LETTERS))
def test_one_wrong_character_in_a_chinese_vin_is_never_taken_for_the_right_one(vin: str, at: int, other: str) -> None:
    chinese = "L" + vin[1:]
    chinese = chinese[:8] + check_digit(chinese) + chinese[9:]
    changed = chinese[:at] + other + chinese[at + 1 :]
    reading = read_vin(changed)
    assert reading.vin in {None, changed}
    if reading.vin is not None and reading.vin[0] in "LH12345":
        assert reading.check == "passed"


def test_meaning_names_maker_country_and_years_up_to_next_year(wmi: WmiTable) -> None:
    meaning = describe_vin(GOOD, ON, wmi)
    assert meaning.maker is not None
    assert (meaning.maker.en, meaning.maker.zh) == ("SAIC Volkswagen", "上汽大众")
    assert meaning.country is not None
    assert meaning.country.zh == "中国"
    assert meaning.years == (2014, 1984)
    assert describe_vin("LSVAA4182V2184847", ON, wmi).years == (2027, 1997)
    assert describe_vin("LSVAA4182W2184847", ON, wmi).years == (1998,)
    assert describe_vin("LSVAA418202184847", ON, wmi).years[:1] != (2028,)


@pytest.mark.parametrize(("start", "name"), [("L1N", "小鹏"), ("HLX", "理想")])
def test_new_chinese_makers_are_known_by_our_own_table(start: str, name: str, wmi: WmiTable) -> None:
    maker = describe_vin(start + GOOD[3:], ON, wmi).maker
    assert maker is not None
    assert maker.zh == name


def test_a_maker_outside_our_table_is_known_by_vininfo_and_an_unknown_one_is_none(wmi: WmiTable) -> None:
    ferrari = describe_vin("ZFF" + GOOD[3:], ON, wmi).maker
    assert ferrari is not None
    assert ferrari.en == "Ferrari"
    assert describe_vin("L9999999992184847", ON, wmi).maker is None


@given(vins, st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1)))
def test_no_model_year_lies_beyond_next_year(vin: str, on: dt.date) -> None:
    years = describe_vin(vin, on).years
    assert all(1980 <= year <= on.year + 1 for year in years)
    assert list(years) == sorted(years, reverse=True)


def test_workshops_call_a_car_by_its_last_six_which_stay_in_one_row() -> None:
    assert short_vin(GOOD) == "…\u2060184847"
