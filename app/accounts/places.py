"""Communes, as forms and pages of accounts need them. The catalogue has the table and plugs it in at start."""

from collections.abc import Callable

from app.accounts.errors import UnknownCommune


class _Gazetteer:
    """The two questions asked; until somebody plugs in, codes are taken and shown as they are."""

    find: Callable[[str], str | None] = staticmethod(lambda text: text if len(text) == 5 else None)
    label: Callable[[str], str | None] = staticmethod(lambda code: code)


_gazetteer = _Gazetteer()


def plug_in(find: Callable[[str], str | None], label: Callable[[str], str | None]) -> None:
    """Tell how a commune is found from its name or postcode (its INSEE code), and how a code reads."""
    _gazetteer.find = find
    _gazetteer.label = label


def commune_code(text: str) -> str | None:
    """Give the INSEE code for what somebody typed, None for nothing; raise UnknownCommune."""
    if not text.strip():
        return None
    code = _gazetteer.find(text.strip())
    if code is None:
        raise UnknownCommune(field="commune", text=text.strip())
    return code


def commune_label(code: str | None) -> str:
    """Write a commune for people: "Nozay (44170)"; empty when there is none."""
    return (_gazetteer.label(code) or code) if code else ""
