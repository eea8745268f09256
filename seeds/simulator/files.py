"""CSV and JSON files written row by row, so that memory does not grow with their length."""

import csv
import gzip
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO


def opened(path: Path) -> list[BinaryIO]:
    """A new file, and what compresses into it where its name ends in .gz: neither a name nor a time is in the archive, so
    that equal rows are equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files: list[BinaryIO] = [path.open("wb")]
    if path.suffix == ".gz":
        files.append(gzip.GzipFile("", "wb", 6, files[0], mtime=0))
    return files


def close(text: io.TextIOWrapper, files: Sequence[BinaryIO]) -> None:
    text.flush()
    text.detach()
    for file in reversed(files):
        file.close()


class Table:
    """One CSV file being written; `records` counts its data rows so far. A name ending in .gz is compressed."""

    def __init__(
        self,
        path: Path,
        *headers: Sequence[str],
        quote_all: bool = False,
        bom: bool = False,
        newline: str = "\n",
        target: BinaryIO | None = None,
    ):
        self.name = path.name
        self.records = 0
        self._files = opened(path) if target is None else [target]
        self._text = io.TextIOWrapper(self._files[-1], encoding="utf-8-sig" if bom else "utf-8", newline="")
        quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
        self._writer = csv.writer(self._text, quoting=quoting, lineterminator=newline)
        self._writer.writerows(headers)

    def add(self, row: Sequence[object]) -> int:
        """Write one row and return its record number, counted from 1."""
        self._writer.writerow(row)
        self.records += 1
        return self.records

    def extend(self, rows: Sequence[Sequence[object]]) -> None:
        self._writer.writerows(rows)
        self.records += len(rows)

    def write_text(self, rows: Sequence[str]) -> None:
        """Rows that are CSV text already, line end included."""
        self._text.write("".join(rows))
        self.records += len(rows)

    def close(self) -> None:
        close(self._text, self._files)


class JsonFile:
    """One JSON file being written: an object per line, and a list of them all where `is_list`."""

    def __init__(self, path: Path, is_list: bool = False):
        self.name = path.name
        self.records = 0
        self._files = opened(path)
        self._text = io.TextIOWrapper(self._files[-1], encoding="utf-8", newline="")
        self._before, self._between, self._after = ("[", ",\n", "]\n") if is_list else ("", "\n", "\n")

    def add(self, entry: Mapping[str, object]) -> int:
        """Write one object and return its number, counted from 1."""
        self._text.write(self._between if self.records else self._before)
        self._text.write(json.dumps(entry, ensure_ascii=False))
        self.records += 1
        return self.records

    def close(self) -> None:
        self._text.write(self._after if self.records else self._before + self._after)
        close(self._text, self._files)


class Archive:
    """A zip of several CSV files that grow side by side; each waits in a temporary file until the end."""

    def __init__(self, path: Path, compress: bool):
        self._path, self.name = path, path.name
        self._method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        self._waiting: list[tuple[str, BinaryIO, Table]] = []

    def table(self, name: str, header: Sequence[str]) -> Table:
        waiting = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the archive)
        member = Table(self._path / name, header, quote_all=True, target=_KeptOpen(waiting))
        self._waiting.append((name, waiting, member))
        return member

    def close(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(self._path, "w", self._method, compresslevel=6) as archive:
            for name, waiting, member in self._waiting:
                member.close()
                waiting.seek(0)
                info = zipfile.ZipInfo(name, date_time=(2026, 11, 1, 2, 0, 0))
                info.compress_type = self._method
                with archive.open(info, "w", force_zip64=True) as target:
                    shutil.copyfileobj(waiting, target, 1 << 20)
                waiting.close()


class _KeptOpen(io.RawIOBase):
    """Passes bytes on to another file, and leaves that open when closed itself."""

    def __init__(self, file: BinaryIO):
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        return self._file.write(data)


def close_all(files: Iterable[Table | JsonFile | Archive]) -> None:
    for file in files:
        file.close()
