"""Every check, one after another; stops at the first that fails. `make test` is this."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = (
    (BIN / "ruff", "format", "--check", "."),
    (BIN / "ruff", "check", "."),
    (BIN / "mypy",),
    (BIN / "lint-imports",),
    (BIN / "claimbot", "check"),
    (BIN / "claimbot", "draw", "--check"),
    (BIN / "hadolint", "Dockerfile"),
    (sys.executable, "-m", "tests.browser.ready"),
    (sys.executable, "-m", "pytest", "--strict-markers", "-q"),
    (sys.executable, "-m", "tests.browser.ready", "--left-out"),
)


def main() -> int:
    for check in CHECKS:
        words = " ".join(Path(str(part)).name if part is check[0] else str(part) for part in check)
        sys.stdout.write(f"== {words}\n")
        sys.stdout.flush()
        done = subprocess.run([str(part) for part in check], check=False)
        if done.returncode != 0:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
