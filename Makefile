EXTENSION = pinterest_fdw
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)

MODULE_big = pinterest_fdw
OBJS = \
	pinterest_fdw.o \
	src/analyze.o \
	src/analytics.o \
	src/analyticsplan.o \
	src/api.o \
	src/apply.o \
	src/authorize.o \
	src/catalog.o \
	src/check.o \
	src/convert.o \
	src/cronexpr.o \
	src/download.o \
	src/entity.o \
	src/estimate.o \
	src/explain.o \
	src/extension.o \
	src/http.o \
	src/import.o \
	src/json.o \
	src/materialize.o \
	src/modify.o \
	src/oauth.o \
	src/option.o \
	src/optioncheck.o \
	src/pgcron.o \
	src/plan.o \
	src/progress.o \
	src/qual.o \
	src/read.o \
	src/refresh.o \
	src/refreshall.o \
	src/refreshlog.o \
	src/refreshsql.o \
	src/registry.o \
	src/report.o \
	src/request.o \
	src/reuse.o \
	src/scan.o \
	src/schedule.o \
	src/statement.o \
	src/subxact.o \
	src/token.o \
	src/tokenstore.o \
	src/valueset.o \
	src/worker.o

DATA = sql/$(EXTENSION)--$(EXTVERSION).sql
PGFILEDESC = "pinterest_fdw - foreign data wrapper for the Pinterest Ads API"

PKG_CONFIG ?= pkg-config
PG_CPPFLAGS = -I$(srcdir)/src $(shell $(PKG_CONFIG) --cflags libcurl)
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs libcurl)

# For developers: "make STRICT=1".  Exempt from -Wextra is what PostgreSQL's own
# headers bring along: callbacks with parameters not used everywhere, lengthof()
# and Index, which are unsigned, beside counters that are int, and PG_TRY(),
# whose sigsetjmp() makes gcc suspect variables of functions inlined there.
ifdef STRICT
PG_CFLAGS = -Wall -Wextra -Werror \
	-Wno-unused-parameter -Wno-sign-compare -Wno-clobbered
endif

# The tests need a sandbox beside the server: test/run provides both.
REGRESS = setup options import scan types pushdown explain plans materialize status surroundings
ISOLATION = refresh live_queries
TAP_TESTS = 1

EXTRA_CLEAN = test/sandbox/__pycache__

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

ifneq ($(filter 9.% 10 11 12 13 14,$(MAJORVERSION)),)
$(error $(EXTENSION) needs PostgreSQL 15 or newer, and $(PG_CONFIG) is of $(VERSION))
endif

# PGXS tracks headers only in builds configured with --enable-depend.
$(OBJS) $(OBJS:.o=.bc): $(wildcard $(srcdir)/src/*.h)
