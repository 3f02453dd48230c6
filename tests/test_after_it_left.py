"""After a claim has left for the maker: its answer by line, resubmission, appeal, credit notes, money short."""

import asyncio
import io
import json
import zipfile
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from pypdf import PdfReader
from sqlalchemy import select

from claimbot.assistant.crediting import Desk
from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx, answers, claims, clocks, lines, payments, people
from claimbot.store.answers import MakerAnswer
from claimbot.store.lines import KeptLine
from claimbot.store.messages import Message
from claimbot.store.payments import CreditNote
from claimbot.store.tables import evidence
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World

NUMBER = "SH01-2026-0001"
D = Decimal


async def filed(world: World, reference: str | None = None) -> None:
    """A claim of 320 for labour and 1280.50 for a part, approved and with the maker."""
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "✅ Approve")
    await file_again(world, reference)


async def file_again(world: World, reference: str | None = None) -> None:
    await opened(world)
    await world.tap(CLERK, "📤 已报厂家")
    await world.tap(CLERK, "今天")
    if reference is None:
        await world.tap(CLERK, "跳过")
    else:
        await world.say(CLERK, reference)
    await world.tap(CLERK, "跳过")  # no proof


async def opened(world: World, user: int = CLERK, number: str = NUMBER) -> str:
    return await world.say(user, f"/claim {number}")


async def state(world: World) -> str:
    return await world.database.turn(lambda tx: found(tx).state)


def found(tx: Tx, number: str = NUMBER) -> claims.Claim:
    claim = claims.claim_by_number(tx, number)
    assert claim is not None
    return claim


async def kept(world: World) -> tuple[KeptLine, ...]:
    return await world.database.turn(lambda tx: lines.lines_of(tx, found(tx).id))


async def answered(world: World) -> tuple[MakerAnswer, ...]:
    return await world.database.turn(lambda tx: answers.answers_to(tx, found(tx).id))


async def events(world: World) -> list[str]:
    def work(tx: Tx) -> list[str]:
        return [each.event for each in clocks.events_of(tx, found(tx).id)]

    return await world.database.turn(work)


async def running(world: World) -> set[str]:
    """What runs, the old part aside, which goes back whatever becomes of the claim."""

    def work(tx: Tx) -> set[str]:
        return {each.rule for each in clocks.running_clocks(tx, found(tx).id)} - {"old_part_return"}

    return await world.database.turn(work)


async def all_approved(world: World) -> str:
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "✅ 全部批准")
    return await world.tap(CLERK, "今天")


async def refused(world: World) -> str:
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    for line in ("1", "2"):
        await world.tap(CLERK, f"✏️ {line}")
        await world.tap(CLERK, "⛔️ 拒赔")
        await world.tap(CLERK, "D02")
    await world.tap(CLERK, "就这些")
    return await world.tap(CLERK, "今天")


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def send(world: World, content: bytes, name: str = "note.csv") -> str:
    """The clerk sends a credit note; what they are shown in the end."""
    await world.say(CLERK, "/credit")
    world.telegram.send_file(CLERK, name, content, "application/octet-stream")
    await world.settled()
    return world.last(CLERK)


def csv(*rows: str, head: str = "索赔单号,金额,结算单号") -> bytes:
    return "\n".join([head, *rows]).encode()


# the answer


async def test_all_approved_is_one_tap_and_the_answer_may_lie_in_the_past(world: World) -> None:
    await filed(world)
    assert "maker_answer" in await running(world)
    said = await all_approved(world)
    assert "已登记" in said
    assert "核准 ¥1,600.50" in said
    assert await state(world) == "answered"
    assert [each.maker_approved for each in await kept(world)] == [D(320), D("1280.50")]
    assert await running(world) >= {"payment", "maker_awaited"}
    assert "maker_answer" not in await running(world)


async def test_each_line_is_cut_returned_or_refused_with_the_makers_code(world: World) -> None:
    await filed(world)
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "✏️ 1")
    await world.tap(CLERK, "✂️ 核减")
    assert "须大于零" in await world.say(CLERK, "320")
    await world.say(CLERK, "200")
    await world.tap(CLERK, "C01 工时超标准")
    await world.tap(CLERK, "✏️ 2")
    await world.tap(CLERK, "⛔️ 拒赔")
    await world.say(CLERK, "旧件未寄到")
    await world.tap(CLERK, "就这些")
    said = await world.say(CLERK, "2026-09-09")
    assert "批准，¥200.00 / ¥1,600.50" in said
    assert "工时超标准" in said
    assert "旧件未寄到" in said
    assert [each.maker_approved for each in await kept(world)] == [D(200), D(0)]
    assert await state(world) == "answered"
    assert "appeal_cut" in await running(world)


