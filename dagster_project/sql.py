"""Names and texts as SQL."""

from pathlib import Path


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def pattern(path: Path) -> str:
    """A path as a pattern that means it alone, since DuckDB takes every file to read for one: '[1]' would be '1'."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(path))


def file_to_read(path: Path) -> str:
    """A file as an argument of a function that reads files."""
    return literal(pattern(path))


def files_to_read(folder: Path) -> str:
    """The Parquet files of a folder, as such an argument."""
    return literal(f"{pattern(folder)}/*.parquet")


def parquet_folder(folder: Path) -> str:
    """The Parquet files of a folder as a table."""
    return _parquet(files_to_read(folder))


def parquet(*files: Path, more: str = "") -> str:
    """Some Parquet files as a table; `more` are further arguments."""
    return _parquet(f"[{', '.join(map(file_to_read, files))}]", more)


def _parquet(told: str, more: str = "") -> str:
    """No column is made of a folder's name ('a=b')."""
    return f"read_parquet({told}, union_by_name = true, hive_partitioning = false{more})"


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
