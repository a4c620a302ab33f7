
# Copyright (c) 2026, pinterest_fdw contributors

# A refresh changes nothing but what was read to its end: pairs of an advertiser
# and days.  What was left out stays, and is on record; what came empty is asked
# for once more.

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
	campaigns => 9,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my ($first, $second, $third) = $sandbox->advertisers;
$sandbox->connect($node, options => "retry_timeout '60'");

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

my %tables = (
	report => q{advertiser_id text, campaign_id text, date date, spend_in_micro_dollar bigint},
	campaigns => 'advertiser_id text, campaign_id text, name text');

# Creates a foreign table, and its copy with data
sub materialize
{
	my ($name, $columns, $options) = @_;
	query(
		qq{CREATE FOREIGN TABLE live.$name ($columns) SERVER pinterest OPTIONS ($options);
		SELECT pinterest.materialize('live.$name', 'copy.$name');});
	return;
}

# How many rows of a foreign table and its copy differ
sub differ
{
	my ($name, $where) = @_;
	$where //= 'true';
	return query(
		qq{SELECT count(*) FROM (SELECT * FROM live.$name WHERE $where) a
		FULL JOIN (SELECT * FROM copy.$name WHERE $where) b ON a = b WHERE a IS NULL OR b IS NULL});
}

# The counts of a refresh, or its error; and what it warns of
sub refresh
{
	my ($name, $arguments) = @_;
	my $more = defined $arguments ? ", $arguments" : '';
	return try("SELECT inserted, updated, deleted FROM pinterest.refresh('copy.$name'$more)");
}

sub status
{
	my ($name) = @_;
	return query("SELECT status FROM pinterest.status WHERE target = 'copy.$name'::regclass");
}

# Who is left out, by pinterest.freshness, with the SQLSTATE
sub left_out
{
	my ($name) = @_;
	return query(
		qq{SELECT string_agg(advertiser_id || ' ' || sqlstate, ', ' ORDER BY advertiser_id)
		FROM pinterest.freshness WHERE target = 'copy.$name'::regclass AND left_out_since IS NOT NULL});
}

# How many reports have been asked for, of an advertiser
sub reports
{
	my ($advertiser) = @_;
	return
	  scalar grep { $_->{method} eq 'POST' && $_->{path} =~ m{/$advertiser/reports$} }
	  $sandbox->log;
}

sub day
{
	my ($back) = @_;
	return query("SELECT (now() AT TIME ZONE 'UTC')::date - $back");
}

my %denied = (
	403 => { code => 29, message => 'You are not permitted to access the resource.' },
	404 => { code => 50, message => 'Advertiser not found.' });

# All about an advertiser is answered with a status
sub deny
{
	my ($advertiser, $status) = @_;
	$sandbox->faults(
		{ match => { path => "/ad_accounts/$advertiser/" }, count => -1,
			status => 0 + $status, body => $denied{$status} });
	return;
}

query(
	q{CREATE SCHEMA live;
	CREATE SCHEMA copy;
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '*');});
materialize('report', $tables{report}, q{resource 'campaign_report', historical_date '30 days'});
materialize('campaigns', $tables{campaigns}, q{resource 'campaigns'});

#
# What Pinterest corrects to nothing
#

{
	my $today = day(0);
	my ($from, $to) = (day(3), day(1));
	my $gone = query(
		"SELECT count(*) FROM copy.report WHERE advertiser_id = '$second' AND date >= '$from'");

	cmp_ok($gone, '>', 0, 'there is something to correct');
	$sandbox->settings(blank_days => [ [ $second, $from, $to ] ]);
	is(refresh('report', "since => '$from'"), "0|0|$gone", 'rows of an advertiser without any left go');
	is(differ('report'), 0, 'the copy is what Pinterest has');
	is( query(
			q{SELECT status, rows, data_from, data_to = (SELECT max(date) FROM copy.report) FROM pinterest.status WHERE target = 'copy.report'::regclass}
		),
		'ready|||t',
		'what was not looked at is not known');

	# days of which nobody has rows any more
	$sandbox->settings(blank_days => [ map { [ $_, $from, $to ] } $first, $second, $third ]);
	like(refresh('report', "since => '$from'"), qr/55000: refresh of table "copy.report" would delete all \d+ rows/,
		'but not all rows at once');
	like(refresh('report', "since => '$from', allow_deletion => true"),
		qr/^0\|0\|[1-9]\d*$/, 'unless that is right');
	is(differ('report'), 0, 'and the copy is what Pinterest has');

	$sandbox->settings(blank_days => []);
	like(refresh('report'), qr/^[1-9]\d*\|0\|0$/, 'they may come back');
	is(status('report'), 'ready', 'after a failure, too');
	is( query(
			q{SELECT rows = count(*), data_from = min(date), data_to = max(date), last_error IS NULL
			FROM pinterest.status, copy.report WHERE target = 'copy.report'::regclass
			GROUP BY rows, data_from, data_to, last_error}),
		't|t|t|t',
		'and everything is known');
}

