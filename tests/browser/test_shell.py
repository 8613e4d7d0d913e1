"""The shell of every page in a real browser: nothing refused by the content policy, with and without script."""

import pytest


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("javascript", [True, False])
def test_every_component_shows_without_complaint(empty_server, visitors, javascript, width):
    page = visitors.new(javascript=javascript, width=width)
    answer = page.goto(f"{empty_server.url}/dev/composants")
    assert answer is not None
    assert answer.ok
    assert page.locator("main").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        "the page scrolls sideways"
    )
