#!/usr/bin/env python3
"""Digests of small jobs, computed once more from the documented layouts alone.

Nothing of oche runs here. Python's floats are IEEE 754 doubles with the same rounding, so that the bits
can be compared: the streams of src/random/stream.h (ARS-7 from FIPS 197's rounds), the sums of
src/tally/lanes.h about the centres of src/sampling/pilot.h, the moments of src/tally/moments.h, the bins
of src/tally/bins.h, the tree of src/tally/tree.h, the plans of src/sampling/stratified.h, and the bytes
of docs/CHECKPOINT.md. The digests must be those of src/job/testdata/golden_digests.tsv.
"""

import hashlib
import math
import struct
import sys
from fractions import Fraction
from pathlib import Path

BLOCK = 512
LANES = 32  # of a block of a stratum
SUM_LANES = 16  # of a chunk of the plain method
CHUNK = 16384  # what integrands as cheap as these get
NO_SAMPLE = 2**64 - 1
MASK64 = 2**64 - 1
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
DOMAIN_SAMPLES = 1
DOMAIN_PILOT = 4

# By the text of the job: the value at u in (0, 1), and the factor of every value is 1. 1/x over 1..2 has
# x = 1 + u, in one rounding, as 1*u is exact.
INTEGRANDS = {
    "x, x=0..1": lambda u: u,
    "1/x, x=1..2": lambda u: 1.0 / (1.0 + u),
    "x*x, x=0..1": lambda u: u * u,
    "3*(x<0.25), x=0..1": lambda u: 3.0 if u < 0.25 else 0.0,
}
# Those with a distribution: their outputs, of which there is one, and the input are measured.
DISTRIBUTIONS = {"x*x, x~uniform(0,1)": lambda u: u * u}
# Those with two values, (hit, miss), are counted in plain sampling.
TWO_VALUES = {"3*(x<0.25), x=0..1": (3.0, 0.0)}


# ---- ARS-7 ----

def times_x(a):
    return ((a << 1) ^ 0x1B) & 0xFF if a & 0x80 else a << 1


def make_sbox():
    """FIPS 197, section 5.1.1: the inverse in GF(2^8), by powers of the generator 3, and an affine map."""
    power, log = [1], {1: 0}
    while len(power) < 255:
        power.append(power[-1] ^ times_x(power[-1]))
        log[power[-1]] = len(power) - 1
    box = []
    for a in range(256):
        b = power[(255 - log[a]) % 255] if a else 0
        s = 0x63
        for i in range(5):
            s ^= ((b << i) | (b >> (8 - i))) & 0xFF
        box.append(s)
    return box


SBOX = make_sbox()
TWICE = [times_x(s) for s in SBOX]


def aes_round(state, mix):
    """SubBytes, ShiftRows and, if asked, MixColumns of 16 bytes; byte 4c + r is row r of column c."""
    out = bytearray(16)
    for c in range(0, 16, 4):
        a, b, d, e = state[c], state[(c + 5) % 16], state[(c + 10) % 16], state[(c + 15) % 16]
        sa, sb, sd, se = SBOX[a], SBOX[b], SBOX[d], SBOX[e]
        if mix:
            ta, tb, td, te = TWICE[a], TWICE[b], TWICE[d], TWICE[e]
            out[c] = ta ^ tb ^ sb ^ sd ^ se
            out[c + 1] = sa ^ tb ^ td ^ sd ^ se
            out[c + 2] = sa ^ sb ^ td ^ te ^ se
            out[c + 3] = ta ^ sa ^ sb ^ sd ^ te
        else:
            out[c:c + 4] = bytes((sa, sb, sd, se))
    return out


def ars7(counter, low, high):
    keys = []
    for r in range(8):
        keys.append((low + r * WEYL[0] & MASK64) | (high + r * WEYL[1] & MASK64) << 64)
    state = counter ^ keys[0]
    for r in range(1, 8):
        rounded = aes_round(state.to_bytes(16, "little"), mix=r < 7)
        state = int.from_bytes(rounded, "little") ^ keys[r]
    return state


def uniform(seed, pass_number, sample, domain=DOMAIN_SAMPLES):
    """Dimension 0."""
    block = ars7(sample | pass_number << 96, seed, domain)
    return ((block & MASK64) >> 12) * 2.0**-52 + 2.0**-53


