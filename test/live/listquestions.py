"""Questions about lists and dictionaries, asked while reports are prepared."""

import rows
from case import ALL_STATUSES, Finding, Question, times, twice
from connection import Trouble
from placeholders import constants

UNKNOWN_ID = "999999999999"
MOST_IDS = 250


def accounts(case):
    """Does /ad_accounts repeat an account?"""
    items, bookmark = case.page("/ad_accounts", "a", [("page_size", 250)])
    ids = [one.get("id") for one in items]
    repeated = twice(ids)
    return Finding(not repeated and case.account in ids,
                   "%d listed, %s; this one is %samong them%s" % (
                       len(ids), times(repeated),
                       "" if case.account in ids else "not ",
                       "; there are more pages" if bookmark else ""),
                   {"listed": len(ids), "repeated": repeated,
                    "has_this_one": case.account in ids})


def _two_pages(case, name, letter):
    """Items of a list's first two pages, small ones, and how many came twice."""
    query = [("page_size", 25)] + ALL_STATUSES
    items, bookmark = case.page(case.below(name), letter, query)
    if bookmark:
        items += case.page(case.below(name), letter,
                           query + [("bookmark", bookmark)])[0]
    case.lists[name] = items
    return len(items), twice(one.get("id") for one in items)


def entities(case):
    """Do lists repeat an entity, on one page or from one to the next?"""
    groups, repeated_groups = _two_pages(case, "ad_groups", "g")
    case.lists["ads"], _ = case.page(
        case.below("ads"), "d", [("page_size", 250)] + ALL_STATUSES)
    repeated = twice(one.get("id") for one in case.lists["ads"])
    return Finding(not repeated and not repeated_groups,
                   "%d ad groups, %s; %d ads, %s" % (
                       groups, times(repeated_groups), len(case.lists["ads"]),
                       times(repeated)),
                   {"ad_groups": groups, "ad_groups_repeated": repeated_groups,
                    "ads": len(case.lists["ads"]), "ads_repeated": repeated})


def id_types(case):
    """How are ids written in lists?"""
    found = {}
    items = [case.description] + [one for items in case.lists.values()
                                  for one in items]
    for item in items:
        for name, value in item.items():
            if (name == "id" or name.endswith("_id")) and value is not None:
                found.setdefault(name, set()).add(rows.type_of(value))
    kinds = sorted(set().union(*found.values())) if found else []
    if not found:
        raise Trouble("no id has come")
    return Finding(set(kinds) <= {"string", "number"}, ", ".join(kinds),
                   {name: sorted(types) for name, types in found.items()})


def time_zone(case):
    """Does an account say its time zone?"""
    zone = case.description.get("time_zone")
    came = "no time_zone" if zone is None else (
        "time_zone, UTC" if zone in ("UTC", "Etc/UTC") else
        "time_zone, another one than UTC")
    return Finding(None if zone is None else True, came, {"came": came})


def keyword_parents(case):
    """Whose keywords are listed if no parent is named?"""
    items, _ = case.page(case.below("keywords"), "k", [("page_size", 250)])
    if not items:
        return Finding(None, "none listed", {"keywords": 0})
    own = sum(str(one.get("parent_id")) == case.account for one in items)
    types = constants(str(one.get("parent_type")).upper() for one in items)
    repeated = twice(one.get("id") for one in items)
    return Finding(own == len(items) and not repeated,
                   "%d listed, %d of them the account's own; parent types: %s; %s"
                   % (len(items), own, ", ".join(types), times(repeated)),
                   {"keywords": len(items), "of_account": own,
                    "parent_types": types, "repeated": repeated})


def unknown_ad_group(case):
    """Is the id of an ad group that does not exist an error?"""
    answer = case.connection.ask(case.below("keywords"), [
        ("page_size", 250), ("ad_group_id", UNKNOWN_ID)])
    if not answer.good:
        return Finding(False, case.refusal(answer), {"status": answer.status})
    items = case.json_of(answer).get("items")
    return Finding(items == [], "a list of %d" % len(items),
                   {"status": answer.status})


