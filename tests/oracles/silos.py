"""Silos' metrics, their conflicts with customer metrics, and handoffs, from reference tables and events, event by event."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import partial
from math import floor
from pathlib import Path

from dagster_project.reference import SHIPPED
from tests.oracles.customer_math import (
    ALL,
    ONE_DAY,
    Event,
    Facts,
    customer_math,
    half_up,
    histories,
    months_later,
    periods,
    ratio,
    round_half_up,
    value_movements,
)
from tests.oracles.facts_from_plain import read_rows
from tests.oracles.group_profit import ever_customers
from tests.oracles.measures import Measure
from tests.oracles.rates import wilson

HANDOFF_KEY = ("period_kind", "period_start", "from_stage", "to_stage")
CONFLICT_KEY = ("silo", "metric", "customer_metric")
MONTH_KEY = ("customer_metric", "month_start")
INVENTORY_KEY = ("kind", "silo", "metric")
TABLES = (
    "silo_metric",
    "customer_metric_link",
    "silo_metric_value",
    "journey_stage",
    "touchpoint",
    "metric_definition",
)
WORSE_WHEN_LOWER = {"new_customers", "net_customers"}
PUBLISHED_IN = dict.fromkeys(
    ("new_customers", "lost_customers", "net_customers", "lost_value", "contraction_value"),
    "customer_assets.customer_math",
) | {"tickets": "customer_assets.group_profit", "handoff_loss_customers": "alignment.handoffs"}
LOST = ("late", "failed", "missing")
BEYOND_CHANCE = Fraction(541, 100)


@dataclass(frozen=True)
class Silos:
    """Reference tables, as text by column."""

    tables: dict[str, list[dict[str, str]]]


def read_silos(reference: Path) -> Silos:
    tables = {table: read_rows(reference / f"{table}.csv") for table in TABLES}
    tables["metric_definition"] = tables["metric_definition"] or read_rows(SHIPPED / "metric_definition.csv")
    return Silos(tables)


def measures(silos: Silos) -> list[Measure]:
    return [
        Measure("handoffs", HANDOFF_KEY, partial(handoffs, silos=silos), "alignment"),
        Measure("silo_metric_conflicts", CONFLICT_KEY, partial(conflicts, silos=silos), "alignment"),
        Measure("metric_inventory", INVENTORY_KEY, partial(inventory, silos=silos), "alignment"),
        Measure("customer_metric_month", MONTH_KEY, partial(customer_metric_months, silos=silos), "waist"),
    ]


# ------------------------------------------------------------------------------------------ handoffs


@dataclass(frozen=True)
class Handoff:
    customer: str
    from_stage: str
    to_stage: str
    closed_on: date
    outcome: str
    value: Decimal


def yearly(annualised: Decimal, trailing: Decimal) -> Decimal:
    return annualised if annualised > 0 else trailing


def green_handoffs(facts: Facts, silos: Silos) -> list[Handoff]:
    """Each event that closed a stage as promised, and the first event of either stage after it."""
    stage_of = {row["touchpoint"]: row for row in silos.tables["touchpoint"]}
    stages = sorted(silos.tables["journey_stage"], key=lambda row: int(row["position"]))
    customers, by_name = ever_customers(facts), {history.customer: history for history in histories(facts)}
    of_customer: dict[str, list[Event]] = defaultdict(list)
    for event in facts.events:
        name = event.customer and facts.customer_on(event.customer, event.on)
        if event.on <= facts.as_of and name in customers and event.touchpoint in stage_of:
            of_customer[name].append(event)
    found = []
    for one, other in zip(stages, stages[1:], strict=False):
        if not one["next_within_days"]:
            continue
        pair = (one["stage"], other["stage"])
        for name, events in of_customer.items():
            path = sorted(
                (event.at, pair.index(stage_of[event.touchpoint]["stage"]), event.ref, event)
                for event in events
                if stage_of[event.touchpoint]["stage"] in pair
            )
            for place, (_, role, _, event) in enumerate(path):
                due_on = event.on + timedelta(int(one["next_within_days"]))
                after = path[place + 1] if place + 1 < len(path) else None
                is_next = after is not None and after[1] == 1
                if role == 1 or not event.is_conforming or (after and not is_next and after[3].on <= due_on):
                    continue
                if is_next and after[3].on <= due_on:
                    promised = stage_of[after[3].touchpoint]["promised_minutes"]
                    is_late = (
                        promised and after[3].minutes is not None and after[3].minutes > Decimal(promised)
                    )
                    outcome = "failed" if not after[3].is_conforming else "late" if is_late else "kept"
                else:
                    outcome = "missing" if due_on <= facts.as_of else "open"
                history = by_name[name]
                worth = history.value_on(event.on) if history.is_active_on(event.on) else None
                value = yearly(worth.annualised, worth.trailing_12m) if worth else Decimal(0)
                found.append(Handoff(name, *pair, event.on, outcome, value))
    return found


def handoffs(facts: Facts, silos: Silos) -> list[dict]:
    found = green_handoffs(facts, silos)
    found += [replace(handoff, from_stage=ALL, to_stage=ALL) for handoff in found]
    stages = {row["stage"]: row for row in silos.tables["journey_stage"]}
    rows = []
    for period in periods(facts, value_movements(facts)):
        for pair in sorted({(h.from_stage, h.to_stage) for h in found}):
            inside = [h for h in found if period.holds(h.closed_on) and (h.from_stage, h.to_stage) == pair]
            if not inside:
                continue
            whom = {
                outcome: {h.customer for h in inside if h.outcome == outcome}
                for outcome in (*LOST, "kept", "open")
            }
            lost = whom["late"] | whom["failed"] | whom["missing"]
            decided = len(lost | whom["kept"])
            first = {
                customer: min(
                    (h.closed_on, h.value) for h in inside if h.customer == customer and h.outcome in LOST
                )[1]
                for customer in lost
            }
            is_small = decided < max(facts.settings.minimum_cell_size, 1)
            low, high = (None, None) if is_small else wilson(len(lost), decided)
            one, other = (stages.get(stage, {}) for stage in pair)
            rows.append({
                "period_kind": period.kind, "period_start": period.start, "from_stage": pair[0], "to_stage": pair[1],
                "from_owner": one.get("owner") or None, "to_owner": other.get("owner") or None,
                "within_days": int(one["next_within_days"]) if one else None,
                "green_customers": len({h.customer for h in inside}), "decided_customers": decided,
                "handoff_loss_customers": len(lost),
                **{f"{outcome}_customers": len(whom[outcome]) for outcome in LOST},
                "handoff_loss_rate": None if is_small else half_up(ratio(len(lost), decided)),
                "handoff_loss_rate_low": low, "handoff_loss_rate_high": high, "is_small_cell": is_small,
                "handoff_loss_value": sum(first.values(), Decimal(0)),
                "is_provisional": period.end - ONE_DAY > facts.as_of or bool(whom["open"]),
            })  # fmt: skip
    return rows


# ------------------------------------------------------------------------------------------- metrics


def silo_values(facts: Facts, silos: Silos) -> dict[tuple[str, str], dict[date, Decimal]]:
    """The value of each silo metric in each month that has ended."""
    found: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(dict)
    for metric in silos.tables["silo_metric"]:
        key = (metric["silo"], metric["metric"])
        for row in silos.tables["silo_metric_value"]:
            if (row["silo"], row["metric"]) == key:
                found[key][date.fromisoformat(row["month"])] = Decimal(row["value"])
        months = defaultdict(list)
        for event in facts.events:
            if metric["touchpoint"] and event.touchpoint == metric["touchpoint"]:
                months[event.on.replace(day=1)].append(event)
        for month, events in months.items():
            minutes = [event.minutes for event in events if event.minutes is not None]
            total = round_half_up(Fraction(sum(minutes)), 4)
            value = {
                "mean_minutes": half_up(ratio(total, len(minutes))) if total < 10**12 else None,
                "conforming_share": half_up(ratio(sum(event.is_conforming for event in events), len(events))),
                "events": Decimal(len(events)),
            }[metric["touchpoint_measure"]]
            if value is not None:
                found[key][month] = value
        found[key] = {m: v for m, v in found[key].items() if months_later(m, 1) <= facts.as_of + ONE_DAY}
    return found


@dataclass(frozen=True)
class CustomerMonth:
    value: Decimal
    customers: int | None
    affected: Decimal | None


def customer_months(facts: Facts, silos: Silos) -> dict[str, dict[date, CustomerMonth]]:
    found: dict[str, dict[date, CustomerMonth]] = defaultdict(dict)
    everyone, green = ever_customers(facts), green_handoffs(facts, silos)
    first_green = min((h.closed_on for h in green), default=None)
    asked = [
        ticket.on
        for ticket in facts.tickets or ()
        if facts.customer_on(ticket.customer, ticket.on) in everyone and ticket.on <= facts.as_of
    ]
    for row in customer_math(facts):
        month = row["period_start"]
        end = months_later(month, 1)
        if (row["period_kind"], row["segment"], row["value_basis"]) != ("month", ALL, "annualised"):
            continue
        if end > facts.as_of + ONE_DAY:
            continue
        moved = [m for m in value_movements(facts) if month <= m.moved_on < end]
        lost = [m for m in moved if m.movement == "lost"]
        shrunk = [m for m in moved if m.movement == "contraction" and m.value.annualised]
        of_lost = (
            len({m.customer for m in lost}),
            sum((yearly(m.value.annualised, m.value.trailing_12m) for m in lost), Decimal(0)),
        )
        of_shrunk = (len({m.customer for m in shrunk}), sum((m.value.annualised for m in shrunk), Decimal(0)))
        for name, touched in {
            "new_customers": (None, None), "lost_customers": of_lost, "net_customers": of_lost,
            "lost_value": of_lost, "contraction_value": of_shrunk,
        }.items():  # fmt: skip
            found[name][month] = CustomerMonth(Decimal(row[name]), *touched)
        if asked and min(asked) < end:
            found["tickets"][month] = CustomerMonth(
                Decimal(sum(month <= on < end for on in asked)), None, None
            )
        inside = [h for h in green if month <= h.closed_on < end]
        if first_green and first_green < end and not any(h.outcome == "open" for h in inside):
            first: dict[str, Handoff] = {}
            for handoff in sorted(inside, key=lambda h: (h.closed_on, h.value)):
                if handoff.outcome in LOST:
                    first.setdefault(handoff.customer, handoff)
            worth = sum((handoff.value for handoff in first.values()), Decimal(0))
            found["handoff_loss_customers"][month] = CustomerMonth(Decimal(len(first)), len(first), worth)
    return found


def customer_metric_months(facts: Facts, silos: Silos) -> list[dict]:
    return [
        {
            "customer_metric": name, "month_start": month, "value": told.value, "affected_customers": told.customers,
            "affected_value": told.affected,
        }
        for name, months in customer_months(facts, silos).items()
        for month, told in months.items()
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- conflicts


@dataclass(frozen=True)
class Pair:
    month: date
    gain: Decimal
    worsening: Decimal
    is_good: bool
    then: CustomerMonth

    @property
    def is_conflict(self) -> bool:
        return self.is_good and self.worsening > 0


def pairs_of(
    metric: dict, values: dict[date, Decimal], months: dict[date, CustomerMonth], name: str, lag: int
) -> list[Pair]:
    wanted, target = 1 if metric["direction"] == "up" else -1, metric["target"] and Decimal(metric["target"])
    worse = -1 if name in WORSE_WHEN_LOWER else 1
    found = []
    for month, value in sorted(values.items()):
        before, then = values.get(months_later(month, -1)), months.get(months_later(month, lag))
        earlier = months.get(months_later(month, lag - 1))
        if before is None or then is None or earlier is None:
            continue
        gain = (value - before) * wanted
        is_met = bool(metric["target"]) and (value - target) * wanted >= 0
        found.append(Pair(month, gain, (then.value - earlier.value) * worse, gain > 0 or is_met, then))
    return found


def expected(pairs: list[Pair]) -> Fraction:
    return Fraction(sum(p.is_good for p in pairs) * sum(p.worsening > 0 for p in pairs), len(pairs))


def is_beyond_chance(pairs: list[Pair]) -> bool:
    """More months in conflict than a draw without replacement gives in one of a hundred, half a month taken off."""
    n, good, worse = len(pairs), sum(p.is_good for p in pairs), sum(p.worsening > 0 for p in pairs)
    if sum(p.is_conflict for p in pairs) < 3:
        return False
    above = sum(p.is_conflict for p in pairs) - expected(pairs) - Fraction(1, 2)
    variance = Fraction(good * (n - good) * worse * (n - worse), n * n * (n - 1))
    return above > 0 and above**2 >= BEYOND_CHANCE * variance


def ranks(values: list[Decimal]) -> list[Fraction]:
    return [
        Fraction(2 * sum(other < value for other in values) + sum(other == value for other in values) + 1, 2)
        for value in values
    ]


def spearman(pairs: list[Pair]) -> Decimal | None:
    if len(pairs) < 6:
        return None
    one, other = ranks([p.gain for p in pairs]), ranks([p.worsening for p in pairs])
    middle = Fraction(len(pairs) + 1, 2)
    spreads = [sum((rank - middle) ** 2 for rank in ranked) for ranked in (one, other)]
    if 0 in spreads:
        return None
    together = sum((a - middle) * (b - middle) for a, b in zip(one, other, strict=True))
    with localcontext(prec=60):
        both = Decimal((spreads[0] * spreads[1]).numerator) / Decimal((spreads[0] * spreads[1]).denominator)
        exact = Decimal(together.numerator) / Decimal(together.denominator) / both.sqrt()
        return Decimal(floor(exact * 10**6 + Decimal("0.5"))).scaleb(-6)


def conflicts(facts: Facts, silos: Silos) -> list[dict]:
    metrics = {(row["silo"], row["metric"]): row for row in silos.tables["silo_metric"]}
    values, months = silo_values(facts, silos), customer_months(facts, silos)
    rows = []
    for link in silos.tables["customer_metric_link"]:
        key, name = (link["silo"], link["metric"]), link["customer_metric"]
        tried = []
        for lag in sorted({0, int(link["lag_months"] or 0)}):
            pairs = pairs_of(metrics[key], values[key], months[name], name, lag)
            if pairs:
                count = sum(p.is_conflict for p in pairs)
                tried.append((expected(pairs) - count, lag, pairs))
        _, lag, pairs = min(tried) if tried else (0, None, [])
        is_observed = bool(pairs) and is_beyond_chance(pairs)
        in_conflict = [pair for pair in pairs if pair.is_conflict]
        customers, value = None, None
        if is_observed and in_conflict[0].then.affected is not None:
            customers = sum(pair.then.customers for pair in in_conflict)
            value = sum((pair.then.affected for pair in in_conflict), Decimal(0))
        weight = metrics[key]["incentive_weight"] and Decimal(metrics[key]["incentive_weight"])
        kinds = {
            (True, False): "structural",
            (True, True): "both",
            (False, True): "observed",
            (False, False): "none",
        }
        rows.append({
            **dict(zip(CONFLICT_KEY, (*key, name), strict=True)), "effect": link["effect"], "lag_months": lag,
            "conflict": kinds[link["effect"] == "hurts", is_observed], "paired_months": len(pairs),
            "silo_good_months": sum(p.is_good for p in pairs) if pairs else None,
            "customer_worse_months": sum(p.worsening > 0 for p in pairs) if pairs else None,
            "months_in_conflict": len(in_conflict) if pairs else None,
            "expected_months_in_conflict": half_up(expected(pairs)) if pairs else None,
            "first_conflict_month": min((p.month for p in in_conflict), default=None),
            "last_conflict_month": max((p.month for p in in_conflict), default=None),
            "affected_customers": customers, "affected_value": value,
            "severity": None if value is None or weight == "" else round(value * weight, 4),
            "correlation": spearman(pairs), "decision": link["decision"] or None,
            "decided_by": link["decided_by"] or None,
            "decided_on": date.fromisoformat(link["decided_on"]) if link["decided_on"] else None,
            "missing_source": None if pairs else "months in which both are known",
        })  # fmt: skip
    return rows


# ----------------------------------------------------------------------------------------- inventory


def inventory(facts: Facts, silos: Silos) -> list[dict]:
    metrics, links = silos.tables["silo_metric"], silos.tables["customer_metric_link"]
    values = silo_values(facts, silos)
    rows = []
    for metric in metrics:
        key = (metric["silo"], metric["metric"])
        linked = sorted(link["customer_metric"] for link in links if (link["silo"], link["metric"]) == key)
        others = sorted(
            other["silo"]
            for other in metrics
            if other["metric"].lower() == metric["metric"].lower()
            and other["definition"] != metric["definition"]
        )
        month = max(values[key], default=None)
        value, target = values[key].get(month), metric["target"] and Decimal(metric["target"])
        is_met = (
            (value >= target if metric["direction"] == "up" else value <= target)
            if target != "" and month
            else None
        )
        rows.append({
            "kind": "silo_metric", "silo": key[0], "metric": key[1], "owner": metric["owner"] or None,
            "direction": metric["direction"], "links": len(linked), "is_orphan": not linked,
            "customer_metrics": ", ".join(linked) or None, "is_unowned": not metric["owner"],
            "differing_silos": len(set(others)), "defined_otherwise_by": others[0] if others else None,
            "latest_month": month, "latest_value": value, "is_target_met": is_met,
            "silo_metrics": None, "orphan_metrics": None, "orphan_metric_share": None,
        })  # fmt: skip
    for name, table in PUBLISHED_IN.items():
        cards = [
            row
            for row in silos.tables["metric_definition"]
            if (row["metric"], row["published_in"]) == (name, table)
        ]
        card = max(cards, key=lambda row: int(row["version"]), default={})
        effects = [link["effect"] for link in links if link["customer_metric"] == name]
        rows.append({
            "kind": "customer_metric", "silo": "one_company", "metric": name, "owner": card.get("owner") or None,
            "direction": "up" if name in WORSE_WHEN_LOWER else "down", "links": len(effects),
            "is_orphan": not effects, "is_unowned": not card.get("owner") or "helps" not in effects,
        })  # fmt: skip
    for silo in sorted({metric["silo"] for metric in metrics} | ({ALL} if metrics else set())):
        own = [row for row in rows if row["kind"] == "silo_metric" and silo in (row["silo"], ALL)]
        orphans = sum(row["is_orphan"] for row in own)
        rows.append({
            "kind": "total", "silo": silo, "metric": None, "links": sum(row["links"] for row in own), "is_orphan": None,
            "is_unowned": None, "silo_metrics": len(own), "orphan_metrics": orphans,
            "orphan_metric_share": half_up(ratio(orphans, len(own))),
        })  # fmt: skip
    return rows
