"""The figures as a page."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.company import Figures
from bench.goals import goals, in_words
from bench.identity import IdentityFigures
from bench.listening import ListeningFigures
from bench.sample import SampleFigures

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations")
MEGABYTE = 1_000_000
NOTES = Path(__file__).parent / "notes.md"  # what figures alone cannot tell: kept by hand
BUSY = 0.5  # processes that already want a core when a measurement begins


def megabytes(f: Figures, *names: str) -> str:
    return " / ".join(f"{f.peak_bytes(name) / MEGABYTE:,.0f}" for name in names)


ROWS = (
    ("Exports, MB", lambda f: f"{f.exports_bytes / MEGABYTE:,.1f}"),
    ("Simulated in, s", lambda f: f"{f.seconds('simulate'):,.1f}"),
    ("Rows landed", lambda f: f"{f.measured['land'].told['rows']:,}"),
    ("**Landing**, s", lambda f: f"{f.seconds('land'):,.2f}"),
    ("DuckDB `copy`, s", lambda f: f"{f.seconds('copy'):,.2f}"),
    ("Typing what was landed, s", lambda f: f"{f.measured['land'].told['typing_seconds']:,.2f}"),
    ("Spans", lambda f: f"{f.measured['window_pass'].told['spans']:,}"),
    ("**Ledger and customer math, `mrr`**, s", lambda f: f"{f.seconds('mrr_ledger'):,.2f}"),
    ("Window pass, s", lambda f: f"{f.seconds('window_pass'):,.2f}"),
    ("Month spine, s", lambda f: f"{f.seconds('month_spine'):,.2f}"),
    ("Rows of the month spine", lambda f: f"{f.measured['month_spine'].told['rows']:,}"),
    ("Ledger and customer math, all of it, s", lambda f: f"{f.seconds('whole_ledger'):,.2f}"),
    ("The ledger of one company, s", lambda f: part_of(f, "ledger")),
    ("**Variance of all profiles**, s", lambda f: part_of(f, "variance")),
    ("Variance and bridges, s", lambda f: part_of(f, "with_bridges")),
    ("**`dbt build`**, s", lambda f: f"{f.seconds('dbt_build'):,.1f}"),
    ("`dbt build` in models / in tests, s", lambda f: models_and_tests(f, "dbt_build")),
    ("Its SQL straight, s", lambda f: f"{f.seconds('straight'):,.1f}"),
    ("Its SQL in models / in tests, s", lambda f: models_and_tests(f, "straight")),
    ("**Whole refresh**, s", lambda f: f"{f.seconds('job'):,.1f}"),
    ("Whole refresh, CPU s", lambda f: f"{f.measured['job'].usage.cpu_seconds:,.1f}"),
    ("**Refresh, 1% of the rows new**, s", lambda f: f"{f.seconds('later_job'):,.1f}"),
    ("**Peak memory, whole refresh**, MB", lambda f: megabytes(f, "job")),
    ("Peak memory, landing / `copy`, MB", lambda f: megabytes(f, "land", "copy")),
    ("Peak memory, `dbt build` / its SQL, MB", lambda f: megabytes(f, "dbt_build", "straight")),
    ("Peak memory, ledger / month spine, MB", lambda f: megabytes(f, "mrr_ledger", "month_spine")),
    ("Load of the machine before", lambda f: f"{f.load_before:.1f}"),
)


def part_of(f: Figures, part: str) -> str:
    return f"{f.measured['ways_of_counting'].told[part]['seconds']:,.2f}"


def models_and_tests(f: Figures, name: str) -> str:
    told = f.measured[name].told
    return f"{told['models']:,.1f} / {told['tests']:,.1f}"


def goals_table(
    figures: Sequence[Figures], sample: SampleFigures, identity: IdentityFigures, listening: ListeningFigures
) -> str:
    rows = [("What", "Against", "Goal", "Measured", "")]
    rows += [
        (one.what, one.against, one.wanted, one.shown, in_words(one.reached))
        for one in goals(figures, sample, identity, listening)
    ]
    return markdown(rows, ["left"] * 5)


def figures_table(figures: Sequence[Figures]) -> str:
    """One column per company."""
    rows = [("Customers", *(f"{one.customers:,}" for one in figures))]
    rows += [(name, *(known(shown, one) for one in figures)) for name, shown in ROWS]
    return markdown(rows, ["left", *["right"] * len(figures)])


def identity_table(f: IdentityFigures) -> str:
    told = f.measured["resolve_all"].told
    rows = [
        ("Source records", f"{f.records:,}"),
        ("Customers found", f"{told['customers']:,}"),
        ("Pairs compared", f"{told['compared']:,}"),
        ("Pairs for review", f"{told['for_review']:,}"),
        ("**The identity step**, s", f"{f.seconds('resolve_all'):,.1f}"),
        ("Splink alone on the same pairs, s", f"{f.seconds('splink_alone'):,.1f}"),
        ("**The step, 1% of the records new**, s", f"{f.seconds('resolve_later'):,.1f}"),
        ("Pairs compared then", f"{f.measured['resolve_later'].told['compared']:,}"),
        ("**Peak memory, the step**, MB", f"{f.measured['resolve_all'].usage.peak_bytes / MEGABYTE:,.0f}"),
    ]
    return markdown([("What", "Measured"), *rows], ["left", "right"])


def listening_table(f: ListeningFigures) -> str:
    sizes = sorted(f.refreshes)
    refreshes = [f.refreshes[size] for size in sizes]
    rows = [
        ("Invitations", *(f"{size:,}" for size in sizes)),
        ("**Whole refresh**, s", *(f"{one.seconds:,.1f}" for one in refreshes)),
        ("Whole refresh, CPU s", *(f"{one.usage.cpu_seconds:,.1f}" for one in refreshes)),
        (
            "**Peak memory, whole refresh**, MB",
            *(f"{one.usage.peak_bytes / MEGABYTE:,.0f}" for one in refreshes),
        ),
        ("**Who is asked too often**, s", *[""] * (len(sizes) - 1), f"{f.asked_too_often.seconds:,.1f}"),
        (
            "Window pass over the invitations, s",
            *[""] * (len(sizes) - 1),
            f"{f.send_window_pass.seconds:,.1f}",
        ),
    ]
    return markdown(rows, ["left", *["right"] * len(sizes)])


def known(shown: Callable[[Figures], str], figures: Figures) -> str:
    """A figure, or nothing where it was not measured."""
    try:
        return shown(figures)
    except KeyError:
        return ""


def markdown(rows: Sequence[Sequence[str]], sides: Sequence[str]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    rule = [
        f":{'-' * (w - 1)}" if side == "left" else f"{'-' * (w - 1)}:"
        for w, side in zip(widths, sides, strict=True)
    ]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.ljust(w) if side == "left" else cell.rjust(w)
            for cell, w, side in zip(row, widths, sides, strict=True)
        )
        return f"| {' | '.join(cells)} |"

    return "\n".join([line(rows[0]), f"| {' | '.join(rule)} |", *(line(row) for row in rows[1:])])


def page(
    figures: Sequence[Figures],
    sample: SampleFigures,
    identity: IdentityFigures,
    listening: ListeningFigures,
    command: str,
) -> str:
    """docs/benchmark.md."""
    largest = [one for one in figures if one.has("job")][-1]
    straight, ledger = ([one for one in figures if one.has(name)][-1] for name in ("straight", "mrr_ledger"))
    return f"""# Benchmark

