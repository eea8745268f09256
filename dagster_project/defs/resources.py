"""The writer's lock, held for the whole of a run."""

from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from dagster_project.lock import Holder, writer_lock
from dagster_project.paths import Paths

WRITER = {"writer"}


class Writer(dg.ConfigurableResource):
    """Every step asks for it, so that a run starts only when no other writes to the same ONE_COMPANY_HOME."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["Writer", None, None]:
        with writer_lock(Paths.from_environment().writer_lock, context.run_id, context.log.info) as died:
            if died:
                self._bury(context, died)
            yield self

    def _bury(self, context: dg.InitResourceContext, died: Holder) -> None:
        """Mark the run that was killed as failed: nobody else could, and it would seem to go on for ever."""
        context.log.info(f"The last writer was killed: {died}. This run picks up where it stopped.")
        run = context.instance.get_run_by_id(died.run_id)
        if run and not run.is_finished:
            context.instance.report_run_failed(run, "Its process was killed.")
