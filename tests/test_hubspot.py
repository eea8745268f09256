"""HubSpot's files as people download them: each is known by its header in any of the languages, and counts to the end."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.company import build
from tests.landing_helpers import Company
from tests.test_who_counts import write

SCREENS = {  # the labels of an export from the screens, by its language: companies, contacts, deals
    "en": (
        "Record ID,Company name,Company Domain Name,Country/Region,Create Date",
        "Record ID,First Name,Last Name,Email,Phone Number,Create Date,Associated Company,Associated Company IDs",
        "Record ID,Deal Name,Deal Stage,Amount,Close Date,Associated Company IDs,Associated Contact IDs",
    ),
    "de": (
        "Datensatz-ID,Unternehmensname,Unternehmens-Domain-Name,Land/Region,Erstellungsdatum",
        "Datensatz-ID,Vorname,Nachname,E-Mail,Telefonnummer,Erstellungsdatum,Zugehöriges Unternehmen,Associated Company IDs",
        "Datensatz-ID,Deal-Name,Deal-Phase,Betrag,Abschlussdatum,Associated Company IDs,Associated Contact IDs",
    ),
    "fr": (
        "ID de la fiche d'informations,Nom de l'entreprise,Nom de domaine de l'entreprise,Pays/Région,Date de création",
        "ID de la fiche d'informations,Prénom,Nom,Adresse e-mail,Numéro de téléphone,Date de création,Entreprise,Associated Company IDs",
        "ID de la fiche d'informations,Nom de la transaction,Phase de la transaction,Montant,Date de fermeture,Associated Company IDs,x",
    ),
    "es": (
        "ID de registro,Nombre de la empresa,Nombre de dominio de la empresa,País/región,Fecha de creación",
        "ID de registro,Nombre,Apellidos,Correo,Número de teléfono,Fecha de creación,Empresa,Associated Company IDs",
        "ID de registro,Nombre del negocio,Etapa del negocio,Valor,Fecha de cierre,Associated Company IDs,x",
    ),
    "ja": (
        "レコードID,会社名,会社のドメイン名,国/地域,作成日",
        "レコードID,名,姓,Eメール,電話番号,作成日,会社,Associated Company IDs",
        "レコードID,取引名,取引ステージ,金額,クローズ日,Associated Company IDs,x",
    ),
    "pt": (
        "ID do registro,Nome da empresa,Nome de domínio da empresa,País/Região,Data de criação",
        "ID do registro,Nome,Sobrenome,E-mail,Número de telefone,Data de criação,Empresa,Associated Company IDs",
        "ID do registro,Nome do negócio,Etapa do negócio,Valor,Data de fechamento,Associated Company IDs,x",
    ),
    "interface": (
        "hs_object_id,name,domain,country,createdate",
        "hs_object_id,firstname,lastname,email,phone,createdate,company,associatedcompanyid",
        "hs_object_id,dealname,dealstage,amount,closedate,Associated Company IDs,x",
    ),
    "connector": (
        "id,property_name,property_domain,property_country,property_createdate,property_hs_all-funky-a9384-syntax",
        "id,property_firstname,property_lastname,property_email,property_phone,property_createdate,_fivetran_synced,property_associatedcompanyid",
        "deal_id,property_dealname,deal_pipeline_stage_id,property_amount,property_closedate,Associated Company IDs,property_pipeline",
    ),
}
ROWS = (
    '"1","Acme; Sons","acme.example","GB","2024-03-12 09:14"',
    '"2","Ann","Ash","ann@acme.example","+44 2","3/15/2024 2:30 PM","Acme; Sons;Bolt","1;9"',
    '"3","Acme, yearly","closedwon","1200","2024-03-15 09:14","1;9","2"',
)
OBJECTS = {
    "companies": ("record_id, name, domain, country, created_at", ("1", "Acme; Sons", "acme.example", "GB", "2024-03-12 09:14")),
    "contacts": (
        "record_id, first_name, last_name, email, phone, created_at, coalesce(associated_company_ids, primary_company_id)",
        ("2", "Ann", "Ash", "ann@acme.example", "+44 2", "3/15/2024 2:30 PM", "1;9"),
    ),
    "deals": (
        "record_id, deal_name, deal_stage, amount, close_date, associated_company_ids",
        ("3", "Acme, yearly", "closedwon", "1200", "2024-03-15 09:14", "1;9"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", SCREENS)
def test_a_file_is_known_by_its_header_in_any_language(language: str, tmp_path: Path) -> None:
    company = Company(tmp_path)
    for number, (header, row) in enumerate(zip(SCREENS[language], ROWS, strict=True)):
        width = header.count(",") + 1
        padded = row + ',""' * (width - len(row.split('","')))
        quoted = ",".join(f'"{name}"' for name in header.split(","))
        company.write(f"hubspot/export-{number}-2024-03-31.csv", f"\ufeff{quoted}\r\n{padded}\r\n")
    company.land()
    assert company.log("object, status, rows_landed") == [(name, "accepted", 1) for name in OBJECTS]
    for name, (columns, values) in OBJECTS.items():
        assert company.rows("hubspot", name, columns) == [values]


def test_a_deals_file_that_lost_its_stages_is_refused(tmp_path: Path) -> None:
    outcome = Company(tmp_path).land_one(
        "hubspot/x.csv", "Record ID,Deal Name,Amount,Close Date\n3,Acme,1200,2024-03-15 09:14\n"
    )
    assert outcome.status == "refused" and "the required column deal_stage is missing" in outcome.reason


EXPORTS = {
    "hubspot/hubspot-crm-exports-all-companies-2025-01-31.csv": """Record ID,Company name,Company Domain Name,Create Date,Customer Segment