async def goodwill_with_the_maker(world: World) -> None:
    """The maker agreed to bear half of 1600.50, and to no more than that."""
    await world.report()
    await world.complete()
    agreed = {"preauth_state": "granted", "preauth_number": "PA-7", "preauth_amount": "800.25"}
    shares = {"claim_type": "goodwill", "goodwill_maker": "50", "goodwill_dealer": "30"}

    def work(tx: Tx) -> None:
        claims.keep_facts(tx, found(tx), {**agreed, **shares}, world.clock.now())

    await world.database.turn(work)
    await opened(world)
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.tap(SECOND, "✅ 批准")
    await file_again(world)


async def test_of_goodwill_the_maker_is_asked_for_its_share_and_owes_no_more(world: World) -> None:
    await goodwill_with_the_maker(world)
    assert "申报 ¥800.25" in await opened(world)
    said = await all_approved(world)
    assert "批准，¥800.25 / ¥800.25" in said
    assert [each.maker_approved for each in await kept(world)] == [D(160), D("640.25")]
    await send(world, csv(f"{NUMBER},800.25,CN-1"))
    await world.tap(CLERK, "✅ 全部入账")
    assert await state(world) == "paid"


async def test_the_package_of_goodwill_says_who_bears_how_much(world: World) -> None:
    await goodwill_with_the_maker(world)
    await opened(world)
    await world.tap(CLERK, "📦")

    def sha(tx: Tx) -> str:
        return str(tx.execute(select(evidence.c.sha256).where(evidence.c.mime == "application/zip")).scalar_one())

    packed = EvidenceFolder(world.folder / "evidence").open(await world.database.turn(sha))
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        told = json.loads(files.read("claim.json"))
        pages = PdfReader(io.BytesIO(files.read("claim.pdf"))).pages
    assert (told["claim_type"], told["preauthorisation_number"]) == ("goodwill", "PA-7")
    shares = told["goodwill_shares"]
    assert [shares[who] for who in ("maker", "dealer", "customer")] == ["800.25", "480.15", "320.10"]
    assert told["totals"]["asked"] == "800.25"
    paper = "".join("".join(page.extract_text() for page in pages).split())
    assert "厂家承担50%¥800.25" in paper
    assert "客户承担20%¥320.10" in paper


async def test_a_whole_claim_is_refused_with_one_reason_and_what_was_said_of_a_line_stays(world: World) -> None:
    await filed(world)
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "↩️ 全部退回")
    await world.tap(CLERK, "⬅️ 返回清单")
    await world.tap(CLERK, "✏️ 1")
    await world.tap(CLERK, "✅ 批准")
    await world.tap(CLERK, "⛔️ 其余拒赔")
    assert "⛔️ 拒赔 · D02" in await world.tap(CLERK, "D02")
    await world.tap(CLERK, "就这些")
    await world.tap(CLERK, "今天")
    assert [each.maker_approved for each in await kept(world)] == [D(320), D(0)]
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "⛔️ 全部拒赔")
    assert "超过时效" in await world.say(CLERK, "超过时效")
    await world.tap(CLERK, "就这些")
    await world.tap(CLERK, "今天")
    assert await state(world) == "refused"


async def test_an_answer_from_before_it_left_is_asked_for_again(world: World) -> None:
    await filed(world)
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "✅ 全部批准")
    assert "请核对日期" in await world.tap(CLERK, "昨天")
    assert "已登记" in await world.tap(CLERK, "今天")


async def test_a_second_answer_to_a_line_takes_its_place_and_both_stay_on_record(world: World) -> None:
    await filed(world)
    await refused(world)
    assert await state(world) == "refused"
    await opened(world)
    assert "上次答复：⛔️ 拒赔 · D02" in await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "✅ 全部批准")
    await world.tap(CLERK, "今天")
    assert await state(world) == "answered"
    assert [each.outcome for each in await answered(world)] == ["refuse", "accept"]
    assert (await events(world)).count("claim.answered") == 1


