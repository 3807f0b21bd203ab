"""The peer: SpiffWorkflow with save and reload around every step, which is what a web application has to do.

Six steps (two scripts, one exclusive choice, two human tasks, an end), the whole workflow serialised to one JSON column
in SQLite with synchronous=FULL. It writes no events, tasks or outbox rows: less durable work than our step does.
"""
from __future__ import annotations

import io
import sqlite3
import time
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

BPMN = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="bench">
<process id="complaint" isExecutable="true">
<startEvent id="start"><outgoing>f1</outgoing></startEvent>
<scriptTask id="classify"><incoming>f1</incoming><outgoing>f2</outgoing>
  <script>priority = 'red' if amount &gt; 5000 else 'normal'</script></scriptTask>
<exclusiveGateway id="hot" default="f4">
  <incoming>f2</incoming><outgoing>f3</outgoing><outgoing>f4</outgoing></exclusiveGateway>
<userTask id="claim"><incoming>f3</incoming><incoming>f4</incoming><outgoing>f5</outgoing></userTask>
<userTask id="handle"><incoming>f5</incoming><outgoing>f6</outgoing></userTask>
<scriptTask id="settle"><incoming>f6</incoming><outgoing>f7</outgoing>
  <script>paid = amount * 98 / 100</script></scriptTask>
<endEvent id="end"><incoming>f7</incoming></endEvent>
<sequenceFlow id="f1" sourceRef="start" targetRef="classify"/>
<sequenceFlow id="f2" sourceRef="classify" targetRef="hot"/>
<sequenceFlow id="f3" sourceRef="hot" targetRef="claim">
  <conditionExpression xsi:type="tFormalExpression">priority == 'red'</conditionExpression></sequenceFlow>
<sequenceFlow id="f4" sourceRef="hot" targetRef="claim"/>
<sequenceFlow id="f5" sourceRef="claim" targetRef="handle"/>
<sequenceFlow id="f6" sourceRef="handle" targetRef="settle"/>
<sequenceFlow id="f7" sourceRef="settle" targetRef="end"/>
</process></definitions>"""
DRAWN = ("classify", "hot", "claim", "handle", "settle", "end")


def steps_per_second(path: Path, seconds: float) -> float:
    """Steps per second, the workflow loaded before and saved after every one.

    A step is a node that somebody drew; what the engine adds around them (root, start) runs with the next step.
    """
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(BPMN.encode())))
    spec = parser.get_spec("complaint")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE IF NOT EXISTS workflow (id INTEGER PRIMARY KEY, body TEXT)")
    begun, steps = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds:
        workflow = BpmnWorkflow(spec)
        workflow.task_tree.data["amount"] = 6000
        key = conn.execute("INSERT INTO workflow (body) VALUES (?)", (serializer.serialize_json(workflow),)).lastrowid
        while not workflow.completed:
            body = conn.execute("SELECT body FROM workflow WHERE id = ?", (key,)).fetchone()[0]
            workflow = serializer.deserialize_json(body)
            _run_step(workflow)
            conn.execute("UPDATE workflow SET body = ? WHERE id = ?", (serializer.serialize_json(workflow), key))
            steps += 1
    conn.close()
    return steps / spent


def _run_step(workflow: BpmnWorkflow) -> None:
    drawn = False
    while not drawn and not workflow.completed:
        task = workflow.get_next_task(state=TaskState.READY)
        task.run()
        if task.state != TaskState.COMPLETED:
            task.complete()
        workflow.refresh_waiting_tasks()
        drawn = task.task_spec.name in DRAWN
