#!/usr/bin/env python3
"""Vestibule beside nginx, HAProxy and Caddy: what one request costs, over TLS, on this machine.

  benches/compare.py                 builds the release binary, runs everything, prints tables (about 5 minutes)
  benches/compare.py --quick         one short round: does it all still work?
  benches/compare.py --instructions  counts user-space instructions as well (valgrind; slow, repeatable to under 1 %)

Each proxy has one worker on one core; the load and the upstream are on the other. Rounds are interleaved, medians are
shown, ratios are against nginx with auth_request. Everything listens on loopback and ends with this command. Needs
nginx, haproxy, caddy, wrk, nghttp2-client, openssl and, for --instructions, valgrind (all in Debian).
"""
import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
UPSTREAM = 18080
HOST = "portal50.example.com"
PASSWORD = "correct horse battery staple"
PORTALS, RULES = 50, 4
LOAD_CORE, PROXY_CORE = "0", "1"

NGINX = """
pid {dir}/{name}.pid; error_log {dir}/{name}.err crit; worker_processes 1; daemon off; {more}
events {{ worker_connections 8192; multi_accept on; }}
http {{
  access_log off; server_tokens off; tcp_nodelay on; keepalive_timeout 900s; keepalive_requests 1000000000;
  client_body_temp_path {dir}/{name}.b; proxy_temp_path {dir}/{name}.p; fastcgi_temp_path {dir}/{name}.f;
  uwsgi_temp_path {dir}/{name}.u; scgi_temp_path {dir}/{name}.s;
  {http}
}}
"""
UPSTREAM_HTTP = """server {{ listen 127.0.0.1:{port} backlog=4096;
  location / {{ default_type text/html; return 200 "{body}"; }}
  location = /echo {{ default_type text/plain; return 200 "user=$http_remote_user"; }} }}"""
PROXY_HTTP = """
  map $cookie_sid $user {{ default ""; {sid} anna; }}
  upstream up {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; keepalive_timeout 900s; }}
  server {{
    listen 127.0.0.1:{port} ssl http2 backlog=4096; http2_max_concurrent_streams 256;
    ssl_certificate {dir}/chain.pem; ssl_certificate_key {dir}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    proxy_http_version 1.1; proxy_request_buffering off;
    location / {{
      {auth}
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr; proxy_pass http://up;
    }}
    location = /.auth {{ internal; if ($user = "") {{ return 401; }} return 204; }}
    location @login {{ return 302 /login; }}
  }}"""
NGINX_AUTH = "auth_request /.auth; error_page 401 = @login; proxy_set_header Remote-User $user;"
HAPROXY = """
global
  nbthread 1
  maxconn 4000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 900s
  timeout server 900s
frontend f
  bind 127.0.0.1:{port} ssl crt {dir}/bundle.pem alpn h2,http/1.1
  http-request set-var(txn.user) req.cook(sid),map_str({dir}/users.map)
  http-request redirect location /login code 302 unless {{ var(txn.user) -m found }}
  http-request set-header Remote-User %[var(txn.user)]
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-For %[src]
  default_backend up
backend up
  http-reuse always
  server s 127.0.0.1:{upstream} pool-max-conn 512
"""
CADDY = """{{
  admin off
  auto_https off
  storage file_system {dir}/caddy.store
  log {{
    level ERROR
  }}
}}
https://{host}:{port}, https://127.0.0.1:{port} {{
  bind 127.0.0.1
  tls {dir}/chain.pem {dir}/key.pem
  @stranger not header Cookie *sid={sid}*
  route {{
    redir @stranger /login 302
    request_header Remote-User anna
    reverse_proxy 127.0.0.1:{upstream} {{
      transport http {{
        keepalive 900s
        keepalive_idle_conns_per_host 512
      }}
    }}
  }}
}}
"""


