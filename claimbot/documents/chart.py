"""Bars on a picture that is as wide as a phone, with Chinese letters. Pure: values in, PNG out.

matplotlib takes over a second to be read, so this is read by whoever draws, when they draw, and not at the start.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font

from claimbot.documents.font import font_file

_BLUE: Final = "#2F6DB5"
_INCH_PER_BAR: Final = 0.34
_MOST_NAME: Final = 18


@dataclass(frozen=True, slots=True)
class Bars:
    """One part of the picture: bars with their names, and what is written at the end of each."""

    title: str
    bars: Sequence[tuple[str, float, str]]
    none: str
    """What is written where there are none."""


def draw_bars(heading: str, parts: Sequence[Bars]) -> bytes:
    font = font_file()
    small, usual, large = (FontProperties(fname=font, size=size) for size in (9, 11, 14))
    heights = [max(len(part.bars), 1) * _INCH_PER_BAR + 0.75 for part in parts]
    figure = Figure(figsize=(6.0, sum(heights) + 0.6), dpi=180, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(_plain(heading), fontproperties=large)
    places = figure.subplots(len(parts), 1, height_ratios=heights, squeeze=False)
    for part, place in zip(parts, places[:, 0], strict=True):
        place.set_title(_plain(part.title), fontproperties=usual, loc="left")
        for side in ("top", "right", "bottom"):
            place.spines[side].set_visible(False)
        place.set_xticks([])
        if not part.bars:
            place.set_yticks([])
            place.text(0.5, 0.5, _plain(part.none), fontproperties=usual, ha="center", transform=place.transAxes)
            continue
        rows = range(len(part.bars))
        drawn = place.barh(
            rows, [value for _, value, _ in part.bars], color=_BLUE, height=min(0.65, 0.25 * len(part.bars))
        )
        place.set_yticks(rows, [_short(name) for name, _, _ in part.bars], fontproperties=small)
        place.bar_label(drawn, [_plain(label) for _, _, label in part.bars], padding=4, fontproperties=small)
        place.invert_yaxis()
        place.margins(x=0.3)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _short(name: str) -> str:
    one_line = " ".join(name.split())
    return _plain(one_line if len(one_line) <= _MOST_NAME else f"{one_line[: _MOST_NAME - 1]}…")


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    return frozenset(get_font(str(font_file())).get_charmap())


def _plain(words: str) -> str:
    """What the font can show, a box for all else; a dollar sign would begin a formula."""
    shown = "".join(each if each == "\n" or ord(each) in _letters() else "□" for each in words)
    return shown.replace("$", r"\$")
