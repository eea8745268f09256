"""Stripe: subscriptions billed period by period, written as the API and the dashboard export them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from simulator.catalogue import CURRENCIES, PLANS, YEARLY, Price, major, price
from simulator.days import boundary, iso
from simulator.discounts import SHARES, Discount, welcome
from simulator.files import Table
from simulator.past import Past, Span

DUNNING_DAYS = 21
AT_RENEWAL = ("pause", "late", "tier")
TAX_PERCENT = {"eur": 20, "gbp": 20}

CUSTOMERS = (
    "id,email,name,phone,created,currency,livemode,deleted,address_line_1,address_city,address_postal_code,"
    "address_country,metadata"
)
SUBSCRIPTIONS = (
    "id,customer_id,status,start_date,created,cancel_at,cancel_at_period_end,canceled_at,ended_at,"
    "current_period_start,current_period_end,trial_start,trial_end,pause_collection,cancellation_details,"
    "livemode,metadata"
)
ITEMS = "id,subscription_id,price_id,quantity,created,current_period_start,current_period_end"
PRICES = (
    "id,product_id,currency,unit_amount,billing_scheme,type,recurring_interval,recurring_interval_count,"
    "recurring_usage_type,created,livemode"
)
INVOICES = (
    "id,customer_id,subscription_id,status,currency,subtotal,tax,total,amount_paid,created,finalized_at,paid_at,"
    "period_start,period_end,livemode"
)
LINES = (
    "id,invoice_id,subscription_id,subscription_item_id,price_id,type,proration,amount,currency,quantity,"
    "period_start,period_end,description"
)
COUPONS = "id,percent_off,amount_off,currency,duration,duration_in_months,created,livemode"
DISCOUNTS = "id,coupon_id,customer_id,subscription_id,start,end"
CHARGES = "id,customer_id,invoice_id,amount,amount_refunded,currency,status,created,livemode"
REFUNDS = "id,charge_id,amount,currency,reason,status,created"
DASHBOARD_CUSTOMERS = (
    "id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status,Total Spend,Payment Count,"
    "salesforce_account_id (metadata)"
)
DASHBOARD_SUBSCRIPTIONS = (
    "id,Customer ID,Customer Name,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),"
    "Start (UTC),Current Period Start (UTC),Current Period End (UTC),Trial Start (UTC),Trial End (UTC),"
    "Canceled At (UTC),Ended At (UTC),Cancellation Reason"
)
PAYMENTS = (
    "id,Description,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Converted Currency,Fee,Status,"
    "Customer ID,Customer Email,Captured,Invoice ID"
)


class StripeFiles:
    """The files of one Stripe account, extracted on `extracted`, subscriptions once before on `earlier`."""

    def __init__(self, folder: Path, extracted: int, earlier: int, compress: bool):
        on, gz = iso(extracted), ".gz" if compress else ""

        def table(name: str, header: str, **options: bool) -> Table:
            return Table(folder / name, header.split(","), **options)

        self.customers = table(f"customers_{on}.csv", CUSTOMERS)
        self.subscriptions = table(f"subscriptions_{on}.csv", SUBSCRIPTIONS)
        self.earlier_subscriptions = table(f"subscriptions_{iso(earlier)}.csv", SUBSCRIPTIONS)
        self.items = table(f"subscription_items_{on}.csv", ITEMS)
        self.prices = table(f"prices_{on}.csv", PRICES)
        self.invoices = table(f"invoices_{on}.csv{gz}", INVOICES)
        self.lines = table(f"invoice_line_items_{on}.csv", LINES)
        self.charges = table(f"charges_{on}.csv{gz}", CHARGES)
        self.refunds = table(f"refunds_{on}.csv{gz}", REFUNDS)
        self.dashboard_customers = table(f"dashboard/customers_{on}.csv", DASHBOARD_CUSTOMERS)
        self.dashboard_subscriptions = table(f"dashboard/subscriptions_{on}.csv", DASHBOARD_SUBSCRIPTIONS)
        self.payments = table(f"dashboard/unified_payments_{on}.csv", PAYMENTS, bom=True)
        self.write_prices()
        if compress:
            self.coupons = table(f"coupons_{on}.csv", COUPONS)
            self.discounts = table(f"subscription_discounts_{on}.csv", DISCOUNTS)
            self.write_coupons()

    def tables(self) -> list[Table]:
        return [table for table in vars(self).values() if isinstance(table, Table)]

    def write_coupons(self) -> None:
        for coupon, (percent, months) in SHARES.items():
            duration = "repeating" if months else "forever"
            self.coupons.add((coupon, percent, "", "", duration, months or "", 1_600_000_000, "true"))
        for code in CURRENCIES:
            self.coupons.add((f"WELCOME-{code}", "", welcome(code), code, "once", "", 1_600_000_000, "true"))

    def write_prices(self) -> None:
        for plan, (_, interval, intervals, scheme, usage) in PLANS.items():
            for currency in CURRENCIES:
                terms = price(plan, currency)
                unit = "" if terms.is_tiered else terms.unit
                created = 1_600_000_000  # epoch seconds, as the API gives them
                self.prices.add(
                    (terms.id, f"prod_{plan.split('_')[0]}", currency, unit, scheme, "recurring", interval,
                     intervals, usage, created, "true")
                )  # fmt: skip


@dataclass
class Change:
    """What a customer does to a running subscription.

    Inside a period: seats (new quantity), plan (plan, quantity), yearly, add_on, drop_add_on.
    At the next renewal: pause (periods), late (days), tier (new quantity).
    """

    day: int
    kind: str
    value: int | tuple[str, int] = 0
    written: int = 0  # later day on which a back-dated change was entered; 0: at once


@dataclass
class Leave:
    """How a subscription stops: at_period_end, at_once, unpaid or in_trial; and what is said of it."""

    day: int
    how: str
    reason: str = ""  # in the words of the whole company
    feedback: str = ""  # as Stripe stores it; empty: nothing was ticked
    written: int = 0  # later day on which a back-dated end was entered; 0: at once


@dataclass
class Item:
    """One price on a subscription, and the stretch that is running at one amount."""

    id: str
    price: Price
    quantity: int
    created: int
    since: int | None = None


@dataclass
class Subscription:
    """A subscription from its first day on, and all that will happen to it, in order of days."""

    ref: str
    customer_id: str
    price: Price
    quantity: int
    starts: int
    clock: str  # time of day of everything that Stripe does for it, as in T09:13:25Z
    rng: Random
    trial_days: int = 0
    is_live: bool = True
    has_usage: bool = False
    setup_fee: int = 0
    is_incomplete: bool = False  # the first payment never came
    changes: list[Change] = field(default_factory=list)
    leave: Leave | None = None
    discount: Discount | None = None
    # what billing found out
    ends: int | None = None  # first day without service
    asked: int | None = None
    period: tuple[int, int] = (0, 0)
    earlier_period: tuple[int, int] = (0, 0)
    pause: tuple[int, int] | None = None
    is_past_due: bool = False

    @property
    def id(self) -> str:
        return f"sub_{self.ref}"

    @property
    def trial_ends(self) -> int:
        return self.starts + self.trial_days


class Billing:
    """Bills one subscription up to the last day: writes its rows and notes what really happened."""

    def __init__(
        self, files: StripeFiles, sub: Subscription, past: Past, first_day: int, last_day: int, earlier: int
    ):
        self.files, self.sub, self.past = files, sub, past
        self.first_day, self.last_day, self.earlier = first_day, last_day, earlier
        self.items = [Item(f"si_{sub.ref}", sub.price, sub.quantity, sub.starts)]
        self.invoices = self.line_count = 0
        self.refunded_invoice = sub.rng.randrange(100)  # most have fewer
        self.steady: list[tuple] | None = None  # the lines of a whole period, until something changes
        self.line_rows: list[str] = []
        self.invoice_rows: list[str] = []
        self.charge_rows: list[str] = []
        self.tax_percent = TAX_PERCENT.get(sub.price.currency, 0)
        self.live = "true" if sub.is_live else "false"

    def run(self) -> None:
        sub = self.sub
        if sub.trial_days:
            self.begin_trial()
        if sub.is_incomplete:
            self.invoice(sub.starts, self.regular_lines(sub.starts, self.end_of(sub.starts, 1)), "void")
        elif sub.ends is None and sub.trial_ends <= self.last_day:
            self.bill_periods()
        self.write_rows()
        if sub.discount:
            given = sub.discount
            end = "" if given.end is None or given.is_once else iso(given.end) + sub.clock
            self.files.discounts.add(
                (f"di_{sub.ref}", given.coupon, sub.customer_id, sub.id, iso(given.start) + sub.clock, end)
            )

    def end_of(self, anchor: int, periods: int) -> int:
        terms = self.items[0].price
        return boundary(anchor, periods * terms.intervals, terms.interval)

    def begin_trial(self) -> None:
        sub, item = self.sub, self.items[0]
        self.invoice(
            sub.starts, [self.line(item, 0, item.quantity, sub.starts, sub.trial_ends, "Trial period")]
        )
        sub.period = (sub.starts, sub.trial_ends)
        if sub.leave and sub.leave.how == "in_trial":
            sub.ends, sub.asked = sub.trial_ends, sub.leave.day

    def bill_periods(self) -> None:
        sub = self.sub
        waiting = iter(sub.changes)
        change = next(waiting, None)
        anchor, periods, day = sub.trial_ends, 0, sub.trial_ends
        usage_from = None
        while day <= self.last_day and (sub.ends is None or day < sub.ends):
            status = "paid"
            if self.invoices and change and change.day <= day and change.kind in AT_RENEWAL:
                if change.kind == "late":
                    if day + change.value <= self.last_day:
                        self.stop(day)
                        anchor, periods, day = day + change.value, 0, day + change.value
                elif change.kind == "tier":
                    self.set_quantity(day, change.value)
                else:
                    day, periods = self.pause(anchor, periods, change.value)
                    if day > self.last_day:
                        return
                change, usage_from = next(waiting, None), None
            if sub.leave and sub.leave.how == "unpaid" and self.invoices and sub.leave.day <= day:
                status = self.stop_paying(day)
            stop = self.end_of(anchor, periods + 1)
            self.renew(day, stop, status, usage_from)
            self.note_leaving(day, stop)
            while change and change.day < stop and change.kind not in AT_RENEWAL:
                if self.invoices and day < change.day < min(sub.ends or stop, stop - 1, self.last_day):
                    if change.kind != "yearly":
                        self.change(change, stop)
                    elif sub.ends is None:
                        stop = self.swap_to_yearly(change.day, stop)
                        anchor, periods, day = change.day, 0, change.day
                        self.note_leaving(day, stop)
                change = next(waiting, None)
            if day <= self.earlier < stop:
                sub.earlier_period = (day, stop)
            sub.period = (day, stop)
            usage_from, day, periods = day, stop, periods + 1
        if sub.ends is not None:
            self.stop(sub.ends)

    def renew(self, day: int, stop: int, status: str, usage_from: int | None) -> None:
        """Invoice one whole period in advance, and the usage of the last one in arrears."""
        sub = self.sub
        for item in self.items:
            if item.since is None:
                item.since = day
        if day < self.first_day:  # older than what was exported
            return
        lines = self.regular_lines(day, stop)
        usage = 0
        if sub.has_usage and usage_from is not None:
            calls = price("calls_month", sub.price.currency)
            used = sub.rng.randrange(200, 9_000)
            meter = Item(f"si_{sub.ref}u", calls, used, sub.starts)
            usage = used * calls.unit
            lines.append(self.line(meter, usage, used, usage_from, day, "Calls"))
        if sub.setup_fee and day == sub.trial_ends:
            fee = Item("", sub.price, 1, day)
            lines.append(
                self.line(fee, sub.setup_fee, 1, day, day, '"Onboarding, ""white glove"""', "invoiceitem")
            )
        self.invoice(day, lines, status, usage=usage)

    def regular_lines(self, day: int, stop: int) -> list[tuple]:
        if self.steady is None:
            self.steady = [
                self.line(item, amount, quantity, day, stop, item.price.plan)
                for item in self.items
                for quantity, amount in item.price.parts(item.quantity)
            ]
        return [(head, amount, day, stop, text) for head, amount, _, _, text in self.steady]

    def line(
        self, item: Item, amount: int, quantity: int, start: int, stop: int, text: str,
        kind: str = "subscription", proration: str = "false",
    ) -> tuple[str, int, int, int, str]:  # fmt: skip
        """An invoice line: the middle of its row, its amount, first day, first day not covered, and text."""
        terms = item.price
        price_id = terms.id if item.id else ""
        head = f"{self.sub.id},{item.id},{price_id},{kind},{proration},{amount},{terms.currency},{quantity}"
        return head, amount, start, stop, text

    def invoice(
        self, day: int, lines: list[tuple], status: str = "paid", written: int = 0, usage: int = 0
    ) -> None:
        """One invoice with its lines and its charge. `written` is the day it was made, where that is later; `usage`
        is how much of its lines was used and not agreed.

        The three files that grow fastest are written as text: none of their values needs a quote but the one that
        has it already, and this is three times as fast.
        """
        sub, created, count = self.sub, written or day, self.line_count
        ref, clock, currency = f"{sub.ref}{self.invoices:03d}", sub.clock, sub.price.currency
        invoice_id, at = f"in_{ref}", iso(created) + clock
        subtotal = 0
        for head, amount, start, stop, text in lines:
            subtotal += amount
            self.line_rows.append(
                f"il_{sub.ref}{count:03d},{invoice_id},{head},{iso(start)}{clock},{iso(stop)}{clock},{text}\n"
            )
            count += 1
        self.line_count = count
        self.invoices += 1
        if status == "paid" and created >= self.last_day - 1 and subtotal > 0:
            status = "open"
        net = subtotal - sub.discount.off(day, subtotal) if sub.discount else subtotal
        tax = net * self.tax_percent // 100 if net > 0 else 0
        total = net + tax
        finalized = at[:14] + "59:59Z"  # within the hour
        paid, paid_at = (max(total, 0), finalized) if status == "paid" else (0, "")
        self.invoice_rows.append(
            f"{invoice_id},{sub.customer_id},{sub.id},{status},{currency},{subtotal},{tax},{total},{paid},{at},"
            f"{finalized},{paid_at},{at},{at},{self.live}\n"
        )
        if paid or status == "uncollectible":
            refunded = self.refund(ref, paid, at) if paid and self.invoices == self.refunded_invoice else 0
            self.charge_rows.append(
                f"ch_{ref},{sub.customer_id},{invoice_id},{total},{refunded},{currency},"
                f"{'succeeded' if paid else 'failed'},{at[:10]} {at[11:19]}+00:00,{self.live}\n"
            )
        if sub.is_live and status != "void":
            if net:
                self.past.billed.append((created, net, currency))
            if usage:  # earned whatever an invoice gives off it
                self.past.usage.append((created, usage, currency))

    def refund(self, ref: str, paid: int, at: str) -> int:
        amount = paid // self.sub.rng.choice((1, 2, 4))
        reason = self.sub.rng.choice(("requested_by_customer", "duplicate", ""))
        self.files.refunds.add(
            (f"re_{ref}", f"ch_{ref}", amount, self.sub.price.currency, reason, "succeeded", at)
        )
        return amount

    def hold(self, item: Item, end: int | None) -> None:
        """Note that the item's price held until `end`."""
        if item.since is not None and self.sub.is_live and item.price.unit:
            terms = item.price
            span = Span(
                item.id,
                item.since,
                end,
                terms.amount(item.quantity),
                terms.currency,
                terms.interval,
                terms.intervals,
            )
            self.past.spans += self.sub.discount.lower(span) if self.sub.discount else [span]
        item.since = None

    def stop(self, day: int) -> None:
        for item in self.items:
            self.hold(item, day)

    def set_quantity(self, day: int, quantity: int) -> None:
        item = self.items[0]
        self.hold(item, day)
        item.quantity, item.since, self.steady = quantity, day, None

    def part(self, item: Item, day: int, stop: int, sign: int) -> tuple[str, int, int, int, str]:
        """A proration line: the share of the period left, given back (-1) or charged (1)."""
        length = stop - boundary(stop, -item.price.intervals, item.price.interval)
        amount = sign * round(item.price.amount(item.quantity) * (stop - day) / length)
        text = f"{'Remaining' if sign > 0 else 'Unused'} time on {item.quantity} × {item.price.plan} after {iso(day)}"
        return self.line(item, amount, item.quantity, day, stop, text, "invoiceitem", "true")

    def change(self, change: Change, stop: int) -> None:
        day, item, self.steady = change.day, self.items[0], None
        if change.kind == "add_on":
            extra = Item(
                f"si_{self.sub.ref}s",
                price(f"support_{item.price.interval}", item.price.currency),
                1,
                day,
                day,
            )
            self.items.append(extra)
            lines = [self.part(extra, day, stop, 1)]
        elif change.kind == "drop_add_on":
            if len(self.items) == 1:
                return
            extra = self.items.pop()
            lines = [self.part(extra, day, stop, -1)]
            self.hold(extra, day)
        else:
            plan, quantity = change.value if change.kind == "plan" else (item.price.plan, change.value)
            lines = [self.part(item, day, stop, -1)]
            self.set_quantity(day, quantity)
            item.price = price(plan, item.price.currency)
            lines.append(self.part(item, day, stop, 1))
        self.invoice(day, lines, written=min(change.written, self.last_day) if change.written else 0)

    def swap_to_yearly(self, day: int, stop: int) -> int:
        """From monthly to yearly in mid-month: what is unused is given back, and a whole year billed from today."""
        item = self.items[0]
        unused = self.part(item, day, stop, -1)
        self.hold(item, day)
        item.price, item.since = price(YEARLY[item.price.plan], item.price.currency), day
        self.steady = None
        year_ends = self.end_of(day, 1)
        self.invoice(day, [unused, *self.regular_lines(day, year_ends)])
        return year_ends

    def pause(self, anchor: int, periods: int, voided: int) -> tuple[int, int]:
        """Collection rests for some periods, whose invoices are voided. Returns the day it goes on, and its number."""
        day = first = self.end_of(anchor, periods)
        self.stop(day)
        for _ in range(voided):
            if day > self.last_day:
                break
            stop = self.end_of(anchor, periods + 1)
            self.invoice(day, self.regular_lines(day, stop), "void")
            self.sub.period = (day, stop)
            if day <= self.earlier < stop:
                self.sub.earlier_period = (day, stop)
            day, periods = stop, periods + 1
        self.sub.pause = (first, day)
        return day, periods

    def stop_paying(self, day: int) -> str:
        """The renewal is never paid: after dunning the subscription is cancelled. Returns the invoice's status."""
        sub = self.sub
        given_up = min(day + DUNNING_DAYS, self.end_of(day, 1))
        if given_up > self.last_day:
            sub.is_past_due = True
            return "open"
        sub.ends = sub.asked = given_up
        return "uncollectible"

    def note_leaving(self, day: int, stop: int) -> None:
        sub, leave = self.sub, self.sub.leave
        if leave is None or sub.ends is not None or leave.day >= stop or leave.how == "unpaid":
            return
        sub.asked = max(leave.written or leave.day, day + 1)
        sub.ends = max(leave.day, day + 1) if leave.how == "at_once" else stop
        if sub.asked > self.last_day:  # asked for after the last day: nobody knows yet
            sub.asked = sub.ends = None

    def write_rows(self) -> None:
        sub, files = self.sub, self.files
        if sub.ends is None:
            self.stop_open()
        files.lines.write_text(self.line_rows)
        files.invoices.write_text(self.invoice_rows)
        files.charges.write_text(self.charge_rows)
        self.files.subscriptions.add(self.row(self.last_day, sub.period, with_period=False))
        if sub.starts <= self.earlier:
            period = sub.earlier_period if any(sub.earlier_period) else sub.period
            self.files.earlier_subscriptions.add(self.row(self.earlier, period, with_period=True))
        start, stop = (iso(day) + sub.clock for day in sub.period) if any(sub.period) else ("", "")
        for item in self.items:
            self.files.items.add(
                (item.id, sub.id, item.price.id, item.quantity, iso(item.created) + sub.clock, start, stop)
            )
        if sub.has_usage:
            calls = price("calls_month", sub.price.currency)
            created = iso(sub.starts) + sub.clock
            self.files.items.add((f"si_{sub.ref}u", sub.id, calls.id, "", created, start, stop))

    def stop_open(self) -> None:
        """What runs on the last day runs on."""
        for item in self.items:
            self.hold(item, None)

    def row(self, at: int, period: tuple[int, int], with_period: bool) -> tuple:
        """The subscription as it stands at the end of a day."""
        sub = self.sub

        def moment(day: int | None) -> str:
            return iso(day) + sub.clock if day else ""

        leave = sub.leave
        known = sub.asked is not None and sub.asked <= at
        has_ended = known and sub.ends <= at
        is_paused = sub.pause is not None and sub.pause[0] <= at < sub.pause[1]
        if sub.is_incomplete:
            status = "incomplete_expired"
        elif has_ended:
            status = "canceled"
        elif at < sub.trial_ends:
            status = "trialing"
        else:
            status = "past_due" if sub.is_past_due and at == self.last_day else "active"
        details = ""
        if known and leave:
            reason = "payment_failed" if leave.how == "unpaid" else "cancellation_requested"
            details = json.dumps({"comment": None, "feedback": leave.feedback or None, "reason": reason})
        at_period_end = known and not has_ended and leave.how == "at_period_end"
        return (
            sub.id, sub.customer_id, status, moment(sub.starts), moment(sub.starts), "",
            "true" if at_period_end else "false", moment(sub.asked) if known else "",
            moment(sub.ends) if has_ended else "",
            moment(period[0]) if with_period else "", moment(period[1]) if with_period else "",
            moment(sub.starts) if sub.trial_days else "", moment(sub.trial_ends) if sub.trial_days else "",
            '{"behavior": "void", "resumes_at": null}' if is_paused else "", details, self.live, "{}",
        )  # fmt: skip


