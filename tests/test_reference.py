"""Reference tables are checked before anything runs: each wrong cell is named, all of them at once."""

import errno
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest

from dagster_project.errors import UserError
from dagster_project.exports.contracts import load_contracts
from dagster_project.paths import DBT_PROJECT, PROJECT, Paths
from dagster_project.reference import (
    ARROW,
    OF_SILOS_ALONE,
    SHIPPED,
    TYPES,
    ReferenceProblems,
    company_settings,
    idle_decisions,
    read_reference,
    unknown_files,
    unused_silos,
)
from dagster_project.settings import READERS, Asked, Settings, asked, write_run_settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reference").mkdir()
    return tmp_path / "reference"


def write(folder: Path, table: str, text: str, encoding: str = "utf-8") -> None:
    (folder / f"{table}.csv").write_bytes(text.encode(encoding))


def problems(folder: Path) -> list[str]:
    with pytest.raises(ReferenceProblems) as caught:
        read_reference(folder)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def only_problem(folder: Path, table: str, text: str) -> str:
    write(folder, table, text)
    found = problems(folder)
    assert len(found) == 1, found
    return found[0]


def test_the_tables_that_come_with_the_project_are_right():
    tables = read_reference(SHIPPED)
    assert len(tables["free_mail_domain"].rows) > 300
    assert unknown_files(SHIPPED) == []


def test_an_empty_folder_gives_every_default(folder: Path):
    tables = read_reference(folder)
    assert company_settings(tables) == Settings(time_zone="UTC", grace_days=0, close_after_days=5)
    assert tables["fx_rate"].rows == () and tables["fx_rate"].is_default
    assert tables["free_mail_domain"].rows == read_reference(SHIPPED)["free_mail_domain"].rows


def test_a_table_with_only_its_header_is_as_good_as_none(folder: Path):
    write(folder, "segment_rule", "segment,lapse_days\n")
    write(folder, "free_mail_domain", "domain\n")
    tables = read_reference(folder)
    assert tables["segment_rule"].rows == ()
    assert len(tables["free_mail_domain"].rows) > 300


def test_rows_of_the_company_replace_a_shipped_list(folder: Path):
    write(folder, "free_mail_domain", "domain\nexample.com\n")
    table = read_reference(folder)["free_mail_domain"]
    assert [row.values["domain"] for row in table.rows] == ["example.com"] and not table.is_default


def test_cells_get_their_types(folder: Path):
    write(folder, "fx_rate", "currency,valid_from,rate\nUSD,2026-01-31,0.925\n")
    write(
        folder,
        "loss_reason",
        "silo,code,reason,controllable\nstripe,too_expensive,price,TRUE\nstripe,other,unknown,\n",
    )
    tables = read_reference(folder)
    assert tables["fx_rate"].rows[0].values == {
        "currency": "USD", "valid_from": date(2026, 1, 31), "rate": Decimal("0.925"),
    }  # fmt: skip
    assert [row.values["controllable"] for row in tables["loss_reason"].rows] == [True, None]
    assert tables["loss_reason"].rows[0].values["journey_stage"] is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_a_spreadsheet_writes_is_read(folder: Path, delimiter: str, encoding: str, newline: str):
    rows = [["Segment ", "Lapse_Days", ""], ["Größe 1", "90", ""], ["", "", ""], ["Shop", "30", ""]]
    write(folder, "segment_rule", newline.join(delimiter.join(row) for row in rows) + newline, encoding)
    read = read_reference(folder)["segment_rule"].rows
    assert [(row.number, row.values["segment"], row.values["lapse_days"]) for row in read] == [
        (2, "Größe 1", 90),
        (4, "Shop", 30),
    ]


def test_a_wrong_cell_is_named_by_file_row_column_and_value(folder: Path):
    assert only_problem(folder, "fx_rate", "currency,valid_from,rate\nUSD,2026-02-30,0.9\n") == (
        "fx_rate.csv, row 2, column valid_from: '2026-02-30' is not a date; write it like 2026-01-31."
    )


def test_a_value_that_is_not_allowed_comes_with_the_allowed_ones(folder: Path):
    text = "batch_id,decision,decided_by,decided_on,why\nabc,maybe,CCO office,2026-01-01,checked\n"
    assert only_problem(folder, "batch_decisions", text) == (
        "batch_decisions.csv, row 2, column decision: 'maybe' is not known; write one of accept, refuse."
    )


def test_every_problem_of_every_table_is_listed_at_once(folder: Path):
    write(
        folder, "fx_rate", "currency,valid_from,rate\nusd,2026-01-01,-1\nEUR,yesterday,\nEUR,2026-01-01,1\n"
    )
    write(folder, "segment_rule", "segment,lapse_days\nALL,0\nShop,thirty\n")
    found = problems(folder)
    assert [sentence.split(":")[0] for sentence in found] == [
        "fx_rate.csv, row 2, column currency",
        "fx_rate.csv, row 2, column rate",
        "fx_rate.csv, row 3, column valid_from",
        "fx_rate.csv, row 3, column rate",
        "segment_rule.csv, row 2, column segment",
        "segment_rule.csv, row 2, column lapse_days",
        "segment_rule.csv, row 3, column lapse_days",
    ]


def test_a_key_may_not_come_twice(folder: Path):
    text = "currency,valid_from,rate\nUSD,2026-01-01,0.9\nUSD,2026-02-01,0.9\nUSD,2026-01-01,0.8\n"
    assert only_problem(folder, "fx_rate", text) == (
        "fx_rate.csv, row 4, column currency, valid_from: 'USD, 2026-01-01' is already in row 2; keep one."
    )


