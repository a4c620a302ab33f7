"""All lists, by the name of the table that shows them.

LISTS are those below an ad account that are alike, TABLE_LISTS all others.
"""

from accountlists import ACCOUNT_LISTS
from adgroupparts import KEYWORD_LIST, PRODUCT_GROUP_LIST
from catalogs import CATALOGS
from entities import LISTS as OWN_LISTS
from morelists import MORE_LISTS
from money import MONEY
from organic import ORGANIC
from templates import TEMPLATE_LIST
from useranalytics import MORE_ROUTES, USER_ANALYTICS

LISTS = dict(OWN_LISTS, keywords=KEYWORD_LIST,
             product_group_promotions=PRODUCT_GROUP_LIST, **ACCOUNT_LISTS,
             report_templates=TEMPLATE_LIST)
BY_PATH = {kind.path or name: kind for name, kind in LISTS.items()}
TABLE_LISTS = {**MORE_LISTS, **MONEY, **CATALOGS, **ORGANIC, **USER_ANALYTICS}
# All that they are asked for by
ROUTES = (*MORE_ROUTES, *TABLE_LISTS.values())
