"""A house without Telegram for the tests of limits: a real database, the office's files, and a hand on the clock."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from claimbot.assistant import delivery, recounting
from claimbot.assistant.house import House
from claimbot.claims.life import Role
from claimbot.flow.office import Office
from claimbot.store import Tx, claims, clocks, people
from claimbot.store.claims import Claim
from claimbot.store.database import migrate, open_engine
from claimbot.store.messages import Message

SHANGHAI = "Asia/Shanghai"


def local(text: str, zone: str = SHANGHAI) -> dt.datetime:
    """That wall clock, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@dataclass
class Sent:
    """What went out: when, to whom, and what."""

    at: dt.datetime
    message: Message

    @property
    def html(self) -> str:
        return str(self.message.body["html"])


@dataclass
class Desk:
    """One database and its house; `now` is moved by hand."""

    url: str
    house: House
    now: dt.datetime
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        migrate(self.engine)

    @contextmanager
    def tx(self) -> Iterator[Tx]:
        with self.engine.begin() as opened:
            yield opened

    def site(self, code: str = "SH01", zone: str = SHANGHAI, country: str = "CN") -> int:
        with self.tx() as tx:
            return people.add_site(
                tx, code=code, name=code, zone=zone, country=country, currency="CNY", maker="example"
            )

    def person(self, site_id: int, *held: Role, name: str = "", telegram_id: int = 0) -> int:
        with self.tx() as tx:
            number = people.add_person(tx, telegram_id or 10_000 + len(people.everybody(tx)), name or "someone", "en")
            people.change_person(tx, number, joined_at=self.now)
            for role in held:
                people.give_role(tx, number, site_id, role)
            return number

    def claim(self, site_id: int, author: int, clerk: int | None = None, **facts: object) -> int:
        """A claim at the desk, with these facts; counted."""
        with self.tx() as tx:
            number = claims.add_claim(tx, site_id=site_id, author_id=author, currency="CNY", now=self.now)
            claims.keep_facts(tx, claims.claim(tx, number), facts, self.now)
            code = people.site(tx, site_id).code
            name = claims.next_number(tx, site_id, code, 2026)
            held = claims.claim(tx, number)
            told = {"number": name, "clerk_id": clerk, "reported_on": self.now.date()}
            claims.make_move(tx, held, "submit", "submitted", person_id=author, now=self.now, **told)
            recounting.recount(tx, self.house, claims.claim(tx, number), self.now)
            return number

    def note(self, claim_id: int, event: str, at: dt.date | dt.datetime, person: int) -> None:
        with self.tx() as tx:
            clocks.add_event(tx, claim_id, event, at, person_id=person, now=self.now)
            self.recount(tx, claim_id)

    def recount(self, tx: Tx, claim_id: int) -> tuple[recounting.Shift, ...]:
        return recounting.recount(tx, self.house, claims.lock_claim(tx, claim_id), self.now)

    def limits(self, claim_id: int) -> dict[str, dt.date | None]:
        """What runs on a claim by form and rule, and its last day."""
        with self.tx() as tx:
            return {f"{each.form}/{each.rule}": each.due_on for each in clocks.running_clocks(tx, claim_id)}

    def known(self, claim_id: int) -> Claim:
        with self.tx() as tx:
            return claims.claim(tx, claim_id)

    # the tick, one step after another, so that it can be broken off anywhere

    def take(self, limit: int = 50) -> tuple[Message, ...]:
        """What must be said of so many that are due; of nothing only where nothing is due any more."""
        while True:
            with self.tx() as tx:
                taken = delivery.take(tx, self.now, limit)
            with self.tx() as tx:
                ready = self.worded(tx, taken)
            if ready or not taken:
                return ready

    def worded(self, tx: Tx, taken: Sequence[Message]) -> tuple[Message, ...]:
        return delivery.worded(tx, self.house, taken, self.now)

    def send(self, message: Message) -> None:
        self.sent.append(Sent(self.now, message))

    def note_sent(self, message: Message) -> None:
        with self.tx() as tx:
            delivery.noted(tx, self.house, message, len(self.sent), self.now)

    def tick(self) -> None:
        """Everything that is due now goes out and is noted."""
        while ready := self.take():
            for message in ready:
                self.send(message)
                self.note_sent(message)

    def until(self, end: dt.datetime, step: dt.timedelta = dt.timedelta(minutes=30)) -> None:
        while self.now < end:
            self.now = min(end, self.now + step)
            self.tick()


def desk_in(folder: Path, office: Office, now: dt.datetime) -> Desk:
    return Desk(f"sqlite:///{folder / 'desk.db'}", House(office), now)
