"""The service as a Python client sees it: unary, batch, stream, errors, health, reflection, shutdown."""

import queue
import signal
import subprocess
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from service import PATIENCE, PROGRAM, Service, catalog, catalog_grpc, entity, extraction, extraction_grpc

ARTICLE = extraction.Document(
    document_id="ferries",
    title="Ferry company reports record year",
    content="Northern Ferries carried 2 million passengers, its chief executive said in Aberdeen on 3 May 2024. "
    "A copy of its bookings, 40 GB in all, was lost. 🛳",
)
SERVICES = ["", "depeche.v1.ExtractionService", "depeche.v1.CatalogService"]


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service("--max-document-bytes", "1000", "--max-batch-documents", "3")
        cls.addClassCleanup(cls.service.close)
        cls.channel = cls.service.channel()
        cls.addClassCleanup(cls.channel.close)
        cls.extraction = extraction_grpc.ExtractionServiceStub(cls.channel)
        cls.catalog = catalog_grpc.CatalogServiceStub(cls.channel)

    def check_law(self, found):
        """Offsets in code points cut each mention out of its part, which is a Python string."""
        for each in found.entities:
            for mention in each.mentions:
                part = ARTICLE.title if mention.part == entity.DOCUMENT_PART_TITLE else ARTICLE.content
                self.assertEqual(part[mention.start_offset : mention.end_offset], mention.text)

    def test_unary(self):
        options = extraction.ExtractionOptions(offset_encoding=entity.OFFSET_ENCODING_UNICODE_CODE_POINTS)
        request = extraction.ExtractEntitiesRequest(document=ARTICLE, options=options)
        response, call = self.extraction.ExtractEntities.with_call(request, timeout=PATIENCE)
        found = response.extraction
        self.assertEqual(found.document_id, "ferries")
        self.assertEqual(found.language.language_code, "en")
        self.assertEqual(found.offset_encoding, entity.OFFSET_ENCODING_UNICODE_CODE_POINTS)
        self.assertEqual(len(found.provenance.data_digest), 64)
        self.check_law(found)
        self.assertGreaterEqual(int(dict(call.trailing_metadata())["depeche-elapsed-us"]), 0)

    def test_compressed(self):
        request = extraction.ExtractEntitiesRequest(document=ARTICLE)
        plain = self.extraction.ExtractEntities(request, timeout=PATIENCE)
        zipped = self.extraction.ExtractEntities(request, timeout=PATIENCE, compression=grpc.Compression.Gzip)
        self.assertEqual(plain, zipped)

    def test_batch(self):
        bad = extraction.Document(document_id="bad", content="x", mime_type="image/png")
        request = extraction.BatchExtractEntitiesRequest(documents=[ARTICLE, bad, ARTICLE])
        outcomes = self.extraction.BatchExtractEntities(request, timeout=PATIENCE).outcomes
        self.assertEqual([outcome.WhichOneof("result") for outcome in outcomes], ["extraction", "error", "extraction"])
        self.assertEqual(outcomes[0], outcomes[2])
        self.assertEqual(outcomes[1].error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        self.assertEqual(outcomes[1].error.reason, "INVALID_REQUEST")
        self.assertEqual([each.field for each in outcomes[1].error.field_violations], ["documents[1].mime_type"])

    def test_stream(self):
        request = extraction.StreamExtractEntitiesRequest
        options = extraction.ExtractionOptions(offset_encoding=entity.OFFSET_ENCODING_UTF16_CODE_UNITS)

        def requests():
            yield request(document=ARTICLE)
            yield request(document=extraction.Document(document_id="empty"))
            yield request(options=options)
            for _ in range(50):
                yield request(document=ARTICLE)

        responses = list(self.extraction.StreamExtractEntities(requests(), timeout=PATIENCE))
        self.assertEqual([response.sequence for response in responses], list(range(52)))
        outcomes = [response.outcome for response in responses]
        self.assertEqual(outcomes[0].extraction.offset_encoding, entity.OFFSET_ENCODING_UTF8_BYTES)
        self.assertEqual((outcomes[1].document_id, outcomes[1].error.reason), ("empty", "INVALID_REQUEST"))
        for outcome in outcomes[2:]:
            self.assertEqual(outcome.extraction.offset_encoding, entity.OFFSET_ENCODING_UTF16_CODE_UNITS)

    def test_error_details(self):
        document = extraction.Document(content="x" * 1001)
        with self.assertRaises(grpc.RpcError) as raised:
            self.extraction.ExtractEntities(extraction.ExtractEntitiesRequest(document=document), timeout=PATIENCE)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in rpc_status.from_call(raised.exception).details:
            for message in (info, bad):
                if detail.Is(message.DESCRIPTOR):
                    detail.Unpack(message)
        self.assertEqual((info.reason, info.domain), ("DOCUMENT_TOO_LARGE", "depeche"))
        self.assertEqual(dict(info.metadata), {"limit": "1000", "size": "1001"})
        self.assertEqual([violation.field for violation in bad.field_violations], ["document.content"])

    def test_detect_language(self):
        request = extraction.DetectLanguageRequest(text="La ville a rouvert ses écoles et ses bibliothèques lundi.")
        self.assertEqual(self.extraction.DetectLanguage(request, timeout=PATIENCE).language.language_code, "fr")

    def test_catalog(self):
        info = self.catalog.GetServerInfo(catalog.GetServerInfoRequest(), timeout=PATIENCE)
        self.assertEqual((info.limits.max_document_bytes, info.limits.max_batch_documents), (1000, 3))
        languages = self.catalog.ListLanguages(catalog.ListLanguagesRequest(), timeout=PATIENCE).languages
        self.assertLessEqual({"en", "fr"}, {language.language_code for language in languages})

    def test_health(self):
        health = health_pb2_grpc.HealthStub(self.channel)
        for name in SERVICES:
            response = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=PATIENCE)
            self.assertEqual(response.status, health_pb2.HealthCheckResponse.SERVING)

    def test_reflection(self):
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.assertLessEqual({*SERVICES[1:], "grpc.health.v1.Health"}, set(database.get_services()))
        reflected = descriptor_pool.DescriptorPool(database).FindServiceByName("depeche.v1.ExtractionService")
        generated = extraction.DESCRIPTOR.services_by_name["ExtractionService"]
        protos = descriptor_pb2.ServiceDescriptorProto(), descriptor_pb2.ServiceDescriptorProto()
        for descriptor, proto in zip((reflected, generated), protos):
            descriptor.CopyToProto(proto)
        self.assertEqual(*protos)


