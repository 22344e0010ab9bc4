// Waiting for a descriptor in a way that another thread can end.
#ifndef OCHE_TALK_WAKE_PIPE_H_
#define OCHE_TALK_WAKE_PIPE_H_

namespace oche::talk {

class WakePipe {
 public:
  // Throws Error (network) if the process may have no more descriptors.
  WakePipe();
  ~WakePipe();
  WakePipe(const WakePipe&) = delete;
  WakePipe& operator=(const WakePipe&) = delete;

  // Any thread: ends all waits, now and later.
  void wake();
  // Until the descriptor can be read or written (or has failed, which doing so will tell). False
  // after wake().
  bool wait_readable(int descriptor) const;
  bool wait_writable(int descriptor) const;

 private:
  bool wait(int descriptor, short events) const;
  int ends_[2];
};

}  // namespace oche::talk

#endif  // OCHE_TALK_WAKE_PIPE_H_
