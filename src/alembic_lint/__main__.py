"""`python -m alembic_lint`, which works where another package took the command's name."""

from alembic_lint.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
