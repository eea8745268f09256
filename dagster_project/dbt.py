"""dbt, run in this process: its nodes become Dagster's materialisations and checks as they finish."""

import hashlib
import json
import os
import queue
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from dagster_project.database import OUT_OF_MEMORY, NotEnoughMemory
from dagster_project.engines import engine_of
from dagster_project.errors import UserError
from dagster_project.lock import alone
from dagster_project.paths import DBT_PROJECT, Paths

FAILURES_SHOWN = 10
PARSED = "partial_parse.msgpack"  # dbt's name for what it made of its files
# How DuckDB and Spark say that a sum or a product is more than decimal(18,4) holds.
TOO_LARGE = re.compile(
    r"[cC]ast(?:ing)? value \S+ to (?:type )?DECIMAL\(18,4\)|cannot be represented as Decimal\(18, 4\)"
)
# How the macro `stop` begins the sentence that it ends a run with; Spark puts a code of its own after it.
STOP = re.compile(r"\[stop\] (.+?)(?: SQLSTATE: \w+)?$", re.MULTILINE)

Manifest = Mapping[str, Any]


class DbtTestsFailed(UserError):
    """The warehouse does not hold what it must; names each test, its table, its rows and a query."""


class StoppedByModel(UserError):
    """A model met what a user can put right; its own sentence says what."""


class DbtFailed(Exception):
    """dbt could not build something: a defect of a model, or of ours."""


