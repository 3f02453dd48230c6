"""A ten-step form on aiogram, its state in Redis: /form, ten answers, each met with the next question.

python benchmarks/peers/aiogram_form.py --base-url http://127.0.0.1:8081 --token 1:abc --redis redis://127.0.0.1:6379/0
"""

import argparse
import asyncio

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import Message

STEPS = 10
router = Router()


class Form(StatesGroup):
    step_1 = State()
    step_2 = State()
    step_3 = State()
    step_4 = State()
    step_5 = State()
    step_6 = State()
    step_7 = State()
    step_8 = State()
    step_9 = State()
    step_10 = State()


QUESTIONS = Form.__states__


@router.message(Command("form"))
async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(QUESTIONS[0])
    await state.set_data({})
    await message.answer(f"1/{STEPS} What is answer 1?")


@router.message(Form())
async def answered(message: Message, state: FSMContext) -> None:
    names = [step.state for step in QUESTIONS]
    number = names.index(await state.get_state()) + 1
    await state.update_data({f"answer_{number}": message.text})
    if number == STEPS:
        await state.clear()
        await message.answer("thank you")
    else:
        await state.set_state(QUESTIONS[number])
        await message.answer(f"{number + 1}/{STEPS} What is answer {number + 1}?")


async def run(base_url: str, token: str, redis: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base_url))
    # redis-py allows a hundred connections: with more people at once, some would never be answered
    storage = RedisStorage.from_url(redis, connection_kwargs={"max_connections": 1000})
    dispatcher = Dispatcher(storage=storage)
    dispatcher.include_router(router)
    async with Bot(token, session=session) as bot:
        await dispatcher.start_polling(bot)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--redis", required=True)
    options = parser.parse_args()
    asyncio.run(run(options.base_url, options.token, options.redis))


if __name__ == "__main__":
    main()
