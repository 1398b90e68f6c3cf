#include "aurora/evaluate/results.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/progress.h"

namespace aurora::evaluate {

using Json = nlohmann::ordered_json;

double HeldOutRow::bits_per_byte() const {
  return nll_nats / std::log(2.0) / static_cast<double>(bytes);
}
double HeldOutRow::perplexity() const {
  return std::exp(nll_nats / static_cast<double>(tokens));
}

void write_results(const Path& file, const Results& results) {
  Json json;
  json["step"] = results.step;
  json["weights_hash"] = results.weights_hash;
  json["held_out"] = Json::array();
  for (const HeldOutRow& row : results.rows)
    json["held_out"].push_back({{"group", row.group},
                                {"name", row.name},
                                {"documents", row.documents},
                                {"bytes", row.bytes},
                                {"tokens", row.tokens},
                                {"nll_nats", row.nll_nats},
                                {"bits_per_byte", row.bits_per_byte()},
                                {"perplexity_per_token", row.perplexity()},
                                {"gzip_9_bytes", row.gzip_bytes},
                                {"xz_9_bytes", row.xz_bytes},
                                {"zstd_19_bytes", row.zstd_bytes}});
  json["samples"] = Json::array();
  for (const Sample& sample : results.samples)
    json["samples"].push_back({{"prompt", sample.prompt}, {"text", sample.text}});
  write_file_atomic(file, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Results read_results(const Path& file) {
  try {
    const Json json = Json::parse(read_file(file));
    Results results;
    results.step = json.at("step");
    results.weights_hash = json.at("weights_hash");
    for (const Json& one : json.at("held_out")) {
      HeldOutRow row;
      row.group = one.at("group");
      row.name = one.at("name");
      row.documents = one.at("documents");
      row.bytes = one.at("bytes");
      row.tokens = one.at("tokens");
      row.nll_nats = one.at("nll_nats");
      row.gzip_bytes = one.at("gzip_9_bytes");
      row.xz_bytes = one.at("xz_9_bytes");
      row.zstd_bytes = one.at("zstd_19_bytes");
      results.rows.push_back(row);
    }
    for (const Json& one : json.at("samples")) results.samples.push_back({one.at("prompt"), one.at("text")});
    return results;
  } catch (const Json::exception& error) {
    throw Error(fmt::format("malformed evaluation results: {}", error.what()), file.string(),
                "run `aurora evaluate` again");
  }
}

std::string results_table(const Results& results) {
  std::string out = fmt::format("{:<9} {:<14} {:>9} {:>9} {:>10} {:>11} {:>9} {:>9} {:>9}\n", "group", "name",
                                "documents", "bytes", "model", "perplexity", "gzip -9", "xz -9", "zstd -19");
  for (const HeldOutRow& row : results.rows) {
    out += fmt::format("{:<9} {:<14} {:>9} {:>9} {:>6.3f}{:>4} {:>11.2f} {:>9.3f} {:>9.3f} {:>9.3f}\n",
                       row.group, row.name, row.documents, human_bytes(static_cast<double>(row.bytes)),
                       row.bits_per_byte(), row.bits_per_byte() < row.gzip_bits_per_byte() ? "*" : "",
                       row.perplexity(), row.gzip_bits_per_byte(), row.xz_bits_per_byte(),
                       row.zstd_bits_per_byte());
  }
  return out + "Held-out bits per byte (perplexity per token); * = better than gzip -9.\n";
}

}  // namespace aurora::evaluate
