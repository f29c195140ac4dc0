"""How `op` arrives in a revision, and how its table is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest


class Reading(Protocol):
    @property
    def lines(self) -> list[str]: ...


Read = Callable[..., Reading]

IDS = 'revision = "b2"\ndown_revision = "a1"\n'

ARRIVALS = {
    "from alembic import op": "from alembic import op\ndef upgrade():\n    op.drop_table('t')\n",
    "under another name": "from alembic import op as o\ndef upgrade():\n    o.drop_table('t')\n",
    "as a module": "import alembic.op\ndef upgrade():\n    alembic.op.drop_table('t')\n",
    "as a module with an alias": "import alembic.op as m\ndef upgrade():\n    m.drop_table('t')\n",
    "function by function": (
        "from alembic.op import drop_table\ndef upgrade():\n    drop_table('t')\n"
    ),
    "by a star": "from alembic.op import *\ndef upgrade():\n    drop_table('t')\n",
    "inside the function": "def upgrade():\n    from alembic import op\n    op.drop_table('t')\n",
    "as a parameter": "def upgrade(op, tables, tester):\n    op.drop_table('t')\n",
    "assigned": "from alembic import op\nop_ = op\ndef upgrade():\n    op_.drop_table('t')\n",
    "a function of it assigned": (
        "from alembic import op\ndrop = op.drop_table\ndef upgrade():\n    drop('t')\n"
    ),
    "with other parameters": (
        "from alembic import op\ndef upgrade(active_plugins=None, options=None):\n"
        "    op.drop_table('t')\n"
    ),
    "in a class": (
        "from alembic import op\nclass Change:\n    def run(self):\n        op.drop_table('t')\n"
        "def upgrade():\n    Change().run()\n"
    ),
    "in a lambda": (
        "from alembic import op\nf = lambda: op.drop_table('t')\ndef upgrade():\n    f()\n"
    ),
    "by functools.partial": (
        "from functools import partial\nfrom alembic import op\n"
        "def upgrade():\n    partial(op.drop_table, 't')()\n"
    ),
}


@pytest.mark.parametrize("text", ARRIVALS.values(), ids=ARRIVALS.keys())
def test_operation_is_seen(read_text: Read, text: str) -> None:
    (line,) = read_text(IDS + text).lines

    assert line.split(" | ")[0] == "DropTable t"


TABLES = {
    "a literal": "op.drop_table('t')",
    "a keyword": "op.drop_table(table_name='t')",
    "a constant": "T = 't'\n---\nop.drop_table(T)",
    "a local variable": "name = 't'\nop.drop_table(name)",
    "an f-string": "p = 't'\nop.drop_table(f'{p}')",
    "a concatenation": "T = 'a'\n---\nop.drop_table(T[:0] + 't')",
    "percent": "op.drop_table('%s' % 't')",
    "percent with a dict": "op.drop_table('%(x)s' % {'x': 't'})",
    "format": "op.drop_table('{}'.format('t'))",
    "format with a keyword": "op.drop_table('{x}'.format(x='t'))",
    "op.f": "op.drop_table(op.f('t'))",
    "an item of a dict": "T = {'x': 't'}\n---\nop.drop_table(T['x'])",
    "an item of a list": "T = ['a', 't']\n---\nop.drop_table(T[-1])",
    "an attribute of a class": "class N:\n    users = 't'\n---\nop.drop_table(N.users)",
    "the table of a mapped class": (
        "class User(Base):\n    __tablename__ = 't'\n---\nop.drop_table(User.__tablename__)"
    ),
    "the name of a table value": "op.drop_table(sa.table('t').name)",
    "a default argument": "def f(name='t'):\n    op.drop_table(name)\n---\nf()",
    "a parameter": "def f(name):\n    op.drop_table(name)\n---\nf('t')",
    "a keyword parameter": "def f(*, name):\n    op.drop_table(name)\n---\nf(name='t')",
    "a star": "def f(*names):\n    op.drop_table(*names)\n---\nf('t')",
    "two stars": "def f(**kw):\n    op.drop_table(**kw)\n---\nf(table_name='t')",
    "a conditional expression": "op.drop_table('t' if True else 'u')",
    "a join": "op.drop_table(''.join(['t']))",
    "a method of text": "op.drop_table('T'.lower())",
    "a loop variable": "for name in ['t']:\n    op.drop_table(name)",
    "a loop over pairs": "for name, _ in [('t', 1)]:\n    op.drop_table(name)",
    "a loop over a dict": "for name in {'t': 1}:\n    op.drop_table(name)",
    "a loop over items": "for name, _ in {'t': 1}.items():\n    op.drop_table(name)",
    "enumerate": "for _, name in enumerate(['t']):\n    op.drop_table(name)",
    "zip": "for name, _ in zip(['t'], [1]):\n    op.drop_table(name)",
    "a comprehension": "[op.drop_table(name) for name in ['t']]",
    "a constant of another module": "from app.names import T\n---\nop.drop_table(T)",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES.keys())
def test_table_is_known(read_text: Read, text: str) -> None:
    (line,) = read_text(text, {"app.names": "T = 't'\n"}).lines

    assert line.split(" | ")[0] == "DropTable t"


UNKNOWN = {
    "read from a file": "op.drop_table(open('x').read())",
    "from a module that is not at hand": "from elsewhere import T\n---\nop.drop_table(T)",
    "from the environment": "import os\n---\nop.drop_table(os.environ['T'])",
    "an f-string with an unknown part": (
        "from elsewhere import P\n---\nop.drop_table(f'{P}_users')"
    ),
    "a parameter of upgrade": "def upgrade(prefix):\n    op.drop_table(prefix)",
    "a table of the database": (
        "for name in sa.inspect(op.get_bind()).get_table_names():\n    op.drop_table(name)"
    ),
    "a variable that a loop changes": "t = 'a'\nwhile more():\n    t = t + 'b'\nop.drop_table(t)",
    "missing": "op.drop_table()",
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_table_that_the_source_does_not_tell_is_unknown(read_text: Read, text: str) -> None:
    line = next(line for line in read_text(text).lines if line.startswith("DropTable"))

    assert line.split(" | ")[0] == "DropTable ?"


BATCHES = {
    "with a name": "with op.batch_alter_table('t') as batch_op:\n    batch_op.drop_column('c')",
    "with another name": "with op.batch_alter_table('t') as b:\n    b.drop_column('c')",
    "several at once": (
        "with op.batch_alter_table('t') as a, op.batch_alter_table('u'):\n    a.drop_column('c')"
    ),
    "passed to a function": (
        "def f(b):\n    b.drop_column('c')\n---\nwith op.batch_alter_table('t') as b:\n    f(b)"
    ),
    "made by a function": (
        "def f():\n    return op.batch_alter_table('t')\n---\n"
        "with f() as b:\n    b.drop_column('c')"
    ),
    "in a list": "bs = [op.batch_alter_table('t')]\nfor b in bs:\n    b.drop_column('c')",
}


@pytest.mark.parametrize("text", BATCHES.values(), ids=BATCHES.keys())
def test_batch_gives_its_operations_their_table(read_text: Read, text: str) -> None:
    (line,) = read_text(text).lines

    assert line.startswith("DropColumn t.c | batch t")


def test_operation_on_op_inside_a_batch_is_not_batched(read_text: Read) -> None:
    text = "with op.batch_alter_table('t') as batch_op:\n    op.drop_column('t', 'c')"

    assert read_text(text).lines == ["DropColumn t.c"]


OPAQUE: dict[str, str] = {
    "handed op": "from elsewhere import change\n---\nchange(op)",
    "called for its effect": "from elsewhere import do_it\n---\ndo_it()",
    "called for its effect, with data": "from elsewhere import fill\n---\nfill(1, 2)",
    "of everything that an unseen module has": "from elsewhere import *\n---\ndo_it()",
    "what upgrade returns": "from elsewhere import do_it\n---\nreturn do_it()",
    "under an unseen decorator": (
        "from elsewhere import each\n@each\ndef change():\n    pass\n---\nchange()"
    ),
    "a method that changes tables": "from elsewhere import make\n---\nmake().upgrade()",
    "handed a bind": "from elsewhere import change\n---\nchange(op.get_bind())",
    "handed a session": (
        "from sqlalchemy.orm import Session\nfrom elsewhere import change\n---\n"
        "change(Session(bind=op.get_bind()))"
    ),
    "handed a table's name": "from elsewhere import drop_all_indexes\n---\ndrop_all_indexes('t')",
    "all of a metadata": "from elsewhere import Base\n---\nBase.metadata.create_all(op.get_bind())",
    "an operation that is not Alembic's": "op.create_entity(x)",
}


@pytest.mark.parametrize("text", OPAQUE.values(), ids=OPAQUE.keys())
def test_call_that_could_change_the_database_is_opaque(read_text: Read, text: str) -> None:
    (line,) = read_text(text).lines

    assert line.startswith("Opaque ")


HARMLESS = {
    "logging": "import logging\n---\nlogging.getLogger('alembic').info('users')",
    "print": "print('users')",
    "a clock": "import datetime\n---\ndatetime.datetime.now()",
    "an unseen function whose result is used": "from elsewhere import fmt\n---\nx = fmt(1, 2)",
    "an unseen logger": "from elsewhere import log\n---\nlog.info('users')",
    "a method of what an unseen call gives": (
        "from elsewhere import load\n---\nload('a.json').update(b=1)"
    ),
    "a library": "from dotenv import load_dotenv\n---\nload_dotenv()",
    "the standard library": "import shutil\n---\nshutil.rmtree('users')",
    "an echo": "import click\n---\nclick.echo('done')",
    "a warning": "import warnings\n---\nwarnings.warn('users')",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_call_is_no_operation(read_text: Read, text: str) -> None:
    assert read_text(text).lines == []


MODULES: dict[str, tuple[Mapping[str, str], str]] = {
    "from a package": (
        {"app.ddl": "from alembic import op\ndef go():\n    op.drop_table('t')\n"},
        "from app.ddl import go\n---\ngo()",
    ),
    "from a module of a package": (
        {
            "app.__init__": "",
            "app.ddl": "from alembic import op\ndef go():\n    op.drop_table('t')\n",
        },
        "from app import ddl\n---\nddl.go()",
    ),
    "handed op": (
        {"app.ddl": "def go(op):\n    op.drop_table('t')\n"},
        "from app.ddl import go\n---\ngo(op)",
    ),
    "through two modules": (
        {
            "app.one": "from app.two import go\n",
            "app.two": "from alembic import op\ndef go():\n    op.drop_table('t')\n",
        },
        "from app.one import go\n---\ngo()",
    ),
    "dispatched by keyword": (
        {
            "app.ddl": (
                "from alembic import op\n"
                "def run_for_dialect(*, pg=None, oracle=None):\n"
                "    name = op.get_bind().dialect.name\n"
                "    if name == 'postgresql' and pg is not None:\n        pg()\n"
                "    elif name == 'oracle' and oracle is not None:\n        oracle()\n"
            )
        },
        (
            "from app.ddl import run_for_dialect\ndef _pg():\n    op.drop_table('t')\n---\n"
            "run_for_dialect(pg=_pg)"
        ),
    ),
}


@pytest.mark.parametrize(("modules", "text"), MODULES.values(), ids=MODULES.keys())
def test_helper_of_another_module_is_followed(
    read_text: Read, modules: Mapping[str, str], text: str
) -> None:
    (line,) = read_text(text, modules).lines

    assert line.startswith("DropTable t")
    assert " | via " in line


def test_functions_of_several_databases_are_each_followed(read_text: Read) -> None:
    text = """
