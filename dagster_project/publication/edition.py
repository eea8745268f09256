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
    by that day were used. `is_view`: it is kept beside the others, for a look back, and never becomes
    `current`. `published_at` (UTC) goes into the manifest and the log only, never into a table.
    """

    as_of_on: date | None
    fingerprint: str
    project_version: str
    published_at: datetime
    known_on: date | None = None
    is_view: bool = False

    @property
    def publication_id(self) -> str:
        return publication_id(self.as_of_on, self.fingerprint)

    @property
    def view_name(self) -> str:
        """The name of a view's link: its as-of day, and the day it was known on where one was asked for."""
        day = str(self.as_of_on or "undated")
        return f"{day}-known-{self.known_on}" if self.known_on else day


def publication_id(as_of_on: date | None, inputs: str) -> str:
    """A publication's name follows from its data: the as-of day and the beginning of the inputs'
    fingerprint."""
    return f"{as_of_on or 'undated'}-{inputs[:10]}"


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
