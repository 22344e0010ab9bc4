#!/usr/bin/env python3
"""Digests of small jobs, computed once more from the documented layouts alone.

Nothing of oche runs here. Python's floats are IEEE 754 doubles with the same rounding, so that the bits
can be compared: the streams of src/random/stream.h (ARS-7 from FIPS 197's rounds), the moments of
src/tally/moments.h, the tree of src/tally/tree.h, the plans of src/sampling/stratified.h, and the bytes
of docs/CHECKPOINT.md. The digests must be those of src/job/testdata/golden_digests.tsv.
"""

import hashlib
import math
import struct
import sys
from pathlib import Path

BLOCK = 512
LANES = 32
CHUNK = 16384  # what integrands as cheap as these get
NO_SAMPLE = 2**64 - 1
MASK64 = 2**64 - 1
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
DOMAIN_SAMPLES = 1

# By the text of the job: the value at u in (0, 1), and the factor of every value is 1. 1/x over 1..2 has
# x = 1 + u, in one rounding, as 1*u is exact.
INTEGRANDS = {
    "x, x=0..1": lambda u: u,
    "1/x, x=1..2": lambda u: 1.0 / (1.0 + u),
    "x*x, x=0..1": lambda u: u * u,
    "3*(x<0.25), x=0..1": lambda u: 3.0 if u < 0.25 else 0.0,
}
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


def uniform(seed, pass_number, sample):
    """Dimension 0."""
    block = ars7(sample | pass_number << 96, seed, DOMAIN_SAMPLES)
    return ((block & MASK64) >> 12) * 2.0**-52 + 2.0**-53


# ---- Moments: (count, mean, m2, minimum, maximum); every value here is finite ----

def halve(lanes):
    half = LANES // 2
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
            stratum = plan["stratum"][sample] if plan["allocation"] else 0
            if plan["allocation"]:
                u = min((stratum + u) * 2.0**-plan["log2"], 1.0 - 2.0**-53)
            segment.setdefault(stratum, []).append(f(u))
        for stratum, values in segment.items():
            pieces.setdefault(stratum, []).append(moments(values))
    return [[stratum, prefix(parts, merge)] for stratum, parts in sorted(pieces.items())]


def counted_chunk(f, two, seed, first, end):
    hits = sum(f(uniform(seed, 0, sample)) == two[0] for sample in range(first, end))
    return [[0, moments_of_two_values(end - first, hits, *two)]]


def pass_tally(text, seed, plan, samples):
    f = INTEGRANDS[text]
    chunks = []
    for first in range(0, samples, CHUNK):
        end = min(first + CHUNK, samples)
        if text in TWO_VALUES and not plan["allocation"]:
            chunks.append(counted_chunk(f, TWO_VALUES[text], seed, first, end))
        else:
            chunks.append(chunk_tally(f, seed, plan, first, end))
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


def tally_bytes(tally):
    out = struct.pack("<Q", len(tally))
    for stratum, (count, mean, m2, low, high) in tally:
        out += struct.pack("<IQddddQQ", stratum, count, mean, m2, low, high, 0, NO_SAMPLE)
    return out


def digest(numerics, method, seed, samples, text):
    job = f"method {method}\nseed {seed}\nestimate {text}\n".encode()
    passes = run(method, text, seed, samples)
    out = struct.pack("<IIQ", 1, numerics, len(job)) + job + struct.pack("<Q", len(passes))
    for plan, drawn, tally in passes:
        out += hashlib.sha256(plan_bytes(plan)).digest() + struct.pack("<Q", drawn) + tally_bytes(tally)
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
        if text not in INTEGRANDS:
            continue
        found = digest(int(numerics), method, int(seed), int(samples), text)
        print(f"{'same' if found == expected else 'DIFFERENT'}  {method}, seed {seed}, {samples} samples of {text}")
        failures += found != expected
        compared.add(text)
    if compared != set(INTEGRANDS):
        print(f"{golden} lacks {sorted(set(INTEGRANDS) - compared)}")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
