"""Code that is meant to take all time or memory, or to end the process."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from typing import Protocol

import pytest

from alembic_lint.model import Opaque, Operation, Revision


class Reading(Protocol):
    @property
    def revision(self) -> Revision: ...

    @property
    def operations(self) -> list[Operation]: ...


Read = Callable[..., Reading]
Python = Callable[..., subprocess.CompletedProcess[str]]

SECONDS = 10
"""Most take a hundredth of this; a bomb that goes off takes minutes."""

BOMBS = {
    "text times a number": 'op.drop_table("a" * 10**9)',
    "a width in %": 'op.drop_table("%999999999s" % "a")',
    "a width in an f-string": 'op.drop_table(f"{1:999999999}")',
    "a width in format": 'op.drop_table("{0:>{1}}".format("a", 10**9))',
    "a width that is put together": 'w = "9" * 9\nop.drop_table(("%" + w + "d") % 1)',
    "zfill": 'op.drop_table("a".zfill(10**9))',
    "join": 'x = ["a" * 9] * 4000\nfor i in range(9):\n    x = ["".join(x)] * 4000',
    "replace": 'x = "a"\nfor i in range(99):\n    x = x.replace("a", "aaaaaaaaaaaaaaaaaaaa")',
    "a list times a number": 'for t in ["a"] * 10**9:\n    op.drop_table(t)',
    "a long range": "for i in range(10**9):\n    op.drop_table(str(i))",
    "loops in loops": (
        "for a in range(500):\n  for b in range(500):\n    for c in range(500):\n"
        '      op.drop_table(f"{a}{b}{c}")'
    ),
    "doubled text": 'x = "a"\nfor i in range(99):\n    x = x + x\nop.drop_table(x)',
    "text doubled in place": 'x = "a"\nfor i in range(99):\n    x += x\nop.drop_table(x)',
    "a doubled list": 'x = ["a"]\nfor i in range(99):\n    x = x + x\nop.drop_table(x[0])',
    "a list extended by itself": 'x = ["a"]\nfor i in range(99):\n    x.extend(x)',
    "a list unpacked twice": 'x = ["a"]\nfor i in range(99):\n    x = [*x, *x]',
    "nested pairs": 'x = "a"\nfor i in range(99):\n    x = (x, x)\nop.drop_table(x)',
    "nested dicts": 'x = {}\nfor i in range(99):\n    x = {"a": x, "b": x}\nop.drop_table(x)',
    "a power": "op.drop_table(str(10**10**10))",
    "a shift": "op.drop_table(str(1 << 10**9))",
    "squares": "x = 10\nfor i in range(400):\n    x *= x\nop.drop_table(str(x))",
    "infinity": "op.drop_table(str(int(1e999)))",
    "two functions that call each other": "def a():\n    b()\ndef b():\n    a()\na()",
    "a generator of itself": "def g():\n    yield from g()\nfor t in g():\n    op.drop_table(t)",
    "a function applied to itself": "f = lambda g: g(g)\nf(f)",
    "while True": 'while True:\n    op.drop_table("a")',
    "while True in while True": (
        "\n".join(" " * n + "while True:" for n in range(15)) + "\n" + " " * 15 + "x = f(x)"
    ),
    "calls that double": (
        "\n".join(f"def f{n}():\n    f{n + 1}()\n    f{n + 1}()" for n in range(40))
        + "\ndef f40():\n    op.drop_table('a')\nf0()"
    ),
    "many early returns": "\n".join(f"if f({n}):\n    return" for n in range(400)),
    "text of many choices": (
        "\n".join(f'x{n} = "a" if f({n}) else "b"' for n in range(30))
        + "\nop.drop_table("
        + " + ".join(f"x{n}" for n in range(30))
        + ")"
    ),
    "comprehensions": "x = [a for a in range(500) for b in range(500) for c in range(500)]",
    "a class that is its own base": "class A(A):\n    pass\nop.drop_table(A.x)",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_does_not_go_off(read_text: Read, text: str) -> None:
    start = time.process_time()

    reading = read_text(text)

    assert time.process_time() - start < SECONDS
    assert reading.revision.problem is None
    assert reading.revision.id == "b2"


def test_what_takes_too_many_steps_is_told_and_the_rest_is_read(read_text: Read) -> None:
    reading = read_text(
        """
        revision = "b2"
        from alembic import op
        def upgrade():
            for a in range(500):
                for b in range(500):
                    op.drop_table(str(a * b))
        def downgrade():
            op.create_table("x")
        """
    )

    told = [item.why for item in reading.operations if isinstance(item, Opaque)]
    assert told == ["following the code takes too many steps"]
    assert [item.table for item in reading.operations[-1:] if hasattr(item, "table")] == ["x"]


def test_nested_code_that_python_can_parse_still_gives_its_identifiers(read_text: Read) -> None:
    branches = "".join(f"    elif f({n}):\n        pass\n" for n in range(180))

    reading = read_text(f'revision = "b2"\ndef upgrade():\n    if f(0):\n        pass\n{branches}')

    assert reading.revision.id == "b2"


NESTING = """
import json, sys
from alembic_lint.extract import extract
from alembic_lint.source import read_source

