"""Call another system through a connector; its answer resumes the flow."""
from __future__ import annotations

from app.core.errors import NotFound
from app.extensions import db
from app.org.connectors import call, connector
from app.outbound import OutboundError
from app.runtime.effects.base import Effect, EffectError, Result, Work

AGAIN = frozenset({408, 425, 429})  # refusals that mean "later"; so do all of 500 and above


class WebhookEffect(Effect):
    """One HTTP call. Answers of 2xx are ok; a refusal goes back to the flow, a failure is tried again."""

    name = "webhook"
    lane = "webhook"
    max_attempts = 5
    backoff_ms = 5_000

    def run(self, work: Work) -> Result:
        """Call, or raise EffectError if no answer came or the other side is not well."""
        args = work.payload["args"]
        try:
            to = connector(args["connector"])
        except NotFound as error:
            raise EffectError(error.code, permanent=True) from error
        finally:
            db.session.rollback()  # no transaction waits for the network
        try:
            called = call(
                to, args.get("method") or "POST", args["path"], args.get("body"), args.get("headers") or {},
                int(work.payload["timeout_ms"]), work.idem_key,
            )
        except OutboundError as error:
            raise EffectError(f"{error.code}: {error}"[:300], permanent=error.permanent) from error
        if called.status in AGAIN or called.status >= 500:
            raise EffectError(f"http_{called.status}", permanent=False)
        refusal = "" if called.ok else f"http_{called.status}"
        return Result(called.ok, {"status": called.status, **called.result}, refusal)
