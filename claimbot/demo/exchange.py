"""What Telegram remembers: people, messages, the queue of updates, taps on buttons and files.

Kept as JSON and plain files in a folder when one is given. Knows nothing of HTTP: the Bot API and
the page are two doors into it. The bot's side raises ApiError in Telegram's words.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from claimbot.demo.clock import MovableClock
from claimbot.demo.formatting import read_plain, units, with_found, write_html
from claimbot.demo.photos import PhotoError, shrink

Json = dict[str, Any]

BOT_ID = 7_000_000_001
DOWNLOAD_LIMIT = 20 * 1024 * 1024  # Bot API, getFile: "bots can download files of up to 20MB in size"
ANSWER_WITHIN = timedelta(minutes=15)  # seen in practice; the Bot API states no number
DELETE_WITHIN = timedelta(hours=48)  # Bot API, deleteMessage
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


class ApiError(Exception):
    """A refusal of the Bot API: its code, its words, and how long to wait when told to."""

    def __init__(self, code: int, words: str, retry_after: int | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.retry_after = retry_after


def bad_request(words: str) -> ApiError:
    return ApiError(400, f"Bad Request: {words}")


class Exchange:
    """Everything that is true in this small Telegram; each change is kept before the call returns."""

    def __init__(self, clock: MovableClock, bot_username: str, folder: Path | None = None) -> None:
        self.clock = clock
        self.bot: Json = {"id": BOT_ID, "is_bot": True, "first_name": bot_username, "username": bot_username}
        self.people: dict[int, Json] = {}
        self.chats: dict[int, dict[int, Json]] = {}
        self.updates: list[Json] = []
        self.callbacks: dict[str, Json] = {}
        self.answers: list[Json] = []
        self.files: dict[str, Json] = {}
        self.commands: dict[str, list[Json]] = {}
        self.allowed: list[str] = []
        self.next_update = 100_001
        self.next_message = 1
        self.next_file = 1
        self.changed: list[Callable[[int, str], None]] = []
        self._folder = folder
        self._contents: dict[str, bytes] = {}
        if folder is not None:
            (folder / "files").mkdir(parents=True, exist_ok=True)
            self._load(folder / "exchange.json")

    # --- keeping

    def _load(self, path: Path) -> None:
        if not path.exists():
            return
        kept = orjson.loads(path.read_bytes())
        self.people = {int(key): value for key, value in kept["people"].items()}
        self.chats = {
            int(chat): {int(key): value for key, value in messages.items()} for chat, messages in kept["chats"].items()
        }
        self.updates = kept["updates"]
        self.callbacks = kept["callbacks"]
        self.answers = kept["answers"]
        self.files = kept["files"]
        self.commands = kept["commands"]
        self.allowed = kept["allowed"]
        self.next_update = kept["next_update"]
        self.next_message = kept["next_message"]
        self.next_file = kept["next_file"]

    def keep(self, user_id: int = 0, what: str = "change") -> None:
        """Write all down, then tell those who watch."""
        if self._folder is not None:
            kept = {
                "people": self.people,
                "chats": self.chats,
                "updates": self.updates,
                "callbacks": self.callbacks,
                "answers": self.answers,
                "files": self.files,
                "commands": self.commands,
                "allowed": self.allowed,
                "next_update": self.next_update,
                "next_message": self.next_message,
                "next_file": self.next_file,
            }
            path = self._folder / "exchange.json"
            fresh = path.with_suffix(".new")
            fresh.write_bytes(orjson.dumps(kept, option=orjson.OPT_NON_STR_KEYS))
            fresh.replace(path)
        for tell in list(self.changed):
            tell(user_id, what)

    def _seconds(self) -> int:
        return int(self.clock.now().timestamp())

    # --- files

    def keep_file(self, content: bytes, name: str, mime: str, kind: str = "documents") -> Json:
        """Take the bytes in and tell what Telegram would: file_id, file_unique_id, file_size."""
        number = self.next_file
        self.next_file += 1
        suffix = Path(name).suffix.lower()
        suffix = suffix if suffix[1:].isalnum() and len(suffix) < 9 else ""
        file_id = f"AgACAgUAAxk{number:06d}{secrets.token_urlsafe(18)}"
        path = f"{kind}/file_{number}{suffix}"
        known = {"file_id": file_id, "file_unique_id": f"AQAD{number:08d}", "file_size": len(content)}
        self.files[file_id] = {**known, "path": path, "name": name, "mime": mime}
        if self._folder is None:
            self._contents[path] = content
        else:
            target = self._folder / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return known

    def content(self, path: str) -> bytes | None:
        if all(file["path"] != path for file in self.files.values()):
            return None
        if self._folder is None:
            return self._contents[path]
        return (self._folder / "files" / path).read_bytes()

    def get_file(self, file_id: str) -> Json:
        file = self.files.get(file_id)
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if file["file_size"] > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        return {
            **{key: file[key] for key in ("file_id", "file_unique_id", "file_size")},
            "file_path": file["path"],
        }

    def keep_photo(self, content: bytes) -> list[Json]:
        """The photo sizes, thumbnail first."""
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

    # --- people

    def add_person(self, person: Json) -> None:
        """Someone new; a person already known keeps what they did before."""
        known = self.people.get(person["id"], {"started": False, "blocked": False})
        self.people[person["id"]] = {**person, **known}
        self.chats.setdefault(person["id"], {})
        self.keep(person["id"])

    def person(self, user_id: int) -> Json:
        if user_id not in self.people:
            raise KeyError(f"nobody has the phone {user_id}")
        return self.people[user_id]

    def user(self, user_id: int) -> Json:
        person = self.person(user_id)
        keys = ("id", "first_name", "last_name", "username", "language_code")
        return {"is_bot": False, **{key: person[key] for key in keys if person.get(key)}}

    def chat(self, user_id: int) -> Json:
        person = self.person(user_id)
        keys = ("id", "first_name", "last_name", "username")
        return {"type": "private", **{key: person[key] for key in keys if person.get(key)}}

    # --- the queue

    def enqueue(self, kind: str, content: Json) -> None:
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if wanted:
            # A copy: an update tells what was true when it happened.
            self.updates.append({"update_id": self.next_update, kind: orjson.loads(orjson.dumps(content))})
            self.next_update += 1

    def take_updates(self, offset: int | None, limit: int) -> list[Json]:
        """What waits from `offset` on; all before it is confirmed and forgotten. A negative one counts from the end."""
        before = len(self.updates)
        if offset is not None and offset > 0:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]
        elif offset is not None and offset < 0:
            self.updates = self.updates[offset:]
        if len(self.updates) != before:
            self.keep(0, "confirmed")
        return self.updates[: max(1, min(limit, 100))]

    # --- a person's hands

    def _write(self, user_id: int, sender: Json, content: Json) -> Json:
        message: Json = {
            "message_id": self.next_message,
            "from": sender,
            "chat": self.chat(user_id),
            "date": self._seconds(),
            **content,
        }
        self.next_message += 1
        self.chats.setdefault(user_id, {})[message["message_id"]] = message
        return message

    def _from_person(self, user_id: int, contents: Iterable[Json]) -> list[int]:
        person = self.person(user_id)
        if person["blocked"]:
            self.unblock(user_id)  # a phone offers "restart" before it lets one write
        person["started"] = True
        written = []
        for content in contents:
            message = self._write(user_id, self.user(user_id), content)
            self.enqueue("message", message)
            written.append(int(message["message_id"]))
        self.keep(user_id)
        return written

    def say(self, user_id: int, text: str) -> int:
        return self._from_person(user_id, [text_content(text)])[0]

    def tap(self, user_id: int, message_id: int, data: str) -> str:
        """Tap a button. A phone may show what the bot has since taken away, so the data is not checked."""
        callback_id = str(secrets.randbelow(9 * 10**17) + 10**17)
        gone: Json = {"message_id": message_id, "chat": self.chat(user_id), "date": 0}
        self.callbacks[callback_id] = {"user_id": user_id, "message_id": message_id, "asked_at": self._seconds()}
        self.enqueue(
            "callback_query",
            {
                "id": callback_id,
                "from": self.user(user_id),
                "message": self.chats[user_id].get(message_id, gone),
                "chat_instance": str(user_id * 31),
                "data": data,
            },
        )
        self.keep(user_id)
        return callback_id

    def send_photos(self, user_id: int, contents: list[bytes], caption: str | None, *, album: bool) -> list[int]:
        group = {"media_group_id": str(secrets.randbelow(10**17))} if album else {}
        messages: list[Json] = []
        for number, content in enumerate(contents):
            words = caption_content(caption) if caption and not number else {}
            messages.append({"photo": self.keep_photo(content), **group, **words})
        return self._from_person(user_id, messages)

    def send_file(self, user_id: int, name: str, content: bytes, mime: str) -> int:
        return self._from_person(user_id, [{"document": self.keep_document(content, name, mime)}])[0]

    def send_other(self, user_id: int, what: str) -> int:
        """Send what a bot rarely waits for: voice, sticker, contact, location or video."""
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
            case "contact":
                content = {"phone_number": "+8613800000000", "first_name": self.person(user_id)["first_name"]}
            case "location":
                content = {"latitude": 31.2304, "longitude": 121.4737}
            case _:
                raise ValueError(f"nobody can send {what!r}")
        return self._from_person(user_id, [{what: content}])[0]

    def edit(self, user_id: int, message_id: int, text: str) -> None:
        """A person changes their own words."""
        message = self.chats[user_id][message_id]
        if message["from"]["is_bot"]:
            raise ValueError("only one's own message can be changed")
        media = "photo" in message or "document" in message
        _put(message, caption_content(text) if media else text_content(text))
        message["edit_date"] = self._seconds()
        self.enqueue("edited_message", message)
        self.keep(user_id)

    def block(self, user_id: int) -> None:
        self._membership(user_id, blocked=True)

    def unblock(self, user_id: int) -> None:
        self._membership(user_id, blocked=False)

    def _membership(self, user_id: int, *, blocked: bool) -> None:
        person = self.person(user_id)
        if person["blocked"] == blocked:
            return
        person["blocked"] = blocked
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
        )
        self.keep(user_id)

    # --- the bot's side

    def reach(self, chat_id: int) -> None:
        """Raise unless the bot may write there: the person exists, has written first, and has not blocked it."""
        person = self.people.get(chat_id)
        if person is None or not person["started"]:
            raise bad_request("chat not found")
        if person["blocked"]:
            raise ApiError(403, "Forbidden: bot was blocked by the user")

    def send(self, chat_id: int, contents: list[Json], reply_to: int | None = None) -> list[Json]:
        """Write the bot's messages; what cannot be replied to was refused before."""
        quoted = self.chats[chat_id].get(reply_to) if reply_to is not None else None
        extra = {"reply_to_message": {k: v for k, v in quoted.items() if k != "reply_to_message"}} if quoted else {}
        written = [self._write(chat_id, self.bot, {**content, **extra}) for content in contents]
        self.keep(chat_id, "bot message")
        return written

    def change(self, chat_id: int, message_id: int, content: Json, *, what: str) -> Json:
        """Change the bot's own message; `what` is text, caption or markup."""
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
            keys |= {"text", "entities", "caption", "caption_entities"}
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
        self.keep(chat_id)
        return message

    def delete(self, chat_id: int, message_id: int) -> None:
        self.reach(chat_id)
        message = self.chats[chat_id].get(message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if self._seconds() - message["date"] > DELETE_WITHIN.total_seconds():
            raise bad_request("message can't be deleted for everyone")
        del self.chats[chat_id][message_id]
        self.keep(chat_id)

    def answer(self, callback_id: str, text: str, *, alert: bool) -> None:
        asked = self.callbacks.get(callback_id)
        if asked is None or self._seconds() - asked["asked_at"] > ANSWER_WITHIN.total_seconds():
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        asked["answered"] = True
        self.answers.append(
            {
                "callback_query_id": callback_id,
                "user_id": asked["user_id"],
                "message_id": asked["message_id"],
                "text": text,
                "show_alert": alert,
            },
        )
        self.keep(asked["user_id"], "answer")

    # --- looking

    def commands_for(self, user_id: int) -> list[Json]:
        """The menu as this phone shows it: the narrowest scope first, the phone's language before none."""
        language = str(self.person(user_id).get("language_code", "")).split("-")[0]
        for scope in (f"chat:{user_id}", "all_private_chats", "default"):
            for key in (f"{scope}|{language}", f"{scope}|"):
                if self.commands.get(key):
                    return self.commands[key]
        return []

    def messages(self, user_id: int) -> list[Json]:
        """What the phone shows now, oldest first."""
        shown = []
        for message in self.chats.get(user_id, {}).values():
            text: str = message.get("text") or message.get("caption") or ""
            entities: list[Json] = message.get("entities") or message.get("caption_entities") or []
            html = write_html(text, entities)
            shown.append({**message, "text": text, "html": html, "from_bot": message["from"]["is_bot"]})
        return shown


def _put(message: Json, content: Json) -> None:
    for key in ("text", "entities", "caption", "caption_entities"):
        message.pop(key, None)
    message.update(content)


def text_content(text: str, entities: list[Json] | None = None) -> Json:
    """A text as a message holds it."""
    words, marks = read_plain(text, entities)
    found = with_found(words, marks)
    return {"text": words, **({"entities": found} if found else {})}


def caption_content(text: str, entities: list[Json] | None = None) -> Json:
    words, marks = read_plain(text, entities)
    found = with_found(words, marks)
    if not words:
        return {}
    return {"caption": words, **({"caption_entities": found} if found else {})}


__all__ = ["ApiError", "Exchange", "Json", "PhotoError", "bad_request", "caption_content", "text_content", "units"]
