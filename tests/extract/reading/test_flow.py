"""What runs, in which order and under what: loops, branches by dialect, `try`, `with`, calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest


class Reading(Protocol):
    @property
    def lines(self) -> list[str]: ...


Read = Callable[..., Reading]

INSPECTOR = "inspector = sa.inspect(op.get_bind())\n"

LOOPS = {
    "enumerate": (
        'for i, (t, c) in enumerate([("a", "b"), ("c", "d")]):\n    op.drop_column(t, c)',
        ["DropColumn a.b", "DropColumn c.d"],
    ),
    "items of a dict of lists": (
        'for t, cs in {"a": ["x", "y"]}.items():\n    for c in cs:\n        op.drop_column(t, c)',
        ["DropColumn a.x", "DropColumn a.y"],
    ),
    "the characters of a text": (
        'for n in "xy":\n    op.drop_column("t", n)',
        ["DropColumn t.x", "DropColumn t.y"],
    ),
    "the names of columns that are made beforehand": (
        ('have = {c["name"] for c in inspector.get_columns("t")}\n'
        'for c in [sa.Column("x", sa.Text()), sa.Column("y", sa.Text())]:\n'
        '    if c.name not in have:\n        op.add_column("t", c)'),
        ["AddColumn t.x | if not column t.x", "AddColumn t.y | if not column t.y"],
    ),
    "zip": (
        'for t, c in zip(["a", "b"], ["x", "y"]):\n    op.drop_column(t, c)',
        ["DropColumn a.x", "DropColumn b.y"],
    ),
    "a filter on what exists": (
        ('existing = inspector.get_table_names()\n'
        'for t in [t for t in ("a", "b") if t not in existing]:'
        "\n    op.create_table(t)"),
        ["CreateTable a | if not table a", "CreateTable b | if not table b"],
    ),
    "a continue guards only the rest of its round": (
        ('for t in ("a", "b"):\n    if not inspector.has_table(t):\n        continue\n'
        '    op.drop_table(t)\nop.drop_table("c")'),
        ["DropTable a | if table a", "DropTable b | if table b", "DropTable c"],
    ),
    "a break guards the later rounds": (
        ('for t in ("a", "b"):\n    if inspector.has_table(t):\n        break\n'
        '    op.create_table(t)'),
        ["CreateTable a | if not table a", "CreateTable b | if not table a | if not table b"],
    ),
    "the else of a loop runs where nothing has left it": (
        ('for t in ("a",):\n    if inspector.has_table(t):\n        break\nelse:\n'
        '    op.create_table("c")\nop.drop_table("d")'),
        ["CreateTable c | if not table a", "DropTable d"],
    ),
    "a loop over an unknown list": (
        "for t in load():\n    op.drop_table(t)",
        ["DropTable ? | loop over load()"],
    ),
    "a loop over what exists": (
        ('for fk in inspector.get_foreign_keys("t"):\n    if fk["constrained_columns"] == ["a"]:\n'
        '        op.drop_constraint(fk["name"], "t")'),
        [("DropConstraint ? on t | if foreignkey (a) on t"
         ' | loop over inspector.get_foreign_keys("t")')],
    ),
    "a while loop": (
        'while more():\n    op.drop_table("a")',
        ["DropTable a | loop over more()"],
    ),
    "a generator that yields under a condition": (
        ('def names():\n    yield "a"\n    if inspector.has_table("b"):\n        yield "b"\n'
        "for t in names():\n    op.drop_table(t)"),
        ["DropTable a", "DropTable b | if table b"],
    ),
    "a generator that yields an unknown number of times": (
        ("def names():\n    for row in rows():\n        yield row\nfor t in names():\n"
        "    op.drop_table(t)"),
        ["DropTable ? | loop over names()"],
    ),
}  # fmt: skip

DIALECTS = {
    "equal": (
        'if op.get_bind().dialect.name == "postgresql":\n    op.drop_table("a")',
        ["DropTable a | if dialect postgresql | on postgresql"],
    ),
    "else": (
        'if op.get_bind().dialect.name == "sqlite":\n    pass\nelse:\n    op.drop_table("a")',
        ["DropTable a | if not dialect sqlite | on mariadb/mssql/mysql/oracle/postgresql"],
    ),
    "one of several": (
        'if op.get_bind().dialect.name in ("mysql", "mariadb"):\n    op.drop_table("a")',
        ["DropTable a | if dialect mariadb/mysql | on mariadb/mysql"],
    ),
    "early return": (
        'if op.get_bind().engine.name != "postgresql":\n    return\nop.drop_table("a")',
        ["DropTable a | if dialect postgresql | on postgresql"],
    ),
    "isinstance": (
        "if isinstance(op.get_bind().dialect, postgresql.dialect):\n    op.drop_table('a')",
        ["DropTable a | if dialect postgresql | on postgresql"],
    ),
    "match": (
        ('match op.get_bind().dialect.name:\n    case "postgresql":\n        op.drop_table("a")\n'
        '    case _:\n        op.drop_table("b")'),
        [
            "DropTable a | if dialect postgresql | on postgresql",
            "DropTable b | if not dialect postgresql | on mariadb/mssql/mysql/oracle/sqlite",
        ],
    ),
    "nothing is left": (
        ('if op.get_bind().dialect.name == "sqlite":\n'
        '    if op.get_bind().dialect.name == "mysql":\n        op.drop_table("a")'),
        [],
    ),
    "a dict of functions": (
        ('def one():\n    op.drop_table("a")\n'
        '{"postgresql": one}[op.get_bind().dialect.name]()'),
        ["DropTable a | if dialect postgresql | on postgresql | via one"],
    ),
    "offline": (
        'if context.is_offline_mode():\n    return\nop.drop_table("a")',
        ["DropTable a | if not offline"],
    ),
    "as_sql": (
        'if not op.get_context().as_sql:\n    op.drop_table("a")',
        ["DropTable a | if not offline"],
    ),
}  # fmt: skip

TRIES = {
    "a handler that passes": (
        'try:\n    op.drop_table("a")\nexcept Exception:\n    pass\nop.drop_table("b")',
        ["DropTable a | try Exception swallowed", "DropTable b"],
    ),
    "a handler that raises again": (
        'try:\n    op.drop_table("a")\nexcept (KeyError, sa.exc.DBAPIError):\n    log()\n    raise',
        ["DropTable a | try KeyError,sqlalchemy.exc.DBAPIError raised"],
    ),
    "else and finally": (
        ('try:\n    op.drop_table("a")\nexcept Exception:\n    pass\nelse:\n'
        '    op.drop_table("b")\n'
        'finally:\n    op.drop_table("c")'),
        ["DropTable a | try Exception swallowed", "DropTable b", "DropTable c"],
    ),
    "operations in the handler": (
        'try:\n    op.drop_table("a")\nexcept Exception:\n    op.drop_table("b")',
        [
            "DropTable a | try Exception swallowed",
            "DropTable b | if `Exception exception is raised`",
        ],
    ),
    "a return in the body leaves what follows to the handler": (
        'try:\n    op.drop_table("a")\n    return\nexcept Exception:\n    pass\nop.drop_table("b")',
        [
            "DropTable a | try Exception swallowed",
            "DropTable b | if `Exception exception is raised`",
        ],
    ),
    "a savepoint": (
        ("try:\n    with op.get_bind().begin_nested():\n        op.drop_table('a')\n"
        "except Exception:\n    pass"),
        ["DropTable a | try Exception swallowed savepoint"],
    ),
    "contextlib.suppress": (
        ('import contextlib\nwith contextlib.suppress(sa.exc.OperationalError):\n'
        '    op.drop_table("a")\nop.drop_table("b")'),
        ["DropTable a | try sqlalchemy.exc.OperationalError swallowed", "DropTable b"],
    ),
    "a raise guards what follows": (
        'if not inspector.has_table("a"):\n    raise RuntimeError\nop.drop_table("a")',
        ["DropTable a | if table a"],
    ),
    "an assert guards what follows": (
        'assert inspector.has_table("a")\nop.drop_table("a")',
        ["DropTable a | if table a"],
    ),
}  # fmt: skip

BLOCKS = {
    "what an exit stack calls at its end": (
        ('import contextlib\nstack = contextlib.ExitStack()\n'
        'if op.get_bind().dialect.name == "sqlite":\n    stack.callback(op.drop_table, "a")\n'
        'stack.callback(op.get_bind().execute, sa.text("PRAGMA foreign_keys=ON"))\n'
        'with stack:\n    op.drop_table("b")\nop.drop_table("c")'),
        [
            "DropTable b",
            "ExecuteSql PRAGMA foreign_keys=ON",
            "DropTable a | if dialect sqlite | on sqlite",
            "DropTable c",
        ],
    ),
    "a batch that an exit stack enters": (
        ('import contextlib\nwith contextlib.ExitStack() as stack:\n'
        '    batch = stack.enter_context(op.batch_alter_table("t"))\n    batch.drop_column("c")'),
        ["DropColumn t.c | batch t"],
    ),
    "an exit stack that is closed": (
        ('import contextlib\nstack = contextlib.ExitStack()\nstack.callback(op.drop_table, "a")\n'
        'op.drop_table("b")\nstack.close()'),
        ["DropTable b", "DropTable a"],
    ),
    "autocommit": (
        'with op.get_context().autocommit_block():\n    op.drop_table("a")\nop.drop_table("b")',
        ["DropTable a | autocommit", "DropTable b"],
    ),
    "autocommit through variables": (
        ('here = op.get_context()\nblock = here.autocommit_block()\nwith block:\n'
        '    op.drop_table("a")'),
        ["DropTable a | autocommit"],
    ),
    "a context manager of the file": (
        ("from contextlib import contextmanager\n"
        "@contextmanager\ndef without_keys(here):\n"
        '    if here.get_bind().dialect.name == "sqlite":\n'
        '        here.execute("SELECT 1")\n        yield here\n        here.execute("SELECT 2")\n'
        "    else:\n        yield here\n"
        'with without_keys(op) as op_:\n    op_.drop_table("a")\nop.drop_table("b")'),
        [
            "ExecuteSql SELECT 1 | if dialect sqlite | on sqlite | via without_keys",
            "DropTable a",
            "ExecuteSql SELECT 2 | if dialect sqlite | on sqlite | via without_keys",
            "DropTable b",
        ],
    ),
    "several batches at once": (
        ('with op.batch_alter_table("t") as t, op.batch_alter_table("u", schema="s") as u:\n'
        '    t.drop_column("a")\n    u.drop_column("b")'),
        ["DropColumn t.a | batch t", "DropColumn s.u.b | batch s.u"],
    ),
    "a batch that a function returns and one that it is handed": (
        ('def batch():\n    return op.batch_alter_table("t")\ndef drop(b):\n'
        '    b.drop_column("a")\n'
        "with batch() as other_name:\n    drop(other_name)"),
        ["DropColumn t.a | batch t | via drop"],
    ),
    "a guard within a batch": (
        ('with op.batch_alter_table("t") as b:\n    if inspector.has_table("t"):\n'
        '        b.drop_column("a")\n    b.drop_index("i")'),
        ["DropColumn t.a | if table t | batch t", "DropIndex i on t | batch t"],
    ),
}  # fmt: skip

CALLS = {
    "a wrapper with a guard inside": (
        ("def create(name):\n    if inspector.has_table(name):\n        return\n"
        '    op.create_table(name)\ncreate("a")\ncreate("b")'),
        [
            "CreateTable a | if not table a | via create",
            "CreateTable b | if not table b | via create",
        ],
    ),
    "a decorator with a guard inside": (
        ("def guarded(table):\n    def decorate(function):\n        def wrapped(*args):\n"
        "            if inspector.has_table(table):\n                return function(*args)\n"
        "        return wrapped\n    return decorate\n"
        '@guarded("t")\ndef drop(name):\n    op.drop_table(name)\ndrop("a")'),
        ["DropTable a | if table t | via wrapped > drop"],
    ),
    "a method of an object that keeps the inspector": (
        ("class Helper:\n    def __init__(self, bind):\n        self.inspector = sa.inspect(bind)\n"
        "    def drop(self, name):\n        if self.inspector.has_table(name):\n"
        '            op.drop_table(name)\nHelper(op.get_bind()).drop("a")'),
        ["DropTable a | if table a | via drop"],
    ),
    "a lambda": ('drop = lambda t: op.drop_table(t)\ndrop("a")', ["DropTable a | via <lambda>"]),
    "a partial call": (
        'import functools\nadd = functools.partial(op.drop_column, "t")\nadd("c")',
        ["DropColumn t.c"],
    ),
    "star arguments": (
        ('names = ("t", "c")\nop.drop_column(*names)\n'
        'op.drop_column(**{"table_name": "t", "column_name": "d"})'),
        ["DropColumn t.c", "DropColumn t.d"],
    ),
    "a coroutine": (
        'async def drop(connection):\n    op.drop_table("a")\nop.run_async(drop)',
        ["DropTable a | via drop"],
    ),
    "recursion is followed once and told": (
        'def drop(n):\n    op.drop_table("a")\n    drop(n - 1)\ndrop(3)',
        ["DropTable a | via drop", "Opaque drop"],
    ),
    "recursion that does nothing to the database": (
        "def count(n):\n    return count(n - 1) if n else 0\ncount(3)\nop.drop_table('a')",
        ["DropTable a"],
    ),
    "a call of unseen code that is handed the database": (
        "import app.moves\napp.moves.run(op.get_bind())",
        ["Opaque app.moves.run"],
    ),
    "calls that do nothing to the database": (
        ('import logging, time\nlog = logging.getLogger("x")\nlog.info("on %s", op.get_bind())\n'
        "print(op)\ntime.sleep(1)\nstr(op.get_bind())"),
        [],
    ),
    "text of known parts through a session": (
        ('from sqlalchemy.orm import Session\nname = "a"\n'
        'Session(bind=op.get_bind()).execute(sa.text(f"DROP TABLE {name}"))'),
        ["DropTable a"],
    ),
}  # fmt: skip

CASES = LOOPS | DIALECTS | TRIES | BLOCKS | CALLS


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_operations_stand_in_their_order_and_circumstances(
    read_text: Read, text: str, expected: list[str]
) -> None:
    assert read_text(INSPECTOR + text).lines == expected


def test_code_that_runs_on_import_is_apart(read_text: Read) -> None:
    reading = read_text(
        'op.drop_table("a")\nif __name__ == "__main__":\n    op.drop_table("b")\n---\npass'
    )

    assert reading.lines == ["DropTable a | on import"]


@pytest.mark.parametrize(
    "text",
    [
        'def up():\n    op.drop_table("a")\nupgrade = up',
        "from app.steps import upgrade",
    ],
    ids=["another name of a function", "a function of another module"],
)
def test_upgrade_may_be_bound_to_another_function(read_text: Read, text: str) -> None:
    steps = 'from alembic import op\ndef upgrade():\n    op.drop_table("a")\n'

    assert [line.partition(" |")[0] for line in read_text(text, {"app.steps": steps}).lines] == [
        "DropTable a"
    ]


def test_table_that_a_loop_leaves_out_is_not_said_to_be_missing(read_text: Read) -> None:
    text = INSPECTOR + (
        "for table in inspector.get_table_names():\n"
        '    if table == "users":\n'
        "        continue\n"
        '    op.drop_constraint("fk", table, type_="foreignkey")'
    )

    (line,) = read_text(text).lines

    assert "not table users" not in line
    assert "another round of the loop" in line
