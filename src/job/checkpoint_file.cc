#include "job/checkpoint_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <system_error>
#include <utility>

#include "job/sqlite.h"
#include "math/numerics.h"
#include "oche/error.h"

namespace oche::job {
namespace {

constexpr int kApplication = 0x6f636865;  // "oche", where SQLite has a place for it

constexpr char kSchema[] =
    "CREATE TABLE run (id INTEGER PRIMARY KEY CHECK (id = 1), numerics INTEGER NOT NULL,"
    " canonical BLOB NOT NULL, data BLOB NOT NULL, rule BLOB NOT NULL, standing BLOB NOT NULL,"
    " hash BLOB NOT NULL);"
    "CREATE TABLE pass (pass INTEGER PRIMARY KEY, plan BLOB NOT NULL, tally BLOB NOT NULL,"
    " hash BLOB NOT NULL);"
    "CREATE TABLE node (first INTEGER PRIMARY KEY, level INTEGER NOT NULL, tally BLOB NOT NULL,"
    " hash BLOB NOT NULL);"
    "CREATE TABLE delivery (number INTEGER PRIMARY KEY, pass INTEGER NOT NULL, first INTEGER NOT"
    " NULL, level INTEGER NOT NULL, worker TEXT NOT NULL, nanoseconds INTEGER NOT NULL,"
    " tally_hash BLOB NOT NULL, hash BLOB NOT NULL);";

[[noreturn]] void fail(const std::string& path, const std::string& why, const std::string& advice) {
  throw Error(ErrorKind::file, "the checkpoint file '" + path + "' " + why + "; " + advice);
}

[[noreturn]] void fail_damaged(const std::string& path, const std::string& why) {
  fail(path, "is damaged (" + why + ")",
       "take a copy of it from before, or run the job anew; the file is as it was");
}

// ---- Layouts ----

std::string bytes_of(const tally::Tally& tally) {
  ByteWriter out;
  write(out, tally);
  return std::move(out).bytes();
}

void put_optional(ByteWriter& out, bool there, std::uint64_t bits) {
  out.u8(there ? 1 : 0);
  out.u64(there ? bits : 0);
}

std::string bytes_of(const StopRule& rule, const std::optional<ChunkRange>& range) {
  ByteWriter out;
  const auto bits = [](std::optional<double> v) {
    return std::bit_cast<std::uint64_t>(v.value_or(0));
  };
  put_optional(out, rule.rel_error.has_value(), bits(rule.rel_error));
  put_optional(out, rule.abs_error.has_value(), bits(rule.abs_error));
  put_optional(out, rule.samples.has_value(), rule.samples.value_or(0));
  put_optional(
      out, rule.time.has_value(),
      static_cast<std::uint64_t>(std::chrono::nanoseconds(rule.time.value_or(Duration{})).count()));
  out.f64(rule.confidence);
  put_optional(out, range.has_value(), range.value_or(ChunkRange{}).first);
  out.u64(range.value_or(ChunkRange{}).end);
  return std::move(out).bytes();
}

std::optional<std::uint64_t> read_optional(ByteReader& in) {
  const bool there = in.u8() == 1;
  const std::uint64_t bits = in.u64();
  return there ? std::optional(bits) : std::nullopt;
}

bool read_rule(std::string_view bytes, StopRule& rule, std::optional<ChunkRange>& range) {
  ByteReader in(bytes);
  const auto real = [&]() -> std::optional<double> {
    const auto bits = read_optional(in);
    return bits ? std::optional(std::bit_cast<double>(*bits)) : std::nullopt;
  };
  rule.rel_error = real();
  rule.abs_error = real();
  rule.samples = read_optional(in);
  if (const auto time = read_optional(in)) {
    rule.time = std::chrono::duration_cast<Duration>(
        std::chrono::nanoseconds(static_cast<std::int64_t>(*time)));
  }
  rule.confidence = in.f64();
  const auto first = read_optional(in);
  const std::uint64_t end = in.u64();
  if (first) range = ChunkRange{*first, end};
  const auto positive = [](std::optional<double> v) { return !v || *v > 0; };
  return in.at_end() && positive(rule.rel_error) && positive(rule.abs_error) &&
         rule.confidence > 0 && rule.confidence < 1 &&
         (!rule.samples || *rule.samples <= sampling::kMaxSamples) &&
         (!range || (range->first < range->end && rule.samples));
}

// Which pass the nodes are of, how far stop points are decided, and how the run ended.
std::string bytes_of(std::uint32_t pass, std::uint64_t decided, std::optional<StopReason> reason) {
  ByteWriter out;
  out.u32(pass);
  out.u64(decided);
  out.u8(reason ? static_cast<std::uint8_t>(*reason) + 1 : 0);
  return std::move(out).bytes();
}

// What a row's hash is of: whose it is, of which table, and all that it says.
class RowHash {
 public:
  RowHash(const Hash256& fingerprint, const char* table) {
    out_.raw({reinterpret_cast<const char*>(fingerprint.data()), fingerprint.size()});
    out_.sized(table);
  }
  RowHash& put(std::uint64_t number) {
    out_.u64(number);
    return *this;
  }
  RowHash& put(const std::string& bytes) {
    out_.sized(bytes);
    return *this;
  }
  std::string bytes() const {
    const Hash256 hash = sha256(out_.bytes());
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
  }

