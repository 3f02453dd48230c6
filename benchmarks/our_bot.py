"""Our bot on a ten-step form, as `claimbot run` builds it, but without Telegram's pace: the stand-in has none either.

python -m benchmarks.our_bot --base-url http://127.0.0.1:8081 --folder /tmp/here --people 100
"""

import argparse
import asyncio
import cProfile
import datetime as dt
import gc
import shutil
import signal
from pathlib import Path

from benchmarks.stage import ROOT, TOKEN
from claimbot.__main__ import log_to_stderr
from claimbot.assistant.house import House
from claimbot.chat.door import Door, build_application
from claimbot.chat.pacing import Pacer
from claimbot.evidence import EvidenceFolder
from claimbot.flow.office import load_office
from claimbot.store import Database, Tx, people

FIRST_PERSON = 5_000_001
STEPS = 10
_TEXT = """\
  answer_{place}:
    ask: text
    label: {{en: "Answer {place}", zh: "答案 {place}"}}
    text: {{en: "What is answer {place}?", zh: "答案 {place} 是什么？"}}
    example: "answer {place}"
    next: answer_{following}
"""
_CHOICE = """\
  answer_{place}:
    ask: choice
    label: {{en: "Answer {place}", zh: "答案 {place}"}}
    text: {{en: "What is answer {place}?", zh: "答案 {place} 是什么？"}}
    choices:
      engine: {{en: "Engine", zh: "发动机"}}
      gearbox: {{en: "Gearbox", zh: "变速箱"}}
      brakes: {{en: "Brakes", zh: "制动"}}
    example: engine
    next: {following}
"""
_HEAD = """\
flow: people.form
title: {en: "A form", zh: "表单"}
for: [technician]
starts:
  command: form
  describe: {en: "A form", zh: "表单"}
steps:
"""
_TAIL = """\
  language:
    ask: choice
    label: {en: "Language", zh: "语言"}
    text: {en: "Which language?", zh: "用哪种语言？"}
    choices:
      zh: {en: "中文", zh: "中文"}
      en: {en: "English", zh: "English"}
    example: en
    next: chosen
  chosen:
    end: set_language
"""


def answers() -> list[str]:
    """What a person says to be through: the command, then one answer to each of the ten questions."""
    return ["/form", *("Engine" if place % 3 == 0 else f"answer {place}" for place in range(1, STEPS)), "English"]


def write_office(folder: Path) -> Path:
    """The shipped office with one flow more: seven texts and three choices; the last one ends with a word of thanks."""
    office = folder / "flows"
    shutil.copytree(ROOT / "flows", office)
    steps = ""
    for place in range(1, STEPS):
        following = f"answer_{place + 1}" if place + 1 < STEPS else "language"
        kind = _CHOICE if place % 3 == 0 else _TEXT
        steps += kind.replace("answer_{following}", "{following}").format(place=place, following=following)
    (office / "people" / "form.yaml").write_text(_HEAD + steps + _TAIL, encoding="utf-8")
    return office


def bring_people(tx: Tx, count: int) -> None:
    now = dt.datetime.now(dt.UTC)
    site = people.add_site(
        tx, code="SH01", name="Site", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
    )
    for number in range(FIRST_PERSON, FIRST_PERSON + count):
        person = people.add_person(tx, number, f"User {number}", "en")
        people.change_person(tx, person, joined_at=now)
        people.give_role(tx, person, site, "technician")


async def run(base_url: str, folder: Path, count: int) -> None:
    house = House(load_office(write_office(folder)), "claims_demo_bot")
    async with Database(f"sqlite:///{folder / 'claimbot.db'}") as database:
        await database.turn(lambda tx: bring_people(tx, count))
        evidence = EvidenceFolder(folder / "evidence")
        application = build_application(TOKEN, base_url)
        door = Door(application, house, database, evidence, lambda: dt.datetime.now(dt.UTC), Pacer(per_second=None))
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, lambda: asyncio.ensure_future(door.stop()))
        gc.freeze()  # as `claimbot run`
        await door.run(1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--profile", type=Path, help="where to write what the event loop's thread did (cProfile)")
    options = parser.parse_args()
    log_to_stderr(json_lines=True)  # as `claimbot run` when nobody watches
    profile = cProfile.Profile()
    if options.profile is not None:
        profile.enable()
    asyncio.run(run(options.base_url, options.folder, options.people))
    if options.profile is not None:
        profile.disable()
        profile.dump_stats(options.profile)


if __name__ == "__main__":
    main()
