"""What a run is asked for: the company's settings, and the day it is stated for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from zoneinfo import available_timezones

import pyarrow

from dagster_project.errors import UserError
from dagster_project.inputs import write_input
from dagster_project.paths import Paths

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class Settings:
    """The reference table `settings`, with the defaults of what it leaves out."""

    reporting_currency: str | None = None  # None: the one that most billing rows carry
    time_zone: str = "UTC"
    fiscal_year_starts_in: int = 1  # month, 1 to 12
    grace_days: int = 0
    history_starts_on: date | None = None
    close_after_days: int = 5
    reason_window_days: int = 31  # how far from a loss a stated reason may lie
    early_renewal_days: int = 31  # how long before an agreement ends another may begin in its place
    minimum_cell_size: int = 5  # of fewer customers no rate is told
    relationship_gap_days: int = 182  # between two relationship surveys to one person, or account
    transactional_gap_days: int = 90  # between a transactional survey and any other
    behaviour_shift_percent: int = 5  # a year's value that moves by more is a change of behaviour
    discount_rate_a_year: Decimal = Decimal("0.1")  # by how much a year's wait makes money worth less
    lifetime_horizon_months: int = 60  # longest that a customer is taken to stay

    @property
    def discount_rate_a_month(self) -> Decimal:
        """The rate that makes the yearly one in twelve months, to 8 places."""
        with localcontext(prec=40):
            monthly = (1 + self.discount_rate_a_year) ** (Decimal(1) / 12) - 1
            return monthly.quantize(Decimal("1e-8"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Asked:
    """What one run is asked for beside the settings."""

    as_of_on: date | None = None  # None: decided from the records
    known_on: date | None = None  # None: every batch
    is_trial: bool = False  # True: to see what would be restated, for nobody else to read

    @property
    def known_before(self) -> datetime | None:
        """First instant (UTC, without a zone) that is too late to be known."""
        return self.known_on and datetime.combine(self.known_on + timedelta(days=1), time.min)


def read_setting(name: str, text: str) -> object:
    """One value of the reference table. Raises ValueError with what is wrong and what is allowed."""
    return READERS[name](text)


def read_settings(values: Mapping[str, str | None]) -> Settings:
    """Settings from setting -> text; empty ones keep their default. Raises ValueError."""
    return Settings(**{name: read_setting(name, text) for name, text in values.items() if text})


def asked(environment: Mapping[str, str]) -> Asked:
    """ONE_COMPANY_AS_OF and ONE_COMPANY_KNOWN_ON. Raises UserError."""

    def day(setting: str) -> date | None:
        text = environment.get(setting, "").strip()
        try:
            return read_day(text) if text else None
        except ValueError as error:
            raise UserError(f"{setting}: {error}.") from None

    return Asked(day("ONE_COMPANY_AS_OF"), day("ONE_COMPANY_KNOWN_ON"))


def check_days(wanted: Asked, last: date) -> None:
    """Raises UserError where a day asked for is later than `last`, up to which something can be known."""
    days = {"ONE_COMPANY_AS_OF": wanted.as_of_on, "ONE_COMPANY_KNOWN_ON": wanted.known_on}
    for setting, day in days.items():
        if day and day > last:
            raise UserError(
                f"{setting}: {day} has not come yet, and the newest export is no later than {last}; "
                f"ask for {last} or an earlier day."
            )


def write_run_settings(paths: Paths, settings: Settings, wanted: Asked) -> None:
    """The one row that the models read as `source('run', 'settings')`."""
    row = {
        **asdict(settings),
        "discount_rate_a_month": settings.discount_rate_a_month,
        "as_of_on": wanted.as_of_on,
        "known_before": wanted.known_before,
    }
    write_input(paths.input("run", "settings"), pyarrow.Table.from_pylist([row], schema=RUN_SETTINGS))


def read_day(text: str) -> date:
    """A date written 2026-01-31. Raises ValueError."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"'{text}' is not a date; write it like 2026-01-31")


def whole_number(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text):
        raise ValueError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def rate(text: str) -> Decimal:
    if not re.fullmatch(r"0(\.\d{1,6})?|1(\.0{1,6})?", text):
        raise ValueError(f"'{text}' is not a rate from 0 to 1; write it like 0.08, with at most 6 decimals")
    return Decimal(text)


def months(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= 1200:
        raise ValueError(f"'{text}' is not a whole number of months from 1 to 1200")
    return int(text)


def days_of_a_window(text: str) -> int:
    if whole_number(text) > 366:
        raise ValueError(f"'{text}' is more than a year; write at most 366")
    return int(text)


def currency(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(f"'{text}' is not a currency; write its three capital letters, like EUR")
    return text


def month(text: str) -> int:
    """A month's English name or number, as its number."""
    if text.capitalize() in MONTHS:
        return MONTHS.index(text.capitalize()) + 1
    if re.fullmatch(r"0?[1-9]|1[0-2]", text):
        return int(text)
    raise ValueError(f"'{text}' is not a month; write one of {', '.join(MONTHS)}")


def time_zone(text: str) -> str:
    if text not in zones():
        raise ValueError(f"'{text}' is not a time zone; write UTC or a name like Europe/Berlin")
    return text


@cache
def zones() -> frozenset[str]:
    """Those that every machine means alike: `localtime` is wherever it stands."""
    return frozenset(available_timezones() - {"localtime"})


READERS: dict[str, Callable[[str], object]] = {
    "reporting_currency": currency,
    "time_zone": time_zone,
    "fiscal_year_starts_in": month,
    "grace_days": whole_number,
    "history_starts_on": read_day,
    "close_after_days": whole_number,
    "reason_window_days": days_of_a_window,
    "early_renewal_days": days_of_a_window,
    "minimum_cell_size": whole_number,
    "relationship_gap_days": whole_number,
    "transactional_gap_days": whole_number,
    "behaviour_shift_percent": whole_number,
    "discount_rate_a_year": rate,
    "lifetime_horizon_months": months,
}

RUN_SETTINGS = pyarrow.schema(
    {
        "reporting_currency": pyarrow.string(),
        "time_zone": pyarrow.string(),
        "fiscal_year_starts_in": pyarrow.int32(),
        "grace_days": pyarrow.int32(),
        "history_starts_on": pyarrow.date32(),
        "close_after_days": pyarrow.int32(),
        "reason_window_days": pyarrow.int32(),
        "early_renewal_days": pyarrow.int32(),
        "minimum_cell_size": pyarrow.int32(),
        "relationship_gap_days": pyarrow.int32(),
        "transactional_gap_days": pyarrow.int32(),
        "behaviour_shift_percent": pyarrow.int32(),
        "discount_rate_a_month": pyarrow.decimal128(28, 12),
        "lifetime_horizon_months": pyarrow.int32(),
        "as_of_on": pyarrow.date32(),
        "known_before": pyarrow.timestamp("us"),
    }
)
