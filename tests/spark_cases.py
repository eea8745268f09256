"""Values on which each macro must say the same on both engines, the odd ones first."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa


@dataclass(frozen=True)
class Tried:
    """Macros on values: columns with their types, rows, and the calls over them by the name of their result."""

    columns: dict[str, pa.DataType]
    rows: list[tuple]
    calls: dict[str, str]


money = pa.decimal128(18, 4)
chance = random.Random(4)


def amount(digits: int = 14) -> Decimal:
    """A random amount, of any size up to so many digits before the point."""
    return Decimal(
        chance.randrange(-(10 ** chance.randrange(1, digits + 5)), 10 ** chance.randrange(1, digits + 5))
    ).scaleb(-4)


def rate() -> Decimal:
    return Decimal(chance.randrange(1, 10 ** chance.randrange(1, 12))).scaleb(-8)


AMOUNTS = [
    Decimal(text) for text in ("0", "0.0001", "-0.0001", "1", "-1", "3", "7", "0.005", "99999999999999.9999")
]
TEXTS = [
    None, "", " ", "a", "USD", "usd", "USD\n", "\nUSD", "USDX", "10", "10\n", "1", "é", "\u00a0", "\tx ", "00Q",
    "Ada@Example.COM", " ada@example.com\t", "a@b@c.de", "a b@c.de", "İ@ẞ.DE", "ΑΣ@ΟΔΟΣ.GR", "n/a", "@x.de", "a@b.", "'@\\.\"",
    "https://www.Example.com:443/about?x=1", "HTTP://example.com", "www.example.com/", "ftp:/x.y", "example", "x.y?z/a:b",
    "https://www.facebook.com/BakeryRose", "de-de.facebook.com", "https://www.linkedin.com/company/x\n", "x.com", "rex.com", "rose.etsy.com",
    "https://sites.google.com/view/rose", "google.com", "linktr.ee/rose", "facebook.com.example", "facebook.community",
    "5003000000D8cuI", "0013000000Bc1Qx", " 0013000000Bc1Qx ", "0013000000Bc1QxAAC",
    "qualtrics/NPS_2026-11-01.csv", "a/Relationship+NPS_November 22, 2026_13.05.csv", "20261122.csv.gz", "x-20261122.json.zip",
    "10 - Extremely likely", "Not at all likely - 0", "4 of 5", "5 stars", "9 ", "1.5", "Very good", "7\n8", "1000 - x",
]  # fmt: skip
LISTS = [
    None, "", ";", "1", "1;2", " 1 ; 2 ", ";2;", "1:1700000000000;2:1700000000001", "closedwon", "Closed Won (Sales (EU))", "失注 (営業)",
    "Fermé gagné（x）", "FERMÉ GAGNÉ", "(Closed Lost)", "closed won\n(x)", "won",
    "1:1700010000000", "1: 9999999999999 ", "1:170001000000", "1:soon", "1:-1700010000000", "1:17000100000000", "1:1700010000000:2",
]  # fmt: skip
SHARES = [
    (k, n)
    for n in (0, 1, 2, 3, 5, 10, 97, 1000, 1_000_000, 999_999_999)
    for k in sorted({0, 1, n // 3, n // 2, n - 1, n})
    if 0 <= k <= n
]
# How many of how many respondents are for and against, of how many that were asked.
MARGINS = [
    (k, d, n, population)
    for k, n in SHARES
    for d in sorted({0, (n - k) // 2, n - k})
    for population in (None, 0, n, n + 1, 3 * n, 20 * n, 21 * n)
]
# What is kept in a month, a quarter and a year where half is lost in five years, of a hundred million.
HALVED_IN_FIVE_YEARS = [(round(10**8 * 0.5 ** (1 / parts)), 10**8) for parts in (60, 20, 5)]
TERMS = [
    (anchor, unit, length, anchor + timedelta(days))
    for anchor in (date(2023, 1, 1), date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 15))
    for unit, length in (
        ("month", 1),
        ("month", 3),
        ("month", 12),
        ("month", 36),
        ("day", 1),
        ("day", 7),
        ("day", 364),
    )
    for days in (0, 1, 6, 7, 8, 28, 29, 30, 31, 32, 59, 60, 90, 91, 364, 365, 366, 367, 730, 731, 1096)
]
WORDS = [
    (Decimal(amount), currency, number, date(2025, 1 + number % 12, 1))
    for number, amount in enumerate(
        (
            "0",
            "0.05",
            "-0.5",
            "1",
            "999.99",
            "-1000",
            "1234567.8",
            "12345678901.0500",
            "0.0099",
            "-999999.9999",
        )
    )
    for currency in ("USD", "JPY", "KWD")
] + [(Decimal(1), "USD", number, date(2026, 12, 1)) for number in (999, 1000, 1234567)]
JSONS = [  # whole ones: of others landing keeps none
    None, "{}", "null", "[]", "3", '{"segment": "Large"}', '{"segment": " Large "}', '{"segment": ""}', '{"segment": null}',
    '{"segment": true}', '{"segment": 12}', '{"segment": {"a": 1}}', '{"Segment": "x"}', '{"segment": "L\\u00e4rge \\"x\\" \\n"}',
    '{"a": {"segment": "inner"}}', '{"a": "x", "segment": "é\\\\"}', '{"segment": "x", "segment": "y"}', '{"segment": [1, 2]}',
]  # fmt: skip
ITEMS = [
    '[{"item_type": "plan", "amount": 1000}, {"item_type": "addon", "unit_price": 5, "quantity": 3}, {"item_type": "charge", "amount": 9}]',
    '[{"id": "seat", "amount": 500}]', '[{"amount": 0}]', '[{"amount": null}]', '[{}]', '[{"item_type": "charge", "amount": 9}]',
    '[{"amount": 12.5}]', '[{"amount": "12"}]', '[{"amount": 1e3}]', '[{"amount": -4}]', '[{"amount": 9999999999999}]', '[{"unit_price": 5}]',
    '[{"unit_price": 9999999999999, "quantity": 9999999999999}, {"unit_price": 9999999999999, "quantity": 9999999999999}]',
    '[{"item_price_id": "seat", "amount": 1001, "billing_period": 1, "billing_period_unit": "year"}, {"amount": 7, "item_price_id": "pro"}]',
    '[{"item_price_id": "seat", "amount": 10, "billing_period_unit": "month"}, {"amount": 7, "billing_period":0, "billing_period_unit": "day"}]',
    '[null, {"amount": 3}]', '[{"amount": {"a": 1}}]', '[{"amount": 1}, {"amount": 2}]', '[{"amount": true}]',
]  # fmt: skip
SAID = [
    (None, None), ("", ""), ("late delivery", "The LATE-delivery\r\nof it 😀"), ("cost", "costs"), ("値段", "値段が高い。"),
    ("Rechnung", "RECHNUNG!"), ("الفاتورة", "هل «الفاتورة» خاطئة؟"), ("ümlaut é", "Ümlaut\té"), ("हिन्दी", "यह हिन्दी है"),
    ("x2", "x2 ½ ²"), ("ราคา", "ราคาแพง"), ("가격", "가격이"),
]  # fmt: skip
MOMENTS = [
    datetime(2026, 3, 29, 0, 59, 59), datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 0, 30), datetime(2026, 1, 1),
    datetime(2025, 12, 31, 23, 59, 59, 999999), datetime(1969, 12, 31, 23), datetime(1950, 6, 1), datetime(2030, 7, 4, 5), None,
]  # fmt: skip
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Apia"]
DAYS = [date(2024, 2, 29), date(2023, 3, 1), date(1970, 1, 1), date(1900, 2, 28), date(9999, 12, 31), None]
shuffled = random.Random(5)
OVERLAPS = [  # of one agreement: first days, in any order, and how many days each covers
    [(date(2024, 1, 1) + timedelta(start), shuffled.randrange(1, 40)) for start in shuffled.sample(range(60), count)]
    for count in range(1, 9) for _ in range(10)
]  # fmt: skip
PAIRS = [  # of whole numbers, from few values so that many are equal
    [(shuffled.randrange(values), shuffled.randrange(values)) for _ in range(count)]
    for count in (1, 2, 6, 7, 36, 400) for values in (1, 2, 3, 40, 4000) for _ in range(4)
]  # fmt: skip

# Not tried here: landed_rows, by every model; stop, by test_spark.py.
CASES = {
    "divide": Tried(
        {"n": money, "d": money},
        [(n, d) for n in AMOUNTS for d in AMOUNTS if abs(n) < abs(d) * 10**12 or not d]
        + [(amount(12), amount(9) + 1) for _ in range(400)]
        + [(None, Decimal(1)), (Decimal(1), None)],
        {"quotient": "{{ divide('n', 'd') }}"},
    ),
    "ratio": Tried(
        {"n": pa.int64(), "d": pa.int64()},
        [(n, d) for n in range(-3, 8) for d in range(-3, 8)] + [(None, 1), (10**9, 7)],
        {"ratio": "{{ ratio('n', 'd') }}", "quotient": "{{ whole_division('abs(n)', 'nullif(abs(d), 0)') }}"},
    ),
    "exchange": Tried(
        {"a": money, "m": pa.int64(), "b": money, "n": pa.int64()},
        [(abs(amount(12)), chance.randrange(10**5), abs(amount(12)) + 1, chance.randrange(10**5)) for _ in range(400)],
        {"exchange": "{{ divide_exact('a', 'm', 'b', 'n') }}"},
    ),
    "products": Tried(
        {"one": pa.decimal128(18, 6), "other": pa.decimal128(18, 6), "unit_amount": pa.int64(), "quantity": pa.int64()},
        [
            (Decimal(one), Decimal(other), unit_amount, quantity)
            for one in ("999999999999.999999", "-1035.162440", "0.000001") for other in ("999999999999.999999", "1035.162440", "0")
            for unit_amount in (10**12, -10**12, 1000, None) for quantity in (10**9, 7, 0, None)
        ],
        {
            "product": "{{ full_product('one', 'other', 6) }}",
            "amount": "{{ stripe_amount_of('unit_amount', 'quantity') }}",
            "share": "{{ share_of_count('quantity', 'abs(unit_amount)', '3 * quantity') }}",
        },
    ),
    "value": Tried(
        {"amount": money, "rate": pa.decimal128(18, 8), "every": pa.int32(), "currency": pa.string(), "unit": pa.string()},
        [
            (amount(8), rate(), chance.randrange(1, 40), currency, unit)
            for currency in ("EUR", "JPY", "KWD", "ISK", "MGA") for unit in ("day", "week", "month", "quarter", "year") for _ in range(40)
        ],
        {
            "mrr": "{{ value_of('amount', 'rate', 'unit', 'every', 'mrr', 'currency') }}",
            "annualised": "{{ value_of('amount', 'rate', 'unit', 'every', 'annualised', 'currency') }}",
            "amount": "{{ rounded_share('amount', 'rate', '1', '1', 'currency') }}",
            "major": "{{ minor_to_major('every', 'currency') }}",
            "part": "{{ value_of('amount', 'rate', 'unit', '1', 'mrr', 'currency', days='every', of_days='39') }}",
        },
    ),
    "share_of_money": Tried(
        {"amount": money, "times": pa.int64(), "parts": pa.int64(), "currency": pa.string()},
        [
            (amount(digits), chance.randrange(10**15), chance.randrange(10**14, 10**17), currency)
            for digits in (2, 9, 13) for currency in ("EUR", "JPY", "KWD") for _ in range(100)
        ]
        + [(Decimal("0.0150"), 1, 1, "EUR"), (Decimal("-0.5"), 1, 1, "JPY"), (Decimal(7), 1, 0, "EUR"), (None, 1, 1, "EUR")],
        {"share": "{{ share_of_money('amount', 'times', 'parts', 'currency') }}"},
    ),
    "texts": Tried(
        {"text": pa.string()},
        [(text,) for text in TEXTS],
        {
            "lowered": "{{ lower_text('text') }}",
            "address": "{{ email_address('text') }}",
            "domain": "{{ domain_of_email(email_address('text')) }}",
            "website": "{{ domain_of_website('text') }}",
            "salesforce": "{{ salesforce_id('text') }}",
            "survey": "{{ survey_name('text') }}",
            "score": "{{ survey_score('text') }}",
            "reference": "{{ published_ref('text') }}",
            "filled": "{{ filled('text') }}",
            "is_currency": "{{ matches('text', '[A-Z]{3}') }}",
            "is_score": "{{ matches('text', '[0-9]|10') }}",
        },
    ),
    "lists": Tried(
        {"list": pa.string()},
        [(text,) for text in LISTS],
        {
            "first": "{{ hubspot_first('list') }}",
            "outcome": "{{ hubspot_outcome('list') }}",
            "place": "{{ hubspot_each_place('list') }}",
            "second": "{{ hubspot_id_at('list', '1') }}",
            "merged_on": "{{ day_in_zone(hubspot_moment_at('list', '0'), \"'America/New_York'\") }}",
        },
    ),
    "characters": Tried(
        {"text": pa.string()},
        # surrogates are no characters, and of what Python does not know yet engines know different letters
        [(f"{c}a{c}b{c}",) for c in map(chr, range(1, 0x110000)) if unicodedata.category(c) not in ("Cs", "Cn")],
        {"lowered": "{{ lower_text('text') }}", "filled": "{{ filled('text') }}"},
    ),
    "jsons": Tried(
        {"json": pa.string()},
        [(text,) for text in JSONS],
        {"segment": "{{ json_text('json', 'segment') }}"},
    ),
    "items": Tried(
        {"json": pa.string()},
        [(text,) for text in [*JSONS, *ITEMS]],
        {
            "amount": "{{ chargebee_items_amount('json') }}",
            "sum": "{{ chargebee_items_sum('json') }}",
            "of_year": "{{ chargebee_items_amount('json', period='1', unit=\"'year'\") }}",
            "of_seat": "{{ chargebee_items_amount('json', \"'seat'\", '2', \"'month'\") }}",
        },
    ),
    "moments": Tried(
        {"moment": pa.timestamp("us"), "zone": pa.string()},
        [(moment, zone) for moment in MOMENTS for zone in ZONES],
        {
            "day": "{{ day_in_zone('moment', 'zone') }}",
            "clock": "cast({{ time_in_zone('moment', 'zone') }} as string)",
        },
    ),
    "said": Tried(
        {"word": pa.string(), "text": pa.string()},
        [(word, text) for word, _ in SAID for _, text in SAID],
        {
            "words": "{{ spaced_words('text') }}",
            "is_found": "instr({{ spaced_words('text') }}, {{ spaced_words('word') }}) > 0",
            "is_unspaced": "{{ is_unspaced('text') }}",
            "joined": "{{ joined_texts('word', 'text') }}",
        },
    ),
    "each_word": Tried(
        {"text": pa.string()}, [(text,) for _, text in SAID], {"word": "{{ each_word(spaced_words('text')) }}"}
    ),
    "languages": Tried(
        {"text": pa.string()},
        [(text,) for text in (None, "", " EN ", "pt-BR", "zh_Hant_TW", "-")],
        {"language": "{{ language_of('text') }}"},
    ),
    "scores": Tried(
        {"metric": pa.string(), "score": pa.int32(), "points": pa.int32(), "ces_version": pa.string()},
        [
            (metric, score, points, version)
            for metric in ("nps", "csat", "ces", None) for score in (-1, *range(12), 100, None)
            for points in (2, 3, 5, 7, 10, 11, 101) for version in ("1.0", "2.0")
        ],
        {
            "rank": "{{ metric_rank('metric') }}",
            "is_low": "{{ is_low_score('metric', 'score', 'points', 'ces_version') }}",
        },
    ),
    "tax": Tried(
        {"amount": pa.int64(), "share": pa.decimal128(13, 12)},
        [
            (amount, share and Decimal(share))
            for amount in (0, 1, 5, -5, 11900, 1_200_001, 10**15, -(10**17), None)
            for share in ("0.840336134454", "1.000000000000", "0.000000000001", None)
        ],
        {"left": "{{ without_tax('amount', 'share') }}"},
    ),
    "emergence": Tried(
        {"items": pa.int64(), "expected": pa.decimal128(18, 6), "weight": pa.decimal128(18, 6), "squares": pa.decimal128(38, 12)},
        [
            (items, Decimal(expected), Decimal("0.083333"), Decimal(squares))
            for items in (1, 5, 12, 100000) for expected in ("0", "0.333333", "3", "250000.5") for squares in ("0", "1.5", "900.000001")
        ],
        {
            "score": "{{ emergence('items', 'expected', 'weight', 'greatest(1, ' ~ dispersion('squares', 'items', '12') ~ ')') }}",
            "spread": "cast({{ dispersion('squares', 'items - 1', 'items') }} as decimal(18, 6))",
        },
    ),
    "seconds": Tried(
        {"earlier": pa.timestamp("us"), "later": pa.timestamp("us")},
        [(one, other) for one in MOMENTS for other in MOMENTS if one is None or other is None or one <= other],
        {"seconds": "{{ seconds_between('earlier', 'later') }}"},
    ),
    "days": Tried(
        {"day": pa.date32(), "other": pa.date32(), "number": pa.int32()},
        [(day, other, number) for day in DAYS[:4] for other in DAYS for number in (-13, -1, 0, 1, 12)],
        {
            "months_on": "{{ add_months('day', 'number') }}",
            "days_on": "{{ add_days('day', 'number') }}",
            "between": "{{ days_between('day', 'other') }}",
            "month": "{{ month_of('day') }}",
            "month_from": "{{ month_from('day') }}",
            "months_between": "{{ months_between('day', 'other') }}",
        },
    ),
    "churn": Tried(
        {"kept": pa.int64(), "opened": pa.int64(), "kind": pa.string()},
        [(k, n, kind) for k, n in [*SHARES, *HALVED_IN_FIVE_YEARS] for kind in ("month", "quarter", "year")],
        {"a_year": "{{ annual_churn('kept', 'opened', 'kind') }}"},
    ),
    "correlation": Tried(
        dict.fromkeys(("n", "ab", "a", "b", "aa", "bb"), pa.int64()),
        [
            (len(pairs), *(sum(one**i * other**j for one, other in pairs) for i, j in ((1, 1), (1, 0), (0, 1), (2, 0), (0, 2))))
            for pairs in PAIRS
        ],
        {"correlation": "{{ correlation('n', 'ab', 'a', 'b', 'aa', 'bb') }}"},
    ),
    "terms": Tried(
        {"anchor": pa.date32(), "unit": pa.string(), "length": pa.int32(), "day": pa.date32()},
        TERMS,
        {
            "before": "{{ terms_before('anchor', 'unit', 'length', 'day') }}",
            "ends": "{{ is_term_end('anchor', 'unit', 'length', 'day') }}",
            "place": "{{ term_position('anchor', 'unit', 'length', '1 + 1') }}",
            "name": "{{ term_name('unit', 'length') }}",
        },
    ),
    "words": Tried(
        {"amount": money, "currency": pa.string(), "number": pa.int64(), "day": pa.date32()},
        WORDS,
        {
            "money": "{{ money_text('amount', 'currency') }}",
            "number_text": "{{ grouped('number') }}",
            "customers": "{{ counted('number', 'customer') }}",
            "month": "{{ period_text(\"'month'\", 'day') }}",
            "year": "{{ period_text(\"'year'\", 'day') }}",
        },
    ),
    "shares": Tried(
        {"k": pa.int64(), "n": pa.int64()},
        SHARES,
        {"low": "{{ wilson_low('k', 'n') }}", "high": "{{ wilson_high('k', 'n') }}"},
    ),
    "margins": Tried(
        dict.fromkeys(("promoters", "detractors", "n", "population"), pa.int64()),
        MARGINS,
        {
            "margin": "{{ nps_margin('promoters', 'detractors', 'n', 'population') }}",
            "low": "{{ share_bound('promoters', 'n', 'population', '-') }}",
            "high": "{{ share_bound('promoters', 'n', 'population', '+') }}",
            "deviations": "{{ deviations_above('promoters', '1000000000 * detractors', '250000000 * n') }}",
            "expected": "{{ in_billionths(as_double('promoters') ~ ' * ' ~ as_double('n'), as_double('population')) }}",
        },
    ),
    "scales": Tried(
        {"metric": pa.string(), "points": pa.int32(), "score": pa.int32()},
        [(metric, points, score) for metric in ("nps", "csat", "ces") for points in (2, 3, 4, 5, 7, 10, 11, 101)
         for score in (-1, 0, 1, points - 1, points, points + 1)],
        {"yes_from": "{{ top_from('metric', 'points') }}", "has": "{{ is_in_scale('score', 'points') }}"},
    ),
    "fiscal_periods": Tried(
        {"day": pa.date32(), "months": pa.int32(), "starts_in": pa.int32()},
        [(date(2024, month, 29), months, start) for month in range(1, 13) for months in (1, 3, 12) for start in (1, 4, 12)],
        {"begins": "{{ period_start_of('day', 'months', 'starts_in') }}"},
    ),
    "stretches": Tried(
        {"line": pa.int32(), "starts_on": pa.date32(), "reaches_to": pa.date32()},
        [(line, start, start + timedelta(length)) for line, stretches in enumerate(OVERLAPS) for start, length in stretches],
        {
            "is_kept": "array_contains((select {{ first_come('o.starts_on', 'o.reaches_to') }} "
            "from tried.stretches as o where o.line = stretches.line), stretches.starts_on)"
        },
    ),
    "sorted_lists": Tried(
        {"line": pa.int32(), "word": pa.string()},
        [(line, word) for line, words in enumerate((["b", "a", "b"], [None], [None, "é", "Z", "a", "日本", ""])) for word in words],
        {"listed": "(select {{ sorted_list('o.word') }} from tried.sorted_lists as o where o.line = sorted_lists.line)"},
    ),
    "latest": Tried(
        {"line": pa.int32(), "nth": pa.int32(), "amount": money},
        [(line, nth, amount() if (line + nth) % 3 else None) for line in range(4) for nth in range(5)],
        {
            "known": "{{ last_known('amount', 'partition by line order by nth') }}",
            "packed": "({{ last_known('case when amount is not null then ' ~ packed(['nth', 'amount']) ~ ' end', "
            "'partition by line order by nth') }}).nth",
        },
    ),
    "intervals": Tried(
        {"first": pa.date32(), "last": pa.date32(), "unit": pa.string(), "every": pa.int32()},
        [
            (first, first + timedelta(days) if days else None, unit, every)
            for first in (date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 1), date(2025, 5, 15))
            for days in (1, 6, 7, 8, 27, 28, 29, 30, 31, 32, 60, 91, 365, 366, 800, None)
            for unit in ("day", "week", "month", "quarter", "year") for every in (1, 3)
        ],
        {"until": "{{ whole_intervals('first', 'last', 'unit', 'every') }}"},
    ),
    "discounts": Tried(
        {"line": pa.int32(), "percent": pa.decimal128(18, 6)},
        [(line, None) for line in range(9)]
        + [(line, Decimal(chance.randrange(10**8 + 1)).scaleb(-6)) for line in range(8) for _ in range(line)],
        {"kept": "(select {{ kept_of('o.percent') }} from tried.discounts as o where o.line = discounts.line)"},
    ),
    "entries": Tried(
        {"json": pa.string()},
        [(text.replace(", ", ",").replace(": ", ":"),) for text in ITEMS] + [(text,) for text in (None, "[]", "{}", "null")],
        {"entry": "{{ json_items('json') }}"},
    ),
    "epochs": Tried(
        {"text": pa.string()},
        [(text,) for text in (None, "", "1735732800", "17357328", "-1735732800", "1735732800.5", "2025-01-01", "99999999999")],
        {"moment": "{{ moment_of_epoch('text') }}"},
    ),
    "numbers": Tried(
        {"last": pa.int32()}, [(n,) for n in (0, 1, 5, -1, -3, None)], {"each": "{{ each_number('last') }}"}
    ),
}  # fmt: skip
