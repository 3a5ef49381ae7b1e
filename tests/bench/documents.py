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
# Invoices a second by that many workers.
TARGETS = {1: 14, 2: 27}
# A page of the same number of words with neither table nor picture: what drawing costs without our paper.
BARE = f"<html lang='fr'><title>t</title><body><h1>t</h1><p>{'mot ' * 180}</p></body></html>"
KINDS = {
    "invoice": lambda: render_invoice(render, make_invoice()),
    "certificate": lambda: render_tax_certificate(render, make_tax_certificate()),
    "bare": lambda: render_pdf(BARE),
}


def measure_documents() -> list[Figure]:
    """Draw invoices and tax certificates for some seconds, alone and two at once; then a bare page likewise."""
    rates = {(name, workers): _rates(name, workers) for name in KINDS for workers in (1, 2)}
    figures = []
    for name, words in (("invoice", "PDF invoices"), ("certificate", "PDF tax certificates")):
        for workers, target in TARGETS.items():
            (ours, worked), (bare, _) = rates[name, workers], rates["bare", workers]
            figures.append(
                Figure(
                    f"{words}, {workers} worker{'s' if workers > 1 else ''}",
                    f"{ours:.1f}/s ({worked:.1f} in a second of the processor)",
                    f"{bare:.1f}/s, a bare page",
                    f"{ours / bare:.0%}",
                    f"{target}/s" if name == "invoice" else "–",
                    is_met=worked >= target if name == "invoice" else None,
                )
            )
    return figures


def _rates(name: str, workers: int) -> tuple[float, float]:
    """Return how many documents that many processes draw together in a second, and in one that is all theirs."""
    command = [sys.executable, "-m", "tests.bench.documents", name]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _worker in range(workers)]
    each = [process.communicate()[0].split() for process in running]
    return sum(float(spent) for spent, _ in each), sum(float(worked) for _, worked in each)


def main(name: str) -> None:
    """Draw one kind until the time is up, and print how many a second, on the clock and of the processor."""
    draw = KINDS[name]
    # The fonts and the style are read once by a worker.
    draw()
    count, start, worked = 0, time.perf_counter(), time.process_time()
    while (spent := time.perf_counter() - start) < SECONDS:
        draw()
        count += 1
    print(count / spent, count / (time.process_time() - worked))


if __name__ == "__main__":
    main(sys.argv[1])
