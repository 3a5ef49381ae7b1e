"""Refusals: the answers "no" that the rules give on purpose."""

from typing import Any


class Refusal(Exception):
    """The rules say no. Carries a stable code and facts; its French sentence is in templates/refusals/.

    Args:
        code: stable name of the reason, e.g. ``deadline_passed``.
        facts: values that the sentence shows (dates, names, amounts in cents).
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
