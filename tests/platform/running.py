"""A started `manage.py up`, as a test sees it from outside."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from local.child import started
from local.services.data_folder import ROOT

PATIENCE = 180.0
NO_MAIL = "smtp://127.0.0.1:9"
CLINIC = {"CLINIC_NAME": "Harbor Clinic", "CLINIC_PHONE": "(312) 555-0199", "MAIL_FROM": "desk@harbor.example"}


class Up:
    """A started `manage.py up` on a data folder of its own."""

    def __init__(self, data: Path, port: int, *options: str, mail: str = NO_MAIL) -> None:
        self.data, self.port, self.out = data, port, data.parent / f"{data.name}.out"
        kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "MERIDIAN_DEMO"}}
        self.environment = {**kept, "MERIDIAN_VENV": sys.prefix, "MERIDIAN_DATA": str(data)}
        if "--no-demo" in options:
            self.environment |= CLINIC | {"EMAIL_URL": mail}
        self.command = [sys.executable, "manage.py", "up", "--port", str(port), *options]
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=out, stderr=subprocess.STDOUT
            )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def __enter__(self) -> "Up":
        assert eventually(lambda: self.process.poll() is not None or "Stop with Ctrl-C" in self.said()), self.said()
        assert self.process.poll() is None, self.said()
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()

    def children(self) -> dict[str, int]:
        told = self.data / "running.json"
        if not told.exists():
            return {}
        return {name: pid for name, (pid, _) in json.loads(told.read_text())["children"].items()}

    def page(self, path: str) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except OSError:
            return 0
        finally:
            line.close()

    def said(self) -> str:
        return self.out.read_text()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=20)


def eventually(true, seconds=PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def alive(pids) -> list[int]:
    return [pid for pid in pids if started(pid)]
