"""Whether the worker was told to stop: what can be left between two steps is left then, and goes on at the next start."""

from flask import current_app


def is_stopping() -> bool:
    """Whether no further step should be begun."""
    return bool(current_app.extensions["stopping"].is_set())
