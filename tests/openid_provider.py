"""A little OpenID provider on loopback, for tests: discovery, keys, codes with PKCE, ID tokens, userinfo.

It is as strict as a real one (redirect URI, client secret, S256, a code works once and for a minute) and can be
told to misbehave: `claims` and `token_claims` change what it says, `key` what it signs with, `is_down` that it fails.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CLIENT_ID, CLIENT_SECRET = "hirnok", "a-secret-of-the-client"


def new_key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """What it knows, and how it misbehaves."""

    issuer: str = ""
    callback: str = ""  # the registered redirect URI
    claims: dict[str, Any] = field(default_factory=dict)  # of the person who is signed in there
    token_claims: dict[str, Any] = field(default_factory=dict)  # put over what is true
    told: dict[str, Any] | None = None  # what userinfo says; None: the claims
    in_token: bool = True  # whether the ID token has the claims, or only userinfo
    key: RSAPrivateKey = field(default_factory=new_key)
    is_down: bool = False
    code_expired: bool = False
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths, to see what was fetched
    published: RSAPrivateKey | None = None  # another key in the key set than it signs with

    def authorize(self, query: dict[str, str]) -> str:
        """Let the person in who is signed in here, and return where the browser goes."""
        assert query["client_id"] == CLIENT_ID
        assert query["redirect_uri"] == self.callback
        assert query["response_type"] == "code"
        assert set(query["scope"].split()) == {"openid", "email", "profile"}
        assert query["code_challenge_method"] == "S256"
        assert len(query["nonce"]) >= 22
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{self.callback}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Give tokens for a code; None when it is refused (RFC 6749, 5.2; RFC 7636, 4.6)."""
        query = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            query is None
            or self.code_expired
            or form.get("client_secret") != CLIENT_SECRET
            or form.get("redirect_uri") != query["redirect_uri"]
            or base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() != query["code_challenge"]
        ):
            return None
        now = int(time.time())
        standard = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 60,
            "nonce": query["nonce"],
            "sub": self.claims["sub"],
        }
        said = standard | (self.claims if self.in_token else {}) | self.token_claims
        id_token = jwt.encode(
            {name: value for name, value in said.items() if value is not None},
            self.key,
            algorithm="RS256",
            headers={"kid": "one"},
        )
        return {"access_token": "of-the-person", "token_type": "Bearer", "id_token": id_token}

    def answer(self, method: str, path: str, form: dict[str, str]) -> tuple[int, Any]:
        """Answer what Hirnok asks: status and JSON."""
        self.asked.append(path)
        if self.is_down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/keys":
            public = (self.published or self.key).public_key()
            found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
            return 200, {"keys": [found | {"kid": "one", "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return 200, self.claims if self.told is None else self.told
        if path == "/token" and method == "POST":
            given = self.exchange(form)
            return (200, given) if given else (400, {"error": "invalid_grant"})
        return 404, {}


@contextmanager
def running(callback: str) -> Iterator[Provider]:
    """Run one on a free port of loopback; `callback` is the redirect URI that it takes."""
    provider = Provider(callback=callback)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._say(*provider.answer("GET", parts.path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.answer("POST", urlsplit(self.path).path, form))

        def _say(self, status: int, said: Any) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
