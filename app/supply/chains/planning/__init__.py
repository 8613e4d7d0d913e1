"""Which chains are possible, and which is best: pure, from what is free to plans with their reasons."""
