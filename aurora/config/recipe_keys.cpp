// The keys of a recipe. A new key: a field in recipe.h, a line here, and its use; the page
// docs/formats/recipe.md follows (its test says how).
#include "aurora/config/recipe_keys.h"

#include <type_traits>

namespace aurora::config {

namespace {

constexpr Kind kResult = Kind::kResult, kSpeed = Kind::kSpeed, kPlace = Kind::kPlace;

template <typename T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, bool>) return Type::kBool;
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) return Type::kInteger;
  if constexpr (std::is_floating_point_v<T>) return Type::kNumber;
  if constexpr (std::is_same_v<T, std::string>) return Type::kText;
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return Type::kTexts;
  if constexpr (std::is_same_v<T, Shares>) return Type::kShares;
}

template <typename T>
struct MemberOf;
template <typename Struct, typename Field>
struct MemberOf<Field Struct::*> {
  using StructType = Struct;
  using FieldType = Field;
};

// One row of the table; `member` names the struct's field.
template <auto member>
Key key(const char* name, Kind kind, Readers readers, Bounds bounds, const char* doc, Idle idle = {}) {
  using Struct = typename MemberOf<decltype(member)>::StructType;
  using Field = typename MemberOf<decltype(member)>::FieldType;
  constexpr Type type = type_of<Field>();
  using Held = std::variant_alternative_t<static_cast<size_t>(type), Value>;
  int64_t int_high = 0;
  if constexpr (type == Type::kInteger) {
    int_high = sizeof(Field) == 4 ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max();
  }
  return {name,
          type,
          kind,
          readers,
          std::move(bounds),
          doc,
          idle,
          int_high,
          [](const void* section) -> Value {
            return static_cast<Held>(static_cast<const Struct*>(section)->*member);
          },
          [](void* section, const Value& value) {
            static_cast<Struct*>(section)->*member = static_cast<Field>(std::get<Held>(value));
          }};
}

template <auto member>
Section section(const char* name, const char* doc, std::vector<Key> keys) {
  using Struct = typename MemberOf<decltype(member)>::FieldType;
  return {name,
          doc,
          nullptr,
          [](Recipe& recipe, size_t) -> void* { return &(recipe.*member); },
          []() -> const void* {
            static const Struct defaults;
            return &defaults;
          },
          std::move(keys)};
}

// A section of tables: `member` names the recipe's list of structs, which have a name.
template <auto member>
Section tables_section(const char* name, const char* doc, std::vector<Key> keys) {
  using Struct = typename MemberOf<decltype(member)>::FieldType::value_type;
  static constexpr Tables kTables = {
      [](const Recipe& recipe) { return (recipe.*member).size(); },
      [](Recipe& recipe, size_t count) { (recipe.*member).resize(count); },
      [](const Recipe& recipe, size_t index) -> const std::string& { return (recipe.*member)[index].name; }};
  return {name,
          doc,
          &kTables,
          [](Recipe& recipe, size_t index) -> void* { return &(recipe.*member)[index]; },
          []() -> const void* {
            static const Struct defaults;
            return &defaults;
          },
          std::move(keys)};
}

Bounds any() {
  return {};
}
Bounds at_least(double low) {
  return {.low = low};
}
Bounds above(double low) {
  return {.low = low, .low_open = true};
}
Bounds range(double low, double high) {
  return {.low = low, .high = high};
}
Bounds above_up_to(double low, double high) {
  return {.low = low, .high = high, .low_open = true};
}
Bounds from_below(double low, double high) {
  return {.low = low, .high = high, .high_open = true};
}
Bounds one_of(std::vector<std::string> choices) {
  return {.choices = std::move(choices)};
}

// ISO 639-1 codes that the language identifier (CLD2) can tell.
Bounds language_codes() {
  return one_of({"af", "ar", "be", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es",
                 "et", "eu", "fa", "fi", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy",
                 "id", "is", "it", "ja", "ka", "kn", "ko", "lo", "lt", "lv", "mk", "ml", "mr",
                 "ms", "mt", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr",
                 "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yi", "zh"});
}

