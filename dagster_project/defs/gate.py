"""What this run is for. Where readers have these inputs already, it yields nothing, and all that follows is skipped."""

import os
from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
from pydantic import Field

from dagster_project.defs.landing import landing
from dagster_project.defs.reference import reference_tables
from dagster_project.defs.resources import WRITER
from dagster_project.exports.typed import hold_back
from dagster_project.failures import told_plainly
from dagster_project.paths import Paths
from dagster_project.plan import last_day, later_batches, make_plan, save_plan
from dagster_project.publication import nothing_new, recover, view_of
from dagster_project.reference import company_settings, read_reference
from dagster_project.settings import asked, check_days, write_run_settings


class Days(dg.Config):
    """The days a run is stated for, written like 2026-01-31."""

    as_of: str = Field(
        default="", description="Empty: ONE_COMPANY_AS_OF, else the latest day the exports tell of."
    )
    known_on: str = Field(default="", description="Empty: ONE_COMPANY_KNOWN_ON, else every batch is used.")
    is_trial: bool = Field(default=False, description="Whether to show only what would be restated.")

    def environment(self) -> dict[str, str]:
        return {
            "ONE_COMPANY_AS_OF": self.as_of or os.environ.get("ONE_COMPANY_AS_OF", ""),
            "ONE_COMPANY_KNOWN_ON": self.known_on or os.environ.get("ONE_COMPANY_KNOWN_ON", ""),
        }


@dg.asset(
    key=["run", "settings"],
    deps=sorted(reference_tables.keys | landing.keys),
    output_required=False,
    required_resource_keys=WRITER,
    group_name="run",
    owners=["team:data"],
    kinds={"parquet"},
    description="The company's settings and the days this run was asked for; skipped where there is nothing new.",
)
def run_settings(context: dg.AssetExecutionContext, config: Days) -> Iterator[dg.MaterializeResult]:
    with told_plainly(context):
        paths = Paths.from_environment()
        tables = read_reference(paths.reference)
        settings = company_settings(tables)
        wanted = replace(asked(config.environment()), is_trial=config.is_trial)
        check_days(wanted, last_day(paths, settings.time_zone))
        plan = make_plan(paths, tables, wanted)
        recover(paths)
        view = view_of(paths, wanted.as_of_on, wanted.known_on, wanted.is_trial)
        if why := nothing_new(paths, plan.fingerprint, view):
            context.log.info(why)
            return
        save_plan(paths, plan)
        hold_back(paths, later_batches(paths, wanted))
        write_run_settings(paths, settings, wanted)
        yield dg.MaterializeResult(metadata={"fingerprint": plan.fingerprint})