async def test_an_answer_that_a_colleague_noted_meanwhile_is_not_noted_twice(world: World) -> None:
    await filed(world)
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "✅ 全部批准")

    def colleague(tx: Tx) -> None:
        claim = found(tx)
        asked = answers.asked_of(tx, claim.id)
        given = [each.approved() for each in asked]
        day, now = world.clock.now().date(), world.clock.now()
        answers.add_answer(
            tx, claim.id, asked, given, outcome="accept", answered_on=day, person_id=claim.author_id, now=now
        )

    await world.database.turn(colleague)
    assert "请打开查看" in await world.tap(CLERK, "今天")
    assert len(await answered(world)) == 1


# resubmission, appeal, giving up


async def test_a_returned_claim_is_mended_approved_and_filed_anew_and_counted(world: World) -> None:
    await filed(world, "WC-1")
    await opened(world)
    await world.tap(CLERK, "📥 厂家答复")
    await world.tap(CLERK, "✏️ 2")
    await world.tap(CLERK, "↩️ 退回")
    await world.tap(CLERK, "R01")
    await world.tap(CLERK, "✅ 其余批准")
    said = await world.tap(CLERK, "今天")
    assert "退回，¥320.00 / ¥1,600.50" in said
    assert "核准 ¥320.00" in said, "what was returned is not promised"
    assert await state(world) == "returned"
    assert await running(world) >= {"resubmission", "maker_no"}
    await world.tap(CLERK, "🔧 修改重报")
    assert await state(world) == "submitted"
    assert [(each.approved, each.maker_approved) for each in await kept(world)] == [(None, None)] * 2
    world.skip(hours=24)
    await opened(world)
    await world.tap(CLERK, "📤")
    said = await opened(world, SUPERVISOR)
    assert "Submitted 1×" in said
    assert "R01" in said
    await world.tap(SUPERVISOR, "✅ Approve")
    await file_again(world, "WC-2")
    assert await state(world) == "filed"
    assert "已申报 2 次" in await opened(world)
    assert (await events(world)).count("claim.sent") == 1
    assert "resubmission.sent" in await events(world)
    assert "maker_answer_again" in await running(world)
    assert "resubmission" not in await running(world)
    await all_approved(world)
    assert [(each.submission, each.outcome) for each in await answered(world)] == [(1, "return"), (2, "accept")]
    assert "resubmission.answered" in await events(world)


async def test_a_refusal_is_appealed_answered_explained_and_written_off_by_somebody_else(world: World) -> None:
    await filed(world)
    await refused(world)
    await opened(world)
    await world.tap(CLERK, "⚖️ 申诉")
    await world.say(CLERK, "旧件已检测")
    await world.tap(CLERK, "今天")
    assert await state(world) == "appealed"
    await opened(world)
    limits = await world.tap(CLERK, "⏱")
    assert "重新申报期限：2026-10-09 · 已结束" in limits, "nothing was resubmitted: it is over, not met"
    assert "拒赔申诉期限：2026-09-24 · 已按时完成" in limits
    assert "appeal_answer" in await running(world)
    await refused(world)
    assert "appeal.answered" in await events(world)
    await opened(world)
    await world.tap(CLERK, "🗄 申请核销")
    await world.tap(CLERK, "厂家最终拒付")
    assert await state(world) == "explained"
    assert "The maker's no is final" in world.last(SUPERVISOR)
    assert NUMBER in await world.say(SUPERVISOR, "/queue")
    await opened(world, SUPERVISOR)
    await world.tap(SUPERVISOR, "💪 Go on asking")
    assert await state(world) == "short"
    assert "继续追款" in world.last(CLERK)
    await opened(world, SUPERVISOR)
    await world.tap(SUPERVISOR, "🗄 Write off")
    await world.tap(SUPERVISOR, "Not worth the effort")
    assert await state(world) == "written_off"
    assert "金额小" in world.last(CLERK)
    assert await running(world) == set()


# credit notes


async def test_a_credit_note_is_shown_first_then_booked_by_one_tap_and_closes_the_claim(world: World) -> None:
    await filed(world, "wc-88 123")
    await all_approved(world)
    note = workbook(
        [
            ["示例汽车 结算单", None, None],
            ["厂家单号", "金额（元）", "结算单号"],
            ["WC-88123", 1600.5, "N-1"],
            ["WC-404", "1,234.50", "N-1"],
            ["合计", 2835, None],
        ]
    )
    said = await send(world, note, "note.xlsx")
    assert "¥1,600.50" in said
    assert "未匹配：1 行" in said
    assert "第 4 行：WC-404" in said
    assert "尚未入账" in said
    assert f"1 张付清：\n   {NUMBER}：¥1,600.50" in said
    assert await state(world) == "answered"
    assert [each.paid for each in await kept(world)] == [None, None]
    said = await world.tap(CLERK, "✅ 入账 1 行")
    assert "已付清：1" in said
    assert await state(world) == "paid"
    assert [each.paid for each in await kept(world)] == [D(320), D("1280.50")]
    assert "claim.paid" in await events(world)
    assert await running(world) == set()


