"""Finding or creating the customer behind a request. Nothing here commits: it is part of the intake's commit."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache

from sqlalchemy import delete, insert, select, update

from app import vault
from app.core.errors import NotFound, Problem
from app.customers.models import Customer, CustomerIdentity
from app.extensions import db, insert_new
from app.wire import Read

MAX_VALUE = 128
MAX_NAME = 80
PHONE_NOISE = re.compile(r"[\s\-()（）]+")


def _phone(value: str) -> str:
    digits = PHONE_NOISE.sub("", value)
    return digits.removeprefix("+86") if len(digits) == 14 else digits


def _plain(value: str) -> str:
    return value.strip()


# kind → how two spellings of one identity become equal. Strongest first: where several customers match, the first wins.
KINDS: Mapping[str, Callable[[str], str]] = {
    "unionid": _plain,
    "external_userid": _plain,
    "openid": _plain,
    "member_no": _plain,
    "phone": _phone,
    "email": lambda value: value.strip().lower(),
}
PLACE = "customer_identity/{kind}/{hash}"


def normal(kind: str, value: str) -> str:
    """The one spelling of an identity; raises Problem for an unknown kind or an impossible value."""
    if kind not in KINDS:
        raise Problem("identity_kind", where=kind[:40], kind=kind[:40])
    clean = KINDS[kind](value)
    if not clean or len(clean) > MAX_VALUE or not clean.isprintable():
        raise Problem("identity_value", where=kind)
    return clean


def find(identities: Mapping[str, str]) -> dict[str, str] | None:
    """The customer {"id", "name", "level", "manager" where there is one} with one of these identities ({"phone": …}),
    or None. One query."""
    found = _lookup(_hashed(identities))
    return found[0] if found else None


def find_or_create(identities: Mapping[str, str], *, now: int, name: str = "", level: str = "") -> dict[str, str]:
    """The customer {"id", "name", "level"} behind these identities, created if nobody has any of them.

    One query when the customer is known. Identities that are new are added to the customer; a name is filled in where
    none was known, never replaced: a stranger with somebody's number does not rename them. Does not commit.
    """
    hashed = _hashed(identities)
    if not hashed:
        raise Problem("identity_missing", where="customer")
    for _ in range(3):
        found = _lookup(hashed)
        if found is None:
            customer = _create(hashed, name, level, now)
            if customer:
                return customer
        else:
            return _complete(*found, hashed, name, now)
    raise Problem("identity_race", where="customer")


def get(customer_id: str) -> dict[str, str]:
    """The customer {"id", "name", "level"}; raises NotFound."""
    known = select(Customer.id, Customer.name, Customer.level, Customer.manager_id).where(Customer.id == customer_id)
    row = db.session.execute(known).one_or_none() if customer_id.isprintable() else None
    if row is None:
        raise NotFound("customer_unknown", where=customer_id[:60])
    return _told(row.id, row.name, row.level, row.manager_id)


def _told(ident: str, name: str, level: str, manager: str | None) -> dict[str, str]:
    return {"id": ident, "name": name, "level": level, **({"manager": manager} if manager else {})}


def set_manager(customer_id: str, manager_id: str | None, *, now: int) -> None:
    """Say which colleague looks after a customer (None: nobody in particular). Does not commit."""
    changed = update(Customer).where(Customer.id == customer_id).values(manager_id=manager_id, updated_at=now)
    if not db.session.execute(changed.returning(Customer.id)).first():
        raise NotFound("customer_unknown", where=customer_id[:60])


def set_level(customer_id: str, level: str, *, now: int) -> None:
    """Set a customer's level ("VIP"). Does not commit."""
    if len(level) > 40:
        raise Problem("level_bad", where="level")
    done = db.session.execute(
        update(Customer).where(Customer.id == customer_id).values(level=level, updated_at=now).returning(Customer.id)
    ).first()
    if not done:
        raise NotFound("customer_unknown", where=customer_id[:60])


