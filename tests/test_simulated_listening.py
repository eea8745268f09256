"""How the sample company listens: the truth says what the files hold, what is planted is there, and an honest company has none."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.oracles.facts_from_plain import read_rows
from tests.test_simulator import contents, simulate

CATEGORIES = {
    "care": {"billing": "BILL", "access": "ACCESS", "faults": "TECH"},
    "shop": {"billing": "Payment", "access": "Account"},
}
OWN_DOMAIN = "@desk-of-ours.example"


class Company:
    """A company's files, read as plainly as may be."""

    def __init__(self, folder: Path):
        self.exports, self.truth = folder / "exports", folder / "truth"
        self.plants = {row["plant"]: row for row in self.told("plants")}
        mailed = {row["id"]: row for row in self.rows("qualtrics/distributions_")}
        people = {row["contactId"]: row for row in self.rows("qualtrics/contacts_")}
        survey = {row["id"]: row["name"] for row in self.rows("qualtrics/surveys_")}
        callers = {row["customer_ref"]: row["email"] for row in self.rows("plain/care/customers_")}
        self.invitations = [  # survey, address, row
            (survey[mailed[row["distributionId"]]["surveyId"]], people[row["contactId"]]["email"], row)
            for row in self.rows("qualtrics/distribution_contacts_")
            if mailed[row["distributionId"]]["requestType"] == "Invite"
        ]
        self.calls = [
            (callers[row["customer_ref"]], row) for row in self.rows("plain/care/survey_invitations_")
        ]
        self.cases = self.objects("delighted/Case closed-")
        self.case_people = self.objects("delighted/Case closed people")
        self.sends = [  # address, day, survey, of those that an export shows
            *((mail, row["sentAt"][:10], name) for name, mail, row in self.invitations if row["sentAt"]),
            *((mail, row["sent_at"][:10], "care-call") for mail, row in self.calls),
            *((row["email"], day_of(row["last_sent_at"]), "Case closed") for row in self.case_people),
        ]  # fmt: skip

    def told(self, name: str) -> list[dict[str, str]]:
        return read_rows(self.truth / f"{name}.csv")

    def rows(self, beginning: str, further_headers: int = 0) -> list[dict[str, str]]:
        return [
            row
            for path in self.files(beginning)
            for row in list(csv.DictReader(text_of(path).splitlines(keepends=True)))[further_headers:]
        ]

    def objects(self, beginning: str) -> list[dict]:
        return [entry for path in self.files(beginning) for entry in json.loads(text_of(path))]

    def files(self, beginning: str) -> list[Path]:
        path = self.exports / beginning
        return sorted(path.parent.glob(f"{path.name}*"))

    def shares(self) -> Iterator[tuple[str, float, float]]:
        """What is planted, how strong the truth says it is, and how strong the files show it to be."""
        scores = Counter(int(row["score"]) for row in self.rows("plain/care/survey_responses_"))
        yield "threshold", self.strength("threshold"), 1 - (scores[7] + scores[8]) / (scores[10] * 27 / 12)
        persons = {row["id"]: row["email"] for row in self.case_people}
        staff = sum(persons[answer["person"]].endswith(OWN_DOMAIN) for answer in self.cases)
        yield "staff_answers", self.strength("staff_answers"), staff / len(self.cases)
        yield "cherry_picking", self.strength("cherry_picking"), self.left_out()

    def strength(self, plant: str) -> float:
        return float(self.plants[plant]["strength"]) if plant in self.plants else 0.0

    def left_out(self) -> float:
        """How much rarer an invitation follows a parcel that disappointed than one that came as promised."""
        asked = {
            (row["customer_ref"], row["sent_at"][:10]) for row in self.rows("plain/shop/survey_invitations_")
        }
        met: Counter = Counter()
        for row in self.rows("plain/shop/touchpoint_events_"):
            if row["touchpoint"] == "arrival":
                day = str(date.fromordinal(date.fromisoformat(row["occurred_at"][:10]).toordinal() + 1))
                met[row["conforming"], (row["customer_ref"], day) in asked] += 1
        kept, broken = (met[how, True] / (met[how, True] + met[how, False]) for how in ("true", "false"))
        return 1 - broken / kept

    def said_about(self, category: str) -> Counter:
        """Tickets of a category by month."""
        return Counter(
            row["opened_at"][:7]
            for system, codes in CATEGORIES.items()
            for row in self.rows(f"plain/{system}/tickets_")
            if row["category"] == codes.get(category)
        )


def text_of(path: Path) -> str:
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode(
        "utf-8-sig"
    )


def day_of(seconds: int) -> str:
    return str(datetime.fromtimestamp(seconds, UTC).date())


