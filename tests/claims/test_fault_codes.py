import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.fault_codes import describe_code, read_codes

codes = st.from_regex(r"[PBCU][0-3][0-9A-F]{3}(-[0-9A-F]{2})?", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "found", "unread"),
    [
        ("P0301, p0a80 U0100-00", ("P0301", "P0A80", "U0100-00"), ()),
        ("P0301、C1234", ("P0301", "C1234"), ()),
        ("PO3O1", ("P0301",), ()),
        ("Ｐ０３０１", ("P0301",), ()),
        ("U010087", ("U0100-87",), ()),
        ("B1A2F:1a", ("B1A2F-1A",), ()),
        ("P 0301 and P0301", ("P0301",), ()),
        ("故障码P0301和P0302", ("P0301", "P0302"), ()),
        ("P0301 P9999 12345", ("P0301",), ("P9999", "12345")),
        ("no codes", (), ()),
        ("", (), ()),
    ],
)
def test_codes_are_found_once_each_and_what_is_none_is_told(
    typed: str, found: tuple[str, ...], unread: tuple[str, ...]
) -> None:
    read = read_codes(typed)
    assert (read.codes, read.unread) == (found, unread)


@given(st.lists(codes, max_size=6, unique=True), st.sampled_from([" ", ", ", "、", "\n", ";", "和"]))
def test_codes_written_out_read_back_in_their_order(wanted: list[str], between: str) -> None:
    assert read_codes(between.join(wanted)).codes == tuple(wanted)
    assert read_codes(between.join(wanted).lower()).codes == tuple(wanted)


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("P0301", "Powertrain, standard code: ignition or misfire", "动力总成，标准码：点火系统或失火"),
        ("P0A80", "Powertrain, standard code: hybrid or electric drive", "动力总成，标准码：混动/电驱动系统"),
        ("P1234", "Powertrain, maker's own code", "动力总成，厂家自定义码"),
        ("P3100", "Powertrain, maker's own code", "动力总成，厂家自定义码"),
        ("P3400", "Powertrain, standard code", "动力总成，标准码"),
        ("U0100-87", "Network, standard code (failure type 87)", "网络通信，标准码（失效类型 87）"),
        ("B1A2F", "Body, maker's own code", "车身，厂家自定义码"),
        ("C0035", "Chassis, standard code", "底盘，标准码"),
    ],
)
def test_a_code_is_explained_by_its_structure(code: str, en: str, zh: str) -> None:
    assert describe_code(code).en == en
    assert describe_code(code).zh == zh


@given(codes)
def test_every_code_has_words_in_both_languages(code: str) -> None:
    words = describe_code(code)
    assert words.en.strip()
    assert words.zh.strip()
