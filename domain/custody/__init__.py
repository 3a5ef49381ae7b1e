"""Custody: which of two families a child is with."""
