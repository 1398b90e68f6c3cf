#include "apps/report.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/blend_mix.h"
#include "apps/stages.h"
#include "apps/svg.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/base/stream.h"
#include "aurora/evaluate/results.h"

namespace aurora::apps {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Colours hold in light and in dark; charts use the same ones.
constexpr const char* kStyle = R"(
:root{--ink:#1b1f24;--soft:#5b6570;--paper:#fff;--panel:#f5f7f9;--grid:#dde3e8;
--c0:#0b6bcb;--c1:#c2571a;--c2:#2d7d46;--c3:#8b5bb5;--c4:#b03a5b;--c5:#6b7280}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaee;--soft:#9aa5b1;--paper:#14181c;--panel:#1d2329;--grid:#323b44;
--c0:#58a6ff;--c1:#f0883e;--c2:#56d364;--c3:#bc8cff;--c4:#ff7b9c;--c5:#9ca3af}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.7rem;margin:0 0 4px}h2{font-size:1.2rem;margin:36px 0 8px}
p.lead{color:var(--soft);margin:0 0 8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap}
th:first-child,td:first-child,th.text,td.text{text-align:left}td.text{white-space:normal}
td.best{font-weight:700}
.scroll{overflow-x:auto}
pre{background:var(--panel);padding:12px;overflow-x:auto;font-size:13px;border-radius:6px;white-space:pre-wrap}
pre.wide{white-space:pre}
.line{display:flex;flex-wrap:wrap;gap:8px;align-items:stretch}
.stage{background:var(--panel);border-radius:6px;padding:8px 12px;flex:1 1 150px}
.stage b{display:block}.stage span{color:var(--soft);font-size:13px;display:block}
blockquote{margin:8px 0;padding:8px 12px;background:var(--panel);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
blockquote b{color:var(--c0)}
svg.chart{width:100%;height:auto;margin:8px 0}
.chart text{fill:var(--ink);font:12px system-ui,sans-serif}.chart .title{font-size:14px;font-weight:600}
.chart .tick,.chart .label{fill:var(--soft)}.chart .grid{stroke:var(--grid)}
.line0{stroke:var(--c0)}.line1{stroke:var(--c1)}.line2{stroke:var(--c2)}.line3{stroke:var(--c3)}.line4{stroke:var(--c4)}.line5{stroke:var(--c5)}
polyline{fill:none;stroke-width:1.6}
.chart .edge{stroke:var(--paper);stroke-width:2}
.fill0{fill:var(--c0)}.fill1{fill:var(--c1)}.fill2{fill:var(--c2)}.fill3{fill:var(--c3)}.fill4{fill:var(--c4)}.fill5{fill:var(--c5)}
)";

std::string section(const std::string& title, const std::string& body) {
  return body.empty() ? "" : fmt::format("<section><h2>{}</h2>\n{}</section>\n", title, body);
}

// The stages in order, each with the counts that its manifest notes.
std::string line_section(const Workspace& workspace) {
  std::string out;
  for (const StageSpec& spec : stage_specs()) {
    const Path folder = workspace.folder(spec.stage);
    if (!format::has_manifest(folder)) continue;
    out += fmt::format("<div class=\"stage\"><b>{}</b>", config::stage_name(spec.stage));
    for (const auto& [key, value] : people_notes(workspace, spec.stage))
      out += fmt::format("<span>{}: {}</span>", escape_html(key), escape_html(value));
    out += "</div>\n";
  }
  return out.empty() ? "" : "<div class=\"line\">" + out + "</div>\n";
}

std::string training_section(const Workspace& workspace) {
  const Path file = workspace.metrics() / "train.jsonl";
  if (!fs::exists(file)) return "";
  Series loss{"loss", {}}, rate{"learning rate", {}}, speed{"tokens/s", {}};
  LineReader reader(file, 1 << 20);
  for (std::string text; reader.next(text);) {
    const Json one = Json::parse(text, nullptr, false);
    if (one.is_discarded() || !one.contains("step") || !one.contains("loss")) continue;
    const double step = one["step"];
    loss.points.emplace_back(step, one["loss"].get<double>());
    if (one.contains("learning_rate")) rate.points.emplace_back(step, one["learning_rate"].get<double>());
    if (one.contains("tokens_per_s")) speed.points.emplace_back(step, one["tokens_per_s"].get<double>());
  }
  return line_chart({"Training loss (nats per token)", "step", "loss"}, {loss}) +
         line_chart({"Learning rate", "step", "learning rate"}, {rate}) +
         line_chart({"Throughput", "step", "tokens/s"}, {speed});
}

std::string held_out_table(const evaluate::Results& results) {
  std::string out =
      "<div class=\"scroll\"><table><tr><th>held-out text</th><th>documents</th><th>bytes</th><th>model</th>"
      "<th>gzip -9</th><th>xz -9</th><th>zstd -19</th><th>perplexity</th></tr>\n";
  for (const evaluate::HeldOutRow& row : results.rows)
    out += fmt::format(
        "<tr><td>{} {}</td><td>{}</td><td>{}</td><td "
        "class=\"{}\">{:.3f}</td><td>{:.3f}</td><td>{:.3f}</td><td>{:.3f}</td>"
        "<td>{:.1f}</td></tr>\n",
        escape_html(row.group), escape_html(row.name), row.documents, row.bytes,
        row.bits_per_byte() < row.gzip_bits_per_byte() ? "best" : "", row.bits_per_byte(),
        row.gzip_bits_per_byte(), row.xz_bits_per_byte(), row.zstd_bits_per_byte(), row.perplexity());
  return out +
         "</table></div>\n<p class=\"lead\">Bits per byte, lower is better; bold where the model predicts "
         "better than "
         "gzip -9 compresses. Perplexity is per token.</p>\n";
}

std::string held_out_bars(const evaluate::Results& results, const std::string& group) {
  BarChart chart;
  chart.text = {"Bits per byte by " + group, "", "bits per byte"};
  chart.series = {"model", "gzip -9", "xz -9", "zstd -19"};
  for (const evaluate::HeldOutRow& row : results.rows) {
    if (row.group != group) continue;
    chart.groups.push_back(row.name);
    chart.values.push_back(
        {row.bits_per_byte(), row.gzip_bits_per_byte(), row.xz_bits_per_byte(), row.zstd_bits_per_byte()});
  }
  return chart.groups.empty() ? "" : bar_chart(chart);
}

std::string samples_html(const evaluate::Results& results) {
  std::string out;
  for (const evaluate::Sample& sample : results.samples)
    out += fmt::format("<blockquote><b>{}</b>{}</blockquote>\n", escape_html(sample.prompt),
                       escape_html(sample.text));
  return out;
}

std::string mix_chart(const RunMix& mix, uint64_t length) {
  AreaChart chart;
  chart.text = {"Share of each corpus over the run", "trained tokens", "% of the samples"};
  for (const MixRow& row : mix.total.corpora) chart.names.push_back(row.corpus);
  double trained = 0;
  for (const Mix& stage : mix.stages) {
    AreaChart::Step step{trained, {}, stage.stage};
    for (const MixRow& row : stage.corpora) step.values.push_back(row.share);
    chart.steps.push_back(std::move(step));
    trained += static_cast<double>(stage.samples() * length);
  }
  chart.end = trained;
  return area_chart(chart);
}

// The order of the run as numbers: needs the tokens, not the training.
std::string mix_section(const Workspace& workspace) {
  if (!format::has_manifest(workspace.tokens())) return "";
  BlendOrder run;
  open_recipe_order(workspace, run);
  const RunMix mix = run_mix(run);
  std::string out = mix_chart(mix, run.sequence_length());
  out += "<div class=\"scroll\"><table><tr><th>corpus</th><th>tokens</th><th>share</th><th>trained</th>";
  for (const Mix& stage : mix.stages)
    if (mix.stages.size() > 1) out += fmt::format("<th>epochs, {}</th>", escape_html(stage.stage));
  out += "<th>epochs</th></tr>\n";
  for (size_t c = 0; c < mix.total.corpora.size(); ++c) {
    const MixRow& row = mix.total.corpora[c];
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{:.2f} %</td><td>{}</td>", escape_html(row.corpus),
                       human_count(static_cast<double>(row.tokens)), 100 * row.share,
                       human_count(static_cast<double>(row.samples * run.sequence_length())));
    double before = 0;
    for (const Mix& stage : mix.stages) {
      if (mix.stages.size() > 1) out += fmt::format("<td>{:.3f}</td>", stage.corpora[c].epochs - before);
      before = stage.corpora[c].epochs;
    }
    out += fmt::format("<td class=\"{}\">{:.3f}</td></tr>\n", row.repeats() ? "best" : "", row.epochs);
  }
  out += "</table></div>\n<p class=\"lead\">Bold: more than one pass, so the corpus repeats.";
  if (mix.total.skipped > 0) out += fmt::format(" {} samples are skipped.", mix.total.skipped);
  return out + "</p>\n";
}

std::string prepare_table(const Workspace& workspace) {
  const Path file = workspace.documents() / "summary.txt";
  return fs::exists(file) ? "<pre class=\"wide\">" + escape_html(read_file(file)) + "</pre>\n" : "";
}

}  // namespace

