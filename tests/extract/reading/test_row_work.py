"""A function that is not followed to its end: whether it certainly moves rows alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Protocol

import pytest

from alembic_lint.model import Opaque
from tests.extract.reading.conftest import Reading


class Read(Protocol):
    """The fixture that reads a revision, with modules of its project."""

    def __call__(self, text: str, modules: Mapping[str, str] = ...) -> Reading: ...


HEAD = """
import contextlib, json, zlib
from alembic import op
import sqlalchemy as sa
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from project import helpers
from project.helpers import fill, Filler, Dropper, renew
from elsewhere import unseen, unseen_session

revision = "b2"
UPDATE = "UPDATE users SET name = :name"
users = sa.table("users", sa.column("id"), sa.column("name"))

def pairs(value):
    return json.loads(value)

def drops(conn):
    conn.execute(sa.text("DROP TABLE old"))

def gives():
    return op.get_bind()

class Batch:
    def __init__(self, size):
        self.size = size
    def run(self):
        op.drop_table("old")

@contextlib.contextmanager
def savepoint(conn):
    with conn.begin_nested():
        yield conn

def upgrade():
    work(op.get_bind(), 3)
def downgrade():
    pass

def work(conn, count):
    conn.execute(sa.text("DELETE FROM users WHERE id = 1"))
"""

PROJECT = {
    "project.__init__": "",
    "project.helpers": """
        from alembic import op
        from project.deep import renew
        def fill(conn, name):
            conn.execute(f"INSERT INTO users (name) VALUES ({name})")
        def make(conn):
            op.add_column("users", None)
        class Filler:
            def run(self, rows):
                return [row.name for row in rows]
        class Dropper:
            def run(self, rows):
                op.drop_table("old")
        """,
    "project.deep": """
        def renew(session):
            session.query(1).filter(2).update({"a": 1})
            session.commit()
        """,
}


def opaque(read_text: Read, body: str) -> list[str]:
    again = textwrap.indent(f"{textwrap.dedent(body).strip()}\nwork(conn, count - 1)\n", "    ")
    reading = read_text(HEAD + again, PROJECT)
    return [item.why for item in reading.operations if isinstance(item, Opaque)]


@pytest.mark.parametrize(
    "body",
    [
        "conn.execute(UPDATE, {'name': 'x'})",
        "conn.execute(text('SELECT 1; UPDATE users SET a = 2')).fetchall()",
        "conn.execute(text(f'UPDATE users SET a = {count} WHERE id = {count}'))",
        "conn.execute('UPDATE users SET a = {} WHERE id = {}'.format(count, count))",
        "conn.execute(users.update().where(users.c.id == count).values(name='x'))",
        "conn.execute(select(users.c.id).where(users.c.id == sa.bindparam('x')), {'x': 1})",
        "stmt = sa.insert(users)\nstmt = stmt.values(name='x')\nconn.execute(stmt)",
        "for row in conn.execute(text('SELECT * FROM users')):\n    print(pairs(row.name), row)",
        "rows = list(conn.execute(text('SELECT * FROM users')))\nrows.sort(key=lambda row: row.id)",
        "with savepoint(conn) as inner:\n    inner.execute(UPDATE)",
        "session = Session(bind=conn)\nsession.query(users).filter(1).delete()\nsession.commit()",
        "if conn.dialect.name == 'sqlite':\n    fill(conn, 'x')",
        "helpers.fill(conn, 'x')",
        "renew(Session(bind=op.get_bind()))",
        "def inner(given):\n    given.execute(UPDATE)\ninner(conn)",
        "_ = unseen(count, zlib.compress(b'x'))",
        "Filler().run(conn.execute(text('SELECT 1')).fetchall())",
        "op.bulk_insert(users, [{'id': count}])",
        "try:\n    conn.execute(UPDATE)\nexcept ValueError as error:\n    print(error)",
        "sa.inspect(conn).get_table_names()",
    ],
)
def test_work_on_rows_is_not_opaque(body: str, read_text: Read) -> None:
    assert opaque(read_text, body) == []


@pytest.mark.parametrize(
    "body",
    [
        "drops(conn)",
        "drops(gives())",
        "unseen(count)",
        "unseen(conn)",
        "unseen(gives())",
        "unseen([1, conn])",
        "unseen({'connection': conn})",
        "unseen(lambda: conn)",
        "unseen(conn.engine)",
        "unseen(sa.inspect(conn))",
        "unseen(unseen_session())",
        "unseen(conn.execute(UPDATE).connection)",
        "def inner():\n    return conn\nunseen(inner())",
        "def inner():\n    drops(conn)\nunseen(inner)",
        "other = conn\nfor item in [other]:\n    unseen(item)",
        "with savepoint(conn) as inner:\n    unseen(inner)",
        "holder = []\nholder.append(conn)\nunseen(holder)",
        "count.conn = conn\nunseen(count)",
        "conn.execute('DROP TABLE old')",
        "conn.execute('SELECT 1; DROP TABLE old')",
        "conn.execute(f'{count} TABLE old')",
        "conn.execute('{} TABLE old'.format(count))",
        "conn.execute(count)",
        "conn.execute(unseen())",
        "stmt = text('SELECT 1')\nif count:\n    stmt = unseen()\nconn.execute(stmt)",
        "sql = 'SELECT 1'\nsql += unseen()\nconn.execute(sql)",
        "for sql in unseen():\n    conn.execute(sql)",
        "conn.execute(sa.DDL('DROP TABLE old'))",
        "conn.execute(sa.schema.DropTable(users))",
        "conn.execute('SELECT * INTO fresh FROM users')",
        "conn.execute('CALL rebuild()')",
        "conn.execute('DO $$ BEGIN DROP TABLE old; END $$')",
        "run = conn.execute\nrun('DROP TABLE old')",
        "getattr(op, 'drop_table')('old')",
        "drop = op.drop_table\ndrop('old')",
        "exec('op.drop_table(1)')",
        "op.drop_table('old')",
        "op.execute('DROP TABLE old')",
        "with op.batch_alter_table('users') as batch:\n    batch.drop_column('name')",
        "sa.MetaData().create_all(conn)",
        "users.create(conn)",
        "conn.run_callable(drops)",
        "list(map(drops, [conn]))",
        "helpers.make(conn)",
        "helpers.Dropper().run(1)",
        "dropper = Dropper()\ndropper.run(1)",
        "Batch(1).run()",
        "conn.connection.cursor().executescript('DROP TABLE old')",
        "conn.connection.cursor().copy_expert('DROP TABLE old', count)",
        "from alembic.op import drop_table\ndrop_table('old')",
        "global users\nusers = conn",
        "match count:\n    case 1:\n        unseen(conn)",
        "def inner(given=conn):\n    unseen(given)\ninner()",
        "[unseen(item) for item in (conn,)]",
        "(lambda given: unseen(given))(conn)",
        "from unseen import *\nrebuild()",
        "@unseen\ndef inner():\n    pass\ninner()",
    ],
)
def test_what_could_change_a_table_stays_opaque(body: str, read_text: Read) -> None:
    assert "work calls itself" in opaque(read_text, body)
