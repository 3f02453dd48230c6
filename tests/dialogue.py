"""Dialogues: text files of what people say and what they are answered, played on a whole house.

A line is one of these; everything else is a mistake of the file and told with its line:

    # anything                            a remark
    technician> /new                      a person writes this
    technician> [是]                      taps the newest button whose label contains this, behind ⋯ if it must be
    technician> (photo failed_part)       sends a photo of that; `(photo failed_part: 零件标签)` with a caption
    technician> (photos vin_plate, odometer)        one after another
    technician> (album vin_plate, odometer)         in one sending
    technician> (same photo)              the last photo once more
    technician> (file paper.pdf)          a file; .jpg is a photo sent as a file, anything else is no evidence
    clerk> (table claim,amount; A-1,9.50)   a CSV file of these rows
    technician> (edit P0302)              changes their last message to this
    technician> (the link)                follows the last invitation that anybody was given
    technician> (forged a:1:approve)      taps what is on no button
    technician> (voice)                   also sticker, video, animation, contact, location
    bot> 这台车                           said since then to the one who acted last: the lines must come in this order
    bot> [是]                             a button under it
    bot! 错误                             none of what was said since then contains this
    clerk< 小李 报修                      told to somebody else, since they acted themselves or were looked at
    clerk! 小李                           not told to them
    (skip 2 hours)                        time goes by: minutes, hours or days
    (a claim is reported)                 walked by the steps' own examples: counts for no coverage
    (a claim is completed)                the desk's part of it
    (a claim is sent for approval)

`Walked` notes what the engine really did meanwhile; `ways_of` says what there is to walk.
"""

import asyncio
import datetime as dt
import html
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typing_extensions import override

from claimbot import engine
from claimbot.__main__ import DEMO_BOT, DEMO_TOKEN, DEMO_ZONE
from claimbot.claims.facts import Facts
from claimbot.claims.rules import RULES
from claimbot.claims.words import Lang
from claimbot.demo.server import Phone, StandIn
from claimbot.engine import Finish, Say, State, Turn
from claimbot.flow.kinds.asking import Answers, Around, Event, Said, Tapped
from claimbot.flow.model import Branch, ChoiceStep, ConfirmStep, EndStep, Flow, ReviewStep, TextStep, ways
from claimbot.flow.office import Office
from claimbot.store import Tx, people
from tests.conftest import StartedClock, World, world_in

PEOPLE = {"technician": 1001, "clerk": 1002, "supervisor": 1003, "second": 1004, "newcomer": 2001}
NAMES: dict[Lang, dict[str, str]] = {
    "zh": {"technician": "小李", "clerk": "王芳", "supervisor": "陈伟", "second": "赵敏", "newcomer": "小周"},
    "en": {"technician": "Leo", "clerk": "Fiona", "supervisor": "Carl", "second": "Zoe", "newcomer": "Nina"},
}
MORNING = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Shanghai
BUG = ("系统出错", "Something went wrong")


class DialogueError(AssertionError):
    """A dialogue did not go as its file says."""


# the file


@dataclass(frozen=True, slots=True)
class Line:
    """One line: who (nobody for what just happens), how (`>` acts, `<` hears, `!` does not hear), and what."""

    place: str
    who: str
    how: str
    what: str


_LINE = re.compile(rf"(?P<who>{'|'.join((*PEOPLE, 'bot'))})(?P<how>[><!]) ?(?P<what>.+)")
_HAPPENS = re.compile(r"\((?P<what>[^()]+)\)")


def read_dialogue(text: str, name: str) -> tuple[Line, ...]:
    """The lines of a dialogue, remarks left out. Raises DialogueError for a line that means nothing."""
    lines = []
    for number, raw in enumerate(text.splitlines(), 1):
        written, place = raw.strip(), f"{name}:{number}"
        if not written or written.startswith("#"):
            continue
        said, happens = _LINE.fullmatch(written), _HAPPENS.fullmatch(written)
        if said is not None and (said["who"] == "bot") <= (said["how"] != "<"):
            lines.append(Line(place, said["who"], said["how"], said["what"].strip()))
        elif happens is not None:
            lines.append(Line(place, "", "", happens["what"]))
        else:
            raise DialogueError(f"{place}: {written!r} is no line of a dialogue: who> says, bot> answers, who< hears")
    return tuple(lines)


