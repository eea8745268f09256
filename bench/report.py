"""The figures as a page."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.company import Figures

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations")
MEGABYTE = 1_000_000
BUSY = 0.5  # processes that already want a core when a measurement begins

ROWS = (
    ("Exports, MB", lambda f: f"{f.exports_bytes / MEGABYTE:,.1f}"),
    ("Rows landed", lambda f: f"{f.rows_landed:,}"),
    ("**Landing**, rows/s", lambda f: f"{f.rows_landed / f.landing_seconds:,.0f}"),
    ("DuckDB `copy`, rows/s", lambda f: f"{f.rows_copied / f.copy_seconds:,.0f}"),
    ("Landing, s", lambda f: f"{f.landing_seconds:,.2f}"),
    ("DuckDB `copy`, s", lambda f: f"{f.copy_seconds:,.2f}"),
    ("**Landing takes**, times `copy`", lambda f: f"{f.landing_ratio:,.1f}"),
    ("**`dbt build`**, s", lambda f: f"{f.build_seconds:,.1f}"),
    (
        "`dbt build` in models / in tests, s",
        lambda f: f"{f.build_models_seconds:,.1f} / {f.build_tests_seconds:,.1f}",
    ),
    ("Its SQL straight, s", lambda f: f"{f.straight_seconds:,.1f}"),
    (
        "Its SQL in models / in tests, s",
        lambda f: f"{f.straight_models_seconds:,.1f} / {f.straight_tests_seconds:,.1f}",
    ),
    ("**`dbt build` takes**, times its SQL", lambda f: f"{f.build_ratio:,.1f}"),
    ("**Whole job**, s", lambda f: f"{f.job.seconds:,.1f}"),
    ("Whole job, CPU s", lambda f: f"{f.job.cpu_seconds:,.1f}"),
    ("**Peak memory, whole job**, MB", lambda f: f"{f.peak_bytes['job'] / MEGABYTE:,.0f}"),
    (
        "Peak memory, landing / `copy`, MB",
        lambda f: f"{f.peak_bytes['landing'] / MEGABYTE:,.0f} / {f.peak_bytes['copy'] / MEGABYTE:,.0f}",
    ),
    (
        "Peak memory, `dbt build` / its SQL, MB",
        lambda f: f"{f.peak_bytes['build'] / MEGABYTE:,.0f} / {f.peak_bytes['straight'] / MEGABYTE:,.0f}",
    ),
    ("Load of the machine before", lambda f: f"{f.load_before:.1f}"),
)


def table(figures: Sequence[Figures]) -> str:
    """A Markdown table: one column per company."""
    cells = [["Customers", *(f"{one.customers:,}" for one in figures)]]
    cells += [[name, *(shown(one) for one in figures)] for name, shown in ROWS]
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]

    def line(row: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(w) if at == 0 else cell.rjust(w)
            for at, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join([first, *others])} |"

    rule = [f":{'-' * (widths[0] - 1)}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    return "\n".join([line(cells[0]), line(rule), *(line(row) for row in cells[1:])])


def page(figures: Sequence[Figures], command: str) -> str:
    """docs/benchmark.md."""
    largest = figures[-1]
    slowest = "\n".join(f"- `{name}`: {seconds:.2f} s" for name, seconds in largest.slowest.items())
    return f"""# Benchmark

Made by `{command}` on {date.today().isoformat()}. {machine(largest.threads)}
{busy(figures)}
{table(figures)}

The slowest models and tests for {largest.customers:,} customers, run straight:

{slowest}

## What is measured

Each company comes from `seeds/exports/simulate.py --clean`: 36 months of Salesforce, Stripe and Qualtrics
exports and a small shop, with its zip files unpacked. Each measurement has a process of its own, and an empty
home or warehouse.

- **Landing** reads, counts, checks and writes every export, each as its own durable batch. DuckDB's
  `copy (select * from read_csv(…, all_varchar = true)) to …` writes the same files to Parquet, without any
  check; it takes the two extra header rows of a Qualtrics file for data. No start of Python is timed.
- **`dbt build`** makes all models and runs all tests in an empty warehouse. *Its SQL* is what dbt compiled
  for both, in one DuckDB connection with the same threads. Both must give each table the same number of rows.
- **Whole job** is `python -m dagster_project refresh` from the start of its process to the end: reference
  tables, landing, models, identity, tests, audit, publication.
- **Peak memory** is the largest resident set of the process. Load is the average of the minute before a
  company's turn.
"""


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