def test_a_reason_may_not_come_twice_in_another_case(folder: Path):
    text = "silo,code,reason\nHR,x,price\nhr,X,service\n"
    assert only_problem(folder, "loss_reason", text) == (
        "loss_reason.csv, row 3, column silo, code: 'hr, X' is already in row 2; keep one."
    )
    write(folder, "segment_rule", "segment,lapse_days\nSmall,30\nsmall,60\n")
    write(folder, "loss_reason", "silo,code,reason\nHR,x,price\n")
    assert len(read_reference(folder)["segment_rule"].rows) == 2  # segments are told apart by case


def test_a_reason_has_one_kind(folder: Path):
    text = "silo,code,reason,kind\nstripe,a,price,\nstripe,b,price,voluntary\nhr,c,price,involuntary\n"
    assert only_problem(folder, "loss_reason", text) == (
        "loss_reason.csv, row 4, column kind: 'price' is involuntary here and voluntary in row 3; give a reason one kind."
    )
    write(folder, "loss_reason", text.replace("involuntary", "voluntary"))
    assert [row.values["kind"] for row in read_reference(folder)["loss_reason"].rows] == [
        None, "voluntary", "voluntary",
    ]  # fmt: skip


def test_what_feedback_is_sorted_by_is_checked_cell_by_cell(folder: Path):
    write(folder, "issue_category", "category,journey_stage\nbilling,\nAll,\nspeed,pay\nuncategorised,\n")
    write(
        folder,
        "category_crosswalk",
        "silo,code,category\nstripe,Price,billing\nStripe,price,billing\nshop,x,prices\n",
    )
    write(
        folder,
        "category_word",
        "category,word,language\nbilling,Bill,\nbilling,bill,\nbilling,bill,de\nspeed,😀!,\n",
    )
    write(folder, "feedback_promise", """kind,category,owner,contact_hours,resolve_hours,tell_hours
ticket,,team:support,4,,
ticket,,team:shop,4,,
praise,,team:shop,4,,
low_score,speed,all,0,9000,1
call_note,speeds,team:shop,,,
""")  # fmt: skip
    kinds = "low_score, ticket, cancellation, call_note"
    assert problems(folder) == [
        "category_crosswalk.csv, row 3, column silo, code: 'Stripe, price' is already in row 2; keep one.",
        "category_word.csv, row 3, column word, language: 'bill' is already in row 2; keep one.",
        "category_word.csv, row 5, column word: '😀!' has no letter and no figure to look for; write a word or a phrase.",
        "feedback_promise.csv, row 3, column kind, category: 'ticket' is already in row 2; keep one.",
        f"feedback_promise.csv, row 4, column kind: 'praise' is not known; write one of {kinds}.",
        "feedback_promise.csv, row 5, column owner: 'all' stands for all owners; write the role that answers for it.",
        "feedback_promise.csv, row 5, column contact_hours: '0' is not from 1 to 8,760; write whole hours, or leave it empty.",
        "feedback_promise.csv, row 5, column resolve_hours: '9000' is not from 1 to 8,760; write whole hours, or leave it empty.",
        "feedback_promise.csv, row 6, column contact_hours: nothing is promised; fill contact_hours, resolve_hours or tell_hours.",
        "issue_category.csv, row 3, column category: 'All' stands for a total; give the category another name.",
        "issue_category.csv, row 5, column category: 'uncategorised' stands for a total; give the category another name.",
    ]
    write(folder, "category_word", "category,word\nbilling,Bill\nprice,dear\n")
    write(folder, "feedback_promise", "kind,category,owner,tell_hours\nticket,speeds,team:shop,9\n")
    write(folder, "issue_category", "category,journey_stage\nbilling,\nspeed,pay\n")
    write(folder, "category_crosswalk", "silo,code,category\nshop,x,prices\n")
    known = "add it there, or write it as it stands there"
    assert problems(folder) == [
        f"issue_category.csv, row 3, column journey_stage: 'pay' is not in journey_stage.csv; {known}.",
        f"category_crosswalk.csv, row 2, column category: 'prices' is not in issue_category.csv; {known}.",
        f"category_word.csv, row 3, column category: 'price' is not in issue_category.csv; {known}.",
        f"feedback_promise.csv, row 2, column category: 'speeds' is not in issue_category.csv; {known}.",
    ]


def test_when_the_company_works_is_checked_cell_by_cell(folder: Path):
    write(
        folder,
        "working_hours",
        """day,opens_at,closes_at
monday,09:00,17:30
Tuesday,09:00,17:30
2026-02-30,,
wednesday,9:00,24:30
thursday,09:00,
friday,17:00,17:00
2026-12-25,,
monday,,
""",
    )
    together = "opens_at and closes_at go together; fill both, or leave both empty where nobody works"
    assert problems(folder) == [
        "working_hours.csv, row 3, column day: 'Tuesday' is neither a weekday, monday to sunday, nor a date like 2026-12-25.",
        "working_hours.csv, row 4, column day: '2026-02-30' is neither a weekday, monday to sunday, nor a date like 2026-12-25.",
        "working_hours.csv, row 5, column opens_at: '9:00' is not a time of day; write it like 09:00, from 00:00 to 24:00.",
        "working_hours.csv, row 5, column closes_at: '24:30' is not a time of day; write it like 09:00, from 00:00 to 24:00.",
        f"working_hours.csv, row 6, column closes_at: {together}.",
        "working_hours.csv, row 7, column closes_at: '17:00' is not after 17:00; a night that is worked is two days.",
        "working_hours.csv, row 9, column day: 'monday' is already in row 2; keep one.",
    ]
    write(folder, "working_hours", "day,opens_at,closes_at\n2026-12-25,,\n")
    write(
        folder,
        "feedback_promise",
        "kind,owner,tell_hours,hours\nticket,team:shop,9,calendar\nlow_score,team:shop,9,working\n",
    )
    assert problems(folder) == [
        "feedback_promise.csv, row 3, column hours: 'working' needs to know when the company works; say so in working_hours.csv, "
        "or write calendar."
    ]
    write(folder, "working_hours", "day,opens_at,closes_at\nsunday,00:00,24:00\n")
    assert len(read_reference(folder)["working_hours"].rows) == 1


