"""The rows of money: charges posted and an organisation's balance, beside the same rows by the bare driver."""

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import count
from typing import Any, Final

from sqlalchemy import func, insert, select

from app.accounts.models import Organisation
from app.bench.amounts import drawn_charges
from app.bench.engine import Raw
from app.bench.timing import ROUNDS, Pace, Row, compare_ms
from app.core import clock
from app.core.ids import new_public_id
from app.core.money import WHOLE_BP
from app.infra.db import db
from app.infra.uow import atomic
from app.payments import queries, service
from app.payments.books.postings import CHARGED, EntryKind, Pair
from app.payments.models import LedgerEntry, LedgerLeg, LedgerSeal
from app.payments.splits.keys import SplitKey, by_weights
from app.payments.splits.splitting import Split, split
from app.payments.splits.subsidies import Subsidy
from app.payments.tariffs.pricing import PricedLine
from app.payments.tariffs.tariff import Meter, Tariff, TariffLine, VatRegime, When

CHARGES: Final = 1000
LEGS: Final = 100_000
AT_ONCE: Final = 5000  # entries that are filled in one statement
TARIFF: Final = Tariff((TariffLine(Meter.FLAT, 1),), VatRegime.OUT_OF_SCOPE)
_BALANCE = "SELECT currency, account, SUM(cents) FROM ledger_leg WHERE organisation_id = ? GROUP BY currency, account"
_turn = count(1)


def rows(targets: dict[str, float], raw: Raw, pace: Pace) -> list[Row]:
    """Measure on a seeded database; what is written stays in it."""
    posted, balance = f"{CHARGES:,} charges split and posted", f"balance over {LEGS:,} legs"
    scene = Scene()
    (ours, bare), slow = pace.around(lambda: scene.charges_ms(CHARGES, raw))
    scene.fill(LEGS)
    payee = scene.ids[-1]
    (read, read_bare), read_slow = pace.around(
        lambda: compare_ms(lambda: queries.balances(payee), lambda: raw.all(_BALANCE, payee), 10), ROUNDS
    )
    db.session.rollback()
    return [
        Row(posted, ours, "ms", bare, targets.get(posted), slow),
        Row(balance, read, "ms", read_bare, targets.get(balance), read_slow),
    ]


