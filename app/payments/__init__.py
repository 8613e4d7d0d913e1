"""Who owes: tariffs, charges, shares, ledger, payments. Knows no booking: a charge has an opaque subject."""
