"""A Spark cluster for a test: a master, and workers of one core each, on loopback, from PySpark's own package."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from glob import glob  # unlike pathlib's it bears folders that vanish meanwhile
from pathlib import Path
from typing import TypeVar

import pyspark

from tests.spark import SMALL_JAVA

SECONDS = 300  # after which something hangs for certain
LOOPBACK = "127.0.0.1"

# For the driver's spark-defaults.conf: executors that fit into a worker, all of it on loopback.
OF_THE_DRIVER = {
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.executor.memory": "512m",
    "spark.executor.extraJavaOptions": SMALL_JAVA,
    "spark.shuffle.io.retryWait": "1s",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",  # what is lost is asked here, not what an expression gives
}

Found = TypeVar("Found")


def wait_for(found: Callable[[], Found], what: str) -> Found:
    """The first truth that `found` gives."""
    end = time.monotonic() + SECONDS
    while not (there := found()):
        assert time.monotonic() < end, f"{what} did not come within {SECONDS} seconds"
        time.sleep(0.02)
    return there


@dataclass(frozen=True)
class Daemon:
    """A master, or a worker with the executors that it starts: one group of processes."""

    process: subprocess.Popen[bytes]
    folder: Path

    def told(self, pattern: str) -> re.Match[str] | None:
        log = (self.folder / "log").read_text()
        assert self.process.poll() is None, log
        return re.search(pattern, log)

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def die(self) -> None:
        """As a machine that loses its power: all at once."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def tasks(self) -> set[str]:
        """The tasks (ids within the application) that its executors began."""
        logs = (log.read_text() for log in self.folder.glob("app-*/*/stderr"))
        return {task for log in logs for task in re.findall(r"Running task .*?\(TID (\d+)\)", log)}

    def is_stopped_while_it_writes(self, tables: Path) -> bool:
        """Stop it, if one of its tasks has begun a file of a table and not ended it; else leave it running."""
        if not self.writes(tables):
            return False
        self.signal(signal.SIGSTOP)
        if self.writes(tables):
            return True
        self.signal(signal.SIGCONT)
        return False

    def writes(self, tables: Path) -> bool:
        begun = unfinished(tables)
        return bool(begun and begun & self.tasks())


def unfinished(tables: Path) -> set[str]:
    """The tasks whose files Spark does not count as written yet."""
    attempts = glob(f"{tables}/*/*/_temporary/0/_temporary/attempt_*")
    return {attempt.rsplit("_", 1)[1] for attempt in attempts}


@dataclass
class Cluster:
    folder: Path
    daemons: list[Daemon] = field(default_factory=list)

    @property
    def master(self) -> str:
        """Its address, once it has started."""
        return wait_for(
            lambda: self.daemons[0].told(r"Starting Spark master at (spark://\S+)"), "the master"
        )[1]

    def start(self, kind: str, *arguments: str) -> Daemon:
        home, folder = Path(pyspark.__file__).parent, self.folder / f"{kind.lower()}_{len(self.daemons)}"
        (folder / "conf").mkdir(parents=True)
        settings = {
            "SPARK_HOME": str(home),
            "SPARK_CONF_DIR": str(folder / "conf"),  # none of the machine's own
            "SPARK_LOCAL_DIRS": str(folder / "local"),
            "SPARK_WORKER_DIR": str(folder),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": SMALL_JAVA,
        }
        command = [home / "bin/spark-class", f"org.apache.spark.deploy.{kind.lower()}.{kind}"]
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                [*command, "--host", LOOPBACK, "--port", "0", "--webui-port", "0", *arguments],
                env=os.environ | settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.daemons.append(Daemon(process, folder))
        return self.daemons[-1]

    def start_workers(self, number: int) -> list[Daemon]:
        workers = [self.start("Worker", "--cores", "1", "--memory", "1g", self.master) for _ in range(number)]
        for worker in workers:
            wait_for(partial(worker.told, "Successfully registered with master"), "a worker")
        return workers


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A master, without workers yet. However the test ends, no process is left behind."""
    made = Cluster(folder)
    try:
        made.start("Master")
        yield made
    finally:
        for daemon in made.daemons:
            daemon.die()
