"""The language spoken: the reader's, another for a while, and the reader's again."""

import pytest
from flask_babel import gettext as _

from app.web.i18n import speaking, spoken_language


def test_another_language_is_spoken_only_for_a_while(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert (spoken_language(), _("Busy")) == ("en", "Busy")
        with speaking("fr"):
            assert (spoken_language(), _("Busy")) == ("fr", "Occupé")
            with speaking("en"):
                assert _("Busy") == "Busy"
            assert _("Busy") == "Occupé"
        assert (spoken_language(), _("Busy")) == ("en", "Busy")


def test_the_reader_is_spoken_to_again_after_a_failure(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        with pytest.raises(LookupError), speaking("fr"):
            raise LookupError
        assert _("Busy") == "Busy"


def test_french_is_spoken_where_nobody_chose(app):
    with app.app_context(), speaking("de"):
        assert spoken_language() == "fr"
