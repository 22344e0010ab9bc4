"""GSL: gsl_monte_plain_integrate over an integrand in C, compiled by g++ -O3 -march=native.

The generator is taus2, GSL's fastest that isn't a toy. Where an input is normal, there is no box to
integrate over: then a loop in C draws by gsl_ran_gaussian_ziggurat and gsl_rng_uniform_pos and adds.
Python only starts the loop.
"""

import ctypes
import os
import subprocess
import tempfile

import peers_serve
import peers_syntax

HEAD = """
#include <gsl/gsl_monte_plain.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_version.h>
#include <cmath>
using namespace std;
"""
PLAIN = """
static double value(double* point, size_t, void*) {{
{inputs}  return {value};
}}
extern "C" void run(unsigned long samples, unsigned long seed, double* mean, double* error) {{
  double low[] = {{{low}}}, high[] = {{{high}}};
  gsl_rng* r = gsl_rng_alloc(gsl_rng_taus2);
  gsl_rng_set(r, seed);
  gsl_monte_function f = {{value, {dimensions}, nullptr}};
  gsl_monte_plain_state* s = gsl_monte_plain_alloc({dimensions});
  gsl_monte_plain_integrate(&f, low, high, {dimensions}, samples, r, s, mean, error);
  *mean /= {volume};
  *error /= {volume};
  gsl_monte_plain_free(s);
  gsl_rng_free(r);
}}
"""
LOOP = """
extern "C" void run(unsigned long samples, unsigned long seed, double* mean, double* error) {{
  gsl_rng* r = gsl_rng_alloc(gsl_rng_taus2);
  gsl_rng_set(r, seed);
  double total = 0, squares = 0;
  for (unsigned long i = 0; i < samples; ++i) {{
{inputs}    const double f = {value};
    total += f;
    squares += f * f;
  }}
  *mean = total / samples;
  *error = sqrt((squares / samples - *mean * *mean) / samples);
  gsl_rng_free(r);
}}
"""


def plain_source(problem):
    """For gsl_monte_plain_integrate; its result is divided by the volume, to be a mean."""
    points, value = problem.lines(peers_syntax.C)
    lines = [f"  const double {'u_' if one.drawn == 'map' else ''}{one.name} = point[{i}];"
             for i, one in enumerate(problem.inputs)]
    lines += [f"  const double {name} = {text};" for name, text in points]
    volume = 1.0
    for one in problem.inputs:
        volume *= one.second - one.first
    return PLAIN.format(inputs="\n".join(lines) + "\n", value=value, dimensions=len(problem.inputs),
                        low=", ".join(repr(one.first) for one in problem.inputs),
                        high=", ".join(repr(one.second) for one in problem.inputs), volume=repr(volume))


def loop_source(problem):
    """For inputs with a normal distribution."""
    points, value = problem.lines(peers_syntax.C)
    lines = []
    for one in problem.inputs:
        if one.drawn == "map":
            lines.append(f"    const double u_{one.name} = gsl_rng_uniform_pos(r);")
        elif one.drawn == "normal":
            lines.append(f"    const double {one.name} = {one.first!r} + "
                         f"gsl_ran_gaussian_ziggurat(r, {one.second!r});")
        else:
            lines.append(f"    const double {one.name} = {one.first!r} + "
                         f"{one.second - one.first!r} * gsl_rng_uniform_pos(r);")
    lines += [f"    const double {name} = {text};" for name, text in points]
    return LOOP.format(inputs="\n".join(lines) + "\n", value=value)


def compiled(source):
    """The shared library of a C++ text."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "problem.so")
        command = ["g++", "-x", "c++", "-std=c++20", "-O3", "-march=native", "-shared", "-fPIC", "-o", name,
                   "-", "-lgsl", "-lgslcblas", "-lm"]
        done = subprocess.run(command, input=HEAD + source, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise OSError("g++ can't compile against GSL: " + done.stderr)
        return ctypes.CDLL(name)


def version():
    """GSL's version, or OSError."""
    library = compiled('extern "C" const char* version() { return gsl_version; }')
    library.version.restype = ctypes.c_char_p
    return library.version().decode()


class Peer:
    """See peers_serve."""

    def __init__(self):
        self.VERSIONS = "GSL " + version()

    @staticmethod
    def forms(problem):
        """The one form of a problem."""
        normal = any(one.drawn == "normal" for one in problem.inputs)
        library = compiled((loop_source if normal else plain_source)(problem))
        library.run.argtypes = [ctypes.c_ulong, ctypes.c_ulong, ctypes.POINTER(ctypes.c_double),
                                ctypes.POINTER(ctypes.c_double)]
        library.run.restype = None

        def run(samples, seed):
            mean, error = ctypes.c_double(), ctypes.c_double()
            library.run(samples, seed, ctypes.byref(mean), ctypes.byref(error))
            squares = error.value**2 * samples + mean.value**2
            return mean.value * samples, squares * samples

        return {"a loop with gsl_ran_gaussian_ziggurat" if normal else "gsl_monte_plain_integrate": run}


if __name__ == "__main__":
    peers_serve.serve(Peer)
