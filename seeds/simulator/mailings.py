"""Qualtrics: whom it mailed what. Surveys of the account, the directory, weekly mailings, and what became of each; and further
surveys with their responses."""

from bisect import bisect
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from simulator.days import iso, months_later
from simulator.files import Table
from simulator.history import Calendar
from simulator.qualtrics import COMMON, IMPORT_IDS, LABELS, ZONE, import_id
from simulator.surveys import Survey

SURVEYS = "id,name,isActive,ownerId,lastModified,creationDate"
CONTACTS = "contactId,firstName,lastName,email,phone,extRef,directoryUnsubscribed,directoryUnsubscribeDate"
DISTRIBUTIONS = "id,requestType,sendDate,surveyId"
RECIPIENTS = (
    "distributionId,contactId,status,sentAt,openedAt,responseStartedAt,responseCompletedAt,responseId,"
    "contact_frequency_rule_id"
)
AT = "T06:00:00Z"
MONDAY, WEEK = 1, 7  # the ordinal of a Monday leaves 1 over whole weeks
FREQUENCY_RULE = "FQ_90days"
LOCAL = ZoneInfo(ZONE)


def next_monday(day: int) -> int:
    """The day itself where it is one."""
    return day + (MONDAY - day) % WEEK


def last_monday(day: int) -> int:
    return day - (day - MONDAY) % WEEK


class Mailings:
    """Every survey is mailed on Mondays: invitations, reminders a week later, and thanks."""

    def __init__(self, folder: Path, when: Calendar, surveys: dict[Survey, int], packed: str):
        """`surveys` says until which day each of them is mailed."""
        on = iso(when.extracted)

        def table(name: str, header: str, ending: str = "") -> Table:
            return Table(folder / f"{name}_{on}.csv{ending}", header.split(","))

        self.last = when.last
        listed, mailed = table("surveys", SURVEYS), table("distributions", DISTRIBUTIONS, packed)
        self.contacts, self.recipients = (
            table("contacts", CONTACTS),
            table("distribution_contacts", RECIPIENTS, packed),
        )
        changed = months_later(when.last + 1, -8)
        for survey, until in surveys.items():
            is_active = "true" if until >= when.last else "false"
            at = iso(min(changed, until)) + "T15:00:00Z"
            listed.add(
                (survey.id, survey.name, is_active, "UR_cxteam00001", at, iso(when.first - 90) + "T15:00:00Z")
            )
            for day in range(last_monday(when.first), min(until + 21, when.last) + 1, WEEK):
                mailed.extend(
                    [(mailing(survey, kind, day), kind, iso(day) + AT, survey.id) for kind in ("Invite", "Reminder", "ThankYou")]
                )  # fmt: skip
        self._listed = (listed, mailed)

    def files(self) -> list[Table]:
        return [*self._listed, self.contacts, self.recipients]

    def contact(
        self, id: str, first: str, last: str, mail: str, reference: str, opted_out: int | None
    ) -> None:
        at = iso(opted_out) + "T19:00:00Z" if opted_out else ""
        self.contacts.add((id, first, last, mail, "", reference, "true" if opted_out else "false", at))

    def invite(
        self, survey: Survey, day: int, contact: str, status: str, opened: str = "", started: str = "",
        finished: str = "", response: str = "", answered_on: int | None = None,
    ) -> str:  # fmt: skip
        """One invitation, and the mails that follow from it. Returns its reference."""
        sent = "" if status == "Skipped" else iso(day) + AT
        rule = FREQUENCY_RULE if status == "Skipped" else ""
        invitation = mailing(survey, "Invite", day)
        self.recipients.add((invitation, contact, status, sent, opened, started, finished, response, rule))
        if status in ("Success", "Opened", "SurveyStarted") or (answered_on and answered_on > day + WEEK):
            self.follow(survey, "Reminder", day + WEEK, contact)
        if answered_on and status == "SurveyFinished":
            self.follow(survey, "ThankYou", next_monday(answered_on + 1), contact)
        return f"{invitation}/{contact}"

    def follow(self, survey: Survey, kind: str, day: int, contact: str) -> None:
        if day <= self.last:
            sent = iso(day) + AT
            self.recipients.add((mailing(survey, kind, day), contact, "Success", sent, "", "", "", "", ""))


class SurveyFiles:
    """Responses of one survey as choice text, those since an export in the next one."""

    def __init__(self, folder: Path, survey: Survey, days: tuple[int, ...]):
        """`days` are those of the exports."""
        self.days, tag = days, survey.tag
        group = f"{tag}_NPS_GROUP" if tag == "NPS" else ""
        header = [*COMMON.split(","), tag, *([group] if group else []), "Q2_TEXT"]
        asked = ["QID1", *(["QID1_NPS_GROUP"] if group else []), "QID2_TEXT"]

        def table(day: int, wording: str) -> Table:
            labels = [*LABELS.split(","), wording, *([f"{wording} - Group"] if group else []), "Why?"]
            import_ids = [import_id(name) for name in [*IMPORT_IDS.split(","), *asked]]
            return Table(folder / f"{survey.name}_{iso(day)}.csv", header, labels, import_ids)

        self.has_group = bool(group)
        self.tables = [table(day, wording) for day, wording in zip(days, survey.wordings, strict=True)]

    def response(
        self, ref: str, day: int, hour: int, score: int | str, words: str, language: str,
        who: tuple[str, str, str], reference: str, progress: int,
    ) -> None:  # fmt: skip
        start, end = f"{iso(day)} {hour:02d}:02:11", f"{iso(day)} {hour:02d}:07:40"
        first, last, mail = who
        group = ""
        if score != "":
            group = "Promoter" if score > 8 else "Passive" if score > 6 else "Detractor"
        self.tables[bisect(self.days, day)].add(
            (start, end, "IP Address", f"198.51.100.{day % 250}", progress, 329, "True" if progress == 100 else "False",
             end, ref, last, first, mail, reference, "", "", "email", language, score,
             *([group] if self.has_group else []), words)
        )  # fmt: skip


def mailing(survey: Survey, kind: str, day: int) -> str:
    return f"EMD_{survey.id[3:9]}{kind[:3]}{day:07d}"


def in_utc(day: int, hour: int, minute: int, second: int) -> str:
    """A moment of the survey's own time zone."""
    year, month, date = map(int, iso(day).split("-"))
    at = datetime(year, month, date, hour, minute, second, tzinfo=LOCAL).astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
