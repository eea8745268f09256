"""Reference tables: the CSV files that the CCO office keeps, checked and copied with their types."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pyarrow

from dagster_project.errors import UserError
from dagster_project.exports.contracts import Column, Contract, load_all_contracts, load_contracts, of_vendors
from dagster_project.exports.text import storable
from dagster_project.exports.walk import HIDDEN
from dagster_project.inputs import write_input
from dagster_project.paths import PROJECT, Paths
from dagster_project.settings import (
    MONTHS,
    Settings,
    currency,
    read_day,
    read_setting,
    read_settings,
    time_zone,
)

SHIPPED = PROJECT / "seeds" / "reference"
SHIPPED_TABLES = (  # a company without rows of its own gets these
    "free_mail_domain",
    "metric_definition",
    "survey_method",
    "begging_phrase",
)
IN_ANY_CASE = (
    "acquisition_source",
    "loss_reason",
    "category_crosswalk",
    "category_word",
    "begging_phrase",
)  # models find its key in any case, so rows that differ in it alone both fit
NOTES = (".md", ".rst")  # what may lie beside the tables
PROBLEMS_SHOWN = 50


class ReferenceProblems(UserError):
    """Cells of reference tables that cannot be used, all of them."""


@dataclass(frozen=True)
class Row:
    """One row, typed. `number` counts as a spreadsheet does: the header is row 1."""

    number: int
    line: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """One reference table. `file` is None where the company has none and no list is shipped."""

    contract: Contract
    file: Path | None = None
    rows: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        return self.contract.object

    @property
    def is_default(self) -> bool:
        return not self.rows or self.file.parent == SHIPPED

    def write(self, paths: Paths) -> None:
        schema = pyarrow.schema([(column.name, ARROW[column.data_type]) for column in self.contract.columns])
        table = pyarrow.Table.from_pylist([dict(row.values) for row in self.rows], schema=schema)
        write_input(paths.input("reference", self.name), table)


@dataclass
class Problems:
    """Sentences about one file's cells, gathered while it is read."""

    file: str
    sentences: list[str] = field(default_factory=list)

    def add(self, what: str, number: int | None = None, line: int | None = None, column: str = "") -> None:
        row = f", row {number}" if number else ""
        row += f" (line {line})" if line and line != number else ""
        self.sentences.append(f"{self.file}{row}{column and f', column {column}'}: {what}.")


def read_reference(folder: Path) -> dict[str, Table]:
    """Every reference table, checked. Raises ReferenceProblems with a sentence per problem."""
    if not folder.is_dir():
        raise ReferenceProblems(
            f"There is no reference folder {folder}; set ONE_COMPANY_REFERENCE to one (it may be empty)."
        )
    tables, sentences = {}, []
    for contract in load_contracts("reference"):
        file = folder / f"{contract.object}.csv"
        table = Table(contract)
        if file.exists() or file.is_symlink():  # a link that leads nowhere is no absent table
            problems = Problems(file.name)
            table = Table(contract, file, tuple(_rows(file, contract, problems)))
            for row, name, wrong in TABLE_CHECKS.get(contract.object, _nothing)(table.rows):
                problems.add(wrong, row.number, row.line, name)
            sentences += problems.sentences
        if not table.rows and contract.object in SHIPPED_TABLES and folder != SHIPPED:
            file = SHIPPED / f"{contract.object}.csv"
            table = Table(contract, file, tuple(_rows(file, contract, Problems(file.name))))
        tables[contract.object] = table
    sentences = sentences or list(_named_nowhere(tables))
    if sentences:
        raise ReferenceProblems(_in_one_go(folder, sentences))
    return tables


def company_settings(tables: Mapping[str, Table]) -> Settings:
    """The company's settings from its reference table, defaults where it says nothing."""
    return read_settings({row.values["setting"]: row.values["value"] for row in tables["settings"].rows})


