"""Whether what is planted in how a company listens is found, and nothing else is."""

from collections import Counter
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import duckdb

from tests.oracles.facts_from_plain import read_rows

SIGNS = {
    "cherry_picking": "cherry_picked_invitations",
    "staff_answers": "staff_answers",
    "threshold": "scores_on_the_threshold",
    "begging": "begging_wording",
}


def missed(warehouse: duckdb.DuckDBPyConnection, truth: Path) -> Iterator[str]:
    """A sentence for each plant that is not found as the truth tells it, and for what is found beyond."""
    plants = {row["plant"]: row for row in read_rows(truth / "plants.csv")}

    def survey(plant: str) -> tuple[str, str, str]:
        return tuple(plants[plant][column] for column in ("vendor", "system", "survey_ref"))

    def rows(query: str) -> list[tuple]:
        return warehouse.execute(query).fetchall()

    pressed = {md5(row["email"].encode()).hexdigest(): row for row in read_rows(truth / "pressed.csv")}
    asked = {
        person: (sends, breaches)
        for person, sends, breaches in rows(
            "select unit_id, count(*), count(*) filter (is_breach) from waist.survey_ask where unit = 'person' group by unit_id"
        )
        if breaches
    }
    told = {person: (int(row["sends"]), int(row["breaches"])) for person, row in pressed.items()}
    if asked != told:
        yield f"fatigue: {len(told.items() - asked.items())} people missed, {len(asked.items() - told.items())} too many"
    leaks = {
        (
            row["asked_vendor"],
            row["asked_system"],
            row["asked_object"],
            row["asked_ref"],
            row["vendor"],
            row["system"],
        )
        for row in read_rows(truth / "leaks.csv")
    }
    leaked = set(
        rows(
            "select vendor, system, object, source_ref, opted_out_vendor, opted_out_system from listening.opt_out_leaks"
        )
    )
    if leaks != leaked:
        yield f"leaks: {len(leaks - leaked)} missed, {len(leaked - leaks)} too many"
    said = {tuple(row.values())[:4]: row["category"] for row in read_rows(truth / "said.csv")}
    found = {tuple(ref): category for *ref, category in rows(
        "select vendor, system, object, source_ref, category from waist.feedback_category"
    )}  # fmt: skip
    if wrong := [ref for ref, category in said.items() if found.get(ref) != category]:
        yield f"said: {len(wrong)} of {len(said)} texts are of another category, such as {wrong[0]}"
    states = {
        (vendor, system, name): (is_declared, state)
        for vendor, system, name, is_declared, state in rows(
            "select vendor, system, survey_ref, is_declared, state from listening.listening_inventory"
        )
    }
    undeclared = {key for key, (is_declared, _) in states.items() if not is_declared}
    if undeclared != ({survey("undeclared_survey")} if plants else set()):
        yield f"undeclared: {undeclared}"
    stale = {key for key, (_, state) in states.items() if state == "stale"}
    if stale != ({survey("stale_survey")} if plants else set()):
        yield f"stale: {stale}"
    signs = Counter(rows("select sign, vendor, system, survey_ref from listening.gaming_signs where is_sign"))
    for plant, sign in SIGNS.items():
        if plants and (sign, *survey(plant)) not in signs:
            yield f"gaming: {sign} of {survey(plant)}"
    issues = set(
        rows("select category from listening.issue_volume where is_emerging and segment = 'all' and period_kind = 'month'"
             f" and period_start >= '{plants['emerging_issue']['since'] if plants else '9999-01-01'}'")
    )  # fmt: skip
    if plants and (plants["emerging_issue"]["category"],) not in issues:
        yield f"emerging: {plants['emerging_issue']['category']} is not among {issues}"
    if plants:
        segment = plants["silent_value"]["segment"]
        worth = dict(
            rows(
                "select segment, silent_value from listening.unheard_value where value_band = 'all' and segment <> 'all'"
                " and period_kind = 'month' qualify row_number() over (partition by segment order by period_start desc) = 1"
            )
        )
        if max(worth, key=worth.get) != segment:
            yield f"silent value: {worth}"


def false_alarms(warehouse: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Kind of alarm -> (how often it went off, how often it could have), where nothing is planted."""
    return {
        kind: warehouse.execute(
            f"select count(*) filter ({alarm}), count({alarm}) from listening.{table} where {where}"
        ).fetchone()
        for kind, table, alarm, where in (
            ("gaming", "gaming_signs", "is_sign", "false_alarm_rate is not null"),
            ("wording and staff", "gaming_signs", "is_sign", "false_alarm_rate is null"),
            ("emerging", "issue_volume", "is_emerging", "segment = 'all' and period_kind = 'month'"),
        )
    }
