"""The rule cards, as tests: what they promise is found, and what they recommend works."""

from __future__ import annotations

import io
import re
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from alembic_lint import cards, engine, project, repository, since
from alembic_lint import config as configuration
from alembic_lint.cards import Card
from alembic_lint.config import Settings
from alembic_lint.history import Branch, History
from alembic_lint.model import Revision
from alembic_lint.replay import Replay, RoundTrip, Step
from alembic_lint.rule import Finding, Rule, SuppressionUse, each_revision, since_base
from alembic_lint.rules import RULES
from alembic_lint.source import FILE_START
from tests.since.git_repository import GitRepository

SECTIONS = ("Why", "Bad", "Good", "When to allow it")

_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<info>.*)")
_HEADING = re.compile(r"(?P<level>#{1,6}) (?P<text>.+)")
_MARK = re.compile(
    r"#[ ]*(?P<severity>error|warning|info):[ ]*(?P<codes>ALM\d{3}(?:,[ ]*ALM\d{3})*)[ ]*$"
)
_PROSE_MARK = re.compile(
    r"<!-- (?P<severity>error|warning|info): (?P<code>ALM\d{3}) (?P<path>\S+):(?P<line>\d+) -->"
)
_DELETED = re.compile(r"<!-- deleted: (?P<path>\S+) -->")
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+) -->")

ENVIRONMENT = {
    "alembic.ini": "[alembic]\nscript_location = %(here)s\npath_separator = os\n",
    "env.py": """\
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.get_x_argument(as_dictionary=True)["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""",
}
"""What an example has without saying so."""


@dataclass(frozen=True)
class Mark:
    """One finding that a card promises; `line` counts from 1."""

    path: str
    line: int
    severity: str


@dataclass(frozen=True)
class Example:
    """One history of a card. `files` are pairs of a path and its text, in the card's order.

    With `base` or `main`, it is a branch: `base` are the files where it left main, `main` those
    that main has got since then, `files` those that the branch has changed or added, and `deleted`
    the paths of those that it has not any more.
    """

    card: Card
    section: str
    heading: str
    files: tuple[tuple[str, str], ...] = ()
    databases: tuple[str, ...] = ("sqlite",)
    marks: tuple[Mark, ...] = ()
    not_run: str | None = None
    base: tuple[tuple[str, str], ...] = ()
    main: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.card.code} {self.heading}"

    def write(self, directory: Path) -> None:
        """Write the files, with an environment around them where the card gives none.

        A branch is written into a git repository, with its last change not committed.
        """
        (directory / "versions").mkdir()
        if not self.is_branch:
            _write(directory, ENVIRONMENT | dict(self.files))
            return
        repository = GitRepository.init(directory)
        _write(directory, ENVIRONMENT | dict(self.base))
        repository.commit()
        repository.git("checkout", "--quiet", "-b", "work")
        repository.git("checkout", "--quiet", "main")
        _write(directory, dict(self.main))
        repository.commit()
        repository.git("checkout", "--quiet", "work")
        for path in self.deleted:
            (directory / path).unlink()
        _write(directory, dict(self.files))

    @property
    def is_branch(self) -> bool:
        """Whether it has a base that it is compared with."""
        return bool(self.base or self.main)

    def findings(self, rules: Sequence[Rule]) -> Counter[Mark]:
        """What the card's rule finds, in the example written to the working directory."""
        here = Path.cwd()
        file = configuration.nearest(here)
        config = configuration.load(file) if file else configuration.defaults()
        loaded = repository.load(project.discover([here], config), config.settings)
        assert not loaded.failures
        branches = None
        if self.is_branch:
            branches = since.compare(loaded, since.Wanted("main", "the card")).branches
        result = engine.lint(
            [item.history for item in loaded.histories],
            config,
            rules,
            settings=[item.settings for item in loaded.histories],
            branches=branches,
        )
        assert not result.internal_errors
        return Counter(
            Mark(item.path, item.span.line, str(item.severity))
            for item in result.diagnostics
            if item.code == self.card.code
        )

    def mismatch(self, rules: Sequence[Rule]) -> str:
        """How the findings differ from the marks; empty where they do not."""
        promised, found = Counter(self.marks), self.findings(rules)
        missing = [f"not found: {mark}" for mark in (promised - found).elements()]
        surplus = [f"not marked: {mark}" for mark in (found - promised).elements()]
        return "\n".join((*missing, *surplus))


