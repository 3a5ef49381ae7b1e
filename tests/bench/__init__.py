"""Benchmarks: each beside a ceiling measured in the same run. Nothing here is a test, and no test asserts a time."""
