# What a developer runs. Each target works in a fresh clone that has git, make and Rust.

CARGO ?= cargo
BIN = $(or $(CARGO_TARGET_DIR),target)/debug/crossdock

.PHONY: demo test soak fuzz filters filters-all filters-table bench fmt lint lint-filters lint-workflows

demo: ## Mirror the example's images, move a tag, and see the drift: no server, no network, no root
	@echo 'Building crossdock: some minutes the first time, a moment after that.'
	@$(CARGO) build --locked --bin crossdock
	@CROSSDOCK_BIN='$(abspath $(BIN))' sh examples/quickstart/demo.sh target/demo

test: ## Everything that can be tested on this machine
	@./.ci/setup
	./filters/build
	cd filters && $(CARGO) test --quiet --locked --target-dir ../target/filters/cargo
	@./.ci/tally clear
	$(CARGO) test --locked --lib --test it --test tidy
	@./.ci/tally

soak: ## What takes too long for every change: a thousand kills, ten thousand cases of each law, and all else that is called soak
	@./.ci/setup
	@./.ci/tally clear
	$(CARGO) test --locked --lib --test it soak -- --ignored --nocapture
	PROPTEST_CASES=10000 $(CARGO) test --locked --lib laws
	@./.ci/tally

fuzz: ## Looks for bytes that break a property, a minute for each parser: needs a nightly compiler and cargo-fuzz
	./.ci/fuzz

filters: ## The filters in Rust and C, into target/filters
	./filters/build

filters-all: ## Also those in Python and JavaScript, with pinned tools in target/filters-tools; and their cases
	./filters/build all
	./filters/test

filters-table: ## Their sizes, fuel and digests, into filters/README.md
	./filters/build all
	./filters/table

bench: ## How long runs take, and what they ask of registries
	./benches/run

fmt: ## Lay out the code
	$(CARGO) fmt --all
	cd filters && $(CARGO) fmt --all
	rustfmt --edition 2024 filters/template-rust/src/lib.rs

lint: lint-filters ## What the compiler and clippy think of it
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --all-targets --locked -- -D warnings

lint-filters:
	cd filters && $(CARGO) fmt --all -- --check
	rustfmt --edition 2024 --check filters/template-rust/src/lib.rs
	cd filters && $(CARGO) clippy --quiet --all-targets --locked --target-dir ../target/filters/cargo -- -D warnings

lint-workflows: ## What those who run them think of workflows, actions and templates
	./.ci/lint-workflows
