"""Odometer readings: read as typed, and questioned against what is known of the car."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from claimbot.claims.facts import CarReading
from claimbot.claims.numbers import fold, read_decimal
from claimbot.claims.sheet import Strict

LARGEST_KM: Final = 2_000_000
_BEFORE: Final = re.compile(r"^(?:里程表?|表显|公里数|odometer|odo|mileage)\s*:?\s*", re.IGNORECASE)
_UNIT: Final = re.compile(r"\s*(?:公里|千米|kilomet(?:er|re)s?|kms?)\.?$", re.IGNORECASE)

Doubt = Literal["falling", "leaping", "implausible"]


class OdometerLimits(Strict):
    """From which numbers on a reading is questioned. These are our own; audit.yaml holds the office's, dated."""

    km_per_day: int = Field(default=1_500, gt=0)
    """On average since the last reading; a car driven in shifts covers less. One day at the least is counted."""
    most_km: int = Field(default=1_000_000, gt=0)


@dataclass(frozen=True, slots=True)
class OdometerDoubt:
    """Why a reading is questioned; `values` fill the words for it."""

    doubt: Doubt
    values: Mapping[str, object]


def read_km(text: str) -> int | None:
    """Whole kilometres from 0 to 2,000,000; tenths are cut off, miles and signs are refused."""
    body = _BEFORE.sub("", fold(text))
    number = read_decimal(_UNIT.sub("", body).strip())
    if number is None or number > LARGEST_KM or number * 10 != int(number * 10):
        return None
    return int(number)


def earlier_readings(readings: tuple[CarReading, ...], today: dt.date) -> tuple[CarReading, ...]:
    """Those from before a reading of today."""
    return tuple(each for each in readings if each.read_on < today or (each.read_on == today and not each.later))


def judge_odometer(
    km: int, readings: tuple[CarReading, ...], today: dt.date, limits: OdometerLimits | None = None
) -> tuple[OdometerDoubt, ...]:
    """What speaks against this reading today: below an earlier one, leaping from the last one, or too high at all."""
    limits = limits or OdometerLimits()
    doubts: list[OdometerDoubt] = []
    before = earlier_readings(readings, today)
    higher = max((each for each in before if each.odometer_km > km), key=lambda each: each.odometer_km, default=None)
    if higher is not None:
        doubts.append(OdometerDoubt("falling", _compared(km, higher)))
    last = max(before, key=lambda each: (each.read_on, each.odometer_km), default=None)
    if last is not None:
        days = max((today - last.read_on).days, 1)
        if km - last.odometer_km > limits.km_per_day * days:
            a_day = (km - last.odometer_km) // days
            doubts.append(OdometerDoubt("leaping", {**_compared(km, last), "a_day": a_day, "days": days}))
    if km > limits.most_km:
        doubts.append(OdometerDoubt("implausible", {"km": km, "most": limits.most_km}))
    return tuple(doubts)


def _compared(km: int, reading: CarReading) -> dict[str, object]:
    return {"km": km, "last_km": reading.odometer_km, "last_on": reading.read_on, "claim": reading.claim}