# ---- Moments: (count, mean, m2, minimum, maximum); every value here is finite ----

def halve(lanes):
    half = len(lanes) // 2
    while half:
        for i in range(half):
            lanes[i] += lanes[i + half]
        half //= 2
    return lanes[0]


def moments(values):
    sums = [0.0] * LANES
    for i, v in enumerate(values):
        sums[i % LANES] += v
    mean = halve(sums) / len(values)
    low, high = min(values), max(values)
    if low == high:
        return (len(values), low, 0.0, low, high)
    squares = [0.0] * LANES
    for i, v in enumerate(values):
        squares[i % LANES] += (v - mean) * (v - mean)
    return (len(values), mean, halve(squares), low, high)


def fma(a, b, c):
    """a * b + c, rounded once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


class Sums:
    """The sums of a chunk about a centre, from first to fourth powers."""

    def __init__(self, values, centre):
        self.n, self.centre = len(values), centre
        self.low, self.high = min(values), max(values)
        self.t = [v - centre for v in values]
        lanes = [[0.0] * SUM_LANES for _ in range(4)]
        for i, t in enumerate(self.t):
            lane, square = i % SUM_LANES, t * t
            lanes[0][lane] += t
            lanes[1][lane] = fma(t, t, lanes[1][lane])
            lanes[2][lane] = fma(square, t, lanes[2][lane])
            lanes[3][lane] = fma(square, square, lanes[3][lane])
        self.powers = [halve(sums) for sums in lanes]

    def moments(self):
        first, second = self.powers[:2]
        if self.low == self.high:
            return (self.n, self.low, 0.0, self.low, self.high)
        mean = min(max(self.centre + first / self.n, self.low), self.high)
        return (self.n, mean, max(second - first * (first / self.n), 0.0), self.low, self.high)

    def higher(self):
        first, second, third, fourth = self.powers
        d = first / self.n
        return (third - d * (3.0 * second - 2.0 * (first * d)),
                fourth - d * (4.0 * third - d * (6.0 * second - 3.0 * (first * d))))


def co_moment(a, b):
    lanes = [0.0] * SUM_LANES
    for i, (x, y) in enumerate(zip(a.t, b.t)):
        lanes[i % SUM_LANES] = fma(x, y, lanes[i % SUM_LANES])
    return halve(lanes) - a.powers[0] * (b.powers[0] / a.n)


def pilot(f, seed):
    """The sorted values of the pilot's samples."""
    return sorted(f(uniform(seed, 0, i, DOMAIN_PILOT)) for i in range(BLOCK))


def median(values):
    return values[int(0.5 * (len(values) - 1))]


def origin(values):
    """Where the bins are finest."""
    n = len(values) - 1
    spread = 0.5 * values[int(0.84 * n)] - 0.5 * values[int(0.16 * n)]
    return median(values) if spread < 0.25 * abs(median(values)) else 0.0


def bin_of(t):
    bits = struct.unpack("<Q", struct.pack("<d", t + 0.0))[0]
    k = (bits & (2**63 - 1)) >> 42
    return 2**21 + k if bits < 2**63 else 2**21 - 1 - k


def moments_of_two_values(n, hits, hit, miss):
    if hits in (0, n):
        only = hit if hits else miss
        return (n, only, 0.0, only, only)
    k, rest, count = float(hits), float(n - hits), float(n)
    m2 = ((hit - miss) * (hit - miss)) * (k * (rest / count))
    return (n, (k * hit + rest * miss) / count, m2, min(hit, miss), max(hit, miss))


def merge(a, b):
    n = a[0] + b[0]
    share = b[0] / n
    d = b[1] - a[1]
    return (n, a[1] + d * share, (a[2] + b[2]) + (d * d) * (a[0] * share), min(a[3], b[3]), max(a[4], b[4]))


def merge_higher(a, higher_a, b, higher_b):
    d = b[1] - a[1]
    n = float(a[0] + b[0])
    p, q = a[0] / n, b[0] / n
    d2 = d * d
    weight = a[0] * q
    m3 = (higher_a[0] + higher_b[0]) + d2 * d * (weight * (p - q)) + 3.0 * d * (p * b[2] - q * a[2])
    m4 = ((higher_a[1] + higher_b[1]) + d2 * d2 * (weight * (p * p - p * q + q * q)) +
          6.0 * d2 * (p * p * b[2] + q * q * a[2]) + 4.0 * d * (p * higher_b[0] - q * higher_a[0]))
    return (m3, m4)


