"""Prices: tariffs as data, and the reasons of every amount."""
