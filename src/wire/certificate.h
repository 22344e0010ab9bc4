// Certificates of an organization's own authority, beside keys: who may dial a host, and how a
// dialler knows that a host is one.
//
// A certificate is good for what stands in it, and for nothing else:
//   subject CN                       the name of its holder: letters, digits, '-', '_', '.', '@'
//   subjectAltName URI oche:SERVICE  a service that its holder may dial; there may be several
//   subjectAltName URI oche:host     its holder may be a host, at the names and addresses that
//   subjectAltName DNS, IP           say so; no wildcards
//   extended key usage               clientAuth to dial, serverAuth to be a host; it must be there
// So no certificate of a worker makes a host, and a certificate that its authority gave out for
// something else opens nothing. The only authorities are those of the file: the system's list of
// them is never looked at.
#ifndef OCHE_WIRE_CERTIFICATE_H_
#define OCHE_WIRE_CERTIFICATE_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "wire/handshake.h"
#include "wire/owned_file.h"

namespace oche::wire {

// All in PEM. Each file is read again when it has changed.
struct CertificateFiles {
  std::string authority;    // those whose certificates are taken; each must be a CA's
  std::string certificate;  // the own one, and what is between it and the authority
  std::string private_key;  // the own one's, without a passphrase, for its owner's eyes only
  std::string revoked;      // revocation lists of all authorities; empty: none are looked at
  bool operator==(const CertificateFiles&) const = default;
};

// What the own certificate is for.
enum class CertificateUse { dial, listen };

// The wall clock, in seconds: a certificate may say the year 9999.
using WallTime = std::chrono::sys_seconds;

// The own certificate, and whose certificates are taken. Not thread-safe: a Loop's thread only.
class Certificate {
 public:
  // Reads the files. Throws Error (file), which names the file, where one can't be read or isn't
  // what it should be, or the own certificate isn't good for this use, now and by the authority.
  Certificate(CertificateFiles files, CertificateUse use);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  const CertificateFiles& files() const { return files_; }
  // Of the own one.
  const CertificateId& id() const;
  // When the own one, or one between it and the authority, expires.
  WallTime good_until() const;

  // Looks whether a file has changed, and reads them all. Returns whether that gave others. Files
  // that aren't good leave all as it was, but for revocation lists, which count whatever the
  // others are; `trouble` says why, once, and they are read again at the next call.
  bool refresh(std::string& trouble);

  // One reading of the files, for tls.cc: shared, so that sessions outlive it.
  struct Context;
  const std::shared_ptr<const Context>& context() const { return context_; }

 private:
  struct Stamps {
    FileStamp authority, certificate, private_key, revoked;
    bool operator==(const Stamps&) const = default;
  };
  Stamps look() const;
  bool take_lists();

  CertificateFiles files_;
  CertificateUse use_;
  Stamps stamps_;        // of what was read well
  FileStamp lists_;      // of the lists that are in force
  std::string trouble_;  // that was told
  std::shared_ptr<const Context> context_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_CERTIFICATE_H_
