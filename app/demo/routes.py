"""The demo ERP: takes refunds as another company's system would. Not there in production."""

from __future__ import annotations

import hmac
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from app import locales
from app.core.strictjson import loads
from app.demo.models import DemoRefund
from app.demo.seed import Summary, summary
from app.extensions import clock, csrf, db, limiter, parts
from app.org.connectors import connector, sign
from app.security import public

bp = Blueprint("demo", __name__, url_prefix="/demo/erp")
csrf.exempt(bp)
limiter.exempt(bp)
MAX_KEY, MAX_ORDER, MAX_BODY, MOST = 200, 64, 16_384, Decimal("10000000")


@bp.app_template_global("demo_people")
def demo_people() -> Summary:
    """Who may be tried, for the sign-in page."""
    return summary(parts().settings.base_url, locales.current())


@bp.post("/refunds")
@public
def refunds() -> ResponseReturnValue:
    """Accept {"order_no", "amount"} once per Idempotency-Key; the same key again gets the same answer."""
    body = request.get_data(cache=False)
    key = request.headers.get("Idempotency-Key", "")
    signature = sign(connector("erp").secret, "POST", request.full_path.rstrip("?"), key, body)
    if not hmac.compare_digest(signature, request.headers.get("X-Danflow-Signature", "")):
        return jsonify(error="the signature does not fit"), 401
    if not 0 < len(key) <= MAX_KEY:
        return jsonify(error="Idempotency-Key is missing"), 400
    asked = loads(body, max_bytes=MAX_BODY)
    amount = _amount(asked)
    order_no = str(asked.get("order_no") or "") if isinstance(asked, dict) else ""
    if amount is None or len(order_no) > MAX_ORDER:
        return jsonify(error="order_no and an amount from 0 to 10000000 are expected"), 422
    known = db.session.get(DemoRefund, key)
    if known is None:
        known = DemoRefund(idem_key=key, order_no=order_no, amount=str(amount), at=clock.now_ms())
        db.session.add(known)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            known = db.session.get_one(DemoRefund, key)
    if (known.order_no, known.amount) != (order_no, str(amount)):
        return jsonify(error="this Idempotency-Key was used for another refund"), 409
    return jsonify(refund_no=f"R{known.at}", order_no=known.order_no, amount=known.amount, status="accepted"), 200


def _amount(asked: Any) -> Decimal | None:
    """Money as text; null and "" mean nothing to pay."""
    said = asked.get("amount", []) if isinstance(asked, dict) else []
    if said is not None and not isinstance(said, (str, int)):
        return None
    try:
        amount = Decimal(said or 0)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= MOST else None
