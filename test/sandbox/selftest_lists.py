"""Tests of the further lists, of templates and of resources; run by selftest.py."""

from urllib.parse import quote

import targeting
from columns import COLUMNS
from selftest_client import ALL, Case, Client, day, expected
from tables import LISTS

PLAIN = ("audiences", "customer_lists", "order_lines", "lead_forms",
         "targeting_templates", "report_templates")


def own(rows):
    """Rows without what others share with an ad account."""
    return [row for row in rows if row.get("ownership_type") != "RECEIVED"]


class MoreLists(Case):
    def get(self, target):
        return self.client.api("GET", self.client.below + "/" + target)

    def all_of(self, target, size=25):
        """Items of all pages of a list."""
        found, bookmark = [], None
        target += "%spage_size=%d" % ("&" if "?" in target else "?", size)
        while True:
            status, page = self.get(target + (
                "&bookmark=" + quote(bookmark) if bookmark else ""))
            self.assertEqual(status, 200, page)
            found += page["items"]
            bookmark = page.get("bookmark")
            if not bookmark:
                return found
            self.assertEqual(len(page["items"]), size)

    def groups(self):
        return [item["id"] for item in self.all_of("ad_groups?" + ALL)]

    def same_items(self, name, items):
        """The items are those that a table is expected to hold."""
        kind, rows = LISTS[name], own(expected(name))
        self.assertEqual(list(rows[0])[:2], ["advertiser_id", kind.key])
        self.assertEqual(sorted(row[kind.key] for row in rows),
                         sorted(item["id"] for item in items))
        by_id = {item["id"]: item for item in items}
        for row in rows:
            self.assertEqual(row["advertiser_id"], self.client.account)
            item = by_id[row[kind.key]]
            for field in kind.fields:
                if field.kind == "text":
                    self.assertEqual(row[field.name], item.get(field.name) or "")
                elif field.kind == "boolean":
                    self.assertEqual(row[field.name], {
                        None: "", True: "t", False: "f"}[item.get(field.name)])

    def test_pages(self):
        for name in PLAIN:
            path = LISTS[name].path or name
            items = self.all_of(path, 2)
            ids = [int(item["id"]) for item in items]
            self.assertEqual(ids, sorted(set(ids)))
            self.same_items(name, items)
            down = self.get(path + "?order=DESCENDING&page_size=250")[1]["items"]
            self.assertEqual(down, items[::-1])
        self.assertIsNotNone(self.get("audiences")[1]["bookmark"])

    def test_keywords(self):
        groups = self.groups()
        campaigns = [one["id"] for one in self.all_of("campaigns?" + ALL)]
        items = self.all_of("keywords?ad_group_ids=" + ",".join(groups))
        above = self.all_of("keywords")
        self.assertEqual({(one["parent_type"], one["parent_id"]) for one in above},
                         {("advertiser", self.client.account)})
        for one in campaigns:
            found = self.all_of("keywords?campaign_id=" + one)
            self.assertEqual({(item["parent_type"], item["parent_id"])
                              for item in found}, {("campaign", one)})
            above += found
        self.assertTrue(all(one["match_type"].endswith("_NEGATIVE")
                            for one in above))
        self.same_items("keywords", items + above)
        self.assertGreater(len(items), 25)
        for item in items:
            self.assertIn(item["parent_id"], groups)
            self.assertEqual(item["parent_type"], "ad_group")
        # Required, but may be null.
        self.assertIn(None, {item["match_type"] for item in items})
        one = self.all_of("keywords?ad_group_id=" + groups[0])
        self.assertEqual(one, [item for item in items
                               if item["parent_id"] == groups[0]])
        exact = self.all_of("keywords?match_types=EXACT&ad_group_ids="
                            + "&ad_group_ids=".join(groups))
        self.assertEqual({item["match_type"] for item in exact}, {"EXACT"})

    def test_repeated_items(self):
        """A list that shifts while it is paged shows items again."""
        campaigns = self.all_of("campaigns?" + ALL, 2)
        self.client.control("POST", "settings", {"repeated_items": True})
        accounts = self.client.api("GET", "/v5/ad_accounts")[1]["items"]
        found, bookmark = [], ""
        while bookmark is not None:
            page = self.get("campaigns?%s&page_size=3%s" % (
                ALL, bookmark and "&bookmark=" + quote(bookmark)))[1]
            if found:
                self.assertEqual(found[-1], page["items"][0])
            found += page["items"]
            bookmark = page.get("bookmark")
        self.client.control("POST", "settings", {"repeated_items": False})
        self.assertEqual(accounts[0], accounts[-1])
        self.assertGreater(len(accounts), 1)
        self.assertGreater(len(found), len(campaigns))
        self.assertEqual({one["id"] for one in found},
                         {one["id"] for one in campaigns})

    def test_broken_texts(self):
        """Names may end in the middle of a character."""
        whole = {one["id"]: one["name"] for one in self.all_of("campaigns?" + ALL)}
        self.client.control("POST", "settings", {"broken_texts": True})
        found = self.all_of("campaigns?" + ALL)
        self.client.control("POST", "settings", {"broken_texts": False})
        self.assertEqual({one["id"]: one["name"] for one in found},
                         {one: name + "\ud83d" for one, name in whole.items()})

    def test_product_groups(self):
        path, items = "product_group_promotions?", []
        for group in self.groups():
            items += self.all_of(path + ALL + "&ad_group_id=" + group, 2)
        self.same_items("product_group_promotions", items)
        ids = ",".join(item["id"] for item in items)
        some = self.all_of(path + "product_group_promotion_ids=" + ids)
        self.assertEqual({item["status"] for item in some}, {"ACTIVE", "PAUSED"})
        self.refused(self.get(path), 400, 1, "is required")
        self.refused(self.get(path + ALL), 400, 1, "is required")

    def test_conversion_tags(self):
        status, answer = self.get("conversion_tags")
        self.assertEqual((status, set(answer)), (200, {"items"}))
        self.same_items("conversion_tags", answer["items"])
        kept = self.get("conversion_tags?filter_deleted=true")[1]["items"]
        self.assertEqual(len(answer["items"]) - len(kept), 1)
        times = [row["last_fired_time_ms"] for row in expected("conversion_tags")]
        self.assertTrue(any("." in one for one in times))
        self.assertIn("", times)

    def test_links(self):
        """Whatever refers to something refers to what there is."""
        campaigns = {row["order_line_id"]: row["campaign_id"] for row
                     in expected("campaigns") if row["order_line_id"]}
        self.assertEqual({item["id"]: item["campaign_ids"][0] for item
                          in self.all_of("order_lines")}, campaigns)
        forms = {item["id"] for item in self.all_of("lead_forms")}
        self.assertLessEqual({row["lead_form_id"] for row in expected("ads")
                              if row["lead_form_id"]}, forms)
        known = {item["id"] for item in self.all_of("customer_lists")}
        used = {item["rule"]["customer_list_id"] for item
                in self.all_of("audiences") if "customer_list_id" in item["rule"]}
        self.assertTrue(used and used <= known)

    def test_choices(self):
        shared = self.get("audiences?ownership_type=RECEIVED")[1]["items"]
        self.assertEqual(len(shared), 3)
        self.assertNotIn("ownership_type", shared[0])
        own = self.all_of("audiences?ownership_type=OWNED")
        self.assertEqual(len(own), 30)
        self.assertEqual(self.all_of("audiences"), own)
        self.assertEqual(
            [row["audience_id"] for row in expected("audiences")
             if row["ownership_type"] == "RECEIVED"],
            [one["id"] for one in shared])
        sized = self.get("targeting_templates?include_sizing=true")[1]["items"]
        self.assertIn("reach_estimate", sized[0]["sizing"])
        found = self.get("targeting_templates?search_query=gruppe%202")[1]["items"]
        self.assertEqual(len(found), 1)

    def test_refusals(self):
        lots = ",".join(["1"] * 251)
        for target, part in (
                ("keywords?page_size=251", "between 1 and 250"),
                ("keywords?order=ASCENDING", "unexpected query parameter"),
                ("keywords?entity_statuses=ACTIVE", "unexpected query parameter"),
                ("keywords?ad_group_ids=" + lots, "more than 250"),
                ("keywords?ad_group_id=1,2", "more than 1"),
                ("keywords?ad_group_id=x", "must match the pattern"),
                ("keywords?ad_group_id=1&campaign_id=1", "only one of"),
                ("keywords?match_types=FUZZY", "is not one of"),
                ("product_group_promotions?ad_group_ids=1", "unexpected"),
                ("product_group_promotions?ad_group_id=1&page_size=0", "between"),
                ("product_group_promotions?product_group_promotion_ids=" + lots,
                 "more than 250"),
                ("product_group_promotions?ad_group_id=1"
                 "&product_group_promotion_ids=1", "only one of"),
                ("product_group_promotions?ad_group_id=1&entity_statuses=RUNNING",
                 "is not one of"),
                ("audiences?ownership_type=SHARED", "is not one of"),
                ("audiences?entity_statuses=ACTIVE", "unexpected"),
                ("customer_lists?order=UP", "is not one of"),
                ("conversion_tags?page_size=25", "unexpected query parameter"),
                ("conversion_tags?filter_deleted=1", "not boolean"),
                ("order_lines?campaign_ids=1", "unexpected query parameter"),
                ("lead_forms?page_size=x", "not numeric"),
                ("targeting_templates?include_sizing=yes", "not boolean"),
                ("templates?bookmark=abc", "bookmark"),
                ("templates?name=x", "unexpected query parameter")):
            self.refused(self.get(target), 400, 1, part)
        self.refused(self.get("report_templates"), 404, 404)