def sections(card: Card) -> tuple[str, ...]:
    """The titles of a card's sections, in their order."""
    return tuple(text for kind, level, text in _lines(card) if kind == "heading" and level == "##")


def examples(card: Card) -> tuple[Example, ...]:
    """The histories of a card: those code blocks that name a file, together below one heading."""
    found: list[Example] = []
    section = heading = ""
    for kind, info, text in _lines(card):
        if kind == "heading":
            heading = text
            section = text if info == "##" else section
            found.append(Example(card, section, heading))
        elif found:
            found[-1] = _extended(found[-1], kind, info, text)
    return tuple(example for example in found if example.files or example.is_branch)


def _write(directory: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def _extended(example: Example, kind: str, info: str, text: str) -> Example:
    """An example with one more block of code or line of prose."""
    if kind == "prose":
        not_run = _NOT_RUN.search(text)
        marks = tuple(
            Mark(mark["path"], int(mark["line"]), mark["severity"])
            for mark in _PROSE_MARK.finditer(text)
            if mark["code"] == example.card.code
        )
        reason = not_run["reason"] if not_run else example.not_run
        deleted = (*example.deleted, *(found["path"] for found in _DELETED.finditer(text)))
        return replace(example, marks=(*example.marks, *marks), not_run=reason, deleted=deleted)
    _, *names = info.split()
    if not names:
        return example
    path, *databases = names
    if "base" in databases:
        return replace(example, base=(*example.base, (path, text)))
    if "main" in databases:
        return replace(example, main=(*example.main, (path, text)))
    marks = tuple(
        Mark(path, number, mark["severity"])
        for number, line in enumerate(text.split("\n"), start=1)
        if (mark := _MARK.search(line))
        for code in re.findall(r"ALM\d{3}", mark["codes"])
        if code == example.card.code
    )
    return replace(
        example,
        files=(*example.files, (path, text)),
        databases=(*example.databases, *databases),
        marks=(*example.marks, *marks),
    )


def _lines(card: Card) -> Iterator[tuple[str, str, str]]:
    """A card as headings (with their `#`), lines of prose, and blocks (with their info string)."""
    lines = iter(card.text.split("\n"))
    for line in lines:
        fence, heading = _FENCE.fullmatch(line), _HEADING.fullmatch(line)
        if fence:
            block: list[str] = []
            for inner in lines:
                if inner == fence["ticks"]:
                    break
                block.append(inner)
            else:
                raise ValueError(f"{card.file_name}: a code block has no end")
            yield "block", fence["info"], "".join(f"{inner}\n" for inner in block)
        elif heading:
            yield "heading", heading["level"], heading["text"]
        else:
            yield "prose", "", line


CARDS = cards.load()
EXAMPLES = tuple(example for card in CARDS for example in examples(card))
BAD = tuple(example for example in EXAMPLES if example.section == "Bad")
GOOD = tuple(example for example in EXAMPLES if example.section == "Good")
RUN = tuple(example for example in GOOD if example.not_run is None)

_MISSING_OR_DOUBLED = frozenset(
    {"ALM401", "ALM402", "ALM403", "ALM404", "ALM405", "ALM407", "ALM408"}
)
"""Rules whose errors say that PostgreSQL refuses the upgrade."""

REFUSED = tuple(
    example
    for example in BAD
    if example.card.code in _MISSING_OR_DOUBLED
    and example.not_run is None
    and any(mark.severity == "error" for mark in example.marks)
)


def silenced(rule: Rule) -> Rule:
    """The rule, blind."""

    def of_revision(_revision: Revision, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    def of_step(_step: Step, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    def of_history(_history: History, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    def of_trip(_trip: RoundTrip, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    def of_replay(_replay: Replay, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    def of_use(_use: SuppressionUse, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    def of_branch(_branch: Branch, _settings: Settings) -> Iterator[Finding]:
        yield from ()

    return replace(
        rule,
        branch_check=of_branch if rule.branch_check else None,
        round_trip_check=of_trip if rule.round_trip_check else None,
        replay_check=of_replay if rule.replay_check else None,
        suppression_check=of_use if rule.suppression_check else None,
        revision_check=of_revision if rule.revision_check else None,
        operation_check=of_step if rule.operation_check else None,
        history_check=of_history if rule.history_check else None,
    )


def trigger_happy(rule: Rule) -> Rule:
    """A rule of the same code that finds fault with every file."""

    def of_revision(_revision: Revision, _settings: Settings) -> Iterator[Finding]:
        yield Finding(FILE_START, "this file is there")

    def of_branch(branch: Branch, _settings: Settings) -> Iterator[Finding]:
        yield Finding(FILE_START, "there is a base", path=branch.history.revisions[0].path)

    other = each_revision(rule.code, rule.severity)(of_revision)
    if rule.branch_check is not None:
        other = since_base(rule.code, rule.severity)(of_branch)
    return replace(other, name=rule.name, family=rule.family)


def with_rule(changed: Callable[[Rule], Rule], card: Card) -> tuple[Rule, ...]:
    """All rules, the card's own one changed."""
    return tuple(changed(rule) if rule.code == card.code else rule for rule in RULES)


def migrate(directory: Path, url: str) -> None:
    """Upgrade an empty database to the heads and back, with Alembic itself."""
    config = Config(
        directory / "alembic.ini", stdout=io.StringIO(), cmd_opts=Namespace(x=[f"url={url}"])
    )
    command.upgrade(config, "heads")
    command.downgrade(config, "base")


def test_every_rule_has_a_card_and_every_card_a_rule() -> None:
    assert [(card.code, card.name) for card in CARDS] == [(rule.code, rule.name) for rule in RULES]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_card_has_its_sections_in_order(card: Card) -> None:
    assert sections(card) == SECTIONS


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.code)
def test_card_shows_a_bad_and_a_good_history(card: Card) -> None:
    shown = {example.section for example in examples(card)}

    assert {"Bad", "Good"} <= shown


@pytest.mark.parametrize("example", BAD, ids=str)
def test_bad_history_is_marked(example: Example) -> None:
    assert example.marks


@pytest.mark.parametrize("example", GOOD, ids=str)
def test_good_history_is_not_marked(example: Example) -> None:
    assert not example.marks


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_findings_equal_the_marks(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.write(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert example.mismatch(RULES) == ""


@pytest.mark.parametrize("example", BAD, ids=str)
def test_card_fails_when_its_rule_is_silenced(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.write(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert "not found" in example.mismatch(with_rule(silenced, example.card))


@pytest.mark.parametrize("example", GOOD, ids=str)
def test_card_fails_when_its_rule_fires_on_everything(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.write(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert "not marked" in example.mismatch(with_rule(trigger_happy, example.card))


@pytest.mark.parametrize("example", RUN, ids=str)
def test_good_history_runs_on_sqlite(example: Example, tmp_path: Path) -> None:
    example.write(tmp_path)

    migrate(tmp_path, f"sqlite:///{tmp_path / 'database.sqlite'}")


@pytest.mark.parametrize(
    "example", [item for item in RUN if "postgresql" in item.databases], ids=str
)
def test_good_history_runs_on_postgresql(
    example: Example, tmp_path: Path, postgresql_url: str
) -> None:
    example.write(tmp_path)

    migrate(tmp_path, postgresql_url)


@pytest.mark.parametrize("example", REFUSED, ids=str)
def test_bad_history_fails_on_postgresql(
    example: Example, tmp_path: Path, postgresql_url: str
) -> None:
    example.write(tmp_path)
    config = Config(
        tmp_path / "alembic.ini",
        stdout=io.StringIO(),
        cmd_opts=Namespace(x=[f"url={postgresql_url}"]),
    )

    run, target = command.upgrade, "heads"
    if example.heading.startswith("On the way back"):
        command.upgrade(config, "heads")
        run, target = command.downgrade, "base"

    with pytest.raises((SQLAlchemyError, KeyError)):
        run(config, target)


def test_mark_in_a_comment_and_in_prose_are_read_alike() -> None:
    text = """# two-words (ALM999)

## Bad

### One

```python versions/a.py postgresql
first = 1
second = 2  # error: ALM111, ALM999
```

### Two

```python versions/a.py
first = 1
second = 2
```

<!-- error: ALM111 versions/a.py:1 -->
<!-- error: ALM999 versions/a.py:2 -->
"""

    one, two = examples(cards.read("ALM999-two-words.md", text))

    assert one.marks == two.marks == (Mark("versions/a.py", 2, "error"),)
    assert one.databases == ("sqlite", "postgresql")


def test_code_block_without_end_is_refused() -> None:
    card = cards.read("ALM999-two-words.md", "# two-words (ALM999)\n\n```python versions/a.py\n")

    with pytest.raises(ValueError, match="has no end"):
        examples(card)
