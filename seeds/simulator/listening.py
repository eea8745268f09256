"""How the company listens: who is asked by which tool, who answers what, who calls, and what is done about it."""

from collections import Counter

from simulator.history import Calendar
from simulator.listening_files import ListeningFiles
from simulator.listening_organisations import OrganisationListener
from simulator.listening_shop import BuyerListener
from simulator.past import Past
from simulator.plants import Plants
from simulator.truth import COUNTED


class Listening:
    """Writes what comes of listening to one customer after the other, and adds it to what really happened to them."""

    def __init__(self, files: ListeningFiles, when: Calendar, seed: int, plants: Plants):
        self.files, self.when, self.seed, self.plants = files, when, seed, plants
        self.counts: dict[tuple[str, str, str], Counter] = {}

    def hear(self, past: Past) -> None:
        """Whoever can be reached, and has bought something."""
        listener = BuyerListener if past.kind == "person" else OrganisationListener
        if past.people and (past.spans or past.kind == "person"):
            listener(past, self.seed, self.files, self.when, self.plants, self.count).hear()

    def count(self, survey: tuple[str, str, str], *what: str) -> None:
        self.counts.setdefault(survey, Counter()).update(what)

    def rows(self) -> list[tuple]:
        """What became of each survey, for the truth."""
        return [
            (*survey, *(counted[what] for what in COUNTED)) for survey, counted in sorted(self.counts.items())
        ]
