"""What money asks of collection: the numbers of orders, by which what is owed is known at the bank."""

from collections.abc import Collection, Mapping

from app.payments.collection import queries
from app.payments.references import numbers


@numbers
def order_numbers(due_ids: Collection[int]) -> Mapping[int, str]:
    """Tell by which orders some dues are collected."""
    return queries.numbers_of(due_ids)
