"""The bot at work: each update becomes a turn, what is due goes out, and the tick beats.

One handler, one person's updates in order, everything that is known to be true in the database. A bug is caught here
once: logged with its traceback under a short number, and the person is told the number.
"""

import asyncio
import datetime as dt
import hashlib
import secrets
from asyncio import sleep
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from telegram import BotCommand, LinkPreviewOptions
from telegram.constants import CallbackQueryLimit, ChatAction, ChatType, ParseMode
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, CallbackContext, ExtBot, TypeHandler

from claimbot.assistant import delivery
from claimbot.assistant.counting_anew import count_all_anew
from claimbot.assistant.crediting import Desk, work_off
from claimbot.assistant.digests import write_all
from claimbot.assistant.house import Arrival, House, Reply, Tap
from claimbot.assistant.making import made
from claimbot.assistant.menus import command_menu
from claimbot.assistant.nightly import look, tell
from claimbot.assistant.turns import take
from claimbot.chat.arriving import WANTED, Given, arrival_of, chat_of, person_of
from claimbot.chat.ordering import PerPerson
from claimbot.chat.pacing import Pacer
from claimbot.chat.polling import Poller
from claimbot.chat.reporting import Reporter
from claimbot.chat.request import AiohttpRequest
from claimbot.chat.sending import send, waiting_time
from claimbot.claims.words import LANGS, Lang, language_of
from claimbot.errors import DeliveryError, FlowError, SettingsError
from claimbot.evidence import EvidenceFolder
from claimbot.flow.office import CalendarWatch
from claimbot.store import Database, Tx
from claimbot.store.messages import LEASE_FOR, Message, beat, put_off, release_leases
from claimbot.store.people import chosen_language, has_joined

log = structlog.get_logger("claimbot.chat")

PEOPLE_AT_ONCE = 256
_BEAT_EVERY = dt.timedelta(seconds=15)
_CHECK_AT = 19
"""The hour of the nightly check, UTC: after midnight from Hong Kong to Auckland, and no busy hour in Europe."""
_LOOK_EVERY = dt.timedelta(minutes=1)
_AT_A_TIME = 50
_SIGN_AFTER = 1.0
"""Seconds of work on one update before the person sees that something is being done: a large photo, a slow wire."""
_GRACE = 10.0
_SHORTEST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
"""Seconds: for a tick to end when stopping, and between two tries to reach Telegram at the start."""
_FIRST, _LAST = 100, 0
"""The urgency of what must not wait behind any message, a tap's answer or an apology; and of what may behind all."""
_HELD_FOR = dt.timedelta(seconds=10)
"""So long at most after its hour a message that must wait holds back the newer ones: somebody else may have said it."""

AnyApplication: TypeAlias = "Application[Any, Any, Any, Any, Any, Any]"


def build_application(token: str, api_url: str) -> AnyApplication:
    """PTB's application without its updater: the poller confirms an update only when it has been answered."""
    bot = ExtBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )
    builder = ApplicationBuilder().bot(bot).updater(None)
    return builder.concurrent_updates(PerPerson(PEOPLE_AT_ONCE)).build()


async def introduce(application: AnyApplication) -> str:
    """Opens it and tells the bot's user name; waits as long as Telegram cannot be reached.

    Raises SettingsError when the token is refused; the library's own error would name the token.
    """
    pause = _SHORTEST_PAUSE
    while True:
        try:
            await application.initialize()
        except InvalidToken:
            await close(application)
            raise SettingsError("TELEGRAM_TOKEN is refused by Telegram: check it with BotFather.") from None
        except TelegramError as error:
            wait_for = max(pause, waiting_time(error))
            log.warning("start.waits", error=type(error).__name__, again_in=wait_for)
            await sleep(wait_for)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return str(application.bot.username)


async def close(application: AnyApplication) -> None:
    await application.shutdown()
    await application.bot.shutdown()  # also of an application that was never quite open


@dataclass(slots=True)
class _Held:
    """Messages to one person that must wait, by their ids, and until when: none that is newer goes out before them."""

    ids: set[int]
    due_at: dt.datetime
    at_most_until: dt.datetime


