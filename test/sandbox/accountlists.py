"""The smaller lists of an ad account, from audiences to lead forms."""

import draw
from draw import entity_id as _id, maybe as _maybe
from entitytext import KEYWORDS, TRACKING
from schema import EntityList, by_id, fields

_CREATED = 1609459200           # 2021-01-01
_YEAR = 365 * 86400
# More audiences than a page has by default.
AUDIENCES, CUSTOMER_LISTS, TAGS, TEMPLATES = 30, 5, 4, 4
SHARED_AUDIENCES = 3
# Ids that optimization goals and ad groups refer to.
_FIRST_TAG, _FIRST_TEMPLATE = "2613", "2680059592705"


class AccountLists:
    """The lists of one ad account, by name, made up on first use."""

    def __init__(self, advertiser):
        self._advertiser, self._known = advertiser, {}

    def of(self, name):
        """All items of one list, ordered by id."""
        if name not in self._known:
            self._known[name] = by_id(self._advertiser.living(
                name, self._advertiser.key, list(_MAKERS[name](self._advertiser))))
        return self._known[name]


def _created(key):
    return _CREATED + draw.number("created", key) % _YEAR


def _customer_lists(advertiser):
    for index in range(CUSTOMER_LISTS):
        key = advertiser.key + ("customer list", index)
        yield {
            "ad_account_id": advertiser.id, "created_time": _created(key),
            "exceptions": {"row 3": "not an e-mail: \"é@\""} if index == 2 else
                          _maybe(50, {}, "exceptions", key),
            "id": _id(key), "name": "Newsletter „Frühling“ %d" % index,
            "num_batches": 1 + index, "num_removed_user_records": index % 2 * 7,
            "num_uploaded_user_records": draw.number("size", key) % 10 ** 7,
            "status": draw.pick(("READY", "READY", "PROCESSING", "TOO_SMALL"),
                                "status", key),
            "type": "customerlist", "is_nca": _maybe(40, True, "nca", key),
            "updated_time": _created(key) + 3600 * index}


def _audiences(advertiser):
    lists = advertiser.lists.of("customer_lists")
    tags = advertiser.lists.of("conversion_tags")
    for index in range(AUDIENCES):
        key = advertiser.key + ("audience", index)
        kind = ("VISITOR", "CUSTOMER_LIST", "ENGAGEMENT", "ACTALIKE")[index % 4]
        country = draw.pick(("US", "DE", "JP"), "country", key)
        rule = {
            "VISITOR": {"visitor_source_id": tags[index % len(tags)]["id"],
                        "retention_days": 180, "event": "checkout",
                        "event_data": {"currency": "EUR", "value": "199.98",
                                       "lead_type": "Café"},
                        "event_source": {"=": ["web", "mobile"]}},
            "CUSTOMER_LIST": {"customer_list_id": lists[index % len(lists)]["id"]},
            "ENGAGEMENT": {"engagement_domain": ["shop.example"],
                           "engagement_type": "click", "engager_type": 1,
                           "retention_days": 30, "prefill": True},
            "ACTALIKE": {"country": country, "percentage": 1 + index % 10,
                         "seed_id": [draw.digits(13, "seed", key)]}}[kind]
        yield {
            "ad_account_id": advertiser.id, "audience_type": kind,
            "created_by_company_name": _maybe(40, "Émile & Co", "company", key),
            "created_timestamp": _maybe(85, _created(key), "has time", key),
            "description": _maybe(60, "visited \"p/%d\"\nor bought" % index,
                                  "text", key),
            "id": _id(key), "name": "Audience n° %d" % (index + 1), "rule": rule,
            "size": _maybe(80, draw.number("size", key) % 10 ** 10, "sized", key),
            "status": draw.pick(("READY", "READY", "INITIALIZING", "TOO_SMALL"),
                                "status", key),
            "type": "audience", "ownership_type": "OWNED",
            "is_nca": _maybe(40, index % 3 == 0, "nca", key),
            "updated_timestamp": _maybe(85, _created(key) + 86400, "later", key)}


def _shared_audiences(advertiser):
    """Audiences that others have shared with an ad account, in the order of that."""
    for index in range(SHARED_AUDIENCES):
        key = advertiser.key + ("shared audience", index)
        yield {
            "ad_account_id": draw.digits(12, "sharer", key), "rule": {},
            "audience_type": "CUSTOMER_LIST", "is_nca": None,
            "created_by_company_name": "Großhandel \"Süd\"",
            "created_timestamp": _created(key), "description": None,
            "id": _id(key), "name": "Geteilt %d" % index, "size": None,
            "status": "READY", "type": "audience", "updated_timestamp": None,
            "ownership_type": "RECEIVED"}


