"""Customers' own managers: who looks after whom."""
from __future__ import annotations

import re

from app.core.errors import Invalid, NotFound, Problem
from app.core.principal import Principal
from app.customers import service as customers
from app.extensions import db
from app.org.access import require
from app.org.people import find_person

RIGHT = "org.manage"
MAX_LINES = 500
NOBODY = "-"


def save_lines(text: str, *, actor: Principal, now: int) -> int:
    """Lines of a customer's phone number and a colleague's login (`-`: nobody any more); how many were saved.

    One commit, all or nothing: raises Invalid, the line's number as `where`.
    """
    require(actor, RIGHT)
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) > MAX_LINES:
        raise Problem("managers_many", where="lines", max=MAX_LINES)
    problems: list[Problem] = []
    count = 0
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            _save(line, now)
            count += 1
        except Problem as problem:
            problems.append(Problem("managers_line", where=str(number), number=number,
                                    reason={"zh": problem.message("zh"), "en": problem.message("en")}))
    if problems:
        raise Invalid(problems)
    if not count:
        raise Problem("managers_none", where="lines")
    db.session.commit()
    return count


def _save(line: str, now: int) -> None:
    parts = re.split(r"[\s,，;；]+", line)
    if len(parts) != 2:
        raise Problem("managers_bad", where="line", value=line[:60])
    customer = customers.find({"phone": parts[0]})
    if customer is None:
        raise NotFound("customer_unknown", where=parts[0][:60])
    person = None if parts[1] == NOBODY else find_person(parts[1])
    if person is None and parts[1] != NOBODY:
        raise NotFound("person_unknown", where=parts[1][:60])
    customers.set_manager(customer["id"], person, now=now)
