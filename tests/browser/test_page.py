"""The page in a real browser, with a small bot that does one of everything."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from claimbot.demo.clock import MovableClock
from claimbot.demo.exchange import Json
from claimbot.demo.samples import draw_sample
from claimbot.demo.server import Example, Phone, StandIn
from tests.browser.hands import opened_page

pytestmark = pytest.mark.browser

TOKEN = "7000000001:stand-in"
BOT = "claims_demo_bot"
WEI, ANNA, MIN = 1001, 1002, 1003
SAM = 900_000_001  # the first phone added on the page
PHONES = (
    Phone(WEI, "李伟", None, "wei", "zh-hans", "technician"),
    Phone(ANNA, "Anna", "Keller", "anna", "en", "clerk"),
    Phone(MIN, "<b>Min</b>", None, None, "en", "supervisor"),
)
KEYS = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "yes"}, {"text": "Loud", "callback_data": "loud"}],
        [{"text": "Join", "url": f"https://t.me/{BOT}?start=token7"}],
    ],
}


class SmallBot:
    """Answers each update with one of everything, over the wire."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._base = f"http://127.0.0.1:{port}/bot{TOKEN}"
        self.page = f"http://127.0.0.1:{port}/"
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def ask(self, method: str, **values: object) -> Json:
        async with self._session.post(f"{self._base}/{method}", json=values) as response:
            answer: Json = await response.json()
            return answer

    async def run(self) -> None:
        await self.ask("setMyCommands", commands=[{"command": "new", "description": "Report a fault"}])
        commands = [{"command": "new", "description": "故障报修"}]
        await self.ask("setMyCommands", commands=commands, language_code="zh")
        offset = 0
        while True:
            for update in (await self.ask("getUpdates", offset=offset, timeout=20))["result"]:
                offset = update["update_id"] + 1
                await self._answer(update)

    async def _answer(self, update: Json) -> None:
        await self.may_answer.wait()
        query, message = update.get("callback_query"), update.get("message")
        if query:
            await self._answer_tap(query)
        elif message and message.get("text") == "/new":
            words = '<b>Which car?</b> <i>5 &lt; 6</i> <a href="https://x.example/">site</a>'
            chat = message["chat"]["id"]
            await self.ask("sendMessage", chat_id=chat, text=words, parse_mode="HTML", reply_markup=KEYS)
        elif message and message.get("text") == "/keys":
            keyboard = {"keyboard": [[{"text": "Blue"}, {"text": "Here", "request_location": True}]]}
            await self.ask("sendMessage", chat_id=message["chat"]["id"], text="Colour?", reply_markup=keyboard)
        elif message:
            kinds = "text", "photo", "document", "location", "voice"
            kind = next((one for one in kinds if one in message), "other")
            said = message.get("text", kind)
            await self.ask("sendMessage", chat_id=message["chat"]["id"], text=f"heard: {said}")

    async def _answer_tap(self, query: Json) -> None:
        loud = query["data"] == "loud"
        await self.ask("answerCallbackQuery", callback_query_id=query["id"], text="noted!", show_alert=loud)
        place = {"chat_id": query["from"]["id"], "message_id": query["message"]["message_id"]}
        await self.ask("editMessageText", **place, text="You said " + query["data"])


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async def example(user_id: int) -> Example | None:
        await asyncio.sleep(0)
        return Example("photo", "odometer") if user_id == ANNA else None

    one = StandIn(
        folder=None,
        token=TOKEN,
        bot_username=BOT,
        clock=MovableClock(),
        zone="Asia/Shanghai",
        phones=PHONES,
        example=example,
        limits=False,
    )
    yield one
    await one.stop()


@pytest.fixture
async def bot(stand_in: StandIn) -> AsyncIterator[SmallBot]:
    port = await stand_in.start()
    async with aiohttp.ClientSession() as session:
        one = SmallBot(session, port)
        running = asyncio.ensure_future(one.run())
        yield one
        running.cancel()
        with suppress(asyncio.CancelledError, aiohttp.ClientError):
            await running


