"""The three bases that carry every screen: read-only, operation, settings."""

import hashlib
import logging
from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, g, request
from flask_admin.contrib.sqla import ModelView
from flask_admin.model.filters import BaseFilter
from flask_babel import gettext as _
from flask_security import current_user
from jinja2 import pass_context
from markupsafe import Markup
from sqlalchemy import inspect as inspect_model
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from domain import audit, clock
from domain.actor import Role
from domain.errors import Refusal
from domain.family.names import search_key
from gateways.exports import MAX_ROWS
from models.jobs import JobKind
from views.access import back_to_sign_in, current_actor
from views.admin.export import export_answer
from views.admin.fields import SearchLoader
from views.admin.filters import ColumnFilter
from views.admin.form_factory import build_form
from views.admin.values import related_names, shown
from views.admin.words import LABELS
from views.errors import refusal_sentence
from views.extensions import db
from views.office_jobs.kinds import TYPES
from views.office_jobs.start import begin, follow

log = logging.getLogger(__name__)
EVERYONE = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_AGENT, Role.REGISSEUR, Role.ACTIVITY_LEADER})
DESK = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_AGENT})
CASHIERS = frozenset({Role.ADMINISTRATOR, Role.REGISSEUR})
OFFICE = DESK | CASHIERS
FIELD = DESK | {Role.ACTIVITY_LEADER}
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
WRITING = frozenset({"create_view", "edit_view", "delete_view", "action_view", "ajax_update"})


class Guarded:
    """Who may come in: a role of ``readers`` to look, of ``writers`` to change."""

    readers: ClassVar[frozenset[Role]] = ADMINISTRATORS
    writers: ClassVar[frozenset[Role]] = frozenset()

    def is_accessible(self) -> bool:
        """Whether the person signed in may look at this screen."""
        return bool(current_user.is_authenticated and current_actor().roles & self.readers)

    def may_write(self) -> bool:
        """Whether the person signed in may change something here."""
        return bool(current_actor().roles & self.writers)

    def inaccessible_callback(self, _name: str, **_kwargs: Any) -> Any:
        """Send a stranger to the sign-in page, and anybody else away."""
        if not current_user.is_authenticated:
            return back_to_sign_in()
        return abort(403)

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        if not self.is_accessible():
            return self.inaccessible_callback(name, **kwargs)
        if name in WRITING and not self.may_write():
            abort(403)
        return None

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin calls a view that raised a TypeError a second time, which hides the error.
        return fn(self, *args, **kwargs)


