"""A company that was bought: whom it served, and what its own systems know of them.

It sold with HubSpot and billed with Chargebee, and goes on doing so. Most of its customers are its own; a few were
customers of the other company too, and are one customer by what both write down of them.
"""

from bisect import bisect
from dataclasses import dataclass
from pathlib import Path
from random import Random

from simulator.catalogue import major, price
from simulator.chargebee import Agreement, ChargebeeFiles, Stop
from simulator.chargebee import Billing as ChargebeeBilling
from simulator.days import epoch, iso, months_later
from simulator.delighted import ANSWERS as COMMENTS
from simulator.delighted import DelightedFiles
from simulator.discounts import Discount
from simulator.history import Calendar
from simulator.hubspot import LOST, OPEN, WON, HubspotFiles, Record
from simulator.names import FREE_MAIL, SUFFIXES, base62, person, word
from simulator.past import Asked, Past, Person
from simulator.stripe import Billing as StripeBilling
from simulator.stripe import StripeFiles, Subscription
from simulator.surveymonkey import ANSWERS as WISHES
from simulator.surveymonkey import SurveyMonkeyFiles
from simulator.zendesk import ADMIN, MERGED, ZendeskFiles

# How many of each twenty customers have something special about them; the rest are ordinary.
STORIES = {
    "bought_grows": 2, "bought_pause": 2, "bought_win_back": 1, "bought_dunning": 1, "bought_trial": 1,
    "bought_deleted": 1, "bought_moved": 2, "bought_free_mail": 1, "bought_merged": 1, "bought_two_domains": 1,
    "bought_prospect": 1,
}  # fmt: skip
ORDINARY = "bought"
STORY_OF = [story for story, count in STORIES.items() for _ in range(count)]
STORY_OF += [ORDINARY] * (20 - len(STORY_OF))
SPREAD = 7  # prime to 20
LONG_THERE = {
    "bought_grows", "bought_pause", "bought_win_back", "bought_dunning", "bought_deleted", "bought_moved", "bought_merged",
}  # fmt: skip
NEWCOMERS = {"bought_trial", "bought_prospect"}
ONE_FOR = 10  # organisations of the other company there is one customer of this one
FIRST_NAME = 60_000_000  # number of the first name, far from those of the other company

SEGMENTS = ("Small business", "Mid-market", "Enterprise")
COUNTRIES = (
    ("usd", "United States", "Fairhollow", 0.4),
    ("eur", "Germany", "Lindenau", 0.75),
    ("gbp", "United Kingdom", "Marlowe", 1.0),
)
SOURCES = ("Organic Search", "Paid Search", "Direct Traffic", "Referrals", "Offline Sources")
REASONS = {  # one-company reason: (chance, Chargebee's code, HubSpot's words), both the bought company's own
    "price": (0.30, "Too Expensive", "Price too high"),
    "missing capability": (0.20, "Missing Features", "Missing feature"),
    "service experience": (0.15, "Service Unsatisfactory", "Unhappy with support"),
    "switched to a competitor": (0.20, "Switched Provider", "Chose a competitor"),
    "no longer needed": (0.15, "No Longer Needed", "No need any more"),
}
MOVED = "Billing Moved"  # no reason: the customer stays


@dataclass(frozen=True)
class BoughtFiles:
    """Where its systems write, and the other company's billing system, to which some customers move."""

    hubspot: HubspotFiles
    chargebee: ChargebeeFiles
    surveymonkey: SurveyMonkeyFiles
    delighted: DelightedFiles
    zendesk: ZendeskFiles
    stripe: StripeFiles

    def files(self) -> list:
        own = (self.hubspot, self.chargebee, self.surveymonkey, self.delighted, self.zendesk)
        return [file for system in own for file in system.files()]


def open_bought_files(out: Path, calendar: Calendar, stripe: StripeFiles) -> BoughtFiles:
    """The first extracts are of the day of the purchase; Chargebee's subscriptions were extracted once in between, too."""
    return BoughtFiles(
        HubspotFiles(out / "hubspot", calendar.bought, calendar.extracted),
        ChargebeeFiles(out / "chargebee", (calendar.bought, calendar.between, calendar.extracted)),
        SurveyMonkeyFiles(out / "surveymonkey", calendar.extracted),
        DelightedFiles(out / "delighted", calendar.extracted),
        ZendeskFiles(out / "zendesk", calendar.first, calendar.extracted),
        stripe,
    )


