"""The effects that come with the product."""
from __future__ import annotations

from app.core.catalog import Catalog
from app.runtime.effects.crm import CrmEffect
from app.runtime.effects.family import TellParent, WithdrawChild
from app.runtime.effects.lookup import LookupEffect
from app.runtime.effects.message import MessageEffect
from app.runtime.effects.webhook import WebhookEffect


def register(catalog: Catalog) -> None:
    """Add them to an application's catalogue."""
    for effect in (CrmEffect(), LookupEffect(), MessageEffect(), WebhookEffect(), TellParent(), WithdrawChild()):
        catalog.effects.add(effect.name, effect)
