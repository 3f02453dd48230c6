"""Old parts: which must go back by when, the box and its paper, the proof, and what the maker deducts."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from pypdf import PdfReader
from sqlalchemy import Engine, select

from claimbot.assistant.auditing import verdicts_of
from claimbot.evidence import EvidenceFolder
from claimbot.flow.office import Office
from claimbot.store import Tx, claims, clocks, database, old_parts, people
from claimbot.store.database import migrate, open_engine
from claimbot.store.tables import boxes, entries
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World
from tests.limits import Desk, desk_in, local

RETURN = "example/old_part_return"
OBJECTION = "example/old_part_objection"
REPLACED: dict[str, Any] = {"closed_at": "2026-09-08T08:40:00+00:00", "remedy": "replaced"}
MORNING = local("2026-09-09 10:00")


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, MORNING)


# the limit


def test_the_old_part_must_be_back_by_the_makers_rule_and_only_where_one_was_replaced(desk: Desk) -> None:
    site = desk.site()
    technician = desk.person(site, "technician")
    assert desk.limits(desk.claim(site, technician, **REPLACED))[RETURN] == dt.date(2026, 12, 7)
    assert RETURN not in desk.limits(desk.claim(site, technician, **{**REPLACED, "remedy": "repaired"}))


def test_the_desk_is_reminded_before_the_day_and_no_more_once_it_went_back(desk: Desk) -> None:
    site = desk.site()
    technician, clerk = desk.person(site, "technician"), desk.person(site, "clerk")
    claim = desk.claim(site, technician, clerk, **REPLACED)
    desk.until(local("2026-12-05 10:00"), dt.timedelta(hours=6))
    told = [sent for sent in desk.sent if "Return of the old part" in sent.html]
    assert told
    assert {sent.message.person_id for sent in told} == {clerk}
    desk.note(claim, "old_part.returned", dt.date(2026, 12, 4), clerk)
    assert RETURN not in desk.limits(claim)
    desk.sent.clear()
    desk.until(local("2026-12-12 10:00"), dt.timedelta(hours=6))
    assert not [sent for sent in desk.sent if "Return of the old part" in sent.html]


# the box


async def two_claims(world: World) -> tuple[str, str]:
    first, second = await world.report(), await world.report()
    for number in (first, second):
        await world.say(CLERK, f"/claim {number}")
        await world.tap(CLERK, "📝")
        while not any("📤" in label for label in world.buttons(CLERK)) or "核对" in world.last(CLERK):
            answer = await world.example(CLERK)
            assert answer.value not in {"/queue", "/new"}, world.last(CLERK)
            if "已补全" in world.last(CLERK):
                break
    return first, second


async def packed(world: World) -> tuple[str, str]:
    numbers = await two_claims(world)
    await world.say(CLERK, "/parts")
    await world.tap(CLERK, "▫️ 1.")
    await world.tap(CLERK, "▫️ 1.")
    return numbers


def documents(world: World, user: int) -> list[dict[str, Any]]:
    return [message for message in world.shown(user) if "document" in message]


async def papers(world: World) -> str:
    """The text of all papers that were made and kept."""

    def sha(tx: Tx) -> list[str]:
        return list(claims.all_evidence(tx))

    folder = EvidenceFolder(world.folder / "evidence")
    kept = [folder.open(each) for each in await world.database.turn(sha)]
    pdfs = [data for data in kept if data.startswith(b"%PDF")]
    return "\n".join(page.extract_text() for pdf in pdfs for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_a_tap_puts_a_part_into_the_box_and_the_list_changes_in_place(world: World) -> None:
    await two_claims(world)
    shown = await world.say(CLERK, "/parts")
    assert "待返厂旧件：2 件" in shown
    before = len(world.shown(CLERK))
    assert "返厂箱 SH01-B0001：1 件" in await world.tap(CLERK, "▫️ 2.")
    assert "待返厂旧件：2 件" in await world.tap(CLERK, "☑️ 0002")
    assert len(world.shown(CLERK)) == before


async def test_the_box_list_is_a_paper_with_every_part_in_the_readers_language(world: World) -> None:
    first, second = await packed(world)
    await world.tap(CLERK, "📄 箱单")
    (sent,) = documents(world, CLERK)
    assert sent["document"]["file_name"] == "SH01-B0001.pdf"
    text = await papers(world)
    for words in (
        "旧件返厂清单",
        "示例汽车上海店",
        first,
        second,
        "LSVAA4182E2184847",
        "喷油器",
        "T-1024",
        "2026-12-07",
    ):
        assert words in text
    await world.say(CLERK, "/language en")
    await world.say(CLERK, "/parts")
    await world.tap(CLERK, "📄 Box list")
    text = await papers(world)
    assert "Old parts returned" in text
    assert "Injector" in text


async def test_a_paper_that_did_not_go_out_is_not_made_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await packed(world)
    made = []
    real = world.database.turn

    async def counting(work: Any) -> Any:  # noqa: ANN401  as the real one
        outcome = await real(work)
        if type(outcome).__name__ == "Paper":
            made.append(outcome)
        return outcome

    monkeypatch.setattr(world.database, "turn", counting)
    world.telegram.fail_next("sendDocument", "502")
    await world.tap(CLERK, "📄 箱单")
    assert not documents(world, CLERK)
    world.skip(seconds=6)
    await world.tick()
    assert len(documents(world, CLERK)) == 1
    assert len(made) == 1


async def test_a_box_goes_back_once_with_its_proof_and_ends_the_limit_of_each_part(world: World) -> None:
    numbers = await packed(world)
    stale = world.buttons(CLERK)["🚚 整箱已返厂"]
    await world.tap(CLERK, "🚚 整箱已返厂")
    await world.say(CLERK, "顺丰 SF1234567890")
    await world.photo(CLERK, "generic")
    await world.tap(CLERK, "今天")
    said = [message["text"] for message in world.shown(CLERK)[-2:]]
    assert any("2 件" in each for each in said), "and what it broke into is asked again"

    def state(tx: Tx) -> list[tuple[dt.date | None, list[str]]]:
        found = []
        for number in numbers:
            claim = claims.claim_by_number(tx, number)
            assert claim is not None
            part = old_parts.part_of(tx, claim.id)
            assert part is not None
            assert part.box_id is not None
            assert old_parts.box(tx, part.box_id).proof
            wrote = tx.execute(select(entries.c.what).where(entries.c.claim_id == claim.id)).scalars()
            assert "old_part_returned" in list(wrote)
            found.append((part.returned_on, [each.rule for each in clocks.running_clocks(tx, claim.id)]))
        assert claims.broken_entries(tx) == ()
        return found

    for on, running in await world.database.turn(state):
        assert on == dt.date(2026, 9, 9)
        assert "old_part_return" not in running
    world.telegram.tap(CLERK, *stale)
    await world.settled()
    assert "该箱已经返厂" in world.last(CLERK)
    assert "没有待返厂旧件" in await world.say(CLERK, "/parts")


async def test_a_shelf_that_two_clerks_clear_fills_one_box(world: World) -> None:
    await two_claims(world)

    def hire(tx: Tx) -> None:
        person, site = people.lock_by_telegram_id(tx, SUPERVISOR), people.site_by_code(tx, "SH01")
        assert person is not None
        assert site is not None
        people.give_role(tx, person.id, site.id, "clerk")

    await world.database.turn(hire)
    await world.say(CLERK, "/parts")
    await world.say(SUPERVISOR, "/parts")
    world.telegram.tap(CLERK, *world.buttons(CLERK)["▫️ 1. 0001"])
    world.telegram.tap(SUPERVISOR, *world.buttons(SUPERVISOR)["▫️ 2. 0002"])
    await world.settled()
    assert len(await world.database.turn(lambda tx: tx.execute(select(boxes.c.id)).all())) == 1
    assert "SH01-B0001: 2" in await world.say(SUPERVISOR, "/parts")


@pytest.mark.parametrize("data", ["op:", "op:s:zz", "op:i:zzzzz", "op:l:9", "op:r:9", "op:x:1", "op:o:0", "op:r:-1"])
async def test_a_forged_button_of_old_parts_is_answered_kindly(world: World, data: str) -> None:
    await world.report()
    message = world.shown(CLERK)[-1]["message_id"]
    world.telegram.tap(CLERK, message, data)
    await world.settled()
    assert "系统出错" not in world.last(CLERK)


async def test_only_the_desk_sees_to_old_parts(world: World) -> None:
    await world.report()
    assert "没有此项权限" in await world.say(TECHNICIAN, "/parts")
    message = world.shown(TECHNICIAN)[-1]["message_id"]
    for data in ("op:s:1", "op:i:1", "op:o:1"):
        world.telegram.tap(TECHNICIAN, message, data)
        await world.settled()
        assert "没有此项权限" in world.last(TECHNICIAN)


# deductions


def test_each_answer_to_a_deduction_ends_the_limit_of_its_own_notice(desk: Desk) -> None:
    site = desk.site()
    clerk = desk.person(site, "clerk")
    claim = desk.claim(site, desk.person(site, "technician"), clerk, **REPLACED)
    desk.now = local("2026-09-12 10:00")
    desk.note(claim, "deduction.received", dt.date(2026, 9, 9), clerk)
    desk.note(claim, "deduction.received", dt.date(2026, 9, 11), clerk)
    assert desk.limits(claim)[OBJECTION] == dt.date(2026, 9, 16)
    assert desk.limits(claim)[f"{OBJECTION}#2"] == dt.date(2026, 9, 18)
    desk.note(claim, "deduction.answered", dt.date(2026, 9, 12), clerk)
    assert OBJECTION not in desk.limits(claim)
    assert desk.limits(claim)[f"{OBJECTION}#2"] == dt.date(2026, 9, 18)


async def test_a_deduction_that_nobody_answers_is_pushed_to_its_last_day(world: World) -> None:
    await world.report()
    await world.say(CLERK, "/claim SH01-2026-0001")
    await world.tap(CLERK, "🔩 旧件")
    await world.tap(CLERK, "💸 被扣款")
    await world.tap(CLERK, "缺件")
    await world.say(CLERK, "￥1,280.50")
    assert "2026-09-16 前可提异议" in await world.tap(CLERK, "今天")
    world.skip(days=6)
    await world.tick()
    assert any("旧件扣款异议" in message["text"] and "2026-09-16" in message["text"] for message in world.shown(CLERK))
    await world.say(CLERK, "/due")
    await world.tap(CLERK, "📂 SH01" if "📂 SH01-2026-0001" in world.buttons(CLERK) else "📂")
    assert "扣 ¥1,280.50 缺件" in world.last(CLERK)


# before this version


def back_to(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_a_part_that_was_replaced_before_this_version_is_kept_too(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(engine)
    with engine.begin() as tx:
        site = people.add_site(
            tx, code="SH01", name="上海", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        author = people.add_person(tx, 1, "小李", "zh")
        numbers = {}
        for remedy in ("replaced", "repaired"):
            number = claims.add_claim(tx, site_id=site, author_id=author, currency="CNY", now=MORNING)
            claims.keep_facts(tx, claims.claim(tx, number), {"remedy": remedy}, MORNING)
            name = claims.next_number(tx, site, "SH01", 2026)
            held = claims.claim(tx, number)
            claims.make_move(tx, held, "submit", "submitted", person_id=author, now=MORNING, number=name)
            numbers[remedy] = number
    back_to(engine, "0004")
    migrate(engine)
    with engine.begin() as tx:
        assert old_parts.part_of(tx, numbers["replaced"]) is not None
        assert old_parts.part_of(tx, numbers["repaired"]) is None


# what is overdue


def test_the_pre_audit_of_the_next_claim_tells_of_an_old_part_that_is_overdue(desk: Desk) -> None:
    site = desk.site()
    technician = desk.person(site, "technician")
    late = desk.claim(site, technician, **REPLACED)
    fresh = desk.claim(site, technician, closed_at="2026-12-07T08:40:00+00:00", remedy="replaced")

    with desk.tx() as tx:
        old_parts.keep_part(tx, late, site, "T-1", None)

    def said(now: dt.datetime) -> str:
        with desk.tx() as tx:
            found = verdicts_of(tx, desk.house, claims.claim(tx, fresh), now)
            return next(each.reason for each in found if each.rule == "old_parts_back")

    assert said(local("2026-12-07 10:00")) == "none", "its last day has not passed"
    assert said(local("2026-12-08 10:00")) == "overdue"
    desk.now = local("2026-12-08 11:00")
    desk.note(late, "old_part.returned", dt.date(2026, 12, 8), technician)
    assert said(local("2026-12-08 11:00")) == "none"
