
# Copyright (c) 2026, pinterest_fdw contributors

# pg_upgrade from one major version of PostgreSQL to another: materialized tables,
# what is known of them, schedules and tokens are the same afterwards, and go on.
#
# PINTEREST_OLD_PG_CONFIG and PINTEREST_NEW_PG_CONFIG name the two, with the extension
# installed in both, in the version of these sources; by default the oldest and the newest
# in Debian's places.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Whether it is, in the version of these sources: checks look at the version, too.
my ($version) = slurp_file("$FindBin::RealBin/../pinterest_fdw.control") =~ /^default_version\s*=\s*('.*?')/m;

sub installed
{
	my ($pg_config) = @_;
	chomp(my $share = `'$pg_config' --sharedir 2>/dev/null`);
	my $control = "$share/extension/pinterest_fdw.control";
	return -e $control && slurp_file($control) =~ /^default_version\s*=\s*\Q$version\E/m;
}

sub major
{
	my ($pg_config) = @_;
	return `'$pg_config' --version 2>/dev/null` =~ /(\d+)/ ? $1 : 0;
}

my @found = sort { major($a) <=> major($b) }
  grep { installed($_) } glob '/usr/lib/postgresql/*/bin/pg_config';
my $old_config = $ENV{PINTEREST_OLD_PG_CONFIG} // $found[0];
my $new_config = $ENV{PINTEREST_NEW_PG_CONFIG} // $found[-1];
plan skip_all => 'the extension is installed in no PostgreSQL in the usual places'
  unless defined $old_config && defined $new_config;
foreach my $pg_config ($old_config, $new_config)
{
	die "the extension is not installed in version $version where $pg_config says"
	  unless installed($pg_config);
}
plan skip_all => 'the extension is installed in one major version of PostgreSQL only'
  unless major($old_config) < major($new_config);
note "from @{[ major($old_config) ]} to @{[ major($new_config) ]}";

# A cluster of one of them; no other has been made with INITDB_TEMPLATE.
sub make_node
{
	my ($name, $pg_config, %options) = @_;
	chomp(my $bindir = `'$pg_config' --bindir`);
	local $ENV{INITDB_TEMPLATE};
	local $ENV{PG_CONFIG} = $pg_config;
	delete $ENV{INITDB_TEMPLATE};
	my $node = PostgreSQL::Test::Cluster->new($name, install_path => $bindir =~ s{/bin$}{}r);
	PinterestSandbox::init_node($node, %options);
	$node->append_conf('postgresql.conf',
		"timezone = 'UTC'\njit = off\nautovacuum = off\n" . PinterestSandbox::cron_conf());
	return ($node, $bindir, PinterestSandbox::has_cron());
}

my ($old, $old_bindir, $old_cron) = make_node('old', $old_config);
my ($new, $new_bindir, $new_cron) = make_node('new', $new_config,
	extra => [
		'--encoding=UTF8', '--locale=C.UTF-8',
		(major($new_config) >= 18 && major($old_config) < 18 ? '--no-data-checksums' : ())
	]);
my $has_cron = $old_cron && $new_cron;
my $node = $old;
$node->start;

sub query { return $node->safe_psql('postgres', $_[0]); }

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 4,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
$sandbox->connect($node, client => 1);
my $start = PinterestSandbox::day(6);
query(qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '*', ADD historical_date '$start');
	CREATE ROLE loader SUPERUSER;
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO live});

sub authorize
{
	my $url = $sandbox->browse(query(q{SELECT pinterest.authorization_url('pinterest')}));
	query("SELECT pinterest.authorize('pinterest', '$url')");
	return;
}

authorize();
query(q{
	SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report');
	SELECT pinterest.materialize('live.campaigns', 'ads.campaigns', keep_deleted => true);
	SELECT pinterest.materialize('live.ad_groups', 'ads.ad_groups');
	CREATE FOREIGN TABLE passing (advertiser_id text, campaign_id text, name text)
		SERVER pinterest OPTIONS (resource 'campaigns');
	SELECT pinterest.materialize('passing', 'ads.orphan');
	DROP FOREIGN TABLE passing;
	INSERT INTO ads.campaigns (advertiser_id, campaign_id, deleted_at)
		SELECT min(advertiser_id), '1', timestamptz '2026-01-01 00:00+00' FROM ads.campaigns;
	CREATE VIEW ads.totals AS SELECT campaign_id, sum(total_impression) AS impressions
		FROM ads.campaign_report GROUP BY campaign_id});
query(q{
	CREATE EXTENSION pg_cron;
	SELECT pinterest.schedule('ads.campaign_report', 'daily'), pinterest.schedule('ads.campaigns', 'hourly')})
  if $has_cron;

