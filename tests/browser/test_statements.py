"""A parent downloads the tax certificate by herself, and reads her account."""

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from pypdf import PdfReader

from demo.people import DEMO_PASSWORD, parent_email
from tests.browser.conftest import Accessible, Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]


def test_a_parent_downloads_her_tax_certificate(
    portal: Portal, context: BrowserContext, accessible: Accessible
) -> None:
    page = context.new_page()
    page.goto(f"{portal.url}/connexion")
    page.get_by_label("Code famille ou adresse e-mail").fill(parent_email("alice"))
    page.get_by_label("Mot de passe", exact=True).fill(DEMO_PASSWORD)
    page.locator("main").get_by_role("button", name="Me connecter").click()

    page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Factures").click()
    page.get_by_role("link", name="Mes attestations").click()
    accessible.check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger l’attestation fiscale 2025").click()
    data = Path(download.value.path()).read_bytes()

    text = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(data)).pages).split())
    # Three Wednesdays at 12,60 €, whose meal is worth 3,50 €.
    assert "Total pour Jade Martin 27,30 €" in text
    assert "Alice Martin a payé en 2025" in text

    page.get_by_role("link", name="Voir mon relevé").click()
    page.get_by_label("Du", exact=True).fill(date(2025, 1, 1).isoformat())
    page.get_by_role("button", name="Voir cette période").click()
    expect(page.get_by_role("row", name=re.compile("^Facture F2025-000001"))).to_contain_text("75,60")
    accessible.check(page)
