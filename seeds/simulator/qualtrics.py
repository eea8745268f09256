"""Qualtrics: one relationship survey, exported twice: as choice text, then as numbers with BOM and CRLF."""

from pathlib import Path

from simulator.days import iso
from simulator.files import Table

COMMON = (
    "StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,"
    "RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference,LocationLatitude,LocationLongitude,"
    "DistributionChannel,UserLanguage"
)
LABELS = (
    "Start Date,End Date,Response Type,IP Address,Progress,Duration (in seconds),Finished,Recorded Date,Response ID,"
    "Recipient Last Name,Recipient First Name,Recipient Email,External Data Reference,Location Latitude,"
    "Location Longitude,Distribution Channel,User Language"
)
IMPORT_IDS = (
    "startDate,endDate,status,ipAddress,progress,duration,finished,recordedDate,_recordId,recipientLastName,"
    "recipientFirstName,recipientEmail,externalDataReference,locationLatitude,locationLongitude,distributionChannel,"
    "userLanguage"
)
QUESTION = "How likely are you to recommend us,\nto a friend or colleague?"
ZONE = "America/Denver"

VERBATIMS = {
    "EN": (
        "Setup took a day, not a month. Thank you!",
        'Support says "soon", every time.\nWe are still waiting.',
        "Fine, but the price went up again, twice, this year",
        "Reports are slow; exports work.",
    ),
    "DE": (
        "Läuft zuverlässig, die Rechnung war aber zweimal falsch.",
        "Zu teuer für das, was wir nutzen.\nSchade.",
    ),
    "FR": ("Très bien, à part l’écran d’accueil ; merci !", "Délai trop long… 3 semaines d’attente"),
    "JA": ("サポートの返事が早くて助かります。", "料金が高いです。\n見直しをお願いします。"),
}


class QualtricsFiles:
    """Responses up to `split` in the first file, later ones in the second."""

    def __init__(self, folder: Path, first: int, second: int):
        self.split = first
        labels = [*LABELS.split(","), QUESTION, f"{QUESTION} - Group", "Why?"]
        questions = ["QID1", "QID1_NPS_GROUP", "QID2_TEXT"]
        import_ids = [import_id(name) for name in [*IMPORT_IDS.split(","), *questions]]
        self.first = Table(
            folder / f"Relationship NPS_{iso(first)}.csv",
            [*COMMON.split(","), "Q1", "Q1_NPS_GROUP", "Q2"],
            labels,
            import_ids,
        )
        self.second = Table(
            folder / f"Relationship NPS_{iso(second)}.csv",
            [*COMMON.split(","), "NPS", "NPS_NPS_GROUP", "Q2_TEXT"],
            labels,
            import_ids,
            bom=True,
            newline="\r\n",
        )

    def files(self) -> list[Table]:
        return [self.first, self.second]

    def response(
        self, ref: str, day: int, hour: int, score: int | str, words: str, language: str,
        who: tuple[str, str, str] = ("", "", ""), reference: str = "", progress: int = 100, is_preview: bool = False,
    ) -> tuple[Table, int]:  # fmt: skip
        """One response at an hour of the survey's own time zone. Returns where it was written."""
        start, end = f"{iso(day)} {hour:02d}:02:11", f"{iso(day)} {hour:02d}:07:40"
        first, last, email = who
        group = ""
        if isinstance(score, int):
            group = "Promoter" if score > 8 else "Passive" if score > 6 else "Detractor"
        is_first = day < self.split
        if is_first:
            status, finished = (
                "Survey Preview" if is_preview else "IP Address",
                "True" if progress == 100 else "False",
            )
        else:
            status, finished = "1" if is_preview else "0", "1" if progress == 100 else "0"
            group = {"Promoter": "3", "Passive": "2", "Detractor": "1", "": ""}[group]
        table = self.first if is_first else self.second
        row = (
            start, end, status, f"192.0.2.{day % 250}", progress, 329, finished, end, ref, last, first, email, reference,
            "", "", "preview" if is_preview else "email", language, score, group, words,
        )  # fmt: skip
        return table, table.add(row)


def import_id(name: str) -> str:
    if name.endswith("Date"):
        return f'{{"ImportId":"{name}","timeZone":"{ZONE}"}}'
    return f'{{"ImportId":"{name}"}}'
