"""Records that an export lacks: deleted at the source, left out of the export, or never sent."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import Asked
from tests.company import build
from tests.test_who_counts import write

JANUARY, FEBRUARY = datetime(2025, 1, 31), datetime(2025, 2, 28)
SALESFORCE = "Id,Name,BillingCountry,CreatedDate,IsDeleted,MasterRecordId,SystemModstamp\n"
ZENDESK_TICKET = "id,status,requester_id,organization_id,tags,merged_ticket_ids,created_at\n"
ROOMS = ["governance", "restricted"]
EXPORTS = {
    # dee's second record is refused and names her all the same; a record without a reference is nobody's
    "plain/shop/customers_2025-01-31.csv": """customer_ref,name,created_at,parent_ref
ana,Ana,2025-01-01,
ben,Ben,2025-01-01,
cleo,Cleo,2025-01-01,
dee,Dee,2025-01-01,
eve@home.example,Eve,2025-01-01,
,Nobody,2025-01-01,
""",
    "plain/shop/customers_2025-02-28.csv": """customer_ref,name,created_at,parent_ref
ana,Ana,2025-01-01,ben
dee,Dee,soon,
""",
    "plain/desk/customers_2025-01-31.csv": "customer_ref,name,created_at\ndora,Dora,2025-01-01\n",
    "plain/shop/subscriptions_2025-02-28.csv": """subscription_ref,customer_ref,starts_on,amount,currency,interval
s1,ana,2025-01-01,10.00,EUR,month
s2,ben,2025-01-01,10.00,EUR,month
s3,ghost,2025-01-01,10.00,EUR,month
""",
    "plain/shop/purchases_2025-02-28.csv": """purchase_ref,customer_ref,purchased_on,amount,currency
p1,ghost,2025-02-01,10.00,EUR
p2,ghost,2025-02-01,10.00,EUR
""",
    "plain/shop/tickets_2025-01-31.csv": "ticket_ref,email,opened_at\nt1,who@home.example,2025-01-02\nt2,,2025-01-02\n",
    "plain/shop/tickets_2025-02-28.csv": "ticket_ref,email,opened_at\nt2,,2025-01-02\n",
    # accounts in both forms of their ids, of one extract too; one that was deleted and is back; marks of January on what
    # February lacks
    "salesforce/accounts_2025-01-31.csv": SALESFORCE
    + """001kept00000000,Kept,CL,2025-01-01T00:00:00Z,false,,
001gone00000000,Gone,CL,2025-01-01T00:00:00Z,false,,
001purged000000,Purged,CL,2025-01-01T00:00:00Z,true,,
001back00000000,Back,CL,2025-01-01T00:00:00Z,true,,
001merged000000,Merged,CL,2025-01-01T00:00:00Z,,001kept00000000,
""",
    "salesforce/accounts_2025-02-28.csv": SALESFORCE
    + """001kept00000000AAA,Kept,CL,2025-01-01T00:00:00Z,false,,
001back00000000,Back,CL,2025-01-01T00:00:00Z,false,,
001twin00000000AAA,Twin,CL,2025-01-01T00:00:00Z,false,,2025-02-02T00:00:00Z
001twin00000000,Twin before,CL,2025-01-01T00:00:00Z,true,,2025-02-01T00:00:00Z
001marked000000,Marked,CL,2025-01-01T00:00:00Z,true,,
""",
    # contacts are not said to be complete
    "salesforce/contacts_2025-01-31.csv": """Id,AccountId,LastName,Email,CreatedDate
003early0000000,001never0000000,Early,,2025-01-01T00:00:00Z
""",
    "salesforce/contacts_2025-02-28.csv": """Id,AccountId,LastName,Email,CreatedDate
003later0000000,001never0000000AAA,Later,,2025-01-01T00:00:00Z
""",
    "salesforce/cases_2025-02-28.csv": """Id,IsDeleted,Status,Origin,CreatedDate
