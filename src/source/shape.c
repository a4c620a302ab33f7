/*-------------------------------------------------------------------------
 *
 * shape.c
 *	  What a row of a report has to be like.
 *
 * How Pinterest lays out a report is hardly documented.  Known is a list of rows
 * for each entity, filed under its id.  Another layout would be read as
 * something that it is not: sums as entities, dates as ids, metrics of other names
 * as zeros, rows twice.  So whatever is not as known is an error that shows what
 * came, and never wrong rows.
 *
 * That costs little: a row is told by 64 bits of a hash, and what is remembered are
 * the entities, and the rows of the one at hand.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"

#include "base/dates.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "json/row.h"
#include "option/column.h"
#include "source/idset.h"
#include "source/shape.h"

/* A table for the rows of one entity is kept for the next one up to this size. */
#define MAX_KEPT_ROWS		1024

typedef struct HashEntry
{
	uint64		hash;			/* hash key */
	char		status;			/* for simplehash */
} HashEntry;

#define SH_PREFIX hashes
#define SH_ELEMENT_TYPE HashEntry
#define SH_KEY_TYPE uint64
#define SH_KEY hash
#define SH_HASH_KEY(tb, key) ((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct PinShape
{
	const PinOptions *options;
	const char *relname;
	List	   *attributes;		/* PinAttribute *, of the table */
	const char **names;			/* of the fields */
	const char *own_name;		/* field that says a row's own id, or NULL */
	int			own_id;			/* its place among the fields */
	int			date;			/* likewise; -1: there is none */
	int			type;			/* of the targeting type, likewise */
	int		   *keys;			/* likewise, those that tell rows of an entity
								 * apart */
	int			nkeys;
	bool		may_be_finer;	/* they need not tell all rows apart */
	int		   *metrics;		/* likewise, those that were asked for */
	int			nmetrics;		/* 0: nobody knows which */
};

struct PinRowsSeen
{
	MemoryContext cxt;
	uint64		list;			/* number of the one at hand, which is all of one
								 * entity; 0: none */
	StringInfoData id;			/* of that entity, in its plain notation */
	StringInfoData type;		/* the latest targeting type that was right, */
	List	   *types;			/* among these */
	hashes_hash *entities;		/* in each of the reports */
	uint64		entity;			/* the one at hand; 0: none */
	hashes_hash *rows;			/* of that one */
	PinIdSet   *raw_keys;		/* keys in which something is no character, in the
								 * source, */
	PinIdSet   *keys;			/* and what they have become */
};

/*
 * pin_shape_max_names
 *		How many fields pin_shape_create() adds at most.
 */
int
pin_shape_max_names(const PinOptions *options, List *attributes, List *requested)
{
	return list_length(options->key) + list_length(attributes) +
		list_length(requested) + 4;
}

/*
 * add_key
 *		Adds a field that tells the rows of an entity apart; returns its place.
 */
static int
add_key(PinShape *shape, const char *name, const char **names, int *nnames)
{
	int			place = pin_json_add_name(names, nnames, name);

	shape->keys[shape->nkeys++] = place;
	return place;
}

/*
 * pin_shape_create
 *		Prepares checking rows of a report.
 *
 * attributes: PinAttribute *, of the table; requested: const char *, the columns
 * that a report is asked for; names: of the fields to pick from each row, which
 * has room for pin_shape_max_names() more.  All of it must live as long as the
 * result, which is made in the current memory context.
 */