@pytest.fixture
async def address(bot: SmallBot) -> str:
    return bot.page


@pytest.fixture
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    async with opened_page(browser, address, (1400, 900), "zh-CN") as opened:
        yield opened


async def say(phone: Locator, text: str) -> None:
    await phone.get_by_test_id("composer").fill(text)
    await phone.get_by_test_id("send").click()


def newest(phone: Locator) -> Locator:
    return phone.get_by_test_id("message").last


async def test_three_phones_type_tap_and_see_marks_toasts_and_alerts(page: Page) -> None:
    wei, anna, third = (page.get_by_test_id(f"phone-{one}") for one in (WEI, ANNA, MIN))
    await expect(wei).to_contain_text("技师")
    await expect(third).to_contain_text("<b>Min</b>")
    await anna.get_by_test_id("start").click()
    await expect(newest(anna)).to_contain_text("heard: /start")
    await say(anna, "/new")
    await expect(newest(anna).locator("b")).to_have_text("Which car?")
    await expect(newest(anna).locator("i")).to_have_text("5 < 6")
    await expect(newest(anna).locator("a")).to_have_attribute("href", "https://x.example/")
    await newest(anna).get_by_text("Yes").click()
    await expect(anna.get_by_test_id("toast")).to_have_text("noted!")
    await expect(newest(anna)).to_contain_text("You said yes")
    await say(anna, "/new")
    await newest(anna).get_by_text("Loud").click()
    await expect(page.get_by_test_id("dialog")).to_contain_text("noted!")
    await page.get_by_test_id("dialog-ok").click()
    await say(anna, "<img src=x onerror=alert(1)>")
    await expect(newest(anna)).to_contain_text("heard: <img src=x onerror=alert(1)>")
    mine = anna.locator('[data-testid="message"][data-from="me"]').last
    await expect(mine).to_have_attribute("data-read", "")


async def test_the_language_of_a_phone_is_its_own(page: Page, stand_in: StandIn) -> None:
    wei = page.get_by_test_id(f"phone-{WEI}")
    await wei.get_by_test_id("commands").click()
    await expect(wei.get_by_test_id("command")).to_contain_text("故障报修")
    await wei.get_by_test_id("language-en").click()
    await expect(newest(wei)).to_contain_text("heard: /language en")
    await expect(wei.get_by_test_id("command")).to_contain_text("Report a fault")
    await expect(wei).to_have_attribute("data-language", "en")
    assert stand_in.messages(WEI)[-2]["from"]["language_code"] == "en"
    await expect(page.get_by_test_id("skip-hour")).to_have_text("1 小时")
    await page.get_by_test_id("page-language").click()
    await expect(page.get_by_test_id("skip-hour")).to_have_text("1 hour")


async def test_photos_files_and_the_example_are_sent(page: Page, stand_in: StandIn, tmp_path: Path) -> None:
    names = []
    for number in range(3):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(draw_sample("odometer", vin="L", km=number, seed=number))
        names.append(path)
    anna = page.get_by_test_id(f"phone-{ANNA}")
    for how, album in (("as-album", True), ("separately", False)):
        await anna.get_by_test_id("attach").click()
        async with page.expect_file_chooser() as chooser:
            await anna.get_by_test_id("attach-photos").click()
        await (await chooser.value).set_files(names)
        await page.get_by_test_id(how).click()
        await expect(anna.get_by_text("heard: photo")).to_have_count(3 if album else 6)
    groups = [message.get("media_group_id") for message in stand_in.messages(ANNA) if "photo" in message]
    assert len(set(groups[:3])) == 1
    assert groups[0] is not None
    assert groups[3:] == [None, None, None]
    await anna.get_by_test_id("attach").click()
    async with page.expect_file_chooser() as chooser:
        await anna.get_by_test_id("attach-file").click()
    await (await chooser.value).set_files(names[0])
    await expect(newest(anna)).to_contain_text("heard: document")
    await anna.get_by_test_id("example").click()
    await expect(anna.get_by_text("heard: photo")).to_have_count(7)
    await anna.get_by_test_id("photo").last.click()
    await expect(page.get_by_test_id("lightbox")).to_be_visible()
    await page.get_by_test_id("lightbox").click()
    await anna.get_by_test_id("attach").click()
    await anna.get_by_test_id("attach-sample").click()
    await anna.locator('[data-slot="vin_plate"]').click()
    await expect(anna.get_by_text("heard: photo")).to_have_count(8)
    wei = page.get_by_test_id(f"phone-{WEI}")
    await wei.get_by_test_id("example").click()
    await expect(wei.get_by_test_id("toast")).to_contain_text("没有可以用示例")


