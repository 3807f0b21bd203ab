"""Files on disk: random places, whole or not at all."""
from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from app.entries import storage


def test_bytes_come_back_from_a_random_place_in_two_levels(tmp_path: Path) -> None:
    keys = {storage.write(tmp_path, b"same") for _ in range(50)}
    assert len(keys) == 50
    for key in keys:
        assert len(key.split("/")) == 3 and ".." not in key
        path = storage.path_of(tmp_path, key)
        assert path.read_bytes() == b"same" and path.stat().st_mode & 0o077 == 0
    storage.remove(tmp_path, key)
    storage.remove(tmp_path, key)
    assert not path.exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(storage.DiskFull) as refused:
        storage.write(tmp_path, b"x" * 1000)
    assert refused.value.status == 507
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_other_faults_of_the_disk_are_not_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        storage.write(tmp_path, b"x")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
