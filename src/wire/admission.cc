#include "wire/admission.h"

#include <utility>

#include "oche/error.h"
#include "wire/key_file.h"

namespace oche::wire {

Admission admission_of(std::shared_ptr<const AllowList> allow, bool insecure,
                       const CertificateFiles& files) {
  Admission admission;
  admission.allow = std::move(allow);
  if (!insecure) admission.keys = std::make_shared<KeyTable>(host_keys_path(key_folder()));
  if (files == CertificateFiles{}) return admission;
  if (insecure) {
    throw Error(ErrorKind::usage,
                "certificates and insecure exclude each other; leave one of them out");
  }
  admission.certificate = std::make_shared<Certificate>(files, CertificateUse::listen);
  return admission;
}

}  // namespace oche::wire
