"""From a figure down to file and record, and the words at the end of a run."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import UserError
from dagster_project.explain import FLOWS, STANDINGS, explain
from dagster_project.headline import headline
from dagster_project.paths import PROJECT, Paths
from dagster_project.publication import publish
from dagster_project.words import WITH_THREE_DECIMALS, WITHOUT_DECIMALS, listing, money, months_later
from tests.publication_warehouse import ROWS, make_edition, make_paths, make_warehouse, no_audit, query

# Two segments, a transfer, a rate change, a win-back, and a customer from before history starts. Eve turns out to be Ada on
# 12 October; on 13 October so does somebody who had left, whose 7 of the last twelve months count again.
EVENTFUL = (
    ROWS
    + """
insert into core.segment values ('large');
insert into core.customer values ('dora', 'organisation', true, '2026-01-01', null);
insert into customer_assets.value_movement values
    ('cleo', '2026-10-30', 'won_back', 'large', 'USD', 70, 840, 5, null),
    ('ada', '2026-10-15', 'transferred_out', 'small', 'USD', 150, 1800, 0, null),
    ('ada', '2026-10-15', 'transferred_in', 'large', 'USD', 150, 1800, 0, null),
    ('ada', '2026-10-20', 'fx', 'large', 'USD', -3, -36, 0, null),
    ('ada', '2026-10-21', 'contraction', 'large', 'USD', 7, 84, 0, null),
    ('eve', '2026-09-20', 'new', 'small', 'USD', 10, 120, 0, null),
    ('eve', '2026-10-12', 'merged', 'small', 'USD', 10, 120, 0, null),
    ('ada', '2026-10-12', 'taken_over', 'small', 'USD', 10, 120, 0, null),
    ('ada', '2026-10-13', 'taken_over', 'small', 'USD', 0, 0, 7, null);
insert into core.identity_map values
    ('plain', 'plain', 'customers', 'eve', 'eve', 'own', 1, null, '2026-10-12'),
    ('plain', 'plain', 'customers', 'eve', 'ada', 'own', 1, '2026-10-12', null);
"""
)

# The hand-made customer_math knows of no transfers and rates: here the rows that matter are set outright.
EVENTFUL_MATH = """
    update customer_assets.customer_math set
        fx_value = case value_basis when 'mrr' then -3 when 'annualised' then -36 else 0 end,
        closing_value = closing_value
            + case value_basis when 'mrr' then -3 when 'annualised' then -36 else 0 end
        where segment in ('large', 'all') and period_start <= '2026-10-01'
            and (period_kind <> 'month' or period_start = '2026-10-01')
            and (period_kind <> 'quarter' or period_start = '2026-10-01');
    update customer_assets.customer_math set
        transferred_in_customers = if(segment = 'large', 1, 0),
        transferred_out_customers = if(segment = 'small', 1, 0),
        transferred_in_value = if(segment = 'large',
            case value_basis when 'mrr' then 150 when 'annualised' then 1800 else 0 end,
            case value_basis when 'mrr' then 10 when 'annualised' then 120 else 7 end),
        transferred_out_value = if(segment = 'small',
            case value_basis when 'mrr' then 160 when 'annualised' then 1920 else 0 end, 0)
        where segment <> 'all' and (period_start = '2026-10-01' or period_kind = 'year');
    update customer_assets.customer_math set transferred_in_value = 7
        where segment = 'all' and value_basis = 'trailing_12m' and (period_start = '2026-10-01' or period_kind = 'year');
    update customer_assets.customer_math set merged_customers = 1
        where segment <> 'large' and (period_start = '2026-10-01' or period_kind = 'year');
    update customer_assets.customer_math set
        closing_customers = opening_customers + new_customers + won_back_customers - lost_customers
            + transferred_in_customers - transferred_out_customers - merged_customers,
        closing_value = opening_value + new_value + won_back_value + expansion_value - contraction_value
            - lost_value + transferred_in_value - transferred_out_value + fx_value;
"""

# One more customer, worth 9 a month, who was there when history starts.
FROM_THE_START = """
    update customer_assets.customer_math set
        opening_customers = opening_customers + 1, closing_customers = closing_customers + 1,
        opening_value = opening_value + 9, closing_value = closing_value + 9
        where segment in ('small', 'all');
