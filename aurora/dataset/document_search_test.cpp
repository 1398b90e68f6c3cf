#include "aurora/dataset/document_search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aurora/base/random.h"
#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

TEST(DocumentSearchTest, FindsWhatASearchOfOneTokenFinds) {
  TestFolder folder;
  const RandomKey key = random_key(1, Purpose::kTest);
  std::vector<uint64_t> skewed(500, 1);  // interpolation guesses badly
  for (size_t i = 0; i < 10; ++i) skewed[i * 3 + 2] = 2000;
  const format::TokenFile files[] = {
      format::TokenFile(write_documents(folder / "a", random_lengths(1, 3000, 20))),
      format::TokenFile(write_documents(folder / "b", skewed)),
      format::TokenFile(write_documents(folder / "c", {0, 0, 7, 0})),
      format::TokenFile(write_documents(folder / "d", {5}))};
  for (size_t count : {0u, 1u, 64u, 1000u}) {
    std::vector<DocumentSearch> searches(count);
    for (size_t i = 0; i < count; ++i) {
      const format::TokenFile& file = files[random_below(2 * i, key, std::size(files))];
      searches[i] = {&file, random_below(2 * i + 1, key, file.tokens()), 0};
    }
    find_documents(searches);
    for (const DocumentSearch& search : searches)
      EXPECT_EQ(search.document, search.file->document_of(search.token)) << search.token;
  }
  std::vector<DocumentSearch> all;
  for (uint64_t token = 0; token < files[1].tokens(); token += 3) all.push_back({&files[1], token, 0});
  find_documents(all);
  for (const DocumentSearch& search : all) EXPECT_EQ(search.document, files[1].document_of(search.token));
}

}  // namespace
}  // namespace aurora::dataset
