"""Who may call the flow designer: whoever edits definitions, and for branches also the people of their department."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from app.core.errors import Denied
from app.definitions.rights import kind_of, may_edit
from app.extensions import db, reading
from app.security import me, staff

View = Callable[..., Any]


def edits(view: View) -> View:
    """For who may change the flow or the branch under the address's key now."""

    @wraps(view)
    def guarded(key: str, **more: Any) -> Any:
        with reading():
            may_edit(kind_of(key), key, me())
        db.session.rollback()  # the view begins its own transaction, which may be a long one
        return view(key=key, **more)

    return staff()(guarded)


def draws(view: View) -> View:
    """For who may change flows, or branches of them."""

    @wraps(view)
    def guarded(**more: Any) -> Any:
        if not (me().may("definitions.edit") or me().may("flows.branch")):
            raise Denied("right_missing", right="definitions.edit")
        return view(**more)

    return staff()(guarded)
