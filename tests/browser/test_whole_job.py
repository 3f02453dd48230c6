"""The whole job on the page, as its people do it: clicks and typing only, from the fault to the decision."""

import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.hands import (
    CLERK,
    SECOND,
    SUPERVISOR,
    TECHNICIAN,
    VIN,
    Demo,
    Hand,
    no_sideways,
    opened_page,
)
from tests.browser.walks import completes, reports

pytestmark = pytest.mark.browser


@pytest.fixture
async def desk(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    async with opened_page(browser, demo.address, (1500, 950), "zh-CN") as page:
        yield page


@pytest.fixture
async def pocket(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    async with opened_page(browser, demo.address, (390, 844), "en-GB") as page:
        yield page


async def test_three_people_bring_a_fault_from_the_lift_to_the_decision(desk: Page, tmp_path: Path) -> None:
    li, wang = Hand(desk, TECHNICIAN), Hand(desk, CLERK)
    chen, zhao = Hand(desk, SUPERVISOR), Hand(desk, SECOND)
    await reports(li, tmp_path)
    await completes(wang)

    await wang.taps("问技师")
    await wang.chooses("需要什么", "重拍照片")
    await wang.chooses("哪张照片", "零件标签")
    await wang.answers("请简单说明", "批次号看不清")
    await li.hears("王芳", "零件标签", "批次号看不清")
    await li.taps("答复")
    await li.hears("请发送照片")
    await li.photographs("part_label")
    await li.hears("已转给索赔员")

    await wang.hears("小李 答复 SH01-2026-0001")
    await wang.taps("打开")
    await wang.chooses("合计 ¥1,600.50", "送审")
    await wang.has_heard("已送 Chen Wei、赵敏 审批")

    await zhao.has_heard("SH01-2026-0001 请审批")
    await chen.has_heard("SH01-2026-0001 needs a decision")
    await chen.has_heard("CN¥1,600.50")
    await chen.taps("✅ Approve")
    await chen.has_heard("approved by Chen Wei")
    await zhao.has_heard("Chen Wei 已批准")
    await expect(zhao.of("inline-button").filter(has_text="批准")).to_have_count(0)
    await li.hears("Chen Wei 已批准")
    await wang.hears("Chen Wei 已批准")


async def test_the_whole_job_fits_on_one_phone_screen_in_english(pocket: Page) -> None:
    li, wang, chen = Hand(pocket, TECHNICIAN), Hand(pocket, CLERK), Hand(pocket, SUPERVISOR)
    for one in (li, wang):
        await one.takes_up()
        await one.of("language-en").click()
        await one.hears("English it is")
    await li.writes("/new")
    await li.answers("Which car?", VIN)
    await li.chooses("Is this the car?", "Yes")
    await li.answers("Odometer reading", "23456")
    await li.answers("What does the customer complain about?", "Engine shakes, warning lamp on")
    await li.chooses("Where is the fault?", "Brakes & steering")
    await li.chooses("Fault codes?", "Skip")
    await li.hears("What is the cause?")
    for asked in (
        "Which part failed?",
        "Its part number",
        "repaired or replaced",
        "new part?",
        "tag number",
        "VIN plate",
    ):
        await li.answers_with_the_example()
        await li.hears(asked)
    for slot in ("VIN plate", "Odometer", "Fault in place", "Failed part", "Part label", "New part fitted", "Old part"):
        await li.answers_with_the_example()
        await li.hears(f"👍 {slot}")
    await li.chooses("Next: Fault-code screen", "Done")  # no codes, so this one may be left out
    await li.hears("All there? Tap a line to change it.")
    await no_sideways(pocket)
    await li.taps("Submit")
    await li.hears("Submitted: SH01-2026-0001")

    await expect(wang.tab).to_have_attribute("data-unread", re.compile(r"\d"))
    await wang.takes_up()
    await wang.hears("小李 reported")
    await expect(wang.tab).not_to_have_attribute("data-unread", re.compile(""))
    await wang.taps("Open")
    await wang.taps("Complete")
    desk = (
        "Its plate",
        "Whose car",
        "is the car used",
        "safety fault",
        "in service?",
        "proves",
        "repair order",
        "opened",
        "closed",
        "is claimed?",
        "Total",
    )
    for asked in desk:
        await wang.hears(asked)
        await wang.answers_with_the_example()
    await wang.chooses("29 days left", "Keep")
    await wang.taps("Send for approval")
    await wang.has_heard("Signatures needed: 1")

    await chen.takes_up()
    await chen.has_heard("needs a decision")
    await chen.has_heard("CN¥1,600.50")
    await no_sideways(pocket)
    folded = chen.heard.last.locator("blockquote").first
    three_lines = await folded.bounding_box()
    await folded.click()
    opened = await folded.bounding_box()
    assert three_lines is not None
    assert opened is not None
    assert opened["height"] > 2 * three_lines["height"], "the verdict's lines unfold on a tap"
    await no_sideways(pocket)
    await chen.taps("Send back")
    await chen.chooses("What must be mended?", "Cause is not clear")
    await wang.takes_up()
    await wang.hears("sent back", "Cause is not clear")


async def test_reminders_come_when_the_clock_is_moved(desk: Page) -> None:
    li, clock = Hand(desk, TECHNICIAN), desk.get_by_test_id("clock")
    reminders = li.heard.filter(has_text="提醒")
    await li.writes("/new")
    await li.hears("哪台车")
    for shown in ("11:0", "12:0"):
        await desk.get_by_test_id("skip-hour").click()
        await expect(clock).to_contain_text(shown)
    await desk.get_by_test_id("skip-hour").click()
    await expect(reminders).to_have_count(1)
    await li.hears("还没填完")
    await li.taps("1 小时后")
    await expect(li.of("toast").last).to_contain_text("稍后再提醒")
    await desk.get_by_test_id("skip-morning").click()
    await expect(clock).to_contain_text("9月10日")
    await expect(clock).to_contain_text("08:30")
    await expect(reminders.nth(1)).to_be_attached()
    await expect(li.phone.locator(".day")).to_have_count(2)
    await desk.get_by_test_id("skip-week").click()
    await expect(clock).to_contain_text("9月17日")
    await li.has_heard("放到现在")
    await expect(li.phone.locator(".day")).to_have_count(3)


async def test_a_block_an_edit_and_a_language_stay_on_their_own_phone(desk: Page) -> None:
    li, wang = Hand(desk, TECHNICIAN), Hand(desk, CLERK)
    await li.writes("/new")
    await li.answers("哪台车", "LSVAA4182E218484")
    await li.has_heard("只有 16 位")
    await li.own.last.hover()
    await li.own.last.get_by_test_id("edit").click()
    await expect(li.of("composer")).to_have_value("LSVAA4182E218484")
    await li.writes(VIN)
    await expect(li.own.last).to_have_attribute("data-edited", "")
    await expect(li.own.last).to_contain_text("已修改")

    await wang.of("language-en").click()
    await wang.hears("English it is")
    await wang.of("commands").click()
    await expect(wang.phone.locator('[data-command="help"]')).to_contain_text("What can I do?")
    await expect(li.phone).to_have_attribute("data-language", "zh")
    await wang.phone.locator('[data-command="help"]').click()
    await wang.hears("you are here as claims clerk")
    await wang.heard.last.get_by_text("/queue").click()
    await wang.hears("Nothing waits")

    await wang.of("phone-menu").click()
    await wang.of("block").click()
    await expect(wang.of("composer")).to_be_hidden()
    await expect(wang.of("status")).to_contain_text("blocked the bot")
    await wang.of("unblock").first.click()
    await wang.hears("claims clerk")


async def test_a_colleague_joins_by_the_administrators_link_on_a_new_phone(desk: Page) -> None:
    zhao = Hand(desk, SECOND)
    await zhao.taps("邀请同事")
    await zhao.chooses("什么角色", "技师")
    await zhao.chooses("哪个门店", "示例汽车上海店")
    await zhao.has_heard("t.me/")
    await zhao.heard.locator("a").last.click()
    await desk.locator('[data-testid="choose-phone"][data-user-id="new"]').click()
    await desk.get_by_test_id("dialog-field").fill("孙磊")
    await desk.get_by_test_id("dialog-ok").click()
    sun = Hand(desk, 900_000_001)
    await sun.chooses("用哪种语言", "中文")
    await sun.answers("同事怎么称呼您", "孙磊")
    await sun.hears("孙磊", "技师")
    await sun.taps("故障报修")
    await sun.hears("哪台车")
    # the link was for one person
    await zhao.heard.locator("a").last.click()
    await desk.locator('[data-testid="choose-phone"][data-user-id="new"]').click()
    await desk.get_by_test_id("dialog-ok").click()
    await Hand(desk, 900_000_002).has_heard("邀请已使用")


async def test_a_demo_that_was_killed_goes_on_where_it_stood(desk: Page, demo: Demo) -> None:
    li = Hand(desk, TECHNICIAN)
    await li.writes("/new")
    await li.answers("哪台车", VIN)
    await li.chooses("是这台车吗", "是")
    await li.hears("里程表读数")
    await desk.get_by_test_id("skip-hour").click()
    await expect(desk.get_by_test_id("clock")).to_contain_text("11:0")
    before = await li.of("message").count()
    await demo.end(signal.SIGKILL)
    await expect(desk.get_by_test_id("offline")).to_be_visible()
    await demo.start()
    await expect(desk.get_by_test_id("offline")).to_be_hidden()
    await expect(desk.get_by_test_id("clock")).to_contain_text("11:0")
    await expect(li.of("message")).to_have_count(before)
    await li.answers("里程表读数", "23456")
    await li.hears("客户怎么说")
    await desk.reload()
    await li.hears("客户怎么说")
