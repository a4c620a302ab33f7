
# Copyright (c) 2026, pinterest_fdw contributors

# What tools list, read, call and cancel: JDBC, psqlODBC, SQLAlchemy and node-postgres,
# each by a program in test/clients, which prints names and values.  What is not
# installed is skipped; node-postgres is looked for in NODE_PATH, too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use File::Basename;
use IPC::Run;
use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = dirname($FindBin::RealBin);
my $jar = (grep { -e } split(/:/, $ENV{PGJDBC_JAR} // ''), '/usr/share/java/postgresql.jar')[0];
my $day = PinterestSandbox::day(0);
my $sandbox = PinterestSandbox->new(
	campaigns => 5,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => $day);

# Java has no sockets of this kind.
my $node = PinterestSandbox::start_node('main', "listen_addresses = '127.0.0.1'\nmax_worker_processes = 20\n");
my $admin = getpwuid($<);
$sandbox->import_into($node, options => sprintf(q{historical_date '%s'}, PinterestSandbox::day(40)));
$node->safe_psql('postgres', q{
	CREATE SCHEMA pinterest_ads;
	SELECT pinterest.materialize('pinterest_live.' || t, 'pinterest_ads.' || t)
	  FROM unnest('{advertisers,campaigns,campaign_report}'::text[]) AS t;
	SELECT count(*) FROM pinterest.create_views('reports');});

sub query { return $node->safe_psql('postgres', $_[0]); }

# A row with a count that no double holds, and a list entry that has everything
my ($campaign, $with) = split /\|/, query(q{
	SELECT campaign_id, date FROM pinterest_ads.campaign_report
	 WHERE total_impression > 9007199254740992 ORDER BY date DESC LIMIT 1});
my $listed = query(q{
	SELECT campaign_id FROM pinterest_ads.campaigns
	 WHERE daily_spend_cap IS NOT NULL AND tracking_urls IS NOT NULL LIMIT 1});
ok($campaign && $listed, 'there are rows to look for');

my %expected = (
	schemas => 'pinterest_ads,pinterest_live,reports',
	key => 'advertiser_id,campaign_id,date',
	view => query(qq{SELECT week, spend_in_dollar, total_impression, click_rate FROM reports.campaign_by_week
		WHERE campaign_id = '$campaign' AND week = date_trunc('week', '$with'::date)}),
	prepared => query(qq{SELECT string_agg((SELECT count(*) FROM pinterest_ads.campaign_report
		WHERE date = '$with'::date - back)::text, ',' ORDER BY back) FROM generate_series(0, 7) AS back}),
	'in portions' => query('SELECT count(*) FROM pinterest_ads.campaign_report'),
	refreshed => 'pinterest_ads.campaigns|5|5',
	checked => query(q{SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok) FROM pinterest.check('pinterest')}),
	called => 'ready',
	cancelled => '57014',
	afterwards => 1);
foreach my $schema (qw(pinterest_ads pinterest_live))
{
	$expected{"columns in $schema"} = query(q{SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'pinterest_live.campaign_report'::regclass AND attnum > 0});
	$expected{"comment in $schema"} = query(q{SELECT description FROM pinterest.resource_columns
		WHERE resource = 'campaign_report' AND column_name = 'total_impression'});
	$expected{"report in $schema"} = query(qq{SELECT campaign_id, date, total_impression, spend_in_dollar
		FROM pinterest_ads.campaign_report WHERE campaign_id = '$campaign' AND date = '$with'});
	$expected{"list in $schema"} = query(qq{SELECT daily_spend_cap, tracking_urls
		FROM pinterest_ads.campaigns WHERE campaign_id = '$listed'});
	$expected{"array in $schema"} = query('SELECT permissions FROM pinterest_ads.advertisers');
}
$expected{reflected} = $expected{'in portions'};

# Each language writes lists and objects in its own way.
sub canonical
{
	my ($name, $value) = @_;
	$value =~ s/[^\w,]//g if $name =~ /^array/;
	if ($name =~ /^list/)
	{
		my ($number, $json) = split /\|/, $value, 2;
		$value = "$number|" . JSON::PP->new->canonical->encode(JSON::PP->new->utf8->allow_nonref->decode($json));
	}
	return $value;
}

# Runs a program, and compares what it prints.  "listing" is whether it lists foreign
# tables: among the others, apart from them, or not at all.
sub try_client
{
	my ($tool, $listing, $missing, @command) = @_;
  SKIP:
	{
		skip $missing, 1 if !@command;

		my ($out, $err, %found) = ('', '');
		local @ENV{qw(PGHOST PGPORT PGUSER PGDATABASE CAMPAIGN LISTED DAY)} =
		  ($node->host, $node->port, $admin, 'postgres', $campaign, $listed, $with);
		local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
		$sandbox->faults({ match => { path => 'audiences' }, count => -1, delay => 600 });
		my $ok = IPC::Run::run(\@command, '>', \$out, '2>', \$err,
			IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
		$sandbox->clear_faults;
		ok($ok, "$tool: has run") or diag($err);
		%found = map { split /\t/, $_, 2 } grep { /\t/ } split /\n/, $out;
		note("$tool: $found{driver}");
		foreach my $name (sort keys %found)
		{
			is(canonical($name, $found{$name}), canonical($name, $expected{$name}), "$tool: $name")
			  if exists $expected{$name};
		}
		is(scalar(grep { exists $found{$_} } qw(schemas view cancelled afterwards), 'list in pinterest_live'), 5,
			"$tool: has got to the end");

		my %lists = map { $_ => 1 } split /,/, $found{tables} // '';
		my %apart = map { $_ => 1 } split /,/, $found{'foreign tables'} // '';
		ok($lists{'pinterest_ads.campaign_report'}, "$tool: lists copies");
		ok($lists{'reports.campaign_by_week'}, "$tool: lists views");
		is( $lists{'pinterest_live.campaign_report'} ? 'yes'
			: $apart{'pinterest_live.campaign_report'} ? 'apart'
			: 'no',
			$listing, "$tool: foreign tables");
		like(slurp_file("$root/docs/bi-tools.md"), qr/^\| \Q$tool\E[^|]*\| yes \| yes \| $listing\b/m,
			"$tool: as docs/bi-tools.md says");
	}
	return;
}

sub runs
{
	my ($out, $err) = ('', '');
	return eval { IPC::Run::run(\@_, '>', \$out, '2>', \$err); };
}

try_client('JDBC', 'apart', 'there is no JDK, or no JDBC driver (libpostgresql-jdbc-java, or PGJDBC_JAR)',
	defined $jar && runs('java', '--add-modules', 'jdk.compiler', '-version') ? ('java', '-cp', $jar, "$root/test/clients/jdbc.java") : ());
try_client('ODBC', 'yes', 'there is no psqlODBC, or no pyodbc',
	runs('python3', '-c', 'import pyodbc, sys; sys.exit("PostgreSQL Unicode" not in pyodbc.drivers())')
	? ('python3', "$root/test/clients/odbc.py") : ());
try_client('SQLAlchemy', 'apart', 'there is no SQLAlchemy, or no psycopg2',
	runs('python3', '-c', 'import sqlalchemy, psycopg2')
	? ('python3', "$root/test/clients/alchemy.py") : ());
{
	local $ENV{NODE_PATH} = join ':', "$root/node_modules", $ENV{NODE_PATH} // (), '/usr/share/nodejs';
	try_client('node-postgres', 'yes', 'there is no node-postgres (node-pg, or NODE_PATH)',
		runs('node', '-e', 'require("pg")') ? ('node', "$root/test/clients/node.cjs") : ());
}

$node->stop;
done_testing();
