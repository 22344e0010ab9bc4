#include "sim/scenario.h"

#include <algorithm>

#include "sampling/stratified.h"
#include "sim/trace.h"

namespace oche::sim {
namespace {

using namespace std::chrono_literals;

struct Integrand {
  std::vector<std::string> arguments;
  sampling::Method method;
};

// Cheap ones, whose values cover: a probability, smooth functions of one to three inputs, the
// distributions of two outputs that fall into few bins, values that are not finite from the first
// chunk on, a constant.
const std::vector<Integrand>& integrands() {
  static const std::vector<Integrand> all = {
      {{"x^2+y^2<=1", "x~uniform(-1,1)", "y~uniform(-1,1)"}, sampling::Method::plain},
      {{"exp(-x*x)*sin(3*x)+2", "x=0..2"}, sampling::Method::plain},
      {{"exp(-x*x-y*y)*cos(x*y)+sqrt(x+y)+log(1+x*y)", "x=0..2", "y=0..1"},
       sampling::Method::plain},
      {{"exp(-x*x-y*y)*cos(x*y)+sqrt(x+y)+log(1+x*y)", "x=0..2", "y=0..1"},
       sampling::Method::stratified},
      {{"exp(-x*x-y*y)*cos(x*y)*sin(x+z)+exp(cos(x*z))*sin(exp(y))+cos(sin(exp(x*y*z)))", "x=0..2",
        "y=0..1", "z=0..3"},
       sampling::Method::stratified},
      {{"2+floor(4*sin(x*exp(y)))/8; if(x>y,1,1.5)", "x~normal(0,1)", "y~uniform(0,1)",
        "corr(x,y)=0.5"},
       sampling::Method::plain},
      {{"log(x-0.001)", "x=0..1"}, sampling::Method::plain},
      {{"3", "x=0..1"}, sampling::Method::plain},
  };
  return all;
}

std::shared_ptr<const job::Job> draw_job(Random& random) {
  // The last two end at their first stop points, so they are rare.
  const std::size_t usual = integrands().size() - 2;
  const Integrand& f =
      integrands()[random.chance(0.05) ? usual + random.below(2) : random.below(usual)];
  return oracle().job(
      job::Job::from_arguments(f.arguments, f.method, random.between(1, 3))->canonical());
}

job::StopRule draw_rule(Random& random, const job::Job& job) {
  job::StopRule rule;
  const bool target = random.chance(0.5);
  if (target) {
    if (random.chance(0.7)) {
      rule.rel_error = 5e-4 * static_cast<double>(random.between(1, 8));
    } else {
      rule.abs_error = 1e-3 * static_cast<double>(random.between(1, 8));
    }
  }
  if (!target || random.chance(0.5)) {
    const std::uint64_t whole = random.between(1, random.chance(0.2) ? 12 : 300);
    const std::uint64_t part = random.chance(0.5) ? random.below(job.chunk_samples()) : 0;
    rule.samples = std::max(whole * job.chunk_samples() + part,
                            sampling::least_samples(job.method(), job.dimensions()));
  }
  // The time and the interrupt come out of what faults there are: rare, so that most runs have one
  // answer only.
  if (random.chance(0.1)) rule.time = random.between(Duration(100ms), 8s);
  return rule;
}

WorkerProfile draw_worker(Random& random, const FaultModel& faults, std::size_t index,
                          Duration base) {
  WorkerProfile w;
  w.name = std::string("w").append(std::to_string(index));
  w.slots = static_cast<unsigned>(random.between(1, 3));
  w.per_chunk = random.between(base / 2, 2 * base);
  if (random.chance(faults.straggler)) w.per_chunk *= 20;
  if (index > 0 && random.chance(faults.late_joiner)) {
    w.joins_after = random.between(Duration(0), 10s);
  }
  return w;
}

}  // namespace

std::string to_text(const job::StopRule& rule) {
  std::string text;
  if (rule.rel_error) text += " rel_error=" + std::to_string(*rule.rel_error);
  if (rule.abs_error) text += " abs_error=" + std::to_string(*rule.abs_error);
  if (rule.samples) text += " samples=" + std::to_string(*rule.samples);
  if (rule.time) text += " time=" + std::to_string(seconds(*rule.time)) + "s";
  return text;
}

Scenario draw_scenario(Random& random) {
  Scenario s;
  s.faults = draw_fault_model(random);
  s.job = draw_job(random);
  s.rule = draw_rule(random, *s.job);
  s.options.lease_duration = random.between(Duration(300ms), 5s);
  s.lease_target = random.between(Duration(20ms), 1s);
  s.leases_per_slot = static_cast<unsigned>(random.between(1, 3));
  if (random.chance(0.1)) s.interrupt_after = random.between(Duration(0), 6s);
  // The lesser of two draws: up to 12, half of them at most 4.
  const std::uint64_t one = random.between(1, 12);
  const std::uint64_t count = std::min(one, random.between(1, 12));
  const Duration base = random.between(Duration(2ms), 60ms);
  for (std::size_t i = 0; i < count; ++i) {
    s.workers.push_back(draw_worker(random, s.faults, i, base));
  }
  if (random.chance(0.3)) {
    s.options.wait_for_workers = static_cast<unsigned>(random.between(1, count));
  }
  return s;
}

Duration Scenario::time_limit() const {
  Duration slowest{};
  for (const WorkerProfile& w : workers) slowest = std::max(slowest, w.per_chunk);
  // No run of this catalogue needs more chunks than that (asserted where the answer is compared).
  return faults.calm_after + 900s + 2500 * slowest;
}

std::string Scenario::text() const {
  std::string text = job->canonical() + "rule:" + to_text(rule);
  text += "\nlease duration " + std::to_string(seconds(options.lease_duration)) + "s, target " +
          std::to_string(seconds(lease_target)) + "s, " + std::to_string(leases_per_slot) +
          " per slot; begins with " + std::to_string(options.wait_for_workers) + " workers";
  if (interrupt_after)
    text += "; interrupted after " + std::to_string(seconds(*interrupt_after)) + "s";
  text += "\nworkers:";
  for (const WorkerProfile& w : workers) {
    text += " " + w.name + "(" + std::to_string(w.slots) + " slots, " +
            std::to_string(w.per_chunk.count() / 1000) + "us per chunk, from " +
            std::to_string(seconds(w.joins_after)) + "s)";
  }
  return text + "\nfaults: " + faults.text();
}

// ---- The oracle ----

std::shared_ptr<const job::Job> Oracle::job(const std::string& canonical) {
  std::shared_ptr<const job::Job>& job = jobs_[canonical];
  if (!job) job = job::Job::from_canonical(canonical);
  return job;
}

const tally::Tally& Oracle::chunk(const job::Job& job, const sampling::PassContext& pass,
                                  const Hash256& plan, std::uint64_t index, std::uint64_t length) {
  const auto [place, fresh] = chunks_.try_emplace(Key{job.canonical(), plan, index, length});
  if (fresh) place->second = sampling::compute_chunk(pass, index, length, workspace_);
  return place->second;
}

tally::Tally Oracle::node(const job::Job& job, const sampling::PassContext& pass, tally::Node node,
                          std::uint64_t end_sample) {
  const Hash256 plan = pass.plan.hash();
  tally::PairwiseMerger<tally::Tally> merger;
  for (std::uint64_t i = node.first(); i < node.end(); ++i) {
    std::uint64_t length = pass.chunk_samples;
    if (end_sample != 0) length = std::min(length, end_sample - i * pass.chunk_samples);
    merger.add(chunk(job, pass, plan, i, length));
  }
  return merger.result();
}

tally::Tally Oracle::prefix(const job::Job& job, const sampling::PassContext& pass,
                            std::uint64_t samples) {
  const Hash256 plan = pass.plan.hash();
  tally::PairwiseMerger<tally::Tally> merger;
  for (std::uint64_t i = 0; i * pass.chunk_samples < samples; ++i) {
    const std::uint64_t length = std::min(pass.chunk_samples, samples - i * pass.chunk_samples);
    merger.add(chunk(job, pass, plan, i, length));
  }
  return merger.result();
}

const Oracle::Answer& Oracle::undisturbed(const std::shared_ptr<const job::Job>& job,
                                          const job::StopRule& rule) {
  const auto [place, fresh] = answers_.try_emplace(job->canonical() + to_text(rule));
  if (!fresh) return place->second;
  job::Dispatcher dispatcher(job, rule, {});
  std::shared_ptr<const sampling::PassContext> pass;
  job::Actions actions;
  const Instant now{};
  // A target of no computing at all: leases of one chunk.
  const job::WorkerId worker = dispatcher.join("alone", 1, Duration{0}, now, actions);
  while (!dispatcher.finished()) {
    job::Actions todo;
    todo.swap(actions);
    require(!todo.empty(), "the undisturbed run stands still");
    for (const job::Action& action : todo) {
      if (const auto* begin = std::get_if<job::BeginPass>(&action)) pass = begin->pass;
      const auto* grant = std::get_if<job::Grant>(&action);
      if (grant == nullptr || dispatcher.finished()) continue;
      const job::Lease& lease = grant->lease;
      dispatcher.complete(worker, lease.id, lease.pass, lease.node,
                          node(*job, *pass, lease.node, lease.end_sample), Duration(1ms), now,
                          actions);
    }
  }
  place->second = {*dispatcher.reason(), dispatcher.answer()};
  return place->second;
}

Oracle& oracle() {
  static Oracle the_oracle;
  return the_oracle;
}

}  // namespace oche::sim
