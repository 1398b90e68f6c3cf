// `aurora tokenizer ...`: vocabularies learned, used, compared, proved, converted and measured.

#include "apps/command.h"

namespace aurora::apps {

Command tokenizer_command() {
  return {"tokenizer",
          "vocabularies: train, encode, decode, report, verify, convert, bench",
          nullptr,
          {tokenizer_train_command(), tokenizer_encode_command(), tokenizer_decode_command(),
           tokenizer_report_command(), tokenizer_verify_command(), tokenizer_convert_command(),
           tokenizer_bench_command(), tokenizer_chat_command()}};
}

}  // namespace aurora::apps
