"""What a child process measures: python -m bench.measurements <name> <file for its figures>.

ONE_COMPANY_EXPORTS and ONE_COMPANY_HOME say on what. Only the work is timed, not the start of Python.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.building import dbt_build, straight
from bench.definitions import ways_of_counting
from bench.identity import resolve_all, resolve_before, resolve_later, splink_alone
from bench.landing import copy, land
from bench.ledger import month_spine, mrr_ledger, whole_ledger, window_pass
from bench.listening import asked_too_often, send_window_pass
from dagster_project.paths import Paths

MEASUREMENTS: dict[str, Callable[[Paths], dict[str, Any]]] = {
    measure.__name__: measure
    for measure in (
        copy, land, dbt_build, straight, window_pass, month_spine, mrr_ledger, whole_ledger, ways_of_counting,
        resolve_all, splink_alone, resolve_before, resolve_later, send_window_pass, asked_too_often,
    )
}  # fmt: skip

if __name__ == "__main__":
    name, file = sys.argv[1:]
    Path(file).write_text(json.dumps(MEASUREMENTS[name](Paths.from_environment())), encoding="utf-8")
