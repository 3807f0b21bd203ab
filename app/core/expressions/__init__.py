"""Conditions and formulas: one meaning in the browser and in Python (docs/expressions.md).

Definitions are parsed and checked here once (`parse_formula`, `lower_condition`, both raising `ExprError`), stored as
JSON ASTs, and evaluated anywhere (`compile_ast`, `evaluate`, neither evaluation raising).
"""
from app.core.expressions.check import check_ast
from app.core.expressions.compile import Env, Program, compile_ast, evaluate
from app.core.expressions.conditions import OPERATORS, cond_refs, lower_condition, trace_condition
from app.core.expressions.errors import LIMITS, ExprError
from app.core.expressions.parser import Formula, parse_formula, type_name
from app.core.expressions.typing import FUNCTIONS
from app.core.expressions.values import Day, Err, Moment, Value, as_stored, from_json, to_json

__all__ = [
    "FUNCTIONS", "LIMITS", "OPERATORS", "Day", "Env", "Err", "ExprError", "Formula", "Moment", "Program", "Value",
    "as_stored", "check_ast", "compile_ast", "cond_refs", "evaluate", "from_json", "lower_condition", "parse_formula",
    "to_json", "trace_condition", "type_name",
]
