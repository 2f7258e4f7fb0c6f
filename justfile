# What a developer types. `tests/run` is what CI runs, and does all of it.

# Formatting, lints and Rust tests: the quick round while writing.
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo nextest run
    cargo test --doc

# Everything, browser journeys included.
test:
    tests/run

# Only the browser journeys, against a fresh development build.
browser *FILES='tests/browser/*.test.mjs':
    cargo build --bin vestibule
    cargo nextest run gallery
    node --test --test-concurrency=1 {{FILES}}

# The gateway with a sample portal behind it.
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# Licences, sources, bans and duplicates (needs cargo-deny).
deny:
    cargo deny check bans licenses sources
