"""Mon compte: telephones, e-mail, password, and how invoices come."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import select

from domain import clock
from domain.direct_debits.mandates import live_mandate, offers_direct_debit
from domain.errors import Refusal
from domain.family.contact import choose_e_invoice, confirm_email_change, request_email_change, set_phones
from domain.family.rules import normalise_phone
from models.family import Family, Guardian
from views.access import access, current_actor, current_family_id
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import phone
from views.forms.account import EmailForm, InvoiceChoiceForm, PhonesForm
from views.links import EMAIL_HOURS, read_signed, signed
from views.mailing import absolute, send_mail
from views.parent.blueprint import bp
from views.throttle import throttled

PURPOSE = "email"


def own_guardian() -> Guardian:
    """Return the adult that this account is in the family looked at; 404 without one.

    For an agent who acts for the family at the desk, its first adult.
    """
    adults = select(Guardian).where(Guardian.family_id == current_family_id()).order_by(Guardian.rank)
    if current_actor().on_behalf_of_family_id is None:
        adults = adults.where(Guardian.user_id == current_user.id)
    guardian = db.session.scalars(adults.limit(1)).first()
    if guardian is None:
        abort(404)
    return guardian


@bp.get("/compte")
@access("parent")
def account() -> ResponseReturnValue:
    """Show what may be changed, each with its present value; before the family is validated, the account alone."""
    if not current_actor().family_ids:
        return render_template(
            "parent/account_alone.html", email=current_user.email, pending_email=current_user.pending_email
        )
    family_id = current_family_id()
    guardian = own_guardian()
    is_own = current_actor().on_behalf_of_family_id is None
    return render_template(
        "parent/account.html",
        guardian=guardian,
        family=db.session.get_one(Family, family_id),
        offers_debit=offers_direct_debit(db.session()),
        mandate=live_mandate(db.session(), family_id, clock.today()),
        email=current_user.email if is_own else guardian.email,
        pending_email=current_user.pending_email if is_own else None,
        is_own=is_own,
    )


@bp.route("/compte/telephone", methods=["GET", "POST"])
@access("parent", after_departure=True)
def account_phone() -> ResponseReturnValue:
    """Change the telephone numbers; they hold at once."""
    guardian = own_guardian()
    form = PhonesForm(phone=phone(guardian.phone), phone_alt=phone(guardian.phone_alt))
    if not form.validate_on_submit():
        return render_template("parent/account_phone.html", form=form), 422 if form.is_submitted() else 200
    set_phones(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        guardian_id=guardian.id,
        phone=normalise_phone(form.phone.data or "") or "",
        phone_alt=normalise_phone(form.phone_alt.data or "") or "",
    )
    db.session.commit()
    flash(_("Vos numéros de téléphone sont enregistrés."), "success")
    return redirect(url_for(".account"))


@bp.route("/compte/email", methods=["GET", "POST"])
@access("parent", personal=True, after_departure=True)
@throttled
def account_email() -> ResponseReturnValue:
    """Ask for another address; nothing changes before its link is opened."""
    form = EmailForm()
    if not form.validate_on_submit() or not _password_is_right(form):
        page = render_template("parent/account_email.html", form=form, email=current_user.email)
        return page, 422 if form.is_submitted() else 200
    new = form.email.data
    try:
        is_free = request_email_change(db.session(), actor=current_actor(), now=clock.now(), email=new)
    except Refusal as refusal:
        db.session.rollback()
        form.email.errors = [refusal_sentence(refusal)]
        return render_template("parent/account_email.html", form=form, email=current_user.email), 422
    if is_free:
        _send_email_link(new)
    else:
        send_mail("email_known", new, sign_in_url=absolute("security.login"))
    db.session.commit()
    flash(
        _(
            "Un e-mail vient de partir à %(email)s : ouvrez son lien pour que la nouvelle adresse serve.",
            email=new,
        ),
        "info",
    )
    return redirect(url_for(".account"))


def _password_is_right(form: EmailForm) -> bool:
    if current_user.verify_and_update_password(form.password.data):
        return True
    current_user.track_failed_authn("password")
    form.password.errors = [_("Ce n’est pas le bon mot de passe.")]
    return False


def _send_email_link(new: str) -> None:
    token = signed(PURPOSE, {"user": current_user.id, "email": new})
    send_mail(
        "email_confirm",
        new,
        person_name=current_user.display_name,
        old_email=current_user.email,
        link=absolute("parent.account_email_confirm", token=token),
        hours=EMAIL_HOURS,
    )


@bp.get("/compte/email/<token>")
@access("public")
def account_email_confirm(token: str) -> ResponseReturnValue:
    """Make the new address the account's own; the old one is told."""
    try:
        facts = read_signed(PURPOSE, token, EMAIL_HOURS)
        changed = confirm_email_change(
            db.session(), now=clock.now(), user_id=facts["user"], email=facts["email"]
        )
    except Refusal as refusal:
        db.session.rollback()
        return render_template("public/link_problem.html", sentence=refusal_sentence(refusal)), 422
    send_mail("email_changed", changed.old, person_name=changed.user.display_name, new_email=changed.new)
    db.session.commit()
    flash(_("Votre adresse e-mail est maintenant %(email)s.", email=changed.new), "success")
    return redirect(url_for(".account" if current_user.is_authenticated else "security.login"))


@bp.route("/compte/factures", methods=["GET", "POST"])
@access("parent", after_departure=True)
def account_invoices() -> ResponseReturnValue:
    """Choose electronic or paper invoices."""
    family = db.session.get_one(Family, current_family_id())
    form = InvoiceChoiceForm(choice="electronic" if family.wants_e_invoice else "paper")
    if not form.validate_on_submit():
        return render_template("parent/account_invoices.html", form=form), 422 if form.is_submitted() else 200
    wants = form.choice.data == "electronic"
    choose_e_invoice(db.session(), actor=current_actor(), now=clock.now(), family_id=family.id, wants=wants)
    db.session.commit()
    flash(
        _("C’est noté : vos prochaines factures arrivent par voie électronique.")
        if wants
        else _("C’est noté : vos prochaines factures arrivent sur papier."),
        "success",
    )
    return redirect(url_for(".account"))