#
# A report that comes empty
#

{
	my ($from, $to) = (day(30), day(0));
	my $before = query("SELECT count(*) FROM copy.report WHERE advertiser_id = '$second'");
	my $answer;

	$sandbox->settings(blank_days => [ [ $second, $from, $to ] ]);
	$sandbox->clear_log;
	$answer = refresh('report');
	like(
		$answer,
		qr/55000: refresh of table "copy.report" would delete all rows of what Pinterest returned empty\nDETAIL:  The report of advertiser $second from $from to $to came without rows, twice.\nHINT:  .*allow_deletion/,
		'is refused');
	is(reports($_), $_ eq $second ? 2 : 1, 'and was asked for twice alone') foreach $first, $second, $third;
	is( query(
			q{SELECT outcome, api_calls >= 12, bytes > 1000 FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1}
		),
		'failed|t|t',
		'the requests of that are on record');
	is( query("SELECT count(*) FROM copy.report WHERE advertiser_id = '$second'"),
		$before, 'all rows are there');
	is(status('report'), 'failed', 'and status tells');

	is(refresh('report', 'allow_deletion => true'), "0|0|$before", 'it is believed on request');
	is(differ('report'), 0, 'and no row of it stays');
	is(refresh('report'), '0|0|0', 'from then on it is nothing unusual');

	# the second answer counts
	$sandbox->settings(blank_days => []);
	refresh('report');
	$sandbox->faults(
		{ match => { method => 'GET', path => "/$second/reports\$" },
			body => { report_status => 'FINISHED', url => undef, size => 0 } });
	$sandbox->clear_log;
	is(refresh('report'), '0|0|0', 'once alone, it changes nothing');
	is(reports($second), 2, 'as it was asked for again');
	is(differ('report'), 0, 'and had all rows then');
}

# All rows of an advertiser: six days may go, seven may not.  Others are there.
foreach my $days (6, 7)
{
	materialize("days$days", $tables{report},
		"resource 'campaign_report', historical_date '$days days'");
	$sandbox->settings(blank_days => [ [ $second, day(20), day(0) ] ]);
	is( query("SELECT count(DISTINCT date) FROM copy.days$days WHERE advertiser_id = '$second'"),
		$days, "$days days");
	like(
		refresh("days$days"),
		$days == 6 ? qr/^0\|0\|[1-9]\d*$/ : qr/55000: .*twice/s,
		$days == 6 ? 'may go' : 'may not');
	$sandbox->settings(blank_days => []);
}

# Of one report among several seven days may go.
{
	materialize('apart', $tables{report},
		"resource 'campaign_report', historical_date '300 days', advertiser_id '$first'");
	my $from = day(300);
	query(qq{DELETE FROM copy.apart WHERE date < now()::date - 114 AND date > date '$from' + 6});
	is(query(q{SELECT count(DISTINCT date) FROM copy.apart WHERE date < now()::date - 114}), 7, 'seven days of a report');
	$sandbox->settings(blank_days => [ [ $first, $from, day(115) ] ]);
	like(refresh('apart'), qr/^0\|0\|[1-9]\d*$/, 'may go');
	$sandbox->settings(blank_days => []);
	refresh('apart');
	query(qq{DELETE FROM copy.apart WHERE date < now()::date - 114 AND date > date '$from' + 7});
	$sandbox->settings(blank_days => [ [ $first, $from, day(115) ] ]);
	like(refresh('apart'), qr/55000: .*twice/s, 'eight may not');
	$sandbox->settings(blank_days => []);
}

