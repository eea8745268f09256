"""A warehouse that holds nothing but what the identity step reads, for tests of that step alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from simulator.duplicates import COLUMNS, Duplicates

from dagster_project.identity.memory import remember
from dagster_project.identity.resolve import Resolution, resolve
from dagster_project.inputs import write_input
from dagster_project.paths import Paths

DESCRIBED = ("name", "email", "domain", "phone", "street", "city", "postcode")
REFERENCES = ("vendor", "system", "object", "source_ref")
DECIDED = (
    "decision",
    *REFERENCES,
    *(f"other_{name}" for name in REFERENCES),
    "decided_by",
    "decided_on",
    "why",
)


@dataclass(frozen=True)
class Record:
    """A record of the in-house system `shop`, or of another one; `kind` null: others only name it."""

    source_ref: str
    kind: str | None = "organisation"
    created_on: date | None = date(2024, 1, 1)
    is_test: bool = False
    described: dict[str, str] = field(default_factory=dict)
    vendor: str = "plain"
    system: str = "shop"
    is_mention: bool = False


# reference, rule, key, and the day on which it is stated
Key = tuple[str, str, str] | tuple[str, str, str, date]


def person(reference: str, **described: str) -> Record:
    return Record(reference, "person", described=described)


def organisation(reference: str, **described: str) -> Record:
    return Record(reference, described=described)


@dataclass
class Warehouse:
    """One company. Each run resolves the records it is given; `publish` makes the ledger remember the last one."""

    home: Path
    engine: str = "duckdb"

    @property
    def paths(self) -> Paths:
        return Paths(exports=self.home, reference=self.home, home=self.home, engine=self.engine)

    def resolve(
        self,
        records: Sequence[Record],
        keys: Iterable[Key] = (),
        decisions: Iterable[tuple[str, str, str]] = (),
        unique_sources: Iterable[str] = (),
        as_of_on: date | None = date(2026, 1, 31),
        known_before: datetime | None = None,
    ) -> Resolution:
        """Resolve records, with exact keys besides those that follow from their mailboxes and domains, and with decisions
        (decision, reference, other reference)."""
        paths = self.paths
        paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
        paths.warehouse.unlink(missing_ok=True)
        rows = [
            {
                "vendor": record.vendor, "system": record.system, "object": "customers", "source_ref": record.source_ref,
                "kind": record.kind, "created_on": record.created_on, "is_test": record.is_test,
                "is_mention": record.is_mention,
                "is_orphan": record.kind is None, **{name: record.described.get(name) for name in DESCRIBED},
            }
            for record in records
        ]  # fmt: skip
        places = {record.source_ref: (record.vendor, record.system) for record in records}
        somewhere = ("plain", "shop")
        held = [*keys, *self._own_keys(records)]
        with duckdb.connect(str(paths.warehouse)) as con:
            con.execute("create schema waist")
            text = [*REFERENCES, "kind", *DESCRIBED]
            schema = pa.schema(
                [(name, pa.string()) for name in text]
                + [("created_on", pa.date32())]
                + [(name, pa.bool_()) for name in ("is_test", "is_mention", "is_orphan")]
            )
            con.register("given", pa.Table.from_pylist(rows, schema))
            con.execute("create table waist.identity_record as select * from given")
            named = [
                (*places[ref], "customers", ref, *key, *([None] if len(key) == 2 else []))
                for ref, *key in held
            ]
            con.register("named", _table(named, (*REFERENCES, "match_rule", "match_key", "stated_on")))
            con.execute("create table waist.identity_key as select * from named")
            con.execute("create table waist.as_of as select cast(? as date) as as_of_on", [as_of_on])
        decided = [
            ("must_link" if decision == "must_link" else "cannot_link",)
            + (*places.get(one, somewhere), "customers", one)
            + (*places.get(other, somewhere), "customers", other)
            + ("team:cco-office", date(2026, 1, 15), "a call with the customer")
            for decision, one, other in decisions
        ]
        self._write("reference", "identity_decisions", decided, DECIDED)
        self._write(
            "reference",
            "batch_policy",
            [(vendor, "customers", True) for vendor in unique_sources],
            ("vendor", "object", "is_deduplicated"),
        )
        write_input(
            paths.input("run", "settings"),
            pa.table({"known_before": pa.array([known_before], pa.timestamp("us"))}),
        )
        return resolve(paths)

    def customers(self) -> dict[str, str]:
        """The customer of each reference now."""
        return dict(self.rows("cluster", "source_ref, customer_id", "where valid_to is null"))

    def groups(self) -> set[frozenset[str]]:
        """The references of each customer now."""
        found: dict[str, set[str]] = {}
        for reference, customer in self.customers().items():
            found.setdefault(customer, set()).add(reference)
        return {frozenset(references) for references in found.values()}

    def pieces(self, reference: str) -> list[tuple[str, date | None, date | None]]:
        """The customers that a record belonged to, each with its days."""
        return self.rows(
            "cluster",
            "customer_id, valid_from, valid_to",
            f"where source_ref = '{reference}' order by valid_from nulls first",
        )

    def rows(self, outcome: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
        return duckdb.sql(
            f"select {columns} from '{self.paths.input('identity', outcome)}' {rest}"
        ).fetchall()

    def publish(self, publication_id: str, published_at: str = "2026-02-01T00:00:00+00:00") -> None:
        """As a publication does: what readers got is what the ledger knows."""
        published = self.home / f"{publication_id}.parquet"
        duckdb.sql(
            f"""copy (
                select * replace (
                    case when source_ref like '%@%' then 'hashed:' || md5(source_ref) else source_ref end as source_ref
                ) from '{self.paths.input("identity", "cluster")}'
            ) to '{published}'"""
        )
        remember(self.paths.ledger, published, publication_id, published_at)

    def _own_keys(self, records: Sequence[Record]) -> Iterable[Key]:
        """The keys that the models make of a record's own fields."""
        for record in records:
            mailbox, domain = record.described.get("email"), record.described.get("domain")
            if record.is_test:
                continue
            if mailbox:
                yield record.source_ref, "email", mailbox
            if domain or (mailbox and mailbox.endswith(".example")):
                yield record.source_ref, "company_domain", domain or mailbox.partition("@")[2]

    def _write(self, source: str, table: str, rows: Sequence[tuple], columns: Sequence[str]) -> None:
        write_input(self.paths.input(source, table), _table(rows, columns))


def _table(rows: Sequence[tuple], columns: Sequence[str]) -> pa.Table:
    types = {"decided_on": pa.date32(), "stated_on": pa.date32(), "is_deduplicated": pa.bool_()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in columns])
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)


def planted(count: int, seed: int = 7) -> tuple[list[Record], list[Key]]:
    """The first records of some customers of `simulator.duplicates`, and the memberships they state."""
    made = Duplicates(seed)
    found = list(islice((each.record for number in range(count) for each in made.records(number)), count))
    columns = COLUMNS["crm"].split(",")
    records, parents = [], []
    for one in found:
        row = dict(zip(columns, one.row(columns), strict=True))
        described = {name: row[name] for name in DESCRIBED if row[name]}
        day = date.fromisoformat(row["created_at"][:10])
        records.append(Record(one.ref, row["kind"], day, described=described, system=one.system))
        parents += [(one.ref, one.parent_ref)] if one.parent_ref in {each.ref for each in found} else []
    return records, [(ref, "member_of", parent) for member, parent in parents for ref in (member, parent)]
