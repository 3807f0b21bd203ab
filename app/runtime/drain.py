"""Carrying out effects: claim a batch, run each row's handler, note how it ended."""
from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import asdict

import structlog

from app.core.errors import Problem
from app.extensions import db, parts
from app.runtime import outbox, seals, service
from app.runtime.effects.base import Effect, EffectError, Result, Work
from app.runtime.outbox import Ending, Row
from app.wire import Wire

log = structlog.get_logger(__name__)

BUSY_S = 20.0  # then others of the same process have a turn
TELLS = 8  # tries at telling a flow, besides those at the job itself

_chance = random.Random()


class Drain:
    """One worker's way through the outbox. `stop` is asked between rows: what is claimed then goes back at once."""

    def __init__(
        self, worker: str, *, lease_ms: int = outbox.LEASE_MS, batch: int = outbox.BATCH,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.worker = worker
        self.lease_ms = lease_ms
        self.batch = batch
        self.stop = stop

    def lane(self, lane: str) -> int:
        """Carry out everything of a lane that is due; returns how many tries were made."""
        tried, until = 0, time.monotonic() + BUSY_S
        while not self.stop() and time.monotonic() < until:
            with Wire() as wire:
                rows = outbox.claim(wire, self.worker, lane, self.batch, self.lease_ms)
            if not rows:
                break
            tried += self._batch(rows)
        return tried

    def _batch(self, rows: list[Row]) -> int:
        renewed = time.monotonic()
        waiting: list[Ending] = []  # handlers without an outside: noted together
        for index, row in enumerate(rows):
            if self.stop():
                self._end([*waiting, *(Ending(left, "ready", left.now, "stopped") for left in rows[index:])])
                return index
            if time.monotonic() - renewed > self.lease_ms / 3000:
                with Wire() as wire:
                    if not outbox.renew(wire, row.lease, self.lease_ms):
                        log.warning("lease_lost", worker=self.worker, rows=len(rows) - index)
                        return index
                renewed = time.monotonic()
            handler: Effect | None = parts().catalog.effects.find(row.kind)
            ending = self._run(row, handler)
            if ending is None:
                continue
            if handler is not None and handler.outward:
                self._end([ending])
            else:
                waiting.append(ending)
        self._end(waiting)
        return len(rows)

    def _end(self, endings: list[Ending]) -> None:
        if not endings:
            return
        with Wire() as wire:
            kept = outbox.end(wire, self.worker, endings)
        if kept < len(endings):
            log.warning("lease_lost", worker=self.worker, rows=len(endings) - kept)

    def _run(self, row: Row, handler: Effect | None) -> Ending | None:
        """Try one row. None: the step that its answer caused has ended it already."""
        if seals.RESULT in row.payload:
            return self._retold(row)  # it was carried out before: only the flow has not heard of it
        if handler is None:
            return self._failed(row, row.now, EffectError("effect_unknown", permanent=True))
        started, clock = row.now, time.monotonic()
        try:
            payload = seals.unpack(row.payload, row.ticket_id, row.key)
            work = Work(row.idem_key, row.ticket_id, row.key, row.no, row.token, payload, row.now)
            result = handler.run(work)
        except EffectError as error:
            return self._failed(row, started, error)
        except Exception as error:  # noqa: BLE001 - a handler's bug must not take the worker and its other rows down
            log.error("effect_failed", kind=row.kind, ticket=row.ticket_id, key=row.key, exc_info=True)
            return self._failed(row, started, EffectError(type(error).__name__, permanent=False))
        finally:
            db.session.remove()
        note = log.info if handler.outward else log.debug
        note("effect_done", kind=row.kind, key=row.key, ms=round((time.monotonic() - clock) * 1000))
        return self._told(row, started, "done", result) if row.is_job else Ending(row, "done", started)

    def _failed(self, row: Row, started: int, error: EffectError) -> Ending | None:
        if not error.permanent and row.attempts < row.max_attempts:
            return Ending(row, "ready", started, str(error), outbox.delay_ms(row, _chance))
        log.error("effect_dead", kind=row.kind, ticket=row.ticket_id, key=row.key, error=str(error))
        if row.is_job:
            return self._told(row, started, "dead", Result(False, {}, str(error)))
        return Ending(row, "dead", started, str(error))

    def _told(self, row: Row, started: int, state: str, result: Result) -> Ending | None:
        """Keep what the job brought, then tell the flow. Whatever goes wrong with the telling, the job is not done
        again: the other system must not be called twice for a step that our own side cannot make."""
        kept = seals.with_result(row.payload, row.ticket_id, row.key, {"state": state, **asdict(result)})
        with Wire() as wire:
            outbox.keep(wire, row, kept)
        return self._tell(row, started, state, result)

    def _retold(self, row: Row) -> Ending | None:
        """Tell the flow what the job brought earlier."""
        kept = seals.result_in(row.payload, row.ticket_id, row.key)
        return self._tell(row, row.now, kept.pop("state"), Result(**kept))

    def _tell(self, row: Row, started: int, state: str, result: Result) -> Ending | None:
        """One try at telling the flow; ends the row in the same commit. A step that is refused is a dead row."""
        finish = {
            "outbox_id": row.id, "lease": row.lease, "finish_state": state, "worker": self.worker, "started": started,
            "finish_error": result.error[: outbox.MAX_ERROR] or None, "attempt_no": row.attempts,
        }
        try:
            if service.job_done(row.id, row.lease, finish, ok=result.ok, result=result.result, error=result.error):
                return None
            handler: Effect | None = parts().catalog.effects.find(row.kind)
            if handler is not None:
                handler.unwanted(seals.unpack(row.payload, row.ticket_id, row.key), result)
        except Problem as problem:
            log.error("job_refused", ticket=row.ticket_id, key=row.key, code=problem.code)
            return Ending(row, "dead", started, f"flow: {problem.code}")
        except Exception as error:  # noqa: BLE001 - a bug in a step, or the database away for a moment: told later
            log.error("job_untold", ticket=row.ticket_id, key=row.key, exc_info=True)
            again = row.attempts < row.max_attempts + TELLS
            return Ending(row, "ready" if again else "dead", started, f"flow: {type(error).__name__}",
                          outbox.delay_ms(row, _chance))
        finally:
            db.session.remove()
        return Ending(row, state, started, result.error)

    def sweep(self) -> int:
        """Give back what dead workers held; returns how many rows."""
        with Wire() as wire:
            given = outbox.give_back(wire)
            last = outbox.take_last(wire, self.worker, self.lease_ms)
        for row in last:
            ending = (self._retold(row) if seals.RESULT in row.payload
                      else self._failed(row, row.now, EffectError("worker_lost", permanent=True)))
            if ending is not None:
                self._end([ending])
        return given + len(last)