# One of several reports of an advertiser
{
	materialize('long', $tables{report},
		"resource 'campaign_report', historical_date '500 days', advertiser_id '$first'");
	my $rows = query('SELECT count(*) FROM copy.long');
	my ($from, $to) = (day(500), day(315));

	$sandbox->settings(blank_days => [ [ $first, $from, $to ] ]);
	like(refresh('long'), qr/55000: .* returned empty\nDETAIL:  The report of advertiser $first from $from to $to came/,
		'a hole is refused, although most rows are there');
	is(query('SELECT count(*) FROM copy.long'), $rows, 'and nothing is gone');
	$sandbox->settings(blank_days => []);
}

# One of several reports of the same advertiser and days
{
	my $empty = sub {
		my ($body) = @_;
		$sandbox->faults(
			{ match => { method => 'POST', path => "/$first/reports\$", body => $body }, count => -1,
				body => { report_status => 'IN_PROGRESS', token => 'EMPTY', message => undef } },
			{ match => { method => 'GET', query => 'token=EMPTY' }, count => -1,
				body => { report_status => 'FINISHED', url => undef, size => 0 } });
		$sandbox->clear_log;
		return;
	};
	my $targeted = 'advertiser_id text, campaign_id text, date date, targeting_type text, targeting_value text, spend_in_micro_dollar bigint';
	materialize('targeted', $targeted,
		q{resource 'campaign_targeting_report', historical_date '20 days', targeting_types 'APPTYPE, GENDER, LOCATION, PLACEMENT, COUNTRY, AGE_BUCKET'});
	$empty->('AGE_BUCKET');
	like(refresh('targeted'), qr/55000: .*The report of advertiser $first from \S+ to \S+ by AGE_BUCKET came without rows, twice/s,
		'a report of some targeting types is looked at by itself');
	is(reports($first) . reports($second), 32, 'and it alone was asked for again');
	$sandbox->clear_faults;

	# days of other types do not count
	query(qq{DELETE FROM copy.targeted WHERE advertiser_id = '$first' AND targeting_type = 'AGE_BUCKET' AND date < now()::date - 7});
	$empty->('AGE_BUCKET');
	like(refresh('targeted'), qr/^0\|0\|[1-9]\d*$/, 'seven days may go');
	$sandbox->clear_faults;
	like(refresh('targeted'), qr/^[1-9]\d*\|0\|0$/, 'and come back');
	is(differ('targeted'), 0, 'as they were');
}

# Days that are not rows
{
	my %expected = (
		week => qr/55000: .*twice/s,
		month => qr/55000: .*twice/s,
		total => qr/55000: .*twice/s,

		# there are no more than two days of them
		hour => qr/^0\|0\|[1-9]\d*$/);
	foreach my $granularity (sort keys %expected)
	{
		my $columns = $tables{report};
		$columns =~ s/date date/date timestamptz/ if $granularity eq 'hour';
		$columns =~ s/date date, // if $granularity eq 'total';
		materialize($granularity, $columns,
			sprintf q{resource 'campaign_report', granularity '%s', historical_date '%d days'},
			$granularity, $granularity eq 'hour' ? 2 : 50);
		$sandbox->settings(blank_days => [ [ $second, day(100), day(0) ] ]);
		like(refresh($granularity), $expected{$granularity}, "by $granularity");
		$sandbox->settings(blank_days => []);
		like(refresh($granularity), qr/^\d+\|0\|0$/, "by $granularity, all is there again");
		is(differ($granularity), 0, "by $granularity, as Pinterest has it");
	}
}

#
# Who may not be read
#

# Rows that a refresh would correct, of everyone
sub spoil
{
	query(
		q{UPDATE copy.report SET spend_in_micro_dollar = -1 WHERE date > now()::date - 5;
		UPDATE copy.campaigns SET name = 'spoilt';});
	return;
}

