"""The control surface for tests, below /sandbox.

    GET    info         the line that the sandbox printed when it was ready
    GET    log          all requests since the start or the last DELETE, in
                        the order of their arrival; see requestlog.py
    DELETE log
    GET    faults       the faults in force, with their ids and hits
    POST   faults       add one fault, or a list of them; see faults.py
    DELETE faults
    GET    settings     all settings; see settings.py
    POST   settings     change some of them
    POST   revision     go on to the next revision of the data; answers with its
                        number
    GET    access       [id, "full" | "denied" | "unlisted"] of each ad account at
                        the present revision
    GET    issued       all tokens issued so far, for a search where they must
                        not be
    POST   expire       {"what": "access_token" | "refresh_token" | "code" |
                        "links" | "reports"}: all of these end their life now

Requests to it are not logged, and no fault hits them.
"""

import json

from errors import ApiError
from web import json_answer


class Control:
    def __init__(self, sandbox):
        self._sandbox = sandbox
        self._routes = {
            ("GET", "info"): self._info,
            ("GET", "log"): self._log,
            ("DELETE", "log"): self._clear_log,
            ("GET", "faults"): self._list_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "settings"): self._settings,
            ("POST", "settings"): self._change_settings,
            ("POST", "revision"): self._next_revision,
            ("GET", "access"): self._access,
            ("GET", "issued"): self._issued,
            ("POST", "expire"): self._expire,
        }

    def answer(self, request):
        name = request.path[len("/sandbox"):].strip("/")
        route = self._routes.get((request.method, name))
        if route is None:
            return json_answer({"code": 404, "message": "no such control"}, 404)
        try:
            return json_answer(route(request))
        except ApiError as error:
            return json_answer(error.body, error.status)

    @staticmethod
    def _body(request):
        try:
            return json.loads(request.body)
        except ValueError:
            raise ApiError(400, 0, "the body is not valid JSON") from None

    def _info(self, request):
        return self._sandbox.info

    def _log(self, request):
        return self._sandbox.log.entries()

    def _clear_log(self, request):
        self._sandbox.log.clear()
        return {}

    def _list_faults(self, request):
        return self._sandbox.faults.all()

    def _add_faults(self, request):
        return {"ids": self._sandbox.faults.add(self._body(request))}

    def _clear_faults(self, request):
        self._sandbox.faults.clear()
        return {}

    def _settings(self, request):
        return self._sandbox.settings.all()

    def _change_settings(self, request):
        self._sandbox.settings.change(self._body(request))
        return self._sandbox.settings.all()

    def _next_revision(self, request):
        settings = self._sandbox.settings
        settings.change({"revision": settings.revision + 1})
        return {"revision": settings.revision}

    def _access(self, request):
        return [[one.id, one.access] for one in self._sandbox.data().advertisers]

    def _issued(self, request):
        return list(self._sandbox.oauth.issued)

    def _expire(self, request):
        body = self._body(request)
        what = body.get("what") if isinstance(body, dict) else None
        if what in ("access_token", "refresh_token", "code"):
            self._sandbox.oauth.expire(what)
        elif what in ("links", "reports"):
            self._sandbox.jobs.expire(what)
        else:
            raise ApiError(400, 0, "what is one of access_token, refresh_token, "
                           "code, links, reports")
        return {}
