"""What a branch changes since its base: histories at other commits, built beside those read."""

from alembic_lint.since.comparing import Since, compare
from alembic_lint.since.wanting import VARIABLES, Wanted, wanted

__all__ = ["VARIABLES", "Since", "Wanted", "compare", "wanted"]
