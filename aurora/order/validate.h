// Holds an OrderSpec against its contract (order.h). Inside aurora/order only.
#pragma once

#include "aurora/order/order.h"

namespace aurora::order {

// Errors that can be told from the spec alone: names, weights, stages. Skips see to themselves, and whether a
// corpus has any unit is known when it is planned.
void validate(const OrderSpec& spec);

}  // namespace aurora::order
