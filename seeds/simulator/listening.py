"""How the company listens: who is asked by which tool, who answers what, who calls, and what is done about it.

Each customer draws from a random stream of its own. Whatever else they do, the tools keep their rule among all of them, except
where something is planted: then each keeps it by itself (simulator/diary.py).
"""

from collections import Counter
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from random import Random

from simulator.days import iso
from simulator.diary import RELATIONSHIP, TRANSACTIONAL, Ask, Diary, OptOut
from simulator.history import Calendar
from simulator.listening_files import RELATIONSHIP_NPS, RENEWAL_CHECK, ListeningFiles, moment
from simulator.mailings import Survey, in_utc, last_monday, next_monday
from simulator.names import base62
from simulator.past import Asked, Past, Person
from simulator.plants import SILENT_SEGMENT, Plants
from simulator.truth import COUNTED, segment_on
from simulator.verbatims import GLAD, OF_THE_SHOP, OF_THE_SHOP_KEPT, WEIGHTS, words

ANSWERING = 0.38  # share of those who were reached
WORDY = 0.55  # share of the answers that say why
BOUNCING, OPTING_OUT, SKIPPED = 0.03, 0.1, 0.2
DRAWN = (
    0.5  # of the dates of the relationship survey that bring no answer: customers that the sample left out
)
CALLS_A_DAY = 0.12 / 30
TERM = 182  # days; before each that ends, a customer is asked about the renewal
CALLED_BACK, CALL_BACK = 0.4, 110  # of the organisations: called after so many days where they do not call
ORDERS_ASKED = 0.8
KIND_OF = {"Product survey": RELATIONSHIP}
NPS = (1, 0, 1, 1, 2, 4, 7, 12, 15, 14, 12)
CSAT = (0, 2, 3, 8, 20, 16)
CES = (0, 2, 2, 4, 8, 14, 18, 12)
CODES = {  # as the silos word what a ticket is about
    "care": {"billing": "BILL", "access": "ACCESS", "performance": "TECH", "usability": "HOWTO", "price": "PRICE"},
    "shop": {"delivery": "Delivery", "billing": "Payment", "access": "Account"},
}  # fmt: skip
SHOWN = {"qualtrics", "care"}  # tools whose exports hold each send
SHOP_LANGUAGES = {"EN": 40, "DE": 25, "ES": 15, "JA": 10, "AR": 10}
OWN_DOMAIN = "desk-of-ours.example"


class Listening:
    """Writes what comes of listening to one customer after the other, and adds it to what really happened to them."""

    def __init__(self, files: ListeningFiles, when: Calendar, seed: int, plants: Plants):
        self.files, self.when, self.seed, self.plants = files, when, seed, plants
        self.counts: dict[tuple[str, str, str], Counter] = {}

    def hear(self, past: Past) -> None:
        kind, _, number = past.customer.partition("-")
        if not past.people:
            return
        listener = Listener(self, past, kind, int(number))
        if kind == "buyer":
            listener.hear_buyer()
        elif past.spans:
            listener.hear_organisation()

    def count(self, survey: tuple[str, str, str], *what: str) -> None:
        self.counts.setdefault(survey, Counter()).update(what)

    def rows(self) -> list[tuple]:
        """What became of each survey, for the truth."""
        return [
            (*survey, *(counted[what] for what in COUNTED)) for survey, counted in sorted(self.counts.items())
        ]