def many_ids(case):
    """Does Pinterest take a URL with as many ids as it documents?"""
    ids = [str(one["id"]) for one in case.lists.get("ads", ()) if one.get("id")]
    if not ids:
        raise Trouble("there are no ads")
    query = [("page_size", 250)] + ALL_STATUSES + [
        ("ad_ids", ids[place % len(ids)]) for place in range(MOST_IDS)]
    answer = case.connection.ask(case.below("ads"), query)
    length = sum(len(name) + len(str(value)) + 2 for name, value in query)
    came = "taken" if answer.good else case.refusal(answer)
    return Finding(answer.good, "%d ids, %d of them different, %d characters: %s"
                   % (MOST_IDS, len(set(ids[:MOST_IDS])), length, came),
                   {"status": answer.status, "characters": length,
                    "different": len(set(ids[:MOST_IDS]))})


def metrics(case):
    """Does the dictionary of metrics repeat a name?"""
    document = case.json_of(case.connection.ask("/resources/delivery_metrics"))
    items = document.get("items") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise Trouble("a dictionary without \"items\"")
    names = [one.get("name") for one in items if isinstance(one, dict)]
    repeated, missing = twice(names), sum(not name for name in names)
    return Finding(not repeated and not missing,
                   "%d metrics, %s, %d without a name" % (
                       len(names), times(repeated), missing),
                   {"metrics": len(names), "repeated": repeated,
                    "nameless": missing})


def _options_form(case, kind):
    """What comes for a targeting type, and whether that can be read."""
    answer = case.connection.ask("/resources/targeting/" + kind)
    if not answer.good:
        return case.refusal(answer), False
    try:
        document = rows.parse(answer.body)
    except ValueError:
        return "%d bytes that are no JSON" % len(answer.body), False
    if document is None:
        return "null", True
    if not isinstance(document, list):
        return "an " + rows.type_of(document), False
    maps = [one for one in document if one is not None]
    form = "an array of %d: %s" % (len(document), ", ".join(
        "an object of %d" % len(one) if isinstance(one, dict)
        else rows.type_of(one) for one in document) or "nothing")
    return form, all(isinstance(one, dict) and not any(
        isinstance(value, (dict, list)) for value in one.values())
        for one in maps)


def targeting_options(case):
    """What is listed for targeting types without a fixed list of values?"""
    found = {kind: _options_form(case, kind) for kind in (
        "KEYWORD", "AUDIENCE_INCLUDE", "AUDIENCE_EXCLUDE")}
    return Finding(all(readable for _, readable in found.values()),
                   "; ".join("%s: %s" % (kind, form)
                             for kind, (form, _) in found.items()),
                   {kind: form for kind, (form, _) in found.items()})


def shared_audiences(case):
    """Which audiences are listed if nobody says whose?"""
    path, size = case.below("audiences"), [("page_size", 250)]
    plain, own, received = (
        {one.get("id") for one in case.page(path, "u", size + more)[0]}
        for more in ([], [("ownership_type", "OWNED")],
                     [("ownership_type", "RECEIVED")]))
    return Finding(plain == own and not own & received,
                   "%d listed, %d owned, %d received, %d of these owned as well" % (
                       len(plain), len(own), len(received), len(own & received)),
                   {"listed": len(plain), "owned": len(own),
                    "received": len(received)})


QUESTIONS = (
    Question("accounts", "/ad_accounts has each account once", accounts),
    Question("entities", "lists have each entity once", entities),
    Question("ids in lists", "ids are strings or whole numbers", id_types),
    Question("time zone", "days are those of UTC, whatever time_zone an account has", time_zone),
    Question("keywords of no parent",
             "without a parent, only keywords of the account itself are listed",
             keyword_parents),
    Question("unknown ad group", "the keywords of an ad group that does not"
             " exist are an empty list, no error", unknown_ad_group),
    Question("shared audiences", "those that others share are listed only if they"
             " are asked for", shared_audiences),
    Question("250 ids", "a URL may hold 250 ids", many_ids),
    Question("metrics", "ads:read suffices, and each metric has a name of its"
             " own", metrics),
    Question("targeting options", "an array with one object of codes and names,"
             " an empty one, or null", targeting_options),
)