def unknown_files(folder: Path) -> list[str]:
    """A sentence for each file of the folder that is neither a reference table nor notes, likely a slip in its name."""
    tables = {contract.object for contract in load_contracts("reference")}
    sentences = []
    for file in sorted(folder.glob("*")):
        table, suffix = file.name.split(".")[0].lower(), file.suffix.lower()
        # a text that is called like a table is one, saved by an editor or a spreadsheet
        is_notes = table == "readme" or suffix in NOTES or (suffix == ".txt" and table not in tables)
        if file.name.startswith(HIDDEN) or file.is_dir() or is_notes:
            continue
        told = f"{storable(file.name)} in {folder} is"
        if table not in tables:
            sentences.append(
                f"{told} no reference table and was not read; rename it to one's name, or move it elsewhere."
            )
        elif file.name != f"{table}.csv":
            sentences.append(
                f"{told} not {table}.csv and was not read; save it as 'CSV UTF-8 (comma delimited)' under that name."
            )
    return sentences


def unused_silos(codes: Table, systems: Collection[str]) -> list[str]:
    """A sentence for each silo of a table of silos' codes that is neither a vendor nor one of the in-house `systems`, since
    nothing can ever have its codes."""
    vendors = sorted(of_vendors(load_all_contracts()))
    known = {name.lower() for name in (*vendors, *systems)}
    silos = {row.values["silo"]: row for row in reversed(codes.rows)}
    return [
        f"{codes.name}.csv, row {row.number}, column silo: no source is called '{silo}', so its codes are used nowhere; write "
        f"a vendor ({', '.join(vendors)}) or the name of an in-house system's folder."
        for silo, row in sorted(silos.items())
        if silo.lower() not in known
    ]


def idle_decisions(decisions: Table, statuses: Mapping[str, str]) -> list[str]:
    """A sentence for each decision about a batch that changed nothing. `statuses` are those of all batches after landing."""
    problems = Problems(f"{decisions.name}.csv")
    for row in decisions.rows:
        batch_id = row.values["batch_id"]
        if why := _why_idle(row.values["decision"], statuses.get(batch_id)):
            problems.add(f"'{batch_id}' {why}", row.number, row.line, "batch_id")
    return problems.sentences


def _why_idle(decision: str, status: str | None) -> str:
    """Why a decision left its batch as it was; empty where it did not."""
    if status is None:
        return "is no batch; write it as the message of the held file and governance.batches do"
    if (decision, status) == ("accept", "held"):
        return "stays held, as its file was not there to be read again; put it back into the exports folder"
    if (decision, status) == ("refuse", "accepted"):
        return "was accepted before, and stays so; a newer export of the same records sets them right"
    if (decision, status) == ("accept", "refused"):
        return "was refused, not held; see in governance.batches why, and export it again"
    return ""


