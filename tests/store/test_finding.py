"""Claims are found by their words on a real SQLite file and a real PostgreSQL, in one's own scope, best fit first."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select

from claimbot.claims.finding import Sought, seek
from claimbot.claims.words import Words
from claimbot.store import Tx, claims, clocks, finding, people
from claimbot.store.database import migrate, open_engine
from claimbot.store.finding import Scope
from claimbot.store.tables import found_by

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
STATES = {"approved": Words(en="Approved", zh="审批通过"), "submitted": Words(en="At the desk", zh="待索赔员处理")}
VIN, OTHER_VIN = "LSVAA4182E2184847", "LFV3A23C8N3000017"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'claims.db'}" if sqlite else request.getfixturevalue("postgres")()
    opened = open_engine(url)
    migrate(opened)
    yield opened
    opened.dispose()


class Office:
    """Two sites, two technicians, and claims that are made in a line."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.sites = [
            people.add_site(
                tx, code=code, name=code, zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
            )
            for code in ("SH01", "BJ01")
        ]
        self.li, self.zhou = (people.add_person(tx, number, "x", "zh") for number in (1, 2))
        self.count = 0

    def claim(self, *, site: int = 0, author: int | None = None, state: str = "submitted", **facts: object) -> int:
        tx, self.count = self.tx, self.count + 1
        number = claims.add_claim(tx, site_id=self.sites[site], author_id=author or self.li, currency="CNY", now=NOW)
        claims.keep_facts(tx, claims.claim(tx, number), facts, NOW)
        held = claims.claim(tx, number)
        code = f"{('SH01', 'BJ01')[site]}-2026-{self.count:04d}"
        at = NOW + dt.timedelta(minutes=self.count)
        claims.make_move(tx, held, "submit", state, person_id=self.li, now=at, number=code, reported_on=NOW.date())
        return number

    def find(self, text: str, *sites: int, person: int | None = None, limit: int = 10) -> list[int]:
        scope = Scope(person or 0, tuple(self.sites[site] for site in sites))
        return list(finding.find(self.tx, scope, sought(text), limit))


def sought(text: str) -> Sought:
    found = seek(text, STATES)
    assert found is not None
    return found


@pytest.fixture
def office(engine: Engine) -> Iterator[Office]:
    with engine.begin() as tx:
        yield Office(tx)


def test_a_claim_is_found_by_each_of_its_words(office: Office) -> None:
    wanted = office.claim(
        vin=VIN, plate="沪AD12345", repair_order="RO-7/A", part_number="EX-06H906036", customer="王 小芳"
    )
    office.claim(vin=OTHER_VIN, plate="沪AD12346", repair_order="RO-8/A", part_number="EX-07", customer="李安")
    for text in (
        "SH01-2026-0001",
        "0001",
        VIN,
        "184847",
        "沪ad 12345",
        "AD12345",
        "ro-7/a",
        "ex06h906036",
        "小芳",
        "王",
    ):
        assert office.find(text, 0) == [wanted], text


def test_whole_words_come_before_beginnings_and_the_latest_first(office: Office) -> None:
    first, longer, last = (office.claim(customer=name) for name in ("王芳", "王芳芳", "王芳"))
    assert office.find("王芳", 0) == [last, first, longer]


def test_the_likeliest_kind_comes_first(office: Office) -> None:
    by_order = office.claim(repair_order="184847")
    by_car = office.claim(vin=VIN)
    later_order = office.claim(repair_order="184847")
    assert office.find("184847", 0) == [by_car, later_order, by_order]


def test_everybody_finds_in_their_own_scope_alone(office: Office) -> None:
    here, there = office.claim(vin=VIN), office.claim(site=1, author=office.zhou, vin=VIN)
    assert office.find("184847", 0) == [here]
    assert office.find("184847", 0, 1) == [there, here]
    assert office.find("184847", person=office.zhou) == [there]
    assert office.find("approved", person=office.zhou) == []
    assert office.find("at the desk", person=office.zhou) == [there]
    assert office.find("待索赔员", 1, person=office.li) == [there, here]
    assert office.find("184847") == []


def test_states_are_found_the_latest_changed_first_and_drafts_never(office: Office) -> None:
    first, second = office.claim(state="approved"), office.claim(state="approved")
    claims.add_claim(office.tx, site_id=office.sites[0], author_id=office.li, currency="CNY", now=NOW)
    assert office.find("审批通过", 0) == [second, first]
    assert office.find("审批通过", 0, limit=1) == [second]


def test_a_draft_is_not_found_and_a_changed_word_is_the_only_one(office: Office) -> None:
    draft = claims.add_claim(office.tx, site_id=office.sites[0], author_id=office.li, currency="CNY", now=NOW)
    claims.keep_facts(office.tx, claims.claim(office.tx, draft), {"vin": VIN}, NOW)
    assert office.find("184847", 0) == []
    wanted = office.claim(plate="沪A12345", customer="王芳")
    held = claims.claim(office.tx, wanted)
    claims.keep_facts(office.tx, held, {"plate": "沪A54321", "customer": None}, NOW)
    assert office.find("沪A12345", 0) == []
    assert office.find("沪A54321", 0) == [wanted]
    assert office.find("王芳", 0) == []


def test_no_more_are_given_than_asked_for_and_none_twice(office: Office) -> None:
    made = [office.claim(vin=VIN, repair_order="184847", customer="王芳") for _ in range(5)]
    assert office.find("184847", 0, limit=3) == made[:1:-1]
    assert office.find("王", 0, limit=9) == made[::-1]


def test_what_looks_like_a_pattern_is_none(office: Office) -> None:
    office.claim(customer="王芳", repair_order="AB2")
    assert office.find("A%", 0) == office.find("A", 0)
    assert office.find("_B2", 0) == []


def test_a_car_brings_all_its_claims_with_what_is_left_out_of_its_repairs(office: Office) -> None:
    first, second = office.claim(vin=VIN), office.claim(site=1, vin=VIN)
    begun, ended = NOW, NOW + dt.timedelta(hours=30)
    for event, at in (
        ("transport.begun", begun),
        ("transport.ended", ended),
        ("rescue.begun", ended),  # nobody noted its end
        ("transport.begun", ended + dt.timedelta(days=1)),
    ):
        clocks.add_event(office.tx, first, event, at, person_id=office.li, now=NOW)
    found = finding.claims_of_car(office.tx, VIN)
    assert [(each.id, each.left_out) for each in found] == [(second, ()), (first, ((begun, ended),))]


def test_claims_from_before_are_found_after_the_move_to_this_version(engine: Engine) -> None:
    config = Config()
    migrations = Path(finding.__file__).parent / "migrations"
    config.set_main_option("script_location", str(migrations))
    with engine.begin() as tx:
        made = Office(tx)
        numbers = [made.claim(vin=VIN, customer="王芳") for _ in range(3)]
        config.attributes["connection"] = tx
        command.downgrade(config, "0003")
        command.upgrade(config, "head")
        assert made.find("王芳", 0) == numbers[::-1]
        assert tx.execute(select(func.count()).select_from(found_by)).scalar_one() == 3 * (3 + 4 + 1)
