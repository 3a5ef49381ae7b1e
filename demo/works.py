"""What the worker did for the service: a file that was checked, and the tax certificates of the year before, with their e-mails."""

import hashlib
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from demo.families import DATA, Builder
from demo.people import DEMO_DOMAIN
from domain.actor import Actor, Role
from domain.family.import_rules import COLUMNS
from domain.jobs.operations import ask_job
from domain.statements.yearly import start_tax_run
from gateways.imports.tables import read_table
from models.accounts import User
from models.base import stamp_session
from models.documents import StoredFile
from models.imports import ImportKind, ImportRun
from models.jobs import JobKind
from views.files import file_store
from views.jobs.certificates import issue_certificates
from views.jobs.office import do_office_jobs, has_waiting_jobs


def let_the_worker_work(builder: Builder, now: datetime) -> None:
    """Hand the worker an agent's file and the year that is over, and let it do both."""
    session = builder.session
    user = session.scalars(select(User).where(User.email == f"agent@{DEMO_DOMAIN}")).one()
    agent = Actor(label=f"user:{user.id}", user_id=user.id, roles=frozenset({Role.SCHOOL_AGENT}))
    stamp_session(session, agent.label, now)
    _bring_file(builder, agent)
    start_tax_run(session, actor=agent, now=now, year=now.year - 1)
    session.commit()
    # Addresses in mails need a request.
    with current_app.test_request_context("/", base_url=current_app.config["PREAU"].public_url):
        while has_waiting_jobs():
            do_office_jobs()
        issue_certificates()
    stamp_session(session, builder.actor.label, now)


def _bring_file(builder: Builder, agent: Actor) -> None:
    """Keep the older tool's export, as an agent does, and ask for its check; nothing of it is written."""
    session, data = builder.session, (DATA / "familles.csv").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    kept = StoredFile(
        key=file_store().put(data, "text/csv"),
        filename="familles.csv",
        media_type="text/csv",
        size=len(data),
        sha256=digest,
    )
    session.add(kept)
    session.flush()
    rows = len(read_table(data, COLUMNS).rows)
    run = ImportRun(
        kind=ImportKind.FAMILIES, filename=kept.filename, sha256=digest, file_id=kept.id, row_count=rows
    )
    session.add(run)
    session.flush()
    facts = {"kind": run.kind.value, "file": run.filename}
    ask_job(session, actor=agent, kind=JobKind.IMPORT_CHECK, subject=str(run.id), facts=facts, total=rows)
