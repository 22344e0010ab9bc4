#include "integrand/assembly.h"

#if defined(__x86_64__)

#include <asmjit/x86.h>

namespace oche::integrand {
namespace {

namespace x86 = asmjit::x86;

// Registers of the System V calling convention that a function need not save. The context is the
// argument.
const x86::Gp kContext = x86::rdi, kPlace = x86::rcx, kEnd = x86::rdx, kScratch = x86::rax,
              kConstants = x86::r8, kArrays = x86::r9, kSpills = x86::r10, kPairKeys = x86::r11,
              kCentresOrHits = x86::rsi;

x86::Zmm zmm(std::uint8_t r) { return x86::Zmm(r); }
x86::KReg mask(std::uint8_t k) { return x86::KReg(k); }
x86::Mem field(std::size_t offset) { return x86::qword_ptr(kContext, static_cast<int>(offset)); }

class Assembly {
 public:
  explicit Assembly(x86::Assembler& to) : a_(to) {}

  void loop(const LoopCode& code) {
    begin(code);
    const asmjit::Label again = a_.newLabel();
    a_.align(asmjit::AlignMode::kCode, 64);
    a_.bind(again);
    for (const Line& line : code.body) translate(line);
    a_.add(kPlace, static_cast<int>(kVectors * kVectorBytes));
    a_.cmp(kPlace, kEnd);
    a_.jb(again);
    for (const Line& line : code.after) translate(line);
    if (code.counts) a_.add(field(offsetof(KernelContext, hits)), kCentresOrHits);
    a_.vzeroupper();
    a_.ret();
  }

 private:
  void begin(const LoopCode& code) {
    a_.align(asmjit::AlignMode::kCode, 64);
    a_.mov(kConstants, field(offsetof(KernelContext, constants)));
    a_.mov(kArrays, field(offsetof(KernelContext, arrays)));
    a_.mov(kSpills, field(offsetof(KernelContext, spills)));
    a_.mov(kPairKeys, field(offsetof(KernelContext, pair_keys)));
    a_.mov(kEnd, field(offsetof(KernelContext, bytes)));
    a_.xor_(kPlace.r32(), kPlace.r32());
    if (code.counts) {
      a_.xor_(kCentresOrHits.r32(), kCentresOrHits.r32());
    } else {
      a_.mov(kCentresOrHits, field(offsetof(KernelContext, centres)));
    }
    a_.mov(kScratch, field(offsetof(KernelContext, sums)));
    for (const Line& line : code.before) translate(line);
  }

  x86::Gp base_of(const Memory& m) {
    switch (m.base) {
      case Base::context:
        return kContext;
      case Base::constants:
        return kConstants;
      case Base::arrays:
        return kArrays;
      case Base::spills:
        return kSpills;
      case Base::pair_keys:
        return kPairKeys;
      case Base::centres:
        return kCentresOrHits;
      case Base::sums:
        a_.mov(kScratch, field(offsetof(KernelContext, sums)));
        return kScratch;
      case Base::yield:
        a_.mov(kScratch, field(offsetof(KernelContext, yields)));
        a_.mov(kScratch, x86::qword_ptr(kScratch, static_cast<int>(m.yield * sizeof(double*))));
        return kScratch;
    }
    return kScratch;
  }

  x86::Mem address(const Memory& m) {
    const x86::Gp base = base_of(m);
    if (m.broadcast) return x86::qword_ptr(base, m.displacement)._1to8();
    return m.indexed ? x86::zmmword_ptr(base, kPlace, 0, m.displacement)
                     : x86::zmmword_ptr(base, m.displacement);
  }

  // Calls f with the operand b, a register or a place in memory.
  template <class F>
  void with(const Line& line, F f) {
    if (line.b.in_memory) {
      f(address(line.b.memory));
    } else {
      f(zmm(line.b.number));
    }
  }

  void load(const Line& line) {
    const x86::Zmm d = zmm(line.result);
    const Memory& m = line.b.memory;
    if (m.broadcast) {
      a_.vbroadcastsd(d, x86::qword_ptr(base_of(m), m.displacement));
    } else {
      a_.vmovapd(d, address(m));
    }
  }

  void count(const Line& line) {
    a_.kunpckbw(mask(line.a), mask(line.b.number), mask(line.a));
    a_.kmovw(kScratch.r32(), mask(line.a));
    a_.popcnt(kScratch.r32(), kScratch.r32());
    a_.add(kCentresOrHits, kScratch);
  }

  void one_where(const Line& line) {
    const Memory& m = line.b.memory;
    a_.k(mask(line.mask))
        .z()
        .vbroadcastsd(zmm(line.result), x86::qword_ptr(base_of(m), m.displacement));
  }

