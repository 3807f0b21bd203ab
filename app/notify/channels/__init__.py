"""The channels of this installation: one file each; a new one is a file here and a line below."""

from __future__ import annotations

from app.core.catalog import Catalog
from app.notify.channels.email import Email
from app.notify.channels.inbox import Inbox
from app.notify.channels.mention import Mention
from app.notify.channels.mini_program import MiniProgram
from app.notify.channels.robot import Robot
from app.notify.channels.sms import Sms
from app.notify.channels.voice import Voice
from app.notify.channels.wecom import Wecom
from app.notify.templates import load_templates

CHANNELS = (Inbox, Wecom, Mention, Voice, Sms, MiniProgram, Email, Robot)


def register(catalog: Catalog) -> None:
    """Add the built-in channels and message templates to a catalogue."""
    for channel in CHANNELS:
        catalog.channels.add(channel.name, channel())
    for key, template in load_templates().items():
        catalog.templates.add(key, template)
