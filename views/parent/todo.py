"""What the home asks a parent to do, and until when: the most pressing first."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from domain.demarches.queries import waiting_address_change
from domain.direct_debits.queries import ComingDebit, coming_debits
from domain.documents.again import WantedAgain, documents_wanted_again
from domain.invoicing.queries import InvoiceRow, due_invoices, handed_over_invoices
from domain.reservations.queries import HomeChild
from views.access import current_actor
from views.extensions import db
from views.formats import day_of_month, euros, of_month
from views.parent.offers import offers_to_answer
from views.parent.quotient import quotient_items
from views.parent.registering import registration_items
from views.parent.school.home import school_items
from views.parent.wishes import wish_items
from views.words import marked

Item = dict[str, str]
# The tone of what asks nothing of the parent: it waits for somebody else.
WAITS = "neutral"


def todo_items(
    family_id: int, children: Sequence[HomeChild], registered: Mapping[int, list[int]], today: date
) -> list[Item]:
    """Return what the home lists under "À faire"; see ``todo_list`` in templates/components/home.html."""
    items: list[Item] = offers_to_answer(family_id)
    items += _money_items(family_id, today)
    items += _document_items(family_id, children, today)
    items += quotient_items(family_id)
    items += school_items(family_id)
    items += registration_items(family_id, children, registered)
    items += wish_items(family_id, children)
    if waiting_address_change(db.session(), family_id) is not None:
        items.append({
            "text": _("Votre changement d’adresse est en cours d’examen"),
            "note": _("Vous recevrez la réponse par e-mail."),
            "href": url_for(".requests"),
            "action": _("Voir"),
            "tone": WAITS,
            "drawing": "map-pin",
        })  # fmt: skip
    return items


def _money_items(family_id: int, today: date) -> list[Item]:
    session = db.session()
    due = due_invoices(session, family_id=family_id)
    debits = {one.invoice_id: one for one in coming_debits(session, family_id)}
    return [
        *(_to_pay(invoice, today) for invoice in due if invoice.id not in debits),
        *(_to_be_debited(invoice, debits[invoice.id]) for invoice in due if invoice.id in debits),
        *(_at_tresor(invoice) for invoice in handed_over_invoices(session, family_id=family_id)),
    ]


def _to_pay(invoice: InvoiceRow, today: date) -> Item:
    is_late = invoice.due_on is not None and invoice.due_on < today
    return {
        "text": _invoice_title(invoice),
        "note": _invoice_note(invoice, is_late=is_late),
        "href": url_for(".invoice", invoice_id=invoice.id),
        "post": url_for(".pay", invoice_id=invoice.id),
        "action": _("Payer"),
        "tone": "error" if is_late else "warning",
        "drawing": "euro",
    }


def _to_be_debited(invoice: InvoiceRow, debit: ComingDebit) -> Item:
    return {
        "text": _invoice_title(invoice),
        "note": _("Prélevée le %(day)s : vous n’avez rien à faire.", day=day_of_month(debit.collection_on)),
        "href": url_for(".invoice", invoice_id=invoice.id),
        "action": _("Voir"),
        "tone": WAITS,
        "drawing": "euro",
    }


def _at_tresor(invoice: InvoiceRow) -> Item:
    return {
        "text": _invoice_title(invoice),
        "note": _("Transmise au Trésor public, qui la recouvre"),
        "href": url_for(".invoice", invoice_id=invoice.id),
        "action": _("Voir"),
        "tone": "warning",
        "drawing": "file-text",
    }


def _invoice_title(invoice: InvoiceRow) -> str:
    title = _("Facture %(month)s", month=of_month(invoice.month)) if invoice.month else invoice.number
    return _("%(what)s : %(words)s", what=title, words=euros(invoice.due_cents))


def _invoice_note(invoice: InvoiceRow, *, is_late: bool) -> str:
    until = day_of_month(invoice.due_on) if invoice.due_on else ""
    note = _("À payer depuis le %(day)s", day=until) if is_late else _("À payer avant le %(day)s", day=until)
    if invoice.reminded_on is None:
        return note
    return f"{note} · " + _("relancée le %(day)s", day=day_of_month(invoice.reminded_on))


def _document_items(family_id: int, children: Sequence[HomeChild], today: date) -> list[Item]:
    names = {child.id: child.given_name for child in children}
    hides_health = {
        child_id
        for (of_family, child_id), rights in current_actor().limits.items()
        if of_family == family_id and not rights.may_see_health
    }
    return [
        _to_give_again(one, names.get(one.child_id or 0, ""), today)
        for one in documents_wanted_again(db.session(), family_id=family_id, today=today)
        if one.child_id is None
        or (one.child_id in names and not (one.is_health and one.child_id in hides_health))
    ]


def _to_give_again(one: WantedAgain, child: str, today: date) -> Item:
    if one.last_day is None:
        note = _("Document refusé : %(reason)s", reason=one.reason)
    elif one.last_day < today:
        note = _("Expiré depuis le %(day)s : envoyez le nouveau.", day=day_of_month(one.last_day))
    else:
        note = _("Expire le %(day)s : envoyez le suivant.", day=day_of_month(one.last_day))
    text = _("%(document)s de %(child)s", document=one.kind_name, child=child) if child else one.kind_name
    return {
        "text": marked(text, [one.kind_name]),
        "note": marked(note, [one.reason]),
        "href": url_for(
            ".document_new",
            type_code=one.kind_code,
            subject=one.subject.value,
            subject_id=one.subject_id,
            next=url_for(".home"),
        ),
        "action": _("Envoyer"),
        "tone": "warning",
        "drawing": "file-text",
    }