def _named_nowhere(tables: Mapping[str, Table]) -> Iterator[str]:
    """A sentence for each row that names something which the table that keeps it does not know, or says otherwise."""
    for (name, columns), (kept_in, keys) in KEPT_IN.items():
        known = {tuple(row.values[key] for key in keys) for row in tables[kept_in].rows}
        problems = Problems(f"{name}.csv")
        for row in tables[name].rows:
            named = tuple(row.values[column] for column in columns)
            if None not in named and named not in known:
                problems.add(
                    f"'{', '.join(named)}' is not in {kept_in}.csv; add it there, or write it as it stands there",
                    row.number, row.line, ", ".join(columns),
                )  # fmt: skip
        yield from problems.sentences
    settings = company_settings(tables)
    problems = Problems("definition_profile.csv")
    for row in tables["definition_profile"].rows:
        zone = row.values["time_zone"]
        if row.values["profile"] == "one_company" and zone not in (None, settings.time_zone):
            problems.add(
                f"'{zone}' is not the company's time zone, which settings.csv sets to {settings.time_zone}; change it there, or leave "
                "this cell empty",
                row.number, row.line, "time_zone",
            )  # fmt: skip
    yield from problems.sentences
    problems = Problems("silo_reported_figure.csv")
    for row in tables["silo_reported_figure"].rows:
        kind, day = row.values["period_kind"], row.values["period_start"]
        step = {"month": 1, "quarter": 3, "year": 12}[kind]
        starts = [MONTHS[(settings.fiscal_year_starts_in - 1 + later) % 12] for later in range(0, 12, step)]
        if day.day != 1 or MONTHS[day.month - 1] not in starts:
            problems.add(
                f"'{day}' is not the first day of a {kind}, by fiscal_year_starts_in of settings.csv; write the 1st of "
                f"{' or '.join(starts)}",
                row.number, row.line, "period_start",
            )  # fmt: skip
    yield from problems.sentences
    if not any(row.values["opens_at"] for row in tables["working_hours"].rows):
        problems = Problems("feedback_promise.csv")
        for row in tables["feedback_promise"].rows:
            if row.values["hours"] == "working":
                problems.add(
                    "'working' needs to know when the company works; say so in working_hours.csv, or write calendar",
                    row.number, row.line, "hours",
                )  # fmt: skip
        yield from problems.sentences
    measured = {
        (row.values["silo"], row.values["metric"]): row
        for row in tables["silo_metric"].rows
        if row.values["touchpoint"]
    }
    problems = Problems("silo_metric_value.csv")
    for row in tables["silo_metric_value"].rows:
        if metric := measured.get((row.values["silo"], row.values["metric"])):
            problems.add(
                f"'{row.values['metric']}' is worked out from the events of a touchpoint; take this row out, or the touchpoint "
                f"out of silo_metric.csv, row {metric.number}",
                row.number, row.line, "value",
            )  # fmt: skip
    yield from problems.sentences


def _in_one_go(folder: Path, sentences: list[str]) -> str:
    count = "One problem" if len(sentences) == 1 else f"{len(sentences)} problems"
    shown = sentences[:PROBLEMS_SHOWN]
    if len(shown) < len(sentences):
        shown.append(f"… and {len(sentences) - len(shown)} more.")
    return "\n  ".join([f"{count} in the reference tables of {folder}; nothing was changed:", *shown])


def _rows(file: Path, contract: Contract, problems: Problems) -> Iterator[Row]:
    """The typed rows of one file; what is wrong goes to `problems`, and the row is left out."""
    records = _records(file, problems)
    header = next(records, None)
    if header is None:
        return
    positions = _positions(header[2], contract, problems)
    if positions is None:
        return
    first_row: dict[tuple, int] = {}
    for number, line, cells in records:
        if any(cells[len(header[2]) :]):
            problems.add("there are more cells than columns; put text with a comma in quotes", number, line)
            continue
        texts = {name: cells[at].strip() if at < len(cells) else "" for name, at in positions.items()}
        values, good = {}, True
        for column in contract.columns:
            try:
                values[column.name] = _value(column, texts.get(column.name, ""))
            except ValueError as error:
                problems.add(str(error), number, line, column.name)
                good = False
        if not good:
            continue
        for name, wrong in CHECKS.get(contract.object, _nothing)(values):
            problems.add(wrong, number, line, name)
        key = tuple(values[name] for name in contract.key)
        if contract.object in IN_ANY_CASE:
            key = tuple(text and text.lower() for text in key)
        if key in first_row:
            shown = ", ".join(str(values[name]) for name in contract.key if values[name] is not None)
            problems.add(
                f"'{shown}' is already in row {first_row[key]}; keep one",
                number,
                line,
                ", ".join(contract.key),
            )
        first_row.setdefault(key, number)
        yield Row(number, line, values)


