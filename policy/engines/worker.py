"""The process in which regopy runs: started by embedded.py as a plain script, knows nothing of the house.

Frames on the socket at stdin: four bytes of length, then JSON. The first names modules, entry point and
the seconds that one evaluation may take; it is answered by {"ready": true}. Each further frame is an input.
A process that outlives its time is ended by its own alarm, even when the parent is gone; a parent that
goes away closes the socket, and the process ends.
"""

import json
import signal
import socket
import struct
import sys
from typing import Any, BinaryIO

from regopy import Interpreter


def main() -> int:
    """Serve until the socket closes."""
    stream = socket.socket(fileno=sys.stdin.fileno()).makefile("rwb")
    order = read(stream)
    if order is None:
        return 0
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    interpreter = Interpreter()
    interpreter.strict_built_in_errors = True
    for name, text in order["modules"]:
        interpreter.add_module(name, text)
    bundle = interpreter.build(None, [order["entry_point"]])
    write(stream, {"ready": bool(bundle.ok())})
    while (document := read(stream)) is not None:
        signal.setitimer(signal.ITIMER_REAL, order["seconds"])
        write(stream, _evaluate(interpreter, bundle, order["entry_point"], document))
        signal.setitimer(signal.ITIMER_REAL, 0)
    return 0


def _evaluate(interpreter: Interpreter, bundle: Any, entry_point: str, document: Any) -> dict[str, Any]:
    try:
        interpreter.set_input(document)
        results = interpreter.query_bundle_entrypoint(bundle, entry_point).results
        return {"result": results[0].expressions[0]} if results else {"error": "undefined"}
    except Exception as error:  # noqa: BLE001 - whatever it is, it goes back as an answer
        return {"error": type(error).__name__}


def read(stream: BinaryIO | Any) -> Any:
    """One frame's value, None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    return json.loads(stream.read(struct.unpack(">I", head)[0]))


def write(stream: BinaryIO | Any, value: Any) -> None:
    """Send one frame."""
    body = json.dumps(value).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ConnectionError:  # the parent went away in the middle of a frame
        sys.exit(0)
