
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

OwnInstallation - an installation of PostgreSQL whose extensions a test can change

=head1 SYNOPSIS

  my $installation = OwnInstallation->new;
  $installation->script('pinterest_fdw--2.0.0.sql', $text);
  my $node = $installation->node('main');

It is the one that is tested: PostgreSQL finds its files by the place of its programs,
so copies of these elsewhere use other control files and scripts, and the same
library.

=cut

package OwnInstallation;

use strict;
use warnings;

use File::Basename;
use File::Copy;
use File::Path qw(make_path);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

use PinterestSandbox;

sub new
{
	my ($class) = @_;
	my $self = bless { root => PostgreSQL::Test::Utils::tempdir() }, $class;
	my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
	foreach my $kind (qw(bindir sharedir pkglibdir))
	{
		chomp($self->{$kind} = `'$pg_config' --$kind`);
	}
	make_path(map { "$self->{root}$self->{$_}" } qw(bindir sharedir));
	make_path(dirname("$self->{root}$self->{pkglibdir}"));
	symlink($self->{pkglibdir}, "$self->{root}$self->{pkglibdir}")
	  or die "could not link $self->{pkglibdir}: $!";
	my @programs = qw(postgres initdb pg_ctl pg_config);
	$self->link_all($self->{bindir}, qr/^(?:@{[ join '|', @programs ]})$/);
	foreach my $program (@programs)
	{
		my $copy = "$self->{root}$self->{bindir}/$program";
		copy("$self->{bindir}/$program", $copy) or die "could not copy $program: $!";
		chmod 0755, $copy;
	}
	$self->link_all($self->{sharedir}, qr/^extension$/);
	mkdir "$self->{root}$self->{sharedir}/extension";
	$self->link_all("$self->{sharedir}/extension", qr/^pinterest_fdw\b/);
	$self->script($_, $self->original($_)) foreach $self->originals;
	return $self;
}

# Links to all that is in a directory, but for names like a pattern.
sub link_all
{
	my ($self, $directory, $except) = @_;
	foreach my $path (glob "$directory/*")
	{
		my $name = basename($path);
		next if $name =~ $except;
		symlink($path, "$self->{root}$directory/$name") or die "could not link $path: $!";
	}
	return;
}

# The names of the extension's files, as they are installed
sub originals
{
	my ($self) = @_;
	return map { basename($_) } glob "$self->{sharedir}/extension/pinterest_fdw*";
}

sub original
{
	my ($self, $name) = @_;
	return slurp_file("$self->{sharedir}/extension/$name");
}

# Writes one of them.
sub script
{
	my ($self, $name, $text) = @_;
	my $file = "$self->{root}$self->{sharedir}/extension/$name";
	open(my $out, '>', $file) or die "could not write $file: $!";
	print $out $text;
	close $out or die "could not write $file: $!";
	return;
}

# A cluster that runs on it
sub node
{
	my ($self, $name, $conf) = @_;
	my $bindir = "$self->{root}$self->{bindir}";
	local $ENV{PG_CONFIG} = "$bindir/pg_config";
	my $node =
	  PostgreSQL::Test::Cluster->new($name, install_path => $bindir =~ s{/bin$}{}r);
	PinterestSandbox::init_node($node);
	$node->append_conf('postgresql.conf', $conf) if defined $conf;
	$node->start;
	return $node;
}

1;
