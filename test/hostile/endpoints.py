# Copyright (c) 2026, pinterest_fdw contributors

"""Where hostile answers come from, and what the rest of that Pinterest is like.

Each endpoint has a statement that reads it.  What belongs to other endpoints is
answered as it should be, so that the right rows come if a hostile answer does no
harm.
"""

import copy
import datetime
import json

from server import http

TODAY = datetime.datetime.now(datetime.timezone.utc).date()
DAY = (TODAY - datetime.timedelta(days=2)).isoformat()

CAMPAIGNS = [{'id': str(i), 'name': f'campaign {i}', 'status': 'ACTIVE'} for i in (11, 12)]
REPORT_ROWS = {i: [{'DATE': DAY, 'CAMPAIGN_ID': i, 'CAMPAIGN_NAME': f'campaign {i}',
                    'TOTAL_IMPRESSION': 7}] for i in ('11', '12')}
TEMPLATE_COLUMNS = ['CAMPAIGN_ID', 'CAMPAIGN_NAME', 'TOTAL_IMPRESSION']

# Of a field that is of another type than it should be
IDS = ('string', 'number')
TEXT = ('string',)


class Field:
    """A field that holds a document together.

    path: to the value; types: of JSON, those that it may have; required: neither
    missing nor null.
    """

    def __init__(self, path, types, required):
        self.path = path
        self.types = types
        self.required = required
        self.name = '.'.join(str(part) for part in path)

    def replaced(self, document, value):
        document = copy.deepcopy(document)
        self.holder(document)[self.path[-1]] = value
        return document

    def removed(self, document):
        document = copy.deepcopy(document)
        del self.holder(document)[self.path[-1]]
        return document

    def holder(self, document):
        for part in self.path[:-1]:
            document = document[part]
        if self.path[-1] not in document and isinstance(document, dict):
            document[self.path[-1]] = None
        return document


def page(items, bookmark=None):
    return {'items': items, 'bookmark': bookmark}


LIST_FIELDS = [Field(['items'], ('array',), True), Field(['bookmark'], TEXT, False)]


class Endpoint:
    """name; sql: reads it, of the schema of a session; rows: what is right; good: the
    document that is right; fields: of that; text: the path of one of its texts that
    the statement shows, or of any; is_list: it has items.
    """

    def __init__(self, name, sql, rows, good, fields, asks, text, is_list=False):
        self.name = name
        self.sql = sql
        self.rows = rows
        self.good = good
        self.fields = fields
        self.asks = asks
        self.text = Field(text, TEXT, False)
        self.is_list = is_list


READ_CAMPAIGNS = "SELECT string_agg(campaign_id || '=' || name, ' ' ORDER BY campaign_id) FROM "
READ_REPORT = ("SELECT string_agg(campaign_id || '=' || campaign_name || total_impression"
               f" || (date = '{DAY}'), ' ' ORDER BY campaign_id) FROM ")
TWO_CAMPAIGNS = '11=campaign 11 12=campaign 12'
TWO_ROWS = '11=campaign 117true 12=campaign 127true'
ONE_ROW = '12=campaign 127true'

PROMOTIONS = page([{'id': '31', 'ad_group_id': '21', 'relative_definition': 'all of it'}])
TARGETING = [{'US': 'United States', 'AT': 'Austria'}]
CREATION = {'report_status': 'IN_PROGRESS', 'token': 'report-1', 'message': None}
POLL = {'report_status': 'FINISHED', 'url': '{url}/download', 'size': None}
ANALYTICS = [{'CAMPAIGN_ID': '11', 'DATE': DAY, 'TOTAL_IMPRESSION': 7}]
TEMPLATES = page([{'id': '41', 'name': 'mine', 'report_level': 'CAMPAIGN',
                   'report_format': 'JSON', 'columns': TEMPLATE_COLUMNS}])
TOKENS = {'access_token': 'pina_second', 'refresh_token': 'pinr_second', 'token_type': 'bearer',
          'expires_in': 2592000, 'refresh_token_expires_in': 5184000, 'scope': 'ads:read'}
LOCAL = '/ad_accounts/1/'

