"""Writes what the fuzzer begins with: python3 test/fuzz/seeds.py DIRECTORY

A folder for each target, with documents, answers and words of the kinds that the
targets read.  The fuzzer finds out by itself what to make of them.
"""
import json
import os
import sys

ROW = {"DATE": "2026-01-31", "SPEND_IN_DOLLAR": 1.5, "TOTAL_IMPRESSION": 3,
       "CAMPAIGN_NAME": "Läufer \U0001f525", "a": [1, {"b": None}], "": True}
DOCUMENTS = [
    {"items": [{"id": "549755885175", "name": "A", "budget": 12345678901234567890}],
     "bookmark": "Y2JVSG81V2sxcmNHRlpWM1J"},
    {"report_status": "FINISHED", "token": "x", "url": "https://a.b/c?d=e", "size": 1e3},
    {"code": 29, "message": "You are not permitted.", "message_detail": "No."},
    {"error": "invalid_grant", "error_description": "expired"},
    {"access_token": "pina_x", "refresh_token": "pinr_y", "expires_in": 2592000,
     "scope": "ads:read", "token_type": "bearer"},
    [], {}, [[{}]], {"a": {"a": {"a": [1.10, -0, 1e400, "\\u0000", "\ud83d"]}}},
]
REPORTS = [
    {"626735565838": [ROW, ROW], "626735565839": []},
    [ROW], {"items": [ROW]}, {"2026-01-31": {"1": [ROW]}}, {}, [], None,
    {"SKU-\u00e9/\u00fc \"1\"": [ROW]},
]
WORDS = {
    "cron": ["hourly", "daily", "weekly", "monthly", "30 6 * * mon-fri", "6 2 3 1 */7", "0 0 29 2 */7", "*/5 0-23/2 1,15 jan-dec 0",
             "@reboot", "@every 5 minutes", "10 seconds", "0 0 $ * *", "0 0 29 2 *"],
    "url": ["https://user:pw@[::1]:8085/a?b=c#d", "http://localhost:8085/?code=a%20b&state=c",
            "127.1", "//2130706433/x", "https://a.b/%zz", "HTTP://EXAMPLE.com.:443"],
    "dates": ["2026-01-31", "20260131", "1 year", "90 days", "P1Y2M", "-infinity", "a,b ,,c"],
    "options": [
        "\0api_url=https://api.pinterest.com/v5\nadvertiser_id=*\nhistorical_date=90 days\n",
        "\0max_connections=4\ntimeout=60\nproxy=socks5h://a:1\nca_file=/a\n",
        "\1resource=campaign_report\ngranularity=WEEK\ncampaign_ids=1,2\nclick_window_days=30\n",
        "\1resource=ad_targeting_report\ntargeting_types=GENDER,AGE_BUCKET\nreporting_timezone=UTC\n",
        "\2client_id=1\nclient_secret=x\naccess_token=pina_x\nrefresh_token=pinr_x\n",
    ],
}
HEADERS = ["\n\n", "30\n\n", "Wed, 21 Oct 2026 07:28:00 GMT\n67150\n", "1e9\nnan\n"]
ERRORS = ["", "<html>", '{"code":8,"message":"Retry after 12.5 seconds"}',
          '{"code":18446744073709551616,"message":{}}', '{"message":"' + "x" * 600 + '"}']


def seeds():
    """Pairs of a target and the bytes of a seed"""
    for document in DOCUMENTS + REPORTS:
        text = json.dumps(document)
        yield "document", text.encode()
        yield "rows", b"\xff" + text.encode()
    for report in REPORTS:
        for piece in (0, 6):
            yield "rows", bytes([piece]) + json.dumps(
                report, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for document in DOCUMENTS:
        yield "tokens", json.dumps(document).encode()
    yield "rows", b"\xff\xef\xbb\xbf" + b'{"1":[{"DATE":"2026-01-31","a":\xff\xc0\x80}]}'
    for target, words in WORDS.items():
        for word in words:
            yield target, word.encode()
    for status in range(15):
        for headers in HEADERS:
            for body in ERRORS:
                yield "verdict", bytes([status, status % 8]) + (headers + body).encode()


def main():
    for number, (target, data) in enumerate(seeds()):
        folder = os.path.join(sys.argv[1], target)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "seed-%d" % number), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
