"""Random subscription lives: what happened, written down twice.

Once as what each item costs from which instant on (the truth), once as the records Stripe would export of it. The
truth comes from what was done to the subscription, never from its invoice lines.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from tests.stripe.landed import text

EXTRACTED_ON = date(2026, 11, 15)
NOW = datetime(2026, 11, 14, 18, tzinfo=UTC)
LAST_DAY = EXTRACTED_ON + timedelta(days=60)
TIER_QUANTITIES = range(1, 7)

# price -> (interval, intervals, unit amount in cents, None for tiers)
PRICES = {
    "month_10": ("month", 1, 1000),
    "month_25": ("month", 1, 2500),
    "month_tiers": ("month", 1, None),
    "quarter_60": ("month", 3, 6000),
    "year_99": ("year", 1, 9900),
    "year_200": ("year", 1, 20000),
    "week_7": ("week", 1, 700),
    "week_9": ("week", 1, 900),
    "day_1": ("day", 1, 110),
    "ten_days": ("day", 10, 900),
}
LONGEST_LIFE = {"day": 90, "week": 400, "month": 900, "year": 1200}  # days

Held = tuple[int, str, int] | None  # cents, interval, intervals; None: nothing


def cost(price: str, quantity: int) -> int:
    """Cents per interval; tiers get cheaper by the unit."""
    unit = PRICES[price][2]
    return unit * quantity if unit is not None else 2000 * quantity - 100 * quantity * quantity


def interval_later(anchor: datetime, price: str, times: int) -> datetime:
    """The start of the anchor's `times`-th next interval; a day that a month lacks becomes its last."""
    interval, count, _ = PRICES[price]
    if interval in ("day", "week"):
        return anchor + timedelta(days=(7 if interval == "week" else 1) * count * times)
    month = anchor.month - 1 + count * times * (12 if interval == "year" else 1)
    year, month = anchor.year + month // 12, month % 12 + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))


@dataclass
class Item:
    id: str
    price: str
    quantity: int
    created: datetime
    is_gone: bool = False
    has_row: bool = True  # whether the export's items still show it
    changes: list[tuple[datetime, Held]] = field(default_factory=list)

    @property
    def held(self) -> Held:
        interval, count, _ = PRICES[self.price]
        return cost(self.price, self.quantity), interval, count


