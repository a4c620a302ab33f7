
# Copyright (c) 2026, pinterest_fdw contributors

# What is asked for while midnight passes: each scan and each refresh has one today,
# what is deleted is what was asked for, and nothing older is reused.
#
# The server's clock is libfaketime's, which reads it from a file; so midnight comes
# when the test says so.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use POSIX qw(strftime);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;
use Time::Local qw(timegm);

my ($library) = glob '/usr/lib/*/faketime/libfaketime.so.1';
plan skip_all => 'libfaketime is not installed' unless defined $library;

# The day that ends, and those around it
my $midnight = timegm(0, 0, 0, (gmtime)[ 3 .. 5 ]) + 86400;
sub day { return strftime('%Y-%m-%d', gmtime($midnight + 86400 * $_[0])); }
my ($today, $tomorrow) = (day(-1), day(0));
my $start = day(-4);

my $clock = PostgreSQL::Test::Utils::tempdir() . '/clock';

# Lets it be so many seconds after midnight, from now on.
sub set_clock
{
	my ($seconds) = @_;
	open my $file, '>', "$clock.new" or die $!;
	printf $file "%+d\n", $midnight + $seconds - time;
	close $file;
	rename "$clock.new", $clock or die $!;
	return;
}

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => day(1));
my $node = PostgreSQL::Test::Cluster->new('main');
PinterestSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'\njit = off\nautovacuum = off");
set_clock(-600);
{
	local $ENV{LD_PRELOAD} = $library;
	local $ENV{FAKETIME_TIMESTAMP_FILE} = $clock;
	local $ENV{FAKETIME_NO_CACHE} = 1;
	local $ENV{FAKETIME_DONT_FAKE_MONOTONIC} = 1;
	$node->start;
}

sub query { return $node->safe_psql('postgres', $_[0]); }

# Before midnight, with ten minutes left; and just after it.  What is remembered of
# mornings that passed before is of the future now, until its time comes again: how
# soon that is, depends on how busy the machine is.
sub evening
{
	set_clock(-600);
	unlink glob $node->data_dir . '/pg_stat_tmp/pinterest_fdw.*';
	$sandbox->settings(today => $today);
	$sandbox->clear_log;
	return;
}

sub morning
{
	set_clock(10);
	$sandbox->settings(today => $tomorrow);
	$sandbox->clear_faults;
	return;
}

evening();
if (query('SELECT current_date') ne $today)
{
	$node->stop;
	plan skip_all => 'libfaketime does not set the clock here';
}

# One report is made after the other.
$sandbox->connect($node, options => q{historical_date '3 days', max_connections '1',
	report_timeout '3600', retry_timeout '3600', report_reuse '3000'});
my @tables = qw(campaign_report ad_group_report);
query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report, ad_group_report) FROM SERVER pinterest INTO live});

# Holds a request, the first such one, until midnight has passed.
my $session = PsqlSession->new($node);

sub over_midnight
{
	my ($sql, %match) = @_;
	evening();
	%match = (method => 'GET', path => 'reports$') unless %match;
	$sandbox->faults({ match => \%match, delay => 3600 });
	$session->begin($sql);
	wait_until('a request', sub { grep { $_->{hits} } @{ $sandbox->control('GET', 'faults') } });
	morning();
	my ($out, $err) = $session->finish;
	return "$out$err";
}

# Days of the reports that were asked for, of a level or of any
sub asked
{
	my ($level) = @_;
	my %asked = map { ("$_->{body}{start_date}..$_->{body}{end_date}" => 1) }
	  grep { !defined $level || $_->{body}{level} eq $level }
	  grep { $_->{method} eq 'POST' && $_->{path} =~ /reports$/ } $sandbox->log;
	return join ' ', sort keys %asked;
}

my $evenings = "$start..$today";
my $mornings = day(-3) . "..$tomorrow";
my $new_reports = 'SET pinterest_fdw.report_reuse = 0';
my $days = sub { return "SELECT min(date), max(date), count(*) FROM $_[0]" };

#
# Live queries
#

query($new_reports);
evening();
my $before = query("$new_reports; " . $days->('live.campaign_report'));
is(asked(), $evenings, 'a query of the evening');
is(over_midnight("$new_reports; " . $days->('live.campaign_report')), $before, 'a query over midnight');
is(asked(), $evenings, 'asks for the same days throughout');
is( over_midnight($days->('live.campaign_report') . ' UNION ALL ' . $days->('live.ad_group_report')) =~ s/\n.*//r,
	$before, 'a query of two tables over midnight');
is(asked(), $evenings, 'has one today for both');
is( over_midnight('SELECT count(*) FROM live.campaign_report WHERE date >= current_date - 1'),
	query('SELECT 4'), 'a condition by the day');
