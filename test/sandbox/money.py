"""Invoices, credits and other things about money, and businesses with their roles."""

import datetime

import draw
import errors
import lists
from draw import entity_id as _id, maybe as _maybe
from reports import Query, Report
from schema import by_id, fields
from tablelists import TableList, remembered

_BILLING = ("ads:read", "billing:read")
_BUSINESS = ("biz_access:read",)
_ACCOUNT = r"/v5/ad_accounts/([^/]*)/"
PERMISSIONS = ("ADMIN", "ANALYST", "FINANCE_MANAGER", "FINANCE_EDIT", "FINANCE_VIEW",
               "AUDIENCE_MANAGER", "CAMPAIGN_MANAGER", "CATALOGS_MANAGER",
               "CATALOGS_VIEWER", "PROFILE_PUBLISHER", "OWNER")
ASSETS = ("AD_ACCOUNT", "PROFILE", "ASSET_GROUP", "CATALOG", "CONSUMER")
_CREATED, _YEAR = 1609459200, 365 * 86400
MONTHS = 14


def _profiles(advertiser, revision):
    rows = []
    for index in range(3):
        key = advertiser.key + ("billing profile", index)
        rows.append({
            "id": _id(key), "advertiser_id": advertiser.id,
            "billing_type": ("CREDIT_CARD", "INVOICE")[index % 2],
            "card_type": ("VISA", "UNKNOWN")[index % 2],
            "payment_method_brand": ("VISA", "UNKNOWN")[index % 2],
            "status": ("VALID", "INVALID")[(index + revision) % 2]})
    return by_id(rows)


def _check_active(given):
    if "is_active" not in given:
        raise errors.invalid("'is_active' is a required property")
    lists.flag(given, "is_active")


def _active(rows, _, given, __):
    return [row for row in rows
            if row["status"] == "VALID" or not lists.flag(given, "is_active")]


def _spend(advertiser, months, today, plausible):
    """What an advertiser spent in some months, in micro-currency, by their first days.

    Corrections that came with later revisions are not billed again.
    """
    query = Query("ADVERTISER", ("SPEND_IN_MICRO_DOLLAR",), months[0],
                  today.replace(day=1) - datetime.timedelta(days=1), "MONTH")
    rows = Report(advertiser, query, today, 0, plausible).entities()
    found = {str(row.date): row.values[0] for _, of_one in rows for row in of_one}
    return [found.get(str(month), 0) for month in months]


def _months(today):
    """The first days of the latest months that are over, the oldest first."""
    months = [today.replace(day=1)]
    while len(months) <= MONTHS:
        months.insert(0, (months[0] - datetime.timedelta(days=1)).replace(day=1))
    return months[:MONTHS]


def _billed(advertiser, today, plausible):
    """The months with what was spent in each, which is made up once."""
    known = advertiser.__dict__.setdefault("billed", {})
    if (today, plausible) not in known:
        months = _months(today)
        known[today, plausible] = list(zip(
            months, _spend(advertiser, months, today, plausible)))
    return known[today, plausible]


