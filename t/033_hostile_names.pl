
# Copyright (c) 2026, pinterest_fdw contributors

# Names of every kind do what they say, and no two of them are taken for one:
# quotes, semicolons, dots, 63 bytes of three-byte characters.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use Encode qw(encode_utf8);
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();

$ENV{PGCLIENTENCODING} = 'UTF8';
my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main',
	"timezone = 'UTC'" . PinterestSandbox::cron_conf());
my ($first, $second) = $sandbox->advertisers;
my $token = $sandbox->token;
my $options = $sandbox->server_options;
my $columns =
  '(advertiser_id text NOT NULL, campaign_id text NOT NULL, name text)';

# Runs SQL; returns what it printed, and its errors.
sub run
{
	my ($sql, %params) = @_;
	my $out = PinterestSandbox::answer($node, encode_utf8($sql), on_error_stop => 1, %params);
	utf8::decode($out);
	return $out;
}

sub set_up
{
	my ($dbname) = @_;
	return $node->safe_psql(
		$dbname, qq{
		CREATE EXTENSION pinterest_fdw;
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
		CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (access_token '$token');
		CREATE FOREIGN TABLE one $columns SERVER pinterest OPTIONS (resource 'campaigns', advertiser_id '$first');
		CREATE FOREIGN TABLE two $columns SERVER pinterest OPTIONS (resource 'campaigns', advertiser_id '$second');
		CREATE FOREIGN TABLE days (advertiser_id text NOT NULL, campaign_id text NOT NULL, date date NOT NULL, spend_in_dollar numeric)
			SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '3 days');
		CREATE SCHEMA ads;});
}

