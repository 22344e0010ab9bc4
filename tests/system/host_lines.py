"""The lines of a host, read back: each as a record, and as the sentence that a person would say of it.

Tests wait for sentences, so that they needn't know the form.
"""

import json
import re

HEAD = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (debug|info|warning) ([a-z_]+)")
FIELD = re.compile(r' ([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ ="\\\n]+)')

SENTENCES = {
    "listening": "listening on {address}",
    "refused": "a connection from {peer} came to nothing: {text}",
    "handshake_failed": "a connection from {peer} came to nothing: {text}",
    "probed": "a connection from {peer} came to nothing: {text}",
    "job_submitted": "job {job} of {client} is queued",
    "job_begun": "job {job} begins",
    "job_refused": "worker {name} can't compute job {job}: {text}",
    "result": "worker {name}: chunks {chunks} of job {job} {verdict}",
    "lease_expired": "worker {name}: lease of chunks {chunks} of job {job} ran past its deadline",
    "draining": "stopping: {jobs} jobs may go on for {seconds} s",
    "lines_lost": "({count} lines are lost: nobody read)",
}


def record_of(line):
    """The record of one line, in either form; None if it is none. Numbers of the text form are texts."""
    if line.startswith("{"):
        record = json.loads(line)
        assert list(record)[:3] == ["time", "level", "event"], line
        return record
    head = HEAD.match(line)
    if head is None:
        return None
    record = dict(zip(("time", "level", "event"), head.groups()))
    at = head.end()
    while at < len(line.rstrip("\n")):
        field = FIELD.match(line, at)
        assert field, f"no field at {line[at:]!r}"
        key, value = field.groups()
        assert key not in record, line
        record[key] = json.loads(value) if value.startswith('"') else value
        at = field.end()
    return record


def sentence_of(record):
    event = record["event"]
    if event == "listening" and "service" in record:
        return "{service} at {address}".format(**record)
    if event == "connected" and record["service"] == "work":
        return "worker {name} joined from {peer} with {cores} cores".format(**record)
    if event == "left" and record["service"] == "work":
        return "worker {name} left: {text}".format(**record)
    if event == "job_ended":
        return "job {job} is {state}, ".format(**record) + record.get("reason", record.get("text"))
    if event in SENTENCES:
        return SENTENCES[event].format(**record)
    return record.get("text", event)


def plainly(line):
    """A line of any program: those of a host's log as sentences, all others as they are."""
    record = record_of(line)
    return line if record is None else sentence_of(record) + "\n"
