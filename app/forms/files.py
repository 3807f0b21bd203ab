"""Uploads, bytes in and bytes out: what a file is by its content, never by its name or by what the client says.

Pictures are decoded and encoded anew, so that nothing survives but pixels: no EXIF place, no script behind the image.
Every refusal is a Problem; sizes are bytes unless named otherwise.
"""
from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate
from pathlib import PurePosixPath

import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import Problem, TooLarge
from app.forms.durations import Bytes, duration_ms

MB = 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_NAME = 120
HEAD = 4096  # bytes that tell what a file is
_SHEET, _CONTRAST, _INK = 400, 40, 50  # a sheet is looked at in 400 pixels; ink: 50 of them, 40 of 255 levels away
_FORMATS = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
# Extension as puremagic names it → what we serve. A container may hold sound or pictures; its name decides which.
_MEDIA = {
    ".mp3": "audio/mpeg", ".mpga": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".wav": "audio/wav",
    ".amr": "audio/amr", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".flac": "audio/flac",
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".3gp": "video/3gpp",
}
_ACTIVE = {".html", ".htm", ".svg", ".xml", ".js", ".exe", ".php", ".swf", ".xhtml", ".hta"}
_OFFICE = {
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/"),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "ppt/"),
}
_TEXT = {".txt": "text/plain", ".csv": "text/csv"}
_MIMES = {
    ".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
    **{extension: mime for extension, (mime, _) in _OFFICE.items()}, **_TEXT,
}
FILE_TYPES: tuple[str, ...] = (".pdf", ".jpg", ".jpeg", ".png", ".webp", *_OFFICE, *_TEXT)
_ZIP_ENTRY = b"PK\x01\x02"  # begins each entry of the directory
_ZIP_ENTRIES, _ZIP_BYTES, _ZIP_RATIO = 10_000, 200 * MB, 100
_NAME_BAD = re.compile('[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff<>:"|?*\\\\/]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file to store: `data` is what to keep (pictures re-encoded), `name` a display name, never a path."""

    data: Bytes  # the very thing that came, where it is kept as it is
    kind: str  # image | media | file
    mime: str
    name: str
    width: int = 0  # pixels, of pictures
    height: int = 0
    ms: int | None = None  # length of a recording, where it says so


def clean_name(name: str, extension: str = "") -> str:
    """A file name fit for display: no path, no control or direction characters, at most MAX_NAME code points.

    `extension` (".jpg") replaces the one sent when the content says otherwise.
    """
    base = _NAME_BAD.sub("_", PurePosixPath(name.replace("\\", "/")[-1000:]).name).strip(" .") or "file"
    if _DEVICES.fullmatch(base):
        base = f"_{base}"
    stem, dot, suffix = base.rpartition(".")
    if not dot or not 1 <= len(suffix) <= 8:
        stem, suffix = base, ""
    extension = extension or (f".{suffix}" if suffix else "")
    return stem[:MAX_NAME - len(extension)] + extension


def accept_image(data: Bytes, name: str = "", *, max_bytes: int, max_edge: int | None = None) -> Accepted:
    """A JPEG, PNG or WEBP decoded and encoded anew: upright, without metadata, longest edge at most `max_edge` pixels.

    Raises TooLarge (bytes or pixels) or Problem("file_not_image").
    """
    with _undamaged():
        picture, kind = _decoded(data, max_bytes, max_edge)
        return _encoded(picture, kind, name)


def accept_signature(data: Bytes, name: str = "", *, max_bytes: int, max_edge: int) -> Accepted:
    """A picture as above, on white paper, with something written on it; Problem("file_no_ink") of an empty sheet."""
    with _undamaged():
        picture, kind = _decoded(data, max_bytes, max_edge)
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture.convert("RGBA"))  # a transparent canvas would be black ink on a dark page
        if not _has_ink(paper):
            raise Problem("file_no_ink")
        return _encoded(paper.convert("RGB"), kind, name)


def picture_of(data: Bytes, *, max_bytes: int, max_edge: int) -> Image.Image:
    """The decoded picture itself, for those who read something from it. Raises like accept_image."""
    with _undamaged():
        return _decoded(data, max_bytes, max_edge)[0].convert("RGB")


