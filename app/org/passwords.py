"""Password hashing: argon2id with 19 MiB, two passes, one lane; never more than a few at a time.

The cost is meant for attackers, not for this machine: a burst of sign-ins waits in line instead of eating all memory.
"""

from __future__ import annotations

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import Problem

MIN_LENGTH, MAX_LENGTH = 8, 200
AT_ONCE = 3
WAIT_S = 5.0

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_slots = threading.BoundedSemaphore(AT_ONCE)


class Busy(Problem):
    """Too many sign-ins at this moment."""

    status = 503


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody")


def hash_password(password: str) -> str:
    """The stored form of a new password (MIN_LENGTH to MAX_LENGTH characters); raises Problem."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Problem("password_length", where="password", min=MIN_LENGTH, max=MAX_LENGTH)
    return _hasher.hash(password)


def verify(stored: str, password: str) -> bool:
    """Whether `password` belongs to `stored`. An empty `stored` (nobody, or no password) takes just as long."""
    nobody = _nobodys_hash()
    if not _slots.acquire(timeout=WAIT_S):
        raise Busy("sign_in_busy")
    try:
        _hasher.verify(stored or nobody, password[:MAX_LENGTH])
        return bool(stored)
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _slots.release()
