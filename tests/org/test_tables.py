"""Tables that managers keep: columns, rows, who may change them, what is left behind of every change."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.errors import Conflict, Denied, Invalid, NotFound, Problem
from app.core.expressions import Env
from app.core.principal import SYSTEM, Principal
from app.driver import statements
from app.extensions import db, parts
from app.forms.base import Asking
from app.forms.fields.lookup import MANY, PAGE
from app.forms.schema import load_form
from app.org import columns, masterdata, sheet_import, table_queries, tables
from app.org.directory import directory
from app.org.lists import Lists
from app.org.models import SheetUpload, SourceChange, SourceRow
from app.org.tables import Edit
from app.runtime.ports import StaffPorts
from app.sheets import Sheet

KEEPER = Principal(id="kay", name="Kay", rights=frozenset({"sources.edit"}))
NOBODY = Principal(id="ned", name="Ned", rights=frozenset({"definitions.edit", "tickets.all"}))
COLUMNS: list[dict[str, Any]] = [
    {"key": "id", "title": "SKU"}, {"key": "name", "title": "商品"},
    {"key": "c1", "title": "价格", "type": "money", "fill": True},
    {"key": "c2", "title": "类别", "type": "choice", "choices": ["冷", "热"], "search": True},
    {"key": "c3", "title": "上架", "type": "date"}, {"key": "c4", "title": "件数", "type": "number"},
]


@pytest.fixture
def table(app: Flask) -> Iterator[str]:
    with app.app_context():
        key = tables.create("商品", actor=KEEPER, now=1)
        tables.save_definition(key, title="商品", columns_=COLUMNS, version=1, actor=KEEPER, now=2)
        yield key


def add(key: str, **cells: str) -> None:
    tables.save_rows(key, [Edit(None, cells)], actor=KEEPER, now=3)


def row(key: str, row_id: str) -> SourceRow:
    db.session.expire_all()
    return db.session.get_one(SourceRow, (key, row_id))


def faults(call: Any) -> list[tuple[str, str]]:
    """(where, code) of everything that was refused; nothing of it was kept."""
    with pytest.raises(Problem) as caught:
        call()
    db.session.rollback()
    found = caught.value
    return [(one.where, one.code) for one in (found.problems if isinstance(found, Invalid) else [found])]


def test_cells_are_kept_in_one_writing(table: str) -> None:
    add(table, id="S1", name=" 凉菜 ", c1="￥１,２３４.５", c2="冷", c3="2026年9月1日", c4="1,200")
    kept = row(table, "S1")
    assert (kept.label, kept.attrs) == ("凉菜", {"c1": "1234.50", "c2": "冷", "c3": "2026-09-01", "c4": "1200"})


def test_what_does_not_fit_is_named_and_nothing_is_saved(table: str) -> None:
    edits = [Edit(None, {"id": "ok", "name": "行"}),
             Edit(None, {"id": "no/", "name": "", "c1": "1.005", "c2": "温", "c3": "31.2.", "c4": "abc", "zz": "x"})]
    assert sorted(faults(lambda: tables.save_rows(table, edits, actor=KEEPER, now=3))) == [
        ("1.c1", "answer_places"), ("1.c2", "cell_choice"), ("1.c3", "answer_not_date"), ("1.c4", "answer_not_number"),
        ("1.id", "row_id_bad"), ("1.name", "row_name_missing"), ("1.zz", "column_unknown")]
    assert db.session.scalar(select(func.count()).select_from(SourceRow)) == 0


def test_a_refusal_names_the_column_and_what_to_do(table: str) -> None:
    with pytest.raises(Invalid) as caught:
        add(table, name="x", c2="温")
    words = caught.value.problems[0].message("zh")
    assert "温" in words and "类别" in words and "冷、热" in words


def test_codes_are_unique_and_given_where_nobody_does(table: str) -> None:
    add(table, id="S1", name="a")
    assert faults(lambda: add(table, id="S1", name="b")) == [("0.id", "row_id_taken")]
    twice = [Edit(None, {"id": "S2", "name": "a"})] * 2
    assert faults(lambda: tables.save_rows(table, twice, actor=KEEPER, now=3)) == [("1.id", "row_id_taken")]
    add(table, name="ohne")
    found = db.session.scalars(select(SourceRow).where(SourceRow.label == "ohne")).one()
    assert columns.ROW_ID.match(found.id)


def test_two_people_on_one_row(table: str) -> None:
    add(table, id="S1", name="a", c4="1")
    add(table, id="S2", name="b")
    first, second = row(table, "S1").version, row(table, "S2").version
    tables.save_rows(table, [Edit("S1", {"c4": "2"}, first)], actor=KEEPER, now=4)
    both = [Edit("S2", {"name": "new"}, second), Edit("S1", {"c4": "3"}, first)]
    with pytest.raises(Invalid) as caught:
        tables.save_rows(table, both, actor=KEEPER, now=5)
    db.session.rollback()
    assert [(one.where, one.code, type(one)) for one in caught.value.problems] == [("1.", "row_moved", Conflict)]
    assert row(table, "S1").attrs == {"c4": "2"} and row(table, "S2").label == "b"


def test_what_a_row_holds_already_is_not_judged_again(table: str) -> None:
    add(table, id="S1", name="a", c2="冷")
    fewer = [column | ({"choices": ["热"]} if column["key"] == "c2" else {}) for column in COLUMNS]
    tables.save_definition(table, title="商品", columns_=fewer, version=table_queries.table(table).version,
                           actor=KEEPER, now=4)
    edit = Edit("S1", {"name": "b", "c2": "冷"}, row(table, "S1").version)
    assert tables.save_rows(table, [edit], actor=KEEPER, now=5).changed == 1
    assert row(table, "S1").attrs == {"c2": "冷"}


def test_a_cell_can_be_emptied_but_not_the_name(table: str) -> None:
    add(table, id="S1", name="a", c4="1")
    tables.save_rows(table, [Edit("S1", {"c4": ""}, row(table, "S1").version)], actor=KEEPER, now=4)
    assert row(table, "S1").attrs == {}
    edit = Edit("S1", {"name": " "}, row(table, "S1").version)
    assert faults(lambda: tables.save_rows(table, [edit], actor=KEEPER, now=5)) == [("0.name", "row_name_missing")]


def test_archived_rows_can_be_read_and_not_chosen(table: str) -> None:
    add(table, id="S1", name="a", c1="5", c4="7")
    add(table, id="S2", name="b")
    tables.save_rows(table, [Edit("S1", {}, row(table, "S1").version, active=False)], actor=KEEPER, now=4)
    lists = Lists(directory())
    assert lists.row(table, "S1") == {"id": "S1", "name": "a", "c1": "5.00", "archived": True}
    assert [found["id"] for found in lists.rows(table)] == ["S2"] and lists.row(table, "S9") is None
    tables.save_rows(table, [Edit("S1", {}, row(table, "S1").version, active=True)], actor=KEEPER, now=5)
    assert Lists(directory()).row(table, "S1") == {"id": "S1", "name": "a", "c1": "5.00"}


def test_only_cells_that_may_be_copied_leave_the_table(table: str) -> None:
    add(table, id="S1", name="a", c1="5", c2="冷", c4="7")
    assert Lists(directory()).rows(table) == [{"id": "S1", "name": "a", "c1": "5.00"}]


def test_every_change_says_who_and_what(table: str) -> None:
    add(table, id="S1", name="a")
    tables.save_rows(table, [Edit("S1", {"name": "b"}, row(table, "S1").version)], actor=KEEPER, now=9)
    tables.save_rows(table, [Edit("S1", {"name": "b"}, row(table, "S1").version)], actor=KEEPER, now=10)  # as it was
    notes = db.session.scalars(select(SourceChange).order_by(SourceChange.version)).all()
    assert [(note.row_id, note.by, note.at) for note in notes] == [("", "kay", 1), ("", "kay", 2), ("S1", "kay", 3),
                                                                  ("S1", "kay", 9)]
    last = notes[-1]
    assert last.before and last.after and (last.before["name"], last.after["name"]) == ("a", "b")
    assert notes[0].before is None and notes[2].before is None


def test_who_may_not_change_tables_is_refused(table: str) -> None:
    for call in (lambda: tables.create("x", actor=NOBODY, now=1),
                 lambda: tables.save_rows(table, [], actor=NOBODY, now=1),
                 lambda: tables.save_definition(table, title="x", columns_=[], version=1, actor=NOBODY, now=1),
                 lambda: sheet_import.keep(table, Sheet(["a"], []), "a.csv", actor=NOBODY, now=1)):
        with pytest.raises(Denied):
            call()
        db.session.rollback()
    with pytest.raises(NotFound):
        tables.save_rows("nope", [], actor=KEEPER, now=1)


def test_a_table_that_says_who_sees_what_needs_more(table: str) -> None:
    masterdata.save_source("stores", scope="store", title="Stores", actor=SYSTEM)
    masterdata.save_rows("stores", [{"id": "s1", "name": "One", "region": "east"}], actor=SYSTEM)
    with pytest.raises(Denied) as caught:
        tables.save_rows("stores", [Edit("s1", {"name": "x"}, 1)], actor=KEEPER, now=1)
    db.session.rollback()
    assert caught.value.code == "table_scoped"
    mark = directory()
    boss = Principal(id="bo", name="Bo", rights=frozenset({"sources.edit", "org.manage"}))
    tables.save_rows("stores", [Edit("s1", {"name": "Two"}, 1)], actor=boss, now=1)
    found = directory().row("stores", "s1")
    assert found is not None and found["name"] == "Two" and found["region"] == "east" and directory() is not mark


def test_columns_keep_their_type_while_cells_would_not_fit(table: str) -> None:
    add(table, id="S1", name="a", c4="7", c2="冷")

    def retyped(key: str, kind: str) -> None:
        wanted = [column | ({"type": kind} if column["key"] == key else {}) for column in COLUMNS]
        tables.save_definition(table, title="商品", columns_=wanted, version=table_queries.table(table).version,
                               actor=KEEPER, now=4)

    assert faults(lambda: retyped("c2", "number")) == [("c2", "column_type_rows")]
    retyped("c4", "text")
    assert table_queries.table(table).columns[5].type == "text"


def test_a_definition_that_somebody_changed_is_not_overwritten(table: str) -> None:
    with pytest.raises(Conflict):
        tables.save_definition(table, title="x", columns_=COLUMNS, version=1, actor=KEEPER, now=4)


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({"key": "c1", "title": ""}, [("columns[1].title", "name_bad")]),
        ({"key": "C", "title": "x"}, [("columns[1].key", "key_bad")]),
        ({"key": "c1", "title": "x", "type": "formula"}, [("columns[1].type", "column_type")]),
        ({"key": "c1", "title": "x", "type": "choice"}, [("columns[1].choices", "column_choices")]),
        ({"key": "c0", "title": "x"}, [("columns[1].key", "column_twice")]),
        ({"key": "c1", "title": "A"}, [("columns[1].title", "column_title_twice")]),
        ({"key": "c1", "title": "x", "more": 1}, [("columns[1].", "column_keys")]),
        ("text", [("columns[1].", "column_keys")]),
    ],
)
def test_faults_of_columns_have_their_place(own: Any, found: list[tuple[str, str]]) -> None:
    assert faults_of([{"key": "c0", "title": "A"}, own]) == found


def faults_of(raw: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        columns.checked(raw)
    return [(one.where, one.code) for one in caught.value.problems]


# ---- import ----------------------------------------------------------------------------------------------------------

HEADER = ["SKU", "商品", "价格", "备注"]


def sheet(*lines: list[str]) -> Sheet:
    return Sheet(HEADER, [(number, line) for number, line in enumerate(lines, 2)])


def test_a_sheet_is_matched_by_its_headings(table: str) -> None:
    there = table_queries.table(table).columns
    assert sheet_import.guess(sheet(), there) == ["id", "name", "c1", ""]
    bare = columns.stored([])
    made = sheet_import.guess(Sheet(["Code", "课程", "日期", "号", "人数", ""], [
        (2, ["A", "英语", "2026-09-01", "007", "12", "x"]), (3, ["B", "数学", "", "010", "", ""])]), bare)
    assert made == ["id", "name", "+date", "+text", "+number", ""]
    lines = [(number, [str(number), f"A{number}", "x" if number == 9 else f"2026-09-{number:02}"]) for number in
             range(1, 30)]
    assert sheet_import.guess(Sheet(["价格", "SKU", "开课"], lines), bare) == ["name", "id", "+date"]
    assert sheet_import.guess(Sheet(["价格", "商品名称"], lines), bare) == ["+number", "name"]


def test_a_preview_says_line_by_line_and_changes_nothing(table: str) -> None:
    add(table, id="S1", name="a", c1="1")
    add(table, id="S2", name="b")
    given = sheet(["S1", "a", "1.00", ""], ["S2", "b", "9", ""], ["S3", "c", "x", ""], ["S2", "again", "", ""],
                  ["S4", "", "", ""], ["", "neu", "3", ""])
    plan = sheet_import.preview(table, given, ["id", "name", "c1", ""], actor=KEEPER)
    assert (plan.added, plan.changed, plan.same) == (1, 1, 1)
    assert [(bad.line, [fault.code for fault in bad.problems]) for bad in plan.bad] == [
        (4, ["answer_not_number"]), (5, ["sheet_line_twice"]), (6, ["row_name_missing"])]
    assert row(table, "S2").attrs == {}


def test_an_import_is_all_or_nothing(table: str) -> None:
    add(table, id="S1", name="a")
    tables.save_rows(table, [Edit("S1", {}, row(table, "S1").version, active=False)], actor=KEEPER, now=4)
    given = sheet(["S1", "a", "2", "drin"], ["S9", "neu", "x", ""], ["S8", "acht", "8", ""])
    upload = sheet_import.keep(table, given, "a.csv", actor=KEEPER, now=5)
    to = ["id", "name", "c1", "+text"]

    def run(skip: bool, version: int | None = None) -> tables.Done:
        return sheet_import.run(table, upload, to, version=version or table_queries.table(table).version,
                                skip_bad=skip, actor=KEEPER, now=6)

    assert faults(lambda: run(False)) == [("file", "sheet_bad_lines")]
    assert faults(lambda: run(True, 1)) == [(table, "table_moved")]
    assert row(table, "S1").attrs == {} and len(table_queries.table(table).columns) == 6
    assert run(True) == tables.Done(added=1, changed=1)
    assert row(table, "S1").attrs == {"c1": "2.00", "c5": "drin"} and row(table, "S1").active
    assert table_queries.table(table).columns[6].title == "备注"
    assert db.session.scalar(select(func.count()).select_from(SheetUpload)) == 0
    with pytest.raises(NotFound):
        run(True)


def test_without_codes_rows_are_known_by_name(table: str) -> None:
    add(table, id="S1", name="a")
    add(table, id="S2", name="zwei")
    add(table, id="S3", name="zwei")
    given = sheet(["", "a", "2", ""], ["", "neu", "3", ""], ["", "zwei", "4", ""], ["", "neu", "5", ""])
    plan = sheet_import.preview(table, given, ["", "name", "c1", ""], actor=KEEPER)
    assert (plan.added, plan.changed) == (1, 1)
    assert [(bad.line, bad.problems[0].code) for bad in plan.bad] == [(4, "sheet_name_many"), (5, "sheet_line_twice")]


def test_a_mapping_that_means_nothing_is_refused(table: str) -> None:
    for to, code in ((["id", "", "", ""], "sheet_no_name"), (["name", "name"], "sheet_column_twice"),
                     (["name", "zz"], "column_unknown"), (["name", "+formula"], "column_unknown")):
        assert code in [found for _, found in faults(
            lambda to=to: sheet_import.preview(table, sheet(["S1", "a", "", ""]), to, actor=KEEPER))]


def test_a_kept_sheet_is_its_senders_for_a_day(table: str) -> None:
    upload = sheet_import.keep(table, sheet(["S1", "a", "", ""]), "a.csv", actor=KEEPER, now=5)
    other = Principal(id="other", name="O", rights=frozenset({"sources.edit"}))
    for actor, now in ((other, 6), (KEEPER, 6 + sheet_import.KEPT_MS)):
        with pytest.raises(NotFound):
            sheet_import.kept(table, upload, actor=actor, now=now)
    sheet_import.keep(table, sheet(), "b.csv", actor=other, now=6 + sheet_import.KEPT_MS)
    assert db.session.scalars(select(SheetUpload.person_id)).all() == ["other"]


def test_a_full_table_takes_no_more(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 1)
    add(table, id="S1", name="a")
    assert faults(lambda: add(table, id="S2", name="b")) == [("0.id", "table_full")]
    plan = sheet_import.preview(table, sheet(["S2", "b", "", ""]), ["id", "name"], actor=KEEPER)
    assert [bad.problems[0].code for bad in plan.bad] == ["table_full"]


def test_many_rows_cost_no_more_statements(table: str) -> None:
    costs = []
    for count in (5, 150):
        edits = [Edit(None, {"id": f"R{count}_{number}", "name": f"r{number}"}) for number in range(count)]
        given = Sheet(["SKU", "商品"], [(2 + number, [edit.cells["id"], "neu"]) for number, edit in enumerate(edits)])
        upload = sheet_import.keep(table, given, "a.csv", actor=KEEPER, now=5)
        before = statements.executed
        sheet_import.run(table, upload, ["id", "name"], version=table_queries.table(table).version, skip_bad=False,
                         actor=KEEPER, now=6)
        costs.append(statements.executed - before)
    assert costs[1] <= costs[0] <= 12


# ---- looking rows up -------------------------------------------------------------------------------------------------


def test_a_look_up_compares_code_name_and_searched_cells(table: str) -> None:
    for code, name, kind in (("S1", "凉拌黄瓜", "冷"), ("S2", "黄瓜汤", "热"), ("S3", "Ｃola 100%", "冷"),
                             ("S4", "黄瓜", "")):
        add(table, id=code, name=name, c2=kind, c4="7")
    add(table, id="S5", name="黄瓜旧")
    tables.save_rows(table, [Edit("S5", {}, row(table, "S5").version, active=False)], actor=KEEPER, now=4)

    def found(words: str) -> list[str]:
        return [one["id"] for one in Lists(directory()).rows(table, words)]

    assert found("黄瓜") == ["S4", "S2", "S1"]  # called so, begins so, holds it; archived ones are not offered
    assert found("黄瓜 冷") == ["S1"] and found("cOLA") == found("100%") == ["S3"] and found("s2") == ["S2"]
    assert found("%") == ["S3"] and found("_") == found("7") == []


def test_a_long_table_is_never_read_whole(table: str) -> None:
    given = Sheet(["SKU", "商品"], [(number, [f"R{number}", f"产品 {number:03}"]) for number in range(2, 402)])
    upload = sheet_import.keep(table, given, "a.csv", actor=KEEPER, now=5)
    sheet_import.run(table, upload, ["id", "name"], version=table_queries.table(table).version, skip_bad=False,
                     actor=KEEPER, now=6)
    lists = Lists(directory())
    before = statements.executed
    assert len(lists.rows(table)) == MANY + 1 and len(lists.rows(table, "产品")) == PAGE + 1
    assert lists.rows(table) and lists.row(table, "R400") and lists.row(table, "R400")
    assert statements.executed - before == 3
    form = load_form({"schema": "danflow/form/1", "key": "f", "title": "F", "fields": [
        {"id": "f_p", "type": "reference", "source": table, "label": "产品"}]}, parts().catalog)
    field = form.fields["f_p"]
    asking = Asking(Env(0), StaffPorts(directory(), "", None))
    assert field.type.clean(field, {"find": "产品 399"}, asking) == "R399"
    assert field.type.cell_in(field, "产品 400", asking.ports) == "R400"
