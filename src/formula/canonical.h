// The one text of a syntax tree: what identifies a job, and what is sent to workers.
#ifndef OCHE_FORMULA_CANONICAL_H_
#define OCHE_FORMULA_CANONICAL_H_

#include <string>

#include "formula/syntax.h"

namespace oche::formula {

// Text that parses to a tree of the same structure, and is the same for all trees of that
// structure: only the brackets that the grammar needs, no spaces but around `and`, `or`, `not`,
// power as ^, numbers as the shortest decimal that is read back as the same double. ASCII. Part of
// a job's identity: a change of format changes every fingerprint.
std::string canonical(const Tree& tree);

// The shortest decimal that is read back as the same double (1e9, 0.1, 123.5). `value` is finite.
std::string canonical_number(double value);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_CANONICAL_H_
