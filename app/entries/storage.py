"""Files on disk: random names in two levels of folders, flushed before the database may speak of them."""
from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import Conflict, NotFound, Problem
from app.forms.files import Bytes


class DiskFull(Problem):
    """There is no room left; nothing was stored."""

    status = 507


def write(root: Path, data: Bytes) -> str:
    """Store `data` durably under a new random key (returned, "ab/cd/…"); DiskFull leaves nothing behind."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name[2:4]}/{name[4:]}"
    path = root / key
    with _full_disk_told():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _write_flushed(path, data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    return key


@contextmanager
def held(root: Path, key: str) -> Iterator[int]:
    """A descriptor of a file that is still coming, for one request at a time: Conflict while another has it.

    NotFound if it is no longer there.
    """
    try:
        handle = os.open(root / key, os.O_RDWR)
    except FileNotFoundError:
        raise NotFound("upload_gone") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("upload_busy") from None
        yield handle
    finally:
        os.close(handle)


def put(handle: int, offset: int, data: bytes) -> None:
    """Write `data` durably at `offset` of a held file. DiskFull changes nothing that came before."""
    with _full_disk_told():
        view = memoryview(data)
        while view:
            count = os.pwrite(handle, view, offset)
            view, offset = view[count:], offset + count
        os.fsync(handle)


def check_room(root: Path, size: int, spare: int) -> None:
    """DiskFull unless `size` bytes more would leave `spare` bytes free."""
    if shutil.disk_usage(next(folder for folder in (root, *root.parents) if folder.is_dir())).free < size + spare:
        raise DiskFull("upload_disk_full")


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("upload_disk_full") from None
        raise


def _write_flushed(path: Path, data: Bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    # The name itself must survive a power cut too, in both levels of folders.
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def path_of(root: Path, key: str) -> Path:
    """Where the bytes of `key` lie. Keys come from our own rows, never from a request."""
    return root / key


def remove(root: Path, key: str) -> None:
    """Delete the bytes; a missing file is what was wanted."""
    (root / key).unlink(missing_ok=True)
