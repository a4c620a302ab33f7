
# Copyright (c) 2026, pinterest_fdw contributors

# Scopes: which ones tables need, how a token gets them, and who says so when one
# is missing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	denied => 1,
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main');
my $token = $sandbox->token;
$sandbox->connect($node, client => 1);

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub answer { return PinterestSandbox::answer($node, $_[0]); }

sub check
{
	my ($where) = @_;
	return sql("SELECT * FROM pinterest.check('pinterest') WHERE $where");
}

# Authorizes with some scopes, as an array of SQL
sub authorize
{
	my ($scopes) = @_;
	my $url = $sandbox->browse(sql("SELECT pinterest.authorization_url('pinterest', '$scopes')"));
	return sql("SELECT pinterest.authorize('pinterest', '$url')");
}

my $all = '{ads:read,pins:read,user_accounts:read}';

#
# What tables need
#

is(sql("SELECT DISTINCT scopes FROM pinterest.resources WHERE schema = 'ads' AND resource <> 'ad_pins' ORDER BY 1"),
	"{ads:read}\n{ads:read,billing:read}\n$all\n{biz_access:read}", 'scopes that there are');
is(sql("SELECT string_agg(resource, ' ' ORDER BY resource) FROM pinterest.resources WHERE schema = 'ads' AND scopes <> '{ads:read}'"),
	'ad_pins billing_invoices billing_profiles business_ad_accounts businesses credits metrics', 'tables of ads that need more than one');

#
# Asking for scopes
#

sub asked
{
	my ($scopes) = @_;
	return answer("SELECT pinterest.authorization_url('pinterest', $scopes)");
}
like(asked("'$all'"), qr/&scope=ads:read,pins:read,user_accounts:read&state=/, 'several scopes');
like(asked("'{pins:read,ads:read,pins:read}'"), qr/&scope=pins:read,ads:read&/, 'each once');
like(asked("'{ads:read,pin:read}'"),
	qr/22023: invalid scope: "pin:read"\nHINT:  Perhaps you meant the scope "pins:read"\./, 'a misspelt scope');
like(asked("'{everything}'"),
	qr/22023: invalid scope: "everything"\nHINT:  Pinterest's scopes are: ads:read, ads:write, .*, user_accounts:write\./,
	'no scope at all');
like(asked("'{ads:read,NULL}'"), qr/22023: invalid scope: ""/, 'null');
like(asked("array['ads:read', repeat('x', 100000)]"), qr/invalid scope: "x{100,600}\.\.\."/, 'a long one is shortened');
like(asked("'{pins:read}'"), qr/22023: scope "ads:read" is missing/, 'without the one that all need');

#
# Live queries
#

sql(q{CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, metrics) FROM SERVER pinterest INTO live;});
authorize('{ads:read}');
is(sql('SELECT count(*) FROM live.campaigns WHERE advertiser_id IS NOT NULL'), '2', 'ads:read is enough for campaigns');
like(answer('SELECT count(*) FROM live.metrics'),
	qr/42501: Pinterest refused .*"metrics".*HINT:  The access token needs the scopes: ads:read, pins:read, user_accounts:read\. Call pinterest\.authorization_url\('pinterest', '\Q$all\E'\) and pinterest\.authorize\(\)\./s,
	'the table that needs more says how to get them');
authorize('{ads:read,billing:read}');
like(answer('SELECT count(*) FROM live.metrics'),
	qr/authorization_url\('pinterest', '\{ads:read,billing:read,pins:read,user_accounts:read\}'\)/,
	'and keeps those that the token has');
$sandbox->faults({ match => { path => 'campaigns$' }, status => 401, body => { code => 3, message => 'No' } });
like(answer('SELECT count(*) FROM live.campaigns'),
	qr/42501: .*The access token needs the scopes: ads:read\. Call/s, 'another table needs less');
$sandbox->clear_faults;
like(authorize($all), qr/with scope ads:read pins:read user_accounts:read/, 'authorized with all');
cmp_ok(sql('SELECT count(*) FROM live.metrics'), '>', 100, 'then it is read');

#
# check()
#

