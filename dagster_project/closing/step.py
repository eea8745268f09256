"""The step between build and publication: which months close now, and what is known otherwise of those closed before."""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from dagster_project.closing.causes import MONTHS, Comparison, Period
from dagster_project.closing.due import AMOUNTS, MATH, Close, Manifest, due, objects_of
from dagster_project.closing.ledger import (
    FORMAT,
    State,
    asked_for,
    closes,
    forget,
    last_state,
    pending,
    write,
)
from dagster_project.closing.replay import keep, replay
from dagster_project.database import connect
from dagster_project.disk import sync_tree
from dagster_project.identity.parameters import read_parameters
from dagster_project.paths import Paths
from dagster_project.plan import accepted_batches, code_version, later_batches
from dagster_project.publication import Edition
from dagster_project.publication.log import published, read_events
from dagster_project.reference import ReferenceProblems, Table, company_settings, read_reference
from dagster_project.settings import Asked
from dagster_project.sql import literal, parquet
from dagster_project.words import months_later, period_in_words

# Decisions on single batches and records: what they change is told with exports and identity.
DECISIONS = ("batch_decisions", "identity_decisions")

SYSTEMS = "select vendor, system from warehouse.waist.valued_span union select vendor, system from warehouse.waist.purchase"

Resolve = Callable[[Paths], object]


def close(
    paths: Paths,
    manifest: Manifest,
    edition: Edition,
    asked: Asked,
    resolve: Resolve,
    say: Callable[[str], None],
) -> None:
    """Prepare what this edition closes and restates, under `ledger/pending/`. A look back does neither; a trial (`asked`)
    restates only."""
    forget(paths.ledger)
    if edition.as_of_on is None or (edition.view and not asked.is_trial):
        return
    Step(paths, manifest, edition, asked, resolve, say).run()


