"""A company of random customers, drawn by Hypothesis, written down as `plain` exports.

Hypothesis draws one customer at a time, with its taste for edges: spans of one day, touching and gaping
rows, month ends, zero amounts, plans in every interval, purchases on the day another lapses, starts
after the as-of day. All of them together make one company, so that one build answers for thousands.
Records of a family may be found to be one customer, or two, from some day on: often a day on which something of the
family begins or ends, and often several of them on one day.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

from tests.oracles.customer_math import Stay

FIRST_DAY = date(2023, 1, 1)
AS_OF = date(2025, 12, 17)  # in the middle of a month: what is dated later in it is not known yet
EXTRACT_DAYS = [date(2024, 2, 29), date(2024, 9, 1), date(2025, 6, 17), AS_OF]
GRACE_DAYS = 7
SEGMENTS = ["small", "large", "public", "retail"]
CURRENCIES = ["EUR", "EUR", "USD", "JPY", "KWD"]

PROFILES = [
    {"profile": "recorded", "duplicates": "as_recorded"},
    {"profile": "by_agreement", "grain": "agreement"},
    {"profile": "tests", "test_accounts": "counted"},
    {"profile": "not_paying", "trials": "counted", "free_plans": "counted", "paused": "counted"},
    {"profile": "impatient", "past_due_days": "14", "cancel_date": "request"},
    {"profile": "forgetful", "reactivation_days": "45"},
    {"profile": "calm", "within_month": "ignored", "reactivation_days": "30"},
    {"profile": "list_price", "recurring_discounts": "ignored", "one_off_discounts": "deducted"},
    {"profile": "newest", "exchange_rate": "newest"},
    {"profile": "first", "exchange_rate": "first"},
    {
        "profile": "otherwise", "grain": "agreement", "duplicates": "as_recorded", "test_accounts": "counted", "trials": "counted",
        "free_plans": "counted", "past_due_days": "30", "cancel_date": "request", "reactivation_days": "20",
        "within_month": "ignored", "recurring_discounts": "ignored", "exchange_rate": "first",
        "time_zone": "Pacific/Kiritimati",  # of what is told as a day, nothing moves
    },
]  # fmt: skip
POLICIES = list(dict.fromkeys(column for profile in PROFILES for column in profile))

REFERENCE = {
    "definition_profile": [
        POLICIES,
        *[[profile.get(policy, "") for policy in POLICIES] for profile in PROFILES],
    ],
    "settings": [("setting", "value"), ("reporting_currency", "EUR"), ("grace_days", GRACE_DAYS)],
    "loss_reason": [
        ("silo", "code", "reason", "kind"),
        ("plain", "dear", "price", "voluntary"),
        ("plain", "broke", "payment failure", "involuntary"),
        ("plain", "moved", "moved away", ""),
    ],
    "segment_rule": [("segment", "lapse_days"), ("small", 60), ("large", 200), ("retail", 31)],
    "value_band": [("value_band", "at_least"), ("large", "1000"), ("small", "0.01"), ("medium", "120.5")],
    "fx_rate": [
        ("currency", "valid_from", "rate"),
        *[("USD", "2022-12-01", "0.925"), ("USD", "2023-07-01", "0.9125"), ("USD", "2024-02-29", "0.955501")],
        *[("USD", "2024-12-31", "0.9"), ("USD", "2025-01-01", "0.9001"), ("USD", "2025-08-15", "0.9001")],
        *[
            ("JPY", "2022-12-01", "0.0071"),
            ("JPY", "2024-04-01", "0.006125"),
            ("JPY", "2025-03-01", "0.0065"),
        ],
        *[("KWD", "2022-12-01", "3.015"), ("KWD", "2025-01-01", "3.0005")],
    ],
    "acquisition_source": [
        ("source", "kind", "is_referral"),
        ("ADS", "bought", "false"),
        ("partner", "earned", "true"),
    ],
    "cost_rate": [
        ("cost", "segment", "valid_from", "amount"),
        *[("direct_share", "all", "2023-03-02", "0.25"), ("direct_share", "all", "2024-07-01", "0.3")],
        *[("direct_share", "small", "2024-03-10", "0.333333"), ("direct_share", "large", "2022-01-01", "0")],
        *[("ticket", "all", "2023-06-15", "7.125"), ("ticket", "all", "2025-01-01", "8")],
        *[("ticket", "retail", "2024-01-15", "12.5"), ("ticket", "retail", "2025-06-01", "0")],
    ],
    "journey_stage": [
        ("stage", "position", "owner", "next_within_days"),
        *[
            ("use", 20, "team:use", 30),
            ("find", 3, "", 10),
            ("leave", 21, "team:leave", ""),
            ("return", 40, "", 5),
        ],
    ],
    "touchpoint": [
        ("touchpoint", "stage", "promised_minutes"),
        *[("visit", "find", ""), ("call", "use", "10.5"), ("box", "use", ""), ("farewell", "leave", "3")],
    ],
    "silo_metric": [
        (
            "silo",
            "metric",
            "definition",
            "owner",
            "direction",
            "target",
            "incentive_weight",
            "touchpoint",
            "touchpoint_measure",
        ),
        ("calls", "Speed", "mean minutes", "team:calls", "down", "10", "0.3", "call", "mean_minutes"),
        ("calls", "Kept", "share of calls", "", "up", "", "0.1", "call", "conforming_share"),
        ("calls", "Number", "calls", "team:calls", "up", "66", "", "call", "events"),
        ("visits", "number", "visits", "team:visits", "down", "", "", "visit", "events"),
        ("desk", "SPEED", "mean minutes", "team:desk", "up", "5", "0.333333", "", ""),
        ("desk", "Number", "rows", "", "up", "", "", "", ""),
    ],
    "customer_metric_link": [
        ("silo", "metric", "customer_metric", "effect", "lag_months", "decision", "decided_by", "decided_on"),
        ("calls", "Speed", "lost_customers", "helps", 3, "", "", ""),
        (
            "calls",
            "Speed",
            "handoff_loss_customers",
            "hurts",
            "",
            "change_owner",
            "team:cco-office",
            "2025-01-31",
        ),
        ("calls", "Kept", "tickets", "hurts", 1, "", "", ""),
        ("calls", "Number", "net_customers", "helps", 12, "", "", ""),
        ("visits", "number", "contraction_value", "helps", 1, "", "", ""),
        ("desk", "SPEED", "lost_value", "hurts", 2, "", "", ""),
        ("desk", "SPEED", "new_customers", "helps", 1, "", "", ""),
    ],
    "silo_metric_value": [  # with a gap, months at the same value, and months that have not ended
        ("silo", "metric", "month", "value"),
        *[
            ("desk", "SPEED", f"{year}-{month:02d}-01", month * month * (year - 2020) % 7)
            for year in (2023, 2024, 2025, 2026)
            for month in range(1, 13)
            if (year, month) != (2024, 5)
        ],
    ],
}
TOUCHPOINTS = ("visit", "visit", "call", "call", "box", "farewell", "nobody's")

Row = dict[str, str]


@dataclass(frozen=True)
class Life:
    """One customer's rows, without references: `write_company` gives those."""

    is_known: bool
    is_test: bool
    acquisition_source: str
    segments: tuple[str, ...]  # as seen in each extract; all empty where nobody says
    lines: tuple[tuple[Row, ...], ...]
    purchases: tuple[Row, ...]
    discounts: tuple[Row, ...]  # `line` is the number of the one that it is on

    @property
    def size(self) -> int:
        return (
            sum(len(line) for line in self.lines)
            + len(self.purchases)
            + len(self.discounts)
            + len(set(self.segments))
        )


