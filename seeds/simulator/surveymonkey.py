"""SurveyMonkey: surveys with two header rows, times month first and hours to twelve."""

from datetime import date
from pathlib import Path

from simulator.days import iso
from simulator.files import Table

FIXED = "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1"
QUESTION = "How likely is it that you would recommend us to a friend or colleague?"
USED = "Which of these do you use, if any?"
OPTIONS = ("Reports", "Exports", "Other (please specify)")
WHY = 'What, "in a word", should we change?'
ENDS = {0: "Not at all likely - 0", 10: "Extremely likely - 10"}
COLLECTOR = 425_118_007
ANSWERS = ("Nothing", "The price,\nplease", 'Less "news"', "Faster support", "")


class SurveyMonkeyFiles:
    def __init__(self, folder: Path, extracted: int, survey: str = "Product survey", why: str = WHY):
        blank = [""] * len(FIXED.split(","))
        self.responses = Table(
            folder / f"{survey}_{iso(extracted)}.csv",
            [*FIXED.split(","), QUESTION, USED, *[""] * (len(OPTIONS) - 1), why],
            [*blank, "Response", *OPTIONS, "Open-Ended Response"],
            bom=True,
            newline="\r\n",
        )

    def files(self) -> list[Table]:
        return [self.responses]

    def response(
        self, ref: int, day: int, minute: int, score: int, who: tuple[str, str, str], custom_data: str, used: int,
        words: str,
    ) -> None:  # fmt: skip
        """`minute` of the day on which it began; `who` is first and last name and address."""
        first, last, mail = who
        ticked = [option if used >> place & 1 else "" for place, option in enumerate(OPTIONS)]
        self.responses.add(
            (ref, COLLECTOR, moment(day, minute), moment(day, minute + 4), f"192.0.2.{ref % 250}", mail, first, last,
             custom_data, ENDS.get(score, score), *ticked, words)
        )  # fmt: skip


def moment(day: int, minute: int) -> str:
    hour, minute = divmod(minute, 60)
    on = date.fromordinal(day)
    half = "AM" if hour < 12 else "PM"
    return f"{on.month:02d}/{on.day:02d}/{on.year} {(hour + 11) % 12 + 1:02d}:{minute:02d}:00 {half}"
