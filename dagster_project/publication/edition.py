"""What a publication is: the inputs it was made from, the day it is stated for, and the name that follows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Edition:
    """What one publication states, as plain values.

    `as_of_on` is null where no export says anything yet. `known_on` is set where only batches extracted
    by that day were used. `view` names a look back, which is kept beside the others and never becomes
    `current`; null where it is none. `published_at` (UTC) goes into the manifest and the log only, never into a table.
    """

    as_of_on: date | None
    fingerprint: str
    project_version: str
    published_at: datetime
    known_on: date | None = None
    view: str | None = None

    @property
    def publication_id(self) -> str:
        """The name follows from the data: the as-of day and the beginning of the inputs' fingerprint."""
        return f"{self.as_of_on or 'undated'}-{self.fingerprint[:10]}"


def view_name(as_of_on: date | None, known_on: date | None) -> str:
    """The name of a look back's link: it follows from the days asked for, so that it is known before anything is built."""
    days = [str(as_of_on)] if as_of_on else []
    return "-".join([*days, f"known-{known_on}"] if known_on else days)


def fingerprint(
    batches: Mapping[str, str],
    reference: Mapping[str, bytes],
    settings: Mapping[str, str],
    project_version: str,
) -> str:
    """One hash (SHA-256, hex) over all that the numbers follow from: same fingerprint, nothing new to
    publish.

    `batches`: the status of each batch id, after the decisions on held ones. `reference`: the bytes of
    each file of the reference folder, decisions included. `settings`: what else was asked for, such as a
    day or an engine.
    """
    inputs = {
        "batches": dict(batches),
        "reference": {name: hashlib.sha256(content).hexdigest() for name, content in reference.items()},
        "settings": dict(settings),
        "project_version": project_version,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