days = st.integers(0, (AS_OF - FIRST_DAY).days + 40).map(lambda n: FIRST_DAY + timedelta(days=n))
amounts = st.one_of(
    st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100),
    st.sampled_from(["0", "0.01", "0.06", "9.99", "100", "1000", "0.0050", "33.3350", "1234.5675"]).map(
        Decimal
    ),
)
lengths = st.sampled_from([1, 2, 7, 14, 28, 29, 30, 31, 59, 90, 181, 365, 366, 730])
gaps = st.sampled_from([0, 0, 0, 1, GRACE_DAYS - 1, GRACE_DAYS, GRACE_DAYS + 1, 40, 366])


@st.composite
def a_line(draw: st.DrawFn) -> tuple[Row, ...]:
    """The rows of one subscription: they may touch or gape, never overlap; the last may be open."""
    currency = draw(st.sampled_from(CURRENCIES))
    starts_on = draw(days)
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        interval = draw(st.sampled_from(["day", "week", "month", "month", "quarter", "year", "year"]))
        length = draw(lengths)
        is_open = draw(st.booleans()) and interval != "day"
        if interval == "day":  # each of its days bills: keep the oracle's work within bounds
            length = min(length, 31)
        ends_on = starts_on + timedelta(days=length)
        rows.append(
            {
                "starts_on": str(starts_on),
                "ends_on": "" if is_open else str(ends_on),
                "amount": str(draw(amounts)),
                "currency": currency,
                "interval": interval,
                "interval_count": draw(st.sampled_from(["", "1", "1", "2", "3", "6"])),
                "is_trial": draw(st.sampled_from(["", "false", "false", "false", "false", "true"])),
                "cancel_reason": draw(st.sampled_from(["", "", "dear", "Broke", "odd", "moved"])),
            }
        )
        if is_open:
            break
        starts_on = ends_on + timedelta(days=draw(gaps))
    return tuple(rows)