class Scene:
    """Organisations of a seeded database, and what they are charged."""

    def __init__(self) -> None:
        there = db.session.scalars(select(Organisation).order_by(Organisation.id)).all()
        self.ids = [organisation.id for organisation in there]
        self.territory_id = there[0].territory_id

    def charges_ms(self, number: int, raw: Raw) -> tuple[float, float]:
        """Time so many charges, each a transaction on the disk, by us and by the bare driver."""
        drawn = [self._charge(*charge) for charge in drawn_charges(number)]
        shared = [new.split for new in map(self._reckoned, drawn)]
        post_bare = partial(self._post_bare, raw)
        if raw.mark == "?":
            raw.all("PRAGMA synchronous = FULL")
        ours = _ms(lambda: [service.post_charge(self._reckoned(charge)) for charge in drawn])
        db.session.rollback()
        bare = _ms(lambda: [*map(post_bare, shared)])
        if raw.mark == "?":
            raw.all("PRAGMA synchronous = NORMAL")
        return ours, bare

    def _charge(self, lines: Sequence[Any], key: SplitKey, subsidy: Subsidy) -> "Drawn":
        """Give lines, payers and subsidiser the numbers of organisations that are there."""
        turn = next(_turn)
        named = {line.id: f"bench-{clock.epoch()}-{turn}/{line.id}" for line in lines}
        costs = tuple(
            service.NewLine(named[line.id], self.ids[line.payee_id], _flat(line.amount.cents), TARIFF)
            for line in lines
        )
        weights = {self.ids[payer]: weight for payer, weight in key.weights.items()}
        logistics = frozenset(named[line_id] for line_id in subsidy.line_ids or ())
        terms = Subsidy(self.ids[5], subsidy.rate_bp, line_ids=logistics, most_cents=subsidy.most_cents)
        return costs, by_weights(weights), terms

    def _reckoned(self, charge: "Drawn") -> service.NewCharge:
        lines, key, subsidy = charge
        shared = split([line.cost for line in lines], key, subsidies=[subsidy])
        return service.NewCharge(
            lines[0].key, self.territory_id, next(iter(key.weights)), "bench", "bench", lines, shared
        )

    def _post_bare(self, raw: Raw, shared: Split) -> int:
        """Write the same rows with nothing in between: no check, no look for the key, no way to do it again."""
        raw.all("BEGIN IMMEDIATE" if raw.mark == "?" else "BEGIN")
        now, public_id, who = clock.now().isoformat(), new_public_id(), self.ids[0]
        [(charge_id,)] = raw.all(
            "INSERT INTO charge (public_id, key, territory_id, organisation_id, subject_kind, subject_ref, currency, "
            "posted_at, snapshot) VALUES (?, ?, ?, ?, 'bench', 'bench', 'EUR', ?, '{}') RETURNING id",
            public_id, f"bare-{public_id}", self.territory_id, who, now,
        )  # fmt: skip
        line_ids = {
            share.line_id: raw.all(_LINE, charge_id, f"{public_id}/{share.line_id}", share.payee_id)[0][0]
            for share in {share.line_id: share for share in shared.shares}.values()
        }
        _each(
            raw,
            _SHARE,
            [(line_ids[each.line_id], each.payer_id, each.role, each.cents) for each in shared.shares],
        )
        dues = [(Pair(*pair), amount.cents) for pair, amount in shared.dues().items()]
        _each(raw, _DUE, [(new_public_id(), charge_id, *pair, cents) for pair, cents in dues])
        [(entry_id,)] = raw.all(_ENTRY, f"bare-{public_id}", now, self.territory_id, charge_id)
        _each(raw, _LEG, [(entry_id, *leg) for pair, cents in dues for leg in CHARGED.legs(pair, cents)])
        raw.all("INSERT INTO ledger_seal (entry_id) VALUES (?)", entry_id)
        raw.all("COMMIT")
        return len(dues)

    def fill(self, legs: int) -> None:
        """Give the last organisation so many legs, in bulk."""
        pair, key = Pair(self.ids[0], self.ids[-1]), new_public_id()
        there = select(func.count()).where(LedgerLeg.organisation_id == self.ids[-1])
        for start in range(db.session.scalar(there) or 0, legs, 2 * AT_ONCE):
            numbers = range(start // 2, min(start // 2 + AT_ONCE, legs // 2))
            with atomic(durable=True) as session:
                entries = [self._entry(f"fill-{key}-{number}") for number in numbers]
                found = session.scalars(insert(LedgerEntry).returning(LedgerEntry.id), entries).all()
                session.execute(
                    insert(LedgerLeg),
                    [
                        leg._asdict() | {"entry_id": entry_id, "currency": "EUR"}
                        for entry_id in found
                        for leg in CHARGED.legs(pair, entry_id % 977 + 1)
                    ],
                )
                session.execute(insert(LedgerSeal), [{"entry_id": entry_id} for entry_id in found])

    def _entry(self, key: str) -> dict[str, Any]:
        own = {"key": key, "kind": EntryKind.CHARGE, "territory_id": self.territory_id}
        return own | {"at": clock.now(), "facts": {}}


Drawn = tuple[tuple[service.NewLine, ...], SplitKey, Subsidy]
_LINE = (
    "INSERT INTO charge_line (charge_id, key, payee_id, label, meter, quantity_milli, unit_cents, coefficient_bp, "
    "cents, public_cents, in_kind_cents, waiver_reason, vat_regime, vat_bp, vat_cents, snapshot) "
    "VALUES (?, ?, ?, 'bench', 'flat', 1000, 1, 10000, 1, 1, 0, '', 'out_of_scope', 0, 0, '{}') RETURNING id"
)
_SHARE = "INSERT INTO charge_share (line_id, payer_id, role, cents) VALUES (?, ?, ?, ?)"
_DUE = (
    "INSERT INTO due (public_id, charge_id, payer_id, payee_id, currency, cents, credited_cents, paid_cents) "
    "VALUES (?, ?, ?, ?, 'EUR', ?, 0, 0)"
)
_ENTRY = (
    "INSERT INTO ledger_entry (key, kind, at, territory_id, charge_id, facts) "
    "VALUES (?, 'charge', ?, ?, ?, '{}') RETURNING id"
)
_LEG = (
    "INSERT INTO ledger_leg (entry_id, organisation_id, account, counterparty_id, cents, currency) "
    "VALUES (?, ?, ?, ?, ?, 'EUR')"
)


def _flat(cents: int) -> PricedLine:
    out_of_scope = VatRegime.OUT_OF_SCOPE
    return PricedLine(
        "Forfait", Meter.FLAT, When.ALWAYS, Fraction(cents), 1, WHOLE_BP, cents, cents, out_of_scope, 0
    )


def _each(raw: Raw, statement: str, values: Sequence[tuple[object, ...]]) -> None:
    raw.connection.cursor().executemany(statement.replace("?", raw.mark), values)


def _ms(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000
