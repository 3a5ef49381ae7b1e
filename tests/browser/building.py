"""``python -m tests.browser.building``: the small town of the browser tests, with its documents drawn.

A process of its own, set by its environment as ``flask demo`` is: a portal keeps what it has read of its town.
"""

from flask_migrate import upgrade

from app import create_app
from demo.build import build_town
from views.extensions import db
from views.jobs.drawing import draw_documents

FAMILIES = 8


def main() -> None:
    """Build the town, and be its worker until no document is left to draw."""
    app = create_app()
    with app.test_request_context("/", base_url=app.config["PREAU"].public_url):
        upgrade()
        build_town(db.session(), families=FAMILIES, say=print)
        draw_documents()


if __name__ == "__main__":
    main()