sql('DROP FOREIGN TABLE live.metrics');
authorize('{ads:read}');
is(check("item LIKE 'scope%'"), 'scope|t|ads:read|', 'the tables need no more');
sql(q{IMPORT FOREIGN SCHEMA ads LIMIT TO (metrics) FROM SERVER pinterest INTO live;
	CREATE FOREIGN TABLE live."Dictionary, 2" (name text) SERVER pinterest OPTIONS (resource 'metrics');});
is(check("item LIKE 'scope%' ORDER BY item"), join("\n",
	'scope|t|ads:read|',
	map { qq(scope $_|f|The access token does not have it. It is needed for live."Dictionary, 2", live.metrics.|)
		  . "Call pinterest.authorization_url('pinterest', '$all') and pinterest.authorize()." } 'pins:read', 'user_accounts:read'),
	'a row for each that is missing names the tables and the call that adds it');
is(check('NOT ok AND item NOT LIKE \'scope%\''), '', 'all else is well');
authorize('{ads:read,pins:read,catalogs:read}');
is(check("item LIKE 'scope %'") =~ s/\|.*//sr, 'scope user_accounts:read', 'one of them is there');
like(check("item = 'scope user_accounts:read'"), qr/'\{ads:read,catalogs:read,pins:read,user_accounts:read\}'/, 'and is kept');
authorize($all);
is(check('NOT ok'), '', 'all are');

# Tables that are not the user's business
sql(q{CREATE ROLE ana LOGIN;
	GRANT USAGE ON FOREIGN SERVER pinterest TO ana;
	GRANT USAGE ON SCHEMA live TO ana;
	GRANT SELECT ON live.campaigns TO ana;
	CREATE USER MAPPING FOR ana SERVER pinterest OPTIONS (} . $sandbox->client . ')');

sub as_ana { return PinterestSandbox::answer($node, "SET client_min_messages = warning; $_[0]", role => 'ana'); }
my ($url) = as_ana("SELECT pinterest.authorization_url('pinterest')");
as_ana(sprintf "SELECT pinterest.authorize('pinterest', '%s')", $sandbox->browse($url));
is(as_ana("SELECT * FROM pinterest.check('pinterest') WHERE item LIKE 'scope%'"), 'scope|t|ads:read|', 'a table that one may not read needs no scope');
sql('GRANT SELECT (name) ON live.metrics TO ana');
like(as_ana("SELECT * FROM pinterest.check('pinterest') WHERE item LIKE 'scope %'"), qr/^scope pins:read\|f\|.* needed for live\.metrics\.\|/, 'one that one may does');

# Many of them
sql(join ';', map { "CREATE FOREIGN TABLE live.m$_ (name text) SERVER pinterest OPTIONS (resource 'metrics')" } 1 .. 7);
authorize('{ads:read}');
like(check("item = 'scope pins:read'"), qr/needed for live\."Dictionary, 2", live\.m1, live\.m2, live\.m3, live\.m4 and 4 more\.\|/, 'a row does not name very many');

# A token from elsewhere
sql("ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD access_token '$token')");
is(check('NOT ok'), '', 'what is not known is not wrong');
like(check("item = 'scope'"), qr/^scope\|t\|ads:read; whether it has pins:read, user_accounts:read, needed for live\."Dictionary, 2", .* and 4 more, is not known\|$/, 'but said');
$sandbox->faults({ match => { path => 'delivery_metrics$' }, status => 401, body => { code => 3, message => 'No' } });
like(answer('SELECT count(*) FROM live.metrics'),
	qr/HINT:  .*\. Set an "access_token" that has them in the user mapping, or call pinterest\.authorization_url\('pinterest', '\Q$all\E'\) and/,
	'how to get another one');
$sandbox->clear_faults;

# A server whose options do not count
sql('CREATE ROLE owner; GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO owner; ALTER SERVER pinterest OWNER TO owner');
is(check("item NOT IN ('versions', 'background worker')") =~ s/\|of user "\w+"//r, join("\n",
	'server options|f|permission denied for option "api_url" of server "pinterest". It decides where credentials are sent, so it counts only on a server that a superuser owns.|Let a superuser run ALTER SERVER pinterest OWNER TO CURRENT_USER, or drop the option with ALTER SERVER pinterest OPTIONS (DROP api_url).',
	'user mapping|t|'), 'options that do not count are a row, and nothing is sent');

done_testing();
