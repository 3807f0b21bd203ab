"""Files on disk: random names in two levels of folders, flushed before the database may speak of them."""
from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from app.core.errors import Problem


class DiskFull(Problem):
    """There is no room left; nothing was stored."""

    status = 507


def write(root: Path, data: bytes) -> str:
    """Store `data` durably under a new random key (returned, "ab/cd/…"); DiskFull leaves nothing behind."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name[2:4]}/{name[4:]}"
    path = root / key
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _write_flushed(path, data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("upload_disk_full") from None
        raise
    return key


def _write_flushed(path: Path, data: bytes) -> None:
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
