"""Tests of what other clients send, Pinterest's own ones among them."""

import columns
from selftest_client import ALL, Case, day
from targeting import types_at, usual_types_at

# Ids that a connector asks for at all levels.
DEEP_IDS = ["AD_ID", "AD_GROUP_ID", "PIN_ID", "CAMPAIGN_ID"]


class Others(Case):
    def setUp(self):
        super().setUp()
        self.tolerate()

    def tolerate(self, *what):
        self.assertEqual(self.client.control("POST", "settings", {
            "tolerates": list(what)})[0], 200)

    def test_quickstart(self):
        """The flow of Pinterest's quickstart for Python."""
        client = self.client
        status, found = client.consent(
            client_id=None, consumer_id=client.info["client_id"], refreshable=True,
            scope="ads:read,user_accounts:read")
        self.assertEqual(status, 302)
        status, tokens = client.token(grant_type="authorization_code",
                                      code=found["code"],
                                      redirect_uri=client.info["redirect_uri"])
        self.assertEqual(status, 200)
        status, tokens = client.token(grant_type="refresh_token", refresh_on=True,
                                      refresh_token=tokens["refresh_token"])
        self.assertEqual(status, 200)
        token = tokens["access_token"]
        status, user = client.api("GET", "/v5/user_account", token=token)
        self.assertEqual((status, user["account_type"]), (200, "BUSINESS"))
        status, page = client.api("GET", "/v5/ad_accounts?include_shared_accounts=True",
                                  token=token)
        self.assertEqual(status, 200)
        self.assertIn(user["id"], [one["owner"]["id"] for one in page["items"]])

    def test_what_is_still_wrong(self):
        client = self.client
        self.assertEqual(client.consent(consumer_id="1")[0], 400)
        self.assertEqual(client.consent(client_id="1")[0], 400)
        self.assertEqual(client.consent(refreshable="yes")[0], 400)
        self.refused(client.api("GET", "/v5/ad_accounts?include_shared_accounts=TRUE"),
                     400, 1, "was not boolean")
        self.refused(client.token(grant_type="refresh_token", refresh_on="yes",
                                  refresh_token="x"), 400, 1, "not a boolean")

    def test_user_account(self):
        client = self.client
        other = client.info["advertiser_ids"][1]
        _, own = client.api("GET", "/v5/user_account")
        status, user = client.api("GET", "/v5/user_account?ad_account_id=" + other)
        self.assertEqual(status, 200)
        self.assertNotEqual(user["id"], own["id"])
        self.assertEqual(client.api("GET", "/v5/user_account?ad_account_id=" +
                                    client.info["unpermitted_advertiser_id"])[0], 403)
        self.assertEqual(client.api("GET", "/v5/user_account?fields=id")[0], 400)
        self.assertEqual(client.api("POST", "/v5/user_account", {})[0], 405)
        code = client.consent(scope="ads:read")[1]["code"]
        token = client.token(grant_type="authorization_code", code=code,
                             redirect_uri=client.info["redirect_uri"])[1]
        self.refused(client.api("GET", "/v5/user_account",
                                token=token["access_token"]), 401, 3)

    def test_several_id_filters(self):
        """As the quickstart lists the ads of an ad group."""
        _, page = self.client.api("GET", self.client.below + "/ads?page_size=1&" + ALL)
        path = self.client.below + "/ads?campaign_ids=%(campaign_id)s" \
            "&ad_group_ids=%(ad_group_id)s&" % page["items"][0] + ALL
        self.refused(self.client.api("GET", path), 400, 1, "only one of")
        self.tolerate("several_id_filters")
        status, found = self.client.api("GET", path)
        self.assertEqual(status, 200)
        self.assertTrue(found["items"])
        for ad in found["items"]:
            self.assertEqual(ad["ad_group_id"], page["items"][0]["ad_group_id"])

    def test_ids_below_the_level(self):
        for level in ("ADVERTISER", "CAMPAIGN", "AD_GROUP"):
            wanted = DEEP_IDS + ["SPEND_IN_DOLLAR"]
            strict = [one for one in wanted
                      if columns.is_valid(columns.COLUMNS[one], level)]
            self.tolerate()
            self.refused(self.client.create(level=level, columns=wanted), 400, 1,
                         "are not available.")
            expected = self.client.report(level=level, columns=strict)
            self.tolerate("deep_ids")
            found = self.client.report(level=level, columns=wanted)
            for rows in found.values():
                for row in rows:    # absent values may be null, too
                    for name in set(DEEP_IDS) - set(strict):
                        self.assertIsNone(row.pop(name, None))
            self.assertEqual(found, expected)
        self.refused(self.client.create(level="PRODUCT_ITEM", columns=["AD_ID"]),
                     400, 1, "are not available.")
        self.refused(self.client.create(columns=["AD_NAME"]), 400, 1,
                     "are not available.")

    def test_targeting_without_types(self):
        wanted = {"level": "CAMPAIGN_TARGETING", "start_date": day(2)}
        self.refused(self.client.create(**wanted), 400, 1, "required property")
        self.tolerate("no_targeting_types")
        found = self.client.report(**wanted)
        self.assertEqual({row["TARGETING_TYPE"] for rows in found.values()
                          for row in rows},
                         set(usual_types_at("CAMPAIGN_TARGETING")))
        self.assertLess(set(usual_types_at("CAMPAIGN_TARGETING")),
                        set(types_at("CAMPAIGN_TARGETING")))
