// A recipe: everything that decides what a run makes, as plain structs. One TOML file
// (docs/formats/recipe.md).
//
// Each key is declared once, in recipe_keys.cpp, with its section, type, default, bounds and kind:
//   result  changes the outcome and enters the fingerprint of its stage;
//   speed   threads, strands in flight ...: never changes a bit of the outcome;
//   place   paths and ports: where things lie, not what they are.
// An unknown key, a wrong type, a value out of bounds or a setting that can have no effect is a UsageError
// that names file, line and key (and the nearest known key).
//
// The structs are plain values; load_recipe() and parse_recipe() return only recipes that hold together.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::config {

// Numbers by name, sorted by name: a TOML table like { man-en = 0.5, scipy = 2 }.
using Shares = std::vector<std::pair<std::string, double>>;

struct Run {
  std::string name = "run";  // result: the title of a release that names none
  uint64_t seed = 1234;      // result
  std::string out;           // place; default runs/<name>
  int threads = 0;           // speed; 0 = all cores of this process

  bool operator==(const Run&) const = default;
};

// [[corpus]]: one source of documents.
struct Corpus {
  std::string name;  // result; [a-z0-9_-]+
  std::vector<std::string>
      paths;  // place; files, folders, globs. Identity is the content hash of what they match
  std::string format = "auto";    // result; auto man html text markdown rst latex jsonl
  std::string profile = "prose";  // result; prose code formal sequence: which filters apply
  std::string licence;            // result; as text, e.g. "GPL-2.0-or-later; man-pages"
  std::string language = "auto";  // result; auto: identified per document; else taken as said ("en", "none")
  double weight = 1.0;            // result; share of the blend (normalised)
  double epochs = 0.0;            // result; passes over it for every pass of the others, in place of weight
  int64_t max_bytes = 0;          // result; stop after this many bytes of extracted text; 0 = all

  bool operator==(const Corpus&) const = default;
};

struct Prepare {
  std::vector<std::string> languages = {"en", "ja", "fr", "de", "es"};  // named languages
  std::string other_languages = "drop";                                 // keep | drop
  bool filters = true;
  bool exact_duplicates = true;  // drop them
  bool near_duplicates = true;   // MinHash-LSH
  int ngram = 5;                 // words per shingle
  int bands = 14;
  int rows = 8;                             // hashes per band
  int64_t max_document_bytes = 20'000'000;  // larger extracted documents are rejected
  int64_t part_bytes = 64'000'000;          // text per documents/part-*.jsonl.zst

  bool operator==(const Prepare&) const = default;
};

struct Tokenizer {
  std::string model = "bpe";         // bpe (byte-level) | unigram (with byte fallback)
  std::string pattern = "qwen2";     // how text is cut into words, a scheme of aurora/pretokenize; bpe only
  int vocab_size = 8192;             // with special tokens; a multiple of 64 keeps GEMM shapes good
  int64_t train_bytes = 50'000'000;  // at most this much text, evenly from all corpora by weight
  std::vector<std::string> special_tokens = {"<|endoftext|>"};  // the first one ends documents
  int reserved_tokens = 0;  // <|reserved_0|> ... behind the special ones, for later use
  int round_to = 1;         // vocab_size is rounded up to a multiple; what is added is reserved
  int min_frequency = 2;

  bool operator==(const Tokenizer&) const = default;
};

struct Blend {
  std::string order = "windows";    // windows | blocks | packed | sequential (order/order.h)
  int block_windows = 256;          // W: windows of T tokens per block
  std::vector<std::string> skip;    // samples never shown, "BEGIN..END" (END not among them)
  double held_out_share = 0.02;     // of documents, by a hash of their id
  int64_t held_out_bytes = 80'000;  // at least this much text per named language, where it exists

  bool operator==(const Blend&) const = default;
};

// [[stage]]: from a token count on, training goes on with another mix, batch or sequence length. What a stage
// does not say stays as it was before it.
struct TrainStage {
  std::string name;           // result; [a-z0-9_-]+
  int64_t from_tokens = 0;    // result; begins at the first step that has seen so many; 0 = from the start
  Shares mix;                 // result; weights of corpora; those not named have none
  Shares epochs;              // result; in place of mix: passes over each corpus relative to the others
  int sequence_length = 0;    // result; divides train.sequence_length; 0 = as before
  int leaves_per_strand = 0;  // result; size of the global batch; 0 = as before

  bool operator==(const TrainStage&) const = default;
};

struct Model {
  std::string size = "";  // one dial: tiny 1M 3M 8M 30M 124M 350M 1B 7B 70B 1T (plan/presets); the rest below
                          // override it when not 0
  int layers = 0;         // L
  int width = 0;          // C
  int heads = 0;          // H; head size D = C/H
  int kv_heads = 0;       // grouped-query attention; 0 = preset's
  int hidden = 0;         // F, SwiGLU
  bool tied_embeddings = true;
  double rope_theta = 10000.0;
  double norm_epsilon = 1e-5;

  bool operator==(const Model&) const = default;
};

