"""`alembic-lint schema`: what it shows, and SQL that makes the same on real databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from alembic_lint import prepare
from alembic_lint.cli import main
from alembic_lint.config import Config
from alembic_lint.database import reflect
from alembic_lint.replay import Replay, replay
from alembic_lint.repository import load
from alembic_lint.schema import Verdict, compare

ROOT = Path(__file__).parents[2]

FIRST = """
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

revision = "a1f0"
down_revision = None
branch_labels = ("shop",)


def upgrade():
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(120), nullable=False, comment="where to write to"),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("born", sa.Date()),
        sa.Column("score", sa.Numeric(10, 2), server_default="0"),
        sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.CheckConstraint("score >= 0", name="ck_score"),
        sa.UniqueConstraint("email", name="uq_email"),
        comment="people who buy",
    )
    op.create_index("ix_lower", "customers", [sa.text("lower(email)")])
    op.create_index(
        "ix_active", "customers", ["active"],
        postgresql_where=sa.text("active"), sqlite_where=sa.text("active"),
    )


def downgrade():
    op.drop_table("customers")
"""

SECOND = """
from alembic import op
import sqlalchemy as sa

revision = "b2f0"
down_revision = "a1f0"


def upgrade():
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("customer", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum("new", "it's paid", name="order_state"), server_default="new"),
        sa.Column("weird name", sa.Text()),
        sa.ForeignKeyConstraint(
            ["customer"], ["customers.id"], name="fk_customer", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_customer", "orders", ["customer", sa.text("id DESC")], unique=True)
    with op.batch_alter_table("customers") as batch:
        batch.drop_column("born")
        batch.alter_column("email", type_=sa.String(200), existing_type=sa.String(120))


def downgrade():
    op.drop_table("orders")
"""

DOUBTFUL = """
from alembic import op
import sqlalchemy as sa
from somewhere import asked, Money

revision = "c3f0"
down_revision = "b2f0"


def upgrade():
    if asked():
        op.create_table("perhaps", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("orders", sa.Column("total", Money()))
    op.add_column("imported", sa.Column("note", sa.Text()))


def downgrade():
    pass
"""

ENV = "from alembic import context\ntarget_metadata = None\ncontext.configure(connection=c)\n"


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


Invoke = Callable[..., Run]


@pytest.fixture
def invoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Invoke:
    """The command in a directory that has a history of three revisions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(ENV, "utf-8")
    for name, text in (("a1", FIRST), ("b2", SECOND), ("c3", DOUBTFUL)):
        (versions / f"{name}.py").write_text(text, "utf-8")

    def runs(*arguments: str) -> Run:
        status = main(["schema", *arguments])
        out, err = capsysbinary.readouterr()
        return Run(status, out.decode(), err.decode())

    return runs


class TestText:
    def test_a_table_is_shown_with_its_columns_keys_and_indexes(self, invoke: Invoke) -> None:
        run = invoke("--at", "b2f0")

        assert (run.status, run.err) == (0, "")
        assert run.out == (
            "b2f0 on postgresql: 2 tables, 1 enum type\n"
            "certain: 2 of 2 tables\n"
            "\n"
            "customers  -- people who buy\n"
            "  id      integer                   not null\n"
            "  email   varchar(200)              not null  -- where to write to\n"
            "  active  boolean                   not null  default true\n"
            "  score   numeric(10, 2)                      default '0'\n"
            "  made    timestamp with time zone            default now()\n"
            "  primary key customers_pkey (id)\n"
            "  check ck_score: score >= 0\n"
            "  unique uq_email (email)\n"
            "  index ix_lower (lower(email))\n"
            "  index ix_active (active) where active\n"
            "\n"
            "orders\n"
            "  id          bigint         not null\n"
            "  customer    integer        not null\n"
            "  state       \"order_state\"            default 'new'\n"
            "  weird name  text\n"
            "  primary key orders_pkey (id)\n"
            "  foreign key fk_customer (customer) -> customers (id) on delete cascade\n"
            "  unique index ix_customer (customer, id DESC)\n"
            "\n"
            "enum types\n"
            "  order_state (new, it's paid)\n"
        )

    def test_what_is_not_certain_is_marked_and_told(self, invoke: Invoke) -> None:
        run = invoke()

        assert "c3f0 (heads) on postgresql: 4 tables" in run.out
        assert "certain: 1 of 4 tables" in run.out
        assert "? perhaps\n" in run.out
        assert (
            "whether the table is there is not certain (made at migrations/versions/c3.py:12)"
            in (run.out)
        )
        assert "? total " in run.out
        assert "the table was there before the history" in run.out

    @pytest.mark.parametrize(
        ("word", "title"),
        [
            ("head", "c3f0 (head)"),
            ("b2f", None),
            ("b2f0", "b2f0"),
            ("shop@head", "c3f0 (shop@head)"),
            ("a1f0@head", "c3f0 (a1f0@head)"),
            ("shop", "a1f0 (shop)"),
            ("head-1", "b2f0 (head-1)"),
            ("base+1", "a1f0 (base+1)"),
            ("base", "base"),
            ("a1f0,b2f0", "a1f0 and b2f0 (a1f0,b2f0)"),
        ],
    )
    def test_revisions_are_named_as_for_alembic(
        self, invoke: Invoke, word: str, title: str | None
    ) -> None:
        run = invoke("--at", word)
        expected = "b2f0 (b2f)" if title is None else title
        assert (run.status, run.out.split(" on ")[0]) == (0, expected)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--at", "nope"), "there is no revision 'nope'"),
            (
                ("--at", "other@head"),
                "there is no branch label 'other', and there is no revision 'other'",
            ),
            (("--at", "head", "--diff", "base..head"), "--at and --diff exclude each other"),
            (("--at", "base-1"), "there are fewer revisions below 'base'"),
            (("--diff", "a1f0"), "--diff: 'a1f0' is not A..B"),
            (("--database", "postgres"), "--database: unknown database 'postgres'; did you mean"),
            (("--database", "oracle", "--format", "sql"), "--format sql is not written for oracle"),
            (("-n", "other"), "there is no history 'other'"),
        ],
    )
    def test_what_cannot_be_is_told(
        self, invoke: Invoke, arguments: Sequence[str], message: str
    ) -> None:
        run = invoke(*arguments)
        assert (run.status, run.out) == (2, "")
        assert f"error: {message}" in run.err


