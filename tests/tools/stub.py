"""The stub provider as a process of its own, for tests with a terminal or a
shell around the program."""
import os
import subprocess

STUB = os.path.join(os.environ["MNEME_BUILD"], "stub_provider")


class Stub:
    """Listens at `port` as long as the block lasts."""

    def __init__(self, *options):
        self.process = subprocess.Popen([STUB, *options], text=True,
                                        stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
