
# Copyright (c) 2026, pinterest_fdw contributors

# Reports are used again while Pinterest keeps them: by all sessions of the same
# authorization, for as long as the option says, and by nobody else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 3,
	ad_groups => 1,
	ads => 1,
	access_token => 'pina_of_somebody_else',
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");

# with the default of report_reuse
my ($advertiser) = $sandbox->advertisers;
$sandbox->connect($node, options => "report_reuse '600'");
$node->safe_psql(
	'postgres', qq{
	ALTER SERVER pinterest OPTIONS (DROP report_reuse, SET advertiser_id '$advertiser');
	CREATE SCHEMA pinterest_live;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO pinterest_live
		OPTIONS (historical_date '20 days');
	ALTER DATABASE postgres SET search_path = pinterest_live, public;});

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub count_creations
{
	return scalar(grep { $_->{method} eq 'POST' && $_->{host} eq 'api' } $sandbox->log);
}

# How many reports a query creates
sub creations
{
	my ($sql) = @_;
	$sandbox->clear_log;
	query($sql);
	return count_creations();
}

sub files
{
	return grep { /pinterest_fdw\./ } slurp_dir($node->data_dir . '/pg_stat_tmp');
}

my $sum = 'SELECT sum(total_impression) FROM campaign_report';

is(creations($sum), 1, 'the first time');
is(creations($sum), 0, 'the second time, in another session');
is(scalar($sandbox->log), 2, 'two requests are left: one poll, one download');
is(creations("$sum; $sum"), 0, 'twice in one session');
is(query($sum), query("SET pinterest_fdw.report_reuse = 0; $sum"), 'the same rows');
is(creations("SET pinterest_fdw.report_reuse = 0; $sum"), 1, 'unless it must be new');
my $explain = 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)';
like(query("$explain $sum"), qr/Pinterest Reports Reused: 1$/m, 'EXPLAIN ANALYZE');
like(query("SET pinterest_fdw.report_reuse = 0; $explain $sum"),
	qr/Pinterest Reports Reused: 0$/m, 'EXPLAIN ANALYZE of a new one');
unlike(query("$explain SELECT count(*) FROM campaigns"),
	qr/Reused/, 'lists are always read anew');

# In one statement, that of another scan is not there yet
is(creations('SELECT (SELECT count(*) FROM ad_report), (SELECT count(*) FROM ad_report)'),
	1, 'twice in one statement');

#
# Whatever makes another report
#

is(creations('SELECT sum(total_clickthrough), sum(ctr) FROM campaign_report'),
	1, 'other columns');
is(creations("$sum WHERE date >= current_date - 5"), 1, 'another window');
is(creations("$sum WHERE date >= current_date - 5"), 0, 'which is remembered, too');
is(creations('SELECT sum(total_impression) FROM ad_group_report'), 1, 'another level');
foreach my $option (
	"granularity 'week'",
	"click_window_days '7', ADD engagement_window_days '7'",
	"conversion_report_time 'TIME_OF_CONVERSION'",
	"attribution_types 'HOUSEHOLD'",
	"campaign_statuses 'RUNNING'",
	"campaign_ids '626735565838'")
{
	query("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD $option)");
	is(creations($sum), 1, "with $option");
	is(creations($sum), 0, "with $option, again");
	my $drop = join ', ', map { "DROP $_" } $option =~ /(\w+) '/g;
	query("ALTER FOREIGN TABLE campaign_report OPTIONS ($drop)");
	is(creations($sum), 0, 'without it');
}
my $other_advertiser = ($sandbox->advertisers)[1];
query("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD advertiser_id '$other_advertiser')");
is(creations($sum), 1, 'another advertiser');
query("ALTER FOREIGN TABLE campaign_report OPTIONS (SET advertiser_id '*')");
is(creations($sum), 0, 'both advertisers');
query("ALTER FOREIGN TABLE campaign_report OPTIONS (DROP advertiser_id)");

# A template may have been edited meanwhile.
my $template = query(
	q{SELECT report_template_id FROM report_templates
	   WHERE report_level = 'CAMPAIGN' AND NOT is_deleted});
