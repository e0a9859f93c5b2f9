"""The servers that are measured: started on free ports of 127.0.0.1, over the same data."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

from .machine import ROOT, Server, free_port, say

PEERS = ROOT / "benches" / "peers"
DEBIAN = ("curl", "gzip", "nginx", "python3-venv", "sqlite3", "wrk", "zstd")

NGINX = """\
daemon off;
pid {run}/nginx.pid;
error_log {run}/nginx.log;
worker_processes 2;
{user}
events {{ worker_connections 1024; }}
http {{
    default_type application/json;
    types {{ text/csv csv; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=100000 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {run}/nginx-body;
    proxy_temp_path {run}/nginx-proxy;
    fastcgi_temp_path {run}/nginx-fastcgi;
    uwsgi_temp_path {run}/nginx-uwsgi;
    scgi_temp_path {run}/nginx-scgi;
    server {{
        listen 127.0.0.1:{port} reuseport backlog=1024;
        root {root};
    }}
}}
"""


def install(work):
    """Debian's packages through scripts/setup; the Python peers, pinned, in an environment of their own."""
    names = {"nginx": "nginx-light"}
    path = os.environ["PATH"].split(":") + ["/usr/sbin", "/sbin"]
    os.environ["PATH"] = ":".join(dict.fromkeys(path))
    missing = [names.get(name, name) for name in DEBIAN if name != "nginx" or not any((Path(folder) / name).exists() for folder in path)]
    # the package and its program have different names
    missing = [name for name in missing if name != "nginx-light" or not any((Path(folder) / "nginx").exists() for folder in path)]
    subprocess.run([ROOT / "scripts/setup", *missing], check=True)
    wanted = PEERS / "requirements.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    venv, mark = work / "venv", work / "venv" / "made-from"
    if not mark.exists() or mark.read_text() != digest:
        say("installing the Python peers")
        subprocess.run(["python3", "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*pip, "--requirement", wanted], check=True)
        mark.write_text(digest)
    return venv


def build(names):
    """Builds benches of this crate with optimisation; gives their programs by name."""
    command = ["cargo", "build", "--release", "--locked", "--message-format=json", *(part for name in names for part in ("--bench", name))]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    found = {}
    for line in built.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message.get("executable"):
            found[message["target"]["name"]] = message["executable"]
    return [found[name] for name in names]


def tanyin(binary, folder, run, name="tanyin"):
    port = free_port()
    command = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", folder]
    return Server(name, command, port, "/readyz", run / f"{name}.log")


def nginx(root, run):
    port = free_port()
    configuration = run / "nginx.conf"
    # workers of a server that root starts belong to somebody else, who may not enter the folder
    user = "user root;" if os.getuid() == 0 else ""
    configuration.write_text(NGINX.format(run=run, root=root, port=port, user=user))
    return Server("nginx", ["nginx", "-e", run / "nginx.log", "-c", configuration], port, "/", run / "nginx.out")


def ceiling(program, answers, run):
    port = free_port()
    return Server("ceiling", [program, answers, port], port, "/hello", run / "ceiling.log")


def datasette(venv, database, run):
    port = free_port()
    command = [venv / "bin/datasette", "serve", "-i", database, "--port", port, "--setting", "sql_time_limit_ms", 60000]
    return Server("datasette", command, port, "/-/versions.json", run / "datasette.log")


def fastapi(venv, database, run):
    port = free_port()
    command = [venv / "bin/uvicorn", "fastapi_app:app", "--app-dir", PEERS, "--port", port, "--workers", 2]
    command += ["--no-access-log", "--log-level", "warning"]
    return Server("fastapi", command, port, "/openapi.json", run / "fastapi.log", {"FACTORS_DB": str(database)})
