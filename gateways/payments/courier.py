"""Carries the local bank's calls to our server, by real HTTP: at once, or late from a thread."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Thread, Timer
from urllib.parse import urlsplit

from gateways.payments.local_bank import AT_ONCE, Delivery

log = logging.getLogger(__name__)
# The bank's own patience.
TIMEOUT_SECONDS = 20
# How long the browser waits for a call that leaves at once; the call itself goes on.
BROWSER_SECONDS = 5

# Sends one call and returns the status of the answer.
Sender = Callable[[Delivery], int]
# Does something after so many seconds.
Later = Callable[[float, Callable[[], None]], None]


def send_by_http(delivery: Delivery) -> int:
    """Call our server as the bank does, GET or POST, following no redirect; return the status.

    Raises:
        OSError: nobody answers there.
        HTTPException: what answers is not HTTP.
    """
    parts = urlsplit(delivery.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        if delivery.posts:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", parts.path, body=delivery.query.encode(), headers=headers)
        else:
            connection.request("GET", f"{parts.path}?{delivery.query}")
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def in_a_timer(seconds: float, action: Callable[[], None]) -> None:
    """Do something later, from a thread that does not keep the program alive."""
    timer = Timer(seconds, action)
    timer.daemon = True
    timer.start()


def in_a_thread(action: Callable[[], None]) -> None:
    """Do something now, and let the browser go on if it takes too long: the call may come to this very process."""
    thread = Thread(target=action, daemon=True)
    thread.start()
    thread.join(BROWSER_SECONDS)


class Courier:
    """Delivers the local bank's calls; what cannot be delivered is logged, as nobody waits for it."""

    def __init__(
        self,
        send: Sender = send_by_http,
        later: Later = in_a_timer,
        at_once: Callable[[Callable[[], None]], None] = in_a_thread,
    ) -> None:
        self._send = send
        self._later = later
        self._at_once = at_once

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """Send the calls that leave at once, in their order, then set the others going."""
        waiting = list(deliveries)
        immediate = [delivery for delivery in waiting if delivery.after <= AT_ONCE]
        if immediate:
            self._at_once(partial(self._carry, immediate))
        for delivery in waiting:
            if delivery.after > AT_ONCE:
                self._later(delivery.after.total_seconds(), partial(self._carry, [delivery]))

    def _carry(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            path = urlsplit(delivery.url).path
            try:
                status = self._send(delivery)
            except (OSError, HTTPException) as error:
                log.warning("local bank: nobody answered at %s (%s)", path, type(error).__name__)
                continue
            log.log(
                logging.INFO if status == 200 else logging.WARNING, "local bank: %s answered %s", path, status
            )
