"""Names and texts as SQL."""

from pathlib import Path


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def parquet_files(folder: Path) -> str:
    """The Parquet files of a folder as arguments of read_parquet: no column is made of the folder's name ('a=b')."""
    return f"{parquet_pattern(folder)}, union_by_name = true, hive_partitioning = false"


def parquet_pattern(folder: Path) -> str:
    """The Parquet files of a folder as a pattern, whatever signs the folder's own name holds."""
    named = "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(folder))
    return literal(f"{named}/*.parquet")


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
