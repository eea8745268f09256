"""What was exported once before: the files of an earlier day, from those of the last extract.

Billing and the shop were exported on the day on which subscriptions were extracted before. Each of these files holds what had
come about by the end of that day, and as it stood then; what the last extract has beside it was entered later, for the day
itself or for one before. So a month that closes between the two closes on less than is known in the end.
"""

import csv
import gzip
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from simulator.days import iso
from simulator.files import Table
from simulator.history import Calendar
from simulator.stripe import DUNNING_DAYS

Row = dict[str, str]
Bad = Collection[tuple[str, int]]  # file and record of rows that nothing can be made of


def write_earlier_drop(out: Path, when: Calendar, bad: Bad) -> None:
    """Write the earlier files beside the last ones. Rows that are refused in those were not there yet."""
    stripe, chargebee, shop = out / "stripe", out / "chargebee", out / "plain" / "shop"
    day = when.earlier_subscriptions

    def earlier(folder: Path, name: str, on: int, as_it_was: Callable[[Row], Row | None]) -> None:
        """One file: each row as it was on a day; none where it was not there yet."""
        last = next(folder.glob(f"{name}_{iso(when.extracted)}.csv*"))
        left_out = {record for file, record in bad if out / file == last}
        table = Table(folder / f"{name}_{iso(on)}.csv.gz", header_of(last))
        for row in good_rows(last, left_out):
            if was := as_it_was(row):
                table.add(list(was.values()))
        table.close()

    def since(column: str, on: int = day) -> Callable[[Row], Row | None]:
        return lambda row: row if day_of(row[column]) <= iso(on) else None

    later: set[str] = set()
    billed: dict[str, tuple[str, str, str, str]] = {}

    def invoice(row: Row) -> Row | None:
        if day_of(row["created"]) <= iso(day):
            return invoice_on(row, day)
        later.add(row["id"])
        return None

    def line(row: Row) -> Row | None:
        if row["invoice_id"] in later or day_of(row["period_start"]) > iso(day):
            return None
        if row["proration"] == "false":
            billed[row["subscription_item_id"]] = (
                row["price_id"],
                row["quantity"],
                row["period_start"],
                row["period_end"],
            )
        return row

    def item(row: Row) -> Row | None:
        return item_on(row, billed.get(row["id"])) if day_of(row["created"]) <= iso(day) else None

    earlier(stripe, "prices", day, dict)
    earlier(stripe, "coupons", day, dict)
    earlier(stripe, "subscription_discounts", day, since("start"))
    earlier(stripe, "customers", day, since("created"))
    earlier(stripe, "invoices", day, invoice)
    earlier(stripe, "invoice_line_items", day, line)
    earlier(stripe, "subscription_items", day, item)
    earlier(shop, "customers", day, since("created_at"))
    earlier(shop, "purchases", day, since("purchased_on"))
    earlier(chargebee, "customers", when.between, since("created_at", when.between))
    earlier(chargebee, "invoices", when.between, since("date", when.between))


def good_rows(file: Path, left_out: Collection[int]) -> Iterator[Row]:
    with opened(file) as text:
        for record, row in enumerate(csv.DictReader(text), start=1):
            if record not in left_out:
                yield row


def header_of(file: Path) -> list[str]:
    with opened(file) as text:
        return next(csv.reader(text))


def opened(file: Path) -> TextIO:
    return (
        gzip.open(file, "rt", encoding="utf-8", newline="")
        if file.suffix == ".gz"
        else file.open(encoding="utf-8", newline="")
    )


def day_of(moment: str) -> str:
    """The day of a moment, in words or in seconds since 1970."""
    return datetime.fromtimestamp(int(moment), UTC).date().isoformat() if moment.isdigit() else moment[:10]


def invoice_on(row: Row, day: int) -> Row:
    """An invoice as it stood: what was paid or given up later was open."""
    is_paid_later = row["paid_at"] and day_of(row["paid_at"]) > iso(day)
    is_given_up_later = row["status"] == "uncollectible" and day_of(row["created"]) > iso(day - DUNNING_DAYS)
    return (
        row | {"status": "open", "amount_paid": "0", "paid_at": ""}
        if is_paid_later or is_given_up_later
        else row
    )


def item_on(row: Row, billed: tuple[str, str, str, str] | None) -> Row:
    """An item as it was last billed for a whole period: price, quantity, first and last day."""
    if billed is None:
        return row
    price, quantity, start, stop = billed
    period = {"current_period_start": start, "current_period_end": stop}
    return row | {"price_id": price, "quantity": quantity if row["quantity"] else ""} | period
