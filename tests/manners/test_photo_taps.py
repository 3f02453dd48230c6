"""Taps about photos: each is about the photo or the gap that its button was made for, however late or often."""

from tests.conftest import TECHNICIAN, World
from tests.manners.steps import answers, report_up_to, sheet, step
from tests.manners.test_photos_and_files import picture

Place = tuple[int, str]


def place(world: World, label: str) -> Place:
    return next(where for text, where in reversed(world.buttons(TECHNICIAN).items()) if label in text)


async def tapped(world: World, *places: Place) -> str:
    for each in places:
        world.telegram.tap(TECHNICIAN, *each)
    await world.settled()
    return str(world.telegram.answers[-1]["text"])


async def with_an_album(world: World, count: int) -> None:
    await report_up_to(world, "photos")
    world.telegram.send_album(TECHNICIAN, [picture(seed) for seed in range(count)])
    await world.settled()
    world.skip(seconds=2)
    await world.tick()


async def test_a_double_tap_sorts_one_photo_and_loses_none(world: World) -> None:
    await with_an_album(world, 3)
    first, second, third = (await sheet(world)).tray
    odometer = place(world, "里程表")
    assert await tapped(world, odometer, odometer) == "这一步已经答过了。"
    held = await sheet(world)
    assert held.slots == {"odometer": (first,)}
    assert held.tray == (second, third)


async def test_a_double_tap_on_not_needed_drops_one_photo(world: World) -> None:
    await with_an_album(world, 2)
    _, second = (await sheet(world)).tray
    drop = place(world, "不需要")
    await tapped(world, drop, drop)
    assert (await sheet(world)).tray == (second,)


async def test_an_old_button_under_a_sorted_photo_moves_no_other_photo(world: World) -> None:
    await with_an_album(world, 2)
    first, second = (await sheet(world)).tray
    label = place(world, "零件标签")
    await world.tap(TECHNICIAN, "里程表")
    await tapped(world, label)
    held = await sheet(world)
    assert held.slots == {"odometer": (first,)}
    assert held.tray == (second,)


async def test_a_sorted_photo_shows_what_it_was_sorted_as_and_loses_its_buttons(world: World) -> None:
    await with_an_album(world, 1)
    await world.tap(TECHNICIAN, "里程表")
    asked = next(message for message in world.shown(TECHNICIAN) if message.get("photo"))
    assert asked["text"] == "✔️ 里程表"
    assert "reply_markup" not in asked


async def test_a_double_tap_on_a_reason_explains_one_gap(world: World) -> None:
    await report_up_to(world, "photos")
    await world.tap(TECHNICIAN, "拍完了")
    later = place(world, "稍后才能补拍")
    await tapped(world, later, later)
    held = await sheet(world)
    assert held.gaps == {"vin_plate": "later"}
    assert (held.mode, held.at) == ("gap", "odometer")


async def test_reasons_fit_the_photo_that_is_missing(world: World) -> None:
    await report_up_to(world, "photos")
    await world.tap(TECHNICIAN, "拍完了")
    assert "没有标签或已脱落" in {label for label, _ in world.buttons(TECHNICIAN).items()}
    await world.tap(TECHNICIAN, "稍后才能补拍")
    shown = {key["text"] for row in world.shown(TECHNICIAN)[-1]["reply_markup"]["inline_keyboard"] for key in row}
    assert "仪表或诊断仪无显示" in shown
    assert "没有标签或已脱落" not in shown


async def test_a_tapped_reason_is_read_by_each_in_their_own_language(world: World) -> None:
    await report_up_to(world, "photos")
    await world.tap(TECHNICIAN, "拍完了")
    while await step(world) == "photos":
        await world.tap(TECHNICIAN, "稍后才能补拍")
    assert "➖ 车架号铭牌：稍后才能补拍" in world.last(TECHNICIAN)
    assert "未拍（已说明）：车架号铭牌（稍后才能补拍）" in world.last(TECHNICIAN)
    said = await world.say(TECHNICIAN, "/language en")
    assert "➖ VIN plate: Can only be taken later" in said
    assert "VIN plate (Can only be taken later)" in said


async def test_an_old_remove_button_removes_no_other_photo(world: World) -> None:
    await report_up_to(world, "photos")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.photo(TECHNICIAN, "odometer")
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "车架号铭牌")
    remove = place(world, "🗑 删除")
    await world.tap(TECHNICIAN, "返回清单")
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "里程表")
    await tapped(world, remove)
    assert set((await sheet(world)).slots) == {"vin_plate", "odometer"}


