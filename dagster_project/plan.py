"""What one run is for: the days it was asked for and the inputs it reads, and whether the warehouse holds that."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dagster_project import __version__
from dagster_project.closing.due import Batch
from dagster_project.closing.ledger import asked_for
from dagster_project.database import connect
from dagster_project.errors import UserError
from dagster_project.identity.parameters import read_parameters
from dagster_project.paths import DBT_PROJECT, PROJECT, Paths
from dagster_project.publication import Edition, fingerprint, view_of
from dagster_project.reference import Table, read_reference
from dagster_project.settings import Asked
from dagster_project.sql import parquet_folder

CODE = ((PROJECT / "dagster_project", "*.py"), (DBT_PROJECT / "models", "*"), (DBT_PROJECT / "macros", "*"))


@dataclass(frozen=True)
class Plan:
    """The inputs' fingerprint and the days asked for. `is_built`: the warehouse was made from them, all of it."""

    fingerprint: str
    asked: Asked
    is_built: bool = False


def make_plan(paths: Paths, tables: Mapping[str, Table], wanted: Asked) -> Plan:
    """The plan that follows from what is landed, the reference tables and the days asked for."""
    inputs = fingerprint(
        batches=landed_batches(paths),
        reference={name: table.file.read_bytes() for name, table in tables.items() if table.file},
        settings={
            "as_of_on": str(wanted.as_of_on),
            "known_on": str(wanted.known_on),
            "engine": paths.engine,
            "code": code_version(),
            "identity_parameters": read_parameters(paths.ledger).as_json(),
            "closed_by_hand": " ".join(asked_for(paths.ledger)),
            "is_trial": str(wanted.is_trial),
        },
        project_version=__version__,
    )
    return Plan(inputs, wanted)


def save_plan(paths: Paths, plan: Plan) -> None:
    file = _file(paths)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new")
    days = {"as_of_on": plan.asked.as_of_on, "known_on": plan.asked.known_on}
    told = {"fingerprint": plan.fingerprint, "is_built": plan.is_built, "is_trial": plan.asked.is_trial}
    aside.write_text(json.dumps(told | {name: day and day.isoformat() for name, day in days.items()}))
    os.replace(aside, file)


def read_plan(paths: Paths) -> Plan:
    """The plan of the last run that had something to do. Raises UserError where there was none."""
    if not _file(paths).exists():
        raise UserError("Nothing was built yet: run the whole `refresh` job first.")
    told = json.loads(_file(paths).read_text())
    days = (told[name] and date.fromisoformat(told[name]) for name in ("as_of_on", "known_on"))
    return Plan(told["fingerprint"], Asked(*days, told["is_trial"]), told["is_built"])


def edition_of(paths: Paths, plan: Plan, published_at: datetime) -> Edition:
    """What the warehouse states. Raises UserError where it was not built from the plan's inputs, or not whole."""
    if not plan.is_built:
        raise UserError(
            f"{paths.warehouse} is not whole: its last build did not end. Run the whole `refresh` job, then publish."
        )
    if make_plan(paths, read_reference(paths.reference), plan.asked).fingerprint != plan.fingerprint:
        raise UserError(
            f"Exports, reference tables or the project changed since {paths.warehouse} was built. "
            "Run the whole `refresh` job, then publish."
        )
    with connect(paths.warehouse) as warehouse:
        ((as_of_on,),) = warehouse.execute("select as_of_on from waist.as_of").fetchall()
    view = view_of(paths, plan.asked.as_of_on, plan.asked.known_on, plan.asked.is_trial)
    return Edition(as_of_on, plan.fingerprint, __version__, published_at, plan.asked.known_on, view)


def landed_batches(paths: Paths) -> dict[str, str]:
    """Batch id -> every status that landing gave it."""
    return dict(
        _log(paths, "batch_id, string_agg(distinct status, ' ' order by status)", "group by batch_id")
    )


def accepted_batches(paths: Paths) -> list[Batch]:
    """The batches that count, decisions on held ones included."""
    columns = "distinct batch_id, vendor, system, object, extracted_at"
    return [Batch(*row) for row in _log(paths, columns, "where status = 'accepted' order by all")]


def later_batches(paths: Paths, wanted: Asked) -> set[str]:
    """The batches that a run may not know of, by the day that it asks for."""
    return {
        batch.batch_id
        for batch in accepted_batches(paths)
        if wanted.known_before and batch.extracted_at >= wanted.known_before
    }


def landed_systems(paths: Paths) -> set[str]:
    """The systems of which anything was ever landed or refused: vendors, and in-house systems by their folder."""
    return {system for (system,) in _log(paths, "distinct system", "where system <> ''")}


def last_day(paths: Paths, time_zone: str) -> date:
    """The company's day up to which something can be known: today, or a later extract's where exports are ahead."""
    extracts = _log(
        paths, "max(extracted_at)", "where status = 'accepted' having max(extracted_at) is not null"
    )
    moments = [datetime.now(UTC), *(extracted_at.replace(tzinfo=UTC) for (extracted_at,) in extracts)]
    return max(moment.astimezone(ZoneInfo(time_zone)).date() for moment in moments)


def _log(paths: Paths, columns: str, rest: str) -> list[tuple]:
    """What the log of batches says; nothing where nothing was landed yet."""
    folder = paths.landed("log", "batches")
    if not any(folder.glob("*.parquet")):
        return []
    with connect() as connection:
        return connection.execute(f"select {columns} from {parquet_folder(folder)} {rest}").fetchall()


def code_version() -> str:
    """A hash over the code that the numbers follow from: a changed model is something new."""
    digest = hashlib.sha256()
    for folder, pattern in CODE:
        for file in sorted(folder.rglob(pattern)):
            if file.is_file():
                digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _file(paths: Paths) -> Path:
    return paths.home / "inputs" / "run" / "plan.json"
