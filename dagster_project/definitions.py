"""Everything that Dagster serves: what is in defs/, run in one process, told plainly on the terminal."""

import dagster as dg

from dagster_project import defs as boxes
from dagster_project.console import console
from dagster_project.defs.closing import close_period
from dagster_project.defs.jobs import refresh, restate
from dagster_project.defs.publication import roll_back
from dagster_project.defs.resources import Writer
from dagster_project.defs.triggers import every_morning, new_exports
from dagster_project.history import hold_open

hold_open()

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(boxes),
    jobs=[refresh, restate, close_period, roll_back],
    schedules=[every_morning],
    sensors=[new_exports],
    resources={"writer": Writer()},
    loggers={"console": console},
    executor=dg.in_process_executor,
)
