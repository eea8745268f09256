"""The only module that knows where things are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import UserError

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
CONTRACTS = DBT_PROJECT / "models" / "staging"


@dataclass(frozen=True)
class Paths:
    """Where one company's exports come from and where everything made from them goes."""

    exports: Path
    reference: Path
    home: Path
    engine: str = "duckdb"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Paths":
        """Read ONE_COMPANY_EXPORTS, ONE_COMPANY_REFERENCE, ONE_COMPANY_HOME and ONE_COMPANY_TARGET.

        Relative folders are taken from the working directory, absent ones from the project. Raises UserError.
        """

        def folder(setting: str, default: str) -> Path:
            value = environment.get(setting, "").strip()
            try:
                return Path(value).expanduser().absolute() if value else PROJECT / default
            except (RuntimeError, OSError) as error:  # no such user; a working directory that is gone
                raise UserError(
                    f"{setting}: '{value}' does not say which folder ({str(error).rstrip('.')}); write the whole path."
                ) from error

        return cls(
            exports=folder("ONE_COMPANY_EXPORTS", "seeds/exports"),
            reference=folder("ONE_COMPANY_REFERENCE", "seeds/reference"),
            home=folder("ONE_COMPANY_HOME", "data"),
            engine=environment.get("ONE_COMPANY_TARGET", "").strip() or "duckdb",
        )

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    def landed(self, vendor: str, table: str) -> Path:
        """The folder of one vendor object's batches, or of one landing log ('log', 'batches')."""
        return self.landing / vendor / table

    @property
    def all_typed(self) -> Path:
        return self.home / "typed"

    def typed(self, vendor: str, table: str) -> Path:
        """The folder of one vendor object's batches with typed columns, for dbt to read."""
        return self.all_typed / vendor / table

    def input(self, source: str, table: str) -> Path:
        """The Parquet file that a run writes for dbt to read: reference tables, settings, identity."""
        return self.home / "inputs" / source / table / "table.parquet"

    def source(self, source: str, table: str) -> Path:
        """The folder that dbt's `source(source, table)` reads."""
        folders = (self.input(source, table).parent, self.typed(source, table), self.landed(source, table))
        return next((folder for folder in folders if folder.is_dir()), folders[0])

    @property
    def ledger(self) -> Path:
        return self.home / "ledger"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def current(self) -> Path:
        return self.published / "current"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that what was built is read through: with Spark, views of what lies beside it."""
        return (self.spark if self.engine == "spark" else self.home) / "warehouse.duckdb"

    @property
    def spark(self) -> Path:
        return self.home / "spark"

    @property
    def dbt_target(self) -> Path:
        """What dbt makes of the project, one for each engine: much of it follows from the engine's profile."""
        return self.home / ("dbt_target_spark" if self.engine == "spark" else "dbt_target")

    @property
    def dagster(self) -> Path:
        return self.home / "dagster"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def private(self) -> list[Path]:
        """The folders that hold names and addresses, or traces of them: for their owner's eyes only."""
        folders = [self.landing, self.all_typed, self.home / "inputs", self.ledger]
        folders += [self.dbt_target, self.dagster, self.logs]
        return [*folders, self.spark] if self.engine == "spark" else folders

    @property
    def writer_lock(self) -> Path:
        return self.home / "writer.lock"


def check_way(setting: str, path: Path) -> None:
    """Raises UserError where a folder, or one above it, may not be entered: what lies in it would seem not to be there."""
    for folder in (*reversed(path.parents), path):
        try:
            os.stat(f"{folder}/.")
        except PermissionError as error:
            raise UserError(
                f"The folder {folder} may not be entered ({error.strerror}): change its permissions, or set {setting}, which "
                f"is {path}, to another folder."
            ) from error
        except OSError:
            return  # nothing is there yet
