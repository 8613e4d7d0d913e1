"""Words everything else is said in: clock, span, money, errors, policy, states, ids. Standard library only, pure."""
