"""Spiders: they discover, and nothing else. Keeping and reading happens below them."""
