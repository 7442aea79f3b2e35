"""The JSON that the program prints is the protobuf JSON mapping: Python reads it and writes the same."""

import json
import subprocess
import unittest

from google.protobuf import json_format

from service import PATIENCE, PROGRAM, extraction

TEXT = """Ferry company reports record year

Northern Ferries carried 2 million passengers, its chief executive Tom Archer said in Aberdeen on 3 May 2024.
More than 40 GB of bookings were lost about two weeks ago. LockBit claimed the theft 🛳 on its site.
"""


def extract(*arguments, text=TEXT):
    command = [PROGRAM, "extract", *arguments]
    run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return run.stdout


class JsonTest(unittest.TestCase):
    def check(self, printed):
        message = json_format.Parse(printed, extraction.Extraction())
        self.assertEqual(json_format.MessageToDict(message), json.loads(printed))
        return message

    def test_json(self):
        message = self.check(extract("--output", "json", "--published", "2024-05-20T06:00:00Z"))
        self.assertEqual(message.language.language_code, "en")
        self.assertGreater(len(message.entities), 0)

    def test_jsonl(self):
        documents = [
            extraction.Document(document_id=str(index), content=TEXT, utc_offset_minutes=index) for index in range(3)
        ]
        lines = "".join(
            json.dumps(json_format.MessageToDict(document), ensure_ascii=False) + "\n" for document in documents
        )
        printed = extract("--input", "jsonl", "--output", "jsonl", text=lines).splitlines()
        self.assertEqual([self.check(line).document_id for line in printed], ["0", "1", "2"])


if __name__ == "__main__":
    unittest.main()
