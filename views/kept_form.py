"""A form that comes too late, after the session ended: nothing typed is lost, it can be sent again."""

from urllib.parse import urlsplit

from flask import render_template, request
from flask_security import current_user

# Never written back into a page: what proves who one is, and what pays.
SECRET = ("csrf_token", "password", "secret", "token", "code", "iban")
LONG = 30


def kept_form(*, asks_password: bool = False) -> str | None:
    """Return a page that keeps what was typed and sends it again; None when there is nothing of ours to keep.

    With ``asks_password`` the session lasts, but a form about money or secrets wants the password anew first.

    Only for a form that one of our own pages sent: another site must not have its words shown here.
    """
    if request.method != "POST" or not _is_ours() or request.path.startswith("/connexion"):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if not _is_secret(name)]
    if not fields and not request.files:
        return None
    return render_template(
        "errors/kept_form.html",
        fields=fields,
        texts=[value for _name, value in fields if len(value) > LONG],
        has_secrets=any(_is_secret(name) and name != "csrf_token" for name in request.form),
        asks_password=asks_password,
        has_files=any(file.filename for file in request.files.values()),
        is_signed_in=current_user.is_authenticated,
        action=request.full_path.rstrip("?"),
    )


def _is_secret(name: str) -> bool:
    return any(word in name for word in SECRET)


def _is_ours() -> bool:
    """Whether the browser says that the form was on a page of this portal."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(said).netloc == request.host
