"""The measures of customer_math that add up, and what each movement does to them."""

CUSTOMERS = (
    "opening_customers", "new_customers", "won_back_customers", "lost_customers", "transferred_in_customers",
    "transferred_out_customers", "merged_customers", "closing_customers", "net_customers",
)  # fmt: skip
VALUES = (
    "opening_value", "new_value", "won_back_value", "expansion_value", "contraction_value", "lost_value",
    "transferred_in_value", "transferred_out_value", "fx_value", "closing_value", "net_value",
)  # fmt: skip
MEASURES = (*CUSTOMERS, *VALUES)
BASES = ("mrr", "annualised", "trailing_12m")

# Movement -> the flow that it is counted in and its sign there, the same for its value, and whether the flow is net growth.
COUNTED = {
    "new": ("new", 1), "won_back": ("won_back", 1), "lost": ("lost", 1), "transferred_in": ("transferred_in", 1),
    "transferred_out": ("transferred_out", 1), "merged": ("merged", 1), "split": ("merged", -1),
}  # fmt: skip
VALUED = {
    "new": "new", "won_back": "won_back", "lost": "lost", "expansion": "expansion", "contraction": "contraction",
    "transferred_in": "transferred_in", "split": "transferred_in", "taken_over": "transferred_in",
    "transferred_out": "transferred_out", "merged": "transferred_out", "handed_over": "transferred_out", "fx": "fx",
}  # fmt: skip
GOES = ("lost", "contraction", "transferred_out", "merged")  # flows that make a level fall
NET = ("new", "won_back", "lost", "expansion", "contraction")

Effect = tuple[str, str, str, int, bool]


def effects() -> list[Effect]:
    """(movement, measure, when it must lie: within the period, before it, or until its end, weight, whether its value
    counts and not its customers)."""
    found: list[Effect] = []

    def add(movement: str, flow: str, weight: int, unit: str) -> None:
        level = -weight if flow in GOES else weight
        if flow != "opening":
            found.append((movement, f"{flow}_{unit}", "within", weight, unit == "value"))
        if flow in NET:
            found.append((movement, f"net_{unit}", "within", level, unit == "value"))
        found.append((movement, f"opening_{unit}", "before", level, unit == "value"))
        found.append((movement, f"closing_{unit}", "until", level, unit == "value"))

    for movement, (flow, weight) in COUNTED.items():
        add(movement, flow, weight, "customers")
    for movement, flow in VALUED.items():
        add(movement, flow, 1, "value")
    for unit in ("customers", "value"):
        add("opening", "opening", 1, unit)
    return found
