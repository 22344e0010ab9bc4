// Bugs on purpose: what the simulator must find, else it finds nothing.
#ifndef OCHE_SIM_PLANTED_H_
#define OCHE_SIM_PLANTED_H_

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/simulator.h"

namespace oche::sim {

struct Planted {
  const char* name;
  const char* found_as;          // part of the violation
  std::function<Hooks()> hooks;  // fresh ones for each run
};
std::ostream& operator<<(std::ostream& out, const Planted& planted);

std::vector<Planted> planted_bugs();

}  // namespace oche::sim

#endif  // OCHE_SIM_PLANTED_H_