PinShape *
pin_shape_create(const PinOptions *options, const char *relname, List *attributes,
				 List *requested, const char **names, int *nnames)
{
	static const char *const finer[] = {
		"PIN_PROMOTION_ID", "PIN_ID", "PRODUCT_GROUP_ID"
	};
	PinShape   *shape = palloc0(sizeof(PinShape));
	const PinResource *resource = options->resource;
	ListCell   *lc;

	shape->options = options;
	shape->relname = relname;
	shape->attributes = attributes;
	shape->names = names;
	shape->date = shape->type = shape->own_id = -1;
	shape->keys = palloc(pin_shape_max_names(options, attributes, NIL) * sizeof(int));
	shape->metrics = palloc(Max(list_length(requested), 1) * sizeof(int));
	foreach(lc, options->key)
	{
		const PinColumn *column = lfirst(lc);

		switch (column->source)
		{
			case PIN_FROM_ADVERTISER:
				break;
			case PIN_FROM_ENTITY:
				shape->own_name = column->api_name;
				shape->own_id = pin_json_add_name(names, nnames, column->api_name);
				break;
			case PIN_FROM_DATE:
				shape->date = add_key(shape, column->api_name, names, nnames);
				break;
			default:
				{
					int			place = add_key(shape, column->api_name, names, nnames);

					if (strcmp(column->api_name, "TARGETING_TYPE") == 0)
						shape->type = place;
				}
				break;
		}
	}
	if (options->granularity == PIN_HOUR)
	{
		(void) add_key(shape, "HOUR", names, nnames);
		(void) add_key(shape, "DATE_AS_TIMESTAMP", names, nnames);
	}
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (attribute->column != NULL &&
			pin_column_is_finer(resource, attribute->column))
			(void) add_key(shape, attribute->api_name, names, nnames);
	}

	/*
	 * At some levels Pinterest may split rows by what nobody has asked for, in
	 * some accounts.  Their sums are right; what tells them apart is left to the
	 * option "key_columns", which a refresh demands then.
	 */
	for (int i = 0; i < (int) lengthof(finer) && options->key_columns == NIL; i++)
	{
		if (pin_column_is_finer(resource, pin_find_column(resource, finer[i])))
			shape->may_be_finer = true;
	}

	/* the metrics of a template are more than those that the table has */
	foreach(lc, requested)
	{
		const PinColumn *column = pin_find_column(resource, lfirst(lc));

		if (options->template_id == NULL && column != NULL &&
			(pin_kind_zero_fills(column->kind) || column->kind == PIN_RATIO))
			shape->metrics[shape->nmetrics++] =
				pin_json_add_name(names, nnames, column->api_name);
	}
	return shape;
}

/*
 * pin_rows_seen_create
 *		Nothing has come yet; it lives in the current memory context.
 */
PinRowsSeen *
pin_rows_seen_create(void)
{
	PinRowsSeen *seen = palloc0(sizeof(PinRowsSeen));

	seen->cxt = CurrentMemoryContext;
	initStringInfo(&seen->id);
	initStringInfo(&seen->type);
	seen->entities = hashes_create(seen->cxt, 64, NULL);
	seen->rows = hashes_create(seen->cxt, 64, NULL);
	return seen;
}

/*
 * bad_row
 *		Raises an error for a row, which it shows.  problem: a sentence.
 */
static void
bad_row(const PinShape *shape, const PinRow *row, const char *problem)
{
	char	   *shown = NULL;

	if (row->json.text != NULL)
	{
		int			len = Min(row->json.len, PIN_MAX_SHOWN_ROW);

		shown = pin_json_shown_text(pnstrdup(row->json.text, len));
		if (row->json.len > PIN_MAX_SHOWN_ROW)
			shown = psprintf("%s...", shown);
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("invalid answer from Pinterest for foreign table \"%s\"",
					shape->relname),
			 shown == NULL ? errdetail_internal("%s", problem) :
			 errdetail("%s The row is %s.", problem, shown)));
}

/*
 * shown_cell
 *		The text of a cell, or "", for a message.
 */
static char *
shown_cell(const PinCell *cell)
{
	PinJsonValue value = pin_cell_value(cell);

	return value.text == NULL ? "" : pin_json_shown_text(value.text);
}

/*
 * is_text
 *		Whether the text of a cell is another one.
 */
static inline bool
is_text(const PinCell *cell, const char *text, size_t len)
{
	return cell->len == len && memcmp(cell->text, text, len) == 0;
}

/*
 * check_key
 *		Checks the id that rows are filed under.  Returns it in its plain notation.
 *
 * Of all entities, product items alone have ids that are no numbers, as their feed
 * has it.
 */
static const char *
check_key(const PinShape *shape, const PinRow *row)
{
	const char *id = row->entity_id;
	int			level = shape->options->resource->level;

	if (id[0] == '\0')
		bad_row(shape, row, "It is filed under no id.");
	if ((level & (PIN_LEVEL_PRODUCT_ITEM | PIN_LEVEL_PRODUCT_ITEM_TARGETING)) == 0)
	{
		id = id[0] == '-' ? NULL : pin_whole_number(id);
		if (id == NULL)
			bad_row(shape, row, psprintf("It is filed under \"%s\", which is no id.",
										 pin_json_shown_text(row->entity_id)));
	}
	return id;
}

/*
 * check_outer_key
 *		Checks what the id is filed under, if anything: that is the row's date.
 */
