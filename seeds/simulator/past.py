"""What really happened to one customer, free of any vendor's way of writing it."""

from dataclasses import dataclass, field


@dataclass
class Span:
    """A line of a contract at one price over [start, end); end None: still running. Amount in minor units."""

    line: str
    start: int
    end: int | None
    amount: int
    currency: str
    interval: str
    intervals: int


@dataclass(frozen=True)
class Person:
    """Somebody who may be asked; `ref` is the id that the system knows them by which sells to them."""

    first: str
    last: str
    mail: str
    ref: str


@dataclass(frozen=True)
class Asked:
    """A survey's date with a customer, kept by an answer or not (`ref` empty)."""

    survey: str
    day: int
    mail: str
    hour: int = 0
    ref: str = ""
    score: int | str = ""
    progress: int = 0
    is_told: bool = False  # the answer says whose it is


@dataclass
class Past:
    """Days are ordinals, amounts minor units of their currency."""

    customer: str
    kind: str  # organisation or person
    story: str
    acquisition_source: str = ""
    spans: list[Span] = field(default_factory=list)
    billed: list[tuple[int, int, str]] = field(default_factory=list)
    usage: list[tuple[int, int, str]] = field(
        default_factory=list
    )  # what of it was for usage, before discounts
    purchases: list[tuple[int, int, str]] = field(default_factory=list)
    departures: list[tuple[int, str]] = field(default_factory=list)  # day, one-company reason
    segments: list[tuple[str, int | None]] = field(default_factory=list)  # segment, held since
    records: list[tuple[str, str, str, str]] = field(default_factory=list)  # vendor, system, object, ref
    heard: list[tuple[str, str, str, bool]] = field(
        default_factory=list
    )  # vendor, object, ref, whether it tells whose
    language: str = "EN"
    people: list[Person] = field(default_factory=list)  # whom a survey can reach by an address of their own
    asked: list[Asked] = field(default_factory=list)
    opted_out: list[tuple[str, int]] = field(default_factory=list)  # address, day
    helped: list[tuple[int, str]] = field(default_factory=list)  # day on which a case was closed, address
    arrivals: list[tuple[int, bool]] = field(default_factory=list)  # of parcels: day, as promised
    said: list[tuple[str, str, str, str, str]] = field(default_factory=list)  # vendor to ref, category
    leaks: list[tuple] = field(
        default_factory=list
    )  # vendor to ref and day of the opting out, and of the asking
    pressed: list[tuple] = field(
        default_factory=list
    )  # address, first and last day, sends, breaches of the rule
    staff_answers: list[tuple[str, str, str, str]] = field(default_factory=list)  # vendor to ref

    def add(self, other: "Past", is_older: bool) -> None:
        """What happened between the same customer and another company; the older of two relations says more of it."""
        for theirs in ("spans", "billed", "usage", "purchases", "departures", "records", "heard"):
            getattr(self, theirs).extend(getattr(other, theirs))
        if is_older:
            self.acquisition_source = other.acquisition_source or self.acquisition_source
            self.segments = other.segments or self.segments
