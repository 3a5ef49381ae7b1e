"""PDFs a second, by one and by two worker processes, against the style-less page that WeasyPrint draws at best."""

import subprocess
import sys
import time

from gateways.pdf import render_invoice, render_tax_certificate
from gateways.pdf.renderer import render_pdf
from tests.bench.report import Figure
from tests.gateways.papers import make_invoice, render
from tests.gateways.statement_papers import make_tax_certificate

SECONDS = 5
# A page of the same number of words with neither table nor picture: what drawing costs without our paper.
BARE = f"<html lang='fr'><title>t</title><body><h1>t</h1><p>{'mot ' * 180}</p></body></html>"
KINDS = {
    "invoice": lambda: render_invoice(render, make_invoice()),
    "certificate": lambda: render_tax_certificate(render, make_tax_certificate()),
    "bare": lambda: render_pdf(BARE),
}


def measure_documents() -> list[Figure]:
    """Draw invoices and tax certificates for some seconds, alone and two at once; then a bare page likewise."""
    rates = {(name, workers): _rate(name, workers) for name in KINDS for workers in (1, 2)}
    figures = []
    for name, words in (("invoice", "PDF invoices"), ("certificate", "PDF tax certificates")):
        for workers in (1, 2):
            ours, bare = rates[name, workers], rates["bare", workers]
            figures.append(
                Figure(
                    f"{words}, {workers} worker{'s' if workers > 1 else ''}",
                    f"{ours:.1f}/s",
                    f"{bare:.1f}/s, a bare page",
                    f"{ours / bare:.0%}",
                    "14/s and 27/s" if name == "invoice" else "–",
                )
            )
    return figures


def _rate(name: str, workers: int) -> float:
    """Return how many documents that many processes draw in a second, together."""
    command = [sys.executable, "-m", "tests.bench.documents", name]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _worker in range(workers)]
    return sum(float(process.communicate()[0]) for process in running)


def main(name: str) -> None:
    """Draw one kind until the time is up, and print how many a second."""
    draw = KINDS[name]
    # The fonts and the style are read once by a worker.
    draw()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < SECONDS:
        draw()
        count += 1
    print(count / spent)


if __name__ == "__main__":
    main(sys.argv[1])
