"""``make load``: parents arrive at once at a running portal; prints how long they waited."""

import argparse
import http.client
import statistics
import threading
import time
from urllib.parse import urlsplit

from demo.people import PARENTS, parent_email
from tests.bench.server import sign_in

PAGES = ("/accueil", "/reservations", "/factures")


def main() -> None:
    """Let ``--users`` people open three pages each, at the same time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--users", type=int, default=350)
    options = parser.parse_args()
    port = urlsplit(options.url).port or 5000
    cookies = [sign_in(port, parent_email(name)) for name in PARENTS]
    waits: list[float] = []
    failed: list[str] = []
    gate = threading.Barrier(options.users)

    def visit(number: int) -> None:
        gate.wait()
        for page in PAGES:
            start = time.perf_counter()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", page, headers={"Cookie": cookies[number % len(cookies)]})
                answer = connection.getresponse()
                answer.read()
                if answer.status >= 400:
                    failed.append(f"{page}: {answer.status}")
            except OSError as error:
                failed.append(f"{page}: {error}")
            waits.append(time.perf_counter() - start)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(options.users)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = time.perf_counter() - start
    cuts = statistics.quantiles(waits, n=20)
    print(f"{options.users} users, {len(waits)} pages in {total:.1f} s: {len(waits) / total:.0f} pages/s")
    print(f"p50 {statistics.median(waits):.2f} s, p95 {cuts[-1]:.2f} s, {len(failed)} failed")


if __name__ == "__main__":
    main()
