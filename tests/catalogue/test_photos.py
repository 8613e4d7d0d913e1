"""Photos: recognised by content, safe, without metadata, described, in order, seen only by who may."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.catalogue import queries, service
from app.catalogue.errors import (
    NotAPhoto,
    PhotoMissing,
    PhotoTooLarge,
    PhotoTooManyPixels,
    PhotoTooSmall,
    TooManyPhotos,
)
from app.catalogue.images import make_picture
from app.catalogue.models import Photo, Visibility
from app.catalogue.rules import MAX_PHOTO_BYTES, MAX_PHOTOS, PHOTO_SIZES
from app.core.policy import Actor
from app.infra import files
from app.infra.db import db
from tests import factories as f

OPERATOR = Actor(is_platform_admin=True)


def a_photo(form="JPEG", size=(1200, 800), color=(200, 80, 40), **how):
    out = BytesIO()
    Image.new("RGB", size, color).save(out, form, **how)
    return out.getvalue()


def with_exif(orientation):
    """Left half red, right half blue, taken sideways, with a place and a maker in its metadata."""
    image = Image.new("RGB", (800, 400), "red")
    image.paste("blue", (400, 0, 800, 400))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = orientation, "Secret maker", "a comment"
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 26.0, 12.0), 3: "W", 4: (1.0, 29.0, 0.0)})
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def bomb(width, height):
    """A PNG of a few bytes that says it is huge."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def _colour(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    colour = image.convert("RGB").getpixel(at)
    assert isinstance(colour, tuple)
    return colour


# -- pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_three_sizes_of_webp(form):
    picture = make_picture(a_photo(form, (3000, 1500)))
    assert (picture.width, picture.height) == (1920, 960)
    for name, side in PHOTO_SIZES.items():
        with Image.open(BytesIO(picture.files[name])) as image:
            assert (image.format, image.size) == ("WEBP", (side, side // 2))


def test_a_small_photo_is_not_blown_up():
    picture = make_picture(a_photo(size=(300, 200)))
    assert (picture.width, picture.height) == (300, 200)
    with Image.open(BytesIO(picture.files["large"])) as image:
        assert image.size == (300, 200)


def test_it_is_turned_upright_and_nothing_else_of_the_metadata_stays():
    picture = make_picture(with_exif(6))  # turned by a quarter: left becomes top
    for content in picture.files.values():
        with Image.open(BytesIO(content)) as image:
            assert image.height > image.width
            assert dict(image.getexif()) == {}
            assert not {"exif", "icc_profile", "xmp"} & set(image.info)
            top, bottom = (_colour(image, (10, y)) for y in (10, image.height - 10))
        assert top[0] > 200 > top[2]
        assert bottom[2] > 200 > bottom[0]
        assert b"Secret" not in content


def test_transparency_and_odd_modes_are_laid_flat():
    out = BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(BytesIO(make_picture(out.getvalue()).files["small"])) as image:
        assert image.getpixel((50, 50)) == (255, 255, 255)
    for mode in ("P", "L", "1", "I;16", "CMYK"):
        odd = BytesIO()
        Image.new(mode, (200, 200)).save(odd, "JPEG" if mode == "CMYK" else "PNG")
        assert make_picture(odd.getvalue()).width == 200


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (b"", PhotoMissing),
        (b"This is a text that calls itself photo.jpg", NotAPhoto),
        (a_photo("GIF"), NotAPhoto),
        (a_photo("BMP", (100, 100)), NotAPhoto),
        (a_photo("TIFF", (100, 100)), NotAPhoto),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, NotAPhoto),
        (b"%PDF-1.7 a document", NotAPhoto),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", NotAPhoto),
        (a_photo()[:400], NotAPhoto),
        (a_photo("PNG")[:600], NotAPhoto),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, NotAPhoto),
        (b"RIFF\x10\0\0\0WEBPVP8 ", NotAPhoto),
        (bomb(8_000, 8_001), PhotoTooManyPixels),
        (bomb(12_000, 12_000), PhotoTooManyPixels),
        (bomb(65_000, 65_000), PhotoTooManyPixels),
        (bomb(2_000_000_000, 2_000_000_000), PhotoTooManyPixels),
        (bomb(3_000, 3_000), NotAPhoto),  # less in it than it says
        (a_photo(size=(40, 400)), PhotoTooSmall),
        (a_photo() + b"\0" * MAX_PHOTO_BYTES, PhotoTooLarge),
    ],
)
def test_what_is_no_photo_is_refused(upload, error):
    with pytest.raises(error):
        make_picture(upload)


