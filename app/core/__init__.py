"""Words everything else is said in: clock, span, errors, policy, states, ids. Standard library only, pure."""
