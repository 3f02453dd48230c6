"""Builds the house and closes it in order; the command line."""

import argparse
import asyncio
import datetime as dt
import gc
import json
import logging
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, get_args
from zoneinfo import ZoneInfo, available_timezones

import orjson
import structlog
from babel.numbers import list_currencies

from claimbot.assistant import reporting
from claimbot.assistant.acts import invite_link, make_invite
from claimbot.assistant.digests import write_all
from claimbot.assistant.examples import example_for
from claimbot.assistant.house import House, Reply
from claimbot.assistant.menus import post_commands
from claimbot.assistant.nightly import look
from claimbot.chat.door import Door, build_application, close, introduce
from claimbot.chat.pacing import Pacer
from claimbot.claims.life import ROLES, Role
from claimbot.clockwork import add_commands
from claimbot.demo.clock import MovableClock
from claimbot.demo.server import Example, Phone, StandIn
from claimbot.errors import FlowError, SettingsError
from claimbot.evidence import EvidenceFolder
from claimbot.flow.drawing import stale_drawings, write_drawings
from claimbot.flow.office import CalendarWatch, Office, check_folder, load_office
from claimbot.flow.schema import flow_schema
from claimbot.settings import Settings, read_settings
from claimbot.store import Database, Tx, messages, people

DEMO_TOKEN = "100000001:" + "demonstration-no-secret-at-all"
DEMO_BOT = "claimbot_demo_bot"
DEMO_ZONE = "Asia/Shanghai"
_SITE_CODE: Final = re.compile(r"[A-Z0-9]{2,8}")
_SITE_NAME: Final = 60
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_LARGEST_PORT = 65535
_ASKED_FOR = 10.0
"""Seconds that Telegram has to tell the bot's name."""
_DEMO_HOLDS = frozenset({"claimbot.db", "clock.json", "telegram", "evidence"})
_ALIVE_WITHIN = dt.timedelta(minutes=2)
_PHONES = (
    Phone(1001, "小李", None, "xiaoli", "zh-hans", "technician"),
    Phone(1002, "王芳", None, "wangfang", "zh-hans", "clerk"),
    Phone(1003, "Chen", "Wei", "chenwei", "en", "supervisor"),
    Phone(1004, "赵敏", None, "zhaomin", "zh-hans", "supervisor"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """What was typed; the exit status: 0 done, 1 a mistake that was told."""
    arguments = command_line().parse_args(argv)
    log_to_stderr(json_lines=not sys.stderr.isatty())
    try:
        return int(arguments.does(arguments, read_settings()))
    except SettingsError as error:
        print(error, file=sys.stderr)
    except FlowError as error:
        print("\n".join(error.problems), file=sys.stderr)
    return 1


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="claimbot", description="A chat assistant for a claims office.")
    does = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(does, "run", _run, "talk to Telegram (TELEGRAM_TOKEN)")
    demo = _command(does, "demo", _demo, "a stand-in Telegram on this machine, with a page that is the phones")
    demo.add_argument("--port", type=_port, default=0, help="of the page; a free one when left out")
    demo.add_argument("--reset", action="store_true", help="start anew, without what was there")
    demo.add_argument("--folder", type=Path, default=Path("demo-data"))
    check = _command(does, "check", _check, "every problem of the office's files, by file and line")
    check.add_argument("folder", type=Path, nargs="?")
    draw = _command(does, "draw", _draw, "each flow and life as a Mermaid picture")
    draw.add_argument("--to", type=Path, default=Path("docs/flows"))
    draw.add_argument("--check", action="store_true", help="only tell which pictures are stale")
    _command(does, "schema", _schema, "the JSON Schema of the flow format, for editors")
    _command(does, "verify", _verify, "prove that no entry of a case file and no evidence was changed")
    _command(does, "health", _health, "whether the tick is alive")
    _site_commands(does)
    _staff_commands(does)
    add_commands(does)
    return parser


def _port(typed: str) -> int:
    number = int(typed) if typed.isascii() and typed.isdigit() else -1
    if not 0 <= number <= _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{typed} is no port; use 1024 to {_LARGEST_PORT}")
    return number


def _command(
    does: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    function: Callable[[argparse.Namespace, Settings], int],
    words: str,
) -> argparse.ArgumentParser:
    command = does.add_parser(name, help=words, description=words)
    command.set_defaults(does=function)
    return command


def _site_commands(does: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    site = does.add_parser("site", help="places of work").add_subparsers(required=True, metavar="COMMAND")
    add = _command(site, "add", _add_site, "a new site")
    add.add_argument("--code", required=True, help="short, part of every claim's number: SH01")
    add.add_argument("--name", required=True)
    add.add_argument("--zone", required=True, help="such as Asia/Shanghai")
    add.add_argument("--country", default="CN")
    add.add_argument("--currency", default="CNY")
    add.add_argument("--maker", default="example", help="whose terms hold: a file of flows/warranty/makers")
    _command(site, "list", _list_sites, "all sites")
    change = _command(site, "change", _change_site, "when its people's digests come, when it opens and closes")
    change.add_argument("--code", required=True)
    change.add_argument("--digest", metavar="HH:MM", help="the hour of the morning's digest, on working days")
    change.add_argument("--digest-always", choices=("yes", "no"), help="also on days with nothing to do")
    change.add_argument("--opens", metavar="HH:MM")
    change.add_argument("--closes", metavar="HH:MM")


def _staff_commands(does: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    staff = does.add_parser("staff", help="who may do what").add_subparsers(required=True, metavar="COMMAND")
    invite = _command(staff, "invite", _invite, "a link for one person, that expires")
    invite.add_argument("--role", required=True, choices=get_args(Role))
    invite.add_argument("--site", required=True, help="its code")
    invite.add_argument("--bot", default="", help="the bot's user name, for a link that can be tapped")
    _command(staff, "list", _list_staff, "everybody and their roles")
    remove = _command(staff, "remove", _remove_role, "take a role away")
    remove.add_argument("--telegram-id", required=True, type=int)
    remove.add_argument("--role", required=True, choices=get_args(Role))
    remove.add_argument("--site", required=True)


def log_to_stderr(*, json_lines: bool) -> None:
    """Events with their fields. The libraries that would log addresses, and with them the token, are kept quiet.

    A traceback shows lines of code and never what the variables held: they hold what people said.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    plainly = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last = structlog.processors.JSONRenderer(serializer=orjson.dumps) if json_lines else plainly
    lines = structlog.BytesLoggerFactory(sys.stderr.buffer) if json_lines else structlog.PrintLoggerFactory(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if json_lines else structlog.processors.UnicodeDecoder(),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lines,
    )


# the bot


def _run(_: argparse.Namespace, settings: Settings) -> int:
    token = settings.token
    office = load_office(settings.flows)
    asyncio.run(_talk(settings, token, office))
    return 0


async def _talk(settings: Settings, token: str, office: Office) -> None:
    application = build_application(token, settings.telegram_api_url)
    async with Database(settings.database) as database:
        folder = EvidenceFolder(settings.evidence)
        folder.sweep_unfinished()
        name = await introduce(application)
        watch = CalendarWatch(settings.flows)
        door = Door(application, House(office, name), database, folder, _now, Pacer(), watch)
        _stop_on_signals(door)
        gc.freeze()  # what is loaded by now stays; looking through it again and again costs a sixth of all time
        await door.run(settings.claimbot_tick_seconds)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _stop_on_signals(door: Door) -> None:
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, lambda: asyncio.ensure_future(door.stop()))


# the demo


def _demo(arguments: argparse.Namespace, settings: Settings) -> int:
    folder: Path = arguments.folder
    if arguments.reset and folder.exists():
        _empty(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--folder: {folder} cannot be used: {error.strerror}.") from error
    asyncio.run(_show(folder, arguments.port, load_office(settings.flows)))
    return 0


def _empty(folder: Path) -> None:
    """Takes away what a demo left there. Any other folder is left alone: it may hold somebody's work."""
    held = {each.name for each in folder.iterdir()} if folder.is_dir() else {""}
    if held and not held & _DEMO_HOLDS:
        raise SettingsError(f"--reset: {folder} holds no demo; nothing was taken away.")
    shutil.rmtree(folder)


async def _show(folder: Path, port: int, office: Office) -> None:
    clock = MovableClock(folder / "clock.json")
    house = House(office, DEMO_BOT)
    async with Database(f"sqlite:///{folder / 'claimbot.db'}") as database:
        is_new = await database.turn(lambda tx: open_demo_site(tx, clock.now()))

        async def example(user_id: int) -> Example | None:
            answer = await database.turn(lambda tx: example_for(tx, house, user_id, clock.now()))
            return None if answer is None else Example(answer.kind, answer.value)

        stand_in = StandIn(
            folder=folder / "telegram",
            token=DEMO_TOKEN,
            bot_username=DEMO_BOT,
            clock=clock,
            zone=DEMO_ZONE,
            phones=_PHONES,
            example=example,
        )
        try:
            address = f"http://127.0.0.1:{await stand_in.start(port)}"
        except OSError as error:
            raise SettingsError(
                f"--port: {port} cannot be used: {os.strerror(error.errno or 0)}. Leave it out for a free one."
            ) from error
        for phone in _PHONES if is_new else ():
            stand_in.say(phone.user_id, "/start")
        evidence = EvidenceFolder(folder / "evidence")
        evidence.sweep_unfinished()
        door = Door(build_application(DEMO_TOKEN, address), house, database, evidence, clock.now, Pacer())
        _stop_on_signals(door)
        print(f"\n  claimbot demo: {address}\n  Ctrl-C ends it; what was done is kept in {folder}/\n", flush=True)
        try:
            await door.run(0.5)
        finally:
            await stand_in.stop()


def open_demo_site(tx: Tx, now: dt.datetime) -> bool:
    """The demo's site and its people; whether they were not there yet."""
    if people.site_by_code(tx, "SH01") is not None:
        return False
    site_id = people.add_site(
        tx, code="SH01", name="示例汽车上海店", zone=DEMO_ZONE, country="CN", currency="CNY", maker="example"
    )
    for phone in _PHONES:
        name = f"{phone.first_name} {phone.last_name}" if phone.last_name else phone.first_name
        number = people.add_person(tx, phone.user_id, name, "en" if phone.language == "en" else "zh")
        people.change_person(tx, number, joined_at=now)
        held: tuple[Role, ...] = tuple(role for role in ROLES if role == phone.role)
        for role in (*held, *(("administrator",) if phone.user_id == 1004 else ())):
            people.give_role(tx, number, site_id, role)
    return True


# the office's files


def _check(arguments: argparse.Namespace, settings: Settings) -> int:
    problems = check_folder(arguments.folder or settings.flows)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problem(s)" if problems else "all is well")
    return 1 if problems else 0


def _draw(arguments: argparse.Namespace, settings: Settings) -> int:
    office = load_office(settings.flows)
    if not arguments.check:
        write_drawings(office, arguments.to)
        return 0
    stale = stale_drawings(office, arguments.to)
    for name in stale:
        print(f"{arguments.to}/{name} is stale: run `claimbot draw`")
    return 1 if stale else 0


def _schema(_: argparse.Namespace, __: Settings) -> int:
    print(json.dumps(flow_schema(), ensure_ascii=False, indent=2))
    return 0


# the database


def _ask(settings: Settings, question: Callable[[Tx], int]) -> int:
    async def ask() -> int:
        async with Database(settings.database) as database:
            return await database.turn(question)

    return asyncio.run(ask())


def _verify(_: argparse.Namespace, settings: Settings) -> int:
    async def verify() -> int:
        async with Database(settings.database) as database:
            damage = await look(database, EvidenceFolder(settings.evidence))
        for claim_id, place in damage.entries:
            print(f"claim {claim_id}: entry {place} does not follow from the one before")
        for sha in damage.evidence:
            print(f"evidence {sha} is missing or changed")
        if not damage:
            print("all entries and all evidence are as they were written")
        return 1 if damage else 0

    return asyncio.run(verify())


def _health(_: argparse.Namespace, settings: Settings) -> int:
    def look(tx: Tx) -> int:
        at = messages.last_beat(tx, "tick")
        alive = at is not None and _now() - at < _ALIVE_WITHIN
        print("the tick is alive" if alive else f"the tick was last seen {at or 'never'}")
        return 0 if alive else 1

    return _ask(settings, look)


def _add_site(arguments: argparse.Namespace, settings: Settings) -> int:
    office = load_office(settings.flows)
    if arguments.zone not in available_timezones():
        raise SettingsError(f"--zone: there is no zone {arguments.zone}; one looks like Asia/Shanghai.")
    if arguments.maker not in office.makers:
        raise SettingsError(f"--maker: there is no {arguments.maker}; known: {', '.join(sorted(office.makers))}.")

    code, name = arguments.code.upper(), " ".join(arguments.name.split())
    if not _SITE_CODE.fullmatch(code):
        raise SettingsError(
            "--code: two to eight letters and digits, such as SH01: it is part of every claim's number."
        )
    if not name or len(name) > _SITE_NAME:
        raise SettingsError(f"--name: one to {_SITE_NAME} characters; people see it on buttons.")
    if arguments.currency.upper() not in list_currencies():
        raise SettingsError(f"--currency: there is no {arguments.currency}; one looks like CNY or EUR.")
    if not _COUNTRY.fullmatch(arguments.country):
        raise SettingsError(f"--country: two letters such as CN or DE, not {arguments.country}.")

    def add(tx: Tx) -> int:
        if people.site_by_code(tx, code) is not None:
            raise SettingsError(f"--code: there is a site {code} already.")
        people.add_site(
            tx,
            code=code,
            name=name,
            zone=ZoneInfo(arguments.zone).key,
            country=arguments.country.upper(),
            currency=arguments.currency.upper(),
            maker=arguments.maker,
        )
        print(f"site {code} added")
        return 0

    return _ask(settings, add)


def _change_site(arguments: argparse.Namespace, settings: Settings) -> int:
    hours = {"digest_at": arguments.digest, "opens": arguments.opens, "closes": arguments.closes}
    fields: dict[str, object] = {name: _hour(name, said) for name, said in hours.items() if said is not None}
    if arguments.digest_always is not None:
        fields["digest_always"] = int(arguments.digest_always == "yes")
    if not fields:
        raise SettingsError("nothing to change: give --digest, --digest-always, --opens or --closes.")
    house = House(load_office(settings.flows))

    def change(tx: Tx) -> int:
        site = _site(tx, arguments.code)
        people.change_site(tx, site.id, **fields)
        changed = people.site(tx, site.id)
        if changed.opens >= changed.closes:
            raise SettingsError(f"{site.code} would open at {changed.opens} and close at {changed.closes}.")
        write_all(tx, house, _now(), changed)
        reporting.write_all(tx, house, _now(), changed)
        print("done")
        return 0

    return _ask(settings, change)


def _hour(name: str, said: str) -> str:
    try:
        return dt.time.fromisoformat(said).strftime("%H:%M")
    except ValueError as error:
        raise SettingsError(f"{name}: {said} is no hour; one looks like 08:30.") from error


def _list_sites(_: argparse.Namespace, settings: Settings) -> int:
    def tell(tx: Tx) -> int:
        for site in people.all_sites(tx):
            print(f"{site.code}\t{site.name}\t{site.zone}\t{site.currency}\t{site.maker}")
        return 0

    return _ask(settings, tell)


def _site(tx: Tx, code: str) -> people.Site:
    site = people.site_by_code(tx, code) or people.site_by_code(tx, code.upper())
    if site is None:
        raise SettingsError(f"--site: there is no site {code}; `claimbot site add` makes one.")
    return site


def _invite(arguments: argparse.Namespace, settings: Settings) -> int:
    bot = arguments.bot.removeprefix("@") or asyncio.run(_bot_name(settings))

    def invite(tx: Tx) -> int:
        token = make_invite(tx, _site(tx, arguments.site).id, arguments.role, None, _now())
        print(invite_link(bot, token))
        return 0

    done = _ask(settings, invite)
    if not bot:
        print("No bot is known: send that line to it, or give --bot NAME for a link.", file=sys.stderr)
    return done


async def _bot_name(settings: Settings) -> str:
    """As Telegram knows it, where there is a token; empty where it cannot be asked."""
    if not settings.telegram_token:
        return ""
    application = build_application(settings.token, settings.telegram_api_url)
    name = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(_ASKED_FOR):
            name = await introduce(application)
    await close(application)
    return name


def _list_staff(_: argparse.Namespace, settings: Settings) -> int:
    def tell(tx: Tx) -> int:
        codes = {site.id: site.code for site in people.all_sites(tx)}
        for person in people.everybody(tx):
            held = ", ".join(f"{role}@{codes[site]}" for site, role in sorted(person.roles)) or "no role"
            print(f"{person.telegram_id}\t{person.name}\t{held}{' (blocked the bot)' if person.blocked else ''}")
        return 0

    return _ask(settings, tell)


def _remove_role(arguments: argparse.Namespace, settings: Settings) -> int:
    def remove(tx: Tx) -> int:
        site = _site(tx, arguments.site)
        person = people.lock_by_telegram_id(tx, arguments.telegram_id)
        if person is None or not people.take_role(tx, person.id, site.id, arguments.role):
            raise SettingsError("nobody has that role there.")
        left = people.person(tx, person.id)
        post_commands(tx, House(load_office(settings.flows)), Reply(), left, _now())
        print("done")
        return 0

    return _ask(settings, remove)


if __name__ == "__main__":
    sys.exit(main())
