// Whom a listener of this user lets in.
#ifndef OCHE_WIRE_ADMISSION_H_
#define OCHE_WIRE_ADMISSION_H_

#include <memory>

#include "wire/address_range.h"
#include "wire/certificate.h"
#include "wire/handshake.h"

namespace oche::wire {

// From where `allow` says: everybody, or, unless `insecure`, whoever has a key that this user gave
// out, or a certificate by `files` where these are named. Throws Error (usage) for files together
// with insecure, and (file) as Certificate's and KeyTable's constructors do.
Admission admission_of(std::shared_ptr<const AllowList> allow, bool insecure,
                       const CertificateFiles& files);

}  // namespace oche::wire

#endif  // OCHE_WIRE_ADMISSION_H_