foreach my $way (qw(403 404 unlisted))
{
	my $sqlstate = $way eq '403' ? '42501' : 'HV00R';
	my ($since, $answer);

	spoil();
	if ($way eq 'unlisted')
	{
		$sandbox->settings(unlisted => [$second]);
	}
	else
	{
		deny($second, $way);
	}
	$answer = try('CALL pinterest.refresh_all(ARRAY[\'copy.report\', \'copy.campaigns\']::regclass[], allow_deletion => true)');
	is(scalar(() = $answer =~ /WARNING:  $sqlstate: leaving (?:out )?advertiser $second/g),
		1, "$way: refresh_all warns, once for all tables");
	unlike($answer, qr/ERROR/, "$way: and is no failure");
	foreach my $table (qw(report campaigns))
	{
		is(status($table), 'partial', "$way: status of $table");
		is(left_out($table), "$second $sqlstate", "$way: $table names who is left out");
		is( query(
				qq{SELECT left_out, reasons[1] ~ '$sqlstate' FROM pinterest.refresh_log WHERE target = 'copy.$table'::regclass ORDER BY id DESC LIMIT 1}
			),
			"{$second}|t",
			"$way: so does the record");
	}
	is( query(
			qq{SELECT count(*) FILTER (WHERE advertiser_id = '$second') > 0, count(*) FILTER (WHERE advertiser_id <> '$second')
			FROM copy.report WHERE spend_in_micro_dollar = -1}),
		't|0',
		"$way: its rows stay as they are, the others do not");
	is( query(
			qq{SELECT count(*) FILTER (WHERE advertiser_id = '$second'), count(*) FILTER (WHERE advertiser_id <> '$second')
			FROM copy.campaigns WHERE name = 'spoilt'}),
		'9|0',
		"$way: nor in a list");

	$since = query(q{SELECT left_out_since FROM pinterest.freshness WHERE target = 'copy.report'::regclass AND left_out_since IS NOT NULL});
	like(refresh('report', 'last => \'3 days\''), qr/^0\|0\|0\n.*WARNING/s, "$way: refresh warns, too");
	is(status('report'), 'partial', "$way: and is partial with a part of the days");
	is( query(q{SELECT left_out_since FROM pinterest.freshness WHERE target = 'copy.report'::regclass AND left_out_since IS NOT NULL}),
		$since, "$way: since when it stands still stays known");
	is( query(
			qq{SELECT last_success_at < left_out_since, complete_until = now()::date - 1 FROM pinterest.freshness WHERE target = 'copy.report'::regclass AND advertiser_id = '$second'}
		),
		't|t',
		"$way: so is up to when it is complete");

	$sandbox->clear_faults;
	$sandbox->settings(unlisted => []);
	foreach my $table (qw(report campaigns))
	{
		like(refresh($table), qr/^0\|[1-9]\d*\|0$/, "$way: with access again $table is made whole");
		is(status($table) . left_out($table), 'ready', "$way: and nobody is left out");
		is(differ($table), 0, "$way: $table is what Pinterest has");
	}
}

# Nobody is there, or may be read.
foreach my $way (qw(403 unlisted))
{
	my $rows = query('SELECT (SELECT count(*) FROM copy.report), (SELECT count(*) FROM copy.campaigns)');

	if ($way eq 'unlisted')
	{
		$sandbox->settings(unlisted => [ $first, $second, $third ]);
	}
	else
	{
		deny($_, $way) foreach $first, $second, $third;
	}
	foreach my $table (qw(report campaigns))
	{
		like(refresh($table, 'allow_deletion => true'), qr/ERROR:  (?:42501|HV00R): /, "$way: nobody, $table");
		is(status($table), 'failed', "$way: status of $table");
	}
	is( query('SELECT (SELECT count(*) FROM copy.report), (SELECT count(*) FROM copy.campaigns)'),
		$rows, "$way: no row is gone");
	$sandbox->clear_faults;
	$sandbox->settings(unlisted => []);
}

# An ad account keeps its row, too.
{
	materialize('advertisers', 'advertiser_id text, name text', q{resource 'advertisers'});
	query(q{UPDATE copy.advertisers SET name = 'spoilt'});
	$sandbox->settings(unlisted => [$second]);
	like(refresh('advertisers', 'allow_deletion => true'), qr/^0\|2\|0\n/, 'a list of ad accounts lacks one');
	is(query(q{SELECT advertiser_id FROM copy.advertisers WHERE name = 'spoilt'}),
		$second, 'whose row stays');
	is(status('advertisers') . ' ' . left_out('advertisers'), "partial $second HV00R", 'and that is told');
	$sandbox->settings(unlisted => []);
	refresh('advertisers');
	is(status('advertisers') . differ('advertisers'), 'ready0', 'it is listed again');

	# each by its id
	$sandbox->settings(unlisted => [$second]);
	refresh('advertisers');
	$sandbox->settings(unlisted => []);
	query("ALTER FOREIGN TABLE live.advertisers OPTIONS (ADD advertiser_id '$first,$third')");
	query(q{UPDATE copy.advertisers SET name = 'spoilt'});
	is(refresh('advertisers', 'allow_deletion => true'), '0|2|0', 'whoever is not asked for stays');
	is(status('advertisers') . left_out('advertisers'), 'ready', 'and is not left out');
}

