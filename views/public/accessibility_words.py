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
    held=49,
    without_object=27,
    unchecked=25,
    missed=(
        ("1.8", _l("Les documents que des familles ou d’autres services ont numérisés sont affichés tels quels")),
        ("8.7", _l("Sur une page en anglais, les textes écrits par la commune restent en français sans être signalés")),
        ("12.1", _l("Un menu, mais ni plan du site ni moteur de recherche pour tout le portail")),
        ("12.10", _l("Agents : des raccourcis d’une touche ne peuvent pas être coupés")),
        ("13.1", _l("Une session inactive se ferme sans avertissement ; ce qui était saisi n’est pas perdu")),
    ),
)  # fmt: skip
