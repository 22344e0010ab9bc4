// For tests: an authority of its own, by the openssl program, and what it signs. Only *_test.cc and
// *_fuzz.cc files include it.
#ifndef OCHE_WIRE_TESTING_AUTHORITY_H_
#define OCHE_WIRE_TESTING_AUTHORITY_H_

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "wire/certificate.h"

namespace oche::wire::testing {

// What a certificate is to say. Times as "20200101000000Z"; empty: now, in a month.
struct Wish {
  std::string subject = "/CN=lab7";
  std::string names = "URI:oche:work";
  std::string usage = "clientAuth";
  std::string begin, end;
};
inline const Wish kWorker;
inline const Wish kHost{
    "/CN=host", "URI:oche:host,DNS:host.lab,IP:127.0.0.1", "serverAuth", {}, {}};

inline std::string utc(std::time_t at) {
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &parts)};
}

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name_of_it = "lab authority") {
    std::string name = (std::filesystem::temp_directory_path() / "authorityXXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    folder_ = name;
    write("ca.cnf",
          "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=default\nnew_certs_dir=.\n"
          "rand_serial=yes\nunique_subject=no\npolicy=any\n[any]\ncommonName=optional\n");
    write("index.txt", "");
    openssl("req -x509 -newkey ed25519 -noenc -days 3650 -subj '/CN=" + name_of_it +
            "' -addext "
            "keyUsage=critical,keyCertSign,cRLSign -keyout authority.key -out authority.pem");
    openssl("req -new -newkey ed25519 -noenc -subj /CN=any -keyout any.key -out any.csr");
  }
  ~TestAuthority() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string path(const std::string& file) const { return folder_ + "/" + file; }

  // Makes NAME.pem, all with the same private key, and says what files go with it.
  CertificateFiles issue(const std::string& name, const Wish& wish,
                         const std::string& signer = "authority") const {
    std::string extensions = "subjectAltName=" + wish.names + "\n";
    if (wish.names.empty()) extensions = "keyUsage=digitalSignature\n";
    if (!wish.usage.empty()) extensions += "extendedKeyUsage=" + wish.usage + "\n";
    write(name + ".ext", extensions);
    sign(name, wish, signer);
    return files(name);
  }
  // An authority below: NAME.pem and NAME.key.
  void issue_authority(const std::string& name) const {
    write(name + ".ext",
          "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n");
    sign(name, {"/CN=" + name, {}, {}, {}, {}}, "authority");
    std::filesystem::copy_file(path("any.key"), path(name + ".key"));
  }
  CertificateFiles files(const std::string& name) const {
    return {path("authority.pem"), path(name + ".pem"), path("any.key"), {}};
  }
  void revoke(const std::string& name) const {
    by_authority("-revoke " + name + ".pem", "authority");
  }
  // Makes revoked.pem anew.
  std::string list_revoked(const std::string& end = {},
                           const std::string& signer = "authority") const {
    by_authority("-gencrl -out new.pem " +
                     (end.empty() ? "-crldays 30"
                                  : "-crl_lastupdate 20200101000000Z -crl_nextupdate " + end),
                 signer);
    const std::string list = signer == "authority" ? "revoked.pem" : signer + "-revoked.pem";
    std::filesystem::rename(path("new.pem"), path(list));
    return path(list);
  }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(path(file)) << text;
  }
  std::string read(const std::string& file) const {
    std::ifstream stream(path(file));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void openssl(const std::string& arguments) const {
    const std::string command = "cd '" + folder_ + "' && openssl " + arguments + " 2> openssl.log";
    if (std::system(command.c_str()) != 0) {
      throw std::runtime_error("openssl " + arguments + ": " + read("openssl.log"));
    }
  }

 private:
  void by_authority(const std::string& arguments, const std::string& signer) const {
    openssl("ca -config ca.cnf -batch -notext -cert " + signer + ".pem -keyfile " + signer +
            ".key " + arguments);
  }
  void sign(const std::string& name, const Wish& wish, const std::string& signer) const {
    by_authority(
        "-in any.csr -subj '" + wish.subject + "' -extfile " + name + ".ext -out " + name +
            ".pem -startdate " + (wish.begin.empty() ? utc(std::time(nullptr) - 60) : wish.begin) +
            " -enddate " + (wish.end.empty() ? utc(std::time(nullptr) + 30 * 86400) : wish.end),
        signer);
  }

  std::string folder_;
};

}  // namespace oche::wire::testing

#endif  // OCHE_WIRE_TESTING_AUTHORITY_H_