static void
check_outer_key(const PinShape *shape, const PinRow *row, const PinCell *cells)
{
	const char *key = row->json.outer_key;
	size_t		len = strlen(key);
	const PinCell *date = shape->date >= 0 ? &cells[shape->date] : NULL;

	if (len > 0 &&
		(date == NULL || date->len < len || memcmp(date->text, key, len) != 0))
		bad_row(shape, row, psprintf("It is filed under \"%s\", which is not its date.",
									 pin_json_shown_text(key)));
}

/*
 * check_own_id
 *		If the row itself says of which entity it is, that has to be the one that it
 *		is filed under.
 */
static void
check_own_id(const PinShape *shape, const PinRow *row, const StringInfo id,
			 const PinCell *cells)
{
	const PinCell *own = &cells[shape->own_id];
	const char *digits;

	if ((own->type & PIN_JSON_ID) == 0 || own->len == 0 ||
		is_text(own, id->data, id->len))
		return;
	digits = pin_whole_number(pin_cell_value(own).text);
	if (digits == NULL || strcmp(digits, id->data) != 0)
		bad_row(shape, row, psprintf("It is filed under \"%s\", but its %s is \"%s\".",
									 pin_json_shown_text(row->entity_id),
									 shape->own_name, shown_cell(own)));
}

/*
 * check_type
 *		Checks that a row is of a targeting type that was asked for.
 */
static void
check_type(const PinShape *shape, PinRowsSeen *seen, const PinRow *row,
		   const PinCell *cells)
{
	const PinCell *type = &cells[shape->type];
	ListCell   *lc;

	if (type->type != PIN_JSON_STRING || type->len == 0)
		bad_row(shape, row, "It has no targeting type.");
	if (row->types == NIL ||
		(row->types == seen->types && is_text(type, seen->type.data, seen->type.len)))
		return;
	foreach(lc, row->types)
	{
		const char *asked = lfirst(lc);

		if (strlen(asked) == type->len &&
			pg_strncasecmp(asked, type->text, type->len) == 0)
			break;
	}
	if (lc == NULL)
		bad_row(shape, row, psprintf("Its targeting type is \"%s\", which was not asked for.",
									 shown_cell(type)));
	seen->types = row->types;
	resetStringInfo(&seen->type);
	appendBinaryStringInfo(&seen->type, type->text, type->len);
}

/*
 * check_metrics
 *		Checks that a row has one of the metrics that were asked for: Pinterest
 *		leaves out the rows that have none.
 */
static void
check_metrics(const PinShape *shape, const PinRow *row, const PinCell *cells)
{
	for (int i = 0; i < shape->nmetrics; i++)
	{
		if (cells[shape->metrics[i]].type != PIN_JSON_MISSING)
			return;
	}
	if (shape->nmetrics > 0)
		bad_row(shape, row, "It has none of the metrics that were asked for.");
}

/*
 * add_text
 *		A hash of what has been hashed before and a text.
 */
static uint64
add_text(uint64 hash, const char *text)
{
	return hash_bytes_extended((const unsigned char *) text, strlen(text), hash);
}

/*
 * repeated_row
 *		Raises an error for a row whose key has been there before.
 */
static void
repeated_row(const PinShape *shape, const PinRow *row, const PinCell *cells)
{
	StringInfoData names;
	StringInfoData texts;
	ListCell   *lc;

	initStringInfo(&names);
	initStringInfo(&texts);
	foreach(lc, shape->options->key)
	{
		const PinColumn *column = lfirst(lc);
		const char *text = NULL;

		if (column->source == PIN_FROM_ADVERTISER)
			text = row->advertiser_id;
		else if (column->source == PIN_FROM_ENTITY)
			text = row->entity_id;
		else
		{
			int			place = column->source == PIN_FROM_DATE ? shape->date : -1;

			for (int i = 0; place < 0 && i < shape->nkeys; i++)
			{
				if (strcmp(shape->names[shape->keys[i]], column->api_name) == 0)
					place = shape->keys[i];
			}
			text = pin_cell_value(&cells[place]).text;
		}
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", column->name);
		appendStringInfo(&texts, "%s%s", texts.len > 0 ? ", " : "",
						 text == NULL ? "" : pin_json_shown_text(text));
	}
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("Pinterest sent a row twice for foreign table \"%s\"",
					shape->relname),
			 errdetail("Its key (%s) is (%s).", names.data, texts.data),
			 errhint("%s", pin_finer_key_hint(shape->options, shape->attributes, NIL))));
}

