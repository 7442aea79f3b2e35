"""The README's Python example, run as it is written."""

import contextlib
import io
import re
import unittest

from service import ROOT, Service


class ReadmeTest(unittest.TestCase):
    def test_example(self):
        service = Service()
        self.addCleanup(service.close)
        (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        self.assertIn("127.0.0.1:50051", code)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code.replace("127.0.0.1:50051", service.address), "README.md", "exec"), {})
        self.assertIn("40 GB [(15, 20)]\n", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
