
# Copyright (c) 2026, pinterest_fdw contributors

# No room for temporary files, or for the table itself: a refresh fails, says so, and
# leaves all as it was; the next one works.
#
# PINTEREST_SMALL_DISK names an empty directory on a file system of some megabytes.

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
	campaigns => 40,
	ad_groups => 3,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main', q{
	timezone = 'UTC'
	jit = off
	autovacuum = off
	work_mem = 64kB
	hash_mem_multiplier = 1
	maintenance_work_mem = 1MB
	default_statistics_target = 1});
my $start = PinterestSandbox::day(30);
$sandbox->connect($node, options => "historical_date '$start', report_reuse '0'");

sub query { return $node->safe_psql('postgres', $_[0]); }

# The last thing that a statement says, with SQLSTATE; after some settings
sub try
{
	my ($sql, $settings) = @_;
	return PinterestSandbox::answer($node, join ';', $settings // (), $sql);
}

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (ad_group_report, campaigns) FROM SERVER pinterest INTO live;
	SELECT pinterest.materialize('live.ad_group_report', 'ads.report');
	SELECT pinterest.materialize('live.campaigns', 'ads.campaigns')});
my $contents = q{SET work_mem = '100MB'; SELECT count(*), md5(string_agg(r::text, ' ' ORDER BY r::text)) FROM ads.report AS r};
my $registry = q{SELECT m FROM pinterest_internal.materialized_tables AS m ORDER BY target::text};
my $status = q{SELECT status, last_error FROM pinterest.status WHERE target = 'ads.report'::regclass};
my $log = q{SELECT outcome, sqlstate FROM pinterest.refresh_log WHERE target_name = 'ads.report' ORDER BY id DESC LIMIT 1};

# Temporary files that there are, anywhere
sub left
{
	return query(q{
		SELECT count(*) FROM pg_tablespace AS t, pg_ls_tmpdir(t.oid) WHERE spcname <> 'pg_global'});
}

# What differs from Pinterest, which takes no room to find out
sub differences
{
	my $table = $_[0] // 'ads.report';
	return query(qq{
		SET work_mem = '100MB';
		SELECT count(*) FROM ((TABLE $table EXCEPT TABLE live.ad_group_report)
			UNION ALL (TABLE live.ad_group_report EXCEPT TABLE $table)) AS x});
}

# A refresh that fails changes nothing.
sub fails_whole
{
	my ($name, $sqlstate, $settings) = @_;
	my $before = query($contents);
	my $registered = query($registry);

	like(try(q{SELECT pinterest.refresh('ads.report')}, $settings), qr/ERROR:  $sqlstate: /, "$name: a refresh fails");
	is(query($contents), $before, "$name: the table is as it was");
	is(query($registry), $registered, "$name: as is what is known of it");
	like(query($status), qr/^failed\|/, "$name: status says so");
	is(query($log), "failed|$sqlstate", "$name: and the log");
	is(left(), 0, "$name: no temporary file is left");

	# the others are refreshed all the same
	query(q{DELETE FROM ads.campaigns});
	my $all = try('CALL pinterest.refresh_all()', $settings);
	like($all, qr/$sqlstate/, "$name: refresh_all fails");
	is(query($contents), $before, "$name: with the table as it was");
	is(query(q{SELECT count(*) FROM ads.campaigns}), 40, "$name: but refreshes those that have room");

	# a table that is new takes its rows as they come
	like(try(q{SELECT pinterest.materialize('live.ad_group_report', 'ads.new')}, $settings),
		qr/^ads\.new$/, "$name: a table that is new needs no temporary files");
	is(differences('ads.new'), 0, "$name: to be what Pinterest has");
	query('DROP TABLE ads.new');
	is(query($registry), $registered, "$name: and is forgotten");
	is(left(), 0, "$name: no temporary file is left");
	return;
}

sub works
{
	my ($name) = @_;
	like(try(q{SELECT inserted + updated > 0 FROM pinterest.refresh('ads.report')}), qr/^t$/, "$name: the next refresh works");
	is(differences(), 0, "$name: and the table is what Pinterest has");
	is(query($log), 'succeeded|', "$name: as the log says");
	like(query($status), qr/^ready\|/, "$name: and status");
	return;
}

# A session that stays keeps neither files nor locks.
sub stays
{
	my ($name, $sqlstate, $settings, $end) = @_;
	my $session = PsqlSession->new($node);

	$sandbox->next_revision;
	$session->execute($settings);
	foreach my $call (q{SELECT pinterest.refresh('ads.report')}, 'CALL pinterest.refresh_all()')
	{
		like($session->execute($call), qr/$sqlstate/, "$name: $call fails in a session that stays");
		is(left(), 0, "$name: no temporary file is left meanwhile");
		is($session->execute(q{SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype IN ('object', 'advisory')}),
			0, "$name: and no lock");
	}
	$end->() if $end;
	works("$name: while it is there");
	$session->quit;
	return;
}

