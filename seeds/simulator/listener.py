"""What is done alike, whoever is listened to: what they say, how a ticket goes, and what is done about a bad answer."""

from collections import Counter
from collections.abc import Callable
from random import Random

from simulator.diary import Diary
from simulator.history import Calendar
from simulator.listening_files import ListeningFiles, PlainDesk, moment
from simulator.names import base62
from simulator.past import Past
from simulator.plants import SILENT_SEGMENT, Plants
from simulator.truth import segment_on
from simulator.verbatims import GLAD, WEIGHTS, words

ANSWERING, ANSWERING_CALLS = 0.4, 0.6  # share of those who were reached in writing, and by telephone
BOUNCING = 0.03
NPS = (1, 0, 1, 1, 2, 4, 7, 12, 15, 14, 12)  # how often each score is given, from 0 on
CODES = {  # as the silos word what a ticket is about
    "care": {"billing": "BILL", "access": "ACCESS", "faults": "TECH", "hard to use": "HOWTO", "price": "PRICE"},
    "shop": {"delivery": "Delivery", "billing": "Payment", "access": "Account"},
}  # fmt: skip
ANYTHING_ELSE = {"care": "OTHER", "shop": "Other"}


class Listener:
    """Listens to one customer, from a random stream of its own."""

    def __init__(
        self, past: Past, seed: int, files: ListeningFiles, when: Calendar, plants: Plants, count: Callable
    ):
        """`count` is told, for each survey, what became of an invitation."""
        kind, _, number = past.customer.partition("-")
        self.past, self.files, self.when, self.plants, self.count = past, files, when, plants, count
        self.number, self.is_bought = int(number), kind == "bought"
        self.code = {"org": "o", "bought": "q", "buyer": "s"}[kind] + base62(self.number, 5)
        self.rng = Random(f"{seed}/listening/{past.customer}")
        self.diary = Diary()
        self.places: Counter = Counter()

    def answering(self, day: int, usual: float = ANSWERING) -> float:
        return self.plants.silent if self.is_silent(day) else usual

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
        if has_come_up:
            issue = self.plants.issue
            weights = weights | {issue: weights[issue] * self.plants.issue_times}
        category = self.any_of(weights)
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

    def any_of(self, weights: dict[str, int]) -> str:
        return self.rng.choices(tuple(weights), tuple(weights.values()))[0]

    def place(self, what: str) -> int:
        """Counts from 0 within the customer."""
        self.places[what] += 1
        return self.places[what] - 1

    def known(self, *record: str) -> None:
        self.past.records.append(record)

    def heard(self, vendor: str, system: str, object: str, ref: str, category: str, said: str) -> None:
        self.past.heard.append((vendor, object, ref, True))
        if said:
            self.past.said.append((vendor, system, object, ref, category))

    def open_ticket(
        self, desk: PlainDesk, ref: str, customer: str, day: int, category: str, said: str, channel: str
    ) -> int:
        """Returns the hours until it is solved."""
        rng = self.rng
        replied = int(rng.expovariate(1 / 9))
        hours = (replied, replied + 1 + int(rng.expovariate(1 / 40)))
        code = CODES[desk.system].get(category, ANYTHING_ELSE[desk.system])
        desk.ticket(ref, customer, day, hours, self.when.last, int(rng.random() < 0.08), channel, code, said)
        self.heard("plain", desk.system, "tickets", ref, category, said)
        return hours[1]
