
# Copyright (c) 2026, pinterest_fdw contributors

# From an empty database to tables that are loaded on schedule, in four statements.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();
my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', join "\n",
	"timezone = 'UTC'", "log_statement = ddl",
	q{shared_preload_libraries = 'pg_stat_statements} . ($has_cron ? q{,pg_cron'} : q{'}),
	'pg_stat_statements.track = all', 'pg_stat_statements.track_utility = on',
	$has_cron ? 'cron.launch_active_jobs = off' : '');
my ($id, $secret, $advertiser) = ($sandbox->client_id, $sandbox->client_secret, $sandbox->advertiser);
my $urls = sprintf q{{"api_url": "%s", "authorization_url": "%s"}}, $sandbox->api_url, $sandbox->authorization_url;

sub answer { return PinterestSandbox::answer($node, @_) =~ s/\n\z//r; }
sub sql { return $node->safe_psql('postgres', $_[0]); }

# Without the NOTICEs
sub quiet { return answer("SET client_min_messages = warning; $_[0]", @_[ 1 .. $#_ ]); }

sql('CREATE EXTENSION pinterest_fdw; CREATE EXTENSION pg_stat_statements; CREATE ROLE ann LOGIN; CREATE ROLE eve LOGIN;');

#
# connect()
#

my $connect = sub { return 'SELECT pinterest.connect(' . join(', ', @_) . ')' };
my @wrong = ("client_id => '1'", "client_secret => 'wrong'");
my @app = ("client_id => '$id'", "client_secret => '$secret'");
my @all = (@app, "advertiser_id => '$advertiser'", "historical_date => '2026-01-01'", "options => '$urls'");

like(answer($connect->()), qr/^ERROR:  22004: arguments "client_id", "client_secret", "advertiser_id" of pinterest\.connect\(\) are missing\nHINT:  client_id and client_secret are those of your app.* advertiser_id is /,
	'nothing given: all that is missing is named');
like(answer($connect->(@wrong[ 0 .. 0 ], @all[ 2 .. 4 ])), qr/^ERROR:  22004: argument "client_secret" of pinterest\.connect\(\) is missing\nHINT:  client_id and client_secret are/,
	'one missing: it is named');
like(answer($connect->(@wrong)), qr/argument "advertiser_id" of .* is missing\nHINT:  advertiser_id is/, 'another one');
like(answer($connect->("$_ => NULL")), qr/22004: argument "$_" of pinterest\.connect\(\) must not be null/, "$_ is null")
  foreach qw(server scopes options);
like(answer($connect->(@wrong, "advertiser_id => '1'", "options => '$_->[0]'")), $_->[1], "options: $_->[0]")
  foreach
  [ '[1]', qr/22023: argument "options" of .* is not a JSON object/ ],
  [ '{"advertiser_id": "1"}', qr/22023: option "advertiser_id" of .* is given twice/ ],
  [ '{"start_date": "1"}', qr/HV00D: invalid option "start_date".*\nHINT:  Perhaps you meant the option "historical_date"\./ ],
  [ '{"client_id": "1"}', qr/HV00D: .*\nHINT:  Give it as an argument of its own\./ ],
  [ '{"access_token": "1"}', qr/HV00D: .*\nHINT:  Option "access_token" belongs to the user mapping\./ ],
  [ '{"max_connections": [1]}', qr/22023: invalid value for option "max_connections".*\nHINT:  Give a text, a number/ ],
  [ '{"max_connections": 1000}', qr/22023: invalid value for option "max_connections": "1000"/ ];
like(answer($connect->(@wrong, "advertiser_id => '$_->[0]'", "historical_date => '$_->[1]'")), $_->[2], "values: $_->[0] $_->[1]")
  foreach [ 'x', '2026-01-01', qr/22023: invalid value for option "advertiser_id"/ ],
  [ '1', 'x', qr/22023: invalid value for option "historical_date"/ ];
like(answer($connect->(@wrong, q(scopes => '{pins:read}'))), qr/22023: scope "ads:read" is missing/, 'scopes');
is(sql('SELECT count(*) FROM pg_foreign_server'), '0', 'none of these has made anything');
like(answer($connect->(@wrong, "advertiser_id => '1'"), role => 'ann'),
	qr/^ERROR:  42501: permission denied for foreign-data wrapper pinterest_fdw\nDETAIL:  There is no server "pinterest" yet\.\nHINT:  Let a superuser run GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO ann; or create the server and run GRANT USAGE ON FOREIGN SERVER pinterest TO ann\.$/,
	'without the privilege');

# Event triggers see the commands, and no secret
sql(q{CREATE TABLE seen (tag text, query text); GRANT INSERT ON seen TO PUBLIC;
	CREATE FUNCTION see() RETURNS event_trigger LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO seen SELECT command_tag, current_query() FROM pg_event_trigger_ddl_commands(); END$$;
	CREATE EVENT TRIGGER see ON ddl_command_end WHEN TAG IN ('CREATE SERVER', 'ALTER SERVER', 'CREATE USER MAPPING', 'ALTER USER MAPPING') EXECUTE FUNCTION see();
	SELECT pg_stat_statements_reset();});
my $out = answer($connect->(@all));
my ($url) = $out =~ /^(http\S+)/;
like($url // '', qr/client_id=$id&.*&scope=ads:read&state=\w{64}$/, 'returns the URL');
like($out, qr/\nNOTICE:  00000: open the URL in a browser/, 'and says what to do with it');
is(sql('SELECT tag FROM seen'), "CREATE SERVER\nCREATE USER MAPPING", 'event triggers see the commands');
is(sql(q{SELECT count(*) FROM pg_stat_statements WHERE query ~ 'connect\('}), '1', 'pg_stat_statements sees the call');
is(sql("SELECT count(*) FROM pg_stat_statements WHERE strpos(query, '$secret') > 0"), '0', 'and no secret');
is(sql('SELECT srvoptions FROM pg_foreign_server'), sprintf('{advertiser_id=%s,historical_date=2026-01-01,api_url=%s,authorization_url=%s}',
		$advertiser, $sandbox->api_url, $sandbox->authorization_url), 'options of the server');
is(sql(q{SELECT umoptions = ARRAY['client_secret=}  . "$secret', 'client_id=$id'] FROM pg_user_mappings"), 't', 'options of the mapping');

like(answer("SELECT pinterest.authorize('pinterest', '" . $sandbox->browse($url) . "')"), qr/is authorized.*ads:read$/, 'authorized');

# Again
my $tokens = 'SELECT md5(string_agg(t::text, NULL)) FROM pinterest_internal.authorizations t';
my $before = sql($tokens);
sql('TRUNCATE seen');
like(answer($connect->()), qr/^http.*NOTICE:  00000: user "postgres" is authorized at server "pinterest" already/s, 'again, with nothing');
like(quiet($connect->(@all)), qr/^http\S+$/, 'again, with the same');
is(sql('SELECT count(*) FROM seen'), '0', 'nothing is altered');
quiet($connect->("historical_date => '30 days'", q(options => '{"max_connections": 8, "synchronous": false}')));
is(sql('SELECT string_agg(tag, NULL) FROM seen'), 'ALTER SERVER', 'what changed is altered');
like(sql('SELECT srvoptions FROM pg_foreign_server'), qr/historical_date=30 days.*synchronous=off,max_connections=8/, 'and nothing else');
quiet($connect->(q(options => '{"max_connections": null, "synchronous": null, "timeout": null}')));
unlike(sql('SELECT srvoptions FROM pg_foreign_server'), qr/max_connections|synchronous/, 'null: not set any more');
is(sql($tokens), $before, 'the tokens stay');
is(sql(q{SELECT count(*) FROM pinterest.check('pinterest') WHERE NOT ok AND item <> 'advertiser'}), '0', 'and are good');
like(answer($connect->("client_id => '7'")), qr/argument "client_secret" of .* is missing/, 'another app has another secret');
quiet($connect->("client_id => '7'", "client_secret => 'other'"));
is(sql(q{SELECT pinterest_internal.is_authorized(oid, 'postgres'::regrole) FROM pg_foreign_server}), 'f', 'tokens of another app do not count');
quiet($connect->(@app));
is(sql(q{SELECT pinterest_internal.is_authorized(oid, 'postgres'::regrole) FROM pg_foreign_server}), 't', 'those of the first one do again');
quiet($connect->("client_secret => 'renewed'"));
is(sql($tokens), $before, 'a new secret of the same app keeps them');
quiet($connect->(@app));
like(quiet($connect->("scopes => '{ads:read,pins:read}'")), qr/&scope=ads:read,pins:read&/, 'other scopes');

# Others
sql('GRANT USAGE ON FOREIGN SERVER pinterest TO ann');
like(answer($connect->(@wrong, "advertiser_id => '1'"), role => 'ann'),
	qr/^ERROR:  42501: must be owner of foreign server pinterest\nDETAIL:  Its option "advertiser_id" is not as asked for\.\nHINT:  Leave that out/, 'a server of somebody else');
like(quiet($connect->(@app, "advertiser_id => '$advertiser'"), role => 'ann'), qr/^http\S+$/, 'which is used as it is');
like(answer($connect->(@wrong), role => 'eve'), qr/^ERROR:  42501: permission denied for foreign server pinterest/, 'without USAGE');
sql('GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO eve');
like(quiet($connect->(@app, "advertiser_id => '1'", q(server => 'Eve''s "own"')), role => 'eve'), qr{^https://www\.pinterest\.com/oauth/}, 'a server of one\'s own, whose name has quotes');
is(sql(q{SELECT srvname FROM pg_foreign_server WHERE srvowner = 'eve'::regrole}), q{Eve's "own"}, 'is there');
like(answer($connect->(@wrong, q(advertiser_id => '1'), "server => '" . 'x' x 64 . "'")), qr/42622: name of a server is too long/, 'a name that would be cut');
like(answer('BEGIN READ ONLY; ' . $connect->() . '; ROLLBACK'), qr/25006: cannot execute pinterest\.connect\(\)/, 'read only');

done_testing();
