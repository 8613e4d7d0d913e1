"""What docs/deploy.md tells the reverse proxy agrees with the application."""

import re

from flask import Flask

from app.catalogue.views.photos import _MOST_UPLOADED
from app.web.drain import MOST_READ
from config import ROOT

DEPLOY = (ROOT / "docs/deploy.md").read_text()


def test_no_secret_address_reaches_the_proxys_log(app: Flask):
    hidden = [re.compile(pattern) for pattern in re.findall(r"^ +~(\^/\S+) +0;$", DEPLOY, re.MULTILINE)]
    secret = {rule.rule for rule in app.url_map.iter_rules() if {"secret", "token"} & set(rule.arguments)}
    assert len(secret) >= 8
    assert [rule for rule in sorted(secret) if not any(each.match(rule) for each in hidden)] == []
    assert "$http_referer" not in DEPLOY


def test_the_proxy_lets_through_what_the_application_refuses_in_words(app: Flask):
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", DEPLOY)
    assert int(megabytes) * 1024 * 1024 == MOST_READ
    assert max(_MOST_UPLOADED, app.config["MAX_CONTENT_LENGTH"]) < MOST_READ
