"""A news aggregator daemon that republishes every story exactly once."""

__version__ = "2026.11.0"
