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

    def add(self, other: "Past", is_older: bool) -> None:
        """What happened between the same customer and another company; the older of two relations says more of it."""
        for theirs in ("spans", "billed", "usage", "purchases", "departures", "records", "heard"):
            getattr(self, theirs).extend(getattr(other, theirs))
        if is_older:
            self.acquisition_source = other.acquisition_source or self.acquisition_source
            self.segments = other.segments or self.segments
