import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from pydantic import BaseModel
from ruamel.yaml import YAML

from claimbot.claims.audit import AuditSheet
from claimbot.claims.authority import AuthoritySheet
from claimbot.claims.calendar import CalendarSheet, OfficeCalendar, calendar_of
from claimbot.claims.clocks import ClockRules, Ladders
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.facts import Facts, Known, PhotoSheet
from claimbot.claims.life import Life
from claimbot.claims.lines import Line
from claimbot.claims.vin import WmiTable

Sheet = TypeVar("Sheet", bound=BaseModel)
settings.register_profile("unhurried", deadline=None)  # a year of holidays is worked out on first use
settings.load_profile("unhurried")

FLOWS = Path(__file__).parents[2] / "flows"


def _read(model: type[Sheet], path: str) -> Sheet:
    return model.model_validate(YAML(typ="safe").load(FLOWS / path))


@pytest.fixture(scope="session")
def life() -> Life:
    return _read(Life, "warranty/life.yaml")


@pytest.fixture(scope="session")
def clocks() -> ClockRules:
    return _read(ClockRules, "warranty/clocks.yaml")


@pytest.fixture(scope="session")
def ladders() -> Ladders:
    return _read(Ladders, "ladders.yaml")


@pytest.fixture(scope="session")
def plans() -> EvidencePlans:
    return _read(EvidencePlans, "warranty/evidence.yaml")


@pytest.fixture(scope="session")
def audit_sheet() -> AuditSheet:
    return _read(AuditSheet, "warranty/audit.yaml")


@pytest.fixture(scope="session")
def authority() -> AuthoritySheet:
    return _read(AuthoritySheet, "warranty/authority.yaml")


@pytest.fixture(scope="session")
def terms() -> MakerTerms:
    return _read(MakerTerms, "warranty/makers/example.yaml")


@pytest.fixture(scope="session")
def calendars() -> CalendarSheet:
    return _read(CalendarSheet, "calendars.yaml")


@pytest.fixture(scope="session")
def wmi() -> WmiTable:
    return _read(WmiTable, "warranty/wmi.yaml")


@pytest.fixture(scope="session")
def shanghai(calendars: CalendarSheet) -> OfficeCalendar:
    return calendar_of(
        calendars, "SH01", zone="Asia/Shanghai", country="CN", opens=dt.time(8, 30), closes=dt.time(17, 30)
    )


@pytest.fixture(scope="session")
def known() -> Known:
    return Known(
        today=dt.date(2026, 6, 1),
        now=dt.datetime(2026, 6, 1, 3, 0, tzinfo=dt.UTC),
        zone="Asia/Shanghai",
        currency="CNY",
        overdue_parts=(),
    )


@pytest.fixture(scope="session")
def complete() -> Facts:
    """A claim as it leaves the desk, with nothing wrong in it."""
    slots = ("vin_plate", "odometer", "fault_code_screen", "fault_in_place", "failed_part", "part_label", "new_part")
    photos = PhotoSheet(slots={name: (name[0] * 64,) for name in (*slots, "old_part_tag")})
    return Facts(
        vin="LSVAA4182E2184847",
        odometer_km=52_340,
        complaint="怠速抖动",
        fault_family="engine",
        fault_codes=("P0301",),
        cause="一缸喷油器泄漏,已更换",
        failed_part="喷油器",
        part_number="06H905110G",
        remedy="replaced",
        old_part="T-1024 A3",
        photos=photos,
        in_service_on=dt.date(2024, 3, 10),
        in_service_proof="invoice",
        repair_order="RO-1",
        car_use="household",
        opened_at=dt.datetime(2026, 5, 20, 1, 0, tzinfo=dt.UTC),
        closed_at=dt.datetime(2026, 5, 21, 9, 0, tzinfo=dt.UTC),
        lines=(
            Line(kind="labour", code="EX-L101", quantity=Decimal("1.5"), unit_price=Decimal(200)),
            Line(kind="part", code="EX-06H906036", unit_price=Decimal(900)),
        ),
        labour=Decimal("300.00"),
        parts=Decimal("900.00"),
    )
