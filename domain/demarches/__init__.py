"""Demarches: what a family asks of the town, and the answer it gets."""
