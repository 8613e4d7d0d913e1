"""The shell of every page in a real browser: nothing refused by the content policy, with and without script."""

import pytest


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("javascript", [True, False])
def test_every_component_shows_without_complaint(server, visitors, javascript, width):
    page = visitors.new(javascript=javascript, width=width)
    answer = page.goto(f"{server.url}/dev/composants")
    assert answer is not None
    assert answer.ok
    assert page.locator("main").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        "the page scrolls sideways"
    )


def test_an_installation_with_nothing_in_it_shows_its_pages(empty_server, visitors):
    page = visitors.new(width=390)
    for path in ("/", "/ressources", "/ressources?type=kitchen", "/structures", "/connexion", "/inscription"):
        answer = page.goto(f"{empty_server.url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("h1").count() == 1
    page.goto(f"{empty_server.url}/ressources")
    assert page.locator("#results a").count() > 0  # never a dead end
