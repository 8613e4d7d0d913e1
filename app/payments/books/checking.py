"""What must hold of money, looked for row by row in the database: `flask payments check` (docs/money.md).

Each invariant is a statement that finds what breaks it, and one that counts what it was looked for in. They trust no
sum that is kept beside what it is the sum of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text

from app.infra.db import db
from app.payments.books.postings import MIRRORS, Account

SHOWN: Final = 5


@dataclass(frozen=True)
class Invariant:
    """Something that holds; `broken` selects a word for each thing of which it does not, `among` counts them all."""

    name: str
    broken: str
    among: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What was found of an invariant: among how many, how many break it, and the first of these."""

    name: str
    among: int
    broken: int
    first: tuple[str, ...]


# What statements below start from, each summed up from rows that never change.
_SUMS: Final = """WITH allocated AS (
    SELECT due_id, payment_id, SUM(cents) AS cents FROM allocation GROUP BY due_id, payment_id
), borne AS (
    SELECT s.id, s.line_id, s.payer_id, s.envelope_id, s.cents, COALESCE(c.cents, 0) AS credited FROM charge_share s
    LEFT JOIN (SELECT share_id, SUM(cents) AS cents FROM credit_share GROUP BY share_id) c ON c.share_id = s.id
), returned AS (
    SELECT payment_id, SUM(cents) AS cents FROM (
        SELECT payment_id, cents FROM refund WHERE state = 'made'
        UNION ALL SELECT payment_id, cents - beyond_cents FROM dispute WHERE state = 'lost'
    ) AS back GROUP BY payment_id
), held AS (
    SELECT envelope_id, SUM(cents) AS cents FROM envelope_hold WHERE state = 'held' GROUP BY envelope_id
), spent AS (
    SELECT envelope_id, SUM(cents - credited) AS cents FROM borne GROUP BY envelope_id
) """


_STRIPE_IDS: Final = " UNION ALL ".join(
    f"SELECT {column} AS name FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608  # words of ours
    for table, column in (
        ("stripe_account", "account_id"),
        ("stripe_payment", "session_id"),
        ("stripe_payment", "intent_id"),
        ("stripe_refund", "refund_id"),
        ("stripe_dispute", "dispute_id"),
        ("stripe_payout", "payout_id"),
    )
)


def _mirror(ours: Account, theirs: Account) -> Invariant:
    """What one has against another, and the other against it, come to nothing."""
    return Invariant(
        f"{ours}[R,P] + {theirs}[P,R] = 0",
        """SELECT payer_id || ' to ' || payee_id FROM (
            SELECT organisation_id AS payee_id, counterparty_id AS payer_id, currency, cents
            FROM ledger_leg WHERE account = :ours
            UNION ALL SELECT counterparty_id, organisation_id, currency, cents FROM ledger_leg WHERE account = :theirs
        ) AS both_sides GROUP BY payer_id, payee_id, currency HAVING SUM(cents) <> 0""",
        """SELECT COUNT(*) FROM (
            SELECT DISTINCT organisation_id, counterparty_id, currency FROM ledger_leg WHERE account = :ours
        ) AS pairs""",
        {"ours": ours, "theirs": theirs},
    )


