"""Granian, started for a measure, and wrk in front of it."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from demo.people import DEMO_PASSWORD

ROOT = Path(__file__).parents[2]
WORKERS, CONNECTIONS, SECONDS = 2, 8, 6


@contextmanager
def serving(target: str, path: str, env: dict[str, str]) -> Iterator[int]:
    """Serve an application factory on two workers until the block ends; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    granian = str(Path(sys.executable).with_name("granian"))
    command = [granian, "--interface=wsgi", "--factory", f"--port={port}", f"--workers={WORKERS}"]
    command += ["--blocking-threads=4", "--no-access-log", "--log-level=error", target]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | env | {"PREAU_PORT": str(port)})
    try:
        _wait(port, path)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, path: str) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server did not start")


def requests_per_second(port: int, path: str, cookie: str = "") -> float:
    """Let wrk ask for a page as fast as it can; every answer must be a 200."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", f"http://127.0.0.1:{port}{path}"]
    if cookie:
        command += ["-H", f"Cookie: {cookie}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    found = re.search(r"Requests/sec:\s+([\d.]+)", out)
    assert found is not None, out
    return float(found[1])


def sign_in(port: int, email: str) -> str:
    """Sign in by the form; return the session's cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/connexion")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
    assert token is not None
    body = urlencode({"csrf_token": token[1], "email": email, "password": DEMO_PASSWORD, "next": ""})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/connexion", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302, answer.status
    return (answer.getheader("Set-Cookie") or "").split(";")[0]
