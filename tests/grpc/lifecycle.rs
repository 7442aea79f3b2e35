//! Warming up, ready, draining.

use std::time::Duration;

use depeche::config::ServerConfig;
use depeche::server::proto::stream_extract_entities_request::Message;
use depeche::server::proto::{
    BatchExtractEntitiesRequest, DetectLanguageRequest, GetServerInfoRequest, ListLanguagesRequest,
    ListThreatActorsRequest, StreamExtractEntitiesRequest, document_outcome,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use crate::support::{Harness, LIMITS, NOT_SERVING, SERVING, document, health, refused, request, within};

const SERVICES: [&str; 3] = ["", "depeche.v1.ExtractionService", "depeche.v1.CatalogService"];

fn config() -> ServerConfig {
    ServerConfig { limits: LIMITS, ..ServerConfig::default() }
}

fn send(content: &str) -> StreamExtractEntitiesRequest {
    StreamExtractEntitiesRequest { message: Some(Message::Document(document(content))) }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_follows_the_server() {
    let mut harness = Harness::starting(config()).await;
    let mut client = harness.health().await;
    let mut watches = Vec::new();
    for service in SERVICES {
        assert_eq!(
            client.check(health(service)).await.unwrap().into_inner().status,
            NOT_SERVING,
            "{service}"
        );
        watches.push(client.watch(health(service)).await.unwrap().into_inner());
    }
    assert_eq!(client.check(health("other")).await.unwrap_err().code(), Code::NotFound);
    for watch in &mut watches {
        assert_eq!(within(watch.message()).await.unwrap().unwrap().status, NOT_SERVING);
    }

    harness.probe.warm_up.open();
    for watch in &mut watches {
        assert_eq!(within(watch.message()).await.unwrap().unwrap().status, SERVING);
    }

    // A call in flight keeps the server draining while it is looked at.
    let mut caller = harness.extraction().await;
    let held = tokio::spawn(async move { caller.extract_entities(request("hold")).await });
    harness.begins().await;
    harness.stop();
    for (watch, service) in watches.iter_mut().zip(SERVICES) {
        assert_eq!(within(watch.message()).await.unwrap().unwrap().status, NOT_SERVING);
        assert_eq!(
            client.check(health(service)).await.unwrap().into_inner().status,
            NOT_SERVING,
            "{service}"
        );
    }
    harness.probe.hold.open();
    within(held).await.unwrap().unwrap();
    for watch in &mut watches {
        assert!(within(watch.message()).await.unwrap().is_none(), "the watch ends");
    }
    harness.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_is_ready_every_method_says_so() {
    let harness = Harness::starting(config()).await;
    let (mut extraction, mut catalog) = (harness.extraction().await, harness.catalog().await);
    let refusals = [
        extraction.extract_entities(request("early")).await.map(drop).unwrap_err(),
        extraction
            .batch_extract_entities(BatchExtractEntitiesRequest::default())
            .await
            .map(drop)
            .unwrap_err(),
        extraction.stream_extract_entities(tokio_stream::iter([send("early")])).await.map(drop).unwrap_err(),
        extraction.detect_language(DetectLanguageRequest::default()).await.map(drop).unwrap_err(),
        catalog.get_server_info(GetServerInfoRequest {}).await.map(drop).unwrap_err(),
        catalog.list_languages(ListLanguagesRequest::default()).await.map(drop).unwrap_err(),
        catalog.list_threat_actors(ListThreatActorsRequest::default()).await.map(drop).unwrap_err(),
    ];
    for status in refusals {
        let details = refused(&status, Code::Unavailable, "NOT_READY");
        assert!(details.retry_info().unwrap().retry_delay.is_some());
    }
    assert!(harness.probe.begun().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_while_it_warms_up_it_stops() {
    let mut harness = Harness::starting(config()).await;
    harness.stop();
    harness.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_answers_what_was_read_and_nothing_new() {
    let mut harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    let (sender, receiver) = mpsc::channel(8);
    let mut responses =
        client.stream_extract_entities(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    sender.send(send("before")).await.unwrap();
    let first = within(responses.message()).await.unwrap().unwrap();
    assert_eq!(first.outcome.unwrap().document_id, "before");
    assert_eq!(harness.begins().await, "before");
    sender.send(send("hold stream")).await.unwrap();
    assert_eq!(harness.begins().await, "hold stream");
    let mut caller = client.clone();
    let unary = tokio::spawn(async move { caller.extract_entities(request("hold unary")).await });
    assert_eq!(harness.begins().await, "hold unary");

    let mut watch = harness.health().await.watch(health("")).await.unwrap().into_inner();
    assert_eq!(within(watch.message()).await.unwrap().unwrap().status, SERVING);
    harness.stop();
    assert_eq!(within(watch.message()).await.unwrap().unwrap().status, NOT_SERVING);
    let status = client.extract_entities(request("late")).await.unwrap_err();
    let details = refused(&status, Code::Unavailable, "NOT_READY");
    assert!(details.retry_info().unwrap().retry_delay.is_some());
    let _ = sender.send(send("unread")).await;

    harness.probe.hold.open();
    within(unary).await.unwrap().unwrap();
    let second = within(responses.message()).await.unwrap().unwrap();
    let outcome = second.outcome.unwrap();
    assert_eq!((second.sequence, outcome.document_id.as_str()), (1, "hold stream"));
    assert!(matches!(outcome.result, Some(document_outcome::Result::Extraction(_))));
    let end = within(responses.message()).await.unwrap_err();
    refused(&end, Code::Unavailable, "NOT_READY");
    harness.stopped().await;
    assert_eq!(harness.probe.begun(), ["before", "hold stream", "hold unary"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_at_its_limit() {
    let mut harness =
        Harness::starting(ServerConfig { drain_limit: Duration::from_millis(50), ..config() }).await;
    harness.probe.warm_up.open();
    let mut watch = harness.health().await.watch(health("")).await.unwrap().into_inner();
    while within(watch.message()).await.unwrap().unwrap().status != SERVING {}
    let mut caller = harness.extraction().await;
    let held = tokio::spawn(async move { caller.extract_entities(request("hold")).await });
    harness.begins().await;
    harness.stop();
    harness.stopped().await;
    assert!(!held.is_finished());
}
