"""The words by which rows are found, written in the transaction that changes the rows.

Every change of a family, an adult, a child or a membership made through a session is noted at its flush, and the
words are written once, just before the commit, however many changes an act or an import makes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Select, Table, bindparam, delete, event, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, SessionTransaction

from domain.search.rules import email_words, name_words, phone_words, variants
from models.base import Base
from models.family import Child, ChildFamily, Family, Guardian
from models.search import ChildWord, FamilyWord, GuardianWord, WordVariant

DUE = "search_due"
SLICE = 400
Words = dict[int, set[str]]
Item = TypeVar("Item", int, str)
TABLES: dict[type[Base], type[Base]] = {Family: FamilyWord, Guardian: GuardianWord, Child: ChildWord}


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: Any) -> None:
    changed = [*session.new, *(row for row in session.dirty if session.is_modified(row))]
    for row in (*changed, *session.deleted):
        for model, row_id in _touched(row):
            session.info.setdefault(DUE, defaultdict(set))[model].add(row_id)


def _touched(row: object) -> Iterator[tuple[type[Base], int]]:
    match row:
        case Family():
            yield Family, row.id
        case Guardian():
            yield Guardian, row.id
            yield Family, row.family_id
        case Child():
            yield Child, row.id
        case ChildFamily():
            yield Family, row.family_id


@event.listens_for(Session, "before_commit")
def _write_due(session: Session) -> None:
    # A savepoint may still be undone: what it changed is written with the transaction around it.
    if session.in_nested_transaction():
        return
    session.flush()
    due: dict[type[Base], set[int]] = session.info.pop(DUE, {})
    if due:
        write_words(session, due)


@event.listens_for(Session, "after_soft_rollback")
def _forget_due(session: Session, undone: SessionTransaction) -> None:
    # After a savepoint alone there may be too much in it, which costs a look and no more.
    if not undone.nested:
        session.info.pop(DUE, None)


def write_words(session: Session, due: Mapping[type[Base], Iterable[int]]) -> None:
    """Write anew the words of these rows; a child's families follow the child."""
    children = sorted(due.get(Child, ()))
    homes = _families_of(session, children)
    rows = ((Family, {*due.get(Family, ()), *homes}), (Guardian, due.get(Guardian, ())), (Child, children))
    new, gone = set[str](), set[str]()
    for model, ids in rows:
        for part in _slices(sorted(ids)):
            changes = _replace(session, TABLES[model], part, READERS[model](session, part))
            new |= changes[0]
            gone |= changes[1]
    # Once, and in their order: two acts that learn the same words never wait for each other in a circle.
    _learn_variants(session, sorted(new))
    _forget_variants(session, sorted(gone))


