"""What is written of money: postings, how organisations stand, what is checked, what is taken away."""
