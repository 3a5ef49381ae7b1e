"""The table that the benchmarks print, with what each target asks and whether it is met."""

import os
from dataclasses import dataclass

# A processor with less than this to do beside the benchmarks is quiet.
QUIET_LOAD = 0.3


@dataclass(frozen=True)
class Figure:
    """One measure, its ceiling, and what the two make; ``is_met`` is None where nothing is asked."""

    name: str
    ours: str
    ceiling: str
    ratio: str
    target: str
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        """The target, and whether it is met."""
        if self.is_met is None:
            return self.target
        return f"{self.target}: {'met' if self.is_met else 'MISSED'}"


def machine() -> str:
    """Say how busy the machine is with other things: called before a benchmark begins."""
    load, count = os.getloadavg()[0], os.cpu_count() or 1
    words = "quiet" if load < QUIET_LOAD * count else "BUSY, so that wall-clock times say little"
    return f"{count} processors, load {load:.1f} before the run: {words}."


def print_table(figures: list[Figure]) -> None:
    """Print the figures in columns, as Markdown reads them."""
    rows = [("measure", "ours", "ceiling, same run", "ratio", "target: met or missed")]
    rows += [(one.name, one.ours, one.ceiling, one.ratio, one.verdict) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for number, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
