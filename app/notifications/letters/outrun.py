"""The letter about a chain that does not fit any more what it was asked for, to who looks after it."""

from flask_babel import gettext as _

from app.notifications.letters.facts import short
from app.notifications.letters.letter import Letter, link, rows
from app.supply.chains.outrun import MOVABLE, Outrun
from app.supply.chains.outrun_words import misfit_words
from app.supply.chains.words import carried_words


def chain_outrun(outrun: Outrun) -> Letter:
    """Tell in what it does not fit, and what can be done."""
    chain = outrun.chain
    if MOVABLE.issuperset(outrun.misfits):
        do = _("Move its elements and the hand-over, or cancel everything and prepare it anew.")
    else:
        do = _("Cancel everything and prepare it anew.")
    return Letter(
        subject=_("To be looked at: chain “%(purpose)s”", purpose=short(chain.bundle.purpose)),
        paragraphs=(
            _("What this chain is for was changed after you had asked for it: it does not fit any more."),
            *misfit_words(outrun),
        ),
        facts=rows((_("What the chain carries"), carried_words(chain)), (_("Number"), chain.bundle.ref)),
        action=link(_("See the chain"), "chains.show", chain_ref=chain.bundle.ref),
        after=(do,),
    )
