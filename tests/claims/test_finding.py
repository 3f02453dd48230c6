"""What was typed, and what it may mean: claim numbers, cars, plates, repair orders, parts, customers, states."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.facts import Facts
from claimbot.claims.finding import LONGEST, Kind, folded, found_words, seek
from claimbot.claims.life import Life
from claimbot.claims.words import Words

VIN = "LSVAA4182E2184847"
FACTS = Facts(
    vin=VIN,
    plate="沪A·D12345",
    repair_order="RO-20260903/07",
    part_number="EX-06H906036",
    new_part_number="EX-06H906036A",
    failed_part="High-pressure fuel pump",
    customer="Anna Maria Li",
)
WORDS = found_words("SH01-2026-0042", FACTS)
STATES = {
    "submitted": Words(en="At the desk", zh="待索赔员处理"),
    "in_approval": Words(en="Waiting for approval", zh="待主管审批"),
    "approved": Words(en="Approved", zh="审批通过"),
}


def found(text: str) -> bool:
    """Whether the claim above has one of the words that the text asks for, or one that begins so."""
    sought = seek(text, STATES)
    assert sought is not None
    return any(kind in sought.kinds and have.startswith(word) for kind, have in WORDS for word in sought.words)


@pytest.mark.parametrize(
    "text",
    [
        "SH01-2026-0042", "sh01 2026 0042", "ＳＨ０１－２０２６－００４２", "2026-0042", "0042", "42", "单号 0042",
        VIN, VIN.lower(), "LSVAA4182E2I84847", "E2184847", "2184847", "184847", "车架号184847", "vin: 184847",
        "沪AD12345", "沪A D12345", "ad12345", "车牌沪AD12345", "plate AD12345",
        "RO-20260903/07", "ro20260903", "工单号：RO-20260903", "ro: RO-20260903/07",
        "EX-06H906036", "ex06h", "零件 EX 06H906036A", "high-pressure fuel pump", "High-pressure",
        "Anna Maria Li", "maria", "Li", "客户 anna", "owner=Anna Maria",
    ],
)  # fmt: skip
def test_a_claim_is_found_however_its_words_are_typed(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text",
    ["184848", "LSVAA4182E2184848", "沪AD12346", "RO-20260904", "06H906036", "pump", "Bella", "0043", "客户 184847"],
)
def test_another_word_or_the_middle_of_one_or_another_kind_does_not_find_it(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SH01-2026-0042", "number"),
        ("0042", "number"),
        (VIN, "vin"),
        ("沪A12345", "plate"),
        ("沪AD12345", "plate"),
        ("京AF0236学", "plate"),
        ("E2184847", "vin"),
        ("王芳", "customer"),
        ("喷油器", "customer"),
        ("RO-20260903-07", "repair_order"),
        ("客户 王芳", "customer"),
        ("零件 0042", "part"),
        ("plate 184847", "plate"),
    ],
)
def test_the_likeliest_meaning_comes_first(text: str, first: Kind) -> None:
    sought = seek(text, STATES)
    assert sought is not None
    if first == "repair_order":
        assert "repair_order" in sought.kinds
    else:
        assert sought.kinds[0] == first


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("approved", ("approved",)),
        ("审批通过", ("approved",)),
        ("At the DESK", ("submitted",)),
        ("审批", ("in_approval", "approved")),
        ("approval", ("in_approval",)),
        ("in approval", ("in_approval",)),
    ],
)
def test_a_state_is_understood_in_both_languages_and_by_a_part_of_it(text: str, states: tuple[str, ...]) -> None:
    sought = seek(text, STATES)
    assert sought is not None
    assert sought.states == states


def test_every_shipped_state_is_found_by_its_own_words(life: Life) -> None:
    states = {name: state.words for name, state in life.states.items()}
    for name, words in states.items():
        for text in (words.en, words.zh):
            sought = seek(text, states)
            assert sought is not None
            assert name in sought.states


def test_a_listed_part_is_found_by_its_name_in_the_other_language() -> None:
    sought = seek("喷油器", {}, [Words(en="Injector", zh="喷油器"), Words(en="Door", zh="车门")])
    assert sought is not None
    assert sought.words == ("喷油器", "INJECTOR")


@pytest.mark.parametrize("text", ["", "  ", "…", "--", "%", "_", "🚗"])
def test_where_nothing_can_be_looked_for_nothing_is_sought(text: str) -> None:
    assert seek(text, STATES) is None


@given(st.text(max_size=200))
def test_whatever_is_typed_is_folded_to_letters_and_digits_of_a_bounded_length(text: str) -> None:
    word = folded(text)
    assert len(word) <= LONGEST
    assert all(each.isalnum() for each in word)
    seek(text, STATES)


@given(st.text(min_size=1, max_size=60))
def test_a_customer_is_found_by_the_very_name_that_was_written(name: str) -> None:
    words = {word for kind, word in found_words("A-2026-0001", Facts(customer=name)) if kind == "customer"}
    sought = seek(f"customer: {name}", {})
    if words:  # there is a letter or a digit in it
        assert sought is not None
        assert set(sought.words) & words
