"""Files that take longest begin first: `make test` gives whole files to its workers, and none shall end long after the others."""

import pytest

LONGEST = [
    "test_spark_whole_job.py",
    "test_spark.py",
    "test_refresh.py",
    "test_bench.py",
    "test_refresh_killed.py",
    "test_scenarios.py",
    "test_random_customers.py",
    "test_published_ids.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))
