
# Copyright (c) 2026, pinterest_fdw contributors

# pinterest.check(), with each thing that it looks at broken in turn.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 3,
	denied => 1,
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main');
my ($api_url, $token) = ($sandbox->api_url, $sandbox->token);
my @advertisers = $sandbox->advertisers;
$sandbox->connect($node, client => 1, options => "timeout '60'");
$node->safe_psql('postgres', qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '$advertisers[0]');
	DROP USER MAPPING FOR CURRENT_USER SERVER pinterest;});

# Rows that are not ok, or one item, as "item|ok|detail|hint"
sub check
{
	my ($where) = @_;
	my $out = $node->safe_psql('postgres',
		"SELECT * FROM pinterest.check('pinterest') WHERE $where");
	my @found = grep { index($out, $_) >= 0 } $sandbox->secrets, $token;
	is(scalar @found, 0, "$where: no secret is shown");
	return $out;
}

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub server { return sql("ALTER SERVER pinterest OPTIONS ($_[0])"); }
sub mapping { return sql("ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS ($_[0])"); }

sub authorize
{
	my ($scopes) = @_;
	my $url = $sandbox->browse(sql("SELECT pinterest.authorization_url('pinterest')"));
	sql("SELECT pinterest.authorize('pinterest', '$url')");
	return;
}

# Nothing is there
like(check("item = 'user mapping'"),
	qr/^user mapping\|f\|user "\w+" has no user mapping for server "pinterest"\|Create one with/,
	'no user mapping');
is(check("item NOT IN ('versions', 'reachability', 'user mapping')"), '', 'which ends it');

# A mapping with nothing in it
sql('CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest');
like(check("item = 'access token'"),
	qr/^access token\|f\|user "\w+" is not authorized at server "pinterest"\|Set the options/,
	'not authorized');

# An access token alone
mapping("ADD access_token '$token'");
like(check("item = 'access token'"), qr/^access token\|t\|valid, for how long is not known\|$/, 'token from elsewhere');
like(check("item = 'refresh token'"), qr/^refresh token\|t\|none: the access token in the user mapping is used as long as it lasts\|$/,
	'which cannot be renewed, and need not be');
is(check("item = 'scope'"), 'scope|t|ads:read, which is all that the tables need; others are not known|', 'its scope is tried');
is(check('NOT ok'), '', 'so it is no fault to have no more');
mapping("SET access_token 'pina_wrong'");
like(check("item = 'access token'"),
	qr/^access token\|f\|Pinterest refused a request for server "pinterest": Authentication failed\..*HTTP status 401, code 2.*\|The access token is wrong/,
	'wrong token');
is(check("item LIKE 'advertiser%' OR item = 'scope'"), '', 'what cannot be known is not shown');
mapping("DROP access_token, ADD refresh_token 'pinr_wrong', " . $sandbox->client =~ s/client_/ADD client_/gr);
like(check("item = 'access token'"), qr/^access token\|f\|Pinterest refused to renew .*\|Check "client_id"/, 'wrong refresh token');
like(check("item = 'refresh token'"),
	qr/^refresh token\|f\|valid, for how long is not known, but the renewal at .* failed: Pinterest refused/,
	'is said again there');
mapping('DROP refresh_token');

# Everything is right
authorize();
is(check('NOT ok'), '', 'all is well');
like(check("item = 'versions'"), qr/^versions\|t\|pinterest_fdw \S+, PostgreSQL .*libcurl.*, json-c\/0.*\|$/, 'versions');
is(check("item = 'reachability'"), "reachability|t|$api_url|", 'reachability');
like(check("item = 'user mapping'"), qr/^user mapping\|t\|of user "\w+"\|$/, 'user mapping');
is(check("item = 'background worker'"), 'background worker|t|available|', 'worker');
like(check("item = 'access token'"), qr/^access token\|t\|valid until 20\d\d-/, 'access token');
like(check("item = 'refresh token'"), qr/^refresh token\|t\|valid until 20\d\d-/, 'refresh token');
is(check("item = 'scope'"), 'scope|t|ads:read|', 'scope');
like(check("item LIKE 'advertiser%'"), qr/^advertiser $advertisers[0]\|t\|.+, role OWNER\|$/, 'advertiser with its name and role');

