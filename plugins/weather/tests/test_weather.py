"""Waiting: good weather at once, bad weather looked at again, bad to the end, no answer."""
from __future__ import annotations

from app.sdk import Answer, Job, Timer, Wait
from app.testing import NOW, asks, assert_contract, load_plugin, play, run_node

plugin = load_plugin(__file__)
HOUR = 3_600_000
CONFIG = {"connector": "sky", "path": "/now?city={{form.f_city}}", "at": "now.text", "bad": ["雨", "雪"],
          "again": "PT3H", "most": 2}
FORM = {"f_city": "杭州"}


def weather(text: str) -> dict[str, object]:
    return {"result": {"now": {"text": text}}}


def test_it_keeps_the_contract() -> None:
    assert_contract(plugin.WeatherDelay, CONFIG, form=FORM)


def test_good_weather_goes_on_at_once() -> None:
    assert play(plugin.WeatherDelay, CONFIG, form=FORM).port == "clear"


def test_bad_weather_is_looked_at_again() -> None:
    waiting = run_node(plugin.WeatherDelay, CONFIG, Answer("job", result={"now": {"text": "小雨"}}), form=FORM)
    assert isinstance(waiting, Wait) and waiting.keep == {"asked": 1}
    assert asks(waiting, Timer) == [Timer("again", NOW + 3 * HOUR)]
    again = run_node(plugin.WeatherDelay, CONFIG, Answer("timer", name="again"), form=FORM, memo={"asked": 1})
    [job] = asks(again, Job)
    assert job.args["path"] == "/now?city=%E6%9D%AD%E5%B7%9E"


def test_bad_weather_to_the_end() -> None:
    late = play(plugin.WeatherDelay, CONFIG, form=FORM, mock={"port": "late"}, until="P2D")
    assert late.port == "late" and late.result.state["visits"]["step"] == 1
    queued = [event["t"] for event in late.result.events if event["kind"] == "job.queued"]
    assert [moment - queued[0] for moment in queued] == [0, 3 * HOUR, 6 * HOUR]


def test_no_forecast() -> None:
    assert play(plugin.WeatherDelay, CONFIG, form=FORM, mock="error").port == "error"
    nothing = run_node(plugin.WeatherDelay, CONFIG, Answer("job", result={"now": {}}), form=FORM)
    assert getattr(nothing, "port", "") == "error"
