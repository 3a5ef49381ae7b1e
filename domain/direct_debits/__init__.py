"""SEPA direct debit: mandates, batches, and what the bank returns."""