struct Train {
  int64_t steps = 0;  // one of steps and tokens
  int64_t tokens = 0;
  int sequence_length = 256;        // T
  int leaf_sequences = 4;           // B: sequences per leaf
  int strands = 2;                  // per global batch
  int leaves_per_strand = 2;        // global batch = strands * leaves_per_strand * B * T tokens
  std::string dtype = "bf16";       // bf16 | f32: compute; masters are f32
  std::string schedule = "cosine";  // cosine | wsd | constant
  double learning_rate = 1e-3;
  double final_learning_rate_share = 0.1;
  int64_t warmup_steps = 0;  // 0 = 2 % of the steps
  double decay_share = 0.2;  // wsd: share of the steps that cool down
  double weight_decay = 0.1;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double adam_epsilon = 1e-8;
  double clip_norm = 1.0;
  double spike_sigma =
      0.0;  // stop when loss > mean + sigma*deviation of the last 128 steps; 0 = off. NaN always stops
  int64_t checkpoint_steps = 0;            // speed; every so many steps; 0 = only the last
  int keep_checkpoints = 2;                // speed
  int strands_in_flight = 0;               // speed; 0 = threads
  int64_t read_ahead_bytes = 268'435'456;  // speed; samples read ahead, per rank
  std::string strand_order = "forward";    // speed; forward | reverse: order of computing, for tests
  bool document_mask = true;               // result: attention and positions stay inside a document

  bool operator==(const Train&) const = default;
};

// [tokens]: train on token files that are there already, in place of those made of [[corpus]]; by `aurora
// pretrain` alone.
struct Tokens {
  std::string list;            // place; a collection's manifest; with megatron_cache also a data list
  int64_t vocab_size = 0;      // result; of the tokenizer that made them
  int end_of_document = -1;    // result; token id; -1 = documents end without one
  std::string megatron_cache;  // place; a folder of Megatron-LM's caches: its order in place of [blend]'s
  uint64_t first_sample = 0;   // result; of that order's train split
  bool extra_token = true;     // result; add_extra_token_to_sequence of the run that made the caches

  bool operator==(const Tokens&) const = default;
};

struct Evaluate {
  int64_t sample_tokens = 64;        // length of sample continuations
  std::vector<std::string> prompts;  // sample continuations in the report

  bool operator==(const Evaluate&) const = default;
};

struct Generate {  // [generate]
  double temperature = 0.8;
  double top_p = 0.95;
  int top_k = 0;

  bool operator==(const Generate&) const = default;
};

struct Release {
  std::string title;  // model card
  std::string licence = "other";
  std::string dtype = "bf16";  // bf16 | f32
  int64_t shard_bytes = 2'000'000'000;

  bool operator==(const Release&) const = default;
};

struct Recipe {
  Run run;
  std::vector<Corpus> corpora;
  Prepare prepare;
  Tokenizer tokenizer;
  Blend blend;
  Model model;
  Train train;
  std::vector<TrainStage> stages;
  Tokens tokens;
  Evaluate evaluate;
  Generate generate;
  Release release;
  Path file;  // where it was read from

  bool operator==(const Recipe&) const = default;
};

// "section.key=value" and "corpus.NAME.key=value" pairs (`--set`) override keys of the file; a value is TOML,
// and for a text key a bare word too. Setting train.steps puts train.tokens of the file out of force, and the
// other way round. Whether a setting can have an effect is judged where it stands: keys of the file among
// themselves, overrides on what results.
using Overrides = std::vector<std::string>;

// UsageError: see above. Error: the file is missing. run.out becomes runs/<name> where it is not given.
Recipe load_recipe(const Path& path, const Overrides& overrides = {});
Recipe parse_recipe(const std::string& toml, const Path& name_in_errors, const Overrides& overrides = {});

// The effective recipe as TOML: every key, defaults too; a key that can have no effect stands in a comment
// that says why. Numbers are printed as short as reads back exactly: parse(print(r)) == r.
std::string print_recipe(const Recipe& recipe);

enum class Stage { kPrepare, kTokenizer, kTokenize, kPretrain, kEvaluate, kRelease };
const char* stage_name(Stage stage);
// UsageError when the recipe lacks what this stage cannot do without: a corpus, a model, a length of
// training.
void require_for(const Recipe& recipe, Stage stage);

// Hash (32 hex digits) of all `result` keys that this stage reads and of the stage's revision number. Inputs'
// content hashes are added by the manifest (format/manifest.h); speed and place keys never enter.
std::string fingerprint(const Recipe& recipe, Stage stage);
// What is hashed, one "section.key = value" a line: to say which setting made a stage outdated.
std::string fingerprint_text(const Recipe& recipe, Stage stage);

// The recipe without what can only matter later: stages that begin at `tokens` trained tokens or after, and
// skipped samples from number `position` (skipped ones counted) on. Two recipes whose pasts are equal train
// alike up to there, so a checkpoint of one serves the other.
Recipe past_of(Recipe recipe, int64_t tokens, uint64_t position);

// Blend::skip as [begin, end) pairs, in order. UsageError naming `where`: not BEGIN..END, or ranges that
// overlap.
using SampleRanges = std::vector<std::pair<uint64_t, uint64_t>>;
SampleRanges skipped_samples(const std::vector<std::string>& skip, const std::string& where);
// The number of a sample when skipped ones before it are counted too.
uint64_t sample_position(uint64_t sample, const SampleRanges& skipped);

// All keys as the Markdown tables of docs/formats/recipe.md.
std::string recipe_reference();

}  // namespace aurora::config
