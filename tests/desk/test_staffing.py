"""The pages on which managers keep what assignment goes by: people's skills and shifts, managers, calendars."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.calendar import Calendar
from app.customers import service as customers
from app.desk import weeks
from app.extensions import db
from app.org import calendars, masterdata
from app.org.access import SYSTEM
from app.org.directory import directory
from app.org.models import CalendarRow
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT, Persona

People = Callable[[Persona], Browser]
WEEK = {f"h.{day}": "09:00-12:00, 13:00-18:00" for day in weeks.DAYS[:5]}


def test_only_who_manages_people_sees_them(browser_of: People) -> None:
    agent = browser_of(AGENT)
    assert "人员与班次" not in agent.text("/me")
    for path in ("/people", "/people/a1", "/calendars", "/calendars/new", "/calendars/stores"):
        assert agent.get(path).status_code == 403, path
    for path in ("/people/a1", "/people/managers", "/calendars", "/calendars/stores"):
        assert agent.post(path, skills="x", lines="x", name="x").status_code == 403, path


def test_what_is_typed_is_what_assignment_goes_by(browser_of: People, demo_app: Flask) -> None:
    admin = browser_of(ADMIN)
    assert "安客服" in admin.text("/people")
    answer = admin.post("/people/a1", skills="英语 3，退款5级、法语", place="30.2741，120.1551", shift="stores")
    assert (answer.status_code, answer.location) == (303, "/people?said=saved")
    with demo_app.app_context():
        assert directory().fact("skills", ["a1"], 0) == {"a1": {"英语": 3, "退款": 5, "法语": 1}}
        assert directory().fact("places", ["a1"], 0) == {"a1": [(30.2741, 120.1551)]}
    page = admin.text("/people/a1")
    assert "退款 5，英语 3，法语 1" in page and "30.2741, 120.1551" in page and 'value="stores" selected' in page
    assert admin.post("/people/a1").status_code == 303
    with demo_app.app_context():
        assert directory().fact("skills", ["a1"], 0) == {"a1": {}}


@pytest.mark.parametrize(("typed", "says"), [
    ({"skills": "英语 9"}, "级别要在 1 到 5 之间"), ({"skills": "字" * 41}, "不能用作技能"),
    ({"skills": ",".join(f"s{n}" for n in range(31))}, "最多 30 项"),
    ({"place": "杭州"}, "不是坐标"), ({"place": "95, 10"}, "不是坐标"), ({"shift": "nowhere"}, "没有“nowhere”这个日历"),
])
def test_what_cannot_be_read_is_said_and_kept(browser_of: People, typed: dict[str, str], says: str) -> None:
    answer = browser_of(ADMIN).post("/people/a1", **typed)
    assert answer.status_code in (404, 422)
    assert says in answer.text and all(value in answer.text for value in typed.values())


def test_customers_get_managers_line_by_line_all_or_none(browser_of: People, demo_app: Flask) -> None:
    admin = browser_of(ADMIN)
    wrong = admin.post("/people/managers", lines="13912345678 an\n13000000000 an\n13898765432 nobody\nx")
    assert wrong.status_code == 422
    for says in ("第 2 行：没有这位客户", "第 3 行：没有这个人员", "第 4 行：“x”看不懂"):
        assert says in wrong.text, says
    assert admin.post("/people/managers", lines=" ").status_code == 422
    assert admin.post("/people/managers", lines="13912345678\tan\n\n13898765432，bai").location.endswith("no=2")
    with demo_app.app_context():
        assert (customers.find({"phone": "13912345678"}) or {})["manager"] == "a1"
        db.session.rollback()
    assert admin.post("/people/managers", lines="13912345678 -").status_code == 303
    with demo_app.app_context():
        assert "manager" not in (customers.find({"phone": "13912345678"}) or {})
        db.session.rollback()


def test_a_calendar_is_made_changed_and_shown_day_by_day(browser_of: People, demo_app: Flask) -> None:
    admin = browser_of(ADMIN)
    week = {**WEEK, "h.sat": "09:00-12:00"}
    answer = admin.post("/calendars", name="总部", public="1", holidays="2026-12-30\n2026-12-31", **week)
    assert answer.status_code == 303, answer.text
    key = answer.location.split("/")[-1].split("?")[0]
    with demo_app.app_context():
        spec = dict(calendars.spec_of(key))
        db.session.rollback()
    assert spec == {"name": "总部", "days": list(weeks.DAYS[:5]), "hours": ["09:00-12:00", "13:00-18:00"],
                    "tz": "Asia/Shanghai", "also": [{"days": ["sat"], "hours": ["09:00-12:00"]}], "public": "CN",
                    "holidays": ["2026-12-30", "2026-12-31"]}
    page = admin.text(f"/calendars/{key}")
    assert 'value="09:00-12:00, 13:00-18:00"' in page and "2026-12-30" in page and "放假安排已知到" in page
    assert "周一–周五 09:00-12:00, 13:00-18:00；周六 09:00-12:00" in admin.text("/calendars")
    assert admin.post(f"/calendars/{key}", name="总部", **WEEK).status_code == 303
    with demo_app.app_context():
        assert not Calendar.from_spec({**calendars.spec_of(key), "id": key}).public
        db.session.rollback()


@pytest.mark.parametrize(("typed", "says"), [
    ({"name": ""}, "名称"), ({"h.mon": "9-12"}, "看不懂"), ({"holidays": "明天"}, "明天"), ({}, "没有任何营业时间"),
])
def test_a_calendar_that_cannot_be_kept_is_refused(
    browser_of: People, demo_app: Flask, typed: dict[str, str], says: str
) -> None:
    week = {} if not typed else WEEK
    answer = browser_of(ADMIN).post("/calendars", **{"name": "新", **week, **typed})
    assert answer.status_code == 422 and says in answer.text
    with demo_app.app_context():
        assert list(db.session.scalars(select(CalendarRow.key))) == ["stores"]
        db.session.rollback()


def test_every_calendar_that_can_be_stored_comes_back_from_its_page(app: Flask) -> None:
    specs = [weeks.OFFICE, {"days": ["sat-mon"], "hours": ["22:00-06:00"], "tz": "Asia/Shanghai"},
             {"days": "mon-sun", "hours": ["00:00-24:00"], "tz": "Asia/Tokyo", "workdays": ["2026-10-03"]}]
    with app.app_context():
        for one in specs:
            again = weeks.spec(weeks.typed(one), one)
            masterdata.save_calendar("kept", again, actor=SYSTEM)
            old, new = (Calendar.from_spec({**each, "id": "x"}) for each in (one, again))
            start = 1_790_000_000_000
            assert new.elapsed(start, start + 40 * 86_400_000) == old.elapsed(start, start + 40 * 86_400_000)
            assert new.tz == old.tz
