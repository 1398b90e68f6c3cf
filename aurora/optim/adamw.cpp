#include "aurora/optim/adamw.h"

#include <cmath>

namespace aurora::optim {

AdamWSettings adamw_settings(const config::Train& train) {
  return {.beta1 = train.beta1,
          .beta2 = train.beta2,
          .epsilon = train.adam_epsilon,
          .weight_decay = train.weight_decay};
}

AdamW::AdamW(const AdamWSettings& settings, std::vector<tensor::Range> decayed)
    : settings_(settings), decayed_(std::move(decayed)) {}

void AdamW::step(const Exec& exec, const Step& step, const View& master, const Moments& moments,
                 const View& gradient, const View& compute) const {
  AURORA_CHECK_GE(step.number, 1);
  auto steps = static_cast<double>(step.number);
  kernels::AdamW call;
  call.learning_rate = static_cast<float>(step.learning_rate);
  call.beta1 = static_cast<float>(settings_.beta1);
  call.beta2 = static_cast<float>(settings_.beta2);
  call.epsilon = static_cast<float>(settings_.epsilon);
  call.gradient_scale = static_cast<float>(step.gradient_scale);
  call.bias_correction1 = static_cast<float>(1 - std::pow(settings_.beta1, steps));
  call.bias_correction2 = static_cast<float>(1 - std::pow(settings_.beta2, steps));
  auto update = [&](int64_t begin, int64_t end, double weight_decay) {
    if (begin == end) return;
    int64_t count = end - begin;
    call.master = master.rows(begin, count);
    call.m = moments.m.rows(begin, count);
    call.v = moments.v.rows(begin, count);
    call.gradient = gradient.rows(begin, count);
    if (!compute.empty()) call.compute = compute.rows(begin, count);
    call.weight_decay = static_cast<float>(weight_decay);
    exec.run(&Kernels::adamw, call);
  };
  int64_t done = 0;
  for (const tensor::Range& range : decayed_) {
    update(done, range.begin, 0);
    update(range.begin, range.end, settings_.weight_decay);
    done = range.end;
  }
  update(done, master.dim(0), 0);
}

}  // namespace aurora::optim
