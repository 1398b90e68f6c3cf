// Checks that need more than one key, and those of texts that are no choice from a list.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "aurora/base/error.h"
#include "aurora/config/recipe_keys.h"

namespace aurora::config {

namespace {

void require(bool condition, std::string what, std::string where, std::string remedy) {
  if (!condition) throw UsageError(std::move(what), std::move(where), std::move(remedy));
}

bool only(const std::string& text, bool upper, const std::string& others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (upper && c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string::npos;
  });
}

// The first text that stands twice; empty when none does.
std::string repeated(const std::vector<std::string>& texts) {
  std::set<std::string> seen;
  for (const std::string& text : texts) {
    if (!seen.insert(text).second) return text;
  }
  return "";
}

void validate_run(const Recipe& recipe, const Origins& origins) {
  const std::string& name = recipe.run.name;
  require(!name.empty() && name[0] != '.' && only(name, true, "._-"),
          fmt::format("run.name \"{}\" is no name", name), origins.of("run.name"),
          "use letters, digits, '.', '_' and '-', not starting with '.'");
}

void validate_corpora(const Recipe& recipe, const Origins& origins) {
  const Bounds& codes = find_section("prepare")->find("languages")->bounds;
  std::set<std::string> names;
  for (size_t i = 0; i < recipe.corpora.size(); ++i) {
    const Corpus& corpus = recipe.corpora[i];
    const auto where = [&](const char* key) { return origins.of(fmt::format("corpus[{}].{}", i, key)); };
    require(!corpus.name.empty(), fmt::format("corpus number {} has no name", i + 1), where("paths"),
            "add a line: name = \"...\"");
    require(only(corpus.name, false, "_-"), fmt::format("corpus.name \"{}\" is no name", corpus.name),
            where("name"), "use a-z, 0-9, '_' and '-'");
    require(names.insert(corpus.name).second, fmt::format("two corpora are called {}", corpus.name),
            where("name"), "give each its own name");
    require(!corpus.paths.empty(), fmt::format("corpus {} has no paths", corpus.name), where("name"),
            "add a line: paths = [\"...\"]");
    require(corpus.language == "auto" || corpus.language == "none" || codes.allows(corpus.language),
            fmt::format("language \"{}\" of corpus {} is not known", corpus.language, corpus.name),
            where("language"), "use auto, none, or a code as in prepare.languages");
  }
}

void validate_texts(const Recipe& recipe, const Origins& origins) {
  const std::string language = repeated(recipe.prepare.languages);
  require(language.empty(), fmt::format("prepare.languages names {} twice", language),
          origins.of("prepare.languages"), "name each language once");
  const auto& special = recipe.tokenizer.special_tokens;
  const std::string where = origins.of("tokenizer.special_tokens");
  require(!special.empty(), "tokenizer.special_tokens is empty", where, "name at least the end of documents");
  require(std::find(special.begin(), special.end(), "") == special.end(),
          "tokenizer.special_tokens holds an empty text", where, "give every token a name");
  const std::string token = repeated(special);
  require(token.empty(), fmt::format("tokenizer.special_tokens names {} twice", token), where,
          "name each token once");
  require(static_cast<size_t>(recipe.tokenizer.vocab_size) >= 256 + special.size(),
          fmt::format("tokenizer.vocab_size = {} has no room for 256 bytes and {} special tokens",
                      recipe.tokenizer.vocab_size, special.size()),
          origins.of("tokenizer.vocab_size"), fmt::format("use at least {}", 256 + special.size()));
}

void validate_model(const Recipe& recipe, const Origins& origins) {
  const Model& model = recipe.model;
  if (model.size.empty()) {
    const bool none =
        model.layers == 0 && model.width == 0 && model.heads == 0 && model.kv_heads == 0 && model.hidden == 0;
    require(none || (model.layers > 0 && model.width > 0),
            "[model] gives no size and not enough to do without",
            origins.of(model.layers > 0 ? "model.layers" : "model.width"), "set size, or layers and width");
  }
  if (model.width > 0 && model.heads > 0) {
    require(model.width % model.heads == 0,
            fmt::format("model.width {} is no multiple of heads {}", model.width, model.heads),
            origins.of("model.heads"), "choose heads so that it divides width");
    require(model.width / model.heads % 2 == 0,
            fmt::format("the head size {} (width/heads) is odd", model.width / model.heads),
            origins.of("model.heads"), "rotary positions need an even head size");
  }
  if (model.heads > 0 && model.kv_heads > 0) {
    require(model.heads % model.kv_heads == 0,
            fmt::format("model.heads {} is no multiple of kv_heads {}", model.heads, model.kv_heads),
            origins.of("model.kv_heads"), "choose kv_heads so that it divides heads");
  }
}

void validate_train(const Recipe& recipe, const Origins& origins) {
  const Train& train = recipe.train;
  require(train.steps == 0 || train.tokens == 0, "train.steps and train.tokens are both given",
          origins.of("train.tokens"), "give one of them");
  // In double: the product of four bounded integers may exceed 64 bits.
  const double batch = static_cast<double>(train.strands) * train.leaves_per_strand * train.leaf_sequences *
                       train.sequence_length;
  require(batch < 0x1p53, "the global batch has too many tokens", origins.of("train.strands"),
          "make strands, leaves_per_strand, leaf_sequences or sequence_length smaller");
  require(train.tokens == 0 || static_cast<double>(train.tokens) >= batch,
          fmt::format("train.tokens = {} is less than one global batch of {} tokens", train.tokens, batch),
          origins.of("train.tokens"), "train longer or make the batch smaller");
  require(train.steps == 0 || train.warmup_steps < train.steps,
          fmt::format("train.warmup_steps = {} leaves none of the {} steps", train.warmup_steps, train.steps),
          origins.of("train.warmup_steps"), "warm up in fewer steps");
}

void validate_mix(const Recipe& recipe, const Shares& shares, const std::string& where) {
  double sum = 0;
  for (const auto& [name, share] : shares) {
    std::vector<std::string> known;
    for (const Corpus& corpus : recipe.corpora) known.push_back(corpus.name);
    const std::string near = nearest(name, known);
    // The corpora of a collection are known when it is read.
    require(!recipe.tokens.list.empty() || std::find(known.begin(), known.end(), name) != known.end(),
            fmt::format("a mix names the corpus {}, which the recipe does not have", name), where,
            near.empty() ? "name corpora of the recipe" : fmt::format("did you mean {}?", near));
    sum += share;
  }
  require(shares.empty() || sum > 0, "all shares of a mix are 0", where, "give some corpus a share");
}

void validate_stages(const Recipe& recipe, const Origins& origins) {
  std::set<std::string> names;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const TrainStage& stage = recipe.stages[i];
    const auto where = [&](const char* key) { return origins.of(fmt::format("stage[{}].{}", i, key)); };
    require(!stage.name.empty() && only(stage.name, false, "_-"),
            fmt::format("stage.name \"{}\" is no name", stage.name), where("name"),
            "use a-z, 0-9, '_' and '-'");
    require(names.insert(stage.name).second, fmt::format("two stages are called {}", stage.name),
            where("name"), "give each its own name");
    require(i == 0 || stage.from_tokens > recipe.stages[i - 1].from_tokens,
            fmt::format("stage {} does not begin after the one before it", stage.name), where("from_tokens"),
            "order stages by from_tokens");
    require(stage.mix.empty() || stage.epochs.empty(),
            fmt::format("stage {} has a mix and epochs", stage.name), where("epochs"), "give one of them");
    validate_mix(recipe, stage.mix, where("mix"));
    validate_mix(recipe, stage.epochs, where("epochs"));
    require(stage.sequence_length == 0 || recipe.train.sequence_length % stage.sequence_length == 0,
            fmt::format("the sequence length {} of stage {} does not divide train.sequence_length {}",
                        stage.sequence_length, stage.name, recipe.train.sequence_length),
            where("sequence_length"), "choose a divisor; train.sequence_length is the longest of the run");
    require(!stage.mix.empty() || !stage.epochs.empty() || stage.sequence_length > 0 ||
                stage.leaves_per_strand > 0,
            fmt::format("stage {} changes nothing", stage.name), where("name"),
            "give it a mix, epochs, a sequence_length or leaves_per_strand, or take it out");
  }
}