def test_every_setting_may_be_set():
    (settings,) = (contract for contract in load_contracts("reference") if contract.object == "settings")
    assert set(settings.column("setting").allowed) == set(READERS)


def test_what_silos_are_steered_by_is_checked_cell_by_cell(folder: Path):
    write(folder, "silo_metric", """silo,metric,definition,direction,target,incentive_weight,touchpoint,touchpoint_measure
all,a,counts a,sideways,,,,
All,a,counts a,up,0.0000001,1.5,packing,
""")  # fmt: skip
    write(folder, "silo_metric_value", "silo,metric,month,value\nshop,a,2026-01-02,200000000000\n")
    write(folder, "customer_metric_link", """silo,metric,customer_metric,effect,lag_months,decision,decided_by,decided_on
shop,a,happiness,helps,,,,
shop,a,tickets,hurts,37,keep,team:shop,
""")  # fmt: skip
    write(folder, "journey_stage", "stage,position,next_within_days\nall,0,\nuse,2,-1\npay,2,\n")
    write(folder, "touchpoint", "touchpoint,stage,promised_minutes\npacking,use,-5\n")
    linked = "new_customers, lost_customers, net_customers, lost_value, contraction_value, tickets, handoff_loss_customers"
    assert problems(folder) == [
        f"customer_metric_link.csv, row 2, column customer_metric: 'happiness' is not known; write one of {linked}.",
        "customer_metric_link.csv, row 3, column lag_months: '37' is not from 0 to 36.",
        "customer_metric_link.csv, row 3, column decision: decision, decided_by and decided_on go together; "
        "fill all three, or leave all empty.",
        "journey_stage.csv, row 2, column stage: 'all' stands for all stages; give the stage another name.",
        "journey_stage.csv, row 2, column position: '0' is not from 1 to 1,000.",
        "journey_stage.csv, row 3, column next_within_days: '-1' is not from 0 to 3,650.",
        "journey_stage.csv, row 4, column position: '2' is that of row 3 too; give each stage its own.",
        "silo_metric.csv, row 2, column direction: 'sideways' is not known; write one of up, down.",
        "silo_metric.csv, row 3, column silo: 'All' stands for the whole company; give the silo another name.",
        "silo_metric.csv, row 3, column target: '0.0000001' has more than 6 decimals; round it.",
        "silo_metric.csv, row 3, column incentive_weight: '1.5' is not from 0 to 1.",
        "silo_metric.csv, row 3, column touchpoint_measure: touchpoint and touchpoint_measure go together; "
        "fill both, or leave both empty.",
        "silo_metric_value.csv, row 2, column month: '2026-01-02' is not the first day of a month; write it like 2026-01-01.",
        "silo_metric_value.csv, row 2, column value: '200000000000' is not from -100,000,000,000 to 100,000,000,000.",
        "touchpoint.csv, row 2, column promised_minutes: '-5' is not from 0 to 10,000,000.",
    ]


def test_a_table_that_names_another_ones_row_is_told_where_there_is_none(folder: Path):
    """Whatever is named somewhere is kept in one table, and a slip in its name would leave it out of every count."""
    write(folder, "journey_stage", "stage,position\nuse,1\n")
    write(folder, "touchpoint", "touchpoint,stage\npacking,Use\nbox,use\n")
    write(folder, "silo_metric", """silo,metric,definition,direction,journey_stage,touchpoint,touchpoint_measure
shop,a,counts a,up,use,box,events
shop,b,counts b,up,pay,call,events
shop,c,counts c,up,,,
""")  # fmt: skip
    write(
        folder,
        "customer_metric_link",
        "silo,metric,customer_metric,effect\nshop,a,tickets,helps\nshop,d,tickets,helps\n",
    )
    write(
        folder,
        "silo_metric_value",
        "silo,metric,month,value\nshop,c,2026-01-01,1\nshop,a,2026-01-01,1\nsale,c,2026-01-01,1\n",
    )
    known = "add it there, or write it as it stands there"
    assert problems(folder) == [
        f"silo_metric.csv, row 3, column journey_stage: 'pay' is not in journey_stage.csv; {known}.",
        f"silo_metric.csv, row 3, column touchpoint: 'call' is not in touchpoint.csv; {known}.",
        f"touchpoint.csv, row 2, column stage: 'Use' is not in journey_stage.csv; {known}.",
        f"customer_metric_link.csv, row 3, column silo, metric: 'shop, d' is not in silo_metric.csv; {known}.",
        f"silo_metric_value.csv, row 4, column silo, metric: 'sale, c' is not in silo_metric.csv; {known}.",
        "silo_metric_value.csv, row 3, column value: 'a' is worked out from the events of a touchpoint; take this row out, "
        "or the touchpoint out of silo_metric.csv, row 2.",
    ]


def test_the_contract_and_the_models_know_the_same_customer_metrics():
    """One that a model lacks would be accepted and never told of."""
    link = next(
        contract for contract in load_contracts("reference") if contract.object == "customer_metric_link"
    )
    (allowed,) = (column.allowed for column in link.columns if column.name == "customer_metric")
    macro = (DBT_PROJECT / "macros" / "customer_metrics.sql").read_text(encoding="utf-8")
    assert list(allowed) == re.findall(r"\('(\w+)', '", macro)


