"""What the catalogue refuses: codes and facts; the sentences are in words.py."""

from app.core.errors import Conflict, Invalid


class BadTerms(Invalid):
    """A term of use that cannot be; `field` names it.

    `reason` is out_of_bounds, not_offered, off_step, below_min, below_two_step and others.
    """

    code = "bad_terms"


class TwoStepImpossible(Invalid):
    """Two approvals that no two people of the site could give: `people` hold a function, `held` are those covered.

    `resources` names what asks for them; `field` tells the form where that was chosen from that of the managers.
    """

    code = "two_step_impossible"


class BadFacts(Invalid):
    """Facts that the kind refuses; `errors` maps each key to a code and what its sentence needs."""

    code = "bad_facts"


class LoanIsFree(Invalid):
    """Land under a loan for use must be free of charge in law."""

    code = "loan_is_free"


class PricedElsewhere(Conflict):
    """What a resource costs is said by its tariff: its price is not typed here."""

    code = "priced_elsewhere"


class NameMissing(Invalid):
    """A place or a resource needs a name that fits (`longest` characters)."""

    code = "name_missing"


class BadPostcode(Invalid):
    """A French postcode has five digits."""

    code = "bad_postcode"


class BadPoint(Invalid):
    """A point that cannot be right; `reason` is out_of_world, far (`km` from the commune), swapped or half."""

    code = "bad_point"


class CommuneUnknown(Invalid):
    """No commune is called like this (`typed`)."""

    code = "commune_unknown"


class CommuneAmbiguous(Invalid):
    """Several communes are called like this; `labels` are some of them."""

    code = "commune_ambiguous"


class BadPart(Invalid):
    """A `part` a resource cannot have; `reason` is itself, elsewhere, circle, none or too_many (`most` there are)."""

    code = "bad_part"


class BadPack(Invalid):
    """A unit that cannot fill this resource's: `reason` is not_counted, same, unknown or out_of_bounds (`most`)."""

    code = "bad_pack"


class PartOfOthers(Conflict):
    """Other resources (`names`) are made of it: they must let go of it before it is archived."""

    code = "part_of_others"


class EditedMeanwhile(Conflict):
    """Somebody else saved a change since the form was opened; `revision` is the present one."""

    code = "edited_meanwhile"


class StillPromised(Conflict):
    """Bookings lie ahead, so it cannot be archived; `count`, `first` and `last` (instants) tell of them.

    `kept` says of those that are only slots kept for somebody for a while, for whom and until when.
    """

    code = "still_promised"


class SiteArchived(Conflict):
    """A place that was archived must be restored before anything is put into it."""

    code = "site_archived"


class ResourceArchived(Conflict):
    """An archived resource must be restored before it is edited."""

    code = "resource_archived"


class PhotoMissing(Invalid):
    """No file was chosen."""

    code = "photo_missing"


class PhotoTooLarge(Invalid):
    """The file is above `most` bytes."""

    code = "photo_too_large"


class NotAPhoto(Invalid):
    """The content is no JPEG, PNG or WebP image, whatever its name says; `seen` is what it looks like, or ""."""

    code = "not_a_photo"


class PhotoTooManyPixels(Invalid):
    """The image unpacks to more than `most` million pixels."""

    code = "photo_too_many_pixels"


class PhotoTooSmall(Invalid):
    """The image has fewer than `least` pixels on a side."""

    code = "photo_too_small"


class TooManyPhotos(Conflict):
    """There are `most` photos already."""

    code = "too_many_photos"


class AltMissing(Invalid):
    """A photo needs a text for who does not see it (at most `longest` characters)."""

    code = "alt_missing"
