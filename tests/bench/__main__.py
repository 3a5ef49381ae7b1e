"""``make bench``: every benchmark, or those that are named (booking, invoicing, grid, list, documents, search)."""

import sys

from tests.bench.booking import measure_booking
from tests.bench.documents import measure_documents
from tests.bench.invoicing import measure_invoicing
from tests.bench.pages import measure_grid, measure_list
from tests.bench.report import machine, print_table
from tests.bench.search import measure_search

BENCHES = {
    "booking": measure_booking,
    "invoicing": measure_invoicing,
    "grid": measure_grid,
    "list": measure_list,
    "search": measure_search,
    "documents": measure_documents,
}


def main() -> None:
    """Run, then print one table."""
    chosen = sys.argv[1:] or list(BENCHES)
    found_before = machine()
    figures = [figure for name in chosen for figure in BENCHES[name]()]
    print_table(figures)
    print(found_before)


if __name__ == "__main__":
    main()
