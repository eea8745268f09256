"""Landed batches once more, as typed columns, with the name of what breaks its contract on each record.

Landing keeps text, since nothing else is sure; models want types. A batch never changes, so it is typed once, when it
is new, and every later build of the models on either engine reads what was typed. All of it follows from the landing
and the contracts, so it may be deleted at any time, and is made anew where a contract changed.

A run that asks for what was known on a day keeps later batches from the models by their files' names, so that no model
has to look: what is not called *.parquet is not read.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import chain
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow.parquet as pq

from dagster_project.database import connect
from dagster_project.exports.batch import constant
from dagster_project.exports.contracts import Column, Contract, of_vendors
from dagster_project.exports.limits import FIRST_YEAR, GREATEST, LAST_YEAR
from dagster_project.exports.store import CONTRACT_FILE, PARQUET, room_on_disk, synced
from dagster_project.paths import Paths
from dagster_project.sql import american_moment, literal, parquet, quoted

PROVENANCE = ("_system", "_batch_id", "_file", "_record", "_extracted_at", "_wording", "_extra")
WRITTEN = "select *, {order} as _batch_order from ({records})"
TYPED_BY = b"typed_by"  # in a file's metadata: the hash of the query that made it
ROUNDED = "[0-9][.,][0-9]+E[+][0-9]+"  # 1.14E+11
ASIDE = ".typing_"
HELD_BACK = ".later"  # the ending of a batch that this run may not know of yet
ENDINGS = {".csv", ".json", ".jsonl", ".ndjson", ".txt", ".tsv", ".gz", ".zip"}

# A date, or a date and a time of day; never a bare time, which has no day.
MOMENT = "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?"
OFFSET = "( ?(Z|UTC|[+-](0[0-9]|1[0-4]):?[0-5][0-9]))?"
EPOCH = "[0-9]{9,11}"
EPOCH_IN_THOUSANDTHS = "-?[0-9]{12,14}"
# How most exports write a moment of this century, as (like, strptime, places of characters that must not be spaces). To
# match such a pattern and to be read by its format costs a quarter of the general way, which decides about all else.
# strptime passes over spaces at an end and where its format has one; at every other `_` it takes a digit or nothing.
USUAL_MOMENTS = (
    ("2___-__-__T__:__:__Z", "%Y-%m-%dT%H:%M:%SZ", ()),
    ("2___-__-__ __:__:__+00:00", "%Y-%m-%d %H:%M:%S+00:00", (10, 12)),
    ("2___-__-__T__:__:__.000+0000", "%Y-%m-%dT%H:%M:%S.000+0000", ()),
    ("2___-__-__T__:__:__.000Z", "%Y-%m-%dT%H:%M:%S.000Z", ()),
    ("2___-__-__ __:__:__", "%Y-%m-%d %H:%M:%S", (10, 12, 19)),
    ("2___-__-__", "%Y-%m-%d", (10,)),
)

EXPECTED = {
    "date": "not a date like 2026-01-31",
    "timestamp": "not a date and time like 2026-01-31 14:05:00",
    "local_timestamp": "not a date and time like 2026-01-31 14:05:00",
    "account_timestamp": "not a date and time like 2026-01-31 14:05 or 1/31/2026 2:05 PM",
    "money": "not an amount with a decimal point and at most 4 decimals",
    "minor": "not a whole number of minor units",
    "integer": "not a whole number",
    "decimal": "not a number with a decimal point and at most 12 decimals",
    "boolean": "not true or false",
    "currency": "not a three-letter code",
}


def type_batches(paths: Paths, contracts: Mapping[str, Sequence[Contract]]) -> int:
    """Type each landed batch that is not typed yet; returns how many. The caller holds the writer's lock.

    `contracts` is vendor -> contracts (`load_all_contracts`). Raises DiskFull.
    """
    made = 0
    for left in paths.home.glob(f"{ASIDE}*"):  # by a run that was killed
        shutil.rmtree(left)
    with (
        room_on_disk(paths.home),
        tempfile.TemporaryDirectory(prefix=ASIDE, dir=paths.home) as aside,
        connect(spill=Path(aside)) as connection,
    ):
        connection.execute("set TimeZone = 'UTC'")
        for contract in chain.from_iterable(of_vendors(contracts).values()):
            landed = paths.landed(contract.vendor, contract.object)
            typed = paths.typed(contract.vendor, contract.object)
            typed.mkdir(parents=True, exist_ok=True)
            there = {file.stem for file in landed.glob("*.parquet")}
            files = {file.stem: file for file in typed_files(typed)}
            for stem in files.keys() - there:
                files[stem].unlink()
            query = typed_records(contract)
            version = hashlib.sha256((WRITTEN + query + str(stamps_of(contract))).encode()).hexdigest()[:16]
            for stem in sorted(there):
                file = files.get(stem, typed / f"{stem}.parquet")
                if typed_by(file) != version:
                    _write(connection, contract, version, landed / f"{stem}.parquet", file, Path(aside))
                    made += 1
    return made


def hold_back(paths: Paths, later: Collection[str]) -> None:
    """Keep the batches `later` (batch ids) from the models, and give them every other again."""
    for file in typed_files(paths.all_typed):
        ending = HELD_BACK if file.stem in later else ".parquet"
        if file.suffix != ending:
            os.replace(file, file.with_suffix(ending))


def typed_files(folder: Path) -> list[Path]:
    """Every batch below a folder, and every contract, whether or not this run may know of it."""
    return [*folder.rglob("*.parquet"), *folder.rglob(f"*{HELD_BACK}")]


def typed_by(file: Path) -> str | None:
    """The hash of the query that made a typed file; null where there is none."""
    if not file.exists():
        return None
    return (pq.read_metadata(file).metadata or {}).get(TYPED_BY, b"").decode()


def typed_records(contract: Contract) -> str:
    """The query over `{landed}` that types one object. Grain: one row per landed record.

    `_refusal` is 'field: reason' of the first value that breaks the contract, else null, and never holds the value.
    """
    names = ", ".join(quoted(c.name) for c in contract.columns)
    refusals = [line for column in contract.columns for line in refusals_of(column)]
    refusals += [line for name in contract.key for line in rounded_key(contract.column(name))]
    refusals += [
        f"when {rule.condition} then {literal(f'{rule.field}: {rule.reason}')}" for rule in contract.rules
    ]
    refusal = "\n".join(["case", *refusals, "end"]) if refusals else "cast(null as varchar)"
    provenance = ", ".join(PROVENANCE)
    return f"select {names}, {provenance}, {refusal} as _refusal\nfrom {_typed_values(contract.columns)}"


def _typed_values(columns: Sequence[Column]) -> str:
    """Some columns of `{landed}`, each as its text and as its type."""
    texts = ",\n".join(f"{trimmed(quoted(c.name))} as {quoted('text ' + c.name)}" for c in columns)
    types = ",\n".join(f"{typed(c)} as {quoted(c.name)}" for c in columns)
    provenance = ", ".join(PROVENANCE)
    return f"(select *, {types}\nfrom (select {texts},\n{provenance}, _time_zone from {{landed}}))"


def stamps_of(contract: Contract) -> list[Column]:
    """The columns whose latest moment tells when an extract was taken."""
    moments = ("timestamp", "local_timestamp", "account_timestamp")
    return [c for c in contract.columns if (c.happened or c.stamp) and c.data_type in moments]


def latest_stamp(
    connection: duckdb.DuckDBPyConnection, contract: Contract, landed: str, day: datetime
) -> datetime | None:
    """The latest moment of `day` that a batch's records tell; null where they tell none."""
    if not (columns := stamps_of(contract)):
        return None
    until = day + timedelta(days=1)
    latest = ", ".join(
        f"max({name}) filter ({name} >= timestamp '{day}' and {name} < timestamp '{until}')"
        for name in (quoted(column.name) for column in columns)
    )
    values = _typed_values(columns).replace("{landed}", landed)
    return connection.execute(f"select greatest({latest}) from {values}").fetchall()[0][0]


