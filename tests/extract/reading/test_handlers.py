"""Exception handlers: what they catch, and what becomes of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

import pytest

from alembic_lint.model import Function, Handler, Outcome, Revision, Try

Read = Callable[..., object]


def tries(read_text: Read, text: str, modules: Mapping[str, str] | None = None) -> tuple[Try, ...]:
    """What stands around the first operation of an upgrade with this body."""
    found = getattr(read_text(text, modules or {}), "revision")  # noqa: B009
    assert isinstance(found, Revision)
    assert isinstance(found.upgrade, Function)
    return found.upgrade.operations[0].context.tries


def handlers(read_text: Read, text: str) -> tuple[Handler, ...]:
    """The handlers around the first operation, the body of one handler given."""
    body = f"try:\n    op.drop_table('a')\nexcept Exception as e:\n{textwrap.indent(text, '    ')}"
    (attempt,) = tries(read_text, body)
    return attempt.handlers


OUTCOMES = {
    "raise": Outcome.RAISES,
    "raise RuntimeError(e) from None": Outcome.RAISES,
    "if test(e):\n    raise\nelse:\n    raise ValueError": Outcome.RAISES,
    "import sys\nsys.exit(1)": Outcome.RAISES,
    "with excutils.save_and_reraise_exception():\n    log(e)": Outcome.RAISES,
    "if test(e):\n    raise": Outcome.SELECTS,
    "if test(e):\n    return\nraise": Outcome.SELECTS,
    "if test(e):\n    log()\nelif other(e):\n    pass\nelse:\n    raise": Outcome.SELECTS,
    "for arg in e.args:\n    if test(arg):\n        raise": Outcome.SELECTS,
    "errors.append(e)\nif False:\n    pass": Outcome.SWALLOWS,
    "log(e)": Outcome.SWALLOWS,
    "return": Outcome.SWALLOWS,
    "def later():\n    raise e": Outcome.SWALLOWS,
}


@pytest.mark.parametrize(("text", "outcome"), OUTCOMES.items())
def test_handler_raises_or_not(read_text: Read, text: str, outcome: Outcome) -> None:
    (handler,) = handlers(read_text, text)

    assert handler.outcome is outcome
    assert handler.catches == ("Exception",)
    assert not handler.operates
    assert not handler.rolls_back


@pytest.mark.parametrize(
    ("keep", "test"),
    [
        ("failures.append(str(e))", "failures"),
        ("failed = True", "failed is True"),
        ("count += 1", "count > 3 or other"),
        ("errors['a'] = e", "len(errors)"),
        ("errors['a'].append(e)", "errors"),
    ],
)
def test_handler_that_keeps_the_error_for_a_later_raise(
    read_text: Read, keep: str, test: str
) -> None:
    body = f"try:\n    op.drop_table('a')\nexcept Exception as e:\n    {keep}\n"

    def outcome(then: str) -> Outcome:
        (attempt,) = tries(read_text, f"{body}if {test}:\n    {then}")
        return attempt.handlers[0].outcome

    assert outcome("raise RuntimeError") is Outcome.REPORTS
    assert outcome("print('failed')") is Outcome.SWALLOWS


def test_what_a_handler_looks_for_in_an_error(read_text: Read) -> None:
    text = "if 'already exists' not in str(e) and e.orig.pgcode != '42P07':\n    raise"

    (handler,) = handlers(read_text, text)

    assert {"already exists", "42P07", "pgcode"} <= set(handler.tested)


@pytest.mark.parametrize(
    ("text", "operates", "rolls_back"),
    [
        ("op.execute('ROLLBACK TO SAVEPOINT a')", True, True),
        ("op.get_bind().rollback()", False, True),
        ("op.drop_table('b')", True, False),
        ("sa.inspect(op.get_bind()).get_table_names()", False, False),
    ],
)
def test_what_a_handler_does_to_the_database(
    read_text: Read, text: str, operates: bool, rolls_back: bool
) -> None:
    (handler,) = handlers(read_text, text)

    assert (handler.operates, handler.rolls_back) == (operates, rolls_back)


def test_exceptions_are_named_in_full(read_text: Read) -> None:
    text = """
from psycopg2 import errors
from sqlalchemy.exc import DBAPIError as Broken
GONE = (errors.UndefinedTable, KeyError)
---
try:
    op.drop_table("a")
except (sa.exc.OperationalError, Broken):
    pass
except GONE:
    pass
except:
    raise
"""
    (attempt,) = tries(read_text, text)

    assert [handler.catches for handler in attempt.handlers] == [
        ("sqlalchemy.exc.OperationalError", "sqlalchemy.exc.DBAPIError"),
        ("psycopg2.errors.UndefinedTable", "KeyError"),
        ("BaseException",),
    ]


DROP_SAFELY = """
from alembic import op

def drop_safely(name):
    try:
        op.drop_table(name)
    except Exception:
        pass
"""


def test_handler_stands_where_its_helper_has_it(read_text: Read) -> None:
    text = "from app.ddl import drop_safely\n---\ndrop_safely('a')"

    (attempt,) = tries(read_text, text, {"app.ddl": DROP_SAFELY})

    assert [(item.path, item.span.line) for item in attempt.handlers] == [("app/ddl.py", 7)]


@pytest.mark.parametrize(
    "block",
    ["op.get_bind().engine.begin() as c", "op.get_bind().engine.connect() as c", "own() as c"],
)
def test_another_transaction_inside_a_try_contains_its_errors(read_text: Read, block: str) -> None:
    text = f"""
import contextlib

@contextlib.contextmanager
def own():
    with op.get_bind().engine.begin() as other:
        yield other
---
try:
    with {block}:
        c.execute(sa.text("DROP TABLE a"))
except Exception:
    pass
"""
    (attempt,) = tries(read_text, text)

    assert attempt.savepoint


def test_context_manager_that_swallows_stands_around_the_block(read_text: Read) -> None:
    text = """
import contextlib

@contextlib.contextmanager
def lenient():
    try:
        yield
    except Exception:
        pass
---
with lenient():
    op.drop_table("a")
op.drop_table("b")
"""
    (attempt,) = tries(read_text, text)

    assert attempt.swallows


def test_clean_up_in_a_finally_hides_no_error_of_the_block(read_text: Read) -> None:
    text = """
try:
    pass
finally:
    try:
        op.drop_table("a")
    except Exception:
        pass
"""
    (attempt,) = tries(read_text, text)

    assert [handler.outcome for handler in attempt.handlers] == [Outcome.SELECTS]
