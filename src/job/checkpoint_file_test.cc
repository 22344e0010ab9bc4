// The file of a run: what was saved is there, to the last bit, and a damaged file is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "job/checkpoint_file.h"
#include "job/whole_run_test.h"
#include "oche/error.h"

namespace oche::job {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::shared_ptr<const Job> job_of(sampling::Method method) {
  return Job::from_arguments({"1/x", "x=1..2"}, method, 1);
}
std::shared_ptr<const Job> distribution_job() {
  return Job::from_arguments({"x*y; x+y", "x~normal(1,0.1)", "y~uniform(0,1)"},
                             sampling::Method::plain, 3);
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "oche-checkpoint-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    path = folder + "/run.oche";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string folder, path;
};

DispatcherOptions kept() {
  DispatcherOptions options;
  options.keep_nodes = true;
  return options;
}

// Goes on with the file's run by one worker, for so many results, and saves now and then.
bool go_on(CheckpointFile& file, std::uint64_t results, std::mt19937_64& random,
           std::string* digest_of_it = nullptr) {
  const RunRecord record = file.record();
  DispatcherOptions options = kept();
  options.range = record.range;
  Dispatcher dispatcher(record.job, record.rule, options, record.standing);
  Actions actions;
  Instant now{};
  const WorkerId me = dispatcher.join("worker 1", 1, std::chrono::milliseconds(1), now, actions);
  std::shared_ptr<const sampling::PassContext> pass;
  for (std::uint64_t n = 0; n < results && !dispatcher.finished();) {
    for (const Action& action : std::exchange(actions, {})) {
      if (const auto* begin = std::get_if<BeginPass>(&action)) pass = begin->pass;
      if (const auto* grant = std::get_if<Grant>(&action)) {
        dispatcher.complete(me, grant->lease.id, grant->lease.pass, grant->lease.node,
                            computed(*pass, grant->lease), std::chrono::microseconds(100), now,
                            actions);
        ++n;
      }
    }
    if (random() % 3 == 0) file.save(dispatcher.take_changes(), std::nullopt);
  }
  if (!dispatcher.finished()) return false;  // what wasn't saved is lost
  file.save(dispatcher.take_changes(), dispatcher.reason());
  if (digest_of_it != nullptr) *digest_of_it = digest(*record.job, dispatcher.answer());
  return true;
}

TEST_F(Checkpoint, of_a_run_that_dies_again_and_again_has_the_digest_of_an_undisturbed_one) {
  const std::pair<std::shared_ptr<const Job>, StopRule> runs[] = {
      {job_of(sampling::Method::plain), samples_rule(1'000'017)},
      {job_of(sampling::Method::plain), rel_error_rule(1e-4)},
      {job_of(sampling::Method::stratified), samples_rule(1'000'003)},
      {distribution_job(), samples_rule(200'009)}};
  std::mt19937_64 random(4);
  for (const auto& [job, rule] : runs) {
    std::filesystem::remove(path);
    static_cast<void>(CheckpointFile::create(path, *job, rule, std::nullopt));
    std::string found;
    for (int i = 0; i < 1000 && found.empty(); ++i) {
      CheckpointFile file = CheckpointFile::open(path);
      go_on(file, random() % 30, random, &found);
    }
    EXPECT_EQ(found, alone(job, rule).digest);
    const RunRecord record = CheckpointFile::read(path);
    EXPECT_EQ(record.job->canonical(), job->canonical());
    EXPECT_TRUE(record.reason);
    // Finished is finished: nothing is left to do.
    const Dispatcher again(record.job, record.rule, kept(), record.standing);
    ASSERT_TRUE(again.finished());
    EXPECT_EQ(digest(*job, again.answer()), found);
  }
}

TEST_F(Checkpoint, says_who_computed_what) {
  const auto job = job_of(sampling::Method::plain);
  std::mt19937_64 random(1);
  CheckpointFile file = CheckpointFile::create(path, *job, samples_rule(500'000), std::nullopt);
  ASSERT_TRUE(go_on(file, 1'000'000, random));
  std::uint64_t chunks = 0;
  sampling::Workspace workspace;
  const sampling::PassContext pass(job->integrand(), job->seed(), job->chunk_samples(), {});
  for (const Delivery& one : file.deliveries()) {
    chunks += one.node.chunks();
    EXPECT_EQ(one.worker, "worker 1");
    EXPECT_EQ(one.tally,
              tally::hash_of(sampling::compute_node(pass, one.node, 500'000, workspace, {})));
  }
  EXPECT_EQ(chunks, (500'000 + job->chunk_samples() - 1) / job->chunk_samples());
}

TEST_F(Checkpoint, is_extended_to_the_digest_of_the_longer_run) {
  const auto job = job_of(sampling::Method::plain);
  std::mt19937_64 random(1);
  {
    CheckpointFile file = CheckpointFile::create(path, *job, samples_rule(500'000), std::nullopt);
    ASSERT_TRUE(go_on(file, 1'000'000, random));
    EXPECT_THROW(file.extend(samples_rule(499'999)), Error);
    file.extend(samples_rule(2'000'001));
  }
  CheckpointFile file = CheckpointFile::open(path);
  EXPECT_FALSE(file.record().reason);
  std::string found;
  ASSERT_TRUE(go_on(file, 1'000'000, random, &found));
  EXPECT_EQ(found, alone(job, samples_rule(2'000'001)).digest);
}

TEST_F(Checkpoint, keeps_the_range_of_a_shard) {
  const auto job = job_of(sampling::Method::plain);
  const ChunkRange range{7, 23};
  std::mt19937_64 random(1);
  CheckpointFile file = CheckpointFile::create(path, *job, samples_rule(5'000'000), range);
  ASSERT_TRUE(go_on(file, 1'000'000, random));
  const RunRecord record = file.record();
  EXPECT_EQ(record.range, range);
  std::uint64_t chunks = 0;
  for (const Ledger::Entry& entry : record.standing.nodes) chunks += entry.node.chunks();
  EXPECT_EQ(chunks, 16u);
}

// ---- Files that can't be ----

template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::file) << error.what();
    return error.what();
  }
  return "";
}

TEST_F(Checkpoint, is_not_made_over_another_file) {
  write(path, "precious");
  const auto job = job_of(sampling::Method::plain);
  EXPECT_THAT(message_of([&] { CheckpointFile::create(path, *job, {}, std::nullopt); }),
              HasSubstr("is there already"));
  EXPECT_EQ(bytes_of(path), "precious");
}

TEST_F(Checkpoint, is_no_other_file) {
  EXPECT_THAT(message_of([&] { CheckpointFile::read(path); }), HasSubstr("can't be opened"));
  write(path, "");
  EXPECT_THAT(message_of([&] { CheckpointFile::read(path); }), HasSubstr("no checkpoint file"));
  write(path, std::string(10'000, 'x'));
  EXPECT_THAT(message_of([&] { CheckpointFile::read(path); }), HasSubstr("no checkpoint file"));
  EXPECT_THAT(message_of([&] { CheckpointFile::open(folder); }), HasSubstr("can't be opened"));
}

TEST_F(Checkpoint, is_written_by_one_run_at_a_time) {
  const auto job = job_of(sampling::Method::plain);
  const CheckpointFile file = CheckpointFile::create(path, *job, {}, std::nullopt);
  EXPECT_THAT(message_of([&] { CheckpointFile::open(path); }), HasSubstr("is in use"));
}

bool same(const RunRecord& a, const RunRecord& b) {
  const auto& x = a.standing;
  const auto& y = b.standing;
  return a.job->canonical() == b.job->canonical() && a.rule.samples == b.rule.samples &&
         a.reason == b.reason && x.decided == y.decided &&
         std::equal(x.nodes.begin(), x.nodes.end(), y.nodes.begin(), y.nodes.end(),
                    [](const Ledger::Entry& n, const Ledger::Entry& m) {
                      return n.node == m.node && identical(n.tally, m.tally);
                    });
}

// A damaged file is refused, or what it says is true as far as it goes: with a row lost, say, its
// chunks are computed again.
void expect_true_or_refused(const std::string& path, const RunRecord& whole,
                            const std::string& digest_of_it, const std::string& what) {
  const std::string before = bytes_of(path);
  try {
    const RunRecord record = CheckpointFile::read(path);
    if (same(record, whole)) return;
    Dispatcher dispatcher(record.job, record.rule, kept(), record.standing);
    run_alone(dispatcher);
    EXPECT_EQ(digest(*record.job, dispatcher.answer()), digest_of_it) << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::file) << what << ": " << error.what();
    EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("unexpec"))) << what;
  }
  EXPECT_EQ(bytes_of(path), before) << what;
}

TEST_F(Checkpoint, that_is_damaged_is_refused_and_left_as_it_is) {
  const auto job = job_of(sampling::Method::plain);
  std::mt19937_64 random(8);
  std::string found;
  {
    CheckpointFile file = CheckpointFile::create(path, *job, samples_rule(1'000'000), std::nullopt);
    ASSERT_TRUE(go_on(file, 1'000'000, random, &found));
  }
  const RunRecord whole = CheckpointFile::read(path);
  const std::string bytes = bytes_of(path);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = bytes;
    const std::size_t at = random() % damaged.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (random() % 8)));
    write(path, damaged);
    expect_true_or_refused(path, whole, found, "a bit at " + std::to_string(at));
    refused += message_of([&] { CheckpointFile::read(path); }).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
  for (std::size_t page = 0; page * 4096 < bytes.size(); ++page) {
    std::string damaged = bytes;
    damaged.replace(page * 4096, std::min<std::size_t>(4096, damaged.size() - page * 4096),
                    std::string(std::min<std::size_t>(4096, damaged.size() - page * 4096), '\0'));
    write(path, damaged);
    expect_true_or_refused(path, whole, found, "page " + std::to_string(page));
  }
  for (std::size_t length = 0; length < bytes.size(); length += 509) {
    write(path, bytes.substr(0, length));
    expect_true_or_refused(path, whole, found, "cut at " + std::to_string(length));
  }
}

}  // namespace
}  // namespace oche::job
