"""What dbt builds in, DuckDB or Spark. All that differs between them is here and in the dispatching macros.

Either way what was built is read through one DuckDB file, `paths.warehouse`: with DuckDB it holds the tables,
with Spark it holds views of the Parquet files that Spark wrote. So identity, audit and publication have one text.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from dagster_project.errors import UserError
from dagster_project.paths import Paths

Manifest = Mapping[str, Any]

ENGINES = {"duckdb": "DuckDBEngine", "spark": "SparkEngine"}


@dataclass(frozen=True)
class Building:
    """An engine while dbt builds in it. `also`: what must be built beside what was asked for (unique ids);
    `rows`: the number of rows of a table just built, null for a view, which would have to be run."""

    also: Sequence[str]
    rows: Callable[[Manifest], int | None]


class Engine(Protocol):
    def check(self) -> None:
        """Raises UserError where this machine lacks what the engine needs."""

    def building(self, manifest: Manifest, wanted: Collection[str]) -> AbstractContextManager[Building]:
        """Around a dbt invocation that builds `wanted` (unique ids of models and tests): after it, `paths.warehouse` shows what is built,
        and no other program is locked out."""


def check_name(name: str) -> str:
    """The name of an engine. Raises UserError where there is none of that name."""
    if name not in ENGINES:
        raise UserError(f"ONE_COMPANY_TARGET: '{name}' is not known; write {' or '.join(ENGINES)}.")
    return name


def engine_of(paths: Paths) -> Engine:
    module = import_module(
        f"dagster_project.engines.{check_name(paths.engine)}"
    )  # each has imports of its own
    return getattr(module, ENGINES[paths.engine])(paths)
