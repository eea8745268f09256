"""Referrals the slow way: each new customer is asked who recommended us, each period who is there at its close."""

from tests.oracles.customer_math import (
    ALL,
    ONE_DAY,
    Facts,
    half_up,
    histories,
    periods,
    ratio,
    segments_of,
    standing,
    value_movements,
)
from tests.oracles.earned_growth import origin_of, referrer_of
from tests.oracles.rates import wilson


def referrals(facts: Facts) -> list[dict]:
    everyone = histories(facts)
    by_name = {history.customer: history for history in everyone}
    movements = value_movements(facts)
    arrivals = [movement for movement in movements if movement.movement == "new"]
    rows = []
    for period in periods(facts, movements):
        closes_on = min(period.end - ONE_DAY, facts.as_of)
        there = standing(facts)(closes_on).customers
        came = [arrival for arrival in arrivals if period.holds(arrival.moved_on)]
        recommended_by = [referrer_of(facts, by_name[arrival.customer]) for arrival in came]
        recommending = {facts.customer_on(record, closes_on) for record in recommended_by if record}
        for segment in segments_of(facts, everyone):
            origins = [
                origin_of(facts, by_name[arrival.customer])
                for arrival in came
                if segment in (arrival.segment, ALL)
            ]
            known = sum(is_known for _, _, is_known in origins)
            referred = sum(is_referred for _, is_referred, _ in origins)
            active = len(there[segment])
            referrers = len(there[segment] & recommending)
            smallest = facts.settings.minimum_cell_size
            asked, able = known if known >= smallest else 0, active if active >= smallest else 0
            rows.append(
                {
                    "period_kind": period.kind,
                    "period_start": period.start,
                    "segment": segment,
                    "new_customers": len(origins),
                    "new_customers_with_source": known,
                    "referred_customers": referred,
                    "referral_rate": half_up(ratio(referred, asked)),
                    "referral_rate_low": wilson(referred, asked)[0],
                    "referral_rate_high": wilson(referred, asked)[1],
                    "closing_customers": active,
                    "referrers": referrers,
                    "referrer_rate": half_up(ratio(referrers, able)),
                    "referrer_rate_low": wilson(referrers, able)[0],
                    "referrer_rate_high": wilson(referrers, able)[1],
                    "is_small_cell": known < smallest or active < smallest,
                }
            )
    return rows