void validate_blend(const Recipe& recipe, const Origins& origins) {
  skipped_samples(recipe.blend.skip, origins.of("blend.skip"));
  const auto by_epochs = [](const Corpus& corpus) { return corpus.epochs > 0; };
  const auto& corpora = recipe.corpora;
  for (size_t i = 0; i < corpora.size(); ++i) {
    require(by_epochs(corpora[i]) == by_epochs(corpora[0]), "some corpora have epochs and some have not",
            origins.of(fmt::format("corpus[{}].{}", i, by_epochs(corpora[i]) ? "epochs" : "name")),
            "give all corpora epochs, or none");
  }
}

void validate_tokens(const Recipe& recipe, const Origins& origins) {
  const Tokens& tokens = recipe.tokens;
  require(tokens.list.empty() || tokens.vocab_size > 0, "tokens.list stands without tokens.vocab_size",
          origins.of("tokens.list"), "say how many tokens the tokenizer has");
  if (tokens.megatron_cache.empty()) return;
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    require(recipe.stages[i].mix.empty() && recipe.stages[i].epochs.empty(),
            fmt::format("the stage {} has a mix, but the order is Megatron's", recipe.stages[i].name),
            origins.of(fmt::format("stage[{}].{}", i, recipe.stages[i].mix.empty() ? "epochs" : "mix")),
            "take the mix out, or tokens.megatron_cache");
  }
}

}  // namespace

