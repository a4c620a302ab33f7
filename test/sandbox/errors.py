"""Refusals: Pinterest's status, code and message."""


class ApiError(Exception):
    def __init__(self, status, code, message, headers=None):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    @property
    def body(self):
        return {"code": self.code, "message": self.message}


def invalid(message):
    """A request that breaks a rule whose exact wording is not known."""
    return ApiError(400, 1, "Invalid request: " + message)


def unauthenticated():
    return ApiError(401, 2, "Authentication failed.")


def insufficient_scope():
    return ApiError(401, 3, "Your token does not have sufficient permissions to "
                    "perform this operation. Please ensure your token is "
                    "authorized with the correct set of scopes.")


def not_permitted():
    return ApiError(403, 29, "You are not permitted to access the resource")


def invalid_ad_account():
    return ApiError(400, 400, "Invalid ad account id")


def unknown_ad_account():
    return ApiError(404, 404, "Ad account not found.")


def unknown_path():
    return ApiError(404, 404, "Not found.")


def wrong_method(allowed):
    return ApiError(405, 405, "Method not allowed.", {"Allow": ", ".join(allowed)})


def rate_limited(seconds):
    return ApiError(429, 8, "This request exceeded a rate limit. This can happen "
                    "if the client exceeds one of the published rate limits "
                    "within a short time window.",
                    {"X-RateLimit-Reset": str(seconds),
                     "x-envoy-ratelimited": "true"})
