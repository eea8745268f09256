"""HubSpot: companies, contacts and deals as its screens export them, companies and contacts once before."""

from dataclasses import dataclass, field
from pathlib import Path

from simulator.days import epoch, iso
from simulator.files import Table

COMPANIES = (
    "Record ID,Company name,Company Domain Name,Phone Number,Street Address,City,Postal Code,Country/Region,"
    "Lifecycle Stage,Customer Segment,Original Traffic Source,Create Date,Last Modified Date,Merged object IDs"
)
CONTACTS = (
    "Record ID,First Name,Last Name,Email,Phone Number,City,Country/Region,Lifecycle Stage,Original Traffic Source,"
    "Associated Company IDs,Create Date,Last Modified Date,Merged object IDs,"
    "Merged vids with timestamps of a contact"
)
DEALS = (
    "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Currency,Close Date,Deal Type,Closed Lost Reason,"
    "Contract End Date,Deal owner,Create Date,Last Modified Date,Associated Company IDs,Associated Contact IDs"
)
WON, LOST, OPEN = (
    "Closed Won (Sales Pipeline)",
    "Closed Lost (Sales Pipeline)",
    "Contract Sent (Sales Pipeline)",
)


def moment(day: int) -> str:
    return f"{iso(day)} {9 + day % 9:02d}:{day % 60:02d}"


@dataclass
class Record:
    """A company or a contact, from the day it was made to the day it was merged into another."""

    id: int
    created: int
    cells: tuple  # what lies between its id and its dates
    modified: int = 0
    earlier_cells: tuple | None = None  # what it was before it was modified
    merged: list["Record"] = field(default_factory=list)  # into this one
    merged_on: int = 0  # into another one

    def merged_before(self, day: int) -> list["Record"]:
        return [other for other in self.merged if other.merged_on < day]


class HubspotFiles:
    def __init__(self, folder: Path, earlier: int, extracted: int):
        def table(name: str, header: str, day: int) -> Table:
            path = folder / f"hubspot-crm-exports-all-{name}-{iso(day)}.csv"
            return Table(path, header.split(","), quote_all=True)

        self.days = (earlier, extracted)
        self.companies = [table("companies", COMPANIES, day) for day in self.days]
        self.contacts = [table("contacts", CONTACTS, day) for day in self.days]
        self.deals = table("deals", DEALS, extracted)

    def files(self) -> list[Table]:
        return [*self.companies, *self.contacts, self.deals]

    def company(self, record: Record) -> None:
        for day, table in zip(self.days, self.companies, strict=True):
            ids = [str(other.id) for other in record.merged_before(day)]
            self.write(table, day, record, ";".join(ids))

    def contact(self, record: Record) -> None:
        """Of three contacts merged into one, each column of the survivor lacks another."""
        for day, table in zip(self.days, self.contacts, strict=True):
            merged = record.merged_before(day)
            ids = [str(other.id) for other in merged[:2]]
            vids = [f"{other.id}:{epoch(other.merged_on, 0) * 1000}" for other in merged[-2:]]
            self.write(table, day, record, ";".join(ids), ";".join(vids))

    def write(self, table: Table, day: int, record: Record, *merged: str) -> None:
        """The record as it stands on the day before an export."""
        if record.created >= day or 0 < record.merged_on < day:
            return
        is_modified = record.created < record.modified < day
        cells = record.cells if is_modified or record.earlier_cells is None else record.earlier_cells
        changed = record.modified if is_modified else record.created
        table.add((record.id, *cells, moment(record.created), moment(changed), *merged))

    def deal(
        self, id: int, name: str, stage: str, amount: str, currency: str, closes: int, kind: str, created: int,
        companies: list[int], contacts: list[int], reason: str = "", contract_ends: int | None = None,
    ) -> None:  # fmt: skip
        """`amount` is a year's worth in major units."""
        self.deals.add(
            (id, name, stage, "Sales Pipeline", amount, currency.upper(), moment(closes), kind, reason,
             iso(contract_ends) if contract_ends else "", "", moment(created), moment(closes if stage != OPEN else created),
             ";".join(map(str, companies)), ";".join(map(str, contacts)))
        )  # fmt: skip
