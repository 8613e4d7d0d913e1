"""What cannot all be had, by numbers alone: which groups are one contest, and what a proposal takes beside its request."""

import pytest

from app.availability.rules import Taken
from app.bookings.rivals import Group, Want, of_several, one_or_the_other

# Bookings of a first series, of a second, and three that stand alone.
S1, S2 = {1: ("series", 1), 2: ("series", 1), 3: ("series", 1)}, {11: ("series", 2), 12: ("series", 2)}
KEYS = S1 | S2 | {number: ("booking", number) for number in (21, 22, 23)}


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        pytest.param([{21, 22}], [{21, 22}], id="two requests"),
        pytest.param([{1, 2}], [], id="a series and itself"),
        pytest.param([{1, 11}, {2, 12}], [{1, 2, 11, 12}], id="two series, week after week"),
        pytest.param([{1, 21}, {3, 22}], [{1, 21}, {3, 22}], id="two others on two days of a series"),
        pytest.param([{1, 11}, {2, 12, 21}], [{1, 2, 11, 12, 21}], id="a third on one of the days"),
        pytest.param(
            [{1, 11}, {2, 12, 21}, {3, 22}], [{1, 2, 11, 12, 21}, {3, 22}], id="and a fourth on another"
        ),
        pytest.param([{1, 2, 21}], [{1, 2, 21}], id="a long stay over two dates"),
    ],
)
def test_the_same_requests_on_several_days_are_one_contest(met, expected):
    found = of_several([Group(frozenset(each), frozenset({7})) for each in met], KEYS)
    assert [set(each.booking_ids) for each in found] == expected


def test_what_is_scarce_on_any_of_the_days_is_named():
    days = [Group(frozenset({1, 11}), frozenset({7})), Group(frozenset({2, 12}), frozenset({8}))]
    assert of_several(days, KEYS)[0].scarce == {7, 8}


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        pytest.param((20, 30, 2), [(0, 10, 2)], id="apart"),
        pytest.param((0, 10, 2), [], id="the same"),
        pytest.param((5, 15, 2), [(0, 5, 2)], id="it begins earlier"),
        pytest.param((3, 6, 2), [(0, 3, 2), (6, 10, 2)], id="it is longer on both sides"),
        pytest.param((3, 6, 1), [(0, 3, 2), (3, 6, 1), (6, 10, 2)], id="and more"),
        pytest.param((0, 10, 3), [], id="less of it"),
    ],
)
def test_a_proposal_takes_what_is_more_than_what_was_asked_for(asked, left):
    other = Taken(0, 10, 1, 6, "booking")
    start, end, qty = asked
    want = Want(1, 7, 4, start, end, qty, 9)
    found = one_or_the_other({7: [Taken(0, 10, 2, 5, "booking"), other]}, [want], {1: 5})
    kept = [(each.start, each.end, each.qty) for each in found[7] if each.hold_id == 5]
    assert kept == left
    assert other in found[7]
