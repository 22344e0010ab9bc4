#include "job/brief_number.h"

#include <sstream>

namespace oche::job {

std::string brief_number(double v) {
  std::ostringstream out;
  out.precision(6);
  out << v;
  return out.str();
}

}  // namespace oche::job