def batch_order(stamp: datetime | None, file: str, batch_id: str) -> str:
    """A text that is greater for the later of two batches extracted at one moment.

    A name that holds a day alone says no hour, so the latest stamp within that day goes before the file's name. In it
    numbers count as numbers, and an ending not at all: 'x (10).csv' comes after 'x (2).csv', and that after 'x.csv'.

    >>> batch_order(None, "stripe/x (2).csv", "b1").split("\\t")
    ['', 'stripe', 'x (000000000002)', 'b1']
    """
    names = [re.sub(r"\d+", lambda number: number[0].zfill(12), bare(part)) for part in file.split("/")]
    return "\t".join((stamp.isoformat() if stamp else "", *names, batch_id))


def bare(name: str) -> str:
    """A file's name without its endings."""
    path = PurePosixPath(name)
    while path.suffix.lower() in ENDINGS:
        path = path.with_suffix("")
    return path.name


def trimmed(text: str) -> str:
    """A text without outer spaces, else null. What is plain ASCII between two visible characters is so already, which is
    far cheaper to see than to trim."""
    is_trimmed = f"{text} >= '!' and strlen({text}) = length({text}) and not ends_with({text}, ' ')"
    return f"case when {is_trimmed} then {text} else nullif(trim({text}), '') end"


