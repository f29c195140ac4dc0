"""The names that PostgreSQL gives to indexes of SQL text, against PostgreSQL itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from alembic_lint import project, repository
from alembic_lint.config import defaults
from alembic_lint.replay import replay

TABLE = "CREATE TABLE notes (id int, title text, body text, at timestamp, data jsonb)"


def replayed(tmp_path: Path, index: str) -> list[str | None]:
    """The names of the indexes that the replay of a history gives; None where one is not known."""
    versions = tmp_path / "versions"
    versions.mkdir()
    (tmp_path / "env.py").write_text("from alembic import context\n", "utf-8")
    body = f"    op.execute({TABLE!r})\n    op.execute({index!r})\n"
    head = "from alembic import op\nrevision = 'a1'\ndown_revision = None\n"
    (versions / "a1.py").write_text(f"{head}def upgrade():\n{body}", "utf-8")
    config = defaults()
    loaded = repository.load(project.discover([versions], config), config.settings)
    (table,) = replay(loaded.histories[0].history).at_heads().tables
    return [item.name if isinstance(item.name, str) else None for item in table.indexes]


@pytest.mark.parametrize(
    "elements",
    [
        "(title)",
        "(title, body)",
        "(title) INCLUDE (id)",
        "(lower(title))",
        "(lower(title), lower(body))",
        "(pg_catalog.lower(title))",
        "((title || body))",
        "((id + 1), (id + 2), title)",
        "USING gin (to_tsvector('english', body))",
        "((data ->> 'k'))",
        "(coalesce(title, body))",
        "(nullif(title, body))",
        "((lower(title)::varchar))",
        '(lower(title) COLLATE "C" DESC)',
        "(trim(title))",
        "((id IS NULL))",
        "(extract(year FROM at))",
    ],
)
def test_an_index_is_named_as_postgresql_names_it(
    elements: str, tmp_path: Path, postgresql_url: str
) -> None:
    index = f"CREATE INDEX ON notes {elements}"
    with sa.create_engine(postgresql_url, poolclass=sa.pool.NullPool).begin() as connection:
        connection.exec_driver_sql(TABLE)
        connection.exec_driver_sql(index)
        rows = connection.exec_driver_sql(
            "SELECT indexname FROM pg_indexes WHERE tablename='notes'"
        )
        expected = [name for (name,) in rows]

    assert replayed(tmp_path, index) == expected


def test_a_name_that_is_not_told_is_not_known(tmp_path: Path) -> None:
    assert replayed(tmp_path, "CREATE INDEX ON notes (CAST(id + 1 AS text))") == [None]
