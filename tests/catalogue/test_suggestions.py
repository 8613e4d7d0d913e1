"""Suggestions of communes know where the people of an installation live."""

import pytest

from tests import factories as f

HERE = ["44073", "44110"]  # Héric, Nort-sur-Erdre


@pytest.fixture
def suggested(client):
    return lambda q: [
        each["value"] for each in client.get(f"/communes?q={q}", headers={"Accept": "application/json"}).json
    ]


def test_the_communes_of_the_territory_come_first(suggested, session):
    assert suggested("héri")[0].startswith("Héricourt")  # the most populous, where nothing is known
    f.a_territory(communes=HERE)
    assert suggested("héri")[0] == "Héric (44810)"
    assert suggested("paris")[0].startswith("Paris")


def test_an_installation_of_several_territories_prefers_none(suggested, session):
    for _number in range(2):
        f.a_territory(communes=HERE)
    assert suggested("héri")[0].startswith("Héricourt")