"""


def published(folder: Path, rows: str = ROWS, and_then: str = "", **changes: object) -> Paths:
    paths = make_paths(folder)
    make_warehouse(paths, rows, and_then)
    publish(paths, make_edition(**changes), audit=no_audit)
    return paths


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return published(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return published(tmp_path_factory.mktemp("eventful"), EVENTFUL, EVENTFUL_MATH + FROM_THE_START)


class TestExplain:
    def test_goes_from_the_figure_to_file_and_record(self, plain: Paths) -> None:
        assert explain(plain, "2026-10", "lost_customers") == [
            "lost_customers of October 2026, all segments, is 2.",
            "It stands in customer_assets.customer_math, publication 2026-10-31-aaaaaaaaaa, by mrr.",
            "",
            "cleo  lost 2026-10-25  USD 60.00, reason unknown",
            "    from plain subscriptions s3: plain/subscriptions.csv, record 4",
            "bert  lost 2026-10-20  USD 40.00, reason price",
            "    from plain subscriptions s2: plain/subscriptions.csv, record 3",
            "Together that is 2: exactly the figure.",
        ]

    def test_a_change_of_price_has_the_records_of_both_prices(self, plain: Paths) -> None:
        told = explain(plain, "2026-10", "expansion_value", value_basis="annualised")
        assert told[0] == "expansion_value of October 2026, all segments, is USD 600.00."
        assert told[3:] == [
            "ada  expansion 2026-10-10  USD 600.00",
            "    from plain subscriptions s1: plain/subscriptions.csv, record 1",
            "    from plain subscriptions s1: plain/subscriptions.csv, record 2",
            "Together that is USD 600.00: exactly the figure.",
        ]

    def test_a_closing_lists_who_is_there(self, plain: Paths) -> None:
        told = explain(plain, "2026-Q3", "closing_value")
        assert told[0] == "closing_value of the quarter from July 2026, all segments, is USD 140.00."
        assert told[3:] == [
            "ada  since 2026-09-05  USD 100.00",
            "    from plain subscriptions s1: plain/subscriptions.csv, record 1",
            "bert  since 2026-09-12  USD 40.00",
            "    from plain subscriptions s2: plain/subscriptions.csv, record 3",
            "Together that is USD 140.00: exactly the figure.",
        ]

    def test_what_is_not_listed_is_summed(self, plain: Paths) -> None:
        told = explain(plain, "2026", "new_value", limit=1)
        assert (
            told[3].startswith("ada  new")
            and told[5] == "… and 2 more, together USD 100.00 (LIMIT=3 lists all)."
        )
        assert told[-1] == "Together that is USD 200.00: exactly the figure."

    @pytest.mark.parametrize("measure", [*FLOWS, *STANDINGS])
    def test_every_figure_adds_up(self, eventful: Paths, measure: str) -> None:
        asked = query(
            eventful.current / "one_company.duckdb",
            "select period_kind, max(period_start), segment, value_basis from customer_assets.customer_math "
            "where value_basis = 'mrr' or segment = 'all' group by all",
        )
        assert len(asked) == 15
        for kind, start, segment, basis in asked:
            period = {
                "month": f"{start:%Y-%m}",
                "quarter": f"{start.year}-Q{(start.month + 2) // 3}",
                "year": str(start.year),
            }[kind]
            told = explain(eventful, period, measure, segment, basis)
            assert told[-1].endswith(": exactly the figure."), told

    def test_who_turned_out_to_be_another_is_traced_to_the_records_that_moved(self, eventful: Paths) -> None:
        assert explain(eventful, "2026-10", "merged_customers")[3:] == [
            "eve  merged 2026-10-12  USD 10.00",
            "    from plain customers eve, ada's from then on",
            "Together that is 1: exactly the figure.",
        ]
        told = explain(eventful, "2026-10", "transferred_in_value", "small")
        assert told[3:5] == [
            "ada  taken_over 2026-10-12  USD 10.00",
            "    from plain customers eve, eve's until then",
        ]

    def test_on_all_what_a_month_left_over_is_explained(self, eventful: Paths) -> None:
        told = explain(eventful, "2026", "transferred_in_value", "all", "trailing_12m")
        assert told[0] == "transferred_in_value of the year from January 2026, all segments, is USD 7.00."
        assert told[3] == "ada  taken_over 2026-10-13  USD 7.00"

    def test_who_was_there_before_history_starts_is_said(self, eventful: Paths) -> None:
        told = explain(eventful, "2026-10", "opening_value", "small")
        assert told[-2:] == [
            "Where history starts, before any movement, there was USD 9.00 already.",
            "Together that is USD 159.00: exactly the figure.",
        ]

    def test_a_buyer_is_traced_to_the_purchases_that_made_the_difference(self, tmp_path: Path) -> None:
        bought = ", ".join(
            f"('bert', '{day}', {active_to}, 9, 'USD', 'plain', 'shop', 'purchases', 'p{n}', 'b9', {n})"
            for n, (day, active_to) in enumerate(
                [
                    ("2025-10-20", "null"),  # counts for a year and keeps nobody active
                    ("2026-09-12", "date '2026-10-12'"),
                    ("2026-09-20", "date '2026-10-20'"),
                    ("2026-09-21", "date '2026-10-19'"),
                ],
                start=1,
            )
        )
        paths = published(
            tmp_path,
            and_then=f"""
            delete from core.revenue_span where customer_id = 'bert';
            insert into core.customer_purchase values {bought};
            insert into governance.batches values
                ('plain', 'shop', 'purchases', 'plain/shop/p.csv', 'b9', '2026-10-31 12:00', 'accepted', 4, 4, 0);
            """,
        )

        def behind(period: str, measure: str, value_basis: str = "mrr") -> list[str]:
            told = explain(paths, period, measure, value_basis=value_basis)
            (at,) = [number for number, line in enumerate(told) if line.startswith("bert")]
            return [line.strip() for line in told[at + 1 :] if "plain/shop" in line]

        def record(number: int) -> str:
            return f"from plain purchases p{number}: plain/shop/p.csv, record {number}"

        assert behind("2026-09", "new_customers") == [record(2)]
        assert behind("2026-10", "lost_customers") == [record(3)]
        assert behind("2026-10", "lost_customers", "trailing_12m") == [record(1), record(3)]
        assert behind("2026-09", "closing_customers") == [record(2), record(3), record(4)]

    def test_a_buyer_is_traced_to_what_it_bought_under_another_id(self, tmp_path: Path) -> None:
        paths = published(
            tmp_path,
            and_then="""
            delete from core.revenue_span where customer_id = 'bert';
            insert into core.customer_purchase values ('bob', '2026-09-12', '2026-10-20', 9, 'USD', 'plain', 'plain', 'purchases',
                'p1', 'b1', 1);
            insert into core.identity_map values
                ('plain', 'plain', 'customers', 'bob', 'bob', 'own', 1, null, '2026-10-01'),
                ('plain', 'plain', 'customers', 'bob', 'bert', 'own', 1, '2026-10-01', null);
            """,
        )
        told = explain(paths, "2026-10", "lost_customers")
        assert told[told.index("bert  lost 2026-10-20  USD 40.00, reason price") + 1].startswith(
            "    from plain purchases p1"
        )

    def test_a_customer_without_a_span_is_traced_by_the_identity_map(self, tmp_path: Path) -> None:
        paths = published(tmp_path, and_then="delete from core.revenue_span where customer_id = 'bert'")
        told = explain(paths, "2026-10", "lost_customers")
        assert "    from plain customers bert, by the identity map" in told

    def test_who_was_there_when_history_opened_and_left_is_traced_to_the_leaving(
        self, tmp_path: Path
    ) -> None:
        paths = published(tmp_path, and_then="""
            insert into customer_assets.value_movement values ('dora', '2026-10-09', 'lost', 'small', 'USD', 9, 108, 0, null);
            insert into core.revenue_span values ('dora', 's4', '2026-01-01', '2026-10-09', 9, 'USD', 'month', 1, 9, 9, 108,
                'plain', 'plain', 'subscriptions', 's4', 'b1', 5, false);
            update customer_assets.customer_math set opening_customers = opening_customers + 1,
                lost_customers = lost_customers + 1, opening_value = opening_value + 9, lost_value = lost_value + 9
            where period_start <= '2026-10-01' and (period_kind, period_start) <> ('month', date '2026-09-01');
        """)  # fmt: skip
        told = explain(paths, "2026-10", "closing_customers")
        at = told.index("dora  less since 2026-10-09  -USD 9.00")
        assert told[at + 1] == "    from plain subscriptions s4: plain/subscriptions.csv, record 5"

    def test_a_publication_that_contradicts_itself_is_told_as_one(self, tmp_path: Path) -> None:
        paths = published(
            tmp_path,
            and_then="update customer_assets.customer_math set lost_customers = 3, closing_customers = 0",
        )
        assert "but the figure is 3" in explain(paths, "2026-10", "lost_customers")[-1]

    def test_quarters_and_years_are_fiscal(self, tmp_path: Path) -> None:
        paths = published(
            tmp_path,
            and_then="update customer_assets.customer_math set period_start = '2026-02-01' "
            "where period_kind = 'year'; "
            "update customer_assets.customer_math set period_start = '2026-08-01' "
            "where period_kind = 'quarter' and period_start = '2026-07-01'",
        )
        assert "the year from February 2026" in explain(paths, "2026", "new_customers")[0]
        assert "the quarter from August 2026" in explain(paths, "2026-Q3", "new_customers")[0]

    @pytest.mark.parametrize(
        "question, answer",
        [
            (
                ("2026-10", "lost_customer"),
                "no measure that can be explained 'lost_customer'; there is lost_customers",
            ),
            (
                ("2026-10", "replacement_share"),
                "is a ratio; ask for what it is made of: new_customers and lost",
            ),
            (
                ("2027-01", "lost_customers"),
                "no month that starts on 2027-01-01 in customer_math: .* 2026-10-01",
            ),
            (("October", "lost_customers"), "'October' is not a period: write a month as 2026-10"),
            (("2026-13", "lost_customers"), "'2026-13' is not a period"),
            (("0000-01", "lost_customers"), "'0000-01' is not a period"),
            (("9999-Q4", "lost_customers"), "'9999-Q4' is not a period"),
            (("2026-10", "lost_customers", "smal"), "no segment 'smal'; there is small"),
            (("2026-10", "lost_customers", "all", "MRR"), "no value basis 'MRR'; there is"),
        ],
    )
    def test_a_question_without_an_answer_gets_a_hint(
        self, plain: Paths, question: tuple, answer: str
    ) -> None:
        with pytest.raises(UserError, match=answer):
            explain(plain, *question)

    def test_with_nothing_published_it_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="Nothing is published"):
            explain(make_paths(tmp_path), "2026-10", "lost_customers")


class TestHeadline:
    def test_says_in_words_what_happened(self, plain: Paths) -> None:
        told = headline(plain, {"land": 1.25, "build": 3.0})
        assert told.splitlines() == [
            "In October 2026 you gained 1 customer worth USD 60.00 a month and lost 2 worth USD 100.00.",
            "Net: 1 customer fewer and USD 10.00 more a month. The month closed with 1 customer worth "
            "USD 150.00 a month.",
            "",
            "What flatters:",
            "  You earn more, and yet more left than came.",
            "",
            "Why they left:",
            "      1  price (USD 40.00)",
            "      1  unknown (USD 60.00)",
            "",
            "Tied to a customer: 100.0 % of customers.",
            "No export came from stripe: what needs them says so.",
            "",
            "1 file held; the last good one stays in force. Where a file is right, add its row to "
            f"{plain.reference / 'batch_decisions.csv'} (columns batch_id, decision, decided_by, decided_on, why) and "
            "run again:",
            "  stripe/invoices.csv: b3,accept,<role>,<YYYY-MM-DD>,<why>",
            "1 record refused; governance.refused_rows says which and why.",
            "",
            f"Publication 2026-10-31-aaaaaaaaaa, as of 2026-10-31, in {plain.current.resolve()}",
            "  one_company.duckdb, parquet/, csv/: 44 tables; audit/index.html: 0 checks passed",
            "",
            "Time: land 1.2 s, build 3.0 s.",
        ]

    def test_says_who_turned_out_to_be_another(self, eventful: Paths, tmp_path: Path) -> None:
        assert "1 customer turned out to be another one and counts as that one from then on." in headline(
            eventful
        )
        apart = published(
            tmp_path,
            and_then="update customer_assets.value_movement set movement = 'split' where movement = 'lost'",
        )
        told = headline(apart)
        assert "2 customers had been taken for another one and count apart from then on." in told
        assert "turned out to be another one" not in told

    def test_speaks_of_the_last_whole_month_and_then_of_the_open_one(self, tmp_path: Path) -> None:
        told = headline(published(tmp_path, as_of_on=date(2026, 10, 15))).splitlines()
        assert told[0] == "In September 2026 you gained 2 customers worth USD 140.00 a month and lost none."
        assert told[2] == "October 2026 up to 2026-10-15: 1 gained, 0 won back, 2 lost."

    def test_of_a_first_month_that_is_still_open_it_says_so(self, tmp_path: Path) -> None:
        rows = ROWS.split("insert into core.revenue_span")[0] + (
            "insert into core.segment values ('small');"
            "insert into customer_assets.value_movement values"
            " ('ada', '2026-10-05', 'new', 'small', 'USD', 100, 1200, 0, null);"
        )
        told = headline(published(tmp_path, rows, as_of_on=date(2026, 10, 15)))
        assert told.startswith(
            "In October 2026 up to 2026-10-15, with the month still open, you gained 1 customer"
        )
        assert "The month stands at 1 customer worth USD 100.00 a month." in told

    def test_five_reasons_are_named_and_the_others_counted(self, tmp_path: Path) -> None:
        lost = ", ".join(
            f"('c{n}', '2026-10-09', 'lost', 'small', 'USD', {n}, 0, 0, 'reason {min(n, 7)}')"
            for n in range(1, 9)
        )
        paths = published(tmp_path, ROWS + f"insert into customer_assets.value_movement values {lost};")
        told = headline(paths)
        reasons = re.findall(r"^ +(\d) +(.*)$", told, flags=re.MULTILINE)
        assert reasons == [
            ("2", "reason 7 (USD 15.00)"),
            ("1", "price (USD 40.00)"),
            ("1", "reason 6 (USD 6.00)"),
            ("1", "reason 5 (USD 5.00)"),
            ("1", "reason 4 (USD 4.00)"),
            ("3", "3 other reasons"),
            ("1", "unknown (USD 60.00)"),
        ]

    def test_only_records_of_accepted_files_stand_in_refused_rows(self, tmp_path: Path) -> None:
        batches = "".join(
            f"insert into governance.batches values ('plain', 'plain', 'tickets', 'plain/{n}.csv', 'h{n}', null,"
            f" '{status}', 7, 0, 7);"
            for n, status in enumerate(["refused"] * 6 + ["held"] * 6)
        )
        told = headline(published(tmp_path, ROWS + batches)).splitlines()
        held = told.index(next(line for line in told if line.startswith("7 files held")))
        assert told[held + 1] == "  plain/10.csv: h10,accept,<role>,<YYYY-MM-DD>,<why>"
        assert told[held + 6 : held + 9] == [
            "  … and 2 more; governance.batches lists them.",
            "6 files refused: plain/0.csv, plain/1.csv, plain/2.csv, plain/3.csv, plain/4.csv and 1 more; "
            "governance.batches says why.",
            "1 record refused; governance.refused_rows says which and why.",
        ]

    def test_without_any_reason_it_says_that(self, tmp_path: Path) -> None:
        paths = published(tmp_path, and_then="update customer_assets.value_movement set reason = null")
        assert "Why they left is not known of any of them." in headline(paths)

    def test_without_any_data_it_says_that(self, tmp_path: Path) -> None:
        told = headline(published(tmp_path, rows="", as_of_on=None))
        assert told.startswith("No customer has come or gone yet")
        assert "No file was refused, and no record." in told and "Publication undated-aaaaaaaaaa, in " in told

    def test_with_nothing_published_it_says_that(self, tmp_path: Path) -> None:
        assert headline(make_paths(tmp_path)).startswith("Nothing is published in")


class TestWords:
    @pytest.mark.parametrize(
        "amount, currency, text",
        [
            ("12340", "USD", "USD 12,340.00"),
            ("-1.5", "EUR", "-EUR 1.50"),
            ("-0.0000", "USD", "USD 0.00"),
            ("-0.001", "USD", "USD 0.00"),
            ("12340.0000", "JPY", "JPY 12,340"),
            ("1.2345", "KWD", "KWD 1.234"),
        ],
    )
    def test_money(self, amount: str, currency: str, text: str) -> None:
        assert money(Decimal(amount), currency) == text

    def test_coins_are_those_of_the_models(self) -> None:
        macro = (PROJECT / "dbt_project" / "macros" / "money.sql").read_text()
        lists = re.findall(r"in \(([A-Z', \n]+)\) then (\d)", macro)
        coins = {
            int(digits): set(re.findall(r"[A-Z]{3}", names)) for names, digits in lists if digits in "03"
        }
        assert coins == {0: set(WITHOUT_DECIMALS), 3: set(WITH_THREE_DECIMALS)}

    def test_lists(self) -> None:
        assert [listing(list(names)) for names in ("", "a", "ab", "abc")] == [
            "",
            "a",
            "a and b",
            "a, b and c",
        ]

    def test_months(self) -> None:
        assert [months_later(date(2026, 11, 1), months) for months in (0, 1, 2, 14)] == [
            date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2028, 1, 1),
        ]  # fmt: skip


def test_explaining_locks_nobody_out(plain: Paths) -> None:
    with duckdb.connect(plain.current / "one_company.duckdb", read_only=True):
        assert explain(plain, "2026-10", "new_customers")
