"""A Redis of one's own: on a free loopback port, in a folder that is gone afterwards."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

READY_FOR = 10.0


@contextmanager
def own_redis() -> Iterator[str]:
    """Its URL, once it answers. Nothing of it is written to disk. Raises RuntimeError when there is no redis-server."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not installed: apt-get install redis-server")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="own-redis-") as folder:
        server = subprocess.Popen(
            [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        try:
            _until_it_answers(server, port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(READY_FOR)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    give_up_at = time.monotonic() + READY_FOR
    while time.monotonic() < give_up_at and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1.0) as door:
                door.sendall(b"PING\r\n")
                if door.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"redis-server on port {port} does not answer")
