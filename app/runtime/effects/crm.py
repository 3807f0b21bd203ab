"""Change what is known of a customer, as a flow says; what they are known as now resumes the flow."""
from __future__ import annotations

from app.core.errors import Problem
from app.customers import events
from app.extensions import db
from app.runtime.effects.base import Effect, EffectError, Result, Work


class CrmEffect(Effect):
    """All changes of one step or none, in one transaction. Made again they change nothing: what is there stays."""

    name = "crm"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """Change it, or EffectError with the reason: nobody is called so, too many tags, a name that is no name."""
        args = work.payload["args"]
        customer, now = str(args["customer"]), work.now
        try:
            for change in args["changes"]:
                do, value = change["do"], str(change["value"])
                if do == "tag":
                    events.add_tag(customer, value, now=now)
                elif do == "untag":
                    events.remove_tag(customer, value, now=now)
                elif do == "stage":
                    events.set_stage(customer, value, now=now)
                else:
                    events.set_field(customer, change["field"], value, now=now)
            facts = events.profile(customer)
            db.session.commit()
        except Problem as problem:
            db.session.rollback()
            raise EffectError(problem.code, permanent=True) from problem
        return Result(True, facts)
