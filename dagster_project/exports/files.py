"""The exports folder: which files there are, whether they have stopped growing, and their bytes."""

import gzip
import hashlib
import lzma
import os
import re
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from dagster_project.exports.text import is_storable, shown, storable
from dagster_project.exports.walk import HIDDEN, walk

SPREADSHEETS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"}
READABLE = {".csv", ".json", ".jsonl", ".ndjson", ".txt", ".tsv"}
UNFINISHED = {".part", ".crdownload", ".tmp", ".filepart", ".download", ".partial"}
NOTES = {".md", ".rst", ".py", ".pdf"}
FEW = 5


class RefusedFile(Exception):
    """A file that cannot be landed. Its text is the reason, a sentence for the log.

    `records` is how many records it holds, where that could be told.
    """

    def __init__(self, reason: str, records: int | None = None):
        super().__init__(reason)
        self.records = records


@dataclass(frozen=True)
class Source:
    """One file, or one member of a zip file, in the exports folder."""

    path: Path
    file: str  # as the log names it: relative to the exports folder, a member after its zip, no address in clear
    vendor: str
    system: str
    size: int  # bytes on disk (of a member: its own)
    modified: float  # seconds since 1970
    member: zipfile.ZipInfo | None = None
    problem: str | None = None  # why it cannot be opened

    @property
    def modified_at(self) -> datetime:
        return datetime.fromtimestamp(self.modified, UTC).replace(tzinfo=None)

    @property
    def name(self) -> str:
        """Its own name, as it stands in its folder."""
        return PurePosixPath(self.member.filename if self.member else self.path.name).name

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes, decompressed. Raises RefusedFile where they are damaged."""
        try:
            if self.problem:
                raise RefusedFile(self.problem)
            if self.member is None:
                with self.path.open("rb") as raw, decompressed(raw) as data:
                    yield data
            else:
                with (
                    zipfile.ZipFile(self.path) as archive,
                    archive.open(self.member) as raw,
                    decompressed(raw) as data,
                ):
                    yield data
        except NotImplementedError as error:
            raise RefusedFile(
                f"the zip file was made in a way that cannot be read ({error}); make it anew with the usual method (Deflate), or "
                "unpack it here"
            ) from error
        except RuntimeError as error:
            raise RefusedFile(
                f"the zip member cannot be opened ({error}); export it without a password"
            ) from error
        except PermissionError as error:
            if error.filename != str(self.path):
                raise
            raise RefusedFile("it may not be read; change its permissions") from error
        except (EOFError, OSError, zipfile.BadZipFile, lzma.LZMAError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk, not what is on it
                raise
            raise RefusedFile(
                f"the compressed file is damaged or cut off ({error}); copy or export it again"
            ) from error

    def digest(self) -> str:
        """SHA-256 of its decompressed bytes; of its name and raw bytes, where it has any, if that cannot be."""
        try:
            with self.open() as data:
                return hashlib.file_digest(data, "sha256").hexdigest()
        except RefusedFile:
            digest = hashlib.sha256(self.file.encode())
            if self.path.is_file() and os.access(self.path, os.R_OK):
                with self.path.open("rb") as raw:
                    digest.update(hashlib.file_digest(raw, "sha256").digest())
            return digest.hexdigest()


@contextmanager
def decompressed(raw: BinaryIO) -> Iterator[BinaryIO]:
    """The stream behind a gzip wrapper, by its first bytes and not its name; others as they are."""
    if not raw.seekable() or raw.read(2) != b"\x1f\x8b":
        raw.seek(0)
        yield raw
        return
    raw.seek(0)
    with gzip.GzipFile(fileobj=raw) as data:
        yield data


def find_sources(
    exports: Path,
    vendors: Collection[str],
    log: Callable[[str], None],
    settle: float = 2.0,
    wait: float = 60.0,
) -> list[Source]:
    """Every export that has stopped growing, in the order of their names, and with its problem what cannot be one.

    A file touched within the last `settle` seconds is looked at again until it rests, for `wait` seconds in
    all; one that still grows then is left for the next run, which is logged. Raises nothing.
    """
    files, passed_over = [], {}
    if not exports.is_dir():
        log(f"There is no exports folder {exports}: nothing to land.")
        return []
    for path, problem in walk(exports):
        top, *below = path.relative_to(exports).parts or ("",)
        suffix = path.suffix.lower()
        if suffix in NOTES or (below and top.startswith("_")):
            continue
        if below and top not in vendors:
            passed_over[exports / top] = no_vendor(top, vendors)
        elif problem:
            passed_over[path] = f"it {problem}"
        elif suffix in UNFINISHED:
            log(f"{storable(str(path))}: looks like an unfinished download and was left for the next run.")
        elif not below:
            passed_over[path] = (
                "it lies in the exports folder itself, and only a folder says who wrote a file; move it into the "
                f"one of its vendor ({', '.join(sorted(vendors))})"
            )
        else:
            files.append(path)
    sources = [source for path in at_rest(files, log, settle, wait) for source in sources_of(path, exports)]
    sources += [outside(path, exports, problem) for path, problem in passed_over.items()]
    for name in sorted({str(source.path.relative_to(exports)) for source in sources}):
        if "@" in name:
            log(f"{storable(name)}: named {shown(name)} from here on, since readers see no e-mail address.")
    return sources


def no_vendor(name: str, vendors: Collection[str]) -> str:
    if name.lower() in vendors:
        advice = f"call it '{name.lower()}'"
    else:
        advice = f"vendors are {', '.join(sorted(vendors))}; other systems go into plain/{name}/"
    return f"'{name}' is no vendor this project reads, so nothing in it was landed; {advice}"


def outside(path: Path, exports: Path, problem: str) -> Source:
    """What is no file of a system at all, so that it can be told."""
    is_folder = os.path.isdir(path)  # unlike Path's, false where it cannot be told
    file = shown(path.relative_to(exports).as_posix()) + "/" * is_folder
    vendor = file.split("/")[0] if "/" in file else ""
    return Source(path, file, vendor, "", 0, 0.0, problem=problem)


def at_rest(files: list[Path], log: Callable[[str], None], settle: float, wait: float) -> list[Path]:
    """The files whose size and time stay the same; waits for those that were touched just now."""
    deadline = time.monotonic() + wait
    told = False
    seen: dict[Path, tuple[int, int]] = {}
    while True:
        growing = []
        for path in files:
            stat = path.stat() if path.exists() else None
            if stat is None:
                continue
            state = (stat.st_size, stat.st_mtime_ns)
            is_fresh = 0 <= time.time() - stat.st_mtime < settle
            if seen.get(path, state) != state or (is_fresh and path not in seen):
                growing.append(path)
            seen[path] = state
        if not growing:
            return [path for path in files if path in seen]
        if time.monotonic() >= deadline:
            for path in growing:
                log(
                    f"{storable(str(path))}: still growing after {wait:.0f} s, so it was left for the next run."
                )
            return [path for path in files if path in seen and path not in growing]
        if not told:
            log(f"Waiting for {len(growing)} file{'s' * (len(growing) != 1)} to stop growing.")
            told = True
        time.sleep(settle)


def sources_of(path: Path, exports: Path) -> list[Source]:
    """A file as one source, a zip as one per member that could be an export."""
    name = path.relative_to(exports).as_posix()
    file = shown(name)
    vendor, *between = file.split("/")[:-1]
    system = between[0] if vendor == "plain" and between else vendor
    stat = path.stat()
    plain = Source(path, file, vendor, system, stat.st_size, stat.st_mtime)
    if not is_storable(name):
        return [with_problem(plain, "its name, or its folder's, is no UTF-8 text; rename it")]
    suffix = path.suffix.lower()
    if suffix in SPREADSHEETS:
        return [with_problem(plain, spreadsheet_sentence())]
    if suffix != ".zip":
        bare = PurePosixPath(path.name.lower().removesuffix(".gz"))
        if bare.suffix in READABLE:
            return [plain]
        return [
            with_problem(
                plain,
                f"'{bare.suffix or path.name}' is no kind of file this reads; export .csv, .json or .jsonl",
            )
        ]
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(
                (info for info in archive.infolist() if not info.is_dir() and is_told_of(info.filename)),
                key=lambda info: (info.filename, info.header_offset),
            )
    except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError) as error:
        return [with_problem(plain, f"the zip file is damaged or cut off ({error}); copy or export it again")]
    if not members:
        return [with_problem(plain, "the zip file holds no .csv, .json or .jsonl file")]
    return sources_in_zip(plain, members)


def sources_in_zip(archive: Source, members: list[zipfile.ZipInfo]) -> list[Source]:
    """One source per member, and one for all those together that are no exports, of which there may be thousands."""
    sources, others, count = [], [], Counter()
    for info in members:
        name = info.filename
        count[name] += 1
        number = f" ({count[name]})" if count[name] > 1 else ""
        source = replace(
            archive, file=f"{archive.file}/{shown(name)}{number}", size=info.file_size, member=info
        )
        suffix = PurePosixPath(name.lower().removesuffix(".gz")).suffix
        if suffix in READABLE:
            sources.append(source)
        elif suffix in SPREADSHEETS:
            sources.append(with_problem(source, spreadsheet_sentence()))
        elif suffix == ".zip":
            sources.append(with_problem(source, "it is a zip file in another; unpack that one here"))
        else:
            others.append(source)
    if others:
        kinds = sorted({PurePosixPath(source.file).suffix or "no suffix" for source in others})
        problem = (
            f"{len(others)} of its files are of no kind that this reads ({', '.join(kinds[:FEW])}"
            f"{', …' if len(kinds) > FEW else ''}); export .csv, .json or .jsonl"
        )
        sources.append(with_problem(replace(archive, file=f"{archive.file}/…"), problem))
    return sources


def with_problem(source: Source, problem: str) -> Source:
    return replace(source, problem=problem)


def is_told_of(member: str) -> bool:
    path = PurePosixPath(member)
    return path.suffix.lower() not in NOTES and not any(part.startswith(HIDDEN) for part in path.parts)


def spreadsheet_sentence() -> str:
    return (
        "this is a spreadsheet file; open it, choose File > Save As (or Download) > 'CSV UTF-8 (comma "
        "delimited)', one file per sheet, and drop the .csv here instead"
    )


DATE_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:[T_\- ]?([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:m]?([0-5]\d))?(?:\.\d+)?Z?)?(?!\d)"
)


def date_in_name(file: str) -> datetime | None:
    """The day, or the day and UTC time, in a file's name; the last one where there are several.

    >>> date_in_name("stripe/invoices_2026-10-31.csv")
    datetime.datetime(2026, 10, 31, 0, 0)
    """
    for found in reversed(list(DATE_IN_NAME.finditer(PurePosixPath(file).name))):
        year, _, month, day, hour, minute, second = found.groups()
        try:
            return datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
            )
        except ValueError:
            continue
    return None
