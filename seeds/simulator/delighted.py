"""Delighted: a project of one survey, as its interface lists responses, people and unsubscribes."""

from pathlib import Path

from simulator.days import epoch, iso
from simulator.files import JsonFile

ANSWERS = ("Solved in an hour.", "Had to ask twice.", "", "Danke, alles gut.", None)


class DelightedFiles:
    def __init__(self, folder: Path, extracted: int, project: str = "After support", ending: str = ".json"):
        self.responses, self.people, self.unsubscribes = (
            JsonFile(folder / f"{name}-{iso(extracted)}{ending}", is_list=True)
            for name in (project, f"{project} people", f"{project} unsubscribes")
        )

    def files(self) -> list[JsonFile]:
        return [self.responses, self.people, self.unsubscribes]

    def person(
        self, id: int, name: str, mail: str, day: int, answered: int | None, sent: int | None = None
    ) -> None:
        """Somebody who was asked on a day, and maybe once more on a later one."""
        self.people.add(
            {"id": str(id), "name": name, "email": mail, "phone_number": None, "created_at": epoch(day, 32_400),
             "last_sent_at": epoch(sent or day, 36_000), "last_responded_at": epoch(answered, 39_600) if answered else None,
             "next_survey_scheduled_at": None}
        )  # fmt: skip

    def response(
        self, id: int, person: int, kind: str, score: int | str, comment: str | None, day: int
    ) -> int:
        at = epoch(day, 39_600)
        return self.responses.add(
            {"id": str(id), "person": str(person), "survey_type": kind, "score": score, "comment": comment,
             "permalink": f"https://app.delighted.example/r/{id}", "created_at": at, "updated_at": at,
             "person_properties": {"Delighted Source": "API"}, "notes": [], "tags": ["support"], "additional_answers": []}
        )  # fmt: skip

    def unsubscribe(self, person: int, name: str, mail: str, day: int) -> None:
        self.unsubscribes.add(
            {"person_id": str(person), "email": mail, "name": name, "unsubscribed_at": epoch(day, 43_200)}
        )
