"""What no true value is beyond: one slip of a key shall be one refused record."""

# Data type -> greatest. 10^12 minor units are the most that a billing interface takes, and 10^10 in major units for most
# currencies; contracts ask a tenth of it where an amount is for a day. A table holds sums below 10^14: a weekly amount at the
# limit is 5.2 x 10^11 a year, so it takes many of them, or a high rate, to be beyond that (dagster_project/dbt.py says so).
GREATEST = {"money": 10**10, "minor": 10**12, "integer": 10**9, "decimal": 10**12}
FIRST_YEAR, LAST_YEAR = 1900, 2199  # ends may be later: some systems write 9999-12-31 for none
