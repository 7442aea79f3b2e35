//! Admits documents to work: each takes one of a fixed number of permits and moves to a blocking thread.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{self, JoinError};
use tokio_util::task::AbortOnDropHandle;

use super::deadline::Deadline;
use super::refusal::{Reason, Refusal};

/// The permits of all connections together.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    permits: Arc<Semaphore>,
}

/// The right to work on one document.
#[derive(Debug)]
pub(super) struct Permit(OwnedSemaphorePermit);

impl Admission {
    pub fn new(permits: usize) -> Admission {
        Admission { permits: Arc::new(Semaphore::new(permits)) }
    }

    /// Takes a permit, or tells the caller to come back.
    pub fn admit(&self) -> Result<Permit, Refusal> {
        let permit = self.permits.clone().try_acquire_owned();
        permit.map(Permit).map_err(|_| Refusal::new(Reason::Overloaded, "all permits are taken"))
    }

    /// Waits its turn, unless it has a permit already, and works. Dropped before its turn, it never works.
    ///
    /// Runs by itself, whether or not it is polled: a permit that falls to a stream whose client does not read
    /// is used and handed on.
    pub fn queue<T, W>(
        &self,
        permit: Option<Permit>,
        deadline: Deadline,
        work: W,
    ) -> impl Future<Output = Result<T, Refusal>> + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, Refusal> + Send + 'static,
    {
        let permits = self.permits.clone();
        let task = AbortOnDropHandle::new(task::spawn(async move {
            let permit = match permit {
                Some(permit) => permit,
                None => Permit(permits.acquire_owned().await.expect("the semaphore is never closed")),
            };
            permit.work(deadline, work).await
        }));
        async move { deadline.limit(task).await?.unwrap_or_else(lost) }
    }
}

impl Permit {
    /// Works on a blocking thread; the permit is free again when the work is done, even if nobody waits for it
    /// any more. Dropped before a thread is free, it never works.
    pub async fn work<T: Send + 'static>(
        self,
        deadline: Deadline,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let task = AbortOnDropHandle::new(task::spawn_blocking(move || {
            let _permit = self.0;
            deadline.check()?;
            work()
        }));
        deadline.limit(task).await?.unwrap_or_else(lost)
    }
}

/// What a task that has no result stands for. Nothing of a panic's message is told: it may quote the document.
fn lost<T>(error: JoinError) -> Result<T, Refusal> {
    Err(match error.is_panic() {
        true => Refusal::new(Reason::Internal, "internal error"),
        false => Refusal::new(Reason::NotReady, "the server is shutting down"),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn flag() -> (Arc<AtomicBool>, impl FnOnce() -> Result<(), Refusal> + Send + 'static) {
        let worked = Arc::new(AtomicBool::new(false));
        let set = worked.clone();
        (worked, move || {
            set.store(true, Ordering::SeqCst);
            Ok(())
        })
    }

    #[tokio::test]
    async fn refuses_what_comes_without_a_permit_left() {
        let admission = Admission::new(1);
        let permit = admission.admit().unwrap();
        assert_eq!(admission.admit().unwrap_err().reason, Reason::Overloaded);
        permit.work(Deadline::default(), || Ok(())).await.unwrap();
        admission.admit().unwrap();
    }

    #[tokio::test]
    async fn what_is_queued_works_in_turn() {
        let admission = Admission::new(1);
        let permit = admission.admit().unwrap();
        let (worked, work) = flag();
        let queued = admission.queue(None, Deadline::default(), work);
        assert!(!worked.load(Ordering::SeqCst));
        drop(permit);
        queued.await.unwrap();
        assert!(worked.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn what_nobody_polls_hands_its_permit_on() {
        let admission = Admission::new(1);
        let permit = admission.admit().unwrap();
        let (worked, work) = flag();
        let _stalled = admission.queue(None, Deadline::default(), work);
        let next = admission.queue(None, Deadline::default(), || Ok(()));
        drop(permit);
        next.await.unwrap();
        assert!(worked.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn what_is_dropped_in_the_queue_never_works() {
        let admission = Admission::new(1);
        let permit = admission.admit().unwrap();
        let (worked, work) = flag();
        let dropped = admission.queue(None, Deadline::default(), work);
        let next = admission.queue(None, Deadline::default(), || Ok(()));
        // Lets both take their place in the queue.
        task::yield_now().await;
        drop(dropped);
        drop(permit);
        next.await.unwrap();
        assert!(!worked.load(Ordering::SeqCst));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_past_its_deadline_never_works() {
        let admission = Admission::new(1);
        let permit = admission.admit().unwrap();
        let headers = http::HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-timeout"),
            http::HeaderValue::from_static("5S"),
        )]);
        let deadline = Deadline::of_call(&headers);
        let (worked, work) = flag();
        let refusal = admission.queue(None, deadline, work).await.unwrap_err();
        assert_eq!(refusal.reason, Reason::DeadlineExceeded);
        let (late, work) = flag();
        let refusal = permit.work(deadline, work).await.unwrap_err();
        assert_eq!(refusal.reason, Reason::DeadlineExceeded);
        assert!(!worked.load(Ordering::SeqCst) && !late.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_panic_costs_one_document_and_tells_nothing() {
        let admission = Admission::new(1);
        for _ in 0..2 {
            let permit = admission.admit().unwrap();
            let refusal = permit.work::<()>(Deadline::default(), || panic!("a word of the document")).await;
            assert_eq!(refusal.unwrap_err(), Refusal::new(Reason::Internal, "internal error"));
        }
    }
}
