"""The distribution of an answer, as the program shows it."""

import csv
import io
import math
import os
import re
import xml.etree.ElementTree as ElementTree

import pytest
from running import POINTS, oche, result

# Of the standard normal distribution, from its tables.
Z = {0.025: -1.959963984540054, 0.25: -0.6744897501960817, 0.5: 0.0, 0.75: 0.6744897501960817,
     0.975: 1.959963984540054}
NORMAL = ["estimate", "2*x+1", "x~normal(0,1)", "--samples", "1e6"]
UNIT = {**os.environ, "LC_ALL": "C.UTF-8"}


def test_a_normal_distribution_is_recognized():
    answer = result(*NORMAL)
    n = answer["samples"]
    # Five standard errors of each: of a normal distribution 1/sqrt(2n), sqrt(6/n), sqrt(24/n).
    assert abs(answer["standard_deviation"] / 2 - 1) < 5 / math.sqrt(2 * n)
    assert math.isclose(answer["standard_deviation_error"], 2 / math.sqrt(2 * n), rel_tol=0.05)
    assert abs(answer["skewness"]) < 5 * math.sqrt(6 / n)
    assert math.isclose(answer["skewness_error"], math.sqrt(6 / n), rel_tol=0.1)
    assert abs(answer["excess_kurtosis"]) < 5 * math.sqrt(24 / n)
    assert math.isclose(answer["excess_kurtosis_error"], math.sqrt(24 / n), rel_tol=0.2)
    assert [q["probability"] for q in answer["quantiles"]] == list(Z)
    for q in answer["quantiles"]:
        low, high = q["interval"]
        truth = 1 + 2 * Z[q["probability"]]
        assert low <= q["value"] <= high
        # The interval is 1.96 standard errors on each side, and a bin; five errors hold the truth.
        assert abs(q["value"] - truth) < 5 / 1.96 * (high - low) / 2
    for name in ("symmetric", "shortest"):
        low, high = answer["coverage"][name]
        # Five standard errors of the quantiles at its ends, 2 sqrt(p (1-p) / n) / density each.
        error = 2 * math.sqrt(0.025 * 0.975 / n) / 0.0584
        assert abs((high - low) / 2 - 1.96 * 2) < 5 * error
    low, high = answer["coverage"]["shortest"]
    assert high - low <= answer["coverage"]["symmetric"][1] - answer["coverage"]["symmetric"][0]
    effect, = answer["effects"]
    assert effect["input"] == "x" and math.isclose(effect["correlation"], 1, abs_tol=1e-9)


def test_every_sample_is_in_one_bar():
    answer = result(*NORMAL, "--bars", "40")
    bars = answer["histogram"]
    assert len(bars) <= 40 and sum(bar["count"] for bar in bars) == answer["samples"]
    assert all(a["high"] == b["low"] for a, b in zip(bars, bars[1:]))
    assert bars[0]["low"] <= answer["minimum"] and answer["maximum"] <= bars[-1]["high"]


def test_the_histogram_as_a_table(tmp_path):
    path = tmp_path / "h.csv"
    answer = result(*NORMAL, "--histogram", str(path))
    with open(path, newline="", encoding="utf-8") as file:
        text = file.read()
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    assert text.count("\r\n") == text.count("\n") == len(rows) + 1
    assert [float(row["low"]) for row in rows] == [bar["low"] for bar in answer["histogram"]]
    assert [int(row["count"]) for row in rows] == [bar["count"] for bar in answer["histogram"]]
    whole = sum(float(row["density"]) * (float(row["high"]) - float(row["low"])) for row in rows)
    assert math.isclose(whole, 1, rel_tol=1e-9)


@pytest.mark.parametrize("job", [
    ["2*x+1", "x~normal(0,1)"], ["1/x", "x~normal(0,1)"], ["x<0.3 and x>0.1; x^2", "x~uniform(0,1)"],
    ["floor(6*x)", "x~uniform(0,1)"]])
