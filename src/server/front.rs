//! What every call passes first and its answer last: deadline, tonic's own errors, timing.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::HeaderValue;
use http_body_util::BodyExt;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::deadline::Deadline;
use super::status;
use crate::config::Limits;

/// Trailing metadata: microseconds from the call's arrival to the end of its answer. Not in the body, which is a
/// pure function of the request.
pub const ELAPSED: &str = "depeche-elapsed-us";

/// Puts a [`Front`] before the services.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrontLayer {
    pub limits: Limits,
}

impl<S> Layer<S> for FrontLayer {
    type Service = Front<S>;

    fn layer(&self, inner: S) -> Front<S> {
        Front { inner, limits: self.limits }
    }
}

/// Notes a call's deadline and answers in time; translates errors that tonic itself answers.
#[derive(Clone, Debug)]
pub(super) struct Front<S> {
    inner: S,
    limits: Limits,
}

impl<S> Service<http::Request<Body>> for Front<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let arrival = Instant::now();
        let deadline = Deadline::of_call(request.headers());
        request.extensions_mut().insert(deadline);
        let answer = self.inner.call(request);
        let limits = self.limits;
        Box::pin(async move {
            match deadline.limit(answer).await {
                Ok(answer) => Ok(timed(translated(answer?, &limits), arrival)),
                Err(refusal) => Ok(Status::from(refusal).into_http()),
            }
        })
    }
}

fn translated(response: http::Response<Body>, limits: &Limits) -> http::Response<Body> {
    let status = response.extensions().get::<Status>();
    match status.and_then(|status| status::refusal(status, limits)) {
        Some(refusal) => Status::from(refusal).into_http(),
        None => response,
    }
}

fn timed(response: http::Response<Body>, arrival: Instant) -> http::Response<Body> {
    response.map(|body| {
        Body::new(body.map_frame(move |mut frame| {
            if let Some(trailers) = frame.trailers_mut() {
                let elapsed = u64::try_from(arrival.elapsed().as_micros()).unwrap_or(u64::MAX);
                trailers.insert(ELAPSED, HeaderValue::from(elapsed));
            }
            frame
        }))
    })
}
