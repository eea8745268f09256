"""Months close on what was known, stay as they were told, and every later difference has its causes, which add up to it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.closing import ask_to_close, closings, settle, step, write_tables
from dagster_project.closing.causes import CAUSES
from dagster_project.closing.due import Batch, due
from dagster_project.closing.ledger import pending, write
from dagster_project.closing.measures import MEASURES
from dagster_project.closing.trial import told as told_of_trial
from dagster_project.errors import UserError
from dagster_project.great_expectations_duckdb import CheckResult
from dagster_project.identity.resolve import resolve
from dagster_project.paths import Paths
from dagster_project.publication import AuditFailed, Edition, publish, publishing, recover
from dagster_project.settings import Asked
from tests import company
from tests.oracles.customer_math import Facts, customer_math, periods, value_movements
from tests.oracles.facts_from_plain import facts_from_plain
from tests.oracles.restatements import Key, causes_of, figures
from tests.publication_warehouse import make_edition, make_paths, make_warehouse, no_audit

# Told on 3 February; on 5 March it is known that c2 had left in January, that c4 paid more all along, and of one customer more who
# came in December and one who came in February; on 20 March, that c6 is c5, and that c7 came a day earlier.
DROPS = {
    "customers_2026-02-03.csv": """\
customer_ref,kind,name,email,segment,created_at
c1,organisation,Alder Works,,large,2026-01-02
c2,organisation,Birch Goods,,small,2026-01-02
c4,organisation,Dogwood Tiles,,small,2026-01-02
c5,person,Elm Ash,elm@gmail.com,small,2026-01-02
c6,person,Fir Fen,fir@gmail.com,small,2026-01-02
c7,organisation,Gorse Mill,,small,2026-01-02
c9,organisation,Iris Dyes,,small,2026-02-03
""",
    "subscriptions_2026-02-03.csv": """\
subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
s1,c1,2026-01-05,2026-01-15,100.00,EUR,month
s1,c1,2026-01-22,,100.00,EUR,month
s2,c2,2026-01-10,,20.00,EUR,month
s4,c4,2026-01-12,,50.00,EUR,month
s5,c5,2026-01-15,,40.00,EUR,month
s6,c6,2026-01-16,,60.00,EUR,month
s7,c7,2026-01-18,,70.00,EUR,month
""",
    "customers_2026-03-05.csv": """\
customer_ref,kind,name,email,segment,created_at
c3,organisation,Cedar Foods,,small,2026-02-01
c8,organisation,Hazel Row,,large,2025-12-01
c9,organisation,Iris Dyes,,small,2026-03-05
""",
    "subscriptions_2026-03-05.csv": """\
subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
s2,c2,2026-01-10,2026-01-28,20.00,EUR,month
s4,c4,2026-01-12,,55.00,EUR,month
s3,c3,2026-02-10,,30.00,EUR,month
s8,c8,2025-12-20,,80.00,EUR,month
""",
    "customers_2026-03-20.csv": """\
customer_ref,kind,name,email,segment,created_at
c6,person,Elm Ash,elm@gmail.com,small,2026-01-02
c9,organisation,Iris Dyes,,small,2026-03-20
""",
    "subscriptions_2026-03-20.csv": """\
subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
s7b,c7,2026-01-17,2026-01-18,70.00,EUR,month
""",
}
NEVER_HELD = (
    "vendor,object,minimum_row_share,minimum_value_share\nplain,customers,0,0\nplain,subscriptions,0,0\n"
)
FIRST, SECOND, THIRD = "2026-02-03", "2026-03-05", "2026-03-20"
LATER_SOFTWARE = (  # somebody's newer version finds that whoever is new is worth 1 more
    "select * replace (case when movement = 'new' then cast(mrr_value + 1 as decimal(18, 4)) else mrr_value end as mrr_value) from"
)


class Company:
    """A company whose drops arrive one after the other; `publish` does what a refresh does, as far as closes are concerned."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths = Paths(folder / "exports", folder / "reference", folder / "home")
        self.paths.reference.mkdir(parents=True)
        (self.paths.reference / "batch_policy.csv").write_text(NEVER_HELD)
        self.patch = monkeypatch
        self.replays: list[int] = []
        self.patch.setattr("dagster_project.closing.replay.compiled_models", self._compiled)
        replayed = step.replay

        def counted(paths: Paths, manifest: dict, batches: set[str], *rest: object) -> None:
            self.replays.append(len(batches))
            replayed(paths, manifest, batches, *rest)

        self.patch.setattr(step, "replay", counted)

    def _compiled(self, paths: Paths, files: list[str]) -> dict[str, str]:
        nodes = company.manifest("duckdb")["nodes"]
        return {
            nodes[model.unique_id]["original_file_path"]: model.sql.replace(str(company.COMPILED_FOR), str(paths.home))
            for model in company.models()
        }  # fmt: skip

    def receive(self, drop: str) -> None:
        folder = self.paths.exports / "plain"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in DROPS.items():
            if drop in name:
                (folder / name).write_text(text)

    def change_software(self) -> None:
        models = [
            replace(model, sql=f"{LATER_SOFTWARE} ({model.sql})") if model.name == "movement" else model
            for model in company.models()
        ]
        self.patch.setattr(company, "models", lambda: models)
        self.patch.setattr(step, "code_version", lambda: "later")

    def publish(
        self, publication_id: str, as_of_on: date, is_trial: bool = False, known_on: date | None = None
    ) -> duckdb.DuckDBPyConnection:
        """The tables as published; what they show is settled, unless it is a trial."""
        self.replays.clear()
        asked = Asked(as_of_on=as_of_on, known_on=known_on, is_trial=is_trial)
        company.land_exports(self.paths, asked)
        company.build_landed(self.paths, rooms=["customer_assets"]).close()
        edition = Edition(
            as_of_on,
            publication_id,
            "1",
            datetime(2026, 4, 1, tzinfo=UTC),
            view="restate" if is_trial else None,
        )
        step.close(self.paths, company.manifest("duckdb"), edition, asked, resolve, lambda _: None)
        published = duckdb.connect()
        published.execute(f"attach '{self.paths.warehouse}' as warehouse (read_only)")
        published.execute(
            "create table customer_math as select * from warehouse.customer_assets.customer_math"
        )
        published.execute("detach warehouse")
        write_tables(published, closings(self.paths.ledger, edition.publication_id), "main", "customer_math")
        if not is_trial:
            settle(self.paths.ledger, edition.publication_id)
        return published

    def frozen(self) -> dict[str, bytes]:
        files = [*self.paths.ledger.glob("closes/*"), *self.paths.ledger.glob("restatements/*")]
        return {file.name: file.read_bytes() for file in files}

    def facts(self, *drops: str) -> Facts:
        """What the oracle reads of some drops; a customer that never buys is entered on the day of each, which is the as-of day."""
        folder = self.paths.home.parent / "oracle"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "plain").mkdir(parents=True)
        for name, text in DROPS.items():
            if any(drop in name for drop in drops):
                (folder / "plain" / name).write_text(text)
        return facts_from_plain(folder, self.paths.reference)[0]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    yield Company(tmp_path, monkeypatch)


def closed(published: duckdb.DuckDBPyConnection) -> dict[Key, Decimal]:
    rows = published.execute("select * from period_close")
    names = [column[0] for column in rows.description]
    return figures((dict(zip(names, row, strict=True)) for row in rows.fetchall()), MEASURES)


def restated(published: duckdb.DuckDBPyConnection) -> dict[Key, dict[str, Decimal]]:
    listed = ", ".join(("reported", "known_now", "difference", *CAUSES))
    rows = published.execute(
        f"select period_kind, period_start, segment, value_basis, measure, {listed} from restatements"
    ).fetchall()
    return {row[:5]: dict(zip(listed.split(", "), row[5:], strict=True)) for row in rows}


