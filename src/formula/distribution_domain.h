// Whether the parameters of a distribution are such as it may have.
#ifndef OCHE_FORMULA_DISTRIBUTION_DOMAIN_H_
#define OCHE_FORMULA_DISTRIBUTION_DOMAIN_H_

#include <optional>
#include <span>

#include "formula/definitions.h"
#include "formula/program_builder.h"

namespace oche::formula {

// Throws FormulaError for constants outside the domain, and for parameters that must be constant
// and are not. Returns a value that is 1 where those that depend on other inputs are in the domain;
// nothing where there is nothing left to see.
std::optional<ValueId> check_domain(ProgramBuilder& builder, const InputDefinition& input,
                                    std::span<const ValueId> parameters);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_DISTRIBUTION_DOMAIN_H_