async def test_a_photo_whose_place_is_no_longer_wanted_is_sorted_anew_and_not_lost(world: World) -> None:
    await report_up_to(world, "explanation")
    before = (await answers(world))["photos"]
    assert isinstance(before, dict)
    slots = before["slots"]
    assert isinstance(slots, dict)
    assert "new_part" in slots
    await world.tap(TECHNICIAN, "✏️ 故障原因")
    await world.say(TECHNICIAN, "一缸喷油器泄漏，清洗修复")
    await world.tap(TECHNICIAN, "✏️ 维修方式")
    await world.tap(TECHNICIAN, "维修")
    assert await step(world) == "photos"
    assert "还有 2 张待归类" in world.last(TECHNICIAN), "the new part and the old part's tag"
    await world.tap(TECHNICIAN, "不需要")
    await world.tap(TECHNICIAN, "不需要")
    await world.tap(TECHNICIAN, "拍完了")
    assert await step(world) == "explanation"


async def test_looking_at_a_photo_and_changing_the_fault_family_breaks_nothing(world: World) -> None:
    await report_up_to(world, "photos")
    for slot in ("vin_plate", "odometer", "fault_code_screen"):
        await world.photo(TECHNICIAN, slot)
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "故障码界面")
    while await step(world) != "fault_family":
        await world.tap(TECHNICIAN, "上一步")
    await world.tap(TECHNICIAN, "车身与漆面")
    for _ in range(8):
        if await step(world) == "photos":
            break
        await world.example(TECHNICIAN)
    assert "还有 1 张待归类" in world.last(TECHNICIAN), "paint has no fault codes"
    assert not any("系统出错" in message["text"] for message in world.shown(TECHNICIAN))


async def test_yes_to_the_car_of_before_is_no_yes_to_this_one(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = place(world, "✔️ 是")
    await world.say(TECHNICIAN, "LSVNV2189E2100002")
    assert "LSVNV2189E2100002" in world.last(TECHNICIAN)
    assert await tapped(world, yes) == "这一步已经答过了。"
    assert await step(world) == "car_right"


async def test_a_doubtful_reading_is_confirmed_by_its_own_button_only(world: World) -> None:
    await report_up_to(world, "odometer_km")
    await world.say(TECHNICIAN, "1500000")
    first = place(world, "1,500,000 公里没错")
    await world.say(TECHNICIAN, "1600000")
    await tapped(world, first)
    assert await step(world) == "odometer_km"
    await world.tap(TECHNICIAN, "1,600,000 公里没错")
    assert (await answers(world))["odometer_km"] == 1_600_000


async def test_what_was_sent_stays_to_be_looked_up(world: World) -> None:
    await report_up_to(world, "explanation")
    await world.tap(TECHNICIAN, "✅ 提交")
    review = next(message for message in world.shown(TECHNICIAN) if "请核对" in message["text"])
    assert "一缸喷油器泄漏" in review["text"]
    assert "reply_markup" not in review


async def test_required_photos_that_are_only_explained_are_not_called_there(world: World) -> None:
    await report_up_to(world, "photos")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, "拍完了")
    await world.tap(TECHNICIAN, "稍后才能补拍")
    while await step(world) == "photos":
        await world.tap(TECHNICIAN, "稍后才能补拍")
    await world.tap(TECHNICIAN, "✏️ 照片")
    assert "必拍的都已拍或已说明" in world.last(TECHNICIAN)
    assert "必拍的都齐了" not in world.last(TECHNICIAN)


async def test_two_photos_that_change_places_are_told(world: World) -> None:
    await report_up_to(world, "photos")
    await world.photo(TECHNICIAN, "odometer")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "车架号铭牌")
    await world.tap(TECHNICIAN, "换到其他项")
    await world.tap(TECHNICIAN, "里程表")
    assert "两张已互换：车架号铭牌、里程表" in world.last(TECHNICIAN)
    await world.tap(TECHNICIAN, "重拍或调整照片")
    await world.tap(TECHNICIAN, "里程表")
    await world.tap(TECHNICIAN, "换到其他项")
    await world.tap(TECHNICIAN, "零件标签")
    assert "互换" not in world.last(TECHNICIAN), "nothing was there to change places with"
