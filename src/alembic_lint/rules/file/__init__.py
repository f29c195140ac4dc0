"""The revision file and its identifiers."""
