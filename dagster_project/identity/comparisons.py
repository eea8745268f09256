"""What is compared of two records, and the degrees of likeness.

Conditions are SQL over `feature`, whose columns end in `_l` and `_r` for the two records, and use only functions that DuckDB and
Spark answer alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.sql import literal


@dataclass(frozen=True)
class Level:
    """One degree of likeness. `words` tell it in the evidence. `speaks`: it counts for a join, which needs a name that speaks and
    something beside it that does."""

    name: str
    condition: str
    words: str
    speaks: bool = False


@dataclass(frozen=True)
class Comparison:
    """What is compared. `unknown`: when nothing can be said; `levels` from the likest on; `differs`: words for no level."""

    name: str
    unknown: str
    levels: tuple[Level, ...]
    differs: str


def _either_unknown(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in ("l", "r"))


NAME = Comparison(
    "name",
    _either_unknown("name"),
    (
        Level("same", "name_l = name_r", "same name", speaks=True),
        Level(
            "typo",
            "length(sorted_name_l) >= 6 and (levenshtein(sorted_name_l, sorted_name_r) <= 2 "
            "or levenshtein(spelled_name_l, spelled_name_r) <= 2)",
            "names differ by a letter or two",
            speaks=True,
        ),
        Level(
            "both_ends", "first_word_l = first_word_r and last_word_l = last_word_r", "names begin and end alike", speaks=True,
        ),
        Level(
            "last_and_initial",
            "kind_l = 'person' and kind_r = 'person' and last_word_l = last_word_r and left(first_word_l, 1) = left(first_word_r, 1)",
            "same surname and initial",
            speaks=True,
        ),
        Level(
            "leading",
            "(kind_l <> 'person' or kind_r <> 'person') and length(first_word_l) >= 4 and first_word_l = first_word_r",
            "names begin with the same word",
            speaks=True,
        ),
        Level("last", "length(last_word_l) >= 4 and (last_word_l = last_word_r or last_word_l = first_word_r or first_word_l = last_word_r)",
              "one word of the names is the same"),
    ),
    "different names",
)  # fmt: skip

COMPARISONS = (
    NAME,
    Comparison(
        "mailbox",
        _either_unknown("mailbox"),
        (
            Level("same", "mailbox_l = mailbox_r", "same mailbox", speaks=True),
            Level(
                "same_name",
                "domain_l is null and domain_r is null and length(mailbox_name_l) >= 5 and mailbox_name_l = mailbox_name_r",
                "same mailbox at another provider",
                speaks=True,
            ),
        ),
        "different mailboxes",
    ),
    Comparison(
        "domain",
        _either_unknown("domain"),
        (Level("same", "domain_l = domain_r", "same company domain", speaks=True),),
        "different company domains",
    ),
    Comparison(
        "phone",
        _either_unknown("phone"),
        (
            Level("same", "phone_l = phone_r", "same phone number", speaks=True),
            Level("switchboard", "switchboard_l = switchboard_r", "phones of one switchboard", speaks=True),
        ),
        "different phone numbers",
    ),
    Comparison(
        "address",
        "(street_l is null or street_r is null) and (postcode_l is null or postcode_r is null) and (city_l is null or city_r is null)",
        (
            Level(
                "same",
                "street_l = street_r and (postcode_l = postcode_r or city_l = city_r)",
                "same street address",
                speaks=True,
            ),
            Level("postcode", "postcode_l = postcode_r", "same postcode", speaks=True),
            Level("city", "city_l = city_r", "same city"),
        ),
        "different addresses",
    ),
)


def levels(comparison: Comparison) -> str:
    """SQL: the words for how alike a pair is in one comparison, null where nothing can be said."""
    cases = [f"when {comparison.unknown} then null"]
    cases += [f"when {level.condition} then {literal(level.words)}" for level in comparison.levels]
    return f"case {' '.join(cases)} else {literal(comparison.differs)} end"


def is_named_alike() -> str:
    """SQL: whether a pair's names are alike enough to speak for it."""
    return f"coalesce({_any_speaks(NAME)}, false)"


def speaks() -> str:
    """SQL: whether both a pair's names and something beside them speak for it: neither joins alone."""
    beside = " or ".join(_any_speaks(comparison) for comparison in COMPARISONS if comparison is not NAME)
    return f"({is_named_alike()} and coalesce({beside}, false))"


def _any_speaks(comparison: Comparison) -> str:
    said = " or ".join(f"({level.condition})" for level in comparison.levels if level.speaks)
    return f"(not ({comparison.unknown}) and ({said}))"
