#include "aurora/chat/context.h"

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"

namespace aurora::chat {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(what, "the context of the chat template",
              "give it as a JSON object: {\"messages\": [...], ...}");
}

// Builds values while nlohmann/json reads, so that the order of keys and the kind of every number are kept.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(Meter& meter) : meter_(meter) {}
  Value take() { return std::move(root_); }

  bool null() override { return put(Value::none()); }
  bool boolean(bool value) override { return put(Value::boolean(value)); }
  bool number_integer(number_integer_t value) override { return put(Value::integer(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > INT64_MAX) refuse("an integer does not fit 64 bits");
    return put(Value::integer(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find_first_of(".eE") == std::string::npos) refuse("an integer does not fit 64 bits");
    return put(Value::real(value));
  }
  bool string(string_t& text) override { return put(Value::text(std::move(text))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(true); }
  bool start_array(size_t) override { return open(false); }
  bool key(string_t& name) override {
    open_.back().key = Value::text(std::move(name));
    return true;
  }
  bool end_object() override {
    std::vector<std::pair<Value, Value>> entries = std::move(open_.back().entries);
    open_.pop_back();
    return put(Value::dict(std::move(entries), meter_));
  }
  bool end_array() override {
    Values items = std::move(open_.back().items);
    open_.pop_back();
    return put(Value::list(std::move(items)));
  }
  bool parse_error(size_t at, const std::string&, const nlohmann::detail::exception& why) override {
    refuse("it is not JSON (byte " + std::to_string(at) + "): " + why.what());
  }

 private:
  static constexpr size_t kDepthMax = 190;  // below that of containers, so that templates can still wrap it
  struct Container {
    bool is_object;
    Value key;
    std::vector<std::pair<Value, Value>> entries;
    Values items;
  };

  bool open(bool is_object) {
    if (open_.size() == kDepthMax) refuse("it nests deeper than " + std::to_string(kDepthMax) + " levels");
    open_.push_back({is_object, {}, {}, {}});
    return true;
  }

  bool put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().entries.emplace_back(std::move(open_.back().key), std::move(value));
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }

  Meter& meter_;
  Value root_;
  std::vector<Container> open_;
};

}  // namespace

Value parse_context(std::string_view json, Meter& meter) {
  Builder builder(meter);
  nlohmann::json::sax_parse(json.begin(), json.end(), &builder);
  Value root = builder.take();
  if (!root.is(Kind::kDict)) refuse("it is not a JSON object");
  return root;
}

}  // namespace aurora::chat
