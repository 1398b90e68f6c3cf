# The front door. `make` builds build/aurora; `make quickstart` and `make test` each work as the only command typed.

.PHONY: all deps build quickstart test test-fast test-asan test-tsan test-engine bench format engine clean
all: build

deps:
	@tools/install-deps

build: deps
	@cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }
	@rm -f build-configure.log
	@cmake --build --preset release

quickstart: build
	@tools/quickstart

test: build
	@ctest --test-dir build --output-on-failure

test-fast: build
	@ctest --test-dir build --output-on-failure -L fast

# MPI's own libraries leak and race; the tests on several ranks are left to `make test`.
test-asan: deps
	@cmake --preset asan && cmake --build --preset asan && ctest --test-dir build-asan --output-on-failure -LE ranks

test-tsan: deps
	@cmake --preset tsan && cmake --build --preset tsan && ctest --test-dir build-tsan --output-on-failure -L fast

# What GPU hosts build, without ICU and simdjson: a whole second build, so not part of `make test`.
test-engine: deps
	@tests/engine/run build-engine-check

bench: build
	@bench/run

engine:
	@cmake --preset engine && cmake --build --preset engine -j

format: deps
	@tools/format

clean:
	rm -rf build build-*
