"""Tarifs: the versions of each price list as a dated line, each version as one page, and the whole grid in one form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.actor import Role
from domain.errors import Refusal
from domain.pricing.coverage import check_days, check_version
from domain.pricing.queries import all_versions, bills_late, formula_names, load_version, tariff_rows
from domain.pricing.rules import PriceRule
from domain.pricing.rules import Tariff as PriceList
from domain.pricing.versions import (
    DECIDING,
    PREPARING,
    change_version,
    copy_version,
    delete_version,
    is_used,
    prepare_version,
    put_in_force,
)
from models.tariffs import Tariff, TariffVersion
from views.access import access, current_actor
from views.admin.tariff_forms import CopyForm, VersionForm, values_of
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.tariff_words import band_rows, case_words, examples, fault_words, price_words

READERS = ("administrator", "school_agent", "regisseur")
MAKERS = ("administrator", "regisseur")
DECIDERS = ("administrator",)
bp = Blueprint("admin_tariffs", __name__, url_prefix="/admin/tarifs")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version on a tariff's line; ``stands`` is draft, past, present or future."""

    version: TariffVersion
    stands: str
    last_day: date | None
    is_used: bool
    fault_count: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in words, with its bands."""

    case: str
    price: str
    bands: list[tuple[str, str]]


@bp.get("")
@access(*READERS)
def index() -> ResponseReturnValue:
    """List the tariffs, with what each applies today and what is wrong with it."""
    lines = []
    for tariff in tariff_rows(db.session()):
        versions = _lines(tariff)
        present = next((one for one in versions if one.stands == "present"), None)
        lines.append({
            "tariff": tariff,
            "present": present,
            "drafts": [one for one in versions if one.stands == "draft"],
            "faults": len(_day_faults(versions)) + (present.fault_count if present else 1),
        })  # fmt: skip
    return render_template("admin/tariffs.html", lines=lines, may_change=_may(PREPARING))


@bp.get("/<int:tariff_id>")
@access(*READERS)
def tariff(tariff_id: int) -> ResponseReturnValue:
    """Show a tariff's versions, the latest first, and the days without price or with two."""
    found = _tariff(tariff_id)
    versions = _lines(found)
    return render_template(
        "admin/tariff.html",
        tariff=found,
        versions=list(reversed(versions)),
        faults=[fault_words(fault, {}) for fault in _day_faults(versions)],
        may_change=_may(PREPARING),
    )


@bp.route("/<int:tariff_id>/nouvelle-version", methods=["GET", "POST"])
@access(*MAKERS)
def new(tariff_id: int) -> ResponseReturnValue:
    """Begin a version from nothing."""
    found = _tariff(tariff_id)
    return _begin(
        found,
        None,
        lambda form, who: prepare_version(
            db.session(),
            tariff_id=tariff_id,
            valid_from=form.valid_from.data,
            title=form.title.data or "",
            **who,
        ),
    )


@bp.route("/versions/<int:version_id>/copier", methods=["GET", "POST"])
@access(*MAKERS)
def copy(version_id: int) -> ResponseReturnValue:
    """Copy a version to a new date: as a draft, or in force at once."""
    original = _version(version_id)

    def act(form: CopyForm, who: dict[str, Any]) -> TariffVersion:
        made = copy_version(
            db.session(),
            version_id=version_id,
            valid_from=form.valid_from.data,
            title=form.title.data or "",
            **who,
        )
        if form.is_at_once is not None and form.is_at_once.data:
            put_in_force(db.session(), version_id=made.id, **who)
        return made

    return _begin(_tariff(original.tariff_id), original, act)


