"""Properties of assignment: what limits a person, what a ticket needs of them, decision tables."""
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import marshmallow as ma

from app.core.errors import Problem
from app.flows.config.domain import BUILD, Condition, FieldRef, People, RefText
from app.flows.config.numbers import Duration, Integer
from app.flows.config.plain import (
    Items,
    Key,
    Part,
    Rows,
    Schema,
    Select,
    Switch,
    Template,
    Text,
    names,
    refuse,
    shown,
)

MAX_LINES = 300
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?"
_SIDE = re.compile(rf"(>=|<=|>|<)\s*({_NUMBER})")
_RANGE = re.compile(rf"({_NUMBER})\s*(?:~|～|\.\.)\s*({_NUMBER})")


# ---- limits: the same four at every step that gives a ticket to somebody ---------------------------------------------


def max_open() -> Integer:
    """How many open tasks a person may have."""
    return Integer(min=1, max=1000, load_default=None, label=names("每人手上最多几单", "Most open tasks a person"))


def max_per_day() -> Integer:
    """How many tickets a person may get from this step in a day."""
    return Integer(min=1, max=1000, load_default=None,
                   label=names("每人每天最多接几单", "Most tickets a person a day"),
                   hint=names("只算从这个节点接到的", "Counts those that came from this step"))


def cool_down() -> Duration:
    """How long a person is left alone after a ticket from this step."""
    return Duration(min=1000, load_default=None, label=names("接一单后歇多久", "Pause after each ticket"))


def on_duty() -> Switch:
    """Whether only people whose shift is on are asked."""
    return Switch(load_default=False, label=names("只找当班的人", "Only people on duty"),
                  hint=names("没有排班的人视为一直当班", "People without a shift are always on duty"))


# ---- skills ----------------------------------------------------------------------------------------------------------


class Skill(RefText):
    """The name of a skill; a chip takes it from an answer."""

    widget = "skill"


class Need(Schema):
    skill = Skill(required=True, max_length=80, label=names("技能", "Skill"))
    level = Integer(min=1, max=5, load_default=1, label=names("至少几级", "Level at least"))
    when = Condition(load_default=None, label=names("仅当", "Only if"))

    @ma.validates_schema
    def _named(self, data: Any, **_: Any) -> None:
        if isinstance(data.get("skill"), str) and not data["skill"].strip():
            raise ma.ValidationError({"skill": [Problem("flow_missing")]})


# ---- backlog ---------------------------------------------------------------------------------------------------------


class GuardSchema(Schema):
    waiting = Integer(min=1, max=100_000, load_default=None, label=names("积压到几单报警", "Alarm at so many"))
    oldest = Duration(min=60_000, load_default=None, label=names("最久等了多久报警", "Alarm after so long a wait"))
    normal = Integer(min=0, max=100_000, load_default=None, label=names("回落到几单算恢复", "Normal again at so many"),
                     hint=names("不填就是报警数的一半", "Half of the alarm's number if left empty"))
    how = Select(load_default="borrow",
                 options={"borrow": names("请别的人一起处理", "Others help"),
                          "divert": names("新来的转给别的人", "New tickets go to others"),
                          "tell": names("只报警", "Only tell somebody")},
                 label=names("积压时怎么办", "What to do"))
    people = People(load_default=list, label=names("请谁帮忙", "Who helps"))
    tell = People(required=True, label=names("告诉谁", "Who is told"))
    template = Template(load_default="backlog_raised", label=names("报警消息", "Message of the alarm"))
    over = Template(load_default="backlog_over", label=names("恢复消息", "Message when it is over"))

    @ma.validates_schema
    def _whole(self, data: Any, **_: Any) -> None:
        if data.get("waiting") is None and data.get("oldest") is None:
            raise ma.ValidationError({"waiting": [Problem("flow_guard_when")]})
        if data.get("how", "borrow") != "tell" and not data.get("people"):
            raise ma.ValidationError({"people": [Problem("flow_missing")]})
        waiting, normal = data.get("waiting"), data.get("normal")
        if waiting is not None and normal is not None and normal >= waiting:
            raise ma.ValidationError({"normal": [Problem("flow_guard_normal", waiting=waiting)]})


