"""Each main act twice: by keyboard alone, and without JavaScript; the same steps, the same end."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from demo.people import DEMO_PASSWORD, parent_email
from domain import clock
from domain.family.operations import add_child
from models.base import stamp_session
from models.engine import prepare_sqlite
from models.family import Guardian
from tests.browser.conftest import Portal
from tests.browser.hands import Hands, Keyboard, PlainMouse, hands_of
from tests.browser.test_main_job import PASSWORD, a_guardian_without_account, newest_mail, print_letter
from tests.browser.test_main_job import sign_in as click_in
from tests.documents.papers import pdf
from tests.support.households import ACTOR

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]
WAYS = {"keyboard": Keyboard, "no script": PlainMouse}
# One parent for each way, so that the second finds as much to do as the first.
PARENTS = {"keyboard": "alice", "no script": "chloe"}


@dataclass(frozen=True)
class Way:
    """One way to use the portal."""

    name: str
    hands: Hands
    portal: Portal

    @property
    def page(self) -> Page:
        """The page under the hands."""
        return self.hands.page

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.portal.url + path)

    def button(self, name: str | re.Pattern[str]) -> None:
        """Push a button of the page's body."""
        self.hands.press(self.page.locator("main").get_by_role("button", name=name).first)

    def link(self, name: str | re.Pattern[str]) -> None:
        """Follow a link of the page's body."""
        self.hands.press(self.page.locator("main").get_by_role("link", name=name).first)

    def write(self, label: str, text: str) -> None:
        """Type into a field."""
        self.hands.write(self.page.get_by_label(label, exact=True), text)

    def sees(self, words: str) -> None:
        """Expect words in the page's body."""
        expect(self.page.locator("main")).to_contain_text(re.compile(words))


def sign_in(way: Way, who: str, password: str = DEMO_PASSWORD) -> None:
    way.go("/connexion")
    way.write("Code famille ou adresse e-mail", who)
    way.write("Mot de passe", password)
    way.button("Me connecter")


@pytest.mark.parametrize("name", WAYS)
def test_a_familys_year(name: str, browser: Browser, portal: Portal, tmp_path: Path) -> None:
    with hands_of(browser, WAYS[name]) as hands:
        way = Way(name, hands, portal)
        sign_in(way, parent_email(PARENTS[name]))
        way.sees("Bonjour")
        if name == "keyboard":
            skip_to_the_content(way)
        choose_invoices(way)
        change_address(way, tmp_path)
        reserve_and_cancel(way)
        contest_a_line(way)
        pay(way)


def skip_to_the_content(way: Way) -> None:
    way.go("/accueil")
    way.page.keyboard.press("Tab")
    assert way.page.evaluate("document.activeElement.className") == "skip"
    way.page.keyboard.press("Enter")
    assert way.page.evaluate("document.activeElement.id") == "contenu"


def choose_invoices(way: Way) -> None:
    way.go("/compte/factures")
    other = way.page.locator("input[name=choice]:not(:checked)").first.get_attribute("id")
    way.hands.tick(way.page.locator(f"#{other}"))
    way.button("Enregistrer mon choix")
    way.sees("C’est noté")


def change_address(way: Way, folder: Path) -> None:
    """Send it empty first: the errors are announced, and each leads to its field."""
    way.go("/famille/adresse")
    way.button(re.compile("Transmettre|Envoyer"))
    summary = way.page.locator(".error-summary[role=alert]")
    expect(summary).to_be_visible()
    first = summary.get_by_role("link").first
    field = way.page.locator(first.get_attribute("href") or "")
    if way.name == "keyboard":
        expect(summary).to_be_focused()
    way.hands.press(first)
    expect(field).to_be_focused()
    paper = folder / "facture.pdf"
    paper.write_bytes(pdf())
    way.hands.write(way.page.locator("#line1"), "3 place du Marché")
    way.hands.write(way.page.locator("#postcode"), "45110")
    way.hands.write(way.page.locator("#city"), "Saint-Préau")
    way.hands.write(way.page.locator("#effective_on"), "2026-12-15")
    way.hands.give(way.page.locator("#proof"), paper)
    way.button(re.compile("Transmettre|Envoyer"))
    way.sees("est transmise")


def reserve_and_cancel(way: Way) -> None:
    way.go("/accueil")
    way.link(re.compile("^Réserver pour"))
    way.hands.press(way.page.locator("nav.pager a[rel=next]").first)
    name = way.page.locator("input[name=days]:not(:checked)").first.get_attribute("value")
    box = way.page.locator(f"input[name=days][value='{name}']")
    for wanted in (True, False):
        way.hands.tick(box)
        # The first of that name is for the Enter key alone.
        save = way.page.locator("main").get_by_role("button", name="Enregistrer", exact=True).last
        way.hands.press(save)
        way.sees("C’est enregistré")
        expect(box).to_be_checked(checked=wanted)


def contest_a_line(way: Way) -> None:
    way.go("/factures")
    way.hands.press(way.page.locator("a.whole").first)
    line = way.page.locator(".receipt-lines details").first
    way.hands.press(line.locator("summary"))
    way.hands.press(line.get_by_role("link", name=re.compile("Contester")))
    way.hands.write(way.page.locator("#message"), "Mon enfant était absent ce jour-là.")
    way.button("Transmettre au service")
    way.sees("transmis|service")


