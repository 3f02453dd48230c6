"""People at the demo's page: the real `claimbot demo` as its own process, and hands that click and type.

Nothing here reaches behind the page. Nothing sleeps: each hand waits for what its phone shows.
"""

import asyncio
import datetime as dt
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROOT = Path(__file__).parent.parent.parent
TECHNICIAN, CLERK, SUPERVISOR, SECOND = 1001, 1002, 1003, 1004
WEDNESDAY_MORNING = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)  # 10:00 at the demo's site, a workday
SOON = 30_000  # milliseconds; the bot keeps Telegram's pace of a message a second, and the machine may be busy
VIN = "LSVAA4182E2184847"
expect.set_options(timeout=SOON)


class Demo:
    """`claimbot demo` in its folder; it can be ended hard and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        clock = self.folder / "clock.json"
        if not clock.exists():
            clock.write_text(str((WEDNESDAY_MORNING - dt.datetime.now(dt.UTC)).total_seconds()), encoding="ascii")
        port = self.address.rsplit(":", 1)[1] if self.address else "0"
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "claimbot", "demo", "--folder", str(self.folder), "--port", port),
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        async with asyncio.timeout(60):
            while True:
                line = await self._output().readline()
                assert line, f"the demo did not start: {self.log[-2000:]}"
                if found := re.search(r"http://\S+", line.decode()):
                    self.address = found[0]
                    return

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(how)
            async with asyncio.timeout(30):
                await self._output().read()
                await self._process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def _output(self) -> asyncio.StreamReader:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout


class Hand:
    """One person with their phone on the page; on a narrow screen they take it up by its tab first."""

    def __init__(self, page: Page, user_id: int) -> None:
        self.page = page
        self.phone = page.get_by_test_id(f"phone-{user_id}")
        self.tab = page.get_by_test_id(f"tab-{user_id}")

    def of(self, name: str) -> Locator:
        return self.phone.get_by_test_id(name)

    @property
    def heard(self) -> Locator:
        return self.phone.locator('[data-testid="message"][data-from="bot"]')

    @property
    def own(self) -> Locator:
        return self.phone.locator('[data-testid="message"][data-from="me"]')

    async def takes_up(self) -> None:
        if not await self.phone.is_visible():
            await self.tab.click()
            await expect(self.phone).to_be_visible()

    async def writes(self, text: str) -> None:
        await self.takes_up()
        await self.of("composer").fill(text)
        await self.of("send").click()

    async def taps(self, label: str) -> None:
        """The newest button of that label, its sign aside."""
        await self.takes_up()
        words = re.compile(rf"(^|\s){re.escape(label)}(\s|$)")
        await self.of("inline-button").filter(has_text=words).last.click()

    async def hears(self, *words: str) -> None:
        """The newest message of the bot says so."""
        for each in words:
            await expect(self.heard.last).to_contain_text(each)

    async def has_heard(self, words: str) -> None:
        """Some message of the bot says so."""
        await expect(self.heard.filter(has_text=words).last).to_be_attached()

    async def answers(self, question: str, text: str) -> None:
        await self.hears(question)
        await self.writes(text)

    async def chooses(self, question: str, label: str) -> None:
        await self.hears(question)
        await self.taps(label)

    async def answers_with_the_example(self) -> None:
        await self.takes_up()
        await self.of("example").click()

    async def attaches(self, what: str) -> None:
        await self.takes_up()
        await self.of("attach").click()
        await self.of(f"attach-{what}").click()

    async def photographs(self, slot: str) -> None:
        await self.attaches("sample")
        await self.phone.locator(f'[data-slot="{slot}"]').click()

    async def sends_files(self, files: Sequence[Path], what: str = "photos") -> None:
        await self.takes_up()
        await self.of("attach").click()
        async with self.page.expect_file_chooser() as chooser:
            await self.of(f"attach-{what}").click()
        await (await chooser.value).set_files(list(files))

    async def sends_album(self, files: Sequence[Path]) -> None:
        await self.sends_files(files)
        await self.page.get_by_test_id("as-album").click()


@asynccontextmanager
async def opened_browser(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@asynccontextmanager
async def opened_page(
    browser: Browser, address: str, size: tuple[int, int], locale: str, *, scale: float = 1
) -> AsyncIterator[Page]:
    """A page that must not complain: any script error or refused request fails at the end."""
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    context = await browser.new_context(viewport=viewport, locale=locale, device_scale_factor=scale)
    page = await context.new_page()
    page.set_default_timeout(SOON)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    await page.goto(address)
    yield page
    await context.close()
    # A demo that is away is no mistake of the page: it says so itself.
    assert [each for each in wrong if "ERR_CONNECTION_REFUSED" not in each and "ERR_INCOMPLETE" not in each] == []


async def no_sideways(page: Page) -> None:
    """Nothing is wider than the screen, and no two buttons lie on each other."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("skip-hour", "page-language"):
        box = await page.get_by_test_id(name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    overlaps = await page.evaluate(
        """() => {
            const seen = [...document.querySelectorAll("button, textarea")].filter((one) => one.checkVisibility())
                .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
            const cross = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
            const wide = seen.filter(([one]) => one.scrollWidth > one.clientWidth + 1).map(([one]) => one.textContent);
            const keys = seen.filter(([one]) => one.closest(".keys"));
            return wide.concat(keys.flatMap(([one, box], place) => keys.slice(place + 1)
                .filter(([, other]) => cross(box, other)).map(([other]) => [one.textContent, other.textContent])));
        }"""
    )
    assert overlaps == []
