"""Zendesk: the full JSON export of tickets, a ticket a line with its people and measures inside, users and organisations."""

from pathlib import Path

from simulator.days import iso
from simulator.files import JsonFile

AGENT, ADMIN = 9_500_000_001, 9_500_000_002
SUBJECTS = ("Invoice of last month", "It is slow", "How do I export?", "Cannot log in", 'Error "42"')
CHANNELS = ("email", "web", "chat", "phone")
MERGED = "closed_by_merge"


class ZendeskFiles:
    def __init__(self, folder: Path, first: int, extracted: int):
        on = iso(extracted)
        self.tickets = JsonFile(folder / f"tickets_{on}.json.gz")
        self.users = JsonFile(folder / f"users_{on}.json")
        self.organizations = JsonFile(folder / f"organizations_{on}.json")
        self.user(AGENT, "Support", "support@desk-of-ours.example", None, first - 300, role="agent")
        self.user(ADMIN, "Support lead", "lead@desk-of-ours.example", None, first - 300, role="admin")

    def files(self) -> list[JsonFile]:
        return [self.tickets, self.users, self.organizations]

    def organization(self, id: int, name: str, domains: list[str], external_id: str, day: int) -> None:
        self.organizations.add(
            {"id": id, "name": name, "external_id": external_id or None, "domain_names": domains, "details": "",
             "notes": "", "group_id": None, "shared_tickets": False, "shared_comments": False, "tags": [],
             "organization_fields": {}, "created_at": moment(day, 8), "updated_at": moment(day, 8)}
        )  # fmt: skip

    def user(
        self, id: int, name: str, mail: str, organization: int | None, day: int, role: str = "end-user",
        is_suspended: bool = False,
    ) -> None:  # fmt: skip
        self.users.add(
            {"id": id, "name": name, "email": mail, "role": role, "organization_id": organization, "external_id": None,
             "phone": None, "active": True, "suspended": is_suspended, "verified": True, "tags": [], "user_fields": {},
             "created_at": moment(day, 8), "updated_at": moment(day, 8)}
        )  # fmt: skip

    def ticket(
        self, id: int | None, status: str, who: tuple[int, str, str], organization: tuple[int, str] | None, opened: int,
        solved: int | None, updated: int, kind: int, tags: tuple[str, ...] = (), merged: tuple[int, ...] = (),
        role: str = "end-user",
    ) -> int:  # fmt: skip
        """`who` asked: id, name and address. `kind` is any number, from which subject, channel and measures follow."""
        subject = SUBJECTS[kind % len(SUBJECTS)]
        requester, name, mail = who
        minutes = kind * 37 % 2_000
        return self.tickets.add(
            {"id": id, "external_id": None, "via": {"channel": CHANNELS[kind % len(CHANNELS)]},
             "created_at": moment(opened, 9), "updated_at": moment(updated, 17), "type": "question", "subject": subject,
             "description": f"{subject}\nPlease help.", "priority": "normal", "status": status,
             "requester": {"id": requester, "name": name, "email": mail, "role": role},
             "assignee": {"id": AGENT, "name": "Support"},
             "organization": organization and {"id": organization[0], "name": organization[1]}, "tags": [*tags],
             "merged_ticket_ids": [*merged], "satisfaction_rating": None,
             "metric_set": {"ticket_id": id, "reopens": kind % 7 // 6, "solved_at": moment(solved, 16) if solved else None,
                            "reply_time_in_minutes": {"calendar": minutes, "business": minutes // 3}}}
        )  # fmt: skip


def moment(day: int, hour: int) -> str:
    return f"{iso(day)}T{hour:02d}:{day % 60:02d}:00Z"
