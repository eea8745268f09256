"""Where Spark is, and whether anybody answers there."""

import os
import re
import socket

from dagster_project.errors import UserError

SETTING = "ONE_COMPANY_SPARK"
MASTERS = r"local(-cluster)?(\[[\d*, ]+\])?|yarn|(spark|sc|k8s)://.*"  # that Spark knows
SECONDS_TO_ANSWER = 10


def address() -> str:
    """Where Spark is: a master such as local[*] or spark://host:7077, or a Connect server, sc://host:15002."""
    given = os.environ.get(SETTING, "").strip() or "local[*]"
    if re.match(r"(thrift|jdbc:hive2|https?)://", given):
        raise UserError(
            f"{SETTING}: '{given}' cannot be used, since tables are built through Spark itself and not through Thrift or "
            "HTTP: write the cluster's master, as spark://host:7077, or its Spark Connect server, as sc://host:15002."
        )
    if not re.fullmatch(MASTERS, given):
        raise UserError(
            f"{SETTING}: '{given}' is nothing that Spark knows; write local[*] for this machine, a cluster's master, as "
            "spark://host:7077, or a Spark Connect server, as sc://host:15002."
        )
    return given


def check_answers() -> None:
    """Raises UserError where no master or Connect server answers: Spark itself would go on asking for minutes."""
    kind, _, servers = address().partition("://")
    if kind == "sc":
        check_connect()
    if kind != "spark":
        return
    why = ""
    for server in servers.split(","):  # a master may have others that stand by
        host, _, port = server.rpartition(":")
        if not host or not re.fullmatch(r"\d{1,5}", port):
            raise UserError(
                f"{SETTING}: '{address()}' names no host and port; write it like spark://host:7077."
            )
        try:
            socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()
            return
        except OSError as error:
            why = error.strerror or str(error)
    raise nobody_answers(why)


def check_connect() -> None:
    """Raises UserError where no Connect server answers."""
    import grpc
    from pyspark.sql.connect.client import DefaultChannelBuilder

    try:
        with DefaultChannelBuilder(address()).toChannel() as channel:
            grpc.channel_ready_future(channel).result(SECONDS_TO_ANSWER)
    except grpc.FutureTimeoutError:
        raise nobody_answers("no Spark Connect there") from None
    except ValueError as error:
        raise UserError(
            f"{SETTING}: '{address()}' is no address ({error}); write it like sc://host:15002."
        ) from error


def nobody_answers(why: str) -> UserError:
    return UserError(
        f"Nothing answers at {address()} ({why}): start Spark there, or correct {SETTING}, which says where it is."
    )