# what there is to walk, and what was walked


def ways_of(flow: Flow) -> frozenset[str]:
    """Everything of a flow that some dialogue must walk, named as people may find it in the file."""
    found = set()
    for name, step in flow.steps.items():
        found.add(f"{flow.flow}, step {name}")
        if isinstance(step, EndStep):
            continue
        found |= {_way(flow, name, branch) for branch in ways(step) if len(ways(step)) > 1}
        if step.optional:
            found.add(f"{flow.flow}, step {name}: skipped")
        if step.check is not None:
            found.add(f"{flow.flow}, step {name}: refused by {step.check.rule}")
        match step:
            case ConfirmStep(otherwise=str() as other):
                found.add(f"{flow.flow}, step {name}: no, back to {other}")
            case ChoiceStep(typed=True) | TextStep(suggest=str()):
                found |= {f"{flow.flow}, step {name}: typed", f"{flow.flow}, step {name}: tapped"}
            case ReviewStep():
                found.add(f"{flow.flow}, step {name}: a line changed")
                if step.verdicts:
                    found.add(f"{flow.flow}, step {name}: a verdict explained")
            case _:
                pass
    return frozenset(found)


def _way(flow: Flow, name: str, branch: Branch) -> str:
    return f"{flow.flow}, step {name}: on to {branch.go} {f'when {branch.when}' if branch.when else 'otherwise'}"


@dataclass
class Walked:
    """What the engine really did, by language; examples that only set the scene are not counted."""

    ways: set[tuple[Lang, str]] = field(default_factory=set)
    counting: bool = True

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While it lasts, every turn of the engine is noted after it was made."""
        begin, advance = engine.begin, engine.advance

        def noted_begin(flow: Flow, answers: Answers, around: Around, drafts: Answers | None = None) -> Turn:
            turn = begin(flow, answers, around, drafts)
            self._note_branches(flow, {}, turn, around)
            return turn

        def noted_advance(flow: Flow, state: State, event: Event, around: Around) -> Turn:
            turn = advance(flow, state, event, around)
            self._note(flow, state, event, turn, around)
            return turn

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "begin", noted_begin)
            patch.setattr(engine, "advance", noted_advance)
            yield

    def _add(self, around: Around, way: str) -> None:
        if self.counting:
            self.ways.add((around.lang, way))

    def _note_branches(self, flow: Flow, before: Answers, turn: Turn, around: Around) -> None:
        """The branches that newly given answers chose, and the end where it was come to."""
        after = turn.state.answers
        facts = Facts.model_validate({name: value for name, value in after.items() if value is not None})
        for name in flow.steps:
            branches = ways(flow.steps[name])
            if len(branches) < 2 or name not in after or before.get(name, ...) == after[name]:
                continue
            for branch in branches:
                if branch.when is None or RULES[branch.when].holds(facts, around.known):
                    if branch.go == turn.state.step or branch.go in after:
                        self._add(around, _way(flow, name, branch))
                    break
        if any(isinstance(effect, Finish) for effect in turn.effects):
            self._add(around, f"{flow.flow}, step {turn.state.step}")

    def _note(self, flow: Flow, state: State, event: Event, turn: Turn, around: Around) -> None:
        name, step = state.step, flow.steps.get(state.step)
        if step is None or isinstance(step, EndStep):
            return
        here = f"{flow.flow}, step {name}"
        verb = event.verb if isinstance(event, Tapped) else ""
        self._note_branches(flow, state.answers, turn, around)
        if verb == "change":
            self._add(around, f"{here}: a line changed")
        if turn.state.step == name:
            if step.check is not None and _says(turn, step.check.otherwise.to(around.lang)):
                self._add(around, f"{here}: refused by {step.check.rule}")
            return
        if verb in {"back", "cancel", "change", "keep"}:
            return
        if isinstance(step, ConfirmStep) and turn.state.step == step.otherwise:
            self._add(around, f"{here}: no, back to {step.otherwise}")
            return
        self._add(around, here)
        if verb == "skip":
            self._add(around, f"{here}: skipped")
        elif isinstance(step, ReviewStep):
            if isinstance(event, Said):
                self._add(around, f"{here}: a verdict explained")
        else:
            self._add(around, f"{here}: {'typed' if isinstance(event, Said) else 'tapped'}")


def _says(turn: Turn, words: str) -> bool:
    return any(isinstance(effect, Say) and effect.html.startswith(words) for effect in turn.effects)


# the stage


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a person was told: its text as they read it, and the labels of its buttons."""

    order: int
    text: str
    buttons: tuple[str, ...]

    @override
    def __str__(self) -> str:
        return f"{self.text} {' '.join(f'[{label}]' for label in self.buttons)}".strip()