def tells_one_story(published: duckdb.DuckDBPyConnection) -> None:
    """What was reported, and the causes, make what is known now, in every closed figure."""
    math = published.execute("select * from customer_math")
    names = [column[0] for column in math.description]
    known = figures((dict(zip(names, row, strict=True)) for row in math.fetchall()), MEASURES)
    told, moved = closed(published), restated(published)
    for key in told:
        causes = sum((moved[key][cause] for cause in CAUSES), Decimal(0)) if key in moved else Decimal(0)
        assert told[key] + causes == known.get(key, 0), key
    for key, parts in moved.items():
        assert parts["reported"] == told.get(key, 0) and parts["known_now"] == known.get(key, 0)
        assert parts["difference"] == parts["known_now"] - parts["reported"]


def of_cause(moved: dict[Key, dict[str, Decimal]], *causes: str) -> dict[Key, dict[str, Decimal]]:
    found = {key: {cause: parts[cause] for cause in causes if parts[cause]} for key, parts in moved.items()}
    return {key: parts for key, parts in found.items() if parts}


def test_a_difference_has_its_causes_and_what_was_reported_stays(small: Company) -> None:
    small.receive(FIRST)
    small.receive(SECOND)
    as_of = date(2026, 3, 5)
    first = small.publish("one", as_of)

    # January closed on 5 February, when the first drop alone was known; February just now.
    assert small.replays == [2]
    then, now = small.facts(FIRST), small.facts(FIRST, SECOND)
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    by_month = {
        january: figures(customer_math(then), MEASURES),
        february: figures(customer_math(now), MEASURES),
    }
    assert closed(first) == {
        key: amount
        for month, told in by_month.items()
        for key, amount in told.items()
        if key[:2] == ("month", month)
    }
    days = first.execute(
        "select distinct period_start, closed_on, known_on from period_close order by all"
    ).fetchall()
    assert days == [(january, date(2026, 2, 5), date(2026, 2, 5)), (february, as_of, as_of)]
    movements = value_movements(then), value_movements(now)
    of_january = [
        period for period in periods(now, movements[1]) if (period.kind, period.start) == ("month", january)
    ]
    expected = causes_of(*movements, set(), of_january)
    assert of_cause(restated(first), *CAUSES) == expected | december_of(first)
    assert {cause for parts in expected.values() for cause in parts} == {"late", "back_dated", "corrected"}
    tells_one_story(first)
    frozen = small.frozen()

    # A definition, the software and the exports change at once: two builds tell them apart.
    (small.paths.reference / "settings.csv").write_text("setting,value\ngrace_days,10\n")
    small.receive(THIRD)
    trial = small.publish("two", date(2026, 3, 20), is_trial=True)
    small.change_software()
    second = small.publish("two", date(2026, 3, 20))
    assert small.replays == [4, 4] and not (set(small.frozen()) - set(frozen)) - {
        "00002-2026-03-20-two.parquet"
    }
    assert {name: content for name, content in small.frozen().items() if name in frozen} == frozen
    assert closed(second) == closed(first)
    tells_one_story(second)
    tells_one_story(trial)

    months = [
        period for period in periods(now, movements[1]) if period.kind == "month" and period.start <= february
    ]
    same_rules = figures(customer_math(now), MEASURES)
    bridged = small.facts(FIRST, SECOND)
    by_definition = {
        key: amount - same_rules[key]
        for key, amount in figures(customer_math(bridged), MEASURES).items()
        if key[0] == "month" and key[1] <= february and amount != same_rules[key]
    }
    merged = small.facts(FIRST, SECOND, THIRD)
    remade = {"plain/c5", "plain/c6"}
    by_fact = causes_of(value_movements(bridged), value_movements(merged), remade, months)
    step_two = {
        key: {
            cause: parts[cause] - restated(first).get(key, dict.fromkeys(CAUSES, Decimal(0)))[cause]
            for cause in CAUSES
        }
        for key, parts in restated(trial).items()
    }
    assert of_cause(step_two, "late", "back_dated", "corrected", "identity") == by_fact
    assert {"late", "back_dated", "identity"} <= {cause for parts in by_fact.values() for cause in parts}
    assert (
        by_definition
        == {key: parts["definitions"] for key, parts in of_cause(step_two, "definitions").items()}
        != {}
    )
    key = ("month", january, "all", "mrr")
    assert restated(second)[*key, "new_value"]["software"] == 6  # c1, c2, c4 to c7: as many as were new then
    assert not of_cause(step_two, "software")

    # What a trial prints.
    for name, published in (("current", first), ("trial", trial)):
        file = small.paths.published / name / "parquet" / "governance" / "restatements.parquet"
        file.parent.mkdir(parents=True)
        published.execute(f"copy restatements to '{file}'")
    lines = told_of_trial(small.paths.published / "current", small.paths.published / "trial")
    (line,) = [line for line in lines if line.startswith("  February 2026, closing_customers: ")]
    assert line == "  February 2026, closing_customers: 7.00 would be 6.00 (2 customers; identity -1.00)"
    same = told_of_trial(small.paths.published / "trial", small.paths.published / "trial")
    assert same[0] == "No closed figure would move."

    # Nothing new: nothing is replayed, and what is written stays.
    third = small.publish("three", date(2026, 3, 20))
    assert small.replays == [] and small.frozen().keys() == {*frozen, "00002-2026-03-20-two.parquet"}
    assert restated(third) == restated(second)


