//! The gRPC service.
//!
//! A call's way: `front` notes its deadline; `extraction`, `stream` or `catalog` lets it in if the service is
//! ready (`lifecycle`), reads it ([`convert`]), takes a permit and moves to a blocking thread (`admission`), asks
//! the [`Backend`] and writes the answer ([`convert`]), or tells why there is none ([`refusal`]).

mod admission;
mod backend;
mod catalog;
pub mod convert;
mod deadline;
mod extraction;
mod front;
mod health;
mod lifecycle;
mod pages;
pub mod refusal;
mod serve;
mod status;
mod stream;

use std::sync::Arc;

pub use backend::Backend;
pub use front::ELAPSED;
pub use serve::{ServeError, Server, log_panics};

use crate::config::Limits;

/// The messages and services of `proto/`, with their protobuf JSON mapping.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod proto {
    tonic::include_proto!("depeche.v1");
    include!(concat!(env!("OUT_DIR"), "/depeche.v1.serde.rs"));

    /// The encoded `FileDescriptorSet`, for reflection.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
}

/// What the methods of all services share.
struct Shared {
    backend: Arc<dyn Backend>,
    limits: Limits,
    admission: admission::Admission,
    lifecycle: lifecycle::Lifecycle,
}
