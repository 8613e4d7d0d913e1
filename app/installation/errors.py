"""What the first run refuses: codes and facts; the sentences are in words.py."""

from app.core.errors import Conflict, Invalid


class WrongCode(Invalid):
    """This is not the code that the server showed last."""

    code = "wrong_installation_code"


class PlaceUnknown(Invalid):
    """No commune and no intercommunality is called `text`."""

    code = "territory_place_unknown"


class PlaceAmbiguous(Invalid):
    """Several places are called `text`: `choices` tells them apart."""

    code = "territory_place_ambiguous"


class DemoInUse(Conflict):
    """Real people made `names` in the demo's territory: they would go with it."""

    code = "demo_in_use"


class DemoAlready(Conflict):
    """The demo is here already."""

    code = "demo_already"
