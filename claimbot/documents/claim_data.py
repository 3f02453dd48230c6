"""A claim as data for a maker's system: JSON, its fields named as STAR's warranty claim names them where it has them.

Amounts and quantities are decimal strings, days ISO 8601, instants with their offset. What is not known is null.
docs/claim-data.md tells every field. Our own pre-audit and decisions are not the maker's to read.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

SCHEMA: Final = "claimbot.warranty-claim/1"

Exact = Annotated[Decimal, PlainSerializer(lambda value: f"{value:f}", return_type=str)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dealer(_Part):
    site_code: str
    site_name: str
    maker: str


class Vehicle(_Part):
    vin: str | None
    odometer_km: int | None
    in_service_on: dt.date | None
    in_service_proof: str | None


class Job(_Part):
    """The repair: names of STAR's job, codes and diagnostics where it has them."""

    job_number: str | None
    opened_at: dt.datetime | None
    closed_at: dt.datetime | None
    complaint_description: str | None
    cause_description: str | None
    correction_description: str | None
    technician_notes: str | None
    diagnostic_codes: tuple[str, ...]
    fault_family: str | None
    failed_part: str | None


class Position(_Part):
    """One line. `line_number` is steady; `claimed` includes tax."""

    line_number: int
    description: str | None
    unit_price: Exact
    tax_percent: Exact
    claimed: Exact
    approved: Exact | None
    asked: Exact


class Labour(Position):
    operation_id: str | None
    labor_allowance_hours: Exact


class PartUsed(Position):
    part_number: str | None
    quantity: Exact
    causal_part_indicator: bool


class Sublet(Position):
    invoice_number: str | None
    quantity: Exact


class OtherCost(Position):
    quantity: Exact


class Totals(_Part):
    labor: Exact
    parts: Exact
    other: Exact
    claimed: Exact
    asked: Exact


class Shares(_Part):
    """Who bears how much of a goodwill claim."""

    maker_percent: Exact
    maker: Exact
    dealer_percent: Exact
    dealer: Exact
    customer_percent: Exact
    customer: Exact


class Picture(_Part):
    file: str
    slot: str
    sha256: str


class ClaimData(_Part):
    """The whole file."""

    format: Literal["claimbot.warranty-claim/1"] = SCHEMA
    claim_number: str
    claim_state: str
    claim_type: str
    preauthorisation_number: str | None
    maker_reference: str | None
    currency: str
    reported_on: dt.date | None
    dealer: Dealer
    vehicle: Vehicle
    job: Job
    labor: tuple[Labour, ...]
    parts: tuple[PartUsed, ...]
    sublet: tuple[Sublet, ...]
    travel: tuple[OtherCost, ...]
    towing: tuple[OtherCost, ...]
    rent_loaner: tuple[OtherCost, ...]
    totals: Totals
    goodwill_shares: Shares | None
    photos: tuple[Picture, ...]

    def to_bytes(self) -> bytes:
        return self.model_dump_json(indent=2).encode()