def test_a_window_is_at_most_a_year(folder: Path):
    assert only_problem(folder, "settings", "setting,value\nreason_window_days,367\n") == (
        "settings.csv, row 2, column value: reason_window_days '367' is more than a year; write at most 366."
    )


def test_the_line_is_told_where_it_differs_from_the_row(folder: Path):
    text = 'silo,code,reason,controllable\nstripe,a,"two\nlines",true\nstripe,b,price,perhaps\n'
    assert only_problem(folder, "loss_reason", text) == (
        "loss_reason.csv, row 3 (line 4), column controllable: 'perhaps' is neither true nor false."
    )


def test_a_decimal_comma_is_refused_not_read_as_thousands(folder: Path):
    sentence = only_problem(folder, "fx_rate", "currency;valid_from;rate\nUSD;2026-01-01;0,92\n")
    assert "column rate: '0,92' is not a number; write it like 1.0842" in sentence


def test_a_header_that_does_not_fit_is_told_with_the_right_columns(folder: Path):
    write(folder, "segment_rule", "segment,lapse\nShop,30\n")
    assert problems(folder) == [
        "segment_rule.csv, row 1: column 'lapse_days' is missing; its columns are segment, lapse_days.",
        "segment_rule.csv, row 1: no column 'lapse' is expected here, or not twice; its columns are segment, lapse_days.",
    ]


def test_broken_rows_and_files_are_told(folder: Path):
    write(folder, "segment_rule", "segment,lapse_days\nShop,30,extra\n")
    write(folder, "settings", 'setting,value\ntime_zone,"UTC\n')
    write(folder, "loss_reason", "silo,code,reason\nstripe,a,zu groß\n", encoding="cp1252")
    assert problems(folder) == [
        "loss_reason.csv: it is not UTF-8 text; save it again as 'CSV UTF-8 (comma delimited)'.",
        "segment_rule.csv, row 2: there are more cells than columns; put text with a comma in quotes.",
        "settings.csv, row 2: a quote is opened and not closed, or closed and followed by text.",
    ]


def test_a_table_that_cannot_be_opened_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "loss_reason.csv").mkdir()
    write(folder, "settings", "setting,value\ntime_zone,Asia/Tokyo\n")
    read = Path.read_bytes

    def read_what_is_ours(file: Path) -> bytes:
        if file.name == "settings.csv":
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return read(file)

    monkeypatch.setattr(Path, "read_bytes", read_what_is_ours)
    assert problems(folder) == [
        "loss_reason.csv: it cannot be opened (Is a directory); put a file there that can be read.",
        "settings.csv: it cannot be opened (Permission denied); put a file there that can be read.",
    ]


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("reporting_currency", "Euro", "'Euro' is not a currency"),
        ("time_zone", "Berlin", "'Berlin' is not a time zone"),
        ("fiscal_year_starts_in", "13", "'13' is not a month"),
        ("grace_days", "-1", "'-1' is not a whole number from 0 on"),
        ("history_starts_on", "2024", "'2024' is not a date"),
        ("discount_rate_a_year", "10", "'10' is not a rate from 0 to 1"),
        ("discount_rate_a_year", "1.5", "'1.5' is not a rate from 0 to 1"),
        ("lifetime_horizon_months", "0", "'0' is not a whole number of months from 1 to 1200"),
    ],
)
def test_settings_are_checked_by_name(folder: Path, setting: str, value: str, told: str):
    assert told in only_problem(folder, "settings", f"setting,value\n{setting},{value}\n")


def test_an_unknown_setting_is_told_with_the_known_ones(folder: Path):
    sentence = only_problem(folder, "settings", "setting,value\ntimezone,UTC\n")
    assert (
        "row 2, column setting: 'timezone' is not known; write one of reporting_currency, time_zone,"
        in sentence
    )


def test_settings_are_read(folder: Path):
    rows = "reporting_currency,EUR\ntime_zone,America/New_York\nfiscal_year_starts_in,april\ngrace_days,\n"
    write(folder, "settings", "setting,value\n" + rows + "history_starts_on,2023-01-01\n")
    assert company_settings(read_reference(folder)) == Settings(
        reporting_currency="EUR",
        time_zone="America/New_York",
        fiscal_year_starts_in=4,
        grace_days=0,
        history_starts_on=date(2023, 1, 1),
    )


@pytest.mark.parametrize(
    ("a_year", "a_month"), [("0", "0"), ("0.1", "0.00797414"), ("0.08", "0.00643403"), ("1", "0.05946309")]
)
def test_the_discount_rate_of_a_month_makes_the_years_in_twelve(folder: Path, a_year: str, a_month: str):
    write(folder, "settings", f"setting,value\ndiscount_rate_a_year,{a_year}\n")
    monthly = company_settings(read_reference(folder)).discount_rate_a_month
    assert monthly == Decimal(a_month)
    assert abs((1 + monthly) ** 12 - 1 - Decimal(a_year)) < Decimal("0.000001")


def test_a_referral_is_earned_and_a_source_has_one_row_in_any_case(folder: Path):
    write(
        folder,
        "acquisition_source",
        "source,kind,is_referral\nAds,bought,\nads,earned,\nFriend,bought,true\n",
    )
    assert problems(folder) == [
        "acquisition_source.csv, row 3, column source: 'ads' is already in row 2; keep one.",
        "acquisition_source.csv, row 4, column kind: a customer who comes by referral is earned;"
        " write earned, or no referral.",
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("direct_share,all,2026-01-01,1.2", "'1.2' is not a share of revenue; write it from 0 to 1"),
        ("direct_share,all,2026-01-01,0.123456789", "'0.123456789' has more than 8 decimals"),
        ("ticket,all,2026-01-01,-1", "'-1' is not from 0 to 1,000,000,000"),
        ("ticket,all,2026-01-01,1.23456", "'1.23456' has more than 4 decimals"),
        ("rent,all,2026-01-01,1", "'rent' is not known; write one of direct_share, ticket"),
    ],
)
def test_a_cost_that_cannot_be_is_told(folder: Path, row: str, told: str):
    assert told in only_problem(folder, "cost_rate", f"cost,segment,valid_from,amount\n{row}\n")