def typed(column: Column) -> str:
    """A column's text as its type. Casts round and guess in silence, so a value counts only if its text is exactly what
    the type writes; anything else is null here and a refusal."""
    text = quoted("text " + column.name)
    if column.data_type == "date":
        return (
            f"case when {text} between '0' and '9~' and cast(try_cast({text} as date) as varchar) = {text} "
            f"then try_cast({text} as date) end"  # 'infinity' is a date too
        )
    if column.data_type in ("integer", "minor"):
        return f"case when cast(try_cast({text} as bigint) as varchar) = {text} then try_cast({text} as bigint) end"
    if column.data_type == "money":
        return f"case when {matches(text, '-?[0-9]{1,14}([.][0-9]{1,4})?')} then try_cast({text} as decimal(18, 4)) end"
    if column.data_type == "decimal":
        return f"case when {matches(text, '-?[0-9]{1,16}([.][0-9]{1,12})?')} then try_cast({text} as decimal(28, 12)) end"
    if column.data_type == "boolean":
        return f"case when lower({text}) in ('true', '1') then true when lower({text}) in ('false', '0') then false end"
    if column.data_type == "currency":
        return f"case when {matches(text, '[A-Za-z]{3}')} then upper({text}) end"
    if column.data_type == "timestamp":
        return moment_with_offset(text)
    if column.data_type == "local_timestamp":
        return f"case when {matches(text, MOMENT)} then {in_utc(f'try_cast({text} as timestamp)')} end"
    if column.data_type == "account_timestamp":  # screens write the account's time, interfaces UTC
        return (
            f"case when {matches(text, MOMENT)} then {in_utc(f'try_cast({text} as timestamp)')} "
            f"when {matches(text, EPOCH_IN_THOUSANDTHS)} then epoch_ms(try_cast({text} as bigint)) "
            f"else coalesce({in_utc(american_moment(text))}, {moment_with_offset(text)}) end"
        )
    if column.data_type == "json":  # engines take different broken ones for whole
        return f"case when json_valid({text}) then {text} end"
    return text


def in_utc(local: str) -> str:
    """A moment in the zone that the file names, UTC where it names none, as a moment in UTC."""
    return f"timezone('UTC', timezone(coalesce(_time_zone, 'UTC'), {local}))"


