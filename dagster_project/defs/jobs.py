"""The whole of it, in one job; when it starts by itself is in triggers.py."""

import dagster as dg

PLAIN_CONSOLE = {"loggers": {"console": {}}}

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    config=PLAIN_CONSOLE,
    description="Check reference tables, land exports, build, audit, publish. Does nothing where nothing is new.",
)