def _families_of(session: Session, child_ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for part in _slices(child_ids):
        found.update(session.scalars(select(ChildFamily.family_id).where(ChildFamily.child_id.in_(part))))
    return found


def _slices(ids: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]


def _replace(
    session: Session, model: type[Base], ids: Sequence[int], wanted: Words
) -> tuple[set[str], set[str]]:
    """Write the words that are missing and take away those too many; return both."""
    table, key = _table(model), _key(model)
    held: Words = defaultdict(set)
    for word, row_id in session.execute(select(table.c.word, key).where(key.in_(ids))):
        held[row_id].add(word)
    new = [(word, one) for one, words in wanted.items() for word in sorted(words - held[one])]
    old = [(word, one) for one, words in held.items() for word in sorted(words - wanted.get(one, set()))]
    if old:
        statement = delete(table).where(table.c.word == bindparam("gone"), key == bindparam("row_id"))
        session.connection().execute(statement, [{"gone": word, "row_id": one} for word, one in old])
    _insert_words(session, model, new)
    return {word for word, _one in new}, {word for word, _one in old}


def _insert_words(session: Session, model: type[Base], rows: Sequence[tuple[str, int]]) -> None:
    key = _key(model).name
    _insert(session, model, [{"word": word, key: one} for word, one in rows])


def _insert_variants(session: Session, words: Sequence[str]) -> None:
    rows = [{"variant": variant, "word": word} for word in words for variant in sorted(variants(word))]
    _insert(session, WordVariant, rows)


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Write rows, some of which another act may just have written."""
    if not rows:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.connection().execute(dialect.insert(_table(model)).on_conflict_do_nothing(), rows)


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def _key(model: type[Base]) -> Column[Any]:
    """Return the column of a table of words that says whose they are."""
    return next(column for column in _table(model).columns if column.name != "word")


def _learn_variants(session: Session, words: Sequence[str]) -> None:
    """Write the variants of the words that are new to the town; most names are not."""
    for part in _slices(words):
        known = set(session.scalars(select(WordVariant.word).where(WordVariant.word.in_(part)).distinct()))
        _insert_variants(session, [word for word in part if word not in known])


def _forget_variants(session: Session, words: Sequence[str]) -> None:
    """Take away the variants of words that nothing is found by any more."""
    unused = [
        ~exists().where(model.word == WordVariant.word) for model in (FamilyWord, GuardianWord, ChildWord)
    ]
    for part in _slices(words):
        statement = delete(WordVariant).where(WordVariant.word.in_(part), *unused)
        session.execute(statement.execution_options(synchronize_session=False))


# --- what each kind of row is found by


def _family_words(session: Session, ids: Sequence[int]) -> Words:
    words: Words = {}
    for row in session.execute(
        select(Family.id, Family.name, Family.code, Family.former_code).where(Family.id.in_(ids))
    ):
        codes = {row.code or "", *name_words(row.former_code or "")} - {""}
        words[row.id] = name_words(row.name) | codes
    for row in session.execute(_people(Guardian.family_id, Guardian, Guardian.family_id.in_(ids))):
        _add_names(words, row)
    children = _people(ChildFamily.family_id, Child, ChildFamily.family_id.in_(ids))
    for row in session.execute(children.join(ChildFamily, ChildFamily.child_id == Child.id)):
        _add_names(words, row)
    return words


def _people(family_id: Any, person: Any, *conditions: Any) -> Select[Any]:
    return select(family_id.label("family_id"), person.family_name, person.given_name).where(*conditions)


def _add_names(words: Words, row: Any) -> None:
    words[row.family_id] |= name_words(row.family_name, row.given_name)


def _guardian_words(session: Session, ids: Sequence[int]) -> Words:
    return {
        one.id: name_words(one.family_name, one.given_name, one.birth_name)
        | email_words(one.email)
        | phone_words(one.phone, one.phone_alt)
        for one in session.execute(
            select(
                Guardian.id,
                Guardian.family_name,
                Guardian.given_name,
                Guardian.birth_name,
                Guardian.email,
                Guardian.phone,
                Guardian.phone_alt,
            ).where(Guardian.id.in_(ids))
        )
    }


def _child_words(session: Session, ids: Sequence[int]) -> Words:
    rows = session.execute(select(Child.id, Child.family_name, Child.given_name).where(Child.id.in_(ids)))
    return {one.id: name_words(one.family_name, one.given_name) for one in rows}


READERS = {Family: _family_words, Guardian: _guardian_words, Child: _child_words}


# --- the whole index


def reindex(session: Session) -> int:
    """Write the words of every row anew; return how many rows are found by them."""
    emptied: list[type[Base]] = [WordVariant, *TABLES.values()]
    for model in emptied:
        session.execute(delete(_table(model)))
    # Of tables that fill up within one transaction the database knows nothing yet: nothing is looked up in them.
    learnt = set[str]()
    count = 0
    for model, words in TABLES.items():
        for ids in _all_ids(session, model):
            found = READERS[model](session, ids)
            _insert_words(session, words, [(word, one) for one in ids for word in sorted(found.get(one, ()))])
            new = {word for own in found.values() for word in own} - learnt
            _insert_variants(session, sorted(new))
            learnt |= new
            count += len(ids)
    return count


def _all_ids(session: Session, model: type[Base]) -> Iterator[Sequence[int]]:
    key, last = _table(model).c.id, 0
    statement = select(key).where(key > bindparam("last")).order_by(key).limit(SLICE)
    while ids := session.scalars(statement, {"last": last}).all():
        yield ids
        last = ids[-1]


def unfindable_count(session: Session) -> int:
    """Return how many named rows have no word: written past the portal, and found only after ``reindex``."""
    count = 0
    for model, words in TABLES.items():
        table, held = _table(model), _table(words)
        (named,) = (column for column in held.columns if column.foreign_keys)
        missing = (
            select(func.count())
            .select_from(table)
            .where(table.c.search_text != "", ~exists().where(named == table.c.id))
        )
        count += session.scalar(missing) or 0
    return count