@st.composite
def a_discount(draw: st.DrawFn) -> Row:
    starts_on = draw(days)
    length = draw(st.sampled_from([None, 1, 30, 31, 90, 92, 365, 400]))
    is_share = draw(st.booleans())
    return {
        "line": draw(st.integers(0, 2)),
        "starts_on": str(starts_on),
        "ends_on": str(starts_on + timedelta(days=length)) if length else "",
        "percent": draw(st.sampled_from(["5", "12.5", "33.3333", "50", "99.99", "100"])) if is_share else "",
        "amount": "" if is_share else draw(st.sampled_from(["0.01", "5.00", "33.3350", "1000"])),
        "is_once": draw(st.sampled_from(["", "", "true"])),
    }


@st.composite
def a_life(draw: st.DrawFn) -> Life:
    is_known = draw(st.sampled_from([True] * 9 + [False]))
    is_segmented = is_known and draw(st.sampled_from([True, True, True, False]))
    segment = st.sampled_from(SEGMENTS)
    purchases = st.fixed_dictionaries(
        {
            "purchased_on": days.map(str),
            "amount": amounts.filter(bool).map(str),
            "currency": st.sampled_from(CURRENCIES),
        }
    )
    return Life(
        is_known=is_known,
        is_test=is_known and draw(st.sampled_from([False] * 19 + [True])),
        acquisition_source=draw(st.sampled_from(["", "ads", "Ads", "partner", "event"])),
        segments=tuple(draw(segment) if is_segmented else "" for _ in EXTRACT_DAYS),
        lines=tuple(draw(st.lists(a_line(), max_size=3))),
        purchases=tuple(draw(st.lists(purchases, max_size=5))),
        discounts=tuple(draw(st.lists(a_discount(), max_size=3)) if draw(st.booleans()) else ()),
    )


FAMILY = 4  # records; each is a customer of its own name, but for what moves say, and there is one name more


@dataclass(frozen=True)
class Moves:
    """Of a family's records, whose each is at first and what it becomes: numbers of names, and of the days they share."""

    days: tuple[tuple[int, int], ...]  # the number of a day of the family's facts, and days added to it
    at_first: tuple[int, ...]
    later: tuple[tuple[tuple[int, int], ...], ...]  # for each record (day, name)


