"""What those who look after flows should see first: tickets that stand still, and what else is out of order."""
from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app import locales
from app.core.errors import localized
from app.core.principal import Principal
from app.definitions import service as definitions
from app.entries.models import Opening
from app.extensions import db
from app.flows.nodes.unavailable import Unavailable
from app.runtime import parked


@dataclass(frozen=True, slots=True)
class Care:
    """One thing to look at: what, a few words more, and where it is dealt with."""

    words: str
    more: str
    href: str


def care(actor: Principal) -> list[Care]:
    """What this person should look after; nothing for those who cannot."""
    found: list[Care] = []
    if actor.may("tickets.all"):
        found += _parked()
    if actor.may("definitions.edit"):
        found += [*_missing(), *_refused()]
    if actor.may("org.manage"):
        found += _plugins()
    return found


def _parked() -> list[Care]:
    locale = locales.current()
    return [Care(
        ngettext("Flow “%(name)s”: %(num)s ticket stands still", "Flow “%(name)s”: %(num)s tickets stand still",
                 one.count, name=localized(one.flow, locale)),
        _("At “%(step)s”: %(why)s", step=localized(one.step, locale), why=one.why),
        parked.path(one.type_key, one.cause),
    ) for one in parked.troubles(locale)]


def _missing() -> list[Care]:
    """Flows in use with a step whose type is not installed."""
    locale = locales.current()
    found: dict[str, Care] = {}
    for kind in definitions.current_types():
        flow = definitions.bundle(kind.id).flow
        gone = [node for node in flow.nodes.values() if isinstance(node.type, Unavailable)]
        steps = [str(localized(node.name, locale)) for node in gone]
        if steps:
            found[flow.key] = Care(
                _("Flow “%(name)s” has steps that are not installed", name=localized(flow.name, locale)),
                _("Tickets will stop at: %(steps)s", steps=_(", ").join(steps)), url_for("flows.editor", key=flow.key))
    return list(found.values())


def _refused() -> list[Care]:
    count = db.session.scalar(select(func.count()).select_from(Opening).where(Opening.state == "refused")) or 0
    if not count:
        return []
    return [Care(ngettext("%(num)s request could not become a ticket", "%(num)s requests could not become tickets",
                          count), "", url_for("openings.index", show="refused"))]


def _plugins() -> list[Care]:
    names = [plugin.name for plugin in current_app.extensions["plugins"] if plugin.reason]
    if not names:
        return []
    return [Care(ngettext("%(num)s plugin is left out", "%(num)s plugins are left out", len(names)),
                 _(", ").join(names), url_for("plugins.index"))]
