// Fault points: places where a test may kill the process, as a power cut would (SIGKILL, no clean-up).
// A stage calls fault_point("pretrain.step") at the moments that matter: before and after a rename, a step, a
// checkpoint. `aurora --fault-at N` kills at the N-th point passed; without it a point only counts itself.
#pragma once

#include <cstdint>

namespace aurora {

// Kills at the `count`-th point passed from now on (1 = the next); 0 disarms. For apps/ and tests only.
void arm_fault(uint64_t count);
void fault_point(const char* name);
// Points passed so far; a test first counts them in an undisturbed run, then aims.
uint64_t fault_points_passed();
// From now on writes "N NAME\n" to `fd` at every point passed, so that a test can choose where to kill; -1
// ends it.
void trace_faults(int fd);

}  // namespace aurora
