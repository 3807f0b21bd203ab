"""How long recordings are, as far as they say so; and fields that want short ones."""
from __future__ import annotations

import mmap
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Problem
from app.forms.base import Asking, Field
from app.forms.durations import LONGEST_MS, duration_ms
from app.forms.files import accept_media
from tests.forms.kit import ENV, Ports, small
from tests.recordings import aac, amr, flac, mp3, mp4, ogg, wav, webm


def field_of(kind: str, **settings: Any) -> Field:
    return small({"id": "f_f", "type": kind, **settings}).fields["f_f"]


class Sent(Ports):
    """Every file is this one."""

    def __init__(self, **told: Any) -> None:
        self._told = {"size": 1000, "name": "x", "field": "f_a", "ms": None, **told}

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return dict.fromkeys(ids, self._told)


SAID: dict[str, tuple[bytes, int]] = {
    "mp4": (mp4(seconds=61.5), 61_500),
    "mp4, index last": (mp4(seconds=61.5, last=True), 61_500),
    "mp4, long numbers": (mp4(seconds=61.5, long=True), 61_500),
    "mp4, in pieces": (mp4(seconds=61.5, pieces=True), 61_500),
    "mov": (mp4(seconds=9, brand=b"qt  "), 9_000),
    "m4a": (mp4(seconds=9, brand=b"M4A "), 9_000),
    "wav": (wav(2.5), 2_500),
    "wav, cut off": (wav(2.5, announced=0), 2_500),
    "wav, endless": (wav(2.5, announced=0xFFFFFFFF), 2_500),
    "ogg, opus": (ogg(7), 7_000),
    "ogg, vorbis": (ogg(7, "vorbis"), 7_000),
    "flac": (flac(3), 3_000),
    "webm": (webm(12), 12_000),
    "amr": (amr(4), 4_000),
}


@pytest.mark.parametrize("what", SAID)
def test_a_recording_says_how_long_it_is(what: str) -> None:
    data, expected = SAID[what]
    assert duration_ms(data) == expected


@pytest.mark.parametrize("data", [mp3(10), mp3(10, tag=700), aac(10)], ids=["mp3", "mp3 with a tag", "aac"])
def test_frames_are_counted(data: bytes) -> None:
    assert abs((duration_ms(data) or 0) - 10_000) < 30


UNSAID = {
    "webm of a browser": webm(None), "nothing": b"", "noise": b"\xff" * 5000, "text": b"hello" * 100,
    "mp4 without an index": mp4()[:20], "mp4 cut off": mp4(last=True)[:1500], "wav cut off": wav()[:30],
    "ogg of something else": b"OggS" + b"\0" * 500,
    "mp4 of no length": mp4(seconds=0), "endless box": b"\0\0\0\0ftyp" * 9,
}


@pytest.mark.parametrize("what", UNSAID)
def test_what_is_not_said_is_not_known(what: str) -> None:
    assert duration_ms(UNSAID[what]) is None


def test_damage_is_never_an_error_and_never_takes_long() -> None:
    chance = random.Random(7)
    begun = time.process_time()
    for _ in range(4000):
        data = bytearray(chance.choice(list(SAID.values()))[0][:3000])
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(min(len(data), 200))] = chance.choice([0, 1, 255, chance.randrange(256)])
        found = duration_ms(bytes(data[:chance.randint(1, len(data))]))
        assert found is None or 0 < found <= LONGEST_MS
    assert time.process_time() - begun < 20


def test_many_empty_boxes_end() -> None:
    begun = time.process_time()
    assert duration_ms(b"\0\0\0\x08ftyp" + b"\0\0\0\x08free" * 2_000_000) is None
    assert time.process_time() - begun < 1


def test_a_large_file_is_looked_into_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(mp4(5_000_000, seconds=30, last=True))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        kept = accept_media(data, "v.mp4", max_bytes=10_000_000, max_seconds=30)
        assert kept.data is data and kept.ms == 30_000


@pytest.mark.parametrize(("seconds", "fine"), [(60, True), (60.9, True), (61.2, False), (3000, False)])
def test_a_field_wants_short_recordings(seconds: float, fine: bool) -> None:
    field = field_of("media", max_seconds=60)
    if fine:
        assert field.type.accept(field, mp4(seconds=seconds), "v.mp4").ms == int(seconds * 1000)
        return
    with pytest.raises(Problem) as refused:
        field.type.accept(field, mp4(seconds=seconds), "v.mp4")
    assert refused.value.code == "file_too_long" and "60" in refused.value.message("zh")


def test_a_recording_of_unknown_length_is_taken() -> None:
    field = field_of("media", max_seconds=60)
    assert field.type.accept(field, webm(None), "v.webm").ms is None


LAX: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("media", {"accept": ["audio/*"]}, {"kind": "media", "mime": "video/mp4"}, "answer_wrong_file"),
    ("media", {"accept": ["video/*"]}, {"kind": "media", "mime": "audio/mpeg"}, "answer_wrong_file"),
    ("media", {"max_seconds": 10}, {"kind": "media", "mime": "video/mp4", "ms": 11_500}, "file_too_long"),
    ("media", {"max_mb": 1}, {"kind": "media", "mime": "video/mp4", "size": 2 << 20}, "file_too_large"),
    ("file", {"accept": [".pdf"]}, {"kind": "file", "mime": "text/csv"}, "answer_wrong_file"),
    ("file", {"accept": [".pdf", ".csv"]}, {"kind": "file", "mime": "image/jpeg"}, "answer_wrong_file"),
    ("signature", {}, {"kind": "image", "mime": "image/jpeg", "field": "f_photos"}, "answer_wrong_file"),
    ("images", {}, {"kind": "file", "mime": "image/jpeg"}, "answer_wrong_file"),
]


@pytest.mark.parametrize(("kind", "settings", "told", "code"), LAX)
def test_what_a_laxer_field_took_is_not_for_a_stricter_one(
    kind: str, settings: dict[str, Any], told: dict[str, Any], code: str
) -> None:
    field = field_of(kind, **settings)
    with pytest.raises(Problem) as refused:
        field.type.clean(field, ["one"], Asking(ENV, Sent(**told)))
    assert refused.value.code == code


@pytest.mark.parametrize(("kind", "settings", "told"), [
    ("media", {"accept": ["audio/*"], "max_seconds": 60}, {"kind": "media", "mime": "audio/mp4", "ms": 60_400}),
    ("media", {"max_seconds": 60}, {"kind": "media", "mime": "video/webm"}),
    ("file", {"accept": [".jpeg"]}, {"kind": "file", "mime": "image/jpeg"}),
    ("file", {"accept": [".docx", ".txt"]}, {"kind": "file", "mime": "text/plain"}),
    ("signature", {}, {"kind": "image", "mime": "image/png", "field": "f_f"}),
])
def test_what_the_field_itself_would_take_is_taken(
    kind: str, settings: dict[str, Any], told: dict[str, Any]
) -> None:
    field = field_of(kind, **settings)
    assert field.type.clean(field, ["one"], Asking(ENV, Sent(**told))) == ["one"]
