"""Organisations are asked by four tools and call the care desk. Whatever else they do, the tools keep their rule among all of
them, except where something is planted: then each keeps it by itself (simulator/diary.py)."""

from collections.abc import Callable
from heapq import heappop, heappush

from simulator.days import iso
from simulator.diary import RELATIONSHIP, TRANSACTIONAL, Ask, OptOut, least_days
from simulator.listener import ANSWERING, ANSWERING_CALLS, BOUNCING, NPS, Listener
from simulator.listening_files import moment
from simulator.mailings import in_utc, last_monday, next_monday
from simulator.past import Asked, Person
from simulator.surveys import CARE_CALL, CASE_CLOSED, FEATURE_WISHES, RELATIONSHIP_NPS, RENEWAL_CHECK, Survey
from simulator.verbatims import WEIGHTS, words

WORDY = 0.55  # share of the answers that say why
WHOLE = 0.94  # share of the answers that reach the last page
ABROAD = 0.2  # share of the answers in English, whatever the language of the country
DRAWN = 0.5  # of the dates of the relationship survey that bring no answer; the sample leaves the others out
SKIPPED = 0.2  # of what Qualtrics' own rule keeps back: it was tried
OPTING_OUT = 0.1
TERM = 182  # days; before each that ends, a customer is asked about the renewal
CALLS_A_DAY = 0.12 / 30
CALLED_BACK, CALL_BACK = 0.4, 110  # share of those who are called after so many days where they do not call
CSAT = (0, 2, 3, 8, 20, 16)  # how often each score is given, from 0 on
CES = (0, 2, 2, 4, 8, 14, 18, 12)
KIND_OF = {RELATIONSHIP_NPS.name: RELATIONSHIP, "Product survey": RELATIONSHIP}
SHOWN = {"qualtrics", "care"}  # tools whose exports hold each send
OWN_DOMAIN = "desk-of-ours.example"


