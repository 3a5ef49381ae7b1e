"""Lists of millions of rows: paged by key, never counted."""

from typing import Any, ClassVar

from flask import g, request

from views.admin.values import related_names


class KeysetList:
    """A list of millions of rows: newest first, paged by key, never counted."""

    simple_list_pager = True
    is_counted = False
    column_sortable_list: ClassVar[tuple[str, ...]] = ()

    def get_list(self, _page: Any, _sort: Any, _desc: Any, search: Any, filters: Any, **kwargs: Any) -> Any:
        """Return no count, and the page that begins after or ends before a key."""
        size = kwargs.get("page_size") or self.page_size
        query = self.get_query()
        if search:
            query = self._apply_search(query, None, {}, {}, search)[0]
        query = self._apply_filters(query, None, {}, {}, filters or ())[0]
        after, before = (request.args.get(name, type=int) for name in ("after", "before"))
        key = self.model.id
        if before:
            rows = query.filter(key > before).order_by(key.asc()).limit(size + 1).all()[::-1]
            has_previous, has_next, rows = len(rows) > size, True, rows[-size:]
        else:
            query = query.filter(key < after) if after else query
            rows = query.order_by(key.desc()).limit(size + 1).all()
            has_previous, has_next, rows = bool(after), len(rows) > size, rows[:size]
        g.admin_pages = _edges(rows, has_previous, has_next)
        g.admin_names = related_names(rows, self.linked)
        return None, rows

    def pager(self) -> dict[str, str]:
        """Return the addresses of the pages before and after."""
        kept = {k: v for k, v in request.args.items() if k not in ("after", "before", "page") and v}
        return {
            name: self.get_url(".index_view", **kept, **edge)
            for name, edge in g.get("admin_pages", {}).items()
        }


def _edges(rows: list[Any], has_previous: bool, has_next: bool) -> dict[str, dict[str, int]]:
    edges = {}
    if rows and has_previous:
        edges["previous"] = {"before": rows[0].id}
    if rows and has_next:
        edges["next"] = {"after": rows[-1].id}
    return edges
