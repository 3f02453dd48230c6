"""What Telegram remembers: people, groups, messages, the queue of updates, taps on buttons and files.

Knows nothing of HTTP: the Bot API and the page are two doors into it. A person's hands raise KeyError or ValueError
when asked for what no phone could do; the bot's side raises ApiError in Telegram's words.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

import orjson

from claimbot.demo.clock import MovableClock
from claimbot.demo.formatting import read_plain, with_found
from claimbot.demo.keeping import Notebook
from claimbot.demo.photos import shrink

Json = dict[str, Any]
News: TypeAlias = Literal["change", "bot message", "typing", "answer", "read"]

BOT_ID = 7_000_000_001
DOWNLOAD_LIMIT = 20 * 1024 * 1024  # Bot API, getFile: "bots can download files of up to 20MB in size"
PHOTO_LIMIT = 10 * 1024 * 1024  # Bot API, sendPhoto
ANSWER_WITHIN = timedelta(minutes=15)  # seen in practice; the Bot API states no number
DELETE_WITHIN = timedelta(hours=48)  # Bot API, deleteMessage
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
PLACE = {"latitude": 31.2304, "longitude": 121.4737}
SENT: dict[str, Json] = {  # what holds no file
    "location": PLACE,
    "venue": {"location": PLACE, "title": "4S", "address": "1"},
    "dice": {"emoji": "🎲", "value": 4},
    "poll": {
        "id": "5300000000000000001",
        "question": "?",
        "options": [{"text": word, "persistent_id": word, "voter_count": 0} for word in ("a", "b")],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    },
}
OWN_WORDS = ("text", "entities", "caption", "caption_entities")


class ApiError(Exception):
    """A refusal of the Bot API: its code, its words, and what a bot is told beside them."""

    def __init__(self, code: int, words: str, parameters: Json | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.parameters = parameters


def bad_request(words: str) -> ApiError:
    return ApiError(400, f"Bad Request: {words}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update as it was when it happened, until the bot confirms it; `message_id` is 0 where it is no message."""

    written: bytes
    chat_id: int
    message_id: int


