"""The use cases of the catalogue: the only writer of sites, resources and photos."""

from app.catalogue.service.composition import compose
from app.catalogue.service.imports import import_sites
from app.catalogue.service.packing import accept_packs
from app.catalogue.service.photos import (
    add_photo,
    describe_photo,
    move_photo,
    remove_photo,
    sweep_photos,
)
from app.catalogue.service.resources import (
    ShownPrice,
    archive_resource,
    create_resource,
    edit_resource,
    hold_still,
    refresh_search,
    restore_resource,
    show_price,
)
from app.catalogue.service.sites import (
    add_manager,
    archive_site,
    change_functions,
    create_site,
    edit_site,
    forget_contacts,
    remove_manager,
    restore_site,
)

__all__ = [
    "ShownPrice", "accept_packs", "add_manager", "add_photo", "archive_resource", "archive_site", "change_functions",
    "compose", "create_resource", "create_site", "describe_photo", "edit_resource", "edit_site", "forget_contacts",
    "hold_still", "import_sites", "move_photo", "refresh_search", "remove_manager", "remove_photo", "restore_resource",
    "restore_site", "show_price", "sweep_photos",
]  # fmt: skip