class ReadOnlyView(Guarded, ModelView):
    """The default: a list, details, exports; nothing can be written.

    Args (class attributes):
        linked: the model that each column of numbers points at, to show and search it by name.
        searched: own columns that a search looks into, besides the linked records.
        empty: what an empty list says.
    """

    can_create = can_edit = can_delete = False
    can_view_details = True
    can_export = True
    column_display_pk = False
    column_auto_select_related = False
    named_filter_urls = True
    page_size = 50
    can_set_page_size = False
    list_template = "admin/list.html"
    details_template = "admin/details.html"
    create_template = edit_template = "admin/form.html"
    column_default_sort: Any = ("id", True)

    linked: ClassVar[dict[str, type[Any]]] = {}
    searched: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[dict[str, str]] = {}
    empty = "Rien à montrer ici pour le moment."
    search_hint = "Rechercher"
    is_counted = True

    def __init__(self, model: type[Any], name: str, category: str) -> None:
        self.column_labels = LABELS | self.labels
        super().__init__(model, db, name=name, category=category)

    # --- What Flask-Admin scaffolds and we name ourselves

    def init_search(self) -> bool:
        """Say whether the list can be searched."""
        return bool(self.searched or self._searchable_links())

    def get_form(self) -> Any:
        """Return no form: this screen only shows."""
        return build_form(self.model, (), {}, {})

    def is_valid_filter(self, filter: Any) -> bool:
        """Accept our own filters, which are objects."""
        return isinstance(filter, BaseFilter)

    def handle_filter(self, filter: Any) -> Any:
        """Take a filter as it is: ours join nothing."""
        return filter

    def get_filter_arg(self, _index: int, flt: ColumnFilter) -> str:
        """Return a filter's name in the address."""
        return flt.key

    def _refresh_filters_cache(self) -> None:
        # Options are read with each page: Flask-Admin would read them here, before there is a database.
        self._filters = self.get_filters() or []
        self._filter_groups = None
        self._filter_args = {flt.key: (index, flt) for index, flt in enumerate(self._filters)}

    def _get_list_filter_args(self) -> list[Any]:
        chosen = []
        for index, flt in enumerate(self._filters):
            value = request.args.get(f"flt_{flt.key}", "").strip()
            if value and flt.validate(value):
                chosen.append((index, flt.name, value))
            elif value:
                flash(_("Ce filtre n’est pas compris : %(name)s.", name=flt.name), "error")
        return chosen

    def _get_filters(self, filters: Any) -> dict[str, Any]:
        return {f"flt_{self._filters[index].key}": value for index, _name, value in filters or ()}

    # --- Search, without accents, in the row and in the records that it points at

    def _searchable_links(self) -> dict[str, type[Any]]:
        return {name: model for name, model in self.linked.items() if hasattr(model, "search_text")}

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        for term in search_key(search).split():
            found = or_(*self._matches(term))
            query = query.filter(found)
            count_query = count_query.filter(found) if count_query is not None else None
        return query, count_query, joins, count_joins

    def _matches(self, term: str) -> list[Any]:
        own = [getattr(self.model, name).icontains(term, autoescape=True) for name in self.searched]
        through = [
            getattr(self.model, name).in_(
                select(model.id).where(model.search_text.contains(term, autoescape=True))
            )
            for name, model in self._searchable_links().items()
        ]
        return own + through

    # --- Values: one query for each kind of related record, whatever the number of rows

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        """Return the count and the rows, and look up the names of what they point at."""
        count, rows = super().get_list(*args, **kwargs)
        g.admin_names = related_names(rows, self.linked)
        return count, rows

    @pass_context
    def get_list_value(self, _context: Any, model: Any, name: str) -> Markup:
        """Return a cell of the list."""
        return shown(model, name, self.linked, g.admin_names)

    @pass_context
    def get_detail_value(self, _context: Any, model: Any, name: str) -> Markup:
        """Return a value of the details page."""
        if g.get("admin_record") is not model:
            g.admin_record, g.admin_names = model, related_names([model], self.linked)
        return shown(model, name, self.linked, g.admin_names)

    def filter_fields(self) -> list[dict[str, Any]]:
        """Return what the filters' form shows: name, label, kind, options, and the value in the address."""
        return [
            {
                "name": f"flt_{flt.key}",
                "label": flt.name,
                "kind": flt.kind,
                "options": flt.get_options(self) or [],
                "value": request.args.get(f"flt_{flt.key}", ""),
            }
            for flt in self._filters
        ]

    def row_links(self, _row: Any) -> list[tuple[str, str]]:
        """Return more links of a row or a details page: address and words."""
        return []

    def details_links(self, _row: Any) -> list[tuple[str, str]]:
        """Return what only a details page leads to: address and words."""
        return []

    def details_actions(self, _row: Any) -> list[tuple[str, str, bool]]:
        """Return what may be done to one record: the action's name, its words, and whether it asks why."""
        return []

    def pager(self) -> dict[str, str]:
        """Return the addresses of the pages before and after, where pages go by key."""
        return {}

    def export_url(self, kind: str) -> str:
        """Return the address of this list, as it is filtered, as a file."""
        return self.get_url(".export", export_type=kind, **request.args.to_dict())

    def export_query(self) -> Any:
        """Return the rows of this list as the address filters it."""
        view_args = self._get_list_extra_args()
        query = self.get_query()
        if view_args.search:
            query = self._apply_search(query, None, {}, {}, view_args.search)[0]
        return self._apply_filters(query, None, {}, {}, view_args.filters)[0]

    def _export(self, kind: str) -> Any:
        query, columns = self.export_query(), self._export_columns
        count = query.order_by(None).limit(MAX_ROWS + 1).count()
        if count > MAX_ROWS:
            raise Refusal("export_too_long", rows=MAX_ROWS)
        if kind == "xlsx" and count > TYPES[JobKind.EXPORT].at_once:
            return self._export_later(count)
        return export_answer(kind, query, self.model, columns, self.linked, title=str(self.name))

    def _export_later(self, count: int) -> Any:
        """Let the worker write a long workbook: a spreadsheet is only whole once its last row is there."""
        query = request.query_string.decode()
        digest = hashlib.sha256(query.encode()).hexdigest()[:16]
        subject = f"{self.endpoint}:{current_actor().user_id}:{digest}"
        facts = {"screen": self.endpoint, "name": str(self.name), "query": query}
        return follow(JobKind.EXPORT, begin(JobKind.EXPORT, subject=subject, facts=facts, total=count))

    def _export_csv(self, _return_url: str) -> Any:
        return self._export("csv")

    def _export_tablib(self, export_type: str, _return_url: str) -> Any:
        return self._export(export_type)

    export_types: ClassVar[list[str]] = ["csv", "xlsx"]


