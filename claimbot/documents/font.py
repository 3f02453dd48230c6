"""The one font of every paper and chart: Noto Sans SC (OFL), which carries Chinese and Latin letters alike."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

FAMILY: Final = "Noto Sans SC"


def font_file() -> Path:
    """Where the font lies. The package that carries it is not imported: it would change matplotlib for everybody."""
    found = find_spec("zhplot")
    if found is None or found.origin is None:
        raise RuntimeError("the package zhplot, which carries the font, is not installed: run `make setup`")
    return Path(found.origin).with_name("fonts") / "NotoSansSC-Regular.ttf"
