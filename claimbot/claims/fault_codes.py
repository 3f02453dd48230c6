"""Fault codes: found in a text, and explained by how they are built (SAE J2012 / ISO 15031-6).

Only the structure is told, in our own words; what a single code means is the maker's or a licensed list's to say.
"""

import re
from dataclasses import dataclass
from typing import Final

from claimbot.claims.numbers import fold
from claimbot.claims.words import Words

_CODE: Final = re.compile(r"([PBCU])([0-3])([0-9A-F]{3})(?:[-:]?([0-9A-F]{2}))?")
_APART: Final = re.compile(r"\b([PBCU])\s+(?=[0-3OI][0-9A-FOI]{3}\b)")
_TOKEN: Final = re.compile(r"[A-Z0-9][A-Z0-9:-]*")
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})

_SYSTEMS: Final = {
    "P": Words(en="Powertrain", zh="动力总成"),
    "B": Words(en="Body", zh="车身"),
    "C": Words(en="Chassis", zh="底盘"),
    "U": Words(en="Network", zh="网络通信"),
}
_GENERIC: Final = Words(en="standard code", zh="标准码")
_MAKERS: Final = Words(en="maker's own code", zh="厂家自定义码")

_FUEL_AIR: Final = Words(en="fuel and air metering", zh="燃油与进气计量")
_INJECTION: Final = Words(en="injector circuit, fuel and air metering", zh="喷油器电路、燃油与进气计量")
_IGNITION: Final = Words(en="ignition or misfire", zh="点火系统或失火")
_EMISSIONS: Final = Words(en="auxiliary emission controls", zh="辅助排放控制")
_SPEED_IDLE: Final = Words(en="vehicle speed, idle control, auxiliary inputs", zh="车速、怠速控制与辅助输入")
_COMPUTER: Final = Words(en="control unit and its outputs", zh="控制单元及其输出")
_TRANSMISSION: Final = Words(en="transmission", zh="变速器")
_ELECTRIC: Final = Words(en="hybrid or electric drive", zh="混动/电驱动系统")
_P0: Final = {
    "0": _FUEL_AIR, "1": _FUEL_AIR, "2": _INJECTION, "3": _IGNITION, "4": _EMISSIONS, "5": _SPEED_IDLE, "6": _COMPUTER,
    "7": _TRANSMISSION, "8": _TRANSMISSION, "9": _TRANSMISSION, "A": _ELECTRIC, "B": _ELECTRIC, "C": _ELECTRIC,
}  # fmt: skip
_P2: Final = {
    "0": _FUEL_AIR, "1": _FUEL_AIR, "2": _FUEL_AIR, "3": _IGNITION, "4": _EMISSIONS, "5": _SPEED_IDLE, "6": _COMPUTER,
    "7": _TRANSMISSION, "8": _TRANSMISSION, "A": _FUEL_AIR,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodesRead:
    """The codes of a text in their order, each once, and what looked like one but is none."""

    codes: tuple[str, ...]
    unread: tuple[str, ...]


def read_codes(text: str) -> CodesRead:
    """All fault codes in the text. Words without a digit are passed over; O and I in digit places are mended."""
    said = _APART.sub(r"\1", fold(text).upper())
    codes: dict[str, None] = {}
    unread: dict[str, None] = {}
    for token in _TOKEN.findall(said):
        word = token.strip(":-")
        found = _CODE.fullmatch(word[:1] + word[1:].translate(_LOOKALIKES))
        if found is not None:
            codes["".join(found.group(1, 2, 3)) + (f"-{found[4]}" if found[4] else "")] = None
        elif any(each.isdigit() for each in word):
            unread[word] = None
    return CodesRead(tuple(codes), tuple(unread))


def describe_code(code: str) -> Words:
    """System, whose code it is and, for standard powertrain codes, which part of it. `code` is one of `read_codes`."""
    system, generic = _SYSTEMS[code[0]], _is_generic(code)
    origin = _GENERIC if generic else _MAKERS
    subsystem = {"0": _P0, "2": _P2}.get(code[1], {}).get(code[2]) if code[0] == "P" and generic else None
    en, zh = f"{system.en}, {origin.en}", f"{system.zh}，{origin.zh}"
    if subsystem is not None:
        en, zh = f"{en}: {subsystem.en}", f"{zh}：{subsystem.zh}"
    if "-" in code:
        kind = code.partition("-")[2]
        en, zh = f"{en} (failure type {kind})", f"{zh}（失效类型 {kind}）"
    return Words(en=en, zh=zh)


def _is_generic(code: str) -> bool:
    """P1 and P30 to P33 are makers' own, and so are 1 and 2 of body, chassis and network codes."""
    if code[0] == "P":
        return code[1] in "02" or (code[1] == "3" and code[2] not in "0123")
    return code[1] in "03"
