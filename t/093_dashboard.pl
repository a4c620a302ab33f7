
# Copyright (c) 2026, pinterest_fdw contributors

# The dashboard of examples/dashboard: built from copies of a sandbox with accounts in two
# currencies, opened in a browser without a window, and what it shows compared with SQL.
# Its npm packages are those in examples/dashboard or in the folder that
# PINTEREST_DASHBOARD_MODULES names; with TEST_CLIENTS=install they are downloaded.

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
my $dir = PostgreSQL::Test::Utils::tempdir();
my $site = "$dir/dashboard";

# Runs a command until it ends, in the dashboard's folder if there is one: whether it
# succeeded, and what it said.  A limit ends what hangs: a build takes minutes of a
# processor, which others may use, too.
sub run_there
{
	my (@command) = @_;
	my $out = '';

	local @ENV{qw(HOME npm_config_cache CI SEND_ANONYMOUS_USAGE_STATS)} = ($dir, "$dir/npm", 1, 'no');

	# Node.js has its own list of authorities: use the system's, too.
	local $ENV{NODE_EXTRA_CA_CERTS} = $ENV{NODE_EXTRA_CA_CERTS} // '/etc/ssl/certs/ca-certificates.crt';
	my $limit = IPC::Run::timeout(10 * $PostgreSQL::Test::Utils::timeout_default);
	my $ok = eval {
		IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>&1', init => sub { chdir $site if -d $site; }, $limit);
	};
	return ($ok, $out . ($@ // ''));
}

sub installed
{
	my ($program) = @_;
	return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

my ($version) = (run_there('node', '--version'))[1] =~ /^v(\d+)/;
plan skip_all => 'there is no Node.js 20 or newer, or no npm' unless ($version // 0) >= 20 && installed('npm');
plan skip_all => 'there is no Chromium' unless installed('chromium') || installed('chromium-browser') || installed('google-chrome');
plan skip_all => 'there is no ChromeDriver (chromium-driver)' unless installed('chromedriver');

# Builds in a copy.
my ($modules) = grep { defined && -d "$_/\@evidence-dev/evidence" }
  $ENV{PINTEREST_DASHBOARD_MODULES}, "$root/examples/dashboard/node_modules";
plan skip_all => 'the npm packages of examples/dashboard are not installed ("npm ci" there)'
  unless $modules || ($ENV{TEST_CLIENTS} // '') eq 'install';
run_there('sh', '-c', 'mkdir "$2" && tar -C "$1" --exclude=node_modules --exclude=.evidence --exclude=build -cf - . | tar -C "$2" -xf -',
	'sh', "$root/examples/dashboard", $site);
if ($modules)
{
	symlink($modules, "$site/node_modules") or die "could not make a link: $!";
}
else
{
	# Packages need nothing of what they would run.
	my ($ok, $said) = run_there('npm', 'ci', '--ignore-scripts', '--fetch-timeout=60000');
	my ($reason) = ((grep { /\berr(?:or|!)/i } split /\n/, $said), $said);
	plan skip_all => 'npm could not install the packages: ' . substr($reason, 0, 200) unless $ok;
	run_there('rm', '-rf', "$dir/npm");
}

my $sandbox = PinterestSandbox->new(
	shop => 1,
	advertisers => 2,
	campaigns => 8,
	ad_groups => 1,
	ads => 2,
	report_delay => 0,
	today => PinterestSandbox::day(0));

# Node.js has no sockets of this kind.
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'\nlisten_addresses = '127.0.0.1'\n");
$sandbox->connect($node, options => sprintf(q{historical_date '%s'}, PinterestSandbox::day(66)));
$node->safe_psql('postgres', q{
	CALL pinterest.import_tables('{advertisers,campaigns,ads,targeting_options,advertiser_report,
		campaign_report,ad_report,advertiser_targeting_report}');
	SELECT count(*) FROM pinterest.create_views('reports');
	DROP FOREIGN TABLE pinterest_live.campaigns;});

sub query { return $node->safe_psql('postgres', $_[0]); }
sub rows { return map { [ split /\|/, $_, -1 ] } split /\n/, query($_[0]); }

$ENV{EVIDENCE_SOURCE__pinterest__connectionString} = sprintf 'postgresql://%s@127.0.0.1:%d/postgres',
  scalar(getpwuid($<)), $node->port;

# Builds the page and opens it, in zones that must not shift days: what it shows, and the
# day that it is about; nothing if one of these fails.  The queries are about today: once
# more, if it was another day at their end.
sub build_page
{
	my ($charts, $what) = @_;
	my ($today, $ok, $said);
	do
	{
		$today = query('SELECT current_date');
		($ok, $said) = run_there('env', 'TZ=Europe/Berlin', "$site/node_modules/.bin/evidence", 'sources');
	} while ($ok && $today ne query('SELECT current_date'));
	ok($ok, "$what: the queries run") or diag($said);
	($ok, $said) = run_there('env', 'TZ=Europe/Berlin', "$site/node_modules/.bin/evidence", 'build') if $ok;
	ok($ok, "$what: the page is built") or diag($said);
	($ok, $said) = run_there('env', 'TZ=America/Los_Angeles', 'python3', "$root/test/clients/dashboard.py", "$site/build", $charts) if $ok;
	ok($ok, "$what: a browser opens it") or diag($said);
	return unless $ok;
	my $page = decode_json($said);
	unlike($page->{text}, qr/Loading|undefined|NaN|Error|No Results|Dataset is empty/, "$what: nothing is missing");
	return ($page, $today);
}

my $charts = () = slurp_file("$site/pages/index.md") =~ /^<BarChart/mg;
my ($page, $today) = build_page($charts, 'a shop');
if (!$page)
{
	done_testing();
	exit;
}

# Whether a figure is shown in a format such as '#,##0' or '0.00%'
sub shows
{
	my ($shown, $figure, $format) = @_;
	return $shown eq '-' if $figure eq '';
	my ($sign, $decimals, $unit) = $format =~ /^(\+?)[#,0]+(?:\.(0+))?(.*)$/ or die;
	my $digits = length($decimals // '');
	my $thousands = $format =~ /,/ ? qr/\d{1,3}(?:,\d{3})*/ : qr/\d+/;
	my $fraction = $digits ? qr/\.\d{$digits}/ : '';
	return 0 unless $shown =~ /^([+-]?)($thousands$fraction)\Q$unit\E$/ && ($1 eq '+') == ($sign && $figure >= 0);
	my $is = $2 =~ tr/,//dr * ($1 eq '-' ? -1 : 1);
	my $factor = { '%' => 100, 'M' => 1e-6 }->{$unit} // 1;
	return abs($is - $figure * $factor) <= 0.5 * 10**-$digits * (1 + 1e-6) + 1e-12 * abs $is;
}

# Compares a table with rows; a column without a format is text.
sub compare_table
{
	my ($heading, $formats, @expected) = @_;
	my ($table) = grep { $_->[0][0] eq $heading } @{ $page->{tables} };
	my @shown = @{ $table // [''] };
	shift @shown;
	is(scalar(@shown), scalar(@expected), "table $heading: rows");
	foreach my $row (@expected)
	{
		my $is = shift @shown // [];
		my @wrong = grep {
			my ($shown, $value) = ($is->[$_] // '', $row->[$_]);
			$formats->[$_] ? !shows($shown, $value, $formats->[$_]) : $shown ne ($value eq '' ? '-' : $value);
		} 0 .. $#$row;
		is("@wrong", '', "table $heading: $row->[0]") or diag("shows @$is\nis    @$row");
	}
	return;
}

# Whether sizes are in the proportion of figures, with room for a fifth of a pixel
sub proportional
{
	my ($sizes, @figures) = @_;
	my ($largest) = sort { $figures[$b] <=> $figures[$a] } 0 .. $#figures;
	return @figures && @{ $sizes // [] } == @figures
	  && !grep { abs($sizes->[$_] - $sizes->[$largest] * $figures[$_] / $figures[$largest]) > 0.2 } 0 .. $#figures;
}

sub chart
{
	my ($title) = @_;
	return (grep { $_->{title} eq $title } @{ $page->{charts} })[0] // {};
}

my $currency = query('SELECT currency FROM reports.advertiser GROUP BY 1 ORDER BY sum(spend_in_dollar) DESC LIMIT 1');
is(query('SELECT count(DISTINCT currency) FROM reports.advertiser'), 2, 'there are two currencies');
like($page->{text}, qr/Amounts are in \Q$currency\E\./, 'the page is about the one with most spend');

my $of_weeks = q{sum(spend_in_dollar), sum(total_impression), sum(total_clickthrough),
	sum(total_clickthrough) / sum(total_impression), sum(spend_in_dollar) / sum(total_clickthrough), sum(total_checkout),
	sum(total_checkout_value_in_micro_dollar) / 1000000, sum(total_checkout_value_in_micro_dollar) / 1000000 / sum(spend_in_dollar)};
my $whole = "reports.advertiser_by_week WHERE week < date_trunc('week', date '$today') AND currency = '$currency'";

# Key figures: of four weeks, and compared with four before
my ($now, $before) = rows(qq{SELECT $of_weeks FROM $whole AND week >= date_trunc('week', date '$today') - interval '8 weeks'
	GROUP BY week >= date_trunc('week', date '$today') - interval '4 weeks' ORDER BY min(week) DESC});
my %at = (Spend => [ 0, '#,##0' ], Impressions => [ 1, '#,##0.0M' ], Clicks => [ 2, '#,##0' ], 'Click rate' => [ 3, '0.00%' ],
	'Cost per click' => [ 4, '0.00' ], 'Return on ad spend' => [ 7, "0.00\x{d7}" ]);
foreach my $name (sort keys %at)
{
	my ($place, $format) = @{ $at{$name} };
	my ($shown, $change) = $page->{text} =~ /^\Q$name\E\n+(\S+)\n+(?:\S+ )?([+-]\S+)$/m;
	ok(shows($shown // '', $now->[$place], $format), "$name: $now->[$place]") or diag($shown);
	ok(shows($change // '', $now->[$place] / $before->[$place] - 1, '+0.0%'), "$name: change from $before->[$place]") or diag($change);
}

# Weeks, newest first
my @weeks = rows("SELECT week, $of_weeks FROM $whole GROUP BY week ORDER BY week DESC");
compare_table('Week of', [ undef, ('#,##0') x 3, '0.00%', '0.00', ('#,##0') x 2, "0.00\x{d7}" ], @weeks[ 0 .. 7 ]);
my %drawn = ('Spend and return on ad spend' => [ 1, 8 ], 'Impressions and cost per click' => [ 2, 5 ], 'Clicks and click rate' => [ 3, 4 ]);
foreach my $title (sort keys %drawn)
{
	my ($bar, $line) = @{ $drawn{$title} };
	ok(proportional(chart($title)->{heights}, map { $_->[$bar] } reverse @weeks), "$title: bars");
	ok(proportional(chart($title)->{points}, map { $_->[$line] } reverse @weeks), "$title: line");
}

# Campaigns: those of the last 28 days that spent most, and of each the Pin of such an ad
my $recent = "currency = '$currency' AND date BETWEEN date '$today' - 28 AND date '$today' - 1";
my $ratios = 'sum(total_clickthrough) / sum(total_impression), sum(spend_in_dollar) / sum(total_clickthrough)';
my @campaigns = rows(qq{
	SELECT campaign_name, sum(spend_in_dollar), sum(total_impression), sum(total_clickthrough), $ratios,
	       sum(total_checkout_value_in_micro_dollar) / 1000000 / sum(spend_in_dollar),
	       (SELECT a.name || ' https://www.pinterest.com/pin/' || a.pin_id || '/' FROM pinterest_ads.ads AS a
	          JOIN reports.ad AS r USING (ad_id) WHERE a.campaign_id = c.campaign_id AND $recent
	         GROUP BY a.name, a.pin_id ORDER BY sum(r.spend_in_dollar) DESC LIMIT 1)
	  FROM reports.campaign AS c WHERE $recent GROUP BY campaign_id, campaign_name ORDER BY 2 DESC LIMIT 10});
compare_table('Campaign', [ undef, ('#,##0') x 3, '0.00%', '0.00', "0.00\x{d7}", undef ], @campaigns);

# Breakdowns
my %type = ('Spend by age' => 'AGE_BUCKET', 'Spend by device' => 'APPTYPE', 'Spend by country' => 'COUNTRY');
foreach my $title (sort keys %type)
{
	my @expected = rows(qq{
		SELECT coalesce(o.name, initcap(replace(r.targeting_value, '_', ' '))), sum(r.spend_in_dollar)
		  FROM pinterest_ads.advertiser_targeting_report AS r JOIN pinterest_ads.advertisers AS a USING (advertiser_id)
		  LEFT JOIN pinterest_ads.targeting_options AS o
		    ON o.code = r.targeting_value AND o.targeting_type = CASE r.targeting_type WHEN 'COUNTRY' THEN 'LOCATION' ELSE r.targeting_type END
		 WHERE r.targeting_type = '$type{$title}' AND $recent GROUP BY 1 ORDER BY 2});
	my %shown = map { $_->[1] => $_->[0] } @{ chart($title)->{beside} // [] };
	my %width;
	@width{ map { $_->[1] } @{ chart($title)->{beside} // [] } } = @{ chart($title)->{widths} // [] };
	is(join(',', sort keys %shown), join(',', sort map { $_->[0] } @expected), "$title: which");
	is(join(',', map { $_->[0] } grep { !shows($shown{ $_->[0] } // '', $_->[1], '#,##0') } @expected), '',
		"$title: how much");
	ok(proportional([ map { $width{ $_->[0] } // 0 } @expected ], map { $_->[1] } @expected), "$title: bars");
}

# Freshness and problems
compare_table('Table', [ undef, undef, '#,##0', (undef) x 3 ], rows(q{
	SELECT target, status, rows, data_from, data_to, to_char(last_success_at, 'YYYY-MM-DD HH24:MI')
	  FROM pinterest.status ORDER BY target::text}));
compare_table('Problem', [], rows(q{
	SELECT problem, target, advertiser_id, to_char(since, 'YYYY-MM-DD HH24:MI'), detail, hint FROM pinterest.problems}));
unlike($page->{text}, qr/All is well/, 'with a problem it does not say that all is well');

# Of an account that has not begun there is nothing to show, and that is said.
query('TRUNCATE pinterest_ads.advertiser_report, pinterest_ads.campaign_report, pinterest_ads.ad_report,
	pinterest_ads.advertiser_targeting_report');
my ($empty) = build_page(0, 'no spend');
foreach my $words ('Nothing was spent', 'No week is there in full yet', 'No campaign has spent anything', 'Nobody has seen them')
{
	like($empty->{text} // '', qr/$words/, "no spend: $words");
}
unlike($page->{text}, qr/Nothing was spent|No week|No campaign|Nobody/, 'a shop: nothing of that');

$node->stop;
done_testing();
