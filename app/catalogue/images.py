"""Turns what people upload into pictures that are safe to show: recognised by content, upright, without metadata.

Only the pixels survive: the picture is decoded, turned as its EXIF says, brought to sRGB, shrunk to the sizes of
`rules.PHOTO_SIZES` and written anew as WebP. Nothing of the upload's own bytes is kept.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.catalogue.errors import NotAPhoto, PhotoMissing, PhotoTooLarge, PhotoTooManyPixels, PhotoTooSmall
from app.catalogue.rules import MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, MIN_PHOTO_SIDE, PHOTO_SIZES

FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82
_SIGNATURES = ((b"GIF8", "GIF"), (b"%PDF", "PDF"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"))
_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Picture:
    """A photo ready to keep: one WebP per size, the digest that names them, and the size of the largest."""

    digest: str
    width: int
    height: int
    files: Mapping[str, bytes]  # size name → content


def make_picture(upload: bytes) -> Picture:
    """Make a picture of an upload; raise one of the photo errors, which say what to send instead."""
    if not upload:
        raise PhotoMissing(field="file")
    if len(upload) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge(field="file", most=MAX_PHOTO_BYTES, size=len(upload))
    try:
        image = _decoded(upload)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoTooManyPixels(field="file", most=MAX_PHOTO_PIXELS // 1_000_000) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPhoto(field="file", seen=_looks_like(upload)) from error
    files = {name: _shrunk(image, side) for name, side in PHOTO_SIZES.items()}
    width, height = _fitted(image.size, PHOTO_SIZES["large"])
    return Picture(hashlib.sha256(files["large"]).hexdigest(), width, height, files)


def _decoded(upload: bytes) -> Image.Image:
    """Decode no more than needed: sides are checked before a single pixel is unpacked."""
    with Image.open(BytesIO(upload), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MAX_PHOTO_PIXELS:
            raise PhotoTooManyPixels(field="file", most=MAX_PHOTO_PIXELS // 1_000_000)
        if min(width, height) < MIN_PHOTO_SIDE:
            raise PhotoTooSmall(field="file", least=MIN_PHOTO_SIDE)
        largest = PHOTO_SIZES["large"]
        image.draft("RGB", (largest, largest))  # a JPEG can be decoded smaller, which spares memory
        image.load()
        profile = image.info.get("icc_profile")
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((largest, largest))
        return _flat(_in_srgb(upright, profile))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring the colours of a phone's wide gamut to what browsers assume without a profile."""
    if not profile or image.mode != "RGB":
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile is no reason to refuse the photo
    return converted or image


def _flat(image: Image.Image) -> Image.Image:
    """Lay transparent pictures on white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrunk(image: Image.Image, side: int) -> bytes:
    out = BytesIO()
    fresh = Image.new("RGB", image.size)  # a new image carries no metadata along
    fresh.paste(image)
    fresh.resize(_fitted(image.size, side), Image.Resampling.LANCZOS).save(
        out, "WEBP", quality=_QUALITY, method=4
    )
    return out.getvalue()


def _looks_like(upload: bytes) -> str:
    """Name a format people often send instead, so that the refusal can say so; "" for anything else."""
    if upload[4:8] == b"ftyp" and upload[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heim"):
        return "HEIC"
    return next((name for start, name in _SIGNATURES if upload.startswith(start)), "")
