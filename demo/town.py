"""Saint-Préau itself: who answers for it, where, and when its desk is open."""

from datetime import time

from models.town import ServiceHours, Town


def town() -> Town:
    """Return the town with its service, its legal facts and its account."""
    return Town(
        id=1,
        name="Saint-Préau",
        insee_code="45999",
        postcode="45110",
        school_zone="B",
        address="Hôtel de ville\n1 place de l’Église\n45110 Saint-Préau",
        phone="+33238000000",
        email="sej@saint-preau.example",
        opening_hours="Fermé le samedi pendant les vacances scolaires.",
        siret="21459990000017",
        publication_director="Mme Hélène Fontaine, maire de Saint-Préau",
        host="Syndicat numérique du Val (imaginaire), 4 rue des Serveurs, 45000 Orléans, 02 38 00 00 99",
        dpo_contact="Déléguée à la protection des données, hôtel de ville, 1 place de l’Église, 45110 Saint-Préau ; "
        "dpd@saint-preau.example",
        accent_color="#0F6B5C",
        # Not a creditor's nor an account's true numbers: only their check digits are right.
        sepa_creditor_id="FR73ZZZ599999",
        sepa_iban="FR7630001007941234567890185",
        sepa_bic="BDFEFRPP",
        handover_nature="Restauration scolaire et accueils de loisirs",
        tresor_contact="Service de gestion comptable, 2 rue du Trésor, 45110 Saint-Préau, 02 38 00 00 98.",
    )


def desk_hours() -> list[ServiceHours]:
    """Return Monday to Friday in two parts, and Saturday morning."""
    week = [
        ServiceHours(weekday=day, opens_at=opens, closes_at=closes)
        for day in range(5)
        for opens, closes in ((time(8, 30), time(12)), (time(13, 30), time(17)))
    ]
    return [*week, ServiceHours(weekday=5, opens_at=time(9), closes_at=time(12))]
