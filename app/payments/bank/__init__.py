"""What banks say and are told: account numbers, statements, and whom an amount is from."""