class Nothing:
    def load(self, name): return None
    def name_of(self, path): return None

n = int(sys.argv[1])
lines = {
    "parentheses": "x = " + "(" * n + "1" + ")" * n,
    "brackets": "x = " + "[" * n + "]" * n,
    "dicts": "x = " + "{1: " * n + "1" + "}" * n,
    "minus": "x = " + "-" * n + "1",
    "not": "x = " + "not " * n + "1",
    "plus": "x = " + " + ".join(["a"] * n),
    "and": "x = " + " and ".join(["a"] * n),
    "powers": "x = " + " ** ".join(["a"] * n),
    "comparisons": "x = " + " < ".join(["a"] * n),
    "attributes": "x = a" + ".b" * n,
    "calls in calls": "x = " + "f(" * n + ")" * n,
    "calls of calls": "x = f" + "()" * n,
    "subscripts": "x = a" + "[0]" * n,
    "lambdas": "x = " + "lambda: " * n + "1",
    "ternaries": "x = " + "1 if a else " * n + "2",
    "strings": "x = (" + ' "a"' * n + ")",
    "format specifications": 'x = f"{a' + ":{b" * n + "}" * n + '}"',
    "comprehensions": "x = " + "[i for i in " * n + "y" + "]" * n,
    "targets": "x = " * n + "1",
    "decorators": "@a\\n" * n + "def f(): pass",
    "indents": "".join(" " * i + "if x:\\n" for i in range(n)) + " " * n + "pass",
    "elif": "if a:\\n pass\\n" + "elif b:\\n pass\\n" * n,
    "patterns": "match x:\\n case " + "[" * n + "]" * n + ": pass",
    "choices of patterns": "match x:\\n case " + " | ".join(["1"] * n) + ": pass",
}
found = {}
for kind, line in lines.items():
    for above, below in (("", ""), ("type X = int\\n", ""), ("", "\\nx = = 1")):
        text = f'revision = "b2"\\n{above}{line}{below}\\n'
        problem = extract(read_source("b2.py", text.encode()), Nothing()).problem
        found[kind + above + below] = None if problem is None else problem.kind.value
print(json.dumps(found))
"""


@pytest.mark.parametrize("levels", [8, 90, 390, 900, 10_000])
def test_deep_nesting_of_any_kind_does_not_end_the_process(python: Python, levels: int) -> None:
    result = python("-c", NESTING, str(levels))

    assert result.returncode == 0, result.stderr[-2000:]
    assert set(json.loads(result.stdout).values()) <= {
        None,
        "nesting depth",
        "size",
        "syntax",
    }


def test_moderate_nesting_is_no_problem(python: Python) -> None:
    found = json.loads(python("-c", NESTING, "8").stdout)

    plain = {kind: problem for kind, problem in found.items() if "\n" not in kind}
    assert set(plain.values()) == {None}
