"""What is known of a claim, as one typed value that every rule reads.

Its field names are the names of the steps that ask for them; a rule that finds what it needs missing says so.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from claimbot.claims.lines import Line, in_three
from claimbot.claims.words import Words

FaultFamily = Literal[
    "engine", "transmission", "traction_battery", "drive_motor", "electronics", "brakes_steering", "body_paint", "other"
]
Remedy = Literal["repaired", "replaced"]
Decision = Literal["approve", "approve_part", "send_back", "reject"]
ClaimType = Literal[
    "normal",
    "pre_delivery",
    "service_part",
    "campaign",
    "goodwill",
    "transport_damage",
    "repeat_repair",
    "field_service",
]
PreauthState = Literal["requested", "granted", "refused"]
InServiceProof = Literal["invoice", "delivery_note", "registration", "maker_system", "warranty_booklet"]
CarUse = Literal["household", "commercial", "unknown"]
SafetyFault = Literal["none", "steering", "brakes", "body", "fuel", "battery_fire", "other"]
"""Whether a fault endangers people, and how: what SAMR Order 43 calls a severe safety fault."""
CarStanding = Literal["well", "first", "second", "last", "reached"]
"""How near a car is to a swap or refund: three warnings before the limit; the third is the last step ahead of it."""


class PhotoSheet(BaseModel):
    """The photos of a claim: what each slot holds (SHA-256, newest last), what waits to be sorted, why one is empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: dict[str, tuple[str, ...]] = {}
    tray: tuple[str, ...] = ()
    gaps: dict[str, str] = {}


class Facts(BaseModel):
    """A claim's answers, typed. Anything not asked yet is None; answers of other flows are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    vin: str | None = None
    odometer_km: int | None = None
    complaint: str | None = None
    fault_family: FaultFamily | None = None
    cell_voltage: Decimal | None = None
    fault_codes: tuple[str, ...] | None = None
    cause: str | None = None
    failed_part: str | None = None
    part_number: str | None = None
    remedy: Remedy | None = None
    new_part_number: str | None = None
    old_part: str | None = None
    """Tag and shelf of the old part, as they were typed."""
    photos: PhotoSheet | None = None
    explanation: str | None = None
    in_service_on: dt.date | None = None
    in_service_proof: InServiceProof | None = None
    repair_order: str | None = None
    opened_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    lines: tuple[Line, ...] | None = None
    labour: Decimal | None = None
    """What `lines` come to in labour; `parts` and `other` likewise. Where there are lines, these follow from them."""
    parts: Decimal | None = None
    other: Decimal | None = None
    claim_type: ClaimType = "normal"
    campaign_number: str | None = None
    goodwill_maker: Decimal | None = None
    goodwill_dealer: Decimal | None = None
    """In percent; what the two leave is the customer's."""
    earlier_claim: str | None = None
    part_fitted_on: dt.date | None = None
    part_fitted_km: int | None = None
    preauth_state: PreauthState | None = None
    preauth_number: str | None = None
    preauth_until: dt.date | None = None
    preauth_amount: Decimal | None = None
    preauth_lines: tuple[Line, ...] | None = None
    explained: tuple[str, ...] = ()
    """What the pre-audit had found when the desk wrote its explanation."""
    request_kind: Literal["photo", "words"] | None = None
    requested_slots: tuple[str, ...] | None = None
    decision: Decision | None = None
    plate: str | None = None
    customer: str | None = None
    car_use: CarUse | None = None
    safety_fault: SafetyFault | None = None
    filed_on: Annotated[dt.date | dt.datetime | None, Field(union_mode="left_to_right")] = None
    """When it left for the maker: the day, or the instant where the hour is known."""
    maker_reference: str | None = None
    """The number under which the maker has it."""

    @model_validator(mode="before")
    @classmethod
    def _sum(cls, raw: Any) -> Any:  # noqa: ANN401  what pydantic hands over before it is checked
        if not isinstance(raw, dict) or not raw.get("lines"):
            return raw
        lines = tuple(Line.model_validate(each) for each in raw["lines"])
        return {**raw, "lines": lines, **dict(zip(("labour", "parts", "other"), in_three(lines), strict=True))}


class CarReading(BaseModel):
    """One odometer reading of a car, in km, and the claim it came with."""

    model_config = ConfigDict(frozen=True)

    claim: str
    read_on: dt.date
    odometer_km: int
    later: bool = False
    """Whether that claim was begun after the one in question: of two readings of one day it is no earlier one."""


class EarlierClaim(BaseModel):
    """Another claim on the same VIN, as far as a rule may compare it."""

    model_config = ConfigDict(frozen=True)

    number: str
    state: str
    reported_on: dt.date
    odometer_km: int | None = None
    failed_part: str | None = None
    part_number: str | None = None
    fault_family: str | None = None
    remedy: str | None = None
    repair_order: str | None = None


class OverduePart(BaseModel):
    """An old part that should be back with the maker by now, and the claim it came out with."""

    model_config = ConfigDict(frozen=True)

    claim: str
    due_on: dt.date


class Known(BaseModel):
    """What the office knows beside the claim's own answers, read before a rule is asked."""

    model_config = ConfigDict(frozen=True)

    today: dt.date
    now: dt.datetime
    maker: str = "example"
    currency: str = "CNY"
    zone: str = "UTC"
    cars: tuple[str, ...] = ()
    """VINs met before at this site that fit what was typed, or the latest ones."""
    plates: dict[str, str] = {}
    """By VIN, of those cars whose plate is known."""
    readings: tuple[CarReading, ...] = ()
    earlier: tuple[EarlierClaim, ...] = ()
    """Other claims on the same VIN, this one left out."""
    overdue_parts: tuple[OverduePart, ...] | None = None
    """Old parts of this site that are overdue; None where the maker wants none back."""
    reported_on: dt.date | None = None
    """The day the claim was reported to the maker; None while it still is to be, which is judged as of today."""
    car_standing: CarStanding | None = None
    """How near the car is to it; None where no such statute holds, or was not looked at."""
    car_warning: Words | None = None
    """What of the statute on swap and refund the car in question has come near, where it has."""