def _records(file: Path, problems: Problems) -> Iterator[tuple[int, int, list[str]]]:
    """(row, line, cells) of every record that is not blank, header included."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.add("it is not UTF-8 text; save it again as 'CSV UTF-8 (comma delimited)'")
        return
    except OSError as error:
        problems.add(f"it cannot be opened ({error.strerror}); put a file there that can be read")
        return
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first_line.count)  # some spreadsheets write another than the comma
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, line = 0, 1
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                yield number, line, cells
            line = reader.line_num + 1
    except csv.Error:
        problems.add("a quote is opened and not closed, or closed and followed by text", number + 1, line)


def _positions(header: list[str], contract: Contract, problems: Problems) -> dict[str, int] | None:
    """Column -> where it is in a row; None where the header does not fit."""
    columns = f"its columns are {', '.join(column.name for column in contract.columns)}"
    positions = contract.match(header)
    wrong = [f"column '{name}' is missing; {columns}" for name in contract.missing(positions)]
    for at, name in enumerate(header):
        if name.strip() and at not in positions.values():
            wrong.append(f"no column '{name.strip()}' is expected here, or not twice; {columns}")
    for sentence in wrong:
        problems.add(sentence, 1)
    return None if wrong else positions


def _value(column: Column, text: str) -> object:
    """A cell as its column's type, None where empty. Raises ValueError."""
    if not text:
        if column.required:
            raise ValueError("it is empty" + (f"; {_allowed(column)}" if column.allowed else ""))
        return None
    if column.allowed and text not in column.allowed:
        raise ValueError(f"'{text}' is not known; {_allowed(column)}")
    return TYPES[column.data_type](text)


def _allowed(column: Column) -> str:
    return f"write one of {', '.join(column.allowed)}"


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise ValueError(f"'{text}' is not a whole number; write it like 365")
    return int(text)


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"-?\d{1,16}(\.\d{1,12})?", text):
        raise ValueError(
            f"'{text}' is not a number; write it like 1.0842, with a decimal point and at most 12 decimals"
        )
    return Decimal(text)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError(f"'{text}' is neither true nor false")
    return text.lower() in ("true", "1")


TYPES: dict[str, Callable[[str], object]] = {
    "text": str,
    "date": read_day,
    "integer": _whole,
    "decimal": _decimal,
    "boolean": _boolean,
}
ARROW = {
    "text": pyarrow.string(),
    "date": pyarrow.date32(),
    "integer": pyarrow.int64(),
    "decimal": pyarrow.decimal128(28, 12),
    "boolean": pyarrow.bool_(),
}

# Where a table names rows of another: (table, columns) -> (the table that keeps them, its columns).
KEPT_IN = {
    ("silo_reported_figure", ("profile",)): ("definition_profile", ("profile",)),
    ("silo_metric", ("journey_stage",)): ("journey_stage", ("stage",)),
    ("silo_metric", ("touchpoint",)): ("touchpoint", ("touchpoint",)),
    ("touchpoint", ("stage",)): ("journey_stage", ("stage",)),
    ("survey_inventory", ("journey_stage",)): ("journey_stage", ("stage",)),
    ("listening_option", ("journey_stage",)): ("journey_stage", ("stage",)),
    ("primary_research", ("journey_stage",)): ("journey_stage", ("stage",)),
    ("customer_metric_link", ("silo", "metric")): ("silo_metric", ("silo", "metric")),
    ("issue_category", ("journey_stage",)): ("journey_stage", ("stage",)),
    ("category_crosswalk", ("category",)): ("issue_category", ("category",)),
    ("category_word", ("category",)): ("issue_category", ("category",)),
    ("feedback_promise", ("category",)): ("issue_category", ("category",)),
    ("silo_metric_value", ("silo", "metric")): ("silo_metric", ("silo", "metric")),
}
TOTALS = ("all", "one_company")  # what silos and stages may not be called

WAYS = ("new", "won_back", "split", "lost", "merged", "below_bands")  # what customer groups may not be called
MONEY = ("mrr", "invoiced")  # of control totals, those in a currency
GREATEST_VALUE = Decimal(10**11)  # of a silo's metric
SMALLEST_RATE = Decimal("0.000001")  # the weakest currency in the strongest is some ten times as much

# What a type cannot say. Each check gets one typed row and yields (column, what is wrong).
Wrong = Iterator[tuple[str, str]]


def _nothing(_: object) -> Iterator[Any]:
    yield from ()


