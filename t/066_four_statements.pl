
# Copyright (c) 2026, pinterest_fdw contributors

# From an empty database to tables that are loaded on schedule, in four statements.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();
my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my @ten = qw(advertisers campaigns ad_groups ads audiences advertiser_report campaign_report ad_group_report
  ad_report keyword_report);
my $node = PinterestSandbox::start_node('main', join "\n",
	"timezone = 'UTC'", "log_statement = ddl",
	q{shared_preload_libraries = 'pg_stat_statements} . ($has_cron ? q{,pg_cron'} : q{'}),
	'pg_stat_statements.track = all', 'pg_stat_statements.track_utility = on',
	$has_cron ? 'cron.launch_active_jobs = off' : '');
my ($id, $secret, $advertiser) = ($sandbox->client_id, $sandbox->client_secret, $sandbox->advertiser);
my $urls = sprintf q{{"api_url": "%s", "authorization_url": "%s"}}, $sandbox->api_url, $sandbox->authorization_url;

sub answer { return PinterestSandbox::answer($node, @_) =~ s/\n\z//r; }
sub sql { return $node->safe_psql('postgres', $_[0]); }

# Without the NOTICEs
sub quiet { return answer("SET client_min_messages = warning; $_[0]", @_[ 1 .. $#_ ]); }

sql('CREATE EXTENSION pinterest_fdw; CREATE EXTENSION pg_stat_statements; CREATE ROLE ann LOGIN; CREATE ROLE eve LOGIN;');

#
# connect()
#

my $connect = sub { return 'SELECT pinterest.connect(' . join(', ', @_) . ')' };
my @wrong = ("client_id => '1'", "client_secret => 'wrong'");
my @app = ("client_id => '$id'", "client_secret => '$secret'");
my @all = (@app, "advertiser_id => '$advertiser'", "historical_date => '2026-01-01'", "options => '$urls'");

like(answer($connect->()), qr/^ERROR:  22004: arguments "client_id", "client_secret", "advertiser_id" of pinterest\.connect\(\) are missing\nHINT:  client_id and client_secret are those of your app.* advertiser_id is /,
	'nothing given: all that is missing is named');
like(answer($connect->(@wrong[ 0 .. 0 ], @all[ 2 .. 4 ])), qr/^ERROR:  22004: argument "client_secret" of pinterest\.connect\(\) is missing\nHINT:  client_id and client_secret are/,
	'one missing: it is named');
like(answer($connect->(@wrong)), qr/argument "advertiser_id" of .* is missing\nHINT:  advertiser_id is/, 'another one');
like(answer($connect->("$_ => NULL")), qr/22004: argument "$_" of pinterest\.connect\(\) must not be null/, "$_ is null")
  foreach qw(server scopes options);
like(answer($connect->(@wrong, "advertiser_id => '1'", "options => '$_->[0]'")), $_->[1], "options: $_->[0]")
  foreach
  [ '[1]', qr/22023: argument "options" of .* is not a JSON object/ ],
  [ '{"advertiser_id": "1"}', qr/22023: option "advertiser_id" of .* is given twice/ ],
  [ '{"start_date": "1"}', qr/HV00D: invalid option "start_date".*\nHINT:  Perhaps you meant the option "historical_date"\./ ],
  [ '{"client_id": "1"}', qr/HV00D: .*\nHINT:  Give it as an argument of its own\./ ],
  [ '{"access_token": "1"}', qr/HV00D: .*\nHINT:  Option "access_token" belongs to the user mapping\./ ],
  [ '{"max_connections": [1]}', qr/22023: invalid value for option "max_connections".*\nHINT:  Give a text, a number/ ],
  [ '{"max_connections": 1000}', qr/22023: invalid value for option "max_connections": "1000"/ ];
like(answer($connect->(@wrong, "advertiser_id => '$_->[0]'", "historical_date => '$_->[1]'")), $_->[2], "values: $_->[0] $_->[1]")
  foreach [ 'x', '2026-01-01', qr/22023: invalid value for option "advertiser_id"/ ],
  [ '1', 'x', qr/22023: invalid value for option "historical_date"/ ];
like(answer($connect->(@wrong, q(scopes => '{pins:read}'))), qr/22023: scope "ads:read" is missing/, 'scopes');
is(sql('SELECT count(*) FROM pg_foreign_server'), '0', 'none of these has made anything');
like(answer($connect->(@wrong, "advertiser_id => '1'"), role => 'ann'),
	qr/^ERROR:  42501: permission denied for foreign-data wrapper pinterest_fdw\nDETAIL:  There is no server "pinterest" yet\.\nHINT:  Let a superuser run GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO ann; or create the server and run GRANT USAGE ON FOREIGN SERVER pinterest TO ann\.$/,
	'without the privilege');

# Event triggers see the commands, and no secret
sql(q{CREATE TABLE seen (tag text, query text); GRANT INSERT ON seen TO PUBLIC;
	CREATE FUNCTION see() RETURNS event_trigger LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO seen SELECT command_tag, current_query() FROM pg_event_trigger_ddl_commands(); END$$;
	CREATE EVENT TRIGGER see ON ddl_command_end WHEN TAG IN ('CREATE SERVER', 'ALTER SERVER', 'CREATE USER MAPPING', 'ALTER USER MAPPING') EXECUTE FUNCTION see();
	SELECT pg_stat_statements_reset();});
my $out = answer($connect->(@all));
my ($url) = $out =~ /^(http\S+)/;
like($url // '', qr/client_id=$id&.*&scope=ads:read&state=\w{64}$/, 'returns the URL');
like($out, qr/\nNOTICE:  00000: open the URL in a browser/, 'and says what to do with it');
is(sql('SELECT tag FROM seen'), "CREATE SERVER\nCREATE USER MAPPING", 'event triggers see the commands');
is(sql(q{SELECT count(*) FROM pg_stat_statements WHERE query ~ 'connect\('}), '1', 'pg_stat_statements sees the call');
is(sql("SELECT count(*) FROM pg_stat_statements WHERE strpos(query, '$secret') > 0"), '0', 'and no secret');
is(sql('SELECT srvoptions FROM pg_foreign_server'), sprintf('{advertiser_id=%s,historical_date=2026-01-01,api_url=%s,authorization_url=%s}',
		$advertiser, $sandbox->api_url, $sandbox->authorization_url), 'options of the server');
is(sql(q{SELECT umoptions = ARRAY['client_secret=}  . "$secret', 'client_id=$id'] FROM pg_user_mappings"), 't', 'options of the mapping');

like(answer("SELECT pinterest.authorize('pinterest', '" . $sandbox->browse($url) . "')"), qr/is authorized.*ads:read$/, 'authorized');

# Again
my $tokens = 'SELECT md5(string_agg(t::text, NULL)) FROM pinterest_internal.authorizations t';
my $before = sql($tokens);
sql('TRUNCATE seen');
like(answer($connect->()), qr/^http.*NOTICE:  00000: user "postgres" is authorized at server "pinterest" already/s, 'again, with nothing');
like(quiet($connect->(@all)), qr/^http\S+$/, 'again, with the same');
is(sql('SELECT count(*) FROM seen'), '0', 'nothing is altered');
quiet($connect->("historical_date => '30 days'", q(options => '{"max_connections": 8, "synchronous": false}')));
is(sql('SELECT string_agg(tag, NULL) FROM seen'), 'ALTER SERVER', 'what changed is altered');
like(sql('SELECT srvoptions FROM pg_foreign_server'), qr/historical_date=30 days.*synchronous=off,max_connections=8/, 'and nothing else');
quiet($connect->(q(options => '{"max_connections": null, "synchronous": null, "timeout": null}')));
unlike(sql('SELECT srvoptions FROM pg_foreign_server'), qr/max_connections|synchronous/, 'null: not set any more');
is(sql($tokens), $before, 'the tokens stay');
is(sql(q{SELECT count(*) FROM pinterest.check('pinterest') WHERE NOT ok AND item <> 'advertiser'}), '0', 'and are good');
like(answer($connect->("client_id => '7'")), qr/argument "client_secret" of .* is missing/, 'another app has another secret');
quiet($connect->("client_id => '7'", "client_secret => 'other'"));
is(sql(q{SELECT pinterest_internal.is_authorized(oid, 'postgres'::regrole) FROM pg_foreign_server}), 'f', 'tokens of another app do not count');
quiet($connect->(@app));
is(sql(q{SELECT pinterest_internal.is_authorized(oid, 'postgres'::regrole) FROM pg_foreign_server}), 't', 'those of the first one do again');
quiet($connect->("client_secret => 'renewed'"));
is(sql($tokens), $before, 'a new secret of the same app keeps them');
quiet($connect->(@app));
like(quiet($connect->("scopes => '{ads:read,pins:read}'")), qr/&scope=ads:read,pins:read&/, 'other scopes');

# Others
sql('GRANT USAGE ON FOREIGN SERVER pinterest TO ann');
like(answer($connect->(@wrong, "advertiser_id => '1'"), role => 'ann'),
	qr/^ERROR:  42501: must be owner of foreign server pinterest\nDETAIL:  Its option "advertiser_id" is not as asked for\.\nHINT:  Leave that out/, 'a server of somebody else');
like(quiet($connect->(@app, "advertiser_id => '$advertiser'"), role => 'ann'), qr/^http\S+$/, 'which is used as it is');
like(answer($connect->(@wrong), role => 'eve'), qr/^ERROR:  42501: permission denied for foreign server pinterest/, 'without USAGE');
sql('GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO eve');
like(quiet($connect->(@app, "advertiser_id => '1'", q(server => 'Eve''s "own"')), role => 'eve'), qr{^https://www\.pinterest\.com/oauth/}, 'a server of one\'s own, whose name has quotes');
is(sql(q{SELECT srvname FROM pg_foreign_server WHERE srvowner = 'eve'::regrole}), q{Eve's "own"}, 'is there');
like(answer($connect->(@wrong, q(advertiser_id => '1'), "server => '" . 'x' x 64 . "'")), qr/42622: name of a server is too long/, 'a name that would be cut');
like(answer('BEGIN READ ONLY; ' . $connect->() . '; ROLLBACK'), qr/25006: cannot execute pinterest\.connect\(\)/, 'read only');

#
# The four statements
#

my $start = sub {
	my ($dbname) = @_;
	sql("CREATE DATABASE $dbname");
	return sub { return answer($_[0], dbname => $dbname) };
};
my $in = $start->('four');
my $import = sub { return 'CALL pinterest.import_tables(' . join(', ', @_) . ')' };
my $ten = "'{" . join(',', @ten) . "}'";
is($in->('CREATE EXTENSION pinterest_fdw'), '', '1. the extension');
$in->("ALTER SERVER pinterest OPTIONS (ADD x '1')");
($url) = $in->($connect->(@app, "advertiser_id => '$advertiser'", "historical_date => '40 days'", "options => '$urls'")) =~ /^(http\S+)/;
ok($url, '2. connect()');
my $landed = $sandbox->browse($url);
is($in->("SELECT pinterest.authorize('pinterest', '$landed')"), 'user "postgres" is authorized at server "pinterest" with scope ads:read', '3. authorize()');
$sandbox->clear_log;
$out = $in->($import->($ten));
is($out, join("\n", map { "NOTICE:  00000: table \"pinterest_ads.$_->[0]\" has been loaded: $_->[1] rows" =~ s/: 1 rows/: 1 row/r }
		map { [ $_, $in->("SELECT count(*) FROM pinterest_ads.$_") ] } @ten), '4. import_tables(): a NOTICE for each');
is($in->('SELECT count(*), count(DISTINCT status), min(status) FROM pinterest.status'), '10|1|ready', 'ten tables are loaded');
is($in->(q{SELECT min(date) = (now() AT TIME ZONE 'UTC')::date - 40 FROM pinterest_ads.campaign_report}), 't', 'from the historical date on');
is($in->("SELECT count(*) FROM (TABLE pinterest_ads.$_ EXCEPT ALL TABLE pinterest_live.$_) AS d"), '0', "$_: as it is at Pinterest")
  foreach qw(campaigns campaign_report);
is($in->(q{SELECT count(*) FROM pg_description WHERE objoid = 'pinterest_ads.campaigns'::regclass}) > 5, 1, 'with comments');

# Side by side: all reports are asked for before the first is awaited
{
	my @reports = grep { $_->{path} =~ m{/reports$} } $sandbox->log;
	my ($waited) = grep { $reports[$_]{method} eq 'GET' } 0 .. $#reports;
	cmp_ok(scalar(grep { $_->{method} eq 'POST' } @reports[ 0 .. $waited - 1 ]), '>=', 5,
		'reports of all tables are asked for before the first is awaited');
}

# Again
$sandbox->clear_log;
is($in->($import->($ten)), join("\n", map { "NOTICE:  00000: table \"pinterest_ads.$_\" is there already" } @ten), 'again');
is(scalar($sandbox->log), 0, 'asks Pinterest for nothing');
is($in->($import->("'{campaigns,order_lines}'")) =~ s/\d+ rows?/n/r,
	qq{NOTICE:  00000: table "pinterest_ads.campaigns" is there already\nNOTICE:  00000: table "pinterest_ads.order_lines" has been loaded: n}, 'further tables');

# What is wrong before anything is done
like($in->($import->(@{ $_->[0] })), $_->[1], "import_tables(@{ $_->[0] })") foreach
  [ [q('{campaign}')], qr/^ERROR:  HV00R: Pinterest has no table "campaign"\nHINT:  Perhaps you meant the table "campaigns"\.$/ ],
  [ [q('{campaigns,nothing_like_it}')], qr/^ERROR:  HV00R: .*\nHINT:  The view pinterest\.resources lists all tables\.$/ ],
  [ [q('{NULL}')], qr/^ERROR:  22004: a table to import must not be null/ ],
  [ [ q('{leads}'), q(last => '30 days') ], qr/^ERROR:  HV00R/ ],
  [ [ q('{keywords}'), q(last => '30 days') ], qr/^ERROR:  22023: "last" without "every"\nDETAIL:  .*\nHINT:  Give "every" as well/ ],
  [ [ q('{keywords}'), q(every => 'hourly'), q(last => '3 hours') ], qr/^ERROR:  22023: "last" must be at least one day/ ],
  [ [ q('{keywords}'), q(every => 'hourl') ], qr/^ERROR:  22023: invalid schedule "hourl"\nHINT:  Perhaps you meant "hourly"\./ ],
  [ [ q('{keywords}'), q(columns => 'some') ], qr/^ERROR:  22023: invalid value for argument "columns".*\nHINT:  Valid values are: standard, all\./ ],
  [ [ q('{keywords}'), q(live_schema => 'pinterest_ads') ], qr/^ERROR:  22023: "live_schema" and "schema" must differ/ ],
  [ [ q('{keywords}'), q(server => 'nobody') ], qr/^ERROR:  42704: server "nobody" does not exist\nHINT:  SELECT pinterest\.connect/ ],
  map { [ ["$_ => NULL"], qr/^ERROR:  22004: argument "$_" of pinterest\.import_tables\(\) must not be null/ ] }
  qw(columns live_schema schema server);
like($in->('BEGIN; ' . $import->($ten)), qr/^ERROR:  25001: pinterest\.import_tables\(\) cannot be called inside a transaction block.*materialize\(\)/s, 'in a transaction');
is($in->(q{SELECT to_regclass('pinterest_live.keywords'), to_regclass('pinterest_ads.keywords')}), '|', 'nothing has been made');

# Missing scopes
like($in->($import->(q('{metrics,keywords}'))), qr/^WARNING:  42501: table "metrics" is skipped
DETAIL:  The access token does not have pins:read, user_accounts:read\.
HINT:  Call pinterest\.authorization_url\('pinterest', '(\{[\w:,]+\})'\) and pinterest\.authorize\(\)\. Then CALL pinterest\.import_tables\('\{metrics\}'\)\.
NOTICE:  00000: table "pinterest_ads.keywords" has been loaded: \d+ rows?$/, 'a table whose scope is missing is skipped');
is($in->(q{SELECT to_regclass('pinterest_live.metrics')}), '', 'and not made');
like($in->($import->(q('{metrics}'), q(schema => 'Copies'), q(columns => 'all'), q(live_schema => 'x'), q(every => 'hourly'), q(last => '2 days'))),
	qr/Then CALL pinterest\.import_tables\('\{metrics\}', every => 'hourly', last => '2 days', columns => 'all', live_schema => 'x', schema => 'Copies'\)\.$/m, 'the call of the hint is the same');
is($in->($import->(q('{}'))), "NOTICE:  00000: there is no table to import\nHINT:  Without tables, pinterest.import_tables() imports all that there are.", 'no table');
($url) = $in->(q{SELECT pinterest.authorization_url('pinterest', '{ads:read,pins:read,user_accounts:read}')}) =~ /^(http\S+)/;
$landed = $sandbox->browse($url);
like($in->("SELECT pinterest.authorize('pinterest', '$landed')"), qr/is authorized/, 'the call that the hint names');
like($in->($import->(q('{metrics}'))), qr/^NOTICE:  00000: table "pinterest_ads.metrics" has been loaded: \d+ rows$/, 'and the next one');

# Other schemas, all columns, and what is in the way
like($in->($import->(q('{ad_report}'), q(columns => 'ALL'), q(live_schema => 'Live "2"'), q(schema => 'Copies'))), qr/"Copies\.ad_report" has been loaded/, 'other schemas');
is($in->(q{SELECT count(*) > 300 FROM pg_attribute WHERE attrelid = '"Copies".ad_report'::regclass AND attnum > 0}), 't', 'all columns');
$in->('CREATE TABLE pinterest_live.lead_forms (x int); CREATE TABLE pinterest_ads.customer_lists (x int)');
$sandbox->faults({ match => { path => 'conversion_tags$' }, status => 400, body => { code => 1, message => 'No tags today' }, count => -1 });
$out = $in->($import->(q('{lead_forms,customer_lists,conversion_tags,targeting_options}')));
like($out, qr/^NOTICE:  00000: table "pinterest_ads.lead_forms" could not be loaded\nDETAIL:  relation "pinterest_live.lead_forms" is there already/m, 'what is no foreign table');
like($out, qr/^NOTICE:  00000: table "pinterest_ads.customer_lists" could not be loaded\nDETAIL:  columns of table /m, 'what does not fit');
like($out, qr/^NOTICE:  00000: table "pinterest_ads.conversion_tags" could not be loaded\nDETAIL:  Pinterest refused .*No tags today/m, 'what Pinterest refuses');
like($out, qr/^NOTICE:  00000: table "pinterest_ads.targeting_options" has been loaded: \d+ rows$/m, 'the rest is loaded');
like($out, qr/^ERROR:  HV000: could not import 3 of 4 tables: "pinterest_ads.lead_forms", "pinterest_ads.customer_lists", "pinterest_ads.conversion_tags"\nDETAIL:  .*\nHINT:  Those that are loaded stay\./ms, 'and an error names those that failed');
$sandbox->clear_faults;
like($in->($import->(q('{conversion_tags,targeting_options}'))), qr/^NOTICE:  00000: table "pinterest_ads.targeting_options" is there already\nNOTICE:  00000: table "pinterest_ads.conversion_tags" has been loaded: \d+ rows?$/, 'again: what failed is loaded');
like($in->($import->(q('{lead_forms}'))), qr/^ERROR:  42P07: relation "pinterest_live.lead_forms" is there already.*\nHINT:  Name another schema as "live_schema"/m, 'a single failure is raised as it is');

# All of them
$in->(q{DROP TABLE pinterest_live.lead_forms, pinterest_ads.customer_lists;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (advertiser_targeting_report, campaign_targeting_report, ad_group_targeting_report,
		ad_targeting_report, product_group_targeting_report, product_item_targeting_report)
		FROM SERVER pinterest INTO pinterest_live OPTIONS (targeting_types 'GENDER', historical_date '2 days')});
$out = $in->($import->());
is(scalar(() = $out =~ /^NOTICE:  00000: table /mg), $in->(q{SELECT count(*) FROM pinterest.resources WHERE NOT beta AND scopes <@ '{ads:read,pins:read,user_accounts:read}'}), 'without names: all tables that the token may read');
is($in->(q{SELECT count(*) FROM pinterest.resources WHERE NOT beta AND scopes <@ '{ads:read,pins:read,user_accounts:read}'
	AND to_regclass('pinterest_' || schema || '.' || resource) IS NULL}), '0', 'are there');
is($in->(q{SELECT count(*) FROM pinterest.status WHERE status <> 'ready'}), '0', 'and loaded');

#
# Report templates
#

$in = sub { return answer($_[0], dbname => 'four') };
my %templates = map { (split /\|/)[ 0, 1 ] } split /\n/,
  $in->(q{SELECT report_level || ' ' || report_format || ' ' || is_deleted, report_template_id FROM pinterest_live.report_templates});
my $template = sub { return "SELECT pinterest.import_template('pinterest', '$templates{$_[0]}', '$_[1]')" };
$in->('CREATE SCHEMA "My reports"');
is($in->($template->('CAMPAIGN JSON false', '"My reports".campaigns')), '"My reports".campaigns', 'import_template()');
is($in->(q{SELECT string_agg(attname || CASE WHEN attnotnull THEN '!' ELSE '' END, ' ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = '"My reports".campaigns'::regclass AND attnum > 0}),
	'advertiser_id! campaign_id! date! campaign_name spend_in_dollar total_impression total_conversions', 'with the columns of the template');
is($in->(q{SELECT count(*) FROM "My reports".campaigns AS a JOIN pinterest_ads.campaign_report AS b USING (advertiser_id, campaign_id, date)
	WHERE (a.campaign_name, a.spend_in_dollar, a.total_impression, a.total_conversions) IS DISTINCT FROM
		(b.campaign_name, b.spend_in_dollar, b.total_impression, b.total_conversions)}), '0', 'it is queried');
like($in->(q{SELECT pinterest.materialize('"My reports".campaigns', 'pinterest_ads.my_campaigns')}), qr/^pinterest_ads\.my_campaigns$/, 'and copied');
is($in->($template->('AD_GROUP JSON false', 'weekly')), 'weekly', 'by week');
like($in->(q{SELECT ftoptions FROM pg_foreign_table WHERE ftrelid = 'weekly'::regclass}), qr/granularity=week/, 'as the template says');
like($in->('SELECT count(*) > 0 FROM weekly'), qr/^t$/, 'queried');
is($in->($template->('PIN_PROMOTION JSON false', 'total')), 'total', 'a total');
is($in->(q{SELECT count(*) FROM pg_attribute WHERE attrelid = 'total'::regclass AND attname = 'date'}), '0', 'has no date');
is($in->($template->('KEYWORD JSON false', 'keywords')), 'keywords', 'of keywords');
like($in->('SELECT count(*) > 0 FROM keywords'), qr/^t$/, 'queried');
like($in->($template->('ADVERTISER CSV false', 'csv')), qr/^ERROR:  22023: report template \d+ gives CSV, not JSON/, 'another format');
like($in->($template->('CAMPAIGN JSON true', 'deleted')), qr/^ERROR:  HV00R: no advertiser of server "pinterest" has a report template \d+\nHINT:  .*CALL pinterest\.import_tables\('\{report_templates\}'\)\.$/, 'a deleted one');
like($in->($template->('KEYWORD JSON false', 'keywords')), qr/^ERROR:  42P07: relation "keywords" already exists/, 'a table that is there');
like($in->(q{SELECT pinterest.import_template('pinterest', 'x', 'y')}), qr/^ERROR:  22023: invalid value for option "template_id": "x"/, 'no id');
like($in->("SELECT pinterest.import_template($_)"), qr/22004: .* must not be null/, "import_template($_)")
  foreach q{NULL, '1', 'x'}, q{'pinterest', NULL, 'x'}, q{'pinterest', '1', NULL};

# Without an authorization
$in = $start->('nobody');
$in->('CREATE EXTENSION pinterest_fdw');
like($in->($import->($ten)), qr/^ERROR:  42704: server "pinterest" does not exist/, 'before connect()');
$in->($connect->(@app, "advertiser_id => '$advertiser'", "options => '$urls'"));
like($in->($import->($ten)), qr/^ERROR:  28000: user "postgres" is not authorized at server "pinterest".*\nHINT:  Call pinterest\.authorization_url\('pinterest'\)/s, 'before authorize()');
is($in->(q{SELECT to_regnamespace('pinterest_live')}), '', 'nothing has been made');

#
# On schedule
#

$in = sub { return answer($_[0], dbname => 'four', role => $_[1]) };
my $scheduled = $import->($ten, "every => 'hourly'", "last => '30 days'");
like($in->($scheduled), qr/(?:NOTICE:  00000: table "\S+" is there already\n){10}WARNING:  55000: the tables are not refreshed on schedule: .*pg_cron.*\n(?:DETAIL: .*\n)?HINT:  .*CREATE EXTENSION pg_cron.* Then run the same CALL again: it schedules the tables, and loads none again\.$/, 'without pg_cron: a warning that says what to do');
SKIP:
{
	skip 'pg_cron is not installed', 10 unless $has_cron;
	sql('CREATE EXTENSION pg_cron');
	unlike($in->($scheduled), qr/ERROR|WARNING/, 'with it');
	my $jobs = q{SELECT every, last, cardinality(targets) FROM pinterest_internal.schedules ORDER BY every};
	is($in->($jobs), "hourly|30 days|10\nweekly||5", 'the last days hourly, and all of the reports weekly');
	is(sql('SELECT count(*) FROM cron.job'), '2', 'two jobs');
	unlike($in->($scheduled), qr/ERROR|WARNING/, 'again');
	is($in->($jobs), "hourly|30 days|10\nweekly||5", 'changes nothing');
	unlike($in->($import->(q('{order_lines,product_group_report}'), "every => 'hourly'", "last => '30 days'")), qr/ERROR|WARNING/, 'more tables');
	is($in->($jobs), "hourly|30 days|12\nweekly||6", 'join the jobs');
	is(sql('SELECT count(*) FROM cron.job'), '2', 'that there are');
	my ($job) = $in->(q{SELECT name FROM pinterest_internal.schedules WHERE every = 'hourly'});
	$in->('DELETE FROM pinterest_ads.campaign_report WHERE date < current_date - 35 OR date > current_date - 5');
	is($in->("CALL pinterest_internal.run_schedule('$job')"), '', 'a run of the hourly one');
	is($in->(q{SELECT min(date) = (now() AT TIME ZONE 'UTC')::date - 35, max(date) > current_date - 5 FROM pinterest_ads.campaign_report}), 't|t', 'loads the last days alone');
}

#
# As an ordinary role
#

sql("GRANT CONNECT ON DATABASE four TO ann; CREATE ROLE dba LOGIN");
$in = sub { return answer($_[0], dbname => 'four', role => $_[1]) };
my $anns = $import->(q('{campaigns,campaign_report}'), q(live_schema => 'ann_live'), q(schema => 'ann_ads'));
like($in->($anns, 'ann'), qr/^ERROR:  42501: permission denied for foreign server pinterest$/, 'without USAGE on the server');
$in->('GRANT USAGE ON FOREIGN SERVER pinterest TO ann', 'postgres');
like($in->($anns, 'ann'), qr/^ERROR:  28000: user "ann" has no user mapping for server "pinterest"/, 'without a mapping');
($url) = $in->($connect->(@app), 'ann') =~ /^(http\S+)/;
$landed = $sandbox->browse($url);
like($in->("SELECT pinterest.authorize('pinterest', '$landed')", 'ann'), qr/^user "ann" is authorized/, 'ann connects and authorizes');
my ($grant) = $in->($anns, 'ann') =~ /^ERROR:  42501: permission denied to create schema "ann_live"\nHINT:  Let the owner of the database run (GRANT CREATE ON DATABASE four TO ann), or/;
ok($grant, 'without CREATE on the database: the GRANT is named');
$in->($grant // 'SELECT 1', 'postgres');
like($in->($anns, 'ann'), qr/^NOTICE:  00000: table "ann_ads.campaigns" has been loaded.*\nNOTICE:  00000: table "ann_ads.campaign_report" has been loaded: \d+ rows$/, 'and with it all goes well');
$anns =~ s/\)$/, every => 'hourly')/;
SKIP:
{
	skip 'pg_cron is not installed', 2 unless $has_cron;
	like($in->($anns, 'ann'), qr/^ERROR:  42501: permission denied for schema cron in database "postgres"\nHINT:  .*GRANT USAGE ON SCHEMA cron TO ann/m, 'without those that pg_cron wants');
	sql('GRANT USAGE ON SCHEMA cron TO ann; GRANT EXECUTE ON FUNCTION cron.schedule_in_database TO ann');
	unlike($in->($anns, 'ann'), qr/ERROR|WARNING/, 'and with them');
}
like($in->($import->(q('{campaigns}')), 'ann'), qr/^ERROR:  42501: must be owner of table pinterest_ads\.campaigns\nHINT:  Name another schema\.$/m, 'tables of others are not hers');

done_testing();
