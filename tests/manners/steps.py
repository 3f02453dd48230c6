"""Ways through the flows that many of these tests begin with, and where a person stands."""

from claimbot.assistant.conversing import standing
from claimbot.flow.kinds.asking import Answers
from claimbot.flow.kinds.photos import Sheet, sheet_of
from claimbot.store.conversations import Conversation
from tests.conftest import CLERK, TECHNICIAN, World


async def stand(world: World, user: int = TECHNICIAN) -> Conversation | None:
    found = await world.database.turn(lambda tx: standing(tx, world.house, user, world.clock.now()))
    return None if found is None else found[1]


async def step(world: World, user: int = TECHNICIAN) -> str:
    held = await stand(world, user)
    return "" if held is None else held.stand.step


async def answers(world: World, user: int = TECHNICIAN) -> Answers:
    held = await stand(world, user)
    return {} if held is None else held.stand.answers


async def sheet(world: World, user: int = TECHNICIAN) -> Sheet:
    held = await stand(world, user)
    return sheet_of(None if held is None else held.stand.drafts.get("photos"))


async def report_up_to(world: World, wanted: str, user: int = TECHNICIAN) -> None:
    """A new fault report, answered by examples as far as this step."""
    await world.say(user, "/new")
    await on_to(world, wanted, user)


async def desk_up_to(world: World, wanted: str) -> None:
    """A fault was reported; the clerk completes it as far as this step."""
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📝")
    await on_to(world, wanted, CLERK)


async def on_to(world: World, wanted: str, user: int) -> None:
    for _ in range(30):
        if await step(world, user) == wanted:
            return
        await world.example(user)
    raise AssertionError(f"{wanted} was not reached: {world.last(user)}")


async def claims_labour(world: World, user: int, amount: str) -> None:
    """In the review, the first line becomes labour for that amount."""
    await world.tap(user, "✏️ 费用明细")
    await world.tap(user, "✏️ 1")
    await world.say(user, f"工时费 {amount}")
    await world.tap(user, "✅ 就这些")