class Templates(Case):
    def create(self, template, query=""):
        return self.client.api("POST", "%s/templates/%s/reports%s" % (
            self.client.below, template, query))

    def templates(self):
        items = self.client.api("GET", self.client.below + "/templates")[1]["items"]
        return {item["report_level"]: item for item in items
                if not item.get("is_deleted")}

    def rows(self, answer):
        status, made = answer
        self.assertEqual((status, made["report_status"]), (201, "IN_PROGRESS"))
        return self.client.download(made["token"])

    def test_reports(self):
        for level, template in self.templates().items():
            if template["report_format"] == "CSV":
                self.refused(self.create(template["id"]), 400, 1, "CSV")
                continue
            dates = "?start_date=%s&end_date=%s&granularity=DAY" % (day(5), day(1))
            for query, more in (("", {
                    "granularity": template["granularity"],
                    "start_date": day(
                        template["report_start_relative_days_in_past"])}),
                                (dates, {"start_date": day(5)})):
                self.assertEqual(
                    self.rows(self.create(template["id"], query)),
                    self.client.report(
                        level=level, columns=template["columns"],
                        click_window_days=template["click_window_days"],
                        engagement_window_days=template["engagement_window_days"],
                        view_window_days=template["view_window_days"],
                        conversion_report_time=template[
                            "conversion_report_time_type"], **more))

    def test_refusals(self):
        known = self.templates()
        one, path = known["CAMPAIGN"]["id"], self.client.below + "/templates/"
        for query, part in (
                ("?columns=CTR", "unexpected query parameter"),
                ("?start_date=2026-1-1&end_date=" + day(1), "does not match"),
                ("?start_date=" + day(3), "together"),
                ("?start_date=%s&end_date=%s" % (day(914), day(1)), "914 days"),
                ("?granularity=DAILY", "is not one of"),
                ("?granularity=DAY&granularity=DAY", "twice")):
            self.refused(self.create(one, query), 400, 1, part)
        self.rows(self.create(one, "?start_date=%s&end_date=%s"
                              % (day(913), day(1))))
        self.refused(self.create(known["PRODUCT_ITEM"]["id"],
                                 "?start_date=%s&end_date=%s" % (day(40), day(1))),
                     400, 1, "31 days")
        self.refused(self.create("1"), 404, 404)
        deleted = [row["report_template_id"] for row
                   in expected("report_templates") if row["is_deleted"] == "t"]
        self.refused(self.create(deleted[0]), 404, 404)
        self.refused(self.client.api("GET", path + one + "/reports"), 405, 405)
        self.refused(self.client.api("POST", path + one + "/reports", {"a": 1}),
                     400, 1, "no body")


