"""The photo step by itself: what it shows, and where a photo goes, whatever is known of it."""

import datetime as dt

from claimbot.claims.facts import Known
from claimbot.engine import Finish, Say, State, Turn, advance, begin
from claimbot.flow.kinds.asking import Answers, Around, Button, Doubt, Event, Said, Showed, Tapped
from claimbot.flow.kinds.photos import Sheet, sheet_of
from claimbot.flow.office import load_office
from tests.conftest import FLOWS

OFFICE = load_office(FLOWS)
INTAKE = OFFICE.flows["warranty.intake"]
NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
KNOWN = Known(today=dt.date(2026, 9, 9), now=NOW, zone="Asia/Shanghai")
REPAIRED: Answers = {
    "vin": "LSVAA4182E2184847",
    "car_right": True,
    "odometer_km": 23456,
    "complaint": "怠速抖动",
    "fault_family": "engine",
    "fault_codes": None,
    "cause": "喷油器泄漏",
    "failed_part": "喷油器",
    "part_number": None,
    "remedy": "repaired",
}
SLOTS = ("vin_plate", "odometer", "fault_in_place", "failed_part", "part_label", "fault_code_screen")
"""What is wanted of a repaired engine, in the order in which it is asked for."""


def sha(number: int) -> str:
    return f"{number:064x}"[::-1]


class Chat:
    """A report that stands at its photos, and what is known of the pictures that come."""

    def __init__(self, doubts: dict[str, Doubt] | None = None, answers: Answers = REPAIRED, flow: str = "") -> None:
        self.flow = OFFICE.flows[flow] if flow else INTAKE
        self.around = Around(OFFICE, KNOWN, "zh", doubts=doubts or {})
        self.turn: Turn = begin(self.flow, answers, self.around)

    @property
    def state(self) -> State:
        return self.turn.state

    @property
    def sheet(self) -> Sheet:
        return sheet_of(self.state.drafts.get("photos"))

    @property
    def said(self) -> Say:
        return next(each for each in self.turn.effects if isinstance(each, Say))

    @property
    def labels(self) -> list[list[str]]:
        """Of the buttons, row by row, without those that every question has."""
        return [[each.label for each in row] for row in self.said.rows[:-1]]

    @property
    def finished(self) -> Finish | None:
        return next((each for each in self.turn.effects if isinstance(each, Finish)), None)

    def meet(self, event: Event) -> "Chat":
        self.turn = advance(self.flow, self.state, event, self.around)
        return self

    def photo(self, number: int, caption: str = "") -> "Chat":
        return self.meet(Showed(sha(number), caption=caption))

    def album(self, *numbers: int) -> "Chat":
        for number in numbers:
            self.meet(Showed(sha(number), album=True))
        return self

    def say(self, text: str) -> "Chat":
        return self.meet(Said(text))

    def tap(self, label: str) -> "Chat":
        button = self.button(label)
        return self.meet(Tapped(self.state.step, button.verb, button.arg))

    def button(self, label: str) -> Button:
        return next(each for row in self.said.rows for each in row if label in each.label)


def test_what_is_wrong_with_a_photo_is_told_after_its_name_and_to_take_it_again_is_offered_first() -> None:
    chat = Chat({sha(1): Doubt(dark=True, blurred=True, small=True), sha(2): Doubt(blurred=True)})
    chat.photo(1)
    assert chat.said.html.startswith("👍 车架号铭牌 ⚠️ 太暗 ⚠️ 太小，看不清\n")
    assert chat.labels[0] == ["🔁 重拍 车架号铭牌"]
    chat.tap("🔁 重拍")
    assert "🖼 <b>车架号铭牌</b> ⚠️ 太暗 ⚠️ 太小，看不清\n发新照片即可替换" in chat.said.html
    chat.photo(2)
    assert chat.sheet.slots == {"vin_plate": (sha(2),)}
    assert chat.labels[0] == ["🔁 重拍 车架号铭牌"]
    chat.photo(3)
    assert not any("重拍 " in label for row in chat.labels for label in row), "the next photo is as it should be"


def test_a_photo_of_doubt_stops_nobody_from_being_done() -> None:
    chat = Chat({sha(4): Doubt(small=True)})
    for number in range(5):
        chat.photo(number)
    assert chat.labels[:2] == [["🔁 重拍 零件标签"], ["✅ 拍完了"]]
    assert chat.tap("拍完了").state.step == "explanation"


