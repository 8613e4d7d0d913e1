"""Importing sites from open data: any usual file, every problem by its cell, the same file twice changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.availability.models import Schedule
from app.catalogue import service
from app.catalogue.models import Site
from app.catalogue.rules import SiteFacts
from app.catalogue.scdl import BadFile, read_rows, read_sheet
from app.core.policy import Actor
from app.infra.db import db
from tests import factories as f

HERE = Path(__file__).parent / "fixtures"
OPERATOR = Actor(is_platform_admin=True)


@pytest.fixture
def territory(session):
    return f.a_territory(slug="erdre")


@pytest.fixture
def run(app, session, territory):
    def run(name, *options):
        return app.test_cli_runner().invoke(args=["import", "sites", str(HERE / name), *options])

    return run


def owner_of(territory, name):
    return f.an_organisation(territory, name=name, search_text=name.casefold())


def sites():
    return list(db.session.scalars(select(Site).order_by(Site.id)))


def hours_of(site):
    return db.session.scalars(select(Schedule.expression).filter_by(site_id=site.id)).one()


def test_a_good_file_comes_in(run, territory):
    owner = owner_of(territory, "Commune de Nort-sur-Erdre")
    done = run("good.csv")
    assert done.exit_code == 0, done.output
    hall, room, canteen = sites()
    assert (hall.name, hall.address) == ("Hôtel de ville de Nort-sur-Erdre", "30 Rue Aristide Briand")
    assert (hall.postcode, hall.commune_code, hall.owner_id) == ("44390", "44110", owner.id)
    assert (hall.lat, hall.lon, hall.school_zone) == (47.4399, -1.49909, "B")
    assert (hall.phone, hall.email) == ("02 40 51 28 00", "mairie@exemple.org")
    assert hall.description == "Mairie\nhttps://www.exemple.org"
    assert hours_of(hall) == "Mo-Fr 08:30-12:00,13:30-17:30; Sa 08:30-12:00"
    assert room.address == "Place du Bassin"
    assert room.name == "Salle « Les Orionnais », grande salle"
    assert canteen.commune_code == "44209"
    assert hours_of(canteen) == "SH Mo-Fr 07:00-18:00; PH off"


def test_the_same_file_again_changes_nothing(run, territory):
    owner_of(territory, "Commune de Nort-sur-Erdre")
    run("good.csv")
    before = [(site.id, site.revision, site.changed_at) for site in sites()]
    again = run("good.csv")
    assert again.exit_code == 0
    assert "3" in again.output
    assert [(site.id, site.revision, site.changed_at) for site in sites()] == before


def test_what_managers_set_by_hand_stays_where_the_file_says_nothing(run, territory):
    owner_of(territory, "Commune de Nort-sur-Erdre")
    run("good.csv")
    room = sites()[1]
    facts = SiteFacts(
        name="Autre nom", commune_code="44110", description="Un mot de nous", phone="0240000000"
    )
    service.edit_site(OPERATOR, room, facts)
    assert run("good.csv").exit_code == 0
    room = sites()[1]
    assert room.name == "Salle « Les Orionnais », grande salle"
    assert (room.description, room.phone) == ("Un mot de nous", "02 40 00 00 00")
    service.archive_site(OPERATOR, room)
    assert run("good.csv").exit_code == 0
    assert sites()[1].archived_at is not None


@pytest.mark.parametrize(("name", "delimiter"), [("windows.csv", ";"), ("utf16.csv", ";")])
def test_old_encodings_and_semicolons_are_read(run, territory, name, delimiter):
    owner = f.an_organisation(territory, slug="heric")
    done = run(name, "--owner", "heric", "--territory", "erdre")
    assert done.exit_code == 0, done.output
    barn, shed = sites()
    assert barn.name == "Tiers-lieu « La Grange aux Recettes »"
    assert (barn.lat, barn.lon, barn.owner_id) == (47.4136, -1.651, owner.id)
    assert barn.access_notes == "Plain-pied, entrée côté cour"
    assert shed.name == "Atelier vélo – Œuvres sociales"
    assert hours_of(shed) == "Mo-Fr 08:00-18:00; PH off"
    assert "COMMENTAIRE" in done.output
    assert read_sheet((HERE / name).read_bytes()).delimiter == delimiter


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "mac_roman", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_usual_way_of_writing_a_file(encoding, delimiter):
    cells = [["EQUIP_UID", "equip nom", "Adr_Commune"], ["1", "Épicerie d'été à Héric, café", "Héric"],
             ["2", "Maison du goût, pâtisserie", "Nort-sur-Erdre"]]  # fmt: skip
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in cells)
    sheet = read_sheet(text.encode(encoding))
    assert [row["EQUIP_NOM"] for _, row in sheet.rows] == [
        "Épicerie d'été à Héric, café",
        "Maison du goût, pâtisserie",
    ]


def test_a_trial_tells_everything_and_writes_nothing(run, territory):
    owner_of(territory, "Les Cuisines")
    trial = run("wrong_rows.csv", "--dry-run")
    assert db.session.scalar(select(func.count(Site.id))) == 0
    assert trial.exit_code == 1
    real = run("wrong_rows.csv")
    lines = [line for line in real.output.splitlines() if line.startswith(("✖", "⚠"))]
    assert [line for line in trial.output.splitlines() if line.startswith(("✖", "⚠"))] == lines
    assert [site.name for site in sites()] == [
        "Bonne ligne",
        "Horaires libres",
        "Contact illisible",
        "Sans coordonnées",
    ]
    assert hours_of(sites()[1]) == "Mo-Fr 08:00-18:00; PH off"
    told: dict[int, list[tuple[str, str]]] = {}
    for line in lines:
        words = line.replace("\u00a0", " ").split()
        told.setdefault(int(words[2].strip(",")), []).append((line[0], words[3].strip(": ")))
    assert told == {
        3: [("✖", "EQUIP_UID")],
        4: [("✖", "EQUIP_UID")],
        5: [("✖", "EQUIP_NOM")],
        6: [("✖", "ADR_COMMUNE")],
        7: [("✖", "ADR_INSEE")],
        8: [("✖", "EQUIP_LAT")],
        9: [("✖", "EQUIP_LAT")],
        10: [("✖", "EQUIP_LONG")],
        11: [("⚠", "EQUIP_OUVERTURE")],
        12: [("⚠", "EQUIP_TEL"), ("⚠", "EQUIP_EMAIL")],
        13: [("✖", "COLL_NOM")],
        14: [("⚠", "EQUIP_LAT")],
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"PK\x03\x04rest of a spreadsheet", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0old spreadsheet", "spreadsheet"),
        (b"EQUIP_UID;EQUIP_NOM\n1;a\0b", "binary"),
        (b"\xff\xfeE", "binary"),
        (b"nom;adresse\nSalle;Rue A", "columns"),
        (b"EQUIP_UID;ADR_COMMUNE\n1;Nozay", "columns"),
        (b"EQUIP_UID;EQUIP_NOM\n\n;;\n", "no_row"),
        ((HERE / "broken.csv").read_bytes(), "broken"),
        (b'EQUIP_UID;EQUIP_NOM\n1;"a"b\n', "broken"),
        (b"EQUIP_UID;EQUIP_NOM\n1;" + b"a" * 200_000, "broken"),
        (b"a" * (20 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, reason):
    with pytest.raises(BadFile) as refused:
        read_sheet(content)
    assert refused.value.facts["reason"] == reason


def test_broken_files_are_told_without_a_traceback(run, tmp_path):
    done = run("broken.csv")
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert "4" in done.output
    missing = run("nothing-here.csv")
    assert missing.exit_code == 2


def test_it_asks_for_the_territory_when_there_are_several(run, territory):
    f.a_territory(slug="sevre")
    assert "erdre, sevre" in run("good.csv").output
    assert run("good.csv", "--territory", "nulle-part").exit_code == 1
    assert run("good.csv", "--territory", "erdre", "--owner", "nulle-part").exit_code == 1


def test_a_short_row_and_a_long_one_are_rows():
    sheet = read_sheet(
        b"EQUIP_UID;EQUIP_NOM;ADR_COMMUNE\n44110-1;Salle\n44110-2;Salle;Nozay;plus;que;prevu\n"
    )
    (short, _), (long, problems) = read_rows(sheet)
    assert short is not None
    assert short.facts.commune_code == "44110"  # as its identifier says
    assert long is None or long.facts.commune_code == "44113"
    assert all(problem.code for problem in problems)


def test_a_spreadsheet_that_ate_a_zero():
    rows = list(
        read_rows(read_sheet(b"EQUIP_UID;EQUIP_NOM;ADR_COMMUNE;ADR_CODEPOSTAL\n1;S;Bourg-en-Bresse;1000\n"))
    )
    row = rows[0][0]
    assert row is not None
    assert (row.facts.commune_code, row.facts.postcode) == ("01053", "01000")
