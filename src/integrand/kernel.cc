#include "integrand/kernel.h"

#include <algorithm>

#include "base/assert.h"
#include "integrand/array_functions.h"
#include "integrand/assembly.h"
#include "integrand/executable_memory.h"
#include "integrand/kernel_context.h"
#include "integrand/kernel_plan.h"
#include "integrand/loop_code.h"
#include "math/simd.h"

namespace oche::integrand {
namespace {

constexpr std::size_t kLine = 8;  // doubles in 64 bytes
// What a block's arrays may take of the first-level cache, in doubles: 32 KiB.
constexpr std::size_t kCachedDoubles = 4096;
constexpr std::size_t kLargestBlock = 512;
constexpr std::size_t kSmallestBlock = 64;

// A loop, or a function with its operands in the block's arrays or among the constants.
struct CompiledStep {
  LoopFunction loop = nullptr;
  std::uint32_t yield = 0;  // whose sums the loop accumulates
  ArrayFunction function = nullptr;
  const math::SampleTable* table = nullptr;  // instead of a function: one of the kernel's tables
  std::size_t inputs[2] = {0, 0};            // offsets in doubles
  bool constant[2] = {true, true};
  std::size_t output = 0;
};

struct alignas(64) CacheLine {
  std::uint64_t words[kLine];
};

std::size_t block_samples(std::uint32_t arrays) {
  std::size_t block = kLargestBlock;
  while (block > kSmallestBlock && arrays * block > kCachedDoubles) block /= 2;
  return block;
}

}  // namespace

struct Kernel::Code {
  KernelTask task = KernelTask::accumulate;
  std::unique_ptr<const ExecutableMemory> memory;
  std::vector<CompiledStep> steps;
  std::vector<std::shared_ptr<const math::SampleTable>> tables;  // those of the program
  std::vector<CacheLine> constants;
  std::vector<std::uint32_t> pairs;
  std::size_t yields = 0;
  std::size_t block = 0;  // samples at a time; 0: all
  std::size_t arrays = 0;
  std::uint32_t spills = 0;