class ProgramTest(unittest.TestCase):
    def start(self, *arguments, environment=None):
        service = Service(*arguments, environment=environment)
        self.addCleanup(service.close)
        return service

    def test_signals_with_an_open_stream(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                service = self.start()
                self.check_shutdown(service, number)
                self.assertEqual(service.exit_code(), 0)
                log = "".join(service.log)
                self.assertRegex(log, r"(?s)listening.*ready.*draining.*stopped")
                self.assertNotIn("Aberdeen", log)

    def check_shutdown(self, service, number):
        """What the client has been answered stays; the rest it is told to send elsewhere."""
        with service.channel() as channel:
            requests = queue.SimpleQueue()
            stub = extraction_grpc.ExtractionServiceStub(channel)
            responses = stub.StreamExtractEntities(iter(requests.get, None), timeout=PATIENCE)
            requests.put(extraction.StreamExtractEntitiesRequest(document=ARTICLE))
            self.assertEqual(next(responses).outcome.document_id, "ferries")
            service.stop(number)
            with self.assertRaises(grpc.RpcError) as raised:
                next(responses)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
            requests.put(None)

    def test_flags_over_environment_over_defaults(self):
        environment = {"DEPECHE_MAX_BATCH_DOCUMENTS": "7", "DEPECHE_MAX_CUSTOM_TERMS": "8"}
        service = self.start("--max-custom-terms", "9", environment=environment)
        with service.channel() as channel:
            stub = catalog_grpc.CatalogServiceStub(channel)
            limits = stub.GetServerInfo(catalog.GetServerInfoRequest(), timeout=PATIENCE).limits
        self.assertEqual((limits.max_batch_documents, limits.max_custom_terms), (7, 9))
        self.assertEqual((limits.max_document_bytes, limits.max_message_bytes), (8 << 20, 16 << 20))

    def test_wrong_usage(self):
        cases = {
            "max_message_bytes is 70000": ["--max-message-bytes", "70000"],
            "max_concurrent_documents is 0": ["--max-concurrent-documents", "0"],
            "--listen": ["--listen", "nowhere"],
        }
        for message, arguments in cases.items():
            with self.subTest(message):
                run = subprocess.run([PROGRAM, "serve", *arguments], capture_output=True, text=True, timeout=PATIENCE)
                self.assertEqual(run.returncode, 64)
                self.assertIn(message, run.stderr)

    def test_a_port_that_is_taken(self):
        service = self.start()
        command = [PROGRAM, "serve", "--listen", service.address]
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"cannot listen on {service.address}", run.stderr)


if __name__ == "__main__":
    unittest.main()
