"""The ceiling of the month's grid: a bare Flask route that renders as many table cells, and nothing else."""

import os

from flask import Flask, render_template_string

PAGE = """<!doctype html><html lang="fr"><head><title>Grille</title></head><body><table>
{% for row in rows %}<tr><th>{{ row.name }}</th>{% for cell in row.cells %}<td><label><input type="checkbox"
name="days" value="{{ cell.value }}"{% if cell.on %} checked{% endif %} aria-label="{{ cell.label }}">
<span>{{ cell.note }}</span></label></td>{% endfor %}</tr>{% endfor %}</table></body></html>"""


def create_bare() -> Flask:
    """Return the bare application; the environment says how many rows and columns."""
    app = Flask(__name__)
    rows, columns = int(os.environ["BENCH_ROWS"]), int(os.environ["BENCH_COLUMNS"])
    data = [
        {
            "name": f"jour {row}",
            "cells": [
                {
                    "value": row * columns + column,
                    "on": column % 2,
                    "label": f"Cantine, jeudi {row} novembre, 3,06 €",
                    "note": "jusqu’au mar. 24, 10 h",
                }
                for column in range(columns)
            ],
        }
        for row in range(rows)
    ]

    @app.get("/")
    def grid() -> str:
        return render_template_string(PAGE, rows=data)

    return app
