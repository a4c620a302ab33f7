EXTENSION = pinterest_fdw
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(srcdir)/$(EXTENSION).control)

MODULE_big = pinterest_fdw

# A file of src/ includes headers of its own folder, and of those before it in
# this order, where those with a comma between them do not know each other;
# test/includes checks it:
# base < catalog, http, json < option < auth, request < api < source
# < fdw, refresh < schedule < setup < check < pinterest_fdw.c
OBJS = \
	pinterest_fdw.o \
	src/api/call.o \
	src/api/link.o \
	src/api/quota.o \
	src/api/session.o \
	src/api/verdict.o \
	src/auth/authorize.o \
	src/auth/authrequest.o \
	src/auth/client.o \
	src/auth/endpoint.o \
	src/auth/identity.o \
	src/auth/mapping.o \
	src/auth/needs.o \
	src/auth/renewal.o \
	src/auth/scopehint.o \
	src/auth/token.o \
	src/auth/tokenstore.o \
	src/base/argument.o \
	src/base/dates.o \
	src/base/extension.o \
	src/base/progress.o \
	src/base/relation.o \
	src/base/said.o \
	src/base/secret.o \
	src/base/subxact.o \
	src/base/tally.o \
	src/base/tempfile.o \
	src/base/text.o \
	src/base/version.o \
	src/base/worker.o \
	src/catalog/catalog.o \
	src/catalog/listing.o \
	src/catalog/scope.o \
	src/check/advertisers.o \
	src/check/check.o \
	src/check/steps.o \
	src/check/tokens.o \
	src/ddl.o \
	src/events.o \
	src/fdw/analyticsplan.o \
	src/fdw/analyze.o \
	src/fdw/clause.o \
	src/fdw/daytest.o \
	src/fdw/explain.o \
	src/fdw/modify.o \
	src/fdw/plan.o \
	src/fdw/scan.o \
	src/fdw/statement.o \
	src/http/answer.o \
	src/http/http.o \
	src/http/rate.o \
	src/http/sockets.o \
	src/http/spec.o \
	src/http/url.o \
	src/json/apierror.o \
	src/json/broken.o \
	src/json/document.o \
	src/json/prepare.o \
	src/json/row.o \
	src/json/stream.o \
	src/option/column.o \
	src/option/guess.o \
	src/option/import.o \
	src/option/key.o \
	src/option/option.o \
	src/option/settings.o \
	src/option/value.o \
	src/refresh/actor.o \
	src/refresh/announce.o \
	src/refresh/apply.o \
	src/refresh/asked.o \
	src/refresh/batch.o \
	src/refresh/busy.o \
	src/refresh/caller.o \
	src/refresh/children.o \
	src/refresh/difference.o \
	src/refresh/download.o \
	src/refresh/extent.o \
	src/refresh/fingerprint.o \
	src/refresh/foreign.o \
	src/refresh/freshness.o \
	src/refresh/gone.o \
	src/refresh/guard.o \
	src/refresh/input.o \
	src/refresh/inspect.o \
	src/refresh/key.o \
	src/refresh/kind.o \
	src/refresh/load.o \
	src/refresh/lock.o \
	src/refresh/log.o \
	src/refresh/match.o \
	src/refresh/materialize.o \
	src/refresh/partitions.o \
	src/refresh/parts.o \
	src/refresh/prints.o \
	src/refresh/provenance.o \
	src/refresh/refresh.o \
	src/refresh/refreshall.o \
	src/refresh/registry.o \
	src/refresh/repeated.o \
	src/refresh/rows.o \
	src/refresh/spool.o \
	src/refresh/sql.o \
	src/refresh/statement.o \
	src/refresh/statistics.o \
	src/request/estimate.o \
	src/request/request.o \
	src/request/valueset.o \
	src/request/window.o \
	src/schedule/cronexpr.o \
	src/schedule/jobs.o \
	src/schedule/pgcron.o \
	src/schedule/run.o \
	src/schedule/schedule.o \
	src/schedule/store.o \
	src/schedule/words.o \
	src/setup/connect.o \
	src/setup/importtables.o \
	src/setup/importtemplate.o \
	src/setup/objects.o \
	src/setup/plan.o \
	src/setup/usage.o \
	src/source/analytics.o \
	src/source/aside.o \
	src/source/convert.o \
	src/source/idset.o \
	src/source/label.o \
	src/source/list.o \
	src/source/listopen.o \
	src/source/listpage.o \
	src/source/listpath.o \
	src/source/loaded.o \
	src/source/making.o \
	src/source/metrics.o \
	src/source/optionpage.o \
	src/source/order.o \
	src/source/parent.o \
	src/source/pinmedia.o \
	src/source/poll.o \
	src/source/reader.o \
	src/source/ready.o \
	src/source/refusal.o \
	src/source/report.o \
	src/source/requested.o \
	src/source/reuse.o \
	src/source/shape.o \
	src/source/spare.o \
	src/source/template.o \
	src/source/tuple.o \
	src/source/turn.o \
	src/source/zone.o