async def test_the_same_note_books_once_whatever_file_brings_it(world: World) -> None:
    await filed(world, "WC-1")
    await send(world, csv(f"{NUMBER},1000,N-1"))
    await world.tap(CLERK, "✅ 全部入账")
    said = await send(world, csv("WC-1,1000.00,N-1", head="厂家单号,金额,结算单号"))
    assert "已入账：1 行，¥1,000.00" in said
    assert "尚未入账" not in said, "there is nothing left to book"
    assert sum(each.paid or D(0) for each in await kept(world)) == D(1000)


async def test_money_short_is_a_task_until_it_is_settled(world: World) -> None:
    await filed(world)
    await all_approved(world)
    said = await send(world, csv(f"{NUMBER},1000,N-1"))
    assert f"1 张少付：\n   {NUMBER}：将付 ¥1,000.00，核准 ¥1,600.50" in said
    await world.tap(CLERK, "✅ 全部入账")
    assert f"📂 {NUMBER}" in world.buttons(CLERK), "one tap to the claim that is short"
    assert await state(world) == "short"
    assert "money_short" in await running(world)
    assert NUMBER in await world.say(CLERK, "/queue")
    assert "少付 ¥600.50" in await opened(world)
    assert "missing CN¥600.50" in await opened(world, SUPERVISOR)
    assert [each.paid for each in await kept(world)] == [D("199.93"), D("800.07")]
    world.skip(days=7)
    await world.tick()
    assert "少付" in world.last(CLERK)
    await send(world, csv(f"{NUMBER},600,N-2"))
    await world.tap(CLERK, "✅ 全部入账")
    assert await state(world) == "paid", "half a yuan is nothing to run after"


async def test_more_than_was_approved_is_booked_with_an_explanation_only(world: World) -> None:
    await filed(world)
    await all_approved(world)
    said = await send(world, csv(f"{NUMBER},1700,N-1"))
    assert "付款多于核准" in said
    assert "将付 ¥1,700.00，核准 ¥1,600.50" in said
    await world.tap(CLERK, "✍️ 说明原因并全部入账")
    assert await state(world) == "answered"
    await world.say(CLERK, "含逾期利息")
    assert await state(world) == "paid"
    assert sum(each.paid or D(0) for each in await kept(world)) == D(1700)


async def test_a_note_with_one_bad_row_books_nothing_and_says_which(world: World) -> None:
    await filed(world)
    said = await send(world, csv(f"{NUMBER},1000,N-1", f"{NUMBER},zehn,N-1", f"{NUMBER},-5,N-1"))
    assert "未入账：2 行" in said
    assert "第 3 行" in said
    assert "第 4 行" in said
    assert await world.database.turn(lambda tx: payments.money_of(tx, found(tx).id).paid) == 0


async def test_a_mended_note_is_sent_again_without_further_ado_and_its_number_column_may_be_anybodys(
    world: World,
) -> None:
    await filed(world, "WC-1")
    said = await send(world, csv(f"{NUMBER},zehn,N-1"))
    assert "改好后直接重发文件即可" in said
    world.telegram.send_file(CLERK, "n.csv", csv("WC-1,1000", head="单号,金额"), "text/csv")
    await world.settled()
    assert f"{NUMBER}：将付 ¥1,000.00" in world.last(CLERK)
    await world.tap(CLERK, "✖️ 不入账")
    assert "¥1,000.00" in await send(world, csv(f"{NUMBER},1000", head="单号,金额"))


async def test_a_broken_workbook_is_told_to_be_unreadable(world: World) -> None:
    await send(world, b"PK\x03\x04 broken", "n.xlsx")
    assert "无法读取该表格" in world.shown(CLERK)[-2]["text"], "and the question stands below it"


async def test_a_file_in_the_encoding_of_old_makers_systems_is_read(world: World) -> None:
    await filed(world)
    said = await send(world, f"索赔单号,金额\n{NUMBER},￥1000\n".encode("gb18030"))
    assert "¥1,000.00" in said


