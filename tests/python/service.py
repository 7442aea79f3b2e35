"""The service under test: the generated client code, and the real program on a free port."""

import importlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import grpc
import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ["DEPECHE"]

# Longer than anything takes on a busy machine.
PATIENCE = 60

_generated = tempfile.TemporaryDirectory()


def _generate():
    """Compiles proto/ with grpcio-tools, as a client's author would."""
    protos = sorted(str(path) for path in (ROOT / "proto").rglob("*.proto"))
    well_known = str(Path(grpc_tools.__file__).parent / "_proto")
    out = _generated.name
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}"]
    if protoc.main(arguments + protos) != 0:
        raise RuntimeError("proto/ does not compile with grpcio-tools")
    sys.path.insert(0, out)


_generate()

catalog = importlib.import_module("depeche.v1.catalog_pb2")
catalog_grpc = importlib.import_module("depeche.v1.catalog_pb2_grpc")
entity = importlib.import_module("depeche.v1.entity_pb2")
extraction = importlib.import_module("depeche.v1.extraction_pb2")
extraction_grpc = importlib.import_module("depeche.v1.extraction_pb2_grpc")


class Service:
    """`depeche serve` in a process of its own."""

    def __init__(self, *arguments, environment=None):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", "127.0.0.1:0", *arguments],
            env={**os.environ, **(environment or {})},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log = []
        self._reader = None
        self.address = self._wait_for(r"listening address=(\S+)")
        self._wait_for(r"\bready\b")
        # Goes on reading, so that the program never blocks on a full pipe.
        self._reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr))
        self._reader.start()

    def _wait_for(self, pattern):
        for line in self.process.stderr:
            self.log.append(line)
            if match := re.search(pattern, line):
                return match.group(match.lastindex or 0)
        raise RuntimeError("the server ended early:\n" + "".join(self.log))

    def channel(self):
        return grpc.insecure_channel(self.address)

    def stop(self, signal=signal.SIGTERM):
        self.process.send_signal(signal)

    def exit_code(self):
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self):
        if self.process.poll() is None:
            self.stop()
            self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stderr.close()