def _all_audiences(advertiser, _):
    return advertiser.lists.of("audiences") + list(_shared_audiences(advertiser))


def _of_owner(items, given, _):
    """Unless they are asked for, those of others are left out."""
    wanted = given.get("ownership_type", ["OWNED"])
    return [one for one in items if one["ownership_type"] in wanted]


def _conversion_tags(advertiser):
    for index in range(TAGS):
        key = advertiser.key + ("conversion tag", index)
        identity = _id(key) if index else _FIRST_TAG
        yield {
            "code_snippet": "<script>\n  pintrk('load', '%s');\n</script>" % identity,
            "configs": _maybe(70, {
                "aem_enabled": True, "aem_fnln_enabled": None,
                "md_frequency": 0.6,
                "no_code_capi_domains": ["https://sub.shop.example"]},
                "configs", key),
            "enhanced_match_status": draw.pick(
                ("UNKNOWN", "NOT_VALIDATED", "VALIDATION_COMPLETE"), "match", key),
            "id": identity,
            "last_fired_time_ms": None if index == 1 else
                _created(key) * 1000 + draw.number("ms", key) % 1000,
            "name": "Tag „Kasse“ %d" % index, "version": "3",
            "ad_account_id": advertiser.id,
            "status": ("ACTIVE", "PAUSED", "ARCHIVED")[index % 3],
            # Only for filter_deleted:
            "deleted": index % 3 == 2}


def _without_deleted(items, _, flags):
    if "filter_deleted" in flags:
        return [one for one in items if not one["deleted"]]
    return items