def company_id(slot: int, place: int) -> int:
    """HubSpot's id of a company."""
    return 9_200_000_000 + slot * 4 + place


@dataclass
class Identity:
    """What a customer is known by."""

    name: str
    domain: str  # empty: none of its own
    currency: str
    country: str
    city: str
    people: list[tuple[str, str, str]]  # first and last name, address
    billing_mail: str
    salesforce_id: str = ""  # where Chargebee was told
    has_company: bool = True  # a record of HubSpot's
    further_domain: str = ""


class Relation:
    """What the bought company and one customer have to do with each other; `live` plays it into the files."""

    def __init__(
        self, slot: int, story: str, who: Identity, segment: str, created: int, rng: Random, past: Past,
        calendar: Calendar, files: BoughtFiles,
    ):  # fmt: skip
        """`slot` numbers all relations; `created` is the day on which the sales team wrote the customer down."""
        self.slot, self.story, self.who, self.segment, self.created = slot, story, who, segment, created
        self.rng, self.past, self.calendar, self.files = rng, past, calendar, files
        self.code = base62(slot * 7 + 1_000_003, 6)
        self.source = past.acquisition_source = rng.choice(SOURCES)
        self.second = rng.randrange(7 * 3600, 21 * 3600)
        self.starts = min(created + rng.randrange(5, 60), calendar.last - 20)
        self.street = f"{slot % 80 + 1} Weir Street"
        self.companies: list[int] = []  # the surviving records
        self.contacts: list[int] = []
        self.deals = 0
        self.reason = ""  # for which the customer left, in the words of the whole company

    def live(self) -> None:
        self.meet()
        if self.story == "bought_prospect":
            self.court()
            return
        agreement = self.subscribe()
        self.sell(agreement)
        if self.story == "bought_moved" and agreement.stops[0].ends <= self.calendar.last:
            self.move_to_stripe(agreement.stops[0].ends)
        self.answer()
        self.ask_for_help()

    # ------------------------------------------------------------------------------ who they are

    def known(self, vendor: str, object: str, ref: object) -> None:
        self.past.records.append((vendor, vendor, object, str(ref)))

    def meet(self) -> None:
        """HubSpot's records of the organisation and its people."""
        who, hubspot = self.who, self.files.hubspot
        if who.has_company:
            company = self.company(0, who.name, who.domain)
            self.companies.append(company.id)
            self.past.segments.append((self.segment, None))
            self.reconsider(company)
            if self.story == "bought_merged":
                twin = self.company(1, who.name.upper(), who.further_domain)
                self.merge(twin, company, 20)
                hubspot.company(twin)
            hubspot.company(company)
        for place, (first, last, mail) in enumerate(who.people):
            contact = self.contact(place, first, last, mail, self.named_companies())
            self.contacts.append(contact.id)
            if self.story == "bought_merged" and place == 0:
                for nth in (7, 8, 9):
                    mail = f"{last}{nth}@{(who.domain, who.further_domain)[nth % 2]}".lower()
                    twin = self.contact(nth, first, last, mail, [company.id + nth % 2])
                    self.merge(twin, contact, nth)
                    hubspot.contact(twin)
            hubspot.contact(contact)

    def reconsider(self, company: Record) -> None:
        """Some are put into another segment after their company was bought."""
        rng, calendar = self.rng, self.calendar
        if self.created >= calendar.bought - 1 or rng.random() > 0.08:
            return
        company.modified = rng.randrange(calendar.bought + 2, calendar.last)
        segment = rng.choice([segment for segment in SEGMENTS if segment != self.segment])
        company.earlier_cells, company.cells = company.cells, (*company.cells[:-2], segment, self.source)
        self.past.segments.append((segment, company.modified))

    def merge(self, twin: Record, into: Record, days_later: int) -> None:
        twin.created, twin.merged_on = self.created + 3, self.calendar.bought + days_later
        into.merged.append(twin)

    def named_companies(self) -> list[int]:
        """The own one first; a joint order names another customer's after it, which ties nobody."""
        is_joint = self.story == "bought_grows" and self.slot > 1
        return self.companies + [company_id(self.slot - 2, 0)] * is_joint

    def stage(self) -> str:
        return "Opportunity" if self.story == "bought_prospect" else "Customer"

    def company(self, place: int, name: str, domain: str) -> Record:
        who, id = self.who, company_id(self.slot, place)
        self.known("hubspot", "companies", id)
        cells = (
            name, domain, f"+1 555 02{self.slot % 100:02d}", self.street, who.city, f"{20_000 + self.slot % 70_000}",
            who.country, self.stage(), self.segment, self.source,
        )  # fmt: skip
        return Record(id, self.created, cells)

    def contact(self, place: int, first: str, last: str, mail: str, companies: list[int]) -> Record:
        id = 51_000_000 + self.slot * 10 + place
        self.known("hubspot", "contacts", id)
        belongs = ";".join(map(str, companies))
        cells = (first, last, mail, "", self.who.city, self.who.country, self.stage(), self.source, belongs)
        return Record(id, self.created, cells)

    # --------------------------------------------------------------------- what they subscribe to

    def subscribe(self) -> Agreement:
        who, rng = self.who, self.rng
        customer = f"169v{self.code}"
        first, last, _ = who.people[0]
        at = epoch(self.starts, self.second)
        self.files.chargebee.customers.add(
            (customer, first, last, who.name, who.billing_mail, "", self.street, who.city, "",
             who.country, who.salesforce_id, who.currency.upper(), "on", "taxable", "false", at, at)
        )  # fmt: skip
        self.known("chargebee", "customers", customer)
        plan, quantity = self.plan()
        agreement = Agreement(
            f"AzS{self.code}", customer, plan, who.currency, quantity, self.starts, self.second
        )
        agreement.has_support = plan == "pro" and rng.random() < 0.3
        self.happen(agreement)
        if self.story == ORDINARY:
            agreement.discount = self.discount(agreement)
        ChargebeeBilling(
            self.files.chargebee, agreement, self.past, self.calendar.first, self.calendar.last
        ).run()
        return agreement

    def discount(self, agreement: Agreement) -> Discount | None:
        """For good, or until some day after the purchase: of one that ended before, no extract tells."""
        rng, start = Random(f"discount/{agreement.ref}"), agreement.trial_ends
        at, percent = rng.random(), rng.choice((10, 25))
        if at < 0.2:
            return Discount("", start, None, percent)
        if at < 0.4 and start < self.calendar.bought:
            return Discount("", start, self.calendar.bought + rng.randrange(5, 80), percent)
        return None

    def plan(self) -> tuple[str, int]:
        at, rng = self.rng.random(), self.rng
        if self.segment == "Small business":
            return ("basic", 1) if at < 0.6 else ("pro", rng.randrange(2, 8))
        if self.segment == "Mid-market":
            return ("pro" if at < 0.5 else "pro-year"), rng.randrange(6, 40)
        return ("suite" if at < 0.5 else "pro-year"), rng.randrange(30, 120)

    def happen(self, agreement: Agreement) -> None:
        """What the story has in store for the agreement."""
        rng, story, bought = self.rng, self.story, self.calendar.bought
        if story in ("bought_pause", "bought_dunning", "bought_moved"):
            agreement.plan = "pro"
        if story == "bought_grows":
            agreement.change = self.growth(agreement)
        elif story == "bought_pause":
            # an extract falls into the pause: nothing else tells of one that is over
            agreement.stops = [Stop(bought + rng.randrange(8, 40), "pause")]
            agreement.resumes = [self.calendar.between + rng.randrange(1, 40)]
        elif story == "bought_win_back":
            self.leave(agreement, bought - rng.randrange(40, 200), "at_once")
            agreement.resumes = [bought + rng.randrange(5, 100)]
        elif story == "bought_dunning":
            self.leave(agreement, bought - rng.randrange(-60, 200), "unpaid")
        elif story == "bought_trial":
            self.try_out(agreement)
        elif story == "bought_deleted":
            agreement.deleted_on = bought + rng.randrange(3, 120)
        elif story == "bought_moved":
            agreement.stops = [Stop(bought + rng.randrange(20, 90), "term_end", MOVED)]
        else:
            self.grow_tired(agreement)

    def growth(self, agreement: Agreement) -> tuple[int, int]:
        """More seats: at the last renewal between two extracts, or on any day where none falls between them. Only so
        is the row's last change the day of the new price."""
        extracts = (self.calendar.bought, self.calendar.between, self.calendar.extracted)
        at = self.rng.randrange(2)
        after, before = extracts[at], extracts[at + 1]
        renewal, _ = agreement.term_of(agreement.trial_ends, before - 1)
        day = renewal if renewal > after else self.rng.randrange(after + 1, before - 1)
        return day, agreement.quantity + max(1, agreement.quantity // 4)

    def try_out(self, agreement: Agreement) -> None:
        """A trial that runs on the last day, one that was cancelled, or a start yet to come."""
        last, way = self.calendar.last, self.slot // 20 % 3
        if way == 2:
            agreement.made_on, agreement.starts = last - 8, last + 12
            return
        agreement.trial_days = 14
        if way == 0:
            agreement.starts = last - 6
        else:
            self.leave(agreement, agreement.starts + 9, "in_trial")

    def grow_tired(self, agreement: Agreement) -> None:
        """Some day an ordinary customer goes: at a steady rate, and more of them once their company was bought."""
        rng, calendar = self.rng, self.calendar
        day = max(self.starts, calendar.first) + 20 + int(rng.expovariate(1 / 1_500))
        if rng.random() < 0.15:
            day = min(day, max(calendar.bought + rng.randrange(20, 140), self.starts + 20))
        if day < calendar.last:
            self.leave(agreement, day, rng.choices(("term_end", "at_once"), (80, 20))[0])

    def leave(self, agreement: Agreement, day: int, how: str) -> None:
        rng = self.rng
        self.reason = rng.choices(tuple(REASONS), [chance for chance, _, _ in REASONS.values()])[0]
        code = REASONS[self.reason][1] if rng.random() < 0.7 else ""
        if how == "unpaid":
            self.reason, code = "payment failure", ""
        agreement.stops.append(Stop(max(day, agreement.starts + 1), how, code))

    def move_to_stripe(self, day: int) -> None:
        """From the end of a term on the same customer is billed by the other company's system."""
        who, calendar, stripe = self.who, self.calendar, self.files.stripe
        customer, clock = f"cus_q{self.code}", f"T{7 + self.slot % 12:02d}:15:00Z"
        stripe.customers.add(
            (customer, who.billing_mail, who.name, "", iso(day) + clock, who.currency, "true", "false",
             self.street, who.city, "", who.country, "{}")
        )  # fmt: skip
        self.known("stripe", "customers", customer)
        terms = price("team_month", who.currency)
        sub = Subscription(f"q{self.code}", customer, terms, self.rng.randrange(3, 30), day, clock, self.rng)
        StripeBilling(
            stripe, sub, self.past, calendar.first, calendar.last, calendar.earlier_subscriptions
        ).run()

    # -------------------------------------------------------------------- what the sales team sees

    def deal(
        self, name: str, stage: str, amount: int, closes: int, kind: str, created: int, reason: str = "",
        contract_ends: int | None = None,
    ) -> None:  # fmt: skip
        """`amount` is a year's worth in minor units."""
        self.deals += 1
        self.files.hubspot.deal(
            31_000_000_000 + self.slot * 32 + self.deals, f"{self.who.name}, {name}", stage,
            major(amount, self.who.currency), self.who.currency, closes, kind, created, self.named_companies(), self.contacts,
            reason, contract_ends,
        )  # fmt: skip

    def sell(self, agreement: Agreement) -> None:
        """Deals that were won are worth what was hoped for, which is not what is billed."""
        unit, units = agreement.term
        hoped = agreement.amount(agreement.quantity + 1) * (1 if unit == "year" else 12 // units)
        won, last = agreement.trial_ends, self.calendar.last
        is_yearly = unit == "year"
        if won <= last:
            ends = months_later(won, 12) if is_yearly else None
            self.deal("first order", WON, hoped, won, "New Business", self.created, "", ends)
        else:
            self.deal("first order", OPEN, hoped, last + 30, "New Business", self.created)
        if self.rng.random() < 0.1:
            self.deal("more seats", OPEN, hoped // 4, last + 50, "Existing Business", last - 20)
        for since, stop in agreement.stretches():
            if (
                stop is None
                or stop.known_on > last
                or stop.how in ("pause", "in_trial")
                or stop.code == MOVED
            ):
                continue
            told_sales = self.segment != "Small business" and stop.how != "unpaid" and self.rng.random() < 0.8
            if told_sales:
                created = max(since, min(stop.known_on, stop.ends - 40))
                words = REASONS[self.reason][2]
                self.deal("renewal", LOST, hoped, stop.ends, "Renewal", created, words, stop.ends)
            if told_sales or stop.code or stop.how == "unpaid":
                self.past.departures.append((stop.ends, self.reason))

    def served(self) -> tuple[int, int]:
        """The first and the last day of the history on which there was something to ask about."""
        calendar, spans = self.calendar, self.past.spans
        if not spans:
            return calendar.last, calendar.last
        return max(spans[0].start + 20, calendar.first), min(spans[-1].end or calendar.last, calendar.last)

    def answer(self) -> None:
        """Once a year somebody may answer the product survey; others were asked after a talk with support."""
        rng, who, (first, last) = self.rng, self.who, self.served()
        surveymonkey, delighted = self.files.surveymonkey, self.files.delighted
        for year, day in enumerate(range(first, last, 365)):
            if rng.random() > 0.5:
                continue
            at, ref = rng.random(), 11_810_000_000 + self.slot * 10 + year
            asked, told = rng.choice(who.people), ""
            if at < 0.3 and who.salesforce_id:
                asked, told = ("", "", ""), who.salesforce_id
            elif at < 0.15:
                asked = ("", "", "")
            score = rng.choices(range(11), (2, 1, 1, 2, 2, 4, 6, 12, 16, 14, 12))[0]
            day = min(day + rng.randrange(30), self.calendar.last)
            self.past.asked.append(Asked("Product survey", day, asked[2]))
            surveymonkey.response(
                ref, day, rng.randrange(1_430), score, asked, told,
                rng.randrange(8), rng.choice(WISHES),
            )  # fmt: skip
            is_told = bool(told or asked[2])
            if is_told:
                self.known("surveymonkey", "responses", ref)
            self.past.heard.append(("surveymonkey", "responses", str(ref), is_told))
        if first == last or rng.random() > 0.6:
            return
        for place, (given, family, mail) in enumerate(who.people):
            id, name = 49_100_000 + self.slot * 10 + place, f"{given} {family}"
            days = sorted(first + int((last - first) * rng.random()) for _ in range(rng.choice((1, 1, 2))))
            delighted.person(id, name, mail, days[0], days[-1])
            self.known("delighted", "people", id)
            for nth, day in enumerate(days):
                kind = rng.choices(("csat", "nps", "five_star"), (70, 20, 10))[0]  # stars are another scale
                response = 79_100_000 + self.slot * 20 + place * 10 + nth
                score = rng.randrange(4, 11) if kind == "nps" else rng.randrange(2, 6)
                delighted.response(response, id, kind, score, rng.choice(COMMENTS), day)
                self.past.asked.append(Asked("After support", day, mail))
                if kind != "five_star":
                    self.past.heard.append(("delighted", "survey_responses", str(response), True))
            if rng.random() < 0.1:
                delighted.unsubscribe(id, name, mail, days[-1])
                self.past.opted_out.append((mail, days[-1]))

    def ask_for_help(self) -> None:
        """Whoever is served is known to the help desk; an organisation by its domains, and some by another's id of it."""
        rng, who, zendesk, (first, last) = self.rng, self.who, self.files.zendesk, self.served()
        if first == last:
            return
        organization = 8_700_000_000 + self.slot if who.domain else None
        if organization:
            domains = [who.domain] + [who.further_domain] * (self.story == "bought_two_domains")
            elsewhere = who.salesforce_id or (f"cus_q{self.code}" if self.story == "bought_moved" else "")
            zendesk.organization(organization, who.name, domains, elsewhere, first)
            self.known("zendesk", "organizations", organization)
            for domain in domains[1:]:
                self.known("zendesk", "organization_domains", f"{organization}@{domain}")
        self.past.people = [Person(*person, "") for person in who.people]
        users = []
        for place, (given, family, mail) in enumerate(who.people):
            users.append((9_600_000_000 + self.slot * 4 + place, f"{given} {family}", mail))
            zendesk.user(*users[-1], organization, first, is_suspended=rng.random() < 0.05)
            self.known("zendesk", "users", users[-1][0])
        named = (organization, who.name) if organization else None
        for place in range(rng.choice((0, 1, 1, 2, 3))):
            self.ticket(3_100_000 + self.slot * 12 + place * 3, rng.choice(users), named, first, last)

    def ticket(
        self, id: int, user: tuple[int, str, str], organization: tuple[int, str] | None, first: int, last: int
    ) -> None:
        """One ticket: with another one merged into it, deleted as spam, or asked for by the company's own people."""
        rng, zendesk, today = self.rng, self.files.zendesk, self.calendar.last
        opened, kind, at = first + int((last - first) * rng.random()), rng.randrange(1_000), rng.random()
        solved = opened + rng.randrange(0, 15)
        if solved <= today:
            self.past.helped.append((solved, user[2]))
        status, solved, updated = ("open", None, opened) if solved > today else ("closed", solved, solved)
        if solved and today - solved < 28:
            status = "solved"
        if at < 0.1:
            status, solved, updated = "deleted", None, min(opened + 1, today)
        elif at < 0.25:
            merged_on = min(opened + 1, today)
            zendesk.ticket(
                id + 1, "closed", user, organization, opened, merged_on, merged_on, kind + 1, (MERGED,)
            )
        merged = (id + 1,) if 0.1 <= at < 0.25 else ()
        is_own = at > 0.97
        if is_own:
            user = (ADMIN, "Support lead", "lead@desk-of-ours.example")
        role = "admin" if is_own else "end-user"
        zendesk.ticket(id, status, user, organization, opened, solved, updated, kind, (), merged, role)
        if status != "deleted":
            self.past.heard.append(("zendesk", "tickets", str(id), not is_own))

    def court(self) -> None:
        """Somebody who never became a customer, though one in three signed: nothing was ever billed."""
        rng, last = self.rng, self.calendar.last
        closes = min(self.created + rng.randrange(20, 90), last)
        hoped = rng.randrange(100_000, 900_000)
        if self.slot // 20 % 3 == 0:
            self.deal("first order", WON, hoped, closes, "New Business", self.created)
        else:
            reason = rng.choice(tuple(REASONS.values()))[2]
            self.deal("first order", LOST, hoped, closes, "New Business", self.created, reason)


def live_bought(number: int, seed: int, calendar: Calendar, files: BoughtFiles) -> Past:
    """One customer that the bought company alone had."""
    rng = Random(f"{seed}/bought/{number}")
    story = STORY_OF[number * SPREAD % 20]
    name = word(FIRST_NAME + number)
    domain = "" if story == "bought_free_mail" else f"{name}.example"
    at = rng.random()
    currency, country, city, _ = next(place for place in COUNTRIES if at < place[3])
    people = []
    for place in range(rng.choice((1, 2, 2))):
        first, last = person(500_000 + number * 7 + place)
        mail = (
            f"{last}.{number}.{place}@{FREE_MAIL[number % len(FREE_MAIL)]}"
            if not domain
            else f"{first}.{last}@{domain}"
        )
        people.append((first, last, mail.lower()))
    further = {"bought_merged": f"{name}-group.example", "bought_two_domains": f"{name}-pay.example"}.get(
        story, ""
    )
    who = Identity(
        f"{name.capitalize()} {rng.choice(SUFFIXES)}", domain, currency, country, city, people,
        {"bought_free_mail": people[0][2], "bought_two_domains": f"billing@{further}"}.get(story, f"billing@{domain}"),
        further_domain=further,
    )  # fmt: skip
    segment = SEGMENTS[bisect((0.5, 0.85), rng.random())]
    latest = calendar.bought - 300 if story in LONG_THERE else calendar.last - 30
    is_old = latest <= calendar.first or (story not in NEWCOMERS and rng.random() < 0.45)
    created = calendar.first - rng.randrange(60, 600) if is_old else rng.randrange(calendar.first, latest)
    past = Past(f"bought-{number:07d}", "organisation", story)
    Relation(number * 2, story, who, segment, created, rng, past, calendar, files).live()
    return past