def test_it_names_what_people_often_send_instead():
    for upload, seen in ((a_photo("GIF"), "GIF"), (b"\0\0\0\x18ftypheic\0\0", "HEIC"), (b"hello", "")):
        with pytest.raises(NotAPhoto) as refused:
            make_picture(upload)
        assert refused.value.facts["seen"] == seen


def test_a_bomb_in_the_text_of_a_png_is_refused():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "x" * 80_000_000, zip=True)
    out = BytesIO()
    Image.new("RGB", (100, 100)).save(out, "PNG", pnginfo=notes)
    with pytest.raises(NotAPhoto):
        make_picture(out.getvalue())


# -- on the page --------------------------------------------------------------------------------------------


@pytest.fixture
def place(session):
    owner = f.an_organisation(f.a_territory())
    return f.a_site(owner)


@pytest.fixture
def manager(client, login, place):
    login(client, f.a_manager(place))
    return client


def get(client, address, **how):
    """Ask for a file and let go of it."""
    answer = client.get(address, **how)
    answer.get_data()
    answer.close()
    return answer


def send(client, address, content, alt="Le plan de travail", name="photo.jpg"):
    """Send the form of a photo (encoded here: the test client would leave its temporary file open)."""
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(content), name), "alt": alt})
    return client.post(address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def test_a_manager_adds_a_photo_and_everybody_sees_it(manager, app, place):
    address = f"/lieux/{place.slug}/photos"
    assert send(manager, address, with_exif(1)).status_code == 303
    assert "Le plan de travail" in manager.get(address).get_data(as_text=True)
    photo = db.session.query(Photo).one()
    for size in PHOTO_SIZES:
        shown = get(app.test_client(), f"/photos/{photo.digest}/{size}.webp")
        assert shown.status_code == 200
        assert shown.mimetype == "image/webp"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in shown.headers["Cache-Control"]
        assert "public" in shown.headers["Cache-Control"]
        known = {"If-None-Match": shown.headers["ETag"]}
        again = get(app.test_client(), f"/photos/{photo.digest}/{size}.webp", headers=known)
        assert again.status_code == 304
    assert f"/photos/{photo.digest}/medium.webp" in manager.get(f"/lieux/{place.slug}").get_data(as_text=True)
    assert f"/photos/{photo.digest}/small.webp" in manager.get("/gerer").get_data(as_text=True)


@pytest.mark.parametrize(
    ("content", "alt", "said"),
    [
        (b"", "Une entrée", ""),
        (b"text named photo.jpg", "Une entrée", "JPEG"),
        (a_photo("GIF"), "Une entrée", "GIF"),
        (bomb(20_000, 20_000), "Une entrée", "64"),
        (a_photo() + b"\0" * MAX_PHOTO_BYTES, "Une entrée", "8"),
        (a_photo() + b"\0" * 20_000_000, "Une entrée", "8"),
        (a_photo(), "", ""),
        (a_photo(), "x" * 161, "160"),
    ],
)
def test_a_refusal_is_in_words_and_keeps_the_text(manager, place, content, alt, said):
    answer = send(manager, f"/lieux/{place.slug}/photos", content, alt)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'class="summary"' in html
    assert said in html
    assert f'value="{alt}"' in html
    assert db.session.query(Photo).count() == 0


def test_both_mistakes_are_told_at_once(manager, place):
    answer = send(manager, f"/lieux/{place.slug}/photos", b"no photo", "")
    assert answer.get_data(as_text=True).count('class="error"') == 2


def test_what_is_far_too_large_is_refused_in_words(manager, place):
    answer = send(manager, f"/lieux/{place.slug}/photos", b"\0" * (33 * 1024 * 1024))
    assert answer.status_code == 413
    assert "<main" in answer.get_data(as_text=True)
    other = manager.post(f"/lieux/{place.slug}/modifier", data={"name": "x" * (10 * 1024 * 1024)})
    assert other.status_code == 413


def test_a_form_without_a_file_is_refused_in_words(manager, place):
    assert manager.post(f"/lieux/{place.slug}/photos", data={"alt": "Une entrée"}).status_code == 422
    assert (
        manager.post(f"/lieux/{place.slug}/photos", data={"alt": "Une entrée", "file": "x"}).status_code
        == 422
    )


def test_photos_are_put_in_order_described_and_taken_away(manager, place):
    for number in range(3):
        send(manager, f"/lieux/{place.slug}/photos", a_photo(color=(number * 60, 0, 0)), f"Photo {number}")

    def order():
        db.session.expire_all()
        return [photo.alt for photo in queries.get_site(place.slug).photos]

    def act(which, act, **data):
        photo = db.session.query(Photo).filter_by(alt=which).one()
        assert manager.post(f"/photos/{photo.public_id}/{act}", data=data).status_code == 303

    act("Photo 2", "deplacer", sens="-1")
    assert order() == ["Photo 0", "Photo 2", "Photo 1"]
    act("Photo 1", "deplacer", sens="debut")
    assert order() == ["Photo 1", "Photo 0", "Photo 2"]
    act("Photo 2", "deplacer", sens="1")
    act("Photo 2", "deplacer", sens="sideways")
    assert order() == ["Photo 1", "Photo 0", "Photo 2"]
    act("Photo 0", "decrire", alt="Les deux fours")
    act("Photo 2", "decrire", alt=" ")
    assert order() == ["Photo 1", "Les deux fours", "Photo 2"]
    digest = queries.get_site(place.slug).photos[0].digest
    act("Photo 1", "retirer")
    assert order() == ["Les deux fours", "Photo 2"]
    assert manager.get(f"/photos/{digest}/small.webp").status_code == 404


def test_there_is_an_end_to_photos(session, place):
    for number in range(MAX_PHOTOS):
        service.add_photo(OPERATOR, place, a_photo(size=(64, 64), color=(number, 0, 0)), "Une vue")
    with pytest.raises(TooManyPhotos):
        service.add_photo(OPERATOR, place, a_photo(size=(64, 64)), "Une vue")


def test_a_photo_is_seen_by_who_may_see_its_subject(app, client, login, place):
    manager, member, stranger = f.a_manager(place), f.a_member(place.owner), f.a_person()
    resource = f.a_resource(place, visibility=Visibility.MEMBERS)
    photo = service.add_photo(OPERATOR, resource, a_photo(), "La réserve")
    address = f"/photos/{photo.digest}/small.webp"
    assert app.test_client().get(address).status_code == 303
    login(client, stranger)
    assert client.get(address).status_code == 403
    login(client, member)
    seen = get(client, address)
    assert (seen.status_code, seen.headers["Cache-Control"].split(",")[0]) == (200, "private")
    service.archive_resource(OPERATOR, resource)
    assert client.get(address).status_code == 403
    login(client, manager)
    assert get(client, address).status_code == 200
    public = f.a_resource(place)
    service.add_photo(OPERATOR, public, a_photo(), "La même vue, en public")
    assert get(app.test_client(), address).status_code == 200


@pytest.mark.parametrize(
    "name", ["x/small", "../../etc/passwd/small", "0" * 64 + "/huge", "0" * 64 + "/small"]
)
def test_names_that_are_none_are_not_found(client, name):
    assert client.get(f"/photos/{name}.webp").status_code == 404


def test_files_nobody_shows_are_forgotten_in_time(session, app, place, frozen):
    kept = service.add_photo(OPERATOR, place, a_photo(color=(1, 2, 3)), "Gardée")
    gone = service.add_photo(OPERATOR, place, a_photo(color=(9, 9, 9)), "Retirée")
    digest = gone.digest
    service.remove_photo(OPERATOR, gone)
    import time
    from datetime import UTC, datetime

    frozen.move_to(datetime.fromtimestamp(time.time() + 3600, UTC))
    assert service.sweep_photos() == 0
    frozen.tick(days=2)
    assert service.sweep_photos() >= len(PHOTO_SIZES)
    assert files.find("photos", f"{kept.digest}-small.webp")
    assert not files.find("photos", f"{digest}-small.webp")
