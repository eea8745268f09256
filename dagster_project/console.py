"""What a person sees on the terminal while a run works: what was done, how many rows, how long it took."""

import logging
import re

import dagster as dg

from dagster_project.disk import is_full, keep, no_room
from dagster_project.paths import Paths
from dagster_project.words import count

INTERRUPTED = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}
STOPPED = "Stopped. What was published before stays as it is; the next run picks up from here."

SKIPPED = "Skipping step "  # Dagster on each step after one that had nothing to do, which said so


def step_in_words(step_key: str) -> str:
    """'run__settings' as a person reads it."""
    return " ".join(step_key.replace("_", " ").split())


class Console(logging.Handler):
    """Turns Dagster's events into lines. Steps and their checks are counted; views and passed checks stay silent."""

    def __init__(self, paths: Paths) -> None:
        super().__init__()
        self.paths = paths
        self.passed = 0

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is None:
            said = meta.get("orig_message", record.getMessage())
            is_ours = not said.startswith(SKIPPED)
            lines = [f"  {said}"] if is_ours and record.levelno in (logging.INFO, logging.WARNING) else []
        else:
            lines = self.lines_of(event)
        for line in lines:
            print(line, flush=True)

    def lines_of(self, event: dg.DagsterEvent) -> list[str]:
        """The lines that one event is worth."""
        kind, data = event.event_type_value, event.event_specific_data
        if kind == "STEP_START":
            self.passed = 0
            return [f"{step_in_words(event.step_key)} …"]
        if kind == "ASSET_MATERIALIZATION":
            return self._built(data.materialization)
        if kind == "ASSET_CHECK_EVALUATION":
            return self._checked(data)
        if kind == "STEP_SUCCESS":
            checks = f", {count(self.passed, 'check')} passed" if self.passed else ""
            return [f"  done in {data.duration_ms / 1000:.1f} s{checks}"]
        if kind == "STEP_FAILURE":
            return self._failed(event)
        if (
            kind == "PIPELINE_FAILURE" and data.error and not data.first_step_failure_event
        ):  # outside the steps
            return self._failed(event)
        return []

    def _built(self, materialization: dg.AssetMaterialization) -> list[str]:
        facts = {name: value.value for name, value in materialization.metadata.items()}
        if not facts.get("dagster/row_count") or facts.get("is_default"):
            return []  # a view, an empty table, or one that the company did not write
        seconds = f"{facts['seconds']:8.2f} s" if "seconds" in facts else ""
        name = ".".join(materialization.asset_key.path)
        return [f"  {name:<48}{facts['dagster/row_count']:>12,} rows{seconds}"]

    def _checked(self, check: dg.AssetCheckEvaluation) -> list[str]:
        if check.passed:
            self.passed += 1
            return []
        mark = "warning" if check.severity == dg.AssetCheckSeverity.WARN else "failed"
        return [f"  check {mark}: {'.'.join(check.asset_key.path)} {check.check_name}"]

    def _failed(self, event: dg.DagsterEvent) -> list[str]:
        """The sentence of a step that knew what went wrong; of any other, where its traceback lies."""
        data = event.event_specific_data
        errors = [data.error, *([data.error.cause] if data.error.cause else [])]
        if any(error.cls_name in INTERRUPTED for error in errors):
            return ["", STOPPED] if event.is_job_failure else []  # the run says it after its step
        if event.is_step_failure and data.user_failure_data:
            return ["", data.user_failure_data.description]
        if any(is_full(error.message) for error in errors):
            return ["", no_room(self.paths.home)]
        name = event.step_key or "the run"
        file = self.paths.logs / f"{event.step_key or 'run'}.log"
        kept = keep(file, "\n\n".join(error.to_string() for error in errors))
        cause = errors[-1]
        what = re.sub(r"^[\w.]+: ", "", cause.message.strip())
        return ["", f"{name} failed in a way it should not: {what}", kept]


@dg.logger(description="Plain lines for a person at a terminal.")
def console(init_context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.getLogger("one_company.console")
    logger.setLevel(logging.DEBUG)
    logger.handlers = [Console(Paths.from_environment())]
    logger.propagate = False
    return logger
