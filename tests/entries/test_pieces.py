"""Large files come in pieces: each is kept once, in its place, for its sender only, and judged when all are there."""
from __future__ import annotations

import errno
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.core.errors import Conflict
from app.entries import storage, taking, uploads
from app.extensions import clock, db, parts
from app.runtime.models import Upload, UploadPart
from app.runtime.verify import verify
from tests.entries.conftest import JSON, Guest, jpeg
from tests.recordings import mp4

Guests = Callable[..., Guest]
PIECE = 64 * 1024
VIDEO = mp4(5 * PIECE + 100, seconds=30)


class Sender:
    """Hands a file over piece by piece, as the page's script does."""

    def __init__(self, guest: Guest, data: bytes, name: str = "v.mp4", field: str = "f_av") -> None:
        self.guest, self.data, self.name, self.field = guest, data, name, field
        guest.open()
        self.id = ""

    def post(self, piece: bytes, **more: Any) -> TestResponse:
        body = {"_token": self.guest.token, "field": self.field, "file": (BytesIO(piece), self.name), **more}
        return self.guest.client.post(f"{self.guest.link}/uploads{self.id and '/' + self.id}", data=body, headers=JSON)

    def first(self, size: int | None = None, count: int = PIECE) -> TestResponse:
        self.id = ""
        answer = self.post(self.data[:count], size=len(self.data) if size is None else size)
        self.id = answer.get_json().get("id", "")
        return answer

    def at(self, offset: int, count: int = PIECE) -> TestResponse:
        return self.post(self.data[offset:offset + count], offset=offset)

    def rest(self, offset: int) -> TestResponse:
        """All pieces from `offset`; the last answer."""
        answer = self.at(offset)
        while answer.status_code == 202:
            assert answer.get_json()["offset"] > offset
            offset = answer.get_json()["offset"]
            answer = self.at(offset)
        return answer


def on_disk(app: Flask) -> list[Path]:
    return [path for path in app.extensions["danflow"].settings.uploads.rglob("*") if path.is_file()]


def wrong(app: Flask) -> list[Any]:
    with app.app_context():
        # Hours later, so that a stray file is one.
        found = [one for one in verify(clock.now_ms() + 7_200_000, parts().settings.uploads) if one.code[:2] == "I7"]
        db.session.rollback()
    return found