class Resources(Case):
    METRICS = "/v5/resources/delivery_metrics"

    def get(self, target, **more):
        return self.client.api("GET", target, **more)

    def test_metrics(self):
        names = {}
        for kind in ("", "?report_type=SYNC", "?report_type=ASYNC"):
            status, answer = self.get(self.METRICS + kind)
            self.assertEqual((status, set(answer)), (200, {"items"}))
            names[kind] = [item["name"] for item in answer["items"]]
        self.assertEqual(names["?report_type=ASYNC"], list(COLUMNS))
        self.assertEqual(set(names[""]), set(names["?report_type=SYNC"])
                         | set(names["?report_type=ASYNC"]))
        rows = expected("metrics")
        self.assertEqual([row["name"] for row in rows], names[""])
        self.assertEqual(list(rows[0]), ["name", "category", "definition",
                                         "display_name"])
        for query in ("?report_type=BOTH", "?page_size=1", "?report_type="):
            self.refused(self.get(self.METRICS + query), 400, 1)

    def test_scopes(self):
        """The dictionary wants more than ads:read, which suffices elsewhere."""
        code = self.client.consent(scope="ads:read")[1]["code"]
        token = self.client.token(
            grant_type="authorization_code", code=code,
            redirect_uri=self.client.info["redirect_uri"])[1]["access_token"]
        self.refused(self.get(self.METRICS, token=token), 401, 3)
        self.assertEqual(self.get("/v5/resources/targeting/GEO", token=token)[0],
                         200)
        self.assertEqual(self.get(self.client.below + "/audiences",
                                  token=token)[0], 200)

    def test_ready_days(self):
        path = "/v5/resources/metrics_ready_state"
        for row in expected("metrics_ready_state"):
            status, state = self.get(path + "?date=" + row["date"])
            self.assertEqual((status, {name: "t" if value else "f"
                                       for name, value in state.items()}),
                             (200, {name: row[name] for name in state}))
        today = expected("metrics_ready_state")[0]["date"]
        self.assertEqual(self.client.control("POST", "settings", {
            "ready_days": [1, 0]})[0], 200)
        self.assertEqual(self.get(path + "?date=" + today)[1], {
            "conversion_metrics_ready": False, "non_conversion_metrics_ready": True})
        for wrong in ({"ready_days": [1]}, {"ready_days": 1}, {"ready_days": [-1, 1]}):
            self.assertEqual(self.client.control("POST", "settings", wrong)[0], 400)
        self.client.control("POST", "settings", {"ready_days": [1, 1]})
        for query in ("", "?date=", "?date=2026-1-1", "?date=today",
                      "?date=2026-01-01&page_size=1", "?date=2026-01-01&date=2026-01-02"):
            self.refused(self.get(path + query), 400, 1)

    def test_targeting(self):
        rows = [(row["targeting_type"], row["code"], row["name"])
                for row in expected("targeting_options")]
        found = []
        for kind in targeting.OPTIONS:
            status, answer = self.get("/v5/resources/targeting/" + kind)
            self.assertEqual(status, 200)
            for one in answer or ():
                found += [(kind, code, name) for code, name in one.items()]
        self.assertEqual(found, rows)
        for target in ("NOPE", "gender", "GENDER?page_size=1",
                       "GENDER?ad_account_id=x", "GENDER?timestamp=x"):
            self.refused(self.get("/v5/resources/targeting/" + target), 400, 1)
        self.refused(self.get("/v5/resources/targeting/"), 400, 1)
        self.refused(self.client.api("POST", self.METRICS), 405, 405)


