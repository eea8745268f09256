"""Salesforce: accounts, contacts, opportunities and cases as a Data Export writes them, and an older list of accounts."""

from pathlib import Path

from simulator.days import iso
from simulator.files import Archive, Table
from simulator.names import salesforce_id

ACCOUNTS = (
    "Id,IsDeleted,MasterRecordId,Name,Type,ParentId,BillingStreet,BillingCity,BillingPostalCode,BillingCountry,"
    "Phone,Website,Industry,OwnerId,CreatedDate,LastModifiedDate,SystemModstamp,AccountSource,Segment__c"
)
CONTACTS = (
    "Id,IsDeleted,MasterRecordId,AccountId,LastName,FirstName,Name,MailingCity,MailingCountry,Phone,Email,Title,"
    "LeadSource,OwnerId,CreatedDate,LastModifiedDate,SystemModstamp"
)
OPPORTUNITIES = (
    "Id,IsDeleted,AccountId,Name,StageName,Amount,CurrencyIsoCode,Probability,CloseDate,Type,LeadSource,IsClosed,"
    "IsWon,OwnerId,CreatedDate,LastModifiedDate,SystemModstamp,LastStageChangeDate,Loss_Reason__c,"
    "Contract_End_Date__c"
)
CASES = (
    "Id,IsDeleted,CaseNumber,ContactId,AccountId,SuppliedName,SuppliedEmail,Type,Status,Reason,Origin,Subject,"
    "Priority,Description,IsClosed,ClosedDate,OwnerId,CreatedDate,LastModifiedDate,SystemModstamp"
)
OWNER = salesforce_id("005", 7)


class SalesforceFiles:
    """One zip of a weekly Data Export, and the accounts of an earlier day by Data Loader, with 15-character ids."""

    def __init__(self, folder: Path, extracted: int, earlier: int, compress: bool):
        self.archive = Archive(folder / f"WE_00D5g0000_{iso(extracted)}.zip", compress)
        self.accounts = self.archive.table("Account.csv", ACCOUNTS.split(","))
        self.contacts = self.archive.table("Contact.csv", CONTACTS.split(","))
        self.opportunities = self.archive.table("Opportunity.csv", OPPORTUNITIES.split(","))
        self.cases = self.archive.table("Case.csv", CASES.split(","))
        self.earlier_accounts = Table(
            folder / f"accounts_{iso(earlier)}.csv",
            ACCOUNTS.upper().split(","),
            quote_all=True,
            newline="\r\n",
        )
        self.earlier = earlier

    def files(self) -> list[Table | Archive]:
        return [self.archive, self.earlier_accounts]

    def account(
        self, ref: str, name: str, kind: str, place: tuple[str, str, str, str], website: str, source: str,
        segment: str, created: int, modified: int, was_segment: str = "", parent: str = "", master: str = "",
        is_deleted: bool = False,
    ) -> None:  # fmt: skip
        """One account; where its segment changed, the earlier list still shows `was_segment`."""
        street, city, postcode, country = place

        def row(short: bool, deleted: bool, merged_into: str, held: str, changed: int) -> tuple:
            cut = 15 if short else 18
            stamp = iso(changed) + "T16:20:00.000+0000"
            return (
                ref[:cut], "true" if deleted else "false", merged_into[:cut], name, kind, parent[:cut], street, city,
                postcode, country, f"+1 555 01{int(created) % 100:02d}", website, "", OWNER,
                iso(created) + "T08:00:00.000+0000", stamp, stamp, source, held,
            )  # fmt: skip

        self.accounts.add(row(False, is_deleted, master, segment, modified))
        if created < self.earlier:
            self.earlier_accounts.add(row(True, False, "", was_segment or segment, created))

    def contact(
        self,
        ref: str,
        account: str,
        first: str,
        last: str,
        email: str,
        place: tuple[str, str],
        source: str,
        created: int,
    ) -> None:
        stamp = iso(created) + "T08:05:00.000+0000"
        self.contacts.add(
            (ref, "false", "", account, last, first, f"{first} {last}", *place, "", email, "", source, OWNER, stamp,
             stamp, stamp)
        )  # fmt: skip

    def opportunity(
        self, ref: str, account: str, name: str, stage: str, amount: str, currency: str, closes: int, kind: str,
        source: str, created: int, decided: int | None, reason: str = "", contract_ends: int | None = None,
    ) -> None:  # fmt: skip
        """`amount` is a year's worth in major units; `decided` is the day it was closed, None while open."""
        is_won = stage == "Closed Won"
        stamp = iso(decided or created) + "T15:30:00.000Z"
        self.opportunities.add(
            (ref, "false", account, name, stage, amount, currency.upper(), 100 if is_won else 0, iso(closes), kind,
             source, "true" if decided else "false", "true" if is_won else "false", OWNER,
             iso(created) + "T09:00:00.000Z", stamp, stamp, stamp, reason, iso(contract_ends) if contract_ends else "")
        )  # fmt: skip

    def case(
        self, ref: str, number: int, account: str, contact: str, email: str, category: str, origin: str, subject: str,
        words: str, opened: int, closed: int | None,
    ) -> None:  # fmt: skip
        stamp = iso(closed or opened) + "T14:45:00.000Z"
        self.cases.add(
            (ref, "false", f"{number:08d}", contact, account, "", email, "Problem", "Closed" if closed else "Working",
             category, origin, subject, "Medium", words, "true" if closed else "false", stamp if closed else "", OWNER,
             iso(opened) + "T08:10:00.000Z", stamp, stamp)
        )  # fmt: skip