def _begin(
    found: Tariff, original: TariffVersion | None, act: Callable[[CopyForm, dict[str, Any]], TariffVersion]
) -> ResponseReturnValue:
    """Ask for a date and a name, make a version by an operation, and show it."""
    today = clock.today()
    form = CopyForm(data={"valid_from": date(today.year + (today.month >= 9), 9, 1)})
    problem = ""
    if original is None or not _may(DECIDING):
        del form.is_at_once
    if form.validate_on_submit():
        try:
            made = act(form, _signed())
        except Refusal as refusal:
            db.session.rollback()
            problem = refusal_sentence(refusal)
        else:
            db.session.commit()
            if made.is_draft:
                flash(
                    _("Le brouillon est prêt. Rien ne change pour les familles avant sa mise en vigueur."),
                    "success",
                )
                return redirect(url_for(".edit", version_id=made.id))
            flash(_("La copie est en vigueur ; la version précédente s’arrête la veille."), "success")
            return redirect(url_for(".version", version_id=made.id))
    page = render_template(
        "admin/tariff_copy.html", form=form, tariff=found, original=original, problem=problem
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/versions/<int:version_id>")
@access(*READERS)
def version(version_id: int) -> ResponseReturnValue:
    """Show a version: every rule in words, examples, and what is wrong with it."""
    found = _version(version_id)
    tariff_ = _tariff(found.tariff_id)
    names = formula_names(db.session(), found.tariff_id)
    prices = load_version(db.session(), found)
    keys = [key for key in names if key] or [""]
    priced = PriceList(tariff_.id, tariff_.name, tariff_.unit_name, tariff_.units_name, (prices,))
    return render_template(
        "admin/tariff_version.html",
        tariff=tariff_,
        line=_line(
            found, prices.rules, tuple(names), is_late_billed=bills_late(db.session(), found.tariff_id)
        ),
        rules=[
            RuleLine(case_words(rule, names), price_words(rule), band_rows(rule)) for rule in prices.rules
        ],
        faults=_faults(found.tariff_id, prices.rules, names),
        examples=examples(priced, prices, names, list(names) or keys) if prices.rules else [],
        may_change=_may(PREPARING if found.is_draft else DECIDING),
        may_copy=_may(PREPARING),
        may_decide=_may(DECIDING),
    )


@bp.route("/versions/<int:version_id>/modifier", methods=["GET", "POST"])
@access(*MAKERS)
def edit(version_id: int) -> ResponseReturnValue:
    """Change the whole grid at once; what is refused stays in the form, each error beside its field."""
    found = _version(version_id)
    names = formula_names(db.session(), found.tariff_id)
    prices = load_version(db.session(), found)
    form = VersionForm(
        data=values_of(
            prices.rules, valid_from=found.valid_from, title=found.title, deliberation=found.deliberation
        )
    )
    form.offer(names)
    form.lengthen("rule" if not form.rules.entries else "")
    more, problem, faults = request.form.get("more", ""), "", []
    if more:
        form.lengthen(more)
        form.offer(names)
    elif form.validate_on_submit():
        terms = form.terms()
        faults = _faults(found.tariff_id, terms.rules, names)
        answer, problem = _try(
            lambda: change_version(db.session(), version_id=version_id, terms=terms, **_signed())
        )
        if answer:
            words = (
                _("La grille est enregistrée et complète.")
                if not faults
                else _("La grille est enregistrée ; il reste à la compléter.")
            )
            flash(words, "success" if not faults else "info")
            return redirect(url_for(".version", version_id=version_id))
    page = render_template(
        "admin/tariff_edit.html",
        form=form,
        tariff=_tariff(found.tariff_id),
        version=found,
        is_used=is_used(db.session(), found),
        problem=problem,
        faults=faults,
        mistakes=form.mistakes() if form.is_submitted() and not more else [],
        has_formulas=any(names),
    )
    return page, 422 if form.is_submitted() and not more else 200


@bp.route("/versions/<int:version_id>/mettre-en-vigueur", methods=["GET", "POST"])
@access(*DECIDERS)
def enforce(version_id: int) -> ResponseReturnValue:
    """Ask, then put a draft in force; the version before it ends the day before."""
    found = _version(version_id)
    names = formula_names(db.session(), found.tariff_id)
    return _confirm(
        "admin/tariff_enforce.html",
        found,
        lambda: put_in_force(db.session(), version_id=version_id, **_signed()),
        _("La version est en vigueur à partir de sa date."),
        url_for(".version", version_id=version_id),
        faults=_faults(found.tariff_id, load_version(db.session(), found).rules, names),
    )


@bp.route("/versions/<int:version_id>/supprimer", methods=["GET", "POST"])
@access(*MAKERS)
def delete(version_id: int) -> ResponseReturnValue:
    """Ask, then delete a version that no invoice used."""
    found = _version(version_id)
    return _confirm(
        "admin/tariff_delete.html",
        found,
        lambda: delete_version(db.session(), version_id=version_id, **_signed()) or True,  # type: ignore[func-returns-value]
        _("La version est supprimée."),
        url_for(".tariff", tariff_id=found.tariff_id),
        is_used=is_used(db.session(), found),
    )


def _confirm(
    template: str, found: TariffVersion, act: Callable[[], Any], done: str, target: str, **more: Any
) -> ResponseReturnValue:
    """Show a page with one button, and do its act."""
    form, problem = ConfirmForm(), ""
    if form.validate_on_submit():
        answer, problem = _try(act)
        if answer:
            flash(done, "success")
            return redirect(target)
    page = render_template(
        template, form=form, version=found, tariff=_tariff(found.tariff_id), problem=problem, **more
    )
    return page, 422 if form.is_submitted() else 200


def _try(act: Callable[[], Any]) -> tuple[bool, str]:
    """Do an act and commit it; or return why not."""
    try:
        act()
    except Refusal as refusal:
        db.session.rollback()
        return False, refusal_sentence(refusal)
    db.session.commit()
    return True, ""


def _signed() -> dict[str, Any]:
    return {"actor": current_actor(), "now": clock.now()}


def _may(roles: tuple[Role, ...]) -> bool:
    return bool(current_actor().roles & set(roles))


def _tariff(tariff_id: int) -> Tariff:
    found = db.session.get(Tariff, tariff_id)
    if found is None:
        abort(404)
    return found


def _version(version_id: int) -> TariffVersion:
    found = db.session.get(TariffVersion, version_id)
    if found is None:
        abort(404)
    return found


def _faults(tariff_id: int, rules: tuple[PriceRule, ...], names: Mapping[str, str]) -> list[str]:
    late = bills_late(db.session(), tariff_id)
    return [fault_words(fault, names) for fault in check_version(rules, tuple(names), bills_late=late)]


def _day_faults(lines: list[VersionLine]) -> Any:
    return check_days(
        (one.version.valid_from, one.version.valid_to) for one in lines if not one.version.is_draft
    )


def _lines(found: Tariff) -> list[VersionLine]:
    """Return a tariff's versions, the earliest first."""
    session = db.session()
    keys = tuple(formula_names(session, found.id))
    late = bills_late(session, found.id)
    return [
        _line(row, load_version(session, row).rules, keys, is_late_billed=late)
        for row in all_versions(session, found.id)
    ]


def _line(
    row: TariffVersion, rules: tuple[PriceRule, ...], keys: tuple[str, ...], *, is_late_billed: bool
) -> VersionLine:
    today = clock.today()
    if row.is_draft:
        stands = "draft"
    elif row.valid_to is not None and row.valid_to <= today:
        stands = "past"
    else:
        stands = "present" if row.valid_from <= today else "future"
    return VersionLine(
        version=row,
        stands=stands,
        last_day=row.valid_to - date.resolution if row.valid_to else None,
        is_used=is_used(db.session(), row),
        fault_count=len(check_version(rules, keys, bills_late=is_late_billed)),
    )
