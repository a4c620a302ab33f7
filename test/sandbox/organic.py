"""User accounts, their boards and Pins, and the Pins of ads."""

import accountlists
import draw
import errors
from draw import entity_id as _id, maybe as _maybe
from schema import by_id, fields
from tablelists import TableList, remembered

_CREATED, _YEAR = 1609459200, 365 * 86400
BOARDS, SECTIONS = 6, 3
PRIVACIES = ("PUBLIC", "PUBLIC", "PROTECTED", "SECRET")
KINDS = ("image", "video", "multiple_images", "multiple_mixed")
_PINS = ("boards:read", "pins:read")
_PIN_TEXT = """
    alt_text text null
    board_owner json
    board_section_id id null
    created_at time
    creative_type text
    description text null
    dominant_color text null
    has_been_promoted boolean
    is_owner boolean
    is_standard boolean
    link text null
    media json
    parent_pin_id id null
    title text null
"""


def _created(key):
    return _CREATED + draw.number("created", key) % _YEAR


def _user(advertiser, _):
    return [accountlists.user_account(advertiser)]


@remembered
def boards(advertiser, revision):
    rows = []
    for index in range(BOARDS):
        key = advertiser.key + ("board", index)
        rows.append({
            "id": draw.digits(18, "board", key),
            "board_pins_modified_at": _created(key) + 86400 * 40,
            "collaborator_count": index % 3, "created_at": _created(key),
            "description": _maybe(70, "Küche\n& \"Bad\" %d" % index, "text", key),
            "follower_count": draw.number("followers", key) % 10 ** 6 + revision,
            "is_ads_only": index == 5,
            "media": {"image_cover_url": "https://i.example/%d.jpg" % index,
                      "pin_thumbnail_urls": []},
            "name": "Brett №%d" % index, "owner": advertiser.item["owner"],
            "pin_count": advertiser.shape.pins,
            "privacy": PRIVACIES[index % len(PRIVACIES)]})
    return by_id(rows)


def _visible(privacy, scopes):
    return privacy != "SECRET" or "boards:read_secret" in scopes


def _visible_boards(rows, _, given, scopes):
    wanted = (given.get("privacy") or ["ALL"])[0]
    return [row for row in rows if _visible(row["privacy"], scopes)
            and (wanted == "ALL" or row["privacy"] in wanted)]


@remembered
def _sections(advertiser, revision):
    return [{"board_id": board["id"],
             "id": draw.digits(18, "section", board["id"], index),
             "name": "Abschnitt „%d“" % index}
            for board in boards(advertiser, revision)[1:] for index in range(SECTIONS)]


def _of_board(rows, groups, given, scopes):
    """What belongs to a board, if there is anything."""
    return [row for row in rows if row["board_id"] == groups[0]]


def _media(index, identity):
    base = "https://i.example/%s" % identity
    images = {size: {"width": width, "height": width * 3 // 2, "url": "%s/%s/ä.jpg" % (
        base, size)} for size, width in (("150x150", 150), ("1200x", 1200),
                                         ("600x", 600))}
    kind = KINDS[index % len(KINDS)]
    if kind == "image":
        return {"media_type": kind, "images": images if index % 8 else {}}
    if kind == "video":
        return {"media_type": kind, "cover_image_url": base + "/cover.jpg",
                "video_url": base + "/v.mp4" if index % 8 == 1 else None,
                "duration": 4000.5, "height": 720, "width": 405}
    items = [{"item_type": "image", "images": images, "title": None,
              "description": None, "link": None}]
    if kind == "multiple_mixed":
        items.insert(0, {"item_type": "video", "cover_image_url": base + "/first.jpg",
                         "video_url": base + "/first.mp4", "duration": 1, "height": 1,
                         "width": 1})
    return {"media_type": kind, "items": items}


def media_urls(row):
    """The columns image_url and video_url of a Pin."""
    media = row["media"]
    parts = [media, *media.get("items", ())]
    image = next((url for part in parts for url in (
        part.get("images", {}).get("1200x", {}).get("url"),
        part.get("cover_image_url")) if url), None)
    video = next((part["video_url"] for part in parts if part.get("video_url")), None)
    return [("image_url", image), ("video_url", video)]