# Owners of materialized tables, as whom refreshes act
sql(q{
	CREATE ROLE "the team";
	CREATE SCHEMA live; CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns) FROM SERVER pinterest INTO live;
	SELECT pinterest.materialize('live.campaigns', 'ads.campaigns', with_data => false);});
is(check('NOT ok'), '', 'an owner who is authorized');
my $owner = 'SELECT owner, authorized FROM pinterest.status';
is(sql($owner) =~ s/^.*\|//r, 't', 'and status says so');
sql('ALTER TABLE ads.campaigns OWNER TO "the team"');
my $complaint = 'owner the team|f|Refreshes of its materialized tables fail, as it is not authorized.|'
  . q{Create a user mapping for "the team" if there is none. Then SET ROLE "the team", and call pinterest.authorization_url('pinterest').};
is(check('NOT ok'), $complaint, 'an owner without a user mapping');
is(sql($owner), 'the team|f', 'and status says so');
sql('CREATE USER MAPPING FOR "the team" SERVER pinterest');
is(check('NOT ok'), $complaint, 'an owner without tokens');
sql(qq{ALTER USER MAPPING FOR "the team" SERVER pinterest OPTIONS (ADD access_token '$token')});
is(check('NOT ok'), '', 'an owner with a token');
is(sql($owner), 'the team|t', 'and status says so');
sql('DROP FOREIGN TABLE live.campaigns');
is(sql($owner), 'the team|', 'of a table without a source status cannot tell');
sql('DROP TABLE ads.campaigns');

# Each thing in turn
my $version = sql(q{SELECT extversion FROM pg_extension WHERE extname = 'pinterest_fdw'});
sql(q{UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'pinterest_fdw'});
is(check('NOT ok'),
	"versions|f|The library is version $version, the extension 0.9.|Run ALTER EXTENSION pinterest_fdw UPDATE, and connect anew.",
	'versions that do not fit');
sql("UPDATE pg_extension SET extversion = '$version' WHERE extname = 'pinterest_fdw'");

server("SET api_url 'http://127.0.0.1:1/v5'");
my $out = check('NOT ok');
like($out, qr{^reachability\|f\|http://127.0.0.1:1/v5: .*\|Check the network}m, 'nobody there');
like($out, qr/^access token\|f\|could not reach Pinterest for server "pinterest"/m, 'the token cannot be tried');
unlike($out, qr/^advertiser/m, 'nor the advertisers');
server("SET api_url '$api_url'");
$sandbox->faults({ match => { path => 'ad_accounts$', query => '^$' }, body => '<html>Log in</html>', status => 200 });
like(check('NOT ok'), qr{^reachability\|f\|\Q$api_url\E answers with HTTP status 200, but not as Pinterest does\|}, 'a login page');
$sandbox->faults({ match => { path => 'ad_accounts$', query => '^$' }, status => 502 });
like(check('NOT ok'), qr{^reachability\|f\|\Q$api_url\E answers with HTTP status 502\|Pinterest, or a proxy}, 'a fault');
$sandbox->faults({ match => { path => 'ad_accounts$', query => '^$' }, delay => 600 });
server("SET timeout '2'");
like(check('NOT ok'), qr{^reachability\|f\|.*(too slow|timed? ?out)}i, 'no answer');
server("SET timeout '60'");
$sandbox->clear_faults;

$sandbox->faults({ match => { path => 'ad_accounts$', query => 'page_size=1$' }, status => 429, body => { code => 8, message => 'Retry after 100 seconds' } });
like(check('NOT ok'), qr/^access token\|f\|too many requests to Pinterest for server "pinterest": Retry after 100 seconds/, 'throttled');
$sandbox->faults({ match => { path => 'ad_accounts$', query => 'page_size=1$' }, status => 401, body => { code => 3, message => 'Missing scope' } });
like(check('NOT ok'), qr/^scope\|f\|Pinterest refused .*Missing scope.*\|The access token needs the scopes: ads:read\./, 'scope');
$sandbox->clear_faults;

# Publications
sql('SET client_min_messages = error; CREATE PUBLICATION "All of it" FOR ALL TABLES');
like(check('NOT ok'), qr/^publications\|f\|Everyone's tokens are sent to subscribers of these: "All of it".\|Publish schemas or single tables/,
	'tokens are published');
sql('DROP PUBLICATION "All of it"; CREATE SCHEMA published; SET client_min_messages = error; CREATE PUBLICATION part FOR TABLES IN SCHEMA published');
is(check('NOT ok'), '', 'other publications are no problem');
sql('DROP PUBLICATION part; DROP SCHEMA published');

# Renewal
sql(q{UPDATE pinterest_internal.authorizations SET attempted_at = now()});
like(check('NOT ok'), qr/^refresh token\|f\|The outcome of a renewal that began at .* is unknown.\|The refresh token is kept/, 'unknown outcome');
sql(q{UPDATE pinterest_internal.authorizations SET attempted_at = NULL, refresh_expires_at = now() - interval '1 s'});
like(check('NOT ok'), qr/^refresh token\|f\|The refresh token has expired.\|Authorize with/, 'end of the refresh token');
sql(q{UPDATE pinterest_internal.authorizations SET refresh_expires_at = now() + interval '50 days', access_expires_at = now() - interval '1 s'});
is(check('NOT ok'), '', 'what can be renewed is no problem');
sql(q{UPDATE pinterest_internal.authorizations SET access_expires_at = now() - interval '1 s'});
$sandbox->faults({ match => { host => 'oauth' }, status => 429, body => { code => 8, message => 'Slow down' } });
like(check('NOT ok'), qr/^access token\|f\|could not renew .*Slow down.*\nrefresh token\|f\|valid until .* failed: could not renew/, 'renewal fails');
$sandbox->clear_faults;
is(check('NOT ok'), '', 'and works again');
mapping('DROP client_secret');
like(check('NOT ok'), qr/^refresh token\|f\|The user mapping lacks the option "client_id" or "client_secret".\|Set the options/, 'no secret');
mapping(sprintf "ADD client_secret '%s'", $sandbox->client_secret);

# Advertisers
server("SET advertiser_id '1'");
like(check('NOT ok'), qr/^advertiser 1\|f\|Pinterest does not list it.*\|Check the option "advertiser_id"/, 'unknown advertiser');
server("SET advertiser_id '" . join(',', @advertisers) . "'");
is(check("item LIKE 'advertiser%' AND ok"), check("item LIKE 'advertiser%'"), 'several');
server("SET advertiser_id '*'");
$sandbox->clear_log;
$out = check("item LIKE 'advertiser%'");
my ($denied) = @{ $sandbox->control('GET', 'info')->{denied_advertiser_ids} };
is(scalar(() = $out =~ /^advertiser \d+\|t\|.*, role \w+(, \w+)?\|$/mg), 3, 'all that the token sees');
like($out, qr/^advertiser $denied\|f\|.+, role .+\. Pinterest refused a request .*HTTP status 403, code 29\..*\|The Pinterest user needs one of the roles/m,
	'of these, one that is listed, but may not be read');
my @read = grep { $_->{path} =~ /campaigns$/ } $sandbox->log;
is_deeply([ sort map { $_->{path} =~ s{.*ad_accounts/}{}r } @read ],
	[ sort map { "$_/campaigns" } @advertisers, $denied ], 'for that, a page of each is read');
is_deeply([ map { $_->{query} } @read ], [ ({ page_size => ['1'] }) x 4 ], 'of one row');
$sandbox->faults({ match => { path => "$advertisers[1]/campaigns\$" }, status => 500, body => { code => 0, message => 'Oops' } });
like($out = check("item LIKE 'advertiser%'"), qr/^advertiser $advertisers[1]\|f\|.*Oops/m, 'one fails');
like($out, qr/^advertiser $advertisers[2]\|t\|/m, 'which is not the fault of the next');
$sandbox->clear_faults;
$sandbox->faults({ match => { path => 'ad_accounts$', query => 'page_size=250' }, status => 500 });
server("SET advertiser_id '$advertisers[0], $denied'");
like($out = check(q{item LIKE 'advertiser%'}), qr/^advertisers\|f\|could not reach Pinterest/m, 'the list fails');
like($out, qr/^advertiser $advertisers[0]\|t\|Whether Pinterest lists it is not known, but can be read\|$/m, 'those that are named are read nonetheless');
like($out, qr/^advertiser $denied\|f\|.*403/m, 'or not');
$sandbox->clear_faults;

$sandbox->settings(unlisted => [ $advertisers[0] ]);
is(check("item = 'advertiser $advertisers[0]'"),
	"advertiser $advertisers[0]|t|Pinterest does not list it among the ad accounts of the user, but can be read|", 'one that is not listed is no fault if it can be read');
$sandbox->settings(unlisted => []);

# More than are read
my @many = map { 100 + $_ } 1 .. 25;
server("SET advertiser_id '*'");
$sandbox->faults(
	{ match => { path => 'ad_accounts$', query => 'page_size=250' }, status => 200,
		body => { items => [ map { { id => "$_", name => "No. $_", permissions => ['OWNER'] } } @many ] } },
	{ match => { path => 'campaigns$' }, count => -1, status => 200, body => { items => [] } });
$sandbox->clear_log;
$out = check("item LIKE 'advertiser%'");
is(scalar(grep { $_->{path} =~ /campaigns$/ } $sandbox->log), 20, 'of very many, some are read');
is(scalar(() = $out =~ /^advertiser \d+\|t\|No\. \d+, role OWNER\|$/mg), 25, 'all have a row');
like($out, qr/^advertiser \*\|t\|Pinterest lists 5 more\. Whether their ads can be read was not tried\.\|$/m, 'and one tells that');
$sandbox->clear_faults;
server('DROP advertiser_id');
like(check('NOT ok'), qr/^advertiser\|f\|Neither the server .*\|ALTER SERVER pinterest OPTIONS/, 'no advertiser');
sql("CREATE FOREIGN TABLE campaigns (campaign_id text) SERVER pinterest OPTIONS (resource 'campaigns', advertiser_id '$advertisers[1], 2')");
like(check("item LIKE 'advertiser%'"), qr/^advertiser $advertisers[1]\|t.*\nadvertiser 2\|f/, 'advertisers of tables');
foreach my $role (['[]', 'none'], ['["CATALOGS_MANAGER"]', 'CATALOGS_MANAGER'], ['["ADMIN", "FINANCE_VIEW"]', 'ADMIN, FINANCE_VIEW'], ['null', 'not told'])
{
	my ($json, $shown) = @$role;
	$sandbox->faults({ match => { path => 'ad_accounts$', query => 'page_size=250' }, status => 200,
			body => qq({"items": [{"id": "$advertisers[1]", "name": "Ours", "permissions": $json}, {"id": "2"}], "bookmark": null}) });
	$out = check("item = 'advertiser $advertisers[1]'");
	like($out, $shown =~ /ADMIN|not/ ? qr/\|t\|Ours, role $shown\|$/
		: qr/\|f\|Ours, role $shown\|The Pinterest user needs/, "role $shown");
}
$sandbox->clear_faults;
$sandbox->faults({ match => { path => 'ad_accounts$', query => 'page_size=250' }, status => 200, body => { code => 0 } });
like(check('NOT ok'), qr/^advertisers\|f\|invalid answer from Pinterest for server "pinterest"/, 'a list that is none');
$sandbox->clear_faults;

$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
like(check('NOT ok'), qr/^background worker\|f\|could not start a background worker.*\|Try again later, or raise "max_worker_processes"/m, 'no worker');

# In transactions of all kinds, and it leaves them as they were.
is(sql(q{BEGIN READ ONLY; SELECT count(*) > 5 FROM pinterest.check('pinterest'); SELECT 1; COMMIT}), "t\n1", 'read-only');
$sandbox->faults({ match => { path => 'ad_accounts$', query => 'page_size=1$' }, delay => 600 });
like(
	($node->psql('postgres', q{SET statement_timeout = '500ms'; SELECT * FROM pinterest.check('pinterest')}))[2],
	qr/canceling statement due to statement timeout/, 'a cancel is one, and no row');

done_testing();
