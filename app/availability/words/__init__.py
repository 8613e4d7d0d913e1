"""Words for time and capacity: why not, and what instead, in the reader's language.

`refusal_words` says one refusal about one resource; the sentences of errors are registered with `app.web.words`.
"""

from app.availability.words import errors, opening
from app.availability.words.hours import hours_words
from app.availability.words.refusals import Said, refusal_sentence, refusal_words
from app.availability.words.times import window_words

__all__ = [
    "Said",
    "errors",
    "hours_words",
    "opening",
    "refusal_sentence",
    "refusal_words",
    "window_words",
]
