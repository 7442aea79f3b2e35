//! Why a request is refused, and how that is said: one table from reason to status code and details.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::proto;
use crate::error::Error;

/// `google.rpc.ErrorInfo.domain` of every error.
pub const DOMAIN: &str = "depeche";

/// How long a client should wait before it tries again: a few articles' worth of work.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Faults listed one by one; more are counted. A message of empty terms has millions, and clients accept about
/// 8 kB of trailers.
const MAX_VIOLATIONS: usize = 32;

/// What programs tell refusals apart by: `google.rpc.ErrorInfo.reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A field is missing, malformed or out of range.
    InvalidRequest,
    /// Title and content are over `Limits::max_document_bytes`.
    DocumentTooLarge,
    /// Documents are over `Limits::max_batch_documents`.
    BatchTooLarge,
    /// Custom and ignored terms are over `Limits::max_custom_terms`.
    TooManyTerms,
    /// The encoded request is over `Limits::max_message_bytes`.
    MessageTooLarge,
    /// All permits are taken.
    Overloaded,
    /// Warming up or draining.
    NotReady,
    /// The deadline passed before the work was done.
    DeadlineExceeded,
    /// A bug. Nothing of the document is told.
    Internal,
}

impl Reason {
    /// The name on the wire, such as `DOCUMENT_TOO_LARGE`.
    pub fn name(self) -> &'static str {
        match self {
            Reason::InvalidRequest => "INVALID_REQUEST",
            Reason::DocumentTooLarge => "DOCUMENT_TOO_LARGE",
            Reason::BatchTooLarge => "BATCH_TOO_LARGE",
            Reason::TooManyTerms => "TOO_MANY_TERMS",
            Reason::MessageTooLarge => "MESSAGE_TOO_LARGE",
            Reason::Overloaded => "OVERLOADED",
            Reason::NotReady => "NOT_READY",
            Reason::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Reason::Internal => "INTERNAL",
        }
    }

    /// The status code that it comes with.
    pub fn code(self) -> Code {
        match self {
            Reason::InvalidRequest
            | Reason::DocumentTooLarge
            | Reason::BatchTooLarge
            | Reason::TooManyTerms
            | Reason::MessageTooLarge => Code::InvalidArgument,
            Reason::Overloaded => Code::ResourceExhausted,
            Reason::NotReady => Code::Unavailable,
            Reason::DeadlineExceeded => Code::DeadlineExceeded,
            Reason::Internal => Code::Internal,
        }
    }
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its path from the request, such as `documents[2].mime_type`.
    pub field: String,
    /// What is wrong with it: the limit and the value, where there are any.
    pub description: String,
}

/// Why a request or a document is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For programs.
    pub reason: Reason,
    /// For people.
    pub message: String,
    /// Every field at fault, up to a few dozen.
    pub violations: Vec<Violation>,
    /// Limit and actual size, where something is too large.
    pub excess: Option<Excess>,
}

/// How much too large something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The most that is accepted.
    pub limit: usize,
    /// What came; `None` where it was not read to its end.
    pub size: Option<usize>,
}

impl Refusal {
    /// A refusal that is about no field.
    pub fn new(reason: Reason, message: impl Into<String>) -> Refusal {
        Refusal { reason, message: message.into(), violations: Vec::new(), excess: None }
    }

    /// A refusal for a single field's sake.
    pub fn of_field(field: &str, description: impl Into<String>) -> Refusal {
        let violation = Violation { field: field.to_owned(), description: description.into() };
        let message = format!("{}: {}", violation.field, violation.description);
        Refusal { violations: vec![violation], ..Refusal::new(Reason::InvalidRequest, message) }
    }

