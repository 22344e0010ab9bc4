"""A job in a TOML file, and --save-job."""

import os
import random
import subprocess

import pytest
from running import OCHE, PATIENCE, check_message, oche, parse_json, result

JOB = '''# The discharge of a capacitor.
expression = "a*exp(-b*t)+c"
inputs = [
  "a ~ normal(5, 0.1)",   # volt
  "b ~ uniform(1, 2)",
  "t = 3", "c ~ normal(0, 0.2)",
]
samples = 1e5
seed = 7
'''
ARGUMENTS = ["a*exp(-b*t)+c", "a~normal(5,0.1)", "b~uniform(1,2)", "t=3", "c~normal(0,0.2)",
             "--samples", "1e5", "--seed", "7"]


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "job.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)
    return write


def test_a_file_is_the_same_job_as_its_command_line(file):
    assert result("estimate", file(JOB))["digest"] == result("estimate", *ARGUMENTS)["digest"]


def test_what_is_on_the_command_line_comes_first(file):
    answer = result("estimate", file(JOB), "--samples", "1000", "--seed", "8")
    assert (answer["samples"], answer["seed"]) == (1000, 8)


def test_every_key_of_a_run_can_be_said(file):
    text = ('expression = "x, x=0..1"\nrel_error = 0.01\nabs_error = "1e-2"\ntime = "1h"\n'
            'confidence = 0.9\nmethod = "stratified"\nworkers = 2\nsimd = "portable"\n'
            'lease = "5s"\nlisten = "127.0.0.1:0"\nwait = 0\n')
    answer = result("estimate", file(text), "--quiet")
    assert answer["confidence"] == 0.9 and answer["method"] == "stratified"
    assert answer["stop_reason"] == "target" and len(answer["crew"]) == 2


@pytest.mark.parametrize("arguments", [
    ARGUMENTS, ["1/x, x=1..2", "--rel-error", "1e-3", "--confidence", "0.99"],
    ["x\t+ 1", "x=0..1", "--samples", "30000", "--method", "stratified"]])
def test_a_saved_job_is_the_same_job(tmp_path, arguments):
    saved = str(tmp_path / "saved.toml")
    first = result("estimate", *arguments, "--save-job", saved)
    again = result("estimate", saved)
    for key in ("digest", "interval", "confidence", "stop_reason", "samples"):
        assert first[key] == again[key]


def test_a_file_is_never_written_over(file):
    path = file(JOB)
    ended = oche("estimate", "x", "x=0..1", "--samples", "10", "--save-job", path)
    assert ended.code == 4 and "there already" in ended.err and ended.out == ""
    with open(path, encoding="utf-8") as same:
        assert same.read() == JOB


def test_a_job_is_saved_where_it_is_known_again(tmp_path):
    saved = tmp_path / "saved.txt"
    ended = oche("estimate", "x", "x=0..1", "--samples", "10", "--save-job", str(saved))
    assert ended.code == 2 and ended.out == "" and not saved.exists()
    check_message(ended.err, "is no name of a job file", "ends in .toml")


def test_a_wrong_job_is_not_saved(tmp_path):
    saved = tmp_path / "saved.toml"
    assert oche("estimate", "x+", "x=0..1", "--save-job", str(saved)).code == 2
    assert not saved.exists()


