//! Between the wire and the engine, both ways. Nothing deeper sees a message; nothing here extracts.

mod read;
mod write;

pub use read::{
    MAX_DOCUMENT_ID_BYTES, Reading, actor_name, batch, document, echoed_id, options, request, text,
};
pub use write::{actor, entity_type, extraction, language, provenance, warning};
