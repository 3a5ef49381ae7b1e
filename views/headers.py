"""The headers that every answer carries."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from config import Settings
from views.payment_gateway import paybox_pages

CITIZEN_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action {form_action}"
)


def init_headers(app: Flask, settings: Settings) -> None:
    """Set the security headers; a page that needs another policy puts it in ``g.content_policy``."""
    policy = CITIZEN_POLICY.format(form_action=" ".join(["'self'", *bank_origins(settings)]))

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", g.get("content_policy", policy))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if settings.secure_cookies:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint not in ("static", "public.theme", "public.logo"):
            headers.setdefault("Cache-Control", "no-store")
        return response


def bank_origins(settings: Settings) -> list[str]:
    """Return the hosts to which a page may send its payment form: those of the bank's configured pages."""
    if settings.payment_gateway != "paybox":
        return []
    parts = [urlsplit(url) for url in paybox_pages(settings)]
    return list(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))
