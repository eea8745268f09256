"""The two tables that everything is compared in, as plain rows, and how two of them differ."""

from collections.abc import Iterable
from dataclasses import asdict

from tests.oracles.customer_math import BASES, UNKNOWN, Facts, Movement, value_movements

MATH_KEY = ("period_kind", "period_start", "segment", "value_basis")
MATH_COLUMNS = (
    *MATH_KEY, "currency",
    "opening_customers", "new_customers", "won_back_customers", "lost_customers",
    "transferred_in_customers", "transferred_out_customers", "merged_customers", "closing_customers",
    "net_customers",
    "opening_value", "new_value", "won_back_value", "expansion_value", "contraction_value", "lost_value",
    "transferred_in_value", "transferred_out_value", "fx_value", "closing_value", "net_value",
    "value_exchange_ratio", "replacement_share",
    "is_value_shrinking_while_count_grows", "is_rate_flattering", "is_revenue_masking_loss",
    "is_channel_flattering", "is_growth_only_won_back",
)  # fmt: skip
VALUE_COLUMNS = ("mrr_value", "annualised_value", "trailing_12m_value")
MOVEMENT_KEY = ("customer", "moved_on", "movement", "segment")
PEAK_COLUMNS = tuple(f"peak_{column}" for column in VALUE_COLUMNS)
MOVEMENT_COLUMNS = (*MOVEMENT_KEY, "currency", *VALUE_COLUMNS, "reason", *PEAK_COLUMNS, "loss_kind", "cause")


def movement_row(movement: Movement, currency: str, loss_kinds: dict[str, str]) -> dict:
    values = {f"{basis}_value": amount for basis, amount in asdict(movement.value).items()}
    return {
        "customer": movement.customer,
        "moved_on": movement.moved_on,
        "movement": movement.movement,
        "segment": movement.segment,
        "currency": currency,
        **values,
        "reason": movement.reason,
        **{f"peak_{basis}_value": movement.peak and getattr(movement.peak, basis) for basis in BASES},
        "loss_kind": loss_kinds.get(movement.reason, UNKNOWN) if movement.reason else None,
        "cause": movement.cause,
    }


def movement_rows(facts: Facts) -> list[dict]:
    currency, kinds = facts.settings.reporting_currency, facts.loss_kinds
    return [movement_row(movement, currency, kinds) for movement in value_movements(facts)]


def keyed(rows: Iterable[dict], key: tuple[str, ...]) -> dict[tuple, dict]:
    """Rows by their key. Raises ValueError where two rows share one, which no compared table may have."""
    found: dict[tuple, dict] = {}
    for row in rows:
        name = tuple(row[column] for column in key)
        if name in found:
            raise ValueError(f"two rows for {' '.join(map(str, name))}")
        found[name] = row
    return found


def differences(expected: Iterable[dict], found: Iterable[dict], key: tuple[str, ...]) -> list[str]:
    """One line for each row that is missing, too many, or differs in a column that `expected` has."""
    expected_by_key, found_by_key = keyed(expected, key), keyed(found, key)
    lines = []
    for name in sorted(expected_by_key.keys() | found_by_key.keys(), key=str):
        title = " ".join(map(str, name))
        if name not in found_by_key:
            lines.append(f"{title}: missing, expected {expected_by_key[name]}")
        elif name not in expected_by_key:
            lines.append(f"{title}: not expected, found {found_by_key[name]}")
        else:
            lines.extend(
                f"{title}: {column} is {found_by_key[name][column]}, expected {value}"
                for column, value in expected_by_key[name].items()
                if found_by_key[name][column] != value
            )
    return lines


def told(lines: list[str], most: int = 20) -> str:
    """The first differences, for an assertion's message."""
    return "\n".join([f"{len(lines)} differences", *lines[:most]])
