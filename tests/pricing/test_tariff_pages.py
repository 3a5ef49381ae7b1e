"""The price lists' pages by their addresses: read, copied, changed whole, put in force, and by whom."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.pricing.queries import load_version
from domain.pricing.versions import versions_in_force
from models.activities import ActivityKind
from models.tariffs import SiblingDiscount, Tariff, TariffVersion
from tests.invoicing.support import NOVEMBER, ON_TIME, issue
from tests.support.households import Household, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff

CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY


@pytest.fixture
def house(store: Session, set_clock: Callable[..., None]) -> Household:
    set_clock(ON_TIME)
    made = make_household(store)
    store.commit()
    return made


@pytest.fixture
def staff(app: Flask, store: Session, house: Household) -> Callable[[Role], Visitor]:
    def sign_in(role: Role) -> Visitor:
        user = make_staff(store, f"{role.value}@mairie.example", role)
        store.commit()
        return Visitor(app).sign_in(user)

    return sign_in


@pytest.fixture
def admin(staff: Callable[[Role], Visitor]) -> Visitor:
    return staff(Role.ADMINISTRATOR)


def version_of(house: Household, kind: ActivityKind) -> TariffVersion:
    return versions_in_force(house.session, house.activity(kind).tariff_id)[0]


def draft_page(admin: Visitor, house: Household, kind: ActivityKind) -> Page:
    """Copy a price list to next September, and open the copy's form."""
    page = admin.get(f"/admin/tarifs/versions/{version_of(house, kind).id}/copier")
    return admin.submit(page, {"valid_from": "2027-09-01", "title": "Hypothèse A"})


def draft_of(house: Household) -> TariffVersion:
    house.session.expire_all()
    return house.session.scalars(select(TariffVersion).where(TariffVersion.is_draft)).one()


def test_a_version_shows_its_rules_its_examples_and_the_verdict(admin: Visitor, house: Household) -> None:
    page = admin.get(f"/admin/tarifs/versions/{version_of(house, CANTEEN).id}")

    assert "Grille complète" in page.text
    assert "0,36 % du quotient, au moins 2,60 €, au plus 4,50 €" in page.text
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in page.root.iter("tr") if row[0].text}
    # QF 300, 600, 850, 1200, 1800, and without quotient.
    assert [text.replace("\u00a0", " ") for text in rows["Familles de la commune"]] == [
        "2,60 €", "2,60 €", "3,06 €", "4,32 €", "4,50 €", "4,50 €",
    ]  # fmt: skip
    assert {text.replace("\u00a0", " ") for text in rows["Familles hors commune"]} == {"6,80 €"}


def test_a_grid_is_copied_changed_and_put_in_force(admin: Visitor, house: Household) -> None:
    page = draft_page(admin, house, CANTEEN)
    page = admin.submit(
        page, {"rules-0-rate_ppm": "0,40", "rules-0-ceiling_cents": "5", "deliberation": "Vote"}
    )
    assert "La grille est enregistrée et complète" in page.text
    draft = draft_of(house)

    page = admin.get(f"/admin/tarifs/versions/{draft.id}/mettre-en-vigueur")
    page = admin.submit(page, {})

    house.session.expire_all()
    first, second = versions_in_force(house.session, draft.tariff_id)
    assert (first.valid_to, second.valid_from, second.deliberation) == (
        date(2027, 9, 1),
        date(2027, 9, 1),
        "Vote",
    )
    rule = load_version(house.session, second).rules[0]
    assert (rule.rate_ppm, rule.ceiling_cents) == (4000, 500)
    assert "Les versions se suivent sans trou" in admin.get(f"/admin/tarifs/{draft.tariff_id}").text


def test_a_copy_may_be_put_in_force_at_once(admin: Visitor, house: Household) -> None:
    page = admin.get(f"/admin/tarifs/versions/{version_of(house, CANTEEN).id}/copier")

    page = admin.submit(page, {"valid_from": "2027-01-01", "is_at_once": "y"})

    assert "la version précédente s’arrête la veille" in page.text
    page = admin.get(page.links()["Restauration scolaire"])
    assert "Du 01/09/2026 au 31/12/2026" in page.text


