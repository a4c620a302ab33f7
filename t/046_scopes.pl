
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

is(sql('SELECT DISTINCT scopes FROM pinterest.resources ORDER BY 1'),
	"{ads:read}\n$all", 'scopes that there are');
is(sql("SELECT resource FROM pinterest.resources WHERE scopes <> '{ads:read}'"),
	'metrics', 'the table that needs more than one');

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

done_testing();
