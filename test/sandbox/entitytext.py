"""Names that a client has to get through unharmed."""

TRACKING = {
    "impression": ["https://t.example/i?q=a%20b&r=\"1\"",
                   "https://t.example/ü/\\i"],
    "click": ["https://t.example/c"],
    "engagement": [],
}

_CAMPAIGNS = (
    "Spring collection",
    "Été à la plage – 50 %",
    "Größe \"XL\" & O'Brien",
    "日本の春 🌸",
    "back\\slash \\n \\u0041 {draft}",
    "tab\there, comma; semicolon",
    "🎄 Holiday 🎁",
    "  spaces around  ",
    "line\nbreak and\rreturn",
    "عربي ‏RTL",
    "combining e\u0301 and \u2028 separator",
    "null",
    "<b>HTML</b> &amp; \u007f",
)
_AD_GROUPS = ("Women 25–34", "Männer \"aktiv\"", "Keywords / search",
              "興味・関心", "c:\\temp\\new", "50% off, today")
_ADS = ("Video 6s", "Karussell „neu“", "Idée n° 1 💡", "quote \" and ' and \\",
        "Standard\tpin", "Ofertão!")


def campaign_name(index):
    return "%s %d" % (_CAMPAIGNS[index % len(_CAMPAIGNS)], index + 1)


def ad_group_name(index, campaign_index):
    return "%s %d.%d" % (_AD_GROUPS[(index + campaign_index) % len(_AD_GROUPS)],
                         campaign_index + 1, index + 1)


def ad_name(index, offset):
    return "%s #%d" % (_ADS[(index + offset) % len(_ADS)], index + 1)


# Also values of the targeting type KEYWORD.
KEYWORDS = ("summer dress", "robe d'été", "gartenmöbel \"holz\"", "花 ギフト",
            "shoes, size 42", "diy \\ crafts", "💍 wedding ideas", "null")
