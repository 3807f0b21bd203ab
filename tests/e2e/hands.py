"""Three ways of doing the same in the designer: with a mouse, with keys alone, with a finger on the glass.

What is done (tests/e2e/designer_page.py, complaint_drawing.py) is told once, in the words of `Hand`.
"""
from __future__ import annotations

from typing import Protocol

from playwright.sync_api import CDPSession, Locator, Page, expect


class Hand(Protocol):
    """What a person does with their hands. Every locator is a thing on the page."""

    def press(self, what: Locator) -> None:
        """A button, or the head of what unfolds."""

    def tick(self, what: Locator) -> None:
        """The label of a switch or tick box."""

    def write(self, what: Locator, text: str) -> None:
        """Replace what stands in an input."""

    def choose(self, what: Locator, label: str) -> None:
        """One of a list of choices."""

    def select(self, field: Locator) -> None:
        """A field on the canvas."""

    def tab(self, panel: Locator, name: str) -> None:
        """A tab of the panel."""

    def section(self) -> None:
        """Add a section behind the selected one; its title in the panel is what is written next."""

    def add(self, kind: str) -> None:
        """Add a field behind what is selected."""

    def column(self, kind: str, table: Locator) -> None:
        """Add a column at the end of a sub-table."""

    def lines(self, what: Locator, text: str) -> None:
        """Several lines into an area for text."""


class Mouse:
    """A hand at a mouse, with a keyboard for the letters."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        what.click()

    tick = press

    def write(self, what: Locator, text: str) -> None:
        what.fill(text)

    lines = write

    def choose(self, what: Locator, label: str) -> None:
        what.select_option(label=label)

    def select(self, field: Locator) -> None:
        field.locator(".fld-head").first.click()

    def tab(self, panel: Locator, name: str) -> None:
        panel.get_by_role("tab", name=name).click()

    def section(self) -> None:
        self.page.get_by_role("button", name="添加分组").click()

    def add(self, kind: str) -> None:
        self.page.locator(".kind").get_by_text(kind, exact=True).click()

    def column(self, kind: str, table: Locator) -> None:
        what = self.page.locator(".kind").filter(has_text=kind).first
        what.scroll_into_view_if_needed()
        end = table.locator(".tbl-end")
        end.evaluate("node => node.scrollIntoView({ block: 'center' })")  # at the edge the canvas would slide away
        box = end.bounding_box()
        assert box
        self.drag(what, box["x"] + 10, box["y"] + 30)
        self.dropped()

    def dropped(self) -> None:
        """Wait for the caret in the name of what was dropped: marks do not hold before, what is typed is lost."""
        expect(self.page.locator(".panel .props input").first).to_be_focused()

    def drag(self, what: Locator, x: float, y: float) -> None:
        """Carry the middle of something to a point of the window, in steps as a hand does."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        assert box
        mouse = self.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 18))
        mouse.down()
        mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + 22, steps=3)
        mouse.move(x, y, steps=8)
        mouse.move(x, y)
        self.page.wait_for_timeout(60)
        mouse.up()