class Door:
    """Everything that listens and speaks; open it, `run` it, close it."""

    def __init__(
        self,
        application: AnyApplication,
        office: House,
        database: Database,
        folder: EvidenceFolder,
        now: Callable[[], dt.datetime],
        pacer: Pacer,
        watch: CalendarWatch | None = None,
    ) -> None:
        self._application = application
        self._bot = application.bot
        self._house = office
        self._database = database
        self._folder = folder
        self._now = now
        self._pacer = pacer
        self._watch = watch
        self._looked_at: dt.datetime | None = None
        self._counting: asyncio.Task[None] | None = None
        self._working: asyncio.Task[None] | None = None
        self._beaten_at: dt.datetime | None = None
        self._ticking = asyncio.Lock()
        self._held: dict[int, _Held] = {}
        self._marks: set[asyncio.Task[None]] = set()
        self._reporter = Reporter(self._bot, database, folder, now, lambda: self._house, self.deliver)
        self._poller = Poller(self._bot, self._process, allowed_updates=WANTED)
        application.add_handler(TypeHandler(dict, self._handle))

    async def run(self, tick_seconds: float) -> None:
        """Works until `stop`. The tick is one short interval job; truth is never in the scheduler."""
        scheduler = AsyncIOScheduler(timezone=dt.UTC)
        scheduler.add_job(
            self.tick, "interval", seconds=tick_seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        scheduler.add_job(self.check, "cron", hour=_CHECK_AT, max_instances=1, misfire_grace_time=None)
        if self._database.is_alone:
            await self._database.turn(release_leases)
        try:
            await introduce(self._application)
            await self._application.start()
            await self._publish_commands()
            await self._database.turn(lambda tx: write_all(tx, self._house, self._now()))
            await self._reporter.begin()
            scheduler.start()
            try:
                await self._poller.run()
            finally:
                scheduler.pause()
                await self._end_tick()
                # what is done is done, and the rest is taken up again
                beside = [task for task in (self._counting, self._working, *self._marks) if task is not None]
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                await self._reporter.stop()
                scheduler.shutdown(wait=False)
                await self._application.stop()
        finally:
            await close(self._application)

    async def stop(self) -> None:
        await self._poller.stop()

    @property
    def busy(self) -> bool:
        """Whether an update is being answered, what it led to is being done, or figures are being written."""
        working = self._working is not None and not self._working.done()
        return self._poller.busy or working or self._reporter.busy or bool(self._marks)

    async def _process(self, update: Given) -> None:
        await self._application.update_processor.process_update(update, self._application.process_update(update))

    # in

    async def _handle(self, update: Given, _: CallbackContext) -> None:  # type: ignore[type-arg]  # as above
        try:
            with self._sign_of_life(update):
                await self._answer(update)
        except Exception:
            number = secrets.token_hex(3)
            log.exception("turn.failed", number=number, update=update["update_id"])
            await self._apologise(update, number)

    @contextmanager
    def _sign_of_life(self, update: Given) -> Iterator[None]:
        """“typing…” to somebody whose update takes long; a courtesy that may fail."""
        signs: list[asyncio.Task[None]] = []
        later = asyncio.get_running_loop().call_later(
            _SIGN_AFTER, lambda: signs.append(asyncio.ensure_future(self._show_typing(update)))
        )
        try:
            yield
        finally:
            later.cancel()
            for sign in signs:
                sign.cancel()

    async def _show_typing(self, update: Given) -> None:
        user, chat = person_of(update), chat_of(update)
        if user is None or chat is None or chat["type"] != ChatType.PRIVATE:
            return
        try:
            await self._bot.send_chat_action(user["id"], ChatAction.TYPING)
        except TelegramError as error:
            log.info("sign.failed", error=type(error).__name__)

    async def _answer(self, update: Given) -> None:
        arrival = await arrival_of(update, self._bot, self._folder, self._now, self._works_here)
        if arrival is None:
            await self._answer_tap(update, None)
            return
        try:
            reply = await self._turn(lambda tx: take(tx, self._house, arrival))
        except Exception:
            # Not when broken off by stopping: then the tap comes again and is answered then.
            await self._answer_tap(update, None)
            raise
        if reply.wakes:
            self._reporter.wake()
        log.info("turn.taken", update=update["update_id"], what=type(arrival.what).__name__, out=len(reply.messages))
        if reply.work:
            self._work_beside()
        if not isinstance(arrival.what, Tap):
            await self.deliver(reply.messages)
            return
        if reply.strip or reply.mark is not None:
            mark = asyncio.ensure_future(self._mark(arrival, reply))
            self._marks.add(mark)
            mark.add_done_callback(self._marks.discard)
        await asyncio.gather(self._answer_tap(update, reply.toast), self.deliver(reply.messages))

    async def _works_here(self, telegram_id: int) -> bool:
        return await self._database.turn(lambda tx: has_joined(tx, telegram_id))

    async def _turn(self, work: Callable[[Tx], Reply]) -> Reply:
        return await self._database.turn(work)

    async def _answer_tap(self, update: Given, toast: str | None) -> None:
        """Every tap is answered, also when all else failed; once more where the wire failed."""
        tap = update.get("callback_query")
        if tap is None:
            return
        text = None if toast is None else toast[: CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH]
        for again in (True, False):
            try:
                await self._bot.answer_callback_query(tap["id"], text=text)
            except TelegramError as error:
                log.info("tap.unanswered", error=type(error).__name__)
                if not again or isinstance(error, BadRequest):
                    return  # it is too old by now, or Telegram does not want it
                self._hold(error)
                await self._pacer.turn(tap["from"]["id"], urgency=_FIRST)
            else:
                return

    def _hold(self, error: TelegramError) -> None:
        """Whatever Telegram was asked for when it said "too many": nothing goes out until it may."""
        seconds = waiting_time(error)
        if seconds:
            self._pacer.hold(seconds)

    async def _mark(self, arrival: Arrival, reply: Reply) -> None:
        """The tapped question shows the choice and loses its buttons: a courtesy, not a fact; it may fail.

        It counts as a message for Telegram, and nobody waits for it: it goes where it takes no message's moment.
        """
        if not isinstance(arrival.what, Tap) or arrival.what.message_id is None:
            return
        chat, message = arrival.telegram_id, arrival.what.message_id
        await self._pacer.turn(chat, urgency=_LAST, spare=1)
        if reply.strip:
            await self._strip(chat, message)
        if reply.mark is None:
            return
        try:
            await self._change_text(f"✔️ {reply.mark}", chat, message)
        except BadRequest:
            await self._strip(chat, message)
        except TelegramError as error:
            self._hold(error)
            log.info("mark.failed", error=type(error).__name__)

    async def _change_text(self, html: str, chat: int, message: int) -> None:
        """Of a message, or of what stands under a picture: which of the two was tapped, only Telegram knows."""
        try:
            await self._bot.edit_message_text(
                html,
                chat,
                message,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except BadRequest as error:
            if "no text" not in error.message:
                raise
            await self._bot.edit_message_caption(chat, message, caption=html, parse_mode=ParseMode.HTML)

    async def _strip(self, chat: int, message: int) -> None:
        try:
            await self._bot.edit_message_reply_markup(chat, message, reply_markup=None)
        except TelegramError as error:
            self._hold(error)
            log.info("mark.failed", error=type(error).__name__)

    async def _apologise(self, update: Given, number: str) -> None:
        user, chat = person_of(update), chat_of(update)
        if user is None or (chat is not None and chat["type"] != ChatType.PRIVATE):
            return
        try:
            words = self._house.words("bug", await self._language(user), {"number": number})
            await self._pacer.turn(user["id"], urgency=_FIRST)
            await self._bot.send_message(user["id"], words, parse_mode=ParseMode.HTML)
        except TelegramError as error:
            self._hold(error)
            log.info("apology.failed", error=type(error).__name__, number=number)

    async def _language(self, user: Given) -> Lang:
        """The one they chose; their phone's where nothing is known, or where the database is what failed."""
        try:
            chosen = await self._database.turn(lambda tx: chosen_language(tx, user["id"]))
        except Exception as error:  # noqa: BLE001  the failure that matters has been logged
            log.info("language.unknown", error=type(error).__name__)
            chosen = None
        return chosen or language_of(user.get("language_code"))

    # out

    async def deliver(self, messages: Sequence[Message]) -> None:
        """Sends each person's messages in order, different people's at once, at Telegram's pace; notes outcomes."""
        by_person: dict[int, list[Message]] = {}
        for message in messages:
            by_person.setdefault(message.person_id, []).append(message)
        if len(by_person) == 1:
            await self._deliver_to(delivery.in_order(messages))
        else:
            await asyncio.gather(*(self._deliver_to(delivery.in_order(some)) for some in by_person.values()))

    async def _deliver_to(self, messages: Sequence[Message]) -> None:
        """In their order: when one must wait, the newer ones wait too, whichever turn they are of."""
        taken_at = self._now()
        for message in messages:
            if not self._is_behind(message):
                await self._pacer.turn(message.telegram_id, urgency=message.urgency)
            if abs(self._now() - taken_at) >= LEASE_FOR:
                log.info("message.lapsed", message=message.id)
                return  # its lease is over: whoever takes it now says it
            try:
                if self._is_behind(message):
                    await self._put_behind(message)
                    continue
                failed = await self._deliver_one(message)
                self._hold_back(message, failed)
                if failed is not None:
                    await self._note_failure(message, failed)
            except Exception:
                log.exception("message.unnoted", message=message.id)

    def _is_behind(self, message: Message) -> bool:
        """Whether an older message to the same person is still to go out."""
        held = self._held.get(message.person_id)
        if held is None:
            return False
        if self._now() >= held.at_most_until:
            del self._held[message.person_id]
            return False
        return min(held.ids) < message.id

    async def _put_behind(self, message: Message) -> None:
        held, now = self._held[message.person_id], self._now()
        held.ids.add(message.id)
        due_at = max(held.due_at, now)
        await self._database.turn(lambda tx: put_off(tx, message.id, due_at, "waits for another", tried=False))

    def _hold_back(self, message: Message, failed: DeliveryError | None) -> None:
        """Holds back what is newer than one that must wait; lets go of it when that one is done with.

        Only at first, or where Telegram wants a pause: a message that never goes out must not keep back the others.
        """
        held = self._held.get(message.person_id)
        if failed is not None and not failed.permanent and (message.attempts == 1 or failed.retry_after is not None):
            due_at = self._now() + delivery.wait_for(message, failed)
            ids = {message.id} if held is None else {*held.ids, message.id}
            self._held[message.person_id] = _Held(ids, due_at, due_at + _HELD_FOR)
        elif held is not None:
            held.ids.discard(message.id)
            if not held.ids:
                del self._held[message.person_id]

    async def _deliver_one(self, message: Message) -> DeliveryError | None:
        """Why it did not go out. A bug in one message is no reason to be silent towards everybody else."""
        try:
            message = await self._complete(message)
            theirs = await send(self._bot, self._folder, message)
        except DeliveryError as error:
            failed = error
            if error.retry_after is not None:
                self._pacer.hold(error.retry_after)
            log.warning("message.failed", message=message.id, outcome=error.outcome, permanent=error.permanent)
        except Exception:
            log.exception("message.failed", message=message.id)
            failed = DeliveryError("a bug of ours", permanent=False)
        else:
            await self._note_sent(message, theirs)
            return None
        return failed

    async def _complete(self, message: Message) -> Message:
        """With the paper that it carries: made and kept first where that is not done yet."""
        if "makes" not in message.body:
            return message
        paper = await self._database.turn(lambda tx: delivery.paper_of(tx, self._house, message))
        if paper is None:
            return message
        data = await asyncio.to_thread(paper.make, self._folder)
        sha = hashlib.sha256(data).hexdigest()
        await asyncio.to_thread(self._folder.keep, data, sha)
        now = self._now()
        return await self._database.turn(lambda tx: made(tx, message, paper, sha, len(data), now))

    async def _note_sent(self, message: Message, theirs: int | None) -> None:
        now = self._now()
        await self._database.turn(lambda tx: delivery.noted(tx, self._house, message, theirs, now))

    async def _note_failure(self, message: Message, error: DeliveryError) -> None:
        now = self._now()
        await self._database.turn(lambda tx: delivery.failed(tx, self._house, message, error, now))

    # the tick

    async def tick(self) -> None:
        """Delivers what is due, until nothing is; says now and then that it is alive."""
        async with self._ticking:
            await self._tick()

    async def _end_tick(self) -> None:
        """What is being sent just now is sent, and noted: broken off, it would be said again after the restart."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE), self._ticking:
                pass

    async def _tick(self) -> None:
        now = self._now()
        if self._beaten_at is None or abs(now - self._beaten_at) >= _BEAT_EVERY:
            await self._database.turn(lambda tx: beat(tx, "tick", dt.datetime.now(dt.UTC)))
            self._beaten_at = now
        await self._look_at_calendars()
        self._reporter.wake()
        while True:
            taken = () if self._poller.stopping else await self._database.turn(self._take_due)
            if not taken:
                return
            await self.deliver(await self._database.turn(partial(self._word, taken=taken)))

    async def _look_at_calendars(self) -> None:
        """Days off were announced, or rules changed with the start: then all last days are counted anew."""
        now = self._now()
        if self._looked_at is not None and abs(now - self._looked_at) < _LOOK_EVERY:
            return
        first, self._looked_at = self._looked_at is None, now
        self._work_beside()
        try:
            office = None if self._watch is None else await asyncio.to_thread(self._watch.changed, self._house.office)
        except FlowError as error:
            log.warning("calendars.wrong", problems=error.problems)
            return
        if office is not None:
            self._house = replace(self._house, office=office)
            log.info("calendars.taken_in")
        if first or office is not None:
            self._counting = asyncio.ensure_future(self._count_anew(self._counting))

    async def _count_anew(self, before: "asyncio.Task[None] | None") -> None:
        """Beside the ticks: what is due must not wait for it."""
        try:
            if before is not None:
                await before
            await count_all_anew(self._database, self._house, self._now)
        except Exception:
            log.exception("recount.failed")

    def _work_beside(self) -> None:
        """Files that wait to be read, and notes to be booked: beside everything else, one after another."""
        self._working = asyncio.ensure_future(self._work_off(self._working))

    async def _work_off(self, before: "asyncio.Task[None] | None") -> None:
        try:
            if before is not None:
                await before
            await work_off(Desk(self._database, self._folder, self._house, self._now, self.deliver))
        except Exception:
            log.exception("work.failed")

    async def counted(self) -> None:
        """Returns when no counting anew is under way."""
        if self._counting is not None:
            await self._counting

    async def check(self) -> None:
        """Whether case files and evidence are as they were written; says so to those who must know when not."""
        damage = await look(self._database, self._folder)
        log.info("night.checked", entries=len(damage.entries), evidence=len(damage.evidence))
        if damage:
            now = self._now()
            reply = await self._database.turn(lambda tx: tell(tx, self._house, damage, now))
            await self.deliver(reply.messages)

    def _take_due(self, tx: Tx) -> tuple[Message, ...]:
        return delivery.take(tx, self._now(), _AT_A_TIME)

    def _word(self, tx: Tx, *, taken: tuple[Message, ...]) -> tuple[Message, ...]:
        return delivery.worded(tx, self._house, taken, self._now())

    async def _publish_commands(self) -> None:
        """The command menu for those who have not joined; everybody else's follows their roles when they talk."""
        for lang in LANGS:
            commands = [BotCommand(name, words) for name, words in command_menu(self._house, None, lang)]
            try:
                await self._bot.set_my_commands(commands, language_code=lang)
                if lang == "en":
                    await self._bot.set_my_commands(commands)
            except TelegramError as error:
                log.warning("commands.failed", error=type(error).__name__)
