"""People as they are: several sites, roles that change, languages that change, photos out of the blue."""

import json
from io import BytesIO
from typing import Any

from PIL import Image, ImageFilter

from claimbot.assistant.nightly import look
from claimbot.demo.samples import draw_sample
from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx, people
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World


async def second_site(world: World, user: int, *roles: str) -> None:
    def work(tx: Tx) -> None:
        site = people.add_site(
            tx, code="BJ01", name="北京店", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        person = people.lock_by_telegram_id(tx, user)
        assert person is not None
        for role in roles:
            people.give_role(tx, person.id, site, role)  # type: ignore[arg-type]  # a role's name, as typed

    await world.database.turn(work)


def _plain(sent: object) -> Any:  # noqa: ANN401  whatever JSON holds
    """A parameter as it was meant: form fields carry JSON in a string."""
    return json.loads(sent) if isinstance(sent, str) else sent


def menus_of(world: World, user: int) -> list[list[str]]:
    """The command menus that this person was given, each as the names in it."""
    found = []
    for method, sent in world.telegram.calls:
        scope = _plain(sent.get("scope")) or {}
        if method.lower() == "setmycommands" and scope.get("chat_id") == user:
            found.append([each["command"] for each in _plain(sent["commands"])])
    return found


async def test_somebody_who_works_at_two_sites_is_asked_at_which(world: World) -> None:
    await second_site(world, TECHNICIAN, "technician")
    assert "哪个门店" in await world.say(TECHNICIAN, "/new")
    assert "哪台车" in await world.tap(TECHNICIAN, "BJ01")
    for _ in range(40):
        answer = await world.example(TECHNICIAN)
        if answer.kind == "tap" and answer.value.endswith(":send"):
            break
    assert "BJ01-2026-0001" in "".join(message["text"] for message in world.shown(TECHNICIAN))
    assert "BJ01" not in world.last(CLERK), "the other site's desk is not told"


async def test_a_loose_photo_of_somebody_at_two_sites_offers_both(world: World) -> None:
    await second_site(world, TECHNICIAN, "technician")
    await world.photo(TECHNICIAN)
    assert "哪台车" in await world.tap(TECHNICIAN, "BJ01")


async def test_everybodys_command_menu_is_their_own_and_follows_their_language(world: World) -> None:
    assert "queue" in menus_of(world, CLERK)[-1]
    assert "invite" not in menus_of(world, CLERK)[-1]
    assert "new" not in menus_of(world, SUPERVISOR)[-1]
    before = len(menus_of(world, CLERK))
    await world.say(CLERK, "/language en")
    assert len(menus_of(world, CLERK)) == before + 1
    assert "claims clerk" in await world.say(CLERK, "/help")


async def test_help_in_the_middle_of_a_report_leads_back_to_its_question(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    for command in ("/help", "/start"):
        assert "哪台车" in await world.say(TECHNICIAN, command)


async def test_an_album_out_of_the_blue_is_asked_about_once_and_waits_to_be_sorted(world: World) -> None:
    before = len(world.shown(TECHNICIAN))
    pictures = [draw_sample("failed_part", vin="LSVAA4182E2184847", km=1, seed=200 + n) for n in range(3)]
    world.telegram.send_album(TECHNICIAN, pictures)
    await world.settled()
    world.skip(seconds=2)
    await world.tick()
    assert len(world.shown(TECHNICIAN)) == before + 1
    assert "3 张" in world.last(TECHNICIAN)
    await world.tap(TECHNICIAN, "➕ 新建报修")
    assert len(world.shown(TECHNICIAN)) == before + 2
    world.skip(minutes=5)
    await world.tick()
    assert len(world.shown(TECHNICIAN)) == before + 2, "nothing that was prepared and not said comes later"


async def test_a_photo_for_a_submitted_claim_joins_it(world: World) -> None:
    number = await world.report()
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, f"📁 {number}")
    assert "拍的是什么" in world.last(TECHNICIAN)
    await world.tap(TECHNICIAN, "🗑")
    await world.tap(TECHNICIAN, "拍完了")
    assert f"给 {number} 补了照片" in world.last(CLERK)


async def test_a_blurred_photo_is_told_of_and_taken(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    while (await world.example(TECHNICIAN)).kind != "photo":
        pass
    sharp = Image.open(BytesIO(draw_sample("part_label", vin="LSVAA4182E2184847", km=1, seed=7)))
    out = BytesIO()
    sharp.filter(ImageFilter.GaussianBlur(12)).save(out, "JPEG")
    world.telegram.send_photo(TECHNICIAN, out.getvalue())
    await world.settled()
    assert "有点糊" in world.last(TECHNICIAN)


async def test_a_photo_that_was_used_for_another_claim_is_told_of(world: World) -> None:
    picture = draw_sample("failed_part", vin="LSVAA4182E2184847", km=1, seed=77)
    await world.say(TECHNICIAN, "/new")
    while (await world.example(TECHNICIAN)).kind != "photo":
        pass
    world.telegram.send_photo(TECHNICIAN, picture)
    await world.settled()
    while "SH01-2026-0001" not in world.last(TECHNICIAN):
        await world.example(TECHNICIAN)
    await world.say(TECHNICIAN, "/new")
    while (await world.example(TECHNICIAN)).kind != "photo":
        pass
    world.telegram.send_photo(TECHNICIAN, picture)
    await world.settled()
    assert "已用于 SH01-2026-0001" in world.last(TECHNICIAN)


async def test_what_runs_out_soon_is_first_in_the_queue(world: World) -> None:
    await world.report()
    world.skip(hours=1)
    await world.report()
    await world.say(CLERK, "/claim SH01-2026-0002")
    await world.tap(CLERK, "📝")
    for _ in range(20):
        if any("📤" in label for label in world.buttons(CLERK)):
            break
        await world.example(CLERK)
    lines = (await world.say(CLERK, "/queue")).splitlines()
    assert "0001" in lines[1], "the longest waiting first, while nothing runs out"
    world.skip(days=25)
    lines = (await world.say(CLERK, "/queue")).splitlines()
    assert "0002" in lines[1]
    assert "剩" in lines[1]


async def test_the_nightly_check_finds_what_was_changed_and_tells_the_administrator(world: World) -> None:
    await world.report()
    folder = EvidenceFolder(world.folder / "evidence")
    assert not await look(world.database, folder)
    kept = next(path for path in (world.folder / "evidence").rglob("*") if path.is_file() and len(path.stem) == 64)
    kept.chmod(0o600)
    kept.write_bytes(b"something else")
    await world.door.check()
    await world.settled()
    assert "1 张照片缺失或被改动" in world.last(1004)
