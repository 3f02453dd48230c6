"""What is done about a machine without a browser; the machine is doubled, its package manager a script."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import ready


def program(folder: Path, name: str, does: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{does}\n", encoding="ascii")
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with fonts and a root, and nothing else on its path."""
    folder = tmp_path / "bin"
    program(folder, "fc-list", "echo font")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(ready, "MAC", ())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("CI", raising=False)
    return folder


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """What was found is true of one machine only; the other tests want this one's own."""
    ready.browser.cache_clear()
    yield
    ready.browser.cache_clear()


def test_a_browser_that_is_there_is_used_and_nothing_is_fetched(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(machine, "chromium", "exit 0")
    program(machine, "apt-get", "exit 1")
    assert ready.make_ready() == 0
    assert ready.browser() == str(machine / "chromium")
    assert capsys.readouterr().out == ""


def test_a_browser_that_does_not_start_is_none(machine: Path) -> None:
    program(machine, "chromium", "exit 127")
    assert ready.browser() is None


def test_a_missing_browser_is_fetched_where_that_may_be_done(machine: Path) -> None:
    asked = machine / "asked"
    fetch = f'echo "$DEBIAN_FRONTEND $*" >> {asked}; case "$*" in *install*) '
    make = f"printf '#!/bin/sh\\n' > {machine}/chromium; /bin/chmod 755 {machine}/chromium;; esac"
    program(machine, "apt-get", fetch + make)
    assert ready.make_ready() == 0
    assert ready.browser() == str(machine / "chromium")
    assert asked.read_text().splitlines() == [
        "noninteractive -qq update",
        "noninteractive -qq install -y --no-install-recommends chromium",
    ]


@pytest.mark.parametrize(("in_ci", "status"), [(False, 0), (True, 1)])
def test_without_a_browser_the_run_says_so_and_in_ci_it_fails(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, in_ci: bool, status: int
) -> None:
    if in_ci:
        monkeypatch.setenv("CI", "true")
    program(machine, "apt-get", "echo no network >&2; exit 100")
    assert ready.make_ready() == status
    assert ready.LEFT_OUT in capsys.readouterr().out


def test_a_user_who_is_not_root_is_asked_for_nothing(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(machine, "apt-get", f"echo asked > {machine}/asked")
    assert ready.make_ready() == 0
    assert not (machine / "asked").exists()