@pytest.mark.parametrize("text, code, texts", [
    ("", 4, ["has no expression"]),
    ("expression = 3", 4, ["line 1", "no text"]),
    ('expression = "x"\ninputs = "x=0..1"', 4, ["line 2", "no list"]),
    ('expression = "x"\ninputs = [\n"x=0..1", 3]', 4, ["line 3", "an input is no text"]),
    ('expression = "x, x=0..1"\nsample = 3', 4, ["line 2", "sample is not a key",
                                                 "did you mean samples?"]),
    ('expression = "x, x=0..1"\nsamples = -1', 4, ["line 2", "out of range"]),
    ('expression = "x, x=0..1"\nsamples = true', 4, ["line 2", "neither a number nor a text"]),
    ('expression = "x, x=0..1"\n[samples]\nn = 3', 4, ["samples", "neither a number"]),
    ('expression = "x, x=0..1"\nsamples = 1\nsamples = 2', 4,
     ["line 3: the key samples is given twice", "leave one out"]),
    ('expression = "x"\n[inputs]\n[inputs]', 4, ["line 3: the key inputs is given twice"]),
    ('expression = "x, x=0..1"\nsamples = 99999999999999999999999', 4,
     ["line 2: the whole number 99999999999999999999999 is too large"]),
    ('expression = "x', 4, ["line 1", "no TOML", "string: end-of-file"]),
    ('expression = 1/x', 4, ["line 1", "no TOML from column 15", "'/'"]),
    ("expression = x", 4, ["line 1", "no TOML"]),
    ('expression = "x, y=0..1"', 2, ["x has no input"]),
    ('expression = "x, x=0..1"\nmethod = "foo"', 2, ["'foo'"]),
    (b'expression = "\xff"', 4, ["line 1", "no TOML"]),
    (b'expression = "x\0"', 4, ["line 1", "no TOML"]),
    pytest.param("a = " + 10_000 * "[", 4, ["line 1", "no TOML"], id="brackets"),
    pytest.param(".".join(["a"] * 50_000) + " = 1", 4, ["line 1", "over 8 dots"], id="long key"),
    pytest.param("\n[" + ".".join(["a"] * 200_000) + "]", 4, ["line 2", "over 8 dots"],
                 id="long table"),
    pytest.param("a = {" + ". ".join(['"a.b"'] * 50_000) + " = 1}", 4, ["over 8 dots"],
                 id="long key in quotes"),
    pytest.param("a = '''\n" + "'" * 5 + "\n" + "b." * 50_000 + "b = 1", 4, ["line 3", "over 8"],
                 id="long key behind a text of two lines"),
    pytest.param(("a.b.c.d.e.f.g.h = [{\n" * 120), 4, ["no TOML"], id="deep tables"),
    pytest.param("#" * 2_000_000, 4, ["too long"], id="2 MB"),
])
def test_a_wrong_file_is_told(file, text, code, texts):
    ended = oche("estimate", file(text))
    assert ended.code == code and ended.out == "", ended.err[:500]
    for expected in texts:
        assert expected in ended.err, ended.err[:500]
    assert "unexpected" not in ended.err.lower()


def test_dots_of_texts_and_comments_and_lists_are_no_key(file):
    text = ('# 1.2.3.4.5.6.7.8.9.10.11\nexpression = """\\\n  """ # 1.2.3.4.5.6.7.8.9.10\n'
            "inputs = ['x.1.2.3.4.5.6.7.8.9.10']\nquantiles = [0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.91]")
    ended = oche("estimate", file(text))
    assert ended.code == 2 and "dots" not in ended.err


def test_a_job_and_data_from_pipes(tmp_path):
    for path in (tmp_path / "job.toml", tmp_path / "points.csv"):
        os.mkfifo(path)
    for arguments in ([str(tmp_path / "job.toml")], ["x", f"x~data('{tmp_path}/points.csv')"]):
        ended = oche("estimate", *arguments)
        assert ended.code == 4 and ended.out == ""
        check_message(ended.err, "can't be read (it is a pipe that nobody writes to)")
    piped = subprocess.run(["bash", "-c", f"{OCHE} estimate x 'x~data(\"'<(printf 'x\n1\n3\n')'\")' "
                            "--samples 1e4 --json"], capture_output=True, timeout=PATIENCE, check=True)
    assert parse_json(piped.stdout.decode())["outputs"]


def test_a_file_that_is_not_there(tmp_path):
    ended = oche("estimate", str(tmp_path / "no.toml"))
    assert ended.code == 4 and "can't be read (No such file" in ended.err
    (tmp_path / "folder.toml").mkdir()
    assert oche("estimate", str(tmp_path / "folder.toml")).code == 4


def test_inputs_beside_a_file(file):
    ended = oche("estimate", file(JOB), "x=0..1")
    assert ended.code == 2 and "give one of them" in ended.err


def test_files_with_broken_bytes_are_told_and_nothing_else(file):
    random.seed(5)
    for _ in range(200):
        text = bytearray(JOB.replace("1e5", "1e3").encode())
        for _ in range(random.randint(1, 4)):
            text[random.randrange(len(text))] = random.choice(b'\0"[]=.#\n\\e9-\xff')
        ended = oche("estimate", file(bytes(text)))
        assert ended.code in (0, 1, 2, 4), (ended.code, text, ended.err)
        assert (ended.code in (0, 1)) == (ended.out != ""), (text, ended.err)