Made by `{command}` on {date.today().isoformat()}. {machine(straight.measured["straight"].told["threads"])}
{busy(figures)}
## Goals

{goals_table(figures, sample, identity, listening)}

The sample company is the one that comes with the project: its refresh took {sample.refresh_seconds:,.1f} s, a bare
`dbt build` {sample.dbt_build_seconds:,.1f} s, the imports {sample.import_seconds:,.1f} s (whole processes, median of three).

## Figures

{figures_table(figures)}

## One customer out of many records

{identity_table(identity)}

## The listening path

{listening_table(listening)}

## Where the time goes

A refresh of {largest.customers:,} customers, by step. {largest.job_steps}

The slowest models and tests for {straight.customers:,} customers, run straight:

{listed(straight.measured["straight"].told["slowest"])}

The models of the ledger and customer math for {ledger.customers:,} customers, where there is nothing but spans:

{listed(ledger.measured["mrr_ledger"].told["nodes"])}

{NOTES.read_text(encoding="utf-8")}
## What is measured

Each company comes from `seeds/exports/simulate.py --clean`: 36 months of Salesforce, Stripe and Qualtrics
exports and a small shop, with its zip files unpacked. Each measurement has a process of its own, and an empty
home or warehouse.

- **Landing** reads, counts, checks and writes every export, each as its own durable batch. DuckDB's
  `copy (select * from read_csv(…, all_varchar = true)) to …` writes the same files to Parquet, without any
  check; it takes the two extra header rows of a Qualtrics file for data. No start of Python is timed.
  What was landed is then typed for the models, once per batch; that is part of the refresh.
