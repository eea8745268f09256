"""JSON exports in every layout: each record is landed or refused, or the file is refused, and none is passed over."""

import json
from random import Random

import pytest

from dagster_project.exports import json_records
from dagster_project.exports.files import RefusedFile, Source
from dagster_project.exports.json_records import json_entries
from tests.landing_helpers import CONTRACTS, Company

RECORDS = [{"customer_ref": f"c{number}", "name": 'a "}],\n[{ é', "n": -1.5e3} for number in range(7)]
A, B, C, D = (json.dumps(record) for record in RECORDS[:4])


@pytest.fixture
def entries(tmp_path):
    def read(content: str | bytes, encoding: str = "utf-8") -> list[json_records.Entry]:
        path = tmp_path / "x.json"
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return list(
            json_entries(Source(path, "plain/x.json", "plain", "plain", 0, 0), encoding, CONTRACTS["plain"])
        )

    return read


@pytest.fixture
def refs(entries):
    return lambda content: [entry.values and entry.values["customer_ref"] for entry in entries(content)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(f"[{A},{B}]\n[{C},{D}]", 4, id="lists in a row"),
        pytest.param(f"[{A}][{B}] [{C}]", 3, id="lists on one line"),
        pytest.param(f'{{"data": [{A},{B}]}}\n{{"data": []}}\n{{"next": 1, "data": [{C}]}}\n', 3, id="a page per line"),
        pytest.param(f'[]\n[{A}]', 1, id="an empty page first"),
        pytest.param("\n".join(json.dumps(record, indent=2) for record in RECORDS), 7, id="printed with indents"),
        pytest.param(json.dumps({"data": RECORDS}, indent=2) * 2, 14, id="pages printed with indents"),
        pytest.param(f'{{"data": [\n{A}\n]}}', 1, id="a page whose second line is a record"),
        pytest.param(f"{A}{B}\n{C}", 3, id="records without line ends"),
        pytest.param(f"{A}\r{B}\r", 2, id="lone returns"),
        pytest.param(f"\ufeff{A}\n\ufeff{B}\n", 2, id="byte order marks of files put together"),
        pytest.param(f"[{A},{B},]", 2, id="a last comma"),
        pytest.param(f'{{"items": [], "data": [{A}]}}', 1, id="an empty list beside"),
        pytest.param(f'{A[:-1]}, "items": [1]}}\n{B[:-1]}, "data": []}}', 2, id="records with lists of their own"),
    ],
)  # fmt: skip
def test_every_record_of_a_layout_is_read(refs, content, found):
    assert refs(content) == [f"c{number % 7}" for number in range(found)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(f"[{A}]garbage", ["damaged", "line 1"], id="text after a list"),
        pytest.param(f"[\n{A}\n] {B} }}", ["damaged", "line 3"], id="a bracket too many"),
        pytest.param(f"[{A} {B}]", ["damaged"], id="no comma"),
        pytest.param(f"[{A},\n,{B}]", ["damaged", "line 2"], id="two commas"),
        pytest.param(f"{A},\n{B}", ["damaged", "line 1"], id="commas without a list"),
        pytest.param(
            f'{{"data": [{A}], "items": [{B}]}}', ["two lists", "'data' and 'items'"], id="two lists"
        ),
        pytest.param(
            f'[\n{A},\n{{"n": {"[" * 50_000}', ["line 3", "nested too deeply"], id="nested in a list"
        ),
    ],
)
def test_files_of_which_nobody_can_say_what_they_hold_are_refused(entries, content, words):
    with pytest.raises(RefusedFile) as refusal:
        entries(content)
    assert all(word in str(refusal.value) for word in words), refusal.value


BROKEN = [
    ('{"n": ' + "[" * 50_000 + "]" * 50_000 + "}", "nested too deeply"),
    ('{"customer_ref": ', "not a JSON object"),
    ("[1]", "not a JSON object"),
    ('{"name": "\udce9"}', "not UTF-8"),
    ('{"customer_ref": "c1", "name": "A", "customer_ref": "c2"}', "a name in it has two different values"),
    ('{"customer_ref": "c1", "custom": {"tier": 1, "tier": 2}}', "a name in it has two different values"),
    (f"{A}garbage", "not a JSON object"),
]


