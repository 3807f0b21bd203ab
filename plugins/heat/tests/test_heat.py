"""Counting: over several texts, whatever the case of letters, up to the threshold."""
from __future__ import annotations

import pytest

from app.testing import assert_contract, load_plugin, play

plugin = load_plugin(__file__)
CONFIG = {"look_in": ["form.f_body", "form.f_more"], "words": ["退款", "REFUND"], "hot": 3, "to": "vars.heat"}
VARS = [{"key": "heat", "type": "number"}]


def test_it_keeps_the_contract() -> None:
    assert_contract(plugin.Heat, CONFIG, form={"f_body": "", "f_more": ""}, vars={"heat": 0})


@pytest.mark.parametrize(("body", "more", "port", "count"), [
    ("退款！退款！", "refund now", "hot", "3"), ("退款", "Refund", "calm", "2"), ("很好吃", "", "calm", "0"),
    ("退款退款退款退款", "", "hot", "4"),
])
def test_hot_or_calm(body: str, more: str, port: str, count: str) -> None:
    played = play(plugin.Heat, CONFIG, form={"f_body": body, "f_more": more}, vars=VARS)
    assert (played.port, played.vars["heat"], played.status) == (port, count, "closed")


def test_it_counts_without_keeping() -> None:
    config = {key: value for key, value in CONFIG.items() if key != "to"}
    played = play(plugin.Heat, {**config, "hot": 1}, form={"f_body": "退款", "f_more": ""})
    assert played.port == "hot"
