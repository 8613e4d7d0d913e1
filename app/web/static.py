"""Static files under names that carry their hash, so that a browser may keep them for a year."""

import hashlib
from functools import lru_cache
from os.path import isfile
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, send_from_directory

from app.web.guards import public


@lru_cache(maxsize=512)
def _digest(root: str, path: str, _stamp: float) -> str:
    return hashlib.sha256((Path(root) / path).read_bytes()).hexdigest()[:10]


def static_url(path: str) -> str:
    """Give the address of a static file, with the hash of its content in it."""
    config = current_app.config
    root = config["STATIC_ROOT"]
    if config["DEBUG"]:
        return _address(root, path, (Path(root) / path).stat().st_mtime)
    return _address(root, path, 0.0)


def illustration_url(name: str) -> str:
    """Give the address of one of our drawings: a view of the sheet that holds them all."""
    return f"{static_url('illustrations.svg')}#{name}"


@lru_cache(maxsize=512)
def _address(root: str, path: str, stamp: float) -> str:
    """Build an address once: a page names the icon sprite dozens of times."""
    return f"/static/{_digest(root, path, stamp)}/{quote(path)}"


@public
def serve(digest: str, path: str) -> Response:
    """Serve a static file; under its right hash it never changes."""
    root = current_app.config["STATIC_ROOT"]
    file = Path(root) / path
    # Path.is_file() stumbles over a name too long for the disk.
    if not isfile(file) or not file.resolve().is_relative_to(Path(root).resolve()):  # noqa: PTH113
        abort(404)
    response = send_from_directory(root, path)
    if digest == _digest(root, path, file.stat().st_mtime):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def init_app(app: Flask) -> None:
    """Serve /static and give templates the addresses of what is there."""
    app.add_url_rule("/static/<digest>/<path:path>", "static", serve)
    app.jinja_env.globals["static_url"] = static_url
    app.jinja_env.globals["illustration_url"] = illustration_url
