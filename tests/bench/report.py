"""The table that the benchmarks print."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measure, its ceiling, and what the two make."""

    name: str
    ours: str
    ceiling: str
    ratio: str
    target: str


def print_table(figures: list[Figure]) -> None:
    """Print the figures in columns, as Markdown reads them."""
    rows = [("measure", "ours", "ceiling, same run", "ratio", "target")]
    rows += [(one.name, one.ours, one.ceiling, one.ratio, one.target) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for number, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