def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(admin: Visitor, house: Household) -> None:
    page = draft_page(admin, house, STUDY)
    typed = {
        "rules-0-bands-1-low_cents": "0",
        "rules-0-bands-2-amount_cents": "deux euros",
        "rules-1-amount_cents": "",
        "deliberation": "Délibération du 12 juin",
    }

    page = admin.submit(page, typed, status=422)

    links = {link.get("href") for link in page.all("a")}
    assert {
        "#rules-0-bands-1-low_cents",
        "#rules-0-bands-2-amount_cents",
        "#rules-1-amount_cents",
    } <= links
    assert "Une autre tranche commence déjà à ce quotient" in page.text
    assert "Écrivez le prix, par exemple 3,05" in page.text
    values = {field.get("name"): field.get("value") for field in page.all("input")}
    assert {name: values[name] for name in typed} == typed
    assert load_version(house.session, draft_of(house)).rules[0].bands[1].low_cents == 60_000


def test_bands_end_where_the_next_begins_and_empty_rows_do_not_count(
    admin: Visitor, house: Household
) -> None:
    page = draft_page(admin, house, STUDY)
    page = admin.submit(page, {}, button="more=0")
    typed = {
        "rules-0-bands-1-low_cents": "", "rules-0-bands-1-amount_cents": "",
        "rules-0-bands-4-low_cents": "500", "rules-0-bands-4-amount_cents": "1,80",
    }  # fmt: skip

    admin.submit(page, typed)

    bands = load_version(house.session, draft_of(house)).rules[0].bands
    assert [(band.low_cents, band.high_cents, band.amount_cents) for band in bands] == [
        (0, 50_000, 150), (50_000, 100_000, 180), (100_000, 150_000, 240), (150_000, None, 270),
    ]  # fmt: skip


def test_the_first_band_begins_at_nothing(admin: Visitor, house: Household) -> None:
    page = draft_page(admin, house, STUDY)

    page = admin.submit(page, {"rules-0-bands-0-low_cents": "100"}, status=422)

    assert "La première tranche commence à 0" in page.text


def test_rules_are_added_and_taken_away_without_a_script(admin: Visitor, house: Household) -> None:
    page = draft_page(admin, house, CANTEEN)
    page = admin.submit(page, {"rules-1-is_removed": "y"}, button="more=rule")
    typed = {"rules-4-residence": "partner", "rules-4-method": "flat"}

    page = admin.submit(page, typed, status=422)
    assert "#rules-4-amount_cents" in {link.get("href") for link in page.all("a")}
    admin.submit(page, {"rules-4-amount_cents": "4,10"})

    rules = load_version(house.session, draft_of(house)).rules
    assert [(rule.residence.value, rule.situation.value) for rule in rules] == [
        ("any", "normal"), ("any", "pai"), ("any", "unreserved"), ("partner", "normal"),
    ]  # fmt: skip


def test_two_rules_for_one_case_are_refused_beside_the_second(admin: Visitor, house: Household) -> None:
    page = draft_page(admin, house, CANTEEN)

    page = admin.submit(page, {"rules-1-residence": "any"}, status=422)

    assert "Une autre règle vise déjà ce cas" in page.text


def test_a_draft_with_a_gap_is_kept_and_the_gap_is_told(admin: Visitor, house: Household) -> None:
    page = draft_page(admin, house, CANTEEN)

    page = admin.submit(page, {"rules-0-residence": "resident"})

    assert "Aucun prix pour « Familles d’une commune partenaire, prix normal »" in page.text.replace(
        "\u00a0", " "
    )
    assert "Mettre en vigueur" not in page.links()
    page = admin.get(f"/admin/tarifs/versions/{draft_of(house).id}/mettre-en-vigueur")
    assert "Cette version n’est pas complète" in page.text


