// oche shard and oche merge: a part of a run without any network, and all parts put together.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/job_file.h"
#include "cli/report_options.h"
#include "cli/run_command.h"
#include "cli/values.h"
#include "crew/run_to_end.h"
#include "job/order.h"
#include "math/float_environment.h"
#include "oche/error.h"
#include "wire/handshake.h"

namespace oche::cli {
namespace {

// More than chunks would be of no use, and more files than that nobody has.
constexpr std::uint64_t kMostShards = 1'000'000;

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorKind::usage, what); }

std::string shown(const std::string& path) { return "'" + wire::printable(path, 200) + "'"; }

std::uint64_t chunks_of(const job::Job& job, std::uint64_t samples) {
  return (samples + job.chunk_samples() - 1) / job.chunk_samples();
}

// ---- shard ----

struct ShardOptions {
  std::vector<std::string> definition;
  std::string index, of, output;
  RunFlags flags;
};

// Chunk c is of the shard floor(c of / chunks), or of its neighbour: the same for all.
job::ChunkRange range_of(const job::Job& job, std::uint64_t samples, std::uint64_t index,
                         std::uint64_t of) {
  const std::uint64_t chunks = chunks_of(job, samples);
  const auto begin = [&](std::uint64_t i) { return chunks / of * i + std::min(i, chunks % of); };
  return {begin(index), begin(index + 1)};
}

job::CheckpointFile open_shard(const std::string& path, const job::Order& order,
                               const job::ChunkRange& range) {
  if (access(path.c_str(), F_OK) != 0) {
    return job::CheckpointFile::create(path, *order.job, order.rule, range);
  }
  job::CheckpointFile file = job::CheckpointFile::open(path);
  const job::RunRecord record = file.record();
  if (record.job->canonical() != order.job->canonical() || record.range != range ||
      record.rule.samples != order.rule.samples) {
    throw Error(ErrorKind::file, "the file " + shown(path) +
                                     " is there, and of another job or shard; give another name");
  }
  return file;
}

int shard(const ShardOptions& options) {
  const math::StandardFloatEnvironment environment;
  RunFlags flags = options.flags;
  Job job;
  job.definition = options.definition;
  std::string folder;
  if (names_job_file(job.definition.front())) {
    if (job.definition.size() > 1) {
      fail("a job file and inputs beside it (its inputs are in the file); give one of them");
    }
    folder = folder_of(job.definition.front());
    read_job_file(job.definition.front(), job.definition, flags);
  }
  apply_flags(flags, job);
  job.data_sets = read_data_sets(job.definition, folder);
  const std::uint64_t of = parse_count("--of", options.of, 1, kMostShards);
  const std::uint64_t index = parse_count("--index", options.index, 0, kMostShards);
  if (index >= of) {
    fail("--index " + std::to_string(index) + " of " + std::to_string(of) +
         " shards (they are numbered from 0); give 0 to " + std::to_string(of - 1));
  }
  const job::Order order = job::make_order(job);
  if (order.job->method() != sampling::Method::plain) {
    fail(
        "a shard of the method 'stratified' (its later passes need the results of the whole pass "
        "before); give --method plain");
  }
  if (!order.rule.samples || order.rule.has_target() || order.rule.time) {
    fail(
        "a shard is of a run with a known end (no other part can tell it to stop); give "
        "--samples N alone");
  }
  const job::ChunkRange range = range_of(*order.job, *order.rule.samples, index, of);
  if (chunks_of(*order.job, *order.rule.samples) < of) {
    fail("there are fewer chunks than shards (" +
         std::to_string(chunks_of(*order.job, *order.rule.samples)) + " of " +
         std::to_string(order.job->chunk_samples()) + " samples); give a smaller --of");
  }
  job::CheckpointFile file = open_shard(options.output, order, range);
  job::RunRecord record = file.record();
  job::Answer answer;
  const Result how = run_here(flags, [&](const RunOptions& run) {
    answer = crew::run_to_end(std::move(record), run, &file);
    return Result{};
  });
  static_cast<void>(how);
  const bool whole = answer.reason == job::StopReason::samples;
  if (!flags.quiet) {
    std::fprintf(stderr, "%s: shard %llu of %llu, chunks %llu to %llu%s\n", options.output.c_str(),
                 static_cast<unsigned long long>(index), static_cast<unsigned long long>(of),
                 static_cast<unsigned long long>(range.first),
                 static_cast<unsigned long long>(range.end - 1),
                 whole ? "" : ", not whole: the same command goes on with it");
  }
  if (answer.reason == job::StopReason::interrupted) return exit_interrupted;
  return whole ? exit_ok : exit_not_met;
}

// ---- merge ----

struct MergeOptions {
  std::vector<std::string> files;
  std::optional<std::string> output;
  RunFlags flags;
};

std::string chunks_text(std::uint64_t first, std::uint64_t end) {
  return first + 1 == end ? "chunk " + std::to_string(first)
                          : "chunks " + std::to_string(first) + " to " + std::to_string(end - 1);
}

struct Part {
  tally::Node node;
  const std::string* file;
};

// Chunks that two files have.
struct Twice {
  std::uint64_t first = 0, end = 0;
  const std::string* one = nullptr;
  const std::string* other = nullptr;
};

bool same_files(const Twice& twice, const std::string& a, const std::string& b) {
  return twice.one != nullptr &&
         ((*twice.one == a && *twice.other == b) || (*twice.one == b && *twice.other == a));
}