500open00000000,false,New,Web,2025-02-01T00:00:00Z
500spam00000000,true,New,Web,2025-02-01T00:00:00Z
""",
    "hubspot/companies_2025-01-31.csv": "Record ID,Company name,Create Date\n101,Acme,2025-01-01 09:00\n102,Acme twice,2025-01-01 09:00\n",
    "hubspot/companies_2025-02-28.csv": """Record ID,Company name,Create Date,Merged object IDs,archived
101,Acme,2025-01-01 09:00,102;103,
104,Old,2025-01-01 09:00,,true
""",
    "hubspot/contacts_2025-02-28.csv": """Record ID,First Name,Last Name,Email,Create Date,Associated Company IDs
201,Ann,Ash,,2025-01-01 09:00,105
""",
    "hubspot/deals_2025-02-28.csv": """id,dealstage,amount,closedate,createdate,currency,Associated Company IDs,Merged object IDs
301,closedwon,1200,2025-02-01T12:00:00Z,2025-02-01T09:00:00Z,EUR,102,302
""",
    "stripe/customers_2025-01-31.csv": """id,email,created,livemode,deleted
cus_both,,2025-01-01T10:00:00Z,true,false
cus_deleted,,2025-01-01T10:00:00Z,true,true
""",
    "stripe/dashboard_2025-01-31.csv": """id,Customer Email,Created (UTC)
cus_both,,2025-01-01 10:00
cus_dashboard,,2025-01-01 10:00
""",
    "stripe/dashboard_2025-02-28.csv": "id,Customer Email,Created (UTC)\ncus_new,,2025-01-01 10:00\n",
    # one names a customer that never came, the other names nobody and stands for whoever it is
    "stripe/invoices_2025-02-28.csv": """id,customer_id,subscription_id,status,created,currency,subtotal,tax,total,livemode
in_1,cus_never,,paid,2025-02-01T10:00:00Z,eur,1000,0,1000,true
in_2,,,paid,2025-02-01T10:00:00Z,eur,1000,0,1000,true
""",
    # an id of another system says nothing of what that system sent
    "chargebee/customers_2025-02-28.csv": """id,email,created_at,updated_at,deleted,cf_salesforce_id
c1,,2025-01-01T10:00:00Z,2025-01-01T10:00:00Z,true,001elsewhere000
c2,,2025-01-01T10:00:00Z,2025-01-01T10:00:00Z,false,
""",
    "zendesk/users_2025-01-31.csv": """id,name,email,role,organization_id,active,created_at
501,Ann,,end-user,36,true,2025-01-01T10:00:00Z
601,Agent,,agent,,true,2025-01-01T10:00:00Z
""",
    "zendesk/users_2025-02-28.csv": """id,name,email,role,organization_id,active,created_at
501,Ann,,end-user,36,true,2025-01-01T10:00:00Z
502,Deleted,,end-user,,false,2025-01-01T10:00:00Z
""",
    "zendesk/organizations_2025-02-28.csv": """id,name,external_id,created_at,deleted_at
35,Acme,,2025-01-01T10:00:00Z,2025-02-01T10:00:00Z
""",
    # 5 was merged by the word of 4, 6 by its own tag, 8 is spam, 10 is refused; 7 was asked for by an agent who has left,
    # 9 by a stranger
    "zendesk/tickets_2025-02-28.csv": ZENDESK_TICKET
    + """4,open,501,,,[5],2025-02-01T10:00:00Z
5,closed,501,,,,2025-02-01T10:00:00Z
6,closed,501,,closed_by_merge,,2025-02-01T10:00:00Z
7,open,601,,,,2025-02-01T10:00:00Z
8,Deleted,501,,,,2025-02-01T10:00:00Z
9,open,900,,,,2025-02-01T10:00:00Z
10,open,501,,,,soon
""",
    "qualtrics/contacts_2025-02-28.csv": "contactId,firstName,lastName,email,extRef\nCID_1,Ann,Ash,,\n",
    # a person whom the list has no more still speaks in an answer
    "delighted/people-2025-01-31.csv": """id,name,email,created_at,last_sent_at
