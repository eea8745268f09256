"""The listening path at size: two tools that ask the same customers, and a ticket system, in plain exports."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bench.children import Measured, Turn
from bench.exports import ready, reference
from dagster_project.database import connect
from dagster_project.paths import Paths
from dagster_project.sql import literal

ASKED = ("waist/survey_ask.sql", "listening/survey_pressure.sql")

# For 100 invitations of both tools there are 30 answers, 10 tickets and 6 customers.
SECONDS = 94_000_000  # of three years, in which all of it happens
MOMENT = "strftime({start} + (hash(i + {salt}) % {seconds}) * interval 1 second, '%Y-%m-%dT%H:%M:%SZ')"
SURVEY = "['yearly', 'case', 'pulse', 'delivery'][cast(hash(i + 1) % 4 as integer) + 1]"
WORDS = (
    "The invoice is wrong again this month",
    "It broke twice and nobody answered",
    "Works well, thank you",
    "Too expensive for what we use",
    "Delivery came late",
)


@dataclass(frozen=True)
class ListeningFigures:
    """Whole refreshes by the number of invitations; the other measurements are of the most of them."""

    refreshes: Mapping[int, Measured]
    send_window_pass: Measured
    asked_too_often: Measured

    @property
    def growth(self) -> float:
        """How many times as long ten times as many take, fixed costs taken off."""
        fixed, before, after = (self.refreshes[size].seconds for size in sorted(self.refreshes))
        return (after - fixed) / (before - fixed)


def measure_listening(folder: Path, say: Callable[[str], None], sizes: Sequence[int]) -> ListeningFigures:
    """Measure companies that sent so many invitations, the most of them last. Raises ChildFailed."""
    refreshes = {}
    for number in sorted(sizes):
        turn = Turn(f"{number:,} invitations", folder / str(number), say)
        reference(turn.reference)
        write_exports(turn.exports, number)
        refreshes[number] = turn.refresh("refresh")
    return ListeningFigures(
        refreshes, turn.measurement("send_window_pass"), turn.measurement("asked_too_often")
    )


def send_window_pass(paths: Paths) -> dict[str, Any]:
    """One pass of DuckDB over the invitations: when each person was asked before."""
    return timed(
        paths,
        "select *, lag(sent_on) over (partition by person_id order by sent_at) as asked_before from waist.survey_send",
    )


def asked_too_often(paths: Paths) -> dict[str, Any]:
    """The models that tell whom all tools together ask too often, as dbt compiled them, from the invitations on."""
    models = paths.dbt_target / "compiled" / "one_company" / "models"
    return timed(paths, *((models / file).read_text(encoding="utf-8") for file in ASKED))


def timed(paths: Paths, *queries: str) -> dict[str, Any]:
    """Each query into a table that nobody keeps, beside the warehouse that a refresh left."""
    with connect(spill=paths.home / "spill") as connection:
        connection.execute(f"attach {literal(str(paths.warehouse))} as warehouse (read_only); use warehouse")
        began = time.monotonic()
        for number, query in enumerate(queries):
            connection.execute(f"create temp table timed_{number} as {query}")
        return {"seconds": time.monotonic() - began}


def write_exports(folder: Path, invitations: int) -> None:
    """Exports of so many invitations: their times, answers and words are drawn by hashes, so always the same."""
    customers, tickets, answers = (int(invitations * share) for share in (0.06, 0.1, 0.15))
    owner = f"'c' || hash(i + 2) % {customers}"
    tables = {
        "customers": f"""
            select 'c' || i as customer_ref, 'u' || i || '@x' || i || '.example' as email,
                ['gold', 'blue', 'red'][i % 3 + 1] as segment, '2023-01-01' as created_at
            from range({customers}) as numbers(i)""",
        "subscriptions": f"""
            select 's' || i as subscription_ref, 'c' || i as customer_ref, 10 + i % 90 as amount, 'EUR' as currency, 'month' as interval,
                date '2023-01-01' + cast(hash(i) % 1000 as integer) as starts_on,
                case when i % 3 = 0 then date '2026-01-01' + cast(hash(i + 7) % 300 as integer) end as ends_on
            from range({{tool}}, {customers}) as numbers(i)
            where {{tool}} = 0""",
        "survey_invitations": f"""
            select 'i' || i as invitation_ref, {SURVEY} as survey_ref, {owner} as customer_ref, {moment(3)} as sent_at,
                case when hash(i + 4) % 20 = 0 then 'bounced' else 'sent' end as status
            from range({{tool}}, {invitations}, 2) as numbers(i)""",
        "survey_responses": f"""
            select 'r' || i as response_ref, {SURVEY} as survey_ref, 'i' || i as invitation_ref, {moment(3, days=2)} as responded_at,
                'nps' as metric, hash(i + 8) % 11 as score, {list(WORDS)}[cast(hash(i + 9) % {len(WORDS)} as integer) + 1] as verbatim,
                'en' as language
            from range({{tool}}, {2 * answers}, 2) as numbers(i)""",
        "tickets": f"""
            select 't' || i as ticket_ref, {owner} as customer_ref, {moment(13)} as opened_at,
                {moment(13, hours=2)} as first_replied_at, 'Cannot log in since the update' as verbatim
            from range({{tool}}, {tickets}, 2) as numbers(i)""",
    }
    with duckdb.connect() as connection:
        for tool, system in enumerate(("shop", "care")):
            (folder / "plain" / system).mkdir(parents=True)
            for table, query in tables.items():
                file = literal(str(folder / "plain" / system / f"{table}_2026-11-01.csv"))
                connection.execute(f"copy ({query.format(tool=tool)}) to {file} (header)")
    ready(folder)


def moment(salt: int, days: int = 0, hours: int = 0) -> str:
    """A moment of three years, so long after the one that the same salt gives the same row."""
    start = f"(timestamp '2023-11-01' + interval {days} day + interval {hours} hour)"
    return MOMENT.format(start=start, salt=salt, seconds=SECONDS)
