"""What steps for people have in common, and what names another flow's tickets."""
from __future__ import annotations

from app.flows.config.plain import Items, Key, Select, names

MAY = {
    "transfer": names("转交", "Transfer"),
    "delegate": names("委托同事代办", "Have it done by a colleague"),
    "add_sign": names("加签", "Ask somebody else first"),
    "return_to": names("退回到之前的步骤", "Return to an earlier step"),
    "recall": names("撤回刚才的操作", "Take the last action back"),
    "comment": names("备注", "Comment"),
    "cc": names("抄送", "Copy to"),
}
CUSTOMER_MAY = {"urge": names("催办", "Urge"), "withdraw": names("撤回申请", "Withdraw")}


class TicketType(Key):
    """A type of tickets."""

    widget = "ticket_type"
    chosen = True


def may_also() -> Items:
    """What whoever has the task may do besides its buttons."""
    return Items(Select(options=MAY, label=names("操作", "Right")), load_default=list,
                 label=names("还可以", "May also"))


def customer_may() -> Items:
    """What the customer may do on their page."""
    return Items(Select(options=CUSTOMER_MAY, label=names("操作", "Right")), load_default=lambda: ["urge"],
                 label=names("客户在进度页可以", "On their page the customer may"))