@pytest.mark.parametrize(
    ("at", "line", "reason"),
    # A first line that is more than a value says that this is no file with a value per line.
    [(at, *broken) for broken in BROKEN for at in ((1, 2) if "garbage" in broken[0] else (0, 1, 2))],
)
def test_a_broken_line_is_refused_alone_wherever_it_stands(entries, line, reason, at):
    given = [B, C]
    given.insert(at, line)
    found = entries("\n".join(given).encode("utf-8", "surrogateescape"))
    assert [(entry.line, entry.reason) for entry in found] == [
        (number + 1, reason if number == at else None) for number in range(3)
    ]


def test_entries_of_a_list_that_are_no_objects_or_no_utf8_are_refused_alone(entries):
    found = entries(f'[{A},\n3, {{"customer_ref": "\udce9"}},\n{B}]'.encode("utf-8", "surrogateescape"))
    assert [(entry.line, entry.reason) for entry in found] == [
        (1, None), (2, "not a JSON object"), (2, "not UTF-8"), (3, None)
    ]  # fmt: skip


def test_a_name_that_stands_twice_with_one_value_loses_nothing(entries):
    (found,) = entries('{"customer_ref": "c1", "n": 1.50, "customer_ref": "c1", "n": 1.50}')
    assert found.values == {"customer_ref": "c1", "n": "1.50"}


def test_a_first_line_of_more_than_a_block_is_a_line(refs):
    assert refs(f'{{"customer_ref": "c0", "note": "{"x" * 1_100_000}"}}\n{B}\n{C}\n') == ["c0", "c1", "c2"]


def test_a_page_may_be_longer_than_a_record(refs, monkeypatch):
    monkeypatch.setattr(json_records, "MAXIMUM_RECORD", 200)
    monkeypatch.setattr(json_records, "BLOCK", 64)
    many = ",".join([A, B, C] * 10)
    assert (
        refs(f'{{"object": "list", "url": {{"a": [1]}}, "data": [{many}], "more": false}}')
        == ["c0", "c1", "c2"] * 10
    )
    with pytest.raises(RefusedFile, match="longer than"):
        refs(f'[{A}, {{"customer_ref": "{"x" * 500}"}}]')
    with pytest.raises(RefusedFile, match="longer than"):
        refs(f'{A}\n{{"customer_ref": "{"x" * 500}"}}\n')


def written(random: Random, records: list[dict]) -> str:
    """The records in a layout that anybody might write."""
    values = []
    while records:
        count = random.randint(1, len(records))
        some, records = records[:count], records[count:]
        values += random.choice(
            [lambda some: some, lambda some: [some], lambda some: [{"x": {"y": "]"}, "data": some}]]
        )(some)
    indent = random.choice([None, None, 0, 2])
    return random.choice(["\n", "\r\n", " \n\n"]).join(json.dumps(value, indent=indent) for value in values)


@pytest.mark.parametrize("block", [1, 3, 17, 100, 1 << 20])
def test_cut_anywhere_and_laid_out_in_any_way_the_records_are_the_same(entries, monkeypatch, block):
    monkeypatch.setattr(json_records, "BLOCK", block)
    for seed in range(60):
        content = written(Random(seed), RECORDS)
        found = [(entry.values["customer_ref"], entry.values["n"]) for entry in entries(content)]
        assert found == [(record["customer_ref"], "-1500.0") for record in RECORDS], (seed, content)


def test_a_file_cut_off_never_passes_for_a_whole_one(entries):
    """Cut between two values nobody can tell; cut elsewhere the file is refused, or its last line."""
    refused = 0
    for seed in range(60):
        random = Random(seed)
        content = written(random, RECORDS)
        at = random.randrange(1, len(content))
        try:
            found = entries(content[:at])
        except RefusedFile:
            refused += 1
            continue
        if found[-1].reason:
            assert len(found) <= len(RECORDS), (seed, content[:at])
            refused += 1
        else:
            rest = json_records.Text(iter([content[at:]]))
            while rest.next():
                rest.go_to(rest.value()[1])
    assert 30 < refused < 60


def test_bytes_of_another_encoding_refuse_the_file(tmp_path):
    company = Company(tmp_path)
    lines = [f'{{"customer_ref": "c{number}", "name": "\xe9"}}' for number in range(3)]
    outcome = company.land_one("plain/c.jsonl", "\n".join(lines).encode("latin-1"))
    assert outcome.status == "refused" and "Latin-1" in outcome.reason
