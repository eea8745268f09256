"""A small shop whose buyers are persons without a contract, in the plain format."""

from pathlib import Path
from random import Random

from simulator.catalogue import major
from simulator.days import iso
from simulator.files import Table
from simulator.names import FREE_MAIL, person
from simulator.parcels import ParcelFiles
from simulator.past import Past, Person

CUSTOMERS = (
    "customer_ref,kind,name,email,city,country,segment,acquisition_source,referred_by_ref,created_at,is_test"
)
PURCHASES = "purchase_ref,customer_ref,purchased_on,amount,currency"
SEGMENT = "Consumer"
SOURCES = ("search", "newsletter", "marketplace", "word of mouth")
TOWNS = (("usd", "Fairhollow", "US"), ("eur", "Lindenau", "DE"), ("gbp", "Marlowe", "GB"))


class ShopFiles:
    def __init__(self, folder: Path, extracted: int, parcels: ParcelFiles | None):
        self.customers = Table(folder / f"customers_{iso(extracted)}.csv", CUSTOMERS.split(","))
        self.purchases = Table(folder / f"purchases_{iso(extracted)}.csv", PURCHASES.split(","))
        self.parcels = parcels

    def tables(self) -> list[Table]:
        return [self.customers, self.purchases, *([self.parcels.events] if self.parcels else [])]

    def customer(
        self, ref: str, name: str, email: str, city: str, country: str, segment: str, source: str, referrer: str,
        day: int, is_test: bool = False,
    ) -> None:  # fmt: skip
        self.customers.add(
            (ref, "person", name, email, city, country, segment, source, referrer, iso(day) + "T10:00:00Z",
             "true" if is_test else "false")
        )  # fmt: skip

    def purchase(
        self, ref: str, customer: str, day: int, amount: int, currency: str, past: Past | None
    ) -> None:
        """`amount` in minor units. What a test buyer buys is nobody's past (None)."""
        self.purchases.add((ref, customer, iso(day), major(amount, currency), currency.upper()))
        if past:
            past.purchases.append((day, amount, currency))


def live_buyer(number: int, seed: int, files: ShopFiles, first: int, last: int, has_oddities: bool) -> Past:
    """One buyer: comes on some day, buys at a pace of their own, and some day stops."""
    rng, on_the_way = Random(f"{seed}/buyer/{number}"), Random(f"{seed}/parcels/{number}")
    story = "ordinary"
    if has_oddities:
        story = {17: "twice_registered", 53: "test_buyer", 71: "one_time"}.get(number % 100, story)
    past = Past(f"buyer-{number:07d}", "person", story, rng.choice(SOURCES))
    currency, city, country = rng.choice(TOWNS)
    names = person(number * 3 + 11)
    mail = f"{names[1]}{number}@{rng.choice(FREE_MAIL)}".lower()
    day = first + int((last - first) * rng.random())
    pace = rng.choice((25, 60, 90, 150))
    stops = day + int(rng.expovariate(1 / 420))
    refs = [f"S-{number:06d}"] + ([f"S-{number:06d}-2"] if story == "twice_registered" else [])
    referrer = (
        f"S-{rng.randrange(number):06d}" if number > 10 and past.acquisition_source == "word of mouth" else ""
    )
    for ref in refs:
        files.customer(
            ref, " ".join(names), mail.title() if ref != refs[0] else mail, city, country, SEGMENT,
            past.acquisition_source, referrer, day, story == "test_buyer",
        )  # fmt: skip
        past.records.append(("plain", "shop", "customers", ref))
    past.segments.append((SEGMENT, None))
    if story != "test_buyer":
        past.people.append(Person(*names, mail, refs[0]))
    purchase = 0
    while day <= min(stops, last) and not (purchase and story == "one_time"):
        buys = None if story == "test_buyer" else past
        amount = rng.randrange(1_200, 18_000)
        bought, buyer = f"{refs[-1]}/{purchase}", refs[purchase % len(refs)]
        files.purchase(bought, buyer, day, amount, currency, buys)
        if files.parcels and (arrival := files.parcels.order(bought, buyer, day, on_the_way)):
            past.arrivals.append(arrival)
        day, purchase = day + 1 + int(rng.expovariate(1 / pace)), purchase + 1
    return past
