"""A flow of three hundred steps in the designer, for a test that counts and a benchmark that measures."""
from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.flow_page import Flow, middle
from tests.e2e.many_fields import STORE

STEPS, LINES = 300, 373
READY = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
})"""


def many_steps(content: dict[str, Any], steps: int = STEPS) -> dict[str, Any]:
    """The flow with `steps` steps in all: blocks of a condition, two tasks beside each other, a message behind them."""
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "trigger.public_form", "tv": 1, "name": "客户填写",
                                    "config": {"fields": {"*": "edit"}}}]
    edges: list[dict[str, str]] = []
    last = "start:out"

    def tie(source: str, target: str) -> None:
        edges.append({"id": f"e{len(edges)}", "from": source, "to": f"{target}:in"})

    for block in range((steps - 2) // 4):
        ids = [f"{kind}{block}" for kind in ("c", "a", "b", "n")]
        nodes.append(_node(ids[0], "branch.condition", f"判断 {block}", cases=[{"port": "c1", "label": "大额"}]))
        nodes += [_node(one, "task.handle", f"处理 {one}", actions=[{"port": "done", "label": "完成"}],
                        fields={"*": "read"}) for one in ids[1:3]]
        nodes.append(_node(ids[3], "notify.staff", f"通知 {block}"))
        tie(last, ids[0])
        tie(f"{ids[0]}:c1", ids[1])
        tie(f"{ids[0]}:else", ids[2])
        tie(f"{ids[1]}:done", ids[3])
        tie(f"{ids[2]}:done", ids[3])
        last = f"{ids[3]}:out"
    while len(nodes) < steps - 1:
        extra = f"x{len(nodes)}"
        nodes.append(_node(extra, "notify.staff", extra))
        tie(last, extra)
        last = f"{extra}:out"
    nodes.append(_node("end", "flow.end", "结束"))
    tie(last, "end")
    return {**content, "nodes": nodes, "edges": edges}


def _node(name: str, kind: str, label: str, **config: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "tv": 1, "name": label, "config": config}


def drawn(page: Page, url: str) -> Flow:
    """The designer with the flow on its canvas."""
    flow = Flow.blank(page, url, "很长的流程", "complaint")
    assert page.evaluate(STORE, {"content": many_steps(flow.content())}) == 200
    page.reload()
    expect(page.locator(".lines .line-arrow")).to_have_count(LINES)  # cards stand there as far as they are seen
    return flow


def take_hold(page: Page, flow: Flow, name: str) -> tuple[float, float]:
    """Press the mouse on a step of the free view and stir it; where the pointer is now."""
    flow.view("自由")
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox", name="找节点").fill(name)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    card = flow.card(name)
    expect(card).to_be_in_viewport()
    page.wait_for_timeout(300)  # the view comes to rest
    across, down = middle(card)
    page.mouse.move(across, down)
    page.mouse.down()
    page.mouse.move(across + 12, down + 6, steps=3)
    return across + 12, down + 6