- **Ledger and customer math, `mrr`** is the compiled SQL of the models listed above, run straight: from the priced
  spans to `customer_math`, for the whole company and each segment. What only `trailing_12m` and buyers without a
  contract need is empty there, as in a company that has contracts alone; `mrr` is checked to be the same as with it.
  *All of it* is the same with every value basis.
- **Window pass** is `select *, sum(monthly_amount) over (partition by customer_id order by valid_from)` over the
  same spans, into a table.
- **Month spine** is one statement over the same spans, given their value in the reporting currency: customers ×
  months on `valid_from <= month_end and valid_to > month_end`, summed, compared with the month before by `lag`,
  classified. The customers and value at the end of every month, of the company and of each segment, must
  equal the ledger's.
- **Variance of all profiles** is the SQL of the models from `definition_step` to `definition_variance`, where there are the steps
  alone that a profile ends in; *bridges* are what all steps, `definition_bridge` and `customer_set_difference` take beyond it.
  *The ledger of one company* goes from `counted_line` to `period_bridge`.
- **`dbt build`** makes all models and runs all tests in an empty warehouse. *Its SQL* is what dbt compiled
  for both, in one DuckDB connection with the same threads. Both must give each table the same number of rows.
- **Whole refresh** is `python -m dagster_project refresh` from the start of its process to the end: reference
  tables, landing, models, identity, tests, audit, publication. *Warm* on the sample means that dbt has parsed the
  project before; all else is made anew.
- **1% of the rows new**: extracts of a day later with one organisation and buyer in a hundred, half of them known
  (their rows supersede the earlier ones) and half new, beside the first ones.
- **The identity step** reads records and keys that are built and writes clusters, evidence and review. *Splink alone* is
  its prediction and clustering of the same pairs of the same features. Records come from `simulate_duplicates.py`.
- **The listening path**: two tools ask the same customers, 6 of them for every 100 invitations, in plain exports of three years;
  for 100 invitations there are 30 answers and 10 tickets, each with words. *Who is asked too often* is the SQL of the models
  `survey_ask` and `survey_pressure`, the *window pass* when each person was asked before (`lag`), both from the same table.
- **Peak memory** is the largest resident set of the process and its own children. Load is the average of the minute
  before a company's turn.
"""


def listed(seconds: Mapping[str, float]) -> str:
    return "\n".join(f"- `{name}`: {took:,.2f} s" for name, took in seconds.items())


def machine(threads: int) -> str:
    """Versions, cores and memory; nothing that tells one machine from another of its kind."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.system()} on {processor()}, {os.cpu_count()} cores, {gigabytes:.0f} GB; "
        f"DuckDB with {threads} threads, dbt with one model at a time.\n"
        f"Python {platform.python_version()}, {versions}."
    )


def processor() -> str:
    """The processor's name where Linux tells it, else its architecture."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def busy(figures: Sequence[Figures]) -> str:
    """A warning where the machine had other work, or an empty line."""
    if max(one.load_before for one in figures[:1]) < BUSY:  # later ones see the load of the ones before
        return ""
    return (
        "\nThe machine had other work when this began, so times are longer than on an idle one; "
        "ratios suffer less.\n"
    )
