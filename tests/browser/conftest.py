"""A browser for each test; where none can be had the test says so, and in CI it fails instead."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser import ready
from tests.browser.hands import Demo, opened_browser


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = ready.browser()
    if path is None:
        if ready.must_be_here():
            pytest.fail("no Chromium on this machine, and CI leaves nothing out")
        pytest.skip("no Chromium on this machine: the page was not walked")
    async with opened_browser(path) as opened:
        yield opened


@pytest.fixture
async def demo(browser: Browser, tmp_path: Path) -> AsyncIterator[Demo]:  # noqa: ARG001  no browser, no demo
    one = Demo(tmp_path / "demo")
    await one.start()
    yield one
    await one.end()
    wrong = [line for line in one.log.splitlines() if "Traceback" in line or '"level": "error"' in line]
    assert wrong == [], one.log[-3000:]