class Denied(Case):
    @classmethod
    def setUpClass(cls):
        cls.client = Client("--denied", "2")

    def test_denied(self):
        info, get = self.client.info, lambda path: self.client.api("GET", path)
        items = get("/v5/ad_accounts")[1]["items"]
        ids = [item["id"] for item in items]
        self.assertEqual(ids, info["advertiser_ids"]
                         + info["denied_advertiser_ids"])
        self.assertNotIn(info["unpermitted_advertiser_id"], str(items))
        self.assertEqual(len(set(ids)), 4)
        rows = expected("advertisers", "--denied", "2", *(
            part for one in ids for part in ("--advertiser", one)))
        self.assertEqual([row["advertiser_id"] for row in rows], ids)
        below = "/v5/ad_accounts/%s" % ids[-1]
        self.assertEqual(get(below)[0], 200)
        for name, kind in LISTS.items():
            self.refused(get("%s/%s" % (below, kind.path or name)), 403, 29)
        self.refused(get(below + "/reports?token=x"), 403, 29)
        for path in ("/reports", "/templates/1/reports"):
            self.refused(self.client.api("POST", below + path, {}), 403, 29)

    def test_every_account(self):
        """All lists work for each ad account, and tables show all of them."""
        ids = self.client.info["advertiser_ids"]
        for name in PLAIN:
            rows = own(expected(name, "--advertiser", ids[0], "--advertiser",
                                ids[1]))
            self.assertEqual({row["advertiser_id"] for row in rows}, set(ids))
            for one in ids:
                items = self.client.api("GET", "/v5/ad_accounts/%s/%s?page_size=250"
                                        % (one, LISTS[name].path or name))[1]["items"]
                self.assertEqual([item["id"] for item in items], [
                    row[LISTS[name].key] for row in rows
                    if row["advertiser_id"] == one])
