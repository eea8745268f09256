"""An independent count of a CSV file's records: a scan of its bytes by quote parity, never by a parser.

A parser that meets an unbalanced quote can drop the rest of a file without a word. Nothing it says about how
many records a file has is taken on trust: it must agree with this count.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

CHUNK = 1 << 22
QUOTE, LF, CR, NUL = 34, 10, 13, 0


@dataclass(frozen=True)
class Place:
    """Where the scan stood at the start of a chunk, so that a few positions are found again cheaply."""

    offset: int  # byte in the file
    is_quoted: bool
    records: int  # that begin before this chunk, the one it begins in included
    line: int  # physical line, from 1
    record_start: int  # first byte of the record it begins in


@dataclass
class Scan:
    """What the bytes from `offset` on hold. A blank line is no record."""

    path: Path
    newline: int
    records: int = 0
    longest: int = 0  # bytes of the longest record
    line_ends: int = 0
    returns: int = 0  # of the line ends, those that are CRLF
    is_quote_open: bool = False  # a quote is still open at the end
    nul_line: int | None = None  # first physical line with a NUL byte
    places: list[Place] = field(default_factory=list)

    def locate(self, starts: Iterable[int]) -> dict[int, tuple[int, int]]:
        """First byte of a record -> (its number from 1, its physical line). Others are left out."""
        found: dict[int, tuple[int, int]] = {}
        by_place: dict[int, set[int]] = {}
        offsets = [place.offset for place in self.places]
        for start in starts:
            by_place.setdefault(max(bisect_right(offsets, start) - 1, 0), set()).add(start)
        with self.path.open("rb") as file:
            for index, wanted in by_place.items():
                place = self.places[index]
                file.seek(place.offset)
                chunk = np.frombuffer(file.read(CHUNK), dtype=np.uint8)
                newlines = np.flatnonzero(chunk == self.newline)
                first, ends = record_bounds(chunk, newlines, place, self.newline)
                begins = np.append(first, ends[-1] + 1 if len(ends) else place.record_start)
                for start in wanted:
                    at = int(np.searchsorted(begins, start))
                    if at < len(begins) and begins[at] == start:
                        lines = (
                            int(np.searchsorted(newlines, start - place.offset))
                            if start > place.offset
                            else 0
                        )
                        found[start] = (place.records + at, place.line + lines)
        return found


def scan(path: Path, offset: int = 0, line: int = 1, newline: int = LF) -> Scan:
    """Count the records from a byte on, in memory of a few chunks. `line` is that byte's physical line."""
    result = Scan(path, newline)
    position, is_quoted, record_start, begun = offset, False, offset, 0
    last = b""
    with path.open("rb") as file:
        file.seek(offset)
        while data := file.read(CHUNK):
            chunk = np.frombuffer(data, dtype=np.uint8)
            place = Place(position, is_quoted, begun + 1, line, record_start)
            result.places.append(place)
            newlines = np.flatnonzero(chunk == newline)
            if result.nul_line is None and (nul := data.find(b"\0")) >= 0:
                result.nul_line = line + int(np.searchsorted(newlines, nul))
            starts, ends = record_bounds(chunk, newlines, place, newline)
            if len(ends):
                inside = ends - position
                before = chunk[inside - 1] == CR
                before[0] = before[0] if inside[0] else last.endswith(b"\r")
                result.line_ends += len(ends)
                result.returns += int(before.sum())
                begun += len(starts)
                record_start = int(ends[-1]) + 1
                if len(starts):
                    following = np.append(starts[1:], record_start)
                    result.longest = max(result.longest, int((following - starts).max()))
            is_quoted ^= bool(data.count(b'"') & 1)
            line += len(newlines)
            position += len(data)
            last = data
    rest = position - record_start
    is_lone_return = rest == 1 and newline == LF and last.endswith(b"\r")
    result.records = begun + (rest > 0 and not is_lone_return)
    result.longest = max(result.longest, rest)
    result.is_quote_open = is_quoted
    return result


def record_bounds(
    chunk: np.ndarray, newlines: np.ndarray, place: Place, newline: int
) -> tuple[np.ndarray, np.ndarray]:
    """(first bytes of the records that end in this chunk, bytes that end a record or a blank line).

    Both are positions in the file. A newline ends a record where the quotes before it are even in number.
    """
    quotes = np.flatnonzero(chunk == QUOTE)
    if len(quotes):
        ends = newlines[(np.searchsorted(quotes, newlines) + place.is_quoted) % 2 == 0]
    else:
        ends = newlines[:0] if place.is_quoted else newlines
    if not len(ends):
        return ends, ends
    ends = ends + place.offset
    starts = np.empty_like(ends)
    starts[0] = place.record_start
    starts[1:] = ends[:-1] + 1
    lengths = ends - starts
    is_blank = lengths == 0
    if newline == LF:
        single = np.flatnonzero(lengths == 1)
        # The byte before the newline; one that lies in the chunk before belongs to a record cut in two there.
        inside = single[ends[single] - 1 >= place.offset]
        is_blank[inside[chunk[ends[inside] - 1 - place.offset] == CR]] = True
    return starts[~is_blank], ends
