"""Long texts are cut to Telegram's sizes, on code points, never inside a tag."""

import re

from hypothesis import given
from hypothesis import strategies as st

from claimbot.chat.wording import split_html, visible_length

PIECES = st.lists(
    st.sampled_from(["<b>索赔单</b>", "a", "😀", "&amp;", "\n", "<i>long <b>words</b></i>", "中"]), max_size=60
)


@given(PIECES, st.integers(8, 40))
def test_no_part_is_too_long_no_tag_is_cut_and_no_word_is_lost(pieces: list[str], limit: int) -> None:
    html = "".join(pieces)
    parts = split_html(html, limit)
    plain = re.sub(r"<[^>]+>|\n", "", html)
    assert re.sub(r"<[^>]+>|\n", "", "".join(parts)) == plain or visible_length(html.strip()) == 0
    for part in parts:
        assert visible_length(part) <= limit
        for tag in ("b", "i"):
            assert part.count(f"<{tag}>") == part.count(f"</{tag}>")