# Half way: one of several reports is denied.
{
	query(q{ALTER FOREIGN TABLE live.long OPTIONS (SET advertiser_id '*')});
	refresh('long');
	query('UPDATE copy.long SET spend_in_micro_dollar = -1');
	my $to = day(128);
	$sandbox->faults(
		{ match => { method => 'POST', path => "/$second/reports\$", body => qq{"start_date": ?"$to"} },
			count => -1, status => 403, body => $denied{403} });
	like(refresh('long', 'allow_deletion => true'), qr/^0\|[1-9]\d*\|0\n.*WARNING:  42501/s, 'a report is denied');
	is( query(
			qq{SELECT string_agg(DISTINCT advertiser_id, ','), min(date) >= '$to', count(DISTINCT date) > 100
			FROM copy.long WHERE spend_in_micro_dollar = -1}),
		"$second|t|t",
		'what was read to its end is applied, the rest stays');
	is(status('long') . ' ' . left_out('long'), "partial $second 42501", 'and that is told');

	# the days of before have been loaded when all could be read
	query(q{DELETE FROM pinterest_internal.freshness});
	refresh('long');
	is( query(
			qq{SELECT advertiser_id, complete_until, last_success_at IS NULL FROM pinterest.freshness
			WHERE target = 'copy.long'::regclass AND advertiser_id = '$second'}),
		"$second|" . day(129) . '|t',
		'the days up to there are complete');
	$sandbox->clear_faults;

	# an advertiser that is named is not left out
	query("ALTER FOREIGN TABLE live.long OPTIONS (SET advertiser_id '$first,$second')");
	deny($second, 403);
	like(refresh('long'), qr/ERROR:  42501/, 'whoever is asked for by name has to be read');
	$sandbox->clear_faults;
}

#
# Days that nobody asked for
#

{
	my ($tomorrow, $yesterday, $old) = (day(-1), day(1), day(50));

	query("ALTER FOREIGN TABLE live.report OPTIONS (ADD advertiser_id '$third')");
	query(
		qq{INSERT INTO copy.report SELECT DISTINCT ON (day) '$third', campaign_id, day::date, 7
		FROM copy.report, unnest('{$tomorrow,$old}'::date[]) day WHERE advertiser_id = '$third' ORDER BY day, campaign_id});
	is(refresh('report'), '0|0|0', 'rows of days that were not asked for stay');
	is(query('SELECT count(*) FROM copy.report WHERE spend_in_micro_dollar = 7'), 2, 'both of them');
	is( query(
			q{SELECT data_from, data_to, rows = (SELECT count(*) FROM copy.report) FROM pinterest.status WHERE target = 'copy.report'::regclass}
		),
		"$old|$tomorrow|t",
		'and are counted');
	is(refresh('report', "since => '$yesterday'"), '0|0|0', 'also beside a part of the days');
	is( query(q{SELECT data_from, data_to, rows FROM pinterest.status WHERE target = 'copy.report'::regclass}),
		"|$tomorrow|", 'which finds the last day');

	# and such that came
	my $row = sub {
		my ($date, $spend) = @_;
		return { DATE => $date, SPEND_IN_MICRO_DOLLAR => $spend, SPEND_IN_DOLLAR => 1, TOTAL_IMPRESSION => 1 };
	};
	$sandbox->faults(
		{ match => { host => 'download' },
			body => { '1' => [ $row->($tomorrow, 8), $row->($yesterday, 9), $row->($old, 10) ] } });
	like(refresh('report', 'allow_deletion => true'), qr/^1\|0\|[1-9]\d*$/, 'what came and was not asked for');
	is(query('SELECT string_agg(spend_in_micro_dollar::text, \',\' ORDER BY 1) FROM copy.report WHERE spend_in_micro_dollar BETWEEN 7 AND 10'),
		'7,7,9', 'is not applied');
	$sandbox->clear_faults;
	query('DELETE FROM copy.report WHERE spend_in_micro_dollar = 7');
	query(q{ALTER FOREIGN TABLE live.report OPTIONS (DROP advertiser_id)});
	refresh('report', 'allow_deletion => true');
	is(differ('report'), 0, 'all is well again');
}

