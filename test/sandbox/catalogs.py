"""Catalogs with their feeds, product groups and products."""

import draw
import lists
import organic
from draw import entity_id as _id, maybe as _maybe
from errors import ApiError
from schema import by_id, fields
from tablelists import TableList, remembered

_CATALOGS = ("catalogs:read",)
_PRODUCTS = ("boards:read", "catalogs:read", "pins:read")
TYPES = ("RETAIL", "HOTEL", "CREATIVE_ASSETS")
ITEM_FIELDS = {"RETAIL": "item_id", "HOTEL": "hotel_id",
               "CREATIVE_ASSETS": "creative_assets_id"}
FEEDS, RESULTS, GROUPS, PRODUCTS_OF_GROUP = 4, 3, 5, 28
_CREATED, _YEAR = 1609459200, 365 * 86400


def _created(key):
    return _CREATED + draw.number("created", key) % _YEAR


@remembered
def _catalogs(advertiser, _):
    rows = []
    for index, kind in enumerate(TYPES):
        key = advertiser.key + ("catalog", index)
        rows.append({"id": draw.digits(18, "catalog", key), "catalog_type": kind,
                     "name": "Katalog „%d“" % index if index else None,
                     "created_at": _created(key), "updated_at": _created(key) + 74})
    return by_id(rows)


@remembered
def _feeds(advertiser, revision):
    rows, catalogs = [], _catalogs(advertiser, revision)
    for index in range(FEEDS):
        key = advertiser.key + ("feed", index)
        retail = index != 1
        rows.append({
            "id": _id(key), "catalog_id": catalogs[index % 3]["id"] if index else None,
            "catalog_type": "RETAIL" if retail else "HOTEL",
            "name": _maybe(80, "Feed „%d“" % index, "name", key),
            "status": "INACTIVE" if index == 2 else "ACTIVE",
            "format": ("TSV", "CSV", "XML")[index % 3],
            "location": "https://shop.example/feed?n=%d&ü=1" % index,
            "credentials": {"username": "u", "password": "s3cret-%d" % index},
            "preferred_processing_schedule": {"time": "02:59", "timezone": "Europe/Berlin"}
                                             if index else None,
            "default_availability": "IN_STOCK" if index == 3 else None,
            "default_country": "DE", "default_currency": "EUR" if index else None,
            "default_locale": "de-DE",
            "created_at": _created(key), "updated_at": _created(key) + 60 + revision})
    return by_id(rows)


@remembered
def _results(advertiser, revision):
    """The latest one first; each revision brings another one."""
    rows = []
    for feed in _feeds(advertiser, revision):
        for index in range(RESULTS + revision, 0, -1):
            key = (feed["id"], "result", index)
            failed = index % 3 == 0
            rows.append({
                "feed_id": feed["id"], "id": draw.digits(18, "result", key),
                "status": "FAILED" if failed else "COMPLETED",
                "created_at": _CREATED + index * 86400,
                "updated_at": _CREATED + index * 86400 + 600,
                "product_counts": None if failed else {"original": 40, "ingested": 39},
                "video_counts": {"total_videos": 1} if index == 1 else None,
                "ingestion_details": {"errors": {"LINE_LEVEL_INTERNAL_ERROR": 1},
                                      "info": {"IN_STOCK": 39}, "warnings": {}},
                "validation_details": {"errors": {"IMAGE_LINK_MISSING": 1},
                                       "warnings": {"TITLE_LENGTH_TOO_LONG": 2}}})
    return rows


@remembered
def _issues(advertiser, revision):
    rows = []
    for result in _results(advertiser, revision):
        if result["status"] == "FAILED":
            continue
        for number in (0, 7, 31):
            rows.append({
                "processing_result_id": result["id"], "item_number": number,
                "item_id": item_of(advertiser, number) if number != 31 else None,
                "errors": {"IMAGE_LINK_MISSING": {"attribute_name": "IMAGE_LINK",
                                                  "provided_value": None}}
                          if number == 0 else {},
                "warnings": {"TITLE_LENGTH_TOO_LONG": {
                    "attribute_name": "TITLE", "provided_value": "„Stuhl\\“"}}
                          if number else {}})
    return rows


def item_of(advertiser, number):
    """The merchant's ids of products, some of which reports have, too."""
    known = [one for campaign in advertiser.campaigns for group in campaign["ad_groups"]
             for product_group in group["product_groups"]
             for one in product_group["items"]]
    if known and number < 2 * len(known):
        return known[number % len(known)]["id"]
    return "SKU-%d/ä" % number


@remembered
def _groups(advertiser, revision):
    rows, catalogs = [], _catalogs(advertiser, revision)
    for index in range(GROUPS):
        key = advertiser.key + ("catalog group", index)
        created = _created(key)
        rows.append({
            "id": _id(key), "catalog_id": catalogs[index % 3]["id"],
            "catalog_type": catalogs[index % 3]["catalog_type"],
            "country": "DE" if index else None,
            "created_at": created * 1000 if index == 1 else created,
            "description": _maybe(50, "Alles \"Grüne\"", "text", key),
            "feed_id": None if index else _feeds(advertiser, revision)[0]["id"],
            "filters": {("any_of", "all_of")[index % 2]: [
                {"CUSTOM_LABEL_0": {"values": ["Été „%d“" % index], "negated": False}}]},
            "is_featured": index == revision, "locale": "de-DE" if index else None,
            "name": "Gruppe %d" % index, "status": "ACTIVE",
            "type": "ALL_PRODUCTS" if catalogs[index % 3]["catalog_type"] == "RETAIL"
                    and not index else "MERCHANT_CREATED",
            "updated_at": created + 60})
    return by_id(rows)


