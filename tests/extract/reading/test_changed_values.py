"""A name that is bound again, or a collection that is changed, has its value at that moment."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Protocol

import pytest


class Reading(Protocol):
    @property
    def lines(self) -> list[str]: ...

    def again(self, text: str) -> Reading: ...


Read = Callable[..., Reading]

INSPECTOR = "inspector = sa.inspect(op.get_bind())\n"

KNOWN = {
    "a list under two names": (
        """
        a = []
        b = a
        b.append("x")
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable x"],
    ),
    "a copied list": (
        """
        a = ["x"]
        b, c, d, e = list(a), a[:], a.copy(), [*a]
        for other in (b, c, d, e):
            other.append("y")
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable x"],
    ),
    "a list within a dict": (
        """
        a = ["x"]
        d = {"k": a}
        d["k"].append("y")
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable x", "DropTable y"],
    ),
    "a list handed to a function that extends it": (
        """
        def extend(tables):
            tables.extend(["y"])
        ---
        a = ["x"]
        extend(a)
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable x", "DropTable y"],
    ),
    "a list extended in place by an operator": (
        """
        a = b = ["x"]
        a += ["y"]
        for t in b:
            op.drop_table(t)
        """,
        ["DropTable x", "DropTable y"],
    ),
    "a tuple extended by an operator is a new one": (
        """
        a = b = ("x",)
        a += ("y",)
        for t in b:
            op.drop_table(t)
        """,
        ["DropTable x"],
    ),
    "an item that is replaced": (
        """
        a = ["x", "y"]
        a[0] = "z"
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable z", "DropTable y"],
    ),
    "an item of a dict that is replaced": (
        """
        d = {"k": "x"}
        d["k"] = "y"
        for t in d.values():
            op.drop_table(t)
        """,
        ["DropTable y"],
    ),
    "an item that is deleted": (
        """
        d = {"k": "x", "l": "y"}
        del d["k"]
        for t in d.values():
            op.drop_table(t)
        """,
        ["DropTable y"],
    ),
    "an item that is popped": (
        """
        a = ["x", "y"]
        op.drop_table(a.pop())
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable y", "DropTable x"],
    ),
    "a sorted and reversed list": (
        """
        a = ["x", "z", "y"]
        a.sort()
        a.reverse()
        for t in a:
            op.drop_table(t)
        """,
        ["DropTable z", "DropTable y", "DropTable x"],
    ),
    "a default argument is one list for all calls": (
        """
        def collect(found=[]):
            found.append("x")
            return found
        ---
        collect()
        for t in collect():
            op.drop_table(t)
        """,
        ["DropTable x", "DropTable x"],
    ),
    "a default argument is evaluated at the definition": (
        """
        NAME = "x"
        def drop(t=NAME):
            op.drop_table(t)
        NAME = "y"
        ---
        drop()
        """,
        ["DropTable x | via drop"],
    ),
    "a global name": (
        """
        NAME = "x"
        def change():
            global NAME
            NAME = "y"
        ---
        change()
        op.drop_table(NAME)
        """,
        ["DropTable y"],
    ),
    "a name of the function around": (
        """
        name = "x"
        def change():
            nonlocal name
            name = "y"
        change()
        op.drop_table(name)
        """,
        ["DropTable y"],
    ),
    "a local name that hides a global one": (
        """
        NAME = "x"
        def change():
            NAME = "y"
        ---
        change()
        op.drop_table(NAME)
        """,
        ["DropTable x"],
    ),
    "an inner function sees what is bound later": (
        """
        def drop():
            op.drop_table(name)
        name = "x"
        drop()
        name = "y"
        drop()
        """,
        ["DropTable x | via drop", "DropTable y | via drop"],
    ),
    "an attribute of a class that is set from outside": (
        """
        class Names:
            table = "x"
        ---
        Names.table = "y"
        op.drop_table(Names.table)
        """,
        ["DropTable y"],
    ),
    "a builtin that is hidden": (
        """
        def len(value):
            return "x"
        ---
        op.drop_table(len("abc"))
        """,
        ["DropTable x"],
    ),
    "op that is bound to something else": (
        """
        op.drop_table("x")
        op = other()
        op.bulk("y")
        """,
        ["DropTable x"],
    ),
    "a list of another module, changed here": (
        """
        from app.tables import TABLES
        ---
        TABLES.append("y")
        for t in TABLES:
            op.drop_table(t)
        """,
        ["DropTable x", "DropTable y"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), KNOWN.values(), ids=KNOWN.keys())
def test_the_value_is_the_one_at_that_moment(
    read_text: Read, text: str, expected: list[str]
) -> None:
    assert read_text(text, {"app.tables": 'TABLES = ["x"]'}).lines == expected


CONDITIONAL = {
    "an element added in a branch": (
        """
        found = ["x"]
        if inspector.has_table("y"):
            found.append("y")
        for t in found:
            op.drop_table(t)
        """,
        ["DropTable x", "DropTable y | if table y"],
    ),
    "an element added after a continue": (
        """
        found = []
        for t in ("x", "y"):
            if not inspector.has_table(t):
                continue
            found.append(t)
        for t in found:
            op.drop_table(t)
        """,
        ["DropTable x | if table x", "DropTable y | if table y"],
    ),
    "an element added by a function after its early return": (
        """
        found = []
        def note(t):
            if not inspector.has_table(t):
                return
            found.append(t)
        note("x")
        for t in found:
            op.drop_table(t)
        """,
        ["DropTable x | if table x"],
    ),
    "a name bound in a branch": (
        """
        name = "x"
        if inspector.has_table("y"):
            name = "y"
        op.drop_table(name)
        """,
        ["DropTable y | if table y", "DropTable x | if not table y"],
    ),
    "a name bound before a break": (
        """
        name = "a"
        for t in ("x", "y"):
            if inspector.has_table(t):
                break
            name = t
        op.drop_table(name)
        """,
        [
            "DropTable a | if table x",
            "DropTable x | if not table x | if (not table x and table y)",
            "DropTable y | if not table x | if not (not table x and table y)",
        ],
    ),
    "a name bound on both branches": (
        """
        if inspector.has_table("y"):
            name = "x"
        else:
            name = "x"
        op.drop_table(name)
        """,
        ["DropTable x"],
    ),
    "a name bound in a try, in its handler": (
        """
        name = "x"
        try:
            name = "y"
            work()
        except ValueError:
            op.drop_table(name)
        """,
        [
            "DropTable y | if `ValueError exception is raised` | if `name is set before`",
            "DropTable x | if `ValueError exception is raised` | if not `name is set before`",
        ],
    ),
    "a name bound in a handler": (
        """
        name = "x"
        try:
            work()
        except ValueError:
            name = "y"
        op.drop_table(name)
        """,
        [
            "DropTable y | if `ValueError exception is raised`",
            "DropTable x | if not `ValueError exception is raised`",
        ],
    ),
    "a name bound in a loop over unknown values": (
        """
        name = "x"
        for row in rows():
            op.drop_table(name)
            name = row
        op.drop_table(name)
        """,
        ["DropTable ? | loop over rows()", "DropTable ?"],
    ),
    "a list changed in such a loop under another name": (
        """
        a = ["x"]
        b = a
        for row in rows():
            for t in a:
                op.drop_table(t)
            b.append(row)
        """,
        ["DropTable ? | loop over a"],
    ),
    "a deleted name": (
        """
        name = "x"
        del name
        op.drop_table(name)
        """,
        ["DropTable ?"],
    ),
    "a position behind an element that is there only at times": (
        """
        names = [t for t in ("x", "y") if inspector.has_table(t)]
        op.drop_table(names[1])
        """,
        ["DropTable ?"],
    ),
    "a constant returned from a try": (
        """
        def alive():
            try:
                work()
                return True
            except Exception:
                return False
        if alive():
            op.drop_table("x")
        """,
        ["DropTable x | if not `Exception exception is raised`"],
    ),
    "a value that may be None": (
        """
        found = lookup.table()
        if found is None:
            op.drop_table("x")
        """,
        ["DropTable x | if `found is None`"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CONDITIONAL.values(), ids=CONDITIONAL.keys())
def test_what_a_condition_decides_is_never_certain(
    read_text: Read, text: str, expected: list[str]
) -> None:
    assert read_text(INSPECTOR + textwrap.dedent(text)).lines == expected


def test_an_answer_older_than_an_operation_is_told_so(read_text: Read) -> None:
    reading = read_text(
        INSPECTOR
        + 'tables = inspector.get_table_names()\nmissing = "x" not in tables\n'
        + 'if missing:\n    op.create_table("x")\n'
        + 'if missing:\n    op.create_index("i", "x", ["c"])\n'
        + 'if "y" in tables:\n    op.drop_table("y")\n'
    )

    assert reading.lines == [
        "CreateTable x | if not table x",
        "CreateIndex i on x | if not table x earlier",
        "DropTable y | if table y",
    ]


def test_asking_again_gives_an_answer_up_to_date(read_text: Read) -> None:
    reading = read_text(
        INSPECTOR
        + 'if not inspector.has_table("x"):\n    op.create_table("x")\n'
        + 'if sa.inspect(op.get_bind()).has_table("x"):\n    op.drop_table("x")\n'
    )

    assert reading.lines == ["CreateTable x | if not table x", "DropTable x | if table x"]


def test_one_revision_does_not_change_the_modules_of_the_next(read_text: Read) -> None:
    modules = {"app.tables": 'TABLES = ["x"]'}
    text = "from app.tables import TABLES\n---\n{}for t in TABLES:\n    op.drop_table(t)\n"

    changing = read_text(text.format('TABLES.append("y")\n'), modules)

    assert changing.lines == ["DropTable x", "DropTable y"]
    assert changing.again(text.format("")).lines == ["DropTable x"]