# Whose days they are, and of which type the column is, is all the same.
{
	$sandbox->settings(time_zones => [ 'America/Los_Angeles', 'Asia/Tokyo' ]);
	foreach my $granularity (qw(day hour))
	{
		foreach my $type ('timestamptz', 'timestamp', $granularity eq 'day' ? 'date' : ())
		{
			my $name = "${granularity}_$type";

			materialize($name, $tables{report} =~ s/date date/date $type/r,
				"resource 'campaign_report', granularity '$granularity', reporting_timezone 'AD_ACCOUNT_TIME_ZONE', historical_date '5 days'");
			is(differ($name), 0, "local days, $name: everything is loaded");
			query("DELETE FROM copy.$name WHERE advertiser_id = '$second'");
			like(refresh($name), qr/^[1-9]\d*\|0\|0$/, "$name: and again");
			is(differ($name), 0, "$name: as Pinterest has it");
			is(refresh($name, q{last => '2 days'}), '0|0|0', "$name: also in part");
		}
	}
	$sandbox->settings(time_zones => []);
}

#
# Lists
#

{
	my $path = "/$second/campaigns\$";

	# most of a list that was read to its end is gone
	$sandbox->faults({ match => { path => $path }, count => -1,
			body => { items => [ { id => '1', name => 'one' } ], bookmark => undef } });
	is(refresh('campaigns'), '1|0|9', 'a list is believed, whatever it lacks');

	# nothing, where there were few
	$sandbox->clear_faults;
	$sandbox->faults({ match => { path => $path }, count => -1,
			body => { items => [], bookmark => undef } });
	is(refresh('campaigns'), '0|0|1', 'a short one may be empty');

	# nothing, where there were many
	$sandbox->clear_faults;
	is(refresh('campaigns'), '9|0|0', 'it has them again');
	$sandbox->faults({ match => { path => $path }, count => -1,
			body => { items => [], bookmark => undef } });
	$sandbox->clear_log;
	like(refresh('campaigns'), qr/55000: .* returned empty\nDETAIL:  The list of advertiser $second came without rows, twice/,
		'a long one may not');
	is( join(' ', map { my $advertiser = $_; scalar grep { $_->{path} =~ m{/$advertiser/} } $sandbox->log } $first, $second, $third),
		'1 2 1', 'it was asked for twice alone');
	is(refresh('campaigns', 'allow_deletion => true'), '0|0|9', 'unless that is right');
	$sandbox->clear_faults;
	is(refresh('campaigns'), '9|0|0', 'it has them again');

	# denied in the middle
	$sandbox->faults(
		{ match => { path => $path, query => 'bookmark' }, count => -1, status => 403, body => $denied{403} },
		{ match => { path => $path }, count => -1,
			body => { items => [ { id => '1', name => 'one' } ], bookmark => 'next' } });
	like(refresh('campaigns', 'allow_deletion => true'), qr/^0\|0\|0\n.*WARNING:  42501/s, 'half a list is none');
	is(status('campaigns') . ' ' . left_out('campaigns'), "partial $second 42501", 'and that is told');
	$sandbox->clear_faults;
	is(refresh('campaigns'), '0|0|0', 'nothing had changed');

	# a list for each ad group
	materialize('keywords', 'advertiser_id text, keyword_id text, value text', q{resource 'keywords'});
	query(q{UPDATE copy.keywords SET value = 'spoilt'});
	$sandbox->faults(
		{ match => { path => "/$second/keywords\$" }, nth => 2, status => 403, body => $denied{403} });
	like(refresh('keywords'), qr/WARNING:  42501/, 'keywords of one ad group are denied');
	is( query(q{SELECT string_agg(DISTINCT advertiser_id, ',') FROM copy.keywords WHERE value = 'spoilt'}),
		$second, 'and all of the advertiser stay as they are');
	$sandbox->clear_faults;
	like(refresh('keywords'), qr/^0\|[1-9]\d*\|0$/, 'until they may be read');

	# nobody's list
	materialize('metrics', 'name text, definition text', q{resource 'metrics'});
	is(query(q{SELECT advertiser_id IS NULL, left_out_since IS NULL FROM pinterest.freshness WHERE target = 'copy.metrics'::regclass}),
		't|t', 'a table that is not about advertisers');
	$sandbox->faults({ match => { path => '/delivery_metrics$' }, count => -1, body => { items => [] } });
	like(refresh('metrics'), qr/55000: .*The list came without rows, twice/s, 'is not emptied, either');
	$sandbox->clear_faults;
	is(refresh('metrics'), '0|0|0', 'and is what it was');
}

