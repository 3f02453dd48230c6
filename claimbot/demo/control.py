"""The stand-in's remote control, for another process that measures or breaks a bot.

Owns the routes under `/control/`, and scripted people. All are POST with a JSON object, and answer one:

    phone      {user_id, first_name?, language?, role?}       group    {title, members} → {chat_id}
    say        {user_id, text, chat_id?} → {message_id}       tap      {user_id, message_id, data} → {callback_query_id}
    photo      {user_id, slot?, base64?, caption?} → {message_id}
    album      {user_id, slots, caption?} → {message_ids}     edit     {user_id, message_id, text}
    block      {user_id}       unblock {user_id}              deactivate {user_id}
    texts      {texts: [[user_id, text], ...]} → {count}      people not known yet are added
    messages   {user_id} → {messages}                         state    {} → {waiting, bot_messages, calls, polled}
    calls      {since?} → {calls: [[method, values], ...]}    fault    {method, how, times?}
    skip       {seconds} → {now}
    await      {bot_messages} → {seconds}                     until the bot has sent so many in all
    script     {users: {user_id: [item, ...]}} → {seconds, steps}

A script's item is a text, or `{"tap": regex}`: the first button, from the newest message up, whose data or label
matches. The next item of a person follows as soon as the bot has sent them a message.
"""

import asyncio
import base64
import re
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias, get_args

import orjson
from aiohttp import web

from claimbot.demo.bot_api import BotApi, How
from claimbot.demo.exchange import Exchange, Json, News
from claimbot.demo.phones import SAMPLE_KM, SAMPLE_VIN, Phone, add_phone
from claimbot.demo.samples import draw_sample

WAIT_LIMIT = 1800.0  # seconds
Item: TypeAlias = str | dict[str, str]