def _group_rows(advertiser, revision):
    """With the times as tables have them."""
    return [dict(row, created_at=row["created_at"] // 1000
                 if row["created_at"] > 10 ** 11 else row["created_at"])
            for row in _groups(advertiser, revision)]


@remembered
def _counts(advertiser, revision):
    return [{"product_group_id": group["id"], "catalog_type": group["catalog_type"],
             "total": 28 + revision, "in_stock": 20, "out_of_stock": 8,
             "preorder": revision, "videos": 0}
            for group in _groups(advertiser, revision)[:4]]


@remembered
def _products(advertiser, revision):
    rows, board = [], organic.boards(advertiser, revision)[0]
    for place, group in enumerate(_groups(advertiser, revision)[:4]):
        for index in range(PRODUCTS_OF_GROUP):
            kind = group["catalog_type"]
            identity = draw.digits(18, "product", advertiser.key, index)
            known = organic.pin(advertiser, identity, index, board, 0)
            shown = {name: value for name, value in known.items()
                     if name != "secret" and value is not None}
            shown["created_at"] = "2026-03-14T15:15:22"
            metadata = {ITEM_FIELDS[kind]: item_of(advertiser, index)}
            if kind == "CREATIVE_ASSETS":
                metadata["visibility"] = "VISIBLE"
            if kind == "RETAIL":
                metadata.update(
                    item_group_id="G%d" % index if index % 3 else None,
                    availability=("IN_STOCK", "OUT_OF_STOCK")[index % 2],
                    currency="EUR", price=24.99 + index,
                    sale_price=14.99 if index % 4 == 0 else None)
            rows.append({"product_group_id": group["id"], "pin_id": identity,
                         "catalog_type": kind, "metadata": metadata, "pin": shown})
    return rows


def _made_of_product(row):
    metadata, pin = row["metadata"], row["pin"]
    found = [("title", pin.get("title")), ("link", pin.get("link")),
             *organic.media_urls(pin)[:1],
             ("item_id", metadata[ITEM_FIELDS[row["catalog_type"]]])]
    for name in ("item_group_id", "availability", "currency", "price", "sale_price"):
        value = metadata.get(name)
        found.append((name, None if value is None else str(value)))
    return found


def _below(field):
    """What belongs to a parent."""
    def part(rows, groups, given, scopes):
        return [row for row in rows if row[field] == groups[0]]
    return part


def _counts_of(rows, groups, given, scopes):
    found = [row for row in rows if row["product_group_id"] == groups[0]]
    if not found:
        raise ApiError(404, 4182, "Sorry! We could not find your product group.")
    return found


class ProcessingResults(TableList):
    """A bookmark leads to the first page again, and so on without an end."""

    def answer(self, request, groups, api):
        body = super().answer(request, groups, api)
        start = body[:-1].rpartition(',"bookmark":')[0] or body[:-1]
        return start + ',"bookmark":"once more"}'


CATALOGS = {
    "catalogs": TableList(
        "/v5/catalogs", _CATALOGS, fields("""
            id id
            catalog_type text
            created_at time
            name text null required
            updated_at time
        """), _catalogs, account="query", columns={"id": "catalog_id"}),
    "feeds": TableList(
        "/v5/catalogs/feeds", _CATALOGS, fields("""
            id id
            catalog_id id null
            catalog_type text
            created_at time
            default_availability text null
            default_country text
            default_currency text null
            default_locale text
            format text
            location text
            name text null
            preferred_processing_schedule json null
            status text
            updated_at time
        """), _feeds, account="query", parameters=("catalog_id",),
        columns={"id": "feed_id"}, more=fields("credentials json null")),
    "feed_processing_results": ProcessingResults(
        "/v5/catalogs/feeds/([^/]*)/processing_results", _CATALOGS, fields("""
            feed_id id
            id id
            created_at time
            ingestion_details json
            product_counts json null required
            status text
            updated_at time
            validation_details json
            video_counts json
        """), _results, keys=2, account="query", part=_below("feed_id"), parents=_feeds,
        hidden=("feed_id",), columns={"id": "processing_result_id"}),
    "feed_item_issues": TableList(
        "/v5/catalogs/processing_results/([^/]*)/item_issues", _CATALOGS, fields("""
            processing_result_id id
            item_number integer
            errors json
            item_id text null
            warnings json
        """), _issues, keys=2, account="query",
        part=_below("processing_result_id"), parents=_results,
        hidden=("processing_result_id",),
        parameters=("item_numbers", "item_validation_issue")),
    "product_groups": TableList(
        "/v5/catalogs/product_groups", _CATALOGS, fields("""
            id id
            catalog_id id
            catalog_type text
            country text null
            created_at seconds
            description text null
            feed_id id null required
            filters json
            is_featured boolean
            locale text null
            name text
            status text
            type text
            updated_at seconds
        """), _group_rows, account="query", parameters=("id", "feed_id", "catalog_id"),
        columns={"id": "product_group_id"}),
    "product_group_counts": TableList(
        "/v5/catalogs/product_groups/([^/]*)/product_counts", _CATALOGS, fields("""
            product_group_id id
            catalog_type text
            in_stock number
            out_of_stock number
            preorder number
            total number
            videos number
        """), _counts, account="query", shape="object", part=_counts_of,
        hidden=("product_group_id",)),
    "products": TableList(
        "/v5/catalogs/product_groups/([^/]*)/products", _PRODUCTS, fields("""
            product_group_id id
            pin_id id
            catalog_type text
            metadata json
            pin json
        """), _products, keys=2, account="query",
        part=_below("product_group_id"), parents=_groups,
        hidden=("product_group_id", "pin_id"),
        parameters=("pin_metrics",), made=_made_of_product),
}
