"""What the back office calls things: the columns, and the values of every enumeration."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from wtforms.fields.choices import SelectChoice

LABELS = {
    "accent_color": "Couleur d’accent", "action": "Acte", "active": "Actif", "activity_id": "Activité",
    "activation_valid_days": "Validité du courrier d’accès (jours)", "address": "Adresse", "after": "Après",
    "allocated_cents": "Imputé", "allows_photos": "Photos autorisées", "amount_cents": "Montant",
    "arrived_at": "Arrivée", "at": "Quand", "at_minutes": "Heure limite", "attempts": "Essais",
    "bank_reference": "Référence bancaire", "base": "Jours comptés", "before": "Avant", "booked_at": "Réservé le",
    "booking_notice_id": "Délai pour réserver", "born_on": "Né(e) le", "by": "Par", "cancel_notice_id": "Délai pour annuler",
    "cancelled_at": "Annulé le", "ceiling_cents": "Plafond", "child_id": "Enfant", "city": "Ville",
    "civility": "Civilité", "closed_at": "Clôture", "closed_reason": "Fermé parce que", "code": "Code",
    "collection_threshold_cents": "Seuil de mise en recouvrement", "count": "Nombre", "counted_cents": "Compté",
    "created_at": "Créé le", "created_by": "Créé par", "day": "Jour", "decided_at": "Décidé le",
    "deliberation": "Délibération", "delivery": "Envoi", "detail": "Détail", "diet": "Repas",
    "difference_note": "Écart expliqué", "display_name": "Nom", "document_type_id": "Pièce", "due_on": "À payer avant le",
    "effective_on": "À partir du", "email": "Adresse e-mail", "ends_at": "Fin", "ends_on": "Dernier jour",
    "error_code": "Code d’erreur", "family_code": "Code famille", "family_count": "Familles", "family_id": "Famille",
    "family_name": "Nom", "finished_at": "Terminé le", "float_cents": "Fond de caisse", "floor_cents": "Plancher",
    "former_code": "Ancien code", "formula_key": "Formule", "from_rank": "À partir de l’enfant n°", "full_name": "Nom",
    "given_name": "Prénom", "guardian_id": "Responsable", "has_meal": "Repas compris", "has_waiting_list": "Liste d’attente", "help_text": "Aide",
    "high_cents": "Jusqu’à (exclu)", "insee_code": "Code INSEE", "invoice_count": "Factures",
    "is_active": "Actif", "is_blocking": "Indispensable", "offer_hours": "Durée d’une place proposée (heures)", "is_auto_validated": "Inscription validée d’office", "is_emergency_contact": "Contact d’urgence",
    "is_health": "Pièce de santé", "is_payer": "Payeur", "is_waiting": "En attente", "issued_at": "Émise le",
    "issued_on": "Délivrée le", "issued_total_cents": "Total émis", "justification_hours": "Justifier sous (heures)",
    "justification_limit_days": "Justificatif au plus tard (jours)", "kind": "Nature", "label": "Année",
    "last_error": "Dernière erreur", "last_login_at": "Dernière connexion",
    "has_pedt": "Projet éducatif territorial (PEDT)", "staff_count": "Adultes prévus", "late_after_minutes": "Retard : facturé après (minutes)", "is_late_by_family": "Retard : une fois par famille et par jour",
    "under_six_per_staff": "Enfants de moins de 6 ans par adulte", "six_and_over_per_staff": "Enfants de 6 ans et plus par adulte",
    "late_cancel_free_if_retaken": "Annulation tardive gratuite si la place est reprise", "left_at": "Départ",
    "level": "Niveau", "levels": "Niveaux", "line1": "Adresse", "line2": "Complément d’adresse", "low_cents": "À partir de",
    "max_age_months": "Âge maximal (mois)", "may_leave_alone": "Peut partir seul", "may_pick_up": "Peut venir chercher",
    "means": "Moyen", "method": "Calcul", "min_age_months": "Âge minimal (mois)", "month": "Mois", "name": "Nom",
    "needs_registration": "Inscription nécessaire", "next_try_at": "Prochain essai", "notes": "Notes", "number": "Numéro",
    "on_behalf": "Au nom de la famille", "opened_at": "Ouverture", "opened_by": "Ouverte par", "opening_hours": "Remarque sur les horaires",
    "opens_at": "Réservations ouvertes le", "paid_cents": "Payé", "payer_name": "Payeur", "payment_delay_days": "Délai de paiement (jours)",
    "percent_bp": "Pourcentage", "period": "Période", "phone": "Téléphone", "phone_alt": "Autre téléphone", "places": "Places",
    "position": "Ordre", "postcode": "Code postal", "presence": "Présence", "rank": "Rang", "rate_ppm": "Taux d’effort (millionièmes)",
    "reason": "Motif", "received_at": "Reçu le", "recipient": "Destinataire", "reference": "Référence", "retroactive_policy": "Quotient changé pour un mois déjà facturé",
    "retroactive_reason": "Motif, si la commune refuse",
    "refusal_reason": "Motif du refus", "regulation": "Règlement", "relation": "Lien", "residence": "Résidence",
    "reviewed_at": "Contrôlée le", "reviewed_by": "Contrôlée par", "role_names": "Rôles", "rule_id": "Règle de prix",
    "school_id": "École", "school_weekdays": "Jours de classe", "school_year_id": "Année scolaire", "school_zone": "Zone",
    "sent_at": "Envoyé le", "service_name": "Service", "sex": "Sexe", "short_name": "Nom court", "siret": "SIRET",
    "site_id": "Site", "situation": "Situation", "slice_minutes": "Durée d’une tranche (min)", "source_ip": "Adresse du serveur",
    "source_id": "Pièce comptable", "starts_at": "Début", "starts_on": "Premier jour", "state": "État", "subject": "Objet",
    "given_by_family_id": "Transmise par", "told_at": "Famille prévenue le", "subject_id": "N° de fiche", "subject_kind": "Fiche", "submitted_at": "Déposée le", "taken": "Prises", "tariff_id": "Tarif",
    "teacher": "Enseignant(e)", "text_body": "Message", "total_cents": "Total", "transaction": "Transaction", "try_id": "Tentative",
    "uai": "UAI", "unit_name": "Unité", "units_name": "Unité au pluriel", "user_id": "Compte", "valid_from": "Depuis le",
    "valid_to": "Jusqu’au (exclu)", "valid_until": "Valable jusqu’au", "validity": "Validité", "validity_months": "Validité (mois)",
    "value_cents": "Quotient familial", "counts_for_tax": "Ouvre droit au crédit d’impôt (garde)",
    "meal_share_cents": "Part du repas dans le prix", "tax_age_limit": "Attestation fiscale : âge limite au 1er janvier", "verdict": "Verdict", "version_id": "Version de tarif", "waiting_days": "Jours de carence",
    "wants_e_invoice": "Facture électronique", "wants_reminders": "Rappels par e-mail", "weekday": "Jour de la semaine",
    "weekdays": "Jours d’ouverture", "zone": "Zone", "control_total_cents": "Total de contrôle", "authorisation": "Autorisation",
    "rum": "Référence (RUM)", "holder": "Titulaire", "iban": "IBAN", "bic": "BIC", "origin": "Signature",
    "signed_on": "Signé le", "revoked_on": "Arrêté le", "revoked_reason": "Motif de l’arrêt", "last_used_on": "Dernier prélèvement",
    "invoicing_alarm_day": "Facturation du mois précédent : au plus tard le",
    "handover_after_days": "Transmise après le dernier rappel (jours)", "handover_min_cents": "Montant minimal transmis",
    "handover_nature": "Nature de la créance", "tresor_contact": "Trésor public : à qui et comment payer",
    "started_at": "Commencé le", "failure": "Incident", "balance_cents": "Solde", "amount_due_cents": "Reste à payer",
}  # fmt: skip

WORDS = {
    # The things that the trail is about, by table.
    "activity": "Activité", "activity_day": "Jour d’activité", "activity_registration": "Inscription à une activité",
    "bank_notification": "Avis bancaire", "bank_statement": "Relevé de la banque", "cash_session": "Caisse",
    "debit_batch": "Remise de prélèvements", "handover_batch": "Lot transmis au Trésor", "reminder": "Relance", "reminder_run": "Relances d’un jour", "recovery_pause": "Recouvrement suspendu", "reminder_level": "Niveau de rappel",
    "never": "Non", "paper_families": "Familles qui ont choisi le papier", "everybody": "Toutes les familles", "tresor": "Trésor public", "demarche": "Démarche", "document": "Pièce", "invoice_run": "Lot de facturation",
    "payment_try": "Tentative de carte", "print_batch": "Lot d’impression", "quotient_familial": "Quotient familial",
    "sepa_mandate": "Mandat de prélèvement", "tariff_version": "Version de tarif", "town": "Commune", "voucher": "Aide accordée", "user": "Compte",
    "online": "En ligne", "announced": "Annoncé", "collected": "Encaissé", "returned": "Rejeté",
    "credit": "Rendre par un avoir", "next_invoice": "Porter sur la prochaine facture",
    "draft": "Brouillon", "submitted": "À examiner", "validated": "Validé", "refused": "Refusé", "departed": "Partie",
    "resident": "Commune", "non_resident": "Hors commune", "partner": "Commune partenaire", "any": "Toutes", "mme": "Mme",
    "m": "M.", "": "Non précisé", "F": "Fille", "M": "Garçon", "standard": "Standard", "no_pork": "Sans porc",
    "no_meat": "Sans viande", "family": "Famille", "guardian": "Responsable", "child": "Enfant", "months": "En mois",
    "school_year": "Année scolaire", "for_ever": "Sans limite", "accepted": "Accepté", "expired": "Expiré",
    "morning_childcare": "Garderie du matin", "canteen": "Cantine", "evening_childcare": "Garderie du soir",
    "supervised_study": "Étude surveillée", "evening_leisure": "Accueil du soir", "wednesday_leisure": "Mercredi",
    "holiday_leisure": "Vacances", "school": "Temps scolaire", "holidays": "Vacances", "days_before": "Jours avant",
    "weekly": "Semaine d’avant", "none": "Aucun", "calendar": "Tous les jours", "working": "Jours ouvrés",
    "opening": "Jours d’ouverture", "requested": "Demandé", "ended": "Terminé", "bridge": "Pont", "strike": "Grève",
    "training": "Formation", "works": "Travaux", "other": "Autre", "family_declaration": "Déclaration de famille",
    "address_change": "Changement d’adresse", "school_enrolment": "Inscription scolaire", "sector_exemption": "Dérogation",
    "contested_line": "Ligne contestée", "access_help": "Aide à la connexion", "complement_asked": "Complément demandé",
    "withdrawn": "Retirée", "reserved": "Réservé", "offered": "Place proposée", "cancelled": "Annulé",
    "late_cancelled": "Annulé hors délai", "queued": "En file", "sent": "Envoyé", "failed": "En échec",
    "card_online": "Carte en ligne", "card_desk": "Carte au guichet", "cash": "Espèces", "cheque": "Chèque",
    "cesu": "CESU", "ancv": "ANCV", "transfer": "Virement", "direct_debit": "Prélèvement", "created": "Créée",
    "pending": "En attente", "paid": "Payée", "quarantined": "En quarantaine", "settled": "Réglé", "repeated": "Répété",
    "forged": "Signature fausse", "unknown": "Inconnu", "invoice": "Facture", "credit_note": "Avoir", "payment": "Paiement",
    "refund": "Remboursement", "caf": "CAF", "msa": "MSA", "tax_notice": "Avis d’imposition", "import": "Import",
    "staff": "Agent", "previewed": "Aperçu", "issuing": "En cours", "issued": "Émise", "partly_paid": "Payée en partie",
    "reminded": "Relancée", "handed_over": "Transmise au Trésor", "electronic": "Électronique", "paper": "Papier",
    "present": "Présent", "absent": "Absent", "MAT": "Maternelle", "ELEM": "Élémentaire", "PRIM": "Primaire",
    "even_weeks": "Semaines paires", "odd_weeks": "Semaines impaires", "alternate_from_start": "Une semaine sur deux",
    "left": "Parti", "flat": "Forfait", "bands": "Tranches", "effort": "Taux d’effort", "slice": "À la durée",
    "percent": "Pourcentage", "normal": "Normal", "pai": "PAI", "unreserved": "Sans réservation", "absence": "Absence",
    "late": "Retard", "administrator": "Administrateur", "school_agent": "Agent scolaire", "regisseur": "Régisseur",
    "activity_leader": "Animateur", "parent": "Parent", "other_amount": "Autre montant",
    "second_payment": "Second paiement", "unknown_reference": "Référence inconnue", "already_settled": "Facture déjà réglée",
    "statement": "Attestation", "tax_run": "Attestations fiscales de l’année", "wish_round": "Campagne de vœux", "registration": "Inscription à une activité", "reservation": "Réservation",
    "data_rights": "Droits sur les données", "data_request": "Demande de données", "purge_run": "Purge", "job": "Travail en arrière-plan",
    "non_compliant": "Non conforme", "partially_compliant": "Partiellement conforme", "compliant": "Totalement conforme",
    "declared_separation": "Déclaration : parents séparés", "declared_pai": "Déclaration : PAI",
    "quotient": "Quotient familial",
}  # fmt: skip

ACTIONS = {
    "create_family": "Dossier ouvert", "update_family": "Dossier modifié", "add_guardian": "Adulte ajouté",
    "update_guardian": "Adulte modifié", "add_child": "Enfant ajouté", "update_child": "Enfant modifié",
    "record_quotient": "Quotient enregistré", "register_child": "Inscription à une activité",
    "accept_registration": "Inscription validée", "refuse_registration": "Inscription refusée",
    "withdraw_registration": "Inscription retirée par la famille", "accept_regulation": "Règlement accepté",
    "save_reservations": "Réservations enregistrées", "receive_payment": "Paiement reçu",
    "sign_mandate": "Mandat de prélèvement signé", "revoke_mandate": "Mandat de prélèvement arrêté",
    "announce_debits": "Prélèvements annoncés", "withdraw_debits": "Prélèvements retirés", "send_debits": "Prélèvements remis à la banque",
    "send_reminder": "Relance envoyée", "run_reminders": "Relances lancées", "pause_recovery": "Recouvrement suspendu",
    "resume_recovery": "Recouvrement repris", "hand_over_invoice": "Facture transmise au Trésor public",
    "take_back_handover": "Facture reprise au Trésor public",
    "settle_debits": "Prélèvements encaissés", "return_debit": "Prélèvement rejeté",
    "reconcile_bank": "Relevé de la banque rapproché", "open_cash_session": "Caisse ouverte", "close_cash_session": "Caisse close", "refund_payment": "Paiement remboursé",
    "alert_card_payment": "Paiement par carte à vérifier", "handle_payment_alert": "Paiement par carte vérifié",
    "open_card_payment": "Paiement par carte commencé", "activation_issued": "Courrier d’accès imprimé",
    "activation_locked": "Code d’accès bloqué", "activation_wrong_secret": "Code d’accès faux",
    "account_activated": "Compte activé", "access_help_asked": "Aide à la connexion demandée",
    "access_help_settled": "Aide à la connexion donnée de vive voix",
    "address_reported": "Nouvelle adresse déclarée", "address_withdrawn": "Nouvelle adresse retirée",
    "address_accepted": "Nouvelle adresse acceptée", "address_refused": "Nouvelle adresse refusée",
    "validate_declaration": "Déclaration validée", "refuse_declaration": "Déclaration refusée", "ask_complement": "Complément demandé",
    "merge_family": "Dossiers réunis", "merge_guardian": "Adultes réunis", "merge_child": "Enfants réunis",
    "accept_document": "Pièce acceptée", "refuse_document": "Pièce refusée",
    "submit_document": "Pièce transmise", "withdraw_document": "Pièce remplacée avant contrôle",
    "phones_changed": "Téléphones modifiés", "sign_up": "Compte créé par la famille",
    "declare_self": "Déclaration : coordonnées", "declare_other_parent": "Déclaration : autre parent",
    "declare_child": "Déclaration : identité d’un enfant", "declare_care": "Déclaration : accueil et santé d’un enfant",
    "withdraw_child": "Déclaration : enfant retiré", "declare_trusted": "Déclaration : personne de confiance",
    "withdraw_trusted": "Déclaration : personne retirée", "settle_trusted": "Déclaration : personnes de confiance au complet",
    "submit_declaration": "Déclaration transmise", "restart_declaration": "Déclaration reprise après un refus",
    "email_change_asked": "Changement d’e-mail demandé", "email_changed": "Adresse e-mail modifiée",
    "e_invoice_chosen": "Facture électronique choisie", "import_families": "Familles importées",
    "import_sectors": "Carte scolaire remplacée", "school_enrolment_asked": "Inscription scolaire demandée",
    "school_enrolment_withdrawn": "Inscription scolaire retirée", "school_sector_decided": "École de secteur choisie",
    "school_enrolment_decided": "Inscription scolaire décidée", "roll_over_schools": "Passage au niveau suivant",
    "start_invoice_run": "Facturation lancée", "finish_invoice_run": "Facturation terminée",
    "make_print_batch": "Lot d’impression préparé", "issue_statement": "Attestation établie", "start_tax_run": "Attestations fiscales lancées", "open_days": "Jours d’activité ouverts",
    "install_town": "Commune installée", "create_staff_account": "Compte d’agent créé",
    "seed_school_year": "Année scolaire installée", "sign_in_locked": "Connexion bloquée",
    "attach_child": "Enfant rattaché à une seconde famille", "detach_child": "Enfant retiré de la famille",
    "set_custody": "Calendrier de garde enregistré", "end_custody": "Calendrier de garde terminé",
    "set_adult_rights": "Droits d’un adulte modifiés",
    "invite_second_adult": "Second adulte invité", "start_acting": "Agent au guichet : début", "end_acting": "Agent au guichet : fin",
    "accept_absence": "Absence justifiée acceptée", "report_absence": "Absence déclarée",
    "apply_quotient": "Quotient appliqué", "change_day": "Journée d’activité modifiée",
    "withdraw_days": "Journées d’activité retirées", "change_logo": "Logo changé", "choose_reminders": "Rappels choisis",
    "renew_calendar_key": "Lien d’agenda renouvelé", "revoke_calendar_key": "Lien d’agenda fermé",
    "close_roll_call": "Appel clos", "reopen_roll_call": "Appel rouvert", "record_event": "Fait noté au pointage",
    "correct_invoice": "Facture corrigée par un avoir", "line_contested": "Ligne de facture contestée",
    "join_waiting_list": "Inscription en liste d’attente", "leave_waiting_list": "Retrait de la liste d’attente",
    "take_offer": "Place proposée acceptée", "resume_invoice_run": "Facturation reprise",
    "stop_invoice_run": "Facturation arrêtée", "second_factor_reset": "Double vérification remise à zéro",
    "session_ended": "Navigateur déconnecté", "sessions_ended": "Autres navigateurs déconnectés",
    "staff_changed": "Compte d’agent modifié", "staff_created": "Compte d’agent ouvert",
    "make_wish_round": "Campagne de vœux créée", "change_wish_round": "Campagne de vœux modifiée",
    "delete_wish_round": "Campagne de vœux supprimée", "publish_wish_round": "Réponses aux vœux publiées",
    "post_wishes": "Vœux déposés", "withdraw_wishes": "Vœux retirés", "answer_wishes": "Vœux : réponse publiée",
    "check_wishes": "Vœux : déclaration vérifiée",
    "grant_voucher": "Aide accordée", "change_voucher": "Aide modifiée",
    "prepare_tariff_version": "Version de tarif préparée", "copy_tariff_version": "Version de tarif copiée",
    "change_tariff_version": "Version de tarif modifiée", "put_tariff_in_force": "Version de tarif mise en vigueur",
    "delete_tariff_version": "Version de tarif supprimée", "simulate_tariff": "Tarif simulé",
    "set_retention": "Durées de conservation modifiées", "start_purge": "Purge des données lancée",
    "depart_family": "Départ de la famille", "close_departed_family": "Dossier fermé, famille partie",
    "reinstate_family": "Retour de la famille", "ask_for_data": "Données demandées", "fetch_data": "Données téléchargées",
    "ask_data_right": "Droit sur les données demandé", "accept_data_right": "Droit sur les données accordé",
    "refuse_data_right": "Droit sur les données refusé",
    "resume_job": "Travail repris",
    "update_setting": "Réglage modifié", "create_setting": "Réglage créé", "delete_setting": "Réglage supprimé",
}  # fmt: skip

# What Flask-Admin's own French catalogue leaves in English.
SAID = {
    "Failed to create record.": "La fiche n’est pas créée : corrigez ce qui est signalé.",
    "Failed to save record.": "La fiche n’est pas enregistrée : corrigez ce qui est signalé.",
}

TONES = {
    "success": {"validated", "accepted", "reserved", "sent", "paid", "settled", "present", "active", "collected"},
    "warning": {"submitted", "requested", "offered", "complement_asked", "pending", "partly_paid", "queued", "expired",
                "late_cancelled", "issuing", "previewed", "announced"},
    "error": {"refused", "failed", "quarantined", "forged", "reminded", "handed_over", "unknown", "returned"},
}  # fmt: skip

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def word(value: str) -> str:
    """Return the French word of an enumeration's value; a value without one is shown as it is."""
    return WORDS.get(str(value), str(value))


def choices_of(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the values and words of an enumeration, for a list to choose from."""
    return [(member.value, word(member.value)) for member in kind]


def options(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """Return values and words as the lists of forms take them."""
    return [SelectChoice(value, words) for value, words in pairs]


def tone(value: str) -> str:
    """Return the tone of a state: success, warning, error, or neutral."""
    return next((name for name, values in TONES.items() if str(value) in values), "neutral")


def act(name: str) -> str:
    """Return the words of an act of the trail."""
    return ACTIONS.get(name, name.replace("_", " ").capitalize())
