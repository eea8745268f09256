"""python -m bench [--customers 1000 10000]: prints the figures and writes them to docs/benchmark.md."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.children import ChildFailed
from bench.company import Disagreement, Figures, measure
from bench.identity import measure_identity
from bench.listening import measure_listening
from bench.report import figures_table, goals_table, page
from bench.sample import measure_sample
from dagster_project.paths import PROJECT

SIZES = (1_000, 10_000, 100_000)
RECORDS = 100_000
INVITATIONS = 500_000
PAGE = PROJECT / "docs" / "benchmark.md"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=SIZES, help="sizes of the companies")
    parser.add_argument("--page", type=Path, default=PAGE, help="the Markdown page to write")
    parser.add_argument(
        "--enough-memory",
        action="store_true",
        help="leave out the refresh with little of it, the longest of all",
    )
    parser.add_argument("--records", type=int, default=RECORDS, help="source records for the identity step")
    parser.add_argument(
        "--invitations", type=int, default=INVITATIONS, help="to surveys, for the listening path"
    )
    asked = parser.parse_args(arguments)
    sizes = sorted(asked.customers)
    command = command_of(sizes, asked.enough_memory, asked.records, asked.invitations)
    figures: list[Figures] = []
    sample = identity = listening = None
    try:
        with TemporaryDirectory(prefix="bench_") as folder:
            sample = measure_sample(Path(folder), say)
        with TemporaryDirectory(prefix="bench_") as folder:
            identity = measure_identity(Path(folder), say, asked.records)
        with TemporaryDirectory(prefix="bench_") as folder:
            listening = measure_listening(Path(folder), say, fewer_and(asked.invitations))
        for customers in sizes:
            figures.append(Figures(customers))
            with TemporaryDirectory(prefix="bench_") as folder:
                measure(figures[-1], Path(folder), say, customers == sizes[-1] and not asked.enough_memory)
    except (ChildFailed, Disagreement, KeyboardInterrupt) as error:
        print(f"It could not all be measured. {error or 'Stopped.'}", file=sys.stderr)
        return 1
    finally:  # the largest take long, and what was measured until then is worth having
        if sample and identity and listening and figures and figures[0].has("straight"):
            asked.page.parent.mkdir(parents=True, exist_ok=True)
            asked.page.write_text(page(figures, sample, identity, listening, command), encoding="utf-8")
    print(
        f"\n{goals_table(figures, sample, identity, listening)}\n\n{figures_table(figures)}\n\nAlso in {asked.page}."
    )
    return 0


def command_of(sizes: Sequence[int], enough_memory: bool, records: int, invitations: int) -> str:
    """What to type for the same figures: make, where it can."""
    customers = " ".join(map(str, sizes))
    more = f" --records {records}" if records != RECORDS else ""
    more += f" --invitations {invitations}" if invitations != INVITATIONS else ""
    more += " --enough-memory" if enough_memory else ""
    if more:
        return f"python -m bench --customers {customers}{more}"
    return "make bench" if tuple(sizes) == SIZES else f"make bench CUSTOMERS='{customers}'"


def fewer_and(invitations: int) -> list[int]:
    """A tenth, from which growth is told, and a thousandth, for what is fixed."""
    return [invitations // 1_000, invitations // 10, invitations]


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
