"""Files that go out: kept ones under their name, and papers that are made when they are sent."""

import hashlib

from claimbot.assistant.house import Reply
from claimbot.assistant.letters import Letter, post
from claimbot.claims.words import Html
from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx, people
from claimbot.store.messages import Message
from tests.conftest import CLERK, World

PDF = b"%PDF-1.7\n%%EOF"
SHA = hashlib.sha256(PDF).hexdigest()


async def written(world: World, letter: Letter) -> list[Message]:
    def write(tx: Tx) -> list[Message]:
        reply, person = Reply(), people.lock_by_telegram_id(tx, CLERK)
        assert person is not None
        post(tx, reply, person, letter, world.clock.now())
        return reply.messages

    return await world.database.turn(write)


def document(message: dict[str, object]) -> tuple[int, str]:
    held = message["document"]
    assert isinstance(held, dict)
    return held["file_size"], held["file_name"]


async def test_a_kept_file_goes_out_under_its_name_with_its_words_and_buttons(world: World) -> None:
    EvidenceFolder(world.folder / "evidence").keep(PDF, SHA)
    letter = Letter(Html("箱单 <b>3</b>"), ((("打开", "m:queue"),),), file=(SHA, "箱单-SH01.pdf"))
    await world.door.deliver(await written(world, letter))
    sent = world.shown(CLERK)[-1]
    assert document(sent) == (len(PDF), "箱单-SH01.pdf")
    assert sent["text"] == "箱单 3"
    assert "打开" in world.buttons(CLERK)


async def test_words_too_long_for_a_caption_follow_their_file(world: World) -> None:
    EvidenceFolder(world.folder / "evidence").keep(PDF, SHA)
    await world.door.deliver(await written(world, Letter(Html("长" * 1500), file=(SHA, "a.pdf"))))
    file, words = world.shown(CLERK)[-2:]
    assert document(file)[1] == "a.pdf"
    assert words["text"] == "长" * 1500


async def test_a_lost_file_is_tried_no_more_and_keeps_nothing_back(world: World) -> None:
    before = len(world.shown(CLERK))
    await world.door.deliver(
        [*await written(world, Letter(Html("x"), file=(SHA, "a.pdf"))), *await written(world, Letter(Html("danach")))]
    )
    assert [message["text"] for message in world.shown(CLERK)[before:]] == ["danach"]