def test_a_trial_as_known_on_a_day_builds_what_was_published_from_batches_that_it_may_not_know(
    small: Company,
) -> None:
    small.receive(FIRST)
    small.receive(SECOND)
    as_of = date(2026, 3, 5)
    published = small.publish("one", as_of)
    (small.paths.reference / "settings.csv").write_text("setting,value\ngrace_days,10\n")
    of_all = small.publish("two", as_of, is_trial=True)
    earlier = small.publish("two", as_of, is_trial=True, known_on=date(2026, 2, 4))
    assert small.replays == [4]  # of four batches, two of which it keeps from its own models

    def moved(trial: duckdb.DuckDBPyConnection, *causes: str) -> dict[Key, Decimal]:
        """By how much the trial moved each figure for these causes; the publication had told of some already."""
        told, before = restated(trial), restated(published)
        difference = {
            key: sum(told.get(key, {}).get(cause, 0) - before.get(key, {}).get(cause, 0) for cause in causes)
            for key in told.keys() | before.keys()
        }
        return {key: amount for key, amount in difference.items() if amount}

    assert moved(of_all, "definitions") == moved(earlier, "definitions") != {}
    without_them = moved(earlier, *(cause for cause in CAUSES if cause != "definitions"))
    assert without_them and not moved(of_all, *(cause for cause in CAUSES if cause != "definitions"))
    tells_one_story(of_all)
    tells_one_story(earlier)


def december_of(published: duckdb.DuckDBPyConnection) -> dict[Key, dict[str, Decimal]]:
    """Of December nothing was told as it closed, and nothing is closed of it but that."""
    return {
        key: parts
        for key, parts in of_cause(restated(published), *CAUSES).items()
        if key[1] < date(2026, 1, 1)
    }


