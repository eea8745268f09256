"""Dagster's view of the software: one file per box of the picture, no logic of its own."""
