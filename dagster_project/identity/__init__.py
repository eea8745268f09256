"""Which source records are one customer."""

from dagster_project.identity.resolve import Resolution, resolve

__all__ = ["Resolution", "resolve"]
