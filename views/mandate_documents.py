"""The mandate as a paper: what the family agreed to, drawn when it is signed and kept."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from domain.direct_debits.rules import masked_iban, written_iban
from domain.family.rules import written_family_code
from domain.family.sheet import current_address
from gateways.pdf import MandateContext, address_lines, render_mandate
from models.direct_debits import MandateOrigin, SepaMandate
from models.family import Family
from models.town import Town
from views.extensions import db
from views.invoice_documents import keep_pdf, read_pdf, render_document
from views.languages import FRENCH, speaking
from views.letterhead import letterhead
from views.mailing import absolute, tell_family


def mandate_text(town_name: str) -> tuple[str, ...]:
    """Return what a signature means, as the rulebook of SEPA debits words it (EPC016-06, annex VII)."""
    return (
        _(
            "En signant ce mandat, vous autorisez %(town)s à envoyer des instructions à votre banque "
            "pour débiter votre compte, et votre banque à le débiter selon ces instructions.",
            town=town_name,
        ),
        _(
            "Vous avez le droit d’être remboursé par votre banque, selon les conditions de la convention que vous "
            "avez passée avec elle. Vous demandez ce remboursement dans les 8 semaines qui suivent la date du débit."
        ),
    )


@speaking(FRENCH)
def keep_mandate(mandate: SepaMandate) -> None:
    """Draw a mandate that was just signed, and keep it. The caller commits."""
    mandate.file_id = keep_pdf(
        render_mandate(render_document, _context(mandate)), f"mandat-{mandate.rum}.pdf"
    ).id


def mandate_pdf(mandate: SepaMandate) -> bytes:
    """Return a mandate's kept paper; one that came without is drawn and kept now. The caller commits."""
    if mandate.file_id is None:
        keep_mandate(mandate)
    return read_pdf(mandate.file_id)


def _context(mandate: SepaMandate) -> MandateContext:
    session = db.session()
    town = session.scalars(select(Town)).one()
    family = session.get_one(Family, mandate.family_id)
    return MandateContext(
        town=letterhead(),
        rum=mandate.rum,
        creditor_id=town.sepa_creditor_id,
        address=address_lines(mandate.holder, _address(family, mandate.signed_on)),
        family_code=written_family_code(family.code) if family.code else "",
        holder=mandate.holder,
        iban=written_iban(mandate.iban),
        bic=mandate.bic,
        signed_on=mandate.signed_on,
        signature=_signature(mandate.origin),
        terms=mandate_text(town.name),
    )


def _address(family: Family, on: date) -> str:
    address = current_address(db.session(), family.id, on)
    return str(address) if address else ""


def _signature(origin: MandateOrigin) -> str:
    if origin is MandateOrigin.ONLINE:
        return _("Signé en ligne par la famille, depuis son compte du portail")
    return _("Signé sur papier ; l’original est gardé par le service")


def tell_signed(mandate: SepaMandate) -> None:
    """Write to the family's adults that a mandate was signed, so that a stranger's hand is noticed."""
    _tell("mandate_signed", mandate)


def tell_revoked(mandate: SepaMandate) -> None:
    """Write to the family's adults that a mandate ended."""
    _tell("mandate_ended", mandate)


def _tell(kind: str, mandate: SepaMandate) -> None:
    tell_family(
        kind,
        mandate.family_id,
        once_key=f"{kind}:{mandate.id}",
        rum=mandate.rum,
        holder=mandate.holder,
        account=masked_iban(mandate.iban),
        account_url=absolute("parent.account"),
    )
