#include "aurora/format/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/json_value.h"

namespace aurora::format {
namespace {

struct TypeName {
  const char* name;
  uint8_t bytes;
};
// In order of StoredType.
constexpr TypeName kTypes[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
                               {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
                               {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
constexpr uint64_t kHeaderBytesMax = 100'000'000;  // the format's own limit
constexpr const char* kRemedy = "copy or make the file again";

// Product with an overflow check; false on overflow.
bool multiply(uint64_t& product, uint64_t factor) {
  return !__builtin_mul_overflow(product, factor, &product);
}

std::string header_of(const std::vector<TensorSpec>& tensors, const Metadata& metadata) {
  std::string header = "{";
  const auto add = [&header](const std::string& key, const OrderedJson& value) {
    header += (header.size() > 1 ? "," : "") + OrderedJson(key).dump() + ":" + value.dump();
  };
  if (!metadata.empty()) {
    OrderedJson entries = OrderedJson::object();
    for (const auto& [key, value] : metadata) entries[key] = value;
    add("__metadata__", entries);
  }
  std::set<std::string> names;
  uint64_t begin = 0;
  for (const TensorSpec& spec : tensors) {
    AURORA_CHECK(names.insert(spec.name).second, "tensor {} twice", spec.name);
    uint64_t end = begin + spec.bytes();
    add(spec.name,
        {{"dtype", stored_type_name(spec.type)}, {"shape", spec.shape}, {"data_offsets", {begin, end}}});
    begin = end;
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

// One entry of the header, held against the data's size.
StoredTensor tensor_of(const std::string& name, const Json& json, std::span<const std::byte> data,
                       const std::string& where) {
  JsonObject object(json, where + ", tensor " + name, kRemedy);
  StoredTensor tensor;
  tensor.spec.name = name;
  std::string type = object.text("dtype");
  auto known = std::find_if(std::begin(kTypes), std::end(kTypes),
                            [&type](const TypeName& candidate) { return type == candidate.name; });
  if (known == std::end(kTypes)) object.refuse("unknown dtype \"" + type + "\"");
  tensor.spec.type = static_cast<StoredType>(known - std::begin(kTypes));

  uint64_t bytes = known->bytes;
  for (const Json& size : object.array("shape")) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > uint64_t{1} << 62) {
      object.refuse("a size in \"shape\" is no whole number");
    }
    if (!multiply(bytes, size.get<uint64_t>())) object.refuse("the shape is too large");
    tensor.spec.shape.push_back(size.get<int64_t>());
  }
  const Json& offsets = object.array("data_offsets");
  if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
    object.refuse("\"data_offsets\" is no pair of whole numbers");
  }
  uint64_t begin = offsets[0].get<uint64_t>();
  uint64_t end = offsets[1].get<uint64_t>();
  if (begin > end || end > data.size()) {
    object.refuse(fmt::format("bytes {} to {} of {} bytes of data", begin, end, data.size()));
  }
  if (end - begin != bytes) {
    object.refuse(fmt::format("{} bytes, but dtype and shape want {}", end - begin, bytes));
  }
  tensor.data = data.subspan(begin, bytes);
  return tensor;
}

// Keys given twice would silently hide a tensor, so the parser reports them.
Json parse_header(std::string_view text, const std::string& where) {
  std::vector<std::map<std::string, bool>> seen;
  std::string twice;
  Json::parser_callback_t watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) seen.emplace_back();
    if (event == Json::parse_event_t::object_end) seen.pop_back();
    if (event == Json::parse_event_t::key && !seen.back().emplace(parsed.get<std::string>(), true).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  try {
    Json json = Json::parse(text, watch);
    if (!twice.empty()) throw Error("\"" + twice + "\" stands twice in the header", where, kRemedy);
    return json;
  } catch (const Json::parse_error& error) {
    throw Error("the header is not valid JSON", where + "@" + std::to_string(8 + error.byte), kRemedy);
  } catch (const Json::exception& error) {  // a number beyond f64
    throw Error(std::string("the header is not usable JSON: ") + error.what(), where, kRemedy);
  }
}

}  // namespace

size_t stored_type_bytes(StoredType type) {
  return kTypes[static_cast<size_t>(type)].bytes;
}
const char* stored_type_name(StoredType type) {
  return kTypes[static_cast<size_t>(type)].name;
}

uint64_t TensorSpec::elements() const {
  uint64_t product = 1;
  for (int64_t size : shape) {
    AURORA_CHECK(size >= 0 && multiply(product, static_cast<uint64_t>(size)), "shape of {}", name);
  }
  return product;
}

uint64_t TensorSpec::bytes() const {
  return elements() * stored_type_bytes(type);
}

// --- one file --------------------------------------------------------------------------------------------

SafetensorsWriter::SafetensorsWriter(const Path& path, std::vector<TensorSpec> tensors,
                                     const Metadata& metadata)
    : file_(path) {
  std::string header = header_of(tensors, metadata);
  uint64_t size = header.size();
  file_.write(&size, sizeof size);
  file_.write(header);
  for (const TensorSpec& spec : tensors) left_ += spec.bytes();
}

void SafetensorsWriter::write(const void* data, size_t size) {
  AURORA_CHECK_LE(size, left_);
  file_.write(data, size);
  left_ -= size;
}

void SafetensorsWriter::commit() {
  AURORA_CHECK_EQ(left_, 0u);
  file_.commit();
}

SafetensorsFile::SafetensorsFile(const Path& path) : file_(path) {
  std::string where = path.string();
  std::span<const std::byte> bytes = file_.bytes();
  if (bytes.size() < 8) throw Error("too short to be a safetensors file", where, kRemedy);
  uint64_t header_bytes;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  if (header_bytes > kHeaderBytesMax || header_bytes > bytes.size() - 8) {
    throw Error(
        fmt::format("the header is said to have {} bytes, the file has {}", header_bytes, bytes.size()),
        where + "@0", kRemedy);
  }
  std::span<const std::byte> data = bytes.subspan(8 + header_bytes);
  Json json = parse_header({reinterpret_cast<const char*>(&bytes[8]), header_bytes}, where);
  if (!json.is_object()) throw Error("the header is no JSON object", where + "@8", kRemedy);
  for (const auto& [name, entry] : json.items()) {
    if (name != "__metadata__") {
      tensors_.push_back(tensor_of(name, entry, data, where));
      continue;
    }
    if (!entry.is_object()) throw Error("__metadata__ is no JSON object", where, kRemedy);
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) throw Error("__metadata__." + key + " is no string", where, kRemedy);
      metadata_.emplace_back(key, value.get<std::string>());
    }
  }
  std::stable_sort(tensors_.begin(), tensors_.end(), [](const StoredTensor& a, const StoredTensor& b) {
    return std::pair(a.data.data(), a.data.size()) < std::pair(b.data.data(), b.data.size());
  });
  const std::byte* end = data.data();
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const StoredTensor& tensor = tensors_[i];
    if (tensor.data.data() != end) {
      throw Error(
          tensor.data.data() < end ? "overlaps the tensor before it" : "bytes before it belong to none",
          where + ", tensor " + tensor.spec.name, kRemedy);
    }
    end += tensor.data.size();
    by_name_[tensor.spec.name] = i;
  }
  if (end != data.data() + data.size()) {
    throw Error(fmt::format("{} bytes at the end belong to no tensor", data.data() + data.size() - end),
                where, kRemedy);
  }
}

const StoredTensor* SafetensorsFile::find(const std::string& name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

const StoredTensor& SafetensorsFile::tensor(const std::string& name) const {
  const StoredTensor* found = find(name);
  if (!found)
    throw Error("no tensor \"" + name + "\"", path().string(), "use a file of the same model shape");
  return *found;
}

}  // namespace aurora::format
