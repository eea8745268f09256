"""One writer at a time, and nothing is left locked by a writer that was killed."""

import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dagster_project.lock import writer_lock

HOLD = """
import sys, time
from pathlib import Path
from dagster_project.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "first-run", print):
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "writer.lock")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "holding\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_run_waits_says_for_whom_and_does_not_spin(tmp_path: Path, holder: subprocess.Popen):
    heard: list[str] = []
    threading.Timer(1.0, holder.terminate).start()
    processor_time = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    began = time.monotonic()
    with writer_lock(tmp_path / "writer.lock", "second-run", heard.append, seconds_between_looks=0.05):
        assert time.monotonic() - began >= 0.9
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - processor_time < 0.5
    assert len(heard) == 1
    assert f"run first-ru (process {holder.pid} on " in heard[0]


def test_a_killed_holder_frees_the_lock_and_is_told_to_the_next(tmp_path: Path, holder: subprocess.Popen):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with writer_lock(tmp_path / "writer.lock", "second-run", pytest.fail) as died:
        assert died.run_id == "first-run" and died.pid == holder.pid


def test_a_run_that_ends_or_fails_lets_go(tmp_path: Path):
    with (
        pytest.raises(ZeroDivisionError),
        writer_lock(tmp_path / "home" / "writer.lock", "first-run", pytest.fail) as died,
    ):
        assert died is None
        raise ZeroDivisionError
    with writer_lock(tmp_path / "home" / "writer.lock", "second-run", pytest.fail) as died:
        assert died is None