class Finger(Mouse):
    """One finger on the glass. Letters and choices from a list come as the system's keyboard and list send them."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.session = page.context.new_cdp_session(page)

    def press(self, what: Locator) -> None:
        what.tap()

    tick = press

    def write(self, what: Locator, text: str) -> None:
        what.tap()
        what.fill(text)

    lines = write

    def choose(self, what: Locator, label: str) -> None:
        what.tap()
        what.select_option(label=label)

    def select(self, field: Locator) -> None:
        field.locator(".fld-head").first.tap()

    def tab(self, panel: Locator, name: str) -> None:
        panel.get_by_role("tab", name=name).tap()

    def section(self) -> None:
        self.page.get_by_role("button", name="添加分组").tap()

    def add(self, kind: str) -> None:
        self.page.locator(".kind").get_by_text(kind, exact=True).tap()

    def dropped(self) -> None:
        """The caret stays away: it would bring the keyboard. `drag` has waited long enough."""

    def drag(self, what: Locator, x: float, y: float) -> None:
        """Rest on something until it comes along, carry it to a point, and let go."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        assert box
        left, top = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 18)
        self.at("touchStart", left, top)
        self.page.wait_for_timeout(350)
        for step in range(1, 11):
            self.at("touchMove", left + (x - left) * step / 10, top + (y - top) * step / 10)
        self.page.wait_for_timeout(60)
        self.at("touchEnd")
        self.page.wait_for_timeout(400)  # the browser still tells the page of a click: it may move the focus

    def rest(self, what: Locator) -> None:
        """A slow tap, as of somebody who is careful."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        assert box
        self.at("touchStart", box["x"] + 20, box["y"] + 20)
        self.page.wait_for_timeout(600)
        self.at("touchMove", box["x"] + 22, box["y"] + 21)
        self.at("touchEnd")

    def at(self, kind: str, x: float = 0, y: float = 0) -> None:
        send(self.session, kind, [] if kind == "touchEnd" else [{"x": x, "y": y}])


def send(session: CDPSession, kind: str, points: list[dict[str, float]]) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


# The key that leads to the element from the focus; none where it is there.
WAY = """node => node === document.activeElement ? ''
    : document.activeElement.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING ? 'Tab' : 'Shift+Tab'"""
STOPS = "[...document.querySelectorAll('.paper [data-id]')]"


class Keys:
    """A keyboard and nothing else: the page is looked at, and never touched otherwise."""

    MOST_TABS = 40  # to anything on the page from where the hand is

    def __init__(self, page: Page) -> None:
        self.page = page
        self.key = page.keyboard.press
        self.type = page.keyboard.type
        self.longest = (0, "")  # the longest way, and where it led

    def until(self, holds: str) -> None:
        """Wait for what a person would see; the page allows no evaluating inside it."""
        for _ in range(200):
            if self.page.evaluate(holds):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"never: {holds}")

    def reach(self, what: Locator) -> None:
        """Tab, or Shift+Tab, until the focus is there."""
        expect(what).to_be_visible()
        for count in range(self.MOST_TABS):
            way = what.evaluate(WAY)
            if not way:
                self.longest = max(self.longest, (count, str(what)))
                return
            self.key(way)
        raise AssertionError(f"Tab does not lead to {what}")

    def press(self, what: Locator) -> None:
        self.reach(what)
        self.key("Enter")

    def tick(self, what: Locator) -> None:
        self.reach(what.locator("input"))
        self.key("Space")

    def write(self, what: Locator, text: str) -> None:
        self.reach(what)
        if what.get_attribute("type") == "date":
            year, month, day = text.split("-")
            for digits in (month + day + year, year + "/" + month + day):  # as the browser's own language has it
                self.type(digits)
                if what.input_value() == text:
                    return
                self.key("Shift+Tab")
                self.reach(what)
            raise AssertionError(f"{text} cannot be typed")
        self.key("Control+a")
        self.type(text)
        expect(what).to_have_value(text)

    def lines(self, what: Locator, text: str) -> None:
        self.reach(what)
        for line in text.split("\n"):
            self.type(line)
            self.key("Enter")

    def choose(self, what: Locator, label: str) -> None:
        self.reach(what)
        names: list[str] = what.evaluate("node => [...node.options].map((option) => option.text)")
        by = names.index(label) - int(what.evaluate("node => node.selectedIndex"))
        self.key("Space")  # opens the list
        for _ in range(abs(by)):
            self.key("ArrowDown" if by > 0 else "ArrowUp")
        self.key("Enter")
        expect(what.locator("option:checked")).to_have_text(label)

    def select(self, field: Locator) -> None:
        self.canvas()
        index = f"{STOPS}.indexOf(document.activeElement)"
        to = int(field.evaluate(f"node => {STOPS}.indexOf(node)"))
        while (at := int(self.page.evaluate(index))) != to:
            self.key("ArrowDown" if at < to else "ArrowUp")
            self.until(f"{index} !== {at}")
        expect(field).to_be_focused()

    def canvas(self) -> None:
        """Back to the canvas: from the panel, else area by area."""
        here = "Boolean(document.activeElement.closest('.canvas'))"
        if self.page.evaluate("Boolean(document.activeElement.closest('.panel'))"):
            self.key("Escape")
            self.until(here)
        while not self.page.evaluate(here):
            self.key("F6")

    def tab(self, panel: Locator, name: str) -> None:
        self.reach(panel.locator("[role=tab][aria-selected=true]"))
        if name not in panel.locator("[role=tab][aria-selected=true]").inner_text():
            self.key("ArrowRight")
            expect(panel.locator("[role=tab][aria-selected=true]")).to_contain_text(name)

    def section(self) -> None:
        self.add("分组")

    def add(self, kind: str) -> None:
        self.canvas()
        self.key("/")  # to the search; Enter adds the first type found and leads to its label
        expect(self.page.locator("#find")).to_be_focused()
        self.type(kind)
        self.key("Enter")

    def column(self, kind: str, table: Locator) -> None:
        self.select(table.locator(".fld").last)
        self.add(kind)
