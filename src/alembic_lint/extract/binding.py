"""Arguments as written, bound to a signature as Python would bind them; nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from alembic_lint.model import UNSET, Argument, Unknown, Unset, Value


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of one function, without `self`.

    `rest` is the name after `*`, `extra` that after `**`. `renamed` are the keywords of older
    releases, each with what it is called now.
    """

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    rest: str | None = None
    extra: str | None = None
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @staticmethod
    def of(text: str, **renamed: str) -> Signature:
        """Read a signature such as `name, *columns, unique=, **kw`; `=` marks an optional one."""
        positional: list[str] = []
        keyword_only: list[str] = []
        required: list[str] = []
        rest = extra = None
        names = positional
        for part in filter(None, (item.strip() for item in text.split(","))):
            if part.startswith("**"):
                extra = part[2:]
            elif part.startswith("*"):
                rest = part[1:] or None
                names = keyword_only
            else:
                names.append(part.rstrip("="))
                if not part.endswith("="):
                    required.append(part)
        return Signature(
            tuple(positional),
            tuple(keyword_only),
            frozenset(required),
            rest,
            extra,
            MappingProxyType(renamed),
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """What a call passes, by parameter.

    `rest` are the arguments of `*rest`; one that unpacks something unknown is an Unknown among
    them, which stands for any number, and then `rest_known` is False. `keywords` are those that no
    parameter takes, in order; an unknown `**` stands there under the name `**`.
    """

    signature: Signature
    values: Mapping[str, Value]
    rest: tuple[Value, ...]
    rest_known: bool
    keywords: tuple[tuple[str, Value], ...]
    unplaced: Unknown | None
    """Why a positional parameter that was not passed may have been passed after all."""
    unnamed: Unknown | None
    """Why any parameter that was not passed may have been passed after all."""

    def get(self, name: str) -> Value | Unset:
        """What was passed for a parameter or an extra keyword.

        UNSET where it was left out. Unknown where it may have been passed by an unknown `*` or
        `**`, or where the function requires it and the call does not pass it.
        """
        if name in self.values:
            return self.values[name]
        for keyword, value in self.keywords:
            if keyword == name:
                return value
        if self.unnamed is not None:
            return self.unnamed
        if self.unplaced is not None and name in self.signature.positional:
            return self.unplaced
        if name in self.signature.required:
            return Unknown(f"the call does not pass {name}")
        return UNSET

    def leftover(self, *taken: str) -> tuple[tuple[str, Value], ...]:
        """The extra keywords but those named."""
        return tuple(item for item in self.keywords if item[0] not in taken)


def bind(signature: Signature, arguments: tuple[Argument, ...]) -> Bound:
    """Bind arguments to a signature, star arguments expanded where they are known."""
    items, after_star, star = _positional(arguments)
    values: dict[str, Value] = dict(zip(signature.positional, items, strict=False))
    surplus = items[len(signature.positional) :]
    rest: tuple[Value, ...] = ()
    unnamed: Unknown | None = None
    if signature.rest is not None:
        rest = surplus if star is None else (*surplus, star, *after_star)
    elif surplus:
        unnamed = Unknown("the call passes more positional arguments than Alembic takes")
    keywords: list[tuple[str, Value]] = []
    for keyword, value in _keywords(arguments):
        if keyword == "**" and isinstance(value, Unknown):
            unnamed = value
            keywords.append((keyword, value))
            continue
        current = signature.renamed.get(keyword, keyword)
        if current in signature.positional or current in signature.keyword_only:
            values[current] = value
        else:
            keywords.append((keyword, value))
    return Bound(signature, values, rest, star is None, tuple(keywords), star, unnamed)


def _positional(
    arguments: tuple[Argument, ...],
) -> tuple[tuple[Value, ...], tuple[Value, ...], Unknown | None]:
    """The positional values before the first unknown `*`, those after it, and that `*` itself."""
    before: list[Value] = []
    after: list[Value] = []
    star: Unknown | None = None
    for argument in arguments:
        values: tuple[Value, ...] | None
        match argument:
            case Argument(keyword=None, value=value):
                values = (value,)
            case Argument(keyword="*", value=tuple(values)):
                pass
            case Argument(keyword="*", text=text, value=value):
                unknown = value if isinstance(value, Unknown) else Unknown(f"*{text} is not known")
                if star is not None:
                    after.append(unknown)
                star = star or unknown
                continue
            case _:
                continue
        (before if star is None else after).extend(values)
    return tuple(before), tuple(after), star


def _keywords(arguments: tuple[Argument, ...]) -> list[tuple[str, Value]]:
    """The keywords in order, known `**` expanded; an unknown one as `("**", Unknown)`."""
    found: list[tuple[str, Value]] = []
    for argument in arguments:
        match argument:
            case Argument(keyword="**", text=text, value=tuple(pairs)):
                for pair in pairs:
                    match pair:
                        case (str(key), value):
                            found.append((key, value))
                        case _:
                            found.append(("**", Unknown(f"a key of **{text} is not known")))
            case Argument(keyword="**", text=text, value=value):
                unknown = value if isinstance(value, Unknown) else Unknown(f"**{text} is not known")
                found.append(("**", unknown))
            case Argument(keyword=str(keyword), value=value) if keyword != "*":
                found.append((keyword, value))
            case _:
                pass
    return found