@dataclass
class Step:
    """One such preparation. `parts` are the files that it tells moved figures in, one for each change."""

    paths: Paths
    manifest: Manifest
    edition: Edition
    asked: Asked
    resolve: Resolve
    say: Callable[[str], None]
    parts: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pending = pending(self.paths.ledger, self.edition.publication_id)
        self.now = self.pending / "state"
        self.aside = self.paths.home / "replayed"
        self.tables = read_reference(self.paths.reference)
        read = objects_of(self.manifest, MATH)
        self.landed = [
            batch for batch in accepted_batches(self.paths) if (batch.vendor, batch.object) in read
        ]
        later = later_batches(self.paths, self.asked)
        self.batches = [batch for batch in self.landed if batch.batch_id not in later]
        self.before = last_state(self.paths.ledger)

    def run(self) -> None:
        shutil.rmtree(self.aside, ignore_errors=True)
        self.aside.mkdir(mode=0o700)
        keep(self.paths, self.now)
        write_basis(self.now, self.basis(), self.tables)
        if self.before:
            self.restate(self.before)
        if not self.asked.is_trial:
            self.close_months()
        if self.parts:
            with connect() as con:
                write(
                    con,
                    f"select * from {parquet(*self.parts)}",
                    self.pending / "restatements" / "moved.parquet",
                )
        sync_tree(self.pending)
        shutil.rmtree(self.aside, ignore_errors=True)

    def basis(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "publication_id": self.edition.publication_id,
            "as_of_on": str(self.edition.as_of_on),
            "code": code_version(),
            "batches": sorted(batch.batch_id for batch in self.batches),
            "parameters": read_parameters(self.paths.ledger).as_json(),
        }

    def restate(self, before: State) -> None:
        """Tell what moved of the months closed before, since the last publication.

        Software first, then reference tables, then exports: what was known then is built again by the software of now, with the
        tables of then and with those of now. What did not change costs no build; nothing does where no figure moved.
        """
        periods = closed_periods(closes(self.paths.ledger))
        with Comparison(self.aside, before.folder, self.now, periods) as compared:
            if not compared.has_moved:
                return
        was, now = before.basis, self.basis()
        changes = []
        if was["code"] != now["code"]:
            changes.append("software")
        if self._changed(before, is_decision=False):
            changes.append("definitions")
        is_known_more = was["batches"] != now["batches"] or was["parameters"] != now["parameters"]
        if is_known_more or self._changed(before, is_decision=True) or not changes:
            changes.append("exports")
        try:
            earlier = read_reference(before.reference)
        except (
            ReferenceProblems
        ):  # the new software cannot read the old tables: what it changed goes with them
            earlier = self.tables
            changes = [change for change in changes if change != "software"]
        folder = before.folder
        for number, change in enumerate(changes, start=1):
            after = self.now
            if number < len(changes):
                after = self.aside / change
                rules = earlier if change == "software" else self.tables
                tables = {**rules, **{name: earlier[name] for name in DECISIONS}}
                asked = Asked(as_of_on=date.fromisoformat(was["as_of_on"]))
                self._replay(was["batches"], tables, asked, after)
            self._compare(folder, after, periods, change)
            folder = after

    def close_months(self) -> None:
        """Freeze what is due: from what is built where all that is known now was known then, from the last publication where
        that was made of it, else from a build of what was known."""
        done = {file.stem for file in closes(self.paths.ledger)}
        told = periods_of([self.now / "customer_math.parquet"])
        found = due(
            [start for kind, start in told if kind == "month" and f"{start:%Y-%m}" not in done],
            self.batches,
            objects_of(self.manifest, AMOUNTS),
            self._systems(),
            self.edition.as_of_on,
            company_settings(self.tables).close_after_days,
            asked_for(self.paths.ledger),
        )
        groups: dict[frozenset[str], list[Close]] = defaultdict(list)
        for each in found:
            groups[each.batches].append(each)
        everything = frozenset(batch.batch_id for batch in self.batches)
        for number, (known, group) in enumerate(groups.items()):
            folder = self.now if known == everything else self._known(known, group[-1], number)
            periods = [period for each in group for period in self._freeze(each, folder)]
            if folder != self.now:
                self._compare(folder, self.now, periods, "exports")
            names = [period_in_words("month", each.month) for each in group]
            told = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
            self.say(f"Closed {told}, on what was known by {group[-1].closed_on}.")

    def _systems(self) -> set[tuple[str, str]]:
        """(vendor, system) of those that contracts and purchases come from."""
        with connect() as con:
            con.execute(f"attach {literal(str(self.paths.warehouse))} as warehouse (read_only)")
            return set(con.execute(SYSTEMS).fetchall())

    def _known(self, known: frozenset[str], last: Close, number: int) -> Path:
        """What was told of these batches, by the last publication or by a build of its own."""
        if self.before:
            was, now = self.before.basis, self.basis()
            same_rules = was["code"] == now["code"] and was["parameters"] == now["parameters"]
            same_tables = not any(self._changed(self.before, is_decision) for is_decision in (False, True))
            was_over = was["as_of_on"] >= str(months_later(last.month, 1) - timedelta(days=1))
            if was_over and same_rules and same_tables and known == frozenset(was["batches"]):
                return self.before.folder
        folder = self.aside / f"known-{number}"
        self._replay(known, self.tables, Asked(as_of_on=last.closed_on, known_on=last.closed_on), folder)
        return folder

    def _replay(
        self, batches: Iterable[str], tables: Mapping[str, Table], asked: Asked, folder: Path
    ) -> None:
        self.say(
            f"Building customer math again, from {len(set(batches)):,} of {len(self.landed):,} batches …"
        )
        replay(self.paths, self.manifest, set(batches), tables, asked, folder, self.resolve)

    def _compare(self, before: Path, after: Path, periods: Sequence[Period], change: str) -> None:
        with Comparison(self.aside, before, after, periods) as compared:
            if compared.has_moved:
                told = compared.by_fact() if change == "exports" else compared.whole(change)
                part = self.aside / f"moved-{len(self.parts)}.parquet"
                told.write_parquet(str(part))
                self.parts.append(part)

    def _freeze(self, each: Close, folder: Path) -> list[Period]:
        """Write what is told of a month, and of a quarter and year that end with it."""
        file = self.pending / "closes" / f"{each.month:%Y-%m}.parquet"
        months = " ".join(f"when {literal(kind)} then {number}" for kind, number in MONTHS.items())
        with connect() as con:
            query = f"""
                select
                    *,
                    cast({literal(str(each.closed_on))} as date) as closed_on,
                    cast({literal(str(each.closed_on))} as date) as known_on,
                    {literal(self.edition.project_version)} as software_version,
                    {self._publication_number()} as closed_by
                from {parquet(folder / "customer_math.parquet")}
                where period_start + to_months(case period_kind {months} end)
                    = cast({literal(str(each.month))} as date) + to_months(1)
                order by all
            """
            write(con, query, file)
        return closed_periods([file])

    def _publication_number(self) -> int:
        """The number that this edition has, or will have, among the publications."""
        earlier = published(read_events(self.paths.ledger))
        return list({**earlier, self.edition.publication_id: None}).index(self.edition.publication_id) + 1

    def _changed(self, before: State, is_decision: bool) -> bool:
        """Whether a reference table of this sort, decision or rule, is another than it was."""
        then = {file.stem: file.read_bytes() for file in before.reference.iterdir()}
        now = {name: table.file.read_bytes() for name, table in self.tables.items() if table.file}
        names = {name for name in {*then, *now} if (name in DECISIONS) == is_decision}
        return any(then.get(name) != now.get(name) for name in names)


def closed_periods(files: Sequence[Path]) -> list[Period]:
    """The periods that some closes hold; of a month of which nothing was told, the month."""
    months = {("month", date.fromisoformat(f"{file.stem}-01")) for file in files}
    return sorted(months.union(periods_of(files)))


def periods_of(files: Sequence[Path]) -> list[Period]:
    """The periods that some files of customer math tell of."""
    if not files:
        return []
    with connect() as con:
        return con.execute(
            f"select distinct period_kind, period_start from {parquet(*files)} order by all"
        ).fetchall()


def write_basis(folder: Path, basis: Mapping[str, object], tables: Mapping[str, Table]) -> None:
    (folder / "reference").mkdir()
    for name, table in tables.items():
        if table.file:
            shutil.copyfile(table.file, folder / "reference" / f"{name}.csv")
    (folder / "basis.json").write_text(json.dumps(basis), encoding="utf-8")
