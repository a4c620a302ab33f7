
# Copyright (c) 2026, pinterest_fdw contributors

# What a release takes: the checks find what does not fit, and after a release the
# next version begins.

use strict;
use warnings;

use FindBin;

use File::Basename;
use File::Copy qw(copy);
use File::Path qw(make_path);
use IPC::Run qw(run);
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/..";
my $copy = PostgreSQL::Test::Utils::tempdir();

sub release
{
	my (@arguments) = @_;
	run([ 'python3', "$copy/release/run", @arguments ], '>&', \my $output);
	return $output;
}

sub change
{
	my ($file, $pattern, $replacement) = @_;
	my $text = slurp_file("$copy/$file");
	die "$file has nothing like $pattern" unless $text =~ s/$pattern/$replacement/;
	open(my $out, '>', "$copy/$file") or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return;
}

sub git
{
	my (@arguments) = @_;
	my $output;
	run(
		[ 'git', '-C', $copy, '-c', 'user.name=test', '-c', 'user.email=test@example.org', @arguments ],
		'>&', \$output)
	  or die "git @arguments: $output";
	return;
}

# As it stands
{
	run([ 'python3', "$top/release/run", 'check' ], '>&', \my $output);
	like($output, qr/^ok - version [\d.]+\n$/, 'all places name one version');
}

# As if nothing had been released yet
my @files = qw(release/run pinterest_fdw.control META.json CHANGELOG.md debian/changelog src/base/version.h Makefile);
foreach my $file (@files, map { "sql/script/" . basename($_) } glob "$top/sql/script/*.sql")
{
	make_path(dirname("$copy/$file"));
	copy("$top/$file", "$copy/$file") or die "could not copy $file: $!";
}
my ($version) = slurp_file("$top/pinterest_fdw.control") =~ /^default_version = '(.*)'/m;
change('CHANGELOG.md', qr/^## \Q$version\E \(.*\)/m, "## $version (unreleased)");
change('debian/changelog', qr/\) \w+;/, ') UNRELEASED;');
is(release('check'), "ok - version $version\n", 'so does a copy');

# Each place in turn
my %places = (
	'src/base/version.h' => qr/(?<=FDW_VERSION ")[\d.]+/,
	'META.json' => qr/(?<="version": ")[\d.]+/,
	'CHANGELOG.md' => qr/(?<=^## )[\d.]+/m,
	'debian/changelog' => qr/(?<=\()[\d.]+/);
foreach my $file (sort keys %places)
{
	change($file, $places{$file}, '0.0.7');
	like(release('check'), qr/^not ok - \Q$file\E.*: 0\.0\.7, where pinterest_fdw\.control has \Q$version\E\n$/, "$file is compared");
	change($file, $places{$file}, $version);
}

# A release
my $release = release('check', '--release');
like($release, qr/^not ok - sql\/pinterest_fdw--\Q$version\E\.sql is not frozen/m, 'a script is missing');
like($release, qr/^not ok - CHANGELOG\.md has no date/m, 'and a date');
like($release, qr/^not ok - debian\/changelog says UNRELEASED/m, 'and one of the package');
is(release('freeze'), "wrote sql/pinterest_fdw--$version.sql\n", 'the script is frozen');
release('date', '2026-11-26');
like(slurp_file("$copy/CHANGELOG.md"), qr/^## \Q$version\E \(2026-11-26\)$/m, 'the changelog is dated');
like(slurp_file("$copy/debian/changelog"), qr/^\S+ \(\Q$version\E-1\) unstable;.*?^ -- .*  Thu, 26 Nov 2026 /ms, 'that of the package, too');
is(release('check', '--release'), "ok - version $version, ready\n", 'it is ready');
change('sql/script/schemas.sql', qr/\A/, "-- a change\n");
like(release('check'), qr/^not ok - .*is frozen, but not what sql\/script makes/, 'but not with other parts');

# The frozen script is what the Makefile would have installed.
change('sql/script/schemas.sql', qr/\A-- a change\n/, '');
my $frozen = slurp_file("$copy/sql/pinterest_fdw--$version.sql");
chomp(my $pg_config = $ENV{PG_CONFIG} // 'pg_config');
chomp(my $share = `'$pg_config' --sharedir`);
is($frozen, slurp_file("$share/extension/pinterest_fdw--$version.sql"), 'what is frozen is what is installed');

# The next one
my $next = '99.0.0';
like(release('next', '0.0.1'), qr/does not come after/, 'a version does not go back');
release('next', $next);
is(release('check'), "ok - version $next\n", 'the next version');
ok(-e "$copy/sql/pinterest_fdw--$version--$next.sql", 'has a script that updates');
like(release('next', '99.0.1'), qr/is not frozen/, 'and has to be released before another one');
change('sql/script/schemas.sql', qr/\A/, "-- a change\n");
is(release('check'), "ok - version $next\n", 'its parts can change');
unlink "$copy/sql/pinterest_fdw--$version--$next.sql";
like(release('check'), qr/^not ok - no update leads from \Q$version\E to \Q$next\E/, 'an update is needed');

# Tags
SKIP:
{
	skip 'there is no git', 4 unless eval { run([ 'git', '--version' ], '>&', \my $output) };
	copy("$top/$_", "$copy/$_") foreach @files, 'sql/script/schemas.sql';
	change('CHANGELOG.md', qr/^## \Q$version\E \(.*\)/m, "## $version (2026-11-26)");
	change('debian/changelog', qr/\) \w+;/, ') unstable;');
	git('init', '-q');
	git('add', '-A');
	like(release('check', '--release'), qr/^not ok - there are changes that are not committed\n$/, 'what is not committed is not released');
	git('commit', '-qm', 'all');
	git('tag', "v$version");
	is(release('check', '--release'), "ok - version $version, ready\n", 'a tagged version');
	change("sql/pinterest_fdw--$version.sql", qr/\z/, "-- a change\n");
	like(release('check'), qr/^not ok - sql\/pinterest_fdw--\Q$version\E\.sql is not what v\Q$version\E has/m, 'a released script does not change');
	like(release('freeze'), qr/is released: its script stays as it is/, 'nor is it frozen again');
}

done_testing();