async def test_a_reply_keyboard_is_pressed_and_ones_words_are_edited(page: Page, stand_in: StandIn) -> None:
    anna = page.get_by_test_id(f"phone-{ANNA}")
    await say(anna, "/keys")
    await anna.get_by_test_id("reply-button").get_by_text("Blue").click()
    await expect(newest(anna)).to_contain_text("heard: Blue")
    await anna.get_by_test_id("reply-button").get_by_text("Here").click()
    await expect(newest(anna)).to_contain_text("heard: location")
    mine = anna.locator('[data-testid="message"][data-from="me"]').nth(1)
    await mine.hover()
    await mine.get_by_test_id("edit").click()
    await expect(anna.get_by_test_id("editing")).to_be_visible()
    await say(anna, "Green")
    await expect(mine).to_contain_text("Green")
    assert "edit_date" in stand_in.messages(ANNA)[2]


async def test_a_deep_link_opens_on_the_phone_one_chooses(page: Page) -> None:
    anna = page.get_by_test_id(f"phone-{ANNA}")
    await say(anna, "/new")
    await newest(anna).get_by_text("Join").click()
    await page.locator(f'[data-testid="choose-phone"][data-user-id="{WEI}"]').click()
    await expect(newest(page.get_by_test_id(f"phone-{WEI}"))).to_contain_text("heard: /start token7")
    await newest(anna).get_by_text("Join").click()
    await page.locator('[data-testid="choose-phone"][data-user-id="new"]').click()
    await page.get_by_test_id("dialog-field").fill("Sam")
    await page.get_by_test_id("dialog-ok").click()
    sam = page.get_by_test_id(re.compile("^phone-9"))
    await expect(sam).to_contain_text("Sam")
    await expect(newest(sam)).to_contain_text("heard: /start token7")


async def test_blocking_and_the_clock(page: Page, stand_in: StandIn) -> None:
    anna = page.get_by_test_id(f"phone-{ANNA}")
    await anna.get_by_test_id("phone-menu").click()
    await anna.get_by_test_id("block").click()
    await expect(anna).to_have_attribute("data-blocked", "")
    await expect(anna.get_by_test_id("composer")).to_be_hidden()
    await anna.get_by_test_id("unblock").click()
    await expect(newest(anna)).to_contain_text("heard: /start")
    await page.get_by_test_id("skip-morning").click()
    await expect(page.get_by_test_id("clock")).to_contain_text("08:30")
    stand_in.say(ANNA, "later")
    await expect(anna.locator(".day")).to_have_count(2)


