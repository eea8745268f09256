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


def parquet(*files: Path) -> str:
    """Some Parquet files as a table: no column is made of a folder's name ('a=b')."""
    told = ", ".join(literal(str(file)) for file in files)
    return f"read_parquet([{told}], union_by_name = true, hive_partitioning = false)"


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def american_moment(text: str) -> str:
    """A text like 1/31/2026 2:05:00 PM (24 hours where neither AM nor PM follows; the time and the seconds may be missing)
    as a moment, else null."""
    pattern = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?[AaPp][Mm])?)?"
    hours = ("%H:%M:%S", "%H:%M", "%I:%M:%S%p", "%I:%M%p")
    formats = ", ".join(literal(form) for form in ("%m/%d/%Y", *(f"%m/%d/%Y{hour}" for hour in hours)))
    together = f"replace(upper({text}), ' ', '')"
    return f"case when regexp_full_match({text}, {literal(pattern)}) then try_strptime({together}, [{formats}]) end"
