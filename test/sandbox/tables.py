"""All lists below an ad account, by the name of the table that shows them."""

from accountlists import ACCOUNT_LISTS
from adgroupparts import KEYWORD_LIST, PRODUCT_GROUP_LIST
from entities import LISTS as OWN_LISTS
from templates import TEMPLATE_LIST

LISTS = dict(OWN_LISTS, keywords=KEYWORD_LIST,
             product_group_promotions=PRODUCT_GROUP_LIST, **ACCOUNT_LISTS,
             report_templates=TEMPLATE_LIST)
BY_PATH = {kind.path or name: kind for name, kind in LISTS.items()}
