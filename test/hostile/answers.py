# Copyright (c) 2026, pinterest_fdw contributors

"""Hostile answers, and how a statement that meets them may end.

Each answer is a kind of harm, in one or several variants for an endpoint.  Each variant
says which SQLSTATEs are right for it; "rows" is no error, but the right rows.
"""

import gzip
import json

from endpoints import Field, document
from server import Wire, http

MB = 1 << 20
LARGE = 'x' * (20 * MB)
BOMB = gzip.compress(b' ' * (100 * MB))

# Of what is no JSON, or JSON of another layout.  The token endpoint tells all of
# that as one: nobody knows what became of the refresh token (08007).
INVALID = {'HV000', '22P02', '08007'}
LOST = {'08006', '08001', '08007', 'HV00N'}
LIMIT = {'54000', 'HV000', '08007'}
# Of what breaks the rules of HTTP, or of an encoding
BROKEN = {'08P01', '08007'}
VALUE = {'HV000', '22P02', '22004', '22003', '22007', '22008', '22023', 'HV00R', 'HV005',
         '21000', '08007'}
REFUSED = {'HV000', 'HV00R', '42501', '28000', 'HV00N', '08007', '53400', '08006', '57P03'}


class Variant:
    def __init__(self, name, make, ends):
        self.name = name
        self.make = make
        self.ends = set(ends)


def fixed(wire):
    return lambda request: wire


# --- shapes and types -------------------------------------------------------

BODIES = {
    'null': 'null', 'a number': '5', 'a string': '"text"', 'true': 'true', 'an empty array': '[]',
    'an empty object': '{}', 'nested arrays': '[[[{"id":"1"}]]]', 'an array of null': '[null]',
    'an array of numbers': '[1,2]', 'an object of objects': '{"a":{"b":{"c":{}}}}'
}
# Where one of these is not an error, but nothing
NOTHING = {
    'download': {'null', 'an empty array', 'an empty object'},
    'synchronous analytics': {'an empty array'},
    'targeting options': {'null', 'an empty array', 'an array of null'},
}


def other_documents(endpoint, url):
    for name, body in BODIES.items():
        ends = {'none'} if name in NOTHING.get(endpoint.name, ()) else INVALID
        yield Variant(name, fixed(http(body)), ends)


NO_JSON = {
    'nothing': b'', 'white space': b' \r\n\t', 'a page': b'<html><body>Welcome</body></html>',
    'single quotes': b"{'items':[],'bookmark':null}", 'NaN': b'{"items":NaN}',
    'a lone bracket': b'{', 'wrong brackets': b'{"items":[}]', 'UTF-16': '{"items":[]}'.encode('utf-16'),
    'no UTF-8': b'\xff\xfe\xfd', 'NUL bytes': b'\0' * 1000, 'a comma too many': b'{"items":[1,],}',
    'a comment': b'/* {} */ {"items":[]}', 'gzip, not said': gzip.compress(b'{"items":[]}')
}