def _not_first_of_month(day: date) -> str:
    """What is wrong with a day that is to begin a month; empty where nothing is."""
    if day.day == 1:
        return ""
    return f"'{day}' is not the first day of a month; write it like {day.replace(day=1)}"


def _misspelt(text: str, word: str, meaning: str) -> str:
    """What is wrong with a text that models would not take for their word for something; empty where nothing is."""
    if text == word or re.sub(r"[\s-]", "_", text.lower()) != word:
        return ""
    return f"'{text}' is not taken for {meaning}; write it {word}"


def _settings(values: Mapping[str, object]) -> Wrong:
    try:
        if values["value"]:
            read_setting(values["setting"], values["value"])
    except ValueError as error:
        yield "value", f"{values['setting']} {error}"


def _fx_rate(values: Mapping[str, object]) -> Wrong:
    try:
        currency(values["currency"])
    except ValueError as error:
        yield "currency", str(error)
    if values["rate"] <= 0:
        yield "rate", f"'{values['rate']}' is not above 0"
    elif not SMALLEST_RATE <= values["rate"] <= 1 / SMALLEST_RATE:
        yield "rate", f"'{values['rate']:f}' is not from {SMALLEST_RATE} to {1 / SMALLEST_RATE:,f}"


def _segment_rule(values: Mapping[str, object]) -> Wrong:
    if values["segment"].lower() == "all":
        yield "segment", f"'{values['segment']}' stands for the whole company; give the segment another name"
    if not 1 <= values["lapse_days"] <= 36500:
        yield "lapse_days", f"'{values['lapse_days']}' is not from 1 to 36,500"
    if wrong := _misspelt(values["segment"], "unsegmented", "customers without a segment"):
        yield "segment", wrong


# How customers are told apart, and when one is new: rooms rest on the company's own answers, so only others may give other ones.
OF_SILOS_ALONE = {
    "base_object": "agreements",
    "grain": "customer",
    "duplicates": "resolved",
    "subsidiaries": "rolled_up",
    "test_accounts": "not_counted",
    "reactivation_days": None,
    "within_month": "counted",
    "exchange_rate": "of_day",
}


def _definition_profile(values: Mapping[str, object]) -> Wrong:
    if wrong := _misspelt(values["profile"], "one_company", "the company's own way of counting"):
        yield "profile", wrong
    for policy in ("past_due_days", "reactivation_days"):
        days = values[policy]
        if days is not None and not 0 <= days <= 36500:
            yield policy, f"'{days}' is not from 0 to 36,500; write whole days, or leave it empty"
    try:
        if values["time_zone"]:
            time_zone(values["time_zone"])
    except ValueError as error:
        yield "time_zone", str(error)
    for policy, own in OF_SILOS_ALONE.items():
        if values["profile"] == "one_company" and values[policy] not in (None, own):
            yield (
                policy,
                f"'{values[policy]}' is for other profiles; the one-company definition leaves it empty",
            )


def _silo_reported_figure(values: Mapping[str, object]) -> Wrong:
    if values["profile"] == "one_company":
        yield (
            "profile",
            "the company's own figures are customer_math's; write the profile by which the silo counts",
        )
    if values["period_kind"] == "month" and (wrong := _not_first_of_month(values["period_start"])):
        yield "period_start", wrong
    if values["metric"] == "retention" and not 0 <= values["figure"] <= 1:
        yield "figure", f"'{values['figure']}' is not a share; write it from 0 to 1"


def _control_total(values: Mapping[str, object]) -> Wrong:
    vendor, control = values["vendor"], values["control"]
    if vendor not in _vendor_objects():
        yield "vendor", f"'{vendor}' is not known; write one of {', '.join(_vendor_objects())}"
    elif vendor != "plain" and values["system"] not in (None, vendor):
        yield "system", f"'{values['system']}' is no system of {vendor}, which has none; leave it empty"
    if wrong := _not_first_of_month(values["period_start"]):
        yield "period_start", wrong
    if control in MONEY and not values["currency"]:
        yield "currency", f"it is empty; write the currency in which {vendor} prints {control}"
    elif control in MONEY:
        try:
            currency(values["currency"])
        except ValueError as error:
            yield "currency", str(error)
    elif values["currency"]:
        yield "currency", f"'{values['currency']}' is for money, and {control} is a count; leave it empty"


