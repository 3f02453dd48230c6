"""What other departments are asked: pushed by its day, answered once, brought back to whoever asked."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from claimbot.assistant.doing import Doing
from claimbot.assistant.due import due_screen
from claimbot.assistant.house import Reply
from claimbot.assistant.inquiries import answer_inquiry, ask_department, withdraw_inquiry
from claimbot.assistant.letters import Letter
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers
from claimbot.flow.office import Office
from claimbot.store import Tx, claims, clocks, inquiries, people
from claimbot.store.claims import Claim
from tests.conftest import CLERK, TECHNICIAN, World
from tests.limits import Desk, desk_in, local

MORNING = local("2026-09-09 10:00")
DAY = "2026-09-10"


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, MORNING)


class Shop:
    """A site with its people and one claim, and hands to ask about it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        site = desk.site()
        self.technician = desk.person(site, "technician", name="Leo")
        self.clerk = desk.person(site, "clerk", name="Fiona")
        self.supervisor = desk.person(site, "supervisor", name="Carl")
        self.asked = desk.person(site, "technician", name="Nina")
        self.claim = desk.claim(site, self.technician, self.clerk)

    def does(self, person: int, work: Callable[[Doing, Claim], None]) -> None:
        with self.desk.tx() as tx:
            doing = Doing(tx, self.desk.house, Reply(), people.person(tx, person), self.desk.now)
            work(doing, claims.lock_claim(tx, self.claim))

    def ask(self, of: int | None, words: str = "In stock?") -> int:
        answers: Answers = {
            "department": "parts",
            "asked_of": "nobody" if of is None else str(of),
            "inquiry_words": words,
            "inquiry_on": DAY,
        }
        self.does(self.clerk, lambda doing, claim: ask_department(doing, claim, answers))
        return self.all()[-1].id

    def answer(self, person: int, number: int, words: str = "On Friday") -> None:
        answers: Answers = {"inquiry": number, "inquiry_answer": {"words": words, "shown": []}}
        self.does(person, lambda doing, claim: answer_inquiry(doing, claim, answers))

    def all(self) -> tuple[inquiries.Inquiry, ...]:
        with self.desk.tx() as tx:
            return inquiries.inquiries_of(tx, self.claim)

    def told(self) -> list[tuple[int, str]]:
        """Who was reminded, and how."""
        reminders = [sent for sent in self.desk.sent if sent.message.kind == "reminder"]
        return [(sent.message.person_id, sent.html) for sent in reminders if "In stock?" in sent.html]

    def waiting(self) -> list[str]:
        with self.desk.tx() as tx:
            return [each.rule for each in clocks.running_clocks(tx, self.claim) if each.form == "asked"]


@pytest.fixture
def shop(desk: Desk) -> Shop:
    return Shop(desk)


def test_who_was_asked_is_pushed_first_then_the_desk_then_its_supervisor(shop: Shop) -> None:
    shop.ask(shop.asked)
    shop.desk.sent.clear()
    shop.desk.until(local("2026-09-30 18:00"), dt.timedelta(hours=2))
    assert list(dict.fromkeys(person for person, _ in shop.told())) == [shop.asked, shop.clerk, shop.supervisor]


def test_what_is_asked_by_phone_reminds_the_one_who_asked(shop: Shop) -> None:
    shop.ask(None)
    shop.desk.until(local("2026-09-11 18:00"), dt.timedelta(hours=2))
    assert {person for person, _ in shop.told()} == {shop.clerk}


def test_a_counting_anew_does_not_end_what_waits_for_an_answer(shop: Shop) -> None:
    shop.ask(shop.asked)
    with shop.desk.tx() as tx:
        shop.desk.recount(tx, shop.claim)
    assert len(shop.waiting()) == 1


def test_several_are_open_at_once_and_each_answer_ends_its_own(shop: Shop) -> None:
    first, second = shop.ask(shop.asked, "In stock? 1"), shop.ask(None, "In stock? 2")
    shop.answer(shop.asked, first)
    assert [each.state for each in shop.all()] == ["answered", "open"]
    assert shop.waiting() == [f"asked#{second}"]


def test_an_answer_counts_once_and_a_withdrawn_question_takes_none(shop: Shop) -> None:
    first, second = shop.ask(shop.asked), shop.ask(shop.asked)
    shop.answer(shop.asked, first)
    with pytest.raises(Refusal, match="inquiry_over"):
        shop.answer(shop.clerk, first)
    shop.does(shop.clerk, lambda doing, _: withdraw_inquiry(doing, inquiries.inquiry(doing.tx, second)))
    with pytest.raises(Refusal, match="inquiry_over"):
        shop.answer(shop.asked, second)
    assert shop.waiting() == []
    shop.desk.sent.clear()
    shop.desk.until(local("2026-09-20 18:00"), dt.timedelta(hours=6))
    assert not shop.told()


def test_nobody_else_answers(shop: Shop) -> None:
    number = shop.ask(shop.asked)
    with pytest.raises(Refusal, match="not_yours"):
        shop.answer(shop.technician, number)
    with pytest.raises(Refusal, match="inquiry_over"):
        shop.does(shop.clerk, lambda doing, claim: answer_inquiry(doing, claim, {"inquiry": None}))


