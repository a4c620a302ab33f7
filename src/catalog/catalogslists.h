/*-------------------------------------------------------------------------
 *
 * catalogslists.h
 *	  Lists of the schema "catalogs": feeds, product groups and products.
 *
 * The lists are expanded by catalog.c, in the manner of PostgreSQL's kwlist.h.
 * LIST_KEYS(name) begins the natural key of a list, LIST_COLUMNS(name) its other
 * columns, and LIST_END ends either.  The entries are
 *
 *	KEY_OF_ADVERTISER
 *	KEY_OF_DAY
 *	LIST_KEY(name, api_name, kind, description)
 *	LIST_BLANK_KEY(name, api_name, kind, description)
 *	LIST_COLUMN(name, kind, description)
 *	LIST_FIELD(name, api_name, kind, description)
 *
 * where the name of a LIST_COLUMN is that of the field, and a row may lack a
 * LIST_BLANK_KEY, which is an empty text then.  How they are asked for stands in
 * resourcelist.h.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */

/* there is deliberately not an #ifndef here */
