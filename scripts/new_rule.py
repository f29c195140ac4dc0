"""Scaffold a rule: its card, module and test, registered and listed in the index.

Usage:
    uv run scripts/new_rule.py ALM618 missing-lock-timeout locks
    uv run scripts/new_rule.py --refresh    (only write the registry and the index anew)

The new tests fail until the rule does what its card says.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RULES = Path("src/alembic_lint/rules")
REGISTRY = RULES / "__init__.py"
INDEX = Path("rules/README.md")
WIDTH = 100

MODULE = '''\
"""{code} {name}."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("{code}", Severity.WARNING)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """What is flagged, in one line.

    The mechanism: which error, which lock, since which version.

    Source: where that is written or can be seen.
    """
    yield from ()
'''

CARD = """\
# {name} ({code})

What is flagged.

## Why

The mechanism, and its source.

## Bad

```python versions/a1.py
revision = "4f1c09be72d3"  # warning: {code}
down_revision = None


def upgrade():
    pass


def downgrade():
    pass
```

## Good

```python versions/a1.py postgresql
revision = "4f1c09be72d3"
down_revision = None


def upgrade():
    pass


def downgrade():
    pass
```

## When to allow it

Who has a good reason, and which.
"""

TEST = """\
from __future__ import annotations

from collections.abc import Callable

from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Rule
from alembic_lint.rules.{family} import {module}


def test_flags_{module}(
    findings: Callable[[Rule, Revision], list[Finding]], make_revision: Callable[[], Revision]
) -> None:
    revision = make_revision()

    assert findings({module}.check, revision)
"""


class RefusedError(Exception):
    """The rule cannot be made; the message says why."""


@dataclass(frozen=True, order=True)
class Entry:
    """A rule as its module's source declares it."""

    code: str
    name: str
    family: str
    severity: str
    summary: str

    @property
    def module(self) -> str:
        """The name of the module."""
        return self.name.replace("-", "_")


def read_rules(root: Path) -> list[Entry]:
    """All rules that have a module, sorted by code."""
    modules = (root / RULES).glob("*/*.py")
    return sorted(_entry(module) for module in modules if module.name != "__init__.py")


def registry(entries: Sequence[Entry]) -> str:
    """The text of `rules/__init__.py`, formatted as ruff would."""
    lines = [
        '"""The rules, in the order of their codes."""',
        "",
        "from alembic_lint.rule import Rule",
    ]
    for family in sorted({entry.family for entry in entries}):
        modules = sorted(entry.module for entry in entries if entry.family == family)
        start = f"from alembic_lint.rules.{family} import "
        line = start + ", ".join(modules)
        if len(line) <= WIDTH:
            lines.append(line)
        else:
            lines += [f"{start}(", *(f"    {module}," for module in modules), ")"]
    lines += ["", "RULES: tuple[Rule, ...] = ("]
    lines += [f"    {entry.module}.check," for entry in entries]
    lines += [")", ""]
    return "\n".join(lines)


def index(entries: Sequence[Entry]) -> str:
    """The text of the cards' index."""
    rows = (
        f"| [{entry.code}]({entry.code}-{entry.name}.md) | {entry.name} | {entry.severity} "
        f"| {entry.summary} |"
        for entry in entries
    )
    return "\n".join(
        [
            "# Rules",
            "",
            "One card for each rule: what it flags, why, bad and good histories, when to allow it.",
            "`alembic-lint rule CODE` or `alembic-lint rule NAME` prints a card.",
            "",
            "| code | name | default | flags |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def scaffold(root: Path, code: str, name: str, family: str) -> list[Path]:
    """Write the files of a new rule and register it; the paths that were made.

    Raises:
        RefusedError: the code or the name is taken, or not written as codes and names are.
    """
    if not re.fullmatch(r"ALM\d{3}", code):
        raise RefusedError(f"{code!r} is not ALM and three digits")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise RefusedError(f"{name!r} is not lower-case words joined by dashes")
    if not re.fullmatch(r"[a-z]+", family):
        raise RefusedError(f"{family!r} is not one lower-case word")
    for entry in read_rules(root):
        if code == entry.code or name == entry.name:
            raise RefusedError(f"{entry.code} is {entry.name} already")
    module = name.replace("-", "_")
    texts = {
        RULES / family / f"{module}.py": MODULE,
        Path("rules") / f"{code}-{name}.md": CARD,
        Path("tests/rules") / f"test_{module}.py": TEST,
    }
    made = []
    package = root / RULES / family / "__init__.py"
    if not package.exists():
        package.parent.mkdir(parents=True)
        package.write_text(f'"""Rules about {family}."""\n', "utf-8")
        made.append(package)
    for path, text in texts.items():
        filled = text.format(code=code, name=name, family=family, module=module)
        (root / path).write_text(filled, "utf-8")
        made.append(root / path)
    refresh(root)
    return made


def refresh(root: Path) -> None:
    """Write the registry and the index from the modules that are there."""
    entries = read_rules(root)
    (root / REGISTRY).write_text(registry(entries), "utf-8")
    (root / INDEX).write_text(index(entries), "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("code", nargs="?", help="such as ALM618; never one that was used before")
    parser.add_argument("name", nargs="?", help='the flagged pattern, to be read after "allow"')
    parser.add_argument("family", nargs="?", help="the folder of the rule")
    parser.add_argument("--refresh", action="store_true", help="only registry and index")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1])
    options = parser.parse_args(arguments)
    if options.family is None and not options.refresh:
        parser.error("CODE, NAME and FAMILY are needed")
    made = []
    try:
        if options.refresh:
            refresh(options.root)
        else:
            made = scaffold(options.root, options.code, options.name, options.family)
    except RefusedError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    for path in made:
        sys.stdout.write(f"{path.relative_to(options.root)}\n")
    return 0


def _entry(module: Path) -> Entry:
    """What the decorator and the docstring of a module's `check` say."""
    tree = ast.parse(module.read_text("utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "check":
            match statement.decorator_list:
                case [
                    ast.Call(
                        args=[ast.Constant(str(code)), ast.Attribute(attr=severity)],
                        keywords=keywords,
                    )
                ]:
                    summary = (ast.get_docstring(statement) or "").partition("\n")[0]
                    enabled = not any(
                        keyword.arg == "enabled"
                        and isinstance(keyword.value, ast.Constant)
                        and keyword.value.value is False
                        for keyword in keywords
                    )
                    name = module.stem.replace("_", "-")
                    default = severity.lower() if enabled else "off"
                    return Entry(code, name, module.parent.name, default, summary)
                case _:
                    break
    raise RefusedError(f"{module}: no check() with a rule's decorator")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
