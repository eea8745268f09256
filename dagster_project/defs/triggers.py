"""When a refresh starts by itself: as soon as new exports lie there, or once a day."""

import dagster as dg

from dagster_project.arrivals import Seen, listing
from dagster_project.defs.jobs import refresh
from dagster_project.errors import UserError
from dagster_project.paths import Paths
from dagster_project.reference import company_settings, read_reference
from dagster_project.settings import Settings

EVERY_MORNING = "0 6 * * *"


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts a refresh once exports or reference tables changed and then stayed as they are for one look.",
)
def new_exports(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    paths = Paths.from_environment()
    found = listing([paths.exports, paths.reference])
    seen, not_yet = Seen.of(context.cursor).look(found)
    context.update_cursor(seen.cursor())
    if not_yet:
        return dg.SkipReason(not_yet)
    return dg.RunRequest(run_key=found)


def company_time_zone() -> str:
    """The company's time zone; that a reference table is wrong or out of reach is for the run to say, not for the start."""
    try:
        return company_settings(read_reference(Paths.from_environment().reference)).time_zone
    except (UserError, OSError):
        return Settings().time_zone


every_morning = dg.ScheduleDefinition(
    name="every_morning",
    job=refresh,
    cron_schedule=EVERY_MORNING,
    execution_timezone=company_time_zone(),
    default_status=dg.DefaultScheduleStatus.STOPPED,  # the sensor sees new exports anyway; for whom a fixed hour is better
    description="A refresh at six in the company's time zone. Switch it on where exports always come by night.",
)
