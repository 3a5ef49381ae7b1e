"""The page checker sees what it is there to see."""

import pytest

from tests.support.page_checks import read_page

GOOD = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Vos factures – Saint-Préau</title></head>
<body><main><h1>Vos factures</h1>
<form method="post"><input type="hidden" name="csrf_token" value="x">
<label for="year">Année</label> <input id="year" name="year"><button type="submit">Voir</button></form>
</main></body></html>"""


def test_a_good_page_passes() -> None:
    read_page(GOOD, "/factures")


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('lang="fr"', 'lang="xx"', "which language"),
        ("<h1>Vos factures</h1>", "<h2>Vos factures</h2>", "0 h1"),
        ("<h1>Vos factures</h1>", "<h1>Vos factures</h1><h1>Encore</h1>", "2 h1"),
        ("<title>Vos factures", "<title>Factures", "does not begin"),
        ("<h1>Vos factures</h1>", "<h1>Vos factures</h1><h3>Payées</h3>", "h3 follows"),
        ("</form>", '</form><p id="year">2026</p>', "2 elements have the id"),
        ("</form>", '</form><p style="color:red">!</p>', "inline style"),
        ("</form>", "</form><script>alert(1)</script>", "inline script"),
        ("</form>", '</form><p onclick="x()">!</p>', "has onclick"),
        ("</form>", '</form><img src="/logo.png">', "no alt"),
        ("</form>", '</form><img alt="" src="https://ailleurs.example/x.png">', "another host"),
        ('for="year"', 'for="month"', "no label"),
        ('id="year"', 'id="year" aria-describedby="hint"', "nowhere"),
        ('<input type="hidden" name="csrf_token" value="x">', "", "no CSRF token"),
        ("<h1>Vos factures</h1>", "<h1>Vos factures</h1><p>Rien aujourd'hui.</p>", "apostrophe"),
        ("</form>", '</form><a href="#nulle-part">Aller</a>', "nowhere"),
        ("</form>", '</form><a href="/factures"></a>', "no words"),
        ("</form>", "</p></form>", "not strict HTML"),
        ("<h1>", '<div class="error-summary"></div><h1>', "above the h1"),
        ("</form>", '</form><div class="error-summary"></div>', "below a form"),
    ],
)
def test_a_fault_is_named(before: str, after: str, complaint: str) -> None:
    assert before in GOOD

    with pytest.raises(AssertionError, match=complaint):
        read_page(GOOD.replace(before, after, 1), "/factures")
