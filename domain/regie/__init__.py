"""The régie: the cashier's desk, from the opening float to the deposit slips."""
