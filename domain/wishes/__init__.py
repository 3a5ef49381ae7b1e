"""Wishes: a window instead of a rush, then a ranked allocation that anybody may run again."""
