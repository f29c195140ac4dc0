"""SQL text as tokens: where strings, comments, names, parameters and statements begin and end."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_TRANSACTION_WORDS = (
    "TRANSACTION", "TRAN", "WORK", "ISOLATION", "READ", "NOT", "DEFERRABLE", "DEFERRED",
    "IMMEDIATE", "EXCLUSIVE", "CONCURRENT",
)  # fmt: skip
"""What may follow a BEGIN that starts a transaction."""

CHAIN_LIMIT = 1_000
"""How deeply a statement may nest, counted as in `_chain`.

PostgreSQL's parser is C code that recurses: some four thousand levels overflow the 512 KiB stack
that a thread has on macOS, and end the process.
"""

_ESCAPED_COLON = "\ue03a"
"""`\\:`, by which SQLAlchemy's text() writes a colon that starts no parameter."""

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d][\w$]*|\ufffc[\w$\ufffc]*")
_WORD_MORE = re.compile(r"[\w$\ufffc]+")
_NUMBER = re.compile(r"0[xX][\da-fA-F]+|\d+(\.\d+)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?")
_DOLLAR_TAG = re.compile(r"\$([^\W\d]\w*)?\$")
_COLON_BIND = re.compile(r":\w++(?!:(?!:))")
_PERCENT_BIND = re.compile(r"%\(\w+\)s|%s\b")
_DOLLAR_BIND = re.compile(r"\$\d+")
_OPERATOR = re.compile(r"::|[-+*/<>=~!@#%^&|`?:\ue03a]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted name"
    STRING = "string"
    NUMBER = "number"
    MARK = "punctuation"
    OPERATOR = "operator"
    BIND = "parameter"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `start` and `end` are code points of the text, the end exclusive."""

    kind: Kind
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words (in capitals)."""
        return self.kind is Kind.WORD and self.text.upper() in words


@dataclass(frozen=True, slots=True)
class Quoting:
    """How a database writes names and strings."""

    dollar: bool = False
    backslash: bool = False
    backtick: bool = False
    bracket: bool = False
    hash_comment: bool = False
    double_quoted_string: bool = False


POSTGRESQL = Quoting(dollar=True)
MYSQL = Quoting(backslash=True, backtick=True, hash_comment=True)
BRACKETS = Quoting(backtick=True, bracket=True)
PLAIN = Quoting(backtick=True)


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL text and its tokens.

    `text` is what the database is sent, but for its parameters. `plain` is the same with each
    parameter replaced by a placeholder of the same length, so that positions agree.
    `sound` is False where a string or a comment does not end.
    """

    text: str
    plain: str
    tokens: tuple[Token, ...]
    sound: bool = True

    def statements(self) -> Iterator[Sql]:
        """The statements between the semicolons, none empty, with positions of their own."""
        start = 0
        depth = 0
        body = 0
        for number, token in enumerate(self.tokens):
            match token.text:
                case "(" | "[":
                    depth += 1
                case ")" | "]":
                    depth -= 1
                case ";" if token.kind is Kind.MARK and depth <= 0 and not body:
                    yield from self._part(start, number)
                    start = number + 1
                    depth = 0
                case _ if number == start and token.is_word("DECLARE") and self._block_at(start):
                    # What is declared ends with semicolons too; the block takes all that follows.
                    body += 1
                case _ if token.is_word("CASE") and body and not self._ends(number - 1):
                    body += 1
                case _ if body and self._ends(number):
                    body -= 1
                case _ if token.is_word("BEGIN") and self._opens_body(start, number):
                    body += 1
        yield from self._part(start, len(self.tokens))

    def _opens_body(self, start: int, number: int) -> bool:
        """Whether a BEGIN opens a block or the body of a function or trigger, not a transaction."""
        if number > start:
            return self.tokens[start].is_word("CREATE", "ALTER", "DECLARE", "BEGIN", "IF")
        return self._block_at(start)

    def _block_at(self, start: int) -> bool:
        """Whether a block of statements starts here: BEGIN or DECLARE in a procedural language."""
        following = self.tokens[start + 1] if start + 1 < len(self.tokens) else None
        if self.tokens[start].is_word("BEGIN"):
            return (
                following is not None
                and following.text != ";"
                and not following.is_word(*_TRANSACTION_WORDS)
            )
        rest = self.tokens[start + 1 :]
        return self.tokens[start].is_word("DECLARE") and any(
            token.is_word("BEGIN") for token in rest
        )

    @property
    def is_block(self) -> bool:
        """Whether it is a block of statements that is run at once."""
        return bool(self.tokens) and self._block_at(0)

    def _ends(self, number: int) -> bool:
        """Whether a word ends a BEGIN or a CASE; END IF, END LOOP and the like end neither."""
        following = self.tokens[number + 1 : number + 2]
        return self.tokens[number].is_word("END") and not any(
            token.is_word("IF", "LOOP", "WHILE", "REPEAT", "FOR") for token in following
        )

    def _part(self, start: int, end: int) -> Iterator[Sql]:
        if start >= end:
            return
        first, last = self.tokens[start].start, self.tokens[end - 1].end
        tokens = tuple(
            Token(token.kind, token.text, token.start - first, token.end - first)
            for token in self.tokens[start:end]
        )
        yield Sql(self.text[first:last], self.plain[first:last], tokens, self.sound)

    def words(self, count: int = 4) -> tuple[str, ...]:
        """The first words in capitals, up to the first token that is none."""
        found: list[str] = []
        for token in self.tokens[:count]:
            if token.kind is not Kind.WORD:
                break
            found.append(token.text.upper())
        return tuple(found)

    def cut(self, start: int, end: int) -> str:
        """The text of the tokens from number `start` up to, not including, number `end`."""
        if start >= min(end, len(self.tokens)):
            return ""
        return self.text[self.tokens[start].start : self.tokens[min(end, len(self.tokens)) - 1].end]

    def at(self, offset: int) -> int:
        """The number of the first token at or after a byte of `plain` as UTF-8."""
        if not self.plain.isascii():
            offset = len(self.plain.encode()[:offset].decode(errors="ignore"))
        return bisect_left(self.tokens, offset, key=lambda token: token.start)

    def find(self, start: int, *words: str, end: int | None = None) -> int | None:
        """The number of the first such word that stands in no further parentheses."""
        depth = 0
        for number in range(start, len(self.tokens) if end is None else end):
            token = self.tokens[number]
            if token.text in ("(", "["):
                depth += 1
            elif token.text in (")", "]"):
                depth -= 1
                if depth < 0:
                    return None
            elif depth == 0 and token.is_word(*words):
                return number
        return None

    def group(self, start: int) -> tuple[int, int] | None:
        """The next parenthesis at or after `start`: numbers of its first token and its end."""
        depth = 0
        opened = 0
        for number in range(start, len(self.tokens)):
            match self.tokens[number].text:
                case "(":
                    opened = opened or number + 1
                    depth += 1
                case ")":
                    depth -= 1
                    if depth == 0 and opened:
                        return opened, number
        return None

    def items(self, start: int, end: int | None = None) -> tuple[tuple[int, int], ...]:
        """The stretches between the commas from `start` to where its parenthesis ends."""
        found: list[tuple[int, int]] = []
        depth = 0
        begin = start
        stop = len(self.tokens) if end is None else end
        number = start
        while number < stop:
            text = self.tokens[number].text
            if text in ("(", "["):
                depth += 1
            elif text in (")", "]"):
                depth -= 1
                if depth < 0:
                    break
            elif text == "," and depth == 0:
                found.append((begin, number))
                begin = number + 1
            number += 1
        if begin < number:
            found.append((begin, number))
        return tuple(found)

    @property
    def chain(self) -> int:
        """An upper bound of how deeply a parser of this text recurses."""
        count = len(self.tokens)
        return count if count <= CHAIN_LIMIT else _chain(self.tokens)


_LINKS = ("NOT", "IS", "ISNULL", "NOTNULL", "COLLATE", "AT", "SELECT", "OPERATOR")
_LASTING = ("UNION", "INTERSECT", "EXCEPT", "JOIN")
_BREAKS = ("AND", "OR", "WHEN", "THEN", "ELSE")


def _chain(tokens: tuple[Token, ...]) -> int:
    """The most open brackets and CASEs, and links such as `+` or NOT within each of them.

    Commas, AND and OR make flat lists; what UNION and JOIN link nests across commas.
    """
    links = [0]
    lasting = [0]
    total = most = 0
    for token in tokens:
        if token.text in ("(", "[") or token.is_word("CASE"):
            links.append(1)
            lasting.append(0)
            total += 1
        elif (token.text in (")", "]") or token.is_word("END")) and len(links) > 1:
            total -= links.pop() + lasting.pop()
        elif token.text == "," or token.is_word(*_BREAKS):
            total -= links[-1]
            links[-1] = 0
        elif token.is_word(*_LASTING):
            lasting[-1] += 1
            total += 1
        elif token.kind is Kind.OPERATOR or token.is_word(*_LINKS):
            links[-1] += 1
            total += 1
        elif token.text == ";":
            links, lasting, total = [0], [0], 0
        most = max(most, total)
    return most


def scan(text: str, quoting: Quoting = POSTGRESQL, placeholder: str = "$1") -> Sql:
    """Tokens of SQL text as it was given to SQLAlchemy or to a driver.

    Parameters are SQLAlchemy's `:name` and psycopg's `%s` and `%(name)s`, outside of strings.
    `placeholder` has at most two characters, as the shortest parameter has two.
    Source: SQLAlchemy, `TextClause._bind_params_regex`.
    """
    given = text.replace("\\:", _ESCAPED_COLON)
    tokens: list[Token] = []
    plain: list[str] = []
    position = 0
    sound = True
    while position < len(given):
        kind, end, closed = _next(given, position, quoting)
        piece = given[position:end]
        sound = sound and closed
        if kind is Kind.BIND and not piece.startswith("$"):
            plain.append(placeholder.ljust(len(piece)))
        elif kind is Kind.OPERATOR and piece == "%" and given.startswith("%%", position):
            end += 1
            piece = "%%"
            plain.append("% ")
        else:
            plain.append(piece)
        if kind is not None:
            tokens.append(Token(kind, piece, position, end))
        position = end
    return Sql(
        given.replace(_ESCAPED_COLON, ":"),
        "".join(plain).replace(_ESCAPED_COLON, ":"),
        tuple(tokens),
        sound,
    )


def _next(text: str, start: int, quoting: Quoting) -> tuple[Kind | None, int, bool]:
    """What starts at a position, where it ends, and whether it is closed; None for blanks."""
    character = text[start]
    if match := _SPACE.match(text, start):
        return None, match.end(), True
    if text.startswith("--", start) or (quoting.hash_comment and character == "#"):
        end = text.find("\n", start)
        return None, len(text) if end < 0 else end, True
    if text.startswith("/*", start):
        return None, *_comment_end(text, start, nested=quoting.dollar)
    if character == "'":
        return Kind.STRING, *_quoted_end(text, start, "'", backslash=quoting.backslash)
    if character == '"':
        kind = Kind.STRING if quoting.double_quoted_string else Kind.QUOTED
        return kind, *_quoted_end(text, start, '"', backslash=quoting.backslash)
    if character == "`" and quoting.backtick:
        return Kind.QUOTED, *_quoted_end(text, start, "`", backslash=False)
    if character == "[" and quoting.bracket:
        return Kind.QUOTED, *_quoted_end(text, start, "]", backslash=False)
    if quoting.dollar and (match := _DOLLAR_TAG.match(text, start)):
        end = text.find(match.group(), match.end())
        closed = end >= 0
        return Kind.STRING, end + len(match.group()) if closed else len(text), closed
    if match := _DOLLAR_BIND.match(text, start):
        return Kind.BIND, match.end(), True
    if match := _WORD.match(text, start):
        return _word(text, start, match.end(), quoting)
    if match := _NUMBER.match(text, start):
        return Kind.NUMBER, match.end(), True
    if character == ":" and _binds_here(text, start) and (match := _COLON_BIND.match(text, start)):
        return Kind.BIND, match.end(), True
    if match := _PERCENT_BIND.match(text, start):
        return Kind.BIND, match.end(), True
    if match := _OPERATOR.match(text, start):
        return Kind.OPERATOR, match.end(), True
    return Kind.MARK, start + 1, True


def _word(text: str, start: int, end: int, quoting: Quoting) -> tuple[Kind, int, bool]:
    """A name or keyword, or a string with a letter before it such as `E'…'`."""
    if more := _WORD_MORE.match(text, end):
        end = more.end()
    if text.startswith("'", end) and text[start:end].upper() in ("E", "N", "B", "X", "U"):
        escapes = quoting.backslash or text[start:end] in ("E", "e")
        return Kind.STRING, *_quoted_end(text, end, "'", backslash=escapes)
    if quoting.dollar and text[start:end] in ("U", "u") and text.startswith(("&'", '&"'), end):
        kind = Kind.STRING if text[end + 1] == "'" else Kind.QUOTED
        return kind, *_quoted_end(text, end + 1, text[end + 1], backslash=False)
    return Kind.WORD, end, True


def _binds_here(text: str, start: int) -> bool:
    """Whether a colon can start a parameter: not after a word, a colon or a backslash."""
    before = text[start - 1] if start else " "
    return not (before.isalnum() or before in ("_", ":", "\\", _ESCAPED_COLON))


def _quoted_end(text: str, start: int, quote: str, *, backslash: bool) -> tuple[int, bool]:
    """The end of what is quoted from `start`, where a doubled quote stands for itself."""
    position = start + 1
    while position < len(text):
        if backslash and text[position] == "\\":
            position += 2
        elif text[position] != quote:
            position += 1
        elif text.startswith(quote, position + 1):
            position += 2
        else:
            return position + 1, True
    return len(text), False


def _comment_end(text: str, start: int, *, nested: bool) -> tuple[int, bool]:
    """The end of a `/*` comment; PostgreSQL's nest."""
    depth = 1
    for match in _COMMENT_EDGE.finditer(text, start + 2):
        if match.group() == "*/":
            depth -= 1
        elif nested:
            depth += 1
        if depth == 0:
            return match.end(), True
    return len(text), False
