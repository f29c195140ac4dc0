"""Column types as SQL text writes them, and the families by which types compare.

A type read from SQL text has one canonical form: `dialect` names the database, `name` is the
type's name in lower case, `args` are its modifiers (`numeric(10, 2)` has 10 and 2). PostgreSQL's
aliases are resolved to the name that its `format_type` prints: `varchar(50)` is "character
varying" with 50, `int4` is "integer", `timestamptz` is "timestamp with time zone". An array is
"ARRAY" with its element's type, as in SQLAlchemy. `serial` is the integer type it stands for;
the column carries the rest. A type of the schema's own keeps its name as written (`mood`,
`app.mood`) with `known` False, unless the same text declares it as an enum.
Other databases' types keep the names they were written with.

`type_family` maps these and SQLAlchemy's own types to the same few words.
"""

from __future__ import annotations

from collections.abc import Mapping

from alembic_lint.extract.sql.marks import has_mark, known, word_set
from alembic_lint.extract.sql.tree import Node
from alembic_lint.model import ColumnType, EnumType, Type, Unknown, Value

_POSTGRESQL_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "character",
    "varchar": "character varying",
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "decimal": "numeric",
}

SERIAL = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}
"""PostgreSQL's abbreviations for an integer column that a sequence of its own fills."""

_POSTGRESQL_TYPES = word_set(
    """
        bigint bit boolean box bytea cidr circle date inet integer interval json jsonb jsonpath
        line lseg macaddr macaddr8 money name numeric oid path pg_lsn pg_snapshot point polygon
        real smallint text tsquery tsvector txid_snapshot uuid xml xid xid8 cid tid regclass
        regproc regprocedure regtype regnamespace regrole regoper regoperator regconfig
        regdictionary regcollation char character int4range int8range numrange tsrange tstzrange
        daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange
        datemultirange int2vector oidvector refcursor citext hstore ltree lquery ltxtquery cube
        vector halfvec sparsevec geometry geography raster
        """
)
"""Built-in types under their own name, and those of widely used extensions."""

_FAMILIES: Mapping[str, str] = {
    name: family
    for family, names in {
        "smallint": "smallint smallinteger int2 tinyint",
        "integer": "integer int int4 mediumint",
        "bigint": "bigint biginteger int8",
        "number": "numeric decimal number money smallmoney",
        "float": "real float double double_precision double-precision float4 float8 binary_float "
        "binary_double",
        "string": "character-varying varchar string char character nchar nvarchar varchar2 "
        "nvarchar2 unicode bpchar citext autostring",
        "text": "text unicodetext clob nclob ntext tinytext mediumtext longtext long",
        "boolean": "boolean bool",
        "date": "date",
        "time": "time time-without-time-zone",
        "time with time zone": "time-with-time-zone timetz",
        "timestamp": "timestamp-without-time-zone datetime timestamp datetime2 smalldatetime",
        "timestamp with time zone": "timestamp-with-time-zone timestamptz datetimeoffset",
        "interval": "interval",
        "bytes": "bytea largebinary binary varbinary blob tinyblob mediumblob longblob raw image",
        "uuid": "uuid uniqueidentifier",
        "json": "json",
        "jsonb": "jsonb",
        "array": "array",
        "enum": "enum",
        "bit": "bit bit-varying",
        "network": "inet cidr macaddr macaddr8",
        "full text": "tsvector tsquery",
        "range": "int4range int8range numrange tsrange tstzrange daterange",
        "spatial": "geometry geography raster",
        "vector": "vector halfvec sparsevec",
        "hstore": "hstore",
        "xml": "xml",
    }.items()
    for name in names.split()
}


def type_family(column_type: ColumnType) -> str | None:
    """The kind of values a type holds, in one word or two; None where that is not known.

    Types of one family convert into each other without loss but for their length; the family
    is the same for `sa.String(50)`, `character varying(50)` and MySQL's `varchar(50)`.
    """
    if column_type.enum is not None:
        return "enum"
    name = column_type.name.lower()
    if not column_type.known and column_type.dialect is not None:
        return None
    family = _FAMILIES.get(name.removesuffix(" unsigned").replace(" ", "-"))
    if family in ("timestamp", "time") and dict(column_type.keywords).get("timezone") is True:
        return f"{family} with time zone"
    return family


def type_of(node: Node | None, enums: Mapping[tuple[object, object], EnumType]) -> Type:
    """The type that a TypeName stands for; `enums` are those declared before, by (schema, name)."""
    if node is None:
        return Unknown("the SQL text gives no type")
    names = node.strings("names")
    if node.flag("pct_type") or node.flag("setof") or not names:
        return Unknown("the type is taken from another object")
    if any(has_mark(name) for name in names):
        return Unknown("a part of the type's name is not known")
    args = tuple(_modifier(item) for item in node.nodes("typmods"))
    if names[-1] == "interval":
        args = _interval(args)
    column_type = _named(names, args, enums)
    return _array(column_type) if node.nodes("arrayBounds") else column_type


def _array(item: ColumnType) -> ColumnType:
    return ColumnType("ARRAY", (item,), dialect="postgresql")


def _named(
    names: tuple[str, ...],
    args: tuple[Value, ...],
    enums: Mapping[tuple[object, object], EnumType],
) -> ColumnType:
    name = names[-1]
    built_in = len(names) == 1 or names[0] == "pg_catalog"
    if built_in and name in SERIAL:
        return ColumnType(SERIAL[name], dialect="postgresql")
    if built_in and name in _POSTGRESQL_NAMES:
        name = _POSTGRESQL_NAMES[name]
        # The grammar writes the length that a bare `char` implies.
        return ColumnType(name, args, dialect="postgresql")
    if built_in and name == "char":
        return ColumnType('"char"', args, dialect="postgresql")
    if built_in and name in _POSTGRESQL_TYPES:
        return ColumnType(name, args, dialect="postgresql")
    schema = names[-2] if len(names) > 1 else None
    written = ".".join(names)
    enum = enums.get((schema, name))
    if name in _POSTGRESQL_TYPES and enum is None:
        return ColumnType(name, args, dialect="postgresql")
    return ColumnType(written, args, dialect="postgresql", enum=enum, known=enum is not None)


def _modifier(node: Node) -> Value:
    if node.kind == "A_Const":
        integer = node.node("ival")
        if integer is not None:
            return integer.number("ival")
        string = node.node("sval")
        if string is not None:
            return known(string.text("sval"))
    if node.kind == "ColumnRef" and len(names := node.names("fields")) == 1:
        return names[0]
    return Unknown("the type's modifier is an expression")


_INTERVAL_FIELDS = {
    4: "year",
    2: "month",
    8: "day",
    1024: "hour",
    2048: "minute",
    4096: "second",
    6: "year to month",
    1032: "day to hour",
    3080: "day to minute",
    7176: "day to second",
    3072: "hour to minute",
    7168: "hour to second",
    6144: "minute to second",
}
"""Source: PostgreSQL, `intervaltypmodout`; 32767 means all fields."""


def _interval(args: tuple[Value, ...]) -> tuple[Value, ...]:
    """An interval's fields (a bit mask in the tree) and precision."""
    fields, *precision = args or (32767,)
    named = _INTERVAL_FIELDS.get(fields) if isinstance(fields, int) else None
    return (*((named,) if named else ()), *precision)
