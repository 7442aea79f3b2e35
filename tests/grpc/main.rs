//! The service over a real socket, as its clients see it.

mod admission;
mod catalog;
mod determinism;
mod errors;
mod lifecycle;
mod streams;
mod support;