def test_the_histogram_as_a_picture(tmp_path, job):
    path = tmp_path / "h.svg"
    ended = oche("estimate", *job, "--samples", "1e5", "--histogram", str(path))
    assert ended.code == 0, ended
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "nan" not in path.read_text() and "inf" not in path.read_text()


@pytest.mark.parametrize("locale, block", [("C.UTF-8", "█"), ("C", "#"), ("", "#")])
def test_the_histogram_on_the_terminal(locale, block):
    environment = {**UNIT, "LC_ALL": locale, "LC_CTYPE": "", "LANG": ""}
    ended = oche(*NORMAL, "--histogram", "show", env=environment)
    drawing = ended.out.split("digest ")[1].splitlines()[1:]
    assert any(block * 10 in line for line in drawing)
    assert all(len(line) <= 80 for line in drawing)


def test_a_distribution_is_no_flood():
    ended = oche("estimate", "a*exp(-b*t)+c", "a~normal(5,0.1)", "b~uniform(1,2)", "t=3",
                 "c~normal(0,0.2)", "--samples", "1e5")
    assert ended.code == 0 and len(ended.out.splitlines()) <= 12
    assert "nan" not in ended.out
    assert re.search(r"^quantiles +2\.5% +-?0\.\d+ +\(-?0\.\d+ +to -?0\.\d+ *\)$", ended.out, re.M)


def test_several_outputs_and_how_they_go_together():
    answer = result("estimate", "x+y; x-y; x", "x~normal(0,1)", "y~normal(0,1)", "--samples", "1e6")
    assert [o["expression"] for o in answer["outputs"]] == ["x+y", "x-y", "x"]
    pairs = {(p["a"], p["b"]): p for p in answer["output_pairs"]}
    truth = {("x+y", "x-y"): 0, ("x+y", "x"): math.sqrt(0.5), ("x-y", "x"): math.sqrt(0.5)}
    assert pairs.keys() == truth.keys()
    for key, r in truth.items():
        assert abs(pairs[key]["correlation"] - r) < 5 * pairs[key]["correlation_error"]


def test_sobol_indices_of_the_ishigami_function():
    answer = result("estimate", "sin(a)+7*sin(b)^2+0.1*c^4*sin(a)", "a~uniform(-pi,pi)",
                    "b~uniform(-pi,pi)", "c~uniform(-pi,pi)", "--sensitivity", "--samples", "1e6")
    # The parts of its variance in closed form (Ishigami and Homma 1990), with 7 and 0.1.
    v1 = (1 + 0.1 * math.pi**4 / 5) ** 2 / 2
    v2 = 7**2 / 8
    v13 = 0.1**2 * math.pi**8 * 8 / 225
    v = v1 + v2 + v13
    truth = {"a": (v1 / v, (v1 + v13) / v), "b": (v2 / v, v2 / v), "c": (0, v13 / v)}
    for effect in answer["effects"]:
        first, total = truth[effect["input"]]
        assert abs(effect["first_order"] - first) < 5 * effect["first_order_error"]
        assert abs(effect["total"] - total) < 5 * effect["total_error"]


def test_the_report_of_the_gum():
    # JCGM 101:2008, 9.2.2: y = 0, u(y) = 2.0, the interval [-3.9, 3.9].
    ended = oche("estimate", "a+b+c+d", "a~normal(0,1)", "b~normal(0,1)", "c~normal(0,1)",
                 "d~normal(0,1)", "--samples", "1e6", "--report", "gum")
    assert ended.code == 0, ended
    for line in (r"estimate +y +0\.0", r"standard uncertainty +u\(y\) +2\.0",
                 r"95% coverage interval +\[-3\.9, 3\.9\]  probabilistically symmetric",
                 r"coverage factor +k +1\.9[56] .*", r"numerical tolerance +delta +0\.05, met.*"):
        assert re.search(rf"^ *{line}$", ended.out, re.M), (line, ended.out)
    budget = re.findall(r"^  ([a-d]) +normal\(0,1\) +(-?\d\.\d\d?) +(1\.0) ", ended.out, re.M)
    assert sorted(name for name, *_ in budget) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("policy, share", [("skip", 1.0), ("zero", 0.5)])
