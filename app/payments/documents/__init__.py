"""WHAT IS ON PAPER: invoices, credit notes, receipts and statements of what is owed and paid. Knows no booking."""
