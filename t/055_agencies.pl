
# Copyright (c) 2026, pinterest_fdw contributors

# Many advertisers: a quota only makes a refresh take longer, reports are not asked
# for long before they are read, and refresh_all() takes the advertisers batch by
# batch.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $today = PinterestSandbox::day(0);
my $sandbox = PinterestSandbox->new(
	advertisers => 12,
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	today => $today,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my @advertisers = $sandbox->advertisers;
$sandbox->connect($node, options => "retry_timeout '60', max_reports '5'");

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub try
{
	my ($sql) = @_;
	return PinterestSandbox::answer($node, $sql);
}

# Forgets what was asked, and calls; returns what psql says
sub refresh_all
{
	my ($arguments) = @_;
	$sandbox->clear_log;
	return try('CALL pinterest.refresh_all(' . ($arguments // '') . ')');
}

# The rows of the log of refreshes since the last call, as "outcome rows left out"
my $seen = 0;

sub runs
{
	my $runs = query(
		qq{SELECT string_agg(concat_ws(' ', outcome, rows, cardinality(left_out)), ', ' ORDER BY id)
		FROM pinterest.refresh_log WHERE id > $seen});
	$seen = query('SELECT COALESCE(max(id), 0) FROM pinterest.refresh_log');
	return $runs;
}

sub status
{
	return query(q{SELECT status || ' ' || COALESCE(rows::text, '?') FROM pinterest.status
		WHERE target = 'copy.report'::regclass});
}

# How many rows of the foreign table and its copy differ
sub differ
{
	return query(q{SELECT count(*) FROM
		((TABLE live.report EXCEPT TABLE copy.report) UNION ALL
		(TABLE copy.report EXCEPT TABLE live.report)) d});
}

# Reports that were asked for and not read yet, at most
sub most_unread
{
	my ($unread, $most) = (0, 0);
	foreach my $entry ($sandbox->log)
	{
		next unless $entry->{status} == 200;
		$unread++ if $entry->{method} eq 'POST' && $entry->{path} =~ m{/reports$};
		$unread-- if $entry->{host} eq 'download';
		$most = $unread if $unread > $most;
	}
	return $most;
}

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA copy;
	CREATE FOREIGN TABLE live.report (advertiser_id text, campaign_id text, date date,
			spend_in_micro_dollar bigint, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '9 days');
	SELECT pinterest.materialize('live.report', 'copy.report', with_data => false);});

#
# Batches
#

is(refresh_all(), '', 'all batches of a first load');
is(most_unread(), 5, '... with no more reports than that waiting to be read');
my @order = map { $_->{path} =~ m{/ad_accounts/(\d+)/reports$} ? $1 : () }
  grep { $_->{method} eq 'POST' } $sandbox->log;
is_deeply([ sort @order ], [ sort @advertisers ], '... and nobody asked for twice');
is(differ(), '0', '... have come');
my ($rows, $batches) = (query('SELECT count(*) FROM copy.report'), runs());
like($batches, qr/^succeeded \d+ 7, succeeded \d+ 2, succeeded \d+$/,
	'... each with five advertisers, and those that are to come');
is(status(), "ready $rows", '... and the status is that of all');
is( query(
		'SELECT count(*), count(DISTINCT last_success_at), count(left_out_since)
		FROM pinterest.freshness'),
	'12|3|0',
	'... as is that of each');

$sandbox->next_revision;
is(refresh_all(), '', 'another revision');
is(differ(), '0', '... has come');
like(runs(), qr/^succeeded \d+ 7, succeeded \d+ 2, succeeded \d+$/, '... in batches');
$rows = query('SELECT count(*) FROM copy.report');
is(status(), "ready $rows", '... and rows are counted');

is(try(q{SELECT rows FROM pinterest.refresh('copy.report')}), $rows, 'refresh() takes all');
is(runs(), "succeeded $rows", '... at once');

#
# A batch that cannot be had
#

# The order is that of the last success; these three are in different batches.
my $bad = $advertisers[6];
$sandbox->faults(
	{
		match => { method => 'POST', path => "/$bad/reports" },
		count => -1,
		body => { report_status => 'FAILED', token => undef, message => 'no luck' }
	});
$sandbox->next_revision;
like(refresh_all(), qr/ERROR:  HV00M: Pinterest could not create a report \(no luck\)/,
	'a report that cannot be had');
like(runs(), qr/^succeeded \d+ 7, failed, succeeded \d+ 5$/,
	'... makes its batch fail, and no other');
my $left = query(q{SELECT count(*), count(*) FILTER (WHERE reason LIKE 'Pinterest could not%'),
	bool_or(advertiser_id = '} . $bad . q{'), min(sqlstate)
	FROM pinterest.freshness WHERE left_out_since IS NOT NULL});
is($left, '5|5|t|HV00M', '... whose advertisers are left out, with the reason');
like(status(), qr/^partial /, '... as the status says');
$sandbox->clear_faults;
isnt(differ(), '0', '... with their former rows');

# Reports fail altogether: nothing goes on.
$sandbox->faults({ match => { path => '/reports' }, count => -1, status => 401,
		body => { code => 2, message => 'Authentication failed.' } });
like(refresh_all(), qr/ERROR:  28000/, 'nobody may read anything');
is(runs(), 'failed', '... which ends the call');
$sandbox->clear_faults;

# The next call begins with those who have waited longest.
is(refresh_all(), '', 'when all is well again');
my %waited = map { $_ => 1 } map { $_->{path} =~ m{/ad_accounts/(\d+)/reports$} ? $1 : () }
  (grep { $_->{method} eq 'POST' } $sandbox->log)[ 0 .. 4 ];
ok($waited{$bad}, '... those come first who have waited longest');
is(differ(), '0', '... and all have come');
like(status(), qr/^ready \d+$/, '... as the status says');
runs();

# The last days alone
is(refresh_all(q{last => '3 days'}), '', 'the last days');
like(runs(), qr/^succeeded \d+ 7, succeeded \d+ 2, succeeded \d+$/, '... in batches');
is(differ(), '0', '... which leaves all older rows');

#
# Advertisers that are denied, or not listed any more
#

query(q{ALTER FOREIGN TABLE live.report OPTIONS (ADD advertiser_id '*')});
$sandbox->faults(
	map {
		{
			match => { path => "/ad_accounts/$_/reports" },
			count => -1,
			status => 403,
			body => { code => 29, message => 'You are not permitted to access the resource' }
		}
	} @advertisers[ 0 .. 4 ]);
$sandbox->settings(unlisted => [ $advertisers[11] ]);
my $told = refresh_all();
is(scalar(() = $told =~ /WARNING:  42501: leaving out advertiser/g),
	5, 'each one that is denied is told of once');
is(scalar(() = $told =~ /WARNING:  HV00R: leaving advertiser/g),
	1, '... and so is one that is not listed');
unlike($told, qr/ERROR/, '... and the others come');
is( query(
		q{SELECT count(*), count(*) FILTER (WHERE sqlstate = '42501'), count(*) FILTER (WHERE sqlstate = 'HV00R')
		FROM pinterest.freshness WHERE left_out_since IS NOT NULL}),
	'6|5|1',
	'... and all of them are on record');
like(status(), qr/^partial /, '... as the status says');
$sandbox->clear_faults;
$sandbox->settings(unlisted => []);
query(q{ALTER FOREIGN TABLE live.report OPTIONS (DROP advertiser_id)});
runs();

#
# What must not be divided
#

# Rows that were loaded in another way
query(q{ALTER FOREIGN TABLE live.report OPTIONS (ADD conversion_report_time 'TIME_OF_CONVERSION')});
is(refresh_all(), '', 'another time of conversions');
like(runs(), qr/^succeeded \d+$/, '... concerns all advertisers at once');

#
# A quota
#

query(q{ALTER SERVER pinterest OPTIONS (SET retry_timeout '6')});
$sandbox->settings(requests_per_minute => 3, rate_window => 2);
$sandbox->next_revision;
is(refresh_all(), '', 'a quota that takes longer than retry_timeout, altogether');
my @throttled = grep { $_->{status} == 429 } $sandbox->log;
cmp_ok(scalar(@throttled), '>=', 7, '... was waited for again and again');
$sandbox->settings(requests_per_minute => undef);
is(differ(), '0', '... and all rows are there');
like(runs(), qr/^succeeded \d+ 7, succeeded \d+ 2, succeeded \d+$/, '... of all batches');

# More reports than may be waiting to be read, in one statement
query(q{ALTER FOREIGN TABLE live.report OPTIONS (SET historical_date '400 days')});
$sandbox->clear_log;
is(query(q{SELECT count(*) > 0 FROM live.report}), 't', 'a query of 36 reports');
cmp_ok(most_unread(), '<=', 5, '... asks for the next one when one is read');
is(scalar(grep { $_->{method} eq 'POST' } $sandbox->log), 36, '... for all of them');

done_testing();
