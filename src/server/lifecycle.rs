//! Starting, ready, draining: who may enter when, and how long the last ones stay.

use tokio::sync::watch;

use super::refusal::{Reason, Refusal};

/// What the service is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Draining,
}

/// The phase, and at the same time the count of calls in flight: each of them holds a receiver.
#[derive(Debug)]
pub(super) struct Lifecycle {
    phase: watch::Sender<Phase>,
}

impl Lifecycle {
    pub fn new() -> Lifecycle {
        Lifecycle { phase: watch::Sender::new(Phase::Starting) }
    }

    pub fn ready(&self) {
        self.phase.send_replace(Phase::Ready);
    }

    /// Lets nobody in from here on.
    pub fn drain(&self) {
        self.phase.send_replace(Phase::Draining);
    }

    /// Lets a call in, or tells it to come back. The call is in flight until its guard is dropped.
    pub fn enter(&self) -> Result<InFlight, Refusal> {
        // Subscribed before the phase is read: a drain that begins in between sees this call.
        let phase = self.phase.subscribe();
        let message = match *phase.borrow() {
            Phase::Ready => None,
            Phase::Starting => Some("the server is warming up"),
            Phase::Draining => Some("the server is shutting down"),
        };
        match message {
            None => Ok(InFlight { phase }),
            Some(message) => Err(Refusal::new(Reason::NotReady, message)),
        }
    }

    /// Waits until no call is in flight.
    pub async fn idle(&self) {
        self.phase.closed().await;
    }
}

/// A call in flight.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    phase: watch::Receiver<Phase>,
}

impl InFlight {
    /// Waits until the server drains; tells what to answer then.
    pub async fn draining(&mut self) -> Refusal {
        // An error means that the server is gone, which comes to the same.
        let _ = self.phase.wait_for(|phase| *phase == Phase::Draining).await;
        Refusal::new(Reason::NotReady, "the server is shutting down")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn only_a_ready_server_lets_in() {
        let lifecycle = Lifecycle::new();
        assert_eq!(lifecycle.enter().unwrap_err().reason, Reason::NotReady, "starting");
        lifecycle.ready();
        assert!(lifecycle.enter().is_ok(), "ready");
        lifecycle.drain();
        assert_eq!(lifecycle.enter().unwrap_err().reason, Reason::NotReady, "draining");
    }

    #[test]
    fn idle_once_the_last_call_has_left() {
        let lifecycle = Lifecycle::new();
        lifecycle.ready();
        let first = lifecycle.enter().unwrap();
        let mut second = first.clone();
        assert_eq!(second.draining().now_or_never(), None);
        lifecycle.drain();
        assert!(second.draining().now_or_never().is_some());
        drop(first);
        assert_eq!(lifecycle.idle().now_or_never(), None);
        drop(second);
        assert_eq!(lifecycle.idle().now_or_never(), Some(()));
    }
}
