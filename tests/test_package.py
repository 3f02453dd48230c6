"""The package of an approved claim, the whole way: asked for with a tap, made when it goes out, read back."""

import csv
import io
import json
import zipfile
from decimal import Decimal

from pypdf import PdfReader
from sqlalchemy import select

from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx
from claimbot.store.tables import evidence
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World

NUMBER = "SH01-2026-0001"


async def approved(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤 送审")
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.say(CLERK, f"/claim {NUMBER}")


async def the_zip(world: World) -> dict[str, bytes]:
    def sha(tx: Tx) -> str:
        return str(tx.execute(select(evidence.c.sha256).where(evidence.c.mime == "application/zip")).scalar_one())

    data = EvidenceFolder(world.folder / "evidence").open(await world.database.turn(sha))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


async def test_the_clerk_gets_everything_that_the_maker_wants_in_one_file(world: World) -> None:
    await approved(world)
    await world.tap(CLERK, "📦 申报资料包")
    sent = world.shown(CLERK)[-1]
    assert sent["document"]["file_name"] == f"{NUMBER}.zip"
    assert "8 张照片" in sent["text"]
    files = await the_zip(world)
    photos = [name for name in files if name.startswith("photos/")]
    assert len(photos) == 8
    assert all(files[name][:2] == b"\xff\xd8" for name in photos)
    pages = PdfReader(io.BytesIO(files["claim.pdf"])).pages
    text = "".join("".join(page.extract_text() for page in pages).split())  # however it runs over the rows
    for said in (
        f"索赔单{NUMBER}",
        "LSVAA4182E2184847",
        "费用明细",
        "¥1,600.50",
        "车架号铭牌",
    ):
        assert said in text, said
    for ours in ("在包修期内", "厂家会拒", "ChenWei"):  # our pre-audit and our decisions are not the maker's to read
        assert ours not in text, ours
    data = json.loads(files["claim.json"])
    assert data["claim_number"] == NUMBER
    assert data["totals"] == {
        "labor": "320.00",
        "parts": "1280.50",
        "other": "0.00",
        "claimed": "1600.50",
        "asked": "1600.50",
    }
    assert (data["claim_type"], data["goodwill_shares"], data["preauthorisation_number"]) == ("normal", None, None)
    lines = [*data["labor"], *data["parts"], *data["sublet"]]
    assert sum(Decimal(line["claimed"]) for line in lines) == Decimal(data["totals"]["claimed"])
    assert not {"findings", "decisions"} & {*data}
    assert [each["file"] for each in data["photos"]] == photos
    rows = list(csv.reader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))
    assert len(rows) == 9


async def test_a_photo_more_than_the_plan_asks_for_goes_along_and_is_shown_to_whoever_decides(world: World) -> None:
    await world.report()
    await world.say(TECHNICIAN, f"/claim {NUMBER}")
    await world.tap(TECHNICIAN, "📷 补照片")
    for _ in range(3):
        await world.tap(TECHNICIAN, "➕ 其他照片")
        await world.photo(TECHNICIAN, "generic")
    await world.tap(TECHNICIAN, "拍完了")
    await world.complete()
    await world.tap(CLERK, "📤 送审")
    assert sum("photo" in message for message in world.shown(SUPERVISOR)) == 11, "one more than an album holds"
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.say(CLERK, f"/claim {NUMBER}")
    await world.tap(CLERK, "📦 申报资料包")
    assert "11 张照片" in world.shown(CLERK)[-1]["text"]
    files = await the_zip(world)
    rows = list(csv.reader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))
    assert [row[:3] for row in rows[9:]] == [
        [f"{place:02}-other_photo.jpg", "other_photo", "其他照片"] for place in (9, 10, 11)
    ]
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(files["claim.pdf"])).pages)
    assert text.count("其他照片") == 3


async def test_a_failure_that_nobody_explained_keeps_the_package_back_and_says_the_way_out(world: World) -> None:
    await approved(world)
    world.skip(days=40)
    await world.say(CLERK, f"/claim {NUMBER}")
    answer = await world.tap(CLERK, "📦 申报资料包")
    assert "还不能报厂家" in answer
    assert "申报期限" in answer
    assert not any("document" in message for message in world.shown(CLERK))
    await world.tap(CLERK, "↩️ 从审批收回")
    assert f"{NUMBER} 已收回" in world.last(CLERK)


async def test_only_the_desk_gets_it_and_only_of_what_is_approved(world: World) -> None:
    await world.report()
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], "pk:1")
    await world.settled()
    assert any("待索赔员处理" in message["text"] for message in world.shown(CLERK)[-2:])
    world.telegram.tap(TECHNICIAN, world.shown(TECHNICIAN)[-1]["message_id"], "pk:1")
    await world.settled()
    assert not any("document" in message for message in (*world.shown(CLERK), *world.shown(TECHNICIAN)))
