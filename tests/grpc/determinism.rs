//! The same request gives the same bytes: alone, anywhere in a batch, on a stream, from many clients at once.

use depeche::config::Limits;
use depeche::server::proto::stream_extract_entities_request::Message;
use depeche::server::proto::{
    BatchExtractEntitiesRequest, Document, DocumentOutcome, ExtractEntitiesRequest, ExtractionOptions,
    StreamExtractEntitiesRequest, document_outcome,
};
use prost::Message as _;

use crate::support::{Harness, LIMITS, within};

fn articles() -> Vec<Document> {
    let texts = [
        (
            "Une coupure prive Brest de réseau",
            "Le 3 mars 2024, Marie Le Goff, maire de Brest, a confirmé la perte de 120 Go de données. Selon \
             l'Agence du numérique, le groupe LockBit avait prévenu la ville il y a deux semaines.",
        ),
        (
            "Ferry company reports record year",
            "Northern Ferries plc carried 2 million passengers last year, chief executive Tom Archer said on Friday \
             in Aberdeen. The company, which lost 4 TB of booking data in May 2022, expects more in 2025.",
        ),
        ("", "Keine Antwort ist auch eine Antwort. 12 GB, 2024-05-06."),
    ];
    texts
        .map(|(title, content)| Document {
            document_id: title.to_owned(),
            title: title.to_owned(),
            content: content.to_owned(),
            publish_time: Some(pbjson_types::Timestamp { seconds: 1_718_000_000, nanos: 0 }),
            ..Document::default()
        })
        .into()
}

fn options() -> ExtractionOptions {
    ExtractionOptions { include_explanations: true, ..ExtractionOptions::default() }
}

fn bytes(outcome: DocumentOutcome) -> Vec<u8> {
    match outcome.result.expect("always set") {
        document_outcome::Result::Extraction(extraction) => extraction.encode_to_vec(),
        document_outcome::Result::Error(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_have_equal_answers() {
    let limits = Limits { max_batch_documents: 30, max_concurrent_documents: 1_000, ..LIMITS };
    let harness = Harness::ready(limits).await;
    let articles = articles();
    let mut expected = Vec::new();
    for article in &articles {
        let request = ExtractEntitiesRequest { document: Some(article.clone()), options: Some(options()) };
        let response = harness.extraction().await.extract_entities(request).await.unwrap();
        expected.push(response.into_inner().extraction.unwrap().encode_to_vec());
    }

    let clients = (0..4).map(|client| {
        let (articles, expected) = (articles.clone(), expected.clone());
        let channel = harness.extraction();
        async move {
            let mut channel = channel.await;
            // Each client in another order, so that every article stands at every position.
            let order: Vec<_> =
                (0..24).map(|index| (index * (client + 1) + client) % articles.len()).collect();
            let documents: Vec<_> = order.iter().map(|&index| articles[index].clone()).collect();

            let request =
                BatchExtractEntitiesRequest { documents: documents.clone(), options: Some(options()) };
            let batch = channel.batch_extract_entities(request).await.unwrap().into_inner().outcomes;

            let first = StreamExtractEntitiesRequest { message: Some(Message::Options(options())) };
            let messages = documents
                .into_iter()
                .map(|document| StreamExtractEntitiesRequest { message: Some(Message::Document(document)) });
            let messages: Vec<_> = std::iter::once(first).chain(messages).collect();
            let mut stream =
                channel.stream_extract_entities(tokio_stream::iter(messages)).await.unwrap().into_inner();

            assert_eq!(batch.len(), order.len());
            for (&index, outcome) in order.iter().zip(batch) {
                assert_eq!(bytes(outcome), expected[index], "batch, article {index}");
                let answer = within(stream.message()).await.unwrap().unwrap();
                assert_eq!(bytes(answer.outcome.unwrap()), expected[index], "stream, article {index}");
            }
        }
    });
    futures_util::future::join_all(clients).await;
}
