// `aurora blend verify`: walks the order in parallel and proves that every unit comes exactly once per epoch
// and that every corpus has its share after every step. Exit code 1 when it is not so.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/blend_order.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/dataset/order_proof.h"

namespace aurora::apps {
namespace {

// Samples by which a corpus may be off its due after any step (docs/formats/order.md).
constexpr double kPrefixBound = 1.1;

struct VerifyFlags {
  OrderFlags order;
  double samples = 0;
  double memory_mib = 1024;

  void declare(Arguments& arguments) {
    order.declare(arguments);
    arguments.option("--samples", samples, "walk only the first so many; default the whole run");
    arguments.option("--memory-mib", memory_mib, "for bitmaps, at most");
  }
};

bool within_bound(const dataset::OrderProof& proof) {
  return proof.prefix_error_min() >= -kPrefixBound && proof.prefix_error_max() <= kPrefixBound;
}

void print_json(const BlendOrder& run, const dataset::OrderProof& proof, double seconds) {
  nlohmann::ordered_json json;
  json["exact"] = proof.exact();
  json["within_bound"] = within_bound(proof);
  json["mode"] = order::mode_name(run.order().spec().mode);
  json["samples"] = proof.samples;
  json["skipped"] = proof.skipped;
  json["duplicates"] = proof.duplicates;
  json["missing"] = proof.missing;
  json["strays"] = proof.strays;
  json["miscounts"] = proof.miscounts;
  json["prefix_error_min"] = proof.prefix_error_min();
  json["prefix_error_max"] = proof.prefix_error_max();
  json["bitmap_bytes"] = proof.bitmap_bytes;
  json["rounds"] = proof.rounds;
  json["seconds"] = seconds;
  json["samples_per_s"] = static_cast<double>(proof.samples + proof.skipped) / seconds;
  json["troubles"] = proof.troubles;
  for (const dataset::CorpusProof& corpus : proof.corpora)
    json["corpora"].push_back({{"name", corpus.name},
                               {"units", corpus.units},
                               {"epochs", corpus.epochs},
                               {"prefix_error_min", corpus.prefix_error_min},
                               {"prefix_error_max", corpus.prefix_error_max}});
  fmt::print("{}\n", json.dump(2));
}

void print_text(const BlendOrder& run, const dataset::OrderProof& proof, double seconds) {
  fmt::print("{:<20} {:>14} {:>9} {:>12} {:>12}\n", "corpus", "units drawn", "epochs", "lowest error",
             "highest");
  for (const dataset::CorpusProof& corpus : proof.corpora)
    fmt::print("{:<20} {:>14} {:>9.3f} {:>+12.4f} {:>+12.4f}\n", corpus.name, corpus.units, corpus.epochs,
               corpus.prefix_error_min, corpus.prefix_error_max);
  fmt::print("\n{} samples walked ({} mode", proof.samples, order::mode_name(run.order().spec().mode));
  if (proof.skipped > 0) fmt::print(", {} skipped ones between them", proof.skipped);
  fmt::print(") in {:.1f} s: {:.1f} M/s, bitmaps {}{}\n", seconds,
             static_cast<double>(proof.samples + proof.skipped) / seconds / 1e6,
             human_bytes(static_cast<double>(proof.bitmap_bytes)),
             proof.rounds > 1 ? fmt::format(" in {} rounds", proof.rounds) : "");
  fmt::print("duplicates {}, missing {}, strays {}, miscounts {}\n", proof.duplicates, proof.missing,
             proof.strays, proof.miscounts);
  for (const std::string& trouble : proof.troubles) fmt::print("  {}\n", trouble);
  fmt::print("{}\n", proof.exact() ? "every unit comes exactly once per epoch"
                                   : "WRONG: this order is not what it says");
  fmt::print("share of every corpus after every step: {:+.4f} .. {:+.4f} samples off its due ({} {})\n",
             proof.prefix_error_min(), proof.prefix_error_max(), within_bound(proof) ? "within" : "BEYOND",
             kPrefixBound);
}

int verify(const VerifyFlags& flags) {
  const BlendOrder run = open_blend_order(flags.order);
  if (!run.speaks()) return 0;
  dataset::ProofSettings settings;
  settings.samples = flags.samples > 0 ? static_cast<uint64_t>(flags.samples) : run.samples;
  if (settings.samples > run.order().samples())
    throw UsageError(fmt::format("{} samples are to be walked and the order has {}", settings.samples,
                                 run.order().samples()),
                     "--samples", "ask for fewer");
  settings.memory_bytes = static_cast<uint64_t>(flags.memory_mib * 1048576.0);
  Log log(2, flags.order.workspace.quiet);
  const auto start = std::chrono::steady_clock::now();
  dataset::OrderProof proof;
  {
    Progress progress(log, "verify", settings.samples, "samples");
    proof = dataset::prove_order(run.order(), settings, run.pool(), &progress);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (flags.order.workspace.json)
    print_json(run, proof, seconds);
  else
    print_text(run, proof, seconds);
  return proof.exact() && within_bound(proof) ? 0 : 1;
}

}  // namespace

Command blend_verify_command() {
  return {"verify", "prove that every sample comes exactly once, and every corpus's share after every step",
          [](Arguments& arguments) { return with_flags<VerifyFlags>(arguments, verify); }};
}

}  // namespace aurora::apps
