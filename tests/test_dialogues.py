"""Every shipped flow, walked by people's own words in both languages; nothing of a flow may stay unwalked."""

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from claimbot.claims.words import LANGS
from claimbot.flow.office import Office, load_office
from tests.conftest import FLOWS
from tests.dialogue import Played, play, ways_of

FOLDER = Path(__file__).parent / "dialogues"
FILES = sorted(FOLDER.glob("*.txt"))
TEXTS = {file: file.read_text("utf-8") for file in FILES}

_played: dict[Path, Played] = {}


async def played(file: Path, office: Office, folder: Path) -> Played:
    """Each dialogue is played once in a run, whoever asks first."""
    if file not in _played:
        place = folder / file.stem
        place.mkdir()
        _played[file] = await play(TEXTS[file], file.name, office, place)
    return _played[file]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_the_dialogue_goes_as_it_is_written(file: Path, office: Office, tmp_path: Path) -> None:
    done = await played(file, office, tmp_path)
    assert not done.failure, done.failure


async def test_every_step_and_branch_of_every_shipped_flow_is_walked_in_both_languages(
    office: Office, tmp_path: Path
) -> None:
    walked = set().union(*[(await played(file, office, tmp_path)).walked for file in FILES])
    unwalked = [
        f"{way} ({lang})"
        for flow in office.flows.values()
        for way in sorted(ways_of(flow))
        for lang in LANGS
        if (lang, way) not in walked
    ]
    assert not unwalked, "no dialogue walks:\n" + "\n".join(unwalked)


def show(names: list[str]) -> None:
    """Prints everything that was said in some dialogues: `python -m tests.test_dialogues intake_paint.zh …`."""
    office = load_office(FLOWS)
    for name in names:
        file = FOLDER / f"{name.removesuffix('.txt')}.txt"
        with tempfile.TemporaryDirectory() as folder:
            done = asyncio.run(play(TEXTS[file], file.name, office, Path(folder)))
        lines = [f"{who} {what}".strip() for who, what in done.said]
        sys.stdout.write("\n".join([f"== {file.name}", *lines, done.failure, ""]))


if __name__ == "__main__":
    show(sys.argv[1:])
