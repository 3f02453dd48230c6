"""A browser and the fonts that its pages need: found, or fetched where that is possible.

`python -m tests.browser.ready` makes sure before the tests; `--left-out` tells afterwards what was not walked.
Where CI is set, nothing may be left out.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FONTS = {":lang=zh-cn": "fonts-noto-cjk", ":lang=und-zsye": "fonts-noto-color-emoji"}
SLOW = 900  # seconds; a browser is some hundred megabytes
LEFT_OUT = "NOT WALKED: the tests of tests/browser were left out; there is no Chromium here (apt-get install chromium)"


@cache
def browser() -> str | None:
    """The browser of this machine, if there is one that starts."""
    for found in (*map(shutil.which, NAMES), *MAC):
        if found and Path(found).exists() and _runs(found, "--version"):
            return found
    return None


def must_be_here() -> bool:
    return bool(os.environ.get("CI"))


def _runs(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _missing_fonts() -> list[str]:
    """Packages of the fonts that fontconfig does not know; other systems bring their own."""
    if not sys.platform.startswith("linux"):
        return []
    list_fonts = shutil.which("fc-list")
    if list_fonts is None:
        return list(FONTS.values())
    return [
        package
        for pattern, package in FONTS.items()
        if not subprocess.run((list_fonts, pattern, "family"), check=False, capture_output=True).stdout.strip()
    ]


def _fetch(packages: list[str]) -> bool:
    """Only on a Debian-like machine whose root we are: nobody's desktop is changed behind their back."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    sys.stdout.write(f"fetching {', '.join(packages)} for the browser tests …\n")
    sys.stdout.flush()
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update",), ("install", "-y", "--no-install-recommends", *packages)):
        try:
            done = subprocess.run(
                (apt, "-qq", *words), check=False, capture_output=True, text=True, env=quiet, timeout=SLOW
            )
        except subprocess.TimeoutExpired:
            return False
        if done.returncode != 0:
            sys.stdout.write(done.stderr[-1500:] + "\n")
            return False
    return True


def make_ready() -> int:
    wanted = [*([] if browser() else ["chromium"]), *_missing_fonts()]
    if not wanted:
        return 0
    if _fetch(wanted):
        browser.cache_clear()
    if browser() is None:
        sys.stdout.write(LEFT_OUT + "\n")
        return 1 if must_be_here() else 0
    if missing := _missing_fonts():
        sys.stdout.write(f"without {', '.join(missing)} the pages show boxes in place of signs\n")
    return 0


def main() -> int:
    if "--left-out" not in sys.argv[1:]:
        return make_ready()
    if browser() is None:
        sys.stdout.write(LEFT_OUT + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
