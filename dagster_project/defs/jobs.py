"""The whole of it, in one job; when it starts by itself is in triggers.py."""

import dagster as dg

PLAIN_CONSOLE = {"loggers": {"console": {}}}

restate = dg.define_asset_job(
    "restate",
    selection=dg.AssetSelection.all(),
    config=PLAIN_CONSOLE | {"ops": {"run__settings": {"config": {"is_trial": True}}}},
    description="Build everything as it would be published, into published/views/restate, to see which closed figures would move.",
)
refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    config=PLAIN_CONSOLE,
    description="Check reference tables, land exports, build, audit, publish. Does nothing where nothing is new.",
)