def _decoded(data: Bytes, max_bytes: int, max_edge: int | None) -> tuple[Image.Image, str]:
    """The picture upright and at most `max_edge` pixels long, and the format it came in."""
    check_size(len(data), max_bytes)
    with Image.open(BytesIO(data), formats=list(_FORMATS)) as opened:
        kind = str(opened.format)
        # Asked before a pixel is decoded: 48 KB of PNG can promise 400 million of them.
        if opened.width * opened.height > MAX_PIXELS:
            raise TooLarge("file_too_many_pixels", max=MAX_PIXELS // 1_000_000)
        if max_edge and kind == "JPEG":
            opened.draft(None, (max_edge, max_edge))  # decodes at a fraction: less memory for big photos
        picture = ImageOps.exif_transpose(opened)
    if picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if max_edge:
        picture.thumbnail((max_edge, max_edge))
    return picture, kind


def _has_ink(picture: Image.Image) -> bool:
    """Whether enough of the sheet differs from its paper, which is the brightness in the middle of all."""
    small = picture.convert("L")
    small.thumbnail((_SHEET, _SHEET))
    counts = small.histogram()
    paper = next(level for level, below in enumerate(accumulate(counts)) if 2 * below >= small.width * small.height)
    return sum(count for level, count in enumerate(counts) if abs(level - paper) >= _CONTRAST) >= _INK


@contextmanager
def _undamaged() -> Iterator[None]:
    """Turns what Pillow raises on damaged or monstrous input into refusals."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLarge("file_too_many_pixels", max=MAX_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError,
            AttributeError, OverflowError, struct.error, zlib.error, MemoryError):
        # What Pillow's decoders raise on damaged input; a Problem (an Exception of ours) passes through.
        raise Problem("file_not_image") from None


def _encoded(picture: Image.Image, kind: str, name: str) -> Accepted:
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if has_alpha and kind != "JPEG" else "RGB")
    picture.info = {}  # comments, profiles and XMP would be copied from here
    out = BytesIO()
    if kind == "PNG":
        picture.save(out, "PNG")
    else:
        picture.save(out, kind, quality=85)
    mime, extension = _FORMATS[kind]
    return Accepted(out.getvalue(), "image", mime, clean_name(name or "image", extension), *picture.size)


def media_mime(head: bytes, name: str = "", *, accept: Collection[str] = ("audio/*", "video/*")) -> str:
    """What the sound or video that begins with `head` (4 KB will do) is served as, if `accept` names its kind
    ("audio/*", "video/*"). Raises Problem("file_not_media").
    """
    found = _extensions(head)
    mime = next((_MEDIA[extension] for extension in found if extension in _MEDIA), "")
    if not mime or _ACTIVE & set(found) or f"{mime.partition('/')[0]}/*" not in accept:
        raise Problem("file_not_media", accept=", ".join(accept))
    # A recorder of a phone saves sound as .mp4 too; its name may say so, the container is the same.
    if mime == "video/mp4" and PurePosixPath(name).suffix.lower() == ".m4a" and "audio/*" in accept:
        mime = "audio/mp4"
    return mime


def accept_media(data: Bytes, name: str = "", *, accept: Collection[str] = ("audio/*", "video/*"),
                 max_bytes: int, max_seconds: int | None = None) -> Accepted:
    """Sound or video known by its magic bytes, of a kind that `accept` names; kept as it is.

    Raises TooLarge, or Problem: "file_not_media", "file_too_long" (where the file says how long it is).
    """
    check_size(len(data), max_bytes)
    mime, length = media_mime(data[:HEAD], name, accept=accept), duration_ms(data)
    check_length(length, max_seconds)
    return Accepted(data, "media", mime, clean_name(name or "media"), ms=length)


def check_length(ms: int | None, max_seconds: int | None) -> None:
    """Problem("file_too_long") of a recording that is known to be longer; phones round, so a second is forgiven."""
    if max_seconds is not None and ms is not None and ms > (max_seconds + 1) * 1000:
        raise Problem("file_too_long", max=max_seconds, seconds=-(-ms // 1000))


def check_extension(name: str, allow: Collection[str]) -> str:
    """The extension of a document's name, one of `allow`; Problem("file_type_refused")."""
    extension = PurePosixPath(name.replace("\\", "/")[-1000:]).suffix.lower()
    if extension not in allow or extension not in FILE_TYPES:
        raise Problem("file_type_refused", type=extension[:20] or "?", allow=", ".join(sorted(allow)))
    return extension


def file_mimes(allow: Collection[str]) -> frozenset[str]:
    """What documents with one of these extensions are served as."""
    return frozenset(_MIMES[extension] for extension in allow)


def accept_file(data: Bytes, name: str, *, allow: Collection[str] = FILE_TYPES, max_bytes: int) -> Accepted:
    """A document whose extension is in `allow` and whose content agrees with it.

    Pictures are re-encoded. Office files are measured by their directory, never unpacked. Raises TooLarge or Problem.
    """
    check_size(len(data), max_bytes)
    extension = check_extension(name, allow)
    if extension in (".jpg", ".jpeg", ".png", ".webp"):
        picture = accept_image(data, name, max_bytes=max_bytes)
        return Accepted(picture.data, "file", picture.mime, picture.name, picture.width, picture.height)
    if extension in _OFFICE:
        _check_office(bytes(data), _OFFICE[extension][1])
    elif extension in _TEXT:
        _check_text(bytes(data))
    elif data[:5] != b"%PDF-":
        raise Problem("file_content_differs", type=extension)
    return Accepted(data, "file", _MIMES[extension], clean_name(name))


def check_size(size: int, max_bytes: int) -> None:
    """Problem or TooLarge of a file of `size` bytes."""
    if not size:
        raise Problem("file_empty")
    if size > max_bytes:
        raise TooLarge("file_too_large", max_mb=f"{max_bytes / MB:g}")


def _extensions(data: Bytes) -> list[str]:
    """What the first bytes may be, most likely first, as lower-case extensions."""
    try:
        return [match.extension.lower() for match in puremagic.magic_string(data[:HEAD])]
    except (puremagic.PureError, ValueError):
        return []


def _check_office(data: bytes, folder: str) -> None:
    try:
        # A million entries are refused before any is read. The archive's own count may lie, or stand in another place.
        if data.count(_ZIP_ENTRY) > _ZIP_ENTRIES:
            raise Problem("file_archive_bomb")
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError):
        raise Problem("file_content_differs", type="Office") from None
    total = sum(entry.file_size for entry in entries)
    if total > _ZIP_BYTES or total > max(len(data), MB) * _ZIP_RATIO:
        raise Problem("file_archive_bomb")
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(found.startswith(folder) for found in names):
        raise Problem("file_content_differs", type="Office")
    if any("vbaproject" in found.lower() for found in names):
        raise Problem("file_macro")


def _check_text(data: bytes) -> None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return
    raise Problem("file_content_differs", type="text")