# All that there is to keep, by names; tokens as digests
my %kept = (
	'the registry' => q{SELECT m FROM pinterest_internal.materialized_tables AS m ORDER BY target::text},
	'status' => q{SELECT target, status, rows, data_from, loaded_with FROM pinterest.status ORDER BY target::text},
	'freshness' => q{SELECT f FROM pinterest.freshness AS f ORDER BY f::text},
	'the record of refreshes' => q{SELECT l FROM pinterest.refresh_log AS l ORDER BY id},
	'tokens' => q{SELECT database, role, server, md5(a::text) FROM pinterest_internal.authorizations AS a},
	'options of foreign tables' => q{SELECT ftrelid::regclass, ftoptions FROM pg_foreign_table ORDER BY 1},
	'what check() finds' => q{SELECT item, ok FROM pinterest.check('pinterest') ORDER BY item, ok},
	'live rows' => q{SELECT md5(string_agg(c::text, ' ' ORDER BY c::text)) FROM live.campaigns AS c},
	map { ("rows of $_" => "SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM $_ AS t") }
	  qw(ads.campaign_report ads.campaigns ads.ad_groups ads.totals));
$kept{schedules} = q{SELECT s.targets, s.job_name, j.schedule, j.command, j.username
	FROM pinterest_internal.schedules AS s JOIN cron.job AS j ON j.jobname = s.job_name ORDER BY s.job_name}
  if $has_cron;
my %before = map { $_ => query($kept{$_}) } keys %kept;
unlike($before{$_}, qr/^$/, "there is something of $_") foreach sort keys %kept;
$old->stop;

$new->command_ok(
	[
		"$new_bindir/pg_upgrade", '--no-sync',
		'--old-datadir', $old->data_dir, '--new-datadir', $new->data_dir,
		'--old-bindir', $old_bindir, '--new-bindir', $new_bindir,
		'--socketdir', $new->host,
		'--old-port', $old->port, '--new-port', $new->port,
		'--username', query_user()
	],
	'pg_upgrade');

# The superuser of both
sub query_user { return (getpwuid $>)[0]; }

$node = $new;
$node->start;
is(query('SHOW server_version_num') =~ s/\d{4}$//r, major($new_config), 'it is the new version');
$sandbox->clear_log;
is(query($kept{$_}), $before{$_}, "the same: $_") foreach sort keys %kept;
is(scalar(grep { $_->{host} eq 'oauth' } $sandbox->log), 0, 'nobody has authorized anew');

my $counts = q{SELECT inserted, updated, deleted FROM pinterest.refresh};
is(query("$counts('ads.$_')"), '0|0|0', "a refresh finds nothing new: $_")
  foreach qw(campaign_report campaigns ad_groups);
is(query(q{SELECT count(*), count(deleted_at) FROM ads.campaigns WHERE campaign_id = '1'}),
	'1|1', 'what is kept although it was deleted stays');
$sandbox->next_revision;
isnt(query("$counts('ads.campaign_report')"), '0|0|0', 'and what is new is loaded');
is( query(q{SELECT count(*) FROM (TABLE ads.campaign_report EXCEPT TABLE live.campaign_report) AS x}),
	0, 'to the row');
is( query(q{SELECT count(*) = count(DISTINCT id) AND bool_and(sqlstate IS NULL) FROM pinterest.refresh_log}),
	't', 'runs go on to be counted');

# Tokens are renewed, and stay renewed.
query(q{UPDATE pinterest_internal.authorizations SET access_expires_at = now() - interval '1 hour'});
$sandbox->clear_log;
is(query(q{SELECT count(*) > 0 FROM live.campaigns}), 't', 'tokens are renewed');
is(scalar(grep { $_->{host} eq 'oauth' } $sandbox->log), 1, 'with the refresh token from before');

if ($has_cron)
{
	my ($command) = split /\n/, query(q{SELECT command FROM cron.job ORDER BY jobname});
	query($command);
	is(query(q{SELECT count(*) > 0 FROM pinterest.refresh_log WHERE finished_at > now() - interval '1 minute'}),
		't', 'a job of before runs');
	is(query(q{SELECT pinterest.unschedule('ads.campaigns'); SELECT count(*) FROM cron.job}),
		"t\n1", 'schedules can be ended');
}
is(query(q{DROP TABLE ads.ad_groups; SELECT count(*) FROM pinterest_internal.materialized_tables WHERE target::text LIKE '%ad_groups'}),
	0, 'event triggers fire');

$node->stop;
done_testing();
