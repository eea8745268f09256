"""The refresh job as a scheduler starts it, in its own process, over a company small enough to run often."""

import fcntl
import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.paths import PROJECT
from tests.company import give_parse

MINUTES = (
    15 * 60
)  # seconds after which a run hangs for certain, be it with Spark on a machine with other work

CUSTOMERS = """\
customer_ref,kind,name,segment,created_at
c1,organisation,Alder Works,large,2026-01-02
c2,organisation,Birch Goods,small,2026-01-02
c3,organisation,Cedar Foods,small,2026-02-01
"""
SUBSCRIPTIONS = """\
subscription_ref,customer_ref,starts_on,ends_on,amount,currency,interval
s1,c1,2026-01-05,,100.00,EUR,month
s2,c2,2026-01-10,2026-03-01,20.00,EUR,month
s3,c3,2026-02-01,,1200.00,EUR,year
s4,c1,2026-03-03,,30.00,EUR,month
"""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit code, all that the terminal showed, seconds of processor time."""

    code: int
    shown: str
    cpu: float

    @property
    def headline(self) -> str:
        """What follows the steps."""
        return self.shown.partition("\n\n")[2]


@dataclass(frozen=True)
class Company:
    """A folder with `exports/`, `reference/` and `home/`, or a home over other exports."""

    folder: Path
    exports: Path
    reference: Path

    @classmethod
    def small(cls, folder: Path) -> "Company":
        """A company with in-house subscriptions and customers alone, which keeps no reference tables; its home
        spares dbt from parsing, which the sample company's does not."""
        company = cls(folder, folder / "exports", folder / "reference")
        give_parse(company.home)
        company.reference.mkdir(parents=True)
        company.export("plain/customers.csv", CUSTOMERS)
        company.export("plain/subscriptions.csv", SUBSCRIPTIONS)
        return company

    @property
    def environment(self) -> dict[str, str]:
        """That of a process whose company this is."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONE_COMPANY_")}
        return inherited | {
            "ONE_COMPANY_EXPORTS": str(self.exports),
            "ONE_COMPANY_REFERENCE": str(self.reference),
            "ONE_COMPANY_HOME": str(self.home),
        }

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def current(self) -> Path:
        return self.home / "published" / "current"

    def export(self, name: str, content: str | bytes) -> None:
        file = self.exports / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def start(self, patch: str = "", **environment: str) -> subprocess.Popen[str]:
        """Start the job. `patch` is Python that the process runs before it."""
        patched = (
            f"import sys\n{patch}\nfrom dagster_project.__main__ import main\nsys.exit(main(['refresh']))"
        )
        command = ["-c", patched] if patch else ["-m", "dagster_project", "refresh"]
        return subprocess.Popen(
            [sys.executable, "-u", *command],
            cwd=PROJECT,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def refresh(self, patch: str = "", **environment: str) -> Outcome:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = self.start(patch, **environment)
        try:
            shown, _ = process.communicate(timeout=MINUTES)
        finally:
            process.kill()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Outcome(process.returncode, shown, cpu)

    def manifest(self, publication: Path | None = None) -> dict[str, Any]:
        return json.loads(((publication or self.current) / "manifest.json").read_text())

    def checksums(self) -> dict[str, str]:
        """Table -> checksum of the current publication."""
        return {name: table["checksum"] for name, table in self.manifest()["tables"].items()}

    def query(self, sql: str, publication: Path | None = None) -> list[tuple]:
        file = (publication or self.current) / "one_company.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def is_free(self) -> bool:
        """Whether neither the writer's lock nor the warehouse is held by anyone."""
        with open(self.home / "writer.lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        if (self.home / "warehouse.duckdb").exists():
            duckdb.connect(str(self.home / "warehouse.duckdb")).close()
        return True

    def keep(self, folder: Path) -> None:
        shutil.copytree(self.folder, folder, symlinks=True)

    def restore(self, folder: Path) -> None:
        """Be again as when it was kept in `folder`, the files' times included: they are part of what a file says."""
        shutil.rmtree(self.folder)
        shutil.copytree(folder, self.folder, symlinks=True)