#
# Entities that are gone stay, if that is wanted
#

{
	my $path = "/$second/campaigns\$";
	my $marked = q{SELECT count(*) FILTER (WHERE deleted_at IS NOT NULL), count(*), bool_and(deleted_at > now() - interval '1 hour') FROM copy.kept};
	my $list = sub {
		$sandbox->clear_faults;
		$sandbox->faults({ match => { path => $path }, count => -1, body => { items => \@_, bookmark => undef } }) if @_;
		return;
	};

	query(
		qq{CREATE FOREIGN TABLE live.kept ($tables{campaigns}) SERVER pinterest OPTIONS (resource 'campaigns');
		SELECT pinterest.materialize('live.kept', 'copy.kept', keep_deleted => true)});
	is(query($marked), '0|27|', 'nothing is gone at first');
	$list->({ id => '1', name => 'one' });
	is(refresh('kept'), '1|0|9', 'what is gone counts as deleted');
	is(query($marked), '9|28|t', 'and stays, marked');
	is(query(qq{SELECT count(*) FROM copy.kept WHERE advertiser_id = '$second' AND deleted_at IS NOT NULL}), 9, 'nothing else is');
	my $since = query('SELECT DISTINCT deleted_at FROM copy.kept WHERE deleted_at IS NOT NULL');
	is(refresh('kept'), '0|0|0', 'once');
	is(query('SELECT DISTINCT deleted_at FROM copy.kept WHERE deleted_at IS NOT NULL'), $since, 'since when stays');
	$list->();
	is(refresh('kept'), '0|9|1', 'what comes back is no longer marked');
	is(query($marked), '1|28|t', 'and what is gone now is');
	is(query(q{SELECT rows FROM pinterest.status WHERE target = 'copy.kept'::regclass}), 28, 'all of them are rows');
	is(query('SELECT count(*) FROM live.kept FULL JOIN (SELECT * FROM copy.kept WHERE deleted_at IS NULL) k USING (advertiser_id, campaign_id, name) WHERE k.deleted_at IS NOT NULL OR name IS NULL'),
		0, 'the others are what Pinterest has');

	deny($second, 403);
	like(refresh('kept'), qr/^0\|0\|0\nWARNING:  42501/, 'nobody is marked who is left out');
	is(query($marked), '1|28|t', 'of nobody');
	$sandbox->clear_faults;
	$sandbox->faults({ match => { path => $path }, count => -1, body => { items => [], bookmark => undef } });
	like(refresh('kept'), qr/55000: .*twice/s, 'an empty list is no more believed than elsewhere');
	is(refresh('kept', 'allow_deletion => true'), '0|0|9', 'unless that is right');
	is(refresh('kept'), '0|0|0', 'marked rows are none to lose');
	$sandbox->clear_faults;
	is(refresh('kept'), '0|9|0', 'all are back');

	# once more, with and without it
	query(q{SELECT pinterest.materialize('live.kept', 'copy.kept')});
	is(query($marked), '1|28|t', 'it stays as it was registered');
	query(q{CREATE TABLE copy.adopted (LIKE copy.kept INCLUDING ALL); INSERT INTO copy.adopted SELECT * FROM copy.kept;
		SELECT pinterest.materialize('live.kept', 'copy.adopted', keep_deleted => true);});
	is(query('SELECT count(*) FROM copy.adopted WHERE deleted_at IS NOT NULL'), 1, 'a table with the column is adopted');
	query(q{SELECT pinterest.materialize('live.kept', 'copy.adopted', keep_deleted => false)});
	is(query('SELECT count(*), count(deleted_at) FROM copy.adopted'), '27|0', 'and may keep nothing any more');
	query('ALTER TABLE copy.adopted DROP COLUMN deleted_at');
	like(try(q{SELECT pinterest.materialize('live.kept', 'copy.adopted', keep_deleted => true)}),
		qr/42703: table "copy.adopted" has no column "deleted_at" .*\nHINT:  ALTER TABLE copy.adopted ADD COLUMN deleted_at timestamptz;/,
		'one without it is not');
	query('ALTER TABLE copy.adopted ADD COLUMN deleted_at date');
	like(try(q{SELECT pinterest.materialize('live.kept', 'copy.adopted', keep_deleted => true)}), qr/42804: /, 'nor one with another one');
	query('ALTER TABLE copy.kept DROP COLUMN deleted_at');
	like(refresh('kept'), qr/42703: /, 'without the column there is no refresh');

	like(try(q{SELECT pinterest.materialize('live.report', 'copy.never', keep_deleted => true)}),
		qr/22023: rows of a report cannot be kept/, 'a report has no entities');
	like(
		try(q{CREATE FOREIGN TABLE live.clash (advertiser_id text, campaign_id text, deleted_at text OPTIONS (column_name 'name')) SERVER pinterest OPTIONS (resource 'campaigns');
			SELECT pinterest.materialize('live.clash', 'copy.never', keep_deleted => true)}),
		qr/42701: foreign table "live.clash" has a column "deleted_at" of its own/, 'nor may the column be there already');
}

