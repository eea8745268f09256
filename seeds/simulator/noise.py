"""What goes wrong with a record when somebody is entered a second time.

Of the records that are duplicates: 15% have a typo in the name, 10% miss a field that others have, 5% hold another
address, 5% write the company's form or a word differently, 3% a nickname, 2% the parts of the name the other way
round, 2% another customer's mailbox. A record may have several of them, by chance. A noise that cannot befall every
record (a company has no nickname) befalls those it can so much more often that its share of all duplicates holds.
"""

from random import Random

from simulator.locales import ABBREVIATED
from simulator.who import Company, Human

NOISE = {
    "typo": 0.15,
    "missing_field": 0.10,
    "moved": 0.05,
    "other_form": 0.05,
    "nickname": 0.03,
    "swapped": 0.02,
    "shared_mailbox": 0.02,
}
SHORTEST_MISTYPED = 4  # letters; in a shorter name a typo leaves another name


class Shares:
    """Draws what befalls a duplicate so that each share is one of all duplicates."""

    def __init__(self, shares: dict[str, float]):
        self.shares = shares
        self.seen = dict.fromkeys(shares, 0)
        self.able = dict.fromkeys(shares, 0)

    def befalls(self, what: str, is_able: bool, rng: Random) -> bool:
        """Drawn anew for each record, whatever befell the one before."""
        self.seen[what] += 1
        self.able[what] += is_able
        return is_able and rng.random() < self.shares[what] * self.seen[what] / self.able[what]


def name_of(naming: Human | Company, noise: set[str], rng: Random) -> str:
    if isinstance(naming, Company):
        name = otherwise(naming, rng) if "other_form" in noise else naming.written
    else:
        parted_by = rng.choice((" ", ", ")) if "swapped" in noise else " "
        name = naming.written("nickname" in noise, "swapped" in noise, parted_by)
    return mistyped(name, rng) if "typo" in noise else name


def otherwise(company: Company, rng: Random) -> str:
    """A company's name with another way to write its form, without it, or with a word shortened."""
    form = company.locale.legal_forms[company.form]
    core = [ABBREVIATED.get(word, word) for word in company.words]
    core = [company.locale.joined_by if word == "&" else word for word in core]
    if tuple(core) != company.words and rng.random() < 0.5:
        return form[0].replace("~", (" " if company.locale.is_spaced else "").join(core))
    if rng.random() < 0.2:
        return company.core
    return rng.choice(form[1:]).replace("~", company.core)


def mistyped(name: str, rng: Random) -> str:
    """One letter left out, doubled, taken for another one of the name, or two neighbours swapped."""
    letters = [letter for letter in name if letter.isalpha()]
    while True:
        at = rng.randrange(len(name) - 1)
        before, here, after, rest = name[:at], name[at], name[at + 1], name[at + 2 :]
        if not (here.isalpha() and after.isalpha()):
            continue
        found = before + rng.choice(
            (after, here + here + after, rng.choice(letters).lower() + after, after.lower() + here.lower())
        )
        if here.isupper():
            found = before + found[at:].capitalize()
        if found + rest != name:
            return found + rest
