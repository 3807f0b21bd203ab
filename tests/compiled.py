"""What all applications of a run have in common is compiled once: templates, and what makes the addresses of routes.

Each test gets an application of its own; a process that serves has one, where this would gain nothing.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """Compiled templates of this process; a bucket whose source has changed is not taken (Jinja looks itself)."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


def share() -> None:
    """From now on, applications of this process share what was compiled for another one."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    made: dict[Any, Callable[..., tuple[str, str]]] = {}
    compile_ = Rule._compile_builder

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # It reads converters and values of the rule that it is bound to; all else is in these.
        key = (rule.rule, *rule._trace, repr(rule.defaults), append_unknown)
        if key not in made:
            made[key] = compile_(rule, append_unknown)
        return made[key]

    Rule._compile_builder = builder
