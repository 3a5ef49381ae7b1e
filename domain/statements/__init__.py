"""Statements: tax certificates, attendance, account; drawn from what was paid, noted and written in the ledger."""
