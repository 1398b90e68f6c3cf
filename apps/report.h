// The results of a finished run: a table for the terminal, JSON for programs, and report.html, one
// self-contained page with inline SVG (the line with counts per stage, loss, learning rate, throughput, bits
// per byte, samples, recipe).
#pragma once

#include <string>

#include "apps/workspace.h"

namespace aurora::apps {

// Writes OUT/report.html from what the stages left; sections whose stage has not run are left out. Returns
// its path.
Path write_report(const Workspace& workspace);
std::string results_text(const Workspace& workspace);
std::string results_json(const Workspace& workspace);

}  // namespace aurora::apps
