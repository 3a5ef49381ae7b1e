"""The words of privacy: what is held, how long, by which text, and what a purge removed.

Families meet the kinds of data in their language; the rest is for staff and for the archive, which is in French.
"""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from domain.privacy.rules import Kind

# What each table of the archive is called.
TABLES = {
    "user": "Compte", "user_session": "Navigateurs connectés", "data_request": "Demandes de données",
    "guardian": "Responsable", "activation_secret": "Courriers d’accès", "family": "Dossier de famille",
    "family_address": "Adresses", "quotient_familial": "Quotient familial", "voucher": "Aides",
    "trusted_person": "Personnes de confiance", "child": "Enfants", "child_family": "Enfants du foyer",
    "custody_arrangement": "Calendriers de garde", "guardian_right": "Vos droits sur les enfants",
    "health_sheet": "Fiches sanitaires", "pai": "Projets d’accueil individualisé", "document": "Pièces justificatives",
    "demarche": "Démarches", "address_change": "Changements d’adresse", "school_enrolment": "Inscriptions scolaires",
    "enrolment_request": "Demandes d’inscription scolaire", "sector_exemption": "Dérogations scolaires",
    "activity_registration": "Inscriptions aux activités", "reservation": "Réservations",
    "waiting_entry": "Listes d’attente", "wish_sheet": "Fiches de vœux", "wish": "Vœux",
    "attendance": "Présences pointées", "absence_justification": "Absences signalées", "invoice": "Factures et avoirs",
    "invoice_line": "Lignes de facture", "carried_amount": "Sommes reportées", "contested_line": "Lignes contestées",
    "quotient_revision": "Révisions du quotient", "adjustment": "Régularisations", "payment": "Paiements",
    "allocation": "Imputations", "refund": "Remboursements", "ledger_entry": "Mouvements du compte",
    "payment_try": "Paiements par carte", "bank_notification": "Avis de la banque",
    "sepa_mandate": "Mandats de prélèvement", "direct_debit": "Prélèvements", "outbox_mail": "Courriels envoyés",
    "audit_entry": "Journal des actes", "reminder": "Relances", "reminder_invoice": "Factures relancées",
    "handover": "Factures transmises au Trésor public", "recovery_pause": "Relances suspendues",
    "statement": "Attestations et relevés",
}  # fmt: skip

# What each kind of data is called, and for staff, how long it is kept and why.
KINDS = {
    Kind.REFUSED_REQUESTS: (
        _l("Demandes refusées ou retirées"),
        _l("Après la décision. Délai de recours et de réponse : un an suffit (RGPD, art. 5-1 e)."),
    ),
    Kind.DRAFTS: (
        _l("Déclarations et demandes commencées, jamais envoyées"),
        _l("Après la dernière saisie. Rien n’a été demandé à la commune (RGPD, art. 5-1 c)."),
    ),
    Kind.UNCONFIRMED_ACCOUNTS: (
        _l("Comptes jamais confirmés"),
        _l("Après leur création : l’adresse e-mail n’est peut-être pas celle de la personne."),
    ),
    Kind.HEALTH: (
        _l("Fiches sanitaires, PAI et pièces de santé"),
        _l(
            "Après la fin de l’année scolaire. Données de santé (RGPD, art. 9) : elles se renouvellent chaque année."
        ),
    ),
    Kind.DOCUMENTS: (
        _l("Pièces justificatives refusées ou périmées"),
        _l("Après le refus ou la fin de validité. Une pièce ne se garde que le temps de la démarche (CNIL)."),
    ),
    Kind.DEPARTED_FAMILIES: (
        _l("Dossiers des familles parties"),
        _l("Après le départ, une fois tout payé et répondu. Ce que la comptabilité exige reste, sans nom."),
    ),
    Kind.ACCOUNTING: (
        _l("Factures, paiements, mandats, présences facturées"),
        _l(
            "Dix ans au moins (comptabilité publique, Code du patrimoine). Ensuite les noms partent, les montants restent."
        ),
    ),
    Kind.LOGS: (
        _l("Journal des actes et adresses de connexion"),
        _l("Six mois à un an (CNIL, recommandation du 14 octobre 2021 sur la journalisation)."),
    ),
    Kind.SECRETS: (
        _l("Connexions fermées et codes d’accès usés"),
        _l("Après la dernière visite, ou une fois le code employé, remplacé ou périmé."),
    ),
    Kind.MAILS: (
        _l("Courriels envoyés"),
        _l("Après l’envoi : le temps de répondre à une réclamation."),
    ),
    Kind.IMPORTS: (
        _l("Fichiers importés par le service"),
        _l("Après l’import : les familles sont alors dans le portail."),
    ),
}

# What a public page says first; an import's file is the service's own affair.
TOLD = (
    Kind.DEPARTED_FAMILIES, Kind.HEALTH, Kind.DOCUMENTS, Kind.ACCOUNTING, Kind.REFUSED_REQUESTS, Kind.DRAFTS,
    Kind.UNCONFIRMED_ACCOUNTS, Kind.MAILS, Kind.LOGS, Kind.SECRETS,
)  # fmt: skip
YEAR = 12


def kept_by_kind(months: Mapping[Kind, int]) -> list[tuple[str, str, str]]:
    """Return what families are told of each kind of data: its name, how long it is kept, since when and why."""
    return [(KINDS[kind][0], period_words(kind, months[kind]), KINDS[kind][1]) for kind in TOLD]


