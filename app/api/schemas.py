"""Shapes of the API: what it takes (unknown keys refused, every input with a size) and what it gives."""
from __future__ import annotations

from marshmallow import INCLUDE, RAISE, Schema, fields, validate

from app.customers.service import KINDS
from app.flows.config.tasks import MAY
from app.runtime.queries import MAX_EVENTS, STATUSES

NAME = validate.Length(max=200)
TEXT = validate.Length(max=5000)
KEY = validate.Regexp(r"\A[a-z][a-z0-9_]{0,39}\Z", error="starts with a letter, holds a-z, 0-9 and _, 40 at most")


def uuid() -> fields.String:
    """An id that we made ourselves: parsing it again for every answer would prove nothing."""
    return fields.String(metadata={"format": "uuid"})


class Strict(Schema):
    """Refuses what it does not know."""

    class Meta:
        unknown = RAISE


class Problems(Schema):
    """A refusal: what is wrong, where, and the parts of it if there are several."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    where = fields.String(required=True)
    problems = fields.List(fields.Dict())


class Draft(Strict):
    """A definition to store: `rev` is the revision it was made from (0 for a new one)."""

    content = fields.Dict(required=True)
    rev = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class Nothing(Strict):
    """An empty object."""


class Anything(Schema):
    """Any object: what it means is for whoever it is for to say."""

    class Meta:
        unknown = INCLUDE


class Definition(Schema):
    """A definition and the version that is in force."""

    kind = fields.String()
    key = fields.String()
    rev = fields.Integer()
    version = fields.Integer(allow_none=True)
    content = fields.Dict()
    warnings = fields.List(fields.Dict())


class NewTicket(Strict):
    """A ticket to open: answers by field id, as the phone form would send them."""

    type = fields.String(required=True, validate=KEY)
    trigger = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    form = fields.Dict(keys=fields.String(validate=validate.Length(max=80)), load_default=dict)


class NewMessage(Strict):
    """What a customer wrote: `customer` is {kind of identity: value}, with a `name` perhaps; `id` is the sender's own,
    by which the same message is known again."""

    id = fields.String(required=True, validate=validate.Length(min=1, max=120))
    text = fields.String(required=True, validate=validate.Length(min=1, max=10_000))
    channel = fields.String(load_default="chat", validate=KEY)
    customer = fields.Dict(keys=fields.String(validate=validate.OneOf([*KINDS, "name"])), required=True,
                           values=fields.String(validate=validate.Length(max=128)), validate=validate.Length(min=1))


TAG = fields.String(validate=validate.Length(min=1, max=80))


class CustomerChange(Strict):
    """What is new about a customer: `customer` is {kind of identity: value}, with a `name` perhaps. `event` is what
    happened to them ("courseware_opened") with the sender's own `id`, by which it is known again."""

    customer = fields.Dict(keys=fields.String(validate=validate.OneOf([*KINDS, "name"])), required=True,
                           values=fields.String(validate=validate.Length(max=128)), validate=validate.Length(min=1))
    add_tags = fields.List(TAG, load_default=list, validate=validate.Length(max=20))
    remove_tags = fields.List(TAG, load_default=list, validate=validate.Length(max=20))
    stage = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    event = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=80))
    id = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=100))


class CustomerNow(Schema):
    """A customer as they stand."""

    id = uuid()
    name = fields.String()
    level = fields.String()
    tags = fields.List(fields.String())
    stage = fields.String()


class Heard(Schema):
    """What became of a message: `state` is none (no trigger takes it), opened, joined, repeat or refused (it is kept,
    and a manager is told why); the ticket where there is one."""

    state = fields.String()
    type = fields.String()
    trigger = fields.String()
    word = fields.String()
    ticket_id = uuid()
    no = fields.Integer()
    repeated = fields.Boolean()


class Action(Strict):
    """What to do with a task: `claim`, `approve`, `reject`, one of its own actions, or what its step allows besides:
    `transfer`, `delegate`, `add_sign` and `cc` (`to` a person; `when` an opinion is asked: before or after this task),
    `return_to` (`to` a step), `recall`, `comment`."""

    action = fields.String(required=True, validate=validate.Length(min=1, max=80))
    form = fields.Dict(keys=fields.String(validate=validate.Length(max=80)), load_default=dict)
    note = fields.String(load_default="", validate=TEXT)
    to = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    when = fields.String(load_default="before", validate=validate.OneOf(["before", "after"]))
    version = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1))


class Revealed(Schema):
    """A masked answer as it was given."""

    field = fields.String()
    label = fields.String()
    display = fields.String()
    value = fields.Raw()


class Note(Strict):
    """A remark or a reason."""

    note = fields.String(required=True, validate=validate.And(validate.Length(min=1), TEXT))


class Withdraw(Note):
    """The reason; `children`: also the open sub-tickets of which it was left to choose."""

    children = fields.Boolean(load_default=False)


class Urge(Strict):
    """A reminder, with a word to it or without."""

    note = fields.String(load_default="", validate=TEXT)


