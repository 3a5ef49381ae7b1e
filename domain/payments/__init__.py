"""Payments: card tries, bank notifications, allocations, and the ledger."""
