"""A parent can read why a price is what it is."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.explain import Pen, discount_sentence, in_french, line_sentence, reasons, written_percent
from domain.pricing.rules import (
    Band,
    Explanation,
    Method,
    PriceFacts,
    PriceRule,
    Residence,
    Situation,
    Tariff,
    TariffVersion,
    unit_price,
)

DAY = date(2026, 11, 12)
EFFORT = PriceRule(Method.EFFORT, rate_ppm=3600, floor_cents=260, ceiling_cents=450)
RULES = (
    EFFORT,
    PriceRule(Method.FLAT, residence=Residence.NON_RESIDENT, amount_cents=680),
    PriceRule(Method.FLAT, situation=Situation.PAI, amount_cents=175),
    PriceRule(Method.PERCENT, situation=Situation.UNRESERVED, percent_bp=15_000),
    PriceRule(Method.SLICE, formula_key="childcare", amount_cents=115, slice_minutes=30),
    PriceRule(
        Method.BANDS,
        formula_key="bands",
        bands=(Band(0, 60_000, 100), Band(60_000, 100_000, 305), Band(100_000, None, 310)),
    ),
)
MEALS = Tariff(1, "Cantine", "repas", "repas", (TariffVersion(1, date(2026, 9, 1), None, RULES),))
HOURS = Tariff(2, "Garderie", "garderie", "garderies", MEALS.versions)


def price(quotient_cents, tariff=MEALS, **facts):
    return unit_price(tariff, PriceFacts(quotient_cents, **facts), DAY)


def said(text):
    return text.replace("\u00a0", " ")


def test_the_sentence_of_a_line():
    meal = price(85_000)

    sentence = line_sentence(16, meal.unit_cents, meal.explanation)

    assert said(sentence) == "16 repas × 3,06 € : QF 850 × 0,36 %, tarif du 1er sept. 2026"
    assert "\u00a0€\u00a0:" in sentence
    assert "0,36\u00a0%" in sentence


def test_one_unit_is_singular():
    stay = price(None, HOURS, formula_key="childcare", minutes=20)

    assert said(line_sentence(1, stay.unit_cents, stay.explanation)) == (
        "1 garderie × 1,15 € : 1 tranche de 30 min commencée, à 1,15 €, tarif du 1er sept. 2026"
    )
    assert said(line_sentence(2, stay.unit_cents, stay.explanation)).startswith("2 garderies × 1,15 €")


@pytest.mark.parametrize(
    ("quotient_cents", "facts", "expected"),
    [
        (50_000, {}, "QF 500 × 0,36 %, prix plancher"),
        (200_000, {}, "QF 2000 × 0,36 %, prix plafond"),
        (104_951, {}, "QF 1049,51 × 0,36 %"),
        (None, {}, "sans quotient familial valable, prix plafond"),
        (85_000, {"residence": Residence.NON_RESIDENT}, "prix fixe, hors commune"),
        (85_000, {"residence": Residence.PARTNER}, "QF 850 × 0,36 %, commune partenaire"),
        (85_000, {"situation": Situation.PAI}, "prix fixe, panier-repas du PAI"),
        (85_000, {"situation": Situation.ABSENCE}, "QF 850 × 0,36 %, absence non annulée à temps"),
        (
            85_000,
            {"situation": Situation.UNRESERVED},
            "QF 850 × 0,36 %, présence non réservée, 150 % de 3,06 €",
        ),
        (
            85_000,
            {"formula_key": "childcare", "minutes": 92},
            "4 tranches de 30 min commencées, à 1,15 €",
        ),
        (85_000, {"formula_key": "bands"}, "QF 850, tranche de 600 à moins de 1000"),
        (120_000, {"formula_key": "bands"}, "QF 1200, tranche 1000 et plus"),
        (None, {"formula_key": "bands"}, "sans quotient familial valable, tranche la plus élevée"),
    ],
)
def test_each_method_and_case_is_said(quotient_cents, facts, expected):
    explanation = price(quotient_cents, **facts).explanation

    assert said(reasons(explanation)) == f"{expected}, tarif du 1er sept. 2026"


def test_a_sibling_discount_is_said():
    assert said(discount_sentence(2, 1000, 8449)) == "2e enfant : 10 % de moins sur 84,49 €"


def test_percentages_have_no_useless_zero():
    assert said(written_percent(Decimal(100))) == "100 %"
    assert said(written_percent(Decimal("12.50"))) == "12,5 %"


def test_words_can_be_translated():
    loud = Pen(say=lambda text, /, **values: in_french(text, **values).upper(), percent="{:.2f}%".format)

    shouted = reasons(price(50_000).explanation, loud)

    assert shouted == "QF 500 × 0.36%, PRIX PLANCHER, TARIF DU 1ER SEPT. 2026"


@given(
    st.none() | st.integers(0, 300_000),
    st.sampled_from([Residence.RESIDENT, Residence.NON_RESIDENT, Residence.PARTNER]),
    st.sampled_from(Situation),
    st.sampled_from(["", "childcare", "bands"]),
    st.integers(0, 600),
)
def test_an_explanation_survives_being_kept(quotient_cents, residence, situation, formula_key, minutes):
    explanation = price(
        quotient_cents, residence=residence, situation=situation, formula_key=formula_key, minutes=minutes
    ).explanation

    kept = json.loads(json.dumps(explanation.to_dict()))

    assert Explanation.from_dict(kept) == explanation
    assert line_sentence(3, 100, Explanation.from_dict(kept)) == line_sentence(3, 100, explanation)