class TicketQuery(Strict):
    """Filters and paging of the ticket list."""

    status = fields.String(load_default="", validate=validate.OneOf(["", *STATUSES]))
    type = fields.String(load_default="", validate=NAME)
    owner = fields.String(load_default="", validate=validate.Length(max=40))
    q = fields.String(load_default="", validate=validate.Length(max=80))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    before = fields.String(load_default="", validate=validate.Length(max=15))


class EventQuery(Strict):
    """Which events: those behind number `after`, `limit` at most."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=MAX_EVENTS, validate=validate.Range(1, MAX_EVENTS))


class TaskQuery(Strict):
    """Which tasks: mine to do, or those I may claim."""

    view = fields.String(load_default="todo", validate=validate.OneOf(["todo", "pool"]))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class Task(Schema):
    """A piece of work: who has it, since when, until when (epoch ms)."""

    id = uuid()
    ticket_id = uuid()
    no = fields.Integer()
    title = fields.String()
    priority = fields.String(allow_none=True)
    key = fields.String()
    node = fields.String()
    kind = fields.String()
    name = fields.String()
    assignee_id = fields.String(allow_none=True)
    status = fields.String()
    outcome = fields.String(allow_none=True)
    opened_at = fields.Integer()
    due_at = fields.Integer(allow_none=True)
    closed_at = fields.Integer(allow_none=True)
    actions = fields.List(fields.Dict())


class Way(Schema):
    """A step that the ticket can be returned to: send its id as `to`."""

    id = fields.String()
    name = fields.String()


class TaskInFull(Task):
    """A task with what can be sent as `action` besides its buttons, and where `return_to` may lead."""

    may = fields.List(fields.String(validate=validate.OneOf([*MAY])), metadata={"description": (
        "What may be done with it now besides `actions`: by whoever has it or may take it; `recall` by the token's "
        "person alone.")})
    returns = fields.List(fields.Nested(Way))


class TicketLine(Schema):
    """A ticket without its answers. Times in epoch ms."""

    id = uuid()
    no = fields.Integer()
    type_key = fields.String()
    title = fields.String()
    status = fields.String()
    reason = fields.String(allow_none=True)
    priority = fields.String(allow_none=True)
    owner_id = fields.String(allow_none=True)
    customer_id = fields.String(allow_none=True)
    source = fields.String()
    version = fields.Integer()
    opened_at = fields.Integer()
    updated_at = fields.Integer()
    closed_at = fields.Integer(allow_none=True)
    due_at = fields.Integer(allow_none=True)


class Ticket(TicketLine):
    """A ticket: `answers` by field id as {label, type, display, value}; `value` only where it may be read."""

    answers = fields.Dict()
    tasks = fields.List(fields.Nested(TaskInFull))


class TicketPage(Schema):
    """A page of tickets; `next` is the `before` of the page after, null on the last."""

    items = fields.List(fields.Nested(TicketLine))
    next = fields.String(allow_none=True)


class Event(Schema):
    """Something that happened: `body` may hold port, edge, token and delta."""

    seq = fields.Integer()
    version = fields.Integer()
    kind = fields.String()
    node = fields.String(allow_none=True)
    actor_type = fields.String()
    actor_id = fields.String(allow_none=True)
    body = fields.Dict()
    at = fields.Integer()


class Done(Schema):
    """What an action left behind. `repeated`: the same request had been carried out before."""

    ticket_id = uuid()
    no = fields.Integer()
    version = fields.Integer()
    status = fields.String()
    repeated = fields.Boolean()


class NewLink(Strict):
    """A public form, by its ticket type (and trigger, where it has several), and the values that its link carries."""

    type = fields.String(required=True, validate=KEY)
    trigger = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    values = fields.Dict(
        keys=fields.String(validate=KEY), values=fields.String(validate=validate.Length(min=1, max=200)), required=True,
        validate=validate.Length(max=20),
    )


class NewEvent(Strict):
    """Something that happened elsewhere: what, to which thing, and what is known of it."""

    event = fields.String(required=True, validate=validate.Regexp(
        r"\A[A-Za-z0-9_.\-]{1,80}\Z", error="letters, digits and _ . -, 80 at most"))
    key = fields.String(required=True, validate=validate.And(validate.Length(min=1, max=200), validate.Regexp(
        r"\A.*\S.*\Z", error="must not be blank")))
    data = fields.Dict(keys=fields.String(validate=validate.Length(max=80)), load_default=dict)


class HeardEvent(Schema):
    """How many tickets went on with it. `repeated`: the same request had been made before."""

    tickets = fields.Integer()
    repeated = fields.Boolean()


class Link(Schema):
    """An address to hand to a customer."""

    address = fields.String()


class Opened(Schema):
    """The ticket that was opened; `link`: the customer's page. `repeated`: the same request had opened it before."""

    id = uuid()
    no = fields.Integer()
    version = fields.Integer()
    status = fields.String()
    link = fields.String()
    repeated = fields.Boolean()
