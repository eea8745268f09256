"""Facts as the sample company's planted truth tells them: what really happened, whatever the exports say.

The truth knows nothing of vendors. It names each customer once, gives every span, every amount billed or
bought and every change of segment, and why each customer left.
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.oracles.customer_math import Billed, Departure, Facts, Purchase, SegmentChange, Span
from tests.oracles.facts_from_plain import (
    read_cost_rates,
    read_loss_kinds,
    read_rates,
    read_rows,
    read_settings,
    read_source_kinds,
)


def day_or_none(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def facts_from_truth(truth: Path, reference: Path, as_of: date) -> Facts:
    spans = tuple(
        Span(
            customer=row["true_customer"],
            line=row["line"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=day_or_none(row["valid_to"]),
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            interval=row["interval"],
            interval_count=int(row["interval_count"] or 1),
        )
        for row in read_rows(truth / "spans.csv")
    )
    billed, usage = (
        tuple(
            Billed(
                row["true_customer"],
                date.fromisoformat(row["billed_on"]),
                Decimal(row["amount"]),
                row["currency"],
            )
            for row in read_rows(truth / f"{table}.csv")
        )
        for table in ("billed", "usage")
    )
    purchases = tuple(
        Purchase(
            row["true_customer"],
            date.fromisoformat(row["purchased_on"]),
            Decimal(row["amount"]),
            row["currency"],
        )
        for row in read_rows(truth / "purchases.csv")
    )
    segment_changes = tuple(
        SegmentChange(row["true_customer"], row["segment"], day_or_none(row["valid_from"]))
        for row in read_rows(truth / "segments.csv")
    )
    departures = tuple(
        Departure(row["true_customer"], date.fromisoformat(row["departed_on"]), row["reason"])
        for row in read_rows(truth / "departures.csv")
    )
    currencies = Counter(amount.currency for amount in (*billed, *purchases))
    return Facts(
        as_of=as_of,
        settings=read_settings(reference, currencies)[0],
        spans=spans,
        billed=billed,
        usage=usage,
        purchases=purchases,
        segment_changes=segment_changes,
        departures=departures,
        loss_kinds=read_loss_kinds(reference),
        acquisition_sources={
            row["true_customer"]: row["acquisition_source"]
            for row in read_rows(truth / "customers.csv")
            if row.get("acquisition_source")
        },
        rates=read_rates(reference),
        source_kinds=read_source_kinds(reference),
        cost_rates=read_cost_rates(reference),
    )


def true_customer_of_record(truth: Path) -> dict[tuple[str, str, str, str], str]:
    """The true customer of each source record, by (vendor, system, object, source_ref)."""
    return {
        (row["vendor"], row["system"], row["object"], row["source_ref"]): row["true_customer"]
        for row in read_rows(truth / "records.csv")
    }
