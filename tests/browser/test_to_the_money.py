"""From an approval in part to the money, on the page: returned, sent again, appealed, paid short, and given up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.hands import CLERK, SUPERVISOR, TECHNICIAN, Demo, Hand, no_sideways, opened_page
from tests.browser.walks import completes, reports

pytestmark = pytest.mark.browser
NUMBER = "SH01-2026-0001"


@pytest.fixture
async def pocket(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    async with opened_page(browser, demo.address, (390, 844), "zh-CN") as page:
        yield page


async def opens(hand: Hand, *words: str) -> None:
    await hand.writes(f"/claim {NUMBER}")
    await hand.hears(*words)


async def sent_to_the_maker(wang: Hand, reference: str | None) -> None:
    await opens(wang, "审批通过，待报厂家")
    await wang.taps("已报厂家")
    await wang.chooses("什么时候报厂家", "今天")
    if reference is None:
        await wang.chooses("厂家的受理单号", "跳过")
    else:
        await wang.answers("厂家的受理单号", reference)
    await wang.chooses("厂家系统截图", "跳过")
    await wang.hears("已于", "报厂家")


async def cuts(chen: Hand, li: Hand) -> None:
    """The supervisor approves less than is claimed, and the technician learns of it."""
    await chen.takes_up()
    await chen.has_heard(f"{NUMBER} needs a decision")
    await chen.taps("Approve in part")
    await chen.answers("Which line is cut?", "2 1000 Price is too high")
    await chen.chooses("Price is too high", "✅ Approve CN¥1,320.00")
    await chen.has_heard("approved in part")
    await no_sideways(chen.page)
    await li.takes_up()
    await li.hears("¥1,000.00")


async def is_returned_and_sent_again(wang: Hand, chen: Hand) -> None:
    """The maker wants better photos for one line: mended, decided anew."""
    await wang.takes_up()
    await sent_to_the_maker(wang, "WC-88123")
    await opens(wang, "已申报 1 次", "索赔 ¥1,600.50 → 批准 ¥1,320.00")
    await no_sideways(wang.page)
    await wang.taps("厂家答复")
    await wang.chooses("厂家怎么答复", "✏️ 2")
    await wang.chooses("返回清单", "退回")
    await wang.chooses("退回：原因", "R01 照片或单据缺失")
    await wang.chooses("1. 🔧", "其余批准")
    await wang.chooses("哪天答复的", "今天")
    await wang.chooses("厂家退回，待修改", "修改重报")
    await wang.has_heard("须重新审批、重新报厂家")
    await wang.taps("送审")

    await chen.takes_up()
    await chen.has_heard("Submitted 1×")
    await chen.taps("✅ Approve")
    await chen.has_heard("approved by Chen Wei")


async def appeals(wang: Hand) -> None:
    """The maker cuts a line, and gives in."""
    await wang.takes_up()
    await sent_to_the_maker(wang, None)
    await opens(wang, "已申报 2 次")
    await wang.taps("厂家答复")
    await wang.chooses("厂家怎么答复", "✏️ 1")
    await wang.chooses("返回清单", "核减")
    await wang.answers("厂家核准多少", "100")
    await wang.chooses("核减：原因", "C01 工时超标准")
    await wang.chooses("2. 📦", "其余批准")
    await wang.chooses("哪天答复的", "今天")
    await wang.chooses("已登记：", "申诉")
    await wang.answers("申诉理由是什么", "工时按手册，另有诊断。")
    await wang.chooses("哪天提交厂家", "今天")
    await wang.has_heard("申诉已登记")
    await opens(wang, "申诉中")
    await wang.taps("厂家答复")
    await wang.chooses("厂家怎么答复", "全部批准")
    await wang.chooses("哪天答复的", "今天")
    await wang.has_heard("厂家已批，待付款")


def credit_note(folder: Path) -> Path:
    """As a spreadsheet in China writes it."""
    note = folder / "note.csv"
    note.write_bytes('索赔单号,金额,结算单号\r\nSH01-2026-0001,"1,000.00",N-1\r\n'.encode("gb18030"))
    return note


async def is_paid_short(wang: Hand, note: Path) -> None:
    """Less comes than was approved; what is missing is explained."""
    await wang.writes("/credit")
    await wang.hears("作为文件发来")
    await wang.sends_files([note], "file")
    await wang.chooses("尚未入账", "全部入账")
    await wang.has_heard("少付，待追款：1")
    await opens(wang, "少付 ¥600.50")
    await wang.taps("说明少付原因")
    await wang.chooses("为什么少付", "单价或工时核减")
    await wang.has_heard("由主管决定")


async def test_a_claim_is_followed_from_the_cut_to_the_write_off(pocket: Page, tmp_path: Path) -> None:
    li, wang, chen = Hand(pocket, TECHNICIAN), Hand(pocket, CLERK), Hand(pocket, SUPERVISOR)
    await reports(li, tmp_path)
    await completes(wang)
    await wang.taps("送审")
    await wang.has_heard("已送 Chen Wei、赵敏 审批")
    await cuts(chen, li)
    await is_returned_and_sent_again(wang, chen)
    await appeals(wang)
    await is_paid_short(wang, credit_note(tmp_path))

    await chen.takes_up()
    await opens(chen, "missing CN¥600.50")
    await no_sideways(pocket)
    await chen.taps("Write off")
    await chen.taps("Not worth the effort")
    await chen.has_heard("written off and closed")
    await wang.takes_up()
    await wang.has_heard("Chen Wei 已核销")