class OperationView(ReadOnlyView):
    """Create and update call an operation of the domain; a Refusal becomes a message beside the form."""

    form_ajax_refs: ClassVar[dict[str, SearchLoader]] = {}
    create_form_class: Any = None
    edit_form_class: Any = None

    def get_create_form(self) -> Any:
        """Return the form of a new record."""
        return self.create_form_class or self.get_form()

    def get_edit_form(self) -> Any:
        """Return the form of a known record."""
        return self.edit_form_class or self.get_create_form()

    def create(self, _form: Any) -> Any:
        """Call the operation that makes a record; return it."""
        raise NotImplementedError

    def update(self, _form: Any, _model: Any) -> None:
        """Call the operation that changes a record."""
        raise NotImplementedError

    def create_model(self, form: Any) -> Any:
        """Make a record by its operation, or say why not."""
        return self.attempt(form, lambda: self.create(form) or True)

    def update_model(self, form: Any, model: Any) -> bool:
        """Change a record by its operation, or say why not."""
        return bool(self.attempt(form, lambda: self.update(form, model) or True))

    def attempt(self, form: Any, act: Callable[[], Any]) -> Any:
        """Run an operation in one transaction; False when it was refused, and the form says why."""
        try:
            result = act()
            db.session.commit()
        except Refusal as refusal:
            db.session.rollback()
            form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
            return False
        return result

    def each(self, ids: list[str], act: Callable[[int], Any], done: str) -> None:
        """Run an operation on each record, each in its own transaction, and tell what came of it.

        Args:
            done: the words of success, with ``%(count)s``.
        """
        count = 0
        for row_id in ids:
            try:
                act(int(row_id))
                db.session.commit()
                count += 1
            except Refusal as refusal:
                db.session.rollback()
                flash(refusal_sentence(refusal), "error")
        if count:
            flash(done % {"count": count}, "success")

    @staticmethod
    def signed() -> dict[str, Any]:
        """Return who acts and when, for an operation."""
        return {"actor": current_actor(), "now": clock.now()}


class SettingsView(ReadOnlyView):
    """Plain create, edit and delete: only for configuration tables, listed in one test."""

    can_create = can_edit = can_delete = True
    writers = ADMINISTRATORS
    readers = DESK
    form_fields: ClassVar[tuple[str, ...]] = ()
    # Of a long form: the heading of each section and its fields, every field in one of them.
    sections: ClassVar[dict[str, tuple[str, ...]]] = {}
    rows: ClassVar[dict[str, type[Any]]] = {}

    def get_form(self) -> Any:
        """Return the form of the columns named."""
        return build_form(self.model, self.form_fields, self.column_labels, self.rows)

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        """Write the change into the trail."""
        db.session.flush()
        after = {name: _plain(getattr(model, name)) for name in self.form_fields}
        self._trail("create_setting" if is_created else "update_setting", model, after=after)

    def on_model_delete(self, model: Any) -> None:
        """Write the deletion into the trail."""
        before = {name: _plain(getattr(model, name)) for name in self.form_fields}
        self._trail("delete_setting", model, before=before)

    def _trail(self, action: str, model: Any, **values: Any) -> None:
        audit.record(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            action=action,
            subject_kind=inspect_model(self.model).local_table.name,
            subject_id=model.id,
            **values,
        )

    def handle_view_exception(self, exc: Exception) -> bool:
        """Say in French what the rules or the database refuse; anything unexpected is an error page, not a message."""
        if isinstance(exc, Refusal):
            # Before the sentence: its template asks the database, which would write what was refused.
            db.session.rollback()
            flash(refusal_sentence(exc), "error")
            return True
        if isinstance(exc, IntegrityError):
            log.info("A setting was refused by the database: %s", exc.orig)
            flash(
                _(
                    "La base refuse : cette valeur existe déjà, contredit une autre, ou cette fiche sert ailleurs."
                ),
                "error",
            )
            return True
        raise exc


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