class Control:
    """What another process may do: everything a person can, and some of what goes wrong on the wire."""

    def __init__(self, exchange: Exchange, api: BotApi) -> None:
        self._exchange = exchange
        self._api = api
        self._drawn = 0
        self._deeds: dict[str, Callable[[Json], Json]] = {
            "state": self._state,
            "calls": self._calls,
            "fault": self._fault,
            "skip": self._skip,
            "phone": self._phone,
            "group": self._group,
            "texts": self._texts,
            "say": self._say,
            "tap": self._tap,
            "photo": self._photo,
            "album": self._album,
            "edit": self._edit,
            "block": self._block,
            "unblock": self._unblock,
            "deactivate": self._deactivate,
            "messages": self._messages,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "POST":
            raise web.HTTPMethodNotAllowed(request.method, ["POST"])
        name = request.raw_path.removeprefix("/control/").partition("?")[0]
        try:
            asked = orjson.loads(await request.read() or b"{}")
            match name:
                case "script":
                    answer = await self._play(asked)
                case "await":
                    answer = await self._await(int(asked["bot_messages"]))
                case _ if name in self._deeds:
                    answer = self._deeds[name](asked)
                case _:
                    raise web.HTTPNotFound
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise web.HTTPBadRequest(text=repr(error)) from error
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    # --- one function each; whom it concerns is `asked["user_id"]`

    def _state(self, _asked: Json) -> Json:
        return {
            "waiting": len(self._exchange.updates),
            "bot_messages": self._exchange.bot_messages,
            "calls": len(self._api.calls),
            "polled": self._api.is_polled,
        }

    def _calls(self, asked: Json) -> Json:
        return {"calls": self._api.calls[int(asked.get("since", 0)) :]}

    def _fault(self, asked: Json) -> Json:
        if asked["how"] not in get_args(How):
            raise ValueError(f"how must be one of {', '.join(get_args(How))}")
        self._api.fail_next(str(asked["method"]), asked["how"], int(asked.get("times", 1)))
        return {}

    def _skip(self, asked: Json) -> Json:
        return {"now": self._exchange.clock.skip(timedelta(seconds=float(asked["seconds"]))).isoformat()}

    def _phone(self, asked: Json) -> Json:
        user_id, language = int(asked["user_id"]), str(asked.get("language", "en"))
        first_name, role = str(asked.get("first_name", f"User {user_id}")), str(asked.get("role", ""))
        add_phone(self._exchange, Phone(user_id, first_name, None, None, language, role))
        return {}

    def _group(self, asked: Json) -> Json:
        return {"chat_id": self._exchange.add_group(str(asked["title"]), asked["members"])}

    def _texts(self, asked: Json) -> Json:
        said = [(int(user_id), str(text)) for user_id, text in asked["texts"]]
        for user_id in {user_id for user_id, _ in said}:
            self._know(user_id)
        return {"count": self._exchange.say_all(said)}

    def _say(self, asked: Json) -> Json:
        chat_id = int(asked.get("chat_id", 0))
        return {"message_id": self._exchange.say(int(asked["user_id"]), str(asked["text"]), chat_id=chat_id)}

    def _tap(self, asked: Json) -> Json:
        where = int(asked["user_id"]), int(asked["message_id"])
        return {"callback_query_id": self._exchange.tap(*where, str(asked["data"]))}

    def _photo(self, asked: Json) -> Json:
        given = asked.get("base64")
        picture = base64.b64decode(given) if given else self._draw(str(asked.get("slot", "generic")))
        sent = self._exchange.send_photos(int(asked["user_id"]), [picture], asked.get("caption"), album=False)
        return {"message_id": sent[0]}

    def _album(self, asked: Json) -> Json:
        pictures = [self._draw(str(slot)) for slot in asked["slots"]]
        sent = self._exchange.send_photos(int(asked["user_id"]), pictures, asked.get("caption"), album=True)
        return {"message_ids": sent}

    def _edit(self, asked: Json) -> Json:
        self._exchange.edit(int(asked["user_id"]), int(asked["message_id"]), str(asked["text"]))
        return {}

    def _block(self, asked: Json) -> Json:
        self._exchange.block(int(asked["user_id"]))
        return {}

    def _unblock(self, asked: Json) -> Json:
        self._exchange.unblock(int(asked["user_id"]))
        return {}

    def _deactivate(self, asked: Json) -> Json:
        self._exchange.deactivate(int(asked["user_id"]))
        return {}

    def _messages(self, asked: Json) -> Json:
        return {"messages": self._exchange.messages(int(asked["user_id"]))}

    def _draw(self, slot: str) -> bytes:
        self._drawn += 1
        return draw_sample(slot, vin=SAMPLE_VIN, km=SAMPLE_KM, seed=self._drawn)

    def _know(self, user_id: int) -> None:
        if user_id not in self._exchange.people:
            add_phone(self._exchange, Phone(user_id, f"User {user_id}", None, None, "en", ""))

    async def _await(self, count: int) -> Json:
        reached = asyncio.Event()

        def look(_chat_id: int, _news: News) -> None:
            if self._exchange.bot_messages >= count:
                reached.set()

        began = time.perf_counter()
        self._exchange.watchers.append(look)
        try:
            look(0, "change")
            await asyncio.wait_for(reached.wait(), WAIT_LIMIT)
        except TimeoutError as error:
            raise web.HTTPGatewayTimeout(text=f"only {self._exchange.bot_messages} came") from error
        finally:
            self._exchange.watchers.remove(look)
        return {"seconds": time.perf_counter() - began}

    async def _play(self, asked: Json) -> Json:
        """Let many people talk at once."""
        users: dict[int, deque[Item]] = {int(key): deque(items) for key, items in asked["users"].items()}
        steps = sum(len(items) for items in users.values())
        for user_id in users:
            self._know(user_id)
        script = Script(self._exchange, users)
        began = time.perf_counter()
        self._exchange.watchers.append(script.heard)
        try:
            await asyncio.wait_for(script.play(), WAIT_LIMIT)
        except TimeoutError as error:
            raise web.HTTPGatewayTimeout(text=f"{len(script.left)} people still wait") from error
        finally:
            self._exchange.watchers.remove(script.heard)
        return {"seconds": time.perf_counter() - began, "steps": steps}


class Script:
    """People with what they still have to do; one who has done all and was answered is no longer in `left`."""

    def __init__(self, exchange: Exchange, left: dict[int, deque[Item]]) -> None:
        self.left = left
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()

    async def play(self) -> None:
        """Raises ValueError when a button is not there."""
        for user_id in list(self.left):
            self._go_on(user_id)
        if self.left:
            await self._done

    def heard(self, chat_id: int, news: News) -> None:
        if news == "bot message" and chat_id in self.left:
            # After the answer to the bot is on its way, not inside its call.
            self._loop.call_soon(self._go_on, chat_id)

    def _go_on(self, user_id: int) -> None:
        items = self.left.get(user_id)
        if items:
            try:
                self._act(user_id, items.popleft())
            except ValueError as error:
                self._end(error)
        elif self.left.pop(user_id, None) is not None and not self.left:
            self._end(None)

    def _end(self, error: ValueError | None) -> None:
        if self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)

    def _act(self, user_id: int, item: Item) -> None:
        if isinstance(item, str):
            self._exchange.say(user_id, item)
            return
        wanted = re.compile(item["tap"])
        for message in reversed(self._exchange.chats[user_id].values()):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    data = button.get("callback_data", "")
                    if data and (wanted.search(data) or wanted.search(button["text"])):
                        self._exchange.tap(user_id, message["message_id"], data)
                        return
        raise ValueError(f"{user_id} sees no button that matches {item['tap']}")
