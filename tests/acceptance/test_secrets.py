"""Story: a secret reaches the pipeline that lists it, and nobody ever sees it again."""

from pathlib import Path

from fastflow.domain.masking_forms import forms_of
from tests.server_process import TERMINAL, MakeServer, ServerProcess, attempt_directories

VALUE = "correct horse/battery+staple"
KEY = "a key/that fits+the lock"
PRINTS_IT = """
import base64, json, os, sys, urllib.parse
secret, encrypted = os.environ["DB_PASSWORD"], os.environ["API_TOKEN"]
path = os.environ["KEY_FILE"]
with open(path) as file:
    key = file.read()
assert os.stat(path).st_mode & 0o777 == 0o400
assert not {"OTHER", "KEY"} & os.environ.keys() and key not in os.environ.values()
for value in (secret, encrypted, key):
    print(value, json.dumps({"password": value}), repr(value), value.encode().hex())
    print(urllib.parse.quote(value), urllib.parse.quote_plus(value), file=sys.stderr)
    for start in ("", "u", "u:"):
        print(base64.b64encode((start + value).encode()).decode())
    for character in value:  # one line in many writes
        sys.stdout.write(character)
        sys.stdout.flush()
    print()
with open(os.environ["FASTFLOW_ROUTE_FILE"], "w") as file:
    file.write(secret)
raise SystemExit(f"can't connect to postgresql://user:{secret}@db")
"""


def story(server: ServerProcess) -> None:
    """Store, run, look for traces, take away."""
    stored = server.call("PUT", "/api/secrets/DB_PASSWORD?pipeline_name=prints", {"value": VALUE})
    assert stored["name"] == "DB_PASSWORD"
    server.call("PUT", "/api/secrets/KEY", {"value": KEY})
    server.call("PUT", "/api/secrets/OTHER", {"value": "not listed by anybody"})
    token = VALUE[::-1]
    ciphertext = server.call("POST", "/api/secrets/encrypt", {"value": token})["ciphertext"]
    listed = ["DB_PASSWORD", {"key": "KEY", "as": "file"}]
    server.add("prints", PRINTS_IT, {"secrets": listed, "encrypted_env": {"API_TOKEN": ciphertext}})
    assert server.get("/api/pipelines/prints")["problems"] == []
    run = server.until_status(server.run("prints"), *TERMINAL)
    assert (run["status"], run["exit_code"]) == ("FAILED", 1)
    log = server.raw_log(run["id"]).decode()
    assert "postgresql://user:***@db" in log
    assert run["route"] is None
    assert any("holds a secret" in warning for warning in run["warnings"])
    server.until(lambda: not attempt_directories(server))
    found = b"\n".join(file.read_bytes() for file in files_of(server)) + f"{log}{server.log()}".encode()
    for value in (VALUE, token, KEY):
        assert [form.text for form in forms_of(value) if form.text in found] == []
    (secret,) = [s for s in server.get("/api/secrets")["secrets"] if s["pipeline_name"] == "prints"]
    assert secret["last_run_id"] == run["id"]
    server.call("DELETE", "/api/secrets/DB_PASSWORD?pipeline_name=prints")
    (warning,) = server.get("/api/pipelines/prints")["problems"]
    assert "no secret DB_PASSWORD" in warning["message"]
    refused = server.until_status(server.run("prints"), *TERMINAL)
    assert (refused["outcome"], refused["started_at"]) == ("secrets_unavailable", None)
    assert "fastflow secrets set DB_PASSWORD --pipeline prints" in refused["reason"]


def files_of(server: ServerProcess) -> list[Path]:
    """Return what a server keeps, but for uv's store."""
    data = server.data
    kept = (file for file in data.rglob("*") if file.is_file() and not file.is_symlink())
    return [file for file in kept if file.relative_to(data).parts[0] != "uv"]


def test_a_secret_leaves_no_trace_of_a_container(server: ServerProcess) -> None:
    story(server)


def test_a_secret_leaves_no_trace_of_a_local_process(make_server: MakeServer, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    server = make_server(
        {"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0", "FASTFLOW_DATA_DIR": data}
    )
    server.start()
    server.until_ready()
    try:
        story(server)
    finally:
        server.terminate()
