"""`alembic-lint verify` against databases that real Alembic has upgraded."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from alembic_lint.database import DatabaseError, opened
from tests.verify.conftest import Run, Verify, run_sql

ROOT = Path(__file__).parents[2]
LEGACY = "20250114_ai_training_tables"
LEGACY_FILE = "20250114_create_ai_training_tables.py"

Python = Callable[..., subprocess.CompletedProcess[str]]


def upgraded(python: Python, environment: Path, url: str, *revisions: str) -> None:
    ini = environment / "alembic.ini"
    for revision in revisions:
        done = python("-m", "alembic", "-c", ini, "-x", f"url={url}", "upgrade", revision)
        assert done.returncode == 0, done.stderr


def copied(fixture: str, directory: Path) -> Path:
    place = directory / fixture
    shutil.copytree(ROOT / "fixtures" / fixture, place)
    return place


class TestNothingDiffers:
    @pytest.mark.parametrize("fixture", ["option_a", "broken_redundant_merge_parent"])
    def test_at_the_head(self, verify: Verify, python: Python, url: str, fixture: str) -> None:
        environment = ROOT / "fixtures" / fixture
        upgraded(python, environment, url, "head")

        run = verify(environment, url)

        assert run.status == 0, run.out + run.err
        assert "\nnothing differs (" in run.out
        assert "not certain" not in run.out

    def test_on_the_way(self, verify: Verify, python: Python, url: str) -> None:
        environment = ROOT / "fixtures" / "option_a"
        upgraded(python, environment, url, "20251114_create_documentos_ai")

        run = verify(environment, url)

        assert (run.status, "nothing differs" in run.out) == (0, True)
        assert (
            "  not applied yet: 20251114_01_conversaciones_ai, 20251114_02_fine_tuning_jobs, "
            "20251114_03_documento_embeddings, 20251114_04_modelos_riesgo\n" in run.out
        )
        assert "20251114_create_documentos_ai  fixtures/option_a/versions/" in run.out

    @pytest.mark.parametrize(
        "branches",
        [(LEGACY, "20251114_04_modelos_riesgo"), ("20251114_04_modelos_riesgo", LEGACY)],
    )
    def test_on_two_branches_in_either_order(
        self, verify: Verify, python: Python, url: str, branches: tuple[str, str]
    ) -> None:
        environment = ROOT / "fixtures" / "option_b_unmerged"
        upgraded(python, environment, url, *branches)

        run = verify(environment, url)

        assert run.status == 0, run.out
        assert "2 rows in the version table\n" in run.out
        assert "nothing differs (" in run.out

    def test_at_the_base(self, verify: Verify, python: Python, url: str) -> None:
        environment = ROOT / "fixtures" / "option_a"
        upgraded(python, environment, url, "head")
        ini = environment / "alembic.ini"
        done = python("-m", "alembic", "-c", ini, "-x", f"url={url}", "downgrade", "base")
        assert done.returncode == 0, done.stderr

        run = verify(environment, url)

        assert (run.status, "0 rows in the version table" in run.out) == (0, True)


CHANGES = {
    "a table": ("DROP TABLE modelos_riesgo", "- table modelos_riesgo is missing in the database"),
    "another table": (
        "CREATE TABLE stranger (id INTEGER)",
        "+ table stranger is in the database, and no revision that is applied makes it",
    ),
    "a column": (
        "ALTER TABLE pagos ADD COLUMN nota VARCHAR(9)",
        "+ pagos: column nota (varchar(9) null) is in the database, and no revision that is",
    ),
    "a missing column": (
        "ALTER TABLE fine_tuning_jobs DROP COLUMN progreso",
        "- fine_tuning_jobs: column progreso (",
    ),
    "an index": (
        "DROP INDEX ix_fine_tuning_jobs_status",
        "- fine_tuning_jobs: index ix_fine_tuning_jobs_status (index ix_fine_tuning_jobs_status",
    ),
    "another index": (
        "CREATE INDEX ix_new ON pagos (id)",
        "+ pagos: index ix_new (index ix_new (id)) is in the database",
    ),
}
ON_POSTGRESQL = {
    "a type": (
        "ALTER TABLE fine_tuning_jobs ALTER COLUMN status TYPE VARCHAR(60)",
        "~ fine_tuning_jobs: column status, type: varchar(60) in the database, varchar(50) in the",
    ),
    "NOT NULL": (
        "ALTER TABLE fine_tuning_jobs ALTER COLUMN status DROP NOT NULL",
        "~ fine_tuning_jobs: column status, nullable: null in the database, not null in the",
    ),
    "a default": (
        "ALTER TABLE fine_tuning_jobs ALTER COLUMN status SET DEFAULT 'done'",
        "~ fine_tuning_jobs: column status, default: default 'done'::character varying in the",
    ),
    "a foreign key": (
        "ALTER TABLE cuotas DROP CONSTRAINT fk_cuotas_prestamo",
        "- cuotas: foreign key fk_cuotas_prestamo (",
    ),
    "a primary key": (
        "ALTER TABLE fine_tuning_jobs DROP CONSTRAINT pk_fine_tuning_jobs",
        "- fine_tuning_jobs: primary key pk_fine_tuning_jobs (",
    ),
    "a unique constraint": (
        "ALTER TABLE pagos ADD CONSTRAINT uq_new UNIQUE (id)",
        "+ pagos: unique uq_new (unique uq_new (id)) is in the database",
    ),
    "an enum type": (
        "CREATE TYPE mood AS ENUM ('sad')",
        "+ enum type mood is in the database, and no revision that is applied makes it",
    ),
}


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, python: Python) -> Path:
    """A SQLite database that option_a has been applied to."""
    path = tmp_path_factory.mktemp("applied") / "app.db"
    upgraded(python, ROOT / "fixtures" / "option_a", f"sqlite:///{path}", "head")
    return path


class TestSomethingDiffers:
    @pytest.mark.parametrize("change", CHANGES)
    def test_on_sqlite(self, verify: Verify, applied: Path, tmp_path: Path, change: str) -> None:
        shutil.copy(applied, tmp_path / "app.db")
        url = f"sqlite:///{tmp_path / 'app.db'}"
        statement, expected = CHANGES[change]
        run_sql(url, statement)

        run = verify("fixtures/option_a", url)

        assert (run.status, "1 differs (" in run.out) == (1, True), run.out
        assert f"  {expected}" in run.out

    def test_on_postgresql_each_alone(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        name = sa.make_url(postgresql_url).database
        server = sa.make_url(postgresql_url).set(database="postgres")
        for statement, expected in {**CHANGES, **ON_POSTGRESQL}.values():
            copy = f"{name}_copy"
            with sa.create_engine(
                server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
            ).connect() as connection:
                connection.execute(sa.text(f"DROP DATABASE IF EXISTS {copy}"))
                connection.execute(sa.text(f"CREATE DATABASE {copy} TEMPLATE {name}"))
            url = sa.make_url(postgresql_url).set(database=copy)
            text = url.render_as_string(hide_password=False)
            run_sql(text, statement)
            run = verify("fixtures/option_a", text)
            with sa.create_engine(
                server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
            ).connect() as connection:
                connection.execute(sa.text(f"DROP DATABASE {copy}"))
            assert run.status == 1, run.out
            assert "1 differs (" in run.out, run.out
            assert f"  {expected}" in run.out, run.out

    def test_as_json(self, verify: Verify, applied: Path, tmp_path: Path) -> None:
        shutil.copy(applied, tmp_path / "app.db")
        url = f"sqlite:///{tmp_path / 'app.db'}"
        run_sql(url, "ALTER TABLE pagos ADD COLUMN nota VARCHAR(9)")

        run = verify("fixtures/option_a", url, "--format", "json")
        document = json.loads(run.out)

        assert (run.status, document["schema_version"], document["agrees"]) == (1, 1, False)
        assert document["versions"][0]["id"] == "20251114_04_modelos_riesgo"
        assert document["compared"]["different"] == 1
        assert document["differences"] == [
            {
                "difference": "extra",
                "kind": "column",
                "schema": None,
                "table": "pagos",
                "name": "nota",
                "attribute": None,
                "history": None,
                "database": "varchar(9) null",
            }
        ]

    def test_what_an_extension_or_another_schema_has_does_not_count(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        run_sql(
            postgresql_url,
            "CREATE SCHEMA other",
            "CREATE TABLE other.stranger (id INTEGER)",
            "CREATE TYPE other.mood AS ENUM ('sad')",
        )
        assert verify("fixtures/option_a", postgresql_url).status == 0

    def test_another_schema_as_the_one_without_a_name(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        run_sql(
            postgresql_url,
            "ALTER SCHEMA public RENAME TO tenant",
            "CREATE SCHEMA public",
            "DROP TABLE tenant.modelos_riesgo",
        )

        run = verify("fixtures/option_a", postgresql_url, "--schema", "tenant")

        assert run.status == 1
        assert "1 differs (" in run.out, run.out
        assert "- table modelos_riesgo is missing" in run.out


class TestLegacyFiles:
    """Which of two files that make one table a database has applied."""

    def test_the_legacy_file_was_applied_and_must_stay(
        self, verify: Verify, python: Python, url: str
    ) -> None:
        environment = ROOT / "fixtures" / "option_b_unmerged"
        upgraded(python, environment, url, LEGACY)

        run = verify(environment, url)

        assert run.status == 0, run.out
        assert "4 tables that several files make:\n  conversaciones_ai\n" in run.out
        assert f"{LEGACY_FILE}    applied, the table has its columns\n" in run.out
        assert (
            "20251114_01_create_conversaciones_ai.py  not applied, the table has other" in run.out
        )
        assert (
            f"{LEGACY_FILE}: 4 other files make its tables again; it must stay (option B): row "
            in (run.out)
        )

    def test_the_split_files_were_applied_and_the_legacy_file_may_go(
        self, verify: Verify, python: Python, url: str
    ) -> None:
        environment = ROOT / "fixtures" / "option_b_unmerged"
        upgraded(python, environment, url, "20251114_04_modelos_riesgo")

        run = verify(environment, url)

        assert run.status == 0, run.out
        assert f"{LEGACY_FILE}    not applied, the table has other columns\n" in run.out
        assert "create_conversaciones_ai.py  applied, the table has its columns\n" in run.out
        assert "it may be retired (option A) as far as this database goes" in run.out

    def test_a_merge_needs_the_legacy_file(self, verify: Verify, python: Python, url: str) -> None:
        environment = ROOT / "fixtures" / "option_b"
        upgraded(python, environment, url, "head")
        document = json.loads(verify(environment, url, "--format", "json").out)
        (legacy,) = document["legacy_files"]
        assert (legacy["revision"], legacy["option"]) == (LEGACY, "B")
        assert legacy["needed_by"] == "20251117_merge_ai_branches"
        assert legacy["named_by"] == ["fixtures/option_b/versions/20251117_merge_ai_branches.py"]

    def test_a_file_that_was_set_aside_may_stay_there(
        self, verify: Verify, python: Python, url: str
    ) -> None:
        environment = ROOT / "fixtures" / "option_a"
        upgraded(python, environment, url, "head")

        run = verify(environment, url)

        assert f"{LEGACY_FILE}.old  not applied, set aside\n" in run.out
        assert "it may stay set aside (option A): no row of this database needs it" in run.out

    def test_a_file_that_was_set_aside_but_is_needed(
        self, verify: Verify, python: Python, url: str, tmp_path: Path
    ) -> None:
        environment = copied("option_b_unmerged", tmp_path)
        upgraded(python, environment, url, LEGACY)
        file = environment / "versions" / LEGACY_FILE
        file.rename(file.with_suffix(".py.old"))

        run = verify(environment, url)

        assert run.status == 1
        assert f"{LEGACY}  is defined by no file that Alembic loads, only by " in run.out
        assert "nothing differs (" in run.out
        assert "it must come back (option B): row 20250114_ai_training_tables" in run.out

    def test_a_version_that_nothing_defines(self, verify: Verify, python: Python, url: str) -> None:
        environment = ROOT / "fixtures" / "option_a"
        upgraded(python, environment, url, "head")
        run_sql(url, "UPDATE alembic_version SET version_num = 'f00'")

        run = verify(environment, url)

        assert run.status == 1
        assert "  f00  is defined by no file, so every alembic command fails" in run.out
        assert "nothing is compared: " in run.out


class TestErrors:
    SECRET = "s3cr3t:/#?%pass"
    WRITTEN = "s3cr3t%3A%2F%23%3F%25pass"

    def told(self, run: Run) -> str:
        assert (run.status, run.out) == (2, "")
        for part in ("s3cr3t", "pass@", self.SECRET, self.WRITTEN, "Traceback"):
            assert part not in run.err
        return run.err

    def test_an_unreachable_host(self, verify: Verify) -> None:
        url = f"postgresql+psycopg://app:{self.WRITTEN}@127.0.0.1:1/db"
        told = self.told(verify("fixtures/option_a", url))
        assert "error: the postgresql database 'db' at 127.0.0.1:1 cannot be read: " in told
        assert "refused" in told

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql+psycopg://app:s3cr3t@pass@127.0.0.1:1/db",
            "postgresql+psycopg://app:s3cr3t@pass:word@127.0.0.1:1/db",
            "postgresql+psycopg://app:s3cr3t/pass@127.0.0.1:1/db",
            "postgresql+psycopg://app:s3cr3t pass@127.0.0.1:1/db",
            "postgresql+psycopg://127.0.0.1:1/db?user=app&password=s3cr3t",
            "postgresql+nothing://app:s3cr3t@127.0.0.1/db",
            "postgres://app:s3cr3t@127.0.0.1/db",
            "app:s3cr3t@127.0.0.1/db",
            "postgresql+asyncpg://app:s3cr3t@127.0.0.1/db",
            "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Ds3cr3t",
        ],
    )
    def test_urls_that_are_wrong(self, verify: Verify, url: str) -> None:
        assert self.told(verify("fixtures/option_a", url)).startswith("error: ")

    def test_a_wrong_password(self, verify: Verify, postgresql_url: str) -> None:
        url = sa.make_url(postgresql_url)
        wrong = url.set(username="nobody", password="s3cr3t").render_as_string(hide_password=False)
        told = self.told(verify("fixtures/option_a", wrong))
        assert 'role "nobody" does not exist' in told

    def test_a_driver_that_is_not_installed(self, verify: Verify) -> None:
        run = verify("fixtures/option_a", "mysql+pymysql://app:s3cr3t@127.0.0.1/db")
        assert "the driver pymysql is not installed; pip install PyMySQL" in self.told(run)

    def test_a_database_without_a_version_table(self, verify: Verify, postgresql_url: str) -> None:
        told = self.told(verify("fixtures/option_a", postgresql_url))
        assert "has no table alembic_version, so Alembic has not been run on it" in told

    def test_a_sqlite_file_that_is_not_there_is_not_made(
        self, verify: Verify, tmp_path: Path
    ) -> None:
        told = self.told(verify("fixtures/option_a", f"sqlite:///{tmp_path / 'no.db'}"))
        assert "there is no SQLite database" in told
        assert not (tmp_path / "no.db").exists()

    def test_a_file_that_is_no_database(self, verify: Verify, tmp_path: Path) -> None:
        (tmp_path / "no.db").write_text("no database at all, " * 100, "utf-8")
        told = self.told(verify("fixtures/option_a", f"sqlite:///{tmp_path / 'no.db'}"))
        assert "file is not a database" in told

    def test_the_version_table_may_be_named(self, verify: Verify, python: Python, url: str) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", url, "head")
        run_sql(url, "ALTER TABLE alembic_version RENAME TO versions_of_app")
        run = verify("fixtures/option_a", url, "--version-table", "versions_of_app")
        assert (run.status, run.err) == (0, "")

    def test_a_schema_that_is_not_there(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        arguments = ("--schema", "nope", "--version-table", "public.alembic_version")
        told = self.told(verify("fixtures/option_a", postgresql_url, *arguments))
        assert "has no schema 'nope'; " in told
        assert "valid are: information_schema, public" in told

    def test_a_role_that_may_not_see_the_schema(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        run_sql(postgresql_url, "REVOKE USAGE ON SCHEMA public FROM public")
        with reader(postgresql_url) as url:
            told = self.told(verify("fixtures/option_a", url))
        role = sa.make_url(url).username
        assert f"has public.alembic_version, which the role {role} may not see; GRANT" in told

    def test_a_version_table_in_another_schema(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        run_sql(
            postgresql_url,
            "CREATE SCHEMA audit",
            "ALTER TABLE alembic_version SET SCHEMA audit",
        )
        told = self.told(verify("fixtures/option_a", postgresql_url))
        assert "has no table alembic_version where names without a schema stand, but audit" in told
        assert "pass --version-table audit.alembic_version" in told


class TestNothingIsWritten:
    def test_the_connection_refuses_to_write(self, url: str, python: Python) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", url, "head")
        with (
            pytest.raises(DatabaseError, match=r"read-only|readonly"),
            opened(url) as connection,
        ):
            connection.execute(sa.text("CREATE TABLE written (id INTEGER)"))
        with (
            pytest.raises(DatabaseError, match=r"read-only|readonly"),
            opened(url) as connection,
        ):
            connection.execute(sa.text("DELETE FROM alembic_version"))

    def test_a_sqlite_file_stays_as_it_is(
        self, verify: Verify, applied: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "app.db"
        shutil.copy(applied, path)
        path.chmod(0o444)
        before = path.read_bytes()
        assert verify("fixtures/option_a", f"sqlite:///{path}").status == 0
        assert path.read_bytes() == before
        assert sorted(item.name for item in tmp_path.iterdir()) == ["app.db"]

    def test_a_role_that_may_only_read_is_enough(
        self, verify: Verify, python: Python, postgresql_url: str
    ) -> None:
        upgraded(python, ROOT / "fixtures" / "option_a", postgresql_url, "head")
        with reader(postgresql_url) as url:
            assert verify("fixtures/option_a", url).status == 0


@contextmanager
def reader(url: str) -> Iterator[str]:
    """A role that may read the tables of a database and nothing else, for a while."""
    role = f"reader_{sa.make_url(url).database}"
    run_sql(
        url,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    )
    yield sa.make_url(url).set(username=role).render_as_string()
    run_sql(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
