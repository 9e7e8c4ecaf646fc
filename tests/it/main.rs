//! The tests that need more than one module: one binary, one file an area.

#![expect(clippy::unwrap_used, reason = "a test may end where it finds what should not be")]

mod embedded;
