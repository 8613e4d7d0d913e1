"""Icons and badges are written once: in the words of each language, and never mixing text with markup."""

from markupsafe import Markup

from app.web.i18n import speaking
from app.web.pieces import badge, icon


def test_a_badge_is_kept_for_each_language(app):
    with app.test_request_context("/"):
        french = [badge("refused") for _ in range(2)]
        with speaking("en"):
            english = badge("refused")
    assert "Refusé" in french[0] == french[1]
    assert "Refused" in english


def test_text_is_escaped_even_after_the_same_markup(app):
    with app.test_request_context("/"):
        assert "<b>" in icon("lock", Markup("<b>"))
        assert "&lt;b&gt;" in icon("lock", "<b>")


def test_an_unknown_state_is_shown_as_it_is(app):
    with app.test_request_context("/"):
        assert "&lt;odd&gt;" in badge("<Odd>")
