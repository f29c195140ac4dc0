"""The linter's own view of a file."""
