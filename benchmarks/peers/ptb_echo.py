"""An echo bot on python-telegram-bot as its tutorial writes it: every setting is the default.

python benchmarks/peers/ptb_echo.py --base-url http://127.0.0.1:8081 --token 1:abc
"""

import argparse

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(update.message.text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--token", required=True)
    options = parser.parse_args()
    application = (
        Application.builder()
        .token(options.token)
        .base_url(f"{options.base_url}/bot")
        .base_file_url(f"{options.base_url}/file/bot")
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
