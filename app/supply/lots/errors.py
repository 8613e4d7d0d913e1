"""Why a lot cannot be entered, stored or handed over, and why a note cannot be signed: facts, no sentences."""

from app.core.errors import Conflict, Forbidden, Gone, Invalid
from app.core.states import IllegalMove


class NotOurLot(Forbidden):
    """The person does not act for the organisation whose lot or note it is."""

    code = "not_our_lot"


class BadLot(Invalid):
    """Something about a lot cannot be: `reason` is product, amount (`most` grams), package, origin, use_by,
    received_on.
    """

    code = "bad_lot"


class LotTwice(Conflict):
    """Lots of a chain (`product`, `entered` grams so far) with this one (`typed`) are more than it carries (`carried`).

    Whoever knows that it is another one, or really so much, says so.
    """

    code = "lot_twice"


class BadNote(Invalid):
    """Something about a hand-over cannot be: `reason` is nothing, too_many (`most` lots), same_side, receiver, people,
    at, early (`product`, that came on `day`), packages.
    """

    code = "bad_handover"


class LotShort(Conflict):
    """Less is left of a lot (`product`) than is to be handed over: `left` and `asked` grams.

    So many grams more (`waiting`) came back too warm, and nobody has said yet what becomes of them.
    """

    code = "lot_short"


class LotSpoilt(Conflict):
    """The use-by date of a lot (`product`, `use_by`) is past: nobody may eat it."""

    code = "lot_spoilt"


class LotGone(Conflict):
    """What was left of a lot (`product`) was destroyed."""

    code = "lot_gone"


class LotPromised(Conflict):
    """Nothing of a lot (`product`) is left to be destroyed: notes that nobody has received promise all of it."""

    code = "lot_promised"


class LotSettled(Conflict):
    """What is written of a lot (`product`) is not corrected any more: `reason` (rules.Settled)."""

    code = "lot_settled"


class NoteCorrected(Conflict):
    """A note says something else than what was read by who signs it: `by` and `is_own` tell who corrected it, `at` and
    `timezone` when.
    """

    code = "note_corrected"


class TemperatureMissing(Invalid):
    """What is chilled or frozen is measured when it changes hands, on both sides."""

    code = "temperature_missing"


class TemperatureOdd(Invalid):
    """No thermometer shows this: between `coldest` and `warmest` tenths of a degree."""

    code = "temperature_odd"


class SignatureMissing(Invalid):
    """Who signs types a name."""

    code = "signature_missing"


class NoteMovedOn(IllegalMove):
    """A note stands elsewhere (`state`) than where `act` is possible, since somebody signed, refused or cancelled it.

    `by` and `is_own` tell who, `at` and `timezone` when; `tenths` how warm it was when it was received. Of a draft,
    which nobody has signed, there is nothing of that.
    """

    code = "note_moved_on"


class IncidentClosed(IllegalMove):
    """Somebody (`by`, `is_own`) closed the incident (`at`, `timezone`); because it was only `mistyped`, perhaps."""

    code = "incident_closed"


class MeasuredAnew(Conflict):
    """What raised an incident was corrected (`was`, `right` tenths) since its closing form was opened.

    `by` and `is_own` tell who corrected it last, `at` and `timezone` when, `reason` why.
    """

    code = "measured_anew"


class CannotAnswer(Conflict):
    """A signature is not to be confirmed or contested: `reason` is own (of an account), answered, over (`days`)."""

    code = "cannot_answer"


class ReceivedOdd(Invalid):
    """What was received is between nothing and what was given (`given` grams); nothing at all is a refusal."""

    code = "received_odd"


class PlaceUnfit(Conflict):
    """A place (`place`, `keeps`) is not as cold as the lot needs (`regime`); `fitting` are the names of others."""

    code = "place_unfit"


class PlaceBroken(Conflict):
    """The cold chain of a place (`place`) broke: nothing is put there before its incident (`incident`) is closed.

    `fitting` are the names of other places.
    """

    code = "place_broken"


class LotFlagged(Conflict):
    """The cold chain of a lot (`product`) broke: nobody hands it over while the incident (`incident`) is open."""

    code = "lot_flagged"


class NotAStore(Conflict):
    """Temperatures are read in places that keep one: nobody said which one this place keeps."""

    code = "not_a_store"


class ReadingSettled(Conflict):
    """A reading can be corrected or confirmed for so many `hours`: after that it stays as it is."""

    code = "reading_settled"


class ReadingCounts(Conflict):
    """An incident (`incident`) was closed on what a reading says, or as `mistyped` on what it was corrected to."""

    code = "reading_counts"


class NotAnswering(Forbidden):
    """The person does not answer for the place or the hand-over where the cold chain broke."""

    code = "not_answering"


class OutcomeMissing(Invalid):
    """Nobody said what becomes of a lot (`product`) of an incident that is to be closed."""

    code = "outcome_missing"


class NotColdAgain(Invalid):
    """An incident of a place (`place`) is closed with a fresh reading in range, or with a reason why there is none."""

    code = "not_cold_again"


class StillAlarm(Conflict):
    """An incident is closed as a typing mistake once none of the readings that raised it is an alarm any more."""

    code = "still_alarm"


class BadPeriod(Invalid):
    """An evidence pack is from one day to a later one, not to come, and `days` long at most."""

    code = "bad_period"


class TooManyInspectionLinks(Conflict):
    """An organisation has as many links for whoever checks as we keep: `most`."""

    code = "too_many_inspection_links"


class InspectionOver(Gone):
    """The link for whoever checks has expired, or was `ended` by the `organisation` (its name), `at` (`timezone`).

    Of a link that nobody knows (any more) there is no organisation.
    """

    code = "inspection_over"


class NotAuthorised(Conflict):
    """Food aid goes to who is authorised for it: `name` is not (`standing`), and nobody has allowed it."""

    code = "not_authorised"
