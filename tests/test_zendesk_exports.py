"""Zendesk's own file layouts: which object each is taken for, what of it lands where, and what the company learns from it."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.company import build
from tests.landing_helpers import Company
from tests.test_who_counts import customer, write

# The full JSON export: a ticket a line, its people, organisation and measures within it.
FULL_EXPORT = {
    "url": "https://x.zendesk.example/api/v2/tickets/1.json", "id": 1, "external_id": None,
    "via": {"channel": "email", "source": {"from": {"address": "ann@acme.example"}, "to": {}, "rel": None}},
    "created_at": "2025-01-30T09:00:00Z", "updated_at": "2025-02-10T10:00:00Z", "type": "problem",
    "subject": "It is slow", "raw_subject": "It is slow", "description": "Since Monday,\nit is slow.",
    "priority": "high", "status": "solved", "recipient": "help@desk.example",
    "requester": {"id": 501, "name": "Ann Ash", "email": "ann@acme.example", "role": "end-user"},
    "assignee": {"id": 601, "name": "Agent", "email": "agent@desk.example"},
    "organization": {"id": 35, "name": "Acme"}, "group": {"id": 7, "name": "Support"},
    "tags": ["vip"], "custom_fields": [{"id": 360, "value": "billing"}], "satisfaction_rating": {"score": "good"},
    "metric_set": {
        "id": 9001, "ticket_id": 1, "reopens": 2, "replies": 3, "solved_at": "2025-02-01T10:00:00Z",
        "reply_time_in_minutes": {"calendar": 90, "business": 30},
    },
    "comments": [{"id": 1, "body": "Since Monday"}],
}  # fmt: skip
# The interface's own tickets, as incremental exports write them line by line.
INCREMENTAL = {
    "id": 1, "status": "open", "requester_id": 501, "organization_id": 35, "via": {"channel": "web", "source": {}},
    "type": None, "tags": [], "merged_ticket_ids": [2, 3], "created_at": "2025-01-30T09:00:00Z",
    "updated_at": "2025-01-30T09:00:00Z", "satisfaction_rating": None, "custom_fields": [],
}  # fmt: skip
# What a customer writes to a ticket that is closed: it has the closed one's tags.
FOLLOW_UP = INCREMENTAL | {
    "id": 6, "tags": ["closed_by_merge", "vip"], "merged_ticket_ids": [],
    "via": {"channel": "email", "source": {"rel": "follow_up", "from": {"ticket_id": 2, "subject": "It is slow"}}},
}  # fmt: skip
METRICS = {
    "id": 9001, "ticket_id": 1, "created_at": "2025-01-30T09:00:00Z", "updated_at": "2025-02-01T10:00:00Z", "reopens": 2,
    "replies": 3, "solved_at": "2025-02-01T10:00:00Z", "reply_time_in_minutes": {"calendar": 90, "business": 30},
}  # fmt: skip
USER = {
    "id": 501, "name": "Ann Ash", "email": "ann@acme.example", "role": "end-user", "organization_id": 35,
    "external_id": None, "active": True, "suspended": False, "phone": None, "tags": [], "user_fields": {"plan": "gold"},
    "created_at": "2024-03-01T02:30:00Z", "updated_at": "2024-03-01T02:30:00Z",
}  # fmt: skip
ORGANIZATION = {
    "id": 35, "name": "Acme", "external_id": None, "domain_names": ["acme.example", "acme.test"], "details": "", "notes": "",
    "group_id": None, "shared_tickets": False, "shared_comments": False, "tags": [], "organization_fields": {},
    "created_at": "2024-01-02T12:00:00Z", "updated_at": "2024-01-02T12:00:00Z",
}  # fmt: skip
CSV_EXPORT = (
    "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,Submitter,Assignee,"
    "Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,Due date,"
    "Initially assigned at,Solved at,Resolution time,Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,"
    "First reply time in minutes,First reply time in minutes within business hours\n"
    "1,1,Ann Ash,501,,ann@acme.example,acme.example,Ann Ash,Agent,Support,It is slow,vip slow,Closed,High,Mail,Problem,"
    '2025-01-30 09:00,2025-02-10 10:00,2025-01-30 09:05,"Acme, Inc.",,2025-01-30 09:05,2025-02-01 10:00,49,Good,1,1,2,3,90,30\n'
)
# Seeds of a warehouse connector.
CONNECTOR = {
    "ticket_data.csv": "id,_fivetran_synced,assignee_id,created_at,external_id,group_id,organization_id,priority,requester_id,"
    "status,subject,type,updated_at,via_channel,via_source_rel,merged_ticket_ids,followup_ids\n"
    "1,2025-02-20 02:32:49.426,,2025-01-30 09:00:00,,7,35,,501,closed,It is slow,problem,2025-02-10 10:00:00,email,follow_up,[2],[]\n",
    "user_data.csv": "id,_fivetran_synced,active,created_at,email,external_id,name,organization_id,phone,role,suspended,updated_at\n"
    "501,2025-02-20 02:32:49.426,TRUE,2024-03-01 02:30:00,ann@acme.example,,Ann Ash,35,,end-user,FALSE,2024-03-01 02:30:00\n",
    "organization_data.csv": "id,_fivetran_synced,created_at,details,external_id,group_id,name,notes,shared_comments,"
    "shared_tickets,updated_at,url\n35,2025-02-20 02:32:49.426,2024-01-02 12:00:00,,,,Acme,,FALSE,FALSE,2024-01-02 12:00:00,\n",
    "domain_name_data.csv": "index,organization_id,_fivetran_synced,domain_name\n0,35,2025-02-20 02:32:49.426,acme.example\n",
}
TICKET = "id, status, requester_id, requester_email, organization_id, via_channel, type, reopens, solved_at"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def landed(company: Company, name: str, content: str | dict, table: str, columns: str) -> list[tuple]:
    text = content if isinstance(content, str) else json.dumps(content) + "\n"
    outcome = company.land_one(f"zendesk/{name}", text)
    assert (outcome.status, outcome.object) == ("accepted", table), outcome.reason
    return company.rows("zendesk", table, columns)


def test_a_ticket_of_the_full_export(company):
    ticket = ("1", "solved", "501", "ann@acme.example", "35", "email", "problem", "2", "2025-02-01T10:00:00Z")
    columns = f"{TICKET}, requester_role, tags, reply_time"
    assert landed(company, "tickets.json", FULL_EXPORT, "tickets", columns) == [
        (*ticket, "end-user", '["vip"]', '{"calendar":90,"business":30}')
    ]


def test_a_ticket_of_an_incremental_export(company):
    ticket = ("1", "open", "501", None, "35", "web", None, None, None)
    assert landed(company, "t.jsonl", INCREMENTAL, "tickets", f"{TICKET}, merged_ticket_ids") == [
        (*ticket, "[2,3]")
    ]


def test_a_follow_up_says_from_which_ticket_it_goes_on(company):
    ((source,),) = landed(company, "t.jsonl", FOLLOW_UP, "tickets", "via_source")
    assert json.loads(source) == FOLLOW_UP["via"]["source"]


def test_a_ticket_of_the_csv_export(company):
    ticket = ("1", "Closed", "501", "ann@acme.example", None, "Mail", "Problem", "2", "2025-02-01 10:00")
    assert landed(company, "export.csv", CSV_EXPORT, "tickets", f"{TICKET}, tags, reply_minutes") == [
        (*ticket, "vip slow", "90")
    ]


def test_measures_of_the_interface(company):
    columns = "ticket_id, reopens, solved_at, reply_minutes"
    assert landed(company, "m.jsonl", METRICS, "ticket_metrics", columns) == [
        ("1", "2", "2025-02-01T10:00:00Z", "90")
    ]


def test_a_user_and_an_organisation_of_the_interface(company):
    assert landed(company, "u.jsonl", USER, "users", "id, email, role, organization_id, active") == [
        ("501", "ann@acme.example", "end-user", "35", "true")
    ]
    assert landed(company, "o.jsonl", ORGANIZATION, "organizations", "id, name, domain_names") == [
        ("35", "Acme", '["acme.example","acme.test"]')
    ]


@pytest.mark.parametrize(
    ("file", "table", "columns", "expected"),
    [
        ("ticket_data.csv", "tickets", f"{TICKET}, merged_ticket_ids, via_source_rel",
         ("1", "closed", "501", None, "35", "email", "problem", None, None, "[2]", "follow_up")),
        ("user_data.csv", "users", "id, email, role, organization_id, active", ("501", "ann@acme.example", "end-user", "35", "TRUE")),
        ("organization_data.csv", "organizations", "id, name, domain_names", ("35", "Acme", None)),
        ("domain_name_data.csv", "organization_domains", "organization_id, domain_name, place", ("35", "acme.example", "0")),
    ],
)  # fmt: skip
def test_what_a_connector_writes(company, file, table, columns, expected):
    assert landed(company, file, CONNECTOR[file], table, columns) == [expected]


@pytest.mark.parametrize(
    ("content", "lacks"),
    [
        ("id,name,created_at,updated_at,url,deleted\n7,Support,2024-01-01 00:00:00,2024-01-01 00:00:00,,FALSE\n", "external_id"),
        ("id,name,email,created_at\n601,Agent,agent@desk.example,2024-01-01 00:00:00\n", "role"),
    ],
    ids=["groups are no organisations", "users without a role may be agents"],
)  # fmt: skip
def test_what_would_make_customers_of_others_is_refused(company, content, lacks):
    outcome = company.land_one("zendesk/others.csv", content)
    assert outcome.status == "refused" and lacks in outcome.reason


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Acme is billed by an in-house system under its second domain; Ann wrote from the first, an agent opened a ticket."""
    folder = tmp_path_factory.mktemp("zendesk")
    tickets = [
        INCREMENTAL | {"id": 2, "status": "closed", "tags": ["closed_by_merge"], "merged_ticket_ids": []},
        INCREMENTAL | {"id": 4, "status": "deleted", "merged_ticket_ids": []},
        INCREMENTAL | {"id": 5, "requester_id": 601, "merged_ticket_ids": []},
        FOLLOW_UP,
    ]
    users = [USER, USER | {"id": 601, "role": "agent", "email": "agent@acme.test", "organization_id": None}]
    files = {
        "zendesk/tickets_2025-02-27.json": json.dumps(FULL_EXPORT),
        "zendesk/tickets_2025-02-28.json": "\n".join(map(json.dumps, tickets)),
        "zendesk/users_2025-02-28.json": "\n".join(map(json.dumps, users)),
        "zendesk/organizations_2025-02-28.json": json.dumps(ORGANIZATION),
        "plain/customers_2025-02-28.csv": "customer_ref,name,domain\nc1,Acme Inc,acme.test\n",
        "plain/subscriptions_2025-02-28.csv": "subscription_ref,customer_ref,starts_on,amount,currency,interval\n"
        "s1,c1,2025-01-01,10.00,EUR,month\n",
    }
    write(folder / "exports", files)
    with build(folder / "exports", folder / "reference", folder / "home") as warehouse:
        yield warehouse