def bill_on_dashboard(
    files: StripeFiles, sub: Subscription, past: Past, who: tuple[str, str], last_day: int
) -> None:
    """A subscription of a second Stripe account, of which only the dashboard's files exist: one price, no changes.

    `who` is the customer's name and e-mail address.
    """
    terms, currency = sub.price, sub.price.currency
    amount, minute = major(terms.amount(sub.quantity), currency), " " + sub.clock[1:6]
    day, periods, spent = sub.starts, 0, 0
    while day <= last_day and (sub.ends is None or day < sub.ends):
        stop = boundary(sub.starts, (periods + 1) * terms.intervals, terms.interval)
        if sub.leave and sub.leave.day < stop and sub.ends is None:
            sub.asked, sub.ends = max(sub.leave.day, day + 1), stop
            if sub.asked > last_day:
                sub.asked = sub.ends = None
        files.payments.add(
            (f"ch_{sub.ref}{periods:03d}", "Subscription update", iso(day) + minute, amount, "0.00", currency, amount,
             currency, "0.00", "Paid", sub.customer_id, who[1], "true", "")
        )  # fmt: skip
        past.billed.append((day, terms.amount(sub.quantity), currency))
        spent += terms.amount(sub.quantity)
        sub.period = (day, stop)
        day, periods = stop, periods + 1
    has_ended = sub.ends is not None and sub.ends <= last_day
    end = sub.ends if has_ended else None  # a dashboard file tells of no end that is still to come
    past.spans.append(
        Span(sub.id, sub.starts, end, terms.amount(sub.quantity), currency, terms.interval, terms.intervals)
    )
    started, ended = iso(sub.starts) + minute, iso(sub.ends) + minute if has_ended else ""
    files.dashboard_subscriptions.add(
        (sub.id, sub.customer_id, *who, terms.plan, sub.quantity, currency, terms.interval, amount,
         "canceled" if has_ended else "active", started, started, *(iso(at) + minute for at in sub.period), "", "",
         iso(sub.asked) + minute if has_ended else "", ended, sub.leave.feedback if has_ended and sub.leave else "")
    )  # fmt: skip
    files.dashboard_customers.add(
        (sub.customer_id, "", who[1], who[0], started, "false", terms.plan, "canceled" if has_ended else "active",
         major(spent, currency), periods, "")
    )  # fmt: skip
