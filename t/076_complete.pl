
# Copyright (c) 2026, pinterest_fdw contributors

# Up to which day a table is complete: what Pinterest says of that, and what counts
# where it does not say anything.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node, options => "historical_date '9 days'");
my ($first, $second) = $sandbox->advertisers;

sub query { return $node->safe_psql('postgres', $_[0]); }

# Days that were asked about since the last call, as days back from today
my %back = map { PinterestSandbox::day($_) => $_ } 0 .. 9;
sub asked
{
	my @days = map { $back{ $_->{query}{date}[0] // $_->{query}{date} } } grep { $_->{path} =~ /metrics_ready_state/ } $sandbox->log;
	$sandbox->clear_log;
	return join ' ', @days;
}

# The table
query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (metrics_ready_state, campaigns) FROM SERVER pinterest INTO live;
	CREATE FOREIGN TABLE live.all_metrics (advertiser_id text, campaign_id text, date date, total_impression bigint, total_checkout bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report');
	CREATE FOREIGN TABLE live.no_conversions (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report');
	CREATE FOREIGN TABLE live.total (advertiser_id text, campaign_id text, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'total')});
$sandbox->settings(ready_days => [ 3, 1 ]);
my $state = q{SELECT string_agg(concat_ws(' ', current_date - date, conversion_metrics_ready, non_conversion_metrics_ready), ', ' ORDER BY date DESC) FROM };
my $days = '0 f f, 1 f t, 2 f t, 3 t t, 4 t t, 5 t t, 6 t t, 7 t t';
$sandbox->clear_log;
is(query("$state live.metrics_ready_state"), $days, 'a row for each of the last days');
is(join(' ', sort split / /, asked()), '0 1 2 3 4 5 6 7', 'each is asked about');
is(query(qq{$state live.metrics_ready_state WHERE date < current_date - 5}), '6 t t, 7 t t', 'some of them');
query(q{SELECT pinterest.materialize('live.metrics_ready_state', 'ads.metrics_ready_state')});
is(query("$state ads.metrics_ready_state"), $days, 'materialized');
$sandbox->settings(ready_days => [ 1, 0 ]);
is(query(q{SELECT inserted, updated, deleted FROM pinterest.refresh('ads.metrics_ready_state')}), '0|3|0', 'what has changed');
$sandbox->settings(ready_days => [ 3, 1 ]);

# What a refresh asks, and what comes of it
query(qq{SELECT pinterest.materialize('live.$_', 'ads.$_', false)}) foreach qw(all_metrics no_conversions total campaigns);
my $complete = q{SELECT string_agg(concat_ws(' ', target::text, current_date - complete_until), ', ' ORDER BY target::text) FROM pinterest.status
	WHERE target::text IN ('ads.all_metrics', 'ads.no_conversions')};
my $last = q{SELECT api_calls, reports, questions FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1};
$sandbox->clear_log;
query(q{SELECT pinterest.refresh('ads.no_conversions')});
is(query($complete), 'ads.all_metrics, ads.no_conversions 1', 'without conversions, up to where the others are complete');
is(asked(), '1', 'that is one request');
is(query($last), '7|2|1', 'which is counted');
query(q{SELECT pinterest.refresh('ads.all_metrics')});
is(query($complete), 'ads.all_metrics 3, ads.no_conversions 1', 'with conversions, up to where they are');
is(asked(), '1 2 3', 'which takes some more');
is(query($last), '9|2|3', 'which are counted');
query(q{SELECT pinterest.refresh('ads.total'), pinterest.refresh('ads.campaigns')});
is(asked(), '', 'nothing where rows have no day');

# One call asks once for all of its tables; the plan says so
my $plan = q{SELECT sum(requests) FROM pinterest.refresh_plan()};
my $planned = query($plan);
$sandbox->settings(ready_days => [ 1, 1 ]);
$sandbox->clear_log;
query('CALL pinterest.refresh_all()');
my $sent = () = grep { $_->{path} =~ m{^(/v5)?/(ad_accounts|resources)} } $sandbox->log;
is(query(q{SELECT string_agg(questions::text, ' ' ORDER BY questions) FROM (SELECT questions FROM pinterest.refresh_log ORDER BY id DESC LIMIT 5) AS l}),
	'0 0 0 0 1', 'one question for all tables of a call');
is($planned, $sent, 'as many requests as were planned');
is(query($complete), 'ads.all_metrics 1, ads.no_conversions 1', 'all is complete');
asked();

# A day that is opened again, and days that are all open
$sandbox->settings(ready_days => [ 2, 2 ]);
query(q{CALL pinterest.refresh_all('{ads.all_metrics,ads.no_conversions}')});
is(query($complete), 'ads.all_metrics 2, ads.no_conversions 2', 'a day that is open again is not complete');
is(asked(), '1 2', 'both tables are answered');
$sandbox->settings(ready_days => [ 6, 6 ]);
query(q{CALL pinterest.refresh_all('{ads.all_metrics,ads.no_conversions}')});
is(query($complete), 'ads.all_metrics 4, ads.no_conversions 4', 'of more days than are asked about, none of these is');
is(asked(), '1 2 3', 'no more is asked');
is(query(q{SELECT status FROM pinterest.status WHERE target = 'ads.all_metrics'::regclass}), 'ready', 'that is no problem');

# Where Pinterest does not answer
$sandbox->settings(ready_days => [ 1, 1 ]);
my @no_answers = (
	[ 'no access', { status => 403, body => { code => 29, message => 'You are not permitted to access that resource.' } } ],
	[ 'no such thing', { status => 404, body => { code => 0, message => 'Not found' } } ],
	[ 'a fault', { status => 503, body => {} } ],
	[ 'too many requests', { status => 429, headers => { 'Retry-After' => '3000' }, body => { code => 8, message => 'Rate limited' } } ],
	[ 'a connection that ends', { drop => JSON::PP::true() } ],
	[ 'no words', { status => 200, body => {} } ],
	[ 'other words', { status => 200, body => { conversion_metrics_ready => 'soon', non_conversion_metrics_ready => undef } } ]);
foreach my $case (@no_answers)
{
	my ($what, $fault) = @$case;
	query(q{UPDATE pinterest_internal.freshness SET complete_until = NULL});
	$sandbox->faults({ match => { path => 'metrics_ready_state' }, count => -1, %$fault });
	$sandbox->clear_log;
	is(query(q{SELECT rows > 0 FROM pinterest.refresh('ads.all_metrics')}), 't', "$what: the refresh goes on");
	is(asked(), '1', "$what: and does not ask again");
	is(query($complete), 'ads.all_metrics 1, ads.no_conversions', "$what: what was over counts");
	$sandbox->clear_faults;
}

# Each advertiser
query(qq{ALTER SERVER pinterest OPTIONS (SET advertiser_id '*')});
$sandbox->settings(ready_days => [ 2, 2 ]);
query(q{CALL pinterest.refresh_all('{ads.all_metrics}')});
is(query(q{SELECT string_agg(concat_ws(' ', advertiser_id, current_date - complete_until), ', ' ORDER BY advertiser_id) FROM pinterest.freshness
	WHERE target = 'ads.all_metrics'::regclass}), join(', ', map { "$_ 2" } sort $first, $second), 'of all advertisers alike');
is(asked(), '1 2', 'Pinterest does not tell advertisers apart');

$node->stop;
done_testing();