def test_a_batch_policy_for_something_unknown_is_told(folder: Path):
    header = "vendor,object,is_complete,minimum_row_share\n"
    write(
        folder,
        "batch_policy",
        header + "plane,subscriptions,true,\nplain,subs,true,\nplain,subscriptions,,1.5\n",
    )
    found = problems(folder)
    assert "column vendor: 'plane' is not known; write one of" in found[0] and "plain" in found[0]
    assert (
        "column object: 'subs' is not known of plain; write one of" in found[1]
        and "subscriptions" in found[1]
    )
    assert "column minimum_row_share: '1.5' is not a share; write it from 0 to 1" in found[2]


@pytest.mark.parametrize("rate", ["0.0000009", "1000000.1", "9999999999999999"])
def test_a_rate_that_cannot_be_one_is_told(folder: Path, rate: str):
    write(folder, "fx_rate", f"currency,valid_from,rate\nUSD,2026-01-01,{rate}\n")
    assert problems(folder) == [
        f"fx_rate.csv, row 2, column rate: '{rate}' is not from 0.000001 to 1,000,000."
    ]


def test_a_rule_of_more_than_a_century_is_told(folder: Path):
    write(folder, "segment_rule", "segment,lapse_days\nShop,36501\n")
    assert "'36501' is not from 1 to 36,500" in problems(folder)[0]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(UserError, match="There is no reference folder .*nowhere"):
        read_reference(tmp_path / "nowhere")


def test_a_file_under_a_name_that_means_nothing_is_seen(folder: Path):
    for name in (
        "fx_rates.csv",
        "settings.xlsx",
        "Settings.CSV",
        "settings.csv.txt",
        "loss_reason.txt",
        "plan",
    ):
        (folder / name).write_text("setting,value\n")
    (folder / "fx_rate.ods").symlink_to("nowhere")
    for notes in (
        "README",
        "README.md",
        "settings.md",
        "our notes.TXT",
        ".settings.csv.swp",
        "~$settings.xlsx",
    ):
        (folder / notes).write_text("notes")
    (folder / "old.csv").mkdir()
    write(folder, "settings", "setting,value\n")
    saved = "and was not read; save it as 'CSV UTF-8 (comma delimited)' under that name."
    unknown = "no reference table and was not read; rename it to one's name, or move it elsewhere."
    assert unknown_files(folder) == [
        f"Settings.CSV in {folder} is not settings.csv {saved}",
        f"fx_rate.ods in {folder} is not fx_rate.csv {saved}",
        f"fx_rates.csv in {folder} is {unknown}",
        f"loss_reason.txt in {folder} is not loss_reason.csv {saved}",
        f"plan in {folder} is {unknown}",
        f"settings.csv.txt in {folder} is not settings.csv {saved}",
        f"settings.xlsx in {folder} is not settings.csv {saved}",
    ]


def test_a_link_that_leads_nowhere_is_no_absent_table(folder: Path):
    (folder / "settings.csv").symlink_to(folder / "moved away.csv")
    (folder / "fx_rate.csv").symlink_to("fx_rate.csv")
    assert [sentence.partition(" (")[0] for sentence in problems(folder)] == [
        "fx_rate.csv: it cannot be opened",
        "settings.csv: it cannot be opened",
    ]
    (folder / "fx_rate.csv").unlink()
    assert problems(folder) == [
        "settings.csv: it cannot be opened (No such file or directory); put a file there that can be read."
    ]


def test_a_printed_total_that_could_be_held_against_nothing_is_told(folder: Path):
    write(
        folder,
        "control_total",
        """vendor,system,control,period_start,currency,amount
Stripe,,mrr,2026-09-01,USD,1
stripe,club,mrr,2026-09-01,USD,1
stripe,stripe,mrr,2026-09-30,USD,1
stripe,,mrr,2026-09-01,usd,1
stripe,,invoiced,2026-09-01,,1
stripe,,subscribers,2026-09-01,USD,1
zendesk,,tickets,2026-09-01,,1
plain,,mrr,2026-09-01,EUR,1
plain,Club,mrr,2026-09-01,EUR,1
""",
    )
    found = problems(folder)
    assert found[0].startswith(
        "control_total.csv, row 2, column vendor: 'Stripe' is not known; write one of "
    )
    assert "stripe" in found[0] and "reference" not in found[0]
    assert found[1:] == [
        "control_total.csv, row 3, column system: 'club' is no system of stripe, which has none; leave it empty.",
        "control_total.csv, row 4, column period_start: '2026-09-30' is not the first day of a month; write it like 2026-09-01.",
        "control_total.csv, row 5, column currency: 'usd' is not a currency; write its three capital letters, like EUR.",
        "control_total.csv, row 6, column currency: it is empty; write the currency in which stripe prints invoiced.",
        "control_total.csv, row 7, column currency: 'USD' is for money, and subscribers is a count; leave it empty.",
    ]