async def test_without_the_columns_it_is_told_what_was_seen(world: World) -> None:
    await filed(world)
    assert "日期、编码" in await send(world, "日期,编码\n1,2\n".encode("utf-8-sig"))


async def test_a_claim_that_moved_since_it_was_shown_is_shown_anew_and_nothing_was_booked(world: World) -> None:
    await filed(world)
    await refused(world)
    await send(world, csv(f"{NUMBER},10,N-1"))
    shown = next(place for text, place in world.buttons(CLERK).items() if "入账" in text and "不" not in text)
    await opened(world)
    await world.tap(CLERK, "🔧 修改重报")
    world.telegram.tap(CLERK, *shown)
    await world.settled()
    assert "当前状态不能入账：1 行" in world.last(CLERK)
    assert await world.database.turn(lambda tx: payments.money_of(tx, found(tx).id).paid) == 0


async def test_a_note_that_was_booked_or_forgotten_is_not_booked_by_an_old_button(world: World) -> None:
    await filed(world)
    await send(world, csv(f"{NUMBER},1000,N-1"))
    old = next(place for text, place in world.buttons(CLERK).items() if "全部入账" in text)
    await world.tap(CLERK, "✅ 全部入账")
    world.telegram.tap(CLERK, *old)
    await world.settled()
    assert "已入账" in world.last(CLERK)
    assert sum(each.paid or D(0) for each in await kept(world)) == D(1000)


async def test_a_table_out_of_the_blue_is_no_photo(world: World) -> None:
    world.telegram.send_file(TECHNICIAN, "note.csv", csv("A,1,2"), "text/csv")
    await world.settled()
    assert "没看懂" in world.last(TECHNICIAN), "nobody is asked which claim it shows"


async def test_what_a_stop_left_half_done_is_taken_up_at_the_next_look(world: World) -> None:
    await filed(world)
    await all_approved(world)
    await send(world, csv(f"{NUMBER},1600.50,N-1"))

    def booked_and_stopped(tx: Tx) -> None:
        payments.book(tx, 1)
        assert payments.set_note(tx, 1, "shown", "booked")

    await world.database.turn(booked_and_stopped)
    assert await state(world) == "answered"
    world.skip(minutes=3)
    await world.tick()
    assert await state(world) == "paid"


async def test_somebody_who_waits_for_a_long_file_hears_that_it_goes_on(world: World) -> None:
    await filed(world)
    said: list[str] = []

    async def deliver(some: Sequence[Message]) -> None:
        said.extend(str(each.body["html"]) for each in some)

    def note(tx: Tx) -> CreditNote:
        clerk = people.lock_by_telegram_id(tx, CLERK)
        assert clerk is not None
        found_note = payments.note(tx, payments.add_note(tx, clerk.id, "0" * 64, world.clock.now()))
        assert found_note is not None
        return found_note

    asked = await world.database.turn(note)
    folder = EvidenceFolder(world.folder / "evidence")
    desk = Desk(world.database, folder, world.house, world.clock.now, deliver, sign_every=0.01)
    ready = asyncio.Event()

    async def work() -> str:
        await ready.wait()
        return "read"

    async def until_said() -> None:
        while len(said) < 2:  # noqa: ASYNC110  nobody tells when something was said
            await asyncio.sleep(0.005)
        ready.set()

    read, _ = await asyncio.gather(desk.with_signs(asked, work(), lambda: "7 / 9"), until_said())
    assert read == "read"
    assert "结算单处理中。7 / 9" in said[0]


async def test_who_is_to_decide_on_missing_money_reads_it_among_their_own_of_the_morning(world: World) -> None:
    await filed(world)
    await refused(world)
    await opened(world)
    await world.tap(CLERK, "🗄 申请核销")
    await world.tap(CLERK, "厂家最终拒付")
    before = len(world.shown(SUPERVISOR)), len(world.shown(CLERK))
    world.skip(hours=23)
    for _ in range(3):
        await world.tick()
    deciders = [each["text"] for each in world.shown(SUPERVISOR)[before[0] :] if each["text"].startswith("☀️")]
    desk = [each["text"] for each in world.shown(CLERK)[before[1] :] if each["text"].startswith("☀️")]
    assert any("to see to" in each and NUMBER in each for each in deciders), world.last(SUPERVISOR)
    assert not any("少付" in each for each in desk)
