"""The rules on altered and dropped columns, against what databases say to real Alembic."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.diagnostics import Diagnostic

Lint = Callable[..., list[Diagnostic]]
Refusal = Callable[..., str]

TYPES = {
    "text": "sa.Text()",
    "varchar": "sa.String(40)",
    "char": "sa.CHAR(36)",
    "int": "sa.Integer()",
    "bigint": "sa.BigInteger()",
    "smallint": "sa.SmallInteger()",
    "bool": "sa.Boolean()",
    "jsonb": "postgresql.JSONB()",
    "uuid": "sa.UUID()",
    "enum": 'sa.Enum("a", name="one")',
    "other enum": 'sa.Enum("a", name="two")',
}
ENUMS = """\
sa.Enum("a", name="one").create(op.get_bind())
sa.Enum("a", name="two").create(op.get_bind())
"""
VALUES = {"text": "'0'", "bool": "false", "jsonb": "'{}'", "enum": "'a'"}


def users(*items: str) -> str:
    columns = ('sa.Column("id", sa.Integer(), primary_key=True)', *items)
    return f'op.create_table("users", {", ".join(columns)})'


def codes(found: list[Diagnostic], code: str) -> list[str]:
    return [str(item.severity) for item in found if item.code == code]


@pytest.mark.database
@pytest.mark.parametrize("old", TYPES)
def test_casts_are_told_as_postgresql_refuses_them(lint: Lint, refusal: Refusal, old: str) -> None:
    """All changes of one column, each in a savepoint, so that one database serves for them all."""
    lines = [f"{ENUMS}said = []"]
    told: list[str] = []
    for number, (new, type_) in enumerate(TYPES.items()):
        kept = TYPES[old].replace("sa.Enum(", "postgresql.ENUM(create_type=False, *[")
        kept = kept.replace('"a", name', '"a"], name')
        made = f'op.create_table("t{number}", sa.Column("c", {kept}))'
        alter = f'op.alter_column("t{number}", "c", type_={type_})'
        if codes(lint(f"{ENUMS}\n{made}\n{alter}"), "ALM410"):
            told.append(new)
        lines += [
            made,
            "try:",
            "    with op.get_bind().begin_nested():",
            f"        {alter}",
            "except sa.exc.ProgrammingError as error:",
            f'    assert "cannot be cast automatically" in str(error); said.append("{new}")',
        ]
    lines.append(f"assert said == {told!r}, said")

    assert refusal("\n".join(lines)) == ""
    assert told or old in TYPES


@pytest.mark.parametrize(
    "alter",
    [
        'op.alter_column("users", "c", type_=sa.Integer(), postgresql_using="c::int")',
        'op.execute("ALTER TABLE users ALTER c TYPE integer USING c::integer")',
        'op.alter_column("users", "c", type_=GUID())',
        'op.alter_column("users", "c", type_=sa.DateTime())',
        'op.alter_column("users", "c", nullable=False)',
        (
            'if op.get_bind().dialect.name == "mysql":\n'
            '    op.alter_column("users", "c", type_=sa.Integer())'
        ),
    ],
)
def test_type_change_that_works_or_is_not_known_is_no_fault(lint: Lint, alter: str) -> None:
    assert codes(lint(users('sa.Column("c", sa.Text())'), alter), "ALM410") == []


def test_old_type_of_an_external_table_is_only_what_is_said(lint: Lint) -> None:
    alter = 'op.alter_column("users", "c", type_=sa.Integer(){})'

    assert codes(lint(alter.format("")), "ALM410") == []
    assert codes(lint(alter.format(", existing_type=sa.Text()")), "ALM410") == ["warning"]


@pytest.mark.database
@pytest.mark.parametrize(
    ("column", "alter"),
    [
        ('sa.Text(), server_default="0"', "type_=sa.Integer(), postgresql_using='c::integer'"),
        (
            'sa.Text(), server_default="0"',
            "type_=sa.Integer(), postgresql_using='c::integer', server_default=None",
        ),
        (
            "sa.Text(), server_default=sa.text(\"'{}'::text\")",
            "type_=postgresql.JSONB(), postgresql_using='c::jsonb'",
        ),
        (
            "sa.Boolean(), server_default=sa.text('false')",
            "type_=sa.Integer(), postgresql_using='c::int'",
        ),
        (
            "sa.Boolean(), server_default=sa.false()",
            "type_=sa.Integer(), postgresql_using='c::int'",
        ),
        (
            "sa.Text(), server_default=sa.text('TRUE')",
            "type_=sa.Integer(), postgresql_using='c::int'",
        ),
        (
            "sa.Integer(), server_default=sa.text('0')",
            "type_=sa.Boolean(), postgresql_using='c::boolean'",
        ),
        (
            "sa.Text(), server_default=sa.text('(-1)')",
            "type_=postgresql.JSONB(), postgresql_using='c::jsonb'",
        ),
    ],
)
def test_default_that_blocks_is_told(lint: Lint, refusal: Refusal, column: str, alter: str) -> None:
    sources = (users(f'sa.Column("c", {column})'), f'op.alter_column("users", "c", {alter})')

    assert codes(lint(*sources), "ALM411") == ["error"]
    assert codes(lint(*sources), "ALM410") == []
    assert "default for column" in refusal(*sources)


@pytest.mark.database
@pytest.mark.parametrize(
    ("default", "alter"),
    [
        (
            '"0"',
            (
                'op.alter_column("users", "c", server_default=None)\n'
                'op.alter_column("users", "c", type_=sa.Integer(), postgresql_using="c::int")'
            ),
        ),
        (
            '"0"',
            'op.execute("ALTER TABLE users ALTER c TYPE int USING c::int, ALTER c DROP DEFAULT")',
        ),
        (
            'sa.text("gen_random_uuid()")',
            'op.alter_column("users", "c", type_=sa.UUID(), postgresql_using="c::uuid")',
        ),
        ('sa.text("0")', 'op.alter_column("users", "c", type_=sa.Integer(), postgresql_using="1")'),
        (
            'sa.text("true")',
            'op.alter_column("users", "c", type_=sa.Boolean(), postgresql_using="c::boolean")',
        ),
        (
            'sa.text("1.5")',
            'op.alter_column("users", "c", type_=sa.Integer(), postgresql_using="1")',
        ),
        (
            "sa.text('NULL')",
            'op.alter_column("users", "c", type_=sa.UUID(), postgresql_using="c::uuid")',
        ),
        ('"0"', 'op.alter_column("users", "c", type_=sa.String(20), postgresql_using="c")'),
    ],
)
def test_default_that_follows_is_no_fault(
    lint: Lint, refusal: Refusal, default: str, alter: str
) -> None:
    sources = (users(f'sa.Column("c", sa.Text(), server_default={default})'), alter)

    assert codes(lint(*sources), "ALM411") == []
    assert refusal(*sources) == ""


A, B = 'sa.Column("a", sa.Integer())', 'sa.Column("b", sa.Integer())'
INDEXED = users(A, B)
ONE, TWO = ('op.create_index("ix", "users", ["a"])', 'op.create_index("ix", "users", ["a", "b"])')
DROP = 'op.drop_column("users", "a")'
BATCH = 'with op.batch_alter_table("users") as batch_op:\n    batch_op.drop_column("a")'


@pytest.mark.parametrize(
    ("index", "drop", "postgresql", "sqlite"),
    [
        (ONE, DROP, [], ["error"]),
        (TWO, DROP, ["warning"], ["error"]),
        (ONE, BATCH, [], ["error"]),
        (TWO, BATCH, ["warning"], ["error"]),
        (TWO, f'{BATCH}\n    batch_op.drop_index("ix")', [], []),
        (TWO, f'op.drop_index("ix", "users")\n{DROP}', [], []),
        (TWO, f'{DROP}\nop.drop_column("users", "b")', [], ["error"]),
        (TWO, 'op.execute("ALTER TABLE users DROP COLUMN a CASCADE")', [], []),
        ('op.create_index("ix", "users", ["b"])', DROP, [], []),
        ("named()", DROP, [], []),
    ],
)
def test_index_on_a_dropped_column_is_told(
    lint: Lint, index: str, drop: str, postgresql: list[str], sqlite: list[str]
) -> None:
    for database, told in (("postgresql", postgresql), ("sqlite", sqlite)):
        found = lint(INDEXED, index, drop, dialects=(database,))
        assert codes(found, "ALM415") == told, database


NEVER = BATCH.replace('"users")', '"users", recreate="never")')
COPIED = """\
copy = sa.Table("users", sa.MetaData(), sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer()))
with op.batch_alter_table("users", copy_from=copy) as batch_op:
    batch_op.drop_column("a")
