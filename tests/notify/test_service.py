"""Delivering once, in stored words; the inbox; the list of what went out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.errors import Denied, Problem
from app.customers import service as customers
from app.driver import statements
from app.extensions import db, parts
from app.notify.base import Channel, Message, Receipt, SendError
from app.notify.models import MessageRow
from app.notify.service import deliver, list_inbox, list_sent, mark_read, unread_count
from app.org import people
from app.org.access import SYSTEM, Principal

NOW = 1_800_000_000_000
TICKET = "11111111-1111-4111-8111-111111111111"


class Outside(Channel):
    """A channel to a service that fails as often as it is told to."""

    name = "outside"

    def __init__(self, failures: int = 0, permanent: bool = False) -> None:
        self.failures, self.permanent = failures, permanent
        self.taken: list[Message] = []

    def send(self, message: Message) -> Receipt:
        self.taken.append(message)
        if len(self.taken) <= self.failures:
            raise SendError("service_down", "503", permanent=self.permanent)
        return Receipt()


@pytest.fixture(autouse=True)
def staff(app: Flask) -> Iterator[None]:
    with app.app_context():
        people.create_person(id="ann", login="ann", name="安", phone="13700000004", actor=SYSTEM, now=NOW)
        people.create_person(id="ben", login="ben", name="Ben", locale="en", actor=SYSTEM, now=NOW)
        yield


def effect(key: str = "n1", *, to: dict[str, str] | None = None, via: str = "wecom", **more: Any) -> dict[str, Any]:
    return {
        "idem_key": f"{TICKET}:{key}",
        "ticket_id": TICKET,
        "key": key,
        "to": to or {"person": "ann"},
        "via": via,
        "template": "complaint_red",
        "facts": {"no": "7", "title": "上菜慢", "store": "湖滨店"},
        "link": "https://x.example/t",
        **more,
    }


def outside(failures: int = 0, permanent: bool = False) -> Outside:
    channel = Outside(failures, permanent)
    parts().catalog.channels.add("outside", channel)
    return channel


def test_a_staff_message_is_recorded_and_lies_unread_in_the_inbox() -> None:
    assert deliver(effect(), NOW) == Receipt(recorded=True)
    assert unread_count("ann") == 1
    (row,), following = list_inbox("ann")
    assert following == ""
    assert (row["title"], row["via"], row["status"], row["recorded"]) == ("重大投诉 7：上菜慢", "wecom", "sent", True)
    assert "湖滨店" in row["body"] and row["read_at"] is None


def test_everyone_reads_their_own_language() -> None:
    deliver(effect(to={"person": "ben"}), NOW)
    assert list_inbox("ben")[0][0]["title"] == "Serious complaint 7: 上菜慢"


def test_the_same_effect_again_sends_nothing_twice() -> None:
    channel = outside()
    for _ in range(3):
        deliver(effect(via="outside"), NOW)
    assert len(channel.taken) == 1
    assert unread_count("ann") == 1


def test_a_retry_sends_the_stored_words_byte_for_byte() -> None:
    channel = outside(failures=2)
    for number in range(3):
        facts = {"no": "7", "title": f"changed {number}"}
        try:
            deliver(effect(via="outside", facts=facts), NOW + number)
        except SendError as error:
            assert not error.permanent
            assert list_sent(SYSTEM)[0][0]["status"] == "queued"
            assert "service_down" in list_sent(SYSTEM)[0][0]["error"]
    assert len(channel.taken) == 3 and len(set(channel.taken)) == 1
    row = list_sent(SYSTEM)[0][0]
    assert (row["status"], row["error"], row["sent_at"]) == ("sent", "", NOW + 2)


def test_what_is_about_to_go_out_is_on_disk_before_it_goes(app: Flask) -> None:
    seen: list[str] = []

    class Looking(Outside):
        def send(self, message: Message) -> Receipt:
            def look() -> None:
                with app.app_context():
                    seen.append(list_sent(SYSTEM)[0][0]["status"])

            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            return Receipt()

    parts().catalog.channels.add("outside", Looking())
    deliver(effect(via="outside"), NOW)
    assert seen == ["queued"]


def test_a_final_refusal_is_kept_with_its_reason() -> None:
    outside(failures=9, permanent=True)
    with pytest.raises(SendError) as caught:
        deliver(effect(via="outside"), NOW)
    assert caught.value.permanent
    assert list_sent(SYSTEM)[0][0]["status"] == "failed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"via": "pigeon"}, "channel_unknown"),
        ({"template": "nothing"}, "template_unknown"),
        ({"to": {"person": "nobody"}}, "person_unknown"),
        ({"to": {"customer": "nobody"}, "via": "sms"}, "customer_unknown"),
        ({"to": {"customer": "nobody"}, "via": "wecom"}, "channel_reach"),
    ],
)
def test_what_can_never_be_sent_fails_for_good(change: dict[str, Any], code: str) -> None:
    with pytest.raises(SendError) as caught:
        deliver(effect(**change), NOW)
    assert (caught.value.code, caught.value.permanent) == (code, True)


def test_customers_are_reached_by_number_which_nobody_reads_in_the_list() -> None:
    customer = customers.find_or_create({"phone": "13812345678"}, now=NOW, name="王女士")
    db.session.commit()
    deliver(
        effect(
            to={"customer": customer["id"]},
            via="sms",
            template="complaint_result",
            facts={"no": "7", "result": "已退款"},
        ),
        NOW,
    )
    row = list_sent(SYSTEM)[0][0]
    assert row["address"] == "138****5678" and row["to"]["name"] == "王女士"
    assert "13812345678" not in str(row)
    assert "已退款" in row["body"]


def test_a_receiver_without_an_address_is_refused_as_the_real_channel_would() -> None:
    with pytest.raises(SendError) as caught:
        deliver(effect(to={"person": "ben"}, via="voice"), NOW)
    assert (caught.value.code, caught.value.permanent) == ("no_address", True)
    assert deliver(effect("n2", via="voice"), NOW) == Receipt(recorded=True)


def test_the_rungs_of_a_ladder_are_one_line_and_reading_it_reads_them_all() -> None:
    for key, via in (("n1#1", "wecom"), ("n1#2", "mention"), ("n1#3", "voice")):
        deliver(effect(key, via=via), NOW)
    assert unread_count("ann") == 1 and len(list_inbox("ann")[0]) == 1
    assert len(list_sent(SYSTEM)[0]) == 3
    read = mark_read("ann", [list_inbox("ann")[0][0]["id"]], NOW + 5)
    assert sorted(read) == [(TICKET, "n1#1"), (TICKET, "n1#2"), (TICKET, "n1#3")]
    assert unread_count("ann") == 0
    assert mark_read("ann", [list_inbox("ann")[0][0]["id"]], NOW + 6) == []
    deliver(effect("n1#4"), NOW + 7)
    assert unread_count("ann") == 1, "what comes after reading is news again"


def test_nobody_reads_for_somebody_else() -> None:
    deliver(effect(), NOW)
    line = list_inbox("ann")[0][0]["id"]
    assert mark_read("ben", [line], NOW) == []
    assert unread_count("ann") == 1 and unread_count("ben") == 0 and list_inbox("ben") == ([], "")


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    for number in range(25):
        deliver(effect(f"m{number}", ticket_id=f"t{number}"), NOW + number // 5)
    seen, before = [], ""
    while True:
        page, before = list_inbox("ann", before=before, limit=10)
        seen += [row["id"] for row in page]
        if not before:
            break
    assert len(seen) == len(set(seen)) == 25
    ats = [row["at"] for row in list_inbox("ann", limit=100)[0]]
    assert ats == sorted(ats, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "1", "1.", "99999999999999999.a", "-1.a", "1.a.b" * 20, "１.a"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Problem) as caught:
        list_inbox("ann", before=cursor)
    assert caught.value.code == "cursor_bad"


def test_the_list_of_sent_messages_needs_its_right_and_filters() -> None:
    deliver(effect("a"), NOW)
    deliver(effect("b", via="voice"), NOW)
    with pytest.raises(Denied):
        list_sent(Principal(id="ann", name="安"))
    assert [row["via"] for row in list_sent(SYSTEM, via="voice")[0]] == ["voice"]
    assert list_sent(SYSTEM, ticket_id="other")[0] == []


def test_two_workers_with_one_row_make_one_message(app: Flask) -> None:
    db.session.remove()
    barrier = threading.Barrier(4)
    errors: list[BaseException] = []

    def work() -> None:
        with app.app_context():
            barrier.wait(5)
            try:
                deliver(effect(), NOW)
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(list_sent(SYSTEM)[0]) == 1


def test_counting_reads_the_index_of_unread_lines_only() -> None:
    for number in range(300):
        db.session.add(
            MessageRow(
                id=f"m{number}",
                idem_key=f"k{number}",
                ticket_id=TICKET,
                engine_key="n",
                to_kind="person",
                to_id="ann",
                via="wecom",
                template="cc",
                title="t",
                body="b",
                status="sent",
                in_inbox=True,
                created_at=NOW,
                read_at=NOW if number else None,
            )
        )
    db.session.commit()
    query = "SELECT count(*) FROM message WHERE to_id = 'ann' AND in_inbox{} AND read_at IS NULL"
    if db.engine.dialect.name == "sqlite":
        plan = db.session.execute(text("EXPLAIN QUERY PLAN " + query.format(" = 1"))).all()
    else:
        db.session.execute(text("ANALYZE message"))
        plan = db.session.execute(text("EXPLAIN " + query.format(""))).all()
    assert "ix_message_unread" in str(plan)
    assert unread_count("ann") == 1


def test_counting_and_listing_cost_one_query_each() -> None:
    deliver(effect(), NOW)
    db.session.remove()
    db.session.connection()
    before = statements.count
    unread_count("ann")
    list_inbox("ann")
    assert statements.count - before == 2