def test_a_day_that_has_passed_or_somebody_of_elsewhere_is_asked_again(shop: Shop) -> None:
    elsewhere = shop.desk.person(shop.desk.site("BJ02"), "technician")
    with pytest.raises(Refusal, match="inquiry_person_gone"):
        shop.ask(elsewhere)
    shop.desk.now = local("2026-09-12 10:00")
    with pytest.raises(Refusal, match="own_is_past"):
        shop.ask(shop.asked)


def test_who_asked_and_has_left_is_not_told_but_the_desk_is(shop: Shop) -> None:
    number = shop.ask(shop.asked)

    def leave(tx: Tx) -> None:
        for site, role in people.person(tx, shop.clerk).roles:
            people.take_role(tx, shop.clerk, site, role)

    with shop.desk.tx() as tx:
        leave(tx)
    fresh = shop.desk.person(1, "clerk", name="Wang")
    said: list[int] = []

    def answer(doing: Doing, claim: Claim) -> None:
        answer_inquiry(doing, claim, {"inquiry": number, "inquiry_answer": {"words": "On Friday", "shown": []}})
        said.extend(message.person_id for message in doing.reply.messages)

    shop.does(shop.asked, answer)
    assert fresh in said
    assert shop.clerk not in said


async def asked_by_clerk(world: World) -> None:
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📨 问其他部门")
    await world.tap(CLERK, "维修车间")
    await world.tap(CLERK, "小李")
    await world.say(CLERK, "第一次换吗？")
    await world.tap(CLERK, "明天")


async def test_a_photo_is_an_answer_and_the_report_that_it_broke_into_goes_on(world: World) -> None:
    await asked_by_clerk(world)
    await world.say(TECHNICIAN, "/new")
    await world.tap(TECHNICIAN, "💬 答复")
    await world.photo(TECHNICIAN, "failed_part")
    assert any("谢谢，已转给" in message["text"] for message in world.shown(TECHNICIAN))
    assert "哪台车" in world.last(TECHNICIAN)
    assert any("答复 SH01-2026-0001（维修车间）：📎 1 份" in message["text"] for message in world.shown(CLERK))
    assert any("photo" in message for message in world.shown(CLERK)[-2:])


def test_whoever_was_asked_finds_it_under_what_is_due_whoevers_claim_it_is(shop: Shop) -> None:
    def due(person: int) -> Letter:
        with shop.desk.tx() as tx:
            return due_screen(tx, shop.desk.house, people.person(tx, person), shop.desk.now, None)

    shop.ask(shop.asked)
    found = due(shop.asked)
    assert "In stock?" in found.html
    assert [label for row in found.rows for label, _ in row] == ["💬 Answer"], "the claim itself is not theirs to see"
    assert "In stock?" in due(shop.clerk).html
    assert "In stock?" not in due(shop.technician).html
    shop.answer(shop.asked, shop.all()[-1].id)
    assert "In stock?" not in due(shop.asked).html


async def test_who_asked_learns_at_once_that_the_other_one_cannot_be_reached(world: World) -> None:
    await world.report()
    world.telegram.deactivate(TECHNICIAN)
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📨 问其他部门")
    await world.tap(CLERK, "维修车间")
    await world.tap(CLERK, "小李")
    await world.say(CLERK, "第一次换吗？")
    await world.tap(CLERK, "明天")
    await world.tick()
    assert sum("收不到消息" in message["text"] for message in world.shown(CLERK)) == 1


async def test_answering_one_breaks_into_another_and_comes_back_to_it(world: World) -> None:
    await asked_by_clerk(world)
    first = world.buttons(TECHNICIAN)["💬 答复"]
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📨 询问")
    await world.tap(CLERK, "📨 问其他部门")
    await world.tap(CLERK, "配件部")
    await world.tap(CLERK, "小李")
    await world.say(CLERK, "有货吗？")
    await world.tap(CLERK, "明天")
    world.telegram.tap(TECHNICIAN, *first)
    await world.settled()
    world.telegram.tap(TECHNICIAN, *first)
    await world.settled()
    await world.tap(TECHNICIAN, "💬 答复")
    await world.say(TECHNICIAN, "有货")
    await world.say(TECHNICIAN, "是第一次")

    def answers(tx: Tx) -> list[str | None]:
        claim = claims.claim_by_number(tx, "SH01-2026-0001")
        assert claim is not None
        return [each.answer_words for each in inquiries.inquiries_of(tx, claim.id)]

    assert await world.database.turn(answers) == ["是第一次", "有货"]


@pytest.mark.parametrize("data", ["iq:", "iq:a:zz", "iq:w:9", "iq:p:9", "iq:x:1", "iq:s:zz", "iq:a:0"])
async def test_a_forged_button_of_a_request_is_answered_kindly(world: World, data: str) -> None:
    await asked_by_clerk(world)
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], data)
    await world.settled()
    assert "系统出错" not in world.last(CLERK)


async def test_a_flow_of_answering_that_nobody_asked_for_ends_in_words(world: World) -> None:
    await asked_by_clerk(world)
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], "b:warranty.inquiry_answer:1")
    await world.settled()
    assert "已答复或撤回" in await world.say(CLERK, "周五到货")
