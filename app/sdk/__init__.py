"""Everything that a plugin may import from the product (docs/plugins.md). What is not here may change any day."""
from __future__ import annotations

from app.core.errors import Problem, localized
from app.core.expressions import OPERATORS, Env
from app.flows.base import (
    Action,
    Answer,
    Ctx,
    Go,
    Job,
    Mark,
    Message,
    NodeType,
    Note,
    Outcome,
    Owner,
    Park,
    Port,
    Task,
    Timer,
    Wait,
)
from app.flows.calls import MISSING, Retry, SystemCall, part
from app.flows.calls import call as call_system
from app.flows.config import Schema
from app.flows.ctx import words
from app.flows.say import Say
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, Sensitive, Settings, names, ui
from app.forms.fields.date import clock_now, read_day, today
from app.forms.fields.time import read_clock
from app.forms.keys import Each, Flag, Int, Num, Str, Words
from app.forms.text import brief, clean_text, kind_ascii
from app.notify.base import Channel, Receipt, SendError
from app.notify.base import Message as Sending
from app.runtime.effects.base import Effect, EffectError, Result, Work
from app.sdk import fields

__all__ = [
    "MISSING", "OPERATORS", "Action", "Answer", "Asking", "Channel", "Ctx", "Each", "Effect", "EffectError", "Env",
    "Field", "FieldType", "Flag", "FormPorts", "Go", "Int", "Job", "Mark", "Message", "NodeType", "Note", "Num",
    "Outcome", "Owner", "Park", "Port", "Posted", "Problem", "Receipt", "Result", "Retry", "Say", "Schema",
    "SendError", "Sending", "Sensitive", "Settings", "Str", "SystemCall", "Task", "Timer", "Wait", "Words", "Work",
    "brief", "call_system", "clean_text", "clock_now", "fields", "kind_ascii", "localized", "names", "part",
    "read_clock", "read_day", "today", "ui", "words",
]
