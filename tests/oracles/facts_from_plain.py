"""Facts read straight from `plain` CSV exports and reference tables, for the oracle.

It understands well-formed files only, where a record may still be one that is refused for what it says itself; files
that cannot be read, and records that contradict each other, are the warehouse's promise and are tested there.
A customer is named by the first of its records, `<system>/<customer_ref>`. A record that has stays (which records
became whose on which day) is followed by itself.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.oracles.customer_math import (
    UNKNOWN,
    CostRate,
    Departure,
    Event,
    Facts,
    Purchase,
    SegmentChange,
    Settings,
    Span,
    Stay,
    Ticket,
    round_half_up,
)
from tests.oracles.policies import Discount, billed_since, counted, counted_end, policies_of

FREE_MAIL = {"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "gmx.de"}
MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
MONTH_NAMES += ["October", "November", "December"]

OBJECT_BY_KEY = {
    "discount_ref": "discounts",
    "subscription_ref": "subscriptions",
    "purchase_ref": "purchases",
    "response_ref": "survey_responses",  # before the invitation that it answers
    "invitation_ref": "survey_invitations",
    "ticket_ref": "tickets",
    "event_ref": "touchpoint_events",
    "follow_up_ref": "follow_ups",
}
KEYS = {
    "survey_invitations": ("invitation_ref",),
    "survey_responses": ("response_ref",),
    "touchpoint_events": ("event_ref",),
    "customers": ("customer_ref",),
    "subscriptions": ("subscription_ref", "starts_on"),
}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
HAPPENED = (
    "created_at", "starts_on", "cancel_requested_on", "purchased_on", "sent_at", "responded_at",
    "opened_at", "first_replied_at", "resolved_at", "occurred_at", "unpaid_since", "happened_at",
)  # fmt: skip


@dataclass
class Extract:
    """One file: which object of which system, the day it was taken, and its rows as text."""

    system: str
    object: str
    day: date
    rows: list[dict[str, str]]


def read_rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day_in(time_zone: ZoneInfo, text: str) -> date:
    """A date, or a moment (UTC where it does not say) as the day it is in the company's time zone."""
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text.replace(" UTC", "Z"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(time_zone).date()


def read_extracts(exports: Path, time_zone: ZoneInfo) -> list[Extract]:
    """Every plain file, oldest extract first."""
    extracts = []
    for path in sorted((exports / "plain").rglob("*.csv")):
        folders = path.relative_to(exports / "plain").parts[:-1]
        rows = read_rows(path)
        header = rows[0].keys() if rows else ()
        object_ = next((name for key, name in OBJECT_BY_KEY.items() if key in header), "customers")
        if dated := DAY.search(path.name):
            day = date.fromisoformat(dated[0])
        else:
            stamps = [day_in(time_zone, row[c]) for row in rows for c in HAPPENED if row.get(c)]
            day = max(stamps, default=date.min)
        extracts.append(Extract(folders[0] if folders else "plain", object_, day, rows))
    return sorted(extracts, key=lambda extract: extract.day)


def is_good(object_: str, row: dict[str, str]) -> bool:
    """Whether a record is taken: one that cannot be what it says changes nothing that was known before."""
    if object_ in ("subscriptions", "purchases"):
        is_priced = re.fullmatch(r"-?\d{1,14}(\.\d{1,4})?", row["amount"].strip()) is not None
        if not is_priced or not re.fullmatch("[A-Za-z]{3}", row["currency"].strip()):
            return False
    if object_ == "subscriptions":
        if not DAY.fullmatch(row["starts_on"]):
            return False
        ends_in_time = not row.get("ends_on") or row["ends_on"] >= row["starts_on"]
        return ends_in_time and int(row.get("interval_count") or 1) >= 1
    return True


def latest_rows(
    extracts: list[Extract], object_: str, complete: Collection[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """(system, row) for each key of an object, as the newest extract with a good record of it has it.

    Of an object that is `complete`, only the keys that the newest extract of a system names, in good records or not;
    a record with a starting day that is none names every agreement of its subscription.
    """
    newest: dict[tuple, tuple[str, dict[str, str]]] = {}
    named_on: dict[tuple, date] = {}
    last_day: dict[str, date] = {}
    for extract in extracts:
        if extract.object == object_:
            last_day[extract.system] = extract.day
            for row in extract.rows:
                key = (extract.system, *(row[c] for c in KEYS.get(object_, (f"{object_[:-1]}_ref",))))
                named_on[key] = extract.day
                if object_ == "subscriptions" and not DAY.fullmatch(row["starts_on"]):
                    named_on |= {known: extract.day for known in named_on if known[:2] == key[:2]}
                if is_good(object_, row):
                    newest[key] = (extract.system, row)
    for key, (system, row) in newest.items():
        if object_ not in complete or named_on[key] == last_day[system]:
            yield system, row


def is_true(text: str | None) -> bool:
    return (text or "").strip().lower() in ("true", "1")


class Customers:
    """Which records are one customer: same e-mail, same company domain, or a parent named by reference."""

    def __init__(self, records: list[tuple[str, dict[str, str]]], stays: Collection[Stay] = ()):
        self.leader: dict[str, str] = {}
        self.followed = {stay.record for stay in stays}
        sharing: dict[tuple[str, str], list[str]] = defaultdict(list)
        for system, record in records:
            name = f"{system}/{record['customer_ref']}"
            self.leader[name] = name
            email = (record.get("email") or "").strip().lower()
            domain = (record.get("domain") or email.rpartition("@")[2]).strip().lower()
            if email:
                sharing["email", email].append(name)
            if domain and domain not in FREE_MAIL:
                sharing["domain", domain].append(name)
        for system, record in records:
            if record.get("parent_ref"):
                name, parent = f"{system}/{record['customer_ref']}", f"{system}/{record['parent_ref']}"
                sharing["parent", name] = [parent, name]
        for names in sharing.values():
            for name in names[1:]:
                self._join(names[0], name)

    def _join(self, one: str, other: str) -> None:
        keep, drop = sorted((self.leader.get(one, one), self.leader.get(other, other)))
        self.leader = {name: keep if leader == drop else leader for name, leader in self.leader.items()}

    def named(self, record: str) -> str:
        """The customer a record belongs to; a reference nobody knows is a customer of its own.

        Of a record that has stays, the record itself: whose it is depends on the day.
        """
        return record if record in self.followed else self.leader.get(record, record)


def read_settings(reference: Path, currencies: Counter) -> tuple[Settings, ZoneInfo]:
    given = {row["setting"]: row["value"] for row in read_rows(reference / "settings.csv") if row["value"]}
    most_billed = min(currencies, key=lambda currency: (-currencies[currency], currency), default="USD")
    fiscal = given.get("fiscal_year_starts_in", "January")
    starts_on = given.get("history_starts_on")
    with localcontext(prec=40):
        a_month = (1 + Decimal(given.get("discount_rate_a_year", "0.1"))) ** (Decimal(1) / 12) - 1
    return Settings(
        reporting_currency=given.get("reporting_currency", most_billed),
        grace_days=int(given.get("grace_days", 0)),
        reason_window_days=int(given.get("reason_window_days", 31)),
        early_renewal_days=int(given.get("early_renewal_days", 31)),
        history_starts_on=date.fromisoformat(starts_on) if starts_on else None,
        fiscal_year_starts_in=int(fiscal) if fiscal.isdigit() else MONTH_NAMES.index(fiscal) + 1,
        lapse_days={
            row["segment"]: int(row["lapse_days"]) for row in read_rows(reference / "segment_rule.csv")
        },
        minimum_cell_size=max(int(given.get("minimum_cell_size", 5)), 1),
        behaviour_shift_percent=int(given.get("behaviour_shift_percent", 5)),
        value_bands={
            row["value_band"]: Decimal(row["at_least"]) for row in read_rows(reference / "value_band.csv")
        },
        discount_rate_a_month=round_half_up(Fraction(a_month), 8),
        lifetime_horizon_months=int(given.get("lifetime_horizon_months", 60)),
    ), ZoneInfo(given.get("time_zone", "UTC"))


def read_rates(reference: Path) -> dict[str, list[tuple[date, Decimal]]]:
    rates: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in read_rows(reference / "fx_rate.csv"):
        rates[row["currency"]].append((date.fromisoformat(row["valid_from"]), Decimal(row["rate"])))
    return rates


def read_source_kinds(reference: Path) -> dict[str, tuple[str, bool]]:
    return {
        row["source"].lower(): (row["kind"], is_true(row.get("is_referral")))
        for row in read_rows(reference / "acquisition_source.csv")
    }


def read_cost_rates(reference: Path) -> tuple[CostRate, ...]:
    return tuple(
        CostRate(row["cost"], row["segment"], date.fromisoformat(row["valid_from"]), Decimal(row["amount"]))
        for row in read_rows(reference / "cost_rate.csv")
    )


def read_loss_kinds(reference: Path) -> dict[str, str]:
    """The kind of each reason that any row gives one."""
    return {row["reason"]: row["kind"] for row in read_rows(reference / "loss_reason.csv") if row.get("kind")}


def complete_objects(reference: Path) -> set[str]:
    """The objects of plain systems of which each extract holds every record."""
    rows = read_rows(reference / "batch_policy.csv")
    return {row["object"] for row in rows if row["vendor"] == "plain" and is_true(row.get("is_complete"))}


def as_of_day(extracts: list[Extract], time_zone: ZoneInfo) -> date:
    """The latest day on which something happened, never later than the day its file was taken."""
    happened = [
        min(day_in(time_zone, row[column]), extract.day)
        for extract in extracts
        for row in extract.rows
        if is_good(extract.object, row)
        for column in HAPPENED
        if row.get(column)
    ]
    return max(happened, default=max((extract.day for extract in extracts), default=date.min))


def read_event(row: dict[str, str], customer: str | None, time_zone: ZoneInfo) -> Event:
    return Event(
        ref=row["event_ref"],
        touchpoint=row["touchpoint"],
        customer=customer,
        at=datetime.fromisoformat(row["occurred_at"]),
        on=day_in(time_zone, row["occurred_at"]),
        is_conforming=is_true(row["conforming"]),
        minutes=Decimal(row["minutes"]) if row["minutes"] else None,
    )


def read_stays(path: Path) -> tuple[Stay, ...]:
    """The stays of a story: `record, customer, valid_from`, each until the record's next one."""
    return tuple(
        Stay(
            row["record"],
            row["customer"],
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        )
        for row in read_rows(path)
    )


def left_out(
    records: list[tuple[str, dict[str, str]]], stays: Collection[Stay], as_of: date
) -> tuple[set[str], tuple[Stay, ...]]:
    """The test accounts, with whatever is one customer with one in the end, and the stays that count of all others.

    A stay with a customer that is a test account in the end does not: the one after it begins where it did.
    """
    facts = Facts(as_of, stays=tuple(stays))
    marked = {f"{system}/{row['customer_ref']}" for system, row in records if is_true(row.get("is_test"))}
    tested = {facts.customer_on(record, as_of) for record in marked}
    known = marked | tested | facts.stays_of.keys()
    left = marked | {record for record in known if facts.customer_on(record, as_of) in tested}
    kept = []
    for record, of_record in facts.stays_of.items():
        from_day = None
        for stay, following in zip(of_record, [*of_record[1:], None], strict=True):
            if record not in left and stay.customer not in tested:
                kept.append(Stay(record, stay.customer, from_day))
                from_day = following.from_day if following else None
    return left, tuple(kept)


def facts_from_plain(exports: Path, reference: Path, stays: tuple[Stay, ...] = ()) -> tuple[Facts, Customers]:
    """Everything `plain` exports say, in the oracle's terms, and which record is whose."""
    _, time_zone = read_settings(reference, Counter())
    extracts = read_extracts(exports, time_zone)
    complete = complete_objects(reference)
    records = list(latest_rows(extracts, "customers", complete))
    as_of = as_of_day(extracts, time_zone)
    tests, stays_kept = left_out(records, stays, as_of)
    real = [(system, row) for system, row in records if f"{system}/{row['customer_ref']}" not in tests]
    customers = Customers(real, stays)

    spans, billed, departures, named = [], [], [], []
    currencies: Counter = Counter()
    reasons = {
        (row["silo"].lower(), row["code"].lower()): row["reason"]
        for row in read_rows(reference / "loss_reason.csv")
    }
    policies = policies_of(read_rows(reference / "definition_profile.csv"))
    discounts, agreements = defaultdict(list), defaultdict(list)
    for system, row in latest_rows(extracts, "discounts", complete):
        discounts[system, row["subscription_ref"]].append(
            Discount(
                starts_on=date.fromisoformat(row["starts_on"]),
                ends_on=date.fromisoformat(row["ends_on"]) if row.get("ends_on") else None,
                percent=Decimal(row["percent"]) if row.get("percent") else None,
                amount=Decimal(row["amount"]) if row.get("amount") else None,
                is_once=is_true(row.get("is_once")),
            )
        )
    for system, row in latest_rows(extracts, "subscriptions", complete):
        if f"{system}/{row['customer_ref']}" in tests:
            continue
        is_trial, is_paused = is_true(row.get("is_trial")), is_true(row.get("is_paused"))
        span = Span(
            customer=customers.named(f"{system}/{row['customer_ref']}"),
            line=f"{system}/{row['subscription_ref']}",
            valid_from=date.fromisoformat(row["starts_on"]),
            valid_to=date.fromisoformat(row["ends_on"]) if row.get("ends_on") else None,
            amount=Decimal(row["amount"]),
            currency=row["currency"].upper(),
            interval=row["interval"],
            interval_count=int(row.get("interval_count") or 1),
        )
        span = replace(span, valid_to=counted_end(row, span, policies))
        if span.valid_to and row.get("cancel_reason") and not is_trial:
            reason = reasons.get((system.lower(), row["cancel_reason"].lower()), UNKNOWN)
            departures.append(Departure(span.customer, span.valid_to, reason, span.line))
        named.append(span.customer)
        if (is_trial and policies.trials != "counted") or (is_paused and policies.paused != "counted"):
            continue  # what rests may end for a reason all the same
        if span.amount:
            currencies[span.currency] += 1
        span = replace(span, is_billed=not (is_trial or is_paused))
        of_agreement = discounts[system, row["subscription_ref"]]
        agreement = span, of_agreement, policies, as_of, is_trial or is_paused, is_trial
        if any(counted(*agreement)):
            agreements[span.customer, span.line].append(agreement)
    for of_line in agreements.values():
        rows_of_line = [span for span, *_ in of_line]
        for span, *how in of_line:
            for stretch, bills in counted(span, *how, billed_since(span, rows_of_line)):
                spans.append(stretch)
                billed.extend(bills)

    purchases = []
    for system, row in latest_rows(extracts, "purchases", complete):
        if f"{system}/{row['customer_ref']}" not in tests:
            customer = customers.named(f"{system}/{row['customer_ref']}")
            bought_on = date.fromisoformat(row["purchased_on"])
            purchases.append(Purchase(customer, bought_on, Decimal(row["amount"]), row["currency"].upper()))
            currencies[row["currency"].upper()] += 1

    tickets = [
        Ticket(customers.named(f"{system}/{row['customer_ref']}"), day_in(time_zone, row["opened_at"]))
        for system, row in latest_rows(extracts, "tickets", complete)
        if f"{system}/{row['customer_ref']}" not in tests
    ]
    events = [
        read_event(row, None if name in tests else customers.named(name), time_zone)
        for system, row in latest_rows(extracts, "touchpoint_events", complete)
        for name in [f"{system}/{row['customer_ref']}"]
    ]
    has_tickets = any(extract.object == "tickets" and extract.rows for extract in extracts)
    referrers: dict[str, str] = {}
    for system, row in real:
        if row.get("referred_by_ref"):
            referrer = customers.named(f"{system}/{row['referred_by_ref']}")
            referrers.setdefault(customers.named(f"{system}/{row['customer_ref']}"), referrer)

    segment_changes, sources = [], {}
    for extract in extracts:
        for row in extract.rows if extract.object == "customers" else []:
            record = f"{extract.system}/{row['customer_ref']}"
            if record in tests:
                continue
            if row.get("segment"):
                segment_changes.append(SegmentChange(customers.named(record), row["segment"], extract.day))
            if row.get("acquisition_source"):
                sources.setdefault(customers.named(record), row["acquisition_source"])

    facts = Facts(
        as_of=as_of,
        settings=read_settings(reference, currencies)[0],
        spans=tuple(spans),
        billed=tuple(billed),
        purchases=tuple(purchases),
        segment_changes=tuple(segment_changes),
        departures=tuple(departures),
        loss_kinds=read_loss_kinds(reference),
        acquisition_sources=sources,
        rates=read_rates(reference),
        stays=stays_kept,
        referrers=referrers,
        named=tuple(named),
        source_kinds=read_source_kinds(reference),
        tickets=tuple(tickets) if has_tickets else None,
        cost_rates=read_cost_rates(reference),
        events=tuple(events),
    )
    return facts, customers