SampleRanges skipped_samples(const std::vector<std::string>& skip, const std::string& where) {
  SampleRanges ranges;
  for (const std::string& text : skip) {
    uint64_t begin = 0, end = 0;
    const char* last = text.data() + text.size();
    const auto [dots, begin_error] = std::from_chars(text.data(), last, begin);
    require(begin_error == std::errc() && last - dots > 2 && dots[0] == '.' && dots[1] == '.',
            fmt::format("\"{}\" is no range of samples", text), where,
            "write \"BEGIN..END\", for example \"1200..1400\"");
    const auto [rest, end_error] = std::from_chars(dots + 2, last, end);
    require(end_error == std::errc() && rest == last && begin < end && end < uint64_t{1} << 62,
            fmt::format("\"{}\" is no range of samples", text), where,
            "write \"BEGIN..END\" with BEGIN below END; END is not skipped");
    ranges.emplace_back(begin, end);
  }
  std::sort(ranges.begin(), ranges.end());
  for (size_t i = 1; i < ranges.size(); ++i) {
    require(ranges[i].first >= ranges[i - 1].second,
            fmt::format("skipped samples {}..{} overlap {}..{}", ranges[i].first, ranges[i].second,
                        ranges[i - 1].first, ranges[i - 1].second),
            where, "join them into one range");
  }
  return ranges;
}

uint64_t sample_position(uint64_t sample, const SampleRanges& skipped) {
  for (const auto& [begin, end] : skipped)
    if (begin <= sample) sample += end - begin;
  return sample;
}

void validate(const Recipe& recipe, const Origins& origins) {
  validate_run(recipe, origins);
  validate_corpora(recipe, origins);
  validate_texts(recipe, origins);
  validate_model(recipe, origins);
  validate_train(recipe, origins);
  validate_blend(recipe, origins);
  validate_stages(recipe, origins);
  validate_tokens(recipe, origins);
}

void require_for(const Recipe& recipe, Stage stage) {
  const std::string file = recipe.file.string();
  if (stage == Stage::kPrepare || stage == Stage::kTokenizer || stage == Stage::kTokenize) {
    require(!recipe.corpora.empty(), "the recipe names no corpus", file,
            "add a [[corpus]] with name and paths");
  }
  if (stage == Stage::kPretrain) {
    require(!recipe.model.size.empty() || recipe.model.layers > 0, "the recipe names no model", file,
            "set model.size");
    require(recipe.train.steps > 0 || recipe.train.tokens > 0, "the recipe does not say how long to train",
            file, "set train.steps or train.tokens");
  }
}

}  // namespace aurora::config