1,Ann,ann@acme.example,1735689600,
2,Bo,bo@acme.example,1735689600,
""",
    "delighted/people-2025-02-28.csv": "id,name,email,created_at,last_sent_at\n2,Bo,bo@acme.example,1735689600,\n",
    "delighted/NPS-2025-02-28.csv": "id,person_id,person_email,score,created_at\n11,1,ann@acme.example,9,1738368000\n",
}  # fmt: skip
COMPLETE = (
    ("plain", "customers"), ("plain", "tickets"), ("salesforce", "accounts"), ("stripe", "dashboard_customers"),
    ("zendesk", "users"), ("delighted", "people"),
)  # fmt: skip
MISSING = {
    ("plain/shop", "customers", "ben", "left_out", JANUARY, 2),
    ("plain/shop", "customers", "cleo", "left_out", JANUARY, 0),
    ("plain/shop", "customers", "eve@home.example", "left_out", JANUARY, 0),
    ("plain/shop", "customers", "ghost", "never_sent", None, 3),
    ("plain/shop", "tickets", "t1", "left_out", JANUARY, 0),
    ("salesforce", "accounts", "001gone00000000AAA", "left_out", JANUARY, 0),
    ("salesforce", "accounts", "001purged000000AAA", "deleted", JANUARY, 0),
    ("salesforce", "accounts", "001merged000000AAA", "deleted", JANUARY, 0),
    ("salesforce", "accounts", "001marked000000AAA", "deleted", FEBRUARY, 0),
    ("salesforce", "accounts", "001never0000000AAA", "never_sent", None, 2),
    ("salesforce", "cases", "500spam00000000AAA", "deleted", FEBRUARY, 0),
    ("hubspot", "companies", "102", "deleted", JANUARY, 0),
    ("hubspot", "companies", "103", "deleted", None, 0),
    ("hubspot", "companies", "104", "deleted", FEBRUARY, 0),
    ("hubspot", "companies", "105", "never_sent", None, 1),
    ("stripe", "customers", "cus_deleted", "deleted", JANUARY, 0),
    ("stripe", "customers", "cus_never", "never_sent", None, 1),
    ("stripe", "dashboard_customers", "cus_dashboard", "left_out", JANUARY, 0),
    ("chargebee", "customers", "c1", "deleted", FEBRUARY, 0),
    ("zendesk", "organizations", "35", "deleted", FEBRUARY, 0),
    ("zendesk", "organizations", "36", "never_sent", None, 1),
    ("zendesk", "users", "502", "deleted", FEBRUARY, 0),
    ("zendesk", "users", "601", "left_out", JANUARY, 1),
    ("zendesk", "users", "900", "never_sent", None, 1),
    ("zendesk", "tickets", "5", "deleted", FEBRUARY, 0),
    ("zendesk", "tickets", "6", "deleted", FEBRUARY, 0),
    ("zendesk", "tickets", "8", "deleted", FEBRUARY, 0),
    ("delighted", "people", "1", "left_out", JANUARY, 1),
}


def policy(objects: tuple[tuple[str, str], ...]) -> dict[str, str]:
    rows = "".join(f"{vendor},{name},true\n" for vendor, name in objects)
    return {
        "batch_policy.csv": f"vendor,object,is_complete,minimum_row_share\n{rows}".replace(
            "true\n", "true,0\n"
        )
    }


def missing(warehouse: duckdb.DuckDBPyConnection) -> set[tuple]:
    found = warehouse.execute("""
        select case when vendor = system then vendor else vendor || '/' || system end, object,
            coalesce(reference, source_ref), state, last_seen_at, named_by
        from governance.missing_records
        left join restricted.hashed_reference on source_ref = hashed_reference
    """).fetchall()
    assert len(set(found)) == len(found)
    return set(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("missing")
    write(folder / "exports", EXPORTS)
    write(folder / "reference", policy(COMPLETE))
    return folder


@pytest.fixture(scope="module")
def warehouse(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with build(folder / "exports", folder / "reference", folder / "home", rooms=ROOMS) as warehouse:
        yield warehouse


def test_what_is_missing_is_told_apart(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert (
        warehouse.execute("select file, reason from governance.batches where status <> 'accepted'").fetchall()
        == []
    )
    found = missing(warehouse)
    assert found - MISSING == set() and MISSING - found == set()


def test_before_the_newest_extract_it_is_known_of_none_that_it_left_them_out(folder: Path) -> None:
    asked = Asked(known_on=date(2025, 2, 15))
    with build(folder / "exports", folder / "reference", folder / "earlier", asked, rooms=ROOMS) as warehouse:
        assert {(row[2], row[3]) for row in missing(warehouse)} == {
            ("cus_deleted", "deleted"), ("001purged000000AAA", "deleted"), ("001back00000000AAA", "deleted"),
            ("001merged000000AAA", "deleted"), ("001never0000000AAA", "never_sent"), ("36", "never_sent"),
        }  # fmt: skip


def random_system(chance: random.Random) -> tuple[dict[str, str], set[tuple]]:
    """The files of an in-house system whose customer lists hold every customer, and what is missing from the last one, found
    record by record: (object, reference, state, last seen, named by)."""
    customers = [f"c{n}" for n in range(8)]
    days = sorted(chance.sample(range(1, 29), chance.randint(1, 4)))
    lists = {
        day: {
            reference: {
                "customer_ref": reference,
                "name": reference,
                "created_at": chance.choice(["2025-01-01"] * 4 + ["soon"]),
                "parent_ref": chance.choice([""] * 6 + customers),
            }
            for reference in chance.sample(customers[:6], chance.randint(1, 6))
        }
        for day in days
    }
    buyers = [chance.choice(customers) for _ in range(chance.randint(0, 5))]
    files = {f"customers_2025-03-{day:02}.csv": list(rows.values()) for day, rows in lists.items()}
    files["purchases_2025-03-31.csv"] = [
        {
            "purchase_ref": str(n),
            "customer_ref": buyer,
            "purchased_on": "2025-02-01",
            "amount": "1",
            "currency": "EUR",
        }
        for n, buyer in enumerate(buyers)
    ]
    named, found = Counter(buyers), set()
    for reference in lists[
        days[-1]
    ]:  # what the last list names is there, by its last good record if it has one
        good = [
            lists[day][reference]
            for day in days
            if lists[day].get(reference, {}).get("created_at") == "2025-01-01"
        ]
        if good and good[-1]["parent_ref"] not in ("", reference):
            named[good[-1]["parent_ref"]] += 1
    for reference in customers:
        held = [day for day in days if reference in lists[day]]
        if held and held[-1] < days[-1]:
            found.add(("customers", reference, "left_out", datetime(2025, 3, held[-1]), named[reference]))
        elif not held and named[reference]:
            found.add(("customers", reference, "never_sent", None, named[reference]))
    return {name: in_csv(rows) for name, rows in files.items() if rows}, found


def in_csv(rows: list[dict[str, str]]) -> str:
    return "".join(f"{','.join(line)}\n" for line in (rows[0], *(row.values() for row in rows)))


def test_of_random_lists_what_is_missing_is_what_a_count_by_hand_finds(tmp_path: Path) -> None:
    chance = random.Random(7)
    expected = set()
    for number in range(60):
        files, found = random_system(chance)
        write(tmp_path / "exports", {f"plain/s{number}/{name}": text for name, text in files.items()})
        expected |= {(f"plain/s{number}", *row) for row in found}
    assert {state for _, _, _, state, _, _ in expected} == {"left_out", "never_sent"}
    write(tmp_path / "reference", policy((("plain", "customers"),)))
    with build(tmp_path / "exports", tmp_path / "reference", tmp_path / "home", rooms=ROOMS) as warehouse:
        found = missing(warehouse)
    assert found - expected == set() and expected - found == set()