@pytest.fixture(scope="module", params=["7", "11"])
def planted(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Company:
    return Company(simulate(tmp_path_factory.mktemp("planted"), "--seed", request.param))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return Company(simulate(tmp_path_factory.mktemp("honest"), "--listening", "honest"))


def test_listening_adds_files_and_changes_none(tmp_path: Path) -> None:
    few = ("--customers", "120")
    silent = contents(simulate(tmp_path / "silent", *few, "--listening", "none") / "exports")
    heard = contents(simulate(tmp_path / "heard", *few) / "exports")
    assert [name for name in silent if heard.get(name) != silent[name]] == []
    assert {name.split("/")[0] for name in heard.keys() - silent.keys()} == {
        "qualtrics", "surveymonkey", "delighted", "plain",
    }  # fmt: skip


def test_the_truth_counts_what_the_files_hold(planted: Company, honest: Company) -> None:
    for company in (planted, honest):
        counted: dict[str, Counter] = defaultdict(Counter)
        for name, _, row in company.invitations:
            kept_back, bounced = row["status"] == "Skipped", row["status"].endswith("Bounce")
            counted[name].update(
                ["invited", "suppressed" if kept_back else "bounced" if bounced else "sent"]
                + [step for step, at in (("opened", "openedAt"), ("started", "responseStartedAt"),
                                         ("finished", "responseCompletedAt")) if row[at]]
            )  # fmt: skip
        for name in ("Onboarding", "Renewal check"):
            answers = company.rows(f"qualtrics/{name}_", further_headers=2)
            counted[name]["scored"] = sum(row["Finished"] == "True" for row in answers)
        for system, name in (("care", "care-call"), ("shop", "delivery")):
            for row in company.rows(f"plain/{system}/survey_invitations_"):
                counted[name].update(["invited", row["status"]])
            counted[name]["scored"] = len(company.rows(f"plain/{system}/survey_responses_"))
        counted["Case closed"]["scored"] = len(company.cases)
        wishes = company.rows("surveymonkey/Feature wishes", further_headers=1)
        if wishes:
            counted["Feature wishes"]["scored"] = len(wishes)
        told = {row["survey_ref"]: row for row in company.told("surveys")}
        assert told.keys() == counted.keys()
        for name, row in told.items():
            # of Delighted's sends its list of people shows the last of each person alone
            columns = ["scored"] if name == "Case closed" else list(row)[3:]
            assert {column: int(row[column]) for column in columns} == {
                column: counted[name][column] for column in columns
            }, name


def test_only_planted_people_are_asked_against_the_rule(planted: Company, honest: Company) -> None:
    assert planted.told("pressed") and not honest.told("pressed")
    for company in (planted, honest):
        breaches = Counter(mail for mail, *_ in broken_rules(company.sends) if not mail.endswith(OWN_DOMAIN))
        assert breaches == {row["email"]: int(row["breaches"]) for row in company.told("pressed")}
    # a customer whose people are asked one after the other is asked too often as well; an honest company spares it
    domain_of = [
        (mail.split("@")[1] if mail.endswith(".example") else mail, *send) for mail, *send in honest.sends
    ]
    assert not [send for send in broken_rules(domain_of) if send[0] != OWN_DOMAIN[1:]]


def broken_rules(sends: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Each ask of somebody within 90 days after another, or before one of the relationship survey, which is asked at will but
    for 182 days after itself. On one day the relationship survey is first."""
    of: dict[str, list[tuple[date, bool, str]]] = defaultdict(list)
    for who, day, survey in sends:
        of[who].append((date.fromisoformat(day), survey != "Relationship NPS", survey))
    for who, asked in of.items():
        asked.sort()
        for place, (at, gives_way, survey) in enumerate(asked):
            before = [(at - on).days for on, gave_way, _ in asked[:place] if gives_way or not gave_way]
            after = [(on - at).days for on, gave_way, _ in asked[place + 1 :] if gives_way and not gave_way]
            if min(before + after, default=365) < (90 if gives_way else 182):
                yield who, survey


def test_each_tool_keeps_its_own_rule(planted: Company) -> None:
    of_tool = {"care-call": "care", "Case closed": "delighted"}
    asked = defaultdict(list)
    for mail, day, survey in planted.sends:
        asked[mail, of_tool.get(survey, "qualtrics")].append(date.fromisoformat(day))
    assert all(
        (later - earlier).days >= 90
        for days in map(sorted, asked.values())
        for earlier, later in zip(days, days[1:], strict=False)
    )


def test_whoever_opted_out_is_asked_again_only_where_it_is_planted(planted: Company, honest: Company) -> None:
    assert planted.told("leaks") and not honest.told("leaks")
    for company in (planted, honest):
        out = {
            row["email"]: day_of(row["unsubscribed_at"])
            for row in company.objects("delighted/Case closed unsub")
        }
        out |= {
            row["email"]: day_of(row["unsubscribed_at"])
            for row in company.objects("delighted/After support unsub")
        }
        out |= {
            row["email"]: row["directoryUnsubscribeDate"][:10]
            for row in company.rows("qualtrics/contacts_")
            if row["directoryUnsubscribed"] == "true"
        }
        assert len(out) > 20
        leaked = sorted((day, survey) for mail, day, survey in company.sends if out.get(mail, day) < day)
        assert leaked == sorted(
            (row["asked_on"], {"plain": "care-call"}.get(row["asked_vendor"], "Renewal check"))
            for row in company.told("leaks")
        )


def test_what_is_planted_shows_as_strong_as_the_truth_says(planted: Company, honest: Company) -> None:
    for plant, strength, seen in planted.shares():
        assert abs(seen - strength) < 0.2, plant
    for plant, _, seen in honest.shares():
        assert abs(seen) < 0.3, plant
    for company, is_planted in ((planted, True), (honest, False)):
        wordings = [text_of(path) for path in company.files("qualtrics/Onboarding_")]
        assert ["9 or 10" in wording for wording in wordings] == [False, is_planted]
        assert bool(company.files("surveymonkey/Feature wishes")) == is_planted
        last = max(row["sentAt"][:10] for name, _, row in company.invitations if name == "Renewal check")
        assert last <= planted.plants["stale_survey"]["since"] if is_planted else last > "2026-09-01"
    issue = planted.plants["emerging_issue"]
    for company, least, most in ((planted, 3, 12), (honest, 0, 2.5)):
        months = company.said_about(issue["category"])
        before = sum(count for month, count in months.items() if "2025-09" <= month < "2026-09") / 12
        assert least < months["2026-10"] / before < most


def test_the_silent_segment_is_worth_much_and_rarely_answers(planted: Company, honest: Company) -> None:
    """By the segments that customers began in. The relationship survey was answered before anybody listened."""
    for company in (planted, honest):
        segment = {
            row["true_customer"]: row["segment"] for row in company.told("segments") if not row["valid_from"]
        }
        customer = {
            (row["object"], row["source_ref"]): row["true_customer"] for row in company.told("records")
        }
        given = {row["invitation_ref"] for row in company.rows("plain/care/survey_responses_")}
        answers = defaultdict(list)
        for _, row in company.calls:
            who = customer["customers", row["customer_ref"]]
            answers[segment[who]].append(row["invitation_ref"] in given)
        for name, _, row in company.invitations:
            if name != "Relationship NPS" and row["status"] not in ("Skipped", "HardBounce", "SoftBounce"):
                answers[segment[customer["contacts", row["contactId"]]]].append(
                    bool(row["responseStartedAt"])
                )
        rates = {name: sum(found) / len(found) for name, found in answers.items()}
        others = min(rates["Mid-market"], rates["Small business"])
        assert (
            rates["Enterprise"] < 0.16 < 0.3 < others if company is planted else min(rates.values()) > 0.3
        ), rates


def test_what_was_done_about_it_points_at_what_was_said(planted: Company) -> None:
    answers = {
        row["ResponseId"]
        for name in ("Onboarding", "Relationship NPS")
        for row in planted.rows(f"qualtrics/{name}_", further_headers=2)
    }
    answers |= {row["response_ref"] for row in planted.rows("plain/care/survey_responses_")}
    answers |= {entry["id"] for entry in planted.cases}
    tickets = {row["ticket_ref"] for row in planted.rows("plain/care/tickets_")}
    done = planted.rows("plain/care/follow_ups_")
    assert {row["kind"] for row in done} == {"contact", "resolved", "told"}
    assert {row["is_automatic"] for row in done} == {"true", "false"}
    for row in done:
        assert row["of_ref"] in (tickets if row["of_kind"] == "ticket" else answers)


def test_words_of_all_languages_stand_in_the_files_as_they_were_said(planted: Company) -> None:
    said = {
        row["verbatim"] for system in ("care", "shop") for row in planted.rows(f"plain/{system}/tickets_")
    }
    assert {"二重に請求されました。", "パスワードが\n届きません。", "كان الطرد فارغا 📦"} <= said
    languages = {row["language"] for row in planted.rows("plain/shop/survey_responses_")}
    assert languages == {"en", "de", "es", "ja", "ar"}


def test_the_same_people_are_known_to_several_tools(planted: Company) -> None:
    """By other ids: each project of Delighted's has a list of its own."""
    after_support = {
        entry["email"]: entry["id"] for entry in planted.objects("delighted/After support people")
    }
    case_closed = {entry["email"]: entry["id"] for entry in planted.case_people}
    directory = {row["email"] for row in planted.rows("qualtrics/contacts_")}
    callers = {mail for mail, _ in planted.calls}
    both = after_support.keys() & case_closed.keys()
    assert len(both) > 5 and all(after_support[mail] != case_closed[mail] for mail in both)
    assert len(case_closed.keys() & directory & callers) > 20
