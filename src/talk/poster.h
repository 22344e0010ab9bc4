// From a thread beside the loop to the loop, unless whoever is called has gone by then.
#ifndef OCHE_TALK_POSTER_H_
#define OCHE_TALK_POSTER_H_

#include <functional>
#include <memory>
#include <utility>

#include "wire/loop.h"

namespace oche::talk {

// post() from any thread; made and destroyed on the loop's.
template <class T>
class Poster {
 public:
  Poster(wire::Loop& loop, std::function<void(T&&)> call)
      : loop_(loop), call_(std::make_shared<std::function<void(T&&)>>(std::move(call))) {}

  void post(T value) {
    const auto shared = std::make_shared<T>(std::move(value));
    loop_.post([call = std::weak_ptr(call_), shared] {
      if (const auto held = call.lock()) (*held)(std::move(*shared));
    });
  }

 private:
  wire::Loop& loop_;
  std::shared_ptr<std::function<void(T&&)>> call_;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_POSTER_H_
