"""The waiting room: when too many come at once, people are let in in order of arrival."""
