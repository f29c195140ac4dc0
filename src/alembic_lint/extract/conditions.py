"""Arithmetic on conditions: three-valued where a truth is not known before the revision runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alembic_lint.model import And, Condition, DialectIs, Not, OpaqueCondition, Or

Truth = bool | Condition
"""True and False where the source decides it, otherwise the condition that does."""

DIALECTS = ("mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite")
"""SQLAlchemy's own dialects, sorted. Source: sqlalchemy/dialects."""


_TERM_LIMIT = 200
"""Conditions within one. What has more is not followed."""

_PART_LIMIT = 60
"""Conditions within one condition, at any depth. What has more is not told apart."""


def negate(truth: Truth) -> Truth:
    """The opposite."""
    match truth:
        case bool():
            return not truth
        case Not(term):
            return term
        case _:
            return Not(truth)


def conjunction(truths: Iterable[Truth]) -> Truth:
    """All of them; True for none."""
    terms: dict[Condition, None] = {}
    for truth in truths:
        match truth:
            case False:
                return False
            case True:
                pass
            case And(inner):
                terms.update(dict.fromkeys(inner))
            case _:
                terms[truth] = None
    return False if _opposed(terms) else _joined(tuple(terms), And, empty=True)


def disjunction(truths: Iterable[Truth]) -> Truth:
    """At least one of them; False for none."""
    terms: dict[Condition, None] = {}
    for truth in truths:
        match truth:
            case True:
                return True
            case False:
                pass
            case Or(inner):
                terms.update(dict.fromkeys(inner))
            case _:
                terms[truth] = None
    return True if _opposed(terms) else _joined(tuple(terms), Or, empty=False)


def choice(condition: Truth, then: Truth, other: Truth) -> Truth:
    """`then` where the condition holds, otherwise `other`."""
    match condition:
        case True:
            return then
        case False:
            return other
        case _:
            if then == other:
                return then
            if not isinstance(then, bool) and not isinstance(other, bool):
                asked = as_asked(then)
                if asked == as_asked(other):  # one answer, out of date on one of the ways
                    return other if asked == then else then
            return disjunction(
                (conjunction((condition, then)), conjunction((negate(condition), other)))
            )


def _opposed(terms: dict[Condition, None]) -> bool:
    return any(isinstance(term, Not) and term.term in terms for term in terms)


def _is_large(terms: tuple[Condition, ...]) -> bool:
    """Whether conditions have grown, one in the other, past what a person would write."""
    count, pending = 0, list(terms)
    while pending and count <= _PART_LIMIT:
        term = pending.pop()
        count += 1
        if isinstance(term, Not):
            pending.append(term.term)
        elif isinstance(term, And | Or):
            pending.extend(term.terms)
    return count > _PART_LIMIT


def _joined(terms: tuple[Condition, ...], kind: type[And | Or], *, empty: bool) -> Truth:
    match terms:
        case ():
            return empty
        case (term,):
            return term
        case _ if len(terms) > _TERM_LIMIT or _is_large(terms):
            word = "all" if kind is And else "one"
            return OpaqueCondition(f"{word} of {len(terms)} conditions")
        case _:
            return kind(terms)


def narrowed(dialects: tuple[str, ...] | None, condition: Condition) -> tuple[str, ...] | None:
    """The dialects that are left where the condition holds; None means all, () means none."""
    match condition:
        case DialectIs(names):
            return _both(dialects, names)
        case Not(DialectIs(names)):
            return _both(dialects, tuple(name for name in DIALECTS if name not in names))
        case And(terms):
            for term in terms:
                dialects = narrowed(dialects, term)
            return dialects
        case Or(terms):
            parts = [narrowed(dialects, term) for term in terms]
            if any(part is None for part in parts):
                return dialects
            return tuple(sorted({name for part in parts if part is not None for name in part}))
        case Not(Or(terms)):
            for term in terms:
                dialects = _narrowed_by_opposite(dialects, term)
            return dialects
        case _:
            return dialects


def _narrowed_by_opposite(
    dialects: tuple[str, ...] | None, term: Condition
) -> tuple[str, ...] | None:
    opposite = negate(term)
    return dialects if isinstance(opposite, bool) else narrowed(dialects, opposite)


def holds_on(condition: Condition, dialect: str) -> bool | None:
    """Whether a condition holds on a dialect; None where it asks for more than the dialect.

    An empty name stands for a dialect that is not asked for.
    """
    match condition:
        case DialectIs(names):
            return dialect in names
        case Not(term):
            found = holds_on(term, dialect)
            return None if found is None else not found
        case And(terms):
            answers = [holds_on(term, dialect) for term in terms]
            return None if None in answers else all(answers)
        case Or(terms):
            answers = [holds_on(term, dialect) for term in terms]
            return None if None in answers else any(answers)
        case _:
            return None


def _both(left: tuple[str, ...] | None, right: tuple[str, ...]) -> tuple[str, ...]:
    return right if left is None else tuple(name for name in left if name in right)


@dataclass(frozen=True, slots=True)
class EarlierCondition(OpaqueCondition):
    """What was asked before an operation changed the answer."""

    asked: Condition


def as_asked(condition: Condition) -> Condition:
    """A condition in the words in which it was asked; the same object where it is up to date."""
    match condition:
        case EarlierCondition(asked=asked):
            return asked
        case Not(term):
            after = as_asked(term)
            return condition if after is term else Not(after)
        case And(terms) | Or(terms):
            parts = tuple(as_asked(term) for term in terms)
            if all(new is old for new, old in zip(parts, terms, strict=True)):
                return condition
            return And(parts) if isinstance(condition, And) else Or(parts)
        case _:
            return condition
