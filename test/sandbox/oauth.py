"""Authorization: the consent page, codes, access and refresh tokens.

A refresh token is spent by its first use: the answer to it holds the only one
that works from then on.
"""

import base64
import hashlib
import secrets
import string
import threading
import time
from urllib.parse import urlencode

import draw
from errors import ApiError, insufficient_scope, invalid, unauthenticated

SCOPES = ("ads:read", "ads:write", "billing:read", "billing:write",
          "biz_access:read", "biz_access:write", "boards:read",
          "boards:read_secret", "boards:write", "boards:write_secret",
          "catalogs:read", "catalogs:write", "msot:write", "pins:read",
          "pins:read_secret", "pins:write", "pins:write_secret",
          "user_accounts:read", "user_accounts:write")
CODE_LIFETIME = 600

_FIELDS = {
    "authorization_code": (("code", "redirect_uri"), ("continuous_refresh",)),
    "refresh_token": (("refresh_token",), ("scope", "refresh_on",
                                           "continuous_refresh")),
}
_ALPHABET = string.ascii_uppercase + string.digits


def _token(prefix, source=None):
    """A token in Pinterest's shape; the first ones follow from the seed."""
    if source is None:
        body = "".join(secrets.choice(_ALPHABET) for _ in range(80))
    else:
        digest = hashlib.blake2b(draw.key_of("token", prefix, source)).digest()
        body = base64.b32encode(digest).decode().rstrip("=")[:80]
    return prefix + body


def _check_flag(given, name):
    # True is what Python's clients make of it, Pinterest's own ones, too.
    if given.get(name, "true") not in ("true", "false", "True", "False"):
        raise invalid("'%s' is not a boolean" % name)


def _scopes(text):
    return frozenset(text.replace(",", " ").split())


class OAuth:
    def __init__(self, settings, seed, redirect_uri, extra_token=None):
        self._settings, self._lock = settings, threading.Lock()
        self.redirect_uri = redirect_uri
        self.client_id = draw.digits(7, "client", seed)
        self.client_secret = draw.key_of("secret", seed).hex()[:40]
        self.access_token = _token("pina_", seed)
        self.refresh_token = _token("pinr_", seed)
        now, granted = time.time(), frozenset(SCOPES)
        # token -> (scopes, end of its life)
        self._access = {
            token: (granted, now + settings.access_token_lifetime)
            for token in (self.access_token, extra_token) if token}
        self._refresh = {self.refresh_token:
                         (granted, now + settings.refresh_token_lifetime)}
        self._codes = {}
        # Tokens that only their receiver knows, in the order of their issue.
        self.issued = []

    def scopes(self, authorization):
        """Scopes of a request's bearer token; 401 if it is no good."""
        scheme, _, token = (authorization or "").partition(" ")
        with self._lock:
            known = self._access.get(token)
        if scheme != "Bearer" or known is None or known[1] <= time.time():
            raise unauthenticated()
        return known[0]

    def require(self, authorization, scopes):
        if not self.scopes(authorization).issuperset(scopes):
            raise insufficient_scope()

    def consent(self, parameters):
        """The consent page: decides at once.  Returns where to send the browser."""
        for name, values in parameters.items():
            if name not in ("client_id", "redirect_uri", "response_type", "scope",
                            "state", "consumer_id", "refreshable"):
                raise invalid("unexpected parameter '%s'" % name)
            if len(values) > 1:
                raise invalid("parameter '%s' is given twice" % name)
        given = {name: values[0] for name, values in parameters.items()}
        # Pinterest's own clients still call it by its older name.
        if given.get("consumer_id", given.get("client_id")) != self.client_id:
            raise invalid("unknown client_id")
        _check_flag(given, "refreshable")
        if given.get("redirect_uri") != self.redirect_uri:
            raise invalid("redirect_uri is not the registered one")
        if given.get("response_type") != "code":
            raise invalid("response_type must be 'code'")
        wanted = given.get("scope", "").split(",")
        unknown = [scope for scope in wanted if scope not in SCOPES]
        if unknown:
            raise invalid("unknown scope '%s'" % unknown[0])
        if self._settings.consent == "denied":
            return self._back({"error": "access_denied"}, given)
        code = secrets.token_hex(20)
        with self._lock:
            self._codes[code] = (frozenset(wanted), time.time() + CODE_LIFETIME)
        return self._back({"code": code}, given)

    def _back(self, answer, given):
        """Where the browser is sent back to."""
        if "state" in given:
            answer["state"] = given["state"]
        joint = "&" if "?" in self.redirect_uri else "?"
        return self.redirect_uri + joint + urlencode(answer)

    def _check_client(self, authorization):
        scheme, _, encoded = (authorization or "").partition(" ")
        expected = "%s:%s" % (self.client_id, self.client_secret)
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            raise unauthenticated() from None
        if scheme != "Basic" or given != expected:
            raise unauthenticated()

    def exchange(self, authorization, form):
        """The token endpoint: a code or a refresh token for new tokens."""
        self._check_client(authorization)
        repeated = [name for name, values in form.items() if len(values) > 1]
        if repeated:
            raise invalid("'%s' is given twice" % repeated[0])
        given = {name: values[0] for name, values in form.items()}
        grant = given.pop("grant_type", None)
        if grant is None:
            raise invalid("'grant_type' is a required property")
        if grant not in _FIELDS:
            raise invalid("'%s' is not one of %s" % (grant, list(_FIELDS)))
        required, optional = _FIELDS[grant]
        for name in required:
            if not given.get(name):
                raise invalid("'%s' is a required property" % name)
        for name in given:
            if name not in required + optional:
                raise invalid("unexpected field '%s'" % name)
        for name in ("continuous_refresh", "refresh_on"):
            _check_flag(given, name)
        if grant == "authorization_code":
            return self._issue(grant, self._spend_code(given))
        return self._issue(grant, self._spend_refresh(given))

    def _spend_code(self, given):
        with self._lock:
            scopes, end = self._codes.pop(given["code"], (None, 0))
        if end <= time.time() or given["redirect_uri"] != self.redirect_uri:
            raise unauthenticated()
        return scopes

    def _spend_refresh(self, given):
        token = given["refresh_token"]
        with self._lock:
            scopes, end = self._refresh.get(token, (None, 0))
            if end <= time.time():
                raise unauthenticated()
            wanted = _scopes(given["scope"]) if given.get("scope") else scopes
            if not wanted <= scopes:
                raise insufficient_scope()
            del self._refresh[token]
        return wanted

    def _issue(self, grant, scopes):
        access, refresh, now = _token("pina_"), _token("pinr_"), time.time()
        access_life = self._settings.access_token_lifetime
        refresh_life = self._settings.refresh_token_lifetime
        with self._lock:
            self._access[access] = (scopes, now + access_life)
            self._refresh[refresh] = (scopes, now + refresh_life)
            self.issued += [access, refresh]
        return {"access_token": access, "refresh_token": refresh,
                "response_type": grant, "token_type": "bearer",
                "expires_in": int(access_life),
                "refresh_token_expires_in": int(refresh_life),
                "refresh_token_expires_at": int(now + refresh_life),
                "scope": " ".join(sorted(scopes))}

    def expire(self, what):
        """End the life of all access tokens, refresh tokens or codes."""
        with self._lock:
            tokens = {"access_token": self._access, "code": self._codes,
                      "refresh_token": self._refresh}[what]
            for token in tokens:
                tokens[token] = (tokens[token][0], 0)


def bad_form():
    return ApiError(400, 1, "Invalid request: Content-Type must be "
                    "application/x-www-form-urlencoded")
