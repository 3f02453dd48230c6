"""Texts and captions over Telegram's sizes, cut on code points and never inside a tag; Telegram's own parser judges."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from claimbot.chat.wording import split_html, visible_length
from claimbot.demo.formatting import read_html, units
from claimbot.demo.samples import draw_sample
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World

TAGS = st.sampled_from(["b", "i", "code", 'a href="https://example.org/?a=1&amp;b=2"', "blockquote"])
WORDS = st.text(st.sampled_from("索赔单 a\n😀👨‍👩‍👧&<\u202e"), max_size=12).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)
HTML = st.recursive(
    WORDS,
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0].split()[0]}>"
    ),
    max_leaves=25,
)


@given(st.lists(HTML, max_size=8).map("".join), st.integers(2, 40))
@example("<b>一</b>\n" + "😀" * 40, 41)
@example('<a href="' + "x" * 90 + '">一</a>\n' + "a" * 39 + "😀" * 9, 40)
def test_each_part_is_taken_by_telegrams_parser_fits_and_nothing_is_lost(html: str, limit: int) -> None:
    parts = split_html(html, limit)
    told = "".join(read_html(part)[0] for part in parts)
    assert re.sub(r"\s", "", told) == re.sub(r"\s", "", read_html(html)[0])
    for part in parts:
        assert units(read_html(part)[0]) <= visible_length(part) <= limit


@example("<" * 9 + "R&D中>")
@given(st.lists(st.sampled_from(["<", ">", "&", "&copy;", "R&D", "a < b", "</b>", "中"]), max_size=40).map("".join))
def test_an_authors_stray_marks_lose_no_word(html: str) -> None:
    assert "".join(split_html(html, 7)).count("中") == html.count("中")


def test_a_part_ends_with_a_line_where_it_can() -> None:
    html = "\n".join(f"<b>第{number}行</b>：" + "字" * 40 for number in range(30))
    parts = split_html(html, 400)
    assert all(part.rstrip().endswith("字") for part in parts)
    assert all(part.lstrip().startswith("<b>第") for part in parts)


async def test_a_long_chinese_text_comes_in_parts_and_the_last_has_the_buttons(world: World) -> None:
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "❓")
    await world.tap(CLERK, "💬")
    await world.say(CLERK, "请补充" + "说明" * 150)
    await world.tap(TECHNICIAN, "↩️ 答复")
    long = "缸压<b>正常</b>&" + "喷油器密封圈老化。" * 80
    assert "已转给索赔员" in await world.say(TECHNICIAN, long)
    assert "喷油器密封圈老化" in world.last(CLERK)


async def test_a_card_over_4096_is_cut_and_keeps_its_buttons(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    filler = "&<客户原话😀>" * 110
    for _ in range(40):
        answer = await world.example(TECHNICIAN)
        if "客户怎么说" in world.last(TECHNICIAN) or "故障原因是什么" in world.last(TECHNICIAN):
            await world.say(TECHNICIAN, filler[:990])
        if answer.kind == "tap" and answer.value.endswith(":send"):
            break
    await world.complete()
    await world.tap(CLERK, "📤")
    shown = world.shown(SUPERVISOR)
    assert any("&<客户原话😀>" in message["text"] for message in shown)
    assert any("Approve" in label for label in world.buttons(SUPERVISOR))
    assert "approved" in (await world.tap(SUPERVISOR, "✅ Approve")).lower()


async def test_a_caption_over_1024_follows_its_photo_as_a_text_with_the_buttons(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    while "📸" not in world.last(TECHNICIAN):
        await world.example(TECHNICIAN)
    pictures = [draw_sample("failed_part", vin="LSVAA4182E2184847", km=1, seed=n) for n in range(2)]
    world.telegram.send_album(TECHNICIAN, pictures, "很长的说明" * 200)
    await world.settled()
    world.skip(seconds=2)
    await world.tick()
    assert "待归类" in world.last(TECHNICIAN)