@dataclass
class Heard:
    """What one person was told since they last acted, and how far it was looked at."""

    told: list[Told] = field(default_factory=list)
    place: int = 0
    within: int = 0

    def find(self, words: str) -> bool:
        """Goes on to where this is said; False when it is not."""
        for place in range(self.place, len(self.told)):
            start = self.within if place == self.place else 0
            at = self.told[place].text.find(words, start)
            if at >= 0:
                self.place, self.within = place, at + len(words)
                return True
        return False

    def offers(self, label: str) -> bool:
        return any(label in each for told in self.told[self.place :] for each in told.buttons)

    def mentions(self, words: str) -> bool:
        return any(words in str(told) for told in self.told)


@dataclass
class Effort:
    """What a dialogue costs one person."""

    taps: int = 0
    typed: int = 0
    photos: int = 0


class Stage(World):
    """The same house with quicker hands: it is settled when every update is confirmed."""

    @override
    async def settled(self) -> None:
        async with asyncio.timeout(30):
            while self.telegram.waiting or self.door.busy:  # noqa: ASYNC110  Telegram tells nobody that it is quiet
                await asyncio.sleep(0.001)

    @override
    async def photo(self, user: int, slot: str = "failed_part") -> str:
        self.photos += 1
        self.telegram.send_photo(user, small_photo(slot, self.photos))
        await self.settled()
        return self.last(user)


@lru_cache(maxsize=400)
def small_photo(slot: str, number: int) -> bytes:
    """A small picture that is like no other: what it shows plays no part here, and drawing costs time."""
    out = io.BytesIO()
    _NOISE.save(out, "JPEG", comment=f"{slot} {number}".encode())
    return out.getvalue()


_NOISE = Image.effect_noise((540, 380), 80)
"""Sharp, bright and big enough: nothing speaks against it."""


_SPAN = re.compile(r"skip (\d+) (minute|hour|day)s?")
_LINK = re.compile(r"start=([\w-]+)")
_SCENES = ("a claim is reported", "a claim is completed", "a claim is sent for approval")
_OTHERS = {"voice", "sticker", "video", "animation", "contact", "location"}


