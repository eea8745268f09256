"""A fuzzer breaks subscription files in every way it can think of; it knows how many records it wrote.

For every file: no traceback; rows in file = landed + refused; an accepted file has exactly the records that
were written, each landed under its own number with its own text or refused with its own line. Only a whole
file may be refused, with a sentence, and then nothing of it landed.
"""

import gzip
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from tests.landing_helpers import SUBSCRIPTIONS, Company

FILES = 300


@dataclass
class Export:
    """A file in the making: its records as bytes without line ends, and what is expected of it."""

    random: Random
    records: list[bytes]
    head: bytes = SUBSCRIPTIONS.encode() + b"\n"
    ends: list[bytes] = field(default_factory=list)
    wrappers: list[Callable[[bytes], bytes]] = field(default_factory=list)
    suffix: str = ".csv"
    broken: set[int] = field(default_factory=set)  # records that may not land
    may_refuse: bool = False  # the whole file
    must_refuse: bool = False
    loose: bool = False  # how many records it holds is a matter of taste
    cut: float | None = None
    did: list[str] = field(default_factory=list)

    def some(self, most: int = 3) -> list[int]:
        count = min(len(self.records), self.random.randint(1, most))
        return self.random.sample(range(len(self.records)), count)

    def content(self) -> bytes:
        data = self.head + b"".join(record + end for record, end in zip(self.records, self.ends, strict=True))
        if self.cut is not None:
            at = len(self.head) + int(self.cut * (len(data) - len(self.head)))
            data, position = data[:at], len(self.head)
            kept = 0
            for record, end in zip(self.records, self.ends, strict=True):
                if position >= at:
                    break
                kept += 1
                if position + len(record) > at:
                    self.broken.add(kept - 1)
                position += len(record) + len(end)
            self.records, self.ends = self.records[:kept], self.ends[:kept]
            self.must_refuse = False  # what would have refused it may be cut off
        for wrap in self.wrappers:
            data = wrap(data)
        return data


def good_export(random: Random) -> Export:
    style = random.choice(["bare", "quoted", "mixed"])
    end = random.choice([b"\n", b"\n", b"\r\n"])

    def cell(text: str, is_text: bool = False) -> str:
        needs = any(mark in text for mark in ',"\n\r')
        if needs or style == "quoted" or (style == "mixed" and random.random() < 0.3):
            return '"' + text.replace('"', '""') + '"'
        return text

    records = []
    for number in range(random.choice([1, 2, 5, 12, 30])):
        reason = random.choice(
            ["", "price", "schön", "a, b", 'said "no"', "two\nlines", "日本語", "\n\n", ",", '""']
        )
        cells = [f"s{number}", f"c{number}", "2026-01-01", "", "12.50", "EUR", "month", reason]
        records.append(",".join(cell(text) for text in cells).encode())
    export = Export(random, records, SUBSCRIPTIONS.encode() + end)
    export.ends = [end] * len(records)
    return export


# Ways to break a file. Each changes what is expected of it accordingly.


def nothing(export: Export) -> None:
    pass


def no_last_end(export: Export) -> None:
    export.ends[-1] = b""


def blank_lines(export: Export) -> None:
    for index in export.some():
        export.ends[index] = (export.ends[index] or b"\n") * export.random.randint(2, 4)


def mixed_ends(export: Export) -> None:
    export.ends = [export.random.choice([b"\n", b"\r\n", b"\r"]) for _ in export.ends]


def returns_only(export: Export) -> None:
    export.head = export.head.replace(b"\r", b"").replace(b"\n", b"\r")
    export.ends = [b"\r"] * len(export.ends)


def short_rows(export: Export) -> None:
    for index in export.some():
        export.records[index] = f"s{index},c{index},2026-01-01".encode()
        export.broken.add(index)


def long_rows(export: Export) -> None:
    for index in export.some():
        export.may_refuse |= b"\n" in export.records[index]
        export.records[index] += b",more,and more"
        export.broken.add(index)


def empty_rows(export: Export) -> None:
    for index in export.some():
        export.records[index] = b",,,,,,,"


