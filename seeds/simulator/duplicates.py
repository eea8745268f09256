"""Source records with planted truth: which of them are one customer, and what makes that hard to see.

The records stand in the exports of five in-house systems, in the plain format. A customer is a private person, or an
organisation with its contacts and its subsidiary. Each has one record or several; every record of a customer after its
first one is a duplicate.

Half of the duplicates share no exact key (mailbox, company's domain, stated membership) with an earlier record of
their customer. That is decided before any noise. Such a record has another mailbox or none and no domain; half of them
carry address and telephone as the others do, a quarter the address alone (with another telephone or none), a quarter
the telephone alone (with the town or no address). The first record of a contact always has a key: nothing else could
tell whose it is, and noise leaves it that key.

Noise then befalls duplicates, as `noise.py` says. What else is hard stands in `who.py`: domains that changed, people
that went to another employer and left a record behind, subsidiaries whose parent one system states, mailboxes that a
later person got, couples, namesakes in one town, companies of one name in two towns or of one house.

By name and address alone, records have neither mailbox, domain, telephone nor parent, and there are neither contacts
nor subsidiaries. Without duplicates, each customer has its first record alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random

from simulator.days import day, iso
from simulator.files import Table, close_all
from simulator.noise import NOISE, SHORTEST_MISTYPED, Shares, name_of
from simulator.who import (
    LAST,
    RECYCLED_FROM,
    ROLES,
    Address,
    Company,
    Customer,
    Human,
    Phone,
    Who,
    address_in,
    free_mail,
    is_organisation,
    personal_mailbox,
    some_address,
    tail,
)

EXTRACTED = "2026-11-01"
NO_KEY = "no_key"
COLUMNS = {
    "crm": "customer_ref,kind,name,email,domain,phone,street,city,postcode,country,parent_ref,created_at",
    "billing": "customer_ref,kind,name,email,phone,street,city,postcode,country,created_at",
    "survey": "customer_ref,kind,name,email,phone,street,city,postcode,country,created_at",
    "support": "customer_ref,kind,name,email,domain,phone,street,city,postcode,country,created_at",
    "shop": "customer_ref,kind,name,email,phone,street,city,postcode,country,created_at",
}
NAME_AND_ADDRESS_ONLY = "customer_ref,kind,name,street,city,postcode,country,created_at"
TRUTH = "system,object,source_ref,true_customer,entity,is_duplicate,shares_key,story,noise"
PREFIX = {"crm": "C", "billing": "B", "survey": "V", "support": "T", "shop": "S"}
COUNTRY_AS = {
    "crm": "english",
    "billing": "country",
    "survey": "local",
    "support": "english",
    "shop": "country",
}

OWN_RECORDS = (35, 30, 20, 10, 5)  # of a hundred organisations and people, those with one record, two, …
CONTACTS = (35, 35, 20, 10)  # of a hundred organisations, those with no contact, one, …
CONTACT_RECORDS = (55, 30, 15)
SYSTEMS = {
    "organisation": (("crm", "billing", "support", "shop"), (50, 30, 12, 8)),
    "person": (("shop", "billing", "survey", "support"), (40, 25, 20, 15)),
    "contact": (("crm", "survey", "support"), (45, 30, 25)),
}
AGAIN_IN_ONE_SYSTEM = 0.15  # of the later records, those in a system that has the customer already
TIES = (("address", "phone"), ("address",), ("phone",))


@dataclass
class Record:
    """One entry of somebody in a system, before and after noise."""

    who: Customer
    system: str
    ref: str
    day: int
    email: str = ""
    domain: str = ""
    phone: Phone | None = None
    address: Address = Address()
    parent_ref: str = ""
    is_contacts_first: bool = False
    name: str = ""
    noise: set[str] = field(default_factory=set)

    def keys(self) -> set[str]:
        """What makes records one customer if they share it."""
        mail_domain = self.email.partition("@")[2]
        found = {self.email, self.domain, mail_domain if mail_domain.endswith(".example") else ""}
        refs = {f"{self.system} {ref}" for ref in (self.ref, self.parent_ref) if ref}
        return found - {""} | refs

    def filled(self) -> list[str]:
        """The fields that hold something and may go missing."""
        fields = {"email": self.email, "domain": self.domain, "phone": self.phone, **vars(self.address)}
        return [name for name, value in fields.items() if value]

    def row(self, columns: list[str]) -> list[str]:
        values = {
            "customer_ref": self.ref,
            "kind": self.who.kind,
            "name": self.name,
            "email": self.email,
            "domain": self.domain,
            "phone": self.phone.written(self.system) if self.phone else "",
            **vars(self.address),
            "country": getattr(self.who.home, COUNTRY_AS[self.system]),
            "parent_ref": self.parent_ref,
            "created_at": iso(self.day) + "T10:00:00Z",
        }
        return [values[column] for column in columns]


@dataclass(frozen=True)
class Planted:
    """A record as it is written, and the truth about it."""

    record: Record
    true_customer: str
    is_duplicate: bool
    shares_key: bool

    def truth(self) -> list[str]:
        record = self.record
        flags = ["true" if flag else "false" for flag in (self.is_duplicate, self.shares_key)]
        noise = " ".join(what for what in NOISE if what in record.noise)
        who = record.who
        return [
            record.system, "customers", record.ref, self.true_customer, who.entity, *flags, who.story, noise,
        ]  # fmt: skip


class Duplicates:
    """The records of one customer after the other; numbers of records run on over the customers."""

    def __init__(self, seed: int, name_and_address_only: bool = False, has_duplicates: bool = True):
        self.seed, self.name_and_address_only, self.has_duplicates = (
            seed,
            name_and_address_only,
            has_duplicates,
        )
        self.who = Who(seed)
        self.shares = Shares(NOISE | {NO_KEY: 0.5})
        self.made = dict.fromkeys(COLUMNS, 0)

    def records(self, number: int) -> Iterator[Planted]:
        """The records of one customer."""
        rng = Random(f"{self.seed}/records/{number}")
        true_customer = self.who.customer(number).entity
        known: set[str] = set()
        for place, record in enumerate(self.plan(number, rng)):
            if self.name_and_address_only:
                record.email, record.domain, record.parent_ref, record.phone = "", "", "", None
            keys = record.keys()
            shares_key = not known.isdisjoint(keys)
            known |= keys
            if place:
                self.add_noise(record, number, rng)
            record.name = name_of(record.who.naming, record.noise, rng)
            yield Planted(record, true_customer, place > 0, shares_key)
            if not self.has_duplicates:
                return

    def plan(self, number: int, rng: Random) -> Iterator[Record]:
        """The records as they would be if nobody made mistakes."""
        customer = self.who.customer(number)
        systems, weights = SYSTEMS[customer.kind]
        count = rng.choices(range(1, 6), OWN_RECORDS)[0]
        contacts = rng.choices(range(4), CONTACTS)[0] if is_organisation(number) else 0
        has_subsidiary = customer.story == "subsidiary"
        if customer.story in ("loses_a_person", "hires_a_person"):
            contacts = max(contacts, 1)
        if self.name_and_address_only:
            contacts, has_subsidiary = 0, False
        first = "crm" if has_subsidiary else rng.choices(systems, weights)[0]
        crm_ref = ""
        for record in self.entries(customer, count, first, systems, "", rng):
            if record.system == "crm":
                crm_ref = crm_ref or record.ref
            if customer.story == "gives_up_a_mailbox":
                record.day = min(record.day, RECYCLED_FROM - 1)
            yield record
        for place in range(contacts if crm_ref or customer.domain else 0):
            yield from self.contact(number, place, customer, crm_ref, rng)
        if has_subsidiary:
            owned = self.who.subsidiary(number, customer)
            yield from self.entries(owned, 1 + (rng.random() < 0.6), "crm", systems, crm_ref, rng)

    def contact(
        self, number: int, place: int, employer: Customer, crm_ref: str, rng: Random
    ) -> Iterator[Record]:
        person = self.who.contact(number, place, employer)
        systems, weights = SYSTEMS["contact"]
        first = rng.choices(systems, weights)[0]
        if not employer.domain:
            first = "crm"
        elif first == "crm" and (not crm_ref or person.story == "moved_person"):
            first = "survey"
        count = rng.choices(range(1, 4), CONTACT_RECORDS)[0]
        for record in self.entries(person, count, first, systems, crm_ref, rng):
            if person.story == "moved_person":
                record.day = max(record.day, day("2025-07-01") + rng.randrange(300))
            elif employer.story == "loses_a_person" and place == 0:
                record.day = min(record.day, day("2025-06-30"))
            yield record

    def entries(
        self, who: Customer, count: int, first: str, systems: tuple[str, ...], crm_ref: str, rng: Random
    ) -> Iterator[Record]:
        """The records of one company or person. `crm_ref` is the record of the organisation it belongs to."""
        is_customer = "/" not in who.entity
        if not is_customer:  # a duplicate that cannot do without a key
            self.shares.befalls(NO_KEY, False, rng)
        record = self.entry(who, first, who.since)
        record.email, record.phone, record.address = who.mailbox, who.phone, who.address
        record.domain, record.parent_ref = domain_in(first, who.domain), crm_ref if first == "crm" else ""
        record.is_contacts_first = not is_customer and who.kind == "person"
        yield record
        used = [first]
        for at in range(1, count):
            fresh = [system for system in systems if system not in used]
            system = rng.choice(fresh if fresh and rng.random() > AGAIN_IN_ONE_SYSTEM else used)
            used.append(system)
            record = self.entry(who, system, min(record.day + 1 + int(rng.expovariate(1 / 300)), LAST))
            if self.shares.befalls(NO_KEY, True, rng):
                self.fill_without_key(record, at, rng)
            else:
                fill_with_key(record, crm_ref, rng)
            yield record

    def entry(self, who: Customer, system: str, on: int) -> Record:
        self.made[system] += 1
        return Record(who, system, f"{PREFIX[system]}-{self.made[system]:07d}", on)

    def fill_without_key(self, record: Record, at: int, rng: Random) -> None:
        who = record.who
        if rng.random() < 0.6:
            mark = f"{who.entity.lstrip('c0')}x{at}".replace("/", "")
            record.email = other_mailbox(who.naming, mark, rng)
        ties = rng.choices(TIES, (50, 25, 25))[0]
        if self.name_and_address_only or who.story in ("moved_person", "loses_a_person"):
            ties = TIES[0]  # a telephone alone would not tell which employer they speak for
        if "address" in ties:
            record.address = who.address
        elif rng.random() < 0.5:
            record.address = Address(city=who.place.name)
        if "phone" in ties:
            record.phone = who.phone
        elif rng.random() < 0.5:
            record.phone = who.other_phone

    def add_noise(self, record: Record, number: int, rng: Random) -> None:
        naming = record.who.naming
        is_human = isinstance(naming, Human)
        name = naming.written() if is_human else naming.written
        filled = record.filled()
        if record.is_contacts_first and not record.parent_ref:
            filled.remove("email")  # its one key
        may = {
            "typo": len(name) >= SHORTEST_MISTYPED,
            "missing_field": len(filled) > 1,
            "moved": bool(record.address.street),
            "other_form": not is_human,
            "nickname": is_human and bool(naming.first.short),
            "swapped": is_human,
            # a contact's first record with somebody else's mailbox would be somebody else's
            "shared_mailbox": bool(record.email) and not record.is_contacts_first,
        }
        record.noise = {what for what in NOISE if self.shares.befalls(what, may[what], rng)}
        if "moved" in record.noise:
            record.address = elsewhere(record.who, rng)
        if "shared_mailbox" in record.noise:
            record.email = self.who.customer(neighbour(number, record.who.story, rng)).mailbox
        if "missing_field" in record.noise:
            missing = rng.choice(filled)
            if missing in vars(record.address):
                record.address = replace(record.address, **{missing: ""})
            else:
                setattr(record, missing, None if missing == "phone" else "")


def domain_in(system: str, domain: str) -> str:
    return domain if "domain" in COLUMNS[system].split(",") else ""


def fill_with_key(record: Record, crm_ref: str, rng: Random) -> None:
    who = record.who
    record.email, record.address = who.mailbox, who.address
    record.phone = who.phone if rng.random() < 0.7 else who.other_phone
    if who.kind == "person":
        record.parent_ref = crm_ref if record.system == "crm" else ""
    elif who.domain:
        domain = who.domain
        if who.story == "changed_domain" and rng.random() < 0.5:
            domain = f"new-{domain}"
        record.domain = domain_in(record.system, domain)
        record.email = f"{rng.choice(ROLES)}@{domain}"


def other_mailbox(naming: Human | Company, mark: str, rng: Random) -> str:
    if isinstance(naming, Human):
        return personal_mailbox(rng, naming, mark)
    return f"{rng.choice(ROLES)}.{naming.slug}.{tail(mark)}@{free_mail(rng, naming.locale)}"


def elsewhere(who: Customer, rng: Random) -> Address:
    """Another address, as often in the same town as in another one."""
    if rng.random() < 0.5:
        return address_in(rng, who.home, who.place)
    return some_address(rng, who.home, but=who.place)[1]


def neighbour(number: int, story: str, rng: Random) -> int:
    """Whose mailbox a record shares: a partner's, else that of anybody."""
    if story == "household":
        return number - 1
    earlier = number - rng.randrange(1, 60)
    return earlier if earlier >= 0 else number + 1


def write(
    out: Path,
    truth: Path,
    records: int,
    seed: int = 7,
    name_and_address_only: bool = False,
    has_duplicates: bool = True,
) -> int:
    """Write the exports of the systems, and the truth. Returns the number of customers, the last one perhaps cut off."""
    columns = {
        system: (NAME_AND_ADDRESS_ONLY if name_and_address_only else header).split(",")
        for system, header in COLUMNS.items()
    }
    tables = {
        system: Table(out / "plain" / system / f"customers_{EXTRACTED}.csv", header)
        for system, header in columns.items()
    }
    told = Table(truth, TRUTH.split(","))
    made = Duplicates(seed, name_and_address_only, has_duplicates)
    number = -1
    while told.records < records:
        number += 1
        for planted in islice(made.records(number), records - told.records):
            system = planted.record.system
            tables[system].add(planted.record.row(columns[system]))
            told.add(planted.truth())
    close_all([*tables.values(), told])
    return number + 1
