"""How much each degree of likeness says: trained once, kept in a file, and the same until somebody trains anew.

The newest `ledger/identity/parameters_<version>.json` is in force, else the file that comes with the project.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import UserError
from dagster_project.identity.comparisons import COMPARISONS

SHIPPED = Path(__file__).with_name("parameters.json")
FORMAT = 1


@dataclass(frozen=True)
class Parameters:
    """How much each level says, and from which weight on a pair joins or is shown to a steward.

    `likelihoods`: comparison -> level (and `differs`) -> its share among records of one customer and of two.
    Weights are log2 of the odds. `file` is where they come from.
    """

    version: int
    prior: float
    join_at: float
    review_from: float
    likelihoods: Mapping[str, Mapping[str, tuple[float, float]]]
    file: Path

    def as_json(self) -> str:
        told = {
            "format": FORMAT,
            "version": self.version,
            "prior": self.prior,
            "join_at": self.join_at,
            "review_from": self.review_from,
            "likelihoods": self.likelihoods,
        }
        return json.dumps(told, indent=2) + "\n"


def read_parameters(ledger: Path) -> Parameters:
    """The newest parameters that were saved in the ledger, else those that come with the project. Raises UserError."""
    saved = sorted((ledger / "identity").glob("parameters_*.json"))
    file = saved[-1] if saved else SHIPPED
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise UserError(
                f"{file} has format {told['format']}, and this version of the project knows format {FORMAT} only: "
                "run the version that wrote it."
            )
        likelihoods = {
            comparison.name: {
                level: tuple(map(float, told["likelihoods"][comparison.name][level]))
                for level in (*(level.name for level in comparison.levels), "differs")
            }
            for comparison in COMPARISONS
        }
        return Parameters(
            told["version"], told["prior"], told["join_at"], told["review_from"], likelihoods, file
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{file} cannot be read as parameters ({error!r}): restore it from a backup, or remove it to use "
            "those that come with the project."
        ) from error


def save_parameters(ledger: Path, parameters: Parameters) -> Path:
    """Write parameters where the next run finds them. Returns the file; earlier versions stay beside it."""
    file = ledger / "identity" / f"parameters_{parameters.version:04}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new")
    aside.write_text(parameters.as_json(), encoding="utf-8")
    aside.rename(file)
    return file