is(asked(), day(-2) . "..$today", 'is of the day on which the query began');
$session->execute('BEGIN');
is(over_midnight($days->('live.campaign_report')), $before, 'a query in a transaction over midnight');
$sandbox->clear_log;
my $after = $session->execute($days->('live.campaign_report'));
is(asked(), $mornings, 'and the next one in it');
$session->execute('COMMIT; RESET pinterest_fdw.report_reuse');
isnt($after, $before, 'has another day');
is(query("$new_reports; " . $days->('live.campaign_report')), $after, 'as a query of the morning has');

# Reports are used again, if they are of the same days.
my $past = join '..', day(-3), day(-2);
my $two_days = sprintf q{SELECT sum(total_impression) FROM live.campaign_report WHERE date BETWEEN '%s' AND '%s'},
  split /\.\./, $past;
my $sum = over_midnight($two_days);
is($session->execute($two_days), $sum, 'days of the past, asked for over midnight');
is(scalar(grep { $_->{method} eq 'POST' } $sandbox->log), 2, 'and used again, one of each advertiser');
$session->execute($days->('live.campaign_report'));
is($session->execute($days->('live.campaign_report')), $after, 'all days');
is(asked(), "$past $mornings", 'up to the new one');

#
# Refreshes
#

# A row that Pinterest does not have, of some days
sub plant
{
	my ($table, @days) = @_;
	my $entity = $table =~ /campaign/ ? 'campaign_id' : 'ad_group_id';
	query(qq{INSERT INTO ads.$table (advertiser_id, $entity, date)
		SELECT min(advertiser_id), '9', day::date FROM ads.$table, unnest('{@{[ join ',', @days ]}}'::text[]) AS day GROUP BY day});
	return;
}

# The days of those that are there
sub planted
{
	my ($table) = @_;
	my $entity = $table =~ /campaign/ ? 'campaign_id' : 'ad_group_id';
	return query(qq{SELECT string_agg(date::text, ' ' ORDER BY date) FROM ads.$table WHERE $entity = '9'});
}

# Those of the others
sub loaded
{
	my ($table) = @_;
	my $entity = $table =~ /campaign/ ? 'campaign_id' : 'ad_group_id';
	return query(qq{SELECT min(date), max(date), count(*) FROM ads.$table WHERE $entity <> '9'});
}

evening();
query("SELECT pinterest.materialize('live.$_', 'ads.$_')") foreach @tables;
is(loaded('campaign_report'), $before, 'a table of the evening');
plant($_, day(-5), $today, $tomorrow) foreach @tables;

unlike(over_midnight(q{SELECT pinterest.refresh('ads.campaign_report')}), qr/ERROR/, 'a refresh over midnight');
is(asked(), $evenings, 'asks for the days of the evening');
is(planted('campaign_report'), day(-5) . " $tomorrow", 'deletes those alone');
is(loaded('campaign_report'), $before, 'and loads them');
is( query(q{SELECT DISTINCT complete_until FROM pinterest.freshness WHERE target = 'ads.campaign_report'::regclass}),
	day(-2), 'the day that was not over when it was asked for is not complete');
is($session->execute($days->('live.campaign_report')), $after, 'a live query afterwards');
is(asked(), "$evenings $mornings", 'is none of before');

$sandbox->clear_log;
query(q{SELECT pinterest.refresh('ads.campaign_report')});
is(asked(), $mornings, 'a refresh of the morning');
is(planted('campaign_report'), day(-5), 'takes the new day as well');
is( query(q{SELECT min(date), max(date) FROM ads.campaign_report WHERE campaign_id <> '9'}),
	"$start|" . ($after =~ /\|(.*)\|/)[0], 'and keeps what is older than its own');

# Each table has its own today when its turn comes.
evening();
query(q{SELECT pinterest.refresh('ads.campaign_report')});
plant('campaign_report', $today, $tomorrow);
unlike(over_midnight('CALL pinterest.refresh_all()'), qr/ERROR/, 'refreshes of all tables over midnight');
foreach my $table (@tables)
{
	my $level = $table =~ /campaign/ ? 'CAMPAIGN' : 'AD_GROUP';
	my $days = asked($level);
	like($days, qr/^(?:$evenings|$mornings)$/, "$table: all of it has one today");
	is(planted($table), $days eq $mornings ? day(-5) : day(-5) . " $tomorrow",
		"$table: what is deleted is what was asked for");
	is( query(qq{SELECT count(*) FROM pinterest.status WHERE target = 'ads.$table'::regclass AND status = 'ready'}),
		1, "$table: is ready");
}
query('CALL pinterest.refresh_all()');
is(planted($_), day(-5), "$_: the next refresh takes the new day") foreach @tables;
foreach my $table (@tables)
{
	my $entity = $table =~ /campaign/ ? 'campaign_id' : 'ad_group_id';
	is( query(qq{$new_reports;
			SELECT count(*) FROM ((SELECT * FROM live.$table)
				EXCEPT (SELECT * FROM ads.$table WHERE $entity <> '9')) AS x}),
		0, "$table: is what Pinterest has");
}

$session->quit;
$node->stop;
done_testing();