Section run_section() {
  const Readers draws = {Stage::kTokenizer, Stage::kTokenize, Stage::kPretrain, Stage::kEvaluate};
  return section<&Recipe::run>(
      "run", "the run itself",
      {
          key<&Run::name>("name", kResult, {Stage::kRelease}, any(),
                          "name of the run: letters, digits, `.`, `_`, `-`"),
          key<&Run::seed>("seed", kResult, draws, at_least(0),
                          "seed of everything random: held-out documents, order, weights, samples"),
          key<&Run::out>("out", kPlace, {}, any(), "run folder; empty: `runs/` and the name"),
          key<&Run::threads>("threads", kSpeed, {}, range(0, 4096),
                             "threads of this process; 0: all cores it may use"),
      });
}

Section corpus_section() {
  const Readers prepare = {Stage::kPrepare};
  const Readers card = {Stage::kPrepare, Stage::kRelease};
  const Readers all = {Stage::kPrepare, Stage::kTokenizer, Stage::kTokenize, Stage::kPretrain,
                       Stage::kRelease};
  const Readers shares = {Stage::kTokenizer, Stage::kPretrain, Stage::kRelease};
  return tables_section<&Recipe::corpora>(
      "corpus", "one source of documents; the table may stand many times",
      {
          key<&Corpus::name>("name", kResult, all, any(),
                             "name of the corpus, unlike all others: `a-z`, `0-9`, `_`, `-`"),
          key<&Corpus::paths>("paths", kPlace, {}, any(),
                              "files, folders and globs (`*`, `?`, `[..]`, `**`); relative ones start at "
                              "the recipe's folder. What they hold counts, not where it lies"),
          key<&Corpus::format>("format", kResult, prepare,
                               one_of({"auto", "man", "html", "text", "markdown", "rst", "latex", "jsonl"}),
                               "how files are read; auto: told from name and content, file by file"),
          key<&Corpus::profile>("profile", kResult, prepare, one_of({"prose", "code", "formal", "sequence"}),
                                "which filters apply"),
          key<&Corpus::licence>("licence", kResult, card, any(),
                                "licence as text; goes with every document and into the model card"),
          key<&Corpus::language>("language", kResult, prepare, any(),
                                 "auto: identified document by document; else taken as said: a code as "
                                 "in prepare.languages, or `none`"),
          key<&Corpus::weight>("weight", kResult, shares, above(0),
                               "share of the blend and of the tokenizer's text; weights are normalised"),
          key<&Corpus::epochs>("epochs", kResult, {Stage::kPretrain}, at_least(0),
                               "passes over it for every pass over the others, in place of its weight in the "
                               "order; for all corpora or none; 0: by weight"),
          key<&Corpus::max_bytes>("max_bytes", kResult, prepare, at_least(0),
                                  "stop after this many bytes of extracted text; 0: read all"),
      });
}

Section prepare_section() {
  const Readers prepare = {Stage::kPrepare};
  // The held-out rule looks after each named language.
  const Readers named = {Stage::kPrepare, Stage::kTokenizer, Stage::kTokenize};
  const Idle no_near = {[](const Recipe& r) { return !r.prepare.near_duplicates; },
                        "near_duplicates is false"};
  return section<&Recipe::prepare>(
      "prepare", "from raw files to documents",
      {
          key<&Prepare::languages>("languages", kResult, named, language_codes(), "the named languages"),
          key<&Prepare::other_languages>("other_languages", kResult, prepare, one_of({"keep", "drop"}),
                                         "what happens to documents in other languages"),
          key<&Prepare::filters>("filters", kResult, prepare, any(),
                                 "length, repetition and symbol filters of each corpus's profile"),
          key<&Prepare::exact_duplicates>("exact_duplicates", kResult, prepare, any(),
                                          "drop documents whose text equals an earlier one's"),
          key<&Prepare::near_duplicates>("near_duplicates", kResult, prepare, any(),
                                         "drop documents that are nearly an earlier one (MinHash-LSH)"),
          key<&Prepare::ngram>("ngram", kResult, prepare, range(1, 100), "words per shingle", no_near),
          key<&Prepare::bands>("bands", kResult, prepare, range(1, 256), "bands of the MinHash signature",
                               no_near),
          key<&Prepare::rows>("rows", kResult, prepare, range(1, 256), "hashes per band", no_near),
          key<&Prepare::max_document_bytes>("max_document_bytes", kResult, prepare, at_least(1),
                                            "longer extracted documents are rejected"),
          key<&Prepare::part_bytes>("part_bytes", kResult, prepare, at_least(1),
                                    "text per file documents/part-*.jsonl.zst"),
      });
}