INVARIANTS: Final = (
    Invariant(
        "entries are sealed",
        "SELECT key FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_seal s WHERE s.entry_id = e.id)",
        "SELECT COUNT(*) FROM ledger_entry",
    ),
    Invariant(
        "entries balance for each organisation",
        """SELECT e.key || ' of ' || l.organisation_id FROM ledger_entry e JOIN ledger_leg l ON l.entry_id = e.id
GROUP BY e.key, l.organisation_id, l.currency HAVING SUM(l.cents) <> 0
UNION ALL SELECT e.key FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_leg l WHERE l.entry_id = e.id)""",
        "SELECT COUNT(*) FROM (SELECT DISTINCT entry_id, organisation_id FROM ledger_leg) AS parts",
    ),
    *(_mirror(*accounts) for accounts in MIRRORS),
    Invariant(
        "what is owed is what the books say",
        """SELECT payer_id || ' to ' || payee_id FROM (
SELECT payer_id, payee_id, currency, cents - credited_cents - paid_cents AS cents FROM due UNION ALL
SELECT counterparty_id, organisation_id, currency, -cents FROM ledger_leg WHERE account = 'receivable'
) AS owed GROUP BY payer_id, payee_id, currency HAVING SUM(cents) <> 0""",
        "SELECT COUNT(*) FROM (SELECT DISTINCT payer_id, payee_id, currency FROM due) AS pairs",
    ),
    Invariant(
        "what is free of payments is what the books say",
        """SELECT payer_id || ' to ' || payee_id FROM (
SELECT payer_id, payee_id, currency, cents - allocated_cents - returned_cents AS cents FROM payment UNION ALL
SELECT counterparty_id, organisation_id, currency, cents FROM ledger_leg WHERE account = 'advance_received'
) AS free GROUP BY payer_id, payee_id, currency HAVING SUM(cents) <> 0""",
        "SELECT COUNT(*) FROM (SELECT DISTINCT payer_id, payee_id, currency FROM payment) AS pairs",
    ),
    Invariant(
        "what is set off comes to nothing",
        """SELECT 'organisation ' || organisation_id FROM ledger_leg WHERE account = 'offset'
GROUP BY organisation_id, currency HAVING SUM(cents) <> 0""",
        "SELECT COUNT(DISTINCT organisation_id) FROM ledger_leg WHERE account = 'offset'",
    ),
    Invariant(
        "deposits held are what the books say",
        """SELECT payer_id || ' to ' || payee_id FROM (
SELECT payer_id, payee_id, currency, cents FROM deposit WHERE state = 'received' AND method <> 'cheque' UNION ALL
SELECT counterparty_id, organisation_id, currency, cents FROM ledger_leg WHERE account = 'deposit_held'
) AS deposits GROUP BY payer_id, payee_id, currency HAVING SUM(cents) <> 0""",
        "SELECT COUNT(*) FROM deposit",
    ),
    Invariant(
        "payments are what the books say",
        """SELECT p.key FROM payment p LEFT JOIN (
SELECT e.payment_id, l.organisation_id, l.counterparty_id, SUM(l.cents) AS cents
FROM ledger_entry e JOIN ledger_leg l ON l.entry_id = e.id WHERE e.kind = 'payment' AND l.cents > 0
GROUP BY e.payment_id, l.organisation_id, l.counterparty_id
) AS booked ON booked.payment_id = p.id AND booked.organisation_id = p.payee_id AND booked.counterparty_id = p.payer_id
WHERE COALESCE(booked.cents, 0) <> p.cents""",
        "SELECT COUNT(*) FROM payment",
    ),
    Invariant(
        "what a payment is for is of its pair",
        """SELECT DISTINCT p.key FROM allocation a JOIN payment p ON p.id = a.payment_id JOIN due d ON d.id = a.due_id
WHERE p.payer_id <> d.payer_id OR p.payee_id <> d.payee_id OR p.currency <> d.currency""",
        "SELECT COUNT(*) FROM allocation",
    ),
    Invariant(
        "shares sum to the line",
        """SELECT l.key FROM charge_line l LEFT JOIN charge_share s ON s.line_id = l.id
GROUP BY l.key, l.cents HAVING l.cents <> COALESCE(SUM(s.cents), 0)""",
        "SELECT COUNT(*) FROM charge_line",
    ),
    Invariant(
        "dues sum up the shares",
        """SELECT charge_id || ': ' || payer_id || ' to ' || payee_id FROM (
SELECT l.charge_id, s.payer_id, l.payee_id, s.cents, s.credited
FROM borne s JOIN charge_line l ON l.id = s.line_id WHERE s.payer_id <> l.payee_id
UNION ALL SELECT charge_id, payer_id, payee_id, -cents, -credited_cents FROM due
) AS parts GROUP BY charge_id, payer_id, payee_id HAVING SUM(cents) <> 0 OR SUM(credited) <> 0""",
        "SELECT COUNT(*) FROM due",
    ),
    Invariant(
        "credits ≤ share",
        "SELECT 'share ' || id FROM borne s WHERE credited > cents OR credited < 0",
        "SELECT COUNT(*) FROM charge_share",
    ),
    Invariant(
        "allocations ≤ payment",
        """SELECT p.key FROM payment p LEFT JOIN allocated a ON a.payment_id = p.id
GROUP BY p.key, p.cents, p.allocated_cents, p.returned_cents
HAVING COALESCE(SUM(a.cents), 0) <> p.allocated_cents OR p.allocated_cents + p.returned_cents > p.cents
OR MIN(a.cents) < 0""",
        "SELECT COUNT(*) FROM payment",
    ),
    Invariant(
        "allocations ≤ due",
        """SELECT 'due ' || d.public_id FROM due d LEFT JOIN allocated a ON a.due_id = d.id
GROUP BY d.public_id, d.cents, d.paid_cents, d.credited_cents
HAVING COALESCE(SUM(a.cents), 0) <> d.paid_cents OR d.paid_cents + d.credited_cents > d.cents""",
        "SELECT COUNT(*) FROM due",
    ),
    Invariant(
        "refunds + lost disputes ≤ payment",
        """SELECT p.key FROM payment p LEFT JOIN returned r ON r.payment_id = p.id
WHERE COALESCE(r.cents, 0) <> p.returned_cents OR COALESCE(r.cents, 0) + p.disputed_cents > p.cents
UNION ALL SELECT key FROM dispute WHERE beyond_cents < 0 OR beyond_cents > cents""",
        "SELECT COUNT(*) FROM payment",
    ),
    Invariant(
        "envelopes ≥ 0",
        """SELECT 'envelope ' || e.public_id FROM subsidy_envelope e LEFT JOIN held h ON h.envelope_id = e.id
LEFT JOIN spent ON spent.envelope_id = e.id
WHERE COALESCE(h.cents, 0) <> e.held_cents OR COALESCE(spent.cents, 0) <> e.spent_cents
OR e.budget_cents < COALESCE(h.cents, 0) + COALESCE(spent.cents, 0)""",
        "SELECT COUNT(*) FROM subsidy_envelope",
    ),
    Invariant(
        "numbers without a gap",
        """SELECT 'series ' || s.issuer_id || '/' || s.kind || '/' || s.period
FROM document_series s LEFT JOIN document_number n ON n.series_id = s.id
GROUP BY s.id, s.issuer_id, s.kind, s.period, s.last_number
HAVING COUNT(n.id) <> s.last_number OR COALESCE(MAX(n.number), 0) <> s.last_number
OR COALESCE(MIN(n.number), 1) <> 1""",
        "SELECT COUNT(*) FROM document_number",
    ),
    Invariant(
        "documents have their numbers, and numbers their documents",
        """SELECT d.number FROM document d LEFT JOIN document_number n ON n.key = d.key WHERE n.id IS NULL
UNION ALL SELECT n.key FROM document_number n LEFT JOIN document d ON d.key = n.key
WHERE n.key LIKE 'document:%' AND d.id IS NULL""",
        "SELECT COUNT(*) FROM document",
    ),
    Invariant(
        "documents add up",
        """SELECT d.number FROM document d LEFT JOIN document_part p ON p.document_id = d.id
GROUP BY d.id, d.number, d.cents HAVING COALESCE(SUM(p.cents), 0) <> d.cents""",
        "SELECT COUNT(*) FROM document",
    ),
    Invariant(
        "payouts ≤ what came on line",
        """SELECT 'organisation ' || l.organisation_id FROM ledger_leg l JOIN ledger_entry e ON e.id = l.entry_id
WHERE l.account = 'clearing' AND (e.kind = 'payout' OR l.cents > 0)
GROUP BY l.organisation_id, l.currency HAVING SUM(l.cents) < 0""",
        "SELECT COUNT(*) FROM ledger_entry WHERE kind = 'payout'",
    ),
    Invariant(
        "one live session per due",
        """SELECT 'due ' || due_id FROM online_part WHERE is_live GROUP BY due_id HAVING COUNT(*) > 1
UNION ALL SELECT reference FROM stripe_payment WHERE state IN ('asked', 'open', 'processing')
GROUP BY reference HAVING COUNT(*) > 1""",
        "SELECT COUNT(*) FROM online_part",
    ),
    Invariant(
        "no Stripe id on two rows",
        f"SELECT name FROM ({_STRIPE_IDS}) AS ids GROUP BY name HAVING COUNT(*) > 1",  # noqa: S608  # words of ours
        f"SELECT COUNT(*) FROM ({_STRIPE_IDS}) AS ids",  # noqa: S608
    ),
    Invariant(
        "what was paid at Stripe is a payment here",
        """SELECT s.key FROM stripe_payment s LEFT JOIN payment p ON p.key = 'stripe:' || s.key
WHERE s.state = 'paid' AND s.reference LIKE 'online:%' AND (p.id IS NULL OR p.cents <> s.cents)""",
        "SELECT COUNT(*) FROM stripe_payment WHERE state = 'paid'",
    ),
)


def findings() -> Iterator[Finding]:
    """Look at each invariant in turn."""
    for invariant in INVARIANTS:
        among = db.session.scalar(text(invariant.among), invariant.values) or 0
        broken = [str(row[0]) for row in db.session.execute(text(_SUMS + invariant.broken), invariant.values)]
        yield Finding(invariant.name, among, len(broken), tuple(broken[:SHOWN]))


def broken() -> list[Finding]:
    """List the invariants that do not hold."""
    return [finding for finding in findings() if finding.broken]
