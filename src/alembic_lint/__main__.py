"""`python -m alembic_lint`, which works where another package took the command's name."""

from __future__ import annotations

import sys

from alembic_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
