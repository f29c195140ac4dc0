"""The rules on PostgreSQL's enum types, against what PostgreSQL says to real Alembic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import CompileError

from alembic_lint.diagnostics import Diagnostic

Lint = Callable[..., list[Diagnostic]]
Refusal = Callable[..., str]

USERS = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))'
ENUM = 'sa.Enum("sad", "ok", name="mood")'
OWN = 'postgresql.ENUM("sad", "ok", name="mood")'
KEPT = 'postgresql.ENUM("sad", "ok", name="mood", create_type=False)'

VARIANT = f'{ENUM}.with_variant({KEPT}, "postgresql")'

BATCH = f"""\
with op.batch_alter_table("users") as batch_op:
    batch_op.add_column(sa.Column("m", {ENUM}))
"""


def table(type_: str, name: str = "moods") -> str:
    return f'op.create_table("{name}", sa.Column("mood", {type_}))'


def add(type_: str) -> str:
    return f'op.add_column("users", sa.Column("mood", {type_}))'


def make(type_: str = ENUM, arguments: str = "") -> str:
    return f"{type_}.create(op.get_bind(){arguments})"


def codes(found: list[Diagnostic], code: str) -> list[str]:
    return [str(item.severity) for item in found if item.code == code]


@pytest.mark.database
@pytest.mark.parametrize(
    "upgrade",
    [
        add(ENUM),
        add(OWN),
        add(KEPT),
        add(f"sa.ARRAY({ENUM})"),
        add(f'sa.String(10).with_variant({OWN}, "postgresql")'),
        BATCH,
        table(KEPT),
        (
            f"{table('sa.Text()')}\nop.alter_column('moods', 'mood', type_={ENUM},"
            " postgresql_using='mood::mood')"
        ),
        f"{make()}\nop.execute('DROP TYPE mood')\n{add(ENUM)}",
        f"{add(ENUM)}\n{make()}",
        f"{make()}\nop.execute('ALTER TYPE mood RENAME TO state')\n{add(ENUM)}",
    ],
)
def test_type_that_nothing_made_is_told(lint: Lint, refusal: Refusal, upgrade: str) -> None:
    found = lint(USERS, upgrade)

    assert codes(found, "ALM421") == ["error"]
    assert '"mood" does not exist' in refusal(USERS, upgrade).replace("mood[]", "mood")


@pytest.mark.database
@pytest.mark.parametrize(
    "upgrade",
    [
        f"{make()}\n{add(ENUM)}",
        f"op.execute(\"CREATE TYPE mood AS ENUM ('sad', 'ok')\")\n{add(OWN)}",
        f"{table(ENUM)}\n{add(ENUM)}",
        f"{table(f'sa.ARRAY({ENUM})')}\n{add(ENUM)}",
        f"{make()}\n{table(KEPT)}",
        add('sa.Enum("sad", "ok", name="mood", native_enum=False)'),
        add(f'{ENUM}.with_variant(sa.String(9), "postgresql")'),
        (
            f"{make(ENUM.replace('mood', 'old'))}\n"
            f"op.execute('ALTER TYPE old RENAME TO mood')\n{add(ENUM)}"
        ),
    ],
)
def test_type_that_is_there_can_be_used(lint: Lint, refusal: Refusal, upgrade: str) -> None:
    assert codes(lint(USERS, upgrade), "ALM421") == []
    assert refusal(USERS, upgrade) == ""


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("pass", id="the table was there before Alembic"),
        pytest.param(
            f"{USERS}\nimport unseen\nunseen.make(op.get_bind())", id="anything may have made it"
        ),
        pytest.param(f"{USERS}\nop.execute(f'CREATE TYPE {{name()}} AS ENUM (1)')", id="unread"),
    ],
)
def test_type_that_may_be_there_is_no_fault(lint: Lint, first: str) -> None:
    assert codes(lint(first, add(ENUM)), "ALM421") == []


def test_parallel_branch_that_makes_the_type_is_no_fault_of_this_rule(lint: Lint) -> None:
    found = lint(USERS, make(), add(ENUM), parents=((), (0,), (0,)))

    assert codes(found, "ALM421") == []


def test_project_that_may_not_be_for_postgresql_is_only_warned(lint: Lint) -> None:
    (found,) = [item for item in lint(USERS, add(ENUM), dialects=None) if item.code == "ALM421"]

    assert found.severity == "warning"
    assert "if it is run on PostgreSQL" in found.message
    elsewhere = lint(USERS, add(ENUM), dialects=("mysql", "sqlite"))
    assert codes(elsewhere, "ALM421") == []


@pytest.mark.database
@pytest.mark.parametrize(
    "again",
    [
        f"{make()}\n{table(ENUM)}",
        f"{make()}\n{table(OWN)}",
        f"{make()}\n{table(f'sa.ARRAY({ENUM})')}",
        f"{make()}\n{make()}",
        f"{make(OWN)}\n{make(OWN, ', checkfirst=False')}",
        f"{table(ENUM)}\n{make()}",
        f"op.execute(\"CREATE TYPE mood AS ENUM ('sad')\")\n{table(ENUM)}",
        f"{table(ENUM)}\nop.execute(\"CREATE TYPE mood AS ENUM ('sad')\")",
        f"{make()}\nop.create_table('moods', sa.Column('mood', {ENUM}), if_not_exists=True)",
    ],
)
def test_type_that_is_made_twice_is_told(lint: Lint, refusal: Refusal, again: str) -> None:
    assert codes(lint(USERS, again), "ALM422") == ["error"]
    assert '"mood" already exists' in refusal(USERS, again)


@pytest.mark.database
@pytest.mark.parametrize(
    "again",
    [
        f"{make()}\n{table(KEPT)}",
        f"{make(OWN)}\n{make(OWN)}",
        f"{make()}\n{make(ENUM, ', checkfirst=True')}",
        f"{table(ENUM)}\n{table(OWN, 'others')}",
        f"{make()}\nop.execute('DROP TYPE mood')\n{table(ENUM)}",
        f"{make()}\n{add(ENUM)}",
        f"{make()}\n{table(VARIANT)}",
    ],
)
def test_type_that_is_made_once_is_no_fault(lint: Lint, refusal: Refusal, again: str) -> None:
    assert codes(lint(USERS, again), "ALM422") == []
    assert refusal(USERS, again) == ""


@pytest.mark.database
def test_tables_of_two_revisions_clash_only_when_run_apart(lint: Lint, refusal: Refusal) -> None:
    sources = (table(ENUM), table(OWN, "others"))

    assert codes(lint(*sources), "ALM422") == ["warning"]
    assert refusal(*sources) == ""


@pytest.mark.parametrize(
    "guard",
    [
        "if not asked():",
        'if "mood" not in [e["name"] for e in sa.inspect(op.get_bind()).get_enums()]:',
    ],
)
def test_making_that_asks_first_is_no_fault(lint: Lint, guard: str) -> None:
    assert codes(lint(table(ENUM), f"{guard}\n    {make()}"), "ALM422") == []


@pytest.mark.database
@pytest.mark.parametrize(
    "upgrade",
    [
        table('sa.Enum("a")'),
        table('sa.Enum("a", name=None)'),
        table('postgresql.ENUM("a")'),
        table('sa.ARRAY(sa.Enum("a"))'),
        add('sa.Enum("a")'),
        f"{table('sa.Text()')}\nop.alter_column('moods', 'mood', type_=sa.Enum('a'))",
        make('sa.Enum("a")'),
    ],
)
def test_enum_without_a_name_is_told(lint: Lint, refusal: Refusal, upgrade: str) -> None:
    assert codes(lint(USERS, upgrade), "ALM423") == ["error"]
    with pytest.raises(CompileError, match="requires a name"):
        refusal(USERS, upgrade)


@pytest.mark.parametrize(
    "upgrade",
    [
        table('sa.Enum("a", native_enum=False)'),
        table("sa.Enum(unseen.Mood)"),
        table('sa.Enum("a", name=named())'),
        table('sa.Enum("a").with_variant(sa.String(9), "postgresql")'),
        'op.alter_column("users", "id", existing_type=sa.Enum("a"), nullable=True)',
        f'if op.get_bind().dialect.name == "mysql":\n    {add("sa.Enum(1)").replace("1", "chr")}',
    ],
)
def test_enum_that_needs_no_name_is_no_fault(lint: Lint, upgrade: str) -> None:
    assert codes(lint(USERS, upgrade), "ALM423") == []


def test_create_type_of_the_generic_enum_is_told(lint: Lint) -> None:
    ignored = 'sa.Enum("sad", name="mood", create_type=False)'

    assert codes(lint(USERS, f"{make()}\n{table(ignored)}"), "ALM424") == ["warning"]
    assert codes(lint(USERS, f"{make()}\n{table(KEPT)}"), "ALM424") == []
    assert codes(lint(USERS, f"{make()}\n{add(ignored)}"), "ALM424") == []


DROP_TYPE = 'op.execute("DROP TYPE mood")'
ADD_VALUE = """op.execute("ALTER TYPE mood ADD VALUE 'bad'")"""


@pytest.mark.database
@pytest.mark.parametrize(
    ("upgrades", "severity"),
    [
        ((USERS, DROP_TYPE), "warning"),
        ((USERS, ADD_VALUE), "warning"),
        ((make(), DROP_TYPE, DROP_TYPE), "error"),
        ((make(), DROP_TYPE, ADD_VALUE), "error"),
        ((make(), 'op.execute("ALTER TYPE mood RENAME TO moods")', DROP_TYPE), "error"),
    ],
)
def test_change_of_a_type_that_is_not_there_is_told(
    lint: Lint, refusal: Refusal, upgrades: tuple[str, ...], severity: str
) -> None:
    assert codes(lint(*upgrades), "ALM421") == [severity]
    assert 'type "mood" does not exist' in refusal(*upgrades)


def test_type_that_a_change_took_to_be_there_is_told_there_alone(lint: Lint) -> None:
    found = [item for item in lint(USERS, ADD_VALUE, add(ENUM)) if item.code == "ALM421"]

    assert [item.path.rpartition("/")[2] for item in found] == ["r1.py"]


@pytest.mark.parametrize(
    "upgrades",
    [
        (DROP_TYPE,),
        ('op.add_column("users", sa.Column("a", sa.Integer()))', DROP_TYPE),
        (USERS, 'op.execute("DROP TYPE IF EXISTS mood")'),
        (USERS, 'op.execute("CREATE TYPE mood AS (a int)")', DROP_TYPE),
        (USERS, 'op.execute("CREATE DOMAIN mood AS text")', DROP_TYPE),
        (make(), ADD_VALUE, DROP_TYPE),
        ('op.add_column("users", sa.Column("a", sa.Integer()))', f"{DROP_TYPE}\n{make()}"),
    ],
)
def test_change_of_a_type_that_may_be_there_is_no_fault(
    lint: Lint, upgrades: tuple[str, ...]
) -> None:
    assert codes(lint(*upgrades), "ALM421") == []