def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()
def upgrade_one():
    op.drop_table("a")
def upgrade_two():
    op.drop_table("b")
def helper():
    op.drop_table("c")
"""

    lines = read_text(text).lines

    assert [line.split(" | ")[:2] for line in lines] == [
        ["DropTable a", 'if `the name is "upgrade_one"`'],
        ["DropTable b", 'if not `the name is "upgrade_one"`'],
    ]


def test_operation_on_import_is_told(read_text: Read) -> None:
    assert read_text("op.drop_table('t')\n---\npass").lines == ["DropTable t | on import"]


def test_main_block_never_runs(read_text: Read) -> None:
    assert read_text("if __name__ == '__main__':\n    op.drop_table('t')\n---\npass").lines == []


def test_qualifier_that_a_setting_may_add_is_left_out(read_text: Read) -> None:
    text = """
from elsewhere import schema
def prefix():
    return f'"{schema}".' if schema else ""
---
op.execute(f"DROP TABLE {prefix()}users")
"""

    (line,) = read_text(text).lines

    assert line.split(" | ")[0] == "DropTable users"


def test_sql_that_a_condition_decides_is_recorded_under_it(read_text: Read) -> None:
    text = """
bind = op.get_bind()
if bind.dialect.name == "postgresql":
    query = sa.text("ALTER TABLE t DROP COLUMN a")
