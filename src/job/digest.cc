#include "job/digest.h"

#include "base/bytes.h"
#include "math/numerics.h"

namespace oche::job {

std::string digest(const Job& job, const std::vector<sampling::PassResult>& passes) {
  ByteWriter out;
  out.u32(kDigestFormat);
  out.u32(kNumerics);
  out.sized(job.canonical());
  out.u64(passes.size());
  for (const sampling::PassResult& pass : passes) {
    const Hash256 plan = pass.plan.hash();
    out.raw({reinterpret_cast<const char*>(plan.data()), plan.size()});
    out.u64(pass.samples);
    tally::write(out, pass.tally);
  }
  return to_hex(sha256(out.bytes()));
}

}  // namespace oche::job