def test_values_that_are_not_finite_can_be_left_out(policy, share):
    answer = result("estimate", "x+0*log(x)", "x~uniform(-1,1)", "--samples", "1e5", "--non-finite",
                    policy)
    assert answer["non_finite_policy"] == policy
    # Every second one, up to five standard deviations of that count.
    assert abs(answer["non_finite"] - 5e4) < 5 * math.sqrt(1e5 / 4)
    assert abs(answer["estimate"] - share * 0.5) < 5 * answer["standard_error"]


def test_what_never_happened_has_an_exact_interval():
    answer = result("estimate", "x==0.5", "x~uniform(0,1)", "--samples", "1e6")
    low, high = answer["interval"]
    # Clopper and Pearson's upper end where nothing of n was hit: 1 - (0.025)^(1/n).
    assert answer["estimate"] == 0 and low == 0
    assert math.isclose(high, 1 - 0.025 ** 1e-6, rel_tol=1e-6)


@pytest.mark.parametrize("inputs, r, truth", [
    (["a~normal(3,1)", "b~normal(0,5)"], -0.8, -0.8),
    (["a~uniform(0,1)", "b~uniform(5,9)"], 0.3, 6 / math.pi * math.asin(0.15)),
    (["a~lognormal(0,0.5)", "b~lognormal(1,0.25)"], 0.6,
     math.expm1(0.6 * 0.125) / math.sqrt(math.expm1(0.25) * math.expm1(0.0625))),
    # The scores are uncorrelated with what moves the mean: sd of b 2, cov 0.5.
    (["a~normal(0,1)", "b~normal(0*a,2)"], 0.25, 0.25),
])
def test_the_correlations_that_inputs_have(inputs, r, truth):
    job = ["estimate", "a*b", *inputs, f"corr(a,b)={r}", "--samples", "1e6"]
    answer = result(*job)
    pair, = answer["input_pairs"]
    assert (pair["a"], pair["b"], pair["score_correlation"]) == ("a", "b", r)
    assert abs(pair["correlation"] - truth) < 5 * pair["correlation_error"]
    if "normal(3,1)" in inputs[0]:
        # (1-r^2)/sqrt(n) of a bivariate normal distribution.
        assert math.isclose(pair["correlation_error"], (1 - truth**2) / 1e3, rel_tol=0.05)
    depends = "*a" in inputs[1]
    # The law of the ranks of a bivariate normal distribution.
    assert pair["rank_correlation"] is None if depends else math.isclose(
        pair["rank_correlation"], 6 / math.pi * math.asin(r / 2), rel_tol=1e-14)
    shown = oche(*job).out
    pearson, = re.findall(rf"^a and b +{r} +(-?0\.\d+) ± 0\.00\d+ ", shown, re.M)
    assert math.isclose(float(pearson), pair["correlation"], abs_tol=1e-4)
    assert ("can't be told" in shown) == depends
    assert re.search(rf"^  a, b +{r} ", oche(*job, "--report", "gum").out, re.M)


def test_the_correlation_of_inputs_that_are_not_measured():
    for output in (["a*b>1"], ["a*b*x", "x=0..1"]):
        pair, = result("estimate", *output, "a~normal(0,1)", "b~normal(0,1)", "corr(a,b)=0.5",
                       "--samples", "1e5")["input_pairs"]
        assert pair["correlation"] is None and pair["rank_correlation"] > 0.4
    assert result("estimate", "x", "x~normal(0,1)", "--samples", "1e3")["input_pairs"] == []


