"""`make demo`: all of Pedbasis on this machine, with a mail catcher instead of real mail."""

import errno
import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from local.directories import locked, private_directory, secret
from local.processes import Child, Problem, Processes
from local.servers import Services, services

BASE_DIR = Path(__file__).resolve().parent.parent
READY_SECONDS = 90


def demo(data_dir: Path, port_text: str) -> int:
    """Serve the demo until a signal comes; raise Problem when it cannot start or when one of its processes ends."""
    start = time.monotonic()
    data_dir = private_directory(data_dir)
    port = checked_port(port_text, data_dir)
    new = not (data_dir / "postgres").exists()
    say("Starting the Pedbasis demo." + (" The first time takes about a minute." if new else ""))
    with services(data_dir) as running:
        done("Database and queue", start)
        servers = len(running.processes.children)
        try:
            serve(running, port)
            say_ready(port, data_dir, time.monotonic() - start)
            while not (dead := running.processes.dead()):
                time.sleep(0.5)
            raise ended(dead)
        finally:
            say("Stopping ...")
            running.processes.stop(after=servers)


def serve(running: Services, port: int) -> None:
    """Start everything that needs the database and queue, and wait until the web server answers."""
    data_dir, processes = running.data_dir, running.processes
    env = os.environ | running.env
    env |= {
        "DEMO": "1",
        "DEBUG": "0",
        "SECRET_KEY": secret(data_dir / "secret_key"),
        "DATA_DIR": str(data_dir),
        "STATIC_ROOT": str(data_dir / "static"),
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": start_mail_catcher(processes, data_dir),
    }
    prepare = processes.start("Preparing the demo", [sys.executable, "manage.py", "demo"], env=env, cwd=BASE_DIR)
    if prepare.process.wait():
        raise Problem("The demo could not be made ready; the lines above say why.")
    processes.forget(prepare)

    start = time.monotonic()
    module(processes, "web", ["pedbasis.serve", "--port", str(port)], env | {"WEB_WORKERS": "1"}, data_dir)
    wait_for_page(processes, port)
    module(processes, "worker", ["pedbasis.background", "worker"], env, data_dir)
    module(processes, "beat", ["pedbasis.background", "beat", "--pidfile="], env, data_dir)
    done("Web server", start)


def module(processes: Processes, name: str, command: list[str], env: Mapping[str, str], data_dir: Path) -> Child:
    """Start a Python module with its arguments as the child `name`, with an empty log."""
    log = data_dir / "log" / f"{name}.log"
    log.unlink(missing_ok=True)
    return processes.start(name, [sys.executable, "-m", *command], env=env, cwd=BASE_DIR, log=log)


def start_mail_catcher(processes: Processes, data_dir: Path) -> str:
    """Start the SMTP server that stores mail for /demo/post/ and return its EMAIL_URL."""
    directory = private_directory(data_dir / "mail")
    log = data_dir / "log" / "mail.log"
    log.unlink(missing_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        processes.start(
            "mail",
            [sys.executable, "-m", "local.mail", str(listener.fileno()), directory],
            env=os.environ,
            cwd=BASE_DIR,
            log=log,
            pass_fds=[listener.fileno()],
        )
        return f"smtp://127.0.0.1:{listener.getsockname()[1]}"


def wait_for_page(processes: Processes, port: int) -> None:
    """Wait until the web server answers; raise Problem when a process ends, or after READY_SECONDS."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if dead := processes.dead():
            raise ended(dead)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise Problem(f"The web server did not answer within {READY_SECONDS} seconds. Its log is log/web.log in DATA_DIR.")


def checked_port(text: str, data_dir: Path) -> int:
    """Return PORT as a number; raise Problem when it is invalid or in use."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise Problem(f"PORT must be a number from 1 to 65535, not {text!r}. For example: make demo PORT=8001")
    port = int(text)
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):  # a browser may try either
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                with locked(data_dir):  # raises when our own demo is using the port
                    raise Problem(f"Port {port} is in use. Choose another: make demo PORT={port + 1}") from error
            if family == socket.AF_INET:
                raise Problem(
                    f"Port {port} cannot be used: {error.strerror}. Choose another: make demo PORT=8001"
                ) from error
    return port


def ended(child: Child) -> Problem:
    """Return a Problem that names the process that ended, with the end of its log."""
    return Problem(f"{child.last_lines()}\n\nThe part {child.name!r} ended by itself (lines above from {child.log}).")


def say_ready(port: int, data_dir: Path, seconds: float) -> None:
    """Print the URLs of the demo in a box."""
    lines = [
        f"Pedbasis is ready:   http://localhost:{port}/",
        f"Sign in as anyone:   http://localhost:{port}/demo/",
        f"Read the mail:       http://localhost:{port}/demo/post/",
        "",
        f"Started in {seconds:.0f} s. Data and logs are in {data_dir}. Ctrl-C stops everything.",
    ]
    width = max(len(line) for line in lines) + 4
    rule = "+" + "-" * width + "+"
    say("\n".join(["", rule, *(f"|  {line:<{width - 4}}  |" for line in lines), rule, ""]))


def done(title: str, since: float) -> None:
    """Print that a step is done and how long it took."""
    say(f"  {title:.<28} {time.monotonic() - since:5.1f} s")


def say(text: str) -> None:
    """Print and flush."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