def pay(way: Way) -> None:
    way.go("/factures")
    way.hands.press(way.page.locator("a.whole").first)
    way.button(re.compile("^Payer"))
    if "/banque-essai" not in way.page.url:
        way.button(re.compile("Continuer"))
    way.button(re.compile("^Payer$"))
    way.sees("payé|reçu|Payée")


@pytest.mark.parametrize("name", WAYS)
def test_coming_in(name: str, browser: Browser, portal: Portal, tmp_path: Path) -> None:
    """A letter's secret, then a new family's account and the beginning of its declaration."""
    desk = browser.new_context(locale="fr-FR", accept_downloads=True)
    guardian_id, _family = a_guardian_without_account(portal)
    click_in(desk.new_page(), portal, "agent@saint-preau.example", DEMO_PASSWORD)
    code, secret = print_letter(desk.pages[0], portal, guardian_id, tmp_path)
    desk.close()

    with hands_of(browser, WAYS[name]) as hands:
        way = Way(name, hands, portal)
        email = f"{name.replace(' ', '.')}@courriel.example"
        activate(way, code, secret, f"lettre.{email}")
        way.page.context.clear_cookies()
        open_account(way, email)
        declare(way)


def activate(way: Way, code: str, secret: str, email: str) -> None:
    way.go("/activer")
    way.write("Code famille", code)
    way.write("Code secret", secret)
    way.button("Continuer")
    for field, text in (("#email", email), ("#password", PASSWORD), ("#password_again", PASSWORD)):
        way.hands.write(way.page.locator(field), text)
    way.button("Continuer")
    newest_mail(way.page, way.portal, email)
    way.hands.press(way.page.locator(".mail-text a[href*='/activer/confirmer/']"))
    sign_in(way, code, PASSWORD)
    way.sees("Bonjour")


def open_account(way: Way, email: str) -> None:
    way.go("/creer-un-compte")
    for field, text in (("#given_name", "Inès"), ("#family_name", "O’Dwyer"), ("#phone", "06 98 76 54 32")):
        way.hands.write(way.page.locator(field), text)
    for field, text in (("#email", email), ("#password", PASSWORD), ("#password_again", PASSWORD)):
        way.hands.write(way.page.locator(field), text)
    way.button("Créer mon compte")
    newest_mail(way.page, way.portal, email)
    way.hands.press(way.page.locator(".mail-text a[href*='/confirmation/']"))
    sign_in(way, email, PASSWORD)
    way.sees("Déclarer mon entourage")


def declare(way: Way) -> None:
    way.link("Mes coordonnées et mon adresse")
    for label, text in (
        ("Numéro et rue", "3 rue de l’Église"),
        ("Code postal", "45110"),
        ("Commune", "Saint-Préau"),
    ):
        way.write(label, text)
    way.button("Enregistrer et continuer")
    way.link("L’autre parent")
    way.hands.tick(way.page.get_by_label("Il n’y a pas d’autre parent à déclarer"))
    way.button("Enregistrer et continuer")
    way.sees("Mes enfants")


def add_small_child(portal: Portal, given_name: str) -> None:
    """Write down a child of Charlie's, of an age to enter school: Rose may be enrolled by then."""
    engine = create_engine(portal.env["DATABASE_URL"])
    prepare_sqlite(engine)
    now = clock.now()
    with Session(engine) as session:
        stamp_session(session, "test", now)
        charlie = session.scalars(select(Guardian).where(Guardian.email == parent_email("charlie"))).one()
        add_child(
            session,
            actor=ACTOR,
            now=now,
            family_id=charlie.family_id,
            family_name="Roux",
            given_name=given_name,
            born_on=date(2024, 5, 12),
        )
        session.commit()
    engine.dispose()


@pytest.mark.parametrize(("name", "child"), [("keyboard", "Lila"), ("no script", "Maé")])
def test_a_place_at_school(name: str, child: str, browser: Browser, portal: Portal, tmp_path: Path) -> None:
    add_small_child(portal, child)
    paper = tmp_path / "livret.pdf"
    paper.write_bytes(pdf())
    with hands_of(browser, WAYS[name]) as hands:
        way = Way(name, hands, portal)
        sign_in(way, parent_email("charlie"))
        way.go("/inscription-scolaire")
        way.link(f"Inscrire {child}")
        hands.tick(way.page.get_by_label("L’école de mon secteur"))
        way.button("Continuer")
        missing = way.page.locator("main").get_by_role("link", name=re.compile("Livret de famille"))
        if missing.count():
            hands.press(missing.first)
            hands.give(way.page.locator("input[type=file]"), paper)
            way.button("Transmettre")
        hands.tick(way.page.get_by_label(re.compile("J’atteste sur l’honneur")))
        way.button("Continuer")
        way.button("Envoyer la demande")
        way.sees("Demande D")
        way.link(re.compile("Retirer"))
        way.button(re.compile("Retirer"))
        way.sees("[Rr]etir")