def test_each_photo_of_an_album_that_is_not_as_it_should_be_can_be_taken_again_at_once() -> None:
    chat = Chat({sha(1): Doubt(dark=True), sha(2): Doubt(blurred=True)}).album(1, 2, 3)
    for name in ("车架号铭牌", "里程表", "故障件"):
        chat.tap(name)
    assert chat.labels[:2] == [["🔁 重拍 车架号铭牌"], ["🔁 重拍 里程表"]]


def test_another_photo_is_kept_beside_those_that_are_asked_for() -> None:
    chat = Chat()
    for number in range(6):
        chat.photo(number)
    assert chat.labels == [["✅ 拍完了"], ["➕ 其他照片"], ["🔁 重拍或调整照片"]]
    chat.tap("➕ 其他照片").photo(6)
    assert "👍 其他照片" in chat.said.html
    chat.tap("➕ 其他照片").photo(7)
    assert "✅ 其他照片 × 2" in chat.said.html
    assert chat.sheet.slots == {**{slot: (sha(n),) for n, slot in enumerate(SLOTS)}, "other_photo": (sha(6), sha(7))}
    chat.tap("拍完了")
    assert "<b>6/6，另有 2 张</b>" in chat.said.html


def test_a_photo_more_than_there_are_slots_for_is_kept_as_another_first_and_takes_a_place_only_when_that_is_said() -> (
    None
):
    chat = Chat()
    for number in range(7):
        chat.photo(number)
    assert chat.labels[0][0] == "➕ 其他照片"
    assert "🔁 车架号铭牌" in chat.labels[0]
    chat.tap("➕ 其他照片")
    assert chat.sheet.slots["other_photo"] == (sha(6),)
    assert chat.sheet.slots["vin_plate"] == (sha(0),)


def test_each_of_several_other_photos_can_be_looked_at_taken_again_removed_and_moved() -> None:
    chat = Chat()
    for number in range(3):
        chat.tap("➕ 其他照片").photo(number)
    chat.tap("重拍或调整").tap("其他照片 2")
    assert chat.said.picture == sha(1)
    chat.photo(3)
    assert chat.sheet.slots == {"other_photo": (sha(0), sha(2), sha(3))}
    chat.tap("重拍或调整").tap("其他照片 2").tap("🗑 删除")
    assert chat.sheet.slots == {"other_photo": (sha(0), sha(3))}
    chat.tap("重拍或调整").tap("其他照片 2").tap("换到其他项").tap("里程表")
    assert chat.sheet.slots == {"other_photo": (sha(0),), "odometer": (sha(3),)}
    chat.tap("重拍或调整").tap("里程表").tap("换到其他项").tap("其他照片")
    assert chat.sheet.slots == {"other_photo": (sha(0), sha(3))}
    assert "互换" not in chat.said.html


def test_a_photo_that_came_meanwhile_joins_the_other_photos_of_a_sheet_under_way() -> None:
    mine = Sheet(slots={"other_photo": (sha(1),), "odometer": (sha(2),)})
    theirs = Sheet(slots={"other_photo": (sha(3), sha(1)), "odometer": (sha(4),)})
    both = mine.absorbing(theirs, OFFICE.evidence.many)
    assert both.slots == {"other_photo": (sha(1), sha(3)), "odometer": (sha(2),)}
    assert both.tray == (sha(4),)


def test_an_album_is_sorted_by_one_tap_into_the_order_of_the_list() -> None:
    chat = Chat().photo(0).album(1, 2, 3, 4)
    assert "按清单依次为：\n1. 里程表\n2. 故障部位（未拆）\n3. 故障件\n4. 零件标签" in chat.said.html
    assert chat.labels[0] == ["✅ 按清单顺序"]
    order = chat.button("按清单顺序")
    chat.tap("按清单顺序")
    assert chat.sheet.slots == {slot: (sha(n),) for n, slot in enumerate(SLOTS[:5])}
    assert chat.sheet.tray == ()
    before = chat.sheet
    chat.meet(Tapped("photos", order.verb, order.arg))
    assert chat.sheet == before, "a second tap finds nothing to sort"