def _invoices(advertiser, revision, today, plausible):
    """One for each month, which bills what was spent; some are credited in part.

    They come in the order in which they are due, which is not that of their ids.
    """
    rows = []
    for index, (start, spent) in enumerate(_billed(advertiser, today, plausible)):
        end = (start + datetime.timedelta(days=31)).replace(day=1)
        for kind in ("INVOICE", "CREDIT_MEMO")[:1 + (index % 6 == 4)]:
            key = advertiser.key + ("invoice", kind, str(start))
            memo = kind == "CREDIT_MEMO"
            net = -(spent // 10) if memo else spent
            tax = None if memo else net // 5
            rows.append({
                "id": _id(key), "ad_account_id": advertiser.id,
                "ad_account_name": advertiser.item["name"],
                "amount_billed_micro_currency": net + (tax or 0),
                "amount_discount_micro_currency": _maybe(40, 12345, "discount", key),
                "amount_net_micro_currency": net,
                "amount_tax_micro_currency": tax,
                "bill_to_country": advertiser.item["country"],
                "billing_period_start_date": str(start),
                "billing_period_end_date": str(end - datetime.timedelta(days=1)),
                "currency": advertiser.item["currency"],
                "document_type": kind,
                "invoice_due_date": str(end + datetime.timedelta(days=29)),
                "payment_terms": "NET 30",
                "status": "OPEN" if index >= MONTHS - 2 + revision else "CLOSED"})
    return rows


class Invoices(TableList):
    """Bills of what reports show as spent, so that they depend on the day."""

    def rows_of(self, advertiser, revision, today, plausible):
        return self.rows(advertiser, revision, today, plausible)


def _check_invoices(given):
    lists.one_of(lists.single(given, "sort"), (
        "DUE_DATE", "BILLING_PERIOD", "DOCUMENT_TYPE", "TOTAL_AMOUNT", "INVOICE_NUMBER"))


def _credits(advertiser, revision):
    """Two of them are the same but for their place."""
    rows = []
    for index in range(5):
        key = advertiser.key + ("credit", index // 2)
        amount = 1000000 * (1 + draw.number("amount", key) % 1000)
        rows.append({
            "place": index + 1, "advertiser_id": advertiser.id, "active": index < 4,
            "title": _maybe(80, "Guthaben „neu“", "title", key),
            "discountType": ("COUPON", "GOODWILL_CREDIT", None)[index // 2 % 3],
            "discountCurrency": advertiser.item["currency"],
            "discountInMicroCurrency": amount,
            "remainingDiscountInMicroCurrency": amount // 2 if index != 3
                                                else amount - revision})
    return rows


@remembered
def _businesses(advertiser, _):
    rows = []
    for index in range(2):
        key = (advertiser.seed, "business", index)
        rows.append({
            "id": draw.digits(18, "business", key), "is_shared_partner": index == 1,
            "business_roles": [("BIZ_ADMIN", "EMPLOYEE")[index]],
            "user": {"id": draw.digits(18, "business", key), "username": "maison%d" % index,
                     "full_name": "Maison „%d“" % index},
            "assets_summary": None if index else {"ad_accounts": [], "profiles": []},
            "created_by_user": None, "created_by_business": {"id": "1", "username": "x"},
            "created_time": (_CREATED + draw.number("made", key) % _YEAR) * 1000 + 16})
    return by_id(rows)


@remembered
def _accounts(advertiser, revision):
    rows = []
    for index, business in enumerate(_businesses(advertiser, revision)):
        for permission in ("OWNER", "ADMIN") if index == 0 else ("ANALYST",):
            rows.append({"business_id": business["id"], "asset_id": advertiser.id,
                         "permission": permission, "asset_type": "AD_ACCOUNT"})
    return rows


def _of_business(rows, groups, given, _):
    asset = lists.single(given, "asset_type") or "AD_ACCOUNT"
    lists.one_of(asset, ASSETS)
    wanted = lists.choices_of(given, "permissions", PERMISSIONS)
    rows = [row for row in rows if row["business_id"] == groups[0]
            and (wanted is None or row["permission"] in wanted)]
    found = {}
    for row in rows:
        found.setdefault(row["asset_id"], row)
    return list(found.values()) if asset == "AD_ACCOUNT" else []


MONEY = {
    "billing_profiles": TableList(
        _ACCOUNT + "billing_profiles", _BILLING, fields("""
            id id
            billing_type text
            card_type text
            payment_method_brand text
            status text
        """), _profiles, parameters=("is_active",), check=_check_active, part=_active,
        columns={"id": "billing_profile_id"}),
    "billing_invoices": Invoices(
        _ACCOUNT + "billing_invoices", _BILLING, fields("""
            id id
            ad_account_name text
            amount_billed_micro_currency integer
            amount_discount_micro_currency integer null
            amount_net_micro_currency integer null
            amount_tax_micro_currency integer null
            bill_to_country text
            billing_period_end_date text
            billing_period_start_date text
            currency text
            document_type text
            invoice_due_date text
            payment_terms text
            status text
        """), _invoices, order=True, check=_check_invoices, parameters=(
            "sort", "status", "document_type", "start_due_date", "end_due_date"),
        columns={"id": "billing_invoice_id"}),
    "credits": TableList(
        _ACCOUNT + "ads_credit/discounts", _BILLING, fields("""
            place integer
            active boolean
            discountCurrency text null
            discountInMicroCurrency integer null
            discountType text null
            remainingDiscountInMicroCurrency integer null
            title text null
        """), _credits, hidden=("place",), columns={
            "discountCurrency": "discount_currency", "discountType": "discount_type",
            "discountInMicroCurrency": "discount_in_micro_currency",
            "remainingDiscountInMicroCurrency": "remaining_discount_in_micro_currency"}),
    "businesses": TableList(
        "/v5/businesses/employers", _BUSINESS, fields("""
            id id
            assets_summary json null
            business_roles json
            created_by_business json
            created_by_user json
            created_time milliseconds null
            is_shared_partner boolean
            user json null
        """), _businesses, account="nobody",
        columns={"id": "business_id", "user": "business"}),
    "business_ad_accounts": TableList(
        "/v5/businesses/([^/]*)/assets", _BUSINESS, fields("""
            business_id id
            asset_id id
            permission text
            asset_type text
        """), _accounts, keys=3, account="nobody", part=_of_business,
        hidden=("business_id", "permission"), columns={"asset_id": "advertiser_id"},
        parameters=("permissions", "child_asset_id", "asset_group_id", "asset_type",
                    "start_index")),
}