 private:
  ByteWriter out_;
};

}  // namespace

std::uint64_t samples_of(const RunRecord& record) {
  std::uint64_t samples = 0;
  for (const sampling::PassResult& pass : record.standing.whole_passes) samples += pass.samples;
  for (const Ledger::Entry& entry : record.standing.nodes) samples += entry.tally.samples();
  return samples;
}

struct CheckpointFile::Impl {
  Impl(std::string name, Database::Access access) : path(std::move(name)), database(path, access) {}

  std::string path;
  Database database;
  std::shared_ptr<const Job> job;
  StopRule rule;
  std::optional<ChunkRange> range;
  std::uint32_t pass = 0;
  std::uint64_t decided = 0;
  std::optional<StopReason> reason;

  Statement statement(const char* text) const { return Statement(database, text); }
  void execute(const std::string& text) const { database.execute(text); }
  RowHash hash(const char* table) const { return {job->fingerprint(), table}; }

  void check_kind() const;
  void read_run();
  void put_run(const char* verb) const;
  std::vector<sampling::PassResult> read_passes() const;
  std::vector<Ledger::Entry> read_nodes() const;
  void put_changes(const Changes& changes);
  void put_node(std::uint64_t first, const std::optional<Ledger::Entry>& entry) const;
};

// ---- Reading ----

void CheckpointFile::Impl::check_kind() const {
  auto application = statement("PRAGMA application_id");
  if (!application.step() || application.number(0) != kApplication) {
    fail(path, "is no checkpoint file (it is a database of another program)",
         "give one that --checkpoint has made");
  }
  auto format = statement("PRAGMA user_version");
  if (!format.step() || format.number(0) != kCheckpointFormat) {
    fail(path,
         "has another format (" + std::to_string(format.number(0)) + "; this program's is " +
             std::to_string(kCheckpointFormat) + ")",
         "use the release that made it");
  }
  auto whole = statement("PRAGMA integrity_check(1)");
  if (!whole.step() || whole.bytes(0) != "ok") fail_damaged(path, whole.bytes(0));
}

void CheckpointFile::Impl::read_run() {
  auto row = statement("SELECT numerics, canonical, data, rule, standing, hash FROM run");
  if (!row.step()) fail_damaged(path, "it names no job");
  const std::uint64_t numerics = row.number(0);
  if (numerics != kNumerics) {
    fail(path,
         "has other numerics (" + std::to_string(numerics) + "; this program's are " +
             std::to_string(kNumerics) + "), so that bits would differ",
         "use the release that made it");
  }
  try {
    job = Job::from_canonical(row.bytes(1), row.bytes(2));
  } catch (const Error& error) {
    fail_damaged(path, error.what());
  }
  const std::string wanted = hash("run").put(numerics).put(row.bytes(3)).put(row.bytes(4)).bytes();
  const std::string standing = row.bytes(4);
  ByteReader in(standing);
  pass = in.u32();
  decided = in.u64();
  const std::uint8_t how = in.u8();
  if (row.bytes(5) != wanted || !read_rule(row.bytes(3), rule, range) || !in.at_end() ||
      how > static_cast<std::uint8_t>(StopReason::deadly_chunk) + 1) {
    fail_damaged(path, "what it says of the run isn't what was written");
  }
  if (how != 0) reason = static_cast<StopReason>(how - 1);
}

std::vector<sampling::PassResult> CheckpointFile::Impl::read_passes() const {
  std::vector<sampling::PassResult> passes;
  auto row = statement("SELECT pass, plan, tally, hash FROM pass ORDER BY pass");
  while (row.step()) {
    const std::string plan_bytes = row.bytes(1);
    const std::string tally_bytes = row.bytes(2);
    const auto plan = sampling::Plan::from_bytes(plan_bytes, job->dimensions());
    ByteReader in(tally_bytes);
    auto tally = tally::read(in);
    if (!plan || !tally || !in.at_end() ||
        row.bytes(3) != hash("pass").put(row.number(0)).put(plan_bytes).put(tally_bytes).bytes()) {
      fail_damaged(path, "pass " + std::to_string(row.number(0)) + " isn't what was written");
    }
    passes.push_back({*plan, plan->samples(), *std::move(tally)});
  }
  return passes;
}

std::vector<Ledger::Entry> CheckpointFile::Impl::read_nodes() const {
  std::vector<Ledger::Entry> nodes;
  auto row = statement("SELECT first, level, tally, hash FROM node ORDER BY first");
  while (row.step()) {
    const std::uint64_t first = row.number(0);
    const std::uint64_t level = row.number(1);
    const std::string tally_bytes = row.bytes(2);
    ByteReader in(tally_bytes);
    auto tally = tally::read(in);
    const bool is_node = level <= tally::kMaxLevel && (first >> level) << level == first;
    if (!is_node || !tally || !in.at_end() ||
        row.bytes(3) != hash("node").put(pass).put(first).put(level).put(tally_bytes).bytes()) {
      fail_damaged(path, "what it has of chunk " + std::to_string(first) +
                             " and those behind it isn't what was written");
    }
    nodes.push_back({{static_cast<std::uint32_t>(level), first >> level}, *std::move(tally)});
  }
  return nodes;
}

RunRecord CheckpointFile::record() const {
  RunRecord record;
  record.job = impl_->job;
  record.rule = impl_->rule;
  record.range = impl_->range;
  record.reason = impl_->reason;
  record.standing.decided = impl_->decided;
  record.standing.whole_passes = impl_->read_passes();
  // The last pass may be whole already.
  if (record.standing.whole_passes.size() <= impl_->pass) {
    record.standing.nodes = impl_->read_nodes();
  }
  return record;
}

std::vector<Delivery> CheckpointFile::deliveries() const {
  std::vector<Delivery> all;
  auto row = impl_->statement(
      "SELECT pass, first, level, worker, nanoseconds, tally_hash, hash, number FROM delivery "
      "ORDER "
      "BY number");
  while (row.step()) {
    const std::uint64_t level = row.number(2);
    const std::string tally_hash = row.bytes(5);
    Delivery one;
    if (level > tally::kMaxLevel || tally_hash.size() != one.tally.size() ||
        row.bytes(6) != impl_->hash("delivery")
                            .put(row.number(7))
                            .put(row.number(0))
                            .put(row.number(1))
                            .put(level)
                            .put(row.bytes(3))
                            .put(row.number(4))
                            .put(tally_hash)
                            .bytes()) {
      fail_damaged(impl_->path, "who computed chunk " + std::to_string(row.number(1)) +
                                    " isn't what was written");
    }
    one.pass = static_cast<std::uint32_t>(row.number(0));
    one.node = {static_cast<std::uint32_t>(level), row.number(1) >> level};
    one.worker = row.bytes(3);
    one.computing = std::chrono::duration_cast<Duration>(
        std::chrono::nanoseconds(static_cast<std::int64_t>(row.number(4))));
    std::copy(tally_hash.begin(), tally_hash.end(), reinterpret_cast<char*>(one.tally.data()));
    all.push_back(std::move(one));
  }
  return all;
}

// ---- Writing ----

void CheckpointFile::Impl::put_run(const char* verb) const {
  const std::string rule_bytes = bytes_of(rule, range);
  const std::string standing = bytes_of(pass, decided, reason);
  statement(verb)
      .put(kNumerics)
      .put(job->canonical())
      .put(job->data())
      .put(rule_bytes)
      .put(standing)
      .put(hash("run").put(kNumerics).put(rule_bytes).put(standing).bytes())
      .step();
}

constexpr char kPutRun[] = "INSERT OR REPLACE INTO run VALUES (1, ?, ?, ?, ?, ?, ?)";

void CheckpointFile::Impl::put_node(std::uint64_t first,
                                    const std::optional<Ledger::Entry>& entry) const {
  if (!entry) {
    statement("DELETE FROM node WHERE first = ?").put(first).step();
    return;
  }
  const std::uint64_t level = entry->node.level;
  const std::string tally = bytes_of(entry->tally);
  statement("INSERT OR REPLACE INTO node VALUES (?, ?, ?, ?)")
      .put(first)
      .put(level)
      .put(tally)
      .put(hash("node").put(pass).put(first).put(level).put(tally).bytes())
      .step();
}

void CheckpointFile::Impl::put_changes(const Changes& changes) {
  for (const sampling::PassResult& whole : changes.whole_passes) {
    const std::string plan = whole.plan.bytes();
    const std::string tally = bytes_of(whole.tally);
    statement("INSERT OR REPLACE INTO pass VALUES (?, ?, ?, ?)")
        .put(whole.plan.pass)
        .put(plan)
        .put(tally)
        .put(hash("pass").put(whole.plan.pass).put(plan).put(tally).bytes())
        .step();
  }
  if (changes.pass != pass) execute("DELETE FROM node");
  pass = changes.pass;
  decided = changes.decided;
  for (const auto& [first, entry] : changes.nodes) put_node(first, entry);
  auto last = statement("SELECT coalesce(max(number), 0) FROM delivery");
  std::uint64_t number = last.step() ? last.number(0) : 0;
  for (const Delivery& one : changes.deliveries) {
    ++number;
    const std::string tally_hash(reinterpret_cast<const char*>(one.tally.data()), one.tally.size());
    const auto nanoseconds =
        static_cast<std::uint64_t>(std::chrono::nanoseconds(one.computing).count());
    statement("INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .put(number)
        .put(one.pass)
        .put(one.node.first())
        .put(one.node.level)
        .put(one.worker)
        .put(nanoseconds)
        .put(tally_hash)
        .put(hash("delivery")
                 .put(number)
                 .put(one.pass)
                 .put(one.node.first())
                 .put(one.node.level)
                 .put(one.worker)
                 .put(nanoseconds)
                 .put(tally_hash)
                 .bytes())
        .step();
  }
}

void CheckpointFile::save(const Changes& changes, std::optional<StopReason> reason) {
  impl_->database.in_a_transaction([&] {
    impl_->put_changes(changes);
    impl_->reason = reason;
    impl_->put_run(kPutRun);
  });
}

void CheckpointFile::extend(const StopRule& rule) {
  Impl& impl = *impl_;
  const std::uint64_t chunk = impl.job->chunk_samples();
  const std::uint64_t old_end = impl.rule.samples.value_or(0);
  impl.database.in_a_transaction([&] {
    auto last = impl.statement("SELECT first, level FROM node ORDER BY first DESC LIMIT 1");
    if (last.step() && impl.job->method() == sampling::Method::plain) {
      const std::uint64_t end =
          (last.number(0) + (std::uint64_t{1} << (last.number(1) & 63))) * chunk;
      const bool is_cut = old_end != 0 && end > old_end;
      const std::uint64_t there = is_cut ? old_end : end;
      if (rule.samples && *rule.samples < there) {
        throw Error(ErrorKind::usage, "--samples " + std::to_string(*rule.samples) +
                                          " is less than the file has (" + std::to_string(there) +
                                          " samples); give more, or run the job anew");
      }
      if (is_cut && rule.samples != old_end) {
        impl.put_node(last.number(0), std::nullopt);
        impl.statement("DELETE FROM delivery WHERE first = ? AND level = 0")
            .put(last.number(0))
            .step();
      }
    }
    impl.rule = rule;
    impl.reason.reset();
    impl.put_run(kPutRun);
  });
}

// ---- Opening ----

CheckpointFile::CheckpointFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CheckpointFile::~CheckpointFile() = default;
CheckpointFile::CheckpointFile(CheckpointFile&&) noexcept = default;

CheckpointFile CheckpointFile::create(const std::string& path, const Job& job, const StopRule& rule,
                                      const std::optional<ChunkRange>& range) {
  // SQLite would take one that is there.
  const int made = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (made < 0) {
    const bool there = errno == EEXIST;
    fail(path,
         there ? "is there already"
               : "can't be made (" + std::system_category().message(errno) + ")",
         there ? "give another name, or oche resume it" : "look at its folder");
  }
  ::close(made);
  auto impl = std::make_unique<Impl>(path, Database::Access::write);
  impl->job = Job::from_canonical(job.canonical(), job.data());
  impl->rule = rule;
  impl->range = range;
  impl->database.in_a_transaction([&] {
    impl->execute(kSchema);
    impl->execute("PRAGMA application_id = " + std::to_string(kApplication));
    impl->execute("PRAGMA user_version = " + std::to_string(kCheckpointFormat));
    impl->put_run(kPutRun);
  });
  return CheckpointFile(std::move(impl));
}

CheckpointFile CheckpointFile::open(const std::string& path) {
  auto impl = std::make_unique<Impl>(path, Database::Access::write);
  impl->check_kind();
  impl->read_run();
  return CheckpointFile(std::move(impl));
}

RunRecord CheckpointFile::read(const std::string& path) {
  auto impl = std::make_unique<Impl>(path, Database::Access::read);
  impl->check_kind();
  impl->read_run();
  return CheckpointFile(std::move(impl)).record();
}

}  // namespace oche::job
