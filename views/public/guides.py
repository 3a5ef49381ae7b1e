"""The families' guide: its contents, its pages, a search, and its printed copies."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from domain.guides.queries import published_regulations
from views.access import access
from views.extensions import db
from views.guide_documents import DOCUMENTS, Paper, kept_papers
from views.guides import PARENTS, find_page, found_url, guide_names, guide_url, kept_guide, search

bp = Blueprint("guides", __name__)
PDF_AGE = 3600


@bp.get("/aide")
@access("public")
def index() -> ResponseReturnValue:
    """Show what the guide holds, or what it says on a subject."""
    query = request.args.get("q", "").strip()[:100]
    found = search(guide_names(frozenset()), query) if query else []
    return render_template(
        "public/guides.html", pages=kept_guide(PARENTS).pages, query=query, found=found, found_url=found_url
    )


@bp.get("/aide/<slug>")
@access("public")
def page(slug: str) -> ResponseReturnValue:
    """Show one page of the guide, with those before and after."""
    known = find_page(PARENTS, slug)
    if known is None:
        abort(404)
    here, before, after = known
    return render_template(
        "public/guide.html",
        page=here,
        before=(guide_url(PARENTS, before.slug), before.title) if before else None,
        after=(guide_url(PARENTS, after.slug), after.title) if after else None,
    )


@bp.get("/documents-a-telecharger")
@access("public")
def documents() -> ResponseReturnValue:
    """List the papers that one may keep or print."""
    regulations = published_regulations(db.session())
    return render_template("public/papers.html", documents=printed_copies(), regulations=regulations)


def printed_copies() -> list[tuple[str, Paper, bool]]:
    """Return each printed copy of the guide with its name, and whether it is there yet."""
    kept = kept_papers()
    return [(name, paper, kept.get(name) is not None) for name, paper in DOCUMENTS.items()]


@bp.get("/documents-a-telecharger/<filename>")
@access("public")
def document(filename: str) -> Response:
    """Give a printed copy of the guide, or say that the worker is drawing it."""
    name, _dot, kind = filename.rpartition(".")
    if kind != "pdf" or name not in DOCUMENTS:
        abort(404)
    path = kept_papers().get(name)
    if path is None:
        page = make_response(render_template("public/paper_coming.html", paper=DOCUMENTS[name]))
        page.status_code = HTTPStatus.ACCEPTED
        page.cache_control.no_store = True
        return page
    response = Response(path.read_bytes(), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    response.cache_control.public = True
    response.cache_control.max_age = PDF_AGE
    return response
