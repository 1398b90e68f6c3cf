#include "aurora/net/listen.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "aurora/base/error.h"

namespace aurora::net {
namespace {

constexpr int kBacklog = 1024;

struct Name {
  std::string host;  // in brackets for IPv6
  uint16_t port = 0;
};

Name name_of(const sockaddr_storage& address) {
  char text[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "0";
  const socklen_t size = address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, text, sizeof text, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
  std::string host = text;
  constexpr std::string_view kMapped = "::ffff:";
  if (host.starts_with(kMapped) && host.find('.') != host.npos) {
    host.erase(0, kMapped.size());
  } else if (address.ss_family == AF_INET6) {
    host = "[" + host + "]";
  }
  return {host, static_cast<uint16_t>(std::stoi(port))};
}

Error bind_error(const std::string& where, int error) {
  std::string remedy = "give an address of this machine";
  if (error == EADDRINUSE) remedy = "end the program that listens there, or choose another port";
  if (error == EACCES) remedy = "choose a port from 1024 on, or allow this program lower ones";
  return Error(fmt::format("cannot listen: {}", std::strerror(error)), where, remedy);
}

// 0, or the errno of what failed.
int listen_at(const addrinfo& address, uint16_t port, Listening& made) {
  const int opened = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened < 0) return errno;
  const int on = 1, off = 0;
  ::setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage at{};
  std::memcpy(&at, address.ai_addr, address.ai_addrlen);
  if (address.ai_family == AF_INET6) {
    auto& six = reinterpret_cast<sockaddr_in6&>(at);
    six.sin6_port = htons(port);
    const bool any = IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr);
    ::setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, any ? &off : &on, sizeof on);
  } else {
    reinterpret_cast<sockaddr_in&>(at).sin_port = htons(port);
  }
  if (::bind(opened, reinterpret_cast<sockaddr*>(&at), address.ai_addrlen) != 0 ||
      ::listen(opened, kBacklog) != 0) {
    const int error = errno;
    ::close(opened);
    return error;
  }
  socklen_t size = sizeof at;
  ::getsockname(opened, reinterpret_cast<sockaddr*>(&at), &size);
  const Name name = name_of(at);
  made = {opened, name.port, name.host};
  return 0;
}

}  // namespace

std::vector<Listening> listen_on(const std::string& host, uint16_t port) {
  const std::string where = fmt::format("{}:{}", host, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); failed != 0) {
    throw Error(fmt::format("unknown host: {}", ::gai_strerror(failed)), where,
                "give an address of this machine, 127.0.0.1 for this machine alone, or 0.0.0.0 for all");
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  std::vector<Listening> made;
  int trouble = EADDRNOTAVAIL;
  for (const addrinfo* at = found; at; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    Listening one;
    const int error = listen_at(*at, made.empty() ? port : made.front().port, one);
    if (error == 0) {
      made.push_back(one);
      continue;
    }
    trouble = error;
    // A name may have addresses that this machine has not, such as ::1 where there is no IPv6.
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) continue;
    for (const Listening& other : made) ::close(other.socket);
    throw bind_error(where, error);
  }
  if (made.empty()) throw bind_error(where, trouble);
  return made;
}

std::string peer_name(int socket) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0) return "?";
  const Name name = name_of(at);
  return fmt::format("{}:{}", name.host, name.port);
}

}  // namespace aurora::net
