"""The shape of a form definition: which keys stand where, with their bounds (docs/forms.md lists them for authors)."""
from __future__ import annotations

from app.forms.base import names, ui
from app.forms.fields.radio import MAX_OPTIONS, OptionKeys
from app.forms.keys import MAX_HINT, Any_, Each, Flag, Int, Keys, Map, Str, Sub, Words, ident
from app.forms.rules import MAX_RULES, RuleKeys
from app.forms.text import MASKS

MAX_FIELDS, MAX_SECTIONS, MAX_SETS = 500, 100, 200


class SettingsKeys(Keys):
    submit = Words(max_length=40, load_default="", metadata=ui("提交按钮文字", "Text of the submit button", "words"))
    draft = Flag(load_default=True,
                 metadata=ui("没填完的内容留在手机里", "Keep unfinished answers on the phone", "switch"))
    retention_days = Int(min=1, max=36_500, load_default=None, allow_none=True,
                         metadata=ui("资料保留天数", "Keep data for (days)", "number"))


class SectionKeys(Keys):
    id = ident("s_", required=True)
    title = Words(required=True, metadata=ui("标题", "Title", "words"))
    page = Flag(load_default=False, metadata=ui("从这里开始新的一页", "A new page begins here", "switch"))


class ActiveKeys(Keys):
    since = Str(data_key="from", max_length=40, load_default=None, allow_none=True, metadata=ui("开始", "From", "date"))
    until = Str(data_key="to", max_length=40, load_default=None, allow_none=True,
                metadata=ui("结束（含当天）", "To (that day included)", "date"))
    tz = Str(max_length=60, load_default="Asia/Shanghai", metadata=ui("时区", "Time zone", "text"))


MASK_NAMES = {
    "phone": names("手机号：138****8000", "Phone: 138****8000"), "name": names("姓名：张**", "Name: first letter only"),
    "email": names("邮箱：首字母和域名", "E-mail: first letter and domain"),
    "idcard": names("证件号：保留首尾", "Identity number: both ends"), "tail4": names("只留后四位", "Last four only"),
    "all": names("全部遮住", "Everything"),
}


SENSITIVE_HINT = names("员工默认只看到遮挡后的内容；下面选中的角色可以看原文，看了会留下记录。",
                       "Staff see it masked; the roles below may see all of it, and each look is recorded.")


class SensitiveKeys(Keys):
    mask = Str(choices=MASKS, load_default="all", metadata=ui("遮挡方式", "Mask", "select", options=MASK_NAMES))
    reveal = Each(ident(), most=50, load_default=list,
                  metadata=ui("可以查看原文的角色", "Roles that may reveal it", "roles"))
    encrypt = Flag(load_default=True, metadata=ui("加密保存", "Store it encrypted", "switch"))


class DesktopKeys(Keys):
    columns = Int(min=1, max=4, load_default=1, metadata=ui("电脑上显示几列", "Columns on a computer", "number"))
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
    label = Words(required=True, metadata=ui("标题", "Label", "words"))
    hint = Words(max_length=MAX_HINT, load_default="", metadata=ui("填写说明", "Hint", "words"))
    required_ = Flag(data_key="required", load_default=False, metadata=ui("必填", "Required", "switch"))
    default = Any_(load_default=None, allow_none=True, metadata=ui("默认值", "Default", "answer"))


class FieldKeys(ColumnKeys):
    section = ident("s_", load_default=None, allow_none=True)
    readonly = Flag(load_default=False,
                    metadata=ui("只读（由系统填入）", "Read-only (filled in by the system)", "switch"))
    prefill = Str(load_default=None, allow_none=True,
                  pattern=r"((link|customer|ticket|ctx|vars)\.[a-z]|history\.f_)[a-z0-9_]{0,39}",
                  metadata=ui("自动带出", "Fill in automatically", "prefill"))
    active = Sub(ActiveKeys, load_default=None, allow_none=True,
                 metadata=ui("只在活动期间出现", "Only during a campaign", "active"))
    sensitive = Sub(SensitiveKeys, load_default=None, allow_none=True,
                    metadata=ui("敏感信息", "Sensitive data", "sensitive", hint=SENSITIVE_HINT))


COLUMN_NAMES = frozenset(field.data_key or name for name, field in ColumnKeys().fields.items())
FIELD_NAMES = frozenset(field.data_key or name for name, field in FieldKeys().fields.items())