class Player:
    """Plays one dialogue on one stage, line by line."""

    def __init__(self, stage: Stage, walked: Walked) -> None:
        self.stage = stage
        self.walked = walked
        self.effort = {who: Effort() for who in PEOPLE}
        self.said: list[tuple[str, str]] = []
        self._heard = {who: Heard() for who in PEOPLE}
        self._who = "technician"
        self._calls = len(stage.telegram.calls)
        self._answers = len(stage.telegram.answers)
        self._link = ""
        self._last: tuple[bytes, int] = (b"", 0)

    async def play(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            try:
                await self._line(line)
            except DialogueError as error:
                raise DialogueError(f"{line.place}: {error}") from None
            except (AssertionError, TimeoutError) as error:
                raise DialogueError(f"{line.place}: {line.what}: {error}") from error

    async def _line(self, line: Line) -> None:
        if line.who == "":
            await self._happen(line.what)
        elif line.who != "bot" and line.how == ">":
            await self._act(line.who, line.what)
        else:
            self._look(self._who if line.who == "bot" else line.who, line)

    # looking

    def _look(self, who: str, line: Line) -> None:
        heard = self._heard[who]
        listed = "".join(f"\n  - {told}" for told in heard.told) or " nothing"
        if line.how == "!":
            if heard.mentions(line.what):
                raise DialogueError(f"{who} must not be told {line.what!r}, but was told:{listed}")
            return
        if line.what.startswith("[") and line.what.endswith("]"):
            if not heard.offers(line.what[1:-1]):
                raise DialogueError(f"{who} should be offered {line.what}, but was told:{listed}")
        elif not heard.find(line.what):
            raise DialogueError(f"{who} should be told {line.what!r} (from here on), but was told:{listed}")

    def _listen(self) -> None:
        """Sorts what was said since to whom it was said: a word over a button first, then changed messages, then new.

        Telegram gets those of one turn at the same time, in any order.
        """
        came: list[tuple[str, Told]] = []
        names = {str(number): who for who, number in PEOPLE.items()}
        for method, values in self.stage.telegram.calls[self._calls :]:
            who, text = names.get(str(values.get("chat_id"))), values.get("text") or values.get("caption") or ""
            if who is None or not method.startswith(("send", "editMessageText")):
                continue
            if method == "sendMediaGroup":
                text = "(album)"
            rows = _plain(values.get("reply_markup") or "{}").get("inline_keyboard", [])
            labels = tuple(_seen(button["text"]) for row in rows for button in row)
            plain = _seen(html.unescape(re.sub(r"<[^>]+>", "", text))) or "(photo)"
            came.append((who, Told(1 if method == "editMessageText" else 2, plain, labels)))
        came += [
            (names[str(answer["user_id"])], Told(0, answer["text"], ()))
            for answer in self.stage.telegram.answers[self._answers :]
            if answer["text"]
        ]
        self._calls, self._answers = len(self.stage.telegram.calls), len(self.stage.telegram.answers)
        for who, told in sorted(came, key=lambda each: each[1].order):
            self._heard[who].told.append(told)
            self.said.append((f"{who}<", str(told)))
            link = _LINK.search(told.text)
            self._link = link[1] if link is not None else self._link
            if any(bug in told.text for bug in BUG):
                raise DialogueError(f"a bug was met: {told.text}")

    # happening

    async def _happen(self, what: str) -> None:
        self.said.append(("", f"({what})"))
        span = _SPAN.fullmatch(what)
        if span is not None:
            self.stage.skip(**{f"{span[2]}s": float(span[1])})
            await self.stage.tick()
        elif what in _SCENES:
            self.walked.counting = False
            await self._scene(what)
            self.walked.counting = True
            self._listen()
            self._heard = {who: Heard() for who in PEOPLE}
            return
        else:
            raise DialogueError(f"({what}) is nothing that can happen")
        self._listen()

    async def _scene(self, what: str) -> None:
        if what == _SCENES[0]:
            await self.stage.report(PEOPLE["technician"])
        elif what == _SCENES[1]:
            await self.stage.complete(PEOPLE["clerk"])
        else:
            await self._tap(PEOPLE["clerk"], "📤")

    # acting

    async def _act(self, who: str, what: str) -> None:
        self._listen()
        self.said.append((f"{who}>", what))
        self._who, self._heard[who] = who, Heard()
        user, effort = PEOPLE[who], self.effort[who]
        if what.startswith("[") and what.endswith("]"):
            effort.taps += 1
            await self._tap(user, what[1:-1])
        elif what.startswith("(") and what.endswith(")"):
            await self._do(user, what[1:-1], effort)
        else:
            effort.typed += len(what)
            self.stage.telegram.say(user, what)
            await self.stage.settled()
        self._listen()
        if not self._heard[who].told:
            raise DialogueError(f"{who}> {what}: nothing was answered")

    async def _tap(self, user: int, label: str) -> None:
        """The newest button whose label contains this; one that stands on no card is behind the newest card's ⋯."""
        if not await self._tapped(user, label) and not (
            await self._tapped(user, "⋯") and await self._tapped(user, label)
        ):
            offered = [label for message in self.stage.shown(user) for label in _labels(message)]
            raise DialogueError(
                f"there is no button [{label}]; there are {offered[-24:]}; last said: {self.stage.last(user)}"
            )

    async def _tapped(self, user: int, label: str) -> bool:
        for message in reversed(self.stage.shown(user)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if label in _seen(button["text"]) and "callback_data" in button:
                        self.stage.telegram.tap(user, message["message_id"], button["callback_data"])
                        await self.stage.settled()
                        return True
        return False

    async def _do(self, user: int, what: str, effort: Effort) -> None:  # noqa: C901  one line an act
        telegram = self.stage.telegram
        verb, _, rest = what.partition(" ")
        match verb:
            case "photo":
                slot, _, caption = rest.partition(": ")
                telegram.send_photo(user, self._photo(slot), caption or None)
                effort.photos += 1
            case "photos":
                for slot in rest.split(", "):
                    telegram.send_photo(user, self._photo(slot))
                    effort.photos += 1
                    await self.stage.settled()
            case "same":
                telegram.send_photo(user, self._last[0])
            case "album":
                telegram.send_album(user, [self._photo(slot) for slot in rest.split(", ")])
                effort.photos += len(rest.split(", "))
                await self.stage.settled()
                self.stage.skip(seconds=2)
                await self.stage.tick()
            case "file":
                content, mime = _file(rest, self._photo("failed_part"))
                telegram.send_file(user, rest, content, mime)
            case "table":
                telegram.send_file(user, "table.csv", rest.replace("; ", "\n").encode(), "text/csv")
            case "edit":
                mine = [each for each in telegram.messages(user) if not each["from_bot"]]
                telegram.edit(user, mine[-1]["message_id"], rest)
            case "the" if rest == "link":
                telegram.say(user, f"/start {self._link}")
            case "forged":
                telegram.tap(user, self.stage.shown(user)[-1]["message_id"], rest)
            case other if other in _OTHERS and not rest:
                telegram.send_other(user, other)
            case _:
                raise DialogueError(f"({what}) is nothing that a person can do")
        await self.stage.settled()

    def _photo(self, slot: str) -> bytes:
        number = self._last[1] + 1
        self._last = (small_photo(slot.strip(), 100 + number), number)
        return self._last[0]


def _labels(message: dict[str, object]) -> list[str]:
    markup = message.get("reply_markup")
    rows = markup["inline_keyboard"] if isinstance(markup, dict) else []
    return [button["text"] for row in rows for button in row]


def _file(name: str, photo: bytes) -> tuple[bytes, str]:
    if name.endswith(".pdf"):
        return b"%PDF-1.7\n%%EOF" + name.encode(), "application/pdf"
    return (photo, "image/jpeg") if name.endswith(".jpg") else (b"just words", "text/plain")


# the play


def _seen(text: str) -> str:
    """What is there to be read: a word joiner is not."""
    return text.replace("\u2060", "")


def _plain(sent: object) -> Any:  # noqa: ANN401  whatever JSON holds
    """A parameter as it was meant: a form carries JSON in a string."""
    return json.loads(sent) if isinstance(sent, str) else sent


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a dialogue: why it failed, what the engine walked, what each person had to do and was told."""

    failure: str
    walked: frozenset[tuple[Lang, str]]
    effort: dict[str, Effort]
    said: tuple[tuple[str, str], ...]


def language_in(name: str) -> Lang:
    return "en" if ".en." in name else "zh"


async def play(text: str, name: str, office: Office, folder: Path) -> Played:
    """Plays a dialogue on a fresh house whose people all speak its language, on a Wednesday morning in Shanghai."""
    lang, walked, failure = language_in(name), Walked(), ""
    clock = StartedClock(MORNING)
    phones = tuple(
        Phone(user, NAMES[lang][who], None, None, "zh-hans" if lang == "zh" else "en", who)
        for who, user in PEOPLE.items()
    )
    telegram = StandIn(
        folder=None, token=DEMO_TOKEN, bot_username=DEMO_BOT, clock=clock, zone=DEMO_ZONE, phones=phones, limits=False
    )
    async with world_in(folder, office, telegram, clock) as world:
        stage = Stage(world.telegram, world.database, world.house, world.clock, world.door, world.folder)
        await _introduce(stage, lang)
        player = Player(stage, walked)
        with walked.watching():
            try:
                await player.play(read_dialogue(text, name))
            except DialogueError as error:
                failure = str(error)
    return Played(failure, frozenset(walked.ways), player.effort, tuple(player.said))


async def _introduce(stage: Stage, lang: Lang) -> None:
    """The demo's people under names of the dialogue's language; each has opened the chat."""

    def rename(tx: Tx) -> None:
        for who, user in PEOPLE.items():
            person = people.lock_by_telegram_id(tx, user)
            if person is not None:
                people.change_person(tx, person.id, name=NAMES[lang][who], language=lang)

    await stage.database.turn(rename)
    for user in PEOPLE.values():
        if user != PEOPLE["newcomer"]:
            stage.telegram.say(user, "/start")
    await stage.settled()
