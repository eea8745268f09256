"""Whom was asked when, over all tools: what no tool knows by itself."""

from dataclasses import dataclass, field

RELATIONSHIP, TRANSACTIONAL = "relationship", "transactional"


def least_days(one: str, other: str) -> int:
    """Between two asks: half a year between those of the relationship, else a quarter."""
    return 182 if one == other == RELATIONSHIP else 90


@dataclass(frozen=True)
class Ask:
    day: int
    kind: str
    tool: str
    mail: str


@dataclass(frozen=True)
class OptOut:
    day: int
    tool: str
    record: tuple[str, str, str, str]  # vendor, system, object and ref that tell of it
    is_heeded: bool = True  # by the other tools too


@dataclass
class Diary:
    """One customer's. Days of asks that are settled already may lie ahead: a relationship survey has its date."""

    asks: list[Ask] = field(default_factory=list)
    opted_out: dict[str, OptOut] = field(default_factory=dict)  # by address

    def allows(self, asked: Ask, heeds_others: bool) -> bool:
        """Whether the rule lets somebody be asked. Each tool keeps it for its own people; only who heeds the other tools
        keeps it for the customer, whoever of its people was asked."""
        return all(
            abs(asked.day - other.day) >= least_days(asked.kind, other.kind)
            for other in self.asks
            if heeds_others or (other.tool == asked.tool and other.mail == asked.mail)
        )

    def add(self, asked: Ask) -> None:
        self.asks.append(asked)
