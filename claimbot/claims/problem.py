"""A mistake in one of the office's files, as the checks of its contents tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Where (keys and indexes from the top of the file), what is wrong, and how to mend it."""

    at: tuple[str | int, ...]
    what: str
    mend: str
