"""Closed periods: what was told of a month stays as it was told, and what is known otherwise since is told by cause.

`close` prepares, in a folder of the ledger that nobody reads yet, what the next publication closes and restates; the
publisher shows it (`write_tables`) and, once readers have the publication, moves it into place (`settle`). Every file
is written once and never changed.
"""

from dagster_project.closing.ledger import Closings, ask_to_close, asked_for, closings, forget, settle
from dagster_project.closing.tables import write_tables

__all__ = ["Closings", "ask_to_close", "asked_for", "closings", "forget", "settle", "write_tables"]
