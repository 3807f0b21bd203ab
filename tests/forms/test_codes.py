"""Codes in photos: read whatever their kind and wherever they are, and never for long."""
from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
import segno
from PIL import Image, ImageDraw, ImageFilter
from zxingcpp import BarcodeFormat, create_barcode, write_barcode_to_image

from app.core.errors import Problem, TooLarge
from app.forms.codes import read_code
from tests.forms.kit import codes, judged, small


def png(picture: Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def qr(text: str, scale: int = 6) -> Image.Image:
    out = BytesIO()
    segno.make(text, micro=False).save(out, kind="png", scale=scale)
    return Image.open(out).convert("L")


def bars(kind: BarcodeFormat, text: str) -> Image.Image:
    return Image.fromarray(write_barcode_to_image(create_barcode(text, kind), scale=3, add_quiet_zones=True))


def photo(
    *codes: Image.Image, size: tuple[int, int] = (1200, 900), at: tuple[tuple[int, int], ...] = ((400, 300),)
) -> Image.Image:
    """A grey wall with codes on it."""
    picture = Image.new("L", size, 225)
    for code, place in zip(codes, at, strict=True):
        picture.paste(code, place)
    return picture


WALL = photo(qr("SN-2026-17"))


@pytest.mark.parametrize("data", [
    png(WALL), png(WALL, "JPEG", quality=60), png(WALL, "WEBP"), png(WALL.rotate(90)),
    png(WALL.rotate(33, fillcolor=225)), png(WALL.point(lambda level: 255 - level)),
    png(WALL.filter(ImageFilter.GaussianBlur(2))), png(WALL.convert("RGBA")), png(WALL.convert("1")),
    png(photo(qr("SN-2026-17", 20), size=(4000, 3000), at=((1500, 1000),)), "JPEG"),
], ids=range(10))
def test_a_code_is_found_in_any_photo(data: bytes) -> None:
    assert read_code(data) == "SN-2026-17"


@pytest.mark.parametrize(("kind", "text"), [
    (BarcodeFormat.EAN13, "6901234567892"), (BarcodeFormat.EAN8, "96385074"), (BarcodeFormat.Code128, "ABC-1234"),
    (BarcodeFormat.Code39, "ABC-1234"), (BarcodeFormat.ITF, "12345670"), (BarcodeFormat.DataMatrix, "浙A12345"),
])
def test_the_kinds_of_codes_that_goods_carry(kind: BarcodeFormat, text: str) -> None:
    assert read_code(png(photo(bars(kind, text)))) == text


def test_chinese_and_links() -> None:
    for text in ("杭州湖滨店 3 号桌", "不是编号", "一", "東京", "é", "😀"):
        assert read_code(png(photo(qr(text)))) == text
    assert read_code(png(photo(qr("https://t.example/f/x?order=1&y=2")))) == "https://t.example/f/x?order=1&y=2"


def test_of_several_the_one_in_the_middle() -> None:
    picture = photo(qr("left"), qr("middle"), qr("right"), at=((20, 300), (500, 350), (1000, 300)))
    assert read_code(png(picture)) == "middle"


@pytest.mark.parametrize(("data", "code"), [
    (png(Image.new("L", (800, 600), 200)), "scan_nothing"), (b"", "file_empty"), (b"%PDF-1.7", "file_not_image"),
    (png(photo(qr("x")))[:300], "file_not_image"), (png(Image.new("L", (1, 1))), "scan_nothing"),
    (png(Image.new("L", (50_000, 1), 200)), "scan_nothing"), (png(photo(qr("x")), "GIF"), "file_not_image"),
])
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        read_code(data)
    assert caught.value.code == code


def test_monsters_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(TooLarge):
        read_code(png(Image.new("1", (12_000, 12_000))))
    with pytest.raises(TooLarge):
        read_code(b"\x89PNG\r\n\x1a\n" + bytes(11 * 1024 * 1024))


def test_a_picture_made_to_keep_us_busy_does_not() -> None:
    size = 4000
    picture = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(picture)
    for y in range(0, size - 24, 27):  # after shrinking: as many marks of QR codes as fit
        for x in range(0, size - 24, 27):
            for inset, level in ((0, 0), (3, 255), (6, 0)):
                draw.rectangle([x + inset, y + inset, x + 20 - inset, y + 20 - inset], fill=level)
    data = png(picture)
    before = time.process_time()
    with pytest.raises(Problem):
        read_code(data)
    assert time.process_time() - before < 4


def test_the_answer_is_a_text_like_any() -> None:
    form = small({"id": "f_c", "type": "scan", "pattern": "code", "max_length": 12})
    assert judged(form, {"f_c": " SN-1 "}).values == {"f_c": "SN-1"}
    assert codes(judged(form, {"f_c": "一号"})) == {"f_c": "answer_pattern_code"}
    field = form.fields["f_c"]
    assert field.type.read_photo(field, png(photo(qr("SN-1\u202e\x00")))) == "SN-1"
    with pytest.raises(Problem) as caught:
        field.type.read_photo(field, png(photo(qr("x" * 13))))
    assert caught.value.code == "answer_too_long"