sub quote { return '"' . ($_[0] =~ s/"/""/gr) . '"'; }

sub literal { return '$literal$' . $_[0] . '$literal$'; }

set_up('postgres');
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron') if $has_cron;

#
# Names that would be code
#

my @hostile = (
	q{it's},
	q{a"b},
	q{;DROP TABLE ads.precious;--},
	q{'); DROP TABLE ads.precious; --},
	q{"; DROP TABLE ads.precious; --},
	q{$$; DROP TABLE ads.precious; $$},
	q{$literal; DROP TABLE ads.precious;},
	q{back\\slash\\'},
	q{%s %n %d},
	q{ space },
	"line\nfeed",
	q{dotted.name},
	q{select},
	q{-},
	q{pg_temp},
	"\x{20ac}" x 21,
	"\x{1f600}" x 15);
run('CREATE TABLE ads.precious (i int)');
my $n = 0;
foreach my $name (@hostile)
{
	my ($shown, $quoted) = ($name =~ s/([^ -~])/sprintf '\\x{%x}', ord $1/ger, quote($name));
	my $schema = $name eq 'pg_temp' ? 'schema' : substr("s $name", 0, 20);
	my ($s, $text) = (quote($schema), '');
	my $copy = $n++ ? quote("copy of " . substr $name, 0, 13) : quote('copy');
	my $server = quote('srv ' . substr $name, 0, 14);
	is( run(qq{
			CREATE SCHEMA $s;
			CREATE SERVER $server FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
			CREATE USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS (access_token '$token');
			CREATE FOREIGN TABLE $s.$quoted (advertiser_id text NOT NULL, $quoted text OPTIONS (column_name 'id') NOT NULL, name text)
				SERVER $server OPTIONS (resource 'campaigns', advertiser_id '$first')}),
		'',
		"$shown: schema, server, table and column");
	is(run("SELECT count(*) FROM $s.$quoted WHERE $quoted IS NOT NULL"), 2, "$shown: a scan");
	is( run(sprintf q{SELECT count(pinterest.materialize(%s, %s))},
			literal("$s.$quoted"), literal("$s.$copy")),
		1, "$shown: materialize");
	is( run(sprintf q{UPDATE %s SET name = 'x'; DELETE FROM %s WHERE %s = (SELECT min(%s) FROM %s);
			ALTER FOREIGN TABLE %s.%s ADD "status" text;
			SELECT rows, inserted, updated FROM pinterest.refresh(%s)},
			"$s.$copy", "$s.$copy", $quoted, $quoted, "$s.$copy",
			$s, $quoted, literal("$s.$copy")),
		'2|1|1', "$shown: refresh, with a new column");
	is(run(sprintf q{CALL pinterest.refresh_all(ARRAY[%s]::regclass[])}, literal("$s.$copy")),
		'', "$shown: refresh_all");
	is( run(sprintf q{SELECT status, rows FROM pinterest.status WHERE target = %s::regclass},
			literal("$s.$copy")),
		'ready|2', "$shown: status");
	is( run(sprintf q{SELECT target_name = %s FROM pinterest.refresh_log WHERE target = %s::regclass LIMIT 1},
			literal($schema . '.' . ($copy =~ s/^"|"$//gr =~ s/""/"/gr)), literal("$s.$copy")),
		't', "$shown: refresh_log");
	is( run(sprintf q{SELECT bool_and(ok) FROM pinterest.check(%s) WHERE item = 'access token'},
			literal('srv ' . substr $name, 0, 14)),
		't', "$shown: check");
	is(run("ALTER SERVER $server RENAME TO renamed; ALTER SERVER renamed RENAME TO $server"),
		'', "$shown: renamed");
  SKIP:
	{
		skip 'pg_cron is not installed', 3 unless $has_cron;
		like(run(sprintf q{SELECT pinterest.schedule(%s, 'daily')}, literal("$s.$copy")),
			qr/^\d+$/, "$shown: schedule");
		my $command = run(q{SELECT command FROM cron.job ORDER BY jobid DESC LIMIT 1});
		is(run($command), '', "$shown: the job");
		is(run(sprintf q{SELECT pinterest.unschedule(%s)}, literal("$s.$copy")),
			't', "$shown: unschedule");
	}
}
is(run('SELECT count(*) FROM ads.precious'), 0, 'nothing of that has been taken for code');

# A role of such a name, and an error that names it
{
	my $role = quote(q{o'neil"; DROP TABLE ads.precious; --});
	run("CREATE ROLE $role; GRANT USAGE ON FOREIGN SERVER pinterest TO $role; GRANT SELECT ON one TO $role");
	my $hint = run("SET ROLE $role; SELECT count(*) FROM one");
	like($hint, qr/^ERROR:  28000: .*HINT:  Create one with CREATE USER MAPPING FOR \Q$role\E SERVER pinterest/s,
		'a hint with a hostile role quotes it');
	my $client = $sandbox->client;
	run("CREATE USER MAPPING FOR $role SERVER pinterest OPTIONS ($client)");
	my $url = run("SET client_min_messages = warning; SET ROLE $role; SELECT pinterest.authorization_url('pinterest')");
	my $back = $sandbox->browse($url);
	like(run("SET ROLE $role; SELECT pinterest.authorize('pinterest', '$back')"),
		qr/is authorized/, 'it can be authorized');
	is(run("SET ROLE $role; SELECT count(*) FROM one"), 2, 'and read');
	like(run("DROP USER MAPPING FOR $role SERVER pinterest; CREATE USER MAPPING FOR $role SERVER pinterest OPTIONS ($client); SET ROLE $role; SELECT count(*) FROM one"),
		qr/^ERROR:  28000: /, 'until its mapping is dropped');
}

#
# Jobs
#

SKIP:
{
	skip 'pg_cron is not installed', 1 unless $has_cron;

	# of databases and schemas whose names run together
	run('CREATE DATABASE shop; CREATE DATABASE "shop.eu"');
	set_up($_) foreach 'shop', 'shop.eu';
	run(q{CREATE SCHEMA "eu.ads"; SELECT pinterest.materialize('one', '"eu.ads".t', false)},
		dbname => 'shop');
	run(q{SELECT pinterest.materialize('one', 'ads.t', false)}, dbname => 'shop.eu');
	like(run(q{SELECT pinterest.schedule('"eu.ads".t', 'daily')}, dbname => 'shop'),
		qr/^\d+$/, 'a job');
	like(run(q{SELECT pinterest.schedule('ads.t', 'weekly')}, dbname => 'shop.eu'),
		qr/^\d+$/, 'another one');
	my $jobs = q{SELECT database FROM cron.job WHERE database LIKE 'shop%' ORDER BY 1};
	is(run($jobs), "shop\nshop.eu",
		'databases and schemas whose names run together have jobs of their own');
	is( run(q{SELECT count(DISTINCT jobname) FROM cron.job WHERE database LIKE 'shop%'}),
		2, 'with names of their own');
	is(run(q{SELECT pinterest.unschedule('ads.t')}, dbname => 'shop.eu'), 't', 'one ends');
	is(run($jobs), 'shop', 'and the other one stays');

	# in one transaction with the extension
	run(q{SELECT pinterest.schedule('ads.t', 'weekly')}, dbname => 'shop.eu');
	is( run(q{BEGIN; DROP TABLE ads.t; DROP EXTENSION pinterest_fdw CASCADE; COMMIT},
			dbname => 'shop.eu') =~ s/NOTICE: .*\n(DETAIL: .*\n(drop cascades.*\n)*)?//gr,
		'',
		'DROP of a scheduled table and of the extension in one transaction');
	is( run(q{SELECT count(*) FROM pg_extension WHERE extname = 'pinterest_fdw'},
			dbname => 'shop.eu'),
		0, 'is committed');
	is(run($jobs), 'shop', 'and the job is gone');

	# prepared transactions
	$node->append_conf('postgresql.conf', 'max_prepared_transactions = 5');
	$node->restart;
	foreach my $dbname ('shop', 'postgres')
	{
		my $table = $dbname eq 'shop' ? '"eu.ads".t' : 'ads.prepared';
		run(qq{SELECT pinterest.materialize('one', 'ads.prepared', false);
			SELECT pinterest.schedule('ads.prepared', 'weekly')})
		  if $dbname eq 'postgres';
		my $count = sub {
			return run(qq{SELECT count(*) FROM cron.job WHERE database = '$dbname'});
		};
		is($count->(), 1, "$dbname: a job");
		my $prepared = run(qq{BEGIN; DROP TABLE $table; PREPARE TRANSACTION 'p'}, dbname => $dbname);
		run(q{ROLLBACK PREPARED 'p'}, dbname => $dbname);
		is($count->(), 1, "$dbname: a prepared DROP that is rolled back keeps the job");
		$prepared = run(qq{BEGIN; DROP TABLE $table; PREPARE TRANSACTION 'p'}, dbname => $dbname);
		if ($prepared =~ /^ERROR: /)
		{
			like($prepared, qr/HINT: /, "$dbname: a prepared DROP is refused with a hint");
			is($count->(), 1, "$dbname: and leaves all as it was");
		}
		else
		{
			is(run(q{COMMIT PREPARED 'p'}, dbname => $dbname), '', "$dbname: a prepared DROP is committed");
			is($count->(), 0, "$dbname: and takes the job along");
		}
	}

	# with the extension
	run(q{SELECT pinterest.materialize('one', 'ads.dropped', false)});
	foreach my $case ([ 'shop', '"eu.ads".t' ], [ 'postgres', 'ads.dropped' ])
	{
		my ($dbname, $table) = @$case;
		my $count = "SELECT count(*) FROM cron.job WHERE database = '$dbname'";
		my $notices = 'SET client_min_messages = warning;';
		run("SELECT pinterest.schedule('$table', 'weekly')", dbname => $dbname);
		is(run("$notices BEGIN; DROP EXTENSION pinterest_fdw CASCADE; ROLLBACK", dbname => $dbname),
			'', "$dbname: DROP EXTENSION, rolled back");
		is(run("$notices BEGIN; SAVEPOINT s; DROP EXTENSION pinterest_fdw CASCADE; ROLLBACK TO s; COMMIT", dbname => $dbname),
			'', "$dbname: and rolled back to a savepoint");
		is(run($count), 1, "$dbname: keeps the job");
		is(run("$notices DROP EXTENSION pinterest_fdw CASCADE", dbname => $dbname),
			'', "$dbname: DROP EXTENSION");
		is(run($count), 0, "$dbname: takes the job along");
	}
}

$node->stop;
done_testing();
