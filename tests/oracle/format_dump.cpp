// What token_file_oracle.py compares with Megatron-Core and NumPy.
//   format_dump read PREFIX                    a token file as text on stdout
//   format_dump write PREFIX                   the same text on stdin as a token file
//   format_dump convert FROM TO [EOD [BYTES]]  prints the kind, the documents and the tokens
//   format_dump npy FROM.npy TO.npy            reads an array and writes it anew
// The text: "type CODE multimodal 0|1", then a line "s MODE HEX" per sequence (its bytes; "-" for none) and a
// line "d" per end of a document.
#include <fmt/format.h>

#include <iostream>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/format/npy.h"
#include "aurora/format/token_convert.h"
#include "aurora/format/token_file.h"

namespace {

using namespace aurora;

int read(const std::string& prefix) {
  const format::TokenFile file(prefix);
  fmt::print("type {} multimodal {}\n", static_cast<int>(file.type()), file.multimodal() ? 1 : 0);
  for (uint64_t document = 0; document < file.documents(); ++document) {
    const uint64_t end = file.document_first_sequence(document + 1);
    for (uint64_t sequence = file.document_first_sequence(document); sequence < end; ++sequence) {
      const uint64_t tokens = file.sequence_tokens(sequence);
      std::vector<uint8_t> bytes(tokens * format::token_type_bytes(file.type()));
      file.read_raw(file.sequence_begin(sequence), tokens, bytes.data());
      std::string hex;
      for (const uint8_t byte : bytes) hex += fmt::format("{:02x}", byte);
      fmt::print("s {} {}\n", file.mode(sequence), hex.empty() ? "-" : hex);
    }
    fmt::print("d\n");
  }
  return 0;
}

int write(const std::string& prefix) {
  std::string word, hex;
  int type = 0, multimodal = 0, mode = 0;
  std::cin >> word >> type >> word >> multimodal;
  format::TokenFileWriter writer(prefix, static_cast<format::TokenType>(type), multimodal != 0);
  const size_t width = format::token_type_bytes(static_cast<format::TokenType>(type));
  while (std::cin >> word) {
    if (word == "d") {
      writer.end_document();
      continue;
    }
    std::cin >> mode >> hex;
    std::vector<uint8_t> bytes;
    for (size_t i = 0; hex != "-" && i + 1 < hex.size(); i += 2)
      bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    writer.append_raw(bytes.data(), bytes.size() / width);
    writer.end_sequence(static_cast<int8_t>(mode));
  }
  writer.commit();
  return 0;
}

int convert(const std::vector<std::string>& arguments) {
  format::ConvertSettings settings;
  if (arguments.size() > 3) settings.end_of_document = std::stoi(arguments[3]);
  if (arguments.size() > 4) settings.token_bytes = static_cast<uint32_t>(std::stoi(arguments[4]));
  const format::ConvertSummary summary = format::convert_tokens(arguments[1], arguments[2], settings);
  fmt::print("{} {} {}\n", format::token_source_name(summary.kind), summary.documents, summary.tokens);
  return 0;
}

int npy(const std::string& from, const std::string& to) {
  const format::NpyFile file(from);
  format::NpyWriter writer(to, file.type(), file.shape());
  writer.write(file.bytes().data(), file.bytes().size());
  writer.commit();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 2 && arguments[0] == "read") return read(arguments[1]);
    if (arguments.size() == 2 && arguments[0] == "write") return write(arguments[1]);
    if (arguments.size() >= 3 && arguments[0] == "convert") return convert(arguments);
    if (arguments.size() == 3 && arguments[0] == "npy") return npy(arguments[1], arguments[2]);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  fmt::print(stderr,
             "usage: format_dump read PREFIX | write PREFIX | convert FROM TO [EOD [BYTES]] | npy FROM TO\n");
  return 2;
}