def text_around_quotes(export: Export) -> None:
    export.may_refuse |= "inch_signs" in export.did  # together they look like quotes out of step
    for index in export.some():
        export.records[index] = f's{index},"c{index}"x,2026-01-01,,1,EUR,month,'.encode()
        export.broken.add(index)


def inch_signs(export: Export) -> None:
    export.may_refuse |= "text_around_quotes" in export.did
    for index in export.some():
        export.records[index] = f's{index},c{index},2026-01-01,,1,EUR,month,5" pipe'.encode()


def stray_quote(export: Export) -> None:
    """Anywhere in a record: the reader may keep it as text, refuse the record or give up the file."""
    for index in export.some(2):
        record = export.records[index]
        at = export.random.randint(0, len(record))
        export.records[index] = record[:at] + b'"' + record[at:]
        export.broken.add(index)
    export.may_refuse = True


def open_quote_at_the_end(export: Export) -> None:
    export.records[-1] = b's9,c9,2026-01-01,,1,EUR,month,"never closed'
    export.must_refuse = True


def broken_utf8(export: Export) -> None:
    for index in export.some(2):
        export.records[index] = f"s{index},c{index},2026-01-01,,1,EUR,month,".encode() + export.random.choice(
            [b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xc3"]
        )
        export.broken.add(index)
    export.may_refuse = True


def nul_byte(export: Export) -> None:
    (index,) = export.some(1)
    export.records[index] += b"\0"
    export.must_refuse = True


def lone_return_in_a_value(export: Export) -> None:
    (index,) = export.some(1)
    export.records[index] = export.records[index].replace(b",", b",\r", 1)
    export.loose = export.may_refuse = True


def truncated(export: Export) -> None:
    export.cut = export.random.random()
    export.may_refuse = True


def garbage(export: Export) -> None:
    def spoil(data: bytes) -> bytes:
        at = export.random.randrange(len(data))
        return data[:at] + export.random.randbytes(export.random.randint(1, 40)) + data[at:]

    export.wrappers.append(spoil)
    export.loose = export.may_refuse = True


def giant_line(export: Export) -> None:
    (index,) = export.some(1)
    export.records[index] = f"s{index},c{index},2026-01-01,,1,EUR,month,{'x' * 2_500_000}".encode()


def byte_order_mark(export: Export) -> None:
    export.wrappers.append(lambda data: b"\xef\xbb\xbf" + data)


def utf16(export: Export) -> None:
    coding = export.random.choice(["utf-16", "utf-16-le", "utf-16-be"])
    export.wrappers.append(lambda data: data.decode("utf-8", "replace").encode(coding))
    export.may_refuse |= bool(export.broken)


def gzipped(export: Export) -> None:
    export.wrappers.append(gzip.compress)


def cut_gzip(export: Export) -> None:
    export.wrappers += [gzip.compress, lambda data: data[: export.random.randrange(2, len(data) - 1)]]
    export.must_refuse = True


def zipped(export: Export) -> None:
    def pack(data: bytes) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner/subs.csv", data)
        return packed.getvalue()

    export.wrappers.append(pack)
    export.suffix = ".zip"


def title_above(export: Export) -> None:
    export.head = b"Subscriptions, as of today\n\n" + export.head


def wide_header(export: Export) -> None:
    """A header with one name more than the records have values."""
    export.head = export.head.replace(b"cancel_reason", b"cancel_reason,more")
    export.broken |= set(range(len(export.records)))
    export.may_refuse = True


BREAKS = [
    nothing, no_last_end, blank_lines, mixed_ends, returns_only, short_rows, long_rows, empty_rows,
    text_around_quotes, inch_signs, stray_quote, open_quote_at_the_end, broken_utf8, nul_byte,
    lone_return_in_a_value, truncated, garbage, giant_line, title_above, wide_header,
]  # fmt: skip
LAST = (open_quote_at_the_end, nul_byte)
WRAPS = [nothing, nothing, nothing, byte_order_mark, utf16, gzipped, zipped, cut_gzip]


def broken_export(seed: int) -> Export:
    random = Random(seed)
    export = good_export(random)
    breaks = random.sample(BREAKS, random.choice([1, 1, 2, 3]))
    breaks.sort(key=LAST.__contains__)  # so that no other one overwrites what must refuse the file
    for change in [*breaks, random.choice(WRAPS)]:
        export.did.append(change.__name__)
        change(export)
    return export


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    """All the broken files as exports of one system each, and what became of them."""
    company = Company(tmp_path_factory.mktemp("fuzz"))
    exports = {}
    for seed in range(FILES):
        export = broken_export(seed)
        file = f"plain/f{seed}/subs{export.suffix}"
        company.write(file, export.content())
        exports[f"f{seed}"] = export
    # What is in question here is the reading, not whether a batch is plausible.
    report = company.land(
        decisions=[],
        policy=[
            {"vendor": "plain", "object": "subscriptions", "minimum_row_share": 0, "minimum_value_share": 0}
        ],
    )
    return company, exports, {outcome.system: outcome for outcome in report.files}


def test_every_file_is_accounted_for(fuzzed):
    _company, exports, outcomes = fuzzed
    assert set(outcomes) == set(exports)
    for system, outcome in outcomes.items():
        about = (system, exports[system].did, outcome.reason)
        if outcome.rows_in_file is not None:
            assert outcome.rows_in_file == outcome.rows_landed + outcome.rows_refused, about
        assert (outcome.rows_landed or 0) == 0 or outcome.status == "accepted", about
        assert outcome.status == "accepted" or outcome.reason.endswith((".", "<why>")), about


def test_accepted_files_have_the_records_that_were_written(fuzzed):
    company, exports, outcomes = fuzzed
    landed, refused = defaultdict(dict), defaultdict(dict)
    for system, record, ref in company.rows("plain", "subscriptions", "_system, _record, subscription_ref"):
        landed[system][record] = ref
    for system, record, line, text in company.refused("system, record, line, record_text"):
        refused[system][record] = (line, text)
    for system, outcome in outcomes.items():
        export, about = exports[system], (system, exports[system].did, outcome)
        if outcome.status == "held":
            assert "have no" in outcome.reason, about
        if outcome.status != "accepted":
            assert not landed[system] and not refused[system], about
            continue
        numbers = sorted([*landed[system], *refused[system]])
        assert numbers == list(range(1, outcome.rows_in_file + 1)), about
        if export.loose:
            continue
        assert not export.must_refuse, about
        assert outcome.rows_in_file == len(export.records), about
        for number, ref in landed[system].items():
            intended = export.records[number - 1].split(b",")[0].strip(b'"')
            assert number - 1 in export.broken or (ref or "").encode() == intended, about
        assert {number - 1 for number in refused[system]} <= export.broken, about


def test_only_what_is_broken_is_refused(fuzzed):
    _, exports, outcomes = fuzzed
    for system, outcome in outcomes.items():
        export = exports[system]
        if not (export.may_refuse or export.must_refuse):
            assert outcome.status != "refused", (system, export.did, outcome.reason)
        if export.must_refuse:
            assert outcome.status == "refused", (system, export.did)


def test_refused_records_name_their_physical_line(fuzzed):
    company, exports, _outcomes = fuzzed
    checked = 0
    for system, line, text in company.refused("system, line, record_text"):
        export = exports[system]
        if {"utf16", "broken_utf8", "garbage", "truncated"} & set(export.did) or len(text) > 5000:
            continue
        data = export.head + b"".join(r + e for r, e in zip(export.records, export.ends, strict=True))
        lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        first = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[0].split("?")[0]
        assert lines[line - 1].startswith(first), (system, export.did, line, text)
        checked += 1
    assert checked > 50


def test_the_fuzzer_reaches_every_outcome(fuzzed):
    """So that a fuzzer that breaks nothing, or everything, does not pass for a test."""
    _, exports, outcomes = fuzzed
    statuses = [outcome.status for outcome in outcomes.values()]
    assert statuses.count("accepted") > FILES / 3 and statuses.count("refused") > FILES / 20
    assert (
        sum(outcome.rows_refused or 0 for outcome in outcomes.values() if outcome.status == "accepted") > 50
    )
    assert {name for export in exports.values() for name in export.did} == {
        change.__name__ for change in [*BREAKS, *WRAPS]
    }
