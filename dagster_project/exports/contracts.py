"""Contracts: what each object's export looks like, declared in YAML that landing and dbt both read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from dagster_project.errors import UserError
from dagster_project.paths import CONTRACTS

DATA_TYPES = (
    "text", "date", "timestamp", "local_timestamp", "account_timestamp", "money", "minor", "integer", "decimal",
    "boolean", "json", "currency",
)  # fmt: skip
NOT_VENDORS = {"reference", "run", "identity", "log"}  # what the software itself writes for the models
COLUMN_META = {"required", "aliases", "happened", "stamp", "allowed", "question"}
TABLE_META = {"key", "header_rows", "in_parts", "refused_where", "id_prefix", "never"}
RULE = {"field", "condition", "reason"}


class ContractError(UserError):
    """A contract file that does not follow the format."""


@dataclass(frozen=True)
class Column:
    """One column of an object, under the one name it has from landing on."""

    name: str
    data_type: str
    required: bool = False  # each record must have a value
    required_in_header: bool = False  # the column must be there
    aliases: tuple[
        str, ...
    ] = ()  # other headers that mean this column, the likeliest first; `How*` those that begin so
    happened: bool = False  # a moment something happened: counts for the as-of day and the extract time
    stamp: bool = False  # counts for the extract time only
    allowed: tuple[str, ...] = ()
    is_question: bool = False  # of a survey: what its header rows ask is kept
    description: str = ""


@dataclass(frozen=True)
class Rule:
    """What no record may be, whatever other records say: a condition over its typed columns, and how to say it."""

    field: str  # the column that is to blame
    condition: str  # SQL, as DuckDB reads it
    reason: str


@dataclass(frozen=True)
class Contract:
    """One vendor object: its columns, its key, how many header rows its files have, and what its records may not be."""

    vendor: str
    object: str
    key: tuple[str, ...]
    header_rows: int
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    in_parts: bool = (
        False  # each file is of one survey or mailing, so that its size says nothing of the next one's
    )
    id_prefix: str = ""  # with which every key of this object begins, and of no other
    never: tuple[str, ...] = ()  # headers of the vendor's other objects that have all that this one must have

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def match(self, header: Sequence[str]) -> dict[str, int]:
        """Contract column -> position in the header (trimmed, any case), for the columns that are there.

        Where two headers mean one column, its own name goes before its aliases, and these in their order. An alias that
        ends in * means the first header that begins so.
        """
        position: dict[str, int] = {}
        for index, name in enumerate(header):
            position.setdefault(plain(name), index)
        found: dict[str, int] = {}
        for column in self.columns:
            for name in (column.name, *column.aliases):
                if name.endswith("*"):
                    begun = (index for known, index in position.items() if known.startswith(plain(name[:-1])))
                    index = next(begun, None)
                else:
                    index = position.get(plain(name))
                if index is not None and index not in found.values():
                    found[column.name] = index
                    break
        return found

    def missing(self, found: Iterable[str]) -> list[str]:
        """The columns a file must have and has not."""
        found = set(found)
        return [c.name for c in self.columns if c.required_in_header and c.name not in found]


def plain(header: str) -> str:
    """A header's name as it is compared: without a BOM or outer space, any case."""
    return header.strip("\ufeff \t\r\n").casefold()


@cache
def load_contracts(source: str, root: Path = CONTRACTS) -> tuple[Contract, ...]:
    """The contracts in <root>/<source>/contracts/*.yml, by object, read once in a process. Raises ContractError."""
    contracts = [
        contract
        for path in sorted((root / source / "contracts").glob("*.yml"))
        for contract in _read(path, source)
    ]
    return tuple(sorted(contracts, key=lambda contract: contract.object))


def load_all_contracts(root: Path = CONTRACTS) -> dict[str, tuple[Contract, ...]]:
    """Source -> its contracts, for every source that has any."""
    sources = sorted(folder.parent.name for folder in root.glob("*/contracts"))
    return {source: load_contracts(source, root) for source in sources}


def of_vendors(contracts: Mapping[str, Sequence[Contract]]) -> dict[str, tuple[Contract, ...]]:
    """Those contracts that exports follow."""
    return {
        vendor: tuple(found) for vendor, found in contracts.items() if vendor not in NOT_VENDORS and found
    }


def _read(path: Path, source: str) -> list[Contract]:
    def wrong(what: str) -> ContractError:
        return ContractError(f"Contract {path}: {what}.")

    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise wrong(f"not readable as YAML ({' '.join(str(error).split())})") from error
    contracts = []
    for entry in (document or {}).get("sources", []):
        if entry["name"] != source:
            raise wrong(f"its source is '{entry['name']}', its folder '{source}'; make them the same")
        for table in entry["tables"]:
            meta = table.get("config", {}).get("meta", {})
            if unknown := set(meta) - TABLE_META:
                raise wrong(
                    f"table {table['name']}: meta may hold {sorted(TABLE_META)}, not {sorted(unknown)}"
                )
            columns = tuple(_column(column, wrong) for column in table.get("columns", []))
            names = [column.name for column in columns]
            rules = tuple(_rule(entry, names, wrong) for entry in meta.get("refused_where", ()))
            contract = Contract(
                source, table["name"], tuple(meta.get("key", ())), meta.get("header_rows", 1), columns, rules,
                bool(meta.get("in_parts", False)), str(meta.get("id_prefix", "")), tuple(meta.get("never", ())),
            )  # fmt: skip
            if len(set(names)) < len(names):
                raise wrong(f"table {contract.object}: two columns have the same name")
            if not contract.key or not set(contract.key) <= set(names):
                raise wrong(f"table {contract.object}: the key must name columns of the table")
            contracts.append(contract)
    return contracts


def _column(entry: dict, wrong) -> Column:
    meta = entry.get("config", {}).get("meta", {})
    if unknown := set(meta) - COLUMN_META:
        raise wrong(f"column {entry['name']}: meta may hold {sorted(COLUMN_META)}, not {sorted(unknown)}")
    if entry.get("data_type") not in DATA_TYPES:
        raise wrong(f"column {entry['name']}: data_type is one of {', '.join(DATA_TYPES)}")
    required = meta.get("required", False)
    if required not in (True, False, "header"):
        raise wrong(f"column {entry['name']}: required is true, false or header")
    return Column(
        name=entry["name"],
        data_type=entry["data_type"],
        required=required is True,
        required_in_header=bool(required),
        aliases=tuple(str(alias) for alias in meta.get("aliases", ())),
        happened=bool(meta.get("happened", False)),
        stamp=bool(meta.get("stamp", False)),
        allowed=tuple(_text(value) for value in meta.get("allowed", ())),
        is_question=bool(meta.get("question", False)),
        description=entry.get("description", ""),
    )


def _rule(entry: dict, names: Sequence[str], wrong) -> Rule:
    if set(entry) != RULE or entry["field"] not in names:
        raise wrong(f"refused_where: a rule has {', '.join(sorted(RULE))}, and its field is a column")
    return Rule(**entry)


def _text(value: object) -> str:
    """An allowed value as a file spells it: YAML reads a bare true as a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)