def test_sensitivity_wants_independent_inputs():
    ended = oche("estimate", "x+y", "x~normal(0,1)", "y~normal(0,1)", "corr(x,y)=0.5", "--sensitivity")
    assert ended.code == 2 and "independent" in ended.err
    for job in (["x+y", "x~normal(0,1)", "y~normal(x,2)"], ["y", f"x~data('{POINTS}')", "y~normal(0,x)"],
                ["z", "x[1..3]~uniform(1,2)", "z~normal(0,sum(j=1..3, x[j]))"],
                ["y", "x~uniform(1,2)", "w=2*x", "y~uniform(0,w)"]):
        ended = oche("estimate", *job, "--sensitivity")
        assert ended.code == 2 and "independent" in ended.err, (job, ended)
    ended = oche("estimate", "x", "x=0..1", "--sensitivity")
    assert ended.code == 2 and "distributions" in ended.err


def test_sensitivity_takes_inputs_whose_parameters_are_constants():
    effects = result("estimate", "x+y+z[1]*z[2]", "k=2", "x~normal(k,1)", "y~normal(0,sqrt(k))",
                     "z[1..2]~uniform(-k,k)", "--sensitivity", "--samples", "1e5")["effects"]
    # The variances 1, 2 and (4/3)^2 of the three independent terms.
    v = 1 + 2 + 16 / 9
    for effect, truth in zip(effects, (1 / v, 2 / v, 16 / 9 / v, 16 / 9 / v), strict=True):
        assert abs(effect["total"] - truth) < 5 * effect["total_error"]


LOG = ["estimate", "log(x)", "x~normal(1,1)", "--samples", "1e5", "--non-finite"]


def test_inputs_are_not_measured_where_samples_count_as_zero():
    # The inputs of such samples are in no sum: their mean would be 1.29 and not 1.
    answer = result(*LOG, "zero")
    assert answer["non_finite"] > 0 and "effects" not in answer
    assert any("its inputs is not measured" in warning for warning in answer["warnings"])
    shown = oche(*LOG, "zero", "--report", "gum").out
    assert "its inputs is not measured" in shown and " r " not in shown
    answer = result("estimate", "log(x+y)", "x~normal(1,1)", "y~normal(0,1)", "corr(x,y)=0.5",
                    "--samples", "1e5", "--non-finite", "zero")
    assert answer["input_pairs"][0]["correlation"] is None
    # Where every value is finite nothing is missing.
    answer = result("estimate", "x", "x~normal(1,1)", "--samples", "1e5", "--non-finite", "zero")
    assert len(answer["effects"]) == 1 and answer["warnings"] == []


def test_sensitivity_and_values_that_are_not_finite():
    ended = oche(*LOG, "zero", "--sensitivity")
    assert ended.code == 2 and "--sensitivity with --non-finite zero" in ended.err
    warning, = result(*LOG, "skip", "--sensitivity")["warnings"]
    assert "or at one of those that --sensitivity adds" in warning
    warning, = result(*LOG, "skip")["warnings"]
    assert "--sensitivity" not in warning


def test_correlated_inputs_give_the_variance_that_they_should():
    answer = result("estimate", "x+y", "x~normal(0,1)", "y~normal(0,2)", "corr(x,y)=0.5", "--samples",
                    "1e6")
    truth = math.sqrt(1 + 4 + 2 * 0.5 * 2)
    assert abs(answer["standard_deviation"] - truth) < 5 * answer["standard_deviation_error"]


@pytest.mark.parametrize("job, texts", [
    (["x~normal(1e-200,1e-201)"], ["u(y)   can't be told", "e-201   can't be told"]),
    (["x~normal(0,1)", "--coverage", "0.999999"], ["its ends are not settled", "draw 20,000,000"]),
    (["x~cauchy(0,1)", "--samples", "1e6"], ["[-13, 13]"]),
    (["x~normal(0,1)", "--samples", "1"], ["one sample has no spread"]),
    (["x~discrete(-3.3,0.5,7.7,0.5)"], ["[-3.3, 7.7]"]),
])
def test_the_report_of_the_gum_says_what_it_knows(job, texts):
    samples = [] if "--samples" in job else ["--samples", "1e4"]
    ended = oche("estimate", "x", *job, *samples, "--report", "gum")
    assert ended.code == 0 and all(text in ended.out for text in texts), ended


