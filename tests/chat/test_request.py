"""The wire, against a real server on this machine."""

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import RequestData

from claimbot.chat.request import AiohttpRequest

TOKEN = "123456:SECRET"
ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"B","username":"b"}}'
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers each request as the test says."""

    def __init__(self) -> None:
        self.answer: Answer = self.me
        self.url = ""
        self.got: list[dict[str, object]] = []

    async def me(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=ME, content_type="application/json")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        got: dict[str, object] = {}
        for name, value in (await request.post()).items():
            got[name] = (
                (value.filename, value.content_type, value.file.read()) if isinstance(value, web.FileField) else value
            )
        self.got.append(got)
        return await self.answer(request)

    def says(self, status: int, body: bytes) -> None:
        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=body)

        self.answer = answer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    it = Server()
    application = web.Application(client_max_size=50_000_000)
    application.router.add_route("*", "/{tail:.*}", it.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield it
    await runner.cleanup()


@pytest.fixture
async def wire() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest() as request:
        yield request


def bot(server: Server, wire: AiohttpRequest) -> Bot:
    return Bot(TOKEN, base_url=f"{server.url}/bot", request=wire, get_updates_request=wire)


def whole(error: BaseException) -> str:
    """All that a log could show of it, hidden contexts too."""
    said = "".join(traceback.format_exception(error))
    context: BaseException | None = error
    while context is not None:
        said += repr(context)
        context = context.__cause__ or context.__context__
    return said


async def test_a_call_comes_back_as_what_telegram_said(server: Server, wire: AiohttpRequest) -> None:
    assert (await bot(server, wire).get_me()).username == "b"


async def test_a_picture_goes_out_whole_with_its_name_and_kind(server: Server, wire: AiohttpRequest) -> None:
    server.says(200, b'{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"}}}')
    picture = b"\xff\xd8\xff" + bytes(3_000_000)
    await bot(server, wire).send_photo(7, InputFile(picture, "part.jpg"), caption="车 & <b>")
    assert server.got[0]["caption"] == "车 & <b>"
    assert server.got[0]["photo"] == ("part.jpg", "image/jpeg", picture)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"ok":false,"error_code":400,"description":"Bad Request: no"}', BadRequest),
        (401, b'{"ok":false,"error_code":401,"description":"Unauthorized"}', InvalidToken),
        (429, b'{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":3}}', RetryAfter),
        (404, b"<html>a hotel's wall before http://api/bot123456:SECRET/</html>", NetworkError),
        (502, b"<html>bad gateway for /bot123456:SECRET/</html>", NetworkError),
        (302, b"", NetworkError),
        (200, b"<html>", TelegramError),
    ],
)
async def test_what_telegram_refuses_is_told_apart_from_what_only_stands_in_between(
    server: Server,
    wire: AiohttpRequest,
    status: int,
    body: bytes,
    kind: type[TelegramError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    server.says(status, body)
    with pytest.raises(kind) as caught:
        await wire.post(f"{server.url}/bot{TOKEN}/getMe")
    assert type(caught.value) is kind
    assert "SECRET" not in whole(caught.value)


async def test_a_server_that_is_silent_is_a_timeout(server: Server, wire: AiohttpRequest) -> None:
    gate = asyncio.Event()

    async def never(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return await server.me(request)

    server.answer = never
    with pytest.raises(TimedOut) as caught:
        await wire.post(f"{server.url}/bot{TOKEN}/getMe", read_timeout=0.02)
    gate.set()
    assert "SECRET" not in whole(caught.value)


async def test_a_server_that_is_not_there_is_a_network_error_without_its_address(wire: AiohttpRequest) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/bot{TOKEN}/getMe", f"http://[bad/bot{TOKEN}/getMe", f"nonsense{TOKEN}"):
        with pytest.raises(NetworkError) as caught:
            await wire.post(url)
        assert "SECRET" not in whole(caught.value)


async def test_a_connection_that_breaks_off_is_a_network_error(server: Server, wire: AiohttpRequest) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return await server.me(request)

    server.answer = broken
    with pytest.raises(NetworkError) as caught:
        await wire.post(f"{server.url}/bot{TOKEN}/getMe")
    assert "SECRET" not in whole(caught.value)


async def test_it_can_be_opened_twice_closed_twice_and_opened_again(server: Server) -> None:
    wire = AiohttpRequest()
    for _ in range(2):
        await wire.initialize()
        await wire.initialize()
        assert await wire.retrieve(f"{server.url}/file") == ME
        await wire.shutdown()
        await wire.shutdown()
    with pytest.raises(NetworkError):
        await wire.do_request(server.url, "POST", RequestData())


@pytest.mark.parametrize("payload", [b'{"a": "\xff"}', rb'{"a": "\ud83d"}', b'{"a": 1}'])
def test_half_a_letter_stops_nothing(payload: bytes) -> None:
    assert "a" in AiohttpRequest.parse_json_payload(payload)


def test_what_is_no_json_is_refused_without_being_repeated() -> None:
    with pytest.raises(TelegramError, match=r"^Invalid server response$"):
        AiohttpRequest.parse_json_payload(b"SECRET")
