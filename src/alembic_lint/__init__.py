"""A static analyser and linter for Alembic repositories."""