class Peer:
    """One proxy: how it is started, what it is asked with, and which processes are its own."""

    def __init__(self, name, port, command, what, env=None, plain=False):
        self.name, self.port, self.command, self.what = name, port, command, what
        self.env, self.plain = env or {}, plain
        self.cookie, self.process = None, None

    def start(self, folder, prefix=()):
        argv = ["taskset", "-c", PROXY_CORE, *prefix, *self.command]
        said = folder / f"{self.name}.said"
        with said.open("w") as out:
            self.process = subprocess.Popen(argv, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if not wait_for(self.port, self.process, 120 if prefix else 30):
            sys.exit(f"{self.name} does not answer: {said.read_text()[-600:]}")

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def pids(self):
        return family(self.process.pid)


def family(pid):
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def cpu(pids):
    """User and system CPU seconds so far."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # a helper process that has just ended
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pids):
    """Proportional set size, in MiB."""
    kib = 0
    for pid in pids:
        try:
            kib += int(re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M).group(1))
        except OSError:
            continue
    return kib / 1024


def wait_for(port, process, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


class Named(http.client.HTTPSConnection):
    """Asks for the portal by name, wherever it is."""

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        self.sock = ssl._create_unverified_context().wrap_socket(plain, server_hostname=HOST)


def ask(port, method, path, headers=None, body=None):
    connection = Named(HOST, port)
    connection.request(method, path, body, {"Host": HOST, "Accept": "text/html", **(headers or {})})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, text, answer.headers


def sign_in(port):
    """Signs in as a browser does; the session's cookie."""
    _, page, head = ask(port, "GET", "/.vestibule/login", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
    cookies = {}
    keep = lambda head: cookies.update(c.split(";")[0].split("=", 1) for c in head.get_all("Set-Cookie") or [])
    keep(head)
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    fields |= {"username": "anna", "password": PASSWORD}
    status, page, head = ask(port, "POST", "/.vestibule/login", {
        "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"https://{HOST}:{port}", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate",
        "Host": f"{HOST}:{port}",
    }, urllib.parse.urlencode(fields))
    keep(head)
    if "__Host-vestibule" not in cookies:
        sys.exit(f"cannot sign in: {status} {re.sub('<[^>]*>', ' ', page)[:400]}")
    return f"__Host-vestibule={cookies['__Host-vestibule']}"


def vestibule_file(folder, port, password):
    file = f"""[server]
https = ["127.0.0.1:{port}"]
http = []
internal = "127.0.0.1:{port + 10}"
workers = 1
[tls]
certificates = [{{ chain = "chain.pem", key = "key.pem" }}]
[second_factor]
requirement = "off"
[log]
access = false
level = "warn"
audit = "audit.log"
[[directory]]
kind = "file"
path = "users.toml"
"""
    for number in range(1, PORTALS + 1):
        file += f'[[portal]]\nname = "portal{number}"\nhosts = ["portal{number}.example.com"]\n'
        file += f'upstream = "http://127.0.0.1:{UPSTREAM}"\n'
        for rule in range(1, RULES):
            file += f'[[portal.rule]]\npath = "/area{rule}/**"\nsubjects = ["group:area{rule}"]\npolicy = "two_factor"\n'
        file += '[[portal.rule]]\npath = "/**"\nsubjects = ["group:office"]\npolicy = "one_factor"\n'
    (folder / "vestibule.toml").write_text(file)
    users = f'[[user]]\nname = "anna"\nemail = "anna@example.com"\ngroups = ["office", "area1", "area2", "area3"]\npassword = "{password}"\n'
    (folder / "users.toml").write_text(users)
    (folder / "users.toml").chmod(0o600)


def peers(folder, binary, chosen):
    sid = os.urandom(16).hex()
    make = lambda name, text: (folder / name).write_text(text) and str(folder / name)
    common = {"dir": folder, "upstream": UPSTREAM, "sid": sid, "host": HOST}

    def nginx(name, port, auth):
        # With one process for callgrind, which follows no children here.
        http_part = PROXY_HTTP.format(port=port, auth=auth, **common)
        conf = NGINX.format(name=name, http=http_part, more="master_process off;", **common)
        return ["nginx", "-c", make(f"{name}.conf", conf)]

    make("users.map", f"{sid} anna\n")
    hashed = subprocess.run([binary, "hash"], input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
    vestibule_file(folder, 19001, hashed)
    caddy = make("Caddyfile", CADDY.format(port=19005, **common))
    every = [
        Peer("nginx-auth", 19003, nginx("nginx-auth", 19003, NGINX_AUTH), "auth_request to an internal location, cookie in a map"),
        Peer("nginx", 19002, nginx("nginx", 19002, ""), "TLS proxy without a question asked", plain=True),
        Peer("haproxy", 19004, ["haproxy", "-db", "-f", make("haproxy.cfg", HAPROXY.format(port=19004, **common))], "cookie in a map"),
        Peer("caddy", 19005, ["caddy", "run", "--adapter", "caddyfile", "--config", caddy], "cookie compared with a pattern", env={"GOMAXPROCS": "1"}),
        Peer("vestibule", 19001, [binary, "serve", "--config", str(folder / "vestibule.toml")], f"{PORTALS * RULES} rules over {PORTALS} portals, audit and metrics on"),
    ]
    found = []
    for peer in every:
        if chosen and peer.name not in chosen:
            continue
        if not shutil.which(peer.command[0]):
            print(f"left out: {peer.name} is not installed", file=sys.stderr)
            continue
        peer.cookie = f"sid={sid}"
        found.append(peer)
    return found


def load(argv, seconds):
    run = subprocess.run(["taskset", "-c", LOAD_CORE, *argv], capture_output=True, text=True, timeout=seconds + 120)
    return run.stdout + run.stderr


WRK = """done = function(s, l, r)
  local e = s.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", s.requests, s.duration, l:percentile(50), l:percentile(99),
    e.connect + e.read + e.write + e.timeout + e.status))
end"""


def http1(peer, folder, seconds):
    (folder / "wrk.lua").write_text(WRK)
    said = load(["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", str(folder / "wrk.lua"), "-H", f"Host: {HOST}",
                 "-H", f"Cookie: {peer.cookie}", f"https://127.0.0.1:{peer.port}/page"], seconds)
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    if not found:
        sys.exit(f"wrk: {said[-400:]}")
    count, micros, p50, p99, errors = map(int, found.groups())
    return {"requests": count, "rate": count / micros * 1e6, "p50": p50 / 1000, "p99": p99 / 1000, "errors": errors}


def http2(peer, folder, seconds):
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    said = load(["h2load", "-t1", "-c16", "-m8", f"-D{seconds}", "--warm-up-time=0", f"--log-file={log}",
                 "-H", f":authority: {HOST}", "-H", f"cookie: {peer.cookie}", f"https://127.0.0.1:{peer.port}/page"], seconds)
    found = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored", said)
    if not found or "Application protocol: h2" not in said:
        sys.exit(f"h2load at {peer.name}: {said[:1200]}")
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    spans = sorted(int(fields[2]) for fields in lines if len(fields) > 2)
    at = lambda part: spans[min(len(spans) - 1, int(len(spans) * part))] / 1000 if spans else 0
    count, good = int(found[1]), int(found[2])
    bad = sum(fields[1] != "200" for fields in lines if len(fields) > 2)
    return {"requests": count, "rate": good / seconds, "p50": at(0.5), "p99": at(0.99), "errors": bad + int(found[4])}


def measured(peer, work):
    before = cpu(peer.pids())
    result = work()
    if not result["requests"] or result["errors"] * 100 > result["requests"]:
        sys.exit(f"{peer.name}: {result}")
    result["cpu"] = (cpu(peer.pids()) - before) / result["requests"] * 1e5
    return result


def instructions(peer, folder):
    """Per request: the difference of two runs that differ in the number of requests alone."""
    counted = {}
    for name, flag, low, high in (("h1", ["--h1"], 500, 2500), ("h2", [], 512, 2560)):
        totals = []
        for count in (low, high):
            out = folder / f"callgrind.{peer.name}"
            out.unlink(missing_ok=True)
            peer.start(folder, ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"])
            if peer.name == "vestibule":
                peer.cookie = sign_in(peer.port)
            said = load(["h2load", *flag, "-t1", "-c4", "-m1" if flag else "-m8", f"-n{count}", "-H",
                         f"{'Host' if flag else ':authority'}: {HOST}", "-H", f"cookie: {peer.cookie}",
                         f"https://127.0.0.1:{peer.port}/page"], 300)
            peer.stop()
            if f"{count} 2xx" not in said:
                sys.exit(f"{peer.name} under valgrind: {said[-400:]}")
            totals.append(int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M).group(1)))
        counted[name] = (totals[1] - totals[0]) / (high - low)
    return counted


def certify(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7",
                    "-keyout", folder / "key.pem", "-out", folder / "chain.pem", "-subj", "/CN=bench",
                    "-addext", "subjectAltName=DNS:*.example.com,IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"],
                   check=True, capture_output=True)
    (folder / "key.pem").chmod(0o600)
    (folder / "bundle.pem").write_text((folder / "chain.pem").read_text() + (folder / "key.pem").read_text())


def table(title, heads, rows):
    print(f"\n**{title}**\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--instructions", action="store_true", help="count instructions under valgrind as well")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each sample")
    parser.add_argument("--peers", default="", help="only these, by name, with commas")
    parser.add_argument("--binary", help="a built vestibule; the release build otherwise")
    parser.add_argument("--json", help="write all samples there")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 1
    if not options.binary:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        options.binary = str(target / "release" / "vestibule")
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        run(options, folder)


def run(options, folder):
    certify(folder)
    conf = NGINX.format(name="upstream", dir=folder, more="master_process off;",
                        http=UPSTREAM_HTTP.format(port=UPSTREAM, body="x" * 200))
    (folder / "upstream.conf").write_text(conf)
    upstream = subprocess.Popen(["taskset", "-c", LOAD_CORE, "nginx", "-c", str(folder / "upstream.conf")])
    live = []
    try:
        if not wait_for(UPSTREAM, upstream, 20):
            sys.exit("the upstream does not answer")
        live = peers(folder, options.binary, set(filter(None, options.peers.split(","))))
        samples = {peer.name: {"h1": [], "h2": []} for peer in live}
        for peer in live:
            peer.start(folder)
            if peer.name == "vestibule":
                peer.cookie = sign_in(peer.port)
            does_its_work(peer)
            samples[peer.name]["start"] = memory(peer.pids())
        for kind, work in (("h1", http1), ("h2", http2)):
            for number in range(options.rounds):
                turn = number % len(live)
                for peer in live[turn:] + live[:turn]:
                    samples[peer.name][kind].append(measured(peer, lambda: work(peer, folder, options.seconds)))
        for peer in live:
            samples[peer.name]["after"] = memory(peer.pids())
            peer.stop()
        if options.instructions:
            for peer in live:
                if peer.name != "caddy":  # valgrind runs no Go
                    samples[peer.name]["instructions"] = instructions(peer, folder)
        report(options, live, samples)
        if options.json:
            Path(options.json).write_text(json.dumps(samples, indent=1))
    finally:
        for peer in live:
            peer.stop()
        upstream.terminate()
        upstream.wait()


def does_its_work(peer):
    """A proxy that forwards what it should not, or names nobody, is not compared."""
    status, text, _ = ask(peer.port, "GET", "/echo", {"Cookie": peer.cookie, "Remote-User": "mallory"})
    wanted = "user=mallory" if peer.plain else "user=anna"
    if (status, text) != (200, wanted):
        sys.exit(f"{peer.name} answers {status} {text[:200]}, not {wanted}")
    status, _, _ = ask(peer.port, "GET", "/echo")
    if (status == 200) != peer.plain:
        sys.exit(f"{peer.name} answers strangers with {status}")


def report(options, live, samples):
    middle = lambda name, kind, key: statistics.median(sample[key] for sample in samples[name][kind])
    base = "nginx-auth" if "nginx-auth" in samples else live[0].name
    version = lambda argv: (lambda r: (r.stdout + r.stderr).strip().splitlines()[0])(subprocess.run(argv, capture_output=True, text=True))
    print(f"One worker on one core, load and upstream on the other; {options.rounds} interleaved rounds of {options.seconds} s, medians. "
          f"Kernel {os.uname().release}, {os.cpu_count()} cores.")
    for argv in (["nginx", "-v"], ["haproxy", "-v"], ["caddy", "version"], [options.binary, "--version"]):
        if shutil.which(argv[0]):
            print(f"- {version(argv)}")
    print("\nDebian's nginx and HAProxy link OpenSSL 3.0. Loopback costs no network, so that work in user space stands out. With other "
          "work on the machine, only CPU and instructions count; rates and times are hints. No access logs anywhere.")
    for kind, title in (("h1", "HTTP/1.1, 200 B, 64 connections"), ("h2", "HTTP/2, 200 B, 16 connections of 8 streams")):
        rows = []
        for peer in live:
            figure = lambda key: middle(peer.name, kind, key)
            against = lambda key: f"{figure(key) / middle(base, kind, key):.2f}"
            row = [peer.name, f"{figure('cpu'):.2f}", against("cpu"), f"{figure('rate'):,.0f}", against("rate"),
                   f"{figure('p50'):.2f}", against("p50"), f"{figure('p99'):.2f}", against("p99"), f"{sum(s['errors'] for s in samples[peer.name][kind])}"]
            if options.instructions:
                counted = samples[peer.name].get("instructions")
                row += [f"{counted[kind] / 1000:.1f}", f"{counted[kind] / samples[base]['instructions'][kind]:.2f}"] if counted else ["-", "-"]
            rows.append(row)
        heads = ["proxy", "CPU s/100k", "x", "requests/s", "x", "p50 ms", "x", "p99 ms", "x", "errors"]
        table(title, heads + (["k instr/request", "x"] if options.instructions else []), rows)
    table("Memory (PSS, MiB)", ["proxy", "idle", "after", "x", "what it does"], [
        [peer.name, f"{samples[peer.name]['start']:.1f}", f"{samples[peer.name]['after']:.1f}",
         f"{samples[peer.name]['after'] / samples[base]['after']:.2f}", peer.what] for peer in live])


if __name__ == "__main__":
    main()
