#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/reference/attention.h"

namespace aurora::kernels::cpu {

void attention_backward_with(const Microkernel&, const Stream& stream, const AttentionBackward& call) {
  reference::attention_backward(stream, call);
}

void attention_backward(const Stream& stream, const AttentionBackward& call) {
  attention_backward_with(best_microkernel(call.forward.q.dtype), stream, call);
}

}  // namespace aurora::kernels::cpu
