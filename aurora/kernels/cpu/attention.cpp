#include "aurora/kernels/cpu/attention.h"

#include "aurora/kernels/reference/attention.h"

namespace aurora::kernels::cpu {

void attention_forward(const Stream& stream, const Attention& call) {
  reference::attention_forward(stream, call);
}
void attention_backward(const Stream& stream, const AttentionBackward& call) {
  reference::attention_backward(stream, call);
}

}  // namespace aurora::kernels::cpu
