//! Streams: order, survival, options, bounds, waiting.

use depeche::config::Limits;
use depeche::server::proto::stream_extract_entities_request::Message;
use depeche::server::proto::{
    Document, ExtractionOptions, OffsetEncoding, StreamExtractEntitiesRequest, StreamExtractEntitiesResponse,
    document_outcome,
};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status, Streaming};

use crate::support::raw::RawCodec;
use crate::support::{Harness, LIMITS, document, refused, request, within};

fn send(document: Document) -> StreamExtractEntitiesRequest {
    StreamExtractEntitiesRequest { message: Some(Message::Document(document)) }
}

fn ask(options: ExtractionOptions) -> StreamExtractEntitiesRequest {
    StreamExtractEntitiesRequest { message: Some(Message::Options(options)) }
}

/// Sends `messages` and ends the stream; gives all outcomes and how it ended.
async fn answers(
    harness: &Harness,
    messages: Vec<StreamExtractEntitiesRequest>,
) -> (Vec<StreamExtractEntitiesResponse>, Result<(), Status>) {
    let mut client = harness.extraction().await;
    let mut responses =
        client.stream_extract_entities(tokio_stream::iter(messages)).await.unwrap().into_inner();
    let mut answers = Vec::new();
    loop {
        match within(responses.message()).await {
            Ok(Some(answer)) => answers.push(answer),
            Ok(None) => return (answers, Ok(())),
            Err(status) => return (answers, Err(status)),
        }
    }
}

/// Rank and identifier, and the reason where the document was refused.
fn summary(answer: &StreamExtractEntitiesResponse) -> (i64, &str, &str) {
    let outcome = answer.outcome.as_ref().expect("always set");
    let reason = match outcome.result.as_ref().expect("always set") {
        document_outcome::Result::Extraction(_) => "",
        document_outcome::Result::Error(error) => &error.reason,
    };
    (answer.sequence, &outcome.document_id, reason)
}

