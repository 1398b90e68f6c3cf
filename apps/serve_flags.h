// What `aurora serve` and its helpers know of models: how to load one and start its engine.
#pragma once

#include <memory>
#include <string>

#include "apps/command.h"
#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/infer/engine_thread.h"
#include "aurora/infer/load_model.h"
#include "aurora/serve/served_model.h"

namespace aurora::apps {

struct EngineFlags {
  infer::LoadSettings load;
  int64_t threads = 0;
  int64_t kv_mib = 0;
  bool kv_int8 = false;
  int64_t max_running = 64;
  int64_t max_queued = 256;
  int64_t max_length = 0;
  int64_t draft_tokens = 0;

  void declare(Arguments& arguments);
  infer::EngineSettings settings(const infer::Model& model) const;
};

// A loaded model, its engine on a thread, and what the API knows of it. Destroyed in the right order.
struct RunningModel {
  std::unique_ptr<infer::Model> model;
  std::unique_ptr<infer::EngineThread> engine;
  std::unique_ptr<serve::ServedModel> served;
};
// name: for clients; empty: the last part of the path.
RunningModel start_model(const std::string& path, std::string name, const EngineFlags& flags, Pool& pool);

}  // namespace aurora::apps