# The script of the version that the control file names is put together from these,
# in this order.  "release/run freeze" writes it to sql/, and from then on that file
# is installed, as are those of earlier versions and the updates between them.
SCRIPT = $(patsubst %,sql/script/%.sql,schemas catalog authorization \
	materialized schedule setup status usage views ddl privileges triggers)
SCRIPT_file = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/sql/$(EXTENSION)--*.sql))
DATA_built = $(if $(wildcard $(srcdir)/sql/$(SCRIPT_file)),,$(SCRIPT_file))
# For those who authorize.  It is here, since PGXS uninstalls no script of a folder.
SCRIPTS = pinterest_authorize
PGFILEDESC = "pinterest_fdw - foreign data wrapper for the Pinterest Ads API"

PKG_CONFIG ?= pkg-config
PG_CPPFLAGS = -I$(srcdir)/src $(shell $(PKG_CONFIG) --cflags libcurl json-c)
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs libcurl json-c)

# "make SIMD=no": without instructions that look at many bytes at a time.  The
# results are the same; test/rows compares.
ifeq ($(SIMD),no)
PG_CPPFLAGS += -DPIN_NO_SIMD
endif

# For developers: "make STRICT=1".  Exempt from -Wextra is what PostgreSQL's own
# headers bring along: callbacks with parameters not used everywhere, lengthof()
# and Index, which are unsigned, beside counters that are int, and PG_TRY(),
# whose sigsetjmp() makes gcc suspect variables of functions inlined there.
ifdef STRICT
PG_CFLAGS = -Wall -Wextra -Werror \
	-Wno-unused-parameter -Wno-sign-compare $(if $(findstring clang,$(CC)),,-Wno-clobbered)
endif

# Most tests need a sandbox beside the server: test/run provides both.  Without
# one, "make installcheck" runs those that ask nothing of Pinterest.
ifneq ($(PINTEREST_SANDBOX_URL)$(PROVE_TESTS),)
REGRESS = setup options import scan types pushdown explain plans materialize status surroundings
ISOLATION = refresh live_queries
TAP_TESTS = 1
else
REGRESS = options import
endif

EXTRA_CLEAN = $(SCRIPT_file) test/sandbox/__pycache__ test/live/__pycache__ test/hostile/__pycache__ \
	test/rows/__pycache__

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

ifneq ($(filter 9.% 10 11 12 13 14,$(MAJORVERSION)),)
$(error $(EXTENSION) needs PostgreSQL 15 or newer, and $(PG_CONFIG) is of $(VERSION))
endif

# Its headers declare callbacks without their arguments.  In C23, which newer compilers
# take by default, that means none.
ifeq ($(MAJORVERSION),15)
override CFLAGS += -std=gnu11
endif

# Better said here than by the compiler, which misses a header.
ifeq ($(filter clean distclean maintainer-clean uninstall,$(MAKECMDGOALS)),)
MISSING := $(shell for library in libcurl json-c; do \
	$(PKG_CONFIG) --exists $$library 2>/dev/null || echo $$library; done)
ifneq ($(MISSING),)
$(error $(EXTENSION) needs $(MISSING), which $(PKG_CONFIG) does not find: install \
pkg-config and $(patsubst json-c,libjson-c-dev,$(patsubst libcurl,libcurl4-openssl-dev,$(MISSING))) \
(Debian, Ubuntu) or $(patsubst %,%-devel,$(MISSING)) (Fedora, RHEL))
endif
endif

$(SCRIPT_file): $(SCRIPT) $(EXTENSION).control
	awk 'BEGIN { print "/* sql/$@ */\n" } FNR == 1 && NR > 1 { print "\n" } 1' \
		$(filter %.sql,$^) >$@

# Objects stand beside their sources, also in a build outside of the sources.
$(shell mkdir -p $(sort $(dir $(OBJS))))

# PGXS tracks headers only in builds configured with --enable-depend.
$(OBJS) $(OBJS:.o=.bc): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/*/*.h)

# The archive for PGXN: what is committed, under the version of META.json
DISTVERSION = $(shell sed -n '0,/"version"/s/.*"version": *"\(.*\)".*/\1/p' META.json)
dist:
	git archive --format=zip --prefix=$(EXTENSION)-$(DISTVERSION)/ \
		--output=$(EXTENSION)-$(DISTVERSION).zip HEAD

# With AddressSanitizer, UndefinedBehaviorSanitizer and a PostgreSQL of their own
check-sanitizers:
	test/sanitize/run

# A minute for each reader of what comes from outside
check-fuzz:
	test/fuzz/run

# The main paths in a server that runs under valgrind
check-valgrind:
	test/run valgrind

.PHONY: dist check-sanitizers check-fuzz check-valgrind