async fn open(
    harness: &Harness,
) -> (mpsc::Sender<StreamExtractEntitiesRequest>, Streaming<StreamExtractEntitiesResponse>) {
    let (sender, receiver) = mpsc::channel(100);
    let mut client = harness.extraction().await;
    let responses = client.stream_extract_entities(ReceiverStream::new(receiver)).await.unwrap();
    (sender, responses.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_documents_between_good_ones() {
    let harness = Harness::ready(Limits { max_concurrent_documents: 16, ..LIMITS }).await;
    let large = Document { document_id: "large".into(), content: "x".repeat(1_001), ..Document::default() };
    let messages = vec![
        send(document("one")),
        send(Document { mime_type: "image/png".into(), ..document("two") }),
        send(document("three")),
        send(Document { document_id: "four".into(), ..Document::default() }),
        ask(ExtractionOptions::default()),
        send(large),
        send(document("panic six")),
        StreamExtractEntitiesRequest::default(),
        send(Document { document_id: "é".repeat(200), ..document("nine") }),
        send(document("ten")),
    ];
    let (answers, end) = answers(&harness, messages).await;
    assert_eq!(
        answers.iter().map(summary).collect::<Vec<_>>(),
        [
            (0, "one", ""),
            (1, "two", "INVALID_REQUEST"),
            (2, "three", ""),
            (3, "four", "INVALID_REQUEST"),
            (4, "large", "DOCUMENT_TOO_LARGE"),
            (5, "panic six", "INTERNAL"),
            (6, "", "INVALID_REQUEST"),
            (7, &"é".repeat(128), "INVALID_REQUEST"),
            (8, "ten", ""),
        ]
    );
    end.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn options_hold_for_what_follows() {
    let harness = Harness::ready(LIMITS).await;
    let encoding =
        |encoding| ExtractionOptions { offset_encoding: encoding as i32, ..ExtractionOptions::default() };
    let messages = vec![
        send(document("one")),
        ask(encoding(OffsetEncoding::Utf16CodeUnits)),
        send(document("two")),
        send(document("three")),
        ask(encoding(OffsetEncoding::UnicodeCodePoints)),
        ask(ExtractionOptions::default()),
        send(document("four")),
    ];
    let (answers, end) = answers(&harness, messages).await;
    let encodings: Vec<_> = answers
        .into_iter()
        .map(|answer| match answer.outcome.unwrap().result.unwrap() {
            document_outcome::Result::Extraction(extraction) => extraction.offset_encoding(),
            document_outcome::Result::Error(error) => panic!("{error:?}"),
        })
        .collect();
    let (utf8, utf16) = (OffsetEncoding::Utf8Bytes, OffsetEncoding::Utf16CodeUnits);
    assert_eq!(encodings, [utf8, utf16, utf16, utf8]);
    end.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_a_stream_comes_after_the_outcomes_before_it() {
    let harness = Harness::ready(LIMITS).await;
    let bad_options = ExtractionOptions { min_confidence: Some(2.0), ..ExtractionOptions::default() };
    let cases = [
        ("bad options", ask(bad_options), "INVALID_REQUEST", &["options.min_confidence"][..]),
        ("oversize message", send(document(&"x".repeat(100_000))), "MESSAGE_TOO_LARGE", &["request"]),
    ];
    for (name, last, reason, fields) in cases {
        let messages = vec![send(document("one")), send(document("two")), last, send(document("never"))];
        let (answers, end) = answers(&harness, messages).await;
        assert_eq!(
            answers.iter().map(summary).collect::<Vec<_>>(),
            [(0, "one", ""), (1, "two", "")],
            "{name}"
        );
        let details = refused(&end.unwrap_err(), Code::InvalidArgument, reason);
        let violations = details.bad_request().map_or(&[][..], |bad| &bad.field_violations);
        assert_eq!(violations.iter().map(|violation| &violation.field).collect::<Vec<_>>(), fields, "{name}");
    }
    assert!(!harness.probe.begun().contains(&"never".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_decoded_ends_the_stream() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = tonic::client::Grpc::new(harness.channel().await);
    client.ready().await.unwrap();
    let messages = vec![send(document("one")).encode_to_vec(), b"\x12\x03\x12\x01\xff".to_vec()];
    let path = PathAndQuery::from_static("/depeche.v1.ExtractionService/StreamExtractEntities");
    let mut responses = client
        .streaming(Request::new(tokio_stream::iter(messages)), path, RawCodec)
        .await
        .unwrap()
        .into_inner();
    let first = within(responses.message()).await.unwrap().unwrap();
    assert_eq!(summary(&StreamExtractEntitiesResponse::decode(&*first).unwrap()), (0, "one", ""));
    refused(&within(responses.message()).await.unwrap_err(), Code::InvalidArgument, "INVALID_REQUEST");
}

#[tokio::test(flavor = "multi_thread")]
async fn order_is_kept_and_few_documents_are_in_work_at_once() {
    let mut harness = Harness::ready(Limits { max_concurrent_documents: 8, ..LIMITS }).await;
    let contents: Vec<_> = (0..20).map(|index| format!("hold {index}")).collect();
    let (sender, mut responses) = open(&harness).await;
    for content in &contents {
        sender.send(send(document(content))).await.unwrap();
    }
    drop(sender);
    let mut begun = [harness.begins().await, harness.begins().await];
    begun.sort();
    assert_eq!(begun, ["hold 0", "hold 1"]);
    // Other calls are answered meanwhile, and see no third document in work.
    harness.extraction().await.extract_entities(request("meanwhile")).await.unwrap();
    assert_eq!(harness.probe.begun().len(), 3);
    harness.probe.hold.open();
    for (index, content) in contents.iter().enumerate() {
        let answer = within(responses.message()).await.unwrap().unwrap();
        assert_eq!(summary(&answer), (index as i64, content.as_str(), ""));
    }
    assert!(within(responses.message()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_waits_where_a_unary_call_is_refused() {
    let mut harness = Harness::ready(Limits { max_concurrent_documents: 1, ..LIMITS }).await;
    let mut holder = harness.extraction().await;
    let held = tokio::spawn(async move { holder.extract_entities(request("hold")).await });
    assert_eq!(harness.begins().await, "hold");

    let (sender, mut responses) = open(&harness).await;
    sender.send(send(document("patient"))).await.unwrap();
    let status = harness.extraction().await.extract_entities(request("hasty")).await.unwrap_err();
    let details = refused(&status, Code::ResourceExhausted, "OVERLOADED");
    assert!(details.retry_info().unwrap().retry_delay.is_some());

    harness.probe.hold.open();
    assert_eq!(summary(&within(responses.message()).await.unwrap().unwrap()), (0, "patient", ""));
    within(held).await.unwrap().unwrap();
    assert_eq!(harness.probe.begun(), ["hold", "patient"]);
}
