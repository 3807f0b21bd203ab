"""What customers write, whatever brought it here: the words in it may open a ticket (trigger.keyword)."""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.customers import service as customers
from app.entries import customer_events, news
from app.entries.intake import Received
from app.entries.news import News, Way
from app.extensions import db
from app.flows.nodes.trigger_keyword import Keyword
from app.forms.text import clean_text
from app.runtime.lead import one_at_a_time

MAX_TEXT = 20_000  # code points
LANES = 64  # so many customers' messages are dealt with at once; those of one customer one by one


@dataclass(frozen=True, slots=True)
class Heard:
    """Which trigger took the message, for which word, and what came of it (see news.state_of)."""

    way: Way
    word: str
    received: Received

    @property
    def state(self) -> str:
        return news.state_of(self.received)


def incoming_message(
    identities: Mapping[str, str], text: str, channel: str, *, message_id: str, now: int, name: str = "",
) -> Heard | None:
    """Tell a customer's message to the first trigger whose words are in it; None if none takes it (commits).

    `identities`: {"external_userid": …, "phone": …}; `message_id`: told again it changes nothing. Ten messages at once
    make one ticket: those of one customer are taken one after another. Raises Problem for an impossible identity, and
    Conflict where the turn does not come in time: the sender tries again.
    """
    text = clean_text(text, max_length=MAX_TEXT, lines=True)
    found = _first(text, channel) if text else None
    if found is None:
        return None
    way, word = found
    db.session.rollback()
    customer = customers.find_or_create(identities, now=now, name=name)
    about = customer_events.about(customer["id"])
    db.session.commit()
    told = {"message": {"text": text, "channel": channel, "id": message_id}, "customer": about}
    lane = hashlib.sha256(customer["id"].encode()).digest()[0] % LANES
    with one_at_a_time(f"message:{lane}"):
        received = news.open_from(way, News(["message", channel, message_id], told, customer_events.known(about)),
                                  now=now)
    return Heard(way, word, received)


def _first(text: str, channel: str) -> tuple[Way, str] | None:
    ways = sorted(news.ways(Keyword.type), key=lambda way: way.node.config.order)
    for way in ways:
        assert isinstance(way.node.type, Keyword)
        word = way.node.type.takes(way.node.config, text, channel)
        if word is not None:
            return way, word
    return None