/*
 * check_entity
 *		Notes which entity a row of a report is of.
 *
 * A report has each id once; and as requests are split by days, by targeting types
 * and by ids of the entity or of those above it, only one of those for some days
 * and types has it at all.
 */
static void
check_entity(const PinShape *shape, PinRowsSeen *seen, const PinRow *row,
			 const char *id)
{
	uint64		hash = add_text(0, row->advertiser_id);
	bool		found;

	hash = hash_bytes_extended((const unsigned char *) &row->range->start,
							   sizeof(DateADT), hash);
	if (row->types != NIL)
		hash = add_text(hash, linitial(row->types));
	hash = add_text(hash, row->json.outer_key);
	hash = add_text(hash, id);
	if (row->json.raw_key[0] != '\0')
		hash = add_text(hash, row->json.raw_key);
	if (hash == seen->entity)
		return;
	(void) hashes_insert(seen->entities, hash, &found);
	if (found)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("Pinterest sent the rows of an entity twice for foreign table \"%s\"",
						shape->relname),
				 errdetail("They are filed under \"%s\" twice, in what was asked for of advertiser %s from %s to %s.",
						   pin_json_shown_text(row->entity_id), row->advertiser_id,
						   pin_format_date(row->range->start),
						   pin_format_date(row->range->end)),
				 errhint("Run the statement again.")));
	seen->entity = hash;
	if (seen->rows->members > MAX_KEPT_ROWS)
	{
		hashes_destroy(seen->rows);
		seen->rows = hashes_create(seen->cxt, 64, NULL);
	}
	else if (seen->rows->members > 0)
		hashes_reset(seen->rows);
}

/*
 * check_raw_key
 *		Different keys in which something is no character must not become one.
 */
static void
check_raw_key(const PinShape *shape, PinRowsSeen *seen, const PinRow *row)
{
	if (seen->keys == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(seen->cxt);

		seen->raw_keys = pin_id_set_create();
		seen->keys = pin_id_set_create();
		MemoryContextSwitchTo(old);
	}
	if (pin_id_set_add(seen->raw_keys, row->json.raw_key) &&
		!pin_id_set_add(seen->keys, row->entity_id))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("Pinterest sent ids that cannot be told apart for foreign table \"%s\"",
						shape->relname),
				 errdetail("They differ only in what is no character, such as half of a surrogate pair: \"%s\".",
						   pin_json_shown_text(row->entity_id)),
				 errhint("Correct the ids of the items in the feed.")));
}

/*
 * check_layout
 *		Checks that a row of a report is where it belongs, and of what was asked for.
 *
 * What goes for all rows of a list is checked with its first one.
 */
static void
check_layout(const PinShape *shape, PinRowsSeen *seen, const PinRow *row,
			 const PinCell *cells)
{
	bool		is_new = row->json.list != seen->list;

	if (is_new)
	{
		resetStringInfo(&seen->id);
		appendStringInfoString(&seen->id, check_key(shape, row));
	}
	check_outer_key(shape, row, cells);
	if (shape->own_id >= 0)
		check_own_id(shape, row, &seen->id, cells);
	if (shape->type >= 0)
		check_type(shape, seen, row, cells);
	check_metrics(shape, row, cells);
	if (is_new)
	{
		if (row->json.raw_key[0] != '\0')
			check_raw_key(shape, seen, row);
		check_entity(shape, seen, row, seen->id.data);
		seen->list = row->json.list;
	}
}

/*
 * pin_shape_check
 *		Checks a row of a report, or of synchronous analytics, which have no layout
 *		and few rows.
 *
 * cells: of the fields.  Raises HV000 for what is not as known, 21000 for what
 * comes twice, 22021 for ids that cannot be told apart; the caller's error context
 * names table and entity.
 */
void
pin_shape_check(const PinShape *shape, PinRowsSeen *seen, const PinRow *row,
				const PinCell *cells)
{
	uint64		hash = 0;
	bool		found;

	if (row->node == NULL)
		check_layout(shape, seen, row, cells);
	else
		hash = add_text(add_text(hash, row->advertiser_id), row->entity_id);
	if (shape->may_be_finer)
		return;
	for (int i = 0; i < shape->nkeys; i++)
	{
		/* null and nothing are one, as they are in a key */
		const PinCell *cell = &cells[shape->keys[i]];

		hash = hash_bytes_extended((const unsigned char *) cell->text, cell->len, hash);
	}
	(void) hashes_insert(seen->rows, hash, &found);
	if (found)
		repeated_row(shape, row, cells);
}
