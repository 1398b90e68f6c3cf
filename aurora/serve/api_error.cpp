#include "aurora/serve/api_error.h"

#include <nlohmann/json.hpp>

namespace aurora::serve {
namespace {

const char* type_of(int status) {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 404) return "not_found_error";
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

}  // namespace

ApiError::ApiError(int status, std::string code, const std::string& message, std::string param)
    : std::runtime_error(message), status_(status), code_(std::move(code)), param_(std::move(param)) {}

std::string ApiError::json() const {
  return error_json(status_, what(), code_, param_);
}

ApiError ApiError::invalid(const std::string& param, const std::string& message) {
  return {400, "invalid_value", message, param};
}

std::string error_json(int status, const std::string& message, const std::string& code,
                       const std::string& param) {
  nlohmann::ordered_json error;
  error["message"] = message;
  error["type"] = type_of(status);
  error["param"] = param.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(param);
  error["code"] = code.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(code);
  nlohmann::ordered_json body;
  body["error"] = error;
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

net::HttpResponse reply(int status, std::string body, net::Headers headers, const char* type) {
  net::HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.headers.set("Content-Type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace aurora::serve
