"""python -m bench [--customers 1000 10000]: prints the figures and writes them to docs/benchmark.md."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.children import ChildFailed
from bench.company import Disagreement, measure
from bench.report import page, table
from dagster_project.paths import PROJECT

SIZES = (1_000, 10_000, 100_000)
PAGE = PROJECT / "docs" / "benchmark.md"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=SIZES, help="sizes of the companies")
    parser.add_argument("--page", type=Path, default=PAGE, help="the Markdown page to write")
    asked = parser.parse_args(arguments)
    command = "make bench"
    if tuple(asked.customers) != SIZES:
        command = f"python -m bench --customers {' '.join(map(str, asked.customers))}"
    figures = []
    for customers in sorted(asked.customers):
        with TemporaryDirectory(prefix="bench_") as folder:
            try:
                figures.append(measure(customers, Path(folder), lambda line: print(line, flush=True)))
            except (ChildFailed, Disagreement) as error:
                print(f"{customers:,} customers could not be measured. {error}", file=sys.stderr)
                return 1
        asked.page.parent.mkdir(parents=True, exist_ok=True)
        asked.page.write_text(
            page(figures, command), encoding="utf-8"
        )  # after each, for the largest take long
    print(f"\n{table(figures)}\n\nAlso in {asked.page}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
