"""Where the company's ways of listening write: mailings and further surveys of Qualtrics, a second project of Delighted's, a
survey that a team runs by itself, and the shop's and the call centre's own files."""

from collections.abc import Iterator
from pathlib import Path

from simulator.days import iso, months_later
from simulator.delighted import DelightedFiles
from simulator.files import JsonFile, Table
from simulator.history import Calendar
from simulator.mailings import Mailings, SurveyFiles
from simulator.plants import Plants
from simulator.surveymonkey import SurveyMonkeyFiles
from simulator.surveys import (
    BEGGING,
    CASE_CLOSED,
    FEATURE_WISHES,
    ONBOARDING,
    RELATIONSHIP_NPS,
    RENEWAL_CHECK,
)

INVITATIONS = "invitation_ref,survey_ref,customer_ref,email,sent_at,channel,status"
RESPONSES = (
    "response_ref,survey_ref,invitation_ref,customer_ref,email,responded_at,metric,score,verbatim,language"
)
TICKETS = "ticket_ref,customer_ref,email,opened_at,first_replied_at,resolved_at,reopened_count,channel,category,verbatim"
FOLLOW_UPS = "follow_up_ref,of_vendor,of_system,of_kind,of_ref,kind,happened_at,owner,is_automatic"
CALLERS = "customer_ref,kind,name,email,created_at,is_test"


class PlainDesk:
    """Invitations, responses and tickets of one in-house system. Times are hours of a day, UTC."""

    def __init__(self, folder: Path, extracted: int, packed: str):
        def table(name: str, header: str) -> Table:
            return Table(folder / f"{name}_{iso(extracted)}.csv{packed}", header.split(","))

        self.system = folder.name
        self._invitations, self._responses = (
            table("survey_invitations", INVITATIONS),
            table("survey_responses", RESPONSES),
        )
        self._tickets = table("tickets", TICKETS)

    def files(self) -> list[Table]:
        return [self._invitations, self._responses, self._tickets]

    def invite(
        self, ref: str, survey: str, customer: str, day: int, hour: int, channel: str, status: str
    ) -> None:
        self._invitations.add((ref, survey, customer, "", moment(day, hour), channel, status))

    def answer(
        self, ref: str, survey: str, invitation: str, day: int, hour: int, score: int, words: str, language: str
    ) -> None:  # fmt: skip
        """Who answers is told by the invitation."""
        self._responses.add(
            (ref, survey, invitation, "", "", moment(day, hour), "nps", score, words, language)
        )

    def ticket(
        self, ref: str, customer: str, opened: int, hours: tuple[int, int], last: int, reopened: int, channel: str,
        category: str, words: str,
    ) -> None:  # fmt: skip
        """`hours` from the opening to the first reply and to the solution; what lies after the last day is open."""
        at = 9
        replied, solved = (
            moment(opened + (at + passed) // 24, (at + passed) % 24)
            if opened + (at + passed) // 24 <= last
            else ""
            for passed in hours
        )
        self._tickets.add(
            (ref, customer, "", moment(opened, at), replied, solved, reopened, channel, category, words)
        )


class ListeningFiles:
    def __init__(self, out: Path, when: Calendar, plants: Plants, is_compressed: bool):
        packed = ".gz" if is_compressed else ""
        qualtrics, shop, care = out / "qualtrics", out / "plain" / "shop", out / "plain" / "care"
        self.onboarding = BEGGING if plants.is_begging else ONBOARDING
        renewal_until = plants.stale_since or when.last
        self.mailings = Mailings(
            qualtrics,
            when,
            {RELATIONSHIP_NPS: when.last, self.onboarding: when.last, RENEWAL_CHECK: renewal_until},
            packed,
        )
        exported = {
            self.onboarding: (months_later(when.last + 1, -8), when.extracted),
            RENEWAL_CHECK: (when.extracted,),
        }
        self.responses = {survey: SurveyFiles(qualtrics, survey, days) for survey, days in exported.items()}
        self.cases = DelightedFiles(out / "delighted", when.extracted, CASE_CLOSED[2], f".json{packed}")
        self.wishes = None
        if plants.undeclared_since:
            self.wishes = SurveyMonkeyFiles(
                out / "surveymonkey", when.extracted, FEATURE_WISHES[2], "What is the main reason for your score?"
            )  # fmt: skip
        self.shop, self.care = (PlainDesk(folder, when.extracted, packed) for folder in (shop, care))
        self.callers = Table(care / f"customers_{iso(when.extracted)}.csv{packed}", CALLERS.split(","))
        self.follow_ups = Table(care / f"follow_ups_{iso(when.extracted)}.csv{packed}", FOLLOW_UPS.split(","))

    def files(self) -> Iterator[Table | JsonFile]:
        yield from self.mailings.files()
        for survey in self.responses.values():
            yield from survey.tables
        for way in (self.cases, self.wishes, self.shop, self.care):
            if way:
                yield from way.files()
        yield from (self.callers, self.follow_ups)


def moment(day: int, hour: int) -> str:
    return f"{iso(day)}T{hour:02d}:{day % 60:02d}:00Z"