Path write_report(const Workspace& workspace) {
  const std::string title = escape_html(workspace.recipe.run.name);
  std::string body = fmt::format(
      "<h1>{}</h1>\n<p class=\"lead\">A run of AuroraGPT: what went in, what came out.</p>\n", title);
  body += section("The line", line_section(workspace));
  const Path results_file = workspace.evaluation() / "results.json";
  if (fs::exists(results_file)) {
    const evaluate::Results results = evaluate::read_results(results_file);
    body += section("Held-out text", held_out_bars(results, "language") + held_out_bars(results, "corpus") +
                                         held_out_table(results));
    body += section("Samples", samples_html(results));
  }
  body += section("Training", training_section(workspace));
  body += section("The mix", mix_section(workspace));
  body += section("Documents", prepare_table(workspace));
  body += section("Recipe", "<pre>" + escape_html(config::print_recipe(workspace.recipe)) + "</pre>\n");

  const Path path = workspace.out / "report.html";
  write_file_atomic(
      path,
      fmt::format(
          "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
          "<title>{} - AuroraGPT</title><style>{}</style></head><body><main>\n{}</main></body></html>\n",
          title, kStyle, body));
  return path;
}

std::string results_text(const Workspace& workspace) {
  const evaluate::Results results = evaluate::read_results(workspace.evaluation() / "results.json");
  std::string out = "\n" + evaluate::results_table(results) + "\n";
  for (const evaluate::Sample& sample : results.samples)
    out += fmt::format("> {}|{}\n\n", sample.prompt, sample.text);
  return out;
}

std::string results_json(const Workspace& workspace) {
  Json json = Json::parse(read_file(workspace.evaluation() / "results.json"));
  json["run"] = workspace.out.string();
  json["report"] = (workspace.out / "report.html").string();
  return json.dump(2);
}

}  // namespace aurora::apps