def pin(advertiser, identity, index, board, revision):
    """A Pin with all its fields."""
    key = advertiser.key + ("pin", identity)
    return {
        "id": identity, "secret": board["privacy"] == "SECRET",
        "board_id": board["id"], "board_owner": {
            "username": board["owner"]["username"]},
        "alt_text": _maybe(50, "Ein Stuhl", "alt", key),
        "board_section_id": _maybe(30, draw.digits(18, "section", board["id"], 0),
                                   "in section", key),
        "created_at": _created(key),
        "creative_type": draw.pick(("REGULAR", "VIDEO", None), "creative", key),
        "description": _maybe(70, "„Grün“ \\ %d" % index, "text", key),
        "dominant_color": _maybe(80, "#6E7874", "color", key),
        "has_been_promoted": index % 2 == 0, "is_owner": index % 7 != 0,
        "is_standard": index % 5 == 0,
        "link": _maybe(80, "https://shop.example/p?a=%d&b=1" % index, "link", key),
        "media": _media(index, identity),
        "parent_pin_id": _maybe(20, _id("parent", key), "has parent", key),
        "title": _maybe(80, "Sessel %d (rev. %d)" % (index, revision if index == 3 else 0),
                        "title", key),
        "pin_metrics": _maybe(70, {"90d": {"impression": index * 7, "save": 1},
                                   "lifetime_metrics": {"reaction": index}},
                              "metrics", key)}


@remembered
def _board_pins(advertiser, revision):
    """Some are on two boards."""
    rows = []
    for place, board in enumerate(boards(advertiser, revision)):
        for index in range(0 if place == 4 else advertiser.shape.pins):
            home = board if index else boards(advertiser, revision)[0]
            identity = draw.digits(18, "pin", advertiser.key, home["id"], index)
            rows.append(dict(pin(advertiser, identity, index, home, revision),
                             board_id=board["id"]))
    return rows


@remembered
def own_pins(advertiser, revision):
    known = {}
    for row in _board_pins(advertiser, revision):
        known.setdefault(row["id"], row)
    return by_id(known.values())


def _visible_pins(rows, _, __, scopes):
    secret = {"boards:read_secret", "pins:read_secret"} <= scopes
    return [row for row in rows if secret or not row["secret"]]


@remembered
def _ad_pins(advertiser, revision):
    """Those of ads that there are; of deleted ones and others' there is nothing."""
    rows, known, board = [], set(), boards(advertiser, revision)[0]
    for ad in advertiser.items("ads", revision):
        if ad["pin_id"] not in known and not gone(ad["pin_id"]):
            known.add(ad["pin_id"])
            rows.append(pin(advertiser, ad["pin_id"], len(known), board, 0))
    return rows


def gone(identity):
    return draw.chance(15, "pin is gone", identity)


def _one_pin(rows, groups, given, scopes):
    found = [row for row in rows if row["id"] == groups[0]]
    if not found and int(groups[0]) % 2:
        raise errors.not_permitted()
    if not found:
        raise errors.ApiError(404, 50, "Pin not found.")
    return found


_PIN = fields("id id\nboard_id id\n" + _PIN_TEXT)
_ORGANIC_PIN = fields("id id\nboard_id id\n" + _PIN_TEXT + "pin_metrics json null")
_BOARD_PIN = fields("board_id id\nid id\n" + _PIN_TEXT + "pin_metrics json null")
_PIN_PARAMETERS = ("pin_filter", "pin_metrics", "include_protected_pins", "pin_type",
                   "creative_types")

ORGANIC = {
    "user_accounts": TableList(
        "/v5/user_account", ("user_accounts:read",), fields("""
            id id
        """) + tuple(one for one in accountlists.USER_FIELDS if one.name != "id"),
        _user, account="query", shape="object", columns={"id": "user_account_id"}),
    "boards": TableList(
        "/v5/boards", ("boards:read",), fields("""
            id id
            board_pins_modified_at time
            collaborator_count integer
            created_at time
            description text null
            follower_count integer
            is_ads_only boolean
            media json
            name text
            owner json
            pin_count integer
            privacy text
        """), boards, account="query", parameters=("privacy",),
        part=_visible_boards, columns={"id": "board_id"}),
    "board_sections": TableList(
        "/v5/boards/([^/]*)/sections", ("boards:read",), fields("""
            board_id id
            id id
            name text
        """), _sections, keys=2, account="query", part=_of_board, parents=boards,
        hidden=("board_id",), columns={"id": "board_section_id"}),
    "organic_pins": TableList(
        "/v5/pins", _PINS, _ORGANIC_PIN, own_pins, account="query",
        part=_visible_pins, parameters=_PIN_PARAMETERS, columns={"id": "pin_id"}, made=media_urls),
    "board_pins": TableList(
        "/v5/boards/([^/]*)/pins", _PINS, _BOARD_PIN, _board_pins, keys=2,
        account="query", part=_of_board, parents=boards,
        parameters=("creative_types", "pin_metrics"),
        columns={"id": "pin_id"}, made=media_urls),
    "ad_pins": TableList(
        "/v5/pins/(?!analytics\\Z)([^/]*)", _PINS, _PIN, _ad_pins, account="query", shape="object",
        part=_one_pin, parameters=("pin_metrics",), columns={"id": "pin_id"},
        made=media_urls),
}