class OrganisationListener(Listener):
    def hear(self) -> None:
        self.waiting: list[tuple[int, int, str, Person]] = []  # day, place, way of asking, whom
        self.sent: dict[
            str, list[tuple[int, str]]
        ] = {}  # by address: day and kind of the sends that an export shows
        self.contacts: dict[
            str, tuple[Person, int | None]
        ] = {}  # Qualtrics' own: whom, and when they opted out
        self.invited: set[tuple[str, int, str]] = set()  # survey, day, contact
        self.callers: set[str] = set()
        self.case_people: dict[Person, list[int | None]] = {}  # first and last day asked, last answer
        self.is_tired = self.rng.random() < self.plants.tired and not self.is_bought
        first = max(self.past.spans[0].start, self.when.first)
        until = min(self.past.spans[-1].end or self.when.last, self.when.last)
        self.keep_dates()
        self.plan(first, until)
        while self.waiting:
            day, _, way, person = heappop(self.waiting)
            if day <= self.when.last:
                self.consider(day, way, person)
        self.close()

    # ------------------------------------------------------------------------------ when somebody may be asked

    def keep_dates(self) -> None:
        """Dates that stand, whatever else is asked: they have an answer already, or chance keeps them."""
        past, mailed = self.past, RELATIONSHIP_NPS.name
        kept = [
            asked
            for asked in past.asked
            if asked.survey != mailed or asked.ref or self.is_silent(asked.day) or self.rng.random() >= DRAWN
        ]
        for asked in kept:
            is_mailed = asked.survey == mailed
            day, tool = (last_monday(asked.day), "qualtrics") if is_mailed else (asked.day, asked.survey)
            self.diary.add(Ask(day, KIND_OF.get(asked.survey, TRANSACTIONAL), tool, asked.mail))
        for mail, day in past.opted_out:
            self.diary.opted_out[mail] = OptOut(day, "After support", ("", "", "", ""))
        for asked in kept:
            if asked.survey == mailed:
                self.mail(RELATIONSHIP_NPS, past.people[0], last_monday(asked.day), asked)

    def plan(self, first: int, until: int) -> None:
        past, rng, when = self.past, self.rng, self.when
        for day, mail in past.helped:
            for person in past.people:
                if person.mail == mail:
                    self.look_forward_to("case", person, day + 1, first)
        if self.is_bought:
            return
        self.take_calls(first, until)
        if rng.random() < CALLED_BACK:
            for day in range(first + rng.randrange(CALL_BACK), until, CALL_BACK):
                self.look_forward_to("call", rng.choice(past.people), day, first)
        starts, leader = past.spans[0].start, past.people[0]
        self.look_forward_to("onboarding", leader, next_monday(starts + 30), first)
        for day in range(starts + TERM - 50, until, TERM):
            self.look_forward_to("renewal", leader, next_monday(day), first)
        if since := self.plants.undeclared_since:
            day = since + rng.randrange(when.last - since)
            self.look_forward_to("wishes", rng.choice(past.people), day, max(first, since))
        if (
            self.is_tired
        ):  # every tool asks the same person as often as its own rule lets it, on days of its own
            since = max(first, self.plants.tired_since)
            for offset, way in enumerate(("call", "onboarding", "case")):
                for day in range(since + 22 * offset, until, 97):
                    self.look_forward_to(way, leader, next_monday(day) if way == "onboarding" else day, since)

    def look_forward_to(self, way: str, person: Person, day: int, first: int) -> None:
        if day >= first:
            heappush(self.waiting, (day, self.place("waiting"), way, person))

    def consider(self, day: int, way: str, person: Person) -> None:
        """Ask, where nothing stands against it."""
        ask, tool = self.WAYS[way]
        if way == "renewal" and day > (self.plants.stale_since or day):
            return
        asked, is_leak = Ask(day, TRANSACTIONAL, tool, person.mail), False
        opted_out = self.diary.opted_out.get(person.mail)
        if opted_out and opted_out.day <= day:
            # a leak shows where the sends do
            is_leak = not opted_out.is_heeded and tool in SHOWN and opted_out.tool != tool
            if not is_leak:
                return
        if not self.diary.allows(asked, heeds_others=not self.is_tired):
            if (
                tool == "qualtrics"
                and not self.diary.allows(asked, heeds_others=False)
                and self.rng.random() < SKIPPED
            ):
                self.skip(self.files.onboarding if way == "onboarding" else RENEWAL_CHECK, person, day)
            return
        self.diary.add(asked)
        ref = ask(self, person, day)
        if is_leak:
            self.past.leaks.append((*opted_out.record, iso(opted_out.day), *ref, iso(day)))

    def opt_out(self, person: Person, day: int, tool: str, record: tuple[str, str, str, str]) -> bool:
        """Whether somebody who was asked wants no more of it. Who has a date that stands stays."""
        has_a_date = any(ask.day > day and ask.mail == person.mail for ask in self.diary.asks)
        if (
            has_a_date
            or self.is_tired
            or person.mail in self.diary.opted_out
            or self.rng.random() > OPTING_OUT
        ):
            return False
        is_heeded = self.is_bought or self.rng.random() >= self.plants.leaking
        self.diary.opted_out[person.mail] = OptOut(day, tool, record, is_heeded)
        if not is_heeded:
            for later in range(day + self.rng.randrange(95, 150), self.when.last, 120):
                self.look_forward_to("call", person, later, day)
        return True

    def bounces(self, person: Person) -> bool:
        """What does not arrive tires nobody, and reaches nobody who opted out: so nothing of what is planted bounces."""
        is_planted = self.is_tired or person.mail in self.diary.opted_out
        return not is_planted and self.rng.random() < BOUNCING

    # ------------------------------------------------------------------------------ one way to ask each

    def ask_onboarding(self, person: Person, day: int) -> tuple:
        return self.mail(self.files.onboarding, person, day)

    def ask_renewal(self, person: Person, day: int) -> tuple:
        return self.mail(RENEWAL_CHECK, person, day)

    def mail(self, survey: Survey, person: Person, day: int, dated: Asked | None = None) -> tuple:
        """One invitation by Qualtrics, and the answer to it: the one given on a date, or one that comes of it now."""
        rng, mailings, contact = self.rng, self.files.mailings, self.contact_of(person)
        answered = day + rng.randrange(10)
        self.invited.add((survey.id, day, contact))
        self.contacts.setdefault(contact, (person, None))
        self.show(person, day, KIND_OF.get(survey.name, TRANSACTIONAL))
        self.count(survey.key, "invited")
        if dated and dated.ref:
            ref = self.link_answer(survey, contact, day, dated)
        elif not dated and self.bounces(person):
            ref = mailings.invite(survey, day, contact, "HardBounce" if rng.random() < 0.6 else "SoftBounce")
            self.count(survey.key, "bounced")
        elif not dated and rng.random() < self.answering(day) and answered <= self.when.last:
            ref = self.answer_mail(survey, person, contact, day, answered)
        else:
            is_opened, on = rng.random() < 0.5, min(day + 2, self.when.last)
            opened = iso(day) + "T18:20:00Z" if is_opened else ""
            ref = mailings.invite(survey, day, contact, "Opened" if is_opened else "Success", opened)
            self.count(survey.key, "sent", *(["opened"] if is_opened else []))
            if self.opt_out(person, on, "qualtrics", ("qualtrics", "qualtrics", "contacts", contact)):
                self.contacts[contact] = (person, on)
        return ("qualtrics", "qualtrics", "distribution_contacts", ref)

    def link_answer(self, survey: Survey, contact: str, day: int, dated: Asked) -> str:
        """The invitation to an answer that is written elsewhere; it does not name one that tells of nobody."""
        started, is_whole = in_utc(dated.day, dated.hour, 2, 11), dated.progress == 100
        finished = in_utc(dated.day, dated.hour, 7, 40) if is_whole else ""
        self.count(survey.key, "sent", "opened", "started", *(["finished"] if is_whole else []))
        if is_whole and dated.is_told and dated.score <= 6:
            self.follow_up("qualtrics", "survey_answer", dated.ref, dated.day, "team:cco-office")
        return self.files.mailings.invite(
            survey, day, contact, "SurveyFinished" if is_whole else "SurveyStarted", started, started, finished,
            dated.ref if dated.is_told else "Anonymous", dated.day,
        )  # fmt: skip

    def answer_mail(self, survey: Survey, person: Person, contact: str, day: int, answered: int) -> str:
        rng, language = self.rng, self.language()
        response, hour = f"R_{self.code}{self.place('mail'):02d}{survey.id[3:6]}", rng.randrange(8, 15)
        is_whole, is_nps = rng.random() < WHOLE, survey.tag == "NPS"
        score = rng.choices(range(11), NPS)[0] if is_nps else rng.choices(range(8), CES)[0]
        is_best = score > 8 if is_nps else score > 5
        category, said = self.say(answered, is_best, language, WORDY) if is_whole else ("", "")
        started, finished = in_utc(answered, hour, 2, 11), in_utc(answered, hour, 7, 40) if is_whole else ""
        self.files.responses[survey].response(
            response, answered, hour, score if is_whole else "", said, language,
            (person.first, person.last, person.mail), person.ref, 100 if is_whole else 60,
        )  # fmt: skip
        self.count(survey.key, "sent", "opened", "started", *(["finished", "scored"] if is_whole else []))
        self.known("qualtrics", "qualtrics", "responses", response)
        if is_whole:
            self.heard("qualtrics", "qualtrics", "responses", response, category, said)
        if is_whole and is_nps and score <= 6:
            self.follow_up("qualtrics", "survey_answer", response, answered, "team:onboarding")
        return self.files.mailings.invite(
            survey, day, contact, "SurveyFinished" if is_whole else "SurveyStarted", started, started, finished,
            response, answered,
        )  # fmt: skip

    def language(self) -> str:
        return self.past.language if self.rng.random() >= ABROAD else "EN"

    def skip(self, survey: Survey, person: Person, day: int) -> None:
        """Qualtrics' own rule keeps an invitation back."""
        contact = self.contact_of(person)
        if (survey.id, day, contact) not in self.invited:
            self.invited.add((survey.id, day, contact))
            self.files.mailings.invite(survey, day, contact, "Skipped")
            self.contacts.setdefault(contact, (person, None))
            self.count(survey.key, "invited", "suppressed")

    def contact_of(self, person: Person) -> str:
        return f"CID_{self.code}{self.past.people.index(person)}"

    def ask_about_case(self, person: Person, day: int) -> None:
        """Delighted's second project asks after a case was closed; of its sends, its list of people shows each one's last."""
        rng, project, id = self.rng, self.files.cases, self.case_id(person)
        asked = self.case_people.setdefault(person, [day, day, None])
        asked[1] = day
        self.count(CASE_CLOSED, "invited", "sent")
        if rng.random() < self.answering(day):
            asked[2], score, ref = day, rng.choices(range(6), CSAT)[0], id * 100 + self.place("case")
            category, said = self.say(day, score == 5, self.language(), WORDY)
            project.response(ref, id, "csat", score, said or None, day)
            self.count(CASE_CLOSED, "scored")
            self.heard("delighted", "delighted", "survey_responses", str(ref), category, said)
            if score <= 2:
                self.follow_up("delighted", "survey_answer", str(ref), day, "team:support")
            self.play_customer(ref, day)
        if self.opt_out(person, day, "delighted", ("delighted", "delighted", "unsubscribes", str(id))):
            project.unsubscribe(id, f"{person.first} {person.last}", person.mail, day)

    def case_id(self, person: Person) -> int:
        return (
            (500_000_000 if self.is_bought else 600_000_000)
            + self.number * 10
            + self.past.people.index(person)
        )

    def play_customer(self, answer: int, day: int) -> None:
        """Somebody of the company's own answers beside a customer."""
        project, id = self.files.cases, 700_000_000_000 + answer * 10
        while self.rng.random() < self.plants.staff:
            id += 1
            mail = f"support+{id}@{OWN_DOMAIN}"
            project.person(id, "Support", mail, day, day)
            project.response(id, id, "csat", 5, None, day)
            self.count(CASE_CLOSED, "invited", "sent", "scored")
            self.past.heard.append(("delighted", "survey_responses", str(id), False))
            self.past.staff_answers.append(("delighted", "delighted", "survey_responses", str(id)))

    def ask_for_wishes(self, person: Person, day: int) -> None:
        """A team asks by a survey of its own; whom it asked, no export shows."""
        rng = self.rng
        if rng.random() > ANSWERING:
            return
        score, ref = rng.choices(range(11), NPS)[0], 11_900_000_000 + self.number * 20 + self.place("wish")
        category, said = self.say(day, score > 8, self.past.language, WORDY)
        self.files.wishes.response(
            ref, day, rng.randrange(480, 1_200), score, (person.first, person.last, person.mail), person.ref,
            rng.randrange(8), said,
        )  # fmt: skip
        self.count(FEATURE_WISHES, "scored")
        self.known("surveymonkey", "surveymonkey", "responses", str(ref))
        self.heard("surveymonkey", "surveymonkey", "responses", str(ref), category, said)

    def ask_by_call(self, person: Person, day: int) -> tuple:
        """The call centre calls back, and whoever calls writes the score down."""
        rng, care, (_, _, survey) = self.rng, self.files.care, CARE_CALL
        caller, ref = self.meet_caller(person, day), f"I-{self.code}-{self.place('call')}"
        status = "bounced" if self.bounces(person) else "sent"
        care.invite(ref, survey, caller, day, 14, "phone", status)
        self.count(CARE_CALL, "invited", status)
        if status == "sent" and rng.random() < self.answering(day, ANSWERING_CALLS):
            score = rng.choices(range(11), NPS)[0]
            if score in (7, 8) and rng.random() < self.plants.moved:
                score = 9
            category, said = self.say(day, score > 8, self.past.language, WORDY)
            answer = f"A{ref[1:]}"
            care.answer(answer, survey, ref, day, 15, score, said, self.past.language.lower())
            self.count(CARE_CALL, "scored")
            self.heard("plain", "care", "survey_responses", answer, category, said)
            if score <= 6:
                self.follow_up("", "survey_answer", answer, day, "team:care")
        self.show(person, day)
        return ("plain", "care", "survey_invitations", ref)

    WAYS: dict[str, tuple[Callable, str]] = {
        "onboarding": (ask_onboarding, "qualtrics"),
        "renewal": (ask_renewal, "qualtrics"),
        "case": (ask_about_case, "delighted"),
        "wishes": (ask_for_wishes, "surveymonkey"),
        "call": (ask_by_call, "care"),
    }

    # ------------------------------------------------------------------------------- who calls

    def take_calls(self, first: int, until: int) -> None:
        """Customers call at a steady pace, and more of them about what has come up."""
        self.take_calls_at(CALLS_A_DAY, first, until, "")
        if since := self.plants.issue_since:
            share = WEIGHTS[self.plants.issue] / sum(WEIGHTS.values())
            pace = CALLS_A_DAY * share * (self.plants.issue_times - 1)
            self.take_calls_at(pace, max(first, since), until, self.plants.issue)

    def take_calls_at(self, pace: float, first: int, until: int, category: str) -> None:
        """So many a day, all of one category or (where that is empty) of any."""
        day = first + self.rng.expovariate(pace)
        while day < until:
            self.take_call(int(day), category or self.any_of(WEIGHTS))
            day += self.rng.expovariate(pace)

    def take_call(self, day: int, category: str) -> None:
        rng, person = self.rng, self.rng.choice(self.past.people)
        said, ref = words(category, self.past.language, rng), f"T-{self.code}-{self.place('ticket')}"
        hours = self.open_ticket(
            self.files.care, ref, self.meet_caller(person, day), day, category, said, "phone"
        )
        if rng.random() < 0.4:
            self.follow("", "ticket", ref, "told", day, hours + rng.randrange(1, 200), "team:care")
        self.look_forward_to("call", person, day + 1, day)

    def meet_caller(self, person: Person, day: int) -> str:
        caller = f"C-{self.code}-{self.past.people.index(person)}"
        if caller not in self.callers:
            self.callers.add(caller)
            at = moment(day, 8)
            self.files.callers.add(
                (caller, "person", f"{person.first} {person.last}", person.mail, at, "false")
            )
            self.known("plain", "care", "customers", caller)
        return caller

    def close(self) -> None:
        """What the tools know of their people in the end."""
        for contact, (person, opted_out) in self.contacts.items():
            self.files.mailings.contact(
                contact, person.first, person.last, person.mail, person.ref, opted_out
            )
            self.known("qualtrics", "qualtrics", "contacts", contact)
        for person, (first, last, answered) in self.case_people.items():
            id = self.case_id(person)
            self.files.cases.person(id, f"{person.first} {person.last}", person.mail, first, answered, last)
            self.known("delighted", "delighted", "people", str(id))
            self.show(person, last)
        if self.is_tired:
            self.tell_of_pressure()

    def show(self, person: Person, day: int, kind: str = TRANSACTIONAL) -> None:
        self.sent.setdefault(person.mail, []).append((day, kind))

    def tell_of_pressure(self) -> None:
        """For the truth: who was asked against the rule, by sends that exports show. Of two asks the later one breaks it, but
        never one of the relationship for an ask of another kind: that gives way, before it as after."""
        for mail, sends in self.sent.items():
            sends.sort()
            breaches = 0
            for place, (day, kind) in enumerate(sends):
                rivals = [other for other, of in sends[:place] if kind in (of, TRANSACTIONAL)]
                rivals += [other for other, of in sends[place + 1 :] if of != kind == TRANSACTIONAL]
                breaches += any(abs(day - other) < least_days(kind, kind) for other in rivals)
            if breaches:
                self.past.pressed.append((mail, iso(sends[0][0]), iso(sends[-1][0]), len(sends), breaches))
