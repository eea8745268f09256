"""The organisations: who they are, what they do with their subscriptions, and what each system comes to know of it.

Customer k draws from its own random stream and takes its story from a table of a hundred, so it is the same customer
in a company of any size.
"""

from bisect import bisect
from dataclasses import dataclass
from random import Random

from simulator.bought import BoughtFiles, Identity, Relation
from simulator.catalogue import FIRST_TIER, YEARLY, major, price
from simulator.days import day as ordinal
from simulator.days import iso
from simulator.discounts import draw
from simulator.history import Calendar
from simulator.names import FREE_MAIL, SUFFIXES, base62, person, salesforce_id, word
from simulator.past import Asked, Past, Person
from simulator.qualtrics import VERBATIMS, QualtricsFiles
from simulator.salesforce import SalesforceFiles
from simulator.shop import ShopFiles
from simulator.stripe import Billing, Change, Leave, StripeFiles, Subscription, bill_on_dashboard
from simulator.surveys import RELATIONSHIP_NPS

# How many of each hundred organisations have something special about them; the rest are ordinary.
STORIES = {
    "yearly_swap": 4, "pause": 3, "late_renewal": 3, "late_beyond_grace": 1, "in_and_out": 2, "win_back": 5,
    "win_back_new_record": 2, "trial_lost": 2, "free_plan": 1, "weekly": 3, "tiered": 6, "usage": 3, "add_on": 3,
    "two_billing_records": 2, "merged_account": 2, "deleted_account": 1, "branch": 2, "back_dated": 2,
    "back_dated_end": 1, "test_account": 1, "orphan": 1, "billing_only": 2, "dashboard_only": 2, "free_mail": 3,
    "shared_mailbox": 3, "incomplete": 1, "adviser": 2, "shop_buyer": 1, "leap_day": 1, "prospect": 2,
    "both_by_domain": 1, "both_by_mail": 1, "both_by_reference": 1,
}  # fmt: skip
ORDINARY = "ordinary"
STORY_OF = [story for story, count in STORIES.items() for _ in range(count)]
STORY_OF += [ORDINARY] * (100 - len(STORY_OF))
SPREAD = 37  # prime to 100: neighbours in the table are not neighbours among the customers
YOUNG = {"in_and_out", "trial_lost", "back_dated", "back_dated_end", "leap_day", "incomplete", "prospect"}
BOTH = {
    "both_by_domain",
    "both_by_mail",
    "both_by_reference",
}  # customers of the company that was bought, too
WITHOUT_DOMAIN = {"free_mail", "both_by_mail"}
OUT_OF_REACH = BOTH | {"shared_mailbox", "adviser"}  # whose people share an address, or have two

SEGMENTS = ("Small business", "Mid-market", "Enterprise")
SEGMENT_SHARE = (0.55, 0.85)  # running totals of the first two
MONTHLY_LOSS = {"Small business": 0.021, "Mid-market": 0.014, "Enterprise": 0.009}
AUTUMN_LOSS = 0.13  # chance of leaving on top, after the autumn price letter
COUNTRIES = (
    ("usd", "United States", "Fairhollow", "EN", 0.55),
    ("eur", "Germany", "Lindenau", "DE", 0.70),
    ("eur", "France", "Clairbourg", "FR", 0.80),
    ("gbp", "United Kingdom", "Marlowe", "EN", 0.93),
    ("jpy", "Japan", "Aokawa", "JA", 1.0),
)
SOURCES = ("Web", "Partner Referral", "Customer Referral", "Trade Show", "Advertisement", "Outbound")
REASONS = {  # one-company reason: (chance, Stripe's feedback, the sales team's code)
    "price": (0.30, "too_expensive", "Price"),
    "missing capability": (0.18, "missing_features", "Product gap"),
    "service experience": (0.16, "customer_service", "Service"),
    "switched to a competitor": (0.14, "switched_service", "Competitor"),
    "no longer needed": (0.12, "unused", "No need"),
    "hard to use": (0.06, "too_complex", "Adoption"),
    "closed down": (0.04, "", "Out of business"),
}
CASE_KINDS = ("Billing", "Bug", "How-to", "Access", "Performance")
CHANNELS = ("Email", "Web", "Phone", "Chat")


