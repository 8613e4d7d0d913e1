"""HOW FAST: fills a database to any size and times the hot paths beside a raw driver, in the same run."""

from flask import Flask

from app.bench.cli import bench


def register(app: Flask) -> None:
    """Plug the commands into the application."""
    app.cli.add_command(bench)
