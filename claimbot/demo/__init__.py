"""A stand-in Telegram for one machine: the Bot API over HTTP, and a page that is the phones.

Nothing here knows the bot library or the store; the bot meets it only over the wire.
"""