@st.composite
def moves(draw: st.DrawFn) -> Moves:
    name = st.integers(0, FAMILY)
    days = st.tuples(st.integers(0, 999), st.sampled_from([0, 0, 0, 1, -1, 100]))
    day = st.integers(0, 2)
    if draw(st.booleans()):
        return Moves((), (), ())
    return Moves(
        tuple(draw(st.lists(days, min_size=3, max_size=3))),
        tuple(draw(st.sampled_from([number] * 4 + [0, 1])) for number in range(FAMILY)),
        tuple(tuple(draw(st.lists(st.tuples(day, name), max_size=3))) for _ in range(FAMILY)),
    )


class WithoutConstants(HypothesisProvider):
    """Hypothesis but for the constants of loaded modules, which depend on the tests that ran before in this process."""

    def _maybe_draw_constant(self, *args: object, **kwargs: object) -> None:
        return None


AVAILABLE_PROVIDERS["without_constants"] = f"{__name__}.{WithoutConstants.__name__}"


def draw_all(strategy: st.SearchStrategy, count: int) -> list:
    """As many random values, the same ones every time."""
    drawn = []

    @settings(
        max_examples=count,
        derandomize=True,
        backend="without_constants",
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: object) -> None:
        drawn.append(value)

    collect()
    return drawn


def draw_lives(count: int) -> list[Life]:
    return draw_all(a_life(), count)


