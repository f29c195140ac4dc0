"""What swallowed-operation-error says of SQLAlchemy and PostgreSQL, asked of them."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

MISSING = "DROP TABLE missing"
ABORTED = "current transaction is aborted"


def test_postgresql_refuses_what_follows_a_swallowed_error(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    with engine.connect() as connection, connection.begin():
        op = Operations(MigrationContext.configure(connection))
        with pytest.raises(sa.exc.ProgrammingError, match="does not exist"):
            op.drop_table("missing")

        with pytest.raises(sa.exc.InternalError, match=ABORTED):
            op.create_table("users", sa.Column("id", sa.Integer()))


def test_postgresql_goes_on_after_a_savepoint_and_a_rollback(postgresql_url: str) -> None:
    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    with engine.connect() as connection, connection.begin():
        with pytest.raises(sa.exc.ProgrammingError), connection.begin_nested():
            connection.execute(sa.text(MISSING))
        connection.execute(sa.text("SAVEPOINT own"))
        with pytest.raises(sa.exc.ProgrammingError):
            connection.execute(sa.text(MISSING))
        connection.execute(sa.text("ROLLBACK TO SAVEPOINT own"))

        assert connection.scalar(sa.text("SELECT 1")) == 1


def test_sqlite_goes_on_after_an_operational_error() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.text(MISSING))

        assert connection.scalar(sa.text("SELECT 1")) == 1


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (MISSING, sa.exc.ProgrammingError),
        ("CREATE TABLE pg_catalog.pg_class (id INTEGER)", sa.exc.ProgrammingError),
        ("ALTER TABLE pairs ADD COLUMN one INTEGER", sa.exc.ProgrammingError),
        ("ALTER TABLE pairs ADD UNIQUE (one)", sa.exc.IntegrityError),
        ("INSERT INTO pairs VALUES (1 / 0)", sa.exc.DataError),
    ],
)
def test_postgresql_answers_a_refused_statement_with_no_operational_error(
    postgresql_url: str, statement: str, error: type[sa.exc.DBAPIError]
) -> None:
    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text("CREATE TABLE pairs (one INTEGER)"))
        connection.execute(sa.text("INSERT INTO pairs VALUES (1), (1)"))

        with pytest.raises(sa.exc.DBAPIError) as refused:
            connection.execute(sa.text(statement))

    assert type(refused.value) is error
    assert not isinstance(refused.value, psycopg.Error)
