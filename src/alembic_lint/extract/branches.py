"""Branches: what happens under which condition, and when a body is left."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from alembic_lint.extract import guards
from alembic_lint.extract.calls import Caller
from alembic_lint.extract.conditions import Truth, conjunction, disjunction, negate
from alembic_lint.extract.trail import Changes, combined
from alembic_lint.extract.values import (
    Abstract,
    Text,
)
from alembic_lint.model import OpaqueCondition
from alembic_lint.source import Span


@dataclass(frozen=True, slots=True)
class Exits:
    """The conditions under which a body is left before its end, by what leaves it.

    `raises` is the part of `returns` in which an error leaves it.
    """

    returns: Truth = False
    breaks: Truth = False
    continues: Truth = False
    raises: Truth = False

    def any(self) -> Truth:
        """The condition under which the next statement is not reached."""
        return disjunction((self.returns, self.breaks, self.continues))

    def then(self, other: Exits) -> Exits:
        """These, or those of what follows."""
        return Exits(
            disjunction((self.returns, other.returns)),
            disjunction((self.breaks, other.breaks)),
            disjunction((self.continues, other.continues)),
            disjunction((self.raises, other.raises)),
        )

    def under(self, condition: Truth) -> Exits:
        """The same where they happen only under a condition."""
        return Exits(
            conjunction((condition, self.returns)),
            conjunction((condition, self.breaks)),
            conjunction((condition, self.continues)),
            conjunction((condition, self.raises)),
        )


STAYS = Exits()


class Brancher(Caller):
    """Executes bodies, `if` and `match`."""

    @abstractmethod
    def execute(self, node: cst.BaseStatement | cst.BaseSmallStatement) -> Exits:
        """Execute one statement."""

    def run(self, body: cst.BaseSuite | cst.Module) -> Truth:
        """Execute a body in the current frame; gives whether it returns or raises."""
        return self._body(body.body).returns

    def _body(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> Exits:
        """Execute statements; what follows a conditional exit runs under its opposite."""
        before = self.context
        result = STAYS
        for statement in statements:
            exits = self.execute(statement)
            gone = exits.any()
            result = result.then(exits)
            if gone is True:
                break
            if gone is not False:
                stays = negate(gone)
                span = self.module.positions.of_header(self.statement)
                # An error that nothing catches ends the revision.
                caught = any(handled.swallows for handled in self.context.tries)
                required = gone == exits.raises and not caught
                if isinstance(stays, bool) or not self.enter(
                    stays, span, self.blocks, required=required
                ):
                    break
        self.context = before
        return result

    def _if(self, node: cst.If) -> Exits:
        condition = self.truth(node.test)
        span = self._test_span(node)
        orelse = node.orelse
        if condition is True:
            return self._body(node.body.body)
        if condition is False:
            return self._else(orelse)
        return self._branches(
            condition,
            span,
            lambda: self._body(node.body.body),
            lambda: self._else(orelse),
        )

    def _else(self, orelse: cst.If | cst.Else | None) -> Exits:
        match orelse:
            case None:
                return STAYS
            case cst.If():
                self.statement = orelse
                return self._if(orelse)
            case _:
                return self._body(orelse.body.body)

    def _branches(
        self,
        condition: Truth,
        span: Span,
        then: Callable[[], Exits],
        other: Callable[[], Exits],
    ) -> Exits:
        """Run two branches, each under its condition, and join what they bind."""
        before, mark = self.context, self.trail.mark()
        block = self.next_block()
        opposite = negate(condition)
        results: list[tuple[Exits, Changes]] = []
        for truth, branch in ((condition, then), (opposite, other)):
            statement = self.statement
            if isinstance(truth, bool):
                exits = branch() if truth else STAYS
            elif self.enter(truth, span, block):
                exits = branch()
            else:
                exits = Exits(returns=True)  # no dialect is left: never reached
            self.statement = statement
            self.context = before
            results.append((exits, self.trail.undo(mark)))
        (then_exits, then_changes), (other_exits, other_changes) = results
        # Changes on a way that leaves are kept with its departure.
        if then_exits.any() is True:
            self.trail.redo(other_changes)
        elif other_exits.any() is True:
            self.trail.redo(then_changes)
        else:
            self.trail.redo(combined(condition, then_changes, other_changes))
        return then_exits.under(condition).then(other_exits.under(opposite))

    def otherwise(self, orelse: cst.Else, exits: Exits) -> Exits:
        """The `else` of a `try` or loop, where what stands before it has not left."""
        before = self.context
        stays = negate(exits.any())
        if not isinstance(stays, bool):
            span = self.module.positions.of_header(self.statement)
            if not self.enter(stays, span, self.next_block()):
                self.context = before
                return exits
        mark = self.trail.mark()
        found = exits.then(self._body(orelse.body.body))
        self.context = before
        if not isinstance(stays, bool):
            self.trail.redo(combined(stays, self.trail.undo(mark), {}))
        return found

    def _test_span(self, node: cst.If | cst.While) -> Span:
        return self.module.positions.of_header(node)

    def _match(self, node: cst.Match) -> Exits:
        subject = self.evaluate(node.subject)
        text = self.written(node.subject)
        return self._cases(subject, text, list(node.cases), node)

    def _cases(
        self, subject: Abstract, text: Text, cases: list[cst.MatchCase], node: cst.Match
    ) -> Exits:
        if not cases:
            return STAYS
        case, rest = cases[0], cases[1:]
        condition = self._matches(subject, case.pattern, text)
        if case.guard is not None:
            condition = conjunction((condition, self.truth(case.guard)))
        if condition is True:
            return self._body(case.body.body)
        if condition is False:
            return self._cases(subject, text, rest, node)
        span = self.module.positions.of_header(node)
        return self._branches(
            condition,
            span,
            lambda: self._body(case.body.body),
            lambda: self._cases(subject, text, rest, node),
        )

    def _matches(self, subject: Abstract, pattern: cst.MatchPattern, text: Text) -> Truth:
        match pattern:
            case cst.MatchValue(value=value):
                return guards.equal(subject, self.evaluate(value), text)
            case cst.MatchAs(pattern=None):
                return True
            case cst.MatchOr(patterns=patterns):
                return disjunction(
                    self._matches(subject, element.pattern, text) for element in patterns
                )
            case _:
                return OpaqueCondition(f"{text()} matches {self.module.text(pattern)}")
