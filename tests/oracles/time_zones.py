"""How a profile counts agreements whose moments it dates in a time zone of its own, asked day by day.

A moment becomes a day in the profile's zone. Only what the company's own days make nothing of is nothing for everybody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.oracles.customer_math import NOTHING, Facts, Movement, Span, periods
from tests.oracles.definition_profiles import Unit, totals_of


@dataclass(frozen=True)
class Agreement:
    customer: str
    ref: str
    starts_at: datetime
    ends_at: datetime | None
    requested_at: datetime | None
    unpaid_at: datetime | None
    amount: Decimal

    def span(self, zone: str, profile: dict[str, str]) -> Span:
        def day(moment: datetime) -> date:
            return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()

        starts_on, ends = day(self.starts_at), []
        if self.ends_at:
            ends.append(day(self.ends_at))
            if profile.get("cancel_date") == "request" and self.requested_at:
                ends.append(max(starts_on, day(self.requested_at)))
        if profile.get("past_due_days") and self.unpaid_at:
            ends.append(day(self.unpaid_at) + timedelta(days=int(profile["past_due_days"])))
        return Span(self.customer, self.ref, starts_on, min(ends, default=None), self.amount, "USD", "month")


def spans_of(agreements: Iterable[Agreement], own_zone: str, profile: dict[str, str]) -> Iterator[Span]:
    for agreement in agreements:
        company, own = (
            agreement.span(zone, counted)
            for zone, counted in ((own_zone, {}), (profile.get("time_zone") or own_zone, profile))
        )
        if all(span.valid_to is None or span.valid_from < span.valid_to for span in (company, own)):
            yield own


def totals(
    profile: dict[str, str], agreements: list[Agreement], own_zone: str, as_of: date
) -> dict[tuple[str, date], dict[str, Decimal]]:
    """The profile's figures of each period of the company's own calendar, by kind and first day."""
    facts = Facts(as_of)
    first_on = min(span.valid_from for span in spans_of(agreements, own_zone, {}))
    units: dict[str, Unit] = {}
    for span in spans_of(agreements, own_zone, profile):
        who = f"{span.customer} {span.line}" if profile.get("grain") == "agreement" else span.customer
        units.setdefault(who, Unit(profile, facts)).spans.append(span)
    return {
        (period.kind, period.start): totals_of(period, list(units.values()), facts)
        for period in periods(facts, [Movement("", first_on, "new", "", NOTHING)])
    }