class Listener:
    """Listens to one customer."""

    def __init__(self, listening: Listening, past: Past, kind: str, number: int):
        self.past, self.number = past, number
        self.files, self.when, self.plants = listening.files, listening.when, listening.plants
        self.count = listening.count
        self.rng = Random(f"{listening.seed}/listening/{past.customer}")
        self.is_bought = kind == "bought"
        self.code = ("q" if self.is_bought else "o") + base62(number, 5)
        self.diary = Diary()
        self.waiting: list[tuple[int, int, str, Person]] = []  # day, place, way of asking, whom
        self.sent: list[tuple[str, int]] = []  # address, day, of the sends that an export shows
        self.reached: set[str] = set()  # refs of contacts and callers that are written already
        self.contacts: dict[
            str, tuple[Person, int | None]
        ] = {}  # Qualtrics' own: whom, and when they opted out
        self.invited: set[tuple[str, int, str]] = set()  # survey, day, contact
        self.case_people: dict[
            str, list[int | None]
        ] = {}  # by address: first and last day asked, last answer
        self.tired = self.rng.random() < self.plants.tired and not self.is_bought
        self.refs = Counter()

    # -------------------------------------------------------------------------------- organisations

    def hear_organisation(self) -> None:
        past, rng, when = self.past, self.rng, self.when
        first = max(past.spans[0].start, when.first)
        until = min(past.spans[-1].end or when.last, when.last)
        kept = [dated for dated in past.asked if self.keeps(dated)]
        for dated in kept:
            self.diary.add(self.ask_of(dated))
        for dated in kept:
            if dated.survey == RELATIONSHIP_NPS.name:
                self.mail(RELATIONSHIP_NPS, past.people[0], last_monday(dated.day), dated)
        for mail, day in past.opted_out:
            self.diary.opted_out[mail] = OptOut(day, "After support", ("", "", "", ""))
        if not self.is_bought:
            self.take_calls(first, until)
            self.look_forward_to("onboarding", past.people[0], next_monday(past.spans[0].start + 30), first)
            if rng.random() < CALLED_BACK:
                for day in range(first + rng.randrange(CALL_BACK), until, CALL_BACK):
                    self.look_forward_to("call", rng.choice(past.people), day, first)
            for day in range(past.spans[0].start + TERM - 50, until, TERM):
                self.look_forward_to("renewal", past.people[0], next_monday(day), first)
            if since := self.plants.undeclared_since:
                day = since + rng.randrange(when.last - since)
                self.look_forward_to("wishes", rng.choice(past.people), day, max(first, since))
        for day, mail in past.helped:
            for person in past.people:
                if person.mail == mail:
                    self.look_forward_to("case", person, day + 1, first)
        if self.tired:
            self.press(max(first, self.plants.tired_since), until)
        heapify(self.waiting)
        while self.waiting:
            day, _, way, person = heappop(self.waiting)
            if day <= when.last:
                self.consider(day, way, person)
        self.close()

    def look_forward_to(self, way: str, person: Person, day: int, first: int) -> None:
        if day >= first:
            heappush(self.waiting, (day, len(self.waiting), way, person))

    def keeps(self, dated: Asked) -> bool:
        """Whether a survey's date stands, whatever else is asked: it has an answer already, or chance keeps it."""
        is_open = dated.survey == RELATIONSHIP_NPS.name and not dated.ref
        return not is_open or self.is_silent(dated.day) or self.rng.random() >= DRAWN

    def ask_of(self, dated: Asked) -> Ask:
        if dated.survey == RELATIONSHIP_NPS.name:
            return Ask(last_monday(dated.day), RELATIONSHIP, "qualtrics", dated.mail)
        return Ask(dated.day, KIND_OF.get(dated.survey, TRANSACTIONAL), dated.survey, dated.mail)

    def press(self, first: int, until: int) -> None:
        """Every tool asks the same person as often as its own rule lets it, each on days of its own."""
        person = self.past.people[0]
        for offset, way in enumerate(("call", "onboarding", "case")):
            for day in range(first + 22 * offset, until, 97):
                monday = next_monday(day) if way == "onboarding" else day
                self.look_forward_to(way, person, monday, first)

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
        if not self.diary.allows(asked, heeds_others=not self.tired):
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
        if has_a_date or self.tired or person.mail in self.diary.opted_out or self.rng.random() > OPTING_OUT:
            return False
        is_heeded = self.is_bought or self.rng.random() >= self.plants.leaking
        self.diary.opted_out[person.mail] = OptOut(day, tool, record, is_heeded)
        if not is_heeded:
            for later in range(day + self.rng.randrange(95, 150), self.when.last, 120):
                self.look_forward_to("call", person, later, day)
        return True

    # ------------------------------------------------------------------------------ one way to ask each

    def ask_onboarding(self, person: Person, day: int) -> tuple:
        return self.mail(self.files.onboarding, person, day)

    def ask_renewal(self, person: Person, day: int) -> tuple:
        return self.mail(RENEWAL_CHECK, person, day)

    def mail(self, survey: Survey, person: Person, day: int, dated: Asked | None = None) -> tuple:
        """One invitation by Qualtrics, and the answer to it: the one given on a date, or one that comes of it now."""
        rng, mailings, key = self.rng, self.files.mailings, ("qualtrics", "qualtrics", survey.name)
        contact, answered = self.contact_of(person), day + rng.randrange(10)
        self.invited.add((survey.id, day, contact))
        self.contacts.setdefault(contact, (person, None))
        self.count(key, "invited")
        if dated and dated.ref:
            ref = self.link_answer(survey, contact, day, dated)
        elif not dated and not self.tired and rng.random() < BOUNCING:
            ref = mailings.invite(survey, day, contact, "HardBounce" if rng.random() < 0.6 else "SoftBounce")
            self.count(key, "bounced")
        elif not dated and rng.random() < self.answering(day) and answered <= self.when.last:
            ref = self.answer_mail(survey, person, contact, day, answered)
        else:
            is_opened = rng.random() < 0.5
            opened = iso(day) + "T18:20:00Z" if is_opened else ""
            ref = mailings.invite(survey, day, contact, "Opened" if is_opened else "Success", opened)
            self.count(key, "sent", *(["opened"] if is_opened else []))
        self.sent.append((person.mail, day))
        on = min(day + 2, self.when.last)
        if not (dated and dated.ref) and self.opt_out(
            person, on, "qualtrics", ("qualtrics", "qualtrics", "contacts", contact)
        ):
            self.contacts[contact] = (person, on)
        return ("qualtrics", "qualtrics", "distribution_contacts", ref)

    def link_answer(self, survey: Survey, contact: str, day: int, dated: Asked) -> str:
        """The invitation to an answer that is written elsewhere; it does not name one that tells of nobody."""
        started, key = in_utc(dated.day, dated.hour, 2, 11), ("qualtrics", "qualtrics", survey.name)
        is_whole = dated.progress == 100
        finished = in_utc(dated.day, dated.hour, 7, 40) if is_whole else ""
        self.count(key, "sent", "opened", "started", *(["finished"] if is_whole else []))
        return self.files.mailings.invite(
            survey, day, contact, "SurveyFinished" if is_whole else "SurveyStarted", started, started, finished,
            dated.ref if dated.is_told else "Anonymous", dated.day,
        )  # fmt: skip

    def answer_mail(self, survey: Survey, person: Person, contact: str, day: int, answered: int) -> str:
        rng, key = self.rng, ("qualtrics", "qualtrics", survey.name)
        response, hour = f"R_{self.code}{self.place('mail'):02d}{survey.id[3:6]}", rng.randrange(8, 15)
        is_whole = rng.random() < 0.94
        score: int | str = (
            rng.choices(range(11), NPS)[0] if survey.tag == "NPS" else rng.choices(range(8), CES)[0]
        )
        best = score in (9, 10) if survey.tag == "NPS" else score in (6, 7)
        language = self.past.language if rng.random() < 0.8 else "EN"
        category, said = self.say(answered, best, language, WORDY) if is_whole else ("", "")
        at, done = in_utc(answered, hour, 2, 11), in_utc(answered, hour, 7, 40) if is_whole else ""
        self.files.responses[survey].response(
            response, answered, hour, score if is_whole else "", said, language,
            (person.first, person.last, person.mail), person.ref, 100 if is_whole else 60,
        )  # fmt: skip
        self.count(key, "sent", "opened", "started", *(["finished", "scored"] if is_whole else []))
        self.known("qualtrics", "qualtrics", "responses", response)
        if is_whole:
            self.heard("qualtrics", "qualtrics", "responses", response, category, said)
            if survey.tag == "NPS" and score <= 6:
                self.follow_up("qualtrics", "survey_answer", response, answered, "team:onboarding")
        return self.files.mailings.invite(
            survey, day, contact, "SurveyFinished" if is_whole else "SurveyStarted", at, at, done, response, answered
        )  # fmt: skip

    def skip(self, survey: Survey, person: Person, day: int) -> None:
        """Qualtrics' own rule keeps an invitation back."""
        contact = self.contact_of(person)
        if (survey.id, day, contact) not in self.invited:
            self.invited.add((survey.id, day, contact))
            self.files.mailings.invite(survey, day, contact, "Skipped")
            self.contacts.setdefault(contact, (person, None))
            self.count(("qualtrics", "qualtrics", survey.name), "invited", "suppressed")

    def contact_of(self, person: Person) -> str:
        return f"CID_{self.code}{self.past.people.index(person)}"

    def ask_about_case(self, person: Person, day: int) -> None:
        """Delighted's second project asks after a case was closed; of its sends, its list of people shows each one's last."""
        rng, project, key = self.rng, self.files.cases, ("delighted", "delighted", "Case closed")
        place = self.past.people.index(person)
        id = (500_000_000 if self.is_bought else 600_000_000) + self.number * 10 + place
        asked = self.case_people.setdefault(person.mail, [day, day, None])
        asked[1] = day
        self.count(key, "invited", "sent")
        if rng.random() < self.answering(day):
            score = rng.choices(range(6), CSAT)[0]
            language = self.past.language if rng.random() < 0.8 else "EN"
            category, said = self.say(day, score == 5, language, WORDY)
            ref = id * 100 + self.place("case")
            project.response(ref, id, "csat", score, said or None, day)
            asked[2] = day
            self.count(key, "scored")
            self.heard("delighted", "delighted", "survey_responses", str(ref), category, said)
            if score <= 2:
                self.follow_up("delighted", "survey_answer", str(ref), day, "team:support")
            self.play_customer(ref, day)
        ref = ("delighted", "delighted", "unsubscribes", str(id))
        if self.opt_out(person, day, "delighted", ref):
            project.unsubscribe(id, f"{person.first} {person.last}", person.mail, day)

    def play_customer(self, answer: int, day: int) -> None:
        """Somebody of the company's own answers beside a customer."""
        project, key = self.files.cases, ("delighted", "delighted", "Case closed")
        id = 700_000_000_000 + answer * 10
        while self.rng.random() < self.plants.staff:
            id += 1
            mail = f"support+{id}@{OWN_DOMAIN}"
            project.person(id, "Support", mail, day, day)
            project.response(id, id, "csat", 5, None, day)
            self.count(key, "invited", "sent", "scored")
            self.past.heard.append(("delighted", "survey_responses", str(id), False))
            self.past.staff_answers.append(("delighted", "delighted", "survey_responses", str(id)))

    def ask_for_wishes(self, person: Person, day: int) -> None:
        """A team asks by a survey of its own; whom it asked, no export shows."""
        rng, key = self.rng, ("surveymonkey", "surveymonkey", "Feature wishes")
        if rng.random() > ANSWERING:
            return
        score, ref = rng.choices(range(11), NPS)[0], 11_900_000_000 + self.number * 20 + self.place("wish")
        category, said = self.say(day, score > 8, self.past.language, WORDY)
        self.files.wishes.response(
            ref, day, rng.randrange(480, 1_200), score, (person.first, person.last, person.mail), person.ref,
            rng.randrange(8), said,
        )  # fmt: skip
        self.count(key, "scored")
        self.known("surveymonkey", "surveymonkey", "responses", str(ref))
        self.heard("surveymonkey", "surveymonkey", "responses", str(ref), category, said)

    def ask_by_call(self, person: Person, day: int) -> tuple:
        """The call centre calls back, and whoever calls writes the score down."""
        rng, care, key = self.rng, self.files.care, ("plain", "care", "care-call")
        caller = self.meet_caller(person, day)
        ref = f"I-{self.code}-{self.place('call')}"
        status = "bounced" if rng.random() < BOUNCING and not self.tired else "sent"
        care.invite(ref, key[2], caller, day, 14, "phone", status)
        self.count(key, "invited", status)
        if status == "sent" and rng.random() < self.answering(day):
            score = rng.choices(range(11), NPS)[0]
            if score in (7, 8) and rng.random() < self.plants.moved:
                score = 9
            category, said = self.say(day, score > 8, self.past.language, WORDY)
            answer = f"A{ref[1:]}"
            care.answer(answer, key[2], ref, day, 15, score, said, self.past.language.lower())
            self.count(key, "scored")
            self.heard("plain", "care", "survey_responses", answer, category, said)
            if score <= 6:
                self.follow_up("", "survey_answer", answer, day, "team:care")
        self.sent.append((person.mail, day))
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
        day = first + self.rng.expovariate(CALLS_A_DAY)
        while day < until:
            self.take_call(int(day), "")
            day += self.rng.expovariate(CALLS_A_DAY)
        if since := self.plants.issue_since:
            pace = (
                CALLS_A_DAY
                * (self.plants.issue_times - 1)
                * WEIGHTS[self.plants.issue]
                / sum(WEIGHTS.values())
            )
            day = max(first, since) + self.rng.expovariate(pace)
            while day < until:
                self.take_call(int(day), self.plants.issue)
                day += self.rng.expovariate(pace)

    def take_call(self, day: int, category: str) -> None:
        rng, person = self.rng, self.rng.choice(self.past.people)
        category = category or rng.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
        said = words(category, self.past.language, rng)
        ref = f"T-{self.code}-{self.place('ticket')}"
        self.open_ticket(self.files.care, ref, self.meet_caller(person, day), day, category, said, "phone")
        self.look_forward_to("call", person, day + 1, day)

    def open_ticket(
        self, desk: object, ref: str, customer: str, day: int, category: str, said: str, channel: str
    ) -> None:
        rng = self.rng
        replied = int(rng.expovariate(1 / 9))
        hours = (replied, replied + 1 + int(rng.expovariate(1 / 40)))
        code = CODES[desk.system].get(category, "OTHER" if desk.system == "care" else "Other")
        desk.ticket(ref, customer, day, hours, self.when.last, int(rng.random() < 0.08), channel, code, said)
        self.heard("plain", desk.system, "tickets", ref, category, said)
        if desk.system == "care" and rng.random() < 0.4:
            self.follow("", "ticket", ref, "told", day, hours[1] + rng.randrange(1, 200), "team:care")

    def meet_caller(self, person: Person, day: int) -> str:
        caller = f"C-{self.code}-{self.past.people.index(person)}"
        if caller not in self.reached:
            self.reached.add(caller)
            at = moment(day, 8)
            self.files.callers.add(
                (caller, "person", f"{person.first} {person.last}", person.mail, at, "false")
            )
            self.known("plain", "care", "customers", caller)
        return caller

    # ------------------------------------------------------------------------------ the shop's buyers

    def hear_buyer(self) -> None:
        past, rng, shop, key = self.past, self.rng, self.files.shop, ("plain", "shop", "delivery")
        (person,), last = past.people, self.when.last
        past.language = language = rng.choices(tuple(SHOP_LANGUAGES), tuple(SHOP_LANGUAGES.values()))[0]
        # without touchpoint events, nobody knows what became of a parcel
        arrivals = past.arrivals or [(day + 3, True) for day, _, _ in past.purchases if day + 3 <= last]
        for day, is_kept in sorted(arrivals):
            if rng.random() < (0.03 if is_kept else 0.35):
                self.write_to_shop(person, min(day + 1, last), "" if is_kept else "delivery")
            is_left_out = not is_kept and rng.random() < self.plants.picked
            asked = Ask(day + 1, TRANSACTIONAL, "shop", person.mail)
            if (
                is_left_out
                or day >= last
                or rng.random() > ORDERS_ASKED
                or not self.diary.allows(asked, heeds_others=True)
            ):
                continue
            self.diary.add(asked)
            place = self.place("delivery")
            ref, status = f"SI-{self.number:06d}-{place}", "bounced" if rng.random() < BOUNCING else "sent"
            shop.invite(ref, key[2], person.ref, day + 1, 10, "email", status)
            self.count(key, "invited", status)
            if (
                status == "sent"
                and rng.random() < ANSWERING
                and (answered := day + 1 + rng.randrange(6)) <= last
            ):
                score = rng.choices(range(11), NPS)[0] if is_kept else rng.randrange(8)
                category, said = self.say(answered, score > 8, language, 0.7, OF_THE_SHOP_KEPT)
                if said and not is_kept:
                    category, said = "delivery", words("delivery", language, rng)
                answer = f"SA{ref[2:]}"
                shop.answer(answer, key[2], ref, answered, 18, score, said, language.lower())
                self.count(key, "scored")
                self.heard("plain", "shop", "survey_responses", answer, category, said)
        if (since := self.plants.issue_since) and past.purchases and past.purchases[-1][0] > since - 365:
            times = (self.plants.issue_times - 1) / 100
            if rng.random() < times:
                self.write_to_shop(person, since + rng.randrange(last - since), self.plants.issue)

    def write_to_shop(self, person: Person, day: int, category: str) -> None:
        rng = self.rng
        category = category or rng.choices(tuple(OF_THE_SHOP), tuple(OF_THE_SHOP.values()))[0]
        said, ref = words(category, self.past.language, rng), f"ST-{self.number:06d}-{self.place('ticket')}"
        self.open_ticket(self.files.shop, ref, person.ref, day, category, said, "email")

    # ------------------------------------------------------------------------------------ what all share

    def answering(self, day: int) -> float:
        return self.plants.silent if self.is_silent(day) else ANSWERING

    def is_silent(self, day: int) -> bool:
        return self.plants.silent is not None and segment_on(self.past, day) == SILENT_SEGMENT

    def say(
        self, day: int, is_glad: bool, language: str, share: float, weights: dict[str, int] = WEIGHTS
    ) -> tuple[str, str]:
        """What an answer says, and what it is about; nothing where it has no words."""
        rng = self.rng
        if rng.random() > share:
            return "", ""
        if is_glad and rng.random() < 0.6:
            return GLAD, words(GLAD, language, rng)
        has_come_up = self.plants.issue_since is not None and day >= self.plants.issue_since
        times = [
            weight * (self.plants.issue_times if has_come_up and category == self.plants.issue else 1)
            for category, weight in weights.items()
        ]
        category = rng.choices(tuple(weights), times)[0]
        return category, words(category, language, rng)

    def follow_up(self, vendor: str, kind: str, ref: str, day: int, owner: str) -> None:
        """What is done about a bad answer: a machine thanks for it, somebody calls, it is put right, the customer is told."""
        rng, hours = self.rng, 0
        if rng.random() < 0.5:
            self.follow(vendor, kind, ref, "contact", day, 1, owner, is_automatic=True)
        for step, share, pace in (("contact", 0.8, 30), ("resolved", 0.8, 90), ("told", 0.6, 60)):
            if rng.random() > share:
                return
            hours += 2 + int(rng.expovariate(1 / pace))
            self.follow(vendor, kind, ref, step, day, hours, owner)

    def follow(
        self, vendor: str, kind: str, ref: str, step: str, day: int, hours: int, owner: str, is_automatic: bool = False
    ) -> None:  # fmt: skip
        """Something done so many hours after the evening of a day; what lies after the last day is still to come."""
        on, hour = day + (22 + hours) // 24, (22 + hours) % 24
        if on <= self.when.last:
            follow_up, machine = f"F-{self.code}-{self.place('follow')}", "true" if is_automatic else "false"
            self.files.follow_ups.add(
                (follow_up, vendor, vendor, kind, ref, step, moment(on, hour), owner, machine)
            )

    def place(self, what: str) -> int:
        """Counts from 0 within the customer."""
        self.refs[what] += 1
        return self.refs[what] - 1

    def known(self, *record: str) -> None:
        self.past.records.append(record)

    def heard(self, vendor: str, system: str, object: str, ref: str, category: str, said: str) -> None:
        self.past.heard.append((vendor, object, ref, True))
        if said:
            self.past.said.append((vendor, system, object, ref, category))

    def close(self) -> None:
        """What the tools know of their people in the end."""
        for contact, (person, opted_out) in self.contacts.items():
            self.files.mailings.contact(
                contact, person.first, person.last, person.mail, person.ref, opted_out
            )
            self.known("qualtrics", "qualtrics", "contacts", contact)
        for place, person in enumerate(self.past.people):
            if person.mail in self.case_people:
                first, last, answered = self.case_people[person.mail]
                id = (500_000_000 if self.is_bought else 600_000_000) + self.number * 10 + place
                self.files.cases.person(
                    id, f"{person.first} {person.last}", person.mail, first, answered, last
                )
                self.known("delighted", "delighted", "people", str(id))
                self.sent.append((person.mail, last))
        if self.tired:
            self.tell_of_pressure()

    def tell_of_pressure(self) -> None:
        """For the truth: who was asked again within the shorter rule, by sends that exports show."""
        for mail in dict.fromkeys(mail for mail, _ in self.sent):
            days = sorted(day for to, day in self.sent if to == mail)
            too_soon = sum(later - earlier < 90 for earlier, later in zip(days, days[1:], strict=False))
            if too_soon:
                self.past.pressed.append((mail, iso(days[0]), iso(days[-1]), len(days), too_soon))
