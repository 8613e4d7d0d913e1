"""The use cases of a resource: created, edited, archived, restored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.catalogue.asks import is_priced_elsewhere
from app.catalogue.errors import BadFacts, BadTerms, PricedElsewhere, ResourceArchived, SiteArchived
from app.catalogue.events import ResourceChanged, ResourceCreated
from app.catalogue.folding import search_text
from app.catalogue.kinds import get_kind
from app.catalogue.models import Approval, OpeningMode, Resource, Site, Status, Visibility
from app.catalogue.policy import CataloguePermission as P
from app.catalogue.queries import every_resource
from app.catalogue.rules import FROM_PRICE, KM_PRICE, ResourceFacts, check_terms, settled_terms
from app.catalogue.service.common import (
    checked_name,
    checked_prose,
    free_slug,
    lock_row,
    touch,
    write,
)
from app.catalogue.service.two_step import keep_managers, refuse_if_nobody_can_agree
from app.catalogue.service.withdrawal import withdraw
from app.core import clock
from app.core.ids import new_public_id
from app.core.policy import Actor, require
from app.infra.audit import record
from app.infra.events import emit
from app.infra.uow import atomic

_USABLE = (Status.ACTIVE, Status.TO_CHECK, Status.OUT_OF_ORDER)  # archiving is a use case of its own


def create_resource(
    actor: Actor, site: Site, facts: ResourceFacts, *, expression: str | None = None
) -> Resource:
    """Share something at a site, with hours of its own (OSM syntax) or the site's.

    Raises Forbidden, NotFound (kind), NameMissing, BadFacts, BadTerms, LoanIsFree, TwoStepImpossible, SiteArchived,
    BadExpression.
    """
    require(actor, P.MANAGE_SITE, site)
    values = _values(facts)
    with atomic() as session:
        keep_managers(site.id)
        lock_row(site)
        if site.archived_at:
            raise SiteArchived(site=site.slug)
        now = clock.now()
        resource = Resource(
            public_id=new_public_id(), territory_id=site.territory_id, site_id=site.id, kind=facts.kind,
            slug=free_slug(Resource, facts.name, site.name), created_at=now, changed_at=now, **values,
        )  # fmt: skip
        resource.search_text = search_text(resource, site)
        session.add(resource)
        session.flush()
        if resource.approval == Approval.TWO_STEP:
            refuse_if_nobody_can_agree(site.id, "approval")
        record("resource", resource.id, "created", actor, territory_id=site.territory_id, name=resource.name)
        emit(ResourceCreated(resource.id, expression))
        return resource


def edit_resource(
    actor: Actor, resource: Resource, facts: ResourceFacts, *, revision: int | None = None
) -> list[str]:
    """Change what is said of a resource; give the names of what changed. The kind stays what it is.

    Raises as `create_resource`, EditedMeanwhile, ResourceArchived, PricedElsewhere, and CapacityBelowUse from who keeps
    promises.
    """
    require(actor, P.MANAGE_SITE, resource)
    values = _values(replace(facts, kind=resource.kind))
    with atomic():
        keep_managers(resource.site_id)
        lock_row(resource, revision)
        if resource.status == Status.ARCHIVED:
            raise ResourceArchived(resource=resource.slug)
        if is_priced_elsewhere(resource):
            if values["price_cents"] != resource.price_cents:
                raise PricedElsewhere
            values |= priced_as(resource, values["facts"])
        changed = write(resource, values)
        if "approval" in changed and resource.approval == Approval.TWO_STEP:
            refuse_if_nobody_can_agree(resource.site_id, "approval")
        if changed:
            resource.search_text = search_text(resource, resource.site)
            where = resource.territory_id
            record("resource", resource.id, "edited", actor, territory_id=where, changed=changed)
            emit(ResourceChanged(resource.id))
        return changed


def archive_resource(actor: Actor, resource: Resource) -> None:
    """Take a resource out of the catalogue; its bookings stay readable. Raises Forbidden, StillPromised."""
    require(actor, P.MANAGE_SITE, resource)
    with atomic():
        lock_row(resource)
        if resource.status != Status.ARCHIVED:
            withdraw(actor, [resource])


def restore_resource(actor: Actor, resource: Resource) -> None:
    """Bring an archived resource back, to be checked before its first use.

    Raises Forbidden, SiteArchived, TwoStepImpossible.
    """
    require(actor, P.MANAGE_SITE, resource)
    with atomic():
        keep_managers(resource.site_id)
        lock_row(resource)
        if resource.site.archived_at:
            raise SiteArchived(site=resource.site.slug)
        if resource.status != Status.ARCHIVED:
            return
        resource.status = Status.TO_CHECK
        if resource.approval == Approval.TWO_STEP:
            refuse_if_nobody_can_agree(resource.site_id)
        resource.search_text = search_text(resource, resource.site)
        touch(resource)
        record("resource", resource.id, "restored", actor, territory_id=resource.territory_id)
        emit(ResourceChanged(resource.id))


def hold_still(resource: Resource) -> None:
    """Keep a resource from being edited or asked for until the use case ends: its row is locked, then its guard."""
    lock_row(resource)
    emit(ResourceChanged(resource.id))


@dataclass(frozen=True)
class ShownPrice:
    """What a resource costs in one line; `is_from`: it is the lowest of several prices."""

    cents: int
    per: str
    km_cents: int = 0
    is_from: bool = False


def show_price(resource: Resource, price: ShownPrice) -> None:
    """Show, inside a use case, what a resource costs in one line: what is said in full elsewhere, or no longer."""
    lock_row(resource)
    if write(resource, priced_as(resource, resource.facts, price)):
        emit(ResourceChanged(resource.id))


def priced_as(
    resource: Resource, facts: Mapping[str, Any], price: ShownPrice | None = None
) -> dict[str, Any]:
    """Give the values of a price; None leaves it as it is known of the resource."""
    others = {name: value for name, value in facts.items() if name not in (KM_PRICE, FROM_PRICE)}
    if price is None:
        kept = {name: resource.facts[name] for name in (KM_PRICE, FROM_PRICE) if name in resource.facts}
        return {
            "price_cents": resource.price_cents,
            "price_per": resource.price_per,
            "facts": others | kept,
        }
    km = {KM_PRICE: price.km_cents} if price.km_cents and resource.kind == "vehicle" else {}
    lowest = {FROM_PRICE: True} if price.is_from else {}
    return {"price_cents": price.cents, "price_per": price.per, "facts": others | km | lowest}


def _values(facts: ResourceFacts) -> dict[str, Any]:
    kind = get_kind(facts.kind)
    parsed, errors = kind.parse(facts.facts)
    if errors:
        raise BadFacts(field="facts", errors=errors)
    check_terms(facts, kind.modes, kind.units)
    for name, allowed in (
        ("opening_mode", OpeningMode), ("approval", Approval), ("visibility", Visibility), ("status", _USABLE),
    ):  # fmt: skip
        if getattr(facts, name) not in list(allowed):
            raise BadTerms(field=name, reason="not_offered")
    return settled_terms(facts) | {
        "name": checked_name(facts.name),
        "subtype": kind.settle_subtype(facts.subtype, parsed),
        "description": checked_prose(facts.description, "description"),
        "house_rules": checked_prose(facts.house_rules, "house_rules"),
        "facts": parsed,
    }


def refresh_search() -> int:
    """Write anew the words by which every resource is found (labels may have changed); give how many differ."""
    with atomic():
        changed = 0
        for resource in every_resource():
            text = search_text(resource, resource.site)
            changed += text != resource.search_text
            resource.search_text = text
        return changed