@dataclass(frozen=True)
class Dbt:
    """The dbt project of one ONE_COMPANY_HOME."""

    paths: Paths
    project: Path = DBT_PROJECT

    @property
    def logs(self) -> Path:
        return self.paths.logs / "dbt"

    def invoke(self, arguments: Sequence[str], callbacks: Sequence[Any] = ()) -> Any:
        """Run one dbt command, silent on the terminal. Returns dbt's own result. Raises DbtFailed where it cannot parse."""
        from dbt.cli.main import dbtRunner  # seconds of import, and a run with nothing new needs none of it

        parsed = None if arguments[0] == "parse" else self._parsed()
        options = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        options += ["--target-path", str(self.paths.dbt_target), "--log-path", str(self.logs)]
        named = {"ONE_COMPANY_HOME": str(self.paths.home), "ONE_COMPANY_TARGET": self.paths.engine}
        before = {name: os.environ.get(name) for name in named}
        os.environ |= named  # what profiles and models read
        try:
            return dbtRunner(parsed, list(callbacks)).invoke([*arguments, *options, "--log-level", "none"])
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    def manifest(self) -> Manifest:
        """The manifest of the project as it is now, parsed once for each state of its files. Raises DbtFailed."""
        return self._kept("manifest.json", json.loads)

    def _parsed(self) -> Any:
        """The same as dbt's own object, for a command to take in place of what it would parse; it does not depend on the home."""
        from dbt.contracts.graph.manifest import Manifest as Parsed
        from dbt.parser.manifest import extended_mashumuro_decoder

        parsed = self._kept(
            PARSED, lambda file: Parsed.from_msgpack(file, decoder=extended_mashumuro_decoder)
        )
        parsed.metadata.generated_at = datetime.now(UTC).replace(tzinfo=None)  # as dbt does: the docs tell it
        parsed.build_flat_graph()  # what models read as `graph`
        return parsed

    def _kept(self, name: str, read: Callable[[bytes], Any]) -> Any:
        """What `read` makes of a file that parsing left; where none is whole, the project is parsed. Raises DbtFailed.

        Such files lie in a folder of ours: dbt writes its own anew with each command, and a command that is killed leaves half.
        """
        folder = self.paths.dbt_target / f"parsed_{self._version()}"
        if (found := _whole(folder / name, read)) is None:
            with alone(self.paths.dbt_target / "parse.lock"):
                if (found := _whole(folder / name, read)) is None:
                    self._parse(folder)
                    found = read((folder / name).read_bytes())
        return found

    def _parse(self, folder: Path) -> None:
        result = self.invoke(["parse"])
        if not result.success:
            raise DbtFailed(f"dbt cannot read its project: {result.exception}")
        for earlier in folder.parent.glob("parsed_*"):
            shutil.rmtree(earlier)
        aside = folder.with_suffix(".new")
        aside.mkdir()
        shutil.copy(self.paths.dbt_target / PARSED, aside)
        result.result.write(str(aside / "manifest.json"))
        aside.rename(folder)

    def _version(self) -> str:
        """A hash over all that the manifest follows from: the project's files, and dbt's own macros by their packages' versions."""
        files = [self.project / "dbt_project.yml", self.project / "profiles.yml"]
        for name in ("models", "macros", "tests"):
            files += sorted(file for file in (self.project / name).rglob("*") if file.is_file())
        packages = ("dbt-core", "dbt-adapters", f"dbt-{self.paths.engine}")
        digest = hashlib.sha256(repr([version(package) for package in packages]).encode())
        for file in files:
            digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]

    def docs(self) -> Any:
        """dbt's documentation as one page. Returns dbt's own result."""
        with engine_of(self.paths).building(self.manifest(), ()):
            return self.invoke(["docs", "generate", "--static"])

    def build(
        self, context: dg.AssetExecutionContext, manifest: Manifest, tests: Sequence[str]
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """Build the models that the run selected and run `tests` (unique ids), in the order of the graph.

        Raises StoppedByModel where a model asks the user for something, NotEnoughMemory, DbtTestsFailed where only tests
        fail, else DbtFailed.
        """
        keys = {
            unique_id: key
            for unique_id, key in model_keys(manifest).items()
            if key in context.selected_asset_keys
        }
        checks = {check.name: check for check in context.selected_asset_check_keys}
        failed = []
        with engine_of(self.paths).building(manifest, [*keys, *tests]) as built:
            chosen = selection(manifest, {*keys, *built.also, *tests})
            # Its manifest and results as JSON take as long as all else it does by itself, and nobody reads them.
            command = ["build", "--no-write-json", "--indirect-selection", "empty", "--select", *chosen]
            with closing(self._finished(command)) as finished:
                for done in finished:
                    node = manifest["nodes"][done.unique_id]
                    if done.status == "success" and done.unique_id in keys:
                        rows = built.rows(node)
                        yield dg.MaterializeResult(
                            asset_key=keys[done.unique_id],
                            metadata={"seconds": done.seconds}
                            | ({} if rows is None else {"dagster/row_count": rows}),
                        )
                    elif done.status in ("pass", "warn", "fail") and node["name"] in checks:
                        yield dg.AssetCheckResult(
                            asset_key=checks[node["name"]].asset_key,
                            check_name=node["name"],
                            passed=done.status == "pass",
                            severity=dg.AssetCheckSeverity.WARN
                            if done.status == "warn"
                            else dg.AssetCheckSeverity.ERROR,
                            metadata={
                                "failed_rows": done.failures,
                                "query": dg.MetadataValue.md(f"```sql\n{self._query(node)}\n```"),
                            },
                        )
                    if done.status not in ("success", "pass", "warn", "skipped"):
                        failed.append(done)
        if failed:
            raise self._failure(failed, manifest)

    def _finished(self, arguments: Sequence[str]) -> Iterator["Finished"]:
        """dbt's nodes, each as soon as it has finished. Raises DbtFailed where dbt itself fails."""
        finished: queue.Queue[Finished | None] = queue.Queue()

        def hear(message: Any) -> None:
            if message.info.name == "NodeFinished":
                finished.put(Finished.of(message.data))

        def work() -> Any:
            try:
                return self.invoke(arguments, [hear])
            finally:
                finished.put(None)

        with ThreadPoolExecutor(1, "dbt") as pool:
            outcome = pool.submit(work)
            while (done := finished.get()) is not None:
                yield done
        if outcome.result().exception:
            raise DbtFailed(f"dbt stopped: {outcome.result().exception}")

    def _query(self, node: Manifest) -> str:
        """The compiled SQL of a test: its rows are the failures."""
        path = self.paths.dbt_target / "compiled" / node["package_name"] / node["original_file_path"]
        return (path / node["path"] if path.suffix == ".yml" else path).read_text(encoding="utf-8").strip()

    def _failure(self, failed: Sequence["Finished"], manifest: Manifest) -> Exception:
        """All failures in words: those of models alone where there are any, since tests fail after them;
        and of models those alone that a user can put right."""
        broken = [done for done in failed if done.status != "fail"]
        if too_large := [done for done in broken if OUT_OF_MEMORY in (done.message or "")]:
            node = manifest["nodes"][too_large[0].unique_id]
            return NotEnoughMemory(f"{node['schema']}.{node['name']}")
        if sentences := [found[1] for done in broken if (found := STOP.search(done.message or ""))]:
            return StoppedByModel("\n".join(sentences))
        if beyond := [done for done in broken if TOO_LARGE.search(done.message or "")]:
            return StoppedByModel(
                f"{manifest['nodes'][beyond[0].unique_id]['name']}: a value or a total is 100,000,000,000,000 or more, beyond what "
                "a table holds: look for an amount, a quantity or a rate that is too large, or report in a larger currency."
            )
        lines = []
        for done in (broken or failed)[:FAILURES_SHOWN]:
            node = manifest["nodes"][done.unique_id]
            if broken:
                lines.append(f"{node['resource_type']} {node['name']}: {_essence(done.message)}")
                continue
            tables = ", ".join(_table(manifest["nodes"][parent]) for parent in model_parents(node))
            query = _on_one_line(self._query(node))
            lines.append(
                f"{tables}: check {node['name']} fails for {done.failures:,} rows. See them: {query}"
            )
        if more := len(broken or failed) - len(lines):
            lines.append(f"… and {more} more.")
        listed = "\n  ".join(lines)
        if broken:
            return DbtFailed(f"dbt could not build everything:\n  {listed}")
        return DbtTestsFailed(
            f"Checks failed on {self.paths.warehouse}, so nothing was published:\n  {listed}"
        )


@dataclass(frozen=True)
class Finished:
    """One node of the graph when dbt is done with it."""

    unique_id: str
    status: str  # success, pass, warn, fail, error, skipped
    seconds: float
    failures: int
    message: str

    @classmethod
    def of(cls, data: Any) -> "Finished":
        run = data.run_result
        return cls(
            data.node_info.unique_id,
            data.node_info.node_status,
            round(run.execution_time, 3),
            run.num_failures,
            run.message,
        )


def selection(manifest: Manifest, wanted: Set[str]) -> list[str]:
    """dbt's words for `wanted` (unique ids) and nothing else: a whole folder by its own name where all of it is wanted, since
    dbt looks through all nodes several times for each word."""
    words = []

    def choose(nodes: Collection[str], depth: int) -> None:
        below = defaultdict(list)
        for unique_id in nodes:
            below[tuple(manifest["nodes"][unique_id]["fqn"][:depth])].append(unique_id)
        for folder, members in below.items():
            found = wanted.intersection(members)
            if len(found) == len(members) or (
                found and len(folder) < depth
            ):  # dbt cannot tell namesakes apart
                words.append("fqn:" + ".".join(folder))
            elif found:
                choose(members, depth + 1)

    choose(manifest["nodes"], 1)
    return words


def model_keys(manifest: Manifest) -> dict[str, dg.AssetKey]:
    """Asset key of each model, by unique id."""
    translator = DagsterDbtTranslator()
    return {
        unique_id: translator.get_asset_key(node)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }


def model_parents(node: Manifest) -> list[str]:
    return [parent for parent in node["depends_on"]["nodes"] if parent.startswith("model.")]


def data_tests_of(
    manifest: Manifest, models: Collection[str], not_yet_built: Collection[str] = ()
) -> list[str]:
    """The tests of `models` (unique ids) that need no model of `not_yet_built`."""
    return [
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
        and not set(models).isdisjoint(model_parents(node))
        and set(not_yet_built).isdisjoint(model_parents(node))
    ]


def _whole(file: Path, read: Callable[[bytes], Any]) -> Any:
    """What `read` makes of a file; null where there is none that is whole."""
    try:
        return read(file.read_bytes())
    except Exception:  # noqa: BLE001 - what half of a file makes its reader raise, nobody says
        return None


def _table(node: Manifest) -> str:
    return f"{node['schema']}.{node['alias']}"


def _essence(message: str) -> str:
    """What the database said: without dbt's headings before it and the piece of SQL after it."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    said = [line for line in lines if not re.search(r"Error( in (model|test) .*)?$", line)]
    return (said or lines or ["no message"])[0]


def _on_one_line(query: str) -> str:
    lines = (line.strip() for line in query.splitlines())
    return " ".join(line for line in lines if line and not line.startswith("--"))
