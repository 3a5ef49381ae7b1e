"""Filling in the declaration as a parent does, page by page."""

from io import BytesIO

from tests.documents.papers import picture
from tests.support.pages import Page, Visitor

SELF = {
    "civility": "mme",
    "given_name": "Inès",
    "family_name": "O’Dwyer-Lefèvre",
    "phone": "06 12 34 56 78",
    "line1": "3 rue de l’Église",
    "postcode": "45110",
    "city": "Saint-Préau",
}
CHILD = {"given_name": "Zoé", "family_name": "O’Dwyer", "born_on": "2020-02-29", "sex": "F"}
GRANNY = {"full_name": "Maïté d’Arc", "relation": "grand-mère", "phone": "0238000001"}


def fill(visitor: Visitor, path: str, status: int = 200, **typed: object) -> Page:
    """Fill in the form of a page of the declaration."""
    return visitor.submit(visitor.get(f"/declaration/{path}"), typed, status=status)


def declare_all(visitor: Visitor, **care: object) -> Page:
    """Do every task but the documents; return the check page."""
    fill(visitor, "moi", **SELF)
    fill(visitor, "autre-parent", situation="none")
    page = fill(visitor, "enfants/ajouter", **CHILD)
    visitor.submit(page, care)
    fill(visitor, "personnes/ajouter", **GRANNY)
    visitor.submit(visitor.get("/declaration/personnes"))
    return visitor.get("/declaration/envoi")


def give(visitor: Visitor, page: Page, about: str) -> Page:
    """Give the document whose button's words contain ``about``."""
    links = [href for words, href in page.links().items() if words.startswith("Ajouter") and about in words]
    assert len(links) == 1, page.links()
    form = visitor.get(links[0])
    form.path = links[0]
    fields = {"files": (BytesIO(picture()), "page.png")}
    return visitor.submit(form, fields)
