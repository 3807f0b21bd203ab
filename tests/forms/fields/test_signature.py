"""Signatures: written on white, and refused where nothing was written."""
from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw

from app.core.errors import Problem, TooLarge
from app.forms.files import Accepted
from tests.forms.kit import PORTS, codes, judged, small

FORM = small({"id": "f_s", "type": "signature", "required": True})
FIELD = FORM.fields["f_s"]
NAME = [(100, 180), (160, 60), (230, 200), (300, 90), (420, 170), (560, 120)]


def sheet(mode: str = "RGB", paper: Any = "white", ink: Any = None, kind: str = "PNG",
          size: tuple[int, int] = (680, 400), stroke: list[tuple[int, int]] | None = None, width: int = 4) -> bytes:
    """A canvas with a stroke, or without."""
    picture = Image.new(mode, size, paper)
    if ink is not None:
        ImageDraw.Draw(picture).line(stroke or NAME, fill=ink, width=width)
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def palette(data: bytes) -> bytes:
    out = BytesIO()
    Image.open(BytesIO(data)).quantize(8).save(out, "PNG")
    return out.getvalue()


def accept(data: bytes) -> Accepted:
    return FIELD.type.accept(FIELD, data, "signature.png")


@pytest.mark.parametrize("data", [
    sheet(ink="#1b2130"), sheet("RGBA", (0, 0, 0, 0), "#1b2130"), sheet(ink="navy", kind="JPEG"),
    sheet("L", 255, 20), palette(sheet(ink="black")), sheet("1", 1, 0), sheet(ink="black", kind="WEBP"),
    sheet(paper="#c8c2b4", ink="#3a3a60", kind="JPEG"),  # a photo in poor light
    sheet(ink="black", size=(2040, 1200), width=12), sheet(ink="black", stroke=[(100, 100), (180, 100)], width=5),
], ids=range(10))
def test_what_is_written_is_kept_on_white_paper(data: bytes) -> None:
    found = accept(data)
    assert found.kind == "image" and found.mime in ("image/png", "image/jpeg", "image/webp")
    picture = Image.open(BytesIO(found.data))
    assert picture.mode == "RGB" and max(picture.size) <= 1600
    assert min(picture.getpixel((3, 3))) > 150  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize("data", [
    sheet(), sheet("RGBA", (0, 0, 0, 0)), sheet(paper="black"), sheet("RGBA", (255, 0, 0, 0)),
    sheet("L", 128), sheet("1", 1), sheet(ink="#f8f8f8"), sheet(ink="black", stroke=[(300, 200), (303, 200)]),
    sheet("RGBA", (255, 255, 255, 255), (0, 0, 0, 0)), sheet(kind="JPEG"), sheet(size=(1, 1)),
], ids=range(11))
def test_an_empty_sheet_is_refused(data: bytes) -> None:
    with pytest.raises(Problem) as caught:
        accept(data)
    assert caught.value.code == "file_no_ink"


@pytest.mark.parametrize(("data", "code"), [
    (b"", "file_empty"), (b"<svg/>", "file_not_image"), (sheet(ink="black")[:200], "file_not_image"),
    (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "file_not_image"),
])
def test_what_is_no_picture_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        accept(data)
    assert caught.value.code == code


def test_monsters_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(TooLarge) as caught:
        accept(sheet("1", 1, size=(12_000, 12_000)))
    assert caught.value.code == "file_too_many_pixels"
    with pytest.raises(TooLarge) as caught:
        accept(b"\xff\xd8\xff" + bytes(11 * 1024 * 1024))
    assert caught.value.code == "file_too_large"


def test_one_signature_and_a_picture() -> None:
    assert judged(FORM, {"f_s": ["a"]}).values == {"f_s": ["a"]}
    assert codes(judged(FORM, {"f_s": ["a", "b"]})) == {"f_s": "answer_many_files"}
    assert codes(judged(FORM, {"f_s": ["x_file"]})) == {"f_s": "answer_wrong_file"}
    assert codes(judged(FORM, {"f_s": ["lost"]})) == {"f_s": "answer_no_attachment"}
    assert codes(judged(FORM, {"f_s": []})) == {"f_s": "field_required"}
    assert codes(judged(FORM, {"f_s": "data:image/png;base64,AAAA"})) == {"f_s": "answer_not_list"}
    assert (FIELD.shown(["a"], "zh-CN", PORTS), FIELD.shown(["a"], "en", PORTS)) == ("已签名", "Signed")