  void add(const Step& step, const formula::Program& program, ConstantPool& pool,
           KernelTask for_task, const KernelPlan& plan, std::vector<LoopCode>& loops);
  void start(KernelContext& context, const random::StreamKey& key, double* scratch) const;
  void run(KernelContext& context, std::uint64_t first, std::uint64_t n, math::LaneSums* sums,
           double** yields) const;
};

void Kernel::Code::add(const Step& step, const formula::Program& program, ConstantPool& pool,
                       KernelTask for_task, const KernelPlan& plan, std::vector<LoopCode>& loops) {
  CompiledStep& compiled = steps.emplace_back();
  const std::size_t array_samples = std::max<std::size_t>(block, kLine);
  if (step.loop) {
    if (for_task == KernelTask::accumulate && !step.loop->yields.empty()) {
      compiled.yield = step.loop->yields[0];
    }
    loops.push_back(compile_loop(for_task, program, plan, *step.loop, array_samples, pool));
    spills = std::max(spills, loops.back().spills);
    return;
  }
  const ArrayStep& f = step.function;
  if (f.op == formula::Op::table) {
    compiled.table = program.tables[program.code[f.value].dimension].get();
  } else {
    compiled.function = array_function(f.op);
  }
  compiled.output = f.output * array_samples;
  for (unsigned k = 0; k < formula::operand_count(f.op); ++k) {
    compiled.constant[k] = f.inputs[k] == kNoArray;
    compiled.inputs[k] =
        compiled.constant[k]
            ? static_cast<std::size_t>(pool.line_of(program.code[f.operands[k]].value)) /
                  sizeof(double)
            : f.inputs[k] * array_samples;
  }
}

std::unique_ptr<const Kernel> Kernel::compile(KernelTask task, const formula::Program& program,
                                              std::span<const formula::ValueId> yields) {
  const std::vector<std::string> targets = math::supported_simd_targets();
  if (std::find(targets.begin(), targets.end(), "jit") == targets.end()) return nullptr;
  const auto known = [](const formula::Instruction& i) {
    return stands_in_loops(i.op) || i.op == formula::Op::table || array_function(i.op) != nullptr;
  };
  if (!std::all_of(program.code.begin(), program.code.end(), known)) return nullptr;
  const std::optional<KernelPlan> plan = plan_kernel(task, program, yields);
  if (!plan) return nullptr;
  auto code = std::make_unique<Code>();
  code->task = task;
  code->pairs = plan->pairs;
  code->yields = yields.size();
  code->tables = program.tables;
  code->arrays = plan->arrays;
  if (plan->steps.size() > 1) code->block = block_samples(plan->arrays);
  ConstantPool pool;
  std::vector<LoopCode> loops;
  for (const Step& step : plan->steps) {
    code->add(step, program, pool, task, *plan, loops);
  }
  const MachineCode machine = assemble(loops);
  code->memory = ExecutableMemory::holding(machine.bytes);
  if (!code->memory) return nullptr;
  std::size_t next = 0;
  for (CompiledStep& step : code->steps) {
    if (step.function == nullptr && step.table == nullptr) {
      step.loop = code->memory->function<LoopFunction>(machine.entries[next++]);
    }
  }
  code->constants.resize((pool.words().size() + kLine - 1) / kLine);
  for (std::size_t i = 0; i < pool.words().size(); ++i) {
    code->constants[i / kLine].words[i % kLine] = pool.words()[i];
  }
  return std::unique_ptr<const Kernel>(new Kernel(std::move(code)));
}

// Where things are in the scratch memory: arrays, spilled vectors, the keys of the pairs, addresses
// of the yields.
std::size_t Kernel::scratch_doubles() const {
  const Code& c = *code_;
  return c.arrays * c.block + (c.spills + c.pairs.size()) * kLine +
         (c.yields + kLine - 1) / kLine * kLine;
}

void Kernel::Code::start(KernelContext& context, const random::StreamKey& key,
                         double* scratch) const {
  random::Block round = random::ars_key(key);
  for (auto& line : context.keys) {
    for (std::size_t lane = 0; lane < kLine; lane += 2) {
      line[lane] = round.low;
      line[lane + 1] = round.high;
    }
    round = {round.low + random::kArsWeyl.low, round.high + random::kArsWeyl.high};
  }
  for (std::size_t lane = 0; lane < kLine; lane += 2) {
    context.counters[lane + 1] = random::ars_counter(key, 0, 0).high;
  }
  context.constants = constants.data()->words;
  context.arrays = scratch;
  context.spills = scratch + arrays * block;
  auto* pair_keys = reinterpret_cast<std::uint64_t*>(context.spills + spills * kLine);
  context.pair_keys = pair_keys;
  // The pair's number is in the counter's low bits, which are 0 otherwise: it may join the key.
  for (const std::uint32_t pair : pairs) {
    for (std::size_t lane = 0; lane < kLine; lane += 2) {
      *pair_keys++ = context.keys[0][lane];
      *pair_keys++ = context.keys[0][lane + 1] ^ pair;
    }
  }
  context.yields = reinterpret_cast<double**>(pair_keys);
  context.hits = 0;
}

namespace {

// clang's check of a function's type reads what stands before the function. Before one that was
// made at run time there is nothing.
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
void call(LoopFunction loop, KernelContext& context) {
  loop(&context);
}

}  // namespace

void Kernel::Code::run(KernelContext& context, std::uint64_t first, std::uint64_t n,
                       math::LaneSums* sums, double** into) const {
  constexpr std::size_t kAll = ~std::size_t{0};
  const std::uint64_t most = block > 0 ? block : n;
  const auto* const words = reinterpret_cast<const double*>(context.constants);
  for (std::uint64_t done = 0; done < n; done += most) {
    const std::uint64_t now = std::min(most, n - done);
    context.bytes = now * sizeof(double);
    for (std::size_t lane = 0; lane < kLine; lane += 2)
      context.counters[lane] = first + done + lane;
    for (const CompiledStep& step : steps) {
      if (step.loop != nullptr) {
        if (sums != nullptr) context.sums = sums[step.yield].s1;
        call(step.loop, context);
        continue;
      }
      if (step.table != nullptr) {
        math::samples_at(*step.table, context.arrays + step.inputs[0], context.arrays + step.output,
                         now);
        continue;
      }
      ArrayOperand operands[2];
      for (unsigned k = 0; k < 2; ++k) {
        operands[k] = step.constant[k] ? ArrayOperand{words + step.inputs[k], 0}
                                       : ArrayOperand{context.arrays + step.inputs[k], kAll};
      }
      step.function(operands[0], operands[1], context.arrays + step.output, now);
    }
    if (into != nullptr) {
      for (std::size_t y = 0; y < yields; ++y) into[y] += now;
    }
  }
}

Kernel::Kernel(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Kernel::~Kernel() = default;

KernelTask Kernel::task() const { return code_->task; }

void Kernel::accumulate(const random::StreamKey& key, std::uint64_t first_sample, std::uint64_t n,
                        const double* centres, math::LaneSums* sums, double* scratch) const {
  OCHE_ASSERT(code_->task == KernelTask::accumulate && n % kKernelSamples == 0);
  if (n == 0) return;
  KernelContext context{};
  code_->start(context, key, scratch);
  context.centres = centres;
  code_->run(context, first_sample, n, sums, nullptr);
}

std::uint64_t Kernel::count(const random::StreamKey& key, std::uint64_t first_sample,
                            std::uint64_t n, double* scratch) const {
  OCHE_ASSERT(code_->task == KernelTask::count && n % kKernelSamples == 0);
  if (n == 0) return 0;
  KernelContext context{};
  code_->start(context, key, scratch);
  code_->run(context, first_sample, n, nullptr, nullptr);
  return context.hits;
}

void Kernel::store(const random::StreamKey& key, std::uint64_t first_sample, std::uint64_t n,
                   double* values, std::size_t stride, double* scratch) const {
  OCHE_ASSERT(code_->task == KernelTask::store && n % kKernelSamples == 0);
  OCHE_ASSERT(stride % kLine == 0);
  if (n == 0) return;
  KernelContext context{};
  code_->start(context, key, scratch);
  auto** const into = const_cast<double**>(context.yields);
  for (std::size_t y = 0; y < code_->yields; ++y) into[y] = values + y * stride;
  code_->run(context, first_sample, n, nullptr, into);
}

}  // namespace oche::integrand