// Throws Error (file), naming all of them, for chunks that are there twice or not at all.
void check_cover(std::vector<Part> parts, std::uint64_t chunks) {
  std::ranges::sort(parts, {}, [](const Part& part) { return part.node.first(); });
  std::string overlaps, gaps;
  std::uint64_t reached = 0;
  const std::string* last = nullptr;
  const auto list = [](std::string& to, const std::string& one) {
    to += (to.empty() ? "" : ", ") + one;
  };
  Twice twice;
  const auto tell = [&] {
    if (twice.one == nullptr) return;
    list(overlaps, chunks_text(twice.first, twice.end) + " in " + shown(*twice.one) + " and " +
                       shown(*twice.other));
  };
  for (const Part& part : parts) {
    const std::uint64_t first = part.node.first();
    if (first > reached) list(gaps, chunks_text(reached, first));
    if (first < reached) {
      const std::uint64_t end = std::min(reached, part.node.end());
      // Nodes of the same two files that follow one another are one range.
      if (first != twice.end || !same_files(twice, *last, *part.file)) {
        tell();
        twice = {first, end, last, part.file};
      }
      twice.end = end;
    }
    if (part.node.end() > reached) last = part.file;
    reached = std::max(reached, part.node.end());
  }
  tell();
  if (reached < chunks) list(gaps, chunks_text(reached, chunks));
  if (!overlaps.empty()) {
    throw Error(ErrorKind::file,
                "some chunks are there twice (" + overlaps + "); give each shard once");
  }
  if (!gaps.empty()) {
    throw Error(ErrorKind::file,
                "some chunks are missing (" + gaps + "); give the shards that have them, whole");
  }
}

int merge(const MergeOptions& options) {
  const math::StandardFloatEnvironment environment;
  Job shown_job;
  apply_distribution_flags(options.flags, shown_job);
  job::RunRecord all;
  std::vector<Part> parts;
  for (const std::string& path : options.files) {
    job::RunRecord one = job::CheckpointFile::read(path);
    if (!one.range) {
      throw Error(ErrorKind::file,
                  "the file " + shown(path) + " is no shard (it is of a whole run); leave it out");
    }
    if (!all.job) {
      all.job = one.job;
      all.rule = one.rule;
    } else if (one.job->canonical() != all.job->canonical() ||
               one.rule.samples != all.rule.samples) {
      throw Error(ErrorKind::file, "the files " + shown(options.files.front()) + " and " +
                                       shown(path) +
                                       " are of different jobs; give the shards of one");
    }
    for (job::Ledger::Entry& entry : one.standing.nodes) {
      parts.push_back({entry.node, &path});
      all.standing.nodes.push_back(std::move(entry));
    }
  }
  const std::uint64_t chunks = chunks_of(*all.job, all.rule.samples.value_or(0));
  check_cover(std::move(parts), chunks);
  all.standing.decided = chunks - 1;  // nobody wants to stop before the end
  const std::string& canonical = all.job->canonical();
  shown_job.definition = {canonical.substr(canonical.find("estimate ") + 9)};
  check_report_flags(options.flags, *all.job);
  std::optional<job::CheckpointFile> file;
  if (options.output) {
    file.emplace(job::CheckpointFile::create(*options.output, *all.job, all.rule, std::nullopt));
  }
  const job::StopRule rule = all.rule;
  const std::uint64_t kept = job::samples_of(all);
  Result result = run_here(options.flags, [&](RunOptions run) {
    run.threads = 1;  // nothing is left to compute
    return job::make_result(crew::run_to_end(std::move(all), run, file ? &*file : nullptr), rule,
                            {shown_job.quantiles, shown_job.coverage, shown_job.bars});
  });
  result.kept_samples = kept;
  return report_here(options.flags, shown_job, result, "");
}

}  // namespace

void add_shard(CLI::App& app, Outcome& outcome) {
  const auto options = std::make_shared<ShardOptions>();
  CLI::App* const command =
      app.add_subcommand("shard", "A part of a run, without any network, in a file for oche merge");
  command->add_option("definition", options->definition, "As oche estimate's, or a job file")
      ->type_name("EXPR INPUT")
      ->required();
  command->add_option("--index", options->index, "Which shard, from 0")->type_name("I")->required();
  command->add_option("--of", options->of, "How many shards there are")->type_name("N")->required();
  command->add_option("-o", options->output, "The file; one that isn't whole is gone on with")
      ->type_name("FILE")
      ->required();
  command->add_option("--samples", options->flags.samples, "Of the whole run")->type_name("N");
  command->add_option("--seed", options->flags.seed, "Seed of the random numbers (default 1)")
      ->type_name("N");
  command->add_option("--method", options->flags.method, "auto or plain")->type_name("METHOD");
  add_local_options(*command, options->flags);
  command->footer(
      "Example, on three computers:\n"
      "  oche shard '1/x' x=1..2 --samples 1e12 --index 0 --of 3 -o 0.oche    (and 1, and 2)\n"
      "  oche merge 0.oche 1.oche 2.oche");
  unprotect_values(*command);
  command->callback([options, &outcome] { outcome.exit_code = shard(*options); });

  const auto parts = std::make_shared<MergeOptions>();
  CLI::App* const whole =
      app.add_subcommand("merge", "Put the shards of a run together: the answer of one run");
  whole->add_option("files", parts->files, "What oche shard has made, in any order")
      ->type_name("FILE")
      ->required();
  whole->add_option("-o", parts->output, "Keep the whole run in a new file, for oche extend")
      ->type_name("FILE");
  whole->add_flag("--json", parts->flags.json, "Print one JSON object");
  whole->add_flag("--quiet", parts->flags.quiet, "No notes");
  add_display_options(*whole, parts->flags);
  whole->callback([parts, &outcome] { outcome.exit_code = merge(*parts); });
}

}  // namespace oche::cli