class TestDiff:
    def test_what_changes_from_one_revision_to_another(self, invoke: Invoke) -> None:
        run = invoke("--diff", "a1f0..b2f0")

        assert run.status == 0
        assert run.out.startswith("a1f0..b2f0 on postgresql: 1 removed, 2 added, 1 changed\n")
        assert "-   column born: date null\n" in run.out
        assert "~   column email type: varchar(120) -> varchar(200)\n" in run.out
        assert "+ orders\n" in run.out
        assert "+ enum type order_state (new, it's paid)\n" in run.out

    def test_both_ends_may_be_left_out(self, invoke: Invoke) -> None:
        assert invoke("--diff", "..a1f0").out.startswith("base..a1f0 on postgresql: 1 added\n")
        assert invoke("--diff", "b2f0..").out.startswith("b2f0..c3f0 (heads) on postgresql: ")
        assert invoke("--diff", "b2f0..b2f0").out == "b2f0..b2f0 on postgresql: nothing changed\n"

    def test_as_json(self, invoke: Invoke) -> None:
        document = json.loads(invoke("--diff", "a1f0..b2f0", "--format", "json").out)

        assert (document["from"], document["to"]) == ("a1f0", "b2f0")
        assert {
            "kind": "column",
            "schema": None,
            "table": "customers",
            "name": "email",
            "attribute": "type",
            "before": "varchar(120)",
            "after": "varchar(200)",
            "change": "changed",
        } in document["changes"]


