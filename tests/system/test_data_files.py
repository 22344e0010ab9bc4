"""Inputs that are rows of a file: data(FILE)."""

import os

import pytest
from running import Manager, check_contributed, oche, result, worker

ROWS = [(1, 10), (2, 20), (3, 60)]
PLAIN = "x,y\n" + "".join(f"{x},{y}\n" for x, y in ROWS)
SAMPLES = ["--samples", "100000"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, and how to put a file into it."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return write


def product(x="points.csv", y="points.csv"):
    return result("estimate", "x*y", f"x~data({x})", f"y~data({y})", *SAMPLES)


def test_rows_are_drawn_whole(folder):
    folder("points.csv", PLAIN)
    answer = product()
    # The mean of 10, 40 and 180, not the product of the means; five standard errors.
    assert abs(answer["estimate"] - 230 / 3) < 5 * answer["standard_error"] < 3
    assert (answer["minimum"], answer["maximum"]) == (10, 180)


def test_the_job_is_its_values_not_its_file(folder):
    folder("points.csv", PLAIN)
    digest = product()["digest"]
    folder("other/Points (2).dat", "# mine\nid\tY\t x \r\na\t1e1\t+1\r\nb\t20.0\t2\r\nc\t60\t3\r\n\r\n")
    assert product("'other/Points (2).dat'", '"other/Points (2).dat", Y')["digest"] == digest
    assert product("./points.csv", "points.csv, 2")["digest"] == digest
    folder("copy.csv", PLAIN)
    assert product("points.csv", "copy.csv")["digest"] == digest
    folder("changed.csv", PLAIN.replace("60", "61"))
    assert product("changed.csv", "changed.csv")["digest"] != digest
    # Another file is another row.
    assert product("points.csv", "changed.csv")["maximum"] == 183


def test_a_home_folder(folder, monkeypatch, tmp_path):
    folder("points.csv", PLAIN)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir("/")
    assert product("~/points.csv", "~/points.csv")["maximum"] == 180


def refused(*arguments, code=4):
    ended = oche("estimate", *arguments)
    assert ended.code == code and ended.out == "", ended
    assert ended.err.startswith("oche: "), ended
    return ended.err.removeprefix("oche: ")


def test_files_that_are_none(folder):
    os.mkdir("folder")
    for name, why in [("missing.csv", "No such file or directory"), ("folder", "it is a folder"),
                      ("no/file.csv", "No such file"), ("points.csv/x", "No such file"),
                      ("/proc/self/mem", "error"), ("'\u00fc.csv'", "No such file")]:
        assert why in refused("x", f"x~data({name})"), name


def test_files_that_are_too_long(folder):
    with open("long.csv", "wb") as file:
        file.truncate(2**27 + 1)
    for name in ["long.csv", "/dev/zero"]:
        message = refused("x", f"x~data({name})")
        assert "is too long (the limit is 128 MiB for all files of a job)" in message
    # Each alone would do.
    folder("a.csv", "x\n1\n" + "#" * (2**26))
    folder("b.csv", "y\n1\n" + "#" * (2**26))
    assert result("estimate", "x", "x~data(a.csv)", *SAMPLES)["maximum"] == 1
    assert "too long" in refused("x", "x~data(a.csv)", "y~data(b.csv)")


def test_contents_that_are_no_rows_of_numbers(folder):
    folder("f.csv", "x,y\n1,2\n3,four\n")
    assert refused("y", "y~data(f.csv)") == (
        "'f.csv', line 3: column 2 (y) has 'four' (it is not a number); correct it, or remove the row\n")
    assert "no column z (its columns are x, y)" in refused("z", "z~data(f.csv)")
    folder("f.csv", "")
    assert "'f.csv' has no rows" in refused("x", "x~data(f.csv)")
    folder("f.csv", bytes(range(256)))
    assert "'f.csv', line 1: " in refused("x", "x~data(f.csv)")


def test_what_cannot_be_drawn_is_wrong_usage(folder):
    folder("f.csv", PLAIN)
    assert "drawn whole" in refused("x", "x~data(f.csv)[0..1]", code=2)
    assert "cannot be correlated" in refused("x", "x~data(f.csv)", "y~normal(0,1)", "corr(x,y)=0.5",
                                             code=2)
    assert "share a row" in refused("x*y", "x~data(f.csv)", "y~data(f.csv)", "--sensitivity", code=2)


def test_as_many_numbers_as_there_may_be_reach_a_worker(folder):
    rows = 2**19
    folder("f.csv", "".join(f"{i},{-i}\n" for i in range(rows)))
    arguments = ["estimate", "x; x+y", "x~data(f.csv,1)", "y~data(f.csv,2)", "--samples", "2000000"]
    with Manager(*arguments, "--wait", "1") as manager:
        os.remove("f.csv")  # a worker needs nothing but the job
        with worker(manager.place, "far") as far:
            answer = manager.json()
            far.ends_with(0)
    check_contributed(answer, "far")
    x, both = answer["outputs"]
    assert abs(x["estimate"] - (rows - 1) / 2) < 5 * x["standard_error"]
    assert both["estimate"] == both["minimum"] == both["maximum"] == 0
    folder("f.csv", "".join(f"{i},{-i}\n" for i in range(rows)))
    assert result(*arguments)["digest"] == answer["digest"]
    with open("f.csv", "a", encoding="ascii") as file:
        file.write("1,1\n")
    message = refused("x+y", "x~data(f.csv,1)", "y~data(f.csv,2)")
    assert "more than 1048576 numbers in the columns that are used" in message
    assert result("estimate", "x", "x~data(f.csv,1)", *SAMPLES)["minimum"] >= 0


def test_a_job_file_has_its_data_beside_it(folder, tmp_path, monkeypatch):
    folder("jobs/data/points.csv", PLAIN)
    folder("jobs/job.toml", 'expression = "x*y"\ninputs = [\'x ~ data("data/points.csv")\', '
           '"y ~ data(data/points.csv, y)"]\nsamples = 1e5\n')
    digest = product("jobs/data/points.csv", "jobs/data/points.csv")["digest"]
    assert result("estimate", "jobs/job.toml")["digest"] == digest
    assert result("estimate", str(tmp_path / "jobs/job.toml"))["digest"] == digest
    monkeypatch.chdir("jobs")
    assert result("estimate", "job.toml")["digest"] == digest


@pytest.mark.parametrize("names", [
    ("points.csv", "./points.csv, 2"), ("'points.csv'", '"points.csv", y'),
    ("../here/points.csv", "points.csv")])
def test_a_saved_job_finds_its_data(tmp_path, monkeypatch, names):
    here = tmp_path / "here"
    here.mkdir()
    (here / "points.csv").write_text(PLAIN)
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(here)
    arguments = [f"x*y, x~data({names[0]}), y~data({names[1]})", *SAMPLES]
    digest = None
    for saved in ["saved.toml", "../sub/saved.toml", "../saved.toml", str(tmp_path / "a.toml")]:
        first = result("estimate", *arguments, "--save-job", saved)
        digest = digest or first["digest"]
        assert result("estimate", saved)["digest"] == first["digest"] == digest
    # From a job file to one in another folder.
    again = result("estimate", "../sub/saved.toml", "--save-job", "again.toml")
    monkeypatch.chdir("/")
    assert result("estimate", str(here / "again.toml"))["digest"] == again["digest"] == digest


def test_names_that_are_found_from_anywhere_are_saved_as_they_are(tmp_path, monkeypatch):
    (tmp_path / "points.csv").write_text(PLAIN)
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [f"'{tmp_path}/points.csv'", "~/points.csv"]:
        result("estimate", "x", f"x~data({name})", *SAMPLES, "--save-job", "sub/saved.toml")
        saved = (tmp_path / "sub/saved.toml").read_text()
        assert f"x~data({name})" in saved
        os.remove("sub/saved.toml")


def test_elements_of_arrays_draw_rows_of_their_own(folder):
    folder("points.csv", PLAIN)
    answer = result("estimate", "x[1]*y[1]; x[1]*y[2]; x[1]-x[2]", "x[1..2]~data(points.csv)",
                    "y[1..2]~data(points.csv)", *SAMPLES)
    same, apart, difference = answer["outputs"]
    assert same["maximum"] == 180 and same["minimum"] == 10
    assert abs(same["estimate"] - 230 / 3) < 5 * same["standard_error"]
    assert abs(apart["estimate"] - 60) < 5 * apart["standard_error"]
    assert (difference["minimum"], difference["maximum"]) == (-2, 2)
    assert "other indices" in refused("x[1]", "x[1..2]~data(points.csv)", "y[1..3]~data(points.csv)",
                                      code=2)


def test_one_sample_is_a_row(folder):
    folder("points.csv", PLAIN)
    rows = set()
    for sample in range(20):
        ended = oche("estimate", "x", "x~data(points.csv)", "y~data(points.csv)", "--at-sample",
                     str(sample))
        lines = dict(line.split(" = ") for line in ended.out.splitlines())
        rows.add((float(lines["x"]), float(lines["y"])))
    assert rows == set(ROWS)


def test_numbers_are_what_their_digits_say(folder):
    folder("f.csv", "0.1\n")
    ended = oche("estimate", "x == 0.1", "x~data(f.csv)", "--at-sample", "0")
    assert "value = 1" in ended.out, ended