class Guard(Part):
    """What happens when too much waits at a step."""

    def __init__(self) -> None:
        super().__init__(GuardSchema, load_default=None, label=names("积压保护", "Backlog guard"))


# ---- decision tables -------------------------------------------------------------------------------------------------


class Sourced(FieldRef):
    """A reference, with the source its answers are chosen from. → `{"ref", "source" (None: not of a source)}`"""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        ref = super()._deserialize(value, attr, data, **more)
        return {"ref": ref, "source": BUILD.get().sources.get(ref)}


class Column(Schema):
    ref = Sourced(required=True, label=names("看哪一项", "Look at"))
    attr = Key(load_default=None, label=names("取它的哪一列", "Which column of it"),
                  hint=names("选门店这类字段时可用，例如门店的“区域”", "For fields such as the store: its region"))

    @ma.validates_schema
    def _of_a_source(self, data: Any, **_: Any) -> None:
        ref = data.get("ref")
        if data.get("attr") and ref and ref["source"] is None and BUILD.get().types is not None:
            raise ma.ValidationError({"attr": [Problem("flow_of_no_source", ref=ref["ref"])]})


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell lets through: any of `texts`, a number in any of `spans` (low, included, high, included; None =
    open). Empty: everything."""

    texts: frozenset[str]
    spans: tuple[tuple[Decimal | None, bool, Decimal | None, bool], ...]

    @property
    def any(self) -> bool:
        """Whether it lets everything through."""
        return not self.texts and not self.spans


class CellText(Text):
    """One value of a cell: a text, or a range of numbers (`>=5000`, `1000~5000`)."""


class Cells(Items):
    """The values that a cell lets through; none: all. → Cell"""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        return cell(super()._deserialize(value, attr, data, **more))


class Line(Schema):
    is_ = Items(Cells(CellText(max_length=80, label=names("值", "Value")), max=50, label=names("格", "Cell")),
                max=10, data_key="is", required=True, label=names("条件", "When"))
    to = People(required=True, label=names("派给", "To"))


class TableSchema(Schema):
    columns = Rows(Column, min=1, max=10, required=True, label=names("看哪几项", "Dimensions"))
    match = Select(load_default="first",
                   options={"first": names("从上往下，第一行符合的", "The first row that fits"),
                            "best": names("最具体的一行", "The most specific row")},
                   label=names("几行都符合时", "If several rows fit"))
    rows = Rows(Line, min=1, max=MAX_LINES, required=True, label=names("派单表", "Rows"))
    otherwise = People(load_default=list, label=names("都不符合时派给", "If no row fits"))


class DecisionTable(Part):
    """Any number of dimensions → people; every row has a cell for each dimension."""

    widget = "table"

    def __init__(self, **more: Any) -> None:
        super().__init__(TableSchema, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> SimpleNamespace:
        table: SimpleNamespace = super()._deserialize(value, attr, data, **more)
        wanted = len(table.columns)
        wrong: dict[Any, Any] = {at: {"is": [Problem("flow_table_cells", count=len(row.is_), wanted=wanted)]}
                                 for at, row in enumerate(table.rows) if len(row.is_) != wanted}
        if wrong:
            raise ma.ValidationError({"rows": wrong})
        return table


def cell(values: list[str]) -> Cell:
    """The values of a cell as they are compared. Raises ValidationError for a range from high to low."""
    texts: set[str] = set()
    spans: list[tuple[Decimal | None, bool, Decimal | None, bool]] = []
    for value in values:
        text = value.strip()
        side, between = _SIDE.fullmatch(text), _RANGE.fullmatch(text)
        if side:
            point = Decimal(side[2])
            spans.append((point, side[1] == ">=", None, False) if side[1][0] == ">"
                         else (None, False, point, side[1] == "<="))
        elif between:
            low, high = Decimal(between[1]), Decimal(between[2])
            if low > high:
                raise refuse("flow_table_range", value=shown(value))
            spans.append((low, True, high, True))
        elif text:
            texts.add(text)
    return Cell(frozenset(texts), tuple(spans))