def test_a_word_that_models_know_in_one_spelling_is_written_so(folder: Path):
    write(
        folder,
        "cost_rate",
        """cost,segment,valid_from,amount
ticket,ALL,2026-01-01,1
ticket,all,2026-01-01,1
ticket,Unsegmented,2026-01-01,1
ticket,Small,2026-01-01,1
""",
    )
    write(folder, "definition_profile", "profile\nOne_company\none_company\nOne Company\none company ltd\n")
    write(folder, "journey_stage", "stage,position\nNo stage,1\n")
    write(folder, "loss_reason", "silo,code,reason\nstripe,a,Unknown\nstripe,b,unknown\n")
    write(folder, "segment_rule", "segment,lapse_days\nunsegmented,1\nUNSEGMENTED,1\n")
    own = "is not taken for the company's own way of counting; write it one_company"
    without = "is not taken for customers without a segment; write it unsegmented"
    assert problems(folder) == [
        "cost_rate.csv, row 2, column segment: 'ALL' is not taken for all segments; write it all.",
        f"cost_rate.csv, row 4, column segment: 'Unsegmented' {without}.",
        f"definition_profile.csv, row 2, column profile: 'One_company' {own}.",
        f"definition_profile.csv, row 4, column profile: 'One Company' {own}.",
        "journey_stage.csv, row 2, column stage: 'No stage' stands for what is in no stage; give the stage another name.",
        "loss_reason.csv, row 2, column reason: 'Unknown' is not taken for a reason that is not known; write it unknown.",
        f"segment_rule.csv, row 3, column segment: 'UNSEGMENTED' {without}.",
    ]


def test_bands_begin_apart(folder: Path):
    write(folder, "value_band", "value_band,at_least\nkey,1200\ncore,100\nAll,0.00001\nmain,1200.00\n")
    assert problems(folder) == [
        "value_band.csv, row 4, column value_band: 'All' stands for all bands; give the band another name.",
        "value_band.csv, row 4, column at_least: '0.00001' has more than 4 decimals; round it.",
        "value_band.csv, row 5, column at_least: '1200.00' is that of row 2 too; give each band its own.",
    ]


def test_a_decision_that_changed_nothing_is_told(folder: Path):
    rows = [
        f"{batch},{decision}"
        for batch in ("held", "kept", "out", "gone")
        for decision in ("accept", "refuse")
    ]
    rows = [f"{row},data,2026-01-31,checked\n" for row in rows]
    sentences = []
    for half in (rows[::2], rows[1::2]):  # a batch is decided about once
        write(folder, "batch_decisions", "batch_id,decision,decided_by,decided_on,why\n" + "".join(half))
        decisions = read_reference(folder)["batch_decisions"]
        sentences += idle_decisions(decisions, {"held": "held", "kept": "accepted", "out": "refused"})
    held = (
        "'held' stays held, as its file was not there to be read again; put it back into the exports folder."
    )
    gone = "'gone' is no batch; write it as the message of the held file and governance.batches do."
    assert sentences == [
        f"batch_decisions.csv, row 2, column batch_id: {held}",
        "batch_decisions.csv, row 4, column batch_id: 'out' was refused, not held; see in governance.batches why, and export it again.",
        f"batch_decisions.csv, row 5, column batch_id: {gone}",
        "batch_decisions.csv, row 3, column batch_id: 'kept' was accepted before, and stays so; a newer export of the same records "
        "sets them right.",
        f"batch_decisions.csv, row 5, column batch_id: {gone}",
    ]


def test_a_silo_that_no_source_is_called_is_told_once(folder: Path):
    write(folder, "loss_reason", "silo,code,reason\nStripe,a,price\nShop,a,price\ncrm,a,price\ncrm,b,other\n")
    reasons = read_reference(folder)["loss_reason"]
    (told,) = unused_silos(reasons, {"shop"})
    assert told.startswith("loss_reason.csv, row 4, column silo: no source is called 'crm'")
    assert "stripe" in told and "reference" not in told


def test_the_copy_has_every_table_and_column_with_its_type(folder: Path, tmp_path: Path):
    paths = Paths(exports=tmp_path, reference=folder, home=tmp_path / "home")
    write(folder, "fx_rate", "currency,valid_from,rate\nUSD,2026-01-31,0.925\n")
    for table in read_reference(folder).values():
        table.write(paths)
    for contract in load_contracts("reference"):
        copy = pyarrow.parquet.read_table(paths.input("reference", contract.object))
        assert copy.schema.names == [column.name for column in contract.columns]
        assert copy.schema.types == [ARROW[column.data_type] for column in contract.columns]
    copy = pyarrow.parquet.read_table(paths.input("reference", "fx_rate"))
    assert copy.to_pylist() == [
        {"currency": "USD", "valid_from": date(2026, 1, 31), "rate": Decimal("0.925")}
    ]
    assert not list(paths.home.rglob("*.new"))


def test_every_type_that_a_reference_contract_uses_can_be_read_and_written():
    used = {column.data_type for contract in load_contracts("reference") for column in contract.columns}
    assert used == set(TYPES) == set(ARROW)


def test_the_run_settings_are_one_row(tmp_path: Path):
    paths = Paths(exports=tmp_path, reference=tmp_path, home=tmp_path)
    wanted = asked({"ONE_COMPANY_AS_OF": "2026-10-31", "ONE_COMPANY_KNOWN_ON": "2026-11-05"})
    write_run_settings(paths, Settings(time_zone="Asia/Tokyo"), wanted)
    (row,) = pyarrow.parquet.read_table(paths.input("run", "settings")).to_pylist()
    assert row["time_zone"] == "Asia/Tokyo" and row["reporting_currency"] is None
    assert row["as_of_on"] == date(2026, 10, 31)
    assert row["known_before"] == datetime(2026, 11, 6)


def test_a_run_that_is_asked_for_nothing_knows_everything():
    assert asked({}) == Asked() and Asked().known_before is None


def test_an_as_of_day_that_is_no_day_is_told():
    with pytest.raises(
        UserError, match="ONE_COMPANY_AS_OF: '31.10.2026' is not a date; write it like 2026-01-31"
    ):
        asked({"ONE_COMPANY_AS_OF": "31.10.2026"})