def merge_joint(a, b):
    """Of one output and one input: their moments, higher moments of the output, co-moment, bins."""
    n = float(a["y"][0] + b["y"][0])
    d = (b["y"][1] - a["y"][1]) * (b["x"][1] - a["x"][1])
    bins = dict(a["bins"])
    for k, count in b["bins"].items():
        bins[k] = bins.get(k, 0) + count
    return {"y": merge(a["y"], b["y"]), "x": merge(a["x"], b["x"]),
            "higher": merge_higher(a["y"], a["higher"], b["y"], b["higher"]),
            "co": (a["co"] + b["co"]) + d * (a["y"][0] * (b["y"][0] / n)), "bins": bins}


def prefix(items, join):
    """The rule of the tree: the largest power of two below n, and the same inside."""
    if len(items) == 1:
        return items[0]
    p = 1
    while 2 * p < len(items):
        p *= 2
    return join(prefix(items[:p], join), prefix(items[p:], join))


# ---- Passes. A tally is a list of [stratum, moments] ----

def merge_tallies(a, b):
    if a[-1][0] == b[0][0]:
        return a[:-1] + [[b[0][0], merge(a[-1][1], b[0][1])]] + b[1:]
    return a + b


def chunk_tally(f, seed, plan, first, end):
    pieces = {}
    for begin in range(first, end, BLOCK):
        segment = {}
        for sample in range(begin, min(begin + BLOCK, end)):
            u = uniform(seed, plan["pass"], sample)
            stratum = plan["stratum"][sample]
            u = min((stratum + u) * 2.0**-plan["log2"], 1.0 - 2.0**-53)
            segment.setdefault(stratum, []).append(f(u))
        for stratum, values in segment.items():
            pieces.setdefault(stratum, []).append(moments(values))
    return [[stratum, prefix(parts, merge)] for stratum, parts in sorted(pieces.items())]


def plain_chunk(f, seed, centre, first, end):
    return [[0, Sums([f(uniform(seed, 0, i)) for i in range(first, end)], centre).moments()]]


def joint_pass(f, seed, samples):
    """The tally of a job with a distribution."""
    values_y, values_x = pilot(f, seed), pilot(lambda u: u, seed)
    chunks = []
    for first in range(0, samples, CHUNK):
        xs = [uniform(seed, 0, i) for i in range(first, min(first + CHUNK, samples))]
        ys = [f(x) for x in xs]
        y, x = Sums(ys, median(values_y)), Sums(xs, median(values_x))
        bins = {}
        for v in ys:
            k = bin_of(v - origin(values_y))
            bins[k] = bins.get(k, 0) + 1
        chunks.append({"y": y.moments(), "x": x.moments(), "higher": y.higher(), "co": co_moment(y, x),
                       "bins": bins})
    return prefix(chunks, merge_joint)


def counted_chunk(f, two, seed, first, end):
    hits = sum(f(uniform(seed, 0, sample)) == two[0] for sample in range(first, end))
    return [[0, moments_of_two_values(end - first, hits, *two)]]


def pass_tally(text, seed, plan, samples):
    f = INTEGRANDS[text]
    chunks = []
    centre = median(pilot(f, seed))
    for first in range(0, samples, CHUNK):
        end = min(first + CHUNK, samples)
        if text in TWO_VALUES and not plan["allocation"]:
            chunks.append(counted_chunk(f, TWO_VALUES[text], seed, first, end))
        elif plan["allocation"]:
            chunks.append(chunk_tally(f, seed, plan, first, end))
        else:
            chunks.append(plain_chunk(f, seed, centre, first, end))
    return prefix(chunks, merge_tallies)


def make_plan(number, log2, allocation):
    stratum = [s for s, n in enumerate(allocation) for _ in range(n)]
    return {"pass": number, "log2": log2, "allocation": allocation, "stratum": stratum}