// Of aurora/pretokenize, which stands above this folder; tests/recipe_schemes_test.cpp holds them equal.
std::vector<std::string> schemes() {
  return {"qwen2", "cl100k", "gpt2", "llama3", "o200k", "tekken", "smollm"};
}

Section tokenizer_section() {
  const Readers tokenizer = {Stage::kTokenizer};
  const Idle unigram = {[](const Recipe& r) { return r.tokenizer.model == "unigram"; }, "model is unigram"};
  return section<&Recipe::tokenizer>(
      "tokenizer", "the vocabulary",
      {
          key<&Tokenizer::model>("model", kResult, tokenizer, one_of({"bpe", "unigram"}),
                                 "byte-level pair encoding, or the most probable pieces with byte fallback"),
          key<&Tokenizer::pattern>(
              "pattern", kResult, tokenizer, one_of(schemes()),
              "how text is cut into words; with it goes how digits are grouped: one by "
              "one (qwen2, tekken, smollm), by three (cl100k, llama3, o200k), all (gpt2)",
              unigram),
          key<&Tokenizer::vocab_size>("vocab_size", kResult, tokenizer, range(257, 4'194'304),
                                      "tokens, special ones among them; a multiple of 64 suits the matrix "
                                      "products"),
          key<&Tokenizer::train_bytes>("train_bytes", kResult, tokenizer, at_least(1),
                                       "at most this much text, from all corpora by weight"),
          key<&Tokenizer::special_tokens>("special_tokens", kResult, tokenizer, any(),
                                          "the first one ends documents"),
          key<&Tokenizer::reserved_tokens>("reserved_tokens", kResult, tokenizer, at_least(0),
                                           "tokens kept for later, <|reserved_0|> ..., within vocab_size"),
          key<&Tokenizer::round_to>("round_to", kResult, tokenizer, at_least(1),
                                    "vocab_size is rounded up to a multiple of this by reserved tokens"),
          key<&Tokenizer::min_frequency>("min_frequency", kResult, tokenizer, at_least(1),
                                         "a pair seen less often is not merged", unigram),
      });
}

Section blend_section() {
  const Readers split = {Stage::kTokenizer, Stage::kTokenize};
  const Readers pretrain = {Stage::kPretrain};
  const Idle no_blocks = {
      [](const Recipe& r) { return r.blend.order != "blocks" && r.blend.order != "packed"; },
      "order is neither blocks nor packed"};
  return section<&Recipe::blend>(
      "blend", "what is trained on, in which order, and what is held out",
      {
          key<&Blend::order>(
              "order", kResult, pretrain, one_of({"windows", "blocks", "packed", "sequential"}),
              "what a sample is: a window of the stored tokens; a window of documents permuted "
              "in blocks; whole documents packed in blocks; windows as they lie"),
          key<&Blend::block_windows>("block_windows", kResult, pretrain, range(1, 1'048'576),
                                     "W: a block is W x T tokens of a file", no_blocks),
          key<&Blend::skip>(
              "skip", kResult, pretrain, any(),
              "samples that are never shown, as `BEGIN..END`, END not among them: the batches of a "
              "loss spike. They are numbered with skipped ones counted"),
          key<&Blend::held_out_share>("held_out_share", kResult, split, from_below(0, 1),
                                      "share of the documents that is held out, by a hash of their id"),
          key<&Blend::held_out_bytes>("held_out_bytes", kResult, split, at_least(0),
                                      "at least this much held-out text per named language, where it exists"),
      });
}