ENDPOINTS = [
    Endpoint('advertisers', READ_CAMPAIGNS + 'everyone', TWO_CAMPAIGNS,
             page([{'id': '1', 'name': 'one'}]),
             [*LIST_FIELDS, Field(['items', 0, 'id'], IDS, True)],
             lambda request: request.path == '/v5/ad_accounts', ['items', 0, 'name'], True),
    Endpoint('entity page', READ_CAMPAIGNS + 'campaigns', TWO_CAMPAIGNS, page(CAMPAIGNS),
             [*LIST_FIELDS, Field(['items', 0, 'id'], IDS, True)],
             lambda request: request.path.endswith('/campaigns'), ['items', 0, 'name'], True),
    Endpoint('later page', READ_CAMPAIGNS + 'campaigns', '10=first ' + TWO_CAMPAIGNS,
             page(CAMPAIGNS), [*LIST_FIELDS, Field(['items', 0, 'id'], IDS, True)],
             lambda request: request.path.endswith('/campaigns') and 'bookmark' in request.query,
             ['items', 0, 'name'], True),
    Endpoint('list of an ad group',
             "SELECT string_agg(product_group_promotion_id || '=' || relative_definition, ' ')"
             ' FROM promotions', '31=all of it', PROMOTIONS,
             [*LIST_FIELDS, Field(['items', 0, 'id'], IDS, True)],
             lambda request: request.path.endswith('/product_group_promotions'),
             ['items', 0, 'relative_definition'], True),
    Endpoint('creation', READ_REPORT + 'report', TWO_ROWS, CREATION,
             [Field(['report_status'], TEXT, False), Field(['token'], TEXT, True)],
             lambda request: request.method == 'POST' and request.path.endswith('/reports'),
             ['message']),
    Endpoint('poll', READ_REPORT + 'report', TWO_ROWS, POLL,
             [Field(['report_status'], TEXT, True), Field(['url'], TEXT, True)],
             lambda request: request.method == 'GET' and request.path.endswith('/reports'),
             ['url']),
    Endpoint('download', READ_REPORT + 'report', TWO_ROWS, REPORT_ROWS,
             [Field(['11'], ('array', 'null'), False), Field(['11', 0], ('object',), True),
              Field(['11', 0, 'DATE'], TEXT, True)],
             lambda request: request.path == '/download', ['11', 0, 'CAMPAIGN_NAME']),
    Endpoint('synchronous analytics',
             "SELECT string_agg(campaign_id || '=' || total_impression, ' ') FROM report"
             f" WHERE campaign_id = '11' AND date = '{DAY}' AND total_impression > 0",
             '11=7', ANALYTICS,
             [Field([0], ('object',), True), Field([0, 'CAMPAIGN_ID'], IDS, True),
              Field([0, 'DATE'], TEXT, True)],
             lambda request: request.path.endswith('/campaigns/analytics'), [0, 'CAMPAIGN_NAME']),
    Endpoint('targeting options',
             "SELECT string_agg(code || '=' || name, ' ' ORDER BY code) FROM targeting"
             " WHERE targeting_type = 'LOCATION'", 'AT=Austria US=United States', TARGETING,
             [Field([0], ('object', 'null'), False)],
             lambda request: '/resources/targeting/' in request.path, [0, 'AT']),
    Endpoint('template', READ_REPORT + 'templated', TWO_ROWS, TEMPLATES,
             [*LIST_FIELDS, Field(['items', 0, 'id'], IDS, True),
              Field(['items', 0, 'report_level'], TEXT, True),
              Field(['items', 0, 'columns'], ('array',), True)],
             lambda request: request.path.endswith('/templates'), ['items', 0, 'name'], True),
    Endpoint('token endpoint', READ_CAMPAIGNS + 'campaigns', TWO_CAMPAIGNS, TOKENS,
             [Field(['access_token'], TEXT, True), Field(['refresh_token'], TEXT, False)],
             lambda request: request.path == '/v5/oauth/token', ['scope'])
]


def document(endpoint, url):
    """The right document of an endpoint, as JSON.  url: of the server and the cell."""
    return json.dumps(endpoint.good).replace('{url}', url)


def answer_well(request, url):
    """What there is at a path of that Pinterest."""
    if request.path.endswith('/campaigns') and 'bookmark' not in request.query and \
            request.cell.startswith('later'):
        return http(json.dumps(page([{'id': '10', 'name': 'first'}], 'next')))
    if request.path.endswith('/ad_groups'):
        return http(json.dumps(page([{'id': '21', 'name': 'ad group'}])))
    if request.path.endswith('/ad_accounts/1'):
        return http(json.dumps({'id': '1', 'name': 'one', 'time_zone': 'UTC'}))
    for endpoint in ENDPOINTS:
        if endpoint.asks(request):
            return http(document(endpoint, url))
    return http('{"code":0,"message":"There is no such path."}', '404 Not Found')
