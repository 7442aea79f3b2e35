//! The gRPC service: messages, conversion, errors and the server itself.

pub mod convert;
pub mod refusal;

/// The messages and services of `proto/`, with their protobuf JSON mapping.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod proto {
    tonic::include_proto!("depeche.v1");
    include!(concat!(env!("OUT_DIR"), "/depeche.v1.serde.rs"));

    /// The encoded `FileDescriptorSet`, for reflection.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
}