class TestJson:
    def test_everything_is_there(self, invoke: Invoke) -> None:
        document = json.loads(invoke("--format", "json").out)

        assert document["schema_version"] == 1
        assert document["revisions"] == ["c3f0"]
        assert document["complete"] is True
        assert document["certain_tables"] == 1
        tables = {table["name"]: table for table in document["tables"]}
        assert tables["perhaps"]["presence"] == "maybe"
        assert tables["perhaps"]["made_by"] == [
            {"revision": "c3f0", "filename": "migrations/versions/c3.py", "row": 12}
        ]
        assert tables["imported"]["external"] is True
        columns = {column["name"]: column for column in tables["orders"]["columns"]}
        assert columns["state"]["type"] == '"order_state"'
        assert columns["total"]["type"] is None
        (foreign,) = (
            item for item in tables["orders"]["constraints"] if item["kind"] == "foreignkey"
        )
        assert foreign["referent"] == {"schema": None, "table": "customers", "columns": ["id"]}
        assert document["enums"][0]["values"] == ["new", "it's paid"]


def replayed(path: Path, database: str) -> Replay:
    project, config = prepare([path], Config(directory=str(path)))
    item = load(project, config.settings).histories[0]
    return replay(item.history, database, item.settings.conventions)


def run_sql(engine: sa.Engine, text: str) -> None:
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    with engine.begin() as connection:
        for statement in statements.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))


class TestSql:
    """The statements are run, and what they make is compared with what was replayed."""

    @pytest.mark.parametrize(
        "fixture", ["option_a", "option_b", "documented_ids", "broken_redundant_merge_parent"]
    )
    @pytest.mark.parametrize("database", ["postgresql", "sqlite"])
    def test_fixtures(
        self,
        invoke: Invoke,
        fixture: str,
        database: str,
        request: pytest.FixtureRequest,
        tmp_path: Path,
    ) -> None:
        path = ROOT / "fixtures" / fixture
        run = invoke(str(path), "--format", "sql", "--database", database)
        assert run.status == 0, run.err
        self.same(run.out, replayed(path, database), database, "", request, tmp_path)

    @pytest.mark.parametrize("at", ["a1f0", "b2f0"])
    @pytest.mark.parametrize("database", ["postgresql", "sqlite"])
    def test_every_kind_of_object(
        self,
        invoke: Invoke,
        at: str,
        database: str,
        request: pytest.FixtureRequest,
        tmp_path: Path,
    ) -> None:
        run = invoke("--at", at, "--format", "sql", "--database", database)
        assert run.status == 0, run.err
        path = tmp_path / "migrations"
        self.same(run.out, replayed(path, database), database, at, request, tmp_path)

    def test_what_is_not_certain_stands_in_comments_and_the_rest_runs(
        self, invoke: Invoke, postgresql_url: str
    ) -> None:
        run = invoke("--format", "sql")

        assert "-- table perhaps: whether the table is there is not certain" in run.out
        assert "-- column total is left out" in run.out
        assert "-- table imported: the table was there before the history" in run.out
        engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
        run_sql(engine, run.out)
        assert sorted(sa.inspect(engine).get_table_names()) == ["customers", "orders"]

    def same(
        self,
        text: str,
        run: Replay,
        database: str,
        at: str,
        request: pytest.FixtureRequest,
        directory: Path,
    ) -> None:
        """Make what was written, and compare: nothing differs, nothing is uncertain."""
        url = f"sqlite:///{directory / 'made.db'}"
        if database == "postgresql":
            url = request.getfixturevalue("postgresql_url")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        run_sql(engine, text)
        with engine.connect() as connection:
            there = reflect(connection)
        schema = run.at(at) if at else run.at_all(run.history.heads)
        compared = list(compare(schema, there))
        assert len(compared) > 20
        unlike = [
            (item.kind, item.name, item.attribute, item.first, item.second)
            for item in compared
            if item.verdict is not Verdict.EQUAL
        ]
        assert unlike == []