#
# temp_file_limit
#

$sandbox->next_revision;
fails_whole('temp_file_limit', '53400', q{SET temp_file_limit = '100kB'});
works('temp_file_limit');

# in the middle of one session
$sandbox->next_revision;
is( try(q{
		SELECT deleted < 0 FROM pinterest.refresh('ads.report');
		RESET temp_file_limit;
		SELECT unchanged > 0 FROM pinterest.refresh('ads.report')}, q{SET temp_file_limit = '100kB'})
	  =~ s/^(?:ERROR|DETAIL|HINT|CONTEXT).*//gmr =~ s/\n//gr,
	't', 'the same session goes on');
is(differences(), 0, 'to what Pinterest has');

stays('temp_file_limit', '53400', q{SET temp_file_limit = '100kB'});

# A query does not need the files in which it puts aside what it reads later.
{
	my $count = 'SELECT count(*), count(DISTINCT r::text) FROM live.weeks AS r';
	my $session = PsqlSession->new($node);
	query(q{CREATE FOREIGN TABLE live.weeks (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'week', historical_date '500 days')});
	$session->execute(q{SET work_mem = '100MB'; SET temp_file_limit = '100kB'});
	my $expected = $session->execute($count);
	like($expected, qr/^\d+\|\d+$/, 'a query');
	$sandbox->faults({ match => { host => 'download' }, drip => 0.01 });
	$sandbox->clear_log;
	$session->begin($count);
	wait_until('other downloads', sub { grep({ $_->{host} eq 'download' } $sandbox->log) >= 3 });
	query('SELECT pg_sleep(1)');    # it finds nothing to read for that long
	$sandbox->clear_faults;
	my ($found, $error) = $session->finish;
	chomp $found;
	is("$found$error", $expected, 'that has no room for them beside a slow report');
	is($session->execute('SELECT 1'), 1, 'and the session goes on');
	$session->quit;
}

#
# A disk that is full
#

SKIP:
{
	my $disk = $ENV{PINTEREST_SMALL_DISK};
	skip 'PINTEREST_SMALL_DISK does not name a small disk', 1 unless defined $disk;
	skip 'PINTEREST_SMALL_DISK cannot be written to', 1 unless -d $disk && -w $disk;
	my ($directory, $temporary) = ("$disk/tablespace", "$disk/temporary");
	foreach my $each ($directory, $temporary)
	{
		mkdir $each or die "could not make $each: $!";
	}
	query("CREATE TABLESPACE small LOCATION '$directory'");

	# Files that outlast a transaction are here, wherever temp_tablespaces has the others.
	my $default = $node->data_dir . '/base/pgsql_tmp';
	rmdir $default;
	symlink $temporary, $default or die "could not replace $default: $!";

	# All that is free, or all but so many kilobytes
	my $fill = sub {
		my ($left) = @_;
		unlink "$disk/filler";
		system("dd if=/dev/zero of='$disk/filler' bs=4k >/dev/null 2>&1");
		truncate("$disk/filler", (-s "$disk/filler") - 1024 * $left) or die $! if $left;
		return;
	};

	$sandbox->next_revision;
	$fill->(0);
	fails_whole('temporary files', '53100', q{SET temp_tablespaces = 'small'});
	unlink "$disk/filler";
	works('temporary files');

	# It is full of them.
	$fill->(120);
	stays('a full disk', '53100', q{SET temp_tablespaces = 'small'}, sub { unlink "$disk/filler" });

	# The table itself is there.
	query(q{ALTER TABLE ads.report SET TABLESPACE small});
	$sandbox->next_revision;
	query(q{DELETE FROM ads.report WHERE date < (SELECT max(date) - 10 FROM ads.report); CHECKPOINT});
	$fill->(40);
	my $before = query($contents);
	like(try(q{SELECT pinterest.refresh('ads.report')}), qr/ERROR:  53100: /, 'no room for rows: a refresh fails');
	is(query($contents), $before, 'no room for rows: the table is as it was');
	is(query($log), 'failed|53100', 'no room for rows: as the log says');
	unlink "$disk/filler";
	query('VACUUM ads.report');
	works('no room for rows');
	query(q{ALTER TABLE ads.report SET TABLESPACE pg_default; DROP TABLESPACE small});
	unlink $default;
	rmdir $_ foreach $directory, $temporary;
}

$node->stop;
done_testing();
