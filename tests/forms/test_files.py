"""Uploads are what their bytes say (abuse cases 27 to 33)."""
from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app.core.errors import Problem, TooLarge
from app.forms.files import MB, accept_file, accept_image, accept_media, clean_name

SECRET = b"CANARY-30.2500N"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **more: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else None).save(out, kind, **more)
    return out.getvalue()


def refused(data: bytes, name: str = "a.jpg", **more: Any) -> str:
    with pytest.raises(Problem) as caught:
        accept_image(data, name, max_bytes=more.pop("max_bytes", 10 * MB), **more)
    return caught.value.code


def png_promising(width: int, height: int) -> bytes:
    """A PNG whose header promises a size its data does not have to keep."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"\x00" * ((width // 8 + 1) * min(height, 2000)), 9)) + chunk(b"IEND", b""))


@pytest.mark.parametrize(("kind", "mime", "suffix"), [
    ("JPEG", "image/jpeg", ".jpg"), ("PNG", "image/png", ".png"), ("WEBP", "image/webp", ".webp")])
def test_pictures_are_encoded_anew(kind: str, mime: str, suffix: str) -> None:
    found = accept_image(picture(kind), "photo.heic", max_bytes=MB)
    assert (found.kind, found.mime, found.name) == ("image", mime, f"photo{suffix}")
    assert (found.width, found.height) == (40, 30)
    assert Image.open(BytesIO(found.data)).format == kind


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "I;16", "CMYK"])
def test_every_colour_mode_survives(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    found = accept_image(picture(kind, mode=mode), max_bytes=MB)
    assert Image.open(BytesIO(found.data)).mode in ("RGB", "RGBA")


def test_place_comments_and_profiles_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    jpeg = picture(exif=exif.tobytes(), comment=SECRET, icc_profile=SECRET * 20)
    assert jpeg.count(SECRET) > 2
    assert SECRET not in accept_image(jpeg, max_bytes=MB).data
    webp = picture("WEBP", exif=exif.tobytes(), xmp=SECRET)
    assert SECRET in webp and SECRET not in accept_image(webp, max_bytes=MB).data


def test_pictures_stand_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter
    found = accept_image(picture(size=(40, 30), exif=exif.tobytes()), max_bytes=MB)
    assert (found.width, found.height) == (30, 40)


def test_a_polyglots_second_face_is_cut_off() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("evil.js", "alert(1)")
    data = picture() + archive.getvalue() + b"<script>alert(1)</script>"
    found = accept_image(data, max_bytes=MB).data
    assert b"PK" not in found and b"<script>" not in found


def test_large_photos_are_made_smaller() -> None:
    found = accept_image(picture(size=(3000, 1500)), max_bytes=MB, max_edge=1920)
    assert (found.width, found.height) == (1920, 960)


@pytest.mark.parametrize("data", [
    b"GIF89a/*" + b"\x00" * 50 + b"*/=1;alert(1)//", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"<!doctype html><script>alert(1)</script>", b"BM" + b"\x00" * 60, b"\xff\xd8\xff\xe0 broken", b"x", b"\x00" * 100,
    picture()[:200], picture("PNG")[:60], b"%PDF-1.4", b"RIFF\x10\x00\x00\x00WEBPVP8 ",
])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data) == "file_not_image"


def test_empty_and_large_files_are_refused() -> None:
    assert refused(b"") == "file_empty"
    assert refused(b"x" * 2048, max_bytes=1024) == "file_too_large"


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (8_000, 8_000), (100_000, 100_000)])
def test_decompression_bombs_are_refused_before_decoding(width: int, height: int) -> None:
    data = png_promising(width, height)
    assert len(data) < MB
    with pytest.raises(TooLarge) as caught:
        accept_image(data, max_bytes=10 * MB)
    assert caught.value.code == "file_too_many_pixels"


@pytest.mark.parametrize(("data", "name", "mime"), [
    (b"#!AMR\n" + b"\x00" * 100, "v.amr", "audio/amr"),
    (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + b"\x00" * 100, "v.mp4", "video/mp4"),
    (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + b"\x00" * 100, "v.m4a", "audio/mp4"),
    (b"\x00\x00\x00\x20ftypM4A \x00\x00\x02\x00isomiso2avc1mp41" + b"\x00" * 100, "v.m4a", "audio/mp4"),
    (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + b"\x00" * 100, "v.mov", "video/quicktime"),
    (b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\x00" * 100, "v.mp3", "audio/mpeg"),
    (b"\xff\xfb\x90\x64" + b"\x00" * 100, "v.mp3", "audio/mpeg"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + b"\x00" * 100, "v.wav", "audio/wav"),
    (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01vorbis" + b"\x00" * 100, "v.ogg", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
     + b"\x00" * 99, "v.webm", "video/webm"),
])
def test_sound_and_video_are_known_by_their_bytes(data: bytes, name: str, mime: str) -> None:
    found = accept_media(data, name, max_bytes=MB)
    assert (found.kind, found.mime, found.data) == ("media", mime, data)


@pytest.mark.parametrize("data", [
    b"MZ" + b"\x00" * 99, b"<html><script>", picture(), b"hello", b"%PDF-1.4", b"PK\x03\x04"])
def test_what_is_neither_is_refused(data: bytes) -> None:
    with pytest.raises(Problem) as caught:
        accept_media(data, "v.mp4", max_bytes=MB)
    assert caught.value.code == "file_not_media"


def test_only_the_kinds_asked_for() -> None:
    with pytest.raises(Problem):
        accept_media(b"#!AMR\n" + b"\x00" * 100, accept=["video/*"], max_bytes=MB)


def office(entries: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in entries.items():
            made.writestr(name, body)
    return out.getvalue()


def inflated(data: bytes, size: int) -> bytes:
    """The archive with its first entry promising `size` bytes."""
    out = bytearray(data)
    struct.pack_into("<I", out, out.find(b"PK\x01\x02") + 24, size)
    return bytes(out)


SHEET = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


def test_documents_whose_content_agrees_with_their_name() -> None:
    assert accept_file(office(SHEET), "表.xlsx", max_bytes=MB).mime.endswith("spreadsheetml.sheet")
    assert accept_file(b"%PDF-1.7\n...", "a.pdf", max_bytes=MB).mime == "application/pdf"
    assert accept_file("订单,数量\n1,2".encode("gb18030"), "a.CSV", max_bytes=MB).mime == "text/csv"
    assert accept_file(picture() + b"<script>", "a.jpeg", max_bytes=MB).data.endswith(b"\xff\xd9")


@pytest.mark.parametrize(("data", "name", "code"), [
    (b"x", "a.exe", "file_type_refused"), (b"x", "a", "file_type_refused"), (b"x", "a.svg", "file_type_refused"),
    (b"<html>", "a.pdf", "file_content_differs"), (b"PK\x03\x04", "a.xlsx", "file_content_differs"),
    (office({"x": b"y"}), "a.docx", "file_content_differs"), (b"a\x00b", "a.txt", "file_content_differs"),
    (office(SHEET), "a.docx", "file_content_differs"), (b"<svg/>", "a.png", "file_not_image"),
    (office(SHEET | {"xl/vbaProject.bin": b"x"}), "a.xlsx", "file_macro"),
    (inflated(office(SHEET), 101 * MB), "a.xlsx", "file_archive_bomb"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_documents_that_pretend_are_refused(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        accept_file(data, name, max_bytes=10 * MB)
    assert caught.value.code == code


def test_entries_that_the_directory_does_not_count_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    real = zipfile.ZipFile.infolist
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: opened.append(1) or real(self))
    data = bytearray(office(SHEET | {f"x{number}": b"" for number in range(10_001)}))
    at = data.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", data, at + 8, 3, 3)  # "three files", says the end of the archive
    with pytest.raises(Problem) as caught:
        accept_file(bytes(data), "a.xlsx", max_bytes=10 * MB)
    assert caught.value.code == "file_archive_bomb"
    assert opened == []  # and none of them was read for that


@pytest.mark.parametrize(("sent", "kept"), [
    ("../../etc/passwd", "passwd"), ("C:\\temp\\照片.jpg", "照片.jpg"), ("con.jpg", "_con.jpg"), ("", "file"),
    ("...", "file"), ("a\x00b\u202egpj.exe", "a_b_gpj.exe"), ("x" * 300 + ".jpg", "x" * 116 + ".jpg"), ("a/b/", "b"),
    ("NUL", "_NUL"), ("\ud800.png", "_.png"),
])
def test_names_are_for_display_only(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept
