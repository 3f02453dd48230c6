"""`make pictures`: the demo's page for the README, from a scripted run of the real demo.

A technician in the middle of a report, the clerk with the claim before, a supervisor with its card.
"""

import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from tests.browser import ready
from tests.browser.hands import CLERK, ROOT, SUPERVISOR, TECHNICIAN, Demo, Hand, opened_browser, opened_page
from tests.browser.walks import completes, reports

PICTURE = ROOT / "docs" / "pictures" / "page.png"
LARGEST = 400 * 1024


async def play(page: Page, folder: Path) -> None:
    li, wang, chen = Hand(page, TECHNICIAN), Hand(page, CLERK), Hand(page, SUPERVISOR)
    await reports(li, folder)
    await completes(wang)
    await wang.taps("送审")
    await wang.has_heard("已送 Chen Wei、赵敏 审批")
    await chen.has_heard("SH01-2026-0001 needs a decision")
    await li.writes("/new")
    await li.answers("哪台车", "LSVNV2189E2100002")
    await li.chooses("是这台车吗", "是")
    await li.answers("里程表读数", "38450")
    await li.answers("客户怎么说", "冷却液温度报警，水管下面有水")
    await li.chooses("故障在哪个系统", "发动机")
    await li.chooses("有故障码吗", "跳过")
    await li.answers("故障原因是什么", "水泵密封圈老化，漏水")
    await li.chooses("哪个零件坏了", "水泵")
    await li.answers("零件号", "EX-06L121111")
    await li.chooses("维修还是更换", "更换")
    await li.chooses("新件的零件号", "跳过")
    await li.chooses("旧件的吊牌号", "跳过")
    await li.hears("下一张：车架号铭牌")
    await li.photographs("vin_plate")
    await li.hears("👍 车架号铭牌")


async def draw() -> int:
    found = ready.browser()
    if found is None:
        sys.stdout.write("no Chromium on this machine\n")
        return 1
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        demo = Demo(folder / "demo")
        await demo.start()
        try:
            async with (
                opened_browser(found) as browser,
                opened_page(browser, demo.address, (1440, 1080), "zh-CN", scale=1.5) as page,
            ):
                await play(page, folder)
                await page.mouse.move(720, 40)
                taken = await page.screenshot(animations="disabled")
        finally:
            await demo.end()
    with Image.open(io.BytesIO(taken)) as picture:
        true = picture.convert("RGB")
        # 256 colours, chosen so that the few red and amber spots keep theirs.
        palette = true.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        true.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {size // 1024} KB\n")
    return 0 if size <= LARGEST else 1


if __name__ == "__main__":
    sys.exit(ready.make_ready() or asyncio.run(draw()))
