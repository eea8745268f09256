"""Make a synthetic company's exports and its planted truth, at any size.

    python seeds/exports/simulate.py --out DIR [--truth DIR] [--customers 600] [--months 36] [--seed 7] [--clean]
        [--first 0] [--extracted 2026-11-01] [--listening planted]

The same seed gives the same bytes. Every customer draws from a random stream of its own, so customer k is the same
in a company of any size. Rows are written as they come about: memory does not grow with the size. `--first` leaves
customers out that another extract holds already, so that a later extract can be made of a few. `--listening honest` is a
company that listens as the other does, with nothing planted in it.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SEEDS))

from simulator.bought import ONE_FOR, live_bought, open_bought_files
from simulator.company import Files, Organisation
from simulator.days import day
from simulator.drops import write_earlier_drop
from simulator.files import close_all
from simulator.history import Calendar, calendar
from simulator.listening import Listening
from simulator.listening_files import ListeningFiles
from simulator.oddities import plant
from simulator.parcels import CONFLICTS, ParcelFiles
from simulator.past import Past
from simulator.plants import Plants, draw
from simulator.qualtrics import QualtricsFiles
from simulator.reference import Reference
from simulator.salesforce import SalesforceFiles
from simulator.shop import ShopFiles, live_buyer
from simulator.stripe import StripeFiles
from simulator.truth import BadRow, Truth

PLANTED, HONEST, NONE = "planted", "honest", "none"
ODDITIES_AFTER = 40  # organisations before the bad rows, so that they do not stand at the end of a file


def simulate(
    out: Path,
    truth: Path | None,
    customers: int = 600,
    months: int = 36,
    seed: int = 7,
    last_day: str = "2026-10-31",
    is_clean: bool = False,
    reference: Path = SEEDS / "reference",
    first: int = 0,
    extracted: str | None = None,
    listening: str | None = None,
) -> int:
    """Write the exports, and the truth where a folder for it is given. Returns the number of invoice lines.

    `customers` counts organisations; there are two shop buyers for five of them, and one customer of a company that
    was bought for ten. A clean company has no oddities, bought none, and has no compressed files. `first` is the
    number of the first organisation that is written. `listening` beyond who answers by themselves is `planted`, `honest`
    or `none`; a clean company has none where it is not said.
    """
    when = calendar(day(last_day), months, day(extracted) if extracted else None)
    files = open_files(out, when, is_clean)
    told = Truth(truth, Reference(reference), when.last) if truth else None
    ears = listen(out, when, seed, listening or (NONE if is_clean else PLANTED), is_clean)
    bad = set()
    for happened in play(files, when, range(first, customers), seed, not is_clean):
        if ears and isinstance(happened, Past):
            ears.hear(happened)
        if isinstance(happened, BadRow):
            bad.add((happened.file, happened.record))
        if told:
            told.add(happened) if isinstance(happened, Past) else told.add_bad_row(happened)
    if told and not is_clean:
        told.silo_metrics.extend(CONFLICTS)
    if told and ears:
        told.plants.extend(ears.plants.rows())
        told.surveys.extend(ears.rows())
    close_all([*files.all(), *(ears.files.files() if ears else []), *(told.tables() if told else [])])
    if not is_clean:
        write_earlier_drop(out, when, bad)
    return files.stripe.lines.records


def open_files(out: Path, when: Calendar, is_clean: bool) -> Files:
    shop = out / "plain" / "shop"
    stripe = StripeFiles(out / "stripe", when.extracted, when.earlier_subscriptions, compress=not is_clean)
    return Files(
        stripe,
        SalesforceFiles(out / "salesforce", when.extracted, when.earlier_accounts, compress=not is_clean),
        QualtricsFiles(out / "qualtrics", when.first_responses, when.extracted),
        ShopFiles(shop, when.extracted, None if is_clean else ParcelFiles(shop, when.extracted, when.last)),
        None if is_clean else open_bought_files(out, when, stripe),
    )


def listen(out: Path, when: Calendar, seed: int, listening: str, is_clean: bool) -> Listening | None:
    if listening == NONE:
        return None
    plants = draw(seed, when) if listening == PLANTED else Plants()
    if is_clean:  # without touchpoint events, nobody knows whom a parcel disappointed
        plants = replace(plants, picked=0.0)
    return Listening(ListeningFiles(out, when, plants, is_compressed=not is_clean), when, seed, plants)


def play(
    files: Files, when: Calendar, customers: range, seed: int, has_oddities: bool
) -> Iterator[Past | BadRow]:
    """Everything that happened, one customer after the other, as it is written into the files."""
    for number in customers:
        if has_oddities and number == min(ODDITIES_AFTER, customers.stop - 1):
            bad_rows, strangers = plant(files, when)
            yield from bad_rows
            yield from strangers
        yield Organisation(number, seed, when, has_oddities).live(files)
    if files.bought:
        for number in range(customers.start // ONE_FOR, customers.stop // ONE_FOR):
            yield live_bought(number, seed, when, files.bought)
    for number in range(customers.start * 2 // 5, customers.stop * 2 // 5):
        yield live_buyer(number, seed, files.shop, when.first, when.last, has_oddities)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a synthetic company's exports and its planted truth.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the exports")
    parser.add_argument(
        "--truth", type=Path, help="folder for the planted truth; without it, none is written"
    )
    parser.add_argument("--customers", type=int, default=600, help="organisations")
    parser.add_argument("--months", type=int, default=36, help="length of the history")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--last-day", default="2026-10-31", help="last day on which anything happened")
    parser.add_argument("--extracted", help="day of the extract; default: the day after the last day")
    parser.add_argument("--first", type=int, default=0, help="number of the first organisation to write")
    parser.add_argument("--clean", action="store_true", help="no planted oddities, nothing compressed")
    parser.add_argument(
        "--listening", choices=(PLANTED, HONEST, NONE), help="surveys, calls and what is planted in them"
    )
    asked = parser.parse_args()
    lines = simulate(
        asked.out,
        asked.truth,
        asked.customers,
        asked.months,
        asked.seed,
        asked.last_day,
        asked.clean,
        first=asked.first,
        extracted=asked.extracted,
        listening=asked.listening,
    )
    print(f"{asked.customers - asked.first} organisations, {lines} invoice lines in {asked.out}")


if __name__ == "__main__":
    main()