def moment_with_offset(text: str) -> str:
    """A moment that is in UTC unless it says otherwise, or epoch seconds."""
    return (
        f"coalesce({usual_moment(text)}, "
        f"case when {matches(text, EPOCH)} then timezone('UTC', to_timestamp(try_cast({text} as bigint))) "
        f"when {matches(text, MOMENT + OFFSET)} "
        f"then timezone('UTC', try_cast(replace({text}, ' +', '+') as timestamptz)) end)"
    )


def usual_moment(text: str) -> str:
    """A moment in UTC as most exports write it; null also where the text may be one all the same."""
    cases = (
        " and ".join(
            [f"{text} like '{pattern}'", *(f"substr({text}, {place}, 1) >= '0'" for place in places)]
        )
        + f" then try_strptime({text}, '{form}')"
        for pattern, form, places in USUAL_MOMENTS
    )
    return f"case when {' when '.join(cases)} end"


def refusals_of(column: Column) -> list[str]:
    """The cases in which a column's value breaks the contract, each with what to say."""
    text, cases = quoted("text " + column.name), []
    if column.required:
        cases.append((f"{text} is null", "missing"))
    if column.data_type in EXPECTED:
        is_wrong = f"{text} is not null and {quoted(column.name)} is null"
        cases.append((is_wrong, EXPECTED[column.data_type]))
    cases += beyond_limits(column)
    if column.allowed:
        allowed = ", ".join(map(literal, column.allowed))
        cases.append((f"{text} not in ({allowed})", f"not one of {', '.join(column.allowed)}"))
    return [f"when {is_wrong} then {literal(f'{column.name}: {why}')}" for is_wrong, why in cases]


def rounded_key(column: Column) -> list[str]:
    """The case in which a spreadsheet wrote a key's long number short, so that several records have one."""
    if column.data_type != "text":
        return []
    text = quoted("text " + column.name)
    is_short = f"{text} like '%E+%' and {matches(text, ROUNDED)}"  # like is cheap, and next to never true
    why = "a number that a spreadsheet has rounded; format its column as text before saving"
    return [f"when {is_short} then {literal(f'{column.name}: {why}')}"]


def beyond_limits(column: Column) -> list[tuple[str, str]]:
    """The cases in which a value has its type and cannot be true."""
    name = quoted(column.name)
    if greatest := GREATEST.get(column.data_type):
        return [(f"{name} not between {-greatest} and {greatest}", f"beyond {greatest:,}")]
    if column.data_type in ("date", "timestamp", "local_timestamp", "account_timestamp"):
        last = LAST_YEAR if column.happened else 9999
        return [(f"year({name}) not between {FIRST_YEAR} and {last}", f"not within {FIRST_YEAR} to {last}")]
    return []


def matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, '{pattern}')"


def _write(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    version: str,
    landed: Path,
    target: Path,
    aside: Path,
) -> None:
    written = aside / target.name
    # The zero-row contract beside a batch has the columns that its export lacked.
    rows = parquet(landed, landed.with_name(CONTRACT_FILE))
    first = connection.execute(
        f"select _system, _batch_id, _file, _extracted_at from {rows} limit 1"
    ).fetchone()
    order = "cast(null as varchar)"
    if first:
        system, batch_id, file, extracted_at = first
        has_hour = extracted_at.time() != time.min
        stamp = None if has_hour else latest_stamp(connection, contract, rows, extracted_at)
        order = constant(batch_order(stamp, file, batch_id))
        # What is the same in every record is written down: cheaper than to read and compress it.
        same = {"_system": system, "_batch_id": batch_id, "_file": file}
        rows = f"(select * replace ({', '.join(f'{constant(value)} as {name}' for name, value in same.items())}) from {rows})"
    records = WRITTEN.format(order=order, records=typed_records(contract).replace("{landed}", rows))
    metadata = f"{{{TYPED_BY.decode()}: {literal(version)}}}"
    connection.execute(f"copy ({records}) to {literal(str(written))} ({PARQUET}, kv_metadata {metadata})")
    synced(written)
    os.replace(written, target)