    /// A refusal because a single field is over a limit; `unit` such as `bytes`.
    pub fn of_limit(reason: Reason, field: &str, size: usize, limit: usize, unit: &str) -> Refusal {
        let excess = Some(Excess { limit, size: Some(size) });
        let refusal = Refusal::of_field(field, format!("{size} {unit}, over the limit of {limit}"));
        Refusal { reason, excess, ..refusal }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        match error {
            Error::DocumentTooLarge { size, limit } => {
                let unit = "bytes with the title";
                Refusal::of_limit(Reason::DocumentTooLarge, "document.content", size, limit, unit)
            }
            Error::NoContent => Refusal::of_field("document.content", "is required"),
        }
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Status {
        let mut details = ErrorDetails::new();
        let mut metadata = HashMap::new();
        if let Some(Excess { limit, size }) = refusal.excess {
            metadata.insert("limit".to_owned(), limit.to_string());
            metadata.extend(size.map(|size| ("size".to_owned(), size.to_string())));
        }
        details.set_error_info(refusal.reason.name(), DOMAIN, metadata);
        for violation in refusal.violations {
            details.add_bad_request_violation(violation.field, violation.description);
        }
        if matches!(refusal.reason, Reason::Overloaded | Reason::NotReady) {
            details.set_retry_info(Some(RETRY_DELAY));
        }
        Status::with_error_details(refusal.reason.code(), refusal.message, details)
    }
}

impl From<Refusal> for proto::DocumentError {
    fn from(refusal: Refusal) -> proto::DocumentError {
        proto::DocumentError {
            code: refusal.reason.code() as i32,
            reason: refusal.reason.name().to_owned(),
            message: refusal.message,
            field_violations: refusal
                .violations
                .into_iter()
                .map(|Violation { field, description }| proto::FieldViolation { field, description })
                .collect(),
        }
    }
}

/// Gathers every fault of a request, so that a caller can mend all of them at once.
#[derive(Debug, Default)]
pub struct Faults {
    violations: Vec<Violation>,
    /// Faults beyond [`MAX_VIOLATIONS`].
    unlisted: usize,
    excess: Option<(Reason, Excess)>,
}

impl Faults {
    /// Notes that a field is missing, malformed or out of range.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        if self.violations.len() == MAX_VIOLATIONS {
            self.unlisted += 1;
            return;
        }
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    /// Notes that a field is over a limit, if it is, and tells whether; `unit` such as `bytes`.
    pub fn limit(
        &mut self,
        reason: Reason,
        field: impl Into<String>,
        size: usize,
        limit: usize,
        unit: &str,
    ) -> bool {
        let over = size > limit;
        if over {
            self.add(field, format!("{size} {unit}, over the limit of {limit}"));
            self.excess.get_or_insert((reason, Excess { limit, size: Some(size) }));
        }
        over
    }

    /// Notes that a string is over a limit of bytes, if it is, and tells whether.
    pub fn limit_bytes(&mut self, field: impl Into<String>, value: &str, limit: usize) -> bool {
        let over = value.len() > limit;
        if over {
            self.add(field, format!("{} bytes, over the limit of {limit}", value.len()));
        }
        over
    }

    /// The value, if there was no fault; else all of them.
    pub fn check<T>(self, value: T) -> Result<T, Refusal> {
        let Some(first) = self.violations.first() else { return Ok(value) };
        let message = match self.violations.len() + self.unlisted {
            1 => format!("{}: {}", first.field, first.description),
            count => format!("{}: {} (and {} more)", first.field, first.description, count - 1),
        };
        let reason = self.excess.map_or(Reason::InvalidRequest, |(reason, _)| reason);
        let excess = self.excess.map(|(_, excess)| excess);
        Err(Refusal { reason, message, violations: self.violations, excess })
    }
}

/// As much of a malformed value as an error message should repeat.
pub fn clip(value: &str) -> String {
    value.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_all_told_and_bounded() {
        for (count, listed, message) in [
            (1, 1, "terms[0]: is empty"),
            (3, 3, "terms[0]: is empty (and 2 more)"),
            (1_000_000, MAX_VIOLATIONS, "terms[0]: is empty (and 999999 more)"),
        ] {
            let mut faults = Faults::default();
            for index in 0..count {
                faults.add(format!("terms[{index}]"), "is empty");
            }
            let refusal = faults.check(()).unwrap_err();
            assert_eq!(refusal.violations.len(), listed);
            assert_eq!(refusal.message, message);
            assert!(Status::from(refusal).details().len() < 4_096);
        }
    }
}
