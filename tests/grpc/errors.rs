//! Every row of the error table, except those of time and load.

use depeche::config::Limits;
use depeche::server::ELAPSED;
use depeche::server::proto::{
    BatchExtractEntitiesRequest, CustomTerm, DetectLanguageRequest, Document, EntityType,
    ExtractEntitiesRequest, ExtractionOptions, document_outcome, entity, warning,
};
use prost::Message;
use tonic::codec::CompressionEncoding::{Gzip, Zstd};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};
use tonic_types::ErrorDetails;

use crate::support::raw::RawCodec;
use crate::support::{Harness, LIMITS, document, refused, request};

fn fields(details: &ErrorDetails) -> Vec<&str> {
    let violations = details.bad_request().map_or(&[][..], |bad| &bad.field_violations);
    violations.iter().map(|violation| violation.field.as_str()).collect()
}

fn excess(details: &ErrorDetails) -> Option<(usize, usize)> {
    let metadata = &details.error_info()?.metadata;
    Some((metadata.get("limit")?.parse().ok()?, metadata.get("size")?.parse().ok()?))
}

fn term(entity_type: EntityType, name: &str, aliases: &[&str]) -> CustomTerm {
    let aliases = aliases.iter().map(|alias| alias.to_string()).collect();
    CustomTerm { r#type: entity_type as i32, name: name.to_owned(), aliases }
}

fn time(seconds: i64, nanos: i32) -> Option<pbjson_types::Timestamp> {
    Some(pbjson_types::Timestamp { seconds, nanos })
}

const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

#[tokio::test(flavor = "multi_thread")]
async fn invalid_requests_name_every_field() {
    let good = || document("A quiet day.");
    let no_options = ExtractionOptions::default;
    let cases: Vec<(&str, Option<Document>, ExtractionOptions, &[&str])> = vec![
        ("no document", None, no_options(), &["document"]),
        ("no content", Some(document("")), no_options(), &["document.content"]),
        (
            "title alone",
            Some(Document { title: "A title".into(), ..document("") }),
            no_options(),
            &["document.content"],
        ),
        (
            "media type",
            Some(Document { mime_type: "application/pdf".into(), ..good() }),
            no_options(),
            &["document.mime_type"],
        ),
        (
            "language tag",
            Some(Document { language_code: "fr_FR".into(), ..good() }),
            no_options(),
            &["document.language_code"],
        ),
        (
            "long identifier",
            Some(Document { document_id: "x".repeat(257), ..good() }),
            no_options(),
            &["document.document_id"],
        ),
        (
            "long language tag",
            Some(Document { language_code: format!("fr{}", "-x".repeat(35)), ..good() }),
            no_options(),
            &["document.language_code"],
        ),
        (
            "time before year 1",
            Some(Document { publish_time: time(FIRST_SECOND - 1, 999_999_999), ..good() }),
            no_options(),
            &["document.publish_time"],
        ),
        (
            "time beyond year 9999",
            Some(Document { publish_time: time(LAST_SECOND + 1, 0), ..good() }),
            no_options(),
            &["document.publish_time"],
        ),
        (
            "time far beyond",
            Some(Document { publish_time: time(i64::MAX, i32::MIN), ..good() }),
            no_options(),
            &["document.publish_time"],
        ),
        (
            "negative nanoseconds",
            Some(Document { publish_time: time(0, -1), ..good() }),
            no_options(),
            &["document.publish_time"],
        ),
        (
            "last day of the year 0 on the wall",
            Some(Document { publish_time: time(FIRST_SECOND, 0), utc_offset_minutes: -1, ..good() }),
            no_options(),
            &["document.utc_offset_minutes"],
        ),
        (
            "first day of the year 10000 on the wall",
            Some(Document { publish_time: time(LAST_SECOND, 0), utc_offset_minutes: 1, ..good() }),
            no_options(),
            &["document.utc_offset_minutes"],
        ),
        (
            "nanoseconds of more than a second",
            Some(Document { publish_time: time(0, 1_000_000_000), ..good() }),
            no_options(),
            &["document.publish_time"],
        ),
        (
            "offset of a day",
            Some(Document { utc_offset_minutes: 24 * 60, ..good() }),
            no_options(),
            &["document.utc_offset_minutes"],
        ),
        (
            "unspecified and unknown types",
            Some(good()),
            ExtractionOptions { entity_types: vec![1, 0, 99, -1], ..no_options() },
            &["options.entity_types[1]", "options.entity_types[2]", "options.entity_types[3]"],
        ),
        (
            "more types than there are",
            Some(good()),
            ExtractionOptions { entity_types: vec![99; 1_000], ..no_options() },
            &["options.entity_types"],
        ),
        (
            "unknown offset encoding",
            Some(good()),
            ExtractionOptions { offset_encoding: 9, ..no_options() },
            &["options.offset_encoding"],
        ),
        (
            "unknown profile",
            Some(good()),
            ExtractionOptions { profile: 7, ..no_options() },
            &["options.profile"],
        ),
        (
            "confidence out of range",
            Some(good()),
            ExtractionOptions { min_confidence: Some(1.5), ..no_options() },
            &["options.min_confidence"],
        ),
        (
            "confidence that is no number",
            Some(good()),
            ExtractionOptions { min_confidence: Some(f32::NAN), ..no_options() },
            &["options.min_confidence"],
        ),
        (
            "custom dates, nameless terms",
            Some(good()),
            ExtractionOptions {
                custom_terms: vec![
                    term(EntityType::Date, "Twelfth Night", &[]),
                    term(EntityType::Person, " ", &[""]),
                ],
                ..no_options()
            },
            &[
                "options.custom_terms[0].type",
                "options.custom_terms[1].name",
                "options.custom_terms[1].aliases[0]",
            ],
        ),
        (
            "everything at once",
            Some(Document { mime_type: "x".into(), language_code: "!".into(), ..document("") }),
            ExtractionOptions { entity_types: vec![77], min_confidence: Some(-1.0), ..no_options() },
            &[
                "options.entity_types[0]",
                "options.min_confidence",
                "document.content",
                "document.mime_type",
                "document.language_code",
            ],
        ),
    ];
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    for (name, document, options, expected) in cases {
        let request = ExtractEntitiesRequest { document, options: Some(options) };
        let status = client.extract_entities(request).await.unwrap_err();
        let details = refused(&status, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(fields(&details), expected, "{name}");
        assert!(status.message().len() < 256, "{name}: {}", status.message());
    }
    assert!(harness.probe.begun().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_time_may_be_any_that_protobuf_knows() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    let content =
        "The gates shut yesterday. The board met last year, will meet next year and will report tomorrow.";
    let cases = [
        (FIRST_SECOND, 0, ["XXXX-XX-XX", "XXXX", "0002", "0001-01-02"]),
        (LAST_SECOND, 999_999_999, ["9999-12-30", "9998", "XXXX", "XXXX-XX-XX"]),
    ];
    for (seconds, nanos, expected) in cases {
        let document =
            Document { publish_time: time(seconds, nanos), language_code: "en".into(), ..document(content) };
        let options = ExtractionOptions { entity_types: vec![EntityType::Date as i32], ..Default::default() };
        let request = ExtractEntitiesRequest { document: Some(document), options: Some(options) };
        let extraction = client.extract_entities(request).await.unwrap().into_inner().extraction.unwrap();
        let timexes: Vec<_> = extraction
            .entities
            .into_iter()
            .map(|entity| match entity.value {
                Some(entity::Value::Date(date)) => date.timex,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(timexes, expected, "{seconds}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_told_with_limit_and_size() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    let check = |status: Status, reason: &str, field: &str, limit: usize, size: usize| {
        let details = refused(&status, Code::InvalidArgument, reason);
        assert_eq!(excess(&details), Some((limit, size)), "{reason}");
        assert_eq!(fields(&details), [field], "{reason}");
    };

    let titled = Document { title: "t".repeat(400), ..document(&"c".repeat(601)) };
    let titled = Document { document_id: String::new(), ..titled };
    let status = client
        .extract_entities(ExtractEntitiesRequest { document: Some(titled), options: None })
        .await
        .unwrap_err();
    check(status, "DOCUMENT_TOO_LARGE", "document.content", 1_000, 1_001);

    let text = "é".repeat(501);
    let status = client.detect_language(DetectLanguageRequest { text }).await.unwrap_err();
    check(status, "DOCUMENT_TOO_LARGE", "text", 1_000, 1_002);

    let documents = vec![document("One more."); 5];
    let status = client
        .batch_extract_entities(BatchExtractEntitiesRequest { documents, options: None })
        .await
        .unwrap_err();
    check(status, "BATCH_TOO_LARGE", "documents", 4, 5);

    let options = ExtractionOptions {
        custom_terms: vec![term(EntityType::Person, "Zo", &["Zoe", "Zoé"])],
        ignored_terms: vec!["Zut".into()],
        ..ExtractionOptions::default()
    };
    let status = client
        .extract_entities(ExtractEntitiesRequest { options: Some(options), ..request("Zoe came.") })
        .await
        .unwrap_err();
    check(status, "TOO_MANY_TERMS", "options.custom_terms", 3, 4);
    assert!(harness.probe.begun().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_largest_document_is_accepted() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    let largest = ExtractEntitiesRequest {
        document: Some(Document { content: "é".repeat(500), ..Document::default() }),
        options: None,
    };
    client.extract_entities(largest).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversize_message_is_told_with_limit_and_size() {
    let harness = Harness::ready(LIMITS).await;
    let large = || ExtractEntitiesRequest {
        document: Some(Document { content: "x".repeat(100_000), ..Document::default() }),
        options: None,
    };
    let status = harness.extraction().await.extract_entities(large()).await.unwrap_err();
    let details = refused(&status, Code::InvalidArgument, "MESSAGE_TOO_LARGE");
    assert_eq!(excess(&details), Some((70_000, large().encoded_len())));
    assert_eq!(fields(&details), ["request"]);

    // Small on the wire; how much it would be was not found out.
    for encoding in [Gzip, Zstd] {
        let mut client = harness.extraction().await.send_compressed(encoding);
        let status = client.extract_entities(large()).await.unwrap_err();
        let details = refused(&status, Code::InvalidArgument, "MESSAGE_TOO_LARGE");
        assert_eq!(details.error_info().unwrap().metadata["limit"], "70000", "{encoding:?}");
        assert_eq!(excess(&details), None, "{encoding:?}");
        assert_eq!(fields(&details), ["request"], "{encoding:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_decoded_is_the_clients_fault() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = tonic::client::Grpc::new(harness.channel().await);
    let (extract, list) = ("ExtractionService/ExtractEntities", "CatalogService/ListThreatActors");
    let cases: [(&str, &str, &[u8], &str); 6] = [
        ("not UTF-8", extract, b"\x0a\x04\x12\x02\xff\xfe", "document.content"),
        ("cut short", extract, b"\x0a\x7f\x12", "document"),
        ("wrong wire type", extract, b"\x0d\x01\x02\x03\x04", "document"),
        ("wrong wire type", list, b"\x0a\x01\x02", "page_size"),
        ("no tag", extract, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "request"),
        ("no tag", list, b"\x00", "request"),
    ];
    for (name, method, bytes, field) in cases {
        let path = PathAndQuery::try_from(format!("/depeche.v1.{method}")).unwrap();
        client.ready().await.unwrap();
        let answer = client.unary(Request::new(bytes.to_vec()), path, RawCodec).await;
        let status = answer.expect_err(name);
        let details = refused(&status, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(fields(&details), [field], "{name}: {}", status.message());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_document_does_not_fail_its_neighbours_in_a_batch() {
    let harness = Harness::ready(LIMITS).await;
    let documents = vec![
        document("The first."),
        Document { mime_type: "text/rtf".into(), language_code: "?".into(), ..document("The second.") },
        Document { document_id: "third".into(), content: "x".repeat(1_001), ..Document::default() },
        document("The last."),
    ];
    let response = harness
        .extraction()
        .await
        .batch_extract_entities(BatchExtractEntitiesRequest { documents: documents.clone(), options: None })
        .await
        .unwrap()
        .into_inner();
    let ids: Vec<_> = response.outcomes.iter().map(|outcome| &outcome.document_id).collect();
    assert_eq!(ids, documents.iter().map(|document| &document.document_id).collect::<Vec<_>>());
    let told: Vec<_> = response
        .outcomes
        .into_iter()
        .map(|outcome| match outcome.result.expect("always set") {
            document_outcome::Result::Extraction(_) => (0, String::new(), Vec::new()),
            document_outcome::Result::Error(error) => {
                let fields = error.field_violations.into_iter().map(|violation| violation.field);
                (error.code, error.reason, fields.collect())
            }
        })
        .collect();
    let fine = || (0, String::new(), vec![]);
    let second = ["documents[1].mime_type", "documents[1].language_code"].map(str::to_owned).to_vec();
    let third = vec!["documents[2].content".to_owned()];
    let expected = [
        fine(),
        (3, "INVALID_REQUEST".to_owned(), second),
        (3, "DOCUMENT_TOO_LARGE".to_owned(), third),
        fine(),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_batch_and_an_empty_text_are_refused() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    let status = client.batch_extract_entities(BatchExtractEntitiesRequest::default()).await.unwrap_err();
    assert_eq!(fields(&refused(&status, Code::InvalidArgument, "INVALID_REQUEST")), ["documents"]);
    let status = client.detect_language(DetectLanguageRequest::default()).await.unwrap_err();
    assert_eq!(fields(&refused(&status, Code::InvalidArgument, "INVALID_REQUEST")), ["text"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_without_a_pack_is_answered_with_a_warning() {
    let harness = Harness::ready(LIMITS).await;
    let swahili = Document { language_code: "sw".into(), ..document("Habari za asubuhi.") };
    let response = harness
        .extraction()
        .await
        .extract_entities(ExtractEntitiesRequest { document: Some(swahili), options: None })
        .await
        .unwrap();
    let extraction = response.into_inner().extraction.unwrap();
    let language = extraction.language.unwrap();
    assert_eq!((language.language_code.as_str(), language.supported), ("sw", false));
    let codes: Vec<_> = extraction.warnings.iter().map(|warning| warning.code()).collect();
    assert_eq!(codes, [warning::Code::LanguageUnsupported]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_tells_its_language() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.extraction().await;
    let text =
        "Le conseil municipal a voté le budget de la ville pour l'année prochaine, malgré l'opposition.";
    let response = client.detect_language(DetectLanguageRequest { text: text.to_owned() }).await.unwrap();
    let language = response.into_inner().language.unwrap();
    assert_eq!((language.language_code.as_str(), language.supported), ("fr", true));
    let response =
        client.detect_language(DetectLanguageRequest { text: "12:30 … 45!".to_owned() }).await.unwrap();
    assert_eq!(response.into_inner().language, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_compressions_work_both_ways() {
    let harness = Harness::ready(Limits { max_document_bytes: 4_000, ..LIMITS }).await;
    let content = "Nothing new under the sun. ".repeat(100);
    let request = || ExtractEntitiesRequest {
        document: Some(Document { content: content.clone(), ..Document::default() }),
        options: None,
    };
    let plain = harness.extraction().await.extract_entities(request()).await.unwrap();
    for encoding in [Gzip, Zstd] {
        let client = harness.extraction().await;
        let mut client = client.send_compressed(encoding).accept_compressed(encoding);
        let answer = client.extract_entities(request()).await.unwrap();
        assert_eq!(answer.get_ref(), plain.get_ref(), "{encoding:?}");
        let used = answer.metadata().get("grpc-encoding").expect("the answer is compressed");
        assert_eq!(used.to_str().unwrap(), if encoding == Gzip { "gzip" } else { "zstd" });
    }
    // tonic merges the trailers of a unary call into its metadata.
    assert!(plain.metadata().get(ELAPSED).unwrap().to_str().unwrap().parse::<u64>().is_ok());
}