class Exchange:
    """Everything that is true in this small Telegram; each change is on disk before the call returns."""

    def __init__(self, clock: MovableClock, bot_username: str, folder: Path | None = None) -> None:
        self.clock = clock
        self.bot: Json = {"id": BOT_ID, "is_bot": True, "first_name": bot_username, "username": bot_username}
        self.people: dict[int, Json] = {}
        self.groups: dict[int, Json] = {}
        self.chats: dict[int, dict[int, Json]] = {}
        self.updates: dict[int, Waiting] = {}
        self.callbacks: dict[str, Json] = {}
        self.answers: list[Json] = []
        self.files: dict[str, Json] = {}
        self.commands: dict[str, list[Json]] = {}
        self.bot_messages = 0
        self.watchers: list[Callable[[int, News], None]] = []
        self._settings: Json = {"allowed": [], "webhook": ""}
        self._counts = {"update": 100_001, "message": 1, "file": 1}
        self._folder = folder
        self._forgotten: set[str] = set()
        self._contents: dict[str, bytes] = {}
        self._paths: dict[str, str] = {}
        self._notebook = Notebook(folder)
        self._remember()

    def close(self) -> None:
        self._notebook.close()

    # --- keeping

    def _remember(self) -> None:
        note = self._notebook
        self.people = {key: orjson.loads(value) for key, value in note.numbered("person")}
        self.groups = {key: orjson.loads(value) for key, value in note.numbered("group")}
        self.chats = {key: {} for key in (*self.people, *self.groups)}
        for key, value in note.numbered("message"):
            message = orjson.loads(value)
            self.chats.setdefault(message["chat"]["id"], {})[key] = message
        for key, value in note.numbered("update"):
            waiting = orjson.loads(value)
            self.updates[key] = Waiting(orjson.dumps(waiting["update"]), waiting["chat"], waiting["message"])
        self.callbacks = {key: orjson.loads(value) for key, value in note.named("callback")}
        self.files = {key: orjson.loads(value) for key, value in note.named("file")}
        self._paths = {file["path"]: file_id for file_id, file in self.files.items()}
        self.commands = {key: orjson.loads(value) for key, value in note.named("commands")}
        self._settings |= {key: orjson.loads(value) for key, value in note.named("setting")}
        self._counts |= {key: orjson.loads(value) for key, value in note.named("count")}

    def _next(self, of: Literal["update", "message", "file"]) -> int:
        number = self._counts[of]
        self._counts[of] = number + 1
        self._notebook.put("count", of, number + 1)
        return number

    def tell(self, chat_id: int, news: News) -> None:
        """Make what was changed last, then tell those who watch."""
        self._notebook.commit()
        for watcher in self.watchers:
            watcher(chat_id, news)

    def _seconds(self) -> int:
        return int(self.clock.now().timestamp())

    # --- files

    def keep_file(self, content: bytes, name: str, mime: str, kind: str = "documents") -> Json:
        """Take the bytes in and tell what Telegram would: file_id, file_unique_id, file_size."""
        number = self._next("file")
        suffix = Path(name).suffix.lower()
        suffix = suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) < 9 else ""
        file_id = f"AgACAgUAAxk{number:06d}{secrets.token_urlsafe(18)}"
        path = f"{kind}/file_{number}{suffix}"
        known = {"file_id": file_id, "file_unique_id": f"AQAD{number:08d}", "file_size": len(content)}
        self.files[file_id] = {**known, "path": path, "name": name, "mime": mime}
        self._paths[path] = file_id
        if self._folder is None:
            self._contents[path] = content
        else:
            target = self._folder / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self._notebook.put("file", file_id, self.files[file_id])
        return known

    def content(self, path: str) -> bytes | None:
        if path not in self._paths:
            return None
        if self._folder is None:
            return self._contents[path]
        return (self._folder / "files" / path).read_bytes()

    def get_file(self, file_id: str) -> Json:
        file = self.files.get(file_id)
        if file is None or file_id in self._forgotten:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if file["file_size"] > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return {
            **{key: file[key] for key in ("file_id", "file_unique_id", "file_size")},
            "file_path": file["path"],
        }

    def keep_photo(self, content: bytes) -> list[Json]:
        """The photo sizes, thumbnail first. Raises PhotoError."""
        return [
            {
                **self.keep_file(size.content, "photo.jpg", "image/jpeg", "photos"),
                "width": size.width,
                "height": size.height,
            }
            for size in shrink(content)
        ]

    def keep_document(self, content: bytes, name: str, mime: str) -> Json:
        return {**self.keep_file(content, name, mime), "file_name": name, "mime_type": mime}

    def forget_files(self) -> None:
        """A bot's ids of files are its own: with another token, or after long, none of them is known."""
        self._forgotten = set(self.files)

    def sent_before(self, kind: str, file_id: str) -> Json | None:
        """The photo or document that this id names, as a message holds it."""
        if file_id in self._forgotten:
            return None
        for chat in self.chats.values():
            for message in reversed(chat.values()):
                held = message.get(kind)
                if held and any(one["file_id"] == file_id for one in (held if kind == "photo" else [held])):
                    return {kind: held}
        return None

    # --- people and groups

    def add_person(self, person: Json) -> None:
        """Someone new; a person already known keeps what they did before, and the language they chose."""
        known = self.people.get(person["id"], {"started": False, "blocked": False, "deactivated": False})
        language = {key: known[key] for key in ("language_code",) if key in known}
        self.people[person["id"]] = {**known, **person, **language}
        self.chats.setdefault(person["id"], {})
        self._keep_person(person["id"])
        self.tell(person["id"], "change")

    def _keep_person(self, user_id: int) -> None:
        self._notebook.put("person", user_id, self.people[user_id])

    def person(self, user_id: int) -> Json:
        if user_id not in self.people:
            raise KeyError(f"nobody has the phone {user_id}")
        return self.people[user_id]

    def speak(self, user_id: int, language: str) -> None:
        self.person(user_id)["language_code"] = language
        self._keep_person(user_id)
        self.tell(user_id, "change")

    def deactivate(self, user_id: int) -> None:
        """The person deletes their account."""
        self.person(user_id)["deactivated"] = True
        self._keep_person(user_id)
        self.tell(user_id, "change")

    def add_group(self, title: str, members: Sequence[int]) -> int:
        """A group with the bot in it; its id is negative."""
        for member in members:
            self.person(member)
        group_id = -(4_000_000_000 + len(self.groups))
        self._keep_group({"id": group_id, "title": title, "type": "group", "members": list(members), "moved_to": 0})
        self.tell(group_id, "change")
        return group_id

    def migrate(self, group_id: int) -> int:
        """The group becomes a supergroup with an id of its own; both sides of the move are told to the bot."""
        group = self.groups[group_id]
        new_id = -1_000_000_000_000 + group_id
        self._keep_group({**group, "id": new_id, "type": "supergroup"})
        member = group["members"][0]
        self._from_person(member, [{"migrate_to_chat_id": new_id}], group_id)
        self._from_person(member, [{"migrate_from_chat_id": group_id}], new_id)
        self._keep_group({**group, "moved_to": new_id})
        self.tell(new_id, "change")
        return new_id

    def _keep_group(self, group: Json) -> None:
        self.groups[group["id"]] = group
        self.chats.setdefault(group["id"], {})
        self._notebook.put("group", group["id"], group)

    def user(self, user_id: int) -> Json:
        person = self.person(user_id)
        keys = ("id", "first_name", "last_name", "username", "language_code")
        return {"is_bot": False, **{key: person[key] for key in keys if person.get(key)}}

    def chat(self, chat_id: int) -> Json:
        if chat_id in self.groups:
            return {key: self.groups[chat_id][key] for key in ("id", "title", "type")}
        person = self.person(chat_id)
        keys = ("id", "first_name", "last_name", "username")
        return {"type": "private", **{key: person[key] for key in keys if person.get(key)}}

    # --- the queue

    @property
    def webhook(self) -> str:
        return str(self._settings["webhook"])

    def set_up(self, **settings: object) -> None:
        """`webhook`: where updates would go; `allowed`: the kinds of update the bot wants from now on."""
        for name, value in settings.items():
            if self._settings[name] != value:
                self._settings[name] = value
                self._notebook.put("setting", name, value)
        self._notebook.commit()

    def enqueue(self, kind: str, content: Json, chat_id: int, message_id: int = 0) -> None:
        allowed = self._settings["allowed"]
        if kind in allowed if allowed else kind not in NOT_BY_DEFAULT:
            number = self._next("update")
            # Written down at once: an update tells what was true when it happened.
            written = orjson.dumps({"update_id": number, kind: content})
            self.updates[number] = Waiting(written, chat_id, message_id)
            kept = b'{"chat":%d,"message":%d,"update":%b}' % (chat_id, message_id, written)
            self._notebook.put("update", number, kept)

    def take_updates(self, offset: int | None, limit: int) -> bytes:
        """What waits from `offset` on, as JSON; all before it is confirmed and forgotten.

        A negative offset counts from the end. Empty when there is nothing.
        """
        if offset is not None and offset != 0 and self.updates:
            numbers = list(self.updates)
            self._confirm(numbers[offset] if -len(numbers) <= offset < 0 else offset, numbers)
        taken: list[bytes] = []
        for waiting in self.updates.values():
            if len(taken) >= limit:
                break
            taken.append(waiting.written)
        return b"[" + b",".join(taken) + b"]" if taken else b""

    def _confirm(self, before: int, numbers: list[int]) -> None:
        read: set[int] = set()
        for number in numbers:
            if number >= before:
                break
            read.add(self.updates.pop(number).chat_id)
        if read:
            self._notebook.drop_before("update", before)
            for chat_id in read:
                self.tell(chat_id, "read")

    def forget_updates(self) -> None:
        self._confirm(self._counts["update"], list(self.updates))

    # --- a person's hands

    def _write(self, chat_id: int, sender: Json, content: Json) -> Json:
        message: Json = {
            "message_id": self._next("message"),
            "from": sender,
            "chat": self.chat(chat_id),
            "date": self._seconds(),
            **content,
        }
        self.chats[chat_id][message["message_id"]] = message
        self._notebook.put("message", message["message_id"], message)
        return message

    def _from_person(self, user_id: int, contents: Iterable[Json], chat_id: int = 0) -> list[int]:
        person = self.person(user_id)
        where = chat_id or user_id
        if not chat_id and person["blocked"]:
            self.unblock(user_id)  # a phone offers "restart" before it lets one write
        if not chat_id and not person["started"]:
            person["started"] = True
            self._keep_person(user_id)
        sender = self.user(user_id)
        written = []
        for content in contents:
            message = self._write(where, sender, content)
            self.enqueue("message", message, where, message["message_id"])
            written.append(int(message["message_id"]))
        if not chat_id and person.get("keyboard", {}).get("one_time_keyboard"):
            self._show_keyboard(user_id, None)
        self.tell(where, "change")
        return written

    def say(self, user_id: int, text: str, *, chat_id: int = 0, forwarded_from: str = "") -> int:
        origin: Json = {}
        if forwarded_from:
            hidden = {"type": "hidden_user", "sender_user_name": forwarded_from, "date": self._seconds()}
            origin = {"forward_origin": hidden}
        return self._from_person(user_id, [{**origin, **text_content(text)}], chat_id)[0]

    def say_all(self, said: Iterable[tuple[int, str]]) -> int:
        """Many texts of many people in one go."""
        count = 0
        for user_id, text in said:
            person = self.person(user_id)
            if not person["started"]:
                person["started"] = True
                self._keep_person(user_id)
            message = self._write(user_id, self.user(user_id), text_content(text))
            self.enqueue("message", message, user_id, message["message_id"])
            count += 1
        self.tell(0, "change")
        return count

    def tap(self, user_id: int, message_id: int, data: str) -> str:
        """Tap a button. A phone may show what the bot has since taken away, so the data is not checked."""
        callback_id = str(secrets.randbelow(9 * 10**17) + 10**17)
        chat_id = self._chat_of(user_id, message_id)
        gone: Json = {"message_id": message_id, "chat": self.chat(chat_id), "date": 0}
        asked = {"user_id": user_id, "chat_id": chat_id, "message_id": message_id, "data": data}
        self.callbacks[callback_id] = {**asked, "asked_at": self._seconds(), "answered": False}
        self._notebook.put("callback", callback_id, self.callbacks[callback_id])
        self.enqueue(
            "callback_query",
            {
                "id": callback_id,
                "from": self.user(user_id),
                "message": self.chats[chat_id].get(message_id, gone),
                "chat_instance": str(chat_id * 31),
                "data": data,
            },
            chat_id,
        )
        self.tell(chat_id, "change")
        return callback_id

    def _chat_of(self, user_id: int, message_id: int) -> int:
        """A button in a group is tapped there."""
        self.person(user_id)
        for group_id, group in self.groups.items():
            if user_id in group["members"] and message_id in self.chats[group_id]:
                return group_id
        return user_id

    def send_photos(
        self,
        user_id: int,
        contents: Sequence[bytes],
        caption: str | None,
        *,
        album: bool,
        group: str = "",
        chat_id: int = 0,
    ) -> list[int]:
        """One message each; an album's share a media_group_id, and only the first carries the caption."""
        shared = {"media_group_id": group or str(secrets.randbelow(10**17))} if album else {}
        messages: list[Json] = []
        for number, content in enumerate(contents):
            words = caption_content(caption) if caption and not number else {}
            messages.append({"photo": self.keep_photo(content), **shared, **words})
        return self._from_person(user_id, messages, chat_id)

    def send_file(self, user_id: int, name: str, content: bytes, mime: str, caption: str | None = None) -> int:
        words = caption_content(caption) if caption else {}
        return self._from_person(user_id, [{"document": self.keep_document(content, name, mime), **words}])[0]

    def send_other(self, user_id: int, what: str, given: Json | None = None) -> int:
        """Send what a bot rarely waits for; `given` replaces parts of it, such as a location's latitude."""
        content: Json
        extra: Json = {}
        match what:
            case "voice":
                content = self.keep_file(b"OggS" + bytes(200), "voice.oga", "audio/ogg", "voice")
                content |= {"duration": 3, "mime_type": "audio/ogg"}
            case "sticker":
                content = self.keep_file(b"RIFF" + bytes(200), "sticker.webp", "image/webp", "stickers")
                content |= {"type": "regular", "width": 512, "height": 512, "is_animated": False}
                content |= {"is_video": False, "emoji": "👍"}
            case "video":
                content = self.keep_file(bytes(400), "video.mp4", "video/mp4", "videos")
                content |= {"width": 640, "height": 360, "duration": 4, "mime_type": "video/mp4"}
            case "animation":
                # Bot API, Message.animation: "for backward compatibility, … the document field will also be set".
                extra = {"document": self.keep_document(bytes(400), "animation.mp4", "video/mp4")}
                content = {**extra["document"], "width": 320, "height": 240, "duration": 2}
            case "contact":
                content = {"phone_number": "+8613800000000", "first_name": self.person(user_id)["first_name"]}
                content["user_id"] = user_id
            case "story":
                content = {"id": 1, "chat": self.chat(user_id)}
            case "venue":
                content = {**SENT["venue"]}
                extra = {"location": content["location"]}
            case _ if what in SENT:
                content = {**SENT[what]}
            case _:
                raise ValueError(f"nobody can send {what!r}")
        return self._from_person(user_id, [{what: {**content, **(given or {})}, **extra}])[0]

    def edit(self, user_id: int, message_id: int, text: str) -> None:
        """A person changes their own words."""
        message = self.chats[user_id][message_id]
        if message["from"]["is_bot"]:
            raise ValueError("only one's own message can be changed")
        media = "text" not in message
        for key in OWN_WORDS:
            message.pop(key, None)
        message.update(caption_content(text) if media else text_content(text))
        self._edited(user_id, message)

    def move_location(self, user_id: int, message_id: int, place: Json) -> None:
        """A live location moves: an edit, every few seconds."""
        message = self.chats[user_id][message_id]
        message["location"] = {**message["location"], **place, "live_period": 900}
        self._edited(user_id, message)

    def _edited(self, user_id: int, message: Json) -> None:
        message["edit_date"] = self._seconds()
        self._notebook.put("message", message["message_id"], message)
        self.enqueue("edited_message", message, user_id, message["message_id"])
        self.tell(user_id, "change")

    def block(self, user_id: int) -> None:
        self._membership(user_id, blocked=True)

    def unblock(self, user_id: int) -> None:
        self._membership(user_id, blocked=False)

    def _membership(self, user_id: int, *, blocked: bool) -> None:
        person = self.person(user_id)
        if person["blocked"] == blocked:
            return
        person["blocked"] = blocked
        self._keep_person(user_id)
        member: Json = {"user": self.bot, "status": "member"}
        banned: Json = {"user": self.bot, "status": "kicked", "until_date": 0}
        old, new = (member, banned) if blocked else (banned, member)
        self.enqueue(
            "my_chat_member",
            {
                "chat": self.chat(user_id),
                "from": self.user(user_id),
                "date": self._seconds(),
                "old_chat_member": old,
                "new_chat_member": new,
            },
            user_id,
        )
        self.tell(user_id, "change")

    # --- the bot's side

    def reach(self, chat_id: int) -> None:
        """Raise unless the bot may write there: the person exists, has written first, and has not blocked it."""
        person = self.people.get(chat_id)
        if person is None:
            group = self.groups.get(chat_id)
            if group is None:
                raise bad_request("chat not found")
            if group["moved_to"]:
                words = "Bad Request: group chat was upgraded to a supergroup chat"
                raise ApiError(400, words, {"migrate_to_chat_id": group["moved_to"]})
            return
        if person["deactivated"]:
            raise ApiError(403, "Forbidden: user is deactivated")
        if person["blocked"]:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if not person["started"]:
            # Telegram knows the difference between somebody the bot never met and a member of a group it is in.
            if any(chat_id in group["members"] for group in self.groups.values()):
                raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
            raise bad_request("chat not found")

    def send(
        self, chat_id: int, contents: Sequence[Json], reply_to: int | None = None, keyboard: Json | None = None
    ) -> list[Json]:
        """Write the bot's messages; what cannot be replied to was refused before.

        `keyboard` is a reply keyboard, or `{"remove_keyboard": True}`: it belongs to the phone and to no message.
        """
        extra: Json = {}
        quoted = self.chats[chat_id].get(reply_to) if reply_to is not None else None
        if quoted is not None:
            extra = {"reply_to_message": {key: quoted[key] for key in quoted if key != "reply_to_message"}}
        written = [self._write(chat_id, self.bot, {**content, **extra} if extra else content) for content in contents]
        if keyboard is not None and chat_id in self.people:
            self._show_keyboard(chat_id, keyboard)
        self.bot_messages += len(written)
        self.tell(chat_id, "bot message")
        return written

    def _show_keyboard(self, user_id: int, keyboard: Json | None) -> None:
        person = self.people[user_id]
        person.pop("keyboard", None)
        if keyboard is not None and "keyboard" in keyboard:
            person["keyboard"] = keyboard
        self._keep_person(user_id)

    def change(self, chat_id: int, message_id: int, content: Json, *, what: str) -> Json:
        """Change the bot's own message; `what` is text, caption, media or markup."""
        self.reach(chat_id)
        message = self.chats[chat_id].get(message_id)
        if message is None:
            raise bad_request("message to edit not found")
        if not message["from"]["is_bot"]:
            raise bad_request("message can't be edited")
        if what == "text" and "text" not in message:
            raise bad_request("there is no text in the message to edit")
        if what == "caption" and "text" in message:
            raise bad_request("there is no caption in the message to edit")
        keys = {"reply_markup"}
        if what != "markup":
            keys |= {*OWN_WORDS}
        if what == "media":
            keys |= {"photo", "document"}
        if {key: message[key] for key in keys if key in message} == content:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message",
            )
        for key in keys:
            message.pop(key, None)
        message.update(content)
        if what != "markup":
            message["edit_date"] = self._seconds()
        self._notebook.put("message", message_id, message)
        self.tell(chat_id, "change")
        return message

    def delete(self, chat_id: int, message_id: int) -> None:
        self.reach(chat_id)
        message = self.chats[chat_id].get(message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if self._seconds() - message["date"] > DELETE_WITHIN.total_seconds():
            raise bad_request("message can't be deleted for everyone")
        del self.chats[chat_id][message_id]
        self._notebook.drop("message", message_id)
        self.tell(chat_id, "change")

    def answer(self, callback_id: str, text: str, *, alert: bool) -> None:
        asked = self.callbacks.get(callback_id)
        if asked is None or self._seconds() - asked["asked_at"] > ANSWER_WITHIN.total_seconds():
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        asked["answered"] = True
        self._notebook.put("callback", callback_id, asked)
        told = {"callback_query_id": callback_id, "text": text, "show_alert": alert}
        self.answers.append({**told, "user_id": asked["user_id"], "message_id": asked["message_id"]})
        self.tell(asked["user_id"], "answer")

    def set_commands(self, scope: str, commands: list[Json] | None) -> None:
        """The menu of a scope and language; None takes it away."""
        if commands is None:
            self.commands.pop(scope, None)
            self._notebook.drop("commands", scope)
        else:
            self.commands[scope] = commands
            self._notebook.put("commands", scope, commands)
        self.tell(0, "change")

    # --- looking

    def commands_for(self, user_id: int) -> list[Json]:
        """The menu as this phone shows it: the narrowest scope first, the phone's language before none."""
        language = str(self.person(user_id).get("language_code") or "").split("-")[0]
        for scope in (f"chat:{user_id}", "all_private_chats", "default"):
            for key in (f"{scope}|{language}", f"{scope}|"):
                if self.commands.get(key):
                    return self.commands[key]
        return []

    def messages(self, chat_id: int, newest: int = 0) -> list[Json]:
        """What the chat shows now, oldest first; a caption stands as text too."""
        shown = list(self.chats.get(chat_id, {}).values())[-newest:]
        return [
            {
                **message,
                "text": message.get("text") or message.get("caption") or "",
                "from_bot": message["from"]["is_bot"],
            }
            for message in shown
        ]

    def unread(self, chat_id: int) -> list[int]:
        """The messages that the bot has not confirmed yet."""
        return [one.message_id for one in self.updates.values() if one.chat_id == chat_id and one.message_id]


def text_content(text: str, entities: list[Json] | None = None) -> Json:
    """A text as a message holds it."""
    words, marks = read_plain(text, entities)
    found = with_found(words, marks)
    return {"text": words, "entities": found} if found else {"text": words}


def caption_content(text: str, entities: list[Json] | None = None) -> Json:
    words, marks = read_plain(text, entities)
    if not words:
        return {}
    found = with_found(words, marks)
    return {"caption": words, "caption_entities": found} if found else {"caption": words}
