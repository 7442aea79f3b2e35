//! How long a client waits for its answer: the `grpc-timeout` header.

use std::future::Future;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::refusal::{Reason, Refusal};

/// How much earlier than the client gives up it is told so: time for the answer to travel, and to come before
/// the transport's own timer, which answers CANCELLED.
const HEAD_START: Duration = Duration::from_millis(2);

/// When the answer to a call is of no more use, if ever.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline of a call that arrives now. A malformed header counts as none, as the specification lets us.
    pub fn of_call(headers: &HeaderMap) -> Deadline {
        let timeout = headers.get("grpc-timeout").and_then(|value| parse(value.to_str().ok()?));
        Deadline(timeout.and_then(|timeout| Instant::now().checked_add(timeout.saturating_sub(HEAD_START))))
    }

    /// The deadline that the front noted on a request.
    pub fn of_request<T>(request: &tonic::Request<T>) -> Deadline {
        request.extensions().get().copied().unwrap_or_default()
    }

    /// Refuses once the deadline has passed.
    pub fn check(self) -> Result<(), Refusal> {
        match self.0 {
            Some(deadline) if deadline <= Instant::now() => Err(Deadline::refusal()),
            _ => Ok(()),
        }
    }

    /// Drops `work` once the deadline has passed, and then refuses.
    pub async fn limit<T>(self, work: impl Future<Output = T>) -> Result<T, Refusal> {
        match self.0 {
            Some(deadline) => timeout_at(deadline, work).await.map_err(|_| Deadline::refusal()),
            None => Ok(work.await),
        }
    }

    /// Waits until the deadline has passed; tells what to answer then.
    pub async fn passed(self) -> Refusal {
        match self.0 {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
        Deadline::refusal()
    }

    fn refusal() -> Refusal {
        Refusal::new(Reason::DeadlineExceeded, "the deadline passed before the work was done")
    }
}

/// Reads up to eight digits and a unit, such as `250m` for 250 milliseconds.
fn parse(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3_600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts() {
        let cases = [
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3_600))),
            ("2M", Some(Duration::from_secs(120))),
            ("10S", Some(Duration::from_secs(10))),
            ("250m", Some(Duration::from_millis(250))),
            ("7u", Some(Duration::from_micros(7))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("10", None),
            ("10s", None),
            ("-1S", None),
            ("+1S", None),
            ("1.5S", None),
            ("123456789S", None),
            ("10é", None),
        ];
        for (value, expected) in cases {
            assert_eq!(parse(value), expected, "{value:?}");
        }
    }
}
