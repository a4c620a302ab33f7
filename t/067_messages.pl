
# Copyright (c) 2026, pinterest_fdw contributors

# Messages about what people try: each says what to do, and that works.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use List::Util qw(max);
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->import_into($node, options => "historical_date '5 days'");

sub answer { return PinterestSandbox::answer($node, @_) =~ s/\n\z//r; }
sub sql { return $node->safe_psql('postgres', $_[0]); }

# What to do, in an answer: a statement, which has to work
sub hint { return $_[0] =~ /^HINT:  (.*)$/m ? $1 : ''; }

#
# Options under other names, and their values
#

foreach my $case (
	[ 'SERVER', 'ad_account_id' => 'advertiser_id' ],
	[ 'SERVER', 'account_id' => 'advertiser_id' ],
	[ 'SERVER', 'customer_id' => 'advertiser_id' ],
	[ 'SERVER', 'start_date' => 'historical_date' ],
	[ 'SERVER', 'host' => 'api_url' ],
	[ 'FOREIGN TABLE', 'ad_account_id' => 'advertiser_id' ],
	[ 'FOREIGN TABLE', 'start_date' => 'historical_date' ],
	[ 'FOREIGN TABLE', 'timezone' => 'reporting_timezone' ],
	[ 'USER MAPPING', 'app_secret' => 'client_secret' ],
	[ 'USER MAPPING', 'token' => 'access_token' ])
{
	my ($where, $name, $meant) = @$case;
	my $object = $where eq 'SERVER' ? 'SERVER pinterest' : $where eq 'USER MAPPING'
	  ? 'USER MAPPING FOR CURRENT_USER SERVER pinterest' : 'FOREIGN TABLE pinterest_live.campaign_report';
	is(answer("ALTER $object OPTIONS (ADD $name 'x')"),
		qq(ERROR:  HV00D: invalid option "$name"\nHINT:  Perhaps you meant the option "$meant".),
		"$where: $name");
}
is(hint(answer("ALTER SERVER pinterest OPTIONS (ADD app_id '1')")),
	'Perhaps you meant the option "client_id", which belongs to the user mapping.', 'one of another place');
is(hint(answer("ALTER SERVER pinterest OPTIONS (ADD end_date '1')")),
	'Reports reach up to today. Limit the days by a condition on the column "date".', 'one that there is not');
is(hint(answer("ALTER SERVER pinterest OPTIONS (ADD client_id '1')")),
	'Option "client_id" belongs to the user mapping.', 'one of another place under its name');
is(hint(answer("IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO public OPTIONS (table 'ads')")),
	'Choose tables with LIMIT TO or EXCEPT.', 'IMPORT');
foreach my $case (
	[ 'campaign_report', 'campaign_statuses', 'ACTIVE' => 'RUNNING' ],
	[ 'campaign_report', 'campaign_statuses', 'enabled' => 'RUNNING' ],
	[ 'ad_report', 'ad_statuses', 'ACTIVE' => 'APPROVED' ],
	[ 'campaigns', 'entity_statuses', 'RUNNING' => 'ACTIVE' ],
	[ 'campaign_report', 'granularity', 'daily' => 'day' ],
	[ 'campaign_report', 'synchronous', 'true' => 'on' ])
{
	my ($table, $option, $value, $meant) = @$case;
	like(hint(answer("ALTER FOREIGN TABLE pinterest_live.$table OPTIONS (ADD $option '$value')")),
		qr/^"\w+" is called "$meant" here\. Valid values are: .*\b$meant\b.*\.$/, "$option $value");
}

#
# What is not a materialized table
#

sql(q{CREATE SCHEMA ads;
	CREATE VIEW ads.v AS SELECT 1 AS x;
	CREATE MATERIALIZED VIEW ads."M v" AS SELECT 1 AS x;
	CREATE TABLE ads.plain (x int);
	CREATE INDEX plain_x ON ads.plain (x);
	CREATE SEQUENCE ads.s;});
my $refused = sub {
	my ($name, $function) = @_;
	my $out = answer($function eq 'refresh' ? "SELECT pinterest.refresh('$name')"
		: $function eq 'schedule' ? "SELECT pinterest.schedule('$name', 'daily')"
		: "CALL pinterest.refresh_all('{$name}')");
	like($out, qr/^ERROR:  42809: "[^"]+" is not a materialized table$/m, "$function: $name");
	return $out;
};
foreach my $function (qw(refresh schedule refresh_all))
{
	my $out = $refused->('pinterest_live.campaigns', $function);
	like($out, qr/^DETAIL:  It is a foreign table, which is read whenever it is queried\.$/m, "$function: what it is");
	like($out, qr/^HINT:  .*SELECT pinterest\.materialize\('pinterest_live\.campaigns', 'pinterest_live\.campaigns_copy'\);$/m,
		"$function: what to call");
	like($refused->('ads.v', $function), qr/It is a view.*HINT:  .*pinterest\.status/s, "$function: a view");
	is(hint($refused->($function eq 'refresh_all' ? 'ads.\"M v\"' : 'ads."M v"', $function)),
		'REFRESH MATERIALIZED VIEW ads."M v";', "$function: a materialized view");
	like(hint($refused->('ads.plain', $function)), qr/pinterest\.materialize\(\)/, "$function: a table");
	like(hint($refused->($_, $function)), qr/pinterest\.status/, "$function: $_")
	  foreach 'ads.plain_x', 'ads.s', 'pg_class';
}
my $statement = sub { return $_[0] =~ /(SELECT pinterest\.\w+\(.*;|REFRESH .*;)/ ? $1 : 'SELECT 1/0' };
my $hint = $statement->(hint($refused->('pinterest_live.campaigns', 'refresh')));
is(answer($hint), 'pinterest_live.campaigns_copy', 'the hint works');
$hint = $statement->(hint($refused->('pinterest_live.campaigns', 'refresh')));
is($hint, q{SELECT pinterest.refresh('pinterest_live.campaigns_copy');}, 'now there is a copy');
like(answer($hint), qr/^\(pinterest_live\.campaigns_copy,2,/, 'and this hint works');
is(answer($statement->(hint($refused->('ads."M v"', 'refresh')))), '', 'so does that of a materialized view');
sql(q{CREATE TABLE ads.parted (LIKE pinterest_live.campaigns_copy) PARTITION BY LIST (campaign_id);
	ALTER TABLE ads.parted ADD PRIMARY KEY (advertiser_id, campaign_id);
	CREATE TABLE ads.part PARTITION OF ads.parted DEFAULT;
	SELECT pinterest.materialize('pinterest_live.campaigns', 'ads.parted');});
is(hint($refused->('ads.part', 'refresh')),
	q{Refresh the table that it is a partition of: SELECT pinterest.refresh('ads.parted');}, 'a partition');

#
# materialize()
#

sql('CREATE TABLE ads.small (campaign_id text); CREATE TABLE ads.six AS SELECT * FROM pinterest_live.campaign_report LIMIT 0');
my $out = answer(q{SELECT pinterest.materialize('pinterest_live.campaign_report', 'ads.small')});
is(scalar(() = $out =~ /^.*Column .* is missing\.$/mg), 5, 'five columns that do not fit are named');
my $columns = sql(q{SELECT count(*) FROM pg_attribute WHERE attrelid = 'pinterest_live.campaign_report'::regclass AND attnum > 0});
like($out, qr/^And @{[$columns - 6]} more\.$/m, 'and how many there are');
sql('ALTER TABLE ads.six ' . sql(q{SELECT string_agg('DROP ' || attname, ', ') FROM pg_attribute
	WHERE attrelid = 'ads.six'::regclass AND attnum BETWEEN 10 AND 15}));
$out = answer(q{SELECT pinterest.materialize('pinterest_live.campaign_report', 'ads.six')});
is(scalar(() = $out =~ /^.*Column .* is missing\.$/mg), 6, 'six are all named');
unlike($out, qr/more\./, 'without a rest');

sql(q{CREATE ROLE ann LOGIN; GRANT USAGE ON SCHEMA pinterest_live, ads TO ann;
	GRANT SELECT ON ALL TABLES IN SCHEMA pinterest_live TO ann; GRANT USAGE ON FOREIGN SERVER pinterest TO ann;
	CREATE USER MAPPING FOR ann SERVER pinterest OPTIONS (access_token '} . $sandbox->token . q{');});
my $materialize = q{SELECT pinterest.materialize('pinterest_live.campaign_report', 'ads.anns')};
is(answer($materialize, role => 'ann'),
	"ERROR:  42501: permission denied for schema ads\nHINT:  Let its owner run GRANT USAGE, CREATE ON SCHEMA ads TO ann, or name another schema.",
	'no privilege on the schema');
sql('GRANT USAGE, CREATE ON SCHEMA ads TO ann');
is(answer($materialize, role => 'ann'), 'ads.anns', 'and with that GRANT');
sql(q{CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$;
	CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse()});
is(answer(q{SELECT pinterest.materialize('pinterest_live.campaign_report', 'ads.refused')}), join("\n",
		'ERROR:  P0001: no', 'CONTEXT:  PL/pgSQL function refuse() line 1 at RAISE',
		'SQL statement "CREATE TABLE refused (...)"'), 'the columns of CREATE TABLE are not shown');
sql('DROP EVENT TRIGGER refuse');

#
# Days, and tables that are there
#

my ($day, $today) = split /\|/, sql(q{SELECT (now() AT TIME ZONE 'UTC')::date + 3, (now() AT TIME ZONE 'UTC')::date});
like(answer(qq{SELECT pinterest.refresh('ads.anns', '$day')}),
	qr/^ERROR:  22023: "since" must not be later than today\nDETAIL:  "since" is $day, and today is $today\.$/m, 'a day in the future');
is(answer('IMPORT FOREIGN SCHEMA ads LIMIT TO (ads, campaigns) FROM SERVER pinterest INTO pinterest_live'),
	qq{ERROR:  42P07: relation "campaigns" already exists\nHINT:  Import others with LIMIT TO, or all but this with EXCEPT (campaigns). CALL pinterest.import_tables() passes over tables that are there.},
	'IMPORT again');

is(answer("CALL pinterest.refresh_all('{}')"),
	"NOTICE:  00000: there is no table to refresh\nHINT:  CALL pinterest.import_tables() or SELECT pinterest.materialize(...) makes one.",
	'nothing to refresh');

#
# Authorization
#

sql('CREATE USER MAPPING FOR PUBLIC SERVER pinterest');
sql('DROP USER MAPPING FOR CURRENT_USER SERVER pinterest');
my ($id, $secret) = ($sandbox->client_id, $sandbox->client_secret);
my $url = q{SELECT pinterest.authorization_url('pinterest')};
like(answer($url), qr/options "client_id" and "client_secret" .* are needed.*OPTIONS \(ADD client_id '\.\.\.', ADD client_secret '\.\.\.'\)\./s, 'no credentials');
sql("CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (client_secret '$secret')");
like(answer($url), qr/HV002: option "client_id" of .* is needed\nHINT:  .*with ALTER USER MAPPING FOR postgres SERVER pinterest OPTIONS \(ADD client_id '\.\.\.'\)\.$/, 'no client_id');
sql("ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (DROP client_secret, ADD client_id '$id')");
like(answer($url), qr/HV002: option "client_secret" of .* is needed\nHINT:  .*OPTIONS \(ADD client_secret '\.\.\.'\)\.$/, 'no client_secret');
sql("ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD client_secret '$secret')");
$out = answer($url);
like($out, qr{\nNOTICE:  00000: open the URL in a browser, and allow access
DETAIL:  Pinterest sends the browser on to http://localhost:8085/\. That page may fail to load: its address is what counts\.
HINT:  Copy the whole address from the browser, and call pinterest\.authorize\('pinterest', '\.\.\.'\) with it within ten minutes\.$},
	'what comes next');
like($out, qr/&scope=ads:read,boards:read,pins:read,billing:read,biz_access:read,user_accounts:read&/, 'the scopes that the imported tables need');
sql(sql(q{SELECT 'DROP FOREIGN TABLE ' || string_agg('pinterest_live.' || resource, ', ')
	FROM pinterest.resources WHERE schema = 'ads' AND scopes <> '{ads:read}' AND to_regclass('pinterest_live.' || resource) IS NOT NULL}));
like(answer($url), qr/&scope=ads:read&/, 'and no others');
like(answer(q{SELECT pinterest.authorization_url('pinterest', '{ads:read,pins:read}')}), qr/&scope=ads:read,pins:read&/, 'unless they are named');

my $back = sub { return $sandbox->browse(sql($url)) };
my $authorized = qr/^user "postgres" is authorized/;
foreach my $case (
	[ 'white space around', sub { return "  \t$_[0] \n" } ],
	[ 'line breaks of a terminal', sub { return $_[0] =~ s/(.{30})/$1\n/gr } ],
	[ 'quotes', sub { return "\"<$_[0]>\"" } ],
	[ 'the query alone', sub { return $_[0] =~ s/^.*\?//r } ],
	[ 'the query with its mark', sub { return $_[0] =~ s/^[^?]*//r } ],
	[ 'the path', sub { return $_[0] =~ s/^http:..[^\/]*//r } ])
{
	my $pasted = $case->[1]->($back->());
	like(answer("SELECT pinterest.authorize('pinterest', '$pasted')"), $authorized, "pasted: $case->[0]");
}
like(answer("SELECT pinterest.authorize('pinterest', '$_')"), qr/^ERROR:  22023: /, "pasted: '$_'")
  foreach '', ' ', '?', 'code', 'code=1', 'state=1', 'http://localhost:8085/', 'http://localhost:8085/code=1&state=2';

#
# Whatever is given, it is shown in part
#

foreach my $statement (
	(map { "CREATE SERVER long_one FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($_ '%s')" }
		qw(advertiser_id historical_date api_url authorization_url redirect_uri ca_file max_connections timeout
		reporting_timezone max_requests_per_day)),
	(map { "CREATE FOREIGN TABLE long_one (campaign_id text) SERVER pinterest OPTIONS ($_)" }
		"resource '%s'", map { "resource 'campaign_report', $_ '%s'" }
		qw(advertiser_id historical_date granularity key_columns campaign_ids campaign_statuses click_window_days
		conversion_report_time attribution_types template_id synchronous)),
	"CREATE FOREIGN TABLE long_one (campaign_id text OPTIONS (column_name '%s')) SERVER pinterest OPTIONS (resource 'campaign_report')",
	"CREATE FOREIGN TABLE long_one (campaign_id text) SERVER pinterest OPTIONS (resource 'campaigns', entity_statuses '%s')",
	"IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO public OPTIONS (columns '%s')",
	"SELECT pinterest.connect(advertiser_id => '%s')",
	"SELECT pinterest.connect(options => jsonb_build_object('%s', 1))",
	"SELECT pinterest.connect(options => jsonb_build_object('timeout', '%s'))",
	"CALL pinterest.import_tables('{\"%s\"}')",
	"CALL pinterest.import_tables(columns => '%s')",
	"SELECT pinterest.import_template('pinterest', '%s', 'long_one')",
	"SELECT pinterest.authorize('pinterest', '%s')",
	"SELECT pinterest.authorize('%s', 'code=1&state=1')",
	"SELECT pinterest.schedule_all('%s')")
{
	my $longest = 0;
	foreach my $word ('x', '46 days FFF ', '4,')
	{
		my $answer = answer(sprintf $statement, substr($word x 20_000, 0, 20_000));
		$longest = $answer =~ /^ERROR/ ? max($longest, length $answer) : 99_999;
	}
	cmp_ok($longest, '<', 6000, 'bounded: ' . substr($statement, 0, 120));
}

done_testing();
