"""The environment: understood once, refused with every problem at once."""

import gc
import stat

import pytest

import wsgi
from app import create_app
from config import ROOT, Config, ConfigError

GOOD_KEY = "kX3f-9bQ0vTz7LmNw2RyUe5HsJd8GaPc4oiVtBqE"
PRODUCTION = {
    "MUTUALIM_ENV": "production",
    "SECRET_KEY": GOOD_KEY,
    "BASE_URL": "https://mutualim.example.org",
    "DATABASE_URL": "postgres://u:p@db/mutualim",
    "MAIL_URL": "smtp://u:p@mail:587",
}


def problems(**environ: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        Config.from_env({**PRODUCTION, **environ})
    return refused.value.problems


def test_development_needs_nothing_and_keeps_its_secret(tmp_path):
    first = Config.from_env({"DATA_DIR": str(tmp_path)})
    again = Config.from_env({"DATA_DIR": str(tmp_path)})
    assert first == again
    assert first.database_url == f"sqlite:///{tmp_path}/mutualim.sqlite3"
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert (first.host, first.port, first.workers, first.threads) == ("127.0.0.1", 8000, 2, 4)


@pytest.mark.parametrize(
    "environ",
    [{"HOST": "0.0.0.0"}, {"HOST": "::"}, {"HOST": "192.168.1.4"}, {"BASE_URL": "https://mutualim.example.org"}],
)  # fmt: skip
def test_development_stays_on_this_machine(tmp_path, environ):
    (name,) = environ
    with pytest.raises(ConfigError) as refused:
        Config.from_env({"DATA_DIR": str(tmp_path), **environ})
    (only,) = refused.value.problems
    assert only.startswith(name)
    assert "MUTUALIM_ENV=production" in only
    assert "HOST=127.0.0.1" in only
    assert Config.from_env({"DATA_DIR": str(tmp_path), **environ, "OPEN_DEVELOPMENT": "1"}).has_dev_pages
    assert not Config.from_env({**PRODUCTION, **environ}).has_dev_pages


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "mutualim.localhost"])
def test_this_machine_has_several_names(tmp_path, host):
    assert Config.from_env({"DATA_DIR": str(tmp_path), "HOST": host}).has_dev_pages


def test_development_pages_are_served_only_where_nobody_else_comes(tmp_path):
    here = {
        "MUTUALIM_ENV": "testing",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3",
    }
    for environ, served in (({}, True), ({"HOST": "0.0.0.0"}, False)):
        app = create_app(Config.from_env({**here, **environ}))
        assert ("devmail.index" in app.view_functions) is served


def test_production_is_taken_when_all_is_there():
    config = Config.from_env(PRODUCTION)
    settings = config.flask_settings()
    assert config.database_url == "postgresql+psycopg://u:p@db/mutualim"
    assert config.uid_host == "mutualim.example.org"
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SERVER_NAME"] == "mutualim.example.org"
    assert not config.is_development


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "is missing"),
        ("short", "too short"),
        ("a" * 40, "too regular"),
        ("abcd1234" * 5, "too regular"),
        ("please-changeme-please-now-really-now-1", "placeholder"),
        ("my-super-secret-key-for-mutualim-server", "placeholder"),
    ],
)
def test_a_weak_secret_is_refused_outside_development(key, why):
    (only,) = problems(SECRET_KEY=key)
    assert "SECRET_KEY" in only
    assert why in only


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("WORKERS", "0"),
        ("EMBEDDED_WORKER", "maybe"),
        ("LOG_LEVEL", "LOUD"),
        ("MUTUALIM_ENV", "staging"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "sqlite://"),
        ("BASE_URL", "http://mutualim.example.org"),
        ("BASE_URL", "mutualim.example.org"),
        ("BASE_URL", "https://mutualim.example.org/app"),
        ("BASE_URL", ""),
        ("MAIL_URL", ""),
        ("MAIL_URL", "imap://host"),
        ("MAIL_URL", "smtp://host:port"),
        ("MAIL_FROM", "nobody"),
    ],
)
def test_each_bad_value_is_named(name, value):
    (only,) = problems(**{name: value})
    assert only.startswith(name)


