"""The command line that the Makefile and schedulers call: python -m dagster_project refresh."""

import argparse
import atexit
import os
import re
import shutil
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.database import NotEnoughMemory, memory
from dagster_project.disk import is_full, keep, no_room
from dagster_project.engines import check_name, engine_of
from dagster_project.errors import UserError
from dagster_project.lock import alone, writer_lock
from dagster_project.paths import Paths, check_way
from dagster_project.settings import asked

if TYPE_CHECKING:  # seconds of import that `explain` needs none of
    import dagster as dg

DAGSTER_YAML = "telemetry: {enabled: false}\n"


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code: 0 where all went well, 1 where something is to be put right."""
    wanted = parser().parse_args(arguments)
    try:
        paths = Paths.from_environment()
        check_way("ONE_COMPANY_HOME", paths.home)
        return wanted.run(paths, wanted)
    except UserError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except duckdb.OutOfMemoryException:
        print(NotEnoughMemory(), file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        print(unforeseen(error, paths), file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m dagster_project", description=__doc__)
    commands = whole.add_subparsers(title="commands", required=True, metavar="command")

    def command(
        name: str, run: Callable[[Paths, argparse.Namespace], int], what: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=what, description=what)
        added.set_defaults(run=run)
        return added

    command("refresh", refresh, "land what is new, build, audit, publish")
    command("roll_back", roll_back, "give readers an earlier publication").add_argument(
        "publication_id", nargs="?", default="", help="default: the one before the current one"
    )
    command("close_period", close_period, "close a month now, without waiting for its day").add_argument(
        "month", help="2026-10"
    )
    command("restate", restate, "show which closed figures would move, and why, before anything is published")
    why = command("explain", explain, "why a figure of customer_math is what it is")
    why.add_argument("period", help="2026-10, 2026-Q4 or 2026")
    why.add_argument("measure", help="a column of customer_math, such as lost_customers")
    why.add_argument("--segment", default="all")
    why.add_argument("--value-basis", default="mrr")
    why.add_argument("--limit", type=whole_number, default=20, help="how many customers are listed")
    command("ui", ui, "serve Dagster's web UI on this machine").add_argument(
        "--port", type=port, default=3000
    )
    command(
        "train_identity",
        train_identity,
        "learn anew how likely records are one customer, from the company's own",
    )
    command(
        "docs",
        docs,
        "write dbt's documentation as one page, and the definition cards' words where they stand again",
    )
    return whole


def refresh(paths: Paths, wanted: argparse.Namespace) -> int:
    began = time.monotonic()
    days = asked(os.environ)
    engine_of(paths).check()
    check_way("ONE_COMPANY_EXPORTS", paths.exports)
    if not paths.exports.is_dir():
        raise UserError(
            f"There is no exports folder {paths.exports}; set ONE_COMPANY_EXPORTS to the one to read."
        )
    result = run_job(paths, "refresh")
    if not result.success:
        return 1
    from dagster_project.console import step_in_words
    from dagster_project.headline import headline
    from dagster_project.publication import shelf_of, view_of

    timings = {
        step_in_words(event.step_key): event.event_specific_data.duration_ms / 1000
        for event in result.all_events
        if event.event_type_value == "STEP_SUCCESS"
    }
    outcome = shelf_of(paths, view_of(paths, days.as_of_on, days.known_on)).linked()
    print("\n" + headline(paths, timings | {"all of it": time.monotonic() - began}, outcome))
    return 0


def roll_back(paths: Paths, wanted: argparse.Namespace) -> int:
    config = {"ops": {"repoint": {"config": {"publication_id": wanted.publication_id}}}}
    return 0 if run_job(paths, "roll_back", config).success else 1


def close_period(paths: Paths, wanted: argparse.Namespace) -> int:
    config = {"ops": {"ask": {"config": {"month": wanted.month}}}}
    if not run_job(paths, "close_period", config).success:
        return 1
    return refresh(paths, wanted)


def restate(paths: Paths, wanted: argparse.Namespace) -> int:
    engine_of(paths).check()
    if not run_job(paths, "restate", {"ops": {"run__settings": {"config": {"is_trial": True}}}}).success:
        return 1
    from dagster_project.closing.trial import told
    from dagster_project.publication import shelf_of, view_of

    print("\n" + "\n".join(told(paths.current, shelf_of(paths, view_of(paths, None, None, True)).linked())))
    return 0


def explain(paths: Paths, wanted: argparse.Namespace) -> int:
    from dagster_project.explain import explain as explained

    asked_for = (wanted.period, wanted.measure, wanted.segment, wanted.value_basis, wanted.limit)
    print("\n".join(explained(paths, *asked_for)))
    return 0


def train_identity(paths: Paths, wanted: argparse.Namespace) -> int:
    """The next refresh uses what was learned; ids that it changes are dated as any split or merge is."""
    prepare(paths)
    from dagster_project.identity.parameters import save_parameters
    from dagster_project.identity.training import train

    with writer_lock(paths.writer_lock, "train_identity", print):
        file = save_parameters(paths.ledger, train(paths))
    print(
        f"Learned from the records of {paths.warehouse}; the next refresh uses {file}. Remove it to go back."
    )
    return 0


def ui(paths: Paths, wanted: argparse.Namespace) -> int:
    prepare(paths)
    check_port(wanted.port)
    with dagster_instance(paths):
        pass  # the several processes of the UI find it made
    print(f"The web UI is at http://127.0.0.1:{wanted.port} in a moment; end it with Ctrl-C.", flush=True)
    command = [
        "-m",
        "dagster",
        "dev",
        "-m",
        "dagster_project.definitions",
        "-h",
        "127.0.0.1",
        "-p",
        str(wanted.port),
    ]
    os.execv(sys.executable, [sys.executable, *command])


def whole_number(text: str) -> int:
    """A number to count with. Raises ArgumentTypeError."""
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return int(text)


def port(text: str) -> int:
    """The number of a port. Raises ArgumentTypeError."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port; write a number from 1 to 65535")
    return int(text)


