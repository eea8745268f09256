"""Records that belong to no customer's story: bad ones that have to be refused, and strangers."""

from simulator.company import Files
from simulator.days import epoch, iso
from simulator.history import Calendar
from simulator.names import salesforce_id
from simulator.past import Past
from simulator.truth import BadRow


def plant(files: Files, calendar: Calendar) -> tuple[list[BadRow], list[Past]]:
    """Write them all; returns the bad records and the strangers, who are customers known by one record alone.

    A bad record never hides a good one: it is a record more, of which nothing else speaks.
    """
    return _bad_rows(files, calendar), _strangers(files, calendar)


def _bad_rows(files: Files, calendar: Calendar) -> list[BadRow]:
    stripe, salesforce, qualtrics, shop = files.stripe, files.salesforce, files.qualtrics, files.shop
    day = iso(calendar.last - 100)
    at = f"{day}T10:00:00Z"
    bad = []

    def plant(table, folder: str, row: tuple, field: str | None, what: str) -> None:
        bad.append(BadRow(f"{folder}/{table.name}", table.add(row), field, what))

    line = ("in_bad01", "sub_bad01", "si_bad01", "price_team_month_usd", "subscription", "false")
    service = (f"{day}T10:00:00Z", f"{iso(calendar.last - 70)}T10:00:00Z", "team_month")
    plant(stripe.lines, "stripe", ("il_bad01", *line, "12,50", "usd", 1, *service), "amount", "decimal comma")
    plant(stripe.lines, "stripe", ("", *line, 2400, "usd", 1, *service), "id", "missing key")
    plant(
        stripe.lines,
        "stripe",
        ("il_bad03", *line, 2400, "usd", "1.5", *service),
        "quantity",
        "not a whole number",
    )
    plant(stripe.lines, "stripe", ("il_bad04", *line[:3]), None, "short row")
    invoice = ("cus_bad01", "", "paid", "usd", 2400, 0, 2400, 2400)
    plant(
        stripe.invoices, "stripe", ("in_bad01", *invoice, "2026-02-30T10:00:00Z", at, at, at, at, "true"),
        "created", "no such day",
    )  # fmt: skip
    plant(
        stripe.invoices,
        "stripe",
        ("in_bad02", "", *invoice[1:], at, at, at, at, at, "true"),
        "customer_id",
        "missing value",
    )
    plant(
        stripe.subscriptions, "stripe",
        ("sub_bad01", "cus_bad01", "activ", at, at, "", "false", "", "", "", "", "", "", "", "", "true", "{}"),
        "status", "not one of the allowed values",
    )  # fmt: skip
    plant(
        stripe.customers, "stripe",
        ("cus_bad02", "who@nowhere.example", "Nobody", "", "31/10/2026", "usd", "true", "false", "", "", "", "", "{}"),
        "created", "day first",
    )  # fmt: skip
    plant(
        stripe.charges, "stripe", ("ch_bad01", "cus_bad01", "", "24.00", 0, "usd", "succeeded", at, "true"),
        "amount", "major units",
    )  # fmt: skip
    stamp = f"{day}T10:00:00.000+0000"
    archive = f"salesforce/{salesforce.archive.name}"
    plant(
        salesforce.contacts, archive,
        ("", "false", "", "", "Nobody", "", "Nobody", "", "", "", "", "", "", "", stamp, stamp, stamp), "id", "missing key",
    )  # fmt: skip
    plant(
        salesforce.cases, archive,
        (salesforce_id("500", 9_000_000_000), "false", "99999999", "", "", "", "", "Problem", "Working", "Bug", "Web", "", "",
         "", "false", "", "", f"{day} at ten", stamp, stamp), "created_date", "not a time",
    )  # fmt: skip
    bought = ("S-000001", day)
    plant(shop.purchases, "plain/shop", ("bad-1", *bought, "12,50", "USD"), "amount", "decimal comma")
    plant(
        shop.purchases,
        "plain/shop",
        ("bad-2", "S-000001", "2026-02-30", "12.50", "USD"),
        "purchased_on",
        "no such day",
    )
    plant(shop.purchases, "plain/shop", ("bad-3", "", day, "12.50", "USD"), "customer_ref", "missing value")
    plant(shop.purchases, "plain/shop", ("bad-4", *bought), None, "short row")
    if files.bought:
        at_noon = epoch(calendar.last - 100, 43_200)
        bought = ("AzSbad01", "169vbad01", "true", "paid", "tax_exclusive", "USD", at_noon, at_noon)
        plant(
            files.bought.chargebee.invoices, "chargebee", ("AzSbad01-001", *bought, "49.00", 0, 4900, 4900, 0, at_noon, "", "false", at_noon),
            "sub_total", "major units",
        )  # fmt: skip
        plant(
            files.bought.chargebee.newest_subscriptions, "chargebee",
            ("AzSbad02", "169vbad01", "live", "USD", 1, "month", *[""] * 13, "[]", "[]", 0, "false", at_noon, at_noon),
            "status", "not one of the allowed values",
        )  # fmt: skip
        deal = (
            "31000000001",
            "Bad luck",
            "Closed Won (Sales Pipeline)",
            "Sales Pipeline",
            "900.00",
            "USD",
            "",
        )
        plant(
            files.bought.hubspot.deals, "hubspot", (*deal, "New Business", "", "", "", f"{day} 10:00", f"{day} 10:00", "", ""),
            "close_date", "won on no day",
        )  # fmt: skip
        plant(
            files.bought.surveymonkey.responses, "surveymonkey",
            (11_800_000_001, 1, "31/07/2026 10:00:00 AM", "", "", "bad@nowhere.example", "", "", "", 3, "", "", "", ""),
            "start_date", "day first",
        )  # fmt: skip
        record = files.bought.delighted.response(
            79_000_001, 49_000_001, "nps", 11, "bad", calendar.last - 100
        )
        bad.append(
            BadRow(f"delighted/{files.bought.delighted.responses.name}", record, "score", "more than ten")
        )
        who = (9_590_000_001, "Bad", "bad@nowhere.example")
        record = files.bought.zendesk.ticket(
            None, "open", who, None, calendar.last - 99, None, calendar.last - 99, 1
        )
        bad.append(BadRow(f"zendesk/{files.bought.zendesk.tickets.name}", record, "id", "missing key"))
        # what the company's own people answer is no customer's
        files.bought.delighted.response(
            79_000_002, 49_000_002, "enps", 9, "Good place to work", calendar.last - 90
        )
    table, record = qualtrics.response("R_bad01", calendar.last - 100, 9, "eleven", "", "EN")
    bad.append(BadRow(f"qualtrics/{table.name}", record, "nps", "a word for a score"))
    return bad