query(
	qq{CREATE FOREIGN TABLE templated (campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', template_id '$template', historical_date '5 days')}
);
is(creations('TABLE templated'), 1, 'a template');
is(creations('TABLE templated'), 1, 'a template is always new');

#
# Whose it is
#

query(
	q{CREATE ROLE other LOGIN; CREATE ROLE third LOGIN;
	  GRANT USAGE ON FOREIGN SERVER pinterest TO other, third;
	  GRANT USAGE ON SCHEMA pinterest_live TO other, third;
	  GRANT SELECT ON ALL TABLES IN SCHEMA pinterest_live TO other, third;
	  CREATE USER MAPPING FOR other SERVER pinterest OPTIONS (access_token 'pina_of_somebody_else');});
is(creations("SET ROLE other; $sum"), 1, 'another user');
is(creations("SET ROLE other; $sum"), 0, 'another user, again');
is(creations($sum), 0, 'the first user');
my $token = $sandbox->token;
query("ALTER USER MAPPING FOR other SERVER pinterest OPTIONS (SET access_token '$token')");
is(creations("SET ROLE other; $sum"), 1, 'a user mapping of its own, with the same token');
query("ALTER USER MAPPING FOR other SERVER pinterest OPTIONS (SET access_token 'pina_of_somebody_else')");
is(creations("SET ROLE other; $sum"), 0, 'its own token again');
query(
	qq{CREATE USER MAPPING FOR PUBLIC SERVER pinterest OPTIONS (access_token '$token');
	   DROP USER MAPPING FOR other SERVER pinterest});
is(creations("SET ROLE other; $sum"), 1, 'the public mapping');
is(creations("SET ROLE third; $sum"), 0, 'which is one authorization for all');
my ($status, $out, $err) = $node->psql('postgres',
	q{SET ROLE other; SELECT pg_ls_dir('pg_stat_tmp')});
like($err, qr/permission denied/, 'users cannot see what is remembered');
foreach my $file (files())
{
	my $mode = (stat $node->data_dir . "/pg_stat_tmp/$file")[2];
	die "mode of $file" if $mode & 077;
	die "name of $file" unless $file =~ /^pinterest_fdw\.(?:\d+\.){3}[0-9a-f]{64}$/;
}
pass('nor can other users of the system');

#
# For how long
#

query("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD report_reuse '0')");
is(creations($sum), 1, 'report_reuse 0');
query("ALTER FOREIGN TABLE campaign_report OPTIONS (SET report_reuse '1')");
query("SET pinterest_fdw.report_reuse = 0; $sum");
sleep 2;
is(creations($sum), 1, 'older than report_reuse');
query('ALTER FOREIGN TABLE campaign_report OPTIONS (DROP report_reuse)');
is(creations($sum), 0, 'but not older than the default');

#
# Reports that are gone
#

foreach my $status (qw(EXPIRED DOES_NOT_EXIST CANCELLED FAILED))
{
	$sandbox->faults(
		{ match => { path => '/reports', query => 'token' }, report_status => $status });
	is(creations($sum), 1, "$status: a new one");
	$sandbox->clear_faults;
	is(creations($sum), 0, "$status: which is remembered");
}
foreach my $http_status (400, 404)
{
	$sandbox->faults(
		{
			match => { path => '/reports', query => 'token' },
			status => $http_status,
			body => { code => 1, message => 'no such report' }
		});
	is(creations($sum), 1, "status $http_status for its token: a new one");
	$sandbox->clear_faults;
}
$sandbox->control('POST', 'expire', { what => 'reports' });
is(creations($sum), 1, 'expired indeed: a new one');
is(query($sum), query("SET pinterest_fdw.report_reuse = 0; $sum"), 'with the same rows');

# The new one may be lost as well, as any new one may.
$sandbox->faults(
	{ match => { path => '/reports', query => 'token' }, report_status => 'EXPIRED', count => 2 });
is(creations($sum), 2, 'lost twice');
$sandbox->clear_faults;
$sandbox->faults(
	{ match => { path => '/reports', query => 'token' }, report_status => 'EXPIRED', count => -1 });
($status, $out, $err) = $node->psql('postgres', $sum);
like($err, qr/Pinterest lost a report/, 'lost again and again');
$sandbox->clear_faults;
is(creations($sum), 0, 'found again in the end');

# Its link has expired, and it is in preparation
$sandbox->control('POST', 'expire', { what => 'links' });
is(creations($sum), 0, 'a new link');
my $report = q{SELECT count(*) FROM campaign_report WHERE date > current_date - 2};
my $session = PsqlSession->new($node);
sub polls
{
	return scalar(grep { $_->{query}{token} && defined $_->{status} } $sandbox->log);
}
$sandbox->faults(
	{ match => { path => '/reports', query => 'token' }, report_status => 'IN_PROGRESS', count => -1 });
foreach my $creations (1, 0)
{
	$sandbox->clear_log;
	$session->begin($report);
	wait_until('a poll', \&polls);
	is(count_creations(), $creations, 'one in preparation is ' . ($creations ? 'created' : 'found'));
	query("SELECT pg_cancel_backend($session->{pid})") if $creations;
	$sandbox->clear_faults unless $creations;
	my ($rows, $error) = $session->finish;
	$creations ? like($error, qr/57014/, 'and left') : like($rows, qr/^\d+$/, 'and waited for');
}
$session->quit;

# Files that are no good
my $dir = $node->data_dir . '/pg_stat_tmp';
foreach my $content ('', 'x', '1 ', "99999999999999999 token\n", "0 token\n", '1 half')
{
	foreach my $file (files())
	{
		open my $handle, '>', "$dir/$file" or die;
		print $handle $content;
		close $handle;
	}
	is(creations($sum), 1, "a file that says \"$content\"");
}
my $old = "$dir/pinterest_fdw." . '0' x 64;
open my $handle, '>', $old or die;
close $handle;
utime time - 4000, time - 4000, $old;
is(creations("SET pinterest_fdw.report_reuse = 0; $sum"), 1, 'a new one');
ok(!-e $old, 'files that nobody needs are removed');
chmod 0500, $dir;
is(creations("SET pinterest_fdw.report_reuse = 0; $sum"), 1, 'a directory that cannot be written');
chmod 0700, $dir;
is(creations($sum), 0, 'or can again');

#
# Materialized tables
#

query(q{CREATE SCHEMA pinterest_ads;
	SELECT pinterest.materialize('pinterest_live.campaign_report', 'pinterest_ads.campaign_report')});
is(creations(q{SELECT pinterest.refresh('pinterest_ads.campaign_report')}),
	1, 'a refresh asks for a new report');
is(creations('SELECT count(*) FROM (SELECT * FROM campaign_report) s'),
	1, 'of which it needs other columns');

# What was asked for before is not older than the table afterwards.
query(q{CREATE ROLE fourth LOGIN;
	  GRANT USAGE ON FOREIGN SERVER pinterest TO fourth;
	  GRANT USAGE ON SCHEMA pinterest_live TO fourth;
	  GRANT SELECT ON ALL TABLES IN SCHEMA pinterest_live TO fourth;
	  CREATE USER MAPPING FOR fourth SERVER pinterest OPTIONS (access_token 'pina_of_somebody_else');
	  SELECT pinterest.materialize('pinterest_live.campaigns', 'pinterest_ads.campaigns', false)});
my @all = ($sum, "SET ROLE fourth; $sum");
my $revision = 10;
foreach my $refresh (q{SELECT rows > 0 FROM pinterest.refresh('pinterest_ads.campaign_report')},
	q{CALL pinterest.refresh_all('{pinterest_ads.campaign_report}')})
{
	query($_) foreach @all;
	is(creations($_), 0, "used again: $_") foreach @all;
	$sandbox->settings(revision => ++$revision);
	query($refresh);
	is(creations($all[1]), 1, "not after a refresh: $all[1]");
	is( query($sum),
		query('SELECT sum(total_impression) FROM pinterest_ads.campaign_report'),
		"what the refresh saw: $refresh");
	is(creations($_), 0, "used again from there on: $_") foreach @all;
}
query(q{SELECT rows > 0 FROM pinterest.refresh('pinterest_ads.campaigns')});
is(creations($_), 0, "a list changes nothing: $_") foreach @all;
$sandbox->faults(
	{ match => { path => '/reports$', method => 'POST' }, status => 403, body => { code => 29, message => 'no' } });
my ($failed) = ($node->psql('postgres', q{SELECT pinterest.refresh('pinterest_ads.campaign_report')}))[0];
isnt($failed, 0, 'a refresh fails');
$sandbox->clear_faults;
is(creations($_), 0, "which changes nothing, either: $_") foreach @all;
foreach my $content ('', 'x', '1 ', '1 half')
{
	query($sum);
	foreach my $file (files())
	{
		my $text = slurp_file("$dir/$file");
		append_to_file("$dir/$file.new", $content);
		$text =~ / end$/ ? rename("$dir/$file.new", "$dir/$file") : unlink("$dir/$file.new");
	}
	is(creations($sum), 1, "a file that says \"$content\" instead of a time");
	query(q{SELECT rows > 0 FROM pinterest.refresh('pinterest_ads.campaign_report')});
}
query($sum);
chmod 0500, $dir;
($status, $out, $err) = $node->psql('postgres',
	q{SELECT rows > 0 FROM pinterest.refresh('pinterest_ads.campaign_report')});
chmod 0700, $dir;
like("$out $err", qr/^t .*WARNING:  live queries may use reports that are older than the refresh/s,
	'a directory that cannot be written is a warning');
$sandbox->settings(revision => 1);
is(query('SELECT (pinterest.refresh(\'pinterest_ads.campaign_report\')).updated > 0'),
	't', 'a refresh sees what has changed');
is( query(
		'SELECT (pinterest.refresh(\'pinterest_ads.campaign_report\')).rows > 0;
		 SHOW pinterest_fdw.report_reuse'
	),
	"t\n-1", 'the setting is as it was');

$node->stop;
done_testing();
