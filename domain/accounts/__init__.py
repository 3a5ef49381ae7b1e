"""Accounts of staff, and the browsers in which accounts are signed in."""
