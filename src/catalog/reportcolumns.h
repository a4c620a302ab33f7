/*-------------------------------------------------------------------------
 *
 * reportcolumns.h
 *	  The columns of one report, those of reportcolumnlist.h that are valid at
 *	  its level.
 *
 * Whoever includes it, catalog.c for each report, defines LEVEL as one of
 * PIN_LEVEL_* first, and there is no include guard.  It expands to the
 * elements of an array of PinColumn.
 *
 * A macro cannot evaluate a set of levels, so each of them is turned into one
 * that keeps or drops an entry.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */

/* there is deliberately not an #ifndef REPORTCOLUMNS_H here */

#define KEEP(...) __VA_ARGS__
#define DROP(...)

#if LEVELS_ANY & LEVEL
#define IN_ANY KEEP
#else
#define IN_ANY DROP
#endif
#if LEVELS_CAMPAIGN & LEVEL
#define IN_CAMPAIGN KEEP
#else
#define IN_CAMPAIGN DROP
#endif
#if LEVELS_BELOW_CAMPAIGN & LEVEL
#define IN_BELOW_CAMPAIGN KEEP
#else
#define IN_BELOW_CAMPAIGN DROP
#endif
#if LEVELS_AD_GROUP & LEVEL
#define IN_AD_GROUP KEEP
#else
#define IN_AD_GROUP DROP
#endif
#if LEVELS_BELOW_AD_GROUP & LEVEL
#define IN_BELOW_AD_GROUP KEEP
#else
#define IN_BELOW_AD_GROUP DROP
#endif
#if LEVELS_AD & LEVEL
#define IN_AD KEEP
#else
#define IN_AD DROP
#endif
#if LEVELS_PIN & LEVEL
#define IN_PIN KEEP
#else
#define IN_PIN DROP
#endif
#if LEVELS_PRODUCT_GROUP & LEVEL
#define IN_PRODUCT_GROUP KEEP
#else
#define IN_PRODUCT_GROUP DROP
#endif
#if LEVELS_BELOW_PRODUCT_GROUP & LEVEL
#define IN_BELOW_PRODUCT_GROUP KEEP
#else
#define IN_BELOW_PRODUCT_GROUP DROP
#endif
#if LEVELS_PRODUCT_ITEM & LEVEL
#define IN_PRODUCT_ITEM KEEP
#else
#define IN_PRODUCT_ITEM DROP
#endif
#if LEVELS_KEY & LEVEL
#define IN_KEY KEEP
#else
#define IN_KEY DROP
#endif
#if LEVELS_AD_KEY & LEVEL
#define IN_AD_KEY KEEP
#else
#define IN_AD_KEY DROP
#endif
#if LEVELS_REACH & LEVEL
#define IN_REACH KEEP
#else
#define IN_REACH DROP
#endif
#if LEVELS_OUTBOUND & LEVEL
#define IN_OUTBOUND KEEP
#else
#define IN_OUTBOUND DROP
#endif

#define REPORT_COLUMN(name, api_name, kind, levels, flags, description) \
	IN_##levels({name, #api_name, PIN_##kind, PIN_FROM_FIELD, LEVELS_##levels, FINER_##levels, flags, description},)

#include "catalog/reportcolumnlist.h"

#undef REPORT_COLUMN

#undef IN_ANY
#undef IN_CAMPAIGN
#undef IN_BELOW_CAMPAIGN
#undef IN_AD_GROUP
#undef IN_BELOW_AD_GROUP
#undef IN_AD
#undef IN_PIN
#undef IN_PRODUCT_GROUP
#undef IN_BELOW_PRODUCT_GROUP
#undef IN_PRODUCT_ITEM
#undef IN_KEY
#undef IN_AD_KEY
#undef IN_REACH
#undef IN_OUTBOUND

#undef KEEP
#undef DROP
