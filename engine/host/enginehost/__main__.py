"""The process: binds, says that it is ready, serves until its stdin ends or SIGTERM comes."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading

PATIENCE = 5  # seconds for what still runs at the end

# Before any engine is imported: no network, no threads that fight or spin for the cores, quiet native logs.
os.environ.update(HF_HUB_OFFLINE="1", OPENBLAS_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", GLOG_minloglevel="2", TF_CPP_MIN_LOG_LEVEL="3", OPENCV_LOG_LEVEL="ERROR")


def main():
    from . import weights
    from .engines import Engines
    from .routes import Routes
    from .server import Server

    parser = argparse.ArgumentParser(prog="enginehost", description="Serves the local engines on the loopback interface.")
    parser.add_argument("--models", type=pathlib.Path, required=True, help="the directory that set-up made")
    models = parser.parse_args().models
    if lacking := weights.missing(models):
        sys.exit(f"enginehost: {models} lacks {lacking[0]} and {len(lacking) - 1} more: run engine/host/setup.sh")

    stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a library that prints must not speak on the wire
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())

    directory = tempfile.mkdtemp(prefix="enginehost-")
    server = Server(Routes(Engines(models), directory), os.environ.get("BABELREEL_ENGINE_TOKEN", ""))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=_await_end_of_stdin, args=(over,), daemon=True).start()
    print(json.dumps({"ready": True, "port": server.server_port, "pid": os.getpid()}), file=stdout, flush=True)

    over.wait()
    server.end(PATIENCE)
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)  # an engine in the middle of its work is not waited for


def _await_end_of_stdin(over):
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    over.set()


if __name__ == "__main__":
    main()
