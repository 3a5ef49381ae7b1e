"""What a search gives: things of several kinds, each with what tells it from its like."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain.search.rules import Sought


class Kind(StrEnum):
    """What may be found."""

    FAMILY = "family"
    GUARDIAN = "guardian"
    CHILD = "child"
    INVOICE = "invoice"
    PAYMENT = "payment"
    PAYMENT_TRY = "payment_try"
    REFUND = "refund"
    MANDATE = "sepa_mandate"
    DEMARCHE = "demarche"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, with what tells it from its like; a caller shows what its reader may see.

    Attributes:
        state: the value of its state, if it has one.
        families: the files that it is of: number, name and code.
        people: the given names of a file's children.
    """

    kind: Kind
    id: int
    name: str
    state: str = ""
    code: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    born_on: date | None = None
    school: str = ""
    amount_cents: int | None = None
    families: tuple[tuple[int, str, str | None], ...] = ()
    people: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """What a text finds.

    Attributes:
        hits: by kind, the best first.
        more: the kinds of which there is more than is shown.
        near: the kinds found by near words only, because no row holds the words as they were typed.
    """

    sought: Sought
    hits: dict[Kind, list[Hit]] = field(default_factory=dict)
    more: set[Kind] = field(default_factory=set)
    near: set[Kind] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many things are shown."""
        return sum(len(hits) for hits in self.hits.values())
