"""Invoices: a month's run, lines that explain themselves, and what becomes of them."""