class Life:
    """One subscription from its start to the extract."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.id = f"life{seed:05}"
        self.lines: list[dict[str, str]] = []
        self.invoices: list[dict[str, str]] = []
        self.items: list[Item] = []
        self.billed: list[datetime] = []  # starts of the intervals that were billed
        price = self.rng.choice(list(PRICES))
        longest = LONGEST_LIFE[PRICES[price][0]]
        self.start = NOW - timedelta(seconds=self.rng.randrange(3600, longest * 86400))
        self.record = {"id": f"sub_{self.id}", "customer_id": f"cus_{self.id}", "status": "active"}
        self.record |= {"created": text(self.start), "start_date": text(self.start), "livemode": "true"}
        self.pays_from = self.start
        for _ in range(self.rng.choice([1, 1, 2])):
            self._new_item(price, self.start)
        self._run()
        if self.chance(0.1) and len(self.billed) > 2 and self.pays_from == self.start:
            self._forget_before(self.rng.choice(self.billed[1:]))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    @property
    def present(self) -> list[Item]:
        return [item for item in self.items if not item.is_gone]

    def _new_item(self, price: str, created: datetime) -> Item:
        item = Item(f"si_{self.id}_{len(self.items)}", price, self.rng.choice(TIER_QUANTITIES), created)
        self.items.append(item)
        return item

    def _same_interval(self, price: str) -> str:
        return self.rng.choice([other for other in PRICES if PRICES[other][:2] == PRICES[price][:2]])

    # what happens

    def _run(self) -> None:
        start = self.start
        if self.chance(0.15):
            start = self._trial()
        anchor, times, is_renewed = start, 0, True
        while start < NOW:
            end = interval_later(anchor, self.present[0].price, times + 1)
            # what begins something is always invoiced: a start, a late renewal, a move to another interval
            if not is_renewed:
                if NOW - start < timedelta(days=60) and self.chance(0.1):
                    break  # the invoices of the last intervals are late
                if self.chance(0.04):  # paused for one interval
                    self._bill(start, end, "void")
                    self._hold(start, None)
                    start, times = end, times + 1
                    continue
                renewed = start + timedelta(hours=self.rng.randrange(1, 500))
                if renewed < NOW and self.chance(0.02):
                    self._hold(start, None)
                    start, anchor, times, is_renewed = renewed, renewed, 0, True
                    continue
            if self.chance(0.03):
                self._bill(start, end, "void")  # made out wrongly, and again
            self._bill(start, end, "paid")
            self.billed.append(start)
            self._hold(start)
            moved = self._changes(start, end)
            if moved is None:
                return
            is_renewed = moved != end
            anchor, times = (moved, 0) if is_renewed else (anchor, times + 1)
            start = moved
        self._go_on(start)

    def _trial(self) -> datetime:
        end = self.start + timedelta(days=14)
        self._bill(self.start, end, "paid", is_free=True)
        for item in self.present:
            item.changes.append((self.start, (0, *PRICES[item.price][:2])))
        self.record |= {"trial_start": text(self.start), "trial_end": text(end)}
        self.pays_from = end
        if end > NOW:
            self.record["status"] = "trialing"
            self._hold(end, None)
        return end

    def _changes(self, start: datetime, end: datetime) -> datetime | None:
        """What happens within one interval. The start of the next one, or None where the life ends."""
        seconds = range(1, int((min(end, NOW) - start).total_seconds()))
        moments = sorted(self.rng.sample(seconds, min(self.rng.choice([0, 0, 0, 1, 1, 2]), len(seconds))))
        for at in (start + timedelta(seconds=moment) for moment in moments):
            what = self.rng.choice(["quantity", "quantity", "price", "add", "remove", "interval", "cancel"])
            if what in ("quantity", "price"):
                self._change(self.rng.choice(self.present), what, at, end)
            elif what == "add":
                item = self._new_item(self._same_interval(self.present[0].price), at)
                self._line(item, at, end, f"in_{item.id}_added", self._part(item, start, at, end))
                self._invoice(f"in_{item.id}_added", at, "paid")
                item.changes.append((at, item.held))
            elif what == "remove" and len(self.present) > 1:
                self._remove(self.rng.choice(self.present), start, at, end)
            elif what == "interval":
                self._give_back(start, at, end)
                price = self.rng.choice(list(PRICES))
                for item in self.present:
                    item.price = price
                return at
            elif what == "cancel" and self.chance(0.3):
                if self.chance(0.5):
                    self._give_back(start, at, end)
                return self._stop(at, at)
        if self.chance(0.02):
            asked = start + (min(end, NOW) - start) / 2
            if end <= NOW:
                return self._stop(asked, end)
            self.record |= {"cancel_at_period_end": "true", "current_period_end": text(end)}
            self.record["canceled_at"] = text(asked)
            self._hold(end, None)
            return None
        if end <= NOW and self.chance(0.01):
            self.record["status"] = "unpaid"
            self._hold(end, None)
            return None
        return end

    def _change(self, item: Item, what: str, at: datetime, end: datetime) -> None:
        start = self.billed[-1]
        invoice = f"in_{item.id}_{int(at.timestamp())}"
        self._line(item, at, end, invoice, -self._part(item, start, at, end))
        if what == "quantity":
            item.quantity = self.rng.choice(TIER_QUANTITIES)
        else:
            item.price = self._same_interval(item.price)
        self._line(item, at, end, invoice, self._part(item, start, at, end))
        self._invoice(invoice, at, "paid")
        item.changes.append((at, item.held))

    def _remove(self, item: Item, start: datetime, at: datetime, end: datetime) -> None:
        self._line(item, at, end, f"in_{item.id}_gone", -self._part(item, start, at, end))
        self._invoice(f"in_{item.id}_gone", at, "paid")
        item.changes.append((at, None))
        item.is_gone = True
        item.has_row = self.chance(0.5)  # an extract from before the removal may still show it

    def _give_back(self, start: datetime, at: datetime, end: datetime) -> None:
        invoice = f"in_{self.id}_{int(at.timestamp())}_back"
        for item in self.present:
            self._line(item, at, end, invoice, -self._part(item, start, at, end))
        self._invoice(invoice, at, "paid")

    def _stop(self, asked: datetime, ended: datetime) -> None:
        self.record |= {"status": "canceled", "canceled_at": text(asked), "ended_at": text(ended)}
        self._hold(ended, None)

    def _go_on(self, start: datetime) -> None:
        """The open tail, where nothing forbids one, from the end of the last invoice on."""
        if self.record["status"] == "trialing":
            return
        self.record["status"] = self.rng.choice(["active", "active", "past_due"])
        if self.billed and self.chance(0.03):
            self.record["pause_collection"] = '{"behavior": "void", "resumes_at": null}'
            self._hold(start, None)
        else:
            self._hold(start)

    def _forget_before(self, cut: datetime) -> None:
        """Lose the invoices before `cut`: the amounts held then are all that is known of the time before."""
        lost = {line["id"] for line in self.lines if line["period_start"] < text(cut)}
        self.lines = [line for line in self.lines if line["id"] not in lost]
        for item in self.items:
            at_cut = [held for at, held in item.changes if at == cut]
            later = [change for change in item.changes if change[0] >= cut]
            since = max(self.start, item.created) if item.has_row else self.start
            item.changes = [(since, at_cut[-1]), *later] if at_cut else later

    # how it is written down

    def _hold(self, at: datetime, *held: Held) -> None:
        """Every present item costs from `at` on what its price says, or what is given."""
        for item in self.present:
            item.changes.append((at, held[0] if held else item.held))

    def _part(self, item: Item, start: datetime, at: datetime, end: datetime) -> int:
        return max(1, round(cost(item.price, item.quantity) * ((end - at) / (end - start))))

    def _bill(self, start: datetime, end: datetime, status: str, is_free: bool = False) -> None:
        invoice = f"in_{self.id}_{len(self.invoices)}"
        for item in self.present:
            amount = 0 if is_free else cost(item.price, item.quantity)
            self._line(item, start, end, invoice, amount, proration="false", type="subscription")
        self._invoice(invoice, start, status)

    def _invoice(self, invoice: str, at: datetime, status: str) -> None:
        ids = {"id": invoice, "customer_id": f"cus_{self.id}", "subscription_id": f"sub_{self.id}"}
        self.invoices.append({**ids, "status": status, "currency": "usd", "total": "0", "created": text(at)})

    def _line(
        self, item: Item, start: datetime, end: datetime, invoice: str, amount: int,
        proration: str = "true", type: str = "invoiceitem",
    ) -> None:  # fmt: skip
        line_id = f"il_{self.id}_{len(self.lines)}"
        ids = {"id": line_id, "invoice_id": invoice, "subscription_id": f"sub_{self.id}"}
        what = {"subscription_item_id": item.id, "price_id": item.price, "quantity": str(item.quantity)}
        period = {"period_start": text(start), "period_end": text(end)}
        money = {"type": type, "proration": proration, "amount": str(amount), "currency": "usd"}
        self.lines.append({**ids, **what, **period, **money})


def amounts_by_day(item: Item, zone: ZoneInfo) -> dict[date, tuple[Decimal, str, int]]:
    """What the item costs on each day: what it costs at the day's last instant."""
    # a stable sort: what was done last stays last among the changes of one instant
    changes = sorted(item.changes, key=lambda change: change[0])
    by_day, held = {}, None
    day = changes[0][0].date() - timedelta(days=1) if changes else LAST_DAY
    while day < LAST_DAY:
        midnight = datetime.combine(day + timedelta(days=1), time.min, zone)
        while changes and changes[0][0] < midnight:
            held = changes.pop(0)[1]
        if held:
            by_day[day] = (Decimal(held[0]) / 100, *held[1:])
        day += timedelta(days=1)
    return by_day


