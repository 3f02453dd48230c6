"""The lines of a claim filled into a table: the bot hands it over, a spreadsheet fills it, it counts after a look."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from claimbot.claims.lines import MOST_LINES
from claimbot.evidence import EvidenceFolder
from claimbot.flow.kinds.lines import sheet_from
from claimbot.store import Tx, conversations, people
from claimbot.store.tables import evidence
from tests.conftest import CLERK, World

NUMBER = "SH01-2026-0001"
ALL_KINDS = """GX-1001 ×2 380 +6%
OP-1 1.25h 120.5
外协 INV-7 喷漆 500
外出 120公里 1.5
拖车 350
代步车 3天 100"""
TWO_WRONG = """类别,代码,数量,单价
配件,GX-1,2,380
油漆,GX-2,1,5
配件,=1+1,1,5
"""


async def asked_for_lines(world: World) -> None:
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📝")
    for _ in range(20):
        if "索赔哪些费用" in world.last(CLERK):
            return
        await world.example(CLERK)
    raise AssertionError(world.last(CLERK))


async def handed(world: World) -> Workbook:
    """The file that the bot gives, as a spreadsheet opens it."""
    await world.tap(CLERK, "📄 用表格填")
    sent = next(each for each in reversed(world.shown(CLERK)) if "document" in each)
    assert sent["document"]["file_name"] == f"费用明细-{NUMBER}.xlsx"

    def newest(tx: Tx) -> str:
        made = select(evidence.c.sha256).where(evidence.c.mime.contains("spreadsheet"))
        return str(tx.execute(made.order_by(evidence.c.kept_at.desc())).scalars().first())

    sha = await world.database.turn(newest)
    return load_workbook(io.BytesIO(EvidenceFolder(world.folder / "evidence").open(sha)))


async def send(world: World, data: bytes, name: str = "lines.csv") -> str:
    world.telegram.send_file(CLERK, name, data, "application/octet-stream")
    await world.settled()
    return world.last(CLERK)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def offers(world: World) -> str:
    """The buttons under what was said last."""
    rows = world.shown(CLERK)[-1].get("reply_markup", {}).get("inline_keyboard", [])
    return " | ".join(button["text"] for row in rows for button in row)


async def held(world: World) -> int:
    """How many lines the question holds."""

    def count(tx: Tx) -> int:
        person = people.lock_by_telegram_id(tx, CLERK)
        assert person is not None
        stands = conversations.current(tx, person.id)
        assert stands is not None
        return len(sheet_from(stands.stand.drafts.get("lines"), None).lines)

    return await world.database.turn(count)


async def test_the_table_is_handed_over_filled_in_sent_back_shown_and_counts_after_a_tap(world: World) -> None:
    await asked_for_lines(world)
    await world.say(CLERK, "2.5小时")
    book = await handed(world)
    sheet = book.active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["类别", "工时代码/零件号", "说明", "数量", "单价", "税率 %"]
    assert [cell.value for cell in sheet[2]] == ["工时", None, None, 2.5, 160, 0]
    assert sheet.data_validations.dataValidation[0].formula1 == '"工时,配件,外协,外出,拖车,代步车"'
    sheet.append(["配件", "00123", "水泵", 2, 380.5, None])
    sheet.append(["拖车", None, None, None, 350, None])
    said = await send(world, saved(book), "lines.xlsx")
    assert "表格共 3 行，将替换现有 1 行" in said
    assert "📦 配件 00123 水泵 · 2 件 × ¥380.50 = ¥761.00" in said
    assert "合计 ¥1,511.00" in said
    assert await held(world) == 1, "nothing counts yet"
    said = await world.tap(CLERK, "✅ 采用这 3 行")
    assert "3. 🚛 拖车" in said
    assert await held(world) == 3
    await world.tap(CLERK, "就这些")
    await world.tap(CLERK, "✅ 保存")
    assert "合计 ¥1,511.00" in await world.say(CLERK, f"/claim {NUMBER}")


async def test_what_the_table_holds_comes_back_as_it_went(world: World) -> None:
    await asked_for_lines(world)
    await world.say(
        CLERK, "GX-1001 ×2 380 +6%\nOP-1 1.25h 120.5\n外协 INV-7 喷漆 500\n外出 120公里 1.5\n拖车 350\n代步车 3天 100"
    )
    before = world.last(CLERK).partition("1. ")[2]
    assert before in await send(world, saved(await handed(world)), "lines.xlsx")


async def test_one_wrong_row_and_nothing_is_taken(world: World) -> None:
    await asked_for_lines(world)
    await world.say(CLERK, "2.5小时")
    said = await send(world, TWO_WRONG.encode("gb18030"), "l.csv")
    assert "未采用：2 行有问题" in said
    assert "第 3 行：类别“油漆”" in said
    assert "第 4 行：B4 =1+1 是公式" in said
    assert "索赔哪些费用" in said, "the question stands"
    assert await held(world) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("姓名,电话\n李,1\n".encode(), "找不到列名"),
        ("类别,单价\n".encode(), "没有填写任何一行"),
        (b"kind,price\n" + b"towing,1\n" * (MOST_LINES + 1), "最多 200 行"),
        (b"kind,price\n" + b"towing,1\n" * 1000, "行数过多"),
        (b"kind,price\n" + b"towing,1\n" * 100_000, "表格过大"),
    ],
    ids=["columns", "empty", "many", "long", "big"],
)
async def test_a_file_that_is_no_list_of_lines_is_told_why(world: World, data: bytes, says: str) -> None:
    await asked_for_lines(world)
    assert says in await send(world, data)
    assert await held(world) == 0


async def test_two_hundred_lines_are_shown_and_taken(world: World) -> None:
    await asked_for_lines(world)
    said = await send(world, ("类别,代码,数量,单价\n" + "配件,GX-1,2,380\n" * MOST_LINES).encode())
    assert "200. 📦 配件 GX-1" in said
    await world.tap(CLERK, "✅ 采用这 200 行")
    assert await held(world) == MOST_LINES


async def test_an_older_table_is_not_taken_by_its_button_once_another_came(world: World) -> None:
    await asked_for_lines(world)
    await send(world, "类别,单价\n拖车,1\n".encode())
    first = world.buttons(CLERK)["✅ 采用这 1 行"]
    await send(world, "类别,单价\n拖车,2\n".encode())
    world.telegram.tap(CLERK, *first)
    await world.settled()
    assert await held(world) == 0
    await world.tap(CLERK, "⬅️ 返回清单")
    assert await held(world) == 0


async def test_after_a_table_that_is_none_the_one_before_is_offered_no_more(world: World) -> None:
    await asked_for_lines(world)
    await world.say(CLERK, "2.5小时")
    await send(world, "类别,单价\n拖车,1\n".encode())
    said = await send(world, "类别,代码,单价\n油漆,=1+1,x\n配件,GX-1,5\n".encode())
    assert "未采用：1 行有问题" in said, "a row with two mistakes is one row"
    assert "采用" not in offers(world)
    assert "✅ 就这些" in offers(world), "the list as it was"


async def test_a_makers_code_of_labour_is_labour_in_a_table_and_typed(world: World) -> None:
    await asked_for_lines(world)
    assert "🔧 工时 EX-L101 · 1.5 小时" in await send(world, "代码,数量\nEX-L101,1.5\n".encode())
    said = await world.say(CLERK, "EX-L101 1.5")
    assert "是工时数还是金额？请写 2.5h 或 160 CNY" in said
    assert "🔧 工时 EX-L101 · 1.5 小时" in await world.say(CLERK, "EX-L101 1.5h")


async def test_lines_typed_over_an_answer_are_not_thrown_away_as_if_nothing_was_typed(world: World) -> None:
    await asked_for_lines(world)
    await world.say(CLERK, "2.5小时")
    await world.tap(CLERK, "就这些")
    await world.tap(CLERK, "✏️ 费用明细")
    assert "↩️ 保持不变" in offers(world)
    await world.say(CLERK, "拖车 350")
    assert "↩️ 保持不变" not in offers(world)
    await world.tap(CLERK, "↩️ 放弃改动")
    await world.tap(CLERK, "✏️ 费用明细")
    assert "↩️ 保持不变" in offers(world), "what was undone is gone"
    assert "350" not in world.last(CLERK)


async def test_lines_typed_after_the_table_came_are_added_to_the_list_and_the_table_is_let_go(world: World) -> None:
    await asked_for_lines(world)
    await world.say(CLERK, "2.5小时")
    await send(world, "类别,单价\n拖车,1\n".encode())
    said = await world.say(CLERK, "拖车 350")
    assert "合计 ¥750.00" in said
    assert "表格的 1 行未采用" in said
    assert await held(world) == 2
