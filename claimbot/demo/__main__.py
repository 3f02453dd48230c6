"""The stand-in alone: `python -m claimbot.demo --port 8081 --token 1:abc`, for any bot to be pointed at."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from claimbot.demo.clock import MovableClock
from claimbot.demo.server import Phone, StandIn

PHONES = (
    Phone(900_000_001, "Wei", "Zhang", "wei_zhang", "zh", ""),
    Phone(900_000_002, "Anna", "Keller", "anna_keller", "en", ""),
    Phone(900_000_003, "Min", "Li", None, "zh", ""),
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m claimbot.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", required=True)
    parser.add_argument("--folder", type=Path, help="keep all here; without it nothing outlives the process")
    parser.add_argument("--username", default="claims_demo_bot")
    parser.add_argument("--zone", default="Asia/Shanghai")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    folder: Path | None = options.folder
    stand_in = StandIn(
        folder=folder,
        token=options.token,
        bot_username=options.username,
        clock=MovableClock(folder / "clock" if folder else None),
        zone=options.zone,
        phones=PHONES,
        limits=not options.no_limits,
    )
    port = await stand_in.start(options.port)
    sys.stdout.write(f"listening on http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    await ended.wait()
    await stand_in.stop()


if __name__ == "__main__":
    asyncio.run(serve(arguments()))
