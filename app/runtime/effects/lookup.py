"""Find a row in a table of the company; its cells resume the flow."""
from __future__ import annotations

from app.core.errors import NotFound
from app.org.finding import find
from app.org.live import Away
from app.runtime.effects.base import Effect, EffectError, Result, Work


class LookupEffect(Effect):
    """One look. A row that is not there is an answer, a table that is not there or does not answer is none."""

    name = "lookup"
    lane = "webhook"  # the table may live in another system
    outward = False
    max_attempts = 5
    backoff_ms = 5_000

    def run(self, work: Work) -> Result:
        """The row's cells, or EffectError if nobody could look."""
        args = work.payload["args"]
        try:
            row = find(args["source"], args["by"], args["key"])
        except NotFound as error:
            raise EffectError(error.code, permanent=True) from error
        except Away as error:
            raise EffectError(error.problem.code, permanent=False) from error
        return Result(True, row) if row else Result(False, {}, "none")
