"""Existence guards and transactions."""