def _loss_reason(values: Mapping[str, object]) -> Wrong:
    if wrong := _misspelt(values["reason"], "unknown", "a reason that is not known"):
        yield "reason", wrong


def _value_band(values: Mapping[str, object]) -> Wrong:
    if values["value_band"] in WAYS:
        yield "value_band", f"'{values['value_band']}' is a way to come or go; give the band another name"
    if values["value_band"].lower() == "all":
        yield "value_band", f"'{values['value_band']}' stands for all bands; give the band another name"
    if values["at_least"] != round(values["at_least"], 4):
        yield "at_least", f"'{values['at_least'].normalize():f}' has more than 4 decimals; round it"


def _acquisition_source(values: Mapping[str, object]) -> Wrong:
    if values["is_referral"] and values["kind"] != "earned":
        yield "kind", "a customer who comes by referral is earned; write earned, or no referral"


def _cost_rate(values: Mapping[str, object]) -> Wrong:
    for word, meaning in (("all", "all segments"), ("unsegmented", "customers without a segment")):
        if wrong := _misspelt(values["segment"], word, meaning):
            yield "segment", wrong
    amount, places = values["amount"], {"direct_share": 8, "ticket": 4}[values["cost"]]
    if amount != round(amount, places):
        yield "amount", f"'{amount}' has more than {places} decimals; round it"
    if values["cost"] == "direct_share" and not 0 <= amount <= 1:
        yield "amount", f"'{amount}' is not a share of revenue; write it from 0 to 1"
    if values["cost"] == "ticket" and not 0 <= amount <= 10**9:
        yield "amount", f"'{amount}' is not from 0 to 1,000,000,000; write what one ticket costs"


def _mail_domain(values: Mapping[str, object]) -> Wrong:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", values["domain"]):
        yield (
            "domain",
            f"'{values['domain']}' is not a domain in lower case; write it like example.com, without @",
        )


@cache
def _vendor_objects() -> dict[str, list[str]]:
    contracts = load_all_contracts()
    return {vendor: [c.object for c in contracts[vendor]] for vendor in contracts if vendor != "reference"}


def _batch_policy(values: Mapping[str, object]) -> Wrong:
    objects = _vendor_objects()
    if values["vendor"] not in objects:
        yield "vendor", f"'{values['vendor']}' is not known; write one of {', '.join(objects)}"
    elif values["object"] not in objects[values["vendor"]]:
        known = ", ".join(objects[values["vendor"]])
        yield "object", f"'{values['object']}' is not known of {values['vendor']}; write one of {known}"
    for share in ("minimum_row_share", "minimum_value_share"):
        if values[share] is not None and not 0 <= values[share] <= 1:
            yield share, f"'{values[share]}' is not a share; write it from 0 to 1"


def _measured(value: Decimal | None, least: Decimal, most: Decimal) -> str:
    """What is wrong with a number that models keep with six decimals; empty where nothing is, or where it is empty."""
    if value is None:
        return ""
    if not least <= value <= most:
        return f"'{value.normalize():f}' is not from {least:,f} to {most:,f}"
    return f"'{value.normalize():f}' has more than 6 decimals; round it" if value != round(value, 6) else ""


def _silo_metric(values: Mapping[str, object]) -> Wrong:
    if values["silo"].lower() in TOTALS:
        yield "silo", f"'{values['silo']}' stands for the whole company; give the silo another name"
    if wrong := _measured(values["target"], -GREATEST_VALUE, GREATEST_VALUE):
        yield "target", wrong
    if wrong := _measured(values["incentive_weight"], Decimal(0), Decimal(1)):
        yield "incentive_weight", wrong
    if (values["touchpoint"] is None) != (values["touchpoint_measure"] is None):
        yield (
            "touchpoint_measure",
            "touchpoint and touchpoint_measure go together; fill both, or leave both empty",
        )


