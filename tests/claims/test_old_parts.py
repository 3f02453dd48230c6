"""Tag and shelf, read from what a technician types with one thumb."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.old_parts import MOST, Tag, read_tag


@pytest.mark.parametrize(
    ("said", "number", "shelf"),
    [
        ("T-1024 A3", "T-1024", "A3"),
        ("t-1024", "T-1024", None),
        ("吊牌T1024 货架A3", "T1024", "A3"),
        ("吊牌：T1024；库位：B-02", "T1024", "B-02"),
        ("T1024，3号架2层", "T1024", "3号架2层"),
        ("架A3", None, "A3"),
        ("shelf A3", None, "A3"),
        ("tag no. 77, shelf B 2", "77", "B 2"),
        ("１２３　ａ１", "123", "a1"),
        ("旧件号 88", "88", None),
        ("binder-7", "BINDER-7", None),
        ("shelf", None, None),
        (" , ", None, None),
        ("还没", None, None),
        ("没挂牌", None, None),
        ("没有吊牌", None, None),
        ("还没挂，放A3架", None, "A3架"),
        ("还没挂 A3", None, "A3"),
        ("T-1024 没有货架", "T-1024", None),
        ("not yet", None, None),
        ("no tag yet, shelf B 2", None, "B 2"),
        ("No 77 B2", "77", "B2"),
        ("等下再挂", None, None),
    ],
)
def test_the_first_word_is_the_tag_unless_it_says_that_it_is_the_shelf(
    said: str, number: str | None, shelf: str | None
) -> None:
    assert read_tag(said) == Tag(number, shelf)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_within_bounds(said: str) -> None:
    tag = read_tag(said)
    for part in (tag.number, tag.shelf):
        assert part is None or 0 < len(part) <= MOST
        assert part is None or part.strip()