101,Acme,acme.example,1/1/2024 9:00 AM,Large
102,Acme twice,acme-old.example,1/1/2024 9:00 AM,Small
103,Bolt,bolt.example,1/1/2024 9:00 AM,Small
""",
    "hubspot/hubspot-crm-exports-all-companies-2025-06-30.csv": """Record ID,Company name,Create Date,Customer Segment,Merged object IDs
101,Acme,2024-01-01 09:00,Large,102
103,Bolt,2024-01-01 09:00,Small,
""",
    "hubspot/contacts-2025-01-31.csv": """Record ID,First Name,Last Name,Email,Create Date,Merged object IDs
201,Ann,Ash,ann@ash.example,2024-01-01 09:00,202
202,Ann,Ash-Old,,2024-02-01 09:00,
""",
    "hubspot/contacts-2025-06-30.csv": """Record ID,First Name,Last Name,Email,Create Date,Merged object IDs,Merged contact IDs
201,Ann,Ash,ann@ash.example,2024-01-01 09:00,202,202:1719748800000
""",
    "hubspot/deals-2025-06-30.csv": """id,dealstage,amount,closedate,createdate,currency,dealtype,closed_lost_reason,Associated Company IDs
1,closedwon,1200,2024-03-01T12:00:00Z,2024-01-01T09:00:00Z,EUR,newbusiness,,102
2,closedwon,2400,2024-03-01T12:00:00Z,2024-01-01T09:00:00Z,EUR,newbusiness,,103
3,closedwon,1800,2025-03-01T12:00:00Z,2024-01-01T09:00:00Z,EUR,existingbusiness,,101;103
4,closedlost,2400,2025-03-01T12:00:00Z,2025-06-29T09:00:00Z,EUR,renewal,Price,103
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("hubspot")
    write(folder / "exports", EXPORTS)
    reasons = {
        "loss_reason.csv": "silo,code,reason,controllable,journey_stage\nhubspot,price,price,true,renew\n"
    }
    write(folder / "reference", reasons)
    with build(
        folder / "exports", folder / "reference", folder / "home", rooms=["core", "customer_assets"]
    ) as warehouse:
        yield warehouse


def test_deals_stand_in_where_nothing_bills(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Acme and its other record are one: 100 a month for a year, then 150. Bolt had 200 until it left for its price."""
    moved = warehouse.execute(
        "select moved_on, movement, segment, mrr_value, reason from customer_assets.value_movement order by all"
    ).fetchall()
    assert moved == [
        (date(2024, 3, 1), "new", "Large", Decimal(100), None),
        (date(2024, 3, 1), "new", "Small", Decimal(200), None),
        (date(2025, 3, 1), "expansion", "Large", Decimal(50), None),
        (date(2025, 3, 1), "lost", "Small", Decimal(200), "price"),
    ]


def test_a_merge_has_the_day_that_hubspot_tells(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Both columns name 202, and both extracts do; one of them says when. Of companies none does."""
    merges = warehouse.execute(
        "select object, source_ref, other_source_ref, stated_on from core.identity_evidence where match_rule = 'source_merge'"
    ).fetchall()
    assert sorted(merges) == [
        ("companies", "102", "101", None),
        ("contacts", "202", "201", date(2024, 6, 30)),
    ]
    keys = "select count(*), count(distinct (source_ref, match_rule, match_key)) from waist.identity_key where object = 'contacts'"
    ((held, different),) = warehouse.execute(keys).fetchall()
    assert held == different > 2
