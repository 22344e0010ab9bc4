"""The options that say what of an answer is shown, on the command line and in a job file."""

import pytest
from running import check_message, oche, result

MODEL = ["estimate", "a+b", "a~normal(5,3)", "b~uniform(0,12)", "--samples", "1e5"]


@pytest.mark.parametrize("options, texts", [
    (["--quantiles", "0.5,1"], ["--quantiles 1", "between 0 and 1"]),
    (["--quantiles", "0.5,,0.9"], ["--quantiles '0.5,,0.9' has an empty place"]),
    (["--quantiles", "0.5,"], ["--quantiles '0.5,' has an empty place"]),
    (["--quantiles", ""], ["--quantiles '' has an empty place"]),
    (["--quantiles", "0.025 0.975"], ["--quantiles 0.025 0.975 is not a finite number"]),
    (["--quantiles", "[0.1,0.9]"], ["--quantiles [0.1 is not a finite number"]),
    (["--quantiles", "half"], ["--quantiles half"]),
    (["--quantiles", ",".join(f"0.{n:05d}" for n in range(1, 1002))], ["over 1000", "fewer"]),
    (["--coverage", "1"], ["--coverage 1", "between 0 and 1", "--coverage 0.95"]),
    (["--coverage", "nan"], ["--coverage nan", "--coverage 0.95"]),
    (["--bars", "0"], ["--bars 0", "1 to 100000"]),
    (["--bars", "many"], ["1 to 100000", "--bars 10"]),
    (["--bars", "1.5"], ["--bars 1.5", "whole number"]),
    (["--histogram", "picture.png"], ["picture.png is no place", ".csv or .svg"]),
    (["--histogram", "show", "--json"], ["--histogram show with --json", "leave one"]),
    (["--report", "gum", "--json"], ["--report gum with --json"]),
    (["--report", "gum", "--full"], ["--full with --report gum"]),
    (["--report", "gum", "--quantiles", "0.5"], ["--quantiles with --report gum"]),
    (["--quiet", "--verbose"], ["--verbose with --quiet"]),
    (["--report", "gom"], ["--report gom is not known", "text and gum"]),
    (["--non-finite", "ignore"], ["--non-finite ignore", "fail, skip and zero"]),
])
def test_a_wrong_option_is_told(options, texts):
    ended = oche(*MODEL, *options)
    assert ended.code == 2 and ended.out == "", ended
    check_message(ended.err, *texts)


@pytest.mark.parametrize("options, name", [
    (["--quantiles", "0.5"], "--quantiles"), (["--coverage", "0.9"], "--coverage"),
    (["--bars", "10"], "--bars"), (["--histogram", "show"], "--histogram"),
    (["--report", "gum"], "--report gum")])
@pytest.mark.parametrize("job", [["estimate", "x", "x=0..1"],
                                 ["estimate", "x", "x~uniform(0,1)", "--method", "stratified"]])
def test_what_has_no_distribution_can_not_show_it(job, options, name):
    ended = oche(*job, *options, "--samples", "1e5")
    assert ended.code == 2 and ended.out == "", ended
    check_message(ended.err, f"{name} of what has no distribution", "write x~uniform(a,b)")


@pytest.mark.parametrize("file_name", ["there.csv", "there.svg"])
def test_a_histogram_is_never_written_over_a_file(tmp_path, file_name):
    path = tmp_path / file_name
    path.write_text("mine")
    ended = oche(*MODEL, "--histogram", str(path))
    assert ended.code == 4 and ended.out == "", ended
    check_message(ended.err, "is there already", "give another name")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["nowhere/h.csv", "file/h.svg"])
def test_a_histogram_that_can_not_be_written_is_told_before_the_run(tmp_path, name):
    (tmp_path / "file").write_text("")
    ended = oche(*MODEL, "--histogram", str(tmp_path / name))
    assert ended.code == 4 and ended.out == "", ended
    check_message(ended.err, "can't be written", "give another name")


def test_what_an_answer_has_nothing_for_is_told():
    probability = ["estimate", "x>0", "x~normal(0,1)", "--samples", "1e4", "--quantiles", "0.5",
                   "--coverage", "0.9"]
    told = oche(*probability)
    assert told.code == 0 and told.err == (
        "oche: no quantiles (no output has more than two values)\n"
        "oche: no coverage intervals (no output has more than two values)\n")
    quiet = oche(*probability, "--quiet")
    assert quiet.code == 0 and quiet.err == ""
    assert "--bars changes nothing" in oche(*MODEL, "--bars", "7").err
    assert oche(*MODEL, "--bars", "7", "--histogram", "show").err == ""


def test_what_is_shown_is_no_part_of_the_job():
    digests = {result(*MODEL, *options)["digest"] for options in (
        [], ["--quantiles", "0.1, 0.9"], ["--coverage", "0.5", "--bars", "7"], ["--full"])}
    assert len(digests) == 1


@pytest.mark.parametrize("line, code, texts", [
    ("quantiles = [0.1, 2]", 4, ["line 2", "--quantiles 2"]),
    ("quantiles = []", 4, ["line 2", "--quantiles ''"]),
    ("quantiles = [0.1, true]", 4, ["line 2", "neither a number nor a text"]),
    ("coverage = 2", 4, ["line 2", "--coverage 2"]),
    ("bars = [3]", 4, ["line 2", "neither a number nor a text"]),
    ("report = 'gom'", 4, ["line 2", "--report gom"]),
    ("histogram = 'x.png'", 4, ["line 2", "--histogram x.png"]),
    ("non_finite = 'never'", 4, ["line 2", "--non-finite never"]),
    ("sensitivity = 1", 4, ["line 2", "neither true nor false"]),
    ("sensitivty = true", 4, ["line 2", "did you mean sensitivity?"]),
    ("report = 'gum'\njson = true", 2, ["--report gum with --json"]),
])
def test_a_wrong_key_of_a_file_is_told(tmp_path, line, code, texts):
    path = tmp_path / "job.toml"
    path.write_text(f'expression = "x, x~normal(0,1)"\n{line}\nsamples = 1000\n')
    ended = oche("estimate", str(path))
    assert ended.code == code and ended.out == "", ended
    check_message(ended.err, *texts)


def test_a_saved_job_says_how_it_is_shown(tmp_path):
    saved = tmp_path / "saved.toml"
    result(*MODEL, "--quantiles", "0.1,0.9", "--coverage", "0.5", "--bars", "7", "--full",
           "--quiet", "--save-job", str(saved))
    text = saved.read_text()
    for line in ('quantiles = "0.1,0.9"', 'coverage = "0.5"', 'bars = "7"', "full = true",
                 "json = true", "quiet = true"):
        assert line in text.splitlines()
    assert oche("estimate", str(saved)).out.startswith('{"estimate":')


def test_a_job_that_can_not_be_shown_is_not_saved(tmp_path):
    saved = tmp_path / "saved.toml"
    ended = oche("estimate", "x", "x=0..1", "--coverage", "0.5", "--save-job", str(saved))
    assert ended.code == 2 and not saved.exists()


def test_help_names_the_options():
    out = oche("estimate", "--help").out
    for option in ("--quantiles", "--coverage", "--histogram", "--bars", "--report", "--full",
                   "--sensitivity", "--non-finite"):
        assert option in out
