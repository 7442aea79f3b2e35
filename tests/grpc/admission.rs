//! Load and time: permits, deadlines, cancelled calls, bugs.

use std::time::Duration;

use depeche::config::Limits;
use depeche::server::proto::{BatchExtractEntitiesRequest, DetectLanguageRequest, document_outcome};
use tonic::{Code, Request};

use crate::support::{Harness, LIMITS, document, refused, request, within};

const ONE_AT_A_TIME: Limits = Limits { max_concurrent_documents: 1, ..LIMITS };

/// Long enough for the server to begin on a busy machine.
const SOON: Duration = Duration::from_secs(2);

fn batch(contents: &[&str]) -> BatchExtractEntitiesRequest {
    let documents = contents.iter().map(|content| document(content)).collect();
    BatchExtractEntitiesRequest { documents, options: None }
}

fn due<T>(message: T, timeout: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn every_unary_method_that_works_is_refused_without_a_permit() {
    let mut harness = Harness::ready(ONE_AT_A_TIME).await;
    let mut client = harness.extraction().await;
    let mut holder = client.clone();
    let held = tokio::spawn(async move { holder.extract_entities(request("hold")).await });
    harness.begins().await;

    let text = "What language is this?".to_owned();
    let refusals = [
        client.extract_entities(request("second")).await.map(drop).unwrap_err(),
        client.batch_extract_entities(batch(&["third"])).await.map(drop).unwrap_err(),
        client.detect_language(DetectLanguageRequest { text }).await.map(drop).unwrap_err(),
    ];
    for status in refusals {
        let details = refused(&status, Code::ResourceExhausted, "OVERLOADED");
        let delay = details.retry_info().and_then(|retry| retry.retry_delay).unwrap();
        assert!(delay > Duration::ZERO);
    }
    // What is wrong with a request is told even then: it would be as wrong later.
    let status = client.extract_entities(request("")).await.unwrap_err();
    refused(&status, Code::InvalidArgument, "INVALID_REQUEST");

    harness.probe.hold.open();
    within(held).await.unwrap().unwrap();
    assert_eq!(harness.probe.begun(), ["hold"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_larger_than_the_permits_left_is_worked_off() {
    let harness = Harness::ready(ONE_AT_A_TIME).await;
    let response =
        harness.extraction().await.batch_extract_entities(batch(&["a", "b", "c", "d"])).await.unwrap();
    assert_eq!(response.into_inner().outcomes.len(), 4);
    assert_eq!(harness.probe.begun(), ["a", "b", "c", "d"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passes_in_the_queue() {
    let mut harness = Harness::ready(ONE_AT_A_TIME).await;
    // Of this batch the first document is in work when the time is up, the second in the queue.
    let status =
        harness.patient().batch_extract_entities(due(batch(&["hold", "never"]), SOON)).await.unwrap_err();
    refused(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");

    harness.probe.hold.open();
    assert_eq!(harness.begins().await, "hold");
    // Permits are handed on in order of arrival: once this one has its turn, "never" has missed it.
    while harness.extraction().await.extract_entities(request("later")).await.is_err() {}
    assert_eq!(harness.probe.begun(), ["hold", "later"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_has_passed_on_arrival() {
    let harness = Harness::ready(LIMITS).await;
    for timeout in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(1)] {
        let status = harness.patient().extract_entities(due(request("never"), timeout)).await.unwrap_err();
        refused(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    }
    assert!(harness.probe.begun().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passes_during_the_work() {
    let harness = Harness::ready(LIMITS).await;
    let status = harness.patient().extract_entities(due(request("hold"), SOON)).await.unwrap_err();
    refused(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    assert_eq!(harness.probe.begun(), ["hold"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_past_its_deadline_ends() {
    use depeche::server::proto::StreamExtractEntitiesRequest;
    use depeche::server::proto::stream_extract_entities_request::Message;
    use tokio_stream::StreamExt;

    let harness = Harness::ready(ONE_AT_A_TIME).await;
    let documents = ["quick", "hold", "never"]
        .map(|content| StreamExtractEntitiesRequest { message: Some(Message::Document(document(content))) });
    // The client never ends its half.
    let messages = tokio_stream::iter(documents).chain(tokio_stream::pending());
    let mut responses =
        harness.patient().stream_extract_entities(due(messages, SOON)).await.unwrap().into_inner();
    let mut reasons = Vec::new();
    let end = loop {
        match within(responses.message()).await {
            Ok(answer) => match answer.unwrap().outcome.unwrap().result.unwrap() {
                document_outcome::Result::Extraction(_) => reasons.push("done".to_owned()),
                document_outcome::Result::Error(error) => reasons.push(error.reason),
            },
            Err(status) => break status,
        }
    };
    assert_eq!(reasons, ["done", "DEADLINE_EXCEEDED"]);
    refused(&end, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    assert_eq!(harness.probe.begun(), ["quick", "hold"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_call_starts_no_more_work() {
    let mut harness = Harness::ready(ONE_AT_A_TIME).await;
    let mut client = harness.extraction().await;
    let call = tokio::spawn(async move { client.batch_extract_entities(batch(&["hold", "never"])).await });
    assert_eq!(harness.begins().await, "hold");
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    // The server stops as soon as it has let go of the call, though its first document is still in work.
    harness.stop();
    harness.stopped().await;
    harness.probe.hold.open();
    assert_eq!(harness.probe.begun(), ["hold"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bug_costs_one_document() {
    let harness = Harness::ready(ONE_AT_A_TIME).await;
    let mut client = harness.extraction().await;
    for _ in 0..3 {
        let status = client.extract_entities(request("panic over a secret")).await.unwrap_err();
        let details = refused(&status, Code::Internal, "INTERNAL");
        assert!(!format!("{status:?}{details:?}").contains("secret"));
    }
    client.extract_entities(request("All is well.")).await.unwrap();
}