def test_a_ticket_is_tied_to_whom_is_billed_under_another_domain(warehouse):
    billed = customer(warehouse, "plain", "plain", "c1")
    assert customer(warehouse, "zendesk", "zendesk", "501") == billed
    assert customer(warehouse, "zendesk", "zendesk", "35") == billed


def test_each_ticket_counts_once_and_an_agents_is_tied_to_nobody(warehouse):
    tickets = warehouse.execute("select source_ref, party_object, party_ref from waist.ticket order by all")
    assert tickets.fetchall() == [
        ("1", "organizations", "35"),
        ("5", None, None),
        ("6", "organizations", "35"),
    ]
    covered = (
        "select resolved, total from governance.coverage where source = 'zendesk' and measure = 'tickets'"
    )
    assert warehouse.execute(covered).fetchall() == [(2, 3)]
    agents = warehouse.execute("select count(*) from core.identity_map where source_ref = '601'").fetchall()
    assert agents == [(0,)]


def test_a_further_domain_is_in_clear_only_where_it_may_be(warehouse):
    ((reference,),) = warehouse.execute(
        "select source_ref from core.identity_map where object = 'organization_domains'"
    ).fetchall()
    clear = "select reference from restricted.hashed_reference where hashed_reference = ?"
    assert warehouse.execute(clear, [reference]).fetchall() == [("35@acme.test",)]
