"""People as they are: several sites, roles that change, languages that change, photos out of the blue."""

import json
import re
from io import BytesIO
from typing import Any

from PIL import Image, ImageFilter

from claimbot.assistant.nightly import look
from claimbot.demo.samples import draw_sample
from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx, claims, people
from tests.conftest import CLERK, SECOND, STRANGER, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import sheet


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
    await world.tap(TECHNICIAN, "车架号")
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


async def test_a_photo_sent_just_before_the_report_goes_into_it(world: World) -> None:
    await world.photo(TECHNICIAN, "failed_part")
    assert "属于哪一单" in world.last(TECHNICIAN)
    assert "稍后在照片步骤归类" in await world.say(TECHNICIAN, "/new")
    assert len((await sheet(world)).tray) == 1


async def test_a_photo_of_yesterday_goes_into_no_report_by_itself(world: World) -> None:
    await world.photo(TECHNICIAN, "failed_part")
    world.skip(hours=25)
    assert "稍后在照片步骤归类" not in await world.say(TECHNICIAN, "/new")
    assert (await sheet(world)).tray == ()
    await world.say(TECHNICIAN, "/cancel")
    assert "已收到（2 张）" in await world.photo(TECHNICIAN, "odometer"), "it still waits to be given a place"


async def test_photos_added_to_a_claim_wait_when_one_stops_midway(world: World) -> None:
    await world.report()
    await world.tap(TECHNICIAN, "📂 打开")
    await world.tap(TECHNICIAN, "📷 补照片")
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "零件标签")
    await world.photo(TECHNICIAN, "part_label")
    before = await sheet(world)
    assert "内容都在" in await world.say(TECHNICIAN, "/cancel")
    assert not any("删除草稿" in label for label in world.buttons(TECHNICIAN)), "the claim is no draft"
    await world.tap(TECHNICIAN, "▶️ 继续")
    assert await sheet(world) == before


async def test_other_photos_from_several_people_and_ways_are_all_kept(world: World) -> None:
    number = await world.report()
    for user in (TECHNICIAN, CLERK):
        await world.say(user, f"/claim {number}")
        if user == CLERK:
            await world.tap(user, "🖼 照片")
        await world.tap(user, "📷 补照片")
        await world.tap(user, "➕ 其他照片")
        await world.photo(user, "generic")
    await world.tap(CLERK, "拍完了")
    await world.tap(TECHNICIAN, "拍完了")
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "❓ 问技师")
    await world.tap(CLERK, "📷 重拍照片")
    await world.tap(CLERK, "其他照片")
    await world.say(CLERK, "请从下面再拍一张")
    await world.tap(TECHNICIAN, "↩️ 答复")
    assert "已转给索赔员" in await world.photo(TECHNICIAN, "generic")
    held = await world.database.turn(lambda tx: claims.claim(tx, 1).facts.photos)
    assert held is not None
    assert len(set(held.slots["other_photo"])) == 3


async def test_photos_that_came_by_another_way_are_not_lost_when_one_goes_on_adding(world: World) -> None:
    await world.report()
    await world.tap(TECHNICIAN, "📂 打开")
    await world.tap(TECHNICIAN, "📷 补照片")
    await world.say(TECHNICIAN, "/cancel")
    await world.tap(CLERK, "📂 打开")
    await world.tap(CLERK, "❓ 问技师")
    await world.tap(CLERK, "📷 重拍照片")
    await world.tap(CLERK, "零件标签")
    await world.say(CLERK, "标签看不清")
    await world.tap(TECHNICIAN, "📷 补照片")
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "车架号铭牌")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, "↩️ 答复")
    await world.photo(TECHNICIAN, "part_label")
    answered = await world.database.turn(lambda tx: claims.claim(tx, 1).facts.photos)
    assert answered is not None
    await world.say(TECHNICIAN, "/claim SH01-2026-0001")
    await world.tap(TECHNICIAN, "📷 补照片")
    held = await sheet(world)
    assert answered.slots["part_label"][0] in held.all


async def test_a_strangers_file_is_neither_fetched_nor_kept(world: World) -> None:
    for _ in range(2):
        await world.photo(STRANGER)
    world.telegram.send_file(STRANGER, "a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")
    await world.settled()
    assert "you need an invitation" in world.last(STRANGER)
    assert not any(method == "getFile" for method, _ in world.telegram.calls)
    assert await world.database.turn(claims.all_evidence) == ()


async def test_whoever_is_being_invited_is_led_on_whatever_they_send(world: World) -> None:
    await world.tap(SECOND, "邀请同事")
    await world.tap(SECOND, "技师")
    await world.tap(SECOND, "示例汽车上海店")
    link = re.findall(r"start=([\w-]+)", world.last(SECOND))[0]
    await world.say(STRANGER, f"/start {link}")
    for answer in (await world.say(STRANGER, "/help"), await world.photo(STRANGER), await world.say(STRANGER, "/new")):
        assert "Which language" in answer
    assert "Open the link again" in await world.say(STRANGER, "/cancel")
    assert "Which language" in await world.say(STRANGER, f"/start {link}")


async def test_a_part_tapped_in_one_language_is_read_in_the_others(world: World) -> None:
    number = await world.report()
    assert "喷油器" in await world.say(CLERK, f"/claim {number}")
    told = await world.say(SUPERVISOR, f"/claim {number}")
    assert "Failed part: Injector" in told
    assert "· Injector" in told
    assert "喷油器" not in told.replace("一缸喷油器泄漏", "")
