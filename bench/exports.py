"""The exports that are measured: a company's, and those of a day later in which one row in a hundred is new."""

import csv
import os
import shutil
import time
import zipfile
from pathlib import Path

from dagster_project.paths import CONTRACTS, PROJECT

SIMULATE = PROJECT / "seeds" / "exports" / "simulate.py"
REFERENCE = PROJECT / "seeds" / "reference"
HOUR = 3600
NEXT_EXTRACT = "2026-11-02"  # the simulated company's own is of the day before


def simulated(customers: int, folder: Path) -> list[str]:
    """The command that makes a clean company of so many organisations."""
    return [str(SIMULATE), "--clean", "--customers", str(customers), "--out", str(folder)]


def simulated_later(customers: int, folder: Path) -> list[str]:
    """The command for the extracts of a day later, with one organisation and buyer in a hundred: half of them known
    (their rows supersede the earlier ones), half of them new."""
    half = max(1, customers // 200)
    later = ["--first", str(customers - half), "--extracted", NEXT_EXTRACT]
    return [*simulated(customers + half, folder), *later]


def reference(folder: Path) -> None:
    """The sample's reference tables, and a policy that accepts extracts of a few rows after one of all."""
    shutil.copytree(REFERENCE, folder)
    with (folder / "batch_policy.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for contract in sorted(CONTRACTS.glob("*/contracts/*.yml")):
            vendor = contract.parts[-3]
            if vendor != "reference":
                writer.writerow((vendor, contract.stem, "", 0, 0))


def drop(later: Path, exports: Path) -> None:
    """Put the extracts of a day later beside the earlier ones; what bears another day is no new extract."""
    ready(later)
    for file in later.rglob("*"):
        if file.is_file() and NEXT_EXTRACT in str(file.relative_to(later)):
            target = exports / file.relative_to(later)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, target)
    shutil.rmtree(later)


def ready(exports: Path) -> int:
    """Unpack zip files, which DuckDB alone cannot read, and let all seem at rest. Returns their bytes."""
    for packed in exports.rglob("*.zip"):
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(packed.with_suffix(""))
        packed.unlink()
    an_hour_ago = time.time() - HOUR  # a file just written would be waited for
    files = [path for path in exports.rglob("*") if path.is_file()]
    for path in files:
        os.utime(path, (an_hour_ago, an_hour_ago))
    return sum(path.stat().st_size for path in files)