def no_json(endpoint, url):
    for name, body in NO_JSON.items():
        # a report without rows may be without a byte
        empty = endpoint.name == 'download' and not body.strip()
        yield Variant(name, fixed(http(body)), {'none'} if empty else INVALID)
    good = document(endpoint, url).encode()
    yield Variant('garbage behind it', fixed(http(good + b'x')), INVALID)
    yield Variant('twice', fixed(http(good + good)), INVALID)
    yield Variant('half of it', fixed(http(good[:len(good) // 2])), INVALID)


VALUES = {'null': None, 'number': 5, 'boolean': True, 'object': {}, 'array': []}


def wrong_types(endpoint, url):
    good = json.loads(document(endpoint, url))
    for field in endpoint.fields:
        for kind, value in VALUES.items():
            if kind in field.types:
                continue
            ends = VALUE
            if kind == 'null' and not field.required:
                ends = {'rows'}
            yield Variant(f'{field.name} is {json.dumps(value)}',
                          fixed(http(json.dumps(field.replaced(good, value)))), ends)
        if isinstance(field.path[-1], str):
            # an entity of a report may be missing: nobody knows of it, then
            ends = VALUE if field.required else {'rows'} | ({'fewer'} if field.path == ['11'] else set())
            yield Variant(f'{field.name} is missing',
                          fixed(http(json.dumps(field.removed(good)))), ends)


WORDS = {
    'empty': '', 'a path': '../../../v5/other?x=y#z', 'lines': 'a\r\nX-Evil: 1\r\n\r\nb',
    'NUL': 'a\0b', 'half a pair': 'a\ud800b', 'a large number': '9' * 400, 'negative': '-1',
    'quotes': '\'"\\; DROP TABLE x; --', 'format': '%s%n%1$s', 'the word null': 'null'
}


def wrong_words(endpoint, url):
    good = json.loads(document(endpoint, url))
    for field in endpoint.fields:
        if 'string' not in field.types:
            continue
        for name, value in WORDS.items():
            # whether words fit is another question than whether they do harm
            ends = VALUE | REFUSED | {'HV00M', '54000', '22021', 'rows', 'other'}
            yield Variant(f'{field.name}: {name}',
                          fixed(http(json.dumps(field.replaced(good, value)))), ends)


def broken_rows(endpoint, url):
    if endpoint.name in ('creation', 'poll', 'token endpoint'):
        return
    good = json.loads(document(endpoint, url))
    rows = Field(['items'], (), True) if endpoint.is_list else Field(['11'], (), True)
    for name, value in {'a null among them': None, 'a number among them': 1,
                        'an array among them': [{'id': '1'}], 'a text among them': 'x'}.items():
        if endpoint.name == 'synchronous analytics' or endpoint.name == 'targeting options':
            body = [*good, value]
        else:
            body = rows.replaced(good, [value])
        ends = INVALID | {'22004'}
        if endpoint.name == 'targeting options' and value is None:
            ends = {'rows'}
        yield Variant(name, fixed(http(json.dumps(body))), ends)


def same_names(endpoint, url):
    good = document(endpoint, url)
    if good[0] == '[':
        body = good.replace('{', '{"x":1,"x":[2],', 1)
    else:
        body = good.replace('{', '{"x":1,"x":[2],' if endpoint.name != 'download'
                            else '{"13":null,"13":[],', 1)
    yield Variant('a field twice', fixed(http(body)),
                  {'rows', 'other'} | VALUE)


# --- sizes -------------------------------------------------------------------

def deep(endpoint, url):
    for depth in (100, 20000):
        if endpoint.name == 'download':
            row = document(endpoint, url).replace('[{', '[{"x":' + '[' * depth + ']' * depth + ',', 1)
            yield Variant(f'{depth} levels in a row', fixed(http(row)), LIMIT)
        for left, right in ('[]', ('{"a":', '}')):
            body = left * depth + ('1' if left != '[' else '') + right * depth
            yield Variant(f'{depth} levels of {left[0]}', fixed(http(body)), INVALID | LIMIT)
        good = document(endpoint, url)
        place = good.index('{') + 1
        body = good[:place] + '"x":' + '[' * depth + ']' * depth + ',' + good[place:]
        yield Variant(f'{depth} levels in a field', fixed(http(body)), INVALID | LIMIT | {'rows'})


def with_large(good, field):
    return lambda request: http(json.dumps(field.replaced(good, 'LARGE')).replace('LARGE', LARGE))


def large_value(endpoint, url):
    good = json.loads(document(endpoint, url))
    for field in endpoint.fields:
        if 'string' in field.types:
            yield Variant(f'20 MB as {field.name}',
                          with_large(good, field),
                          VALUE | LIMIT | {'HV00M'} if field.name != 'report_status' or
                          endpoint.name == 'poll' else {'rows'})
    yield Variant('20 MB as another text',
                  with_large(good, endpoint.text),
                  {'rows', 'other', '54000', 'HV000', '08007'})


def large_name(endpoint, url):
    good = document(endpoint, url)
    place = good.index('{') + 1
    body = good[:place] + '"' + 'n' * (20 * MB) + '":null,' + good[place:]
    yield Variant('20 MB as a name', fixed(http(body)), {'rows', 'other'} | LIMIT)


def many(endpoint, url):
    good = document(endpoint, url)
    place = good.index('{') + 1
    names = ''.join(f'"n{i}":[],' for i in range(100000))
    yield Variant('100,000 fields', fixed(http(good[:place] + names + good[place:])),
                  {'rows'} | ({'other'} if endpoint.name == 'targeting options' else LIMIT))


def too_large(endpoint, url):
    piece = b' ' * MB
    yield Variant('70 MB of white space', lambda request: Wire(
        [b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', *[piece] * 70], 'close'),
        INVALID | LIMIT)


def bomb(endpoint, url):
    yield Variant('100 MB in 100 kB', fixed(http(BOMB, headers=['Content-Encoding: gzip'])),
                  INVALID | LIMIT)


def large_headers(endpoint, url):
    good = document(endpoint, url)
    for name, lines in {'a line of 90 kB': ['X-Long: ' + 'h' * 90000],
                        '2,000 lines': [f'X-{i}: {i}' for i in range(2000)],
                        '20,000 lines': [f'X-{i}: {"v" * 40}' for i in range(20000)],
                        'a value of 200 bytes': ['ETag: "' + 'e' * 200 + '"',
                                                 'X-Pinterest-RID: ' + 'r' * 200]}.items():
        yield Variant(name, fixed(http(good, headers=lines)), {'rows'} | LOST | LIMIT)


def falls_back(endpoint, status):
    """Whether a report is asked for in place of what is refused."""
    return {'rows'} if endpoint.name == 'synchronous analytics' and status[0] == '4' else set()


def large_error(endpoint, url):
    for status in ('400 Bad Request', '500 Internal Server Error', '429 Too Many Requests'):
        for name, body in {'20 MB': json.dumps({'code': 1, 'message': 'm' * (20 * MB)}),
                           '60 kB': json.dumps({'code': 1, 'message': 'm' * 60000}),
                           '20,000 levels': '[' * 20000,
                           '20,000 levels of {': '{"code":' * 20000,
                           'a large code': '{"code":18446744073709551616,"message":"no"}',
                           'a code of 1E400': '{"code":1E400,"message":"no"}',
                           'a code that is a text': '{"code":"x","message":["no"]}'}.items():
            yield Variant(f'{name}, {status[:3]}', fixed(http(body, status)),
                          REFUSED | falls_back(endpoint, status))


# --- transport ------------------------------------------------------------------

def wrong_lengths(endpoint, url):
    good = document(endpoint, url)
    ends = LOST | INVALID
    yield Variant('a length that is longer', fixed(http(good, length=len(good) + 10, end='close')), LOST)
    yield Variant('a length that is shorter', fixed(http(good, length=len(good) // 2, end='close')), ends)
    for length in ('-1', '18446744073709551617', 'many', '9' * 100, ''):
        yield Variant(f'length {length[:20]}', fixed(http(good, length=length, end='close')),
                      ends | LIMIT | BROKEN | {'rows'})
    yield Variant('two lengths', fixed(http(good, headers=['Content-Length: 3'], end='close')),
                  ends | BROKEN | {'rows'})
    yield Variant('none', fixed(http(good, length=False, end='close')), {'rows'})


def chunked(endpoint, url):
    good = document(endpoint, url).encode()
    head = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
    whole = b'%x\r\n' % len(good) + good + b'\r\n'
    ends = LOST | INVALID | BROKEN
    for name, rest in {'no end': whole, 'no size': b'zz\r\n' + good, 'a negative size': b'-5\r\n' + good,
                       'a size beyond all': b'fffffffffffffffffff\r\n' + good,
                       'a size that is too large': b'ffffff\r\n' + good}.items():
        yield Variant(name, fixed(Wire(head + rest, 'close')), ends)
    yield Variant('right', fixed(Wire(head + whole + b'0\r\n\r\n', 'close')), {'rows'})


def encodings(endpoint, url):
    good = document(endpoint, url).encode()
    packed = gzip.compress(good)
    for name, body, coding in (('gzip', packed, 'gzip'), ('no gzip', good, 'gzip'),
                               ('half of gzip', packed[:len(packed) // 2], 'gzip'),
                               ('an unknown one', good, 'x-secret'),
                               ('gzip a hundred times', packed, ', '.join(['gzip'] * 100))):
        yield Variant(name, fixed(http(body, headers=[f'Content-Encoding: {coding}'])),
                      {'rows'} if name == 'gzip' else LOST | INVALID | LIMIT | BROKEN | {'rows'})


def broken(endpoint, url):
    good = document(endpoint, url).encode()
    head = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(good)
    for end in ('close', 'reset'):
        for name, sent in {'nothing': b'', 'half a header': head[:25], 'the header': head,
                           'half a body': head + good[:len(good) // 2]}.items():
            yield Variant(f'{end} behind {name}', fixed(Wire(sent, end)), LOST)


def stalled(endpoint, url):
    good = document(endpoint, url).encode()
    head = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(good)
    for name, sent in {'nothing': b'', 'half a header': head[:25],
                       'half a body': head + good[:len(good) // 2]}.items():
        yield Variant(f'stalled behind {name}', fixed(Wire(sent, 'stall')), LOST)


def garbage(endpoint, url):
    good = document(endpoint, url).encode()
    for name, sent in {'bytes': bytes(range(256)) * 20, 'HTTP/0.9': good, 'HTTP/7': b'HTTP/7.0 200 OK\r\n\r\n' + good,
                       'status 0': b'HTTP/1.1 000 Nothing\r\n\r\n', 'status 99': b'HTTP/1.1 99 Low\r\n\r\n' + good,
                       'status 999': b'HTTP/1.1 999 High\r\nContent-Length: 0\r\n\r\n',
                       'no status': b'HTTP/1.1\r\n\r\n' + good, 'SSH': b'SSH-2.0-OpenSSH_9.2\r\n',
                       'SMTP': b'220 mail ESMTP\r\n',
                       'a header without a colon': b'HTTP/1.1 200 OK\r\ngarbage\r\n\r\n' + good,
                       'NUL in a header': b'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n' + good}.items():
        ends = LOST | INVALID | REFUSED | BROKEN
        if 'header' in name:
            ends = ends | {'rows'}
        yield Variant(name, fixed(Wire(sent, 'close')), ends)


# --- statuses --------------------------------------------------------------------

def statuses(endpoint, url):
    good = document(endpoint, url)
    # tokens cannot be asked for again, and a part of an object is no object
    ends = {'rows'} if endpoint.name == 'token endpoint' else {'HV000'}
    yield Variant('206 without a range', fixed(http(good, '206 Partial Content')), ends)
    yield Variant('206 with a wrong range', fixed(http(good, '206 Partial Content', headers=[
        f'Content-Range: bytes 5-{len(good) + 4}/{len(good) + 5}'])), ends)
    yield Variant('204', fixed(http(b'', '204 No Content', length=False, end='close')), INVALID | LOST)
    yield Variant('304', fixed(http(b'', '304 Not Modified', length=False, end='close')), REFUSED)
    yield Variant('201', fixed(http(good, '201 Created')), {'rows'})
    yield Variant('a thousand times 100', fixed(Wire(
        b'HTTP/1.1 100 Continue\r\n\r\n' * 1000 + b''.join(http(good).chunks))),
        {'rows'} | LOST | LIMIT)
    for status in ('400 Bad', '401 Who', '403 No', '404 None', '409 Conflict', '422 Bad', '500 Oh',
                   '503 Later'):
        yield Variant(f'{status[:3]} with the right body', fixed(http(good, status)),
                      REFUSED | {'HV00M'} | falls_back(endpoint, status))


def waits(endpoint, url):
    for value in ('99999999999999999999', '-1', 'nan', 'inf', '1e308', '0x10', 'soon', '',
                  'Fri, 31 Dec 9999 23:59:59 GMT', '9' * 200):
        for header in ('Retry-After', 'X-RateLimit-Reset'):
            yield Variant(f'{header}: {value[:30]}', fixed(http(
                '{"code":8,"message":"Too many."}', '429 Too Many', headers=[f'{header}: {value}'])),
                {'53400'})


def redirects(endpoint, url):
    port = url.rsplit(':', 1)[1].split('/')[0]
    for target in (f'{url}/away', 'file:///etc/passwd', 'http://localhost/x', 'https://127.0.0.1:1/x',
                   f'http://u:p@127.0.0.1:{port}/x', f'http://127.1:{port}/x', 'gopher://127.0.0.1/',
                   '//other/', '\x01', 'h' * 90000):
        yield Variant(f'to {target[:25].replace(port, "PORT")!r}', fixed(http(
            b'', '302 Found', headers=[f'Location: {target}'])),
            {'HV000', '08001', '08006', '28000', 'HV00N', '08007'} | {'54000'})


# --- links -------------------------------------------------------------------------

def links(endpoint, url):
    if endpoint.name != 'poll':
        return
    port = url.rsplit(':', 1)[1].split('/')[0]
    cell = url.rsplit('/', 1)[1]
    rest = f'/{cell}/download'
    # a stand-in for Pinterest on this machine may have its links there
    for link, ends in ((f'http://localhost:{port}{rest}', {'rows', 'HV00N'}),
                       (f'http://[::1]:{port}{rest}', {'HV00N'}),
                       (f'http://127.0.0.2:{port}{rest}', {'HV00N'}),
                       ('https://127.0.0.1:1/x', {'HV00N'}), ('http://127.0.0.1:1/x', {'HV00N'})):
        yield Variant(link[:60].replace(port, 'PORT'), fixed(http(json.dumps(
            {'report_status': 'FINISHED', 'url': link, 'size': None}))), ends)
    for link in (f'http://u:p@127.0.0.1:{port}{rest}', f'http://u@127.0.0.1:{port}{rest}',
                 f'http://127.1:{port}{rest}', f'http://2130706433:{port}{rest}',
                 f'http://0x7f.1:{port}{rest}', f'http://0177.0.0.1:{port}{rest}',
                 f'http://0x7f000001:{port}{rest}', f'http://[::ffff:127.0.0.1]:{port}{rest}', f'http://localhost.:{port}{rest}',
                 f'http://127.0.0.1:{port}@evil.example{rest}', f'http://evil.example{rest}',
                 f'http://127.0.0.1.evil.example:{port}{rest}', f'http://0.0.0.0:{port}{rest}',
                 f'http://0:{port}{rest}', f'http://[::]:{port}{rest}',
                 f'http://127.0.0.1%00.evil.example:{port}{rest}',
                 f'http://127.0.0.1\\@evil.example:{port}{rest}', f'http://127.0.0.1:0{port}{rest}',
                 'ftp://127.0.0.1/download', 'file:///etc/passwd', 'javascript:alert(1)', '//127.0.0.1/x',
                 '/download', 'http:127.0.0.1', 'https://', 'https://u:p@127.0.0.1:1/x',
                 f'http://127.0.0.1:{port}/a b\r\nX: y', 'x' * 100000):
        yield Variant(link[:60].replace(port, 'PORT'), fixed(http(json.dumps(
            {'report_status': 'FINISHED', 'url': link, 'size': None}))),
            {'54000'} if link[0] == 'x' else {'HV000'})


# --- lists --------------------------------------------------------------------------

def bookmarks(endpoint, url):
    if not endpoint.is_list:
        return
    good = json.loads(document(endpoint, url))
    # who has found his template does not ask for another page
    ends = {'rows'} if endpoint.name == 'template' else {'HV000'}
    yield Variant('the same page again', fixed(http(json.dumps({**good, 'bookmark': 'again'}))), ends)
    count = iter(range(10**9))
    yield Variant('pages without an end', lambda request: http(json.dumps(
        {'items': [], 'bookmark': f'page-{next(count)}'})), LIMIT)
    yield Variant('a bookmark of 90 kB', fixed(http(json.dumps({**good, 'bookmark': 'b' * 90000}))), LIMIT)


ANSWERS = [
    ('other documents', other_documents, None), ('no JSON', no_json, None),
    ('fields of wrong types', wrong_types, None), ('fields of wrong words', wrong_words, 'any words are right there'),
    ('wrong rows', broken_rows, 'it has no rows'), ('names twice', same_names, None),
    ('nesting', deep, None), ('large values', large_value, None), ('large names', large_name, None),
    ('many fields', many, None), ('large bodies', too_large, None), ('compressed bombs', bomb, None),
    ('large headers', large_headers, None), ('large errors', large_error, None),
    ('wrong lengths', wrong_lengths, None), ('wrong chunks', chunked, None),
    ('wrong encodings', encodings, None), ('broken connections', broken, None),
    ('stalled connections', stalled, None), ('no HTTP', garbage, None), ('statuses', statuses, None),
    ('times to wait', waits, None), ('redirects', redirects, None),
    ('links', links, 'it answers with no link'), ('bookmarks', bookmarks, 'it has no pages')
]
