"""What is planted in how the company listens: how strong it is follows from the seed, and the truth tells it.

An honest company listens in the same way with nothing planted: what is found there is a false alarm.
"""

from dataclasses import dataclass
from random import Random

from simulator.days import iso, months_later
from simulator.history import Calendar
from simulator.surveys import CARE_CALL, CASE_CLOSED, DELIVERY, FEATURE_WISHES, ONBOARDING, RENEWAL_CHECK
from simulator.verbatims import MAY_COME_UP

HEADER = "plant,vendor,system,survey_ref,segment,category,since,strength,what_strength_is"
SILENT_SEGMENT = "Enterprise"  # who is worth the most


@dataclass(frozen=True)
class Plants:
    """Shares from 0 to 1; a day is None where nothing is planted."""

    tired: float = 0.0  # of organisations: asked by every tool as often as each allows itself
    tired_since: int | None = None
    leaking: float = 0.0  # of people who opted out: asked by another tool later
    silent: float | None = None  # which share of SILENT_SEGMENT answers
    undeclared_since: int | None = None  # a survey that nobody declared
    stale_since: int | None = None  # a declared survey that is sent no more
    issue: str = ""  # what comes up in the last months
    issue_since: int | None = None
    issue_times: int = 1  # as often as before
    picked: float = 0.0  # of those whose parcel disappointed: not invited
    staff: float = 0.0  # of a survey's answers: given by the company's own people
    moved: float = 0.0  # of scores just short of the threshold: written down as the threshold
    is_begging: bool = False

    def rows(self) -> list[tuple]:
        """What the truth tells of them."""
        nowhere = ("", "", "")
        found = [
            ("fatigue", *nowhere, "", "", self.tired_since, self.tired, "share of organisations"),
            ("opt_out_leak", *nowhere, "", "", None, self.leaking, "share of people who opted out"),
            ("silent_value", *nowhere, SILENT_SEGMENT, "", None, self.silent, "share that answers, but of Relationship NPS"),
            ("undeclared_survey", *FEATURE_WISHES, "", "", self.undeclared_since, 1, ""),
            ("stale_survey", *RENEWAL_CHECK.key, "", "", self.stale_since, 1, ""),
            ("emerging_issue", *nowhere, "", self.issue, self.issue_since, self.issue_times, "times as often as before"),
            ("cherry_picking", *DELIVERY, "", "", None, self.picked,
             "share of the disappointed who are not invited"),
            ("staff_answers", *CASE_CLOSED, "", "", None, self.staff, "share of the answers"),
            ("threshold", *CARE_CALL, "", "", None, self.moved, "share of scores 7 and 8 that became 9"),
            ("begging", *ONBOARDING.key, "", "", None, 1, ""),
        ]  # fmt: skip
        is_planted = self != Plants()
        return [(*row[:6], iso(row[6]) if row[6] else "", *row[7:]) for row in found if is_planted and row[7]]


def draw(seed: int, when: Calendar) -> Plants:
    rng = Random(f"{seed}/plants")

    def share(least: int, most: int) -> float:
        return rng.randint(least, most) / 100

    return Plants(
        tired=share(5, 12),
        tired_since=when.last - rng.randint(280, 420),
        leaking=share(40, 80),
        silent=share(2, 8),
        undeclared_since=when.last - rng.randint(150, 400),
        stale_since=when.last - rng.randint(230, 480),
        issue=rng.choice(MAY_COME_UP),
        issue_since=months_later(when.last + 1, -rng.randint(1, 2)),
        issue_times=rng.randint(5, 9),
        picked=share(90, 100),
        staff=share(10, 25),
        moved=share(50, 80),
        is_begging=True,
    )
