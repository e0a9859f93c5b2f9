"""The servers that are measured: started on free ports of 127.0.0.1, over the same data."""

import hashlib
import os
import shutil
import subprocess

from .machine import ROOT, Server, free_port, say

PEERS = ROOT / "benches" / "peers"
# Programs, and the packages that bring them.
DEBIAN = {"nginx": "nginx-light", "sqlite3": "sqlite3", "wrk": "wrk"}

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
    os.environ["PATH"] += ":/usr/sbin"
    missing = [package for program, package in DEBIAN.items() if not shutil.which(program)]
    subprocess.run([ROOT / "scripts/setup", "python3-venv", *missing], check=True)
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


PACKAGE = """\
[package]
name = "bench-programs"
version = "0.0.0"
edition = "2024"
autobins = false

[workspace]

[dependencies]
{dependencies}
[profile.release]
lto = "thin"
"""


def build(work, programs):
    """Builds benches with optimisation, each with the crates that it uses; gives their programs.

    They become a package of their own, with the versions of this one: as benches of this one they would be built together with
    the whole server, once more and for nothing.
    """
    folder = work / "programs"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    ours = (ROOT / "Cargo.toml").read_text(encoding="utf-8").split("[dependencies]\n")[1].split("\n[")[0]
    wanted = {name for names in programs.values() for name in names}
    dependencies = "".join(line + "\n" for line in ours.splitlines() if line.split(" = ")[0] in wanted)
    manifest = PACKAGE.format(dependencies=dependencies)
    for name in programs:
        manifest += f'\n[[bin]]\nname = "{name}"\npath = "{ROOT / "benches" / name}.rs"\n'
    (folder / "Cargo.toml").write_text(manifest, encoding="utf-8")
    (folder / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())
    environment = {**os.environ, "CARGO_TARGET_DIR": str(folder / "target")}
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=folder, env=environment, check=True)
    return [folder / "target/release" / name for name in programs]


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
