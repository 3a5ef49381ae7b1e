"""What stands for each argument of an address, in the town of the rights matrix."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

from tests.support.world import TODAY, World

# A new route with a new argument adds its line to one of
# these: to FAMILY_THINGS when it names something of a family (a stranger must then get 404), to TOWN_THINGS
# when it names something of the town, to WORDS when it names nothing. ``endpoint.argument`` goes before
# ``blueprint.argument``, and that before ``argument``, where views call two things by one name.

Make = Callable[[World], Any]


def _id(name: str) -> Make:
    return lambda world: world.ids[name]


FAMILY_THINGS: dict[str, Make] = {
    "absence_id": _id("absence"),
    "admin_corrections.demarche_id": _id("contest"),
    "admin_declarations.demarche_id": _id("declaration"),
    "admin_declarations.document_id": _id("declared_document"),
    "admin_data_rights.demarche_id": _id("data_right"),
    "admin_data_rights.request_id": _id("desk_data"),
    "admin_enrolments.demarche_id": _id("school_request"),
    "admin_enrolments.document_id": _id("school_paper"),
    "child_id": _id("child"),
    "debit_id": _id("debit"),
    "declared_child_id": _id("declared_child"),
    "demarche_id": _id("demarche"),
    "document_id": _id("document"),
    "entry_id": _id("entry"),
    "family_id": _id("family"),
    "guardian_id": _id("guardian"),
    "invoice_id": _id("invoice"),
    "line_id": _id("line"),
    "mail_id": _id("mail"),
    "mandate_id": _id("mandate"),
    "note_id": _id("note"),
    "parent.school_request.demarche_id": _id("school_request"),
    "parent.school_withdraw.demarche_id": _id("school_request"),
    "reference": _id("reference"),
    "handover_id": _id("handover"),
    "reminder_id": _id("reminder"),
    "sheet_id": _id("sheet"),
    "statement_id": _id("statement"),
    "registration_id": _id("registration"),
    "admin_registrations.document_id": _id("registration_paper"),
    "trusted_id": _id("trusted"),
}
TOWN_THINGS: dict[str, Make] = {
    "kept_id": _id("family"),
    "lost_id": _id("family"),
    "activity_id": _id("activity"),
    "number": lambda _world: 1,
    "notification_id": _id("notification"),
    "session_id": _id("session"),
    # An account's own: whoever else asks is led to their own data.
    "parent.data_archive.request_id": _id("own_data"),
    "activity_day_id": _id("activity_day"),
    "admin_debits.batch_id": _id("debit_batch"),
    "admin_handovers.batch_id": _id("handover_batch"),
    "admin_imports.run_id": _id("import_run"),
    "admin_statements.batch_id": _id("tax_batch"),
    "admin_reminders.run_id": _id("reminder_run"),
    "admin_sectors.run_id": _id("sector_run"),
    "batch_id": _id("batch"),
    "desk_id": _id("desk"),
    "job_id": _id("job"),
    "admin_transfers.payment_id": _id("transfer"),
    "payment_id": _id("payment"),
    "purge_id": _id("purge"),
    "round_id": _id("round"),
    "run_id": _id("run"),
    "simulation_id": _id("simulation"),
    "slip_id": _id("slip"),
    "site_id": _id("site"),
    "tax_run_id": _id("tax_run"),
    "tariff_id": _id("tariff"),
    "version_id": _id("version"),
}
WORDS: dict[str, Make] = {
    "starts_in": lambda _world: 2027,
    "year": lambda _world: 2025,
    "day": lambda _world: TODAY.isoformat(),
    "export_type": lambda _world: "csv",
    "filename": lambda _world: "portal.css",
    "admin_guides.agents.slug": lambda _world: "dossiers",
    "admin_guides.animateur.slug": lambda _world: "appel",
    "admin_guides.installation.slug": lambda _world: "installer",
    "admin_guides.regisseur.slug": lambda _world: "guichet",
    "guides.document.filename": lambda _world: "procedure-d-acces.pdf",
    "guides.page.slug": lambda _world: "reserver",
    "admin_merging.kind": lambda _world: "family",
    "kind": lambda _world: "csv",
    "how": lambda _world: "attente",
    "key": lambda _world: "no-such-key",
    "language": lambda _world: "fr",
    "token": lambda _world: "no-such-token",
}
# What a form must hold to name something, where the address does not; a stranger sends the same.
FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "parent.choose_family": lambda world: {"family_id": world.ids["family"]},
    "parent.pay_several": lambda world: {"invoice_id": world.ids["invoice"]},
    "parent.save": lambda _world: {"month": "2026-11"},
    "admin_invoicing.prepare": lambda _world: {"month": "2026-12"},
}
# The same, where the thing is named after the question mark of the address.
QUERIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "parent.document_new": lambda world: {
        "type_code": "proof_of_address",
        "subject": "family",
        "subject_id": world.ids["family"],
    },
}

THINGS = FAMILY_THINGS | TOWN_THINGS | WORDS


def key_of(rule: Rule, argument: str) -> str:
    """Return the name under which an argument of an address is known here."""
    blueprint = rule.endpoint.split(".")[0]
    names = (f"{rule.endpoint}.{argument}", f"{blueprint}.{argument}")
    return next((name for name in names if name in THINGS), argument)


def fill(world: World, rule: Rule) -> str:
    """Return the address of the owner's thing."""
    values = {name: THINGS[key_of(rule, name)](world) for name in rule.arguments}
    values |= QUERIES.get(rule.endpoint, lambda _world: {})(world)
    with world.app.test_request_context():
        return str(world.app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False))
