"""An XLSX of 100,000 rows, as `/stats` writes it: seconds, and the most memory that its process ever had.

The rows are claims and their lines, on sheets of their own, with the sums, what is open and the reasons beside them.

    python -m benchmarks.export
    python -m benchmarks.export --rows 2000
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.archive import LINES_EACH, NOW, SITES, lay_down
from benchmarks.stage import ROOT, machine, process
from claimbot.assistant.figures import Asked, write_tables
from claimbot.assistant.house import House
from claimbot.claims.figures import Period
from claimbot.flow.office import load_office
from claimbot.store.database import open_engine, snapshot

MOST_MB = 300


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(url: str, path: Path) -> None:
    """In a process of its own: what it had before, and at the most."""
    house, engine = House(load_office(ROOT / "flows")), open_engine(url)
    before, began = memory_mb(), time.perf_counter()
    with snapshot(engine) as tx:
        asked = Asked("zh", tuple(range(1, SITES + 1)), Period(), NOW)
        write_tables(tx, house, asked, path, lambda: None)
    print(f"{time.perf_counter() - began:.1f} {before:.0f} {memory_mb():.0f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--from", dest="url", help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url is not None:
        write(options.url, options.to)
        return 0
    print(machine())
    with tempfile.TemporaryDirectory(prefix="claimbot-export-") as folder:
        url, path = f"sqlite:///{Path(folder) / 'claims.db'}", Path(folder) / "claims.xlsx"
        claims = options.rows // (LINES_EACH + 1)
        lay_down(url, claims).engine.dispose()
        command = [sys.executable, "-m", "benchmarks.export", "--from", url, "--to", str(path)]
        with process(command, stdout=-1) as writer:
            told = writer.communicate()[0].decode().split()
        seconds, before, most = (float(each) for each in told)
        met = most < MOST_MB
        print(
            f"{claims * (LINES_EACH + 1):,} rows: {seconds:.1f} s, {path.stat().st_size / 1_000_000:.1f} MB of file;"
            f" {most:.0f} MB of memory at the most ({before:.0f} before), goal {MOST_MB}: {'met' if met else 'NOT met'}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
