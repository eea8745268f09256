"""Who the customers are: companies and people with names, addresses, telephones and mailboxes that fit each other.

Customer k follows from the seed and k alone, so a customer can borrow from another (its name, its address, its old
mailbox) without anybody remembering both. Of twenty customers eleven are organisations; what is hard about telling
them apart happens to fixed places among the twenty, in some blocks of twenty only (see `story`).
"""

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from zlib import crc32

from simulator.days import day
from simulator.locales import COMMON_BUSINESS, LOCALES, City, Locale, Word

LOCALE_WEIGHTS = (6, 3, 5, 6, 4, 3, 3, 3, 3, 3, 2, 2, 3)  # as LOCALES is sorted
FREE_MAIL = {
    "DE": "gmx.de web.de t-online.de gmail.com freenet.de outlook.com icloud.com",
    "AT": "gmx.at gmail.com aon.at outlook.com hotmail.com",
    "GB": "gmail.com hotmail.co.uk yahoo.co.uk outlook.com btinternet.com icloud.com",
    "US": "gmail.com yahoo.com hotmail.com aol.com icloud.com outlook.com comcast.net",
    "FR": "gmail.com orange.fr free.fr laposte.net hotmail.fr",
    "ES": "gmail.com hotmail.com hotmail.es yahoo.es",
    "IT": "gmail.com libero.it hotmail.it yahoo.it",
    "NL": "gmail.com ziggo.nl hotmail.com live.nl",
    "PL": "gmail.com wp.pl o2.pl interia.pl",
    "SE": "gmail.com hotmail.com telia.com",
    "GR": "gmail.com yahoo.gr hotmail.com otenet.gr",
    "BG": "gmail.com abv.bg mail.bg",
    "JP": "gmail.com yahoo.co.jp docomo.ne.jp",
}
HANDLES = "sunny river moon tiger rose blue storm pixel maple comet ocean violet falcon coffee garden rocket snow".split()
ROLES = "info office contact sales billing accounts mail".split()
SINCE, UNTIL, LAST = day("2016-01-01"), day("2024-12-31"), day("2026-10-31")
RECYCLED_FROM = day("2022-01-01")  # when a later person gets an address

ORGANISATIONS_IN_20 = 11
LETTERS = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "å": "a", "đ": "d",
        **dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True)),
        "θ": "th", "χ": "ch", "ψ": "ps", "ς": "s",
        **dict(zip("абвгдезийклмнопрстуфхъь", "abvgdeziyklmnoprstufhay", strict=True)),
        "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya",
    }
)  # fmt: skip