def export(lives: Iterable[Life]) -> dict[str, list[dict[str, str]]]:
    """Stripe's records of all the lives, by object, with an invoice that tells what each tiered quantity costs."""
    tables = defaultdict(list)
    for price, (interval, count, unit) in PRICES.items():
        terms = {"recurring_interval": interval, "recurring_interval_count": str(count)}
        amount = {"unit_amount": str(unit)} if unit is not None else {"billing_scheme": "tiered"}
        tables["prices"].append({"id": price, "currency": "usd", **terms, **amount})
    for life in lives:
        tables["subscriptions"].append(life.record)
        tables["invoices"] += life.invoices
        tables["invoice_line_items"] += life.lines
        for item in life.items:
            if item.has_row:
                row = {"id": item.id, "subscription_id": life.record["id"], "price_id": item.price}
                row |= {"quantity": str(item.quantity), "created": text(item.created)}
                tables["subscription_items"].append(row)
    for quantity in TIER_QUANTITIES:
        line = {"id": f"il_tiers_{quantity}", "invoice_id": "in_tiers", "subscription_id": "sub_tiers"}
        line |= {"subscription_item_id": f"si_tiers_{quantity}", "price_id": "month_tiers"}
        line |= {"quantity": str(quantity), "amount": str(cost("month_tiers", quantity)), "currency": "usd"}
        line |= {"type": "subscription", "proration": "false"}
        line |= {"period_start": "2024-01-01", "period_end": "2024-02-01"}
        tables["invoice_line_items"].append(line)
    return dict(tables)
