"""Months that close, and what is known otherwise of those closed before; a month closed by hand."""

import re
from datetime import UTC, date, datetime

import dagster as dg
from pydantic import Field

from dagster_project.closing import ask_to_close
from dagster_project.dbt import model_keys
from dagster_project.defs.models import ENGINE_ROOMS, MANIFEST
from dagster_project.defs.resources import WRITER
from dagster_project.errors import UserError
from dagster_project.failures import told_plainly
from dagster_project.paths import Paths
from dagster_project.plan import edition_of, read_plan

ROOMS = [key for key in model_keys(MANIFEST).values() if key.path[0] not in ENGINE_ROOMS]


@dg.asset(
    key=["ledger", "closing"],
    deps=[["run", "settings"], *ROOMS],
    required_resource_keys=WRITER,
    group_name="publication",
    owners=["team:data"],
    kinds={"python", "parquet"},
    description="What the next publication closes and restates: prepared in the ledger, and settled with the publication.",
)
def closing(context: dg.AssetExecutionContext) -> None:
    from dagster_project.closing.step import close  # a run with nothing new needs none of its imports
    from dagster_project.identity.resolve import resolve

    with told_plainly(context):
        paths = Paths.from_environment()
        plan = read_plan(paths)
        edition = edition_of(paths, plan, datetime.now(UTC))
        close(paths, MANIFEST, edition, plan.asked, resolve, context.log.info)


class Month(dg.Config):
    """Which month to close."""

    month: str = Field(default="", description="Written like 2026-10.")


@dg.op(required_resource_keys=WRITER)
def ask(context: dg.OpExecutionContext, config: Month) -> None:
    with told_plainly(context):
        paths = Paths.from_environment()
        month = read_month(config.month)
        ask_to_close(paths.ledger, month)
        context.log.info(
            f"{month:%B} {month.year} closes with the next refresh, if customer math tells of it then."
        )


@dg.job(
    config={"loggers": {"console": {}}}, description="Close a month by hand: the next refresh freezes it."
)
def close_period() -> None:
    ask()


def read_month(text: str) -> date:
    """The first day of a month written 2026-10. Raises UserError."""
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        return date.fromisoformat(f"{text}-01")
    raise UserError(f"close_period: '{text}' is not a month; write it like 2026-10.")