def period_words(kind: Kind, months: int) -> str:
    """Return a period in words: whole years from the second, otherwise months."""
    if kind is Kind.HEALTH and not months:
        return _("Jusqu’à la fin de l’année scolaire")
    if months % YEAR or months == YEAR:
        return ngettext("%(num)s mois", "%(num)s mois", months)
    return _("%(years)s ans", years=months // YEAR)


# What each part of a purge is called.
PARTS = {
    "refused_requests": "demandes", "refused_families": "dossiers refusés", "draft_requests": "demandes en brouillon",
    "draft_families": "déclarations en brouillon", "unconfirmed_accounts": "comptes", "health_sheets": "fiches sanitaires",
    "pais": "PAI", "health_documents": "pièces de santé", "documents": "pièces", "departed_families": "familles",
    "invoices": "factures", "payments": "paiements", "card_tries": "paiements par carte", "bank_calls": "avis bancaires",
    "mandates": "mandats", "reservations": "réservations", "attendances": "présences", "audit_entries": "actes",
    "sign_ins": "comptes", "caller_addresses": "adresses d’appel", "sessions": "connexions",
    "activation_secrets": "codes d’accès", "mails": "courriels", "import_runs": "fichiers", "reminders": "relances", "handovers": "envois au Trésor public",
    "print_batches": "lots d’impression", "statements": "attestations et relevés", "recovery_pauses": "relances suspendues",
}  # fmt: skip

# Columns that only the archive shows; the others are named as on the screens of the service.
COLUMNS = {
    "language": "Langue", "uses_shortcuts": "Raccourcis d’une touche", "sent_on": "Envoyée le", "title": "Objet", "body": "Texte", "by_email": "Par e-mail",
    "due_cents": "Reste dû", "taken_back_at": "Reprise le", "taken_back_reason": "Motif de la reprise",
    "until_on": "Jusqu’au", "lifted_at": "Levée le", "first_on": "Premier jour", "last_on": "Dernier jour",
    "child": "Enfant", "activity": "Activité", "document_type": "Type de pièce", "school": "École",
    "school_year": "Année scolaire", "username": "Code famille pour se connecter", "confirmed_at": "Adresse confirmée le",
    "create_datetime": "Compte créé le", "update_datetime": "Compte modifié le", "current_login_at": "Dernière connexion",
    "last_login_ip": "Adresse IP, connexion précédente", "current_login_ip": "Adresse IP, dernière connexion",
    "login_count": "Nombre de connexions", "failed_sign_ins": "Mots de passe faux", "locked_until": "Bloqué jusqu’au",
    "tf_primary_method": "Double vérification", "tf_phone_number": "Téléphone de vérification",
    "pending_email": "Adresse à confirmer", "began_at": "Début", "seen_at": "Dernière visite", "ended_at": "Fin",
    "ip": "Adresse IP", "browser": "Navigateur", "asked_at": "Demandé le", "ready_at": "Prêt le",
    "expires_at": "Jusqu’au", "note": "Note", "birth_name": "Nom de naissance", "failed_tries": "Essais faux",
    "locked_at": "Bloqué le", "used_at": "Employé le", "revoked_at": "Remplacé le",
    "e_invoice_chosen_at": "Choix de la facture électronique", "left_on": "Départ de la famille",
    "departure_reason": "Motif du départ", "pseudonymised_at": "Dossier effacé le", "source": "Source",
    "reference_month": "Mois de référence", "used_cents": "Employé", "pattern": "Rythme de garde",
    "share_percent": "Part en pour cent", "has_parental_authority": "Autorité parentale", "may_reserve": "Peut réserver",
    "may_see_health": "Peut voir la santé", "allergies": "Allergies", "care_notes": "Soins", "doctor": "Médecin",
    "vaccines_up_to_date": "Vaccins à jour", "instructions": "Consignes", "brings_packed_meal": "Panier repas",
    "reminded_at": "Rappel envoyé le", "unlocated": "Adresse sans secteur", "is_domicile_sworn": "Domicile attesté sur l’honneur",
    "motive": "Motif", "details": "Précisions", "is_granted": "Accordé", "decided_on": "Décidé le",
    "regulation_version": "Version du règlement accepté", "regulation_accepted_at": "Règlement accepté le",
    "offer_expires_at": "Place proposée jusqu’au", "set_aside_reason": "Motif du service", "place": "Rang",
    "draw": "Tirage", "answer": "Réponse", "noted_at": "Noté le", "justified_at": "Justifiée le",
    "is_accepted": "Acceptée", "series": "Série", "fiscal_year": "Exercice", "sequence": "Rang dans la série",
    "payer_address": "Adresse du payeur", "printed_at": "Imprimée le", "child_name": "Enfant", "quantity": "Quantité",
    "unit_cents": "Prix unitaire", "message": "Message", "policy": "Règle appliquée", "difference_cents": "Différence",
    "applied_cents": "Appliqué", "refunded_cents": "Remboursé", "released_at": "Libérée le", "refunded_at": "Remboursé le",
    "currency": "Monnaie", "raw": "Message de la banque", "alert": "À vérifier", "handled_at": "Vérifié le",
    "handled_note": "Vérification", "announced_cents": "Montant annoncé", "reason_code": "Code de motif",
    "returned_on": "Rejeté le",
}  # fmt: skip
# What only the data file shows: marks of the program, and values within values.
UNSHOWN = frozenset(
    {
        "id",
        "updated_at",
        "answers",
        "segment",
        "declared",
        "set_aside",
        "earned",
        "explanation",
        "lines",
        "head",
        "facts",
    }
)