"""
PARTIAL = 'op.create_index("ix", "users", ["b"], {}_where=sa.text("a > 1"))'
TABLES = {
    "index": f"{INDEXED}\n{ONE}",
    "partial index": f"{INDEXED}\n{PARTIAL.format('sqlite')}",
    "expression": f'{INDEXED}\nop.create_index("ix", "users", [sa.text("abs(a) DESC")])',
    "unique": users('sa.Column("a", sa.Integer(), unique=True)', B),
    "named check": users(A, B, 'sa.CheckConstraint("a <> 0", name="ck")'),
    "check": users(A, B, 'sa.CheckConstraint("a <> 0")'),
    "boolean": users('sa.Column("a", sa.Boolean(create_constraint=True))', B),
    "named boolean": users('sa.Column("a", sa.Boolean(name="ck", create_constraint=True))', B),
    "enum": users('sa.Column("a", sa.Enum("x", name="e", create_constraint=True))', B),
    "foreign key": users('sa.Column("a", sa.Integer(), sa.ForeignKey("users.id"))', B),
    "key": f'op.create_table("users", sa.Column("a", sa.Integer(), primary_key=True), {B})',
    "another": users(A, B, 'sa.CheckConstraint("b <> 0", name="ck")'),
    "text": users(A, B, """sa.CheckConstraint("b <> 'a'", name="ck")"""),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("drop", [DROP, BATCH, NEVER, COPIED])
def test_drop_is_told_as_sqlite_refuses_it(
    lint: Lint, sqlite_refusal: Refusal, table: str, drop: str
) -> None:
    sources = (TABLES[table], drop)

    told = "error" in codes(lint(*sources, dialects=("sqlite",)), "ALM415")

    assert told == (sqlite_refusal(*sources) != "")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("table", "drop"),
    [
        ("check", 'with op.batch_alter_table("users") as batch_op:\n    batch_op.drop_column("b")'),
        (
            "named check",
            (
                'with op.batch_alter_table("users") as batch_op:\n'
                '    batch_op.drop_constraint("ck", type_="check")'
            ),
        ),
    ],
)
def test_check_that_is_gone_is_no_fault(
    lint: Lint, sqlite_refusal: Refusal, table: str, drop: str
) -> None:
    sources = (TABLES[table], drop, DROP)

    assert codes(lint(*sources, dialects=("sqlite",)), "ALM415") == []
    assert sqlite_refusal(*sources) == ""


def test_check_of_a_renamed_column_is_not_read(lint: Lint) -> None:
    renamed = 'op.alter_column("users", "b", new_column_name="c")'
    again = 'op.add_column("users", sa.Column("b", sa.Integer()))'

    found = lint(
        TABLES["another"], renamed, again, DROP.replace('"a"', '"b"'), dialects=("sqlite",)
    )

    assert codes(found, "ALM415") == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "table", ["named check", "check", "named boolean", "boolean", "enum", "unique", "foreign key"]
)
def test_remedy_is_one_that_sqlite_takes(lint: Lint, sqlite_refusal: Refusal, table: str) -> None:
    (found,) = [
        item for item in lint(TABLES[table], DROP, dialects=("sqlite",)) if item.code == "ALM415"
    ]

    assert found.help is not None
    assert sqlite_refusal(TABLES[table], found.help) == ""


@pytest.mark.database
def test_postgresql_drops_what_names_a_column(lint: Lint, refusal: Refusal) -> None:
    partial = PARTIAL.format("postgresql")
    gone = """assert not sa.inspect(op.get_bind()).get_indexes("users")"""

    assert codes(lint(INDEXED, partial, DROP), "ALM415") == ["warning"]
    assert refusal(INDEXED, partial, DROP, gone) == ""


def test_index_is_told_on_databases_that_are_meant(lint: Lint) -> None:
    assert codes(lint(INDEXED, ONE, DROP, dialects=None), "ALM415") == []
    assert codes(lint(INDEXED, ONE, BATCH, dialects=None), "ALM415") == ["warning"]


NAMED = users('sa.Column("name", sa.String(9))', 'sa.Column("age", sa.Integer())')


@pytest.mark.database
@pytest.mark.parametrize(
    ("view", "change"),
    [
        ("VIEW v AS SELECT name FROM users", 'op.drop_table("users")'),
        ("VIEW v AS SELECT name FROM users", 'op.drop_column("users", "name")'),
        ("OR REPLACE VIEW public.v AS SELECT * FROM users", 'op.drop_column("users", "age")'),
        (
            "MATERIALIZED VIEW v AS SELECT 1 FROM users WHERE age > 1",
            'op.drop_column("users", "age")',
        ),
        (
            'VIEW "v" AS SELECT u.age FROM users u',
            'op.alter_column("users", "age", type_=sa.BigInteger())',
        ),
    ],
)
def test_what_a_view_reads_is_told(lint: Lint, refusal: Refusal, view: str, change: str) -> None:
    sources = (NAMED, f"op.execute('CREATE {view}')", change)

    assert codes(lint(*sources), "ALM416") == ["error"]
    said = refusal(*sources)
    assert "depend on it" in said or "used by a view" in said


@pytest.mark.database
@pytest.mark.parametrize(
    "change",
    ['op.drop_column("users", "name")', 'op.alter_column("users", "name", type_=sa.Text())'],
)
def test_views_are_named_in_the_order_that_works(lint: Lint, refusal: Refusal, change: str) -> None:
    views = (
        'op.execute("CREATE VIEW a AS SELECT name FROM users")\n'
        'op.execute("CREATE VIEW c AS SELECT name FROM a")\n'
        'op.execute("CREATE VIEW b AS SELECT a.name FROM a, c")\n'
        'op.execute("CREATE VIEW d AS SELECT name FROM users")'
    )
    (found,) = [item for item in lint(NAMED, views, change) if item.code == "ALM416"]

    assert 'drop views "b" and "c" and "a" and "d" first, in this order' in found.message
    drops = "\n".join(f'op.execute("DROP VIEW {name}")' for name in "bcad")
    assert refusal(NAMED, views, f"{drops}\n{change}") == ""


def test_view_is_only_possible_where_nothing_tells_of_postgresql(lint: Lint) -> None:
    view = "op.execute('CREATE VIEW v AS SELECT name FROM users')"

    found = lint(NAMED, view, 'op.drop_column("users", "name")', dialects=None)

    assert codes(found, "ALM416") == ["warning"]


@pytest.mark.database
@pytest.mark.parametrize(
    ("view", "change"),
    [
        ("SELECT name FROM users", 'op.drop_column("users", "age")'),
        ("SELECT count(*) FROM users", 'op.drop_column("users", "age")'),
        ("SELECT name FROM users", 'op.alter_column("users", "name", new_column_name="called")'),
        ("SELECT name FROM users", 'op.alter_column("users", "name", nullable=False)'),
        ("SELECT name FROM users", 'op.execute("DROP VIEW v")\nop.drop_table("users")'),
        ("SELECT name FROM users", 'op.execute("DROP VIEW IF EXISTS v, w; DROP TABLE users")'),
        ("SELECT name FROM users", 'op.execute("DROP TABLE users CASCADE")'),
        (
            "SELECT * FROM users",
            'op.add_column("users", sa.Column("x", sa.Text()))\nop.drop_column("users", "x")',
        ),
    ],
)
def test_what_no_view_reads_is_no_fault(
    lint: Lint, refusal: Refusal, view: str, change: str
) -> None:
    sources = (NAMED, f'op.execute("CREATE VIEW v AS {view}")', change)

    assert codes(lint(*sources), "ALM416") == []
    assert refusal(*sources) == ""


STATE = users(
    'sa.Column("c", sa.String(20), nullable=False, server_default="x")', 'sa.Column("d", sa.Text())'
)


@pytest.mark.parametrize(
    "arguments",
    [
        "existing_type=sa.String(20)",
        "nullable=False, existing_type=sa.VARCHAR(20), existing_server_default='x'",
        "type_=sa.String(20), existing_nullable=False, existing_server_default='x'",
        "server_default='x'",
    ],
)
def test_alter_that_changes_nothing_is_told(lint: Lint, arguments: str) -> None:
    found = lint(STATE, f'op.alter_column("users", "c", {arguments})')

    assert codes(found, "ALM420") == ["info"]


@pytest.mark.parametrize(
    "alter",
    [
        '"c", nullable=True',
        '"c", server_default=None',
        '"c", type_=sa.String(21), existing_nullable=False, existing_server_default="x"',
        '"d", type_=mysql.LONGTEXT(), existing_nullable=True',
        '"c", type_=sa.String(20)',
        '"c", nullable=False, existing_type=sa.String(30), existing_server_default="x"',
        '"c", new_column_name="e"',
        '"c", comment="x"',
        '"unseen", nullable=True',
        "named(), nullable=True",
    ],
)
def test_alter_that_may_change_something_is_no_fault(lint: Lint, alter: str) -> None:
    assert codes(lint(STATE, f'op.alter_column("users", {alter})'), "ALM420") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("type_=sa.Text(), existing_nullable=True", "lets it take NULL"),
        ("nullable=True, existing_type=sa.Text()", "turns its String(20) into Text"),
        (
            "nullable=True, existing_type=sa.String(20), existing_server_default=None",
            "drops its default 'x'",
        ),
        ("new_column_name='e', existing_type=sa.String(20), existing_nullable=True", "take NULL"),
    ],
)
def test_wrong_existing_argument_is_told_on_mysql(lint: Lint, arguments: str, said: str) -> None:
    sources = (STATE, f'op.alter_column("users", "c", {arguments})')
    (found,) = [item for item in lint(*sources, dialects=("mysql",)) if item.code == "ALM409"]

    assert said in found.message
    for database in ("postgresql", "sqlite"):
        assert codes(lint(*sources, dialects=(database,)), "ALM409") == []
    assert codes(lint(*sources, dialects=None), "ALM409") == []


def test_wrong_existing_argument_is_shown_as_the_database_has_it(lint: Lint) -> None:
    state = users(
        'sa.Column("c", sa.Text().with_variant(mysql.VARCHAR(255), "mysql"), nullable=False)'
    )
    alter = 'op.alter_column("users", "c", nullable=True, existing_type=sa.TEXT())'

    (found,) = [
        item
        for item in lint(
            f"from sqlalchemy.dialects import mysql\n{state}", alter, dialects=("mysql",)
        )
        if item.code == "ALM409"
    ]

    assert "turns its VARCHAR(255) into TEXT" in found.message


def test_wrong_existing_argument_of_a_helper_is_told_once(lint: Lint) -> None:
    state = users(*(f'sa.Column("{name}", sa.DateTime(), nullable=False)' for name in "abc"))
    helper = (
        "def widened(column):\n"
        '    op.alter_column("users", column, type_=sa.Text(), existing_nullable=True)\n\n'
        'widened("a")\n'
        'widened("b")\n'
        'op.alter_column("users", "c", type_=sa.Text(), existing_nullable=True)\n'
    )

    found = [item for item in lint(state, helper, dialects=("mysql",)) if item.code == "ALM409"]

    assert ["by way of widened()" in item.message for item in found] == [True, False]


@pytest.mark.parametrize(
    "arguments",
    [
        "type_=sa.Text(), existing_type=sa.Integer(), existing_nullable=False",
        "nullable=True, existing_nullable=True, existing_type=sa.VARCHAR(20)",
        "server_default='y', existing_type=sa.Text(), existing_nullable=True",
        "type_=sa.Text(), existing_nullable=asked()",
    ],
)
def test_existing_argument_that_is_not_used_is_no_fault(lint: Lint, arguments: str) -> None:
    found = lint(STATE, f'op.alter_column("users", "c", {arguments})', dialects=("mysql",))

    assert codes(found, "ALM409") == []
