"""What an import tells: a sentence for each fault, and the refused rows as a file to correct."""

import csv
import io
from collections.abc import Iterable

from domain.errors import Refusal
from domain.family.import_rules import Problem
from gateways.imports.tables import Table
from views.errors import refusal_sentence

Said = tuple[int, str, str]


def problem_sentence(problem: Problem) -> str:
    """Return the French sentence of what is wrong in an import."""
    return refusal_sentence(Refusal(problem.code, **problem.facts))


def said_problems(problems: Iterable[Problem]) -> list[Said]:
    """Return what is wrong in an import in words: line, column, sentence."""
    return [(problem.line, problem.column, problem_sentence(problem)) for problem in problems]


def rejects_csv(table: Table, problems: Iterable[Said]) -> bytes:
    """Return the refused rows as a file to correct: the same columns, the reasons first."""
    reasons: dict[int, list[str]] = {}
    for line, column, sentence in problems:
        reasons.setdefault(line, []).append(f"{column} : {sentence}")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["ligne", "a_corriger", *table.columns])
    for row in table.rows:
        if row.line in reasons:
            cells = [row.values.get(name, "") for name in table.columns]
            writer.writerow([row.line, " / ".join(reasons[row.line]), *(_harmless(cell) for cell in cells)])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula; a telephone number's plus stays."""
    is_formula = cell.startswith(("=", "@", "-")) or (
        cell.startswith("+") and not cell[1:].replace(" ", "").isdigit()
    )
    return f"'{cell}" if is_formula else cell