def test_a_survey_of_the_inventory_is_checked(folder: Path):
    write(folder, "journey_stage", "stage,position\nuse,1\n")
    write(
        folder,
        "survey_inventory",
        """vendor,survey,system,kind,journey_stage,cadence_days,csat_points,ces_version,last_change,last_change_on
qualtrics,a,,relationship,use,182,7,2.0,New invoice,2026-01-31
typeform,b,,relationship,,,,,,
plain,c,shop,yearly,,,,,,
plain,d,shop,transactional,,0,1,1,New invoice,
""",
    )
    assert problems(folder) == [
        "survey_inventory.csv, row 3, column vendor: 'typeform' is not known; write one of qualtrics, surveymonkey, delighted, plain.",
        "survey_inventory.csv, row 4, column kind: 'yearly' is not known; write one of relationship, transactional.",
        "survey_inventory.csv, row 5, column ces_version: '1' is not known; write one of 1.0, 2.0.",
    ]
    write(
        folder,
        "survey_inventory",
        """vendor,survey,system,kind,journey_stage,cadence_days,csat_points,last_change
plain,d,shop,transactional,,0,1,New invoice
""",
    )
    assert problems(folder) == [
        "survey_inventory.csv, row 2, column cadence_days: '0' is not from 1 to 3,660; write whole days, or leave it empty.",
        "survey_inventory.csv, row 2, column csat_points: '1' is not from 2 to 101; write how many points the scale has.",
        "survey_inventory.csv, row 2, column last_change: what was changed and when belong together; write both of last_change "
        "and last_change_on.",
    ]
    write(folder, "survey_inventory", "vendor,survey,kind,journey_stage\nplain,d,transactional,pay\n")
    assert problems(folder) == [
        "survey_inventory.csv, row 2, column journey_stage: 'pay' is not in journey_stage.csv; add it there, or write it as "
        "it stands there.",
    ]


def test_what_surveys_are_held_against_is_checked_cell_by_cell(folder: Path):
    write(folder, "survey_method", "metric,points\nnps,10\ncsat,1\ncsat,5\nces,\nstars,5\n")
    write(folder, "own_domain", "domain\nOurs.example\nours.example\n")
    write(folder, "begging_phrase", "phrase,language\nA 10,en\na 10,en\n!!,\n")
    assert problems(folder) == [
        "begging_phrase.csv, row 3, column phrase, language: 'a 10, en' is already in row 2; keep one.",
        "begging_phrase.csv, row 4, column phrase: '!!' has no letter and no figure to look for; write a phrase.",
        "own_domain.csv, row 2, column domain: 'Ours.example' is not a domain in lower case; write it like example.com, without @.",
        "survey_method.csv, row 2, column points: '10' is not the scale of NPS, which is 0 to 10; write 11.",
        "survey_method.csv, row 3, column points: '1' is not from 2 to 101; write how many points the scale has.",
        "survey_method.csv, row 4, column metric: 'csat' is already in row 3; keep one.",
        "survey_method.csv, row 5, column points: it is empty.",
        "survey_method.csv, row 6, column metric: 'stars' is not known; write one of nps, csat, ces.",
    ]


def test_what_is_known_of_listening_beside_surveys_is_checked(folder: Path):
    write(folder, "journey_stage", "stage,position\nuse,1\n")
    write(
        folder,
        "survey_decision",
        "vendor,survey,decision,decided_by,decided_on\nplain,a,drop,team:cco-office,2026-01-31\n",
    )
    write(
        folder,
        "listening_option",
        "option,kind,journey_stage,is_used\nForum,social,use,true\nPanel,aided,pay,maybe\n",
    )
    write(folder, "primary_research", "research,journey_stage,completed_on\nInterviews,use,May 2026\n")
    write(folder, "fearless_rating", "question,rated_by,rated_on,rating\nBad news,team:sales,2026-01-31,6\n")
    assert problems(folder) == [
        "fearless_rating.csv, row 2, column rating: '6' is not from 1 to 5.",
        "listening_option.csv, row 2, column kind: 'social' is not known; write one of aided, unaided, experiential, behavioural.",
        "listening_option.csv, row 3, column is_used: 'maybe' is neither true nor false.",
        "primary_research.csv, row 2, column completed_on: 'May 2026' is not a date; write it like 2026-01-31.",
        "survey_decision.csv, row 2, column decision: 'drop' is not known; write one of keep, merge, pause, stop.",
    ]
    for table in ("survey_decision", "fearless_rating"):
        (folder / f"{table}.csv").unlink()
    write(folder, "listening_option", "option,kind,journey_stage,is_used\nPanel,aided,pay,true\n")
    write(folder, "primary_research", "research,journey_stage,completed_on\nInterviews,Use,2026-05-31\n")
    known = "add it there, or write it as it stands there"
    assert problems(folder) == [
        f"listening_option.csv, row 2, column journey_stage: 'pay' is not in journey_stage.csv; {known}.",
        f"primary_research.csv, row 2, column journey_stage: 'Use' is not in journey_stage.csv; {known}.",
    ]


def test_what_only_silos_may_answer_otherwise_is_the_company_s_own_answer():
    """The macro `policies` says by which the company counts, and the checks which of them it may not change."""
    macro = (DBT_PROJECT / "macros" / "definitions.sql").read_text(encoding="utf-8")
    own = dict(
        re.findall(
            r"\('(\w+)', (?:'(\w+)'|none)\)", macro.partition("macro policies()")[2].partition("endmacro")[0]
        )
    )
    assert len(own) == 20
    assert {policy: own[policy] or None for policy in OF_SILOS_ALONE} == OF_SILOS_ALONE


