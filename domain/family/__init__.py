"""Families: their file, their people, and how they come into the portal."""
