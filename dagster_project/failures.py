"""What a step says when it fails: a sentence for what a user can put right, another try for what may pass."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from dagster_project.database import NotEnoughMemory
from dagster_project.disk import is_full, no_room
from dagster_project.engines.duckdb import WarehouseInUse
from dagster_project.errors import UserError
from dagster_project.paths import Paths

TRIES = 3
SECONDS_BETWEEN = 5
STAYS = {  # a second try would meet the same
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "the disk quota is used up; make room",
    errno.EACCES: "it may not be opened; change its permissions",
    errno.EPERM: "it may not be changed; change its permissions",
    errno.EROFS: "its disk is read-only; set ONE_COMPANY_HOME to a folder that can be written",
}


@contextmanager
def told_plainly(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Iterator[None]:
    """Around the body of every step. What is not caught here is a defect, and the log gets its traceback."""
    try:
        yield
    except WarehouseInUse as error:
        _again(context, error, str(error))
    except duckdb.OutOfMemoryException as error:
        raise dg.Failure(str(NotEnoughMemory()), allow_retries=False) from error
    except UserError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except OSError as error:
        if error.errno in STAYS:
            what = f"{error.filename or 'A file'}: {STAYS[error.errno]}."
            raise dg.Failure(what, allow_retries=False) from error
        _again(context, error, f"The system reports: {error}.")
    except Exception as error:  # dbt, DuckDB and SQLite put what the system says into errors of their own
        if not is_full(error):
            raise
        raise dg.Failure(no_room(Paths.from_environment().home), allow_retries=False) from error


def _again(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, error: Exception, sentence: str
) -> None:
    if context.retry_number + 1 < TRIES:
        context.log.warning(f"{sentence} Trying again in {SECONDS_BETWEEN} seconds.")
        raise dg.RetryRequested(max_retries=TRIES - 1, seconds_to_wait=SECONDS_BETWEEN) from error
    raise dg.Failure(f"{sentence} Tried {TRIES} times.", allow_retries=False) from error