def test_one_error_lists_everything():
    found = problems(SECRET_KEY="", PORT="x", DATABASE_URL="oracle://", MAIL_URL="", BASE_URL="")
    assert {each.split()[0] for each in found} == {
        "SECRET_KEY",
        "PORT",
        "DATABASE_URL",
        "MAIL_URL",
        "BASE_URL",
    }
    with pytest.raises(ConfigError, match=r"(?s)PORT.*SECRET_KEY"):
        Config.from_env({**PRODUCTION, "SECRET_KEY": "", "PORT": "x"})


def test_a_relative_file_is_under_the_project():
    config = Config.from_env({"MUTUALIM_ENV": "testing", "DATABASE_URL": "sqlite:///var/x.sqlite3"})
    assert config.database_url == f"sqlite:///{ROOT}/var/x.sqlite3"


def test_a_command_with_wrong_settings_ends_in_the_list_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTUALIM_ENV", "prod")
    with pytest.raises(SystemExit, match=r"(?s)MUTUALIM_ENV.*SECRET_KEY"):
        wsgi.create_app()


def test_a_server_leaves_alone_what_is_built_for_good(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("EMBEDDED_WORKER", "0")
    before, known = gc.get_threshold(), gc.get_freeze_count()
    try:
        wsgi.server()
        assert gc.get_freeze_count() > known
        assert gc.get_threshold()[0] > 700  # as Python has it
    finally:
        gc.set_threshold(*before)


TEST_KEY, LIVE_KEY, SIGNING = "sk_test_" + "a1" * 12, "rk_live_" + "a1" * 12, "whsec_" + "a1" * 12


def test_stripe_is_off_unless_set(tmp_path):
    assert not Config.from_env({"DATA_DIR": str(tmp_path)}).has_stripe
    assert not Config.from_env(PRODUCTION).has_stripe
    assert Config.from_env(
        {**PRODUCTION, "STRIPE_SECRET_KEY": LIVE_KEY, "STRIPE_WEBHOOK_SECRET": SIGNING}
    ).has_stripe


@pytest.mark.parametrize(
    "environ",
    [
        {"STRIPE_SECRET_KEY": TEST_KEY, "STRIPE_WEBHOOK_SECRET": SIGNING},  # no play money in production
        {"STRIPE_SECRET_KEY": "pk_live_" + "a1" * 12, "STRIPE_WEBHOOK_SECRET": SIGNING},
        {"STRIPE_SECRET_KEY": LIVE_KEY},
        {"STRIPE_WEBHOOK_SECRET": SIGNING},
        {"STRIPE_SECRET_KEY": LIVE_KEY, "STRIPE_WEBHOOK_SECRET": "secret"},
        {"STRIPE_SIMULATION": "1"},
    ],
)
def test_one_clear_error_about_stripe(environ):
    (only,) = problems(**environ)
    assert only.startswith(("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_SIMULATION"))
    assert not any(len(value) > 1 and value in only for value in environ.values())


def test_no_real_money_outside_production(tmp_path):
    here = {"DATA_DIR": str(tmp_path)}
    for more in (
        {"STRIPE_SECRET_KEY": LIVE_KEY, "STRIPE_WEBHOOK_SECRET": SIGNING},
        {"STRIPE_SECRET_KEY": TEST_KEY, "STRIPE_WEBHOOK_SECRET": SIGNING, "STRIPE_SIMULATION": "1"},
    ):
        with pytest.raises(ConfigError) as refused:
            Config.from_env(here | more)
        assert len(refused.value.problems) == 1
    assert Config.from_env({**here, "STRIPE_SIMULATION": "1"}).has_stripe
