"""The words of privacy: what is held, how long, by which text, and what a purge removed."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from domain.privacy.rules import Kind

# What each table of the archive is called.
TABLES = {
    "user": _l("Compte"), "user_session": _l("Navigateurs connectés"), "data_request": _l("Demandes de données"),
    "guardian": _l("Responsable"), "activation_secret": _l("Courriers d’accès"), "family": _l("Dossier de famille"),
    "family_address": _l("Adresses"), "quotient_familial": _l("Quotient familial"), "voucher": _l("Aides"),
    "trusted_person": _l("Personnes de confiance"), "child": _l("Enfants"), "child_family": _l("Enfants du foyer"),
    "custody_arrangement": _l("Calendriers de garde"), "guardian_right": _l("Vos droits sur les enfants"),
    "health_sheet": _l("Fiches sanitaires"), "pai": _l("Projets d’accueil individualisé"), "document": _l("Pièces justificatives"),
    "demarche": _l("Démarches"), "address_change": _l("Changements d’adresse"), "school_enrolment": _l("Inscriptions scolaires"),
    "enrolment_request": _l("Demandes d’inscription scolaire"), "sector_exemption": _l("Dérogations scolaires"),
    "activity_registration": _l("Inscriptions aux activités"), "reservation": _l("Réservations"),
    "waiting_entry": _l("Listes d’attente"), "wish_sheet": _l("Fiches de vœux"), "wish": _l("Vœux"),
    "attendance": _l("Présences pointées"), "absence_justification": _l("Absences signalées"), "invoice": _l("Factures et avoirs"),
    "invoice_line": _l("Lignes de facture"), "carried_amount": _l("Sommes reportées"), "contested_line": _l("Lignes contestées"),
    "quotient_revision": _l("Révisions du quotient"), "adjustment": _l("Régularisations"), "payment": _l("Paiements"),
    "allocation": _l("Imputations"), "refund": _l("Remboursements"), "ledger_entry": _l("Mouvements du compte"),
    "payment_try": _l("Paiements par carte"), "bank_notification": _l("Avis de la banque"),
    "sepa_mandate": _l("Mandats de prélèvement"), "direct_debit": _l("Prélèvements"), "outbox_mail": _l("Courriels envoyés"),
    "audit_entry": _l("Journal des actes"), "reminder": _l("Relances"), "reminder_invoice": _l("Factures relancées"),
    "handover": _l("Factures transmises au Trésor public"), "recovery_pause": _l("Relances suspendues"),
    "statement": _l("Attestations et relevés"),
}  # fmt: skip

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
    "refused_requests": _l("demandes"), "refused_families": _l("dossiers refusés"), "draft_requests": _l("demandes en brouillon"),
    "draft_families": _l("déclarations en brouillon"), "unconfirmed_accounts": _l("comptes"), "health_sheets": _l("fiches sanitaires"),
    "pais": _l("PAI"), "health_documents": _l("pièces de santé"), "documents": _l("pièces"), "departed_families": _l("familles"),
    "invoices": _l("factures"), "payments": _l("paiements"), "card_tries": _l("paiements par carte"), "bank_calls": _l("avis bancaires"),
    "mandates": _l("mandats"), "reservations": _l("réservations"), "attendances": _l("présences"), "audit_entries": _l("actes"),
    "sign_ins": _l("comptes"), "caller_addresses": _l("adresses d’appel"), "sessions": _l("connexions"),
    "activation_secrets": _l("codes d’accès"), "mails": _l("courriels"), "import_runs": _l("fichiers"), "reminders": _l("relances"), "handovers": _l("envois au Trésor public"),
    "print_batches": _l("lots d’impression"), "statements": _l("attestations et relevés"), "recovery_pauses": _l("relances suspendues"),
}  # fmt: skip

# Columns that only the archive shows; the others are named as on the screens of the service.
COLUMNS = {
    "language": _l("Langue"), "sent_on": _l("Envoyée le"), "title": _l("Objet"), "body": _l("Texte"), "by_email": _l("Par e-mail"),
    "due_cents": _l("Reste dû"), "taken_back_at": _l("Reprise le"), "taken_back_reason": _l("Motif de la reprise"),
    "until_on": _l("Jusqu’au"), "lifted_at": _l("Levée le"), "first_on": _l("Premier jour"), "last_on": _l("Dernier jour"),
    "child": _l("Enfant"), "activity": _l("Activité"), "document_type": _l("Type de pièce"), "school": _l("École"),
    "school_year": _l("Année scolaire"), "username": _l("Code famille pour se connecter"), "confirmed_at": _l("Adresse confirmée le"),
    "create_datetime": _l("Compte créé le"), "update_datetime": _l("Compte modifié le"), "current_login_at": _l("Dernière connexion"),
    "last_login_ip": _l("Adresse IP, connexion précédente"), "current_login_ip": _l("Adresse IP, dernière connexion"),
    "login_count": _l("Nombre de connexions"), "failed_sign_ins": _l("Mots de passe faux"), "locked_until": _l("Bloqué jusqu’au"),
    "tf_primary_method": _l("Double vérification"), "tf_phone_number": _l("Téléphone de vérification"),
    "pending_email": _l("Adresse à confirmer"), "began_at": _l("Début"), "seen_at": _l("Dernière visite"), "ended_at": _l("Fin"),
    "ip": _l("Adresse IP"), "browser": _l("Navigateur"), "asked_at": _l("Demandé le"), "ready_at": _l("Prêt le"),
    "expires_at": _l("Jusqu’au"), "note": _l("Note"), "birth_name": _l("Nom de naissance"), "failed_tries": _l("Essais faux"),
    "locked_at": _l("Bloqué le"), "used_at": _l("Employé le"), "revoked_at": _l("Remplacé le"),
    "e_invoice_chosen_at": _l("Choix de la facture électronique"), "left_on": _l("Départ de la famille"),
    "departure_reason": _l("Motif du départ"), "pseudonymised_at": _l("Dossier effacé le"), "source": _l("Source"),
    "reference_month": _l("Mois de référence"), "used_cents": _l("Employé"), "pattern": _l("Rythme de garde"),
    "share_percent": _l("Part en pour cent"), "has_parental_authority": _l("Autorité parentale"), "may_reserve": _l("Peut réserver"),
    "may_see_health": _l("Peut voir la santé"), "allergies": _l("Allergies"), "care_notes": _l("Soins"), "doctor": _l("Médecin"),
    "vaccines_up_to_date": _l("Vaccins à jour"), "instructions": _l("Consignes"), "brings_packed_meal": _l("Panier repas"),
    "reminded_at": _l("Rappel envoyé le"), "unlocated": _l("Adresse sans secteur"), "is_domicile_sworn": _l("Domicile attesté sur l’honneur"),
    "motive": _l("Motif"), "details": _l("Précisions"), "is_granted": _l("Accordé"), "decided_on": _l("Décidé le"),
    "regulation_version": _l("Version du règlement accepté"), "regulation_accepted_at": _l("Règlement accepté le"),
    "offer_expires_at": _l("Place proposée jusqu’au"), "set_aside_reason": _l("Motif du service"), "place": _l("Rang"),
    "draw": _l("Tirage"), "answer": _l("Réponse"), "noted_at": _l("Noté le"), "justified_at": _l("Justifiée le"),
    "is_accepted": _l("Acceptée"), "series": _l("Série"), "fiscal_year": _l("Exercice"), "sequence": _l("Rang dans la série"),
    "payer_address": _l("Adresse du payeur"), "printed_at": _l("Imprimée le"), "child_name": _l("Enfant"), "quantity": _l("Quantité"),
    "unit_cents": _l("Prix unitaire"), "message": _l("Message"), "policy": _l("Règle appliquée"), "difference_cents": _l("Différence"),
    "applied_cents": _l("Appliqué"), "refunded_cents": _l("Remboursé"), "released_at": _l("Libérée le"), "refunded_at": _l("Remboursé le"),
    "currency": _l("Monnaie"), "raw": _l("Message de la banque"), "alert": _l("À vérifier"), "handled_at": _l("Vérifié le"),
    "handled_note": _l("Vérification"), "announced_cents": _l("Montant annoncé"), "reason_code": _l("Code de motif"),
    "returned_on": _l("Rejeté le"),
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
