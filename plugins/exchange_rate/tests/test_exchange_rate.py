"""Conversion: a rate that comes, one that does not, and answers that make no sense."""
from __future__ import annotations

from typing import Any

import pytest

from app.sdk import Answer, Go, Job
from app.testing import assert_contract, load_plugin, play, run_node

plugin = load_plugin(__file__)
CONFIG = {"connector": "fx", "path": "/latest?to=CNY", "at": "rates.CNY", "amount": "form.f_usd", "to": "vars.cny"}
VARS = [{"key": "cny", "type": "number"}]


def test_it_keeps_the_contract() -> None:
    assert_contract(plugin.Convert, CONFIG, form={"f_usd": 12}, vars={"cny": 0})


def test_it_asks_the_connector() -> None:
    job = run_node(plugin.Convert, CONFIG, form={"f_usd": 12}, vars={"cny": 0})
    assert isinstance(job, Job) and job.name == "webhook"
    assert (job.args["method"], job.args["path"]) == ("GET", "/latest?to=CNY")
    assert (job.timeout_ms, job.retry) == (10_000, {"max": 3, "backoff_ms": 60_000})


def test_both_ways_out() -> None:
    converted = play(plugin.Convert, CONFIG, form={"f_usd": 12.5}, vars=VARS)
    assert (converted.port, converted.vars["cny"], converted.failures) == ("out", "88.75", [])
    failed = play(plugin.Convert, CONFIG, form={"f_usd": 12.5}, vars=VARS, mock="error")
    assert (failed.port, failed.vars["cny"]) == ("error", None)


@pytest.mark.parametrize("result", [None, {}, {"rates": 3}, {"rates": {"CNY": "lots"}}, {"rates": {"CNY": -1}},
                                    {"rates": {"CNY": True}}, {"rates": {"CNY": "Infinity"}}])
def test_an_answer_that_makes_no_sense_is_no_rate(result: Any) -> None:
    outcome = run_node(plugin.Convert, CONFIG, Answer("job", result=result), form={"f_usd": 12}, vars={"cny": 0})
    assert isinstance(outcome, Go) and outcome.port == "error" and not outcome.set


def test_no_amount_is_no_result() -> None:
    outcome = run_node(plugin.Convert, CONFIG, Answer("job", result={"rates": {"CNY": 7}}), form={"f_usd": ""},
                       vars={"cny": 0}, types={"form.f_usd": "number"})
    assert isinstance(outcome, Go) and outcome.port == "error"
