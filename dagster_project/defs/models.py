"""The dbt models in two parts, since identity reads what the first makes and the second reads what identity makes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from dagster_project.dbt import Dbt, data_tests_of, model_keys
from dagster_project.defs.resources import WRITER
from dagster_project.failures import told_plainly
from dagster_project.paths import Paths
from dagster_project.plan import read_plan, save_plan

MANIFEST = Dbt(Paths.from_environment()).manifest()
AFTER_IDENTITY = "source:identity+"  # dbt's own selection: all that reads identity, at any distance
ENGINE_ROOMS = {"staging", "waist"}  # kept by data; the rooms belong to the CCO office


class Rooms(DagsterDbtTranslator):
    """dbt's names and descriptions, grouped by room. Keys stay dagster-dbt's own."""

    def get_group_name(self, dbt_resource_props: dict[str, Any]) -> str:
        folders = dbt_resource_props["fqn"][1:-1]
        return folders[0] if folders else "other"

    def get_owners(self, dbt_resource_props: dict[str, Any]) -> list[str]:
        is_room = self.get_group_name(dbt_resource_props) not in ENGINE_ROOMS
        return ["team:cco-office" if is_room else "team:data"]

    def get_asset_check_spec(self, **asked: Any) -> dg.AssetCheckSpec | None:
        """A test that fails ends its step, which stops what follows: the check itself need not gate anything, and Dagster
        has nothing to warn of where a run with nothing new skips it."""
        check = super().get_asset_check_spec(**asked)
        return check and dg.AssetCheckSpec(
            check.name,
            asset=check.asset_key,
            description=check.description,
            additional_deps=check.additional_deps,
            metadata=check.metadata,
        )


@dbt_assets(
    manifest=MANIFEST,
    exclude=AFTER_IDENTITY,
    name="models_before_identity",
    dagster_dbt_translator=Rooms(),
    required_resource_keys=WRITER,
)
def models_before_identity(context: dg.AssetExecutionContext) -> Iterator[Any]:
    yield from _build(context)


@dbt_assets(
    manifest=MANIFEST,
    select=AFTER_IDENTITY,
    name="models_after_identity",
    dagster_dbt_translator=Rooms(),
    required_resource_keys=WRITER,
)
def models_after_identity(context: dg.AssetExecutionContext) -> Iterator[Any]:
    yield from _build(context)
    if context.selected_asset_keys == models_after_identity.keys:
        paths = Paths.from_environment()
        save_plan(paths, replace(read_plan(paths), is_built=True))


def _build(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Build what is selected, and test it: a test that needs models of both parts runs with the second."""
    keys = model_keys(MANIFEST)
    selected = [unique_id for unique_id, key in keys.items() if key in context.selected_asset_keys]
    is_first = not models_after_identity.keys.intersection(context.selected_asset_keys)
    later = (
        [unique_id for unique_id, key in keys.items() if key in models_after_identity.keys]
        if is_first
        else []
    )
    with told_plainly(context):
        yield from Dbt(Paths.from_environment()).build(
            context, MANIFEST, data_tests_of(MANIFEST, selected, later)
        )
