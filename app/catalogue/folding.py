"""The words by which a resource is found, folded as people type: its name, kind, place and commune."""

from collections.abc import Iterator

from app.catalogue.communes import find_commune
from app.catalogue.kinds import find_kind
from app.catalogue.kinds.words import label
from app.catalogue.models import Resource, Site
from app.core.ids import plain
from app.web.i18n import speaking


def search_text(resource: Resource, site: Site) -> str:
    """Give the folded words of a resource: kinds are named in French, whoever edits in whatever language."""
    commune = find_commune(site.commune_code)
    words = [resource.name, *_kind_words(resource.kind, resource.subtype), site.name, site.postcode]
    words += [commune.name, *commune.postcodes] if commune else []
    return " ".join(dict.fromkeys(plain(" ".join(words)).split()))


def _kind_words(key: str, subtype: str) -> Iterator[str]:
    kind = find_kind(key)
    if kind is None:
        return
    sort = kind.find_subtype(subtype)
    with speaking("fr"):
        yield from (label(kind.label), label(kind.plural))
        if sort:
            yield label(sort.label)
