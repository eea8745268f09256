"""What a person sees on the terminal while a run works: what was done, how many rows, how long it took."""

import logging
import re
from pathlib import Path

import dagster as dg

from dagster_project.paths import Paths


class Console(logging.Handler):
    """Turns Dagster's events into lines. Steps and their checks are counted; views and passed checks stay silent."""

    def __init__(self, logs: Path) -> None:
        super().__init__()
        self.logs = logs
        self.passed = 0

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is None:
            said = meta.get("orig_message", record.getMessage())
            lines = [f"  {said}"] if record.levelno in (logging.INFO, logging.WARNING) else []
        else:
            lines = self.lines_of(event)
        for line in lines:
            print(line, flush=True)

    def lines_of(self, event: dg.DagsterEvent) -> list[str]:
        """The lines that one event is worth."""
        kind, data = event.event_type_value, event.event_specific_data
        if kind == "STEP_START":
            self.passed = 0
            return [f"{(event.step_key or '').replace('_', ' ').replace('  ', ' ')} …"]
        if kind == "ASSET_MATERIALIZATION":
            return self._built(data.materialization)
        if kind == "ASSET_CHECK_EVALUATION":
            return self._checked(data)
        if kind == "STEP_SUCCESS":
            checks = f", {self.passed} checks passed" if self.passed else ""
            return [f"  done in {data.duration_ms / 1000:.1f} s{checks}"]
        if kind == "STEP_FAILURE":
            return self._failed(event)
        return []

    def _built(self, materialization: dg.AssetMaterialization) -> list[str]:
        facts = {name: value.value for name, value in materialization.metadata.items()}
        if facts.get("is_default") or "dagster/row_count" not in facts:
            return []
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
        if data.user_failure_data:
            return ["", data.user_failure_data.description]
        self.logs.mkdir(parents=True, exist_ok=True)
        file = self.logs / f"{event.step_key}.log"
        file.write_text(data.error_display_string, encoding="utf-8")
        cause = data.error.cause or data.error
        what = re.sub(r"^[\w.]+: ", "", cause.message.strip())
        return ["", f"{event.step_key} failed in a way it should not: {what}", f"The details are in {file}."]


@dg.logger(description="Plain lines for a person at a terminal.")
def console(init_context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.getLogger("one_company.console")
    logger.setLevel(logging.DEBUG)
    logger.handlers = [Console(Paths.from_environment().logs)]
    logger.propagate = False
    return logger