def test_the_order_of_the_list_is_offered_only_where_every_photo_finds_an_open_slot_and_none_was_sorted_by_hand() -> (
    None
):
    offered = "按清单顺序"
    assert offered not in str(Chat().album(1).labels), "one photo is asked about by itself"
    assert offered in str(Chat().album(*range(6)).labels)
    assert offered not in str(Chat().album(*range(7)).labels), "seven for six slots"
    chat = Chat().album(1, 2, 3).tap("故障件")
    assert offered not in str(chat.labels)
    assert offered in str(chat.album(4).labels), "another album may be in order"


def test_a_photo_sent_where_the_car_or_its_kilometres_are_asked_for_is_the_photo_of_just_that() -> None:
    chat = Chat({sha(2): Doubt(dark=True)}, answers={}).photo(1)
    assert chat.said.html.startswith("📷 已作“车架号铭牌”照片，还请手工输入。\n")
    assert chat.state.step == "vin"
    chat.say("LSVAA4182E2184847").tap("是").photo(2)
    assert chat.said.html.startswith("📷 已作“里程表”照片 ⚠️ 太暗，还请手工输入。\n")
    chat.photo(3)
    assert "稍后在照片步骤归类" in chat.said.html, "there is one of it already"
    assert chat.sheet.slots == {"vin_plate": (sha(1),), "odometer": (sha(2),)}
    assert chat.sheet.tray == (sha(3),)


def test_an_album_that_came_before_its_turn_can_be_sorted_in_order_too() -> None:
    story = {name: value for name, value in REPAIRED.items() if name not in {"vin", "car_right", "odometer_km"}}
    chat = Chat(answers=story).photo(0).say("LSVAA4182E2184847").tap("是").album(1, 2, 3).say("23456")
    assert chat.state.step == "photos"
    assert chat.tap("按清单顺序").sheet.slots == {slot: (sha(n),) for n, slot in enumerate(SLOTS[:4])}


def test_an_album_or_a_paper_sent_where_the_car_is_asked_for_waits_to_be_sorted() -> None:
    chat = Chat(answers={}).album(1).meet(Showed(sha(2), paper=True))
    assert chat.sheet.slots == {}
    assert chat.sheet.tray == (sha(1), sha(2))


def asked_for(slot: str, doubts: dict[str, Doubt] | None = None) -> Chat:
    """The desk asked for one photo; the technician has just tapped to answer."""
    asked: Answers = {**REPAIRED, "request_kind": "photo", "requested_slots": [slot], "request_words": "看不清"}
    return Chat(doubts, asked, "warranty.reply")


def test_an_answer_to_the_desk_begins_with_what_it_asked_for_and_ends_by_itself_when_that_came() -> None:
    chat = asked_for("part_label")
    assert chat.state.step == "photos"
    assert "⬅️ 上一步" not in [each.label for each in chat.said.rows[-1]], "there is nothing before it"
    finished = chat.photo(1).finished
    assert finished is not None
    assert finished.answers["photos"] == {"slots": {"part_label": [sha(1)]}, "tray": [], "gaps": {}}
    words: Answers = {**REPAIRED, "request_kind": "words", "requested_slots": [], "request_words": "缸压？"}
    assert Chat(None, words, "warranty.reply").state.step == "reply_words"


def test_an_answer_to_the_desk_of_which_something_is_to_be_said_waits_for_the_person() -> None:
    chat = asked_for("part_label", {sha(1): Doubt(blurred=True)}).photo(1)
    assert chat.finished is None
    assert chat.labels[:2] == [["🔁 重拍 零件标签"], ["✅ 拍完了"]]
    assert chat.tap("🔁").photo(2).finished is not None


def test_photos_sent_together_in_answer_to_the_desk_are_sorted_before_it_ends() -> None:
    chat = asked_for("part_label").album(1, 2)
    assert chat.finished is None
    chat.tap("零件标签")
    assert chat.finished is None, "one is still to be sorted"
    finished = chat.tap("➕ 其他照片").finished
    assert finished is not None
    assert finished.answers["photos"] == {
        "slots": {"part_label": [sha(1)], "other_photo": [sha(2)]},
        "tray": [],
        "gaps": {},
    }


def test_words_in_answer_to_a_photo_that_the_desk_asked_for_are_why_there_is_none() -> None:
    finished = asked_for("part_label").say("标签掉了").finished
    assert finished is not None
    assert finished.answers["photos"] == {"slots": {}, "tray": [], "gaps": {"part_label": "标签掉了"}}
    assert asked_for("part_label").say("……").finished is None
