"""The chapter's loop for pi in pure Python, timed: prints samples per second on one core.

Usage: chapter_pi.py [SAMPLES [SEED]]
"""
import sys
import time
from random import seed, uniform


def count_darts(samples):
    """How many of the darts thrown at [-1, 1] x [-1, 1] land in the unit disc."""
    hits = 0
    for _ in range(samples):
        x = uniform(-1, 1)
        y = uniform(-1, 1)
        if x**2 + y**2 <= 1:
            hits = hits + 1
    return hits


def main():
    """Counts, times and prints."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    begin = time.process_time()
    hits = count_darts(samples)
    seconds = time.process_time() - begin
    print(f"pi {4 * hits / samples:.6f}  {samples / seconds:.4g} samples/s")


if __name__ == "__main__":
    main()