else:
    query = sa.text("ALTER TABLE t DROP COLUMN b")
bind.execute(query)
"""

    first, second = read_text(text).lines

    assert first.startswith("DropColumn t.a | if ")
    assert second.startswith("DropColumn t.b | if ")


def test_table_that_grows_in_a_loop_is_still_made(read_text: Read) -> None:
    text = """
from elsewhere import columns
table = sa.Table("t", sa.MetaData())
for column in columns:
    table.append_column(column)
table.create(op.get_bind())
"""

    (line,) = read_text(text).lines

    assert line.startswith("CreateTable t")


def test_table_that_is_made_anew_in_a_loop_is_not_known(read_text: Read) -> None:
    text = """
from elsewhere import names
table = sa.Table("t", sa.MetaData())
for name in names:
    table = sa.Table(name, sa.MetaData())
table.create(op.get_bind())
"""

    (line,) = read_text(text).lines

    assert not line.startswith("CreateTable t")


def test_condition_that_grows_in_a_loop_is_bounded(read_text: Read) -> None:
    text = """
from elsewhere import a, b, rows
done = False
for row in rows:
    for x in row:
        if a(x) or (b(x) and not done):
            done = done or a(x)
        elif b(x):
            done = done and b(x)
        else:
            done = not done and (a(x) or b(x))
if done:
    op.drop_table("t")
"""

    (line,) = read_text(text).lines

    assert line.startswith("DropTable t | if ")
    assert len(line) < 5_000
