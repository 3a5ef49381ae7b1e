"""The staff's guides, each for the roles that it is written for."""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from domain.actor import Role
from views.access import access, current_actor
from views.guides import READERS, find_page, found_url, guide_names, guide_url, kept_guide, search

bp = Blueprint("admin_guides", __name__, url_prefix="/admin/aide")

# Where the help of each screen begins: guide, page, section. Screens that are not here lead to the list of guides.
SCREEN_HELP = {
    "admin_absences": ("agents", "activites", "traiter-les-absences"),
    "admin_activities": ("agents", "activites", "creer-une-activite"),
    "admin_address": ("agents", "dossiers", "repondre-a-un-demenagement"),
    "admin_alerts": ("regisseur", "banque-et-comptes", "les-paiements-en-ligne"),
    "admin_books": ("regisseur", "banque-et-comptes", "le-journal-des-comptes"),
    "admin_corrections": ("regisseur", "le-mois", "repondre-a-une-ligne-contestee"),
    "admin_custody": ("agents", "dossiers", "garde-alternee"),
    "admin_debits": ("regisseur", "banque-et-comptes", "le-prelevement"),
    "admin_data_rights": ("agents", "publier", "les-donnees-personnelles"),
    "admin_declarations": ("agents", "dossiers", "valider-une-declaration"),
    "admin_departures": ("agents", "dossiers", "enregistrer-un-depart"),
    "admin_documents": ("agents", "dossiers", "verifier-les-pieces"),
    "admin_enrolments": ("agents", "ecole", "repondre-aux-inscriptions-scolaires"),
    "admin_events": ("agents", "activites", "greve-sortie-classe-fermee"),
    "admin_handovers": ("regisseur", "impayes", "transmettre-au-tresor-public"),
    "admin_headcount": ("animateur", "effectifs", "combien-de-repas-combien-d-adultes"),
    "admin_imports": ("agents", "dossiers", "importer-les-familles-de-l-ancien-logiciel"),
    "admin_invoicing": ("regisseur", "le-mois", "preparer-l-apercu"),
    "admin_jobs": ("agents", "publier", "suivre-un-long-travail"),
    "admin_keys": ("agents", "prise-en-main", "travailler-au-clavier"),
    "admin_letters": ("agents", "dossiers", "remettre-la-lettre-d-acces"),
    "admin_mandates": ("regisseur", "banque-et-comptes", "le-prelevement"),
    "admin_merging": ("agents", "dossiers", "reunir-deux-fiches-en-double"),
    "admin_quotients": ("agents", "dossiers", "enregistrer-un-quotient-familial"),
    "admin_registrations": ("agents", "activites", "repondre-aux-inscriptions"),
    "admin_reminders": ("regisseur", "impayes", "relancer"),
    "admin_retention": ("agents", "publier", "conservation-des-donnees"),
    "admin_search": ("agents", "prise-en-main", "trouver-une-famille"),
    "admin_sectors": ("agents", "ecole", "installer-la-carte-scolaire"),
    "admin_simulations": ("regisseur", "tarifs", "essayer-avant-de-voter"),
    "admin_statements": ("regisseur", "le-mois", "etablir-les-attestations-fiscales"),
    "admin_statistics": ("agents", "publier", "statistiques"),
    "admin_tariffs": ("regisseur", "tarifs", "preparer-une-version"),
    "admin_till": ("regisseur", "guichet", "ouvrir-ma-caisse"),
    "admin_till_payments": ("regisseur", "guichet", "encaisser"),
    "admin_wishes": ("agents", "activites", "une-campagne-de-voeux"),
    "admin_year": ("agents", "activites", "le-calendrier"),
    "family": ("agents", "prise-en-main", "trouver-une-famille"),
    "outboxmail": ("agents", "publier", "courriels"),
    "reminderlevel": ("regisseur", "impayes", "regler-les-rappels"),
    "servicehours": ("agents", "publier", "changer-les-horaires-du-guichet"),
    "town": ("agents", "publier", "changer-les-horaires-du-guichet"),
    "user": ("agents", "publier", "gerer-les-comptes-des-agents"),
    "voucher": ("agents", "dossiers", "enregistrer-une-aide"),
}


def guide_href() -> str:
    """Return where the help of the screen being looked at begins, for somebody who may read it."""
    found = SCREEN_HELP.get(request.blueprint or "")
    if found and current_actor().roles & {Role(name) for name in READERS[found[0]]}:
        return guide_url(*found)
    return url_for("admin_guides.index")


@bp.get("")
@access("staff")
def index() -> ResponseReturnValue:
    """Show the guides of this person's roles, or what they say on a subject."""
    names = guide_names(current_actor().roles)
    query = request.args.get("q", "").strip()[:100]
    return render_template(
        "admin/guides.html",
        guides=[(name, kept_guide(name.key).pages) for name in names],
        titles={name.key: name.title for name in names},
        query=query,
        found=search(names, query) if query else [],
        found_url=found_url,
        guide_url=guide_url,
    )


def _pages_of(key: str) -> Callable[[str], ResponseReturnValue]:
    """Return the view that shows the pages of one guide."""

    def page(slug: str) -> ResponseReturnValue:
        known = find_page(key, slug)
        if known is None:
            abort(404)
        here, before, after = known
        name = next(one for one in guide_names(current_actor().roles) if one.key == key)
        return render_template(
            "admin/guide.html",
            name=name,
            pages=[(guide_url(key, one.slug), one.title, one is here) for one in kept_guide(key).pages],
            page=here,
            before=(guide_url(key, before.slug), before.title) if before else None,
            after=(guide_url(key, after.slug), after.title) if after else None,
        )

    page.__doc__ = f"Show one page of the guide {key}."
    return page


for _key, _readers in READERS.items():
    bp.add_url_rule(f"/{_key}/<slug>", endpoint=_key, view_func=access(*_readers)(_pages_of(_key)))