def latin(text: str) -> str:
    """Lower-case Latin letters and digits: what may stand in an address of the internet."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(LETTERS)).translate(LETTERS)
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())


@dataclass(frozen=True)
class Address:
    street: str = ""
    postcode: str = ""
    city: str = ""


@dataclass(frozen=True)
class Phone:
    """One number; each system writes it in its own way."""

    dial: str
    trunk: str
    area: str
    number: str

    def written(self, system: str) -> str:
        pairs = " ".join(self.number[at : at + 2] for at in range(0, len(self.number), 2))
        return {
            "crm": f"+{self.dial} {self.area} {self.number}",
            "billing": f"{self.trunk}{self.area}/{self.number}",
            "survey": f"+{self.dial}{self.area}{self.number}",
            "support": f"({self.trunk}{self.area}) {pairs}",
            "shop": f"00{self.dial} {self.area}-{self.number}",
        }[system]


@dataclass(frozen=True)
class Human:
    locale: Locale
    is_female: bool
    first: Word
    last: Word

    @property
    def last_name(self) -> str:
        for ending, feminine in self.locale.feminine if self.is_female else ():
            if self.last.text.endswith(ending):
                return self.last.text.removesuffix(ending) + feminine
        return self.last.text

    def written(self, has_nickname: bool = False, is_swapped: bool = False, parted_by: str = " ") -> str:
        first = self.first.short if has_nickname else self.first.text
        parts = (first, self.last_name)
        return (
            parted_by.join(reversed(parts))
            if self.locale.family_first != is_swapped
            else parted_by.join(parts)
        )


@dataclass(frozen=True)
class Company:
    locale: Locale
    words: tuple[str, ...]
    form: int  # of the locale's legal forms
    slug: str

    @property
    def core(self) -> str:
        return (" " if self.locale.is_spaced else "").join(self.words)

    @property
    def written(self) -> str:
        return self.locale.legal_forms[self.form][0].replace("~", self.core)


@dataclass(frozen=True)
class Customer:
    """An organisation or a private person; also a contact or a subsidiary, who has what a customer has."""

    entity: str
    story: str
    naming: Human | Company
    home: Locale  # of the address; a person may have gone abroad
    place: City
    address: Address
    phone: Phone
    other_phone: Phone
    mailbox: str
    domain: str  # of a company that has one
    since: int

    @property
    def kind(self) -> str:
        return "person" if isinstance(self.naming, Human) else "organisation"


def is_organisation(number: int) -> bool:
    return number % 20 < ORGANISATIONS_IN_20


def story(number: int) -> str:
    """What makes this customer hard to tell from others; `ordinary` for most."""
    block, place = divmod(number, 20)
    return {
        2: "same_building" if block % 3 == 1 else "",
        3: "changed_domain" if block % 2 == 0 else "",
        5: "subsidiary" if block % 3 == 0 else "",
        6: "loses_a_person" if block % 2 == 1 else "",
        7: "hires_a_person" if block % 2 == 1 else "",
        9: "same_name_elsewhere" if block % 4 == 2 else "",
        12: {2: "gives_up_a_mailbox", 3: "recycled_mailbox"}.get(block % 20, ""),
        16: "household" if block % 5 == 1 else "",
        18: "namesake_in_town" if block % 10 == 5 else "",
    }.get(place, "") or "ordinary"


class Who:
    """The customers of one seed."""

    def __init__(self, seed: int):
        self.seed = seed
        self.customer = lru_cache(maxsize=256)(self._customer)

    def _customer(self, number: int) -> Customer:
        rng = Random(f"{self.seed}/customer/{number}")
        return self._organisation(rng, number) if is_organisation(number) else self._person(rng, number)

    def _organisation(self, rng: Random, number: int) -> Customer:
        told = story(number)
        locale = rng.choices(LOCALES, LOCALE_WEIGHTS)[0]
        place, address = some_address(rng, locale)
        naming = company(rng, locale, place)
        if told == "same_name_elsewhere":
            other = self.customer(number - 1)
            locale, naming = other.home, other.naming
            place, address = some_address(rng, locale, but=other.place)
        elif told == "same_building":
            other = self.customer(number - 1)
            locale, place, address = other.home, other.place, other.address
            naming = company(rng, locale, place)
        has_domain = rng.random() < 0.85 or told != "ordinary"
        return settled(rng, naming, place, address, f"c{number:08d}", told, str(number), has_domain)

    def _person(self, rng: Random, number: int) -> Customer:
        told = story(number)
        locale = rng.choices(LOCALES, LOCALE_WEIGHTS)[0]
        naming = human(rng, locale)
        place, address = some_address(rng, locale)
        landline = None
        if told == "household":
            other = self.customer(number - 1)
            naming = replace(human(rng, other.home, but=other.naming.first), last=other.naming.last)
            place, address, landline = other.place, other.address, other.other_phone
        elif told == "namesake_in_town":
            other = self.customer(number - 1)
            naming, place = other.naming, other.place
            address = address_in(rng, other.home, place)
        found = settled(rng, naming, place, address, f"c{number:08d}", told, str(number), False)
        if landline:
            found = replace(found, other_phone=landline)
        if told == "gives_up_a_mailbox":
            mailbox = f"{rng.choice(HANDLES)}.{tail(str(number))}@{free_mail(rng, found.home)}"
            found = replace(found, mailbox=mailbox, since=SINCE + rng.randrange(730))
        elif told == "recycled_mailbox":
            earlier = self.customer(number - 20)
            found = replace(found, mailbox=earlier.mailbox, since=RECYCLED_FROM + rng.randrange(1000))
        return found

    def contact(self, number: int, place: int, employer: Customer) -> Customer:
        """A person of an organisation. The one that a company hired has worked for another customer before."""
        rng = Random(f"{self.seed}/contact/{number}/{place}")
        is_hired = employer.story == "hires_a_person" and place == 0
        if is_hired:
            before = self.contact(number - 1, 0, self.customer(number - 1))
            naming, mobile = before.naming, before.phone
        else:
            naming, mobile = human(rng, employer.home), None
        told = "moved_person" if is_hired else employer.story
        entity = f"{employer.entity}/p{place}"
        found = settled(
            rng, naming, employer.place, employer.address, entity, told, f"{number}p{place}", False
        )
        if employer.domain:
            found = replace(found, mailbox=f"{'.'.join(latin_name(naming))}@{employer.domain}")
        direct = replace(employer.phone, number=employer.phone.number[:-1] + str(rng.randrange(11, 99)))
        kept = mobile if mobile and rng.random() < 0.7 else found.phone
        return replace(
            found,
            home=employer.home,
            phone=kept,
            other_phone=direct,
            since=employer.since + rng.randrange(300),
        )

    def subsidiary(self, number: int, parent: Customer) -> Customer:
        rng = Random(f"{self.seed}/subsidiary/{number}")
        locale = rng.choice(LOCALES) if rng.random() < 0.3 else parent.home
        place, address = some_address(rng, locale, but=parent.place)
        naming = company(rng, locale, place)
        if rng.random() < 0.5:  # named after its parent and its town
            first = parent.naming.words[0]
            naming = replace(
                naming, words=(first, place.name), slug=f"{parent.naming.slug}{latin(place.name)}"
            )
        found = settled(rng, naming, place, address, f"{parent.entity}/s", "subsidiary", f"{number}s", True)
        if rng.random() < 0.4:
            found = replace(found, domain=parent.domain, mailbox=f"{latin(place.name)}@{parent.domain}")
        return replace(found, since=parent.since + rng.randrange(300))


def settled(
    rng: Random, naming: Human | Company, place: City, address: Address, entity: str, told: str, mark: str,
    has_domain: bool,
) -> Customer:  # fmt: skip
    """Somebody with telephones and a mailbox. `mark` keeps mailboxes and domains of different ones apart."""
    locale, domain = naming.locale, ""
    if isinstance(naming, Company):
        base = f"{rng.randrange(1000, 99999)}"
        phone, other = (Phone(locale.dial, locale.trunk, place.area, base + end) for end in ("0", "15"))
        domain = f"{naming.slug}{mark}.example" if has_domain else ""
        mailbox = f"info@{domain}" if domain else f"{naming.slug}.{tail(mark)}@{free_mail(rng, locale)}"
    else:
        mobile = rng.choice(locale.mobile.split())
        phone = Phone(locale.dial, locale.trunk, mobile, f"{rng.randrange(10**6, 10**7)}")
        other = Phone(locale.dial, locale.trunk, place.area, f"{rng.randrange(10**5, 10**7)}")
        mailbox = personal_mailbox(rng, naming, mark)
    since = rng.randrange(SINCE, UNTIL)
    return Customer(entity, told, naming, locale, place, address, phone, other, mailbox, domain, since)


def human(rng: Random, locale: Locale, but: Word | None = None) -> Human:
    is_female = rng.random() < 0.5
    names = locale.first_names[0 if is_female else 1]
    weights = locale.first_name_weights[0 if is_female else 1]
    first = rng.choices(names, cum_weights=weights)[0]
    while first == but:
        first = rng.choices(names, cum_weights=weights)[0]
    return Human(
        locale, is_female, first, rng.choices(locale.last_names, cum_weights=locale.last_name_weights)[0]
    )


def company(rng: Random, locale: Locale, place: City) -> Company:
    def owner() -> Word:
        return rng.choices(locale.last_names, cum_weights=locale.last_name_weights)[0]

    def coined() -> Word:
        start, end = (rng.choice(part) for part in locale.coined_parts)
        return Word(start.text + end.text, "", start.latin + end.latin)

    trade = rng.choices(locale.businesses, cum_weights=locale.business_weights)[0]
    amp, sons = Word("&", "", ""), Word(locale.sons, "", "")
    common = Word(rng.choice(COMMON_BUSINESS), "", "")
    town = Word(place.name, "", "")
    kinds: list[list[Word]] = [
        [owner(), trade], [owner(), amp, owner()], [owner(), amp, sons, trade], [coined(), trade], [coined(), common],
        [coined()], [coined(), common, trade], [trade, town], [coined(), amp, owner()],
    ]  # fmt: skip
    if not locale.is_spaced:
        kinds = [[owner(), trade], [coined(), trade], [coined()], [coined(), trade, sons]]
    parts = rng.choices(kinds, [20, 8, 8, 26, 14, 6, 8, 4, 6][: len(kinds)])[0]
    form = rng.choices(range(len(locale.legal_forms)), cum_weights=locale.legal_form_weights)[0]
    slug = "".join(latin(part.latin or part.text) for part in parts[:2]) or "firm"
    return Company(locale, tuple(part.text for part in parts), form, slug)


def some_address(rng: Random, locale: Locale, but: City | None = None) -> tuple[City, Address]:
    place = rng.choices(locale.places, cum_weights=locale.place_weights)[0]
    while place == but:
        place = rng.choices(locale.places, cum_weights=locale.place_weights)[0]
    return place, address_in(rng, locale, place)


def address_in(rng: Random, locale: Locale, place: City) -> Address:
    road = rng.choice(locale.roads)
    number = 1 + int(rng.expovariate(1 / 40))
    letter = rng.choice("abc") if rng.random() < 0.06 else ""
    return Address(road.replace("#", f"{number}{letter}"), locale.postcode(place, road), place.name)


def latin_name(naming: Human) -> tuple[str, str]:
    return latin(naming.first.latin), latin(naming.last.latin)


def free_mail(rng: Random, locale: Locale) -> str:
    return rng.choice(FREE_MAIL[locale.country].split())


def tail(mark: str) -> str:
    """Makes an address one that nobody has, and tells nothing of whose other addresses there are."""
    return str(crc32(mark.encode()))


def personal_mailbox(rng: Random, naming: Human, mark: str) -> str:
    first, last = latin_name(naming)
    local = rng.choice(
        (
            f"{first}.{last}",
            f"{first[:1]}.{last}",
            f"{last}.{first}",
            f"{first}{last[:1]}",
            rng.choice(HANDLES),
        )
    )
    return f"{local}.{tail(mark)}@{free_mail(rng, naming.locale)}"
