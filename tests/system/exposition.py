"""A strict reader of Prometheus' text format 0.0.4, and of a host's page of metrics."""

import http.client
import math
import re

HELP = re.compile(r"# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)")
TYPE = re.compile(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? ([0-9.e+-]+|NaN|[+-]Inf)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


class Family:
    def __init__(self, name, kind):
        self.name, self.kind, self.samples = name, kind, {}


def labels_of(text):
    """The labels of {…} as a tuple of pairs."""
    labels, at = [], 0
    while at < len(text):
        label = LABEL.match(text, at)
        assert label, f"no label at {text[at:]!r}"
        labels.append(label.groups()[:2])
        at = label.end()
    assert labels and not text.endswith(","), text
    names = [name for name, _ in labels]
    assert len(set(names)) == len(names), text
    return tuple(labels)


def check_histogram(family):
    buckets = [(dict(labels)["le"], value) for (suffix, labels), value in family.samples.items()
               if suffix == "_bucket"]
    bounds = [float(bound) for bound, _ in buckets]
    assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, family.name
    counts = [value for _, value in buckets]
    assert counts == sorted(counts), family.name
    assert counts[-1] == family.samples[("_count", ())], family.name
    assert ("_sum", ()) in family.samples, family.name


def parse(text):
    """The families by name; each of the rules of the format is checked."""
    assert text.endswith("\n") and "\r" not in text
    families, helped, current = {}, None, None
    for line in text[:-1].split("\n"):
        if found := HELP.fullmatch(line):
            assert found.group(1) not in families and helped is None, line
            helped = found.group(1)
        elif found := TYPE.fullmatch(line):
            assert found.group(1) == helped, line
            current = families[helped] = Family(*found.groups())
            helped = None
        else:
            found = SAMPLE.fullmatch(line)
            assert found and current is not None and helped is None, line
            name, labels, value = found.groups()
            suffixes = ("_bucket", "_sum", "_count") if current.kind == "histogram" else ("",)
            assert name in [current.name + suffix for suffix in suffixes], line
            key = (name[len(current.name):], labels_of(labels[1:-1]) if labels else ())
            assert key not in current.samples, line
            current.samples[key] = float(value)
    assert helped is None
    for family in families.values():
        assert family.samples, family.name
        if family.kind == "histogram":
            check_histogram(family)
        if family.kind == "counter":
            assert family.name.endswith("_total"), family.name
            assert all(value >= 0 for value in family.samples.values()), family.name
        else:
            assert not family.name.endswith("_total"), family.name
    return families


def request(place, path="/metrics", method="GET", body=None):
    """The status, headers and body of an answer."""
    address, _, port = place.rpartition(":")
    connection = http.client.HTTPConnection(address, int(port), timeout=120)
    try:
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def scrape(place):
    status, headers, body = request(place)
    assert status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parse(body)


def value(families, name, **labels):
    return families[name].samples[("", tuple(labels.items()))]
