
# Copyright (c) 2026, pinterest_fdw contributors

# Much at once: many reports, many ids, many lists, long waits.  What is asserted
# are requests, pauses as they are planned, and memory; no times.

use strict;
use warnings;

use FindBin;
use List::Util qw(max min sum);
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 8,
	campaigns => 3,
	ad_groups => 2,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	timezone = 'UTC'
	max_files_per_process = 64});
my ($advertiser) = $sandbox->advertisers;
$sandbox->connect($node, options => "report_reuse '0', max_connections '4'");
$node->safe_psql(
	'postgres', qq{
	CREATE SCHEMA pinterest_live;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO pinterest_live
		OPTIONS (historical_date '20 days');
	ALTER DATABASE postgres SET search_path = pinterest_live, public;});

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# Result and messages of SQL
sub try
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', "SET client_min_messages = debug1;\n$sql");
	return ($out, $err);
}

sub is_poll { return $_[0]{method} eq 'GET' && exists $_[0]{query}{token}; }

sub polls { return grep { is_poll($_) } $sandbox->log; }

# Those that said that a report is not ready: there is no link in the answer.
sub vain { return grep { $_->{bytes} < 100 } polls(); }

#
# Polls of one report
#

my $count = "SELECT count(*) FROM campaign_report WHERE advertiser_id = '$advertiser'";

# The pauses that a statement announces: of the report, and of all
sub pauses
{
	my ($messages) = @_;
	return $messages =~ /is not ready; asking again after (\d+) ms, about any after (\d+) ms/g;
}

sub longer
{
	my ($pause, $most) = @_;
	return min($pause + int($pause / 4), $most);
}

my $directory = $node->data_dir . '/pg_stat_tmp';
sub took_files { return glob "$directory/pinterest_fdw.*.took.*"; }

$sandbox->settings(report_delay => 2);
$sandbox->clear_log;
my ($out, $messages) = try($count);
my @pauses = pauses($messages);
cmp_ok($out, '>', 0, 'a report that takes long');
is(scalar(vain()), @pauses / 2, 'each poll in vain is followed by a pause');
cmp_ok($pauses[0], '>=', 125, 'which begins');
is($pauses[1], 125, 'with a tenth of a second and a quarter');
for (my $i = 2; $i < @pauses; $i += 2)
{
	is($pauses[$i], longer($pauses[ $i - 2 ], 30000), "and grows by a quarter: pause $i");
	is($pauses[ $i + 1 ], longer($pauses[ $i - 1 ], 1250), "pause $i of all");
}

# What it took is remembered.
my @files = took_files();
is(scalar(@files), 1, 'it is remembered how long it took');
my ($took) = slurp_file($files[0]) =~ /^\d+ (\d+)\n$/;
cmp_ok($took, '>=', 1000, 'which is about as long as it was');
$sandbox->clear_log;
try($count);
my ($creation) = grep { $_->{method} eq 'POST' } $sandbox->log;
my ($first) = polls();
cmp_ok(1000 * ($first->{time} - $creation->{time}), '>=', $took * 0.9, 'another session asks shortly before that for the first time');

