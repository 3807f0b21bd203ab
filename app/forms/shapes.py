"""The shape of a form definition: which keys stand where, with their bounds (docs/forms.md lists them for authors)."""
from __future__ import annotations

from app.forms.fields.radio import MAX_OPTIONS, OptionKeys
from app.forms.keys import MAX_HINT, Any_, Each, Flag, Int, Keys, Map, Str, Sub, Words, ident
from app.forms.rules import MAX_RULES, RuleKeys
from app.forms.text import MASKS

MAX_FIELDS, MAX_SECTIONS, MAX_SETS = 500, 100, 200


class SettingsKeys(Keys):
    submit = Words(max_length=40, load_default="")
    draft = Flag(load_default=True)
    retention_days = Int(min=1, max=36_500, load_default=None, allow_none=True)


class SectionKeys(Keys):
    id = ident("s_", required=True)
    title = Words(required=True)


class ActiveKeys(Keys):
    since = Str(data_key="from", max_length=40, load_default=None, allow_none=True)
    until = Str(data_key="to", max_length=40, load_default=None, allow_none=True)
    tz = Str(max_length=60, load_default="Asia/Shanghai")


class SensitiveKeys(Keys):
    mask = Str(choices=MASKS, load_default="all")
    reveal = Each(ident(), most=50, load_default=list)
    encrypt = Flag(load_default=True)


class DesktopKeys(Keys):
    columns = Int(min=1, max=4, load_default=1)
    span = Map(ident("f_"), Int(min=1, max=4), load_default=dict)


class LayoutKeys(Keys):
    desktop = Sub(DesktopKeys, load_default=lambda: DesktopKeys().load({}))


class FormKeys(Keys):
    schema = Str(required=True)
    key = ident(required=True)
    locale = Str(pattern=r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", load_default="zh-CN")
    locales = Each(Str(pattern=r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"), most=20, load_default=None)
    title = Words(required=True)
    settings = Sub(SettingsKeys, load_default=lambda: SettingsKeys().load({}))
    option_sets = Map(ident(), Each(Sub(OptionKeys), most=MAX_OPTIONS), most=MAX_SETS, load_default=dict)
    sections = Each(Sub(SectionKeys), most=MAX_SECTIONS, load_default=list)
    fields_ = Each(Any_(), data_key="fields", least=1, most=MAX_FIELDS, required=True)
    rules = Each(Sub(RuleKeys), most=MAX_RULES, load_default=list)
    layout = Sub(LayoutKeys, load_default=lambda: LayoutKeys().load({}))


class ColumnKeys(Keys):
    """Keys that every field has; what remains belongs to its type."""

    id = ident("f_", required=True)
    type = Str(required=True, max_length=60)
    label = Words(required=True)
    hint = Words(max_length=MAX_HINT, load_default="")
    required_ = Flag(data_key="required", load_default=False)
    default = Any_(load_default=None, allow_none=True)


class FieldKeys(ColumnKeys):
    section = ident("s_", load_default=None, allow_none=True)
    readonly = Flag(load_default=False)
    prefill = Str(load_default=None, allow_none=True, pattern=r"(link|customer|ticket|ctx|vars)\.[a-z][a-z0-9_]{0,39}")
    active = Sub(ActiveKeys, load_default=None, allow_none=True)
    sensitive = Sub(SensitiveKeys, load_default=None, allow_none=True)


COLUMN_NAMES = frozenset(field.data_key or name for name, field in ColumnKeys().fields.items())
FIELD_NAMES = frozenset(field.data_key or name for name, field in FieldKeys().fields.items())
