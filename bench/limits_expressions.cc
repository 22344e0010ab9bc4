// Ten expressions written by hand: uniforms, function and tally fused (limits-inl.h).
#include "math/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/limits_expressions.cc"
#include <hwy/foreach_target.h>
// Above, before the kernels of each target.
#include "bench/limits-inl.h"
#include "math/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace oche {
namespace HWY_NAMESPACE {

// 1/x, x=1..2
struct Reciprocal {
  template <class D>
  using Source = Uniforms<D, 1>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* u) {
    return hn::Div(hn::Set(d, 1.0), hn::Add(u[0], hn::Set(d, 1.0)));
  }
};

// exp(-x*x)*sin(3*y)+sqrt(x*y)
struct Waves {
  template <class D>
  using Source = Uniforms<D, 1>;
  static constexpr unsigned kFunctions = 2, kKept = 1;
  template <class D, class V>
  static HWY_INLINE void Prepare(D d, const V* u, V* a) {
    a[0] = hn::Neg(hn::Mul(u[0], u[0]));
    a[1] = hn::Mul(hn::Set(d, 3.0), u[1]);
    a[2] = Sqrt(d, hn::Mul(u[0], u[1]));
  }
  template <unsigned kFunction, class D, class V>
  static HWY_INLINE V Call(D d, V x) {
    return kFunction == 0 ? Exp(d, x) : Sin(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Value(D /*d*/, const V* a) {
    return Fma(a[0], a[1], a[2]);
  }
};

// max(100*exp(0.05+0.2*z)-100,0), z~normal(0,1)
struct Option {
  template <class D>
  using Source = Normals<D>;
  static constexpr unsigned kFunctions = 1, kKept = 0, kInputs = 1;
  template <class D, class V>
  static HWY_INLINE void Inputs(D /*d*/, const V* z, V* x) {
    x[0] = *z;
  }
  template <class D, class V>
  static HWY_INLINE void Prepare(D d, const V* z, V* a) {
    a[0] = Fma(hn::Set(d, 0.2), *z, hn::Set(d, 0.05));
  }
  template <unsigned kFunction, class D, class V>
  static HWY_INLINE V Call(D d, V x) {
    return Exp(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* growth) {
    const V hundred = hn::Set(d, 100.0);
    return hn::Max(FmaSub(hundred, *growth, hundred), hn::Zero(d));
  }
};

// x^3*y-2*x*y^2*z+3*z^2-x+1
struct Cubic {
  template <class D>
  using Source = Uniforms<D, 2>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* u) {
    const V xy = hn::Mul(u[0], u[1]);
    const V yz = hn::Mul(u[1], u[2]);
    const V square = hn::Mul(u[2], u[2]);
    const V first = FmaSub(u[0], u[0], hn::Add(yz, yz));
    const V rest = Fma(hn::Set(d, 3.0), square, hn::Sub(hn::Set(d, 1.0), u[0]));
    return Fma(xy, first, rest);
  }
};

// log(x)*cos(y), x=1..2
struct LogCos {
  template <class D>
  using Source = Uniforms<D, 1>;
  static constexpr unsigned kFunctions = 2, kKept = 0;
  template <class D, class V>
  static HWY_INLINE void Prepare(D d, const V* u, V* a) {
    a[0] = hn::Add(u[0], hn::Set(d, 1.0));
    a[1] = u[1];
  }
  template <unsigned kFunction, class D, class V>
  static HWY_INLINE V Call(D d, V x) {
    return kFunction == 0 ? Log(d, x) : Cos(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Value(D /*d*/, const V* a) {
    return hn::Mul(a[0], a[1]);
  }
};

// 1/((1+(p-0.3)^2)*(1+(q-0.4)^2)*(1+(r-0.5)^2)*(1+(s-0.6)^2)*(1+(t-0.7)^2)): A. Genz's product
// peak.
struct Peak {
  template <class D>
  using Source = Uniforms<D, 3>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* u) {
    const V one = hn::Set(d, 1.0);
    const double w[5] = {0.3, 0.4, 0.5, 0.6, 0.7};
    V product = one;
    for (unsigned j = 0; j < 5; ++j) {
      const V distance = hn::Sub(u[j], hn::Set(d, w[j]));
      const V factor = Fma(distance, distance, one);
      product = j == 0 ? factor : hn::Mul(product, factor);
    }
    return hn::Div(one, product);
  }
};

// if(p>0.6 or q>0.5,0,exp(p+2*q+r-s+0.5*t)): A. Genz's discontinuous function.
struct Jump {
  template <class D>
  using Source = Uniforms<D, 3>;
  static constexpr unsigned kFunctions = 1, kKept = 1;
  template <class D, class V>
  static HWY_INLINE void Prepare(D d, const V* u, V* a) {
    const V pr = hn::Add(u[0], u[2]);
    a[0] = Fma(hn::Set(d, 0.5), u[4], Fma(hn::Set(d, 2.0), u[1], hn::Sub(pr, u[3])));
    const auto inside = hn::And(hn::Le(u[0], hn::Set(d, 0.6)), hn::Le(u[1], hn::Set(d, 0.5)));
    a[1] = hn::IfThenElseZero(inside, hn::Set(d, 1.0));
  }
  template <unsigned kFunction, class D, class V>
  static HWY_INLINE V Call(D d, V x) {
    return Exp(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Value(D /*d*/, const V* a) {
    return hn::Mul(a[0], a[1]);
  }
};

// sqrt(abs(x-y-z))
struct Roots {
  template <class D>
  using Source = Uniforms<D, 2>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* u) {
    return Sqrt(d, hn::Abs(hn::Sub(hn::Sub(u[0], u[1]), u[2])));
  }
};

// x^2/(1+x^4), x=-inf..inf: with t = 2u - 1 and s = 4u(1 - u), x = t/s and dx = 2 (1 + t^2)/s^2 du.
struct Line {
  template <class D>
  using Source = Uniforms<D, 1>;
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* u) {
    const V one = hn::Set(d, 1.0);
    const V t = FmaSub(hn::Set(d, 2.0), u[0], one);
    const V s = hn::Mul(hn::Mul(hn::Set(d, 4.0), u[0]), hn::Sub(one, u[0]));
    const V inverse = hn::Div(one, s);
    const V x = hn::Mul(t, inverse);
    const V weight = hn::Mul(Fma(t, t, one), hn::Mul(inverse, inverse));
    const V square = hn::Mul(x, x);
    return hn::Div(hn::Mul(square, weight), Fma(square, square, one));
  }
};

// sin(x)+7*sin(y)^2+0.1*z^4*sin(x), all uniform(-pi,pi): Ishigami and Homma's function.
struct Ishigami {
  template <class D>
  using Source = Uniforms<D, 2>;
  static constexpr unsigned kFunctions = 2, kKept = 1, kInputs = 3;
  template <class D, class V>
  static HWY_INLINE void Inputs(D d, const V* u, V* x) {
    const V low = hn::Set(d, -3.141592653589793);
    const V width = hn::Set(d, 6.283185307179586);
    for (unsigned j = 0; j < kInputs; ++j) x[j] = Fma(width, u[j], low);
  }
  template <class D, class V>
  static HWY_INLINE void Prepare(D d, const V* u, V* a) {
    V x[kInputs];
    Inputs(d, u, x);
    a[0] = x[0];
    a[1] = x[1];
    const V square = hn::Mul(x[2], x[2]);
    a[2] = Fma(hn::Mul(hn::Set(d, 0.1), square), square, hn::Set(d, 1.0));
  }
  template <unsigned kFunction, class D, class V>
  static HWY_INLINE V Call(D d, V x) {
    return Sin(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Value(D d, const V* a) {
    return Fma(a[2], a[0], hn::Mul(hn::Mul(hn::Set(d, 7.0), a[1]), a[1]));
  }
};

// a*exp(-b*t)+c, a~normal(5,0.1), b~uniform(1,2), t=3, c~normal(0,0.2)
struct Propagation {
  template <class D>
  using Source = NormalUniformNormal<D>;
  static constexpr unsigned kFunctions = 1, kKept = 2, kInputs = 3;
  template <class D, class V>
  static HWY_INLINE void Inputs(D d, const V* u, V* x) {
    x[0] = Fma(hn::Set(d, 0.1), u[0], hn::Set(d, 5.0));
    x[1] = hn::Add(u[1], hn::Set(d, 1.0));
    x[2] = hn::Mul(hn::Set(d, 0.2), u[2]);
  }
  template <class D, class V>
  static HWY_INLINE void Prepare(D d, const V* u, V* a) {
    V x[kInputs];
    Inputs(d, u, x);
    a[0] = hn::Mul(hn::Set(d, -3.0), x[1]);
    a[1] = x[0];
    a[2] = x[2];
  }
  template <unsigned kFunction, class D, class V>
  static HWY_INLINE V Call(D d, V x) {
    return Exp(d, x);
  }
  template <class D, class V>
  static HWY_INLINE V Value(D /*d*/, const V* a) {
    return Fma(a[1], a[0], a[2]);
  }
};

#define OCHE_LIMIT(Name)                                                               \
  bench::Moments Run##Name(std::uint64_t seed, std::uint64_t first, std::uint64_t n) { \
    return Run<Name>(seed, first, n);                                                  \
  }
OCHE_LIMIT(Reciprocal)
OCHE_LIMIT(Waves)
OCHE_LIMIT(Option)
OCHE_LIMIT(Cubic)
OCHE_LIMIT(LogCos)
OCHE_LIMIT(Peak)
OCHE_LIMIT(Jump)
OCHE_LIMIT(Roots)
OCHE_LIMIT(Line)
OCHE_LIMIT(Ishigami)
OCHE_LIMIT(Propagation)
#undef OCHE_LIMIT
#define OCHE_SHAPE_LIMIT(Name)                                                            \
  bench::Moments RunShape##Name(std::uint64_t seed, std::uint64_t first, std::uint64_t n, \
                                bench::Shape& shape) {                                    \
    return RunShape<Name>(seed, first, n, shape);                                         \
  }
OCHE_SHAPE_LIMIT(Option)
OCHE_SHAPE_LIMIT(Ishigami)
OCHE_SHAPE_LIMIT(Propagation)
#undef OCHE_SHAPE_LIMIT

}  // namespace HWY_NAMESPACE
}  // namespace oche
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "base/assert.h"

namespace oche {

#define OCHE_LIMIT(Name)                                                                       \
  OCHE_EXPORT(Run##Name);                                                                      \
  static bench::Moments run_##Name(std::uint64_t seed, std::uint64_t first, std::uint64_t n) { \
    OCHE_ASSERT(n % 512 == 0);                                                                 \
    return OCHE_DISPATCH(Run##Name)(seed, first, n);                                           \
  }
OCHE_LIMIT(Reciprocal)
OCHE_LIMIT(Waves)
OCHE_LIMIT(Option)
OCHE_LIMIT(Cubic)
OCHE_LIMIT(LogCos)
OCHE_LIMIT(Peak)
OCHE_LIMIT(Jump)
OCHE_LIMIT(Roots)
OCHE_LIMIT(Line)
OCHE_LIMIT(Ishigami)
OCHE_LIMIT(Propagation)
#undef OCHE_LIMIT
#define OCHE_SHAPE_LIMIT(Name)                                                                     \
  OCHE_EXPORT(RunShape##Name);                                                                     \
  static bench::Moments run_shape_##Name(std::uint64_t seed, std::uint64_t first, std::uint64_t n, \
                                         bench::Shape& shape) {                                    \
    OCHE_ASSERT(n % 512 == 0);                                                                     \
    return OCHE_DISPATCH(RunShape##Name)(seed, first, n, shape);                                   \
  }
OCHE_SHAPE_LIMIT(Option)
OCHE_SHAPE_LIMIT(Ishigami)
OCHE_SHAPE_LIMIT(Propagation)
#undef OCHE_SHAPE_LIMIT

namespace bench {
namespace {

double square(double x) { return x * x; }

double peak(const double* u) {
  double product = 1;
  for (int j = 0; j < 5; ++j) product *= 1 + square(u[j] - 0.1 * (j + 3));
  return 1 / product;
}

double jump(const double* u) {
  if (u[0] > 0.6 || u[1] > 0.5) return 0;
  return math::exp(u[0] + 2 * u[1] + u[2] - u[3] + 0.5 * u[4]);
}

double line(const double* u) {
  const double t = 2 * u[0] - 1;
  const double s = 4 * u[0] * (1 - u[0]);
  const double x = t / s;
  return x * x / (1 + square(x * x)) * (1 + t * t) / (s * s);
}

double ishigami(const double* u) {
  constexpr double kPi = 3.141592653589793;
  const auto at = [&](int j) { return kPi * (2 * u[j] - 1); };
  return math::sin(at(0)) * (1 + 0.1 * square(square(at(2)))) + 7 * square(math::sin(at(1)));
}

double propagation_input(const double* u, unsigned j) {
  if (j == 1) return 1 + u[1];
  return j == 0 ? 5 + 0.1 * math::normal_quantile(u[0]) : 0.2 * math::normal_quantile(u[2]);
}

double propagation(const double* u) {
  return propagation_input(u, 0) * math::exp(-3 * propagation_input(u, 1)) +
         propagation_input(u, 2);
}

}  // namespace

// The mean: 5 (e^-3 - e^-6)/3.
const ExpressionLimit& propagation_limit() {
  static const ExpressionLimit limit = {
      "a*exp(-b*t)+c",     {"a~normal(5,0.1)", "b~uniform(1,2)", "t=3", "c~normal(0,0.2)"},
      0.07884719365199598, run_Propagation,
      propagation,         run_shape_Propagation,
      propagation_input};
  return limit;
}

const std::vector<ExpressionLimit>& expression_limits() {
  // The means: in closed form, but for the second and the eighth, which are by quadrature; the
  // third is the formula of Black and Scholes, undiscounted.
  static const std::vector<ExpressionLimit> limits = {
      {"1/x",
       {"x=1..2"},
       0.6931471805599453,
       run_Reciprocal,
       [](const double* u) { return 1 / (u[0] + 1); }},
      {"exp(-x*x)*sin(3*y)+sqrt(x*y)",
       {"x=0..1", "y=0..1"},
       0.93983591797006588,
       run_Waves,
       [](const double* u) {
         return math::exp(-(u[0] * u[0])) * math::sin(3 * u[1]) + math::sqrt(u[0] * u[1]);
       }},
      {"max(100*exp(0.05+0.2*z)-100,0)",
       {"z~normal(0,1)"},
       12.378321181747648,
       run_Option,
       [](const double* u) {
         return math::maximum(100 * math::exp(0.05 + 0.2 * math::normal_quantile(u[0])) - 100, 0);
       },
       run_shape_Option,
       [](const double* u, unsigned /*j*/) { return math::normal_quantile(u[0]); }},
      {"x^3*y-2*x*y^2*z+3*z^2-x+1",
       {"x=0..1", "y=0..1", "z=0..1"},
       35.0 / 24,
       run_Cubic,
       [](const double* u) {
         return u[0] * u[1] * (u[0] * u[0] - 2 * u[1] * u[2]) + 3 * u[2] * u[2] - u[0] + 1;
       }},
      {"log(x)*cos(y)",
       {"x=1..2", "y=0..1"},
       0.32505549647729154,
       run_LogCos,
       [](const double* u) { return math::log(1 + u[0]) * math::cos(u[1]); }},
      {"1/((1+(p-0.3)^2)*(1+(q-0.4)^2)*(1+(r-0.5)^2)*(1+(s-0.6)^2)*(1+(t-0.7)^2))",
       {"p=0..1", "q=0..1", "r=0..1", "s=0..1", "t=0..1"},
       0.6401126645419998,
       run_Peak,
       peak},
      {"if(p>0.6 or q>0.5,0,exp(p+2*q+r-s+0.5*t))",
       {"p=0..1", "q=0..1", "r=0..1", "s=0..1", "t=0..1"},
       0.9953628508551432,
       run_Jump,
       jump},
      {"sqrt(abs(x-y-z))",
       {"x=0..1", "y=0..1", "z=0..1"},
       0.709615885636934,
       run_Roots,
       [](const double* u) { return math::sqrt(std::fabs(u[0] - u[1] - u[2])); }},
      {"x^2/(1+x^4)", {"x=-inf..inf"}, 1.1107207345395915, run_Line, line},
      {"sin(x)+7*sin(y)^2+0.1*z^4*sin(x)",
       {"x~uniform(-pi,pi)", "y~uniform(-pi,pi)", "z~uniform(-pi,pi)"},
       3.5,
       run_Ishigami,
       ishigami,
       run_shape_Ishigami,
       [](const double* u, unsigned j) { return 3.141592653589793 * (2 * u[j] - 1); }},
  };
  return limits;
}

}  // namespace bench
}  // namespace oche
#endif  // HWY_ONCE
