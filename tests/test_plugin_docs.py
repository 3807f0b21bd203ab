"""docs/plugins.md: its example works as it stands, and every name it uses is there."""
from __future__ import annotations

import re
from pathlib import Path

from app import new_catalog, plugins, sdk, testing
from app.flows.base import Go, Job

PAGE = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")


def test_the_example_is_a_plugin(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example and "NODE_TYPES" in example[1]
    (tmp_path / "acme.py").write_text(example[1], encoding="utf-8")
    catalog = new_catalog()
    (found,) = [plugin for plugin in plugins.load(tmp_path, catalog) if plugin.name == "acme"]
    assert not found.reason and found.types == ("acme.sms",)
    kind = type(catalog.nodes.get(("acme.sms", 1)))
    config = {"to": "{{form.f_phone}}", "text": "您好"}
    asked = testing.run_node(kind, config, form={"f_phone": "13800138000"})
    assert asked == Job("acme.sms.send", {"to": "13800138000", "text": "您好"})
    for ok, port in ((True, "out"), (False, "error")):
        went = testing.run_node(kind, config, sdk.Answer("job", ok=ok), form={"f_phone": ""})
        assert isinstance(went, Go) and went.port == port
    assert testing.play(kind, config, form={"f_phone": "1"}).port == "out"


def test_the_names_it_tells_exist() -> None:
    for line in re.findall(r"from app\.(sdk|testing) import ([\w, ]+)", PAGE):
        room = {"sdk": sdk, "testing": testing}[line[0]]
        assert all(hasattr(room, name) for name in re.findall(r"\w+", line[1])), line
    for name in re.findall(r"sdk\.(\w+)", PAGE):
        assert hasattr(sdk, name), name
    table = PAGE.partition("| a setting is | class |")[2].partition("\n\n")[0]
    told = set(re.findall(r"`([A-Z]\w+)\(", table))
    assert len(told) > 15 and [name for name in told if not hasattr(sdk.fields, name)] == []
    asked = set(re.findall(r"`(Go|Wait|Job|Park|Timer|Task|Message|Owner|Note)\(", PAGE))
    assert len(asked) == 9 and all(hasattr(sdk, name) for name in asked)
    assert set(re.findall(r"`(\w+_TYPES|CHANNELS|JOBS)`", PAGE)) == set(plugins.LISTS)
