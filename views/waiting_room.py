"""The waiting room of a busy opening day: before a reservation page, and before anything else is asked."""

from urllib.parse import urlencode

from flask import Flask, Response, after_this_request, current_app, request, session
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from config import Settings
from domain import clock
from domain.queueing.operations import Place, find_place, keep_seat
from domain.queueing.rules import PATIENCE, SEAT_KEPT, TICKET_KEPT, refresh_seconds
from views.access import ACTING
from views.extensions import db
from views.languages import page_language, speak_without_account
from views.time_limits import keep_turn

# The pages that a crowd opens, and the forms of those who are in: what is sent always goes through.
OPENED = frozenset({"parent.reservations", "parent.month", "parent.week_pattern"})
SENT = frozenset({"parent.save", "parent.week_pattern", "parent.offer", "parent.late_cancel"})
COOKIE = "queue_ticket"
# In the address of a waiting page that its reader stopped from loading itself again.
BY_HAND = "actualiser", "non"
PAGE = "errors/waiting_room.html"


def init_waiting_room(app: Flask, settings: Settings) -> None:
    """Guard the reservation pages when the settings say how many browsers may use them at once."""
    if not settings.waiting_room_seats:
        return
    signer = URLSafeSerializer(settings.secret_key, salt="waiting-room")

    @app.before_request
    def wait_for_a_seat() -> ResponseReturnValue | None:
        if not _is_guarded():
            return None
        now, held = clock.now(), _ticket(signer)
        with db.engine.begin() as connection:
            if request.method == "POST":
                place = Place(keep_seat(connection, now=now, ticket_id=held), is_in=True)
            else:
                seats = settings.waiting_room_seats
                place = find_place(connection, now=now, seats=seats, ticket_id=held)
        if place.ticket_id != held:
            _give_ticket(signer, place, is_secure=settings.secure_cookies)
        if not place.is_in:
            return _waiting_page(place)
        keep_turn(SEAT_KEPT)
        return None


def _is_guarded() -> bool:
    """Whether this request is a signed-in parent's, to a page of reservations; an agent at the desk never waits."""
    pages = SENT if request.method == "POST" else OPENED
    return request.endpoint in pages and "_user_id" in session and ACTING not in session


def _ticket(signer: URLSafeSerializer) -> int | None:
    try:
        number = signer.loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return number if isinstance(number, int) else None


def _waiting_page(place: Place) -> Response:
    """Return the page that asks again by itself, until its reader stops that; it asks the database for nothing."""
    seconds = refresh_seconds(place.ahead)
    name, value = BY_HAND
    asked = request.args.to_dict()
    is_by_hand = asked.pop(name, "") == value
    speak_without_account()
    page = current_app.jinja_env.get_template(PAGE).render(
        place=place,
        seconds=seconds,
        patience=int(PATIENCE.total_seconds() // 60),
        is_by_hand=is_by_hand,
        other=f"?{urlencode(asked if is_by_hand else {**asked, name: value})}",
        language=page_language(),
    )
    return Response(page, headers={"Retry-After": str(seconds)})


def _give_ticket(signer: URLSafeSerializer, place: Place, *, is_secure: bool) -> None:
    """Let the browser keep its ticket, whatever page answers."""

    @after_this_request
    def give(response: Response) -> Response:
        value = str(signer.dumps(place.ticket_id))
        response.set_cookie(
            COOKIE, value, max_age=TICKET_KEPT, secure=is_secure, httponly=True, samesite="Lax"
        )
        return response
