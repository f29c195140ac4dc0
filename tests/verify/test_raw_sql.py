"""What SQL text makes, against what databases make of it."""

from __future__ import annotations

import pytest

from tests.verify.conftest import Run, Verified


def same(run: Run) -> None:
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out


@pytest.mark.parametrize(
    "kind", ["UNIQUE USING INDEX ux", "PRIMARY KEY USING INDEX ux", "UNIQUE USING INDEX UX"]
)
@pytest.mark.parametrize("name", ["CONSTRAINT uq ", "CONSTRAINT ux ", ""])
def test_a_constraint_takes_over_an_index(
    verified: Verified, postgresql_url: str, kind: str, name: str
) -> None:
    run = verified(
        postgresql_url,
        'op.create_table("t", sa.Column("a", sa.Integer(), nullable=False))',
        'op.create_index("ux", "t", ["a"], unique=True)',
        f'op.execute("ALTER TABLE t ADD {name}{kind}")',
    )
    same(run)
    assert "not certain" not in run.out


def test_an_exclusion_without_a_name_gets_postgresqls(
    verified: Verified, postgresql_url: str
) -> None:
    run = verified(
        postgresql_url,
        """
        op.execute("CREATE TABLE t3 (excl int4range, more int4range,"
                   " EXCLUDE USING gist (excl WITH &&))")
        op.execute("ALTER TABLE t3 ADD EXCLUDE USING gist (excl WITH &&, more WITH &&)")
        op.execute("ALTER TABLE t3 ADD EXCLUDE USING gist (excl WITH &&)")
        """,
    )
    same(run)


def test_a_foreign_key_without_columns_is_to_the_primary_key(verified: Verified, url: str) -> None:
    run = verified(
        url,
        """
        op.create_table("t", sa.Column("key", sa.Integer(), primary_key=True))
        op.execute("CREATE TABLE u (id INTEGER NOT NULL, up INTEGER REFERENCES u,"
                   " t_id INTEGER REFERENCES t, CONSTRAINT pk PRIMARY KEY (id))")
        """,
    )
    same(run)
    if url.startswith("postgresql"):
        assert "not certain" not in run.out


def test_names_on_sqlite_are_compared_without_their_case(
    verified: Verified, sqlite_url: str
) -> None:
    run = verified(
        sqlite_url,
        """
        op.execute("CREATE TABLE USERS (Id INTEGER NOT NULL PRIMARY KEY, Z TEXT, T INTEGER)")
        op.create_table(
            "Other",
            sa.Column("Id", sa.Integer(), primary_key=True),
            sa.Column("U", sa.Integer(), sa.ForeignKey("users.id", name="FK")),
            sa.UniqueConstraint("U", name="Uq"),
        )
        """,
        'op.execute("CREATE INDEX IX_Z ON USERS (Z)")',
    )
    same(run)
    assert "not certain" not in run.out
