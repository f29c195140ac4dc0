"""Reading a revision: the only package that sees syntax nodes."""
