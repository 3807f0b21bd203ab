"""What the editor's calls may carry; unknown keys are refused by name."""
from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from app.core import strictjson
from app.core.errors import Invalid, Malformed
from app.core.expressions import LIMITS
from app.definitions import comments
from app.forms.keys import Any_, Each, Flag, Int, Keys, Map, Str, instance, problems

STEP = "[A-Za-z0-9_.-]{0,40}"
LOCALES = ("zh-CN", "en")
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Draft(Keys):
    rev = Int(min=0, max=2**31 - 1, required=True)
    content = Any_(required=True)


class Content(Keys):
    content = Any_(required=True)


class Preview(Content):
    locale = Str(choices=LOCALES, required=True)
    values = Map(Str(max_length=60), Any_(allow_none=True), most=600, load_default=dict)
    send = Flag(load_default=False)


class Formula(Content):
    src = Str(max_length=LIMITS["source"], required=True)
    scope = Str(max_length=40, load_default="form")
    nulls_as_zero = Flag(load_default=False)
    values = Map(Str(max_length=60), Any_(allow_none=True), most=600, load_default=None, allow_none=True)
    row = Map(Str(max_length=60), Any_(allow_none=True), most=100, load_default=dict)


class Simulate(Content):
    scenario = Any_(required=True)


class Bring(Content):
    file = Any_(required=True)


class Replay(Content):
    before = Int(min=1, max=2**53, load_default=None, allow_none=True)


class RehearseSettings(Content):
    shares = Str(choices=("history", "scenarios"), load_default="history")


class Rehearse(RehearseSettings):
    plan = Any_(required=True)
    other = Any_(load_default=None, allow_none=True)


class Compare(Keys):
    old = Any_(required=True)
    new = Any_(required=True)


class Restore(Keys):
    rev = Int(min=1, max=2**31 - 1, required=True)
    version = Str(max_length=60, required=True)


class Revision(Keys):
    rev = Int(min=1, max=2**31 - 1, required=True)


class Publish(Revision):
    ticked = Each(Str(max_length=400), most=5000, load_default=list)


class Fix(Content):
    fix = Map(Str(max_length=40), Any_(allow_none=True), most=20, required=True)


class Look(Keys):
    way = Str(choices=("into", "update"), required=True)
    choose = Map(Str(max_length=400), Str(choices=("ours", "theirs", "both")), most=2000, load_default=dict)


class Merge(Look):
    revs = Map(Str(max_length=40), Int(min=0, max=2**31 - 1), most=4, required=True)


class Note(Keys):
    note = Str(max_length=2000, load_default="")


class Opening(Keys):
    who = Str(max_length=100, required=True)


class Comment(Keys):
    id = Str(pattern=UUID, required=True)
    text = Str(max_length=comments.MAX_TEXT, required=True)
    step = Str(pattern=STEP, load_default="")
    name = Str(max_length=comments.MAX_LABEL, load_default="")
    thread = Str(pattern=f"({UUID})?", load_default="")


class Resolved(Keys):
    done = Flag(required=True)


class Seen(Keys):
    steps = Each(Str(pattern=STEP), most=2000, required=True)
    upto = Int(min=1, max=2**53, required=True)


def read(schema: type[Keys], data: bytes, max_bytes: int) -> dict[str, Any]:
    """The body as `schema` wants it. Raises Malformed, TooLarge, or Invalid with a problem per key."""
    body = strictjson.loads(data, max_bytes=max_bytes)
    if not isinstance(body, dict):
        raise Malformed("json_object")
    try:
        loaded: dict[str, Any] = instance(schema).load(body)
    except ValidationError as error:
        raise Invalid(problems(error.messages, "")) from None
    return loaded
