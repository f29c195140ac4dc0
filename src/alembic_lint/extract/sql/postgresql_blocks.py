"""DO blocks, read as what their statements amount to under the conditions around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from alembic_lint.extract.sql.catalogue import catalogue_condition
from alembic_lint.extract.sql.lexer import Sql, Token, scan
from alembic_lint.extract.sql.marks import UNKNOWN_MARK, word_set
from alembic_lint.extract.sql.origin import Origin, Read, guard
from alembic_lint.extract.sql.statements import Tables, calls_of, calls_only, string_value, unread
from alembic_lint.model import (
    AddColumn,
    ColumnExists,
    Condition,
    ConstraintExists,
    CreateCheckConstraint,
    CreateEnum,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    EnumExists,
    Guard,
    IndexExists,
    Not,
    OpaqueCondition,
    Operation,
    TableExists,
    Unknown,
)

_DEPTH = 20
"""Blocks within blocks that are followed."""

_ENDS = word_set("END ELSE ELSIF ELSEIF EXCEPTION WHEN")
_LOOPS = word_set("FOR FOREACH WHILE LOOP")
_LEAVES = word_set("RETURN EXIT CONTINUE")
_CALLS_ALONE = word_set("NULL RAISE GET ASSERT PERFORM SELECT WITH VALUES")
"""Statements that do nothing but what the functions do that they call."""

_ALREADY_THERE = {
    "DUPLICATE_OBJECT": (
        CreateEnum | CreateCheckConstraint | CreateForeignKey | CreateUniqueConstraint
    ),
    "DUPLICATE_TABLE": (CreateTable | CreateIndex | CreateUniqueConstraint | CreatePrimaryKey),
    "DUPLICATE_COLUMN": AddColumn,
}
"""The exception that PostgreSQL raises for an object that is already there."""

_Guards = tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class BlockEffect:
    """What a DO block does; `tables` are those that it touches where that is not all known."""

    operations: tuple[Operation, ...] = ()
    complete: bool = False
    tables: Tables = ()


def read_block(body: str, read: Callable[[Sql], Read | None], origin: Origin) -> BlockEffect:
    """The operations of a DO block in PL/pgSQL, and whether they are all it does.

    Loops, conditions that no catalogue answers and handlers become guards that nothing decides. A
    block of which a part is not read may do anything, unless that part names its tables.
    """
    whole = scan(body)
    if not whole.sound:
        return BlockEffect()
    reader = _Block(whole, read, origin)
    reader.all()
    if reader.lost:
        return BlockEffect()
    if not reader.complete:
        return BlockEffect(tables=tuple(dict.fromkeys(reader.tables)))
    return BlockEffect(tuple(reader.operations), complete=True)


@dataclass(slots=True)
class _Block:
    """One DO block on the way; methods take the place of a token and return the one behind."""

    whole: Sql
    read: Callable[[Sql], Read | None]
    origin: Origin
    operations: list[Operation] = field(default_factory=list)
    tables: list[tuple[str | Unknown | None, str | Unknown]] = field(default_factory=list)
    complete: bool = True
    lost: bool = False
    depth: int = 0
    ended: _Guards = ()
    """What must hold for anything to run that follows a RETURN or the like."""

    def all(self) -> None:
        """Read the whole of it."""
        at = self.block(0, ())
        while self.word(at) == ";":
            at += 1
        if at < len(self.whole.tokens):
            self.lose()

    def word(self, at: int) -> str:
        """The token at a place in capitals, empty behind the last."""
        tokens = self.whole.tokens
        return tokens[at].text.upper() if at < len(tokens) else ""

    def lose(self) -> int:
        """Note that it is not understood; nothing follows."""
        self.lost = True
        return len(self.whole.tokens)

    def guard(self, condition: Condition, at: int) -> Guard:
        """A guard of its own for the block at a place."""
        return guard(self.origin, condition, self.whole.text, at)

    def unless(self, guard: Guard) -> Guard:
        """The guard of the other way."""
        condition = guard.condition
        opposite = condition.term if isinstance(condition, Not) else Not(condition)
        return replace(guard, condition=opposite)

    def block(self, at: int, guards: _Guards) -> int:
        """`[DECLARE …] BEGIN … [EXCEPTION WHEN … THEN …] END`."""
        start = at
        if self.word(at) == "DECLARE":
            begin = self.whole.find(at, "BEGIN")
            self.expression(at + 1, at if begin is None else begin)
            at = len(self.whole.tokens) if begin is None else begin
        if self.word(at) != "BEGIN":
            return self.lose()
        before = len(self.operations)
        at = self.statements(at + 1, guards)
        after = len(self.operations)
        if self.word(at) == "EXCEPTION":
            at += 1
            handler = self.guard(OpaqueCondition("the block fails"), start)
            caught: list[str] = []
            while self.word(at) == "WHEN":
                then = self.whole.find(at, "THEN")
                if then is None:
                    return self.lose()
                caught += [self.word(place) for place in range(at + 1, then)]
                at = self.statements(then + 1, (*guards, handler))
            self.contain(before, after, caught, len(guards), self.unless(handler))
        if self.word(at) != "END":
            return self.lose()
        return at + 1

    def contain(self, before: int, after: int, caught: list[str], place: int, guard: Guard) -> None:
        """Put what a handler may undo under a guard that tells whether it was."""
        inside = self.operations[before:after]
        if len(inside) == 1 and after == len(self.operations):
            kinds = _ALREADY_THERE.get(caught[0]) if len(caught) == 1 else None
            made = inside[0]
            if kinds is not None and isinstance(made, kinds):
                match made:
                    case CreateEnum() | CreateTable() | AddColumn() | CreateIndex():
                        self.operations[before] = replace(made, if_not_exists=True)
                        return
                    case _ if (known := _constraint_there(made)) is not None:
                        guard = replace(guard, condition=Not(known))
                    case _:
                        pass
        own = len(self.origin["context"].guards)
        for number in range(before, after):
            made = self.operations[number]
            outer = made.context.guards
            at = own + place
            self.operations[number] = replace(
                made, context=replace(made.context, guards=(*outer[:at], guard, *outer[at:]))
            )

    def statements(self, at: int, guards: _Guards) -> int:
        """Statements up to the word that ends the block they stand in."""
        self.depth += 1
        if self.depth > _DEPTH:
            return self.lose()
        while not self.lost and at < len(self.whole.tokens):
            word = self.word(at)
            if word in _ENDS:
                break
            if word == ";":
                at += 1
            elif word == "IF":
                at = self.conditional(at, guards)
            elif word in _LOOPS:
                at = self.loop(at, guards)
            elif word in ("BEGIN", "DECLARE"):
                at = self.block(at, guards)
            else:
                at = self.statement(at, guards)
        self.depth -= 1
        return at

    def conditional(self, at: int, guards: _Guards) -> int:
        """`IF … THEN … [ELSIF … THEN …] [ELSE …] END IF`."""
        inner = guards
        start, word = at, "IF"
        while word in ("IF", "ELSIF", "ELSEIF"):
            then = self.whole.find(at + 1, "THEN")
            if then is None:
                return self.lose()
            guard = self.guard(self.condition(at + 1, then), at)
            before, ended = len(self.operations), self.ended
            only, at = at == start, self.statements(then + 1, (*inner, guard))
            returns = (self.word(at - 2), self.word(at - 1)) == ("RETURN", ";")
            if not inner and returns and len(self.ended) == len(ended) + 1:
                self.ended = (*ended, self.unless(guard))
            inner = (*inner, self.unless(guard))
            word = self.word(at)
            if only and word == "END":
                self.simplify(before, guard)
        if word == "ELSE":
            at = self.statements(at + 1, inner)
        if (self.word(at), self.word(at + 1)) != ("END", "IF"):
            return self.lose()
        return at + 2

    def simplify(self, before: int, guard: Guard) -> None:
        """Say IF [NOT] EXISTS where a condition asks for nothing but the object of its block."""
        if len(self.operations) != before + 1:
            return
        made = self.operations[before]
        simple = _guarded(made, guard.condition)
        if simple is not None and made.context.guards[-1] == guard:
            self.operations[before] = replace(
                simple, context=replace(made.context, guards=made.context.guards[:-1])
            )

    def condition(self, start: int, end: int) -> Condition:
        """The condition between IF and THEN."""
        opened = self.whole.group(start)
        words = [self.word(place) for place in range(start, opened[0])] if opened else []
        self.expression(start, end)
        if opened and opened[1] + 1 == end and words in (["NOT", "EXISTS", "("], ["EXISTS", "("]):
            found = catalogue_condition(self.whole.cut(*opened), ("postgresql",))
            if found is not None:
                return Not(found) if words[0] == "NOT" else found
        return OpaqueCondition(" ".join(self.whole.cut(start, end).split()))

    def loop(self, at: int, guards: _Guards) -> int:
        """`[FOR … | WHILE …] LOOP … END LOOP`."""
        opened = self.whole.find(at, "LOOP")
        if opened is None:
            return self.lose()
        self.expression(at + 1, opened)
        header = " ".join(self.whole.cut(at, opened + 1).split())
        guard = self.guard(OpaqueCondition(header), at)
        at = self.statements(opened + 1, (*guards, guard))
        if (self.word(at), self.word(at + 1)) != ("END", "LOOP"):
            return self.lose()
        return at + 2

    def statement(self, at: int, guards: _Guards) -> int:
        """One statement up to its semicolon."""
        end = at
        while end < len(self.whole.tokens) and self.word(end) != ";":
            end += 1
        word = self.word(at)
        if word in _LEAVES:
            self.ended = (*self.ended, self.guard(OpaqueCondition("it goes on"), at))
            self.expression(at + 1, end)
        elif word in _CALLS_ALONE or self.assigns(at, end):
            self.expression(at, end)
        elif word == "EXECUTE":
            self.sql(self.dynamic(at + 1, end), guards)
        else:
            self.sql(self.whole.cut(at, end), guards)
        return end

    def assigns(self, at: int, end: int) -> bool:
        """Whether it is `name := …` or `name = …`."""
        at += 1
        while at + 1 < end and self.word(at) == ".":
            at += 2
        return self.word(at) == "=" or (self.word(at), self.word(at + 1)) == (":", "=")

    def expression(self, start: int, end: int) -> None:
        """Lose track where an expression calls what may do anything."""
        tokens = self.whole.tokens[start:end]
        if any(token.is_word("EXECUTE", "CALL") for token in tokens):
            self.lose()
        if not calls_only(calls_of(tokens)):
            self.lose()

    def sql(self, text: str, guards: _Guards) -> None:
        """SQL statements that are run under guards."""
        for part in scan(text).statements():
            found = self.read(part) or (unread(part, lower=True), ())
            statement, made = found
            self.tables.extend(statement.tables)
            if not statement.complete:
                self.complete = False
                if not statement.tables or any(
                    isinstance(item, Unknown) for named in statement.tables for item in named
                ):
                    self.lose()
            for operation in made:
                context = operation.context
                whole = (*context.guards, *self.ended, *guards)
                self.operations.append(replace(operation, context=replace(context, guards=whole)))

    def dynamic(self, start: int, end: int) -> str:
        """The text that EXECUTE runs, with a mark for what is not known of it."""
        stop = self.whole.find(start, "INTO", "USING", end=end)
        self.expression(start, end)
        tokens = self.whole.tokens[start : end if stop is None else stop]
        return "".join(self.piece(tokens[a:b]) for a, b in _between_bars(tokens))

    def piece(self, tokens: tuple[Token, ...]) -> str:
        """One of the texts that `||` joins."""
        words = [token.text.upper() for token in tokens]
        text = string_value(tokens[0]) if len(tokens) == 1 else None
        if text is not None:
            return text
        if words[:2] == ["QUOTE_IDENT", "("] and len(tokens) == 4:
            return string_value(tokens[2]) or UNKNOWN_MARK
        if words[:2] == ["FORMAT", "("] and words[-1] == ")" and len(tokens) > 3:
            return _formatted(tokens[2:-1])
        return UNKNOWN_MARK


def _between_bars(tokens: tuple[Token, ...]) -> list[tuple[int, int]]:
    """The stretches between the `||` that stand in no parentheses."""
    found: list[tuple[int, int]] = []
    depth = begin = 0
    for number, token in enumerate(tokens):
        if token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
        elif depth == 0 and token.text == "|" and tokens[number - 1].text == "|" and number:
            found.append((begin, number - 1))
            begin = number + 1
    return [*found, (begin, len(tokens))]


def _formatted(tokens: tuple[Token, ...]) -> str:
    """`format('…', …)` with what is known of its arguments."""
    pattern = string_value(tokens[0])
    if pattern is None or "$" in pattern:
        return UNKNOWN_MARK
    arguments: list[list[Token]] = []
    depth = 0
    for token in tokens[1:]:
        if token.text == "," and depth == 0:
            arguments.append([])
            continue
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not arguments:
            return UNKNOWN_MARK
        arguments[-1].append(token)
    text, *pieces = pattern.replace("%%", "\0").split("%")
    for number, piece in enumerate(pieces):
        given = arguments[number] if number < len(arguments) else []
        value = string_value(given[0]) if len(given) == 1 else None
        quote = "'" if piece.startswith("L") else ""
        text += f"{quote}{UNKNOWN_MARK if value is None else value}{quote}{piece[1:]}"
    return text.replace("\0", "%")


def _constraint_there(made: Operation) -> Condition | None:
    """The question whether a constraint that is made is there."""
    match made:
        case (
            CreateCheckConstraint(table=str(table), constraint=constraint)
            | CreateForeignKey(table=str(table), constraint=constraint)
            | CreateUniqueConstraint(table=str(table), constraint=constraint)
            | CreatePrimaryKey(table=str(table), constraint=constraint)
        ) if isinstance(constraint.name, str):
            return ConstraintExists(name=constraint.name, table=table)
        case _:
            return None


def _guarded(operation: Operation, condition: Condition) -> Operation | None:
    """The operation with IF [NOT] EXISTS, if the condition asks for just its object."""
    match operation, condition:
        case CreateEnum(enum=enum), Not(EnumExists(name=str(name))) if name == enum.name:
            return replace(operation, if_not_exists=True)
        case DropEnum(name=str(name)), EnumExists(name=asked) if name == asked:
            return replace(operation, if_exists=True)
        case CreateTable(table=str(name)), Not(TableExists(table=asked)) if name == asked:
            return replace(operation, if_not_exists=True)
        case DropTable(table=str(name)), TableExists(table=asked) if name == asked:
            return replace(operation, if_exists=True)
        case (
            AddColumn(table=str(table), column=column),
            Not(ColumnExists(table=asked, column=str(name))),
        ) if table == asked and getattr(column, "name", None) == name:
            return replace(operation, if_not_exists=True)
        case (
            DropColumn(table=str(table), column=str(name)),
            ColumnExists(table=asked, column=asked_column),
        ) if (table, name) == (asked, asked_column):
            return replace(operation, if_exists=True)
        case CreateIndex(index=index), Not(IndexExists(name=str(name))) if name == index.name:
            return replace(operation, if_not_exists=True)
        case DropIndex(name=str(name)), IndexExists(name=asked) if name == asked:
            return replace(operation, if_exists=True)
        case (
            DropConstraint(table=str(table), name=str(name)),
            ConstraintExists(name=asked, table=asked_table),
        ) if name == asked and asked_table in (None, table):
            return replace(operation, if_exists=True)
        case _:
            return None
