"""Which dotted names are SQLAlchemy's, whatever module they are reached through."""

from __future__ import annotations

from dataclasses import dataclass

_MODULES = frozenset(
    {
        "sqlalchemy",
        "sqlalchemy.schema",
        "sqlalchemy.types",
        "sqlalchemy.sql",
        "sqlalchemy.sql.base",
        "sqlalchemy.sql.ddl",
        "sqlalchemy.sql.elements",
        "sqlalchemy.sql.expression",
        "sqlalchemy.sql.functions",
        "sqlalchemy.sql.naming",
        "sqlalchemy.sql.schema",
        "sqlalchemy.sql.selectable",
        "sqlalchemy.sql.sqltypes",
        "sqlalchemy.sql.type_api",
        # modules of other libraries that pass SQLAlchemy's names on
        "sqlmodel",
        "sqlmodel.sql.expression",
        "sqlmodel.sql.sqltypes.types",
    }
)

_DIALECTS = "sqlalchemy.dialects."


def words(text: str) -> frozenset[str]:
    """The words of a text, for lists of names that would fill a page one to a line."""
    return frozenset(text.split())


GENERIC_TYPES = words("""
    ARRAY BIGINT BINARY BLOB BOOLEAN BigInteger Boolean CHAR CLOB DATE DATETIME DECIMAL DOUBLE
    DOUBLE_PRECISION Date DateTime Double Enum FLOAT Float INT INTEGER Integer Interval JSON
    LargeBinary MatchType NCHAR NUMERIC NVARCHAR NullType Numeric PickleType REAL SMALLINT
    SmallInteger String TEXT TIME TIMESTAMP Text Time TupleType UUID Unicode UnicodeText Uuid
    VARBINARY VARCHAR
    """)

DIALECT_TYPES = {
    "postgresql": words("""
        ARRAY AbstractMultiRange AbstractRange AbstractSingleRange BIT BYTEA CIDR CITEXT
        DATEMULTIRANGE DATERANGE DOMAIN ENUM HSTORE INET INT4MULTIRANGE INT4RANGE INT8MULTIRANGE
        INT8RANGE INTERVAL JSON JSONB JSONPATH MACADDR MACADDR8 MONEY NUMMULTIRANGE NUMRANGE
        NamedType OID REGCLASS REGCONFIG TIME TIMESTAMP TSMULTIRANGE TSQUERY TSRANGE TSTZMULTIRANGE
        TSTZRANGE TSVECTOR
        """),
    "mysql": words("""
        BIGINT BIT CHAR DATETIME DECIMAL DOUBLE ENUM FLOAT INET4 INET6 INTEGER JSON LONGBLOB
        LONGTEXT MEDIUMBLOB MEDIUMINT MEDIUMTEXT NCHAR NUMERIC NVARCHAR REAL SET SMALLINT TEXT TIME
        TIMESTAMP TINYBLOB TINYINT TINYTEXT VARCHAR YEAR
        """),
    "sqlite": words("DATE DATETIME JSON JSONB TIME"),
    "mssql": words("""
        BIT DATETIME2 DATETIMEOFFSET DOUBLE_PRECISION IMAGE JSON MONEY NTEXT REAL ROWVERSION
        SMALLDATETIME SMALLMONEY SQL_VARIANT TIME TIMESTAMP TINYINT UNIQUEIDENTIFIER VARBINARY XML
        """),
    "oracle": words("""
        BFILE BINARY_DOUBLE BINARY_FLOAT DATE FLOAT INTERVAL JSON LONG NCLOB NUMBER NVARCHAR2 RAW
        ROWID TIMESTAMP VARCHAR2 VECTOR
        """),
}
"""The types a dialect defines itself; the others in its module are the generic ones."""


@dataclass(frozen=True, slots=True)
class SqlAlchemyName:
    """One of SQLAlchemy's own names: its last part, and the dialect whose module it stands in."""

    last: str
    dialect: str | None = None


def resolve(name: str) -> SqlAlchemyName | None:
    """The SQLAlchemy name behind a dotted reference, or None where it is something else."""
    module, _, last = name.rpartition(".")
    if module in _MODULES:
        return SqlAlchemyName(last)
    if module.startswith(_DIALECTS):
        return SqlAlchemyName(last, module.removeprefix(_DIALECTS).partition(".")[0])
    return None


def function_name(name: str) -> str | None:
    """The SQL function that a name stands for, or None.

    It is `lower` for `sqlalchemy.func.lower` and `sqlalchemy.sql.functions.lower`, and `app.f` for
    `sqlalchemy.func.app.f`.
    """
    module, separator, function = name.partition(".func.")
    if separator and module in _MODULES:
        return function
    module, _, function = name.rpartition(".")
    return function if module == "sqlalchemy.sql.functions" else None


def is_dotted_type(name: str) -> bool:
    """Whether a name is a class of a library that defines column types for SQLAlchemy."""
    module, _, last = name.rpartition(".")
    return last[:1].isupper() and any(
        module == library or module.startswith(library + ".") for library in _TYPE_LIBRARIES
    )


_TYPE_LIBRARIES = (
    "advanced_alchemy.types",
    "citext",
    "fastapi_users_db_sqlalchemy.generics",
    "fastapi_utils.guid_type",
    "geoalchemy2",
    "geoalchemy2.types",
    "oslo_db.sqlalchemy.types",
    "pgvector.sqlalchemy",
    "sqlalchemy_json",
    "sqlalchemy_utils",
    "sqlmodel.sql.sqltypes",
)
