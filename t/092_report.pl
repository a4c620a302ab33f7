
# Copyright (c) 2026, pinterest_fdw contributors

# What examples and docs/bi-tools.md put on the copies: the report in psql, with and
# without values, and the views for dbt, which have the columns that its package names.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use Documents;
use File::Basename;
use IPC::Run;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = dirname($FindBin::RealBin);
my $sandbox = PinterestSandbox->new(
	shop => 1,
	campaigns => 4,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node, options => sprintf(q{historical_date '%s'}, PinterestSandbox::day(60)));
$node->safe_psql('postgres', q{
	CALL pinterest.import_tables('{advertisers,campaigns,ads,advertiser_report,campaign_report,ad_report}');
	SELECT count(*) FROM pinterest.create_views('Odd "views');
	SELECT count(*) FROM pinterest.create_views('reports');});

sub query { return $node->safe_psql('postgres', $_[0]); }

# Runs the report in a psql, after other commands.
sub report
{
	my ($before) = @_;
	my ($out, $err) = ('', '');
	my $in = "$before\n\\i $root/examples/report.psql\n";
	my $ok = IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
		'<', \$in, '>', \$out, '2>', \$err);
	is("$ok|$err", '1|', "the report after: $before");
	return $out;
}

my $report = report('');
my ($week, $spend) = split /\|/, query(q{SELECT week, to_char(sum(spend_in_dollar), 'FM999,999,990')
	FROM reports.advertiser_by_week WHERE week < date_trunc('week', current_date) GROUP BY week ORDER BY week DESC LIMIT 1});
like($report, qr/^ $week \|\s+\Q$spend\E \|.*█/m, 'the last whole week with its spend and a bar');
is(() = $report =~ /^ \d{4}-\d\d-\d\d \|/mg,
	query(q{SELECT count(*) FROM reports.advertiser_by_week WHERE week < date_trunc('week', current_date)}), 'all whole weeks');
like($report, qr/^By week, in USD$/m, 'and the currency');
my ($campaign, $of) = split /\|/, query(q{SELECT campaign_name, to_char(sum(spend_in_dollar), 'FM999,999,990')
	FROM reports.campaign WHERE date BETWEEN current_date - 28 AND current_date - 1 GROUP BY 1 ORDER BY sum(spend_in_dollar) DESC LIMIT 1});
like($report, qr/^ \Q$campaign\E\s+\|\s+\Q$of\E \|.*(?:█){24}/m, 'the campaign that spent most has the longest bar');
like($report, qr/^There is no table advertiser_targeting_report/m, 'no breakdowns without their table');
like($report, qr/^ pinterest_ads\.campaign_report +\| ready /m, 'freshness');
like($report, qr/^All is well/m, 'no problems');

query(q{CALL pinterest.import_tables('{advertiser_targeting_report}')});
$report = report(q{\set reports 'Odd "views'
\set days 7
\set weeks 2
\set breakdown GENDER
\set currency USD});
is(() = $report =~ /^ \d{4}-\d\d-\d\d \|/mg, 2, 'as many weeks as were asked for');
like($report, qr/^GENDER, last 7 days$/m, 'another breakdown');
($of) = query(q{SELECT to_char(sum(spend_in_dollar), 'FM999,999,990') FROM pinterest_ads.advertiser_targeting_report
	WHERE targeting_type = 'GENDER' AND targeting_value = 'female' AND date BETWEEN current_date - 7 AND current_date - 1});
like($report, qr/^ female\s+\|\s+\Q$of\E \|/m, 'with its figures');
query(q{DROP FOREIGN TABLE pinterest_live.ads});
like(report(''), qr/^What somebody has to see to\n.*pinterest_ads\.ads/ms, 'a problem is shown');

#
# dbt
#

my %columns = (
	advertiser_history => 'id name country currency created_time updated_time owner_user_id owner_username permissions',
	campaign_history => 'id advertiser_id name status created_time start_time end_time budget_spend_cap lifetime_spend_cap
		objective_type default_ad_group_budget_in_micro_currency is_automated_campaign is_campaign_budget_optimization is_flexible_daily_budgets',
	ad_group_history => 'id ad_account_id campaign_id name status summary_status created_time start_time end_time pacing_delivery_type placement_group',
	pin_promotion_history => 'id ad_account_id ad_group_id name pin_id status review_status creative_type destination_url android_deep_link
		ios_deep_link click_tracking_url view_tracking_url is_pin_deleted is_removable created_time updated_time',
	keyword_history => 'id _fivetran_id advertiser_id campaign_id ad_group_id value match_type bid archived parent_type',
	advertiser_report => '',
	campaign_report => 'campaign_id campaign_name campaign_status',
	ad_group_report => 'campaign_id ad_group_id ad_group_name ad_group_status',
	pin_promotion_report => 'campaign_id ad_group_id pin_promotion_id',
	keyword_report => 'campaign_id ad_group_id ad_group_name ad_group_status pin_promotion_id keyword_id',
	pin_promotion_targeting_report => 'campaign_id ad_group_id pin_promotion_id targeting_type targeting_value',
	targeting_geo => 'country_id country_name',
	targeting_geo_region => 'country_id region_id region_name');
my $metrics = 'date advertiser_id impression_1 impression_2 clickthrough_1 clickthrough_2 spend_in_micro_dollar
	total_conversions total_conversions_quantity total_conversions_value_in_micro_dollar';

query('DROP EXTENSION pinterest_fdw CASCADE; DROP SCHEMA pinterest_ads, pinterest_live, reports CASCADE');
$sandbox->connect($node, options => sprintf(q{historical_date '%s'}, PinterestSandbox::day(10)));
foreach my $block (grep { $_->{text} =~ /import_tables|dbt_source/ && $_->{language} eq 'sql' }
	Documents::blocks(slurp_file("$root/docs/bi-tools.md")))
{
	is($node->psql('postgres', $block->{text}), 0, "docs/bi-tools.md, line $block->{line}");
}
foreach my $view (sort keys %columns)
{
	my $names = "$columns{$view} _fivetran_synced" . ($view =~ /_report$/ ? " $metrics" : '');
	my $sql = sprintf 'SELECT count(*) > 0, count(*) = count(_fivetran_synced) FROM (SELECT %s FROM dbt_source.%s) AS v',
	  join(', ', split ' ', $names), $view;
	is(query($sql), 't|t', "dbt: $view has rows and the columns that are read");
}

$node->stop;
done_testing();
