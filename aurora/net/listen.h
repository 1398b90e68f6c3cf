// Sockets that listen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aurora::net {

struct Listening {
  int socket = -1;  // non-blocking; the receiver closes it
  uint16_t port = 0;
  std::string address;  // as in a URL: "127.0.0.1", "[::1]"
};

// One socket for each address of `host`, all with one port (0: any free one). "::" takes IPv4 too.
// Error: an unknown name; the address is in use, not this machine's, or not allowed.
std::vector<Listening> listen_on(const std::string& host, uint16_t port);

// "127.0.0.1:50000", "[::1]:50000" of the other end; an IPv4 address in IPv6's clothes is shown plainly.
std::string peer_name(int socket);

}  // namespace aurora::net