def contact(customer_id: str, kind: str) -> str:
    """The opened identity of this kind ("phone") for sending to it, the latest if there are several, or ""."""
    row = db.session.execute(
        select(CustomerIdentity.value, CustomerIdentity.value_hash)
        .where(CustomerIdentity.customer_id == customer_id, CustomerIdentity.kind == kind)
        .order_by(CustomerIdentity.created_at.desc(), CustomerIdentity.value_hash)
        .limit(1)
    ).one_or_none()
    return vault.open_(row.value, PLACE.format(kind=kind, hash=row.value_hash)) if row else ""


def _hashed(identities: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """kind → (hash, normal value), strongest kind first."""
    clean = {kind: normal(kind, value) for kind, value in identities.items() if value}
    return {kind: (vault.blind(clean[kind], kind), clean[kind]) for kind in KINDS if kind in clean}


def _lookup(hashed: Mapping[str, tuple[str, str]]) -> tuple[dict[str, str], set[str]] | None:
    """The strongest match and the kinds among `hashed` that somebody (anybody) already has."""
    if not hashed:
        return None
    params: dict[str, str] = {}
    for number, (kind, (value_hash, _)) in enumerate(hashed.items()):
        params |= {f"kind{number}": kind, f"hash{number}": value_hash}
    rows = _matches(len(hashed))(**params)
    if not rows:
        return None
    order = list(KINDS)
    _, *told = min(rows, key=lambda row: order.index(row[0]))
    return _told(*told), {row[0] for row in rows}


@lru_cache(maxsize=len(KINDS))
def _matches(count: int) -> Read:
    """Customers by `count` identities at once: asked for every ticket that is opened."""
    wanted = " OR ".join(f"(i.kind = :kind{number} AND i.value_hash = :hash{number})" for number in range(count))
    found = ("SELECT i.kind, c.id, c.name, c.level, c.manager_id"
             " FROM customer_identity i JOIN customer c ON c.id = i.customer_id")
    return Read(f"{found} WHERE {wanted}")


def _create(hashed: Mapping[str, tuple[str, str]], name: str, level: str, now: int) -> dict[str, str] | None:
    """A new customer, or None if the same person came through another door at this moment."""
    customer = {"id": str(uuid.uuid4()), "name": _name(name), "level": level}
    db.session.execute(insert(Customer).values(**customer, attrs={}, created_at=now, updated_at=now))
    if _add(customer["id"], hashed, now) == len(hashed):
        return customer
    db.session.execute(delete(CustomerIdentity).where(CustomerIdentity.customer_id == customer["id"]))
    db.session.execute(delete(Customer).where(Customer.id == customer["id"]))
    return None


def _complete(
    customer: dict[str, str], taken: set[str], hashed: Mapping[str, tuple[str, str]], name: str, now: int
) -> dict[str, str]:
    _add(customer["id"], {kind: pair for kind, pair in hashed.items() if kind not in taken}, now)
    if not customer["name"] and _name(name):
        customer["name"] = _name(name)
        db.session.execute(
            update(Customer).where(Customer.id == customer["id"]).values(name=customer["name"], updated_at=now)
        )
    return customer


def _add(customer_id: str, hashed: Mapping[str, tuple[str, str]], now: int) -> int:
    """Add identities that nobody has; how many were added (another transaction may have been first)."""
    rows = [
        {
            "kind": kind,
            "value_hash": value_hash,
            "customer_id": customer_id,
            "created_at": now,
            "value": vault.seal(value, PLACE.format(kind=kind, hash=value_hash)),
        }
        for kind, (value_hash, value) in hashed.items()
    ]
    if not rows:
        return 0
    return len(db.session.execute(insert_new(CustomerIdentity, rows).returning(CustomerIdentity.kind)).all())


def _name(name: str) -> str:
    return "".join(letter for letter in name.strip() if letter.isprintable())[:MAX_NAME]
