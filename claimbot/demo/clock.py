"""The clock of the demo: real time plus a kept offset, so a reminder due next week can be seen today.

Owns the offset and its file. Knows nothing of who reads the time.
"""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

MORNING = time(8, 30)


class MovableClock:
    """Real time plus an offset that only grows by being asked; kept over restarts when a path is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._offset = timedelta()
        if path is not None and path.exists():
            self._offset = timedelta(seconds=float(path.read_text(encoding="ascii")))

    @property
    def offset(self) -> timedelta:
        return self._offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def skip(self, by: timedelta) -> datetime:
        """Move on and tell the new time; time never runs backwards."""
        if by < timedelta():
            raise ValueError("the clock only moves forward")
        self._offset += by
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_name(self._path.name + ".new")
            unfinished.write_text(str(self._offset.total_seconds()), encoding="ascii")
            unfinished.replace(self._path)  # a kill leaves the old time or the new one, never half a number
        return self.now()

    def skip_to_morning(self, zone: str) -> datetime:
        """Move to 08:30 of tomorrow as a wall clock in `zone` shows it."""
        here = self.now()
        tomorrow = here.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        return self.skip(datetime.combine(tomorrow, MORNING, ZoneInfo(zone)).astimezone(UTC) - here)
