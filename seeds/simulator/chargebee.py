"""Chargebee: customers, subscriptions and invoices as its interface gives them, times in epoch seconds.

It keeps a subscription's row as it is now. What happened to one shows in the differences between extracts.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from simulator.catalogue import CURRENCIES
from simulator.days import boundary, epoch, iso
from simulator.discounts import Discount
from simulator.files import Table
from simulator.past import Past, Span

DUNNING_DAYS = 21
TAX_PERCENT = {"eur": 20, "gbp": 20}
TAX_INCLUSIVE = {"gbp"}  # where the sum of the lines holds the tax

# plan: (dollars per unit and term, unit of the term, units, name of the term)
PLANS = {
    "basic": (49, "month", 1, "Monthly"),
    "pro": (19, "month", 1, "Monthly"),
    "suite": (105, "month", 3, "Every-3-months"),
    "pro-year": (190, "year", 1, "Yearly"),
}
SUPPORT = 80  # dollars a term for an addon

CUSTOMERS = (
    "id,first_name,last_name,company,email,phone,billing_address_line_1,billing_address_city,billing_address_zip,"
    "billing_address_country,cf_salesforce_account_id,preferred_currency_code,auto_collection,taxability,deleted,"
    "created_at,updated_at"
)
SUBSCRIPTIONS = (
    "id,customer_id,status,currency_code,billing_period,billing_period_unit,start_date,trial_start,trial_end,"
    "started_at,activated_at,current_term_start,current_term_end,pause_date,resume_date,cancelled_at,"
    "cancel_schedule_created_at,cancel_reason,cancel_reason_code,subscription_items,discounts,mrr,deleted,created_at,updated_at"
)
INVOICES = (
    "id,customer_id,subscription_id,recurring,status,price_type,currency_code,date,due_date,sub_total,tax,total,"
    "amount_paid,amount_due,paid_at,voided_at,deleted,updated_at"
)


class ChargebeeFiles:
    """Subscriptions are extracted on several days, everything else on the last of them."""

    def __init__(self, folder: Path, extracts: tuple[int, ...]):
        on = iso(extracts[-1])
        self.customers = Table(folder / f"customers_{on}.csv", CUSTOMERS.split(","))
        self.subscriptions = {
            day: Table(folder / f"subscriptions_{iso(day)}.csv", SUBSCRIPTIONS.split(",")) for day in extracts
        }
        self.invoices = Table(folder / f"invoices_{on}.csv.gz", INVOICES.split(","))

    def files(self) -> list[Table]:
        return [self.customers, *self.subscriptions.values(), self.invoices]

    @property
    def newest_subscriptions(self) -> Table:
        return self.subscriptions[max(self.subscriptions)]


@dataclass
class Stop:
    """How a stretch of service ends: term_end, at_once, unpaid, pause or in_trial; and what is said of it."""

    day: int  # asked for; of `unpaid`, from when on nothing is paid
    how: str
    code: str = ""  # of the reason, in the words of whoever left
    ends: int = 0  # first day without service, found when it is billed
    known_on: int = 0


@dataclass
class Agreement:
    """A subscription and all that happens to it. It may stop and become active again."""

    ref: str
    customer: str
    plan: str
    currency: str
    quantity: int
    starts: int
    second: int  # of the day, at which everything happens to it
    trial_days: int = 0
    has_support: bool = False
    change: tuple[int, int] | None = None  # day and new quantity, within the first stretch of service
    stops: list[Stop] = field(default_factory=list)
    resumes: list[int] = field(default_factory=list)  # days on which it is active again, each after a stop
    made_on: int | None = None  # where that is before it starts
    deleted_on: int | None = None
    discount: Discount | None = None

    @property
    def term(self) -> tuple[str, int]:
        return PLANS[self.plan][1:3]

    @property
    def trial_ends(self) -> int:
        return self.starts + self.trial_days

    def unit_price(self, dollars: int) -> int:
        return round(dollars * CURRENCIES[self.currency] * 100)

    def quantity_on(self, day: int) -> int:
        return self.change[1] if self.change and self.change[0] <= day else self.quantity

    def items(self, quantity: int) -> list[dict]:
        """What it consists of, as Chargebee lists it."""
        dollars, _, _, name = PLANS[self.plan]
        code = self.currency.upper()
        held = [(f"{self.plan}-{code}-{name}", "plan", quantity, self.unit_price(dollars))]
        if self.has_support:
            held.append((f"support-{code}-{name}", "addon", 1, self.unit_price(SUPPORT)))
        return [
            {
                "item_price_id": id_,
                "item_type": kind,
                "quantity": count,
                "unit_price": unit,
                "amount": count * unit,
            }
            for id_, kind, count, unit in held
        ]

    def amount(self, quantity: int) -> int:
        return sum(item["amount"] for item in self.items(quantity))

    def term_of(self, since: int, day: int) -> tuple[int, int]:
        """The term that holds a day, in a stretch of service that began on `since`."""
        unit, units = self.term
        start, terms = since, 0
        while True:
            end = boundary(since, (terms + 1) * units, unit)
            if day < end:
                return start, end
            start, terms = end, terms + 1

    def stretches(self) -> list[tuple[int, Stop | None]]:
        """First day and end of each stretch of service."""
        starts = [self.trial_ends, *self.resumes]
        return list(zip(starts, [*self.stops, None][: len(starts)], strict=True))


class Billing:
    """One subscription from its first day to the last: what is invoiced, what really happened, and each extract's row."""

    def __init__(self, files: ChargebeeFiles, agreement: Agreement, past: Past, first: int, last: int):
        self.files, self.agreement, self.past, self.first, self.last = files, agreement, past, first, last
        self.invoices = 0

    def run(self) -> None:
        agreement = self.agreement
        for since, stop in agreement.stretches():
            if stop:
                self.settle(since, stop)
            if since <= self.last and (stop is None or stop.how != "in_trial"):
                self.serve(since, stop)
        for extracted, table in self.files.subscriptions.items():
            if (agreement.made_on or agreement.starts) < extracted:
                table.add(self.row(extracted - 1))

    def settle(self, since: int, stop: Stop) -> None:
        """Find the first day without service, and the day from which that is known."""
        if stop.how == "term_end":
            stop.known_on = max(stop.day, since + 1)
            stop.ends = self.agreement.term_of(since, stop.known_on)[1]
        elif stop.how == "unpaid":
            stop.day = self.agreement.term_of(since, max(stop.day, since))[1]
            stop.ends = stop.known_on = stop.day + DUNNING_DAYS
        else:
            stop.ends = stop.known_on = max(stop.day, self.agreement.starts + 1)

    def serve(self, since: int, stop: Stop | None) -> None:
        """Invoice each term in advance, and note the spans."""
        agreement = self.agreement
        ends = stop.ends if stop and stop.known_on <= self.last else None
        change = agreement.change if since == agreement.trial_ends else None
        start, end = agreement.term_of(since, since)
        while start <= self.last and (ends is None or start < ends):
            is_unpaid = stop is not None and stop.how == "unpaid" and start >= stop.day
            amount = agreement.amount(agreement.quantity_on(start))
            self.invoice(start, amount, "not_paid" if is_unpaid else "paid")
            if change and start <= change[0] < end:  # by mistake the whole of it again
                self.invoice(change[0], agreement.amount(change[1]), "voided")
            if change and start < change[0] < end:  # the rest of the term, for what is added
                more = agreement.amount(change[1]) - agreement.amount(agreement.quantity)
                self.invoice(change[0], more * (end - change[0]) // (end - start), "paid")
            start, end = agreement.term_of(since, end)
        if agreement.deleted_on is None:
            self.hold(since, change[0] if change else ends, agreement.quantity)
            if change:
                self.hold(change[0], ends, change[1])

    def hold(self, start: int, end: int | None, quantity: int) -> None:
        agreement = self.agreement
        span = Span(
            agreement.ref, start, end, agreement.amount(quantity), agreement.currency, *agreement.term
        )
        self.past.spans += agreement.discount.lower(span) if agreement.discount else [span]

    def invoice(self, day: int, amount: int, status: str) -> None:
        """`status` is what becomes of it; one of the last days is not paid yet."""
        agreement = self.agreement
        if day < self.first:  # older than what was exported
            return
        self.invoices += 1
        if status == "paid" and day >= self.last - 1:
            status = "payment_due"
        net = amount - agreement.discount.off(day, amount) if agreement.discount else amount
        tax = net * TAX_PERCENT.get(agreement.currency, 0) // 100
        is_inclusive = agreement.currency in TAX_INCLUSIVE
        total = net + tax
        paid, due = total if status == "paid" else 0, 0 if status in ("paid", "voided") else total
        at = self.moment(day)
        self.files.invoices.add(
            (f"{agreement.ref}-{self.invoices:03d}", agreement.customer, agreement.ref, "true", status,
             "tax_inclusive" if is_inclusive else "tax_exclusive", agreement.currency.upper(), at, at,
             amount + tax if is_inclusive else amount, tax, total, paid, due, at if paid else "",
             at if status == "voided" else "", "true" if agreement.deleted_on else "false", at)
        )  # fmt: skip
        if agreement.deleted_on is None and status != "voided":
            self.past.billed.append((day, net, agreement.currency))

    def moment(self, day: int | None) -> int | str:
        return "" if day is None else epoch(day, self.agreement.second)

    def discounts(self, at: int) -> str:
        """The discount that is in force at the end of a day, as Chargebee lists it."""
        given = self.agreement.discount
        if given is None or (given.end is not None and given.end <= at):
            return ""
        told = {"id": f"di{self.agreement.ref}", "type": "percentage", "percentage": given.percent}
        told |= {
            "duration_type": "limited_period" if given.end else "forever",
            "created_at": self.moment(given.start),
        }
        if given.end:
            told["apply_till"] = self.moment(given.end)
        return json.dumps([told])

    def row(self, at: int) -> tuple:
        """The subscription as it stands at the end of a day."""
        agreement, moment = self.agreement, self.moment
        since, stop = [
            stretch for n, stretch in enumerate(agreement.stretches()) if n == 0 or stretch[0] <= at
        ][-1]
        if stop and stop.known_on > at:
            stop = None
        has_stopped = stop is not None and stop.ends <= at
        is_paused = has_stopped and stop.how == "pause"
        was_active = since <= at and not (stop and stop.how == "in_trial")
        if has_stopped:
            status = "paused" if is_paused else "cancelled"
        elif not was_active:
            status = "in_trial" if agreement.starts <= at else "future"
        else:
            status = "non_renewing" if stop else "active"
        began = agreement.starts if agreement.starts <= at else None
        term = (began, agreement.trial_ends if began else None)
        if was_active:
            term = agreement.term_of(since, stop.ends - 1 if has_stopped else at)
        quantity, (unit, units) = agreement.quantity_on(at), agreement.term
        months = {"month": 1, "year": 12}[unit] * units
        made_on = agreement.made_on or agreement.starts
        is_deleted = agreement.deleted_on is not None and agreement.deleted_on <= at
        changes = [made_on, since, term[0], agreement.change and agreement.change[0], stop and stop.known_on,
                   has_stopped and stop.ends, agreement.deleted_on]  # fmt: skip
        trial = (agreement.starts, agreement.trial_ends) if agreement.trial_days else (None, None)
        return (
            agreement.ref, agreement.customer, status, agreement.currency.upper(), units, unit, moment(agreement.starts),
            *(moment(day) for day in trial), moment(began), moment(since if was_active else None),
            *(moment(day) for day in term), moment(stop.ends if is_paused else None), "",
            moment(stop.ends if stop and not is_paused else None),
            moment(stop.known_on if stop and stop.how == "term_end" else None),
            "not_paid" if stop and stop.how == "unpaid" else "", stop.code if stop else "",
            json.dumps(agreement.items(quantity)), self.discounts(at),
            agreement.amount(quantity) // months if status in ("active", "non_renewing") else 0,
            "true" if is_deleted else "false", moment(made_on),
            moment(max(day for day in changes if day and day <= at)),
        )  # fmt: skip
