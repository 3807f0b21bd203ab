"""What is added to the product without changing it: modules in a folder or in installed packages, loaded into one
application's catalogue.

A plugin that is broken is left out, whole, and said so: in the log, by `flask plugins` and on the page of plugins. The
application starts.
"""
from __future__ import annotations

import ctypes
import importlib.util
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog

from app.core.catalog import Catalog
from app.plugins import fields, nodes
from app.plugins.base import NAME, Plugin, Unfit

__all__ = ["GROUP", "LISTS", "Plugin", "load", "load_one"]

SORTS = (fields.SORT, *nodes.SORTS)
LISTS = tuple(sort.list for sort in SORTS)  # the names under which a plugin's module lists its classes
GROUP = "danflow.plugins"  # of entry points, for plugins that are installed packages
IMPORT_S = 10.0

log = structlog.get_logger(__name__)


def load(folder: Path, catalog: Catalog) -> list[Plugin]:
    """Add the plugins of `folder`, by name, and those of installed packages to the catalogue; a log line for each that
    is left out."""
    found: list[Plugin] = []
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if _is_plugin(path):
                found.append(_from_file(path, catalog, found))
    else:
        log.warning("plugins_dir_missing", folder=str(folder), fix="Create it or set PLUGINS_DIR")
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found.append(_from_package(entry, catalog, found))
    for plugin in found:
        if plugin.reason:
            log.error("plugin_left_out", plugin=plugin.name, file=str(plugin.path), reason=plugin.reason)
    return found


def load_one(path: Path, catalog: Catalog) -> Plugin:
    """The plugin that one folder or file holds, in the catalogue or with the reason why not."""
    return _from_file(path, catalog, ())


def _is_plugin(path: Path) -> bool:
    return not path.name.startswith((".", "_")) and (path.is_dir() or path.suffix == ".py")


def _from_file(path: Path, catalog: Catalog, before: Sequence[Plugin]) -> Plugin:
    file = path / "__init__.py" if path.is_dir() else path

    def module() -> ModuleType:
        if not file.is_file():
            raise Unfit("the folder has no __init__.py")
        return _imported(path.stem, file)

    return _added(path.stem, file, module, catalog, before)


def _from_package(entry: EntryPoint, catalog: Catalog, before: Sequence[Plugin]) -> Plugin:
    def module() -> ModuleType:
        with _in_time():
            found = entry.load()
        if not isinstance(found, ModuleType):
            raise Unfit(f"its entry point {entry.value!r} is no module")
        return found

    return _added(entry.name, Path(entry.value.partition(":")[0]), module, catalog, before)


def _added(
    name: str, file: Path, module: Callable[[], ModuleType], catalog: Catalog, before: Sequence[Plugin]
) -> Plugin:
    """The plugin, all of it in the catalogue or nothing."""
    try:
        if not NAME.fullmatch(name) or name in fields.RESERVED:
            raise Unfit(f"{name!r} is no name for a plugin: use small letters, digits and _")
        if name in [plugin.name for plugin in before]:
            raise Unfit(f"another plugin is called {name!r}")
        code = _run("importing it failed with ", module)
        brought = list(_things(name, file, code, catalog))
    except Unfit as unfit:
        return Plugin(name, file, reason=str(unfit))
    for sort, item, _ in brought:
        sort.registry(catalog).add(sort.key(item), item, owner=name)
    templates = {key: path for _, _, drawn in brought for key, path in drawn.items()}
    return Plugin(name, file, tuple(dict.fromkeys(_called(sort.key(item)) for sort, item, _ in brought)),
                  templates=templates, module=code)


def _called(key: Any) -> str:
    return key[0] if isinstance(key, tuple) else str(key)


def _things(
    name: str, file: Path, module: ModuleType, catalog: Catalog
) -> Iterator[tuple[Any, Any, Mapping[str, Path]]]:
    """(sort, instance, templates) of everything in the module's lists."""
    listed = [(sort, getattr(module, sort.list, ())) for sort in SORTS]
    if not any(kinds for _, kinds in listed):
        raise Unfit(f"it has no {' nor '.join(LISTS)} = (…,)")
    folder = Path(module.__file__ or file).parent
    for sort, kinds in listed:
        if not isinstance(kinds, (list, tuple)):
            raise Unfit(f"{sort.list} is no tuple of classes")
        seen = set()
        for kind in kinds:
            item = _run(f"{getattr(kind, '__name__', kind)}: ", lambda: sort.made(kind, catalog, name))  # noqa: B023
            if sort.key(item) in seen:
                raise Unfit(f"{sort.list} names {_called(sort.key(item))!r} twice")
            seen.add(sort.key(item))
            yield sort, item, sort.template(item, folder)


def _run(before: str, act: Callable[[], Any]) -> Any:
    """What somebody else's code gives; whatever it raises, the application starts."""
    try:
        return act()
    except Unfit:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as said
        raise Unfit(f"{before}{type(error).__name__}: {error}{_line(error)}") from error


def _line(error: BaseException) -> str:
    """The last line of the plugin's own code on the way to an error."""
    if isinstance(error, SyntaxError):
        return ""  # its message has the line already
    ours = str(Path(__file__).parents[1])
    own = [frame for frame in traceback.extract_tb(error.__traceback__)
           if not frame.filename.startswith((ours, "<", sys.prefix, sys.base_prefix))]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno}: {own[-1].line})" if own else ""


def _imported(name: str, file: Path) -> ModuleType:
    """The plugin's module, new for each application; it finds its own files with `from . import …`."""
    module_name = f"danflow_plugin_{name}"
    for known in [key for key in sys.modules if key == module_name or key.startswith(f"{module_name}.")]:
        del sys.modules[known]
    inside = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(module_name, file, submodule_search_locations=inside)
    assert spec and spec.loader
    module = sys.modules[module_name] = importlib.util.module_from_spec(spec)
    try:
        with _in_time():
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module


class Endless(Exception):
    """Importing took too long."""


@contextmanager
def _in_time() -> Iterator[None]:
    """Interrupt the Python code inside after ten seconds: a plugin that never finishes importing must not keep the
    product from starting. Code that swallows every exception, or waits in C, is out of reach."""
    thread, over, lock = threading.get_ident(), [False], threading.Lock()

    def interrupt() -> None:
        with lock:
            if not over[0]:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Endless))

    timer = threading.Timer(IMPORT_S, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Endless:
        raise Endless(f"it was not done within {IMPORT_S:.0f} seconds") from None
    finally:
        with lock:
            over[0] = True
        timer.cancel()
