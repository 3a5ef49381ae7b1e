"""Attendance: who came, and what is billed of it."""
