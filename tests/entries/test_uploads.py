"""Files from strangers: judged by their bytes, kept where nobody guesses, shown to those who may."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from app.core.errors import Problem
from app.entries import uploads
from app.extensions import clock, db
from app.forms.schema import load_form
from app.runtime.models import Upload
from tests.entries.conftest import JSON, Guest, jpeg

Guests = Callable[..., Guest]
Count = Callable[[], int]
WAV = bytes.fromhex("524946462400000057415645666d74201000000001000100401f0000803e00000200100064617461 00000000")


def picture(kind: str, size: tuple[int, int] = (8, 8), **more: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size).save(out, kind, **more)
    return out.getvalue()


def files_on_disk(app: Flask) -> list[Path]:
    return [path for path in app.extensions["danflow"].settings.uploads.rglob("*") if path.is_file()]


def test_a_photograph_is_kept_and_shown_to_its_sender_only(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    answer = anna.upload(jpeg(), "现场 照片.JPG")
    assert answer.status_code == 201
    stored = answer.get_json()
    assert stored["kind"] == "image" and stored["name"].endswith(".jpg") and stored["size"] > 100
    seen = anna.get(f"/u/{stored['id']}")
    assert seen.status_code == 200 and seen.mimetype == "image/jpeg"
    assert Image.open(BytesIO(seen.data)).size == (64, 48)
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert seen.headers["Content-Disposition"].startswith("inline")
    assert "public" not in seen.headers["Cache-Control"] and seen.headers["Referrer-Policy"] == "no-referrer"
    eve = guest()
    eve.open()
    assert eve.get(f"/u/{stored['id']}").status_code == 404
    assert guest().get(f"/u/{stored['id']}").status_code == 404
    (path,) = files_on_disk(demo_app)
    assert path.name not in answer.text and "照片" not in str(path)


def test_sound_is_a_download(guest: Guests) -> None:
    anna = guest()
    stored = anna.upload(WAV, "a.wav", "f_av").get_json()
    seen = anna.get(f"/u/{stored['id']}")
    assert seen.mimetype == "audio/wav" and seen.headers["Content-Disposition"].startswith("attachment")


REFUSED = {
    "gif with script": (b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)//", "a.gif"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "a.svg"),
    "svg named jpg": (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "a.jpg"),
    "html named jpg": (b"<!doctype html><script>alert(1)</script>", "a.jpg"),
    "a real gif": (picture("GIF"), "a.jpg"),
    "tiff": (picture("TIFF"), "a.jpg"),
    "half a jpeg": (jpeg((400, 400))[:200], "a.jpg"),
    "nothing": (b"", "a.jpg"),
    "sound as photo": (WAV, "a.jpg"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_no_photograph_is_refused(guest: Guests, demo_app: Flask, count_uploads: Count, what: str) -> None:
    data, name = REFUSED[what]
    answer = guest().upload(data, name)
    assert answer.status_code == 422 and answer.get_json()["message"]
    assert count_uploads() == 0 and files_on_disk(demo_app) == []


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("size", [(20_000, 20_000), (8_000, 8_001)])
def test_bombs_of_pixels_are_refused(guest: Guests, demo_app: Flask, size: tuple[int, int]) -> None:
    out = BytesIO()
    Image.new("1", size).save(out, "PNG")
    answer = guest().upload(out.getvalue(), "a.png")
    assert answer.status_code in (413, 422) and files_on_disk(demo_app) == []


def test_nothing_rides_along_with_a_photograph(guest: Guests) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = "secret place"
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("evil.html", "<script>alert(1)</script>")
    anna = guest()
    stored = anna.upload(jpeg(exif=exif) + archive.getvalue()).get_json()
    seen = anna.get(f"/u/{stored['id']}").data
    assert b"evil" not in seen and b"secret" not in seen and b"PK\x03\x04" not in seen
    assert not dict(Image.open(BytesIO(seen)).getexif())


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\x.jpg", "CON.jpg", "a" * 300 + ".jpg", "\x00.jpg"])
def test_a_name_is_only_a_name(guest: Guests, demo_app: Flask, name: str) -> None:
    anna = guest()
    stored = anna.upload(jpeg(), name).get_json()
    shown = stored["name"]
    assert len(shown) <= 120 and not set("/\\\r\n\x00") & set(shown) and not shown.startswith("CON.")
    seen = anna.get(f"/u/{stored['id']}")
    assert seen.status_code == 200
    root = demo_app.extensions["danflow"].settings.uploads
    assert all(path.is_relative_to(root) for path in files_on_disk(demo_app))


def test_somebody_elses_file_does_not_exist(guest: Guests, demo_app: Flask) -> None:
    anna, eve = guest(), guest()
    mine = anna.upload(jpeg()).get_json()["id"]
    answer = eve.send(f_photos=mine)
    assert answer.status_code == 422 and "f_photos" in eve.errors() and mine not in eve.page
    assert anna.send(f_photos=mine).status_code == 303
    with demo_app.app_context():
        assert db.session.scalars(select(Upload.ticket_id)).one() is not None
        db.session.rollback()


def test_a_file_belongs_to_one_ticket(guest: Guests) -> None:
    anna = guest()
    mine = anna.upload(jpeg()).get_json()["id"]
    assert anna.send(f_photos=mine).status_code == 303
    anna.open()
    answer = anna.send(f_photos=mine)
    assert answer.status_code == 422


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("field", ["f_name", "f_reply", "f_nothing", "", "f_items"])
def test_only_fields_that_take_files_take_files(guest: Guests, demo_app: Flask, field: str) -> None:
    answer = guest().upload(jpeg(), field=field)
    assert answer.status_code == 422 and answer.get_json()["code"] == "upload_field_unknown"
    anna = guest()
    anna.open()
    missing = anna.client.post(f"{anna.link}/uploads", data={"_token": anna.token, "field": "f_photos"}, headers=JSON)
    assert missing.status_code == 422 and missing.get_json()["code"] == "upload_missing"
    forged = anna.client.post(
        f"{anna.link}/uploads", data={"_token": "x", "field": "f_photos", "file": (BytesIO(jpeg()), "a.jpg")}
    )
    assert forged.status_code == 400
    assert files_on_disk(demo_app) == []


def test_files_in_the_form_itself_are_judged_the_same(guest: Guests, count_uploads: Count) -> None:
    anna = guest()
    chosen = [(BytesIO(jpeg()), "a.jpg"), (BytesIO(b"<svg/>"), "b.jpg"), (BytesIO(b""), "")]
    answer = anna.send(**{"f_photos.files": chosen})
    assert answer.status_code == 422 and "f_photos" in anna.errors()
    assert "a.jpg" in anna.page and "b.jpg" not in anna.page and count_uploads() == 1
    foreign = anna.send(**{"f_name.files": (BytesIO(jpeg()), "a.jpg"), "f_reply.files": (BytesIO(jpeg()), "a.jpg")})
    assert foreign.status_code in (303, 422) and count_uploads() == 1


def test_no_more_files_than_the_field_takes(guest: Guests, count_uploads: Count) -> None:
    anna = guest()
    anna.send(**{"f_photos.files": [(BytesIO(jpeg()), f"{n}.jpg") for n in range(11)]})
    assert count_uploads() == 9 and "最多 9 个文件" in anna.errors()["f_photos"]


def test_a_full_disk_says_so_and_stores_nothing(
    guest: Guests, demo_app: Flask, count_uploads: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = guest()
    anna.open()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        answer = anna.upload(jpeg())
    assert answer.status_code == 507 and answer.get_json()["code"] == "upload_disk_full"
    assert count_uploads() == 0 and files_on_disk(demo_app) == []


def test_a_visitor_cannot_fill_the_disk(guest: Guests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UNBOUND", 3)
    anna = guest()
    answers = [anna.upload(jpeg()).status_code for _ in range(4)]
    assert answers == [201, 201, 201, 422]
    assert guest().upload(jpeg()).status_code == 201


def test_files_that_no_ticket_took_are_forgotten_after_a_day(guest: Guests, demo_app: Flask) -> None:
    anna = guest()
    bound, old, fresh = (anna.upload(jpeg()).get_json()["id"] for _ in range(3))
    assert anna.send(f_photos=bound).status_code == 303
    root = demo_app.extensions["danflow"].settings.uploads
    with demo_app.app_context():
        now = clock.now_ms()
        day_ago = now - uploads.UNBOUND_MS - 1
        db.session.execute(update(Upload).where(Upload.id.in_([bound, old])).values(at=day_ago))
        db.session.commit()
        assert uploads.clean(root, now) == 1 and uploads.clean(root, now) == 0
        assert set(db.session.scalars(select(Upload.id))) == {bound, fresh}
        db.session.rollback()
    assert len(files_on_disk(demo_app)) == 2
    assert anna.get(f"/u/{old}").status_code == 404 and anna.get(f"/u/{fresh}").status_code == 200


def test_a_field_takes_only_the_kinds_of_documents_it_names(demo_app: Flask) -> None:
    form = load_form({
        "schema": "danflow/form/1", "key": "papers", "title": "文件",
        "fields": [{"id": "f_pdf", "type": "file", "label": "合同", "accept": [".pdf"]}],
    }, demo_app.extensions["danflow"].catalog)
    root, field = demo_app.extensions["danflow"].settings.uploads, form.fields["f_pdf"]
    with demo_app.app_context():
        assert uploads.store(root, field, b"%PDF-1.7 x", "a.pdf", visitor="v", now=1).mime == "application/pdf"
        with pytest.raises(Problem) as caught:
            uploads.store(root, field, b"a,b", "a.csv", visitor="v", now=1)
        db.session.rollback()
    assert caught.value.code == "file_type_refused" and caught.value.params["allow"] == ".pdf"
