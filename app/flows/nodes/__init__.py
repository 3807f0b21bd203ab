"""The built-in node types: one class in one file each; a new one is a file here and a line below."""
from __future__ import annotations

from app.core.catalog import Catalog
from app.flows.base import NodeType
from app.flows.nodes.action_crm import Crm
from app.flows.nodes.action_webhook import Webhook
from app.flows.nodes.assign_auto import AutoAssign
from app.flows.nodes.assign_escalate import Escalate
from app.flows.nodes.branch_condition import ConditionBranch
from app.flows.nodes.branch_join import Join
from app.flows.nodes.branch_parallel import Parallel
from app.flows.nodes.data_classify import Classify
from app.flows.nodes.data_dedupe import Dedupe
from app.flows.nodes.data_lookup import Lookup
from app.flows.nodes.data_set import SetData
from app.flows.nodes.flow_end import FlowEnd
from app.flows.nodes.flow_loop import Loop
from app.flows.nodes.flow_subticket import Subticket
from app.flows.nodes.notify_customer import NotifyCustomer
from app.flows.nodes.notify_group import NotifyGroup
from app.flows.nodes.notify_staff import NotifyStaff
from app.flows.nodes.task_approval import Approval
from app.flows.nodes.task_claim import Claim
from app.flows.nodes.task_handle import Handle
from app.flows.nodes.timer_delay import Delay
from app.flows.nodes.timer_sla import Sla
from app.flows.nodes.trigger_api import Api
from app.flows.nodes.trigger_chat_sidebar import ChatSidebar
from app.flows.nodes.trigger_crm_event import CrmEvent
from app.flows.nodes.trigger_keyword import Keyword
from app.flows.nodes.trigger_public_form import PublicForm
from app.flows.nodes.trigger_schedule import Schedule
from app.flows.nodes.wait_customer import WaitCustomer
from app.flows.nodes.wait_event import WaitEvent

TYPES: tuple[type[NodeType], ...] = (
    ChatSidebar,
    PublicForm,
    Api,
    Keyword,
    CrmEvent,
    Schedule,
    Classify,
    SetData,
    Lookup,
    Dedupe,
    ConditionBranch,
    Parallel,
    Join,
    AutoAssign,
    Escalate,
    Claim,
    Handle,
    Approval,
    NotifyStaff,
    NotifyCustomer,
    NotifyGroup,
    Delay,
    Sla,
    WaitCustomer,
    WaitEvent,
    Webhook,
    Crm,
    Loop,
    Subticket,
    FlowEnd,
)


def register(catalog: Catalog) -> None:
    """Add the built-in node types to an application's catalogue."""
    for node_type in TYPES:
        catalog.nodes.add((node_type.type, node_type.version), node_type())