Section model_section() {
  const Readers pretrain = {Stage::kPretrain};
  return section<&Recipe::model>(
      "model", "the shape of the decoder",
      {
          key<&Model::size>(
              "size", kResult, pretrain,
              one_of({"", "tiny", "1M", "3M", "8M", "30M", "124M", "350M", "1B", "7B", "70B", "1T"}),
              "the one dial; every key below that is not 0 replaces what the size says"),
          key<&Model::layers>("layers", kResult, pretrain, at_least(0), "L; 0: by size"),
          key<&Model::width>("width", kResult, pretrain, at_least(0), "C; 0: by size"),
          key<&Model::heads>("heads", kResult, pretrain, at_least(0), "H, divides C; 0: by size or width"),
          key<&Model::kv_heads>("kv_heads", kResult, pretrain, at_least(0),
                                "G, divides H: grouped-query attention; 0: by size or heads"),
          key<&Model::hidden>("hidden", kResult, pretrain, at_least(0), "F of SwiGLU; 0: by size or width"),
          key<&Model::tied_embeddings>("tied_embeddings", kResult, pretrain, any(),
                                       "the output layer is the embedding table"),
          key<&Model::rope_theta>("rope_theta", kResult, pretrain, above(0), "base of the rotary positions"),
          key<&Model::norm_epsilon>("norm_epsilon", kResult, pretrain, above(0), "epsilon of RMSNorm"),
      });
}

std::vector<Key> train_length_keys() {
  const Readers pretrain = {Stage::kPretrain};
  return {
      key<&Train::steps>("steps", kResult, pretrain, at_least(0), "optimizer steps; give this or tokens"),
      key<&Train::tokens>("tokens", kResult, pretrain, at_least(0),
                          "tokens to train on, rounded up to whole steps; give this or steps"),
      key<&Train::sequence_length>("sequence_length", kResult, pretrain, range(1, 16'777'216), "T"),
      key<&Train::leaf_sequences>("leaf_sequences", kResult, pretrain, range(1, 1'048'576),
                                  "B: sequences per leaf"),
      key<&Train::strands>("strands", kResult, pretrain, range(1, 1'048'576),
                           "strands of a global batch: what ranks and threads share out"),
      key<&Train::leaves_per_strand>("leaves_per_strand", kResult, pretrain, range(1, 1'048'576),
                                     "global batch = strands x leaves_per_strand x B x T tokens"),
      key<&Train::dtype>("dtype", kResult, {Stage::kPretrain, Stage::kEvaluate}, one_of({"bf16", "f32"}),
                         "type of computing; master weights are f32"),
      key<&Train::document_mask>("document_mask", kResult, pretrain, any(),
                                 "attention and positions stay inside a document"),
  };
}