def test_a_version_that_was_invoiced_is_copied_not_changed(admin: Visitor, house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    issue(house.session)
    house.session.commit()
    version = version_of(house, CANTEEN)
    path = f"/admin/tarifs/versions/{version.id}"

    page = admin.get(path)
    assert "ses prix ne changent plus" in page.text
    assert "Modifier la grille" not in page.links()
    page = admin.submit(admin.get(f"{path}/modifier"), {"rules-0-ceiling_cents": "9"}, status=422)

    assert "Copiez-la à une nouvelle date" in page.text
    assert load_version(house.session, version).rules[0].ceiling_cents == 450
    assert "elle reste" in admin.get(f"{path}/supprimer").text


def test_a_draft_is_deleted_on_its_own_page(admin: Visitor, house: Household) -> None:
    draft_page(admin, house, CANTEEN)
    draft = draft_of(house)

    page = admin.submit(admin.get(f"/admin/tarifs/versions/{draft.id}/supprimer"), {})

    assert "La version est supprimée" in page.text
    assert versions_in_force(house.session, draft.tariff_id) == [version_of(house, CANTEEN)]


def test_the_generated_screens_of_prices_only_show(admin: Visitor, house: Household) -> None:
    for name in ("tariffversion", "pricerule", "tariffband"):
        page = admin.get(f"/admin/{name}/")
        assert "Créer" not in page.links()
        assert admin.client.get(f"/admin/{name}/new/").status_code == 403


def test_a_new_formula_needs_a_price(admin: Visitor, house: Household) -> None:
    leisure = house.activity(ActivityKind.WEDNESDAY_LEISURE)
    page = draft_page(admin, house, ActivityKind.WEDNESDAY_LEISURE)
    removed = {f"rules-{number}-is_removed": "y" for number in (0, 1, 4)}
    page = admin.submit(page, removed)

    assert "Aucun prix pour « Familles de la commune, prix normal, Journée avec repas »" in page.text.replace(
        "\u00a0", " "
    )
    assert leisure.tariff_id == draft_of(house).tariff_id


def test_a_sibling_discount_is_a_percentage_or_a_price(admin: Visitor, house: Household) -> None:
    meals = str(house.activity(CANTEEN).tariff_id)
    typed = {"tariff_id": meals, "from_rank": "3", "valid_from": "2026-09-01", "amount_cents": "1,53"}

    page = admin.get("/admin/siblingdiscount/new/")
    refused = admin.submit(page, typed | {"percent_bp": "50"}, action="/siblingdiscount/new/")
    admin.submit(page, typed, action="/siblingdiscount/new/")

    assert "soit un pourcentage, soit un prix" in refused.text
    kept = house.session.scalars(select(SiblingDiscount).where(SiblingDiscount.from_rank == 3)).one()
    assert (kept.percent_bp, kept.amount_cents) == (None, 153)


@pytest.mark.parametrize(
    ("role", "reads", "prepares", "decides"),
    [
        (Role.ADMINISTRATOR, 200, 200, 200),
        (Role.REGISSEUR, 200, 200, 403),
        (Role.SCHOOL_AGENT, 200, 403, 403),
        (Role.ACTIVITY_LEADER, 403, 403, 403),
        (Role.PARENT, 403, 403, 403),
    ],
)
def test_who_opens_what(
    staff: Callable[[Role], Visitor], house: Household, role: Role, reads: int, prepares: int, decides: int
) -> None:
    visitor, version = staff(role), version_of(house, CANTEEN)
    paths = {
        "/admin/tarifs": reads,
        f"/admin/tarifs/{version.tariff_id}": reads,
        f"/admin/tarifs/versions/{version.id}": reads,
        f"/admin/tarifs/versions/{version.id}/copier": prepares,
        f"/admin/tarifs/versions/{version.id}/modifier": prepares,
        f"/admin/simulations/version/{version.id}": prepares,
        f"/admin/tarifs/versions/{version.id}/mettre-en-vigueur": decides,
    }

    assert {path: visitor.client.get(path).status_code for path in paths} == paths


def test_a_price_list_without_version_says_so(admin: Visitor, house: Household) -> None:
    house.session.add(Tariff(name="Séjours"))
    house.session.commit()

    page = admin.get("/admin/tarifs")
    assert "aucune version" in page.text
    page = admin.get(page.links()["Séjours"])
    page = admin.submit(admin.get(page.links()["Version vide"]), {"valid_from": "2027-09-01"})

    assert "Règle 1" in page.text
