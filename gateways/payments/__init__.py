"""Card payments: Paybox System, and the bank of development that answers in its place."""