def check_port(number: int) -> None:
    """Raises UserError where another program has the port."""
    with socket.socket() as there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            there.bind(("127.0.0.1", number))
        except OSError as error:
            raise UserError(
                f"Port {number} cannot be had ({error.strerror}): choose another, as in make ui PORT=3001."
            ) from error


def docs(paths: Paths, wanted: argparse.Namespace) -> int:
    engine_of(paths).check()
    prepare(paths)
    from dagster_project.cards import write
    from dagster_project.dbt import Dbt

    with writer_lock(paths.writer_lock, "docs", print):  # it reads the warehouse
        result = Dbt(paths).docs()
    if not result.success:
        raise UserError(f"dbt cannot write its documentation: {result.exception}")
    for changed in write(Dbt(paths).manifest()):
        print(f"{changed} has the words of the definition cards.")
    print(f"The documentation is {paths.dbt_target / 'static_index.html'}.")
    return 0


def run_job(paths: Paths, name: str, config: Mapping[str, Any] | None = None) -> "dg.ExecuteInProcessResult":
    """Run one Dagster job in this process, recorded where the web UI shows it. A job that fails has said why."""
    prepare(paths)
    from dagster_project.definitions import defs

    with dagster_instance(paths) as instance:
        return defs.resolve_job_def(name).execute_in_process(
            instance=instance,
            run_config={"loggers": {"console": {}}} | dict(config or {}),
            raise_on_error=False,
        )


@contextmanager
def dagster_instance(paths: Paths) -> Iterator["dg.DagsterInstance"]:
    """Dagster's record of runs. Its first start makes databases, and two at once would make them twice."""
    import dagster as dg

    with alone(paths.dagster / "start.lock"):
        instance = dg.DagsterInstance.get()
    with instance:
        yield instance


def prepare(paths: Paths) -> None:
    """Make ONE_COMPANY_HOME ready, and tell Dagster, dbt and all child processes where things are."""
    check_name(paths.engine)
    memory()
    if any(sign in str(paths.home) for sign in "?#"):  # dbt reads the warehouse's path as an address
        raise UserError(
            f"ONE_COMPANY_HOME: '{paths.home}' has a ? or a # in it, and dbt can build nothing there; set it to a folder "
            "without them."
        )
    try:
        for folder in paths.private:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o077:  # an earlier version made it
                folder.chmod(0o700)
        settings = paths.dagster / "dagster.yaml"
        if not settings.exists():  # what somebody wrote into it stays
            settings.write_text(DAGSTER_YAML)
    except OSError as error:
        if is_full(error):
            raise UserError(no_room(paths.home)) from error
        raise UserError(
            f"{paths.home} cannot be written ({error.strerror}); set ONE_COMPANY_HOME to a folder that can."
        ) from error
    os.environ |= {
        "ONE_COMPANY_EXPORTS": str(paths.exports),
        "ONE_COMPANY_REFERENCE": str(paths.reference),
        "ONE_COMPANY_HOME": str(paths.home),
        "ONE_COMPANY_TARGET": paths.engine,
        "DAGSTER_HOME": str(dagster_home(paths.dagster)),
    }


@cache
def dagster_home(folder: Path) -> Path:
    """Dagster's folder under a name that it can use: it reads the name as a pattern of files and as an address, so a
    folder whose name means something in either is reached through a link, which this process removes at its end."""
    if not any(sign in str(folder) for sign in "[]*%"):
        return folder
    aside = Path(mkdtemp(prefix="one-company-"))
    atexit.register(shutil.rmtree, aside, ignore_errors=True)
    link = aside / "dagster"
    link.symlink_to(folder, target_is_directory=True)
    return link


def unforeseen(error: Exception, paths: Paths) -> str:
    """What a person reads of the error at hand, which no command told of; its traceback goes to a file of its own."""
    if is_full(error):
        return no_room(paths.home)
    file = paths.logs / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}.log"
    return f"Something went wrong that should not ({error_name(error)}). {keep(file, traceback.format_exc())}"


def error_name(error: Exception) -> str:
    first_line = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__


def run(arguments: Sequence[str]) -> None:
    """Run one command, and let the process end with its exit code."""
    code: str | int | None = 1

    def end() -> None:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(
                code if isinstance(code, int) else 0
            )  # later, DuckDB's bindings print pages about their leaks

    atexit.register(
        end
    )  # the first to be registered is called last, after what dbt's locks and the logs need
    try:
        code = main(arguments)
    except SystemExit as ended:  # from argparse
        code = ended.code


if __name__ == "__main__":
    run(sys.argv[1:])