def _silo_metric_value(values: Mapping[str, object]) -> Wrong:
    if wrong := _not_first_of_month(values["month"]):
        yield "month", wrong
    if wrong := _measured(values["value"], -GREATEST_VALUE, GREATEST_VALUE):
        yield "value", wrong


def _customer_metric_link(values: Mapping[str, object]) -> Wrong:
    if not 0 <= (values["lag_months"] or 0) <= 36:
        yield "lag_months", f"'{values['lag_months']}' is not from 0 to 36"
    decided = [values[column] is None for column in ("decision", "decided_by", "decided_on")]
    if any(decided) and not all(decided):
        yield (
            "decision",
            "decision, decided_by and decided_on go together; fill all three, or leave all empty",
        )


def _journey_stage(values: Mapping[str, object]) -> Wrong:
    if values["stage"].lower() in TOTALS:
        yield "stage", f"'{values['stage']}' stands for all stages; give the stage another name"
    if values["stage"].lower() == "no stage":
        yield "stage", f"'{values['stage']}' stands for what is in no stage; give the stage another name"
    if not 1 <= values["position"] <= 1000:
        yield "position", f"'{values['position']}' is not from 1 to 1,000"
    if not 0 <= (values["next_within_days"] or 0) <= 3650:
        yield "next_within_days", f"'{values['next_within_days']}' is not from 0 to 3,650"


def _touchpoint(values: Mapping[str, object]) -> Wrong:
    if wrong := _measured(values["promised_minutes"], Decimal(0), Decimal(10**7)):
        yield "promised_minutes", wrong


def _issue_category(values: Mapping[str, object]) -> Wrong:
    if values["category"].lower() in ("all", "uncategorised"):
        yield "category", f"'{values['category']}' stands for a total; give the category another name"


def _category_word(values: Mapping[str, object]) -> Wrong:
    if not any(letter.isalnum() for letter in values["word"]):
        yield "word", f"'{values['word']}' has no letter and no figure to look for; write a word or a phrase"


def _feedback_promise(values: Mapping[str, object]) -> Wrong:
    if values["owner"].lower() == "all":
        yield "owner", f"'{values['owner']}' stands for all owners; write the role that answers for it"
    hours = {name: values[name] for name in ("contact_hours", "resolve_hours", "tell_hours")}
    if not any(hour is not None for hour in hours.values()):
        yield "contact_hours", "nothing is promised; fill contact_hours, resolve_hours or tell_hours"
    for name, hour in hours.items():
        if hour is not None and not 1 <= hour <= 8760:
            yield name, f"'{hour}' is not from 1 to 8,760; write whole hours, or leave it empty"


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _working_hours(values: Mapping[str, object]) -> Wrong:
    if values["day"] not in WEEKDAYS:
        try:
            read_day(values["day"])
        except ValueError:
            yield (
                "day",
                f"'{values['day']}' is neither a weekday, monday to sunday, nor a date like 2026-12-25",
            )
    times = {name: values[name] for name in ("opens_at", "closes_at")}
    good = {
        name: time
        for name, time in times.items()
        if time and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", time)
    }
    for name, time in times.items():
        if time and name not in good:
            yield name, f"'{time}' is not a time of day; write it like 09:00, from 00:00 to 24:00"
    if (times["opens_at"] is None) != (times["closes_at"] is None):
        yield (
            "closes_at",
            "opens_at and closes_at go together; fill both, or leave both empty where nobody works",
        )
    elif len(good) == 2 and good["opens_at"] >= good["closes_at"]:
        yield (
            "closes_at",
            f"'{good['closes_at']}' is not after {good['opens_at']}; a night that is worked is two days",
        )


def _metric_definition(values: Mapping[str, object]) -> Wrong:
    if values["version"] < 1:
        yield "version", f"'{values['version']}' is less than 1"


