"""The queue is in the order of what stands with each claim, and that is what its moves and clocks say."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from claimbot.store import Tx, claims, clocks, people
from claimbot.store.database import migrate, open_engine
from claimbot.store.tables import claims as claim_rows
from claimbot.store.tables import clocks as clock_rows
from claimbot.store.tables import moves as move_rows

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SOON = NOW + 20 * HOUR
STATES = ("submitted", "sent_back")

Act = tuple[str, int, int]
"""What is done, to which claim, and a number for it."""
_ACTS = st.lists(
    st.tuples(st.sampled_from(["move", "touch", "start", "shift", "stop"]), st.integers(0, 5), st.integers(0, 40))
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    made = open_engine(f"sqlite:///{tmp_path_factory.mktemp('queue') / 'queue.db'}")
    migrate(made)
    return made


def do(tx: Tx, act: Act, claim_ids: list[int], at: dt.datetime) -> None:
    what, which, number = act
    claim_id = claim_ids[which]
    held, running = claims.claim(tx, claim_id), clocks.running_clocks(tx, claim_id)
    if what == "move":
        target = ("submitted", "sent_back", "in_approval", held.state)[number % 4]
        claims.make_move(tx, held, "move", target, person_id=None, now=at)
    elif what == "touch":
        claims.keep_facts(tx, held, {"odometer_km": number}, at)
    elif what == "start":
        due_at = None if number > 30 else NOW + number * HOUR
        fields = {"form": "example", "rule": f"r{len(running)}-{at:%H%M%S}", "claim_id": claim_id, "started_at": at}
        clocks.start_clock(tx, {**fields, "due_at": due_at, "rung": 0, "rung_at": at})
    elif running and what == "shift":
        clocks.change_clock(tx, running[number % len(running)].id, due_at=NOW + number * HOUR)
    elif running:
        clocks.stop_clock(tx, running[number % len(running)].id, "met")


def expected(tx: Tx, site_id: int) -> list[tuple[int, dt.datetime | None, dt.datetime]]:
    """As the moves and the clocks tell it, the slow way."""
    found = []
    for row in tx.execute(select(claim_rows).where(claim_rows.c.site_id == site_id, claim_rows.c.state.in_(STATES))):
        came = (move_rows.c.claim_id == row.id) & (move_rows.c.target == row.state) & (move_rows.c.origin != row.state)
        since = tx.execute(select(func.max(move_rows.c.at)).where(came)).scalar() or row.changed_at
        runs = (clock_rows.c.claim_id == row.id) & (clock_rows.c.state == "running")
        due_at = tx.execute(select(func.min(clock_rows.c.due_at)).where(runs)).scalar()
        presses = due_at is not None and due_at < SOON
        found.append(((not presses, due_at if presses else since, row.id), (row.id, due_at, since)))
    return [told for _, told in sorted(found)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ACTS)
def test_whatever_happens_the_queue_is_as_moves_and_clocks_tell_it(engine: Engine, acts: list[Act]) -> None:
    with engine.connect() as tx, tx.begin() as opened:
        place = {"zone": "Asia/Shanghai", "country": "CN", "currency": "CNY", "maker": "example"}
        sites = [people.add_site(tx, code=code, name=code, **place) for code in ("A", "B")]
        author = people.add_person(tx, 1, "somebody", "en")
        made = []
        for number in range(6):
            one = claims.add_claim(tx, site_id=sites[number % 2], author_id=author, currency="CNY", now=NOW)
            claims.make_move(
                tx, claims.claim(tx, one), "submit", "submitted", person_id=author, now=NOW + number * HOUR
            )
            made.append(one)
        for passed, act in enumerate(acts):
            do(tx, act, made, NOW + 6 * HOUR + passed * dt.timedelta(seconds=1))
        for site_id in sites:
            told = expected(tx, site_id)
            waiting, count = claims.queue_of(tx, [site_id], STATES, soon=SOON, limit=2)
            assert [(each.claim.id, each.due_at, each.since) for each in waiting] == told[:2]
            assert count == len(told)
        together, count = claims.queue_of(tx, sites, STATES, soon=SOON)
        every = {claim_id: due_at for site_id in sites for claim_id, due_at, _ in expected(tx, site_id)}
        assert {each.claim.id: each.due_at for each in together} == every
        assert count == len(every)
        opened.rollback()


def test_an_older_database_is_told_what_its_claims_are_sorted_by(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(engine, to="0003")
    at = "'2026-09-09 02:00:00.000000'"
    with engine.begin() as tx:
        for sql in (
            "sites (id, code, name, zone, country, currency, maker) VALUES (1, 'A', 'A', 'UTC', 'CN', 'CNY', 'x')",
            "people (id, telegram_id, name, language) VALUES (1, 1, 'a', 'en')",
            *(
                "claims (id, site_id, kind, state, author_id, currency, facts, made_at, changed_at)"
                f" VALUES ({number}, 1, 'warranty', 'submitted', 1, 'CNY', '{{}}', {at}, {at})"
                for number in (1, 2)
            ),
            (
                "moves (claim_id, move, origin, target, at)"
                " VALUES (1, 'submit', 'draft', 'submitted', '2026-09-01 02:00:00.000000')"
            ),
            (
                "clocks (rule, claim_id, started_at, due_at, rung, rung_at, state)"
                f" VALUES ('r', 1, {at}, {at}, 0, {at}, 'running')"
            ),
        ):
            tx.exec_driver_sql(f"INSERT INTO {sql}")
    migrate(engine)
    with engine.begin() as tx:
        waiting, _ = claims.queue_of(tx, [1], STATES, soon=SOON)
    assert [(each.claim.id, each.due_at, each.since) for each in waiting] == [
        (1, NOW, NOW - dt.timedelta(days=8)),
        (2, None, NOW),
    ]