async def test_on_a_narrow_screen_one_phone_at_a_time_and_tabs_tell_of_news(
    browser: Browser, address: str, stand_in: StandIn
) -> None:
    async with opened_page(browser, address, (390, 844), "en-GB") as page:
        await expect(page.get_by_test_id(f"phone-{WEI}")).to_be_visible()
        await expect(page.get_by_test_id(f"phone-{ANNA}")).to_be_hidden()
        stand_in.say(ANNA, "hello")
        tab = page.get_by_test_id(f"tab-{ANNA}")
        await expect(tab).to_have_attribute("data-unread", "1")
        await tab.click()
        await expect(newest(page.get_by_test_id(f"phone-{ANNA}"))).to_contain_text("heard: hello")
        await expect(tab).not_to_have_attribute("data-unread", re.compile(".*"))
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_phone_that_does_not_fit_is_one_tap_away_and_its_news_are_counted(
    page: Page, stand_in: StandIn
) -> None:
    await expect(page.get_by_test_id(f"tab-{WEI}")).to_be_hidden()  # three phones fit
    await page.get_by_test_id("add-phone").click()
    await page.get_by_test_id("dialog-field").fill("Sam")
    await page.get_by_test_id("dialog-language-en").check()
    await page.get_by_test_id("dialog-ok").click()
    sam = page.get_by_test_id(f"phone-{SAM}")
    await expect(sam).to_be_in_viewport(ratio=0.9)
    await expect(sam).to_have_attribute("data-language", "en")
    wei, tab = page.get_by_test_id(f"phone-{WEI}"), page.get_by_test_id(f"tab-{WEI}")
    await expect(wei).not_to_be_in_viewport(ratio=0.5)
    await expect(tab).not_to_have_attribute("data-seen", "")
    stand_in.say(WEI, "one")
    stand_in.say(WEI, "two")
    await expect(tab).to_have_attribute("data-unread", "2")
    await tab.click()
    await expect(wei).to_be_in_viewport(ratio=0.9)
    await expect(tab).not_to_have_attribute("data-unread", re.compile(""))


async def test_the_bot_types_until_it_answers(page: Page, bot: SmallBot) -> None:
    anna = page.get_by_test_id(f"phone-{ANNA}")
    bot.may_answer.clear()
    await say(anna, "hello")
    await expect(anna.get_by_test_id("typing")).to_be_visible()
    await expect(anna.get_by_test_id("status")).to_have_text("typing…")
    bot.may_answer.set()
    await expect(newest(anna)).to_contain_text("heard: hello")
    await expect(anna.get_by_test_id("typing")).to_be_hidden()
    await expect(anna.get_by_test_id("status")).to_have_text("online")


async def test_long_buttons_and_long_words_stay_inside_a_narrow_phone(
    browser: Browser, address: str, bot: SmallBot
) -> None:
    async with opened_page(browser, address, (390, 844), "zh-CN") as page:
        await page.get_by_test_id(f"tab-{ANNA}").click()
        anna = page.get_by_test_id(f"phone-{ANNA}")
        await expect(anna).to_be_visible()
        labels = "🔁 重拍或调整照片", "W" * 60, "需进一步拆解才能拍到，稍后才能补拍，请先继续填写其他内容"
        keys = [[{"text": text, "callback_data": "x"} for text in labels], [{"text": labels[2], "callback_data": "y"}]]
        await say(anna, "hello")
        await bot.ask(
            "sendMessage",
            chat_id=ANNA,
            text="x" * 300 + " https://example.com/" + "y" * 200,
            reply_markup={"inline_keyboard": keys},
        )
        await expect(anna.get_by_test_id("inline-button")).to_have_count(4)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await anna.locator(".log").evaluate("(log) => log.scrollWidth <= log.clientWidth")
        for key in await anna.get_by_test_id("inline-button").all():
            assert await key.evaluate(
                "(key) => key.scrollWidth <= key.clientWidth && key.scrollHeight <= key.clientHeight"
            )


async def test_the_page_comes_back_after_the_stand_in_was_away(page: Page, stand_in: StandIn) -> None:
    port = int(page.url.rsplit(":", 1)[1].strip("/"))
    anna = page.get_by_test_id(f"phone-{ANNA}")
    await expect(anna).to_be_visible()
    await stand_in.stop()
    await expect(page.get_by_test_id("offline")).to_be_visible()
    stand_in.say(ANNA, "said meanwhile")
    await stand_in.start(port)
    await expect(anna.get_by_text("said meanwhile")).to_be_visible()
    await expect(page.get_by_test_id("offline")).to_be_hidden()
