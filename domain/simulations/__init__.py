"""Simulations: a price list tried on what was billed; nothing is ever billed by one."""