#
# Partitions
#

{
	query(
		qq{CREATE TABLE copy.parted (LIKE copy.report, PRIMARY KEY (advertiser_id, campaign_id, date)) PARTITION BY RANGE (date);
		CREATE TABLE copy.parted_old PARTITION OF copy.parted FOR VALUES FROM (MINVALUE) TO (now()::date - 40);
		CREATE TABLE copy.parted_new PARTITION OF copy.parted FOR VALUES FROM (now()::date - 40) TO (MAXVALUE);
		CREATE FOREIGN TABLE live.parted ($tables{report}) SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '80 days');
		SELECT pinterest.materialize('live.parted', 'copy.parted');
		ALTER FOREIGN TABLE live.parted OPTIONS (SET historical_date '30 days');
		DROP TABLE copy.parted_old;});
	is(refresh('parted'), '0|0|0', 'a partition has been dropped');
	is( query(
			q{SELECT rows = count(*), data_from = min(date) FROM pinterest.status, copy.parted WHERE target = 'copy.parted'::regclass GROUP BY rows, data_from}
		),
		't|t',
		'the counts are those of what is there');
	deny($second, 404);
	query('UPDATE copy.parted SET spend_in_micro_dollar = -1');
	like(refresh('parted', 'last => \'10 days\''), qr/^0\|[1-9]\d*\|0\n/, 'of a part, somebody is left out');
	is( query(
			qq{SELECT count(*) FROM copy.parted WHERE date >= now()::date - 10 AND (spend_in_micro_dollar = -1) <> (advertiser_id = '$second')}
		),
		0,
		'whose rows alone stay');
	$sandbox->clear_faults;
	refresh('parted');
	is(differ('parted', q{date >= now()::date - 30}), 0, 'and then all is well');
}

#
# Who sees it
#

{
	deny($second, 403);
	refresh('report');
	$sandbox->clear_faults;
	query(q{CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA copy TO reader; GRANT SELECT ON copy.report TO reader;});
	is( query(
			qq{SET ROLE reader; SELECT target, advertiser_id, sqlstate, reason FROM pinterest.freshness WHERE left_out_since IS NOT NULL;
			SELECT left_out, reasons FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1;}),
		"copy.report|$second|42501|\n{$second}|",
		'a reader learns who, not why');
	is( query(q{SELECT count(*) FROM pinterest.freshness WHERE reason IS NOT NULL AND target = 'copy.report'::regclass}), 1, 'the owner learns why');
	query('DROP TABLE copy.report');
	is( query(q{SELECT count(*) FROM pinterest_internal.freshness x WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = x.target)}),
		0, 'nothing stays of a table that is dropped');
}

done_testing();