def test_the_report_of_the_gum_of_what_has_no_budget():
    assert "more than two values" in oche("estimate", "x<0.3", "x~uniform(0,1)", "--samples", "1e4",
                                          "--report", "gum").out
    ended = oche("estimate", "sum(j=1..65, x[j])", "x[1..65]~uniform(0,1)", "--samples", "1e4", "--report",
                 "gum")
    assert "no uncertainty budget (the correlations of more than 64 inputs" in ended.out
    ended = oche("estimate", "k", "k=3", "--report", "gum")
    assert ended.code == 2 and "--report gum of a constant" in ended.err


def test_few_samples_are_no_reason_for_a_warning_but_a_heavy_tail_is():
    assert result("estimate", "x^2", "x~normal(0,1)", "--samples", "100")["warnings"] == []
    # Of 3 normal values an interval by the normal distribution holds the mean in 81% of the runs.
    for samples in ("2", "10", "29"):
        warning, = result("estimate", "x", "x~normal(0,1)", "--samples", samples)["warnings"]
        assert f"rest on {samples} samples" in warning
    # About half of 40 are finite: zeros are values, what is skipped is none.
    for policy, few in (("zero", False), ("skip", True)):
        answer = result("estimate", "x+0*log(x)", "x~uniform(-1,1)", "--samples", "40", "--non-finite", policy)
        assert any(" themselves rest on " in warning for warning in answer["warnings"]) == few
    for samples in ("1e4", "1e6"):
        warning, = result("estimate", "x", "x~cauchy(0,1)", "--samples", samples)["warnings"]
        assert warning.startswith("the error rests on few samples (about ")


# Chunks without a single finite value, in which no quantity has a range.
@pytest.mark.parametrize("job", [
    ["sqrt(x-5)", "x~normal(0,0.1)"],
    ["log(x-3); x", "x~normal(0,0.1)"],
    ["sqrt(x-5)+y", "x~normal(0,0.1)", "y~normal(0,1)", "corr(x,y)=0.5"],
    ["sqrt(x-5)", "x~normal(0,0.1)", "--sensitivity"],
])
def test_a_job_without_a_finite_value_ends_and_says_so(job):
    ended = oche("estimate", *job, "--samples", "1000")
    assert ended.code == 1
    assert "1000 of 1000 samples had a value that is not finite" in ended.err + ended.out


@pytest.mark.parametrize("policy", ["skip", "zero"])
def test_a_chunk_without_a_finite_value_counts_as_asked(policy):
    # One sample in 31,574 is above 4: some chunks of 16384 have none.
    answer = result("estimate", "log(x-4)", "x~normal(0,1)", "--samples", "1e6", "--non-finite", policy)
    above = 1e6 * 0.5 * math.erfc(4 / math.sqrt(2))
    assert abs(1e6 - answer["non_finite"] - above) < 5 * math.sqrt(above)


def test_fifteen_correlated_inputs():
    # The variance of a sum: 15 of the inputs, and 2 times 105 pairs of 0.5 each.
    names = [f"x{i}" for i in range(15)]
    pairs = [f"corr({a},{b})=0.5" for i, a in enumerate(names) for b in names[i + 1:]]
    answer = result("estimate", "+".join(names), *(f"{name}~normal(0,1)" for name in names), *pairs,
                    "--samples", "1e5")
    sd = math.sqrt(15 + 2 * 105 * 0.5)
    assert abs(answer["standard_deviation"] / sd - 1) < 5 / math.sqrt(2e5)