def draw_stays(lives: list[Life]) -> tuple[Stay, ...]:
    """Whose each record is from which day on, for those of the families in which any record moves."""
    found: list[Stay] = []
    for number, drawn in enumerate(draw_all(moves(), len(lives) // FAMILY)):
        members = range(number * FAMILY, (number + 1) * FAMILY)
        names = [f"plain/{name_of(member)}" for member in members]
        names.append(f"{names[0]}-new")
        for member, first, later in zip(members, drawn.at_first, drawn.later, strict=False):
            # a record that its own file does not name is there only where something else names it
            life = lives[member]
            if life.is_known or life.lines or life.purchases:
                record = f"plain/{name_of(member)}"
                found.append(Stay(record, names[first]))
                days_of_family = days_in([lives[of] for of in members])
                became = {
                    days_of_family[at % len(days_of_family)] + timedelta(days=added): names[name]
                    for day, name in later
                    for at, added in [drawn.days[day]]
                }
                for day, customer in sorted(became.items()):
                    if customer != found[-1].customer:
                        found.append(Stay(record, customer, day))
    return tuple(found)


def days_in(lives: list[Life]) -> list[date]:
    """The days on which something of them begins or ends."""
    rows = [row for life in lives for row in (*sum(life.lines, ()), *life.purchases)]
    told = {
        row[column] for row in rows for column in ("starts_on", "ends_on", "purchased_on") if row.get(column)
    }
    return sorted({date.fromisoformat(day) for day in told} | {*EXTRACT_DAYS})


def write_rows(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def name_of(number: int) -> str:
    return f"c{number:05d}"


def referrer_of(number: int, count: int) -> str:
    """Who recommended us to a customer: now and then its own record, one of its family, or one that nobody knows."""
    if number % 50 == 7:
        return name_of(number)
    if number % 50 == 8:
        return "nobody"
    if number % 20 == 5:
        return name_of(number - number % FAMILY + (number + 1) % FAMILY)
    return name_of((number * 31 + 7) % count) if number % 6 == 2 else ""


def told_of(number: int, row: Row) -> Row:
    """What policies ask of a line: now and then it rests, is not paid any more, or its end was asked for."""
    starts_on = date.fromisoformat(row["starts_on"])
    ends_on = date.fromisoformat(row["ends_on"] or row["starts_on"])
    asked_on = {2: starts_on - timedelta(days=9), 3: ends_on - timedelta(days=8), 4: ends_on}.get(number % 9)
    return {
        "is_paused": str(number % 11 == 3).lower(),
        "unpaid_since": str(starts_on + timedelta(days=number % 40)) if number % 6 == 1 else "",
        "cancel_requested_on": str(asked_on) if asked_on else "",
    }


def events_of(number: int) -> list[Row]:
    """What a customer met at touchpoints: in bursts, several of them at one moment, near midnight now and then."""
    chance = Random(f"events/{number}")
    day, rows = FIRST_DAY + timedelta(chance.randrange(900)), []
    for place in range(chance.choice((0, 2, 5, 9))):
        day += timedelta(chance.choice((0, 0, 1, 4, 10, 11, 30, 31, 200)))
        if day < AS_OF:
            rows.append(
                {
                    "event_ref": f"{name_of(number)}-{place}",
                    "touchpoint": chance.choice(TOUCHPOINTS),
                    "customer_ref": name_of(number),
                    "occurred_at": f"{day}T{chance.choice(('00:30', '12:00', '12:00', '23:30'))}:00Z",
                    "conforming": chance.choice(("true", "true", "true", "false")),
                    "minutes": chance.choice(("", "7.25", "10.5", "10.500001", "12", "30.125")),
                }
            )
    return rows


def write_company(lives: list[Life], exports: Path, reference: Path) -> None:
    """The company's exports and reference tables; customer n is `c<n>`, a prospect sets the as-of day."""
    for seen, day in enumerate(EXTRACT_DAYS):
        records = [
            {
                "customer_ref": name_of(number),
                "kind": "organisation",
                "segment": life.segments[seen],
                "acquisition_source": life.acquisition_source,
                "referred_by_ref": referrer_of(number, len(lives)),
                "created_at": "",
                "is_test": str(life.is_test).lower(),
            }
            for number, life in enumerate(lives)
            if life.is_known
        ]
        if day == AS_OF:
            prospect = dict.fromkeys(records[0], "")
            records.append(prospect | {"customer_ref": "prospect", "created_at": f"{AS_OF}T12:00:00Z"})
        write_rows(exports / "plain" / f"customers_{day}.csv", records)

    subscriptions = [
        {
            "subscription_ref": f"{name_of(number)}-{line_number}",
            "customer_ref": name_of(number),
            **row,
            **told_of(number + line_number + row_number, row),
        }
        for number, life in enumerate(lives)
        for line_number, line in enumerate(life.lines)
        for row_number, row in enumerate(line)
    ]
    write_rows(exports / "plain" / f"subscriptions_{AS_OF}.csv", subscriptions)
    discounts = [
        {
            "discount_ref": f"{name_of(number)}-{discount_number}",
            "subscription_ref": f"{name_of(number)}-{row['line']}",
            **{column: cell for column, cell in row.items() if column != "line"},
        }
        for number, life in enumerate(lives)
        for discount_number, row in enumerate(life.discounts)
    ]
    write_rows(exports / "plain" / f"discounts_{AS_OF}.csv", discounts)
    purchases = [
        {"purchase_ref": f"{name_of(number)}-{purchase_number}", "customer_ref": name_of(number), **row}
        for number, life in enumerate(lives)
        for purchase_number, row in enumerate(life.purchases)
    ]
    write_rows(exports / "plain" / f"purchases_{AS_OF}.csv", purchases)

    tickets = [
        {
            "ticket_ref": f"{name_of(number)}-{day}",
            "customer_ref": name_of(number),
            "opened_at": f"{day}T12:00:00Z",
        }
        for number, life in enumerate(lives)
        if life.is_known and number % 3
        for day in days_in([life])
    ]
    write_rows(exports / "plain" / f"tickets_{AS_OF}.csv", tickets)

    events = [
        row
        for number, life in enumerate(lives)
        if life.is_known or life.lines or life.purchases
        for row in events_of(number)
    ]
    write_rows(exports / "plain" / f"touchpoint_events_{AS_OF}.csv", events)

    for table, (header, *rows) in REFERENCE.items():
        write_rows(
            reference / f"{table}.csv", [dict(zip(header, map(str, row), strict=True)) for row in rows]
        )