  void translate(const Line& line) {
    const x86::Zmm d = zmm(line.result);
    const x86::Zmm a = zmm(line.a);
    switch (line.op) {
      case VectorOp::load:
        return load(line);
      case VectorOp::store:
        a_.vmovapd(address(line.b.memory), a);
        return;
      case VectorOp::move:
        return with(line, [&](auto b) { a_.vmovapd(d, b); });
      case VectorOp::add:
        return with(line, [&](auto b) { a_.vaddpd(d, a, b); });
      case VectorOp::subtract:
        return with(line, [&](auto b) { a_.vsubpd(d, a, b); });
      case VectorOp::multiply:
        return with(line, [&](auto b) { a_.vmulpd(d, a, b); });
      case VectorOp::divide:
        return with(line, [&](auto b) { a_.vdivpd(d, a, b); });
      case VectorOp::minimum:
        return with(line, [&](auto b) { a_.vminpd(d, a, b); });
      case VectorOp::maximum:
        return with(line, [&](auto b) { a_.vmaxpd(d, a, b); });
      case VectorOp::square_root:
        return with(line, [&](auto b) { a_.vsqrtpd(d, b); });
      case VectorOp::round:
        return with(line, [&](auto b) { a_.vrndscalepd(d, b, line.immediate); });
      case VectorOp::add_product:
        return with(line, [&](auto b) { a_.vfmadd231pd(d, a, b); });
      case VectorOp::blend:
        return with(line, [&](auto b) { a_.k(mask(line.mask)).vblendmpd(d, a, b); });
      case VectorOp::compare:
        return with(line, [&](auto b) { a_.vcmppd(mask(line.result), a, b, line.immediate); });
      case VectorOp::one_where:
        return one_where(line);
      case VectorOp::mask_not:
        a_.knotb(mask(line.result), mask(line.a));
        return;
      case VectorOp::mask_and:
        a_.kandb(mask(line.result), mask(line.a), mask(line.b.number));
        return;
      case VectorOp::mask_or:
        a_.korb(mask(line.result), mask(line.a), mask(line.b.number));
        return;
      case VectorOp::count:
        return count(line);
      default:
        return translate_bits(line);
    }
  }

  void translate_bits(const Line& line) {
    const x86::Zmm d = zmm(line.result);
    const x86::Zmm a = zmm(line.a);
    with(line, [&](auto b) {
      switch (line.op) {
        case VectorOp::bit_and:
          a_.vpandq(d, a, b);
          break;
        case VectorOp::bit_or:
          a_.vporq(d, a, b);
          break;
        case VectorOp::bit_xor:
          a_.vpxorq(d, a, b);
          break;
        case VectorOp::bit_choose:
          a_.vpternlogq(d, a, b, line.immediate);
          break;
        case VectorOp::add_integer:
          a_.vpaddq(d, a, b);
          break;
        case VectorOp::aes_round:
          a_.vaesenc(d, a, b);
          break;
        case VectorOp::aes_last:
          a_.vaesenclast(d, a, b);
          break;
        case VectorOp::unpack_low:
          a_.vpunpcklqdq(d, a, b);
          break;
        case VectorOp::unpack_high:
          a_.vpunpckhqdq(d, a, b);
          break;
        default:
          a_.vpshrdq(d, a, b, line.immediate);
      }
    });
  }

  x86::Assembler& a_;
};

// Remembers that something could not be encoded.
class Errors final : public asmjit::ErrorHandler {
 public:
  void handleError(asmjit::Error /*error*/, const char* /*message*/,
                   asmjit::BaseEmitter* /*origin*/) override {
    any = true;
  }
  bool any = false;
};

}  // namespace

MachineCode assemble(std::span<const LoopCode> loops) {
  asmjit::CodeHolder holder;
  Errors errors;
  if (holder.init(asmjit::Environment::host()) != asmjit::kErrorOk) return {};
  holder.setErrorHandler(&errors);
  x86::Assembler assembler(&holder);
  MachineCode code;
  for (const LoopCode& loop : loops) {
    assembler.align(asmjit::AlignMode::kCode, 64);
    code.entries.push_back(assembler.offset());
    Assembly(assembler).loop(loop);
  }
  if (errors.any) return {};
  const asmjit::CodeBuffer& buffer = holder.textSection()->buffer();
  code.bytes.assign(buffer.begin(), buffer.end());
  return code;
}

}  // namespace oche::integrand

#else

namespace oche::integrand {

MachineCode assemble(std::span<const LoopCode> /*loops*/) { return {}; }

}  // namespace oche::integrand

#endif
