# What a person types. Each target installs the Debian packages that it lacks
# (scripts/packages says which, and why) and needs nothing else: no service, no variable.

.PHONY: help demo kiosk test bench bench-kiosk bench-budget bench-compression simulate simulate-exhaustive simulate-planted simulate-one fuzz crash mutants simulate-bytes simulate-bytes-exhaustive simulate-bytes-planted lint doc audit readers packages

help:
	@echo "make demo     issue three cards end to end on the simulated devices"
	@echo "make kiosk    the screens on the simulated devices, with sample jobs (SPEED=20, PORT=8780)"
	@echo "make test     all tests, against the real pcscd, a real pty, SQLite and TLS"
	@echo "make bench    the figures: preparing, chip, wire, a whole card in real time"
	@echo "make bench-kiosk  how quick the screens are, with fifty more watching (three minutes)"
	@echo "make bench-budget  the forty seconds: ten real cards, 10,000 in virtual time"
	@echo "make bench-compression  predictors, levels and band heights on the sample faces"
	@echo "make simulate N=1000000 SEED=1   issuances against a simulated world with faults"
	@echo "make simulate-exhaustive  every cut, every pair of cuts, every fault at every place"
	@echo "make simulate-planted  each deliberate mistake, and after how many issuances it is found"
	@echo "make simulate-one SEED= STRIKES= KIND= LEVEL=   one run, step by step, shrunk when it fails"
	@echo "make fuzz     the parsers under libFuzzer; TARGET=name, SECONDS=60 for each"
	@echo "make crash    real stations killed at random instants; N=100 cuts, SEED=1, STATIONS=2"
	@echo "make simulate-bytes  issuances over real frames and commands; N=5000 SEED=1"
	@echo "make simulate-bytes-exhaustive  a cut at every boundary there; STEP=40 for the other faults"
	@echo "make simulate-bytes-planted  deliberate mistakes, and after how many issuances they are found there"
	@echo "make mutants  mutation tests; ROOM=journal FILES=chain.rs SHARD=0/4"
	@echo "make lint     formatting, clippy with warnings denied"
	@echo "make doc      the developer's documentation, warnings denied"
	@echo "make audit    licences, sources and bans of the dependencies"
	@echo "make readers  the virtual reader slots in this machine's own pcscd"

packages:
	@scripts/packages

kiosk: packages
	@scripts/kiosk

demo: packages
	@scripts/demo

test: packages
	# The scenarios mostly wait for devices: more threads than cores.
	cargo test --workspace -- --test-threads 4

bench: packages
	scripts/bench

bench-kiosk: packages
	scripts/bench-kiosk

bench-budget: packages
	scripts/bench-budget

bench-compression: packages
	cargo bench --profile dev --bench compression

simulate:
	@scripts/packages build
	cargo bench --profile simulate --bench simulate -- random --issuances $(or $(N),1000000) --seed $(or $(SEED),1) --threads 2

simulate-exhaustive:
	@scripts/packages build
	cargo bench --profile simulate --bench simulate -- exhaustive --step $(or $(STEP),1) --threads 2

simulate-planted:
	@scripts/packages build
	cargo bench --profile simulate --bench simulate -- planted --issuances $(or $(MOST),10000)

simulate-one:
	@scripts/packages build
	cargo bench --profile simulate --bench simulate -- one --seed $(or $(SEED),1) \
		$(if $(LEVEL),--level $(LEVEL)) $(if $(KIND),--kind $(KIND)) $(if $(STRIKES),--strikes "$(STRIKES)")

fuzz:
	@scripts/packages build
	@SECONDS_EACH=$(or $(SECONDS),60) TARGET="$(TARGET)" scripts/fuzz

crash: packages
	@scripts/crash "$(N)" "$(SEED)" "$(STATIONS)"

simulate-bytes: packages
	BYTES_N=$(or $(N),5000) BYTES_SEED=$(or $(SEED),1) nice -n 5 \
		cargo test --lib station::chips::tests::as_many_as_asked_for -- --ignored --nocapture --exact
	cargo bench --profile simulate --bench simulate -- random --level bytes --issuances $(or $(N),5000) --seed $(or $(SEED),1) --threads 2

simulate-bytes-exhaustive:
	@scripts/packages build
	cargo bench --profile simulate --bench simulate -- exhaustive --level bytes --step $(or $(STEP),1) --threads 2

simulate-bytes-planted:
	@scripts/packages build
	cargo bench --profile simulate --bench simulate -- planted --level bytes --issuances $(or $(MOST),10000)

mutants:
	@scripts/packages build
	@FILES="$(FILES)" SHARD="$(SHARD)" scripts/mutants $(ROOM)

lint:
	@scripts/packages build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

doc:
	@scripts/packages build
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

audit:
	@scripts/audit

readers: packages
	@scripts/readers.sh