std::vector<Key> train_optimizer_keys() {
  const Readers pretrain = {Stage::kPretrain};
  const Idle constant = {[](const Recipe& r) { return r.train.schedule == "constant"; },
                         "schedule is constant"};
  const Idle not_wsd = {[](const Recipe& r) { return r.train.schedule != "wsd"; }, "schedule is not wsd"};
  return {
      key<&Train::schedule>("schedule", kResult, pretrain, one_of({"cosine", "wsd", "constant"}),
                            "learning rate after warm-up: falls as a cosine, or stays and cools down at the "
                            "end, or stays"),
      key<&Train::learning_rate>("learning_rate", kResult, pretrain, above(0), "the highest learning rate"),
      key<&Train::final_learning_rate_share>("final_learning_rate_share", kResult, pretrain, range(0, 1),
                                             "last learning rate as a share of the highest", constant),
      key<&Train::warmup_steps>("warmup_steps", kResult, pretrain, at_least(0),
                                "steps of linear warm-up; 0: 2 % of the steps"),
      key<&Train::decay_share>("decay_share", kResult, pretrain, above_up_to(0, 1),
                               "share of the steps that cool down", not_wsd),
      key<&Train::weight_decay>("weight_decay", kResult, pretrain, at_least(0), "AdamW's decay of matrices"),
      key<&Train::beta1>("beta1", kResult, pretrain, from_below(0, 1), "AdamW's decay of the mean gradient"),
      key<&Train::beta2>("beta2", kResult, pretrain, from_below(0, 1), "AdamW's decay of the mean square"),
      key<&Train::adam_epsilon>("adam_epsilon", kResult, pretrain, above(0), "AdamW's epsilon"),
      key<&Train::clip_norm>("clip_norm", kResult, pretrain, at_least(0),
                             "longest global gradient; longer ones are scaled to it; 0: off"),
      key<&Train::spike_sigma>("spike_sigma", kResult, pretrain, at_least(0),
                               "stop when the loss is this many deviations above the mean of the last 128 "
                               "steps; 0: off. A loss that is not finite always stops"),
  };
}

std::vector<Key> train_speed_keys() {
  return {
      key<&Train::checkpoint_steps>("checkpoint_steps", kSpeed, {}, at_least(0),
                                    "a checkpoint every so many steps; 0: only at the end"),
      key<&Train::keep_checkpoints>("keep_checkpoints", kSpeed, {}, at_least(1),
                                    "this many of the newest checkpoints stay"),
      key<&Train::strands_in_flight>("strands_in_flight", kSpeed, {}, range(0, 4096),
                                     "strands computed at once; 0: as many as threads"),
      key<&Train::read_ahead_bytes>("read_ahead_bytes", kSpeed, {}, at_least(0),
                                    "memory for samples read before they are asked for, per rank; 0: none"),
      key<&Train::strand_order>("strand_order", kSpeed, {}, one_of({"forward", "reverse"}),
                                "order of computing the strands; for tests"),
  };
}

Section train_section() {
  std::vector<Key> keys = train_length_keys();
  for (auto part : {train_optimizer_keys, train_speed_keys}) {
    for (Key& key : part()) keys.push_back(std::move(key));
  }
  return section<&Recipe::train>("train", "pre-training", std::move(keys));
}

Section stage_section() {
  const Readers pretrain = {Stage::kPretrain};
  return tables_section<&Recipe::stages>(
      "stage",
      "from a token count on, training goes on with another mix, batch or sequence length; may stand many "
      "times. "
      "What a stage does not say stays as before it. Each file goes on where it was",
      {
          key<&TrainStage::name>("name", kResult, pretrain, any(),
                                 "name of the stage, unlike all others: `a-z`, `0-9`, `_`, `-`"),
          key<&TrainStage::from_tokens>("from_tokens", kResult, pretrain, at_least(0),
                                        "begins with the first step that has seen so many tokens"),
          key<&TrainStage::mix>("mix", kResult, pretrain, at_least(0),
                                "weights of corpora, `{ man-en = 0.7, scipy = 0.3 }`; others have none"),
          key<&TrainStage::epochs>("epochs", kResult, pretrain, at_least(0),
                                   "in place of mix: passes over each corpus relative to the others"),
          key<&TrainStage::sequence_length>("sequence_length", kResult, pretrain, range(0, 16'777'216),
                                            "divides train.sequence_length, whose sequences are cut; a batch "
                                            "keeps its tokens; 0: as before"),
          key<&TrainStage::leaves_per_strand>("leaves_per_strand", kResult, pretrain, range(0, 1'048'576),
                                              "the global batch grows or shrinks with it; 0: as before"),
      });
}

