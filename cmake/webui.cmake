# Bakes webui/ and Debian's JavaScript libraries into aurora_serve: one generated source that names the files,
# whose bytes the assembler takes in (.incbin), so that nothing is converted and a change costs a second.

set(AURORA_PAGE_TABLE ${CMAKE_BINARY_DIR}/generated/page_files.cpp)
set(aurora_page_entries "")
set(aurora_page_blobs "")
set(aurora_page_sources "")
set(aurora_page_count 0)

function(aurora_add_page path file)
  set(symbol aurora_page_${aurora_page_count})
  math(EXPR count "${aurora_page_count} + 1")
  set(aurora_page_count ${count} PARENT_SCOPE)
  set(aurora_page_blobs "${aurora_page_blobs}asm(R\"(.section .rodata
${symbol}: .incbin \"${file}\"
${symbol}_end: .byte 0
.globl ${symbol}
.globl ${symbol}_end
.previous)\");
extern \"C\" const char ${symbol}[], ${symbol}_end[];
" PARENT_SCOPE)
  set(aurora_page_entries "${aurora_page_entries}      {\"${path}\", {${symbol}, static_cast<size_t>(${symbol}_end - ${symbol})}},
" PARENT_SCOPE)
  set(aurora_page_sources ${aurora_page_sources} ${file} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE aurora_page_own CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/webui ${CMAKE_SOURCE_DIR}/webui/*)
foreach(file ${aurora_page_own})
  aurora_add_page("/${file}" ${CMAKE_SOURCE_DIR}/webui/${file})
endforeach()

# PATH|FILE: as the page asks for it, where Debian's package has it.
set(aurora_page_vendor
    "marked.js|/usr/share/javascript/marked/marked.min.js"                  # libjs-marked
    "purify.js|/usr/share/nodejs/dompurify/dist/purify.min.js"              # node-dompurify
    "katex.js|/usr/share/javascript/katex/katex.min.js"                     # libjs-katex
    "katex.css|/usr/share/javascript/katex/katex.min.css"
    "highlight.js|/usr/share/javascript/highlight.js/highlight.min.js")     # libjs-highlight.js
file(GLOB fonts RELATIVE /usr/share/fonts/truetype/katex /usr/share/fonts/truetype/katex/*.woff2)  # fonts-katex
foreach(font ${fonts})
  list(APPEND aurora_page_vendor "fonts/${font}|/usr/share/fonts/truetype/katex/${font}")
endforeach()
foreach(package libjs-marked node-dompurify libjs-katex libjs-highlight.js)
  list(APPEND aurora_page_vendor "licences/${package}.txt|/usr/share/doc/${package}/copyright")
endforeach()
set(aurora_page_missing "")
foreach(entry ${aurora_page_vendor})
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 path)
  list(GET entry 1 file)
  if(EXISTS ${file})
    aurora_add_page("/vendor/${path}" ${file})
  elseif(NOT path MATCHES "^licences/")
    list(APPEND aurora_page_missing ${file})
  endif()
endforeach()
if(aurora_page_missing)
  message(STATUS "aurora: the web page goes without ${aurora_page_missing} (tools/install-deps)")
endif()

file(CONFIGURE OUTPUT ${AURORA_PAGE_TABLE} @ONLY CONTENT [[// Made by cmake/webui.cmake.
#include <array>
#include "aurora/serve/pages.h"

@aurora_page_blobs@
namespace aurora::serve {

std::span<const PageFile> page_files() {
  static const PageFile kFiles[] = {
@aurora_page_entries@  };
  return kFiles;
}

}  // namespace aurora::serve
]])
set_source_files_properties(${AURORA_PAGE_TABLE} TARGET_DIRECTORY aurora_serve PROPERTIES OBJECT_DEPENDS "${aurora_page_sources}")
target_sources(aurora_serve PRIVATE ${AURORA_PAGE_TABLE})