def _strangers(files: Files, calendar: Calendar) -> list[Past]:
    found = []

    def stranger(number: int, vendor: str, system: str, object: str, ref: str) -> Past:
        past = Past(f"stranger-{number}", "unresolved", "stranger")
        past.records.append((vendor, system, object, ref))
        if object in ("responses", "cases"):
            past.heard.append((vendor, object, ref, True))
        found.append(past)
        return past

    answer = files.qualtrics.response
    day = calendar.last - 60
    answer("R_stranger01", day, 9, 3, "Who are you?", "EN", ("", "", "passer.by@elsewhere.example"))
    stranger(1, "qualtrics", "qualtrics", "responses", "R_stranger01")
    answer("R_stranger02", day, 10, 8, "", "EN", ("", "", "passer.by.2@gmail.com"))
    stranger(2, "qualtrics", "qualtrics", "responses", "R_stranger02")
    answer("R_nobody01", day, 11, 6, "No name, please.\n\n- ☺", "EN")
    found[-1].heard.append(("qualtrics", "responses", "R_nobody01", False))
    answer("R_preview01", day, 12, 10, "test", "EN", is_preview=True)
    answer("R_preview02", calendar.first_responses - 90, 12, 10, "test", "EN", is_preview=True)
    case = salesforce_id("500", 9_000_000_001)
    files.salesforce.case(
        case,
        99_999_998,
        "",
        "",
        "lost.soul@outlook.com",
        "Access",
        "Email",
        "Where is my login?",
        "",
        day,
        day + 1,
    )
    stranger(3, "salesforce", "salesforce", "cases", case)
    buyer = stranger(4, "plain", "shop", "customers", "S-999999")
    files.shop.purchase("P-orphan-1", "S-999999", day, 3_500, "usd", buyer)
    files.shop.purchase("P-orphan-2", "S-999999", day + 30, 2_500, "usd", buyer)
    if files.bought:  # the ticket is all that is known of whoever asked
        who = (9_590_000_002, "Lost Customer", "lost.customer@elsewhere-too.example")
        files.bought.zendesk.ticket(3_000_001, "open", who, None, day, None, day, 2)
        asked = stranger(5, "zendesk", "zendesk", "users", str(who[0]))
        asked.heard.append(("zendesk", "tickets", "3000001", True))
    at = f"{iso(calendar.last - 3)}T08:00:00Z"
    files.stripe.invoices.add(  # not sent yet, so it bills nothing
        ("in_draft01", "cus_00001", "", "draft", "usd", 99_900, 0, 99_900, 0, at, "", "", at, at, "true")
    )
    return found
