"""Run as a script: land one company's exports with a SIGKILL at each step in turn, then again undisturbed.

Prints what is landed, as a line of JSON: first after a run that nobody killed, then after each killed and
repeated one. Every run is a process of its own.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from dagster_project.exports import landing, store
from dagster_project.exports.expectations import BatchCheck
from dagster_project.paths import Paths
from tests.landing_helpers import CONTRACTS, Company

SUBSCRIPTIONS_ONLY = {
    "plain": [contract for contract in CONTRACTS["plain"] if contract.object == "subscriptions"]
}


def hold_the_small(batches, lasts, limits):
    """Great Expectations takes seconds to start and writes nothing here: its verdict without it."""
    held = {b.batch_id for b in batches if lasts[b.batch_id] and b.rows * 2 < lasts[b.batch_id].rows}
    return {b.batch_id: [BatchCheck("rows", b.batch_id not in held, b.rows, "few rows")] for b in batches}


def in_a_process(work: Callable[[], None]) -> bool:
    """Whether the work was killed."""
    child = os.fork()
    if child == 0:
        work()
        sys.stdout.flush()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if status:
        sys.exit("a landing run failed")
    return False


def killed_at(step: int, land: Callable[[], None]) -> Callable[[], None]:
    """The same work, ending in SIGKILL just before its step-th write, sync or rename."""
    left = [step]

    def counted(real: Callable) -> Callable:
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    def work() -> None:
        os.replace, os.fsync = counted(os.replace), counted(os.fsync)
        store.pq.write_table = counted(store.pq.write_table)
        landing.write_aside = counted(landing.write_aside)
        land()

    return work


def main(exports: Path, homes: Path) -> None:
    landing.check_batches, landing.import_checks = hold_the_small, lambda: None
    os.fsync = lambda handle: None  # a killed process loses nothing it wrote: no need to wait for the disk
    step, was_killed = 0, True
    while was_killed:
        paths = Paths(exports, exports, homes / str(step))

        def land(paths: Paths = paths) -> None:
            landing.land(paths, SUBSCRIPTIONS_ONLY, [], [], lambda line: None, 0.0)

        def land_and_print(paths: Paths = paths, land: Callable[[], None] = land) -> None:
            land()
            company = Company.__new__(Company)
            company.paths = paths
            outcome = {
                "log": company.log(
                    "file, status, reason, rows_in_file, rows_landed, rows_refused, extracted_at"
                ),
                "rows": company.rows("plain", "subscriptions"),
                "refused": company.refused("*"),
                "aside": [file.name for file in (paths.landing / ".aside").iterdir()],
            }
            print(json.dumps(outcome, default=str))

        if step:
            was_killed = in_a_process(killed_at(step, land))
        in_a_process(land_and_print)
        step += 1


main(Path(sys.argv[1]), Path(sys.argv[2]))
