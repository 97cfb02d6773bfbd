# Everything a person or CI does here. `make help` lists the targets.

PYTHON ?= python3
ORT_VERSION := 1.32.0
# ONNX Runtime is a library that users bring; for work on this tree it comes from PyPI into a folder of its own.
ORT := .ort/$(ORT_VERSION)
ORT_LIBRARY := $(CURDIR)/$(ORT)/onnxruntime/capi/libonnxruntime.so.$(ORT_VERSION)
CARGO_FLAGS := --release --features cli
FACENET := target/release/facenet
PHOTOS := examples/photos

export FACENET_ORT_DYLIB ?= $(ORT_LIBRARY)

.DEFAULT_GOAL := help
.PHONY: help demo build test lint fmt doc models bench bench-peers clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(ORT_LIBRARY):
	$(PYTHON) -m pip install --quiet --no-deps --target $(ORT) onnxruntime==$(ORT_VERSION)

build: $(ORT_LIBRARY) ## build the library and the command line
	cargo build $(CARGO_FLAGS)

demo: build ## compare the shipped portraits
	$(FACENET) doctor
	$(FACENET) compare $(PHOTOS)/obama.jpg $(PHOTOS)/obama2.jpg $(PHOTOS)/obama3.jpg $(PHOTOS)/biden.jpg $(PHOTOS)/astronaut.png

test: build ## run every test
	cargo test $(CARGO_FLAGS)

# Checkers of the scripts, in a folder of their own.
LINTERS := .ort/lint-1
$(LINTERS):
	$(PYTHON) -m pip install --quiet --target $(LINTERS) ruff==0.17.6 mypy==2.4.1
SCRIPTS := benches docs models tests

lint: $(ORT_LIBRARY) $(LINTERS) ## check formatting and warnings
	PYTHONPATH=$(LINTERS) $(PYTHON) -m ruff check $(SCRIPTS)
	PYTHONPATH=$(LINTERS) $(PYTHON) -m ruff format --check $(SCRIPTS)
	PYTHONPATH=$(LINTERS) $(PYTHON) -m mypy --strict --ignore-missing-imports docs models benches/peers
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --lib

fmt: ## format the sources
	cargo fmt --all

doc: ## build the documentation of the Rust interface
	cargo doc --release --no-deps --lib

models: build ## rebuild models/ from the pinned packages
	$(PYTHON) models/build.py

bench: $(ORT_LIBRARY) ## time each stage
	cargo bench --features cli

bench-peers: build ## time facenet and other libraries on the same images, in one run
	benches/peers/run.sh $(PEERS_FLAGS)

clean: ## remove what was built
	cargo clean
	rm -rf .ort