def _order_lines(advertiser):
    for index, campaign in enumerate(advertiser.campaigns):
        if campaign["order_line_id"]:
            key = advertiser.key + ("order line", index)
            budget = 1000000 * (1 + draw.number("budget", key) % 10 ** 7)
            start = campaign["created_time"] - 86400
            yield {
                "ad_account_id": advertiser.id,
                "budget": _maybe(80, budget, "has budget", key),
                "end_time": _maybe(60, start + _YEAR, "end", key),
                "id": campaign["order_line_id"],
                "name": campaign["order_line_name"],
                "paid_budget": _maybe(50, budget // 2, "paid", key),
                "paid_type": draw.pick(("PAID", "BONUS", "MAKE_GOOD", None),
                                       "type", key),
                "purchase_order_id": _maybe(60, "PO/%d, été" % index, "po", key),
                "start_time": start,
                "status": draw.pick(("ACTIVE", "PAUSED", "DELETED"), "status", key),
                "type": "orderline", "campaign_ids": [campaign["id"]]}


def _lead_forms(advertiser):
    """Those that ads refer to, and one that no ad does."""
    used = {ad["lead_form_id"] for campaign in advertiser.campaigns
            for group in campaign["ad_groups"] for ad in group["ads"]}
    used.add(draw.digits(13, "form", advertiser.key))
    for identity in sorted(used - {None}):
        key = ("lead form", advertiser.seed, identity)
        yield {
            "completion_message": _maybe(70, "Merci ! \"à bientôt\"", "done", key),
            "disclosure_language": _maybe(30, "By entering …", "disclosed", key),
            "has_accepted_terms": draw.chance(90, "terms", key),
            "name": _maybe(85, "Form %s: é" % identity[-2:], "name", key),
            "policy_links": [{"label": "AGB", "link": "https://shop.example/agb"}]
                            if draw.chance(50, "links", key) else [],
            "privacy_policy_link": _maybe(80, "https://shop.example/p", "pp", key),
            "questions": [{"question_type": "EMAIL"}, {
                "question_type": "CUSTOM",
                "custom_question_field_type": "RADIO_LIST",
                "custom_question_label": "Größe?",
                "custom_question_options": ["S", "M", "L, XL"]}],
            "status": draw.pick(("ACTIVE", "ACTIVE", "DRAFT"), "status", key),
            "ad_account_id": advertiser.id, "created_time": _created(key),
            "id": identity, "updated_time": _created(key) + 60}


def _targeting_templates(advertiser):
    for index in range(TEMPLATES):
        key = advertiser.key + ("targeting template", index)
        yield {
            "auto_targeting_enabled": _maybe(70, index % 2 == 0, "auto", key),
            "keywords": [{"match_type": "EXACT_NEGATIVE", "value": KEYWORDS[1]},
                         {"match_type": "BROAD", "value": KEYWORDS[index]}],
            "name": "Zielgruppe %d \"neu\"" % index, "placement_group": "ALL",
            "targeting_attributes": {
                "AGE_BUCKET": ["35-44", "65+"], "GENDER": ["female"],
                "LOCATION": ["US", "807"], "APPTYPE": ["ipad"]},
            "tracking_urls": _maybe(50, TRACKING, "tracking", key),
            "ad_account_id": advertiser.id, "created_time": _created(key),
            "id": _id(key) if index else _FIRST_TEMPLATE, "sizing": None,
            "status": "DELETED" if index == 2 else "ACTIVE",
            "updated_time": _created(key) + 7200,
            "valid": _maybe(70, index != 3, "valid", key)}


def _matching_templates(items, given, flags):
    """Templates whose name contains a text, with an estimate if asked for."""
    if "search_query" in given:
        text = given["search_query"][0].lower()
        items = [one for one in items if text in one["name"].lower()]
    if "include_sizing" in flags:
        estimate = {"estimate": 63492000, "lower_bound": 47619000,
                    "upper_bound": 79365000}
        items = [dict(one, sizing={"reach_estimate": estimate}) for one in items]
    return items


_MAKERS = {"audiences": _audiences, "customer_lists": _customer_lists,
           "conversion_tags": _conversion_tags, "order_lines": _order_lines,
           "lead_forms": _lead_forms, "targeting_templates": _targeting_templates}


USER_FIELDS = fields("""
    about text
    account_type text
    board_count integer null
    business_name text null
    follower_count integer null
    following_count integer null
    id id
    monthly_views integer null
    pin_count integer null
    profile_image text
    username text
    website_url text
""")


def user_account(advertiser):
    """The account of the user who owns an ad account."""
    key, owner = advertiser.key + ("user",), advertiser.item["owner"]
    return {
        "about": "Möbel & mehr", "account_type": "BUSINESS",
        "board_count": draw.number("boards", key) % 50,
        "business_name": _maybe(80, "Émile & Co", "business", key),
        "follower_count": draw.number("followers", key) % 10 ** 6,
        "following_count": draw.number("following", key) % 1000, "id": owner["id"],
        "monthly_views": _maybe(60, draw.number("views", key) % 10 ** 7, "has", key),
        "pin_count": draw.number("pins", key) % 10 ** 4,
        "profile_image": "https://img.example/u/%s.jpg" % owner["id"],
        "username": owner["username"], "website_url": "https://shop.example/"}


def _list(name, key, text, items=None, **more):
    return EntityList(key, fields(text),
                      items or (lambda advertiser, _: advertiser.lists.of(name)),
                      **more)


ACCOUNT_LISTS = {
    "audiences": _list("audiences", "audience_id", """
        ad_account_id id
        audience_type text
        created_by_company_name text null
        created_timestamp seconds null
        description text null
        id id
        name text
        rule json
        size integer null
        status text
        type text
        updated_timestamp seconds null
        is_nca boolean null
    """, choices={"ownership_type": ("OWNED", "RECEIVED")}, select=_of_owner,
        items=_all_audiences, asked=fields("ownership_type text")),
    "customer_lists": _list("customer_lists", "customer_list_id", """
        ad_account_id id
        created_time seconds
        exceptions json
        id id
        name text
        num_batches integer
        num_removed_user_records integer
        num_uploaded_user_records integer
        status text
        type text
        updated_time seconds
        is_nca boolean null
    """),
    "conversion_tags": _list("conversion_tags", "conversion_tag_id", """
        code_snippet text
        configs json
        enhanced_match_status text null
        id id
        last_fired_time_ms milliseconds null
        name text
        version text
        ad_account_id id
        status text
    """, order=False, paged=False, flags=("filter_deleted",),
        select=_without_deleted),
    "order_lines": _list("order_lines", "order_line_id", """
        ad_account_id id
        budget integer null
        end_time seconds null
        id id
        name text null
        paid_budget integer null
        paid_type text null
        purchase_order_id text null
        start_time seconds
        status text
        type text
        campaign_ids json
    """),
    "lead_forms": _list("lead_forms", "lead_form_id", """
        completion_message text null
        disclosure_language text null
        has_accepted_terms boolean
        name text null
        policy_links json
        privacy_policy_link text null
        questions json
        status text
        ad_account_id id
        created_time seconds
        id id
        updated_time seconds
    """),
    "targeting_templates": _list("targeting_templates", "targeting_template_id", """
        auto_targeting_enabled boolean
        keywords json
        name text
        placement_group text
        targeting_attributes json
        tracking_urls json null
        ad_account_id id
        created_time seconds
        id id
        sizing json null
        status text
        updated_time seconds
        valid boolean null
    """, flags=("include_sizing",), texts=("search_query",),
        select=_matching_templates),
}