@dataclass(frozen=True)
class Files:
    """Where the company's systems write."""

    stripe: StripeFiles
    salesforce: SalesforceFiles
    qualtrics: QualtricsFiles
    shop: ShopFiles
    bought: BoughtFiles | None = None  # the systems of a company that was bought

    def all(self) -> list:
        return [
            *self.stripe.tables(),
            *self.salesforce.files(),
            *self.qualtrics.files(),
            *self.shop.tables(),
            *(self.bought.files() if self.bought else []),
        ]


class Organisation:
    """One organisation; `live` plays its history into the files and returns what really happened."""

    def __init__(self, number: int, seed: int, calendar: Calendar, has_oddities: bool):
        self.number, self.seed, self.calendar = number, seed, calendar
        self.rng = rng = Random(f"{seed}/organisation/{number}")
        story = STORY_OF[number * SPREAD % 100]
        self.story = story if has_oddities else ORDINARY
        self.has_discounts = has_oddities and self.story == ORDINARY
        self.segment = SEGMENTS[bisect(SEGMENT_SHARE, rng.random())]
        at = rng.random()
        self.currency, self.country, self.city, self.language, _ = next(c for c in COUNTRIES if at < c[4])
        self.code = base62(number, 5)
        name = word(number)
        self.name, self.domain = f"{name.capitalize()} {rng.choice(SUFFIXES)}", f"{name}.example"
        self.source = rng.choice(SOURCES)
        self.clock = f"T{rng.randrange(7, 21):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}Z"
        self.starts = self.first_day()
        self.account = salesforce_id("001", number * 4)
        self.has_account = self.story not in ("billing_only", "orphan", "dashboard_only")
        self.customer_id = f"cus_{self.code}"
        self.contacts: list[tuple[str, str, str, str]] = []  # id, first and last name, address
        self.is_test = self.story == "test_account"
        self.past = Past(f"org-{number:07d}", "organisation", self.story, language=self.language)
        if self.has_account:
            self.past.acquisition_source = self.source

    def first_day(self) -> int:
        """A third were customers before the history begins."""
        rng, calendar = self.rng, self.calendar
        if self.story == "leap_day":
            return ordinal("2024-02-29")
        if (rng.random() < 0.34 and self.story not in YOUNG) or self.story in BOTH:
            return calendar.first - rng.randrange(20, 700)
        return calendar.first + int((calendar.last - calendar.first - 1) * rng.random())

    def live(self, files: Files) -> Past:
        self.files = files
        self.meet()
        if self.story != "prospect":
            self.subscribe()
        if self.has_account:
            self.sell()
        self.answer()
        self.ask_for_help()
        if self.story in BOTH and files.bought:
            self.be_served_there_too(files.bought)
        return self.past

    # ------------------------------------------------------------------------------ who they are

    def known(self, vendor: str, object: str, ref: str, system: str = "") -> None:
        self.past.records.append((vendor, system or vendor, object, ref))

    def meet(self) -> None:
        """The sales team's records of the organisation, and its people."""
        rng, created = self.rng, self.starts - self.rng.randrange(5, 60)
        self.created = created
        for place in range(0 if self.story in ("orphan", "dashboard_only") else rng.choice((1, 1, 2, 3))):
            first, last = person(self.number * 5 + place)
            mail = f"{first}.{last}@{self.domain}".lower()
            if self.story in WITHOUT_DOMAIN:
                mail = f"{last}.{self.number}.{place}@{FREE_MAIL[self.number % len(FREE_MAIL)]}".lower()
            if self.story == "shared_mailbox" and place == 0:
                mail = f"bookkeeping.team.{self.number // 100}@{FREE_MAIL[0]}"
            if self.story == "adviser" and place == 0:  # of a firm that advises several customers
                mail = f"{first}.{last}@advisers-{self.number // 100}.example".lower()
            self.contacts.append((salesforce_id("003", self.number * 4 + place), first, last, mail))
        if not self.has_account:
            return
        self.segment_since = None
        was = self.segment
        self.past.segments.append((self.segment, None))
        is_steady = self.story in ("merged_account", "branch", "deleted_account")
        first_seen = max(created, self.calendar.earlier_accounts)
        if created < self.calendar.earlier_accounts and not is_steady and rng.random() < 0.06:
            self.segment_since = rng.randrange(first_seen + 1, self.calendar.last)
            self.segment = rng.choice([segment for segment in SEGMENTS if segment != was])
            self.past.segments.append((self.segment, self.segment_since))
        kind = "Test" if self.is_test else "Prospect" if self.story == "prospect" else "Customer"
        place = (
            f"{self.number % 90 + 1} Mill Lane",
            self.city,
            f"{10_000 + self.number % 80_000}",
            self.country,
        )
        website = "" if self.story in WITHOUT_DOMAIN else f"https://www.{self.domain}/"
        write, refs = (
            self.files.salesforce.account,
            (self.account, self.name, kind, place, website, self.source),
        )
        self.known("salesforce", "accounts", self.account)
        if self.story == "branch":  # what pays is a branch; the customer is its head office
            head = salesforce_id("001", self.number * 4 + 1)
            write(
                head,
                f"{self.name} Holding",
                "Customer",
                place,
                "",
                self.source,
                was,
                created - 9,
                created - 9,
            )
            write(*refs, was, created, created, parent=head)
            self.known("salesforce", "accounts", head)
        else:
            write(*refs, self.segment, created, self.segment_since or created, was_segment=was)
        if self.story in ("merged_account", "deleted_account"):
            self.twin = salesforce_id("001", self.number * 4 + 1)
            master = self.account if self.story == "merged_account" else ""
            write(
                self.twin, self.name.upper(), kind, place, website, self.source, was, created + 1, min(created + 30, self.calendar.last),
                master=master, is_deleted=True,
            )  # fmt: skip
            self.known("salesforce", "accounts", self.twin)
        for ref, first, last, mail in self.contacts:
            self.files.salesforce.contact(
                ref, self.account, first, last, mail, (self.city, self.country), self.source, created
            )
            self.known("salesforce", "contacts", ref)
            if self.story not in OUT_OF_REACH:
                self.past.people.append(Person(first, last, mail, ref))

    def billing_mail(self) -> str:
        return self.contacts[0][3] if self.story in WITHOUT_DOMAIN else f"accounts@{self.domain}"

    def billing_record(self, ref: str, created: int, metadata: str, mail: str) -> None:
        """A customer of Stripe's."""
        live = "false" if self.is_test else "true"
        self.files.stripe.customers.add(
            (ref, mail, self.name, "", iso(created) + self.clock, self.currency, live, "false",
             f"{self.number % 90 + 1} Mill Lane", self.city, "", self.country, metadata)
        )  # fmt: skip
        self.known("stripe", "customers", ref)

    # --------------------------------------------------------------------- what they subscribe to

    def subscribe(self) -> None:
        rng, story = self.rng, self.story
        if story == "dashboard_only":
            self.subscribe_by_dashboard()
            return
        named = self.twin if story == "merged_account" else self.account
        metadata = (
            f'{{"salesforce_account_id": "{named[: rng.choice((15, 18))]}"}}' if self.has_account else "{}"
        )
        if rng.random() < 0.15 and story not in {*WITHOUT_DOMAIN, "merged_account", "test_account"}:
            metadata = "{}"  # only the address tells whose it is
        if story == "orphan":
            self.known("stripe", "customers", self.customer_id)
        else:
            self.billing_record(self.customer_id, self.starts, metadata, self.billing_mail())
        first = self.first_subscription()
        self.play(first)
        if (
            story in ("win_back", "win_back_new_record")
            and first.ends
            and first.ends < self.calendar.last - 30
        ):
            self.come_back(first)
        if story == "two_billing_records":
            again = f"cus_{self.code}b"
            self.billing_record(again, self.starts + 40, metadata, f"purchasing@{self.domain}")
            later = self.subscription("b", again, "team_month", 4, self.starts + 40)
            later.leave = self.leaving(later.starts)
            self.play(later)
        if story == "shop_buyer":
            self.buy_in_the_shop()

    def subscription(
        self, mark: str, customer_id: str, plan: str, quantity: int, starts: int
    ) -> Subscription:
        return Subscription(
            f"{self.code}{mark}", customer_id, price(plan, self.currency), quantity, min(starts, self.calendar.last - 1),
            self.clock, self.rng, is_live=not self.is_test,
        )  # fmt: skip

    def plan(self) -> tuple[str, int]:
        """The plan that suits the organisation, and how many seats."""
        rng, story, at = self.rng, self.story, self.rng.random()
        if story in ("weekly", "in_and_out", "free_plan"):
            return {"weekly": "starter_week", "in_and_out": "team_month", "free_plan": "free_month"}[story], 1
        if story == "tiered":
            return "crowd_month", rng.randrange(6, 40)
        if story in ("yearly_swap", "usage", "add_on", "pause"):
            return rng.choice(("team_month", "scale_month")), rng.randrange(3, 30)
        if story in ("back_dated", "back_dated_end", "leap_day"):
            return "team_year", rng.randrange(5, 50)
        if self.segment == "Small business":
            return (
                ("starter_month", 1)
                if at < 0.5
                else ("starter_year", 1)
                if at < 0.65
                else ("team_month", rng.randrange(2, 9))
            )
        if self.segment == "Mid-market":
            return ("team_month" if at < 0.5 else "team_year" if at < 0.75 else "scale_month"), rng.randrange(
                8, 50
            )
        return (
            "scale_year" if at < 0.45 else "scale_quarter" if at < 0.65 else "scale_month"
        ), rng.randrange(40, 300)

    def first_subscription(self) -> Subscription:
        rng, story, calendar = self.rng, self.story, self.calendar
        sub = self.subscription("", self.customer_id, *self.plan(), self.starts)
        if story == "in_and_out":
            sub.leave = self.leaving_on(sub.starts + rng.randrange(6, 20), "at_once")
        elif story == "trial_lost":
            sub.trial_days = 14
            sub.leave = self.leaving_on(sub.starts + 9, "in_trial")
        elif story == "back_dated_end":
            end = min(sub.starts + 200, calendar.last - 20)
            sub.leave = self.leaving_on(end, "at_once")
            sub.leave.written = min(end + 45, calendar.last)
        elif story in ("win_back", "win_back_new_record"):
            gone = max(sub.starts, calendar.first) + rng.randrange(20, 400)
            sub.leave = self.leaving_on(gone, "at_period_end")
        elif story not in ("free_plan", "incomplete", "leap_day"):
            sub.leave = self.leaving(sub.starts)
        sub.is_incomplete = story == "incomplete"
        sub.has_usage = story == "usage"
        if story == ORDINARY and self.starts >= calendar.first and rng.random() < 0.3:
            sub.trial_days = 14
        if self.segment == "Enterprise" and self.starts >= calendar.first and not sub.trial_days:
            sub.setup_fee = sub.price.unit * 12
        if self.has_discounts:
            key = f"{self.seed}/discount/{self.number}"
            sub.discount = draw(key, self.currency, sub.trial_ends, self.starts >= calendar.first)
        sub.changes = self.changes(sub)
        return sub

    def changes(self, sub: Subscription) -> list[Change]:
        """What happens to the first subscription on the way, in order."""
        rng, story, calendar = self.rng, self.story, self.calendar
        from_day = max(sub.trial_ends, calendar.first)
        room = calendar.last - 45 - from_day
        if room < 45:
            return []
        day = from_day + 35 + int(room * 0.6 * rng.random())
        if story == "yearly_swap" and sub.price.plan in YEARLY:
            return [Change(day, "yearly")]
        if story == "pause":
            return [Change(day, "pause", rng.choice((1, 2, 3)))]
        if story == "late_renewal":
            return [Change(day, "late", rng.choice((2, 3, 5)))]
        if story == "late_beyond_grace":
            return [Change(day, "late", rng.randrange(8, 20))]
        if story == "tiered":
            return [Change(day, "tier", max(2, sub.quantity + rng.choice((-3, 4, FIRST_TIER))))]
        if story == "add_on":
            return [Change(day, "add_on"), Change(day + 95, "drop_add_on")][: rng.choice((1, 2))]
        if story == "back_dated":
            entered = day + rng.randrange(20, 60)
            return [Change(day, "seats", sub.quantity + 6, written=min(entered, calendar.last))]
        if story in ("weekly", "free_plan", "in_and_out", "incomplete", "trial_lost"):
            return []
        found, quantity = [], sub.quantity
        day = from_day
        while True:
            day += 20 + int(rng.expovariate(1 / 330))
            if day >= calendar.last:
                return found
            if sub.price.plan == "starter_month" and not found and rng.random() < 0.4:
                quantity = 3
                found.append(Change(day, "plan", ("team_month", quantity)))
            elif quantity > 1:
                step = max(1, quantity // 6)
                quantity = max(1, quantity + rng.choice((step, step, 2 * step, -step)))
                found.append(Change(day, "seats", quantity))

    def leaving(self, starts: int) -> Leave | None:
        """When an ordinary customer goes: at a steady rate, and more of them after the autumn price letter."""
        rng, calendar = self.rng, self.calendar
        day = max(starts, calendar.first) + 15 + int(rng.expovariate(MONTHLY_LOSS[self.segment] / 30.4))
        if rng.random() < AUTUMN_LOSS:
            day = min(day, max(calendar.last - rng.randrange(4, 50), starts + 5))
        if day >= calendar.last:
            return None
        return self.leaving_on(day, rng.choices(("at_period_end", "at_once", "unpaid"), (75, 10, 15))[0])

    def leaving_on(self, day: int, how: str) -> Leave:
        rng = self.rng
        reason = rng.choices(tuple(REASONS), [chance for chance, _, _ in REASONS.values()])[0]
        if how == "unpaid":
            return Leave(day, how, "payment failure")
        said = rng.random() < (0.85 if self.segment == "Small business" else 0.4)
        return Leave(day, how, reason, REASONS[reason][1] if said else "")

    def play(self, sub: Subscription) -> None:
        """Bill the subscription, and note why it ended where some system was told."""
        calendar, sales = self.calendar, self.files.salesforce
        Billing(
            self.files.stripe, sub, self.past, calendar.first, calendar.last, calendar.earlier_subscriptions
        ).run()
        leave = sub.leave
        if leave is None or sub.ends is None or sub.ends > calendar.last:
            return
        told_sales = (
            self.has_account
            and leave.how in ("at_period_end", "at_once")
            and self.segment != "Small business"
            and self.rng.random() < 0.85
        )
        if told_sales:
            amount = self.yearly(sub)
            sales.opportunity(
                self.opportunity(), self.account, f"{self.name} renewal", "Closed Lost", amount, self.currency,
                sub.ends, "Renewal", self.source, max(sub.starts, min(sub.asked, sub.ends - 60)), sub.asked,
                REASONS[leave.reason][2], sub.ends,
            )  # fmt: skip
        if leave.feedback or told_sales or leave.how == "unpaid":
            self.past.departures.append((sub.ends, leave.reason))

    def come_back(self, first: Subscription) -> None:
        """A new subscription after a loss; sometimes under a new billing record, made by whoever signed up again."""
        back = first.ends + self.rng.randrange(15, 200)
        if back >= self.calendar.last - 2:
            return
        customer_id = self.customer_id
        if self.story == "win_back_new_record":
            customer_id = f"cus_{self.code}b"
            self.billing_record(customer_id, back, "{}", f"office@{self.domain}")
        again = self.subscription("b", customer_id, first.price.plan, max(1, first.quantity - 1), back)
        if self.rng.random() < 0.25:
            again.leave = self.leaving(back)
        self.play(again)

    def subscribe_by_dashboard(self) -> None:
        """Customers of a company that was bought: only the dashboard's files of its Stripe account were kept."""
        starts = max(self.starts, self.calendar.first)
        plan = "team_month" if self.segment == "Small business" else "team_year"
        sub = self.subscription("d", f"cus_{self.code}d", plan, self.rng.randrange(2, 20), starts)
        sub.leave = self.leaving(starts)
        if sub.leave:
            sub.leave.how = "at_period_end"
        who = (self.name, f"hello@{self.domain}")
        bill_on_dashboard(self.files.stripe, sub, self.past, who, self.calendar.last)
        self.known("stripe", "dashboard_customers", sub.customer_id)
        if sub.leave and sub.leave.feedback and sub.ends and sub.ends <= self.calendar.last:
            self.past.departures.append((sub.ends, sub.leave.reason))

    def buy_in_the_shop(self) -> None:
        """Somebody of the organisation buys in the shop, under their work address."""
        _, first, last, mail = self.contacts[0]
        ref = f"B-{self.code}"
        day = max(self.starts + 30, self.calendar.first)
        self.files.shop.customer(ref, f"{first} {last}", mail, self.city, self.country, "", "", "", day)
        self.known("plain", "customers", ref, system="shop")
        for purchase in range(3):
            if day < self.calendar.last:
                self.files.shop.purchase(
                    f"P-{self.code}-{purchase}", ref, day, 4_900, self.currency, self.past
                )
            day += 90

    # ------------------------------------------------------------------- what the other teams see

    def opportunity(self) -> str:
        self.deals = getattr(self, "deals", -1) + 1
        return salesforce_id("006", self.number * 16 + self.deals)

    def yearly(self, sub: Subscription) -> str:
        terms = sub.price
        per_year = 52 if terms.interval == "week" else 12 // terms.months
        return major(terms.amount(sub.quantity) * per_year, self.currency)

    def sell(self) -> None:
        """How the sales team recorded the first deal, or one that never came about."""
        rng, write = self.rng, self.files.salesforce.opportunity
        account = self.account[: rng.choice((15, 18, 18))]
        name = f"{self.name} new business"
        lost_prospect = self.story in ("prospect", "trial_lost", "incomplete")
        stage = "Closed Lost" if lost_prospect else "Closed Won"
        decided = min(self.starts + 15, self.calendar.last) if lost_prospect else self.starts
        reason = rng.choice(tuple(REASONS.values()))[2] if lost_prospect else ""
        amount = major(price("team_year", self.currency).amount(rng.randrange(2, 60)), self.currency)
        write(
            self.opportunity(), account, name, stage, amount, self.currency, decided, "New Business", self.source,
            self.created, decided, reason,
        )  # fmt: skip
        if rng.random() < 0.08:  # something is being negotiated right now
            write(
                self.opportunity(), account, f"{self.name} more seats", "Negotiation/Review", amount, self.currency,
                self.calendar.last + 40, "Existing Business", self.source, max(self.created, self.calendar.last - 30), None,
            )  # fmt: skip

    def answer(self) -> None:
        """Once a year somebody may answer the survey; whoever is about to leave scores lower."""
        if not self.contacts or not self.past.spans:
            return
        rng, calendar = self.rng, self.calendar
        first = max(self.past.spans[0].start + 60, calendar.first)
        ends = self.past.spans[-1].end
        asked_until = min(calendar.last, ends or calendar.last)
        for year, day in enumerate(range(first, asked_until, 365)):
            if rng.random() > 0.4:
                self.past.asked.append(Asked(RELATIONSHIP_NPS.name, day, self.contacts[0][3]))
                continue
            day = min(day + rng.randrange(25), calendar.last)
            unhappy = ends is not None and ends - day < 120
            score = rng.choices(
                range(11),
                (2, 1, 1, 2, 3, 6, 8, 9, 6, 4, 3) if unhappy else (1, 0, 1, 1, 1, 3, 5, 10, 15, 16, 14),
            )[0]
            ref, who = f"R_{self.code}{year:02d}resp", self.contacts[0]
            language = self.language if rng.random() < 0.8 else "EN"
            words = rng.choice(VERBATIMS[language]) if rng.random() < 0.6 else ""
            progress = 100 if rng.random() < 0.94 else 60
            given = score if progress == 100 else ""
            at = rng.random()
            reference = who[0] if at < 0.6 else self.account if at < 0.75 else ""
            is_named = self.has_account and at < 0.95
            is_named = is_named and (
                bool(reference) or self.story != "shared_mailbox"
            )  # a shared mailbox is nobody
            asked = who[1:] if is_named and at < 0.9 else ("", "", "")
            if self.story == "shared_mailbox":
                asked = ("", "", "")
            hour, told = rng.randrange(8, 15), reference if is_named else ""
            self.files.qualtrics.response(ref, day, hour, given, words, language, asked, told, progress)
            is_told = is_named and bool(reference or asked[2])
            self.past.asked.append(
                Asked(RELATIONSHIP_NPS.name, day, who[3], hour, ref, given, progress, is_told)
            )
            if is_told:
                self.known("qualtrics", "responses", ref)
            if progress == 100:
                self.past.heard.append(("qualtrics", "responses", ref, is_told))

    def ask_for_help(self) -> None:
        rng, calendar = self.rng, self.calendar
        if not self.has_account:
            return
        first = max(self.starts, calendar.first)
        for place in range(rng.choice((0, 0, 1, 1, 2, 4))):
            opened = first + int((calendar.last - first) * rng.random())
            closed = opened + rng.randrange(0, 12)
            ref = salesforce_id("500", self.number * 8 + place)
            contact = self.contacts[0]
            at = rng.random()
            who = (self.account, contact[0], "")
            if at < 0.1:
                who = (self.account[:15], "", "")
            elif at < 0.2 and self.story != "shared_mailbox":  # written in by mail; nobody matched it
                who = ("", "", contact[3])
                self.known("salesforce", "cases", ref)
            self.past.heard.append(("salesforce", "cases", ref, True))
            if closed <= calendar.last:
                self.past.helped.append((closed, contact[3]))
            kind = rng.choice(CASE_KINDS)
            self.files.salesforce.case(
                ref, self.number * 8 + place, *who, kind, rng.choice(CHANNELS), f"{kind} question",
                "It worked last week.\nPlease help.", opened, closed if closed <= calendar.last else None,
            )  # fmt: skip

    # ----------------------------------------------------- what the company that was bought knows

    def be_served_there_too(self, files: BoughtFiles) -> None:
        """The same customer by its domain, by somebody's mailbox, or because Chargebee was told Salesforce's id."""
        rng = Random(f"{self.seed}/both/{self.number}")
        is_older = rng.random() < 0.4
        created = self.created - 40 if is_older else self.created + 40
        domain = {"both_by_mail": "", "both_by_reference": f"{word(self.number)}-online.example"}.get(
            self.story, self.domain
        )
        people = [self.contacts[0][1:]]
        if domain:
            first, last = person(self.number * 5 + 3)
            people.append((first, last, f"{first}.{last}@{domain}".lower()))
        if self.story == "both_by_reference":
            people = people[1:]
        who = Identity(
            self.name, domain, "usd" if self.currency == "jpy" else self.currency, self.country, self.city, people,
            f"billing@{domain}" if domain else people[0][2],
            self.account[: rng.choice((15, 18))] if self.story == "both_by_reference" else "",
            has_company=bool(domain),
        )  # fmt: skip
        theirs = Past(self.past.customer, self.past.kind, self.story)
        Relation(
            self.number * 2 + 1, self.story, who, self.segment, created, rng, theirs, self.calendar, files
        ).live()
        self.past.add(theirs, is_older)
