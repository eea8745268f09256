"""What a person reads at the end of a run: the customer math in words, and how far to trust it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.database import connect
from dagster_project.paths import Paths
from dagster_project.publication.refused import refused
from dagster_project.publication.shelf import Shelf, manifest_of
from dagster_project.publication.tables import OPEN_FILE
from dagster_project.words import count, listing, money, months_later, period_in_words

TOP = 5
FILES_SHOWN = 5
DECISION = "batch_id, decision, decided_by, decided_on, why"


def headline(
    paths: Paths, timings: Mapping[str, float] | None = None, publication: Path | None = None
) -> str:
    """The closing words over the current publication, or over the view given.

    `timings` are seconds by what took them, in order. Needs nothing to have been landed: what is not
    there is said.
    """
    folder = (publication or Shelf(paths.published).linked() or paths.current).resolve()
    if not (folder / OPEN_FILE).exists():
        return f"Nothing is published in {paths.published} yet."
    manifest = manifest_of(folder)
    with connect(folder / OPEN_FILE, read_only=True) as connection:
        as_of = date.fromisoformat(manifest["as_of_on"]) if manifest["as_of_on"] else None
        parts = [
            in_and_out(connection, as_of),
            flattering(connection, as_of),
            top_reasons(connection, as_of),
            coverage(connection, manifest),
            refusals(
                refused(connection, "governance.batches", paths.exports),
                paths.reference / "batch_decisions.csv",
            ),
            where(folder, manifest),
            took(timings or {}),
        ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def months(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The company's months, by monthly value, oldest first."""
    found = connection.execute(
        """
        select * from customer_assets.customer_math
        where period_kind = 'month' and segment = 'all' and value_basis = 'mrr'
        order by period_start
        """
    )
    names = [description[0] for description in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def is_over(month: Mapping[str, Any], as_of: date | None) -> bool:
    """Whether a month's last day is not after the as-of day."""
    return as_of is not None and (months_later(month["period_start"], 1) - as_of).days <= 1


def month_told(found: list[dict[str, Any]], as_of: date | None) -> dict[str, Any] | None:
    """The month to speak of: the last one that is over, else the one that has begun."""
    return next((month for month in reversed(found) if is_over(month, as_of)), found[-1] if found else None)


def in_and_out(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> list[str]:
    """Who came, who left, what is left."""
    found = months(connection)
    month = month_told(found, as_of)
    if month is None:
        return ["No customer has come or gone yet: nothing in the exports tells of one who pays or buys."]
    currency = month["currency"]
    name = period_in_words("month", month["period_start"])
    so_far = "" if is_over(month, as_of) else f" up to {as_of}, with the month still open,"
    gained = f"you gained {worth(month, 'new', currency, ' a month')}"
    lost = month["lost_customers"]
    lost_worth = f"{lost:,} worth {money(month['lost_value'], currency)}" if lost else "none"
    lines = [f"In {name}{so_far} {gained} and lost {lost_worth}."]
    if month["won_back_customers"]:
        lines.append(f"You won back {worth(month, 'won_back', currency, ' a month')}.")
    lines += under_other_ids(connection, month["period_start"])
    closed = "closed with" if is_over(month, as_of) else "stands at"
    lines.append(
        f"Net: {signed_count(month['net_customers'])} and {signed_money(month['net_value'], currency)} a "
        f"month. The month {closed} {worth(month, 'closing', currency, ' a month')}."
    )
    if found[-1] is not month:
        later = found[-1]
        lines.append(
            f"{period_in_words('month', later['period_start'])} up to {as_of}: "
            f"{later['new_customers']:,} gained, {later['won_back_customers']:,} won back, "
            f"{later['lost_customers']:,} lost."
        )
        lines += under_other_ids(connection, later["period_start"])
    return lines


def under_other_ids(connection: duckdb.DuckDBPyConnection, start: date) -> list[str]:
    """How many customers of a month turned out to be another one, or to be apart from one: nobody came or left by that."""
    merged, split = connection.execute(
        """
        select count(*) filter (where movement = 'merged'), count(*) filter (where movement = 'split')
        from customer_assets.value_movement
        where moved_on >= $start and moved_on < $start + interval 1 month
        """,
        {"start": start},
    ).fetchone()
    lines = []
    if merged:
        counts = "counts" if merged == 1 else "count"
        lines.append(
            f"{count(merged, 'customer')} turned out to be another one and {counts} as that one from then on."
        )
    if split:
        counts = "counts" if split == 1 else "count"
        lines.append(
            f"{count(split, 'customer')} had been taken for another one and {counts} apart from then on."
        )
    return lines


def worth(month: Mapping[str, Any], flow: str, currency: str, per: str = "") -> str:
    customers = month[f"{flow}_customers"]
    if not customers:
        return "no customers"
    return f"{count(customers, 'customer')} worth {money(month[f'{flow}_value'], currency)}{per}"


def signed_count(customers: int) -> str:
    if customers == 0:
        return "as many customers came as left"
    return f"{count(abs(customers), 'customer')} {'more' if customers > 0 else 'fewer'}"


def signed_money(value: Decimal, currency: str) -> str:
    if value == 0:
        return f"{money(value, currency)} of change"
    return f"{money(abs(value), currency)} {'more' if value > 0 else 'less'}"


def top_reasons(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> list[str]:
    """The five reasons that most customers left for, the unknown ones apart."""
    month = month_told(months(connection), as_of)
    if month is None or not month["lost_customers"]:
        return []
    rows = connection.execute(
        """
        select coalesce(reason, 'unknown') as why, count(*) as customers, sum(mrr_value) as value
        from customer_assets.value_movement
        where movement = 'lost' and moved_on >= $start and moved_on < $start + interval 1 month
        group by why
        order by customers desc, value desc, why
        """,
        {"start": month["period_start"]},
    ).fetchall()
    known = [row for row in rows if row[0] != "unknown"]
    unknown = [row for row in rows if row[0] == "unknown"]
    lines = ["Why they left:" if known else "Why they left is not known of any of them."]
    lines += [
        f"  {customers:>5,}  {why} ({money(value, month['currency'])})"
        for why, customers, value in known[:TOP]
    ]
    if len(known) > TOP:
        lines.append(f"  {sum(row[1] for row in known[TOP:]):>5,}  {count(len(known) - TOP, 'other reason')}")
    if known:
        lines += [
            f"  {customers:>5,}  unknown ({money(value, month['currency'])})"
            for _, customers, value in unknown
        ]
    return lines


def flattering(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> list[str]:
    """Where the month's growth looks better than it is."""
    month = month_told(months(connection), as_of)
    if month is None:
        return []
    sentences = connection.execute(
        """
        select sentence from customer_assets.warnings
        where period_kind = 'month' and period_start = $start and segment = 'all' and value_basis = 'mrr'
        order by flag
        """,
        {"start": month["period_start"]},
    ).fetchall()
    return ["What flatters:", *(f"  {sentence}" for (sentence,) in sentences)] if sentences else []


def coverage(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> list[str]:
    """How much could be tied to a customer, and which sources said nothing."""
    rows = connection.execute(
        """
        select measure, sum(resolved), sum(total) from governance.coverage
        where total > 0 group by measure order by measure
        """
    ).fetchall()
    tied = listing([f"{share(resolved, total)} of {measure}" for measure, resolved, total in rows])
    lines = [f"Tied to a customer: {tied}."] if rows else []
    if manifest["missing_sources"]:
        lines.append(f"No export came from {listing(manifest['missing_sources'])}: what needs them says so.")
    return lines


def share(part: Decimal, whole: Decimal) -> str:
    """A share in percent, rounded down, so that only all of it is 100 %."""
    return f"{int(1000 * part / whole) / 10:.1f} %"


def refusals(entries: Sequence[Mapping[str, Any]], decisions: Path) -> list[str]:
    """What was not taken in, where to read why, and how to let a held file through."""
    if not entries:
        return ["No file was refused, and no record."]
    of = {
        status: [entry for entry in entries if entry["status"] == status]
        for status in ("held", "refused", "accepted")
    }
    lines = []
    if of["held"]:
        lines.append(
            f"{count(len(of['held']), 'file')} held; the last good one stays in force. Where a file is right, add its row "
            f"to {decisions} (columns {DECISION}) and run again:"
        )
        lines += [
            f"  {entry['file']}: {entry['batch_id']},accept,<role>,<YYYY-MM-DD>,<why>"
            for entry in of["held"][:FILES_SHOWN]
        ]
        lines += more(of["held"], "  … and {} more; governance.batches lists them.")
    if of["refused"]:
        files = [entry["file"] for entry in of["refused"]]
        shown = listing(files[:FILES_SHOWN] + more(files, "{} more"))
        lines.append(f"{count(len(files), 'file')} refused: {shown}; governance.batches says why.")
    if records := sum(entry["records_refused"] for entry in of["accepted"]):
        lines.append(f"{count(records, 'record')} refused; governance.refused_rows says which and why.")
    return lines


def more(entries: Sequence[Any], words: str) -> list[str]:
    """How many are not shown, in words."""
    return [words.format(len(entries) - FILES_SHOWN)] if len(entries) > FILES_SHOWN else []


def where(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    of = f", as of {manifest['as_of_on']}" if manifest["as_of_on"] else ""
    return [
        f"Publication {manifest['publication_id']}{of}, in {folder}",
        f"  {OPEN_FILE}, parquet/, csv/: {count(len(manifest['tables']), 'table')}; audit/index.html: "
        f"{count(manifest['checks']['of'], 'check')} passed",
    ]


def took(timings: Mapping[str, float]) -> list[str]:
    if not timings:
        return []
    steps = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in timings.items())
    return [f"Time: {steps}."]
