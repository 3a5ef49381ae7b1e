"""What the accessibility statement says of the self-assessment in docs/accessibilite.md; a test compares them."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Assessment:
    """The 106 criteria of the RGAA in numbers, and those that are known not to be met, in words."""

    held: int
    without_object: int
    unchecked: int
    missed: tuple[tuple[str, str], ...]


ASSESSMENT = Assessment(
    held=55,
    without_object=25,
    unchecked=25,
    missed=(
        ("1.8", _l("Les documents que des familles ou d’autres services ont numérisés sont affichés tels quels")),
    ),
)  # fmt: skip