# Sooner than expected
$sandbox->settings(report_delay => 0);
foreach my $i (1 .. 2)
{
	my $before = $took;
	try($count);
	($took) = map { slurp_file($_) =~ /^\d+ (\d+)\n$/ } took_files();
	cmp_ok($took // 0, '<=', $before * 2 / 3, 'reports that are ready by then are expected sooner the next time');
}

# Nothing depends on it.
append_to_file($_, 'x') foreach @files;
foreach my $garbage ('', 'x', '1', "1 \n", "1 x\n", "1 -5\n", "1 999999999999999999999999\n", "\0" x 5000)
{
	open(my $file, '>', $files[0]) or die;
	print $file $garbage;
	close $file;
	cmp_ok(query($count), '>', 0, 'garbage in the file does no harm');
}
unlink @files;
cmp_ok(query($count), '>', 0, 'nor does it if there is none');

#
# Polls of many reports
#

query(q{CREATE SCHEMA by_hour; IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest
	INTO by_hour OPTIONS (granularity 'hour', historical_date '60 days')});
my $all = 'SELECT count(*) FROM by_hour.campaign_report';
my $rows = query($all);
unlink took_files();
foreach my $delay (0, 3)
{
	$sandbox->settings(report_delay => $delay);
	$sandbox->clear_log;
	is(query($all), $rows, "many reports, ready after $delay s");
	my @creations = grep { $_->{method} eq 'POST' } $sandbox->log;
	my @polls = polls();
	my $elapsed = max(map { $_->{time} } @polls) - min(map { $_->{time} } @creations);
	cmp_ok(scalar(@creations), '>=', 24, 'a report for each window');
	is(@polls - vain(), @creations, 'each is found ready once');

	# A turn is 1.25 s at least, after twelve shorter ones; when one is ready, as
	# many others as there are connections are asked about, once.
	cmp_ok(scalar(vain()), '<=', 12 + 4 + $elapsed / 1.25, 'there are as few polls in vain as for a single report');
}
$sandbox->settings(report_delay => 0);

#
# Downloads
#

# One that is slow holds up no other.
sub downloads { return grep { $_->{host} eq 'download' } $sandbox->log; }

my $session = PsqlSession->new($node);
$sandbox->clear_log;
is(query($all), $rows, 'many reports');
my $downloads = downloads();
$sandbox->faults({ match => { host => 'download' }, delay => 3600 });
$sandbox->clear_log;
$session->begin($all);
wait_until('all others', sub { grep({ defined $_->{status} } downloads()) == $downloads - 1 });
pass('all others are downloaded meanwhile');
$sandbox->clear_faults;
my ($found) = $session->finish;
chomp $found;
is($found, $rows, 'and it is read in the end');

# Nor does one that comes byte by byte while it is being read: the others are put aside,
# and more than there are connections.
$sandbox->faults({ match => { host => 'download' }, drip => 0.05 }, { match => { host => 'download' }, delay => 2, count => 3 });
$sandbox->clear_log;
$session->begin($all);
wait_until('all others', sub { grep({ defined $_->{status} } downloads()) == $downloads - 1 });
pass('all others are downloaded beside one that is slow');
$sandbox->clear_faults;
($found) = $session->finish;
chomp $found;
is($found, $rows, 'and all are read in the end');

# But those that nobody reads yet do not pile up.
$sandbox->clear_log;
$session->execute('BEGIN; DECLARE c CURSOR FOR SELECT * FROM by_hour.campaign_report; FETCH 1 FROM c');
cmp_ok(scalar(downloads()), '<=', 2 * 4, 'some are downloaded ahead');
$session->execute('ROLLBACK');

# If a few rows will do, no other is.
$sandbox->clear_log;
query('SELECT * FROM by_hour.campaign_report LIMIT 1');
is(scalar(downloads()), 1, 'one is enough for a row');

# A cancelation ends them all, and the session goes on.
$sandbox->faults({ match => { host => 'download' }, delay => 3600, count => -1 });
$sandbox->clear_log;
$session->begin($all);
wait_until('downloads', sub { downloads() >= 3 });
query("SELECT pg_cancel_backend($session->{pid})");
(undef, my $canceled) = $session->finish;
like($canceled, qr/57014/, 'canceled');
$sandbox->clear_faults;
is($session->execute($all), $rows, 'afterwards');

#
# Memory
#

# What is kept in the memory context of the scan when the last row of a query comes
sub kept
{
	my ($table, $where, $last) = @_;
	return query(qq{BEGIN; DECLARE c NO SCROLL CURSOR FOR SELECT * FROM $table $where;
		\\o /dev/null
		FETCH $last FROM c;
		\\o
		SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'pinterest_fdw scan'});
}

my $one = "WHERE advertiser_id = '$advertiser'";
my $few = kept('by_hour.campaign_report', $one,
	query("SELECT count(*) FROM by_hour.campaign_report $one"));
cmp_ok((kept('by_hour.campaign_report', '', $rows) - $few) / 21, '<', 400,
	'next to nothing is kept of a report that has been read');

#
# Lists
#

# Each advertiser, campaign and ad group has a list of keywords.  One that is slow
# holds up no other.
sub lists { return grep { $_->{path} =~ /keywords$/ } $sandbox->log; }

my $keywords = 'SELECT count(*), md5(string_agg(k::text, chr(10) ORDER BY k)) FROM keywords k';
$sandbox->clear_log;
my $result = query($keywords);
my $lists = lists();
cmp_ok($lists, '>=', 8 * 10, 'lists of all parents');
$sandbox->faults({ match => { path => "$advertiser/keywords\$" }, delay => 3600 });
$sandbox->clear_log;
$session->begin($keywords);
#wait_until('all others', sub { grep { defined $_->{status} } lists() } );
wait_until('all others', sub { lists() == $lists });
pass('all other lists are read meanwhile');
$sandbox->clear_faults;
($found) = $session->finish;
chomp $found;
is($found, $result, 'in any order');

# But those that nobody reads yet do not pile up.
$sandbox->clear_log;
$session->execute('BEGIN; DECLARE c CURSOR FOR SELECT * FROM keywords; FETCH 1 FROM c');
cmp_ok(scalar(lists()), '<=', 2 * 4, 'as many pages are asked for ahead as there are connections');
$session->execute('ROLLBACK');
$session->quit;

$few = kept('campaigns', $one, query("SELECT count(*) FROM campaigns $one"));
cmp_ok((kept('campaigns', '', query('SELECT count(*) FROM campaigns')) - $few) / 7, '<', 400,
	'next to nothing is kept of a list that has been read');

# Nor are connections, of which a backend may have a third of its files.
query(q{SELECT pinterest.materialize('by_hour.campaign_report', 'public.by_hour')});
is(query('SELECT count(*) FROM public.by_hour'), $rows, 'reports that are all asked for at first');

#
# Options
#

# What is validated when it is set is not when it is read, as long as that is safe.
my @ids = map { 549755885175 + $_ } 1 .. 1000;
foreach my $case (
	[ [ 1, 2, 2 ], qr/value "2" is given twice/ ],
	[ [ 1, '', 2 ], qr/empty value in option/ ],
	[ [ @ids, $ids[0] ], qr/value "$ids[0]" is given twice/ ])
{
	my ($list, $error) = @$case;
	like((try("ALTER FOREIGN TABLE campaigns OPTIONS (ADD advertiser_id '" . join(',', @$list) . q{')}))[1],
		$error, 'a list is checked when it is set: ' . scalar(@$list));
}
query(q{ALTER FOREIGN TABLE campaigns OPTIONS (ADD advertiser_id '1,2')});

sub forge
{
	my ($name, $value) = @_;
	query(qq{UPDATE pg_foreign_table SET ftoptions = ARRAY(SELECT o FROM unnest(ftoptions) o WHERE o NOT LIKE '$name=%') || ARRAY['$name=$value']
		WHERE ftrelid = 'campaigns'::regclass});
	return;
}

foreach my $case (
	[ 'advertiser_id', '1/../2', qr/ERROR:  invalid value for option "advertiser_id": "1\/\.\.\/2"/ ],
	[ 'advertiser_id', '', qr/ERROR:  invalid value for option "advertiser_id": ""/ ],
	[ 'advertiser_id', '1,,2', qr/ERROR:  invalid value for option "advertiser_id": ""/ ],
	[ 'advertiser_id', '1' x 19, qr/ERROR:  invalid value for option "advertiser_id"/ ],
	[ 'entity_statuses', 'ACTIVE,GONE', qr/ERROR:  invalid value for option "entity_statuses": "GONE"/ ],
	[ 'entity_statuses', '', qr/ERROR:  invalid value for option "entity_statuses": ""/ ],
	[ 'campaign_ids', q{1&x=2}, qr/ERROR:  invalid value for option "campaign_ids"/ ],
	[ 'resource', 'x', qr/ERROR:  invalid value for option "resource": "x"/ ])
{
	my ($name, $value, $error) = @$case;
	$sandbox->clear_log;
	forge($name, $value);
	like((try('SELECT count(*) FROM campaigns'))[1], $error, "a catalog row altered by hand is no way around: $name $value");
	is(scalar($sandbox->log), 0, 'nothing is sent');
	forge($name, $name eq 'resource' ? 'campaigns' : $name eq 'entity_statuses' ? 'ACTIVE' : '1');
}
query('ALTER FOREIGN TABLE campaigns OPTIONS (DROP campaign_ids, DROP entity_statuses)');
forge('advertiser_id', $advertiser);
my $once = query('SELECT count(*) FROM campaigns');
forge('advertiser_id', "$advertiser, $advertiser");
is(query('SELECT count(*) FROM campaigns'), $once, 'a list with a value twice is read, and gives each row once');

done_testing();
