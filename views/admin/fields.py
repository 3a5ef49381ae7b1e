"""Form fields of the back office: related records found by search, amounts in euros, weekdays, hours."""

from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from flask_admin.model.ajax import AjaxModelLoader
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from wtforms import Field, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, html_params

from domain.family.names import search_key
from domain.money import parse_euros
from views.admin.titles import title_of, titled
from views.admin.words import WEEKDAYS, options
from views.extensions import db

MAX_FOUND = 20


class SearchLoader(AjaxModelLoader):
    """Records found without accents, a handful at a time.

    Args:
        name: the reference's name in the view.
        model: what is searched; it has a ``search_text``.
    """

    def __init__(self, name: str, model: type[Any]) -> None:
        super().__init__(name, {})
        self.model = model

    def format(self, model: Any) -> tuple[int, str] | None:
        """Return a record as the list of answers writes it."""
        return (model.id, str(model)) if model is not None else None

    def get_one(self, pk: Any) -> Any:
        """Return one record."""
        return db.session.get(self.model, pk)

    def get_list(self, query: str, offset: int = 0, limit: int = MAX_FOUND) -> list[Any]:
        """Return the first records whose words contain those of the query."""
        statement = select(self.model).order_by(self.model.search_text, self.model.id)
        for term in search_key(query or "").split():
            statement = statement.where(self.model.search_text.contains(term, autoescape=True))
        bounded = statement.offset(max(offset or 0, 0)).limit(min(max(limit, 1), MAX_FOUND))
        return list(db.session.scalars(bounded))


class SearchWidget:
    """A text to search by, and beside it the number of the record chosen."""

    def __call__(self, field: "SearchField", **kwargs: Any) -> Markup:
        """Draw the two inputs; without JavaScript the text alone is sent, and must find one record."""
        url = url_for(f"{field.endpoint}.ajax_lookup", name=field.loader.name)
        shown = {"type": "text", "id": field.id, "name": f"{field.name}-text", "value": field.text} | kwargs
        shown |= {"data-lookup": url, "autocomplete": "off"}
        hidden = {"type": "hidden", "name": field.name, "value": field.data or ""}
        return Markup(f"<input {html_params(**shown)}><input {html_params(**hidden)}>")  # noqa: S704


class SearchField(Field):
    """The number of a related record, chosen by search.

    Args:
        endpoint: the screen that answers the search.
    """

    widget = SearchWidget()

    def __init__(
        self, label: str, validators: Any = None, *, loader: SearchLoader, endpoint: str, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.loader, self.endpoint, self.typed = loader, endpoint, ""

    @property
    def text(self) -> str:
        """What the text input shows."""
        row = self.loader.get_one(self.data) if self.data else None
        return str(row) if row is not None else self.typed

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keep what was typed, for when no record was chosen."""
        if formdata is not None:
            self.typed = formdata.get(f"{self.name}-text", "")
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the number chosen, or the one record that the text finds."""
        chosen = valuelist[0] if valuelist else ""
        self.data = int(chosen) if chosen.isdigit() else None

    def pre_validate(self, _form: Any) -> None:
        """Find the record by its text when no number came."""
        if self.data is not None and self.loader.get_one(self.data) is not None:
            return
        self.data = None
        if self.typed.strip():
            found = self.loader.get_list(self.typed, limit=2)
            if len(found) != 1:
                raise ValidationError(_("Précisez : ce texte doit désigner une seule fiche."))
            self.data = found[0].id


class RowField(SelectField):
    """A row of a small table, chosen from its list.

    Args:
        model: the table.
        is_required: whether it may be left empty.
    """

    def __init__(
        self, label: str, validators: Any = None, *, model: type[Any], is_required: bool, **kwargs: Any
    ) -> None:
        self.model, self.is_required = model, is_required
        super().__init__(label, validators, coerce=_number, choices=self._rows, **kwargs)

    def _rows(self) -> list[Any]:
        rows = sorted(
            ((row.id, title_of(row)) for row in db.session.scalars(titled(self.model))), key=lambda r: r[1]
        )
        return options(rows if self.is_required else [("", "–"), *rows])


def _number(value: Any) -> int | None:
    return int(value) if value not in ("", None, "None") else None


class EurosField(StringField):
    """An amount typed in euros and kept in cents: ``3,50`` is 350.

    Args:
        wrong: what is said to somebody who types something else.
    """

    def __init__(self, label: Any, validators: Any = None, *, wrong: str = "", **kwargs: Any) -> None:
        self.wrong = wrong
        super().__init__(label, validators, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:.2f}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount; more than two decimals are refused."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            self.data = parse_euros(text)
        except ValueError as error:
            raise ValueError(str(self.wrong) or _("Écrivez un montant, par exemple 3,50.")) from error


class ShareField(StringField):
    """A percentage kept as a whole number of small parts: ``0,36`` is 3600 where ``parts`` is 10 000."""

    def __init__(self, label: Any, validators: Any = None, *, parts: int, **kwargs: Any) -> None:
        self.parts = parts
        super().__init__(label, validators, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return f"{(Decimal(self.data) / self.parts).normalize():f}".replace(".", ",")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a percentage of at most so many decimals as can be kept."""
        text = (valuelist[0] if valuelist else "").replace("%", "").replace(",", ".").strip()
        self.data = None
        if not text:
            return
        try:
            value = Decimal(text) * self.parts
        except InvalidOperation as error:
            raise ValueError(_("Écrivez un pourcentage, par exemple 0,36.")) from error
        if not value.is_finite() or value != value.to_integral_value() or not 0 < value < 10**9:
            raise ValueError(_("Écrivez un pourcentage au-dessus de 0, de quatre décimales au plus."))
        self.data = int(value)


class CheckboxesField(SelectMultipleField):
    """Several choices, each a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WeekdaysField(CheckboxesField):
    """Days of the week kept as one number, Monday being its lowest bit."""

    def __init__(self, label: str, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, coerce=int, choices=options(enumerate(WEEKDAYS)), **kwargs)

    def process_data(self, value: int | None) -> None:
        """Take the number apart."""
        self.data = [bit for bit in range(7) if (value or 0) >> bit & 1]

    def populate_obj(self, obj: Any, name: str) -> None:
        """Put the number together."""
        setattr(obj, name, sum(1 << bit for bit in self.data or []))


class MinutesField(TimeField):
    """An hour kept as minutes since midnight."""

    def process_data(self, value: int | None) -> None:
        """Show minutes as an hour."""
        self.data = None
        if value is not None:
            self.data = time(min(value, 1439) // 60, min(value, 1439) % 60)

    def populate_obj(self, obj: Any, name: str) -> None:
        """Keep the hour as minutes; 23:59 stands for the end of the day."""
        minutes = self.data.hour * 60 + self.data.minute if self.data else 0
        setattr(obj, name, 1440 if minutes == 1439 else minutes)
