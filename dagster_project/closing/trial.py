"""What `restate` prints: the closed figures of the whole company that would move, beside what readers have now."""

from pathlib import Path

from dagster_project.closing.causes import CAUSES
from dagster_project.closing.tables import KEY, RESTATEMENTS
from dagster_project.database import connect
from dagster_project.sql import parquet
from dagster_project.words import count, period_in_words

SHOWN = 40


def told(current: Path, trial: Path) -> list[str]:
    """A line for each figure on the basis `mrr`; segments and other bases are in the trial's `governance.restatements`."""

    def moved(publication: Path, sign: int) -> str:
        file = publication / "parquet" / RESTATEMENTS.replace(".", "/")
        columns = ", ".join(f"{sign} * {column} as {column}" for column in (*CAUSES, "customers"))
        return (
            f"select {', '.join(KEY)}, measure, known_now, {columns} from {parquet(Path(f'{file}.parquet'))}"
        )

    sides = [moved(trial, 1)]
    if (current / "parquet" / "governance" / "restatements.parquet").exists():
        sides.append(f"select * replace (null as known_now) from ({moved(current, -1)})")
    sums = ", ".join(f"sum({cause}) as {cause}" for cause in CAUSES)
    with connect() as con:
        rows = con.execute(f"""
            select period_kind, period_start, segment, measure, max(known_now) as known_now, sum(customers) as customers, {sums}
            from ({" union all ".join(sides)})
            where value_basis = 'mrr'
            group by all
            having {" or ".join(f"sum({cause}) <> 0" for cause in CAUSES)}
            order by all
        """).fetchall()
    lines = []
    whole = [row for row in rows if row[2] == "all"]
    for kind, start, _, measure, now, customers, *amounts in whole[:SHOWN]:
        parts = zip(CAUSES, amounts, strict=True)
        why = ", ".join(f"{cause.replace('_', '-')} {amount:+,.2f}" for cause, amount in parts if amount)
        lines.append(
            f"  {period_in_words(kind, start)}, {measure}: {now - sum(amounts):,.2f} would be {now:,.2f} "
            f"({count(int(customers), 'customer')}; {why})"
        )
    if len(whole) > SHOWN:
        lines.append(f"  … and {len(whole) - SHOWN} more.")
    first = (
        "No closed figure would move."
        if not rows
        else f"{count(len(whole), 'closed figure')} of the whole company would move:"
    )
    return [first, *lines, f"All of them, by segment and value basis: governance.restatements in {trial}."]