Section tokens_section() {
  const Readers pretrain = {Stage::kPretrain};
  const Idle no_list = {[](const Recipe& r) { return r.tokens.list.empty(); }, "tokens.list is not set"};
  const Idle no_cache = {[](const Recipe& r) { return r.tokens.megatron_cache.empty(); },
                         "tokens.megatron_cache is not set"};
  return section<&Recipe::tokens>(
      "tokens",
      "train on token files that are there already, in place of those made of `[[corpus]]`; `aurora "
      "pretrain` alone "
      "reads it",
      {
          key<&Tokens::list>(
              "list", kPlace, {}, any(),
              "manifest of a collection (`aurora blend manifest`), which names corpora and weights; with "
              "megatron_cache also a data list. Relative paths start at the recipe's folder"),
          key<&Tokens::vocab_size>("vocab_size", kResult, pretrain, at_least(0),
                                   "of the tokenizer that made the tokens", no_list),
          key<&Tokens::end_of_document>("end_of_document", kResult, pretrain, at_least(-1),
                                        "id of the token that ends documents; -1: they end without one",
                                        no_list),
          key<&Tokens::megatron_cache>(
              "megatron_cache", kPlace, {}, any(),
              "folder of the caches that Megatron-LM (or `aurora blend export`) made of the "
              "list: its order in place of `[blend]`'s",
              no_list),
          key<&Tokens::first_sample>("first_sample", kResult, pretrain, at_least(0),
                                     "training goes on at this sample of the caches' train split", no_cache),
          key<&Tokens::extra_token>("extra_token", kResult, pretrain, any(),
                                    "`add_extra_token_to_sequence` of the run that made the caches",
                                    no_cache),
      });
}

Section evaluate_section() {
  const Readers evaluate = {Stage::kEvaluate};
  return section<&Recipe::evaluate>(
      "evaluate", "scores and samples",
      {
          key<&Evaluate::sample_tokens>("sample_tokens", kResult, evaluate, at_least(1),
                                        "tokens of each sample continuation"),
          key<&Evaluate::prompts>("prompts", kResult, evaluate, any(), "what the samples continue"),
      });
}

Section generate_section() {
  const Readers evaluate = {Stage::kEvaluate};
  const Idle greedy = {[](const Recipe& r) { return r.generate.temperature == 0; }, "temperature is 0"};
  return section<&Recipe::generate>(
      "generate", "how continuations are drawn",
      {
          key<&Generate::temperature>("temperature", kResult, evaluate, range(0, 100),
                                      "0: always the likeliest token"),
          key<&Generate::top_p>("top_p", kResult, evaluate, above_up_to(0, 1),
                                "only the likeliest tokens that together have this probability; 1: all",
                                greedy),
          key<&Generate::top_k>("top_k", kResult, evaluate, at_least(0),
                                "only this many likeliest tokens; 0: all", greedy),
      });
}

Section release_section() {
  const Readers release = {Stage::kRelease};
  return section<&Recipe::release>(
      "release", "what is handed out",
      {
          key<&Release::title>("title", kResult, release, any(),
                               "title of the model card; empty: the run's name"),
          key<&Release::licence>("licence", kResult, release, any(), "licence of the weights"),
          key<&Release::dtype>("dtype", kResult, release, one_of({"bf16", "f32"}), "type of the weights"),
          key<&Release::shard_bytes>("shard_bytes", kResult, release, at_least(1'000'000),
                                     "bytes per safetensors file"),
      });
}

}  // namespace

const std::vector<Section>& recipe_sections() {
  static const std::vector<Section> sections = {run_section(),       corpus_section(),   prepare_section(),
                                                tokenizer_section(), blend_section(),    model_section(),
                                                train_section(),     stage_section(),    tokens_section(),
                                                evaluate_section(),  generate_section(), release_section()};
  return sections;
}

}  // namespace aurora::config
