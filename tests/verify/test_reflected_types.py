"""Types as revisions write them, and as real databases give them back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic_lint.config import defaults
from alembic_lint.database import reflect
from alembic_lint.project import discover
from alembic_lint.replay import replay
from alembic_lint.repository import load
from alembic_lint.schema import same_type

WRITTEN = """
sa.BigInteger()
sa.Boolean()
sa.Date()
sa.DateTime()
sa.DateTime(timezone=True)
sa.Double()
sa.Double(53)
sa.Enum("a","bb",name="e")
sa.Enum("a","bb",name="e",native_enum=False)
sa.Enum("a","bb",native_enum=False,length=30)
sa.Float()
sa.Float(10)
sa.Float(53)
sa.Float(asdecimal=True)
sa.Integer()
sa.Interval()
sa.JSON()
sa.LargeBinary()
sa.LargeBinary(10)
sa.Numeric()
sa.Numeric(10)
sa.Numeric(10,2)
sa.Numeric(precision=10,scale=0)
sa.PickleType()
sa.SmallInteger()
sa.String()
sa.String(50)
sa.Text()
sa.Time()
sa.Time(timezone=True)
sa.Unicode(20)
sa.UnicodeText()
sa.Uuid()
sa.Uuid(native_uuid=False)
sa.UUID()
sa.CHAR(3)
sa.CHAR()
sa.NCHAR(3)
sa.VARCHAR(3)
sa.TIMESTAMP()
sa.TIMESTAMP(timezone=True)
sa.DECIMAL(10,2)
sa.DECIMAL()
sa.NUMERIC(4)
sa.REAL()
sa.FLOAT()
sa.FLOAT(30)
sa.DOUBLE_PRECISION()
sa.INT()
sa.INTEGER()
sa.BIGINT()
sa.SMALLINT()
sa.DATE()
sa.TIME()
sa.BOOLEAN()
sa.ARRAY(sa.String(20))
sa.ARRAY(sa.Integer)
pg.JSONB()
pg.JSON()
pg.UUID()
pg.UUID(as_uuid=True)
pg.BYTEA()
pg.INET()
pg.CIDR()
pg.MACADDR()
pg.BIT(3)
pg.BIT(varying=True)
pg.BIT(5,varying=True)
pg.ARRAY(sa.Text)
pg.ARRAY(sa.Integer,dimensions=2)
pg.TIMESTAMP(precision=3)
pg.TIMESTAMP(timezone=True,precision=6)
pg.TIME(timezone=True,precision=2)
pg.INTERVAL(precision=3)
pg.INTERVAL()
pg.TSVECTOR()
pg.TSQUERY()
pg.INT4RANGE()
pg.NUMRANGE()
pg.TSTZRANGE()
pg.DATERANGE()
pg.MONEY()
pg.OID()
pg.REGCLASS()
pg.DOUBLE_PRECISION()
pg.DOUBLE_PRECISION(53)
pg.REAL()
pg.ENUM("x","y",name="en")
pg.VARCHAR(10)
pg.CHAR(2)
pg.NUMERIC(5,1)
pg.INTEGER()
pg.BIGINT()
pg.TEXT()
pg.DATE()
pg.FLOAT()
pg.BOOLEAN()
pg.JSONPATH()
sa.JSON().with_variant(pg.JSONB(),"postgresql")
sa.String(10).with_variant(sa.Text(),"sqlite")
pg.INT4MULTIRANGE()
""".strip().splitlines()

REVISION = """
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

revision = "a1"
down_revision = None


def upgrade():
"""


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_every_type_comes_back_as_it_was_written(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'types.db'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    kept: dict[str, str] = {}
    for number, text in enumerate(WRITTEN):
        # In a transaction of its own, as some types are those of one database only.
        type_ = eval(text, {"sa": sa, "pg": postgresql})
        table = sa.Table(f"t{number}", sa.MetaData(), sa.Column("c", type_))
        try:
            table.create(engine)
        except sa.exc.CompileError:
            continue
        kept[table.name] = text
    versions = tmp_path / "versions"
    versions.mkdir()
    body = "".join(
        f'    op.create_table("{name}", sa.Column("c", {text}))\n' for name, text in kept.items()
    )
    (versions / "a1.py").write_text(REVISION + body, "utf-8")
    project = discover([versions], defaults())
    history = load(project, defaults().settings).histories[0].history
    schema = replay(history, database).at("a1")
    with engine.connect() as connection:
        there = reflect(connection)

    unlike = []
    for name, text in kept.items():
        one, other = schema.table(name).column("c"), there.table(name).column("c")
        assert one is not None
        assert other is not None
        if same_type(one.type, other.type, database) is not True:
            unlike.append((text, one.type, other.type))
    assert unlike == []
    assert len(kept) > 60
