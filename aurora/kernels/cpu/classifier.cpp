#include "aurora/kernels/cpu/classifier.h"

#include "aurora/kernels/reference/classifier.h"

namespace aurora::kernels::cpu {

void classifier(const Stream& stream, const Classifier& call) {
  reference::classifier(stream, call);
}

}  // namespace aurora::kernels::cpu
