//! What tonic itself refuses before a method is called, said as the error table says it.

use tonic::{Code, Status};

use super::refusal::{Excess, Reason, Refusal};
use crate::config::Limits;

/// Stands for the message as a whole where a field's path is due.
const MESSAGE: &str = "request";

/// The refusal that a status of tonic's own stands for; `None` where the status can stay as it is.
///
/// tonic answers OUT_OF_RANGE to a message over the limit, RESOURCE_EXHAUSTED to one that grows over it while it
/// is decompressed, and INTERNAL to one that cannot be decoded: all are the client's fault and cannot be retried.
pub(super) fn refusal(status: &Status, limits: &Limits) -> Option<Refusal> {
    // The service's own statuses carry details; tonic's never do.
    if !status.details().is_empty() {
        return None;
    }
    match status.code() {
        Code::OutOfRange => Some(too_large(first_number(status.message()), limits)),
        Code::ResourceExhausted => Some(too_large(None, limits)),
        Code::Internal => Some(undecodable(status.message())),
        _ => None,
    }
}

/// The status to answer with in place of `status`.
pub(super) fn translated(status: Status, limits: &Limits) -> Status {
    refusal(&status, limits).map_or(status, Status::from)
}

fn too_large(size: Option<usize>, limits: &Limits) -> Refusal {
    let (reason, limit) = (Reason::MessageTooLarge, limits.max_message_bytes);
    let Some(size) = size else {
        let refusal =
            Refusal::of_field(MESSAGE, format!("over the limit of {limit} bytes once decompressed"));
        return Refusal { reason, excess: Some(Excess { limit, size }), ..refusal };
    };
    Refusal::of_limit(reason, MESSAGE, size, limit, "bytes")
}

/// prost tells where it stopped, innermost first: "…: Document.content: ExtractEntitiesRequest.document: invalid …".
fn undecodable(message: &str) -> Refusal {
    let fault = message.strip_prefix("failed to decode Protobuf message: ").unwrap_or(message);
    let mut fields = Vec::new();
    let mut rest = fault;
    while let Some((place, behind)) = rest.split_once(": ") {
        let Some((_, field)) = place.split_once('.').filter(|_| !place.contains(' ')) else { break };
        fields.insert(0, field);
        rest = behind;
    }
    let field = if fields.is_empty() { MESSAGE.to_owned() } else { fields.join(".") };
    Refusal::of_field(&field, rest)
}

/// The size in "found 70000000 bytes, the limit is: …": tonic tells it nowhere else.
fn first_number(message: &str) -> Option<usize> {
    message.split(|char: char| !char.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}
