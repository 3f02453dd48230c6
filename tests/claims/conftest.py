import datetime as dt
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from claimbot.claims.audit import AuditSheet
from claimbot.claims.authority import AuthoritySheet
from claimbot.claims.calendar import CalendarSheet, OfficeCalendar, calendar_of
from claimbot.claims.clocks import ClockRules
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.life import Life
from claimbot.claims.vin import WmiTable

Sheet = TypeVar("Sheet", bound=BaseModel)
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
