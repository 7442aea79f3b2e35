//! What the server tells about itself: limits, languages, threat actors, descriptors.

use depeche::config::Limits;
use depeche::server::Backend;
use depeche::server::proto::{
    EntityType, GetServerInfoRequest, ListLanguagesRequest, ListThreatActorsRequest, Provenance,
    ServerLimits, threat_actor,
};
use prost::Message;
use prost_types::FileDescriptorProto;
use tonic::Code;
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::{Harness, LIMITS, refused, request, within};

#[tokio::test(flavor = "multi_thread")]
async fn server_info_is_what_is_enforced_and_stamped() {
    let harness = Harness::ready(LIMITS).await;
    let info = harness.catalog().await.get_server_info(GetServerInfoRequest {}).await.unwrap().into_inner();
    let limits = ServerLimits {
        max_document_bytes: 1_000,
        max_batch_documents: 4,
        max_message_bytes: 70_000,
        max_custom_terms: 3,
        max_concurrent_documents: 2,
    };
    assert_eq!(info.limits, Some(limits));
    let answer = harness.extraction().await.extract_entities(request("Anything.")).await.unwrap();
    let (info, used) =
        (info.provenance.unwrap(), answer.into_inner().extraction.unwrap().provenance.unwrap());
    assert!(
        !used.models.is_empty() && used.models.iter().all(|model| info.models.contains(model)),
        "{used:?}"
    );
    assert_eq!(Provenance { models: used.models.clone(), ..info.clone() }, used);
    assert_eq!(info.data_digest, depeche::extraction::Provenance::CURRENT.data_digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn languages_come_by_code_and_by_pages() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.catalog().await;
    let (mut codes, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListLanguagesRequest { page_size: 1, page_token: token };
        let page = client.list_languages(request).await.unwrap().into_inner();
        assert_eq!(page.languages.len(), 1);
        for language in page.languages {
            assert!(!language.display_name.is_empty());
            assert!(language.entity_types.contains(&(EntityType::Date as i32)));
            codes.push(language.language_code);
        }
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert!(codes.is_sorted(), "{codes:?}");
    assert!(codes.contains(&"en".to_owned()) && codes.contains(&"fr".to_owned()), "{codes:?}");
    assert!(!codes.contains(&"und".to_owned()), "the neutral pack is no language");
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_actors_come_by_pages_and_by_name() {
    let harness = Harness::ready(LIMITS).await;
    let mut client = harness.catalog().await;
    let actors = harness.probe.catalog().actors();
    let (mut names, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListThreatActorsRequest { page_size: 97, page_token: token, name: String::new() };
        let page = client.list_threat_actors(request).await.unwrap().into_inner();
        names.extend(page.threat_actors.into_iter().map(|actor| actor.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names, actors.iter().map(|actor| actor.name.clone()).collect::<Vec<_>>());

    for actor in actors.iter().step_by(50) {
        for name in std::iter::once(&actor.name).chain(actor.aliases.first()) {
            let name = format!(" {} ", name.to_uppercase());
            let request = ListThreatActorsRequest { name, ..ListThreatActorsRequest::default() };
            let page = client.list_threat_actors(request).await.unwrap().into_inner();
            assert!(page.threat_actors.iter().any(|found| found.name == actor.name), "{}", actor.name);
        }
    }
    // In another script, and with what a vendor's scheme says by one of its names.
    let request = ListThreatActorsRequest { name: "ラザルス".into(), ..Default::default() };
    let lazarus = client.list_threat_actors(request).await.unwrap().into_inner().threat_actors.remove(0);
    let value = lazarus.threat_actor.unwrap();
    assert_eq!(
        (lazarus.name.as_str(), value.kind(), value.catalogued),
        ("Lazarus Group", threat_actor::Kind::Apt, true)
    );
    let claims = |source: &str| value.attributions.iter().filter(|claim| claim.source == source).count();
    assert_eq!(
        (claims("MISP galaxy"), claims("Microsoft's naming scheme")),
        (1, 1),
        "{:?}",
        value.attributions
    );
    let request = ListThreatActorsRequest { name: "Nobody At All".into(), ..Default::default() };
    assert!(client.list_threat_actors(request).await.unwrap().into_inner().threat_actors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_pages_and_names_are_refused_by_field() {
    let harness = Harness::ready(Limits::default()).await;
    let mut client = harness.catalog().await;
    let name = "x".repeat(257);
    let request = ListThreatActorsRequest { name, ..ListThreatActorsRequest::default() };
    let status = client.list_threat_actors(request).await.unwrap_err();
    let details = refused(&status, Code::InvalidArgument, "INVALID_REQUEST");
    let violation = &details.bad_request().unwrap().field_violations[0];
    assert_eq!((&*violation.field, &*violation.description), ("name", "257 bytes, over the limit of 256"));

    let cases = [("page_size", -1, ""), ("page_token", 1, "bogus"), ("page_token", 0, "00ff")];
    for (field, page_size, token) in cases {
        let page_token = token.to_owned();
        let languages = ListLanguagesRequest { page_size, page_token: page_token.clone() };
        let actors = ListThreatActorsRequest { page_size, page_token, name: String::new() };
        let refusals = [
            client.list_languages(languages).await.map(drop).unwrap_err(),
            client.list_threat_actors(actors).await.map(drop).unwrap_err(),
        ];
        for status in refusals {
            let details = refused(&status, Code::InvalidArgument, "INVALID_REQUEST");
            assert_eq!(details.bad_request().unwrap().field_violations[0].field, field);
        }
    }
}

const SERVED: [&str; 3] =
    ["depeche.v1.CatalogService", "depeche.v1.ExtractionService", "grpc.health.v1.Health"];

/// Both versions of the protocol have the same messages under different names.
macro_rules! reflection {
    ($test:ident, $version:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $test() {
            use $version::server_reflection_client::ServerReflectionClient;
            use $version::server_reflection_request::MessageRequest;
            use $version::server_reflection_response::MessageResponse;

            let harness = Harness::ready(LIMITS).await;
            let mut client = ServerReflectionClient::new(harness.channel().await);
            let asked = [MessageRequest::ListServices(String::new())]
                .into_iter()
                .chain(SERVED.map(|name| MessageRequest::FileContainingSymbol(name.to_owned())))
                .map(|message| $version::ServerReflectionRequest {
                    host: String::new(),
                    message_request: Some(message),
                });
            let asked: Vec<_> = asked.collect();
            let mut answers =
                client.server_reflection_info(tokio_stream::iter(asked)).await.unwrap().into_inner();

            let list = within(answers.message()).await.unwrap().unwrap().message_response;
            let Some(MessageResponse::ListServicesResponse(list)) = list else { panic!("{list:?}") };
            let services: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
            for name in SERVED {
                assert!(services.contains(&name.to_owned()), "{services:?}");
                let file = within(answers.message()).await.unwrap().unwrap().message_response;
                let Some(MessageResponse::FileDescriptorResponse(file)) = file else { panic!("{file:?}") };
                let file = FileDescriptorProto::decode(&*file.file_descriptor_proto[0]).unwrap();
                let (package, service) = name.rsplit_once('.').unwrap();
                assert_eq!(file.package(), package);
                assert!(file.service.iter().any(|declared| declared.name() == service), "{name}");
            }
        }
    };
}

reflection!(reflection_v1, v1);
reflection!(reflection_v1alpha, v1alpha);
