"""Photos, albums and files as people really send them: each is kept once, or it is said why not; nothing is lost."""

import io
import struct
import zlib

import pillow_heif
import pytest
from PIL import Image

from claimbot.demo.samples import draw_sample
from claimbot.evidence import EvidenceFolder
from claimbot.store import claims
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import answers, report_up_to, sheet, step

VIN = "LSVAA4182E2184847"
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def picture(seed: int, slot: str = "failed_part") -> bytes:
    return draw_sample(slot, vin=VIN, km=1, seed=seed)


def as_kind(kind: str, size: tuple[int, int] = (900, 700), seed: int = 1) -> bytes:
    out = io.BytesIO()
    drawn = Image.open(io.BytesIO(picture(seed))).convert("RGB").resize(size)
    if kind == "HEIC":
        pillow_heif.from_pillow(drawn).save(out, quality=60)
    else:
        drawn.save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 60,000 by 60,000."""
    body = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    head = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + head + b"\x00\x00\x00\x00IEND\xaeB`\x82"


async def kept(world: World) -> tuple[str, ...]:
    return tuple(await world.database.turn(claims.all_evidence))


# albums


async def test_an_album_in_pieces_out_of_order_with_other_things_between_keeps_every_photo(world: World) -> None:
    await report_up_to(world, "photos")
    for seed in (3, 1):
        world.telegram.send_album(TECHNICIAN, [picture(seed)], group="77")
        await world.settled()
    world.telegram.say(CLERK, "/queue")
    world.telegram.send_album(TECHNICIAN, [picture(2)], "零件标签", group="77")
    await world.settled()
    before = len(world.shown(TECHNICIAN))
    world.skip(seconds=2)
    await world.tick()
    assert len(world.shown(TECHNICIAN)) == before + 1, "one answer to all of it"
    held = await sheet(world)
    assert len(held.tray) == 2
    assert list(held.slots) == ["part_label"], "its caption told what it shows"
    world.telegram.send_album(TECHNICIAN, [picture(4)], group="77")  # much later than all others
    await world.settled()
    world.skip(seconds=2)
    await world.tick()
    assert len((await sheet(world)).tray) == 3
    assert len(await kept(world)) == 4


async def test_done_right_behind_an_album_waits_for_no_timer(world: World) -> None:
    await report_up_to(world, "photos")
    done = next(place for label, place in world.buttons(TECHNICIAN).items() if "拍完了" in label)
    world.telegram.send_album(TECHNICIAN, [picture(seed) for seed in range(3)])
    world.telegram.tap(TECHNICIAN, *done)
    await world.settled()
    assert "待归类" in world.last(TECHNICIAN)
    before = len(world.shown(TECHNICIAN))
    world.skip(seconds=5)
    await world.tick()
    assert len(world.shown(TECHNICIAN)) == before, "the question is not asked again by the timer"


async def test_an_album_of_more_than_ten_is_shown_to_the_supervisor_in_albums(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    photos = [message for message in world.shown(SUPERVISOR) if message.get("photo")]
    assert len(photos) == 8
    assert len({message["media_group_id"] for message in photos}) == 1


# what a photo is


async def test_the_picture_is_fetched_and_not_its_thumbnail(world: World) -> None:
    await report_up_to(world, "photos")
    await world.photo(TECHNICIAN)
    (sha,) = await kept(world)
    with Image.open(io.BytesIO(EvidenceFolder(world.folder / "evidence").open(sha))) as opened:
        assert max(opened.size) == 1280


@pytest.mark.parametrize(
    ("name", "mime", "kind"),
    [
        ("IMG_0001.JPG", "image/jpeg", "JPEG"),
        ("IMG_0002.heic", "image/heic", "HEIC"),
        ("IMG_0003.HEIC", "application/octet-stream", "HEIC"),
        ("scan.png", "image/png", "PNG"),
        ("微信图片.webp", "image/webp", "WEBP"),
    ],
)
async def test_a_picture_sent_as_a_file_counts_as_a_photo(world: World, name: str, mime: str, kind: str) -> None:
    await report_up_to(world, "photos")
    sent = as_kind(kind)
    world.telegram.send_file(TECHNICIAN, name, sent, mime)
    await world.settled()
    assert list((await sheet(world)).slots) == ["vin_plate"]
    (sha,) = await kept(world)
    assert EvidenceFolder(world.folder / "evidence").open(sha) == sent, "untouched, as a file comes"


async def test_a_paper_is_kept_and_shown_again_as_the_file_that_it_is(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    world.telegram.send_file(TECHNICIAN, "发票.pdf", PDF, "application/pdf")
    await world.settled()
    assert "稍后在照片步骤归类" in world.last(TECHNICIAN)
    while await step(world) != "photos":
        await world.example(TECHNICIAN)
    assert "待归类" in world.last(TECHNICIAN), "the question that shows it arrives"
    assert world.shown(TECHNICIAN)[-1]["document"]["file_name"] == "evidence.pdf"
    await world.tap(TECHNICIAN, "里程表")
    assert list((await sheet(world)).slots) == ["odometer"]


async def test_a_picture_of_a_shape_that_telegram_shows_only_as_a_file_stops_nothing(world: World) -> None:
    await report_up_to(world, "complaint")
    world.telegram.send_file(TECHNICIAN, "pano.png", as_kind("PNG", (3000, 60)), "image/png")
    await world.settled()
    while await step(world) != "photos":
        await world.example(TECHNICIAN)
    assert "待归类" in world.last(TECHNICIAN)
    assert "document" in world.shown(TECHNICIAN)[-1]


async def test_a_photo_whose_id_telegram_no_longer_knows_is_sent_from_what_was_kept(world: World) -> None:
    await world.report()
    await world.complete()
    world.telegram.forget_files()
    await world.tap(CLERK, "📤")
    assert sum("photo" in message for message in world.shown(SUPERVISOR)) == 8
    assert any("Approve" in label for label in world.buttons(SUPERVISOR))


async def test_evidence_that_is_lost_from_the_disk_takes_no_words_with_it(world: World) -> None:
    await report_up_to(world, "complaint")
    world.telegram.send_file(TECHNICIAN, "a.png", as_kind("PNG"), "image/png")
    await world.settled()
    for path in (world.folder / "evidence").rglob("*"):
        if path.is_file():
            path.unlink()
    while await step(world) != "photos":
        await world.example(TECHNICIAN)
    assert "待归类" in world.last(TECHNICIAN)
    assert any("里程表" in label for label in world.buttons(TECHNICIAN))


# what comes where something else is wanted


async def test_a_photo_where_words_are_wanted_is_set_aside_and_the_question_stays(world: World) -> None:
    await report_up_to(world, "complaint")
    assert "客户怎么说" in await world.photo(TECHNICIAN)
    assert await step(world) == "complaint"
    assert len((await sheet(world)).tray) == 1


async def test_a_picture_of_what_is_asked_in_words_is_kept_as_such_and_a_paper_is_not(world: World) -> None:
    await report_up_to(world, "odometer_km")
    world.telegram.send_file(TECHNICIAN, "发票.pdf", PDF, "application/pdf")
    await world.settled()
    assert "已作“里程表”照片" in await world.photo(TECHNICIAN, "odometer")
    assert "里程表读数" in world.last(TECHNICIAN), "the reading is still to be typed"
    held = await sheet(world)
    assert list(held.slots) == ["odometer"]
    assert len(held.tray) == 1


async def test_text_where_a_photo_is_wanted_says_which_photo(world: World) -> None:
    await report_up_to(world, "photos")
    assert "请发照片：车架号铭牌" in await world.say(TECHNICIAN, "马上拍")
    assert await step(world) == "photos"


@pytest.mark.parametrize("caption", ["/cancel", "/start", "/CANCEL@claimbot_demo_bot"])
async def test_a_command_under_a_photo_is_a_caption_and_the_photo_is_kept(world: World, caption: str) -> None:
    await report_up_to(world, "photos")
    world.telegram.send_photo(TECHNICIAN, picture(5), caption)
    await world.settled()
    assert await step(world) == "photos"
    assert list((await sheet(world)).slots) == ["vin_plate"]


# files that cannot be taken


@pytest.mark.parametrize(
    ("name", "mime", "content", "said"),
    [
        ("foto.jpg", "image/jpeg", PDF, "文件与名称不符：名为 foto.jpg，实为 PDF。"),
        ("invoice.pdf", "application/pdf", as_kind("PNG"), "文件与名称不符：名为 invoice.pdf，实为 PNG。"),
        ("bomb.png", "image/png", bomb(), "图片太大：3,600 MP，最多 60 MP。"),
        ("half.jpg", "image/jpeg", picture(1)[:2000], "图片已损坏"),
        ("empty.jpg", "image/jpeg", b"", "文件是空的。"),
        ("claims.exe", "application/x-msdownload", b"MZ" + bytes(500), "只能接收照片"),
        ("费用.xlsx", "application/zip", b"PK\x03\x04" + bytes(500), "无法读取该表格"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_told_and_the_step_stays(
    world: World, name: str, mime: str, content: bytes, said: str
) -> None:
    await report_up_to(world, "odometer_km")
    world.telegram.send_file(TECHNICIAN, name, content, mime)
    await world.settled()
    assert any(said in message["text"] for message in world.shown(TECHNICIAN)[-2:])
    assert "里程表读数" in world.last(TECHNICIAN), "and the question stands"
    assert await step(world) == "odometer_km"
    assert await kept(world) == ()


async def test_25_megabytes_are_too_many_which_is_said_and_nothing_is_lost(world: World) -> None:
    await report_up_to(world, "photos")
    await world.photo(TECHNICIAN)
    world.telegram.send_file(TECHNICIAN, "raw.jpg", bytes(25 * 1024 * 1024), "image/jpeg")
    await world.settled()
    assert any("文件超过 20 MB" in message["text"] for message in world.shown(TECHNICIAN)[-2:])
    assert list((await sheet(world)).slots) == ["vin_plate"]
    assert not any(method == "getFile" for method, _ in world.telegram.calls[-3:])


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.jpg",
        "<b>&.jpg",
        "\u202egpj.exe.jpg",
        "名" * 300 + ".jpg",
        "C:\\a\\..\\b\x00.jpg",
        "=cmd().jpg",
    ],
)
async def test_a_hostile_file_name_is_only_a_name(world: World, name: str) -> None:
    await report_up_to(world, "photos")
    world.telegram.send_file(TECHNICIAN, name, as_kind("JPEG"), "image/jpeg")
    await world.settled()
    assert list((await sheet(world)).slots) == ["vin_plate"]
    world.telegram.send_file(TECHNICIAN, name, PDF, "application/pdf")
    await world.settled()
    shown = [message["text"] for message in world.shown(TECHNICIAN)[-2:]]
    assert any("文件与名称不符" in text for text in shown)
    assert not any("\u202e" in text or "系统出错" in text for text in shown)
    files = [path for path in (world.folder / "evidence").rglob("*") if path.is_file()]
    assert len(files) == 2, "the picture and its screen copy, under their hash"


# fetching


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, without their time passing."""
    taken: list[float] = []

    async def rest(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("claimbot.chat.arriving.sleep", rest)
    return taken


@pytest.mark.parametrize("how", ["502", "reset", "429"])
@pytest.mark.parametrize("what", ["getFile", "file"])
async def test_a_hiccup_while_fetching_costs_no_photo(world: World, rests: list[float], what: str, how: str) -> None:
    await report_up_to(world, "photos")
    world.telegram.fail_next(what, how, 2)  # type: ignore[arg-type]  # one of the ways
    await world.photo(TECHNICIAN)
    assert list((await sheet(world)).slots) == ["vin_plate"]
    assert rests, "it failed, and was tried again"


async def test_a_photo_that_cannot_be_fetched_at_all_is_asked_for_again(world: World, rests: list[float]) -> None:
    await report_up_to(world, "photos")
    world.telegram.fail_next("getFile", "502", 3)
    await world.photo(TECHNICIAN)
    assert any("文件暂时取不到" in message["text"] for message in world.shown(TECHNICIAN)[-2:])
    assert len(rests) == 2
    assert await step(world) == "photos"
    await world.photo(TECHNICIAN)
    assert list((await sheet(world)).slots) == ["vin_plate"]


async def test_the_same_photo_twice_is_kept_once_and_said(world: World) -> None:
    await report_up_to(world, "photos")
    again = as_kind("JPEG")
    for _ in range(2):
        world.telegram.send_file(TECHNICIAN, "a.jpg", again, "image/jpeg")
        await world.settled()
    assert "这张照片已经有了" in world.last(TECHNICIAN)
    assert len(await kept(world)) == 1
    assert "vin" in await answers(world)


async def test_a_photo_at_the_review_is_sorted_at_once_and_everything_is_looked_at_again(world: World) -> None:
    await report_up_to(world, "explanation")
    review = world.last(TECHNICIAN)
    assert "待归类" in await world.photo(TECHNICIAN)
    assert await step(world) == "photos"
    await world.tap(TECHNICIAN, "🗑 不需要")
    assert await world.tap(TECHNICIAN, "✅ 拍完了") == review
    await world.tap(TECHNICIAN, "✏️ 照片")
    await world.tap(TECHNICIAN, "重拍或调整")
    await world.tap(TECHNICIAN, "零件标签")
    await world.tap(TECHNICIAN, "🗑 删除")
    await world.tap(TECHNICIAN, "✅ 拍完了")
    gone = await world.tap(TECHNICIAN, "稍后")
    assert "👀 请核对" in gone
    assert "⚠️ 照片齐全" in gone
    assert "已提交" in await world.tap(TECHNICIAN, "✅ 提交")


async def test_an_album_at_the_review_is_sorted_photo_by_photo(world: World) -> None:
    await report_up_to(world, "explanation")
    world.telegram.send_album(TECHNICIAN, [picture(seed) for seed in (91, 92)])
    await world.settled()
    world.skip(seconds=2)
    await world.tick()
    assert "待归类" in world.last(TECHNICIAN)
    assert len((await sheet(world)).tray) == 2


async def test_what_is_written_under_a_photo_answers_the_question_and_the_photo_waits(world: World) -> None:
    await report_up_to(world, "complaint")
    world.telegram.send_photo(TECHNICIAN, picture(91), "冷车启动困难")
    await world.settled()
    assert "稍后在照片步骤归类" in world.last(TECHNICIAN)
    assert await step(world) == "fault_family"
    assert (await answers(world))["complaint"] == "冷车启动困难"
    assert len((await sheet(world)).tray) == 1


@pytest.mark.parametrize("caption", ["零件标签", "👍", "抖"])
async def test_what_is_no_answer_under_a_photo_leaves_the_question(world: World, caption: str) -> None:
    await report_up_to(world, "complaint")
    world.telegram.send_photo(TECHNICIAN, picture(91), caption)
    await world.settled()
    assert "客户怎么说" in world.last(TECHNICIAN)
    assert await step(world) == "complaint"
    assert len((await sheet(world)).tray) == 1


async def test_an_album_with_words_under_one_photo_is_one_answer(world: World) -> None:
    await report_up_to(world, "complaint")
    before = len(world.shown(TECHNICIAN))
    world.telegram.send_album(TECHNICIAN, [picture(seed) for seed in (91, 92, 93)], "冷车启动困难")
    await world.settled()
    world.skip(seconds=2)
    await world.tick()
    assert len(world.shown(TECHNICIAN)) == before + 1
    assert (await answers(world))["complaint"] == "冷车启动困难"
    assert len((await sheet(world)).tray) == 3
