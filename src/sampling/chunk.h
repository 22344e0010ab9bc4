// From a plan and a chunk index to a tally: the unit of work, and a pure function.
#ifndef OCHE_SAMPLING_CHUNK_H_
#define OCHE_SAMPLING_CHUNK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "integrand/integrand.h"
#include "random/stream.h"
#include "sampling/pilot.h"
#include "sampling/plan.h"
#include "sampling/workspace.h"
#include "tally/tally.h"
#include "tally/tree.h"

namespace oche::sampling {

// Samples per chunk: a power of two from the static cost of the integrand, never from a timing, so
// that a chunk takes very roughly 20 to 200 microseconds of a core.
std::uint64_t chunk_samples(std::uint64_t static_cost);

// One pass of one job, ready to compute any of its chunks. Immutable; threads share it.
// Blocks of high dimension are evaluated in pieces of as many samples as stay in the cache; what a
// tally holds doesn't depend on that.
struct PassContext {
  const integrand::Integrand* integrand = nullptr;  // outlives the context
  std::uint64_t seed = 1;
  std::uint64_t chunk_samples = 0;
  Plan plan;
  std::vector<std::uint64_t> first_sample;  // of each stratum; one more at the end
  Pilot pilot;                              // of the plain method

  PassContext(const integrand::Integrand& integrand, std::uint64_t seed,
              std::uint64_t chunk_samples, Plan plan);
};

// The tally of chunk `index` cut short to `length` samples (all of a chunk's, but at the end of a
// run).
tally::Tally compute_chunk(const PassContext& pass, std::uint64_t index, std::uint64_t length,
                           Workspace& workspace);

// The tally of a node: its chunks', merged by the tree. `end_sample` is where the run ends (0:
// nowhere): the chunk in which it lies is cut short there. Between chunks `cancelled` is asked; if
// it says true, an empty tally comes back, which no node ever has.
tally::Tally compute_node(const PassContext& pass, tally::Node node, std::uint64_t end_sample,
                          Workspace& workspace, const std::function<bool()>& cancelled);

// The uniforms that the integrand gets for one sample of the pass: for messages about that sample.
std::vector<double> uniforms_at(const PassContext& pass, std::uint64_t sample);

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_CHUNK_H_