def test_the_company_s_own_figures_are_not_reported_by_a_silo(folder: Path):
    write(folder, "definition_profile", "profile\none_company\ncrm\n")
    header = "profile,metric,period_kind,period_start,figure\n"
    rows = f"{header}crm,new_customers,month,2026-09-01,9\none_company,new_customers,month,2026-09-01,9\n"
    assert only_problem(folder, "silo_reported_figure", rows) == (
        "silo_reported_figure.csv, row 3, column profile: the company's own figures are customer_math's; write the profile by which "
        "the silo counts."
    )


def test_the_readme_of_the_folder_tells_of_every_table():
    readme = (PROJECT / "seeds" / "reference" / "README.md").read_text(encoding="utf-8")
    for contract in load_contracts("reference"):
        assert f"`{contract.object}.csv`" in readme


def test_a_policy_may_have_the_values_that_are_implemented_and_no_others(folder: Path):
    header = "profile,metered,past_due_days\n"
    write(folder, "definition_profile", f"{header}one_company,by_the_hour,-1\n")
    assert problems(folder) == [
        "definition_profile.csv, row 2, column metered: 'by_the_hour' is not known; write one of billed_only, counted, excluded."
    ]
    write(folder, "definition_profile", f"{header}finance,,\none_company,excluded,-1\n")
    assert problems(folder) == [
        "definition_profile.csv, row 3, column past_due_days: '-1' is not from 0 to 36,500; write whole days, or leave it empty.",
    ]
    write(folder, "definition_profile", f"{header}one_company,excluded,\n")
    (row,) = read_reference(folder)["definition_profile"].rows
    assert (row.values["metered"], row.values["past_due_days"], row.values["trials"]) == (
        "excluded",
        None,
        None,
    )


def test_only_silos_count_agreements_or_contacts(folder: Path):
    header = "profile,grain,base_object,reactivation_days\n"
    write(
        folder,
        "definition_profile",
        f"{header}one_company,agreement,agreements,30\ncrm,agreement,opportunities,30\n",
    )
    assert problems(folder) == [
        "definition_profile.csv, row 2, column grain: 'agreement' is for other profiles; the one-company definition leaves it empty.",
        "definition_profile.csv, row 2, column reactivation_days: '30' is for other profiles; the one-company definition leaves it "
        "empty.",
    ]


def test_the_settings_decide_in_which_time_zone_the_company_counts(folder: Path):
    write(folder, "settings", "setting,value\ntime_zone,Europe/Berlin\n")
    write(
        folder,
        "definition_profile",
        "profile,time_zone\none_company,Europe/Berlin\nstripe,UTC\ncrm,Berlin\nx,localtime\n",
    )
    assert problems(folder) == [
        f"definition_profile.csv, row {row}, column time_zone: '{zone}' is not a time zone; write UTC or a name like Europe/Berlin."
        for row, zone in ((4, "Berlin"), (5, "localtime"))
    ]
    write(folder, "definition_profile", "profile,time_zone\nstripe,UTC\none_company,UTC\n")
    assert problems(folder) == [
        "definition_profile.csv, row 3, column time_zone: 'UTC' is not the company's time zone, which settings.csv sets to "
        "Europe/Berlin; change it there, or leave this cell empty."
    ]


def test_a_figure_is_reported_for_a_profile_that_is_there(folder: Path):
    write(folder, "definition_profile", "profile\none_company\ncrm\nbilling\n")
    figures = "profile,metric,period_kind,period_start,figure\ncrm,new_customers,month,2026-09-01,7\n"
    write(folder, "silo_reported_figure", f"{figures}slaes,new_customers,month,2026-09-01,9\n")
    assert problems(folder) == [
        "silo_reported_figure.csv, row 3, column profile: 'slaes' is not in definition_profile.csv; add it there, or write it as it "
        "stands there."
    ]


def test_a_figure_is_reported_for_a_period_that_there_is(folder: Path):
    write(folder, "definition_profile", "profile\ncrm\n")
    figures = "profile,metric,period_kind,period_start,figure\n"
    write(
        folder,
        "silo_reported_figure",
        f"""{figures}crm,new_customers,month,2026-09-30,7
crm,retention,month,2026-09-01,95
crm,retention,month,2026-08-01,0.95
""",
    )
    assert problems(folder) == [
        "silo_reported_figure.csv, row 2, column period_start: '2026-09-30' is not the first day of a month; write it like 2026-09-01.",
        "silo_reported_figure.csv, row 3, column figure: '95' is not a share; write it from 0 to 1.",
    ]
    write(
        folder,
        "silo_reported_figure",
        f"""{figures}crm,new_customers,month,2026-09-01,7
crm,new_customers,quarter,2026-08-01,7
crm,new_customers,quarter,2026-08-02,7
crm,new_customers,quarter,2026-10-01,7
crm,new_customers,year,2026-01-01,7
crm,new_customers,year,2026-02-01,7
""",
    )
    by, told = "by fiscal_year_starts_in of settings.csv; write the 1st of", "silo_reported_figure.csv, row"
    quarters = f"is not the first day of a quarter, {by} January or April or July or October."
    assert problems(folder) == [
        f"{told} 3, column period_start: '2026-08-01' {quarters}",
        f"{told} 4, column period_start: '2026-08-02' {quarters}",
        f"{told} 7, column period_start: '2026-02-01' is not the first day of a year, {by} January.",
    ]
    write(folder, "settings", "setting,value\nfiscal_year_starts_in,February\n")
    quarters = f"is not the first day of a quarter, {by} February or May or August or November."
    assert problems(folder) == [
        f"{told} 4, column period_start: '2026-08-02' {quarters}",
        f"{told} 5, column period_start: '2026-10-01' {quarters}",
        f"{told} 6, column period_start: '2026-01-01' is not the first day of a year, {by} February.",
    ]
