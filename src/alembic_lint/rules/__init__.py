"""The rules, in the order of their codes."""

from alembic_lint.rule import Rule
from alembic_lint.rules.downgrade import empty_downgrade, missing_downgrade
from alembic_lint.rules.file import (
    docstring_mismatch,
    dynamic_revision_identifiers,
    empty_revision,
    invalid_revision_id,
    missing_revision_identifiers,
    missing_upgrade,
    op_call_at_import,
    placeholder_revision_id,
    revision_id_too_long,
)
from alembic_lint.rules.guards import (
    guard_checks_other_object,
    guard_swallows_errors,
    missing_existence_guard,
    swallowed_operation_error,
)
from alembic_lint.rules.history import (
    duplicate_branch_label,
    duplicate_revision_id,
    merge_with_operations,
    multiple_bases,
    multiple_heads,
    redundant_merge_parent,
    retired_revision_file,
    revision_cycle,
    unknown_depends_on,
    unknown_down_revision,
)
from alembic_lint.rules.linter import syntax_error, unreadable_file
from alembic_lint.rules.schema import duplicate_table

RULES: tuple[Rule, ...] = (
    syntax_error.check,
    unreadable_file.check,
    multiple_heads.check,
    multiple_bases.check,
    unknown_down_revision.check,
    duplicate_revision_id.check,
    revision_cycle.check,
    duplicate_branch_label.check,
    redundant_merge_parent.check,
    merge_with_operations.check,
    unknown_depends_on.check,
    retired_revision_file.check,
    revision_id_too_long.check,
    invalid_revision_id.check,
    missing_revision_identifiers.check,
    dynamic_revision_identifiers.check,
    missing_upgrade.check,
    docstring_mismatch.check,
    empty_revision.check,
    op_call_at_import.check,
    placeholder_revision_id.check,
    missing_downgrade.check,
    empty_downgrade.check,
    duplicate_table.check,
    missing_existence_guard.check,
    guard_swallows_errors.check,
    guard_checks_other_object.check,
    swallowed_operation_error.check,
)
