"""Fetches JSON with `requests`, from a small server of its own: it needs no internet."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests

CITIES = {"Berlin": 3_900_000, "Hamburg": 1_910_000, "München": 1_510_000}


class Cities(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(CITIES).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


print(f"requests {requests.__version__}")
with HTTPServer(("127.0.0.1", 0), Cities) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    session = requests.Session()
    session.trust_env = False  # a proxy could not reach this process
    answer = session.get(f"http://127.0.0.1:{server.server_port}/cities", timeout=10)
    server.shutdown()

answer.raise_for_status()
for city, people in answer.json().items():
    print(f"{city}: {people:,} people")
