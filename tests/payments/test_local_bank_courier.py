"""The local bank's calls leave by real HTTP, and the browser does not wait for what comes late."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest

from gateways.payments import courier as courier_module
from gateways.payments.courier import Courier, send_by_http
from gateways.payments.local_bank import Delivery
from tests.support.bank import PocketCourier

QUERY = "montant=14180&reference=A%2FB&erreur=00000&signature=x%2By"
AT_ONCE = timedelta(0)


@dataclass
class Portal:
    """A server that writes down who calls."""

    url: str = ""
    status: int = 200
    calls: list[tuple[str, str, str]] = field(default_factory=list)


@pytest.fixture
def portal() -> Iterator[Portal]:
    seen = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            seen.calls.append((self.command, self.path, body))
            self.send_response(seen.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the name that the server calls

        def log_message(self, *_args):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        seen.url = f"http://127.0.0.1:{server.server_port}/banque/notification/42"
        yield seen
        server.shutdown()
        thread.join()


def test_a_call_is_a_get_with_the_query_as_it_is(portal):
    assert send_by_http(Delivery(AT_ONCE, portal.url, QUERY)) == 200

    assert portal.calls == [("GET", f"/banque/notification/42?{QUERY}", "")]


def test_a_call_may_be_a_post(portal):
    assert send_by_http(Delivery(AT_ONCE, portal.url, QUERY, posts=True)) == 200

    assert portal.calls == [("POST", "/banque/notification/42", QUERY)]


def test_the_bank_follows_no_redirect(portal):
    portal.status = 302

    assert send_by_http(Delivery(AT_ONCE, portal.url, QUERY)) == 302
    assert len(portal.calls) == 1


def test_the_browser_returns_after_the_calls_that_leave_at_once_and_before_the_others(portal):
    soon = timedelta(milliseconds=200)

    Courier().deliver([Delivery(AT_ONCE, portal.url, "first=1"), Delivery(soon, portal.url, "second=1")])
    before_return = len(portal.calls)
    deadline = time.monotonic() + 5
    while len(portal.calls) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)

    assert before_return == 1
    assert [path.partition("?")[2] for _, path, _ in portal.calls] == ["first=1", "second=1"]


def test_the_browser_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(courier_module, "BROWSER_SECONDS", 0.05)
    released, finished = Event(), Event()

    def slow(_delivery: Delivery) -> int:
        released.wait(5)
        finished.set()
        return 200

    Courier(slow).deliver([Delivery(AT_ONCE, "http://127.0.0.1/x", QUERY)])
    was_finished = finished.is_set()
    released.set()

    assert not was_finished
    assert finished.wait(5)


def test_a_portal_that_is_down_is_logged_without_the_query(caplog):
    calls = []

    def nobody(delivery: Delivery) -> int:
        calls.append(delivery)
        raise ConnectionRefusedError

    with caplog.at_level(logging.INFO):
        PocketCourier(nobody).deliver([Delivery(AT_ONCE, "http://127.0.0.1/x", QUERY)] * 2)

    assert len(calls) == 2
    assert "nobody answered at /x" in caplog.text
    assert "signature" not in caplog.text
