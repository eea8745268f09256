"""What may not join does not, and a steward is told: each pair that a guard kept apart, with its reason and what is alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dagster_project.identity.keys import DOMAIN_LIMIT, MAILBOX_LIMIT, MENTION_LIMIT
from dagster_project.identity.resolve import CUSTOMER_LIMIT, RULES
from tests.company import build
from tests.identity_warehouse import Key, Record, Warehouse, organisation, person

# two records, why nothing joins them, the rule that would, what is alike, how many pairs of the two customers say so
Told = tuple[frozenset[str], str, str, str, int]
ONE_EACH = "crm"  # a source that sees to it that a customer has one record there


@dataclass(frozen=True)
class Story:
    """`groups`: the records that are one customer, those of more than one. `told`: what is for a steward to decide."""

    records: Sequence[Record]
    groups: Sequence[str] = ()
    told: Sequence[Told] = ()
    keys: Sequence[Key] = ()


def alike(one: str, other: str, reason: str, rule: str, evidence: str = "", pairs: int = 1) -> Told:
    return frozenset((one, other)), reason, rule, evidence or RULES[rule], pairs


def many(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n:02}" for n in range(count)]


def sharers(prefix: str, count: int, rule: str, key: str) -> tuple[list[Record], list[Key]]:
    return [organisation(ref) for ref in many(prefix, count)], [
        (ref, rule, key) for ref in many(prefix, count)
    ]


SHARED_MAILBOX = sharers("shared mailbox ", MAILBOX_LIMIT + 1, "email", "info@mail.example")
PROVIDER = sharers("provider ", DOMAIN_LIMIT + 1, "company_domain", "provider.example")
# words of which no two are alike
WORDS = (
    "amber", "brisk", "cobalt", "dunlin", "ermine", "falcon", "gravel", "hazel", "indigo", "jasmine", "kestrel", "lupin",
    "marble", "nettle", "osprey", "pewter", "quartz", "russet", "saffron", "thistle", "umber", "violet", "walnut", "xenon",
    "yarrow", "zephyr", "birch", "cedar",
)  # fmt: skip
HOME = {"street": "Lindenweg 4", "postcode": "53111", "city": "Bonn"}
ELSEWHERE = {"street": "Rue Haute 9", "postcode": "67000", "city": "Strasbourg"}

STORIES = {
    "a mailbox that more records share than one customer has": Story(
        SHARED_MAILBOX[0],
        keys=SHARED_MAILBOX[1],
        told=[
            alike(ref, "shared mailbox 00", "shared_mailbox", "email")
            for ref in many("shared mailbox ", MAILBOX_LIMIT + 1)[1:]
        ],
    ),
    "a provider's domain": Story(
        PROVIDER[0],
        keys=PROVIDER[1],
        told=[
            alike(ref, "provider 00", "shared_domain", "company_domain")
            for ref in many("provider ", DOMAIN_LIMIT + 1)[1:]
        ],
    ),
    "a mailbox that stands for none, and two namesakes among its people": Story(
        [
            person(ref, name="Ann Bell" if n < 2 else f"{WORDS[n]} {WORDS[-n]}", email="noemail@noemail.example")
            for n, ref in enumerate(many("nobody ", MAILBOX_LIMIT + 1))
        ],
        told=[alike(ref, "nobody 00", "shared_mailbox", "email") for ref in many("nobody ", MAILBOX_LIMIT + 1)[1:]],
    ),
    "the mailbox of a whole company, whose domain spells its name": Story(
        [
            organisation("company", name="Larkspur Ltd", email="info@larkspur.example"),
            organisation("company too", domain="larkspur.example"),
            *(person(ref, email="info@larkspur.example") for ref in many("staff ", MAILBOX_LIMIT)),
        ],
        groups=["company, company too"],
        told=[alike(ref, "company", "shared_mailbox", "email") for ref in many("staff ", MAILBOX_LIMIT)],
    ),
    "a mailbox that all records of one customer carry": Story(
        [
            organisation("one 00", email="info@foxglove.example"),
            *(person(ref, email="info@foxglove.example") for ref in many("one ", MAILBOX_LIMIT + 1)[1:]),
            organisation("paid", email="billing@foxglove.example"),
        ],
        keys=[(ref, "member_of", "foxglove") for ref in many("one ", MAILBOX_LIMIT + 1)],
        groups=[", ".join([*many("one ", MAILBOX_LIMIT + 1), "paid"])],
    ),
    "private people at a provider's domain, two namesakes among them": Story(
        [
            *(
                person(ref, name="Ned Hart" if n < 2 else f"{WORDS[n]} {WORDS[-n]}", email=f"{ref[-2:]}@isp.example")
                for n, ref in enumerate(many("private ", DOMAIN_LIMIT + 1))
            ),
            replace(person("written from there", email="x@isp.example"), is_mention=True),
        ],
        told=[
            alike(ref, "private 00", "shared_domain", "company_domain")
            for ref in [*many("private ", DOMAIN_LIMIT + 1)[1:], "written from there"]
        ],
    ),
    "people at one domain, and more who only wrote from there": Story(
        [
            *(person(ref, email=f"{ref[-2:]}@guild.example") for ref in many("guild ", DOMAIN_LIMIT)),
            *(replace(person(ref, email=f"{ref}@guild.example"), is_mention=True) for ref in ("wrote 1", "wrote 2")),
        ],
        groups=[", ".join([*many("guild ", DOMAIN_LIMIT), "wrote 1", "wrote 2"])],
    ),
    "people at the domain of an organisation": Story(
        [
            organisation("employer", domain="burdock.example"),
            *(person(ref, email=f"{ref[-2:]}@burdock.example") for ref in many("employed ", DOMAIN_LIMIT + 1)),
        ],
        groups=[", ".join(["employer", *many("employed ", DOMAIN_LIMIT + 1)])],
    ),
    "namesakes at a provider's domain": Story(
        [
            organisation(
                ref, name="Hotel Post" if n < 2 else f"{WORDS[n]} {WORDS[-n]}", email=f"{ref[-2:]}@hotels.example",
                phone=f"03{n:02} {n:02}1{n:02}", city=WORDS[n],
            )
            for n, ref in enumerate(many("hotel ", DOMAIN_LIMIT + 1))
        ],
        told=[
            alike(ref, "hotel 00", "shared_domain", "company_domain") for ref in many("hotel ", DOMAIN_LIMIT + 1)[1:]
        ],
    ),
    "somebody who writes often": Story(
        [
            person("sales", name="Ann Teasel", email="ann.teasel@gmail.com"),
            organisation("billed", name="Ann Teasel Studio", email="ann.teasel@gmail.com"),
            *(
                replace(person(ref, email="ann.teasel@gmail.com"), is_mention=True)
                for ref in many("ticket ", CUSTOMER_LIMIT)
            ),
        ],
        groups=[", ".join(["sales", "billed", *many("ticket ", CUSTOMER_LIMIT)])],
    ),
    "two people with a free mailbox each": Story(
        [
            person("free 1", name="Nora Lindqvist", email="nora.l@gmail.com"),
            person("free 2", name="Otto Paulsen", email="otto.p@gmail.com"),
        ]
    ),
    "the mailbox of one was given to another": Story(
        [
            person("recycled 1", name="Gwen Ashdown", email="office@gmail.com"),
            person("recycled 2", name="Henry Tolliver", email="office@gmail.com"),
            person("recycled 3", name="Gwendolyn Ashdown", email="office@gmail.com"),
        ],
        groups=["recycled 1, recycled 3"],
        told=[alike("recycled 2", "recycled 1", "different_names", "email")],
    ),
    "a company's mailbox and domain that were handed on: the domain spells whose it is": Story(
        [
            organisation("mill 1", name="Ferndale Mills", email="office@ferndale.example"),
            organisation("mill 2", name="Osprey Holding", email="office@ferndale.example"),
            organisation("mill 3", domain="ferndale.example"),
        ],
        groups=["mill 1, mill 3"],
        told=[
            alike("mill 1", "mill 2", "different_names", "probable", "different names, same mailbox, same company domain")
        ],
    ),
    "a person and an organisation of one mailbox, in two places": Story(
        [
            person("place 1", name="Ida Brandt", email="ida@gmx.de", **HOME),
            organisation("place 2", name="Quarry Tools", email="ida@gmx.de", **ELSEWHERE),
        ],
        told=[alike("place 2", "place 1", "different_names", "email")],
    ),
    "a person and an organisation of one mailbox, in one place": Story(
        [
            person("home 1", name="Jonas Kettler", email="jk@gmx.de", **ELSEWHERE),
            organisation("home 2", name="Velvet Press", email="jk@gmx.de", **ELSEWHERE),
        ],
        groups=["home 1, home 2"],
    ),
    "an adviser of two organisations": Story(
        [
            *map(organisation, ("employer 1", "employer 2")),
            person("adviser 1", name="Kim Orwell", email="kim@orwell.example"),
            person("adviser 2", name="Kim Orwell", email="kim@orwell.example"),
        ],
        keys=[
            *((ref, "member_of", "first") for ref in ("employer 1", "adviser 1")),
            *((ref, "member_of", "second") for ref in ("employer 2", "adviser 2")),
        ],
        groups=["employer 1, adviser 1", "employer 2, adviser 2"],
        told=[
            alike("adviser 1", "adviser 2", "two_customers", "probable", "same name, same mailbox, same company domain")
        ],
    ),
    "advisers of two organisations who share a mailbox and its domain, without names": Story(
        [
            *map(organisation, ("client 1", "client 2")),
            *(person(ref, email="team@ferris.example") for ref in ("aide 1", "aide 2", "aide 3")),
        ],
        keys=[
            *((ref, "member_of", "fifth") for ref in ("client 1", "aide 1")),
            *((ref, "member_of", "sixth") for ref in ("client 2", "aide 2", "aide 3")),
        ],
        groups=["client 1, aide 1", "client 2, aide 2, aide 3"],
        told=[alike("aide 1", "aide 2", "two_customers", "email", pairs=2)],
    ),
    "likely one person, who speaks for two organisations": Story(
        [
            *map(organisation, ("house 1", "house 2")),
            person("twin 1", name="Lena Farnsworth", phone="+49 228 7712001"),
            person("twin 2", name="Lena Farnsworth", phone="+49 228 7712001"),
        ],
        keys=[
            *((ref, "member_of", "third") for ref in ("house 1", "twin 1")),
            *((ref, "member_of", "fourth") for ref in ("house 2", "twin 2")),
        ],
        groups=["house 1, twin 1", "house 2, twin 2"],
        told=[alike("twin 1", "twin 2", "two_customers", "probable", "same name, same phone number")],
    ),
    "two records of a source that has each customer once": Story(
        [
            replace(organisation("once 1", name="Cobalt Works", phone="030 5550011"), vendor=ONE_EACH),
            replace(organisation("once 2", name="Cobalt Works", phone="030 5550011"), vendor=ONE_EACH),
            replace(organisation("once 3", email="post@cobalt.example"), vendor=ONE_EACH),
            replace(organisation("once 4", email="post@cobalt.example"), vendor=ONE_EACH),
            organisation("once 5", email="post@cobalt.example"),
        ],
        groups=["once 3, once 5"],
        told=[
            alike("once 1", "once 2", "one_per_source", "probable", "same name, same phone number"),
            alike("once 4", "once 3", "one_per_source", "email"),
        ],
    ),
    "a source that has each customer once, where it says itself that two are one": Story(
        [replace(organisation(ref), vendor=ONE_EACH) for ref in ("merged 1", "merged 2")],
        keys=[(ref, "source_merge", "merged") for ref in ("merged 1", "merged 2")],
        groups=["merged 1, merged 2"],
    ),
    "two systems that have each customer once": Story(
        [
            replace(organisation("system 1", email="post@indigo.example"), vendor=ONE_EACH),
            replace(organisation("system 2", email="post@indigo.example"), vendor=ONE_EACH, system="of the sister"),
        ],
        groups=["system 1, system 2"],
    ),
    "a test record with the mailbox and the name of a real one": Story(
        [
            organisation("tested 1", name="Marlow Optics", email="post@marlow.example", **HOME),
            replace(organisation("tested 2", name="Marlow Optics", email="post@marlow.example", **HOME), is_test=True),
        ]
    ),
    "a test record that a source states to be of a customer": Story(
        [organisation("stated 1"), replace(organisation("stated 2"), is_test=True)],
        keys=[(ref, "external_id", "stated") for ref in ("stated 1", "stated 2")],
        groups=["stated 1, stated 2"],
    ),
    "the contact of a test account, with a real customer's domain, mailbox and name": Story(
        [
            replace(organisation("trial"), is_test=True),
            person("contact", name="Jane Roe", email="jane@sorrel.example", phone="+44 20 79461234"),
            organisation("real 1", email="billing@sorrel.example"),
            person("real 2", name="Jane Roe", email="jane@sorrel.example", phone="+44 20 79461234"),
            replace(person("asks real 2", email="jane@sorrel.example"), is_mention=True),
            person("contact too", email="joe@sorrel.example"),
            replace(person("asks on trial", email="joe@sorrel.example"), is_mention=True),
        ],
        keys=[(ref, "member_of", "trial") for ref in ("trial", "contact", "contact too")],
        groups=["trial, contact, contact too, asks on trial", "real 1, real 2, asks real 2"],
    ),
    "a name and nothing else": Story(
        [person(ref, name="Percival Underhill") for ref in ("name 1", "name 2")],
    ),
    "a name and a town": Story(
        [person(ref, name="Rosalind Thackeray", city="Ghent") for ref in ("town 1", "town 2")],
        told=[alike("town 1", "town 2", "name_alone", "probable", "same name, same city")],
    ),
    "alike in several things, but each of them weak": Story(
        [
            organisation("weak 1", name="Alder Metals", phone="+32 16 4455660", domain="alder-metals.example"),
            organisation("weak 2", name="Alder Foods", phone="+32 16 4455667", domain="alder-foods.example"),
        ],
        told=[
            alike(
                "weak 1", "weak 2", "unsure", "probable",
                "names begin with the same word, different company domains, phones of one switchboard",
            )
        ],
    ),
    "a surname and an address": Story(
        [
            person("couple 1", name="Agnes Kowalczyk", street="Oude Markt 3", postcode="3000", city="Leuven"),
            person("couple 2", name="Bruno Kowalczyk", street="Oude Markt 3", postcode="3000", city="Leuven"),
        ],
        told=[alike("couple 1", "couple 2", "different_names", "probable", "one word of the names is the same, same street address")],
    ),
    "an address and nothing else": Story(
        [
            person("flat 1", name="Cecil Rutherford", street="Kirkgate 8", postcode="LS1", city="Leeds"),
            person("flat 2", name="Dora Mickelson", street="Kirkgate 8", postcode="LS1", city="Leeds"),
        ]
    ),
    "an address and a telephone, and other names": Story(
        [
            person(ref, name=name, street="Shore Road 5", postcode="G12", city="Glasgow", phone="+44 141 5550077")
            for ref, name in (("shore 1", "Fergus Lockhart"), ("shore 2", "Isla Drummond"))
        ],
        told=[
            alike("shore 1", "shore 2", "different_names", "probable",
                  "different names, same phone number, same street address")
        ],
    ),
    "a name and an address": Story(
        [
            person(ref, name="Edith Pemberton", street="Long Row 2", postcode="NG1", city="Nottingham")
            for ref in ("sure 1", "sure 2")
        ],
        groups=["sure 1, sure 2"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """All stories in one warehouse: they share nothing."""
    warehouse = Warehouse(tmp_path_factory.mktemp("home"))
    warehouse.resolve(
        [record for story in STORIES.values() for record in story.records],
        [key for story in STORIES.values() for key in story.keys],
        unique_sources=[ONE_EACH],
    )
    return warehouse


def told(warehouse: Warehouse) -> list[Told]:
    rows = warehouse.rows(
        "review", "source_ref, other_source_ref, reason, match_rule, evidence, record_pairs"
    )
    return [(frozenset(row[:2]), *row[2:]) for row in rows]


@pytest.mark.parametrize("title", STORIES)
def test_a_guard_keeps_apart_no_less_and_no_more(title: str, resolved: Warehouse) -> None:
    story = STORIES[title]
    expected = {frozenset(group.split(", ")) for group in story.groups}
    expected |= {frozenset([r.source_ref]) for r in story.records} - {
        frozenset([ref]) for group in expected for ref in group
    }
    refs = {record.source_ref for record in story.records}
    assert {group for group in resolved.groups() if group & refs} == expected


@pytest.mark.parametrize("title", STORIES)
def test_a_steward_is_told_what_a_guard_kept_apart_and_why(title: str, resolved: Warehouse) -> None:
    story = STORIES[title]
    refs = {record.source_ref for record in story.records}
    assert Counter(row for row in told(resolved) if row[0] & refs) == Counter(story.told)


def test_a_mailbox_that_too_many_only_wrote_from_identifies_nobody_either(tmp_path: Path) -> None:
    def groups(count: int) -> int:
        warehouse = Warehouse(tmp_path)
        warehouse.resolve(
            [replace(person(f"wrote {n:04}", email="desk@gmail.com"), is_mention=True) for n in range(count)]
        )
        return len(warehouse.groups())

    assert groups(MENTION_LIMIT) == 1
    assert groups(MENTION_LIMIT + 1) == MENTION_LIMIT + 1


def test_a_page_on_a_host_of_many_pages_is_no_company_domain(tmp_path: Path) -> None:
    pages = {
        "www.facebook.com/BakeryRose": "Bakery Rose", "de-de.facebook.com/CafeKrone": "Cafe Krone",
        "sites.google.com/view/nord": "Studio Nord", "sites.google.com/view/ost": "Atelier Ost",
        "www.rex.com/a": "Rex Ltd", "rex.com": "Rex Holding",
    }  # fmt: skip
    exports = tmp_path / "exports" / "salesforce"
    exports.mkdir(parents=True)
    (exports / "accounts_2026-01-31.csv").write_text(
        "Id,Name,Website,CreatedDate,IsDeleted,MasterRecordId,SystemModstamp,BillingCountry\n"
        + "".join(
            f"001page000000{n:02},{name},https://{page},2026-01-01T00:00:00Z,false,,,DE\n"
            for n, (page, name) in enumerate(pages.items())
        )
    )
    built = build(tmp_path / "exports", tmp_path / "none", tmp_path / "home", rooms=["core"])
    found = built.execute(
        "select count(distinct customer_id), count(distinct customer_id) filter (where match_rule = 'company_domain') from core.identity_map"
    ).fetchall()
    assert found == [(5, 1)]  # the two of rex.com are one


def link_by_link(count: int) -> list[Record]:
    """Organisations of one name, each of which shares a telephone or an address with the next. One link, between 31 and 32,
    is weaker than the others: a letter of the name changes there."""
    return [
        organisation(
            f"link {n:02}", name="Harbour Widgets" if n <= 31 else "Harbour Widgetz",
            phone=f"030 {4000000 + (n // 2) * 10000}", street=f"Kanalstrasse {(n + 1) // 2}", city="Berlin",
        )
        for n in range(count)
    ]  # fmt: skip


def test_a_customer_of_too_many_organisations_lacks_its_weakest_link_unless_a_steward_joins(
    tmp_path: Path,
) -> None:
    def resolve(count: int, *decisions: tuple[str, str, str]) -> tuple[list[int], list[Told]]:
        warehouse = Warehouse(tmp_path)
        mails = many("mail ", count)
        warehouse.resolve(
            [*link_by_link(count), *map(organisation, mails)],
            [
                (ref, "email", f"link{n}@mail.example")
                for n, pair in enumerate(zip(mails[:-1], mails[1:], strict=True))
                for ref in pair
            ],
            decisions,
        )
        return sorted(map(len, warehouse.groups())), told(warehouse)

    assert resolve(CUSTOMER_LIMIT) == ([CUSTOMER_LIMIT, CUSTOMER_LIMIT], [])

    sizes, review = resolve(CUSTOMER_LIMIT + 1)
    assert sizes == [1, 19, 32, CUSTOMER_LIMIT]
    weakest = "names differ by a letter or two, different phone numbers, same street address"
    assert alike("mail 49", "mail 50", "too_large", "email") in review
    assert alike("link 31", "link 32", "too_large", "probable", weakest) in review

    decisions = [("must_link", "link 31", "link 32"), ("must_link", "mail 49", "mail 50")]
    assert resolve(CUSTOMER_LIMIT + 1, *decisions) == ([CUSTOMER_LIMIT + 1, CUSTOMER_LIMIT + 1], [])