def _survey_inventory(values: Mapping[str, object]) -> Wrong:
    if values["cadence_days"] is not None and not 1 <= values["cadence_days"] <= 3660:
        yield (
            "cadence_days",
            f"'{values['cadence_days']}' is not from 1 to 3,660; write whole days, or leave it empty",
        )
    for column in ("csat_points", "ces_points"):
        if values[column] is not None and not 2 <= values[column] <= 101:
            yield column, f"'{values[column]}' is not from 2 to 101; write how many points the scale has"
    if (values["last_change"] is None) != (values["last_change_on"] is None):
        yield (
            "last_change",
            "what was changed and when belong together; write both of last_change and last_change_on",
        )


def _survey_method(values: Mapping[str, object]) -> Wrong:
    if not 2 <= values["points"] <= 101:
        yield "points", f"'{values['points']}' is not from 2 to 101; write how many points the scale has"
    elif values["metric"] == "nps" and values["points"] != 11:
        yield "points", f"'{values['points']}' is not the scale of NPS, which is 0 to 10; write 11"


def _begging_phrase(values: Mapping[str, object]) -> Wrong:
    if not any(letter.isalnum() for letter in values["phrase"]):
        yield "phrase", f"'{values['phrase']}' has no letter and no figure to look for; write a phrase"


def _fearless_rating(values: Mapping[str, object]) -> Wrong:
    if not 1 <= values["rating"] <= 5:
        yield "rating", f"'{values['rating']}' is not from 1 to 5"


CHECKS: dict[str, Callable[[Mapping[str, object]], Wrong]] = {
    "survey_method": _survey_method,
    "own_domain": _mail_domain,
    "begging_phrase": _begging_phrase,
    "survey_inventory": _survey_inventory,
    "fearless_rating": _fearless_rating,
    "settings": _settings,
    "fx_rate": _fx_rate,
    "segment_rule": _segment_rule,
    "control_total": _control_total,
    "loss_reason": _loss_reason,
    "value_band": _value_band,
    "acquisition_source": _acquisition_source,
    "cost_rate": _cost_rate,
    "definition_profile": _definition_profile,
    "silo_reported_figure": _silo_reported_figure,
    "free_mail_domain": _mail_domain,
    "batch_policy": _batch_policy,
    "metric_definition": _metric_definition,
    "silo_metric": _silo_metric,
    "silo_metric_value": _silo_metric_value,
    "customer_metric_link": _customer_metric_link,
    "journey_stage": _journey_stage,
    "touchpoint": _touchpoint,
    "issue_category": _issue_category,
    "category_word": _category_word,
    "feedback_promise": _feedback_promise,
    "working_hours": _working_hours,
}


# What only several rows together can break. Each check gets the rows and yields (row, column, what is wrong).
def _loss_reasons(rows: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    """A reason has one kind, whichever silo writes it, or a period's losses for it could not be told apart."""
    first: dict[object, Row] = {}
    for row in rows:
        if kind := row.values["kind"]:
            known = first.setdefault(row.values["reason"], row)
            if known.values["kind"] != kind:
                yield (
                    row,
                    "kind",
                    f"'{row.values['reason']}' is {kind} here and {known.values['kind']} in row {known.number}; "
                    "give a reason one kind",
                )


def _of_its_own(column: str, thing: str, rows: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    """No two rows have the same in a column: models order their things by it."""
    first: dict[object, Row] = {}
    for row in rows:
        known = first.setdefault(row.values[column], row)
        if known is not row:
            yield (
                row,
                column,
                f"'{row.values[column]}' is that of row {known.number} too; give each {thing} its own",
            )


TABLE_CHECKS: dict[str, Callable[[Sequence[Row]], Iterator[tuple[Row, str, str]]]] = {
    "loss_reason": _loss_reasons,
    "journey_stage": partial(_of_its_own, "position", "stage"),
    "value_band": partial(_of_its_own, "at_least", "band"),
}