def next_allocation(tally, samples, strata):
    """Neyman's: in proportion to the standard deviations, beside half of an even share, at least 2."""
    spread = [0.0] * strata
    for stratum, m in tally:
        spread[stratum] = math.sqrt(m[2] / (m[0] - 1)) if m[0] >= 2 else 0.0
    most = max(spread)
    weights = [s / most for s in spread]
    least = max(2, int(0.5 * (samples / strata)))
    rest = samples - least * strata
    total = 0.0
    for w in weights:
        total += w
    running, given, parts = 0.0, 0, []
    for w in weights:
        running += w
        upto = min(max(math.floor(min(1.0, running / total) * rest), given), rest)
        parts.append(upto - given)
        given = upto
    parts[-1] += rest - given
    return [least + n for n in parts]


def run(method, text, seed, samples):
    """The passes, as (plan, samples, tally)."""
    if method == "plain":
        plan = make_plan(0, 0, [])
        return [(plan, samples, pass_tally(text, seed, plan, samples))]
    plan = make_plan(0, 10, [16] * 1024)
    passes = [(plan, 16384, pass_tally(text, seed, plan, 16384))]
    left = samples - 16384
    while left:
        size = 2 ** (17 + plan["pass"])
        size = left if left < size + 4096 else size
        plan = make_plan(plan["pass"] + 1, 10, next_allocation(passes[-1][2], size, 1024))
        passes.append((plan, size, pass_tally(text, seed, plan, size)))
        left -= size
    return passes


# ---- Bytes ----

def plan_bytes(plan):
    cells = [plan["log2"]] if plan["allocation"] else []
    out = struct.pack("<IQ", plan["pass"], len(cells)) + bytes(cells)
    return out + struct.pack(f"<Q{len(plan['allocation'])}Q", len(plan["allocation"]), *plan["allocation"])


def moments_bytes(m):
    return struct.pack("<QddddQQ", *m, 0, NO_SAMPLE)


def tally_bytes(tally):
    out = struct.pack("<Q", len(tally))
    for stratum, m in tally:
        out += struct.pack("<I", stratum) + moments_bytes(m)
    return out + struct.pack("<QQQ", 0, 0, 0)


def joint_bytes(joint):
    out = struct.pack("<QI", 1, 0) + moments_bytes(joint["y"])
    out += struct.pack("<Q", 1) + moments_bytes(joint["x"])
    out += struct.pack("<QIId", 1, 0, 1, joint["co"])
    out += struct.pack("<QddQ", 1, *joint["higher"], len(joint["bins"]))
    return out + b"".join(struct.pack("<IQ", *item) for item in sorted(joint["bins"].items()))


def digest(numerics, method, seed, samples, text):
    job = f"method {method}\nseed {seed}\nestimate {text}\n".encode()
    if text in DISTRIBUTIONS:
        plan = make_plan(0, 0, [])
        passes = [(plan, samples, joint_pass(DISTRIBUTIONS[text], seed, samples))]
    else:
        passes = run(method, text, seed, samples)
    out = struct.pack("<IIQ", 2, numerics, len(job)) + job + struct.pack("<Q", len(passes))
    for plan, drawn, tally in passes:
        out += hashlib.sha256(plan_bytes(plan)).digest() + struct.pack("<Q", drawn)
        out += joint_bytes(tally) if text in DISTRIBUTIONS else tally_bytes(tally)
    return hashlib.sha256(out).hexdigest()


def main(arguments):
    if len(arguments) != 2:
        print(f"usage: {arguments[0]} ROOT_OF_THE_REPOSITORY", file=sys.stderr)
        return 2
    compared = set()
    failures = 0
    golden = Path(arguments[1]) / "src/job/testdata/golden_digests.tsv"
    for line in golden.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        numerics, method, seed, samples, text, expected = line.split("\t")
        if text not in INTEGRANDS and text not in DISTRIBUTIONS:
            continue
        found = digest(int(numerics), method, int(seed), int(samples), text)
        print(f"{'same' if found == expected else 'DIFFERENT'}  {method}, seed {seed}, {samples} samples of {text}")
        failures += found != expected
        compared.add(text)
    wanted = set(INTEGRANDS) | set(DISTRIBUTIONS)
    if compared != wanted:
        print(f"{golden} lacks {sorted(wanted - compared)}")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
