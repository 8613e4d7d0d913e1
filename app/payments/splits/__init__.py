"""Who bears what: keys, ceilings and subsidies, to the cent. Pure (docs/money.md)."""
