"""The API: routes below /v5, and the consent page."""

import json
import re
import threading
import time

import analytics
import errors
import lists
import oauth
import resources
import rules
import schema
import templates
from entities import ADVERTISER_FIELDS
from reports import Report
from tables import BY_PATH, ROUTES
from web import Answer, json_answer

_ACCOUNT = re.compile(r"/v5/ad_accounts/([^/]*)(?:/([a-z_]+))?\Z")
_TEMPLATE = re.compile(r"/v5/ad_accounts/([^/]*)/templates/([^/]*)/reports\Z")
_ANALYTICS = re.compile(r"/v5/ad_accounts/([^/]*)/(?:(campaigns|ad_groups|ads|"
                        r"product_groups)/)?(targeting_)?analytics\Z")
_OPTIONS = re.compile(r"/v5/resources/targeting/([^/]*)\Z")
_METRICS_SCOPES = ("ads:read", "pins:read", "user_accounts:read")
# time_zone is what the settings say.
_ACCOUNT_FIELDS = ADVERTISER_FIELDS + (schema.Field("time_zone", "text", False,
                                                    False),)
_ACCOUNT_ID = re.compile(r"\d{1,18}\Z", re.ASCII)


def _unique(pairs):
    """An object whose names are unique."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate name")
    return found


def _no_constant(name):
    raise ValueError(name)


class RateLimit:
    """Counts requests in a sliding window."""

    def __init__(self, settings):
        self.settings, self._lock, self._times = settings, threading.Lock(), []

    def check(self):
        most, window = self.settings.requests_per_minute, self.settings.rate_window
        if most is None:
            return
        now = time.monotonic()
        with self._lock:
            self._times = [one for one in self._times if one > now - window]
            if len(self._times) >= most:
                wait = self._times[0] + window - now if self._times else window
                raise errors.rate_limited(int(wait) + 1)
            self._times.append(now)


class Api:
    def __init__(self, dataset, settings, tokens, jobs, plausible):
        self._dataset, self.settings, self._oauth = dataset, settings, tokens
        self._jobs, self.plausible = jobs, plausible
        self.bookmarks = lists.Bookmarks(b"bookmark %d" % dataset.seed)
        self._limit = RateLimit(settings)

    def _data(self):
        return self._dataset.at(self.settings.revision)

    def answer(self, request):
        try:
            return self._route(request)
        except errors.ApiError as error:
            return json_answer(error.body, error.status, error.headers)

    def _route(self, request):
        path = request.path
        if path == "/oauth/":
            self._require_method(request, "GET")
            target = self._oauth.consent(request.query_lists())
            return Answer(302, b"", {"Location": target})
        if path == "/v5/oauth/token":
            return self._token(request)
        if path == "/v5/ad_accounts":
            self._admit(request, "GET")
            return self._accounts(request)
        if path == "/v5/resources/delivery_metrics":
            self._admit(request, "GET", scopes=_METRICS_SCOPES)
            return json_answer(resources.delivery_metrics(
                request, self._data()))
        if path == "/v5/resources/metrics_ready_state":
            self._admit(request, "GET")
            self._limit.check()
            return json_answer(resources.metrics_ready_state(
                request, self.settings))
        found = _OPTIONS.match(path)
        if found:
            self._admit(request, "GET")
            return json_answer(resources.targeting_options(
                request, self._data(), found.group(1)))
        found = _TEMPLATE.match(path)
        if found:
            self._admit(request, "POST")
            self._limit.check()
            return self._create_from_template(
                request, self.advertiser(found.group(1)), found.group(2))
        found = _ANALYTICS.match(path)
        if found:
            return self._analytics(request, *found.groups())
        for kind in ROUTES:
            found = kind.pattern.match(path)
            if found:
                self._admit(request, "GET", scopes=kind.scopes)
                return json_answer(kind.answer(request, found.groups(), self))
        found = _ACCOUNT.match(path)
        if not found:
            raise errors.unknown_path()
        return self._below_account(request, *found.groups())

    def _below_account(self, request, identity, below):
        if below is None:
            self._admit(request, "GET")
            advertiser = self.advertiser(identity, description=True)
            lists.parameters(request, ())
            return json_answer(lists.entity(self._described(advertiser),
                                            _ACCOUNT_FIELDS))
        if below in BY_PATH:
            self._admit(request, "GET")
            return json_answer(lists.entity_list(
                request, self.advertiser(identity), BY_PATH[below],
                self.settings, self.bookmarks))
        if below == "reports":
            self._admit(request, "GET", "POST")
            self._limit.check()
            advertiser = self.advertiser(identity)
            if request.method == "POST":
                return self._create(request, advertiser)
            return self._poll(request, advertiser)
        raise errors.unknown_path()

    def _analytics(self, request, identity, kind, targeting):
        if targeting and kind == "product_groups":
            raise errors.unknown_path()
        self._admit(request, "GET")
        self._limit.check()
        answer = (analytics.targeting_analytics if targeting
                  else analytics.analytics)
        return json_answer(answer(request, self.advertiser(identity), kind,
                                  self.settings, self.plausible))

    @staticmethod
    def _require_method(request, *allowed):
        if request.method not in allowed:
            raise errors.wrong_method(allowed)

    def _admit(self, request, *methods, scopes=("ads:read",)):
        """Refuse requests of a wrong method or without a fitting token."""
        self._require_method(request, *methods)
        self._oauth.require(request.headers.get("Authorization"), scopes)
        accepted = request.headers.get("Accept", "*/*")
        types = [one.partition(";")[0].strip() for one in accepted.split(",")]
        if not {"*/*", "application/*", "application/json"}.intersection(types):
            raise errors.ApiError(406, 406, "Not acceptable.")

    def advertiser(self, identity, description=False):
        """An ad account; whoever is listed may at least see its description."""
        if not _ACCOUNT_ID.match(identity):
            raise errors.invalid_ad_account()
        dataset = self._data()
        advertiser = dataset.find(identity)
        if advertiser is None:
            raise errors.unknown_ad_account()
        if not advertiser.permitted and not (
                description and advertiser in dataset.listed):
            raise errors.not_permitted()
        return advertiser

    def first_advertiser(self):
        """The ad account of the user whose token it is."""
        return self._data().advertisers[0]

    def scopes(self, request):
        """Scopes of a request's token."""
        return self._oauth.scopes(request.headers.get("Authorization"))

    def _token(self, request):
        self._require_method(request, "POST")
        if request.content_type() != "application/x-www-form-urlencoded":
            raise oauth.bad_form()
        lists.parameters(request, ())
        return json_answer(self._oauth.exchange(
            request.headers.get("Authorization"), request.form()))

    def _accounts(self, request):
        given = lists.parameters(
            request, ("include_shared_accounts", "page_size", "bookmark"))
        lists.flag(given, "include_shared_accounts")
        items = [self._described(one) for one in self._data().listed
                 if one.id not in self.settings.unlisted]
        return json_answer(lists.page(items, given, request.path,
                                      self.bookmarks, _ACCOUNT_FIELDS,
                                      self.settings))

    def _create(self, request, advertiser):
        lists.parameters(request, ())
        if request.content_type() != "application/json":
            raise errors.invalid("Content-Type must be application/json")
        try:
            body = json.loads(request.body.decode("utf-8"),
                              object_pairs_hook=_unique,
                              parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise errors.invalid("the body is not valid JSON") from None
        job = self._start(advertiser, request.body, *rules.report_query(
            body, self._today(advertiser),
            tolerates=self.settings.tolerates))
        return json_answer({"report_status": "IN_PROGRESS", "token": job.token,
                            "message": None})

    def _create_from_template(self, request, advertiser, template_id):
        """Unlike other reports, these are answered with 201."""
        given = lists.parameters(request, templates.PARAMETERS)
        values = {name: lists.single(given, name) for name in given}
        if request.body not in (b"", b"{}"):
            raise errors.invalid("the request has no body")
        job = self._start(
            advertiser, (template_id, *sorted(values.items())),
            *templates.report_query(advertiser, template_id, values,
                                    self._today(advertiser)))
        return json_answer({"template_id": template_id, "token": job.token,
                            "report_status": "IN_PROGRESS"}, 201)

    def _start(self, advertiser, asked, query, sort):
        query.days = days = self.settings.days(
            advertiser if query.by_local_days else None)
        today = self.settings.date(days.zone)
        revision = advertiser.as_of(self.settings.revision)
        query.row_split = self.settings.row_split
        blank = self.settings.blank(advertiser.id)
        report = Report(advertiser, query, today, revision, self.plausible, blank)
        return self._jobs.create(advertiser.id, report, sort, (
            asked, today, revision, blank, days.zone and days.zone.key, days.open_hours,
            days.week_start, tuple(days.last_labels)))

    def _today(self, advertiser):
        settings = self.settings
        return rules.Today(
            settings.date(), settings.date(settings.zone(advertiser))
            if settings.time_zones else None, settings.latest_end == "today")

    def _described(self, advertiser):
        """An ad account as the API shows it."""
        zone = self.settings.time_zone(advertiser)
        return dict(advertiser.item, time_zone=zone)

    def _poll(self, request, advertiser):
        given = lists.parameters(request, ("token",))
        token = lists.single(given, "token")
        if not token:
            raise errors.invalid("'token' is a required property")
        return json_answer(self._jobs.poll(advertiser.id, token))