def test_a_video_in_pieces_is_the_video(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    sender = Sender(anna, VIDEO)
    begun = sender.first()
    assert begun.status_code == 202 and begun.get_json()["offset"] == PIECE
    assert wrong(demo_app) == [], "a file on its way is no stray"
    done = sender.rest(PIECE)
    assert done.status_code == 201
    assert done.get_json() == {"id": sender.id, "name": "v.mp4", "size": len(VIDEO), "kind": "media"}
    assert anna.get(f"/u/{sender.id}").data == VIDEO
    assert anna.send(f_av=sender.id).status_code == 303
    with demo_app.app_context():
        row = db.session.scalars(select(Upload)).one()
        assert row.ticket_id and row.ms == 30_000 and row.mime == "video/mp4"
        assert not db.session.scalars(select(UploadPart)).all()
        db.session.rollback()
    assert len(on_disk(demo_app)) == 1 and wrong(demo_app) == []


def test_a_piece_twice_or_out_of_place_changes_nothing(guest: Guests) -> None:
    anna = guest()
    sender = Sender(anna, VIDEO)
    sender.first()
    assert sender.at(PIECE).get_json()["offset"] == 2 * PIECE
    for offset in (0, PIECE, 4 * PIECE):  # sent again because the answer was lost; or from another tab
        answer = sender.at(offset)
        assert (answer.status_code, answer.get_json()["offset"]) == (202, 2 * PIECE)
    assert sender.post(b"x" * len(VIDEO), offset=2 * PIECE).get_json()["offset"] == 2 * PIECE, "more than announced"
    done = sender.rest(2 * PIECE)
    again = sender.at(5 * PIECE)  # the last answer was lost
    assert done.status_code == again.status_code == 201 and done.get_json() == again.get_json()
    assert anna.get(f"/u/{sender.id}").data == VIDEO


def test_photographs_in_pieces_are_encoded_anew(guest: Guests, demo_app: Flask) -> None:
    photo = jpeg((400, 300), quality=95) + b"\0" * PIECE + b"<script>"
    anna = guest()
    sender = Sender(anna, photo, "a.jpg", "f_photos")
    sender.first()
    assert sender.rest(PIECE).status_code == 201
    assert b"<script>" not in anna.get(f"/u/{sender.id}").data
    assert len(on_disk(demo_app)) == 1, "what came is gone, what was made of it stays"


def test_somebody_elses_file_cannot_be_gone_on_with_nor_given_up(guest: Guests, demo_app: Flask) -> None:
    sender = Sender(guest(), VIDEO)
    sender.first()
    eve = Sender(guest(), VIDEO)
    eve.id = sender.id
    assert eve.at(PIECE).status_code == 404
    gone = eve.guest.client.delete(f"{eve.guest.link}/uploads/{sender.id}", data={"_token": eve.guest.token})
    assert gone.status_code == 204 and len(on_disk(demo_app)) == 1
    other = Sender(sender.guest, VIDEO, field="f_photos")
    other.id = sender.id
    assert other.at(PIECE).status_code == 404, "nor under another field"
    forged = sender.guest.client.delete(f"{eve.guest.link}/uploads/{sender.id}", data={"_token": "x"})
    assert forged.status_code == 400
    assert sender.rest(PIECE).status_code == 201


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_refused_is_refused_before_a_byte_is_kept(
    guest: Guests, demo_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = guest()
    huge = Sender(anna, VIDEO).first(size=51 * 1024 * 1024)
    assert huge.status_code == 413 and "50 MB" in huge.get_json()["message"]
    assert Sender(anna, b"MZ" + VIDEO).first().get_json()["code"] == "file_not_media"
    assert Sender(anna, VIDEO, field="f_name").first().get_json()["code"] == "upload_field_unknown"
    for size in ("-1", "x", "9" * 30, "1e9", "٣"):
        assert Sender(anna, VIDEO).post(VIDEO[:100], size=size).get_json()["code"] == "upload_number"
    assert Sender(anna, b"").first(size=100).status_code == 422
    monkeypatch.setattr(taking, "MAX_PIECE", PIECE)
    assert Sender(anna, VIDEO).first(count=PIECE + 1).get_json()["code"] == "upload_piece"
    assert on_disk(demo_app) == []


def test_what_turns_out_wrong_at_the_end_is_forgotten(guest: Guests, demo_app: Flask) -> None:
    sender = Sender(guest(), mp4(2 * PIECE, seconds=75))
    sender.first()
    answer = sender.rest(PIECE)
    assert answer.status_code == 422 and answer.get_json()["code"] == "file_too_long"
    assert "60 秒" in answer.get_json()["message"] and "75 秒" in answer.get_json()["message"]
    assert on_disk(demo_app) == [] and sender.at(PIECE).status_code == 404


def test_giving_up_frees_the_place(guest: Guests, demo_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UNBOUND", 1)
    sender = Sender(guest(), VIDEO)
    sender.first()
    assert sender.post(VIDEO[:10], offset=0).status_code == 202
    refused = Sender(sender.guest, VIDEO).first()
    assert refused.status_code == 422 and refused.get_json()["code"] == "upload_many"
    data = {"_token": sender.guest.token}
    assert sender.guest.client.delete(f"{sender.guest.link}/uploads/{sender.id}", data=data).status_code == 204
    assert on_disk(demo_app) == [] and sender.at(PIECE).status_code == 404
    assert Sender(sender.guest, VIDEO).first().status_code == 202


def test_unfinished_files_have_their_limits(guest: Guests, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = guest()
    monkeypatch.setattr(uploads, "MAX_UNBOUND_BYTES", 2 * len(VIDEO))
    assert [Sender(anna, VIDEO).first().status_code for _ in range(3)] == [202, 202, 422]
    assert Sender(guest(), VIDEO).first().status_code == 202, "another visitor has limits of their own"
    monkeypatch.setattr(uploads, "MAX_COMING_BYTES", PIECE)
    full = Sender(guest(), VIDEO).first()
    assert full.status_code == 507 and full.get_json()["code"] == "upload_disk_full"


def test_a_disk_without_room_is_told_before_the_file_comes(
    guest: Guests, demo_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = guest()
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 200 << 20})())
    assert Sender(anna, VIDEO).first().status_code == 507
    assert anna.upload(jpeg()).status_code == 507
    assert on_disk(demo_app) == []


def test_a_disk_that_fills_up_on_the_way_keeps_what_came(guest: Guests, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(guest(), VIDEO)
    sender.first()

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        answer = sender.at(PIECE)
    assert answer.status_code == 507 and "存不下" in answer.get_json()["message"]
    assert sender.rest(PIECE).status_code == 201
    assert sender.guest.get(f"/u/{sender.id}").data == VIDEO


def test_only_one_request_at_a_time_has_the_file(tmp_path: Path) -> None:
    key = storage.write(tmp_path, b"abc")
    with storage.held(tmp_path, key) as handle, pytest.raises(Conflict), storage.held(tmp_path, key):
        storage.put(handle, 0, b"never")
    with storage.held(tmp_path, key) as handle:
        storage.put(handle, 3, b"def")
    assert storage.path_of(tmp_path, key).read_bytes() == b"abcdef"


def test_files_of_which_nothing_came_for_a_day_are_forgotten(guest: Guests, demo_app: Flask) -> None:
    stale, lively = Sender(guest(), VIDEO), Sender(guest(), VIDEO)
    stale.first()
    lively.first()
    root = demo_app.extensions["danflow"].settings.uploads
    with demo_app.app_context():
        now = clock.now_ms()
        db.session.execute(update(UploadPart).where(UploadPart.id == stale.id).values(at=now - uploads.UNBOUND_MS - 1))
        db.session.commit()
        assert uploads.clean(root, now) == 1
    assert len(on_disk(demo_app)) == 1 and stale.at(PIECE).status_code == 404
    assert lively.rest(PIECE).status_code == 201