def test_a_close_that_was_cut_off_is_settled_once_and_one_without_its_publication_never(
    small: Company,
) -> None:
    small.receive(FIRST)
    small.publish("one", date(2026, 2, 5))
    frozen = small.frozen()
    assert list(frozen) == ["2026-01.parquet"]
    for folder in ("closes", "states"):
        assert list((small.paths.ledger / folder).iterdir())

    small.receive(SECOND)
    company.land_exports(small.paths, Asked())
    ask_to_close(small.paths.ledger, date(2026, 2, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(
            globals(), "settle", lambda *_: None
        )  # killed before readers had it, or before it was settled
        published = small.publish("two", date(2026, 3, 4))
    assert small.frozen() == frozen
    told = closed(published)
    assert {key[1] for key in told} == {date(2026, 1, 1), date(2026, 2, 1)}  # February by hand, a day early
    settle(small.paths.ledger, "another")
    assert small.frozen() == frozen
    for _ in range(2):
        settle(small.paths.ledger, "2026-03-04-two")
        assert set(small.frozen()) == {
            *frozen,
            "2025-12.parquet",
            "2026-02.parquet",
            "00001-2026-03-04-two.parquet",
        }
    assert {name: small.frozen()[name] for name in frozen} == frozen
    assert not (small.paths.ledger / "pending").exists() or not list(
        (small.paths.ledger / "pending").iterdir()
    )

    shutil.rmtree(small.paths.ledger / "states")
    with pytest.raises(UserError, match="restore .* from a backup"):
        small.publish("three", date(2026, 3, 5))
    (small.paths.ledger / "closes" / "2026-01.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match="2026-01.parquet is damaged"):
        closings(small.paths.ledger, "three")


def test_what_closes_when() -> None:
    def batch(name: str, system: str, object: str, day: int) -> Batch:
        return Batch(name, "plain", system, object, datetime(2026, 3, day, 2))

    batches = [
        batch("a", "plain", "subscriptions", 3), batch("b", "plain", "subscriptions", 7), batch("c", "plain", "customers", 1),
        batch("d", "shop", "purchases", 4), batch("e", "sales", "subscriptions", 6),
    ]  # fmt: skip
    billing = {("plain", "subscriptions"), ("plain", "purchases")}
    systems = {("plain", "plain"), ("plain", "shop")}
    months = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]

    def told(as_of_on: date, batches: list[Batch] = batches, asked_for: tuple[str, ...] = ()) -> list[tuple]:
        found = due(months, batches, billing, systems, as_of_on, 5, asked_for)
        return [(f"{each.month:%m}", each.closed_on.day, "".join(sorted(each.batches))) for each in found]

    before = [
        ("12", 4, "acd"),
        ("01", 4, "acd"),
    ]  # not before each system that bills or sells had sent something
    assert told(date(2026, 3, 4)) == before
    assert told(date(2026, 3, 5)) == [*before, ("02", 5, "acd")]
    assert told(date(2026, 3, 4), asked_for=("2026-02", "2026-03")) == [*before, ("02", 7, "abcde")]
    assert told(date(2026, 3, 5), [batches[2]]) == []


def test_a_close_waits_for_its_publication_and_survives_a_kill_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = make_paths(tmp_path)
    make_warehouse(paths)
    edition = make_edition()
    waiting = pending(paths.ledger, edition.publication_id) / "closes" / "2026-09.parquet"
    row = "select 'month' as period_kind, date '2026-09-01' as period_start, 'all' as segment, 'mrr' as value_basis"
    with duckdb.connect() as con:
        write(con, f"{row}, date '2026-10-05' as closed_on", waiting)
    frozen, told = paths.ledger / "closes" / "2026-09.parquet", waiting.read_bytes()

    failed = CheckResult("a law", "governance.period_close", False, 1, None, "select 1", None)
    with pytest.raises(AuditFailed):
        publish(paths, edition, lambda *_: [failed])
    assert not frozen.exists()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, "settle", killed)
        publish(paths, edition, no_audit)
    with duckdb.connect(str(paths.current / "one_company.duckdb"), read_only=True) as con:
        assert con.execute("select period_start, closed_on from governance.period_close").fetchall() == [
            (date(2026, 9, 1), date(2026, 10, 5))
        ]
    assert not frozen.exists()
    recover(paths)
    assert frozen.read_bytes() == told
