/*-------------------------------------------------------------------------
 *
 * optionpage.c
 *	  Pages that are no lists of entities, but maps: options of targeting.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "source/optionpage.h"

/*
 * pin_bad_item
 *		Raises an error, 22P02, for an item of a page that is no object.
 *
 * place: of the item, counted from 1; subject: what all is for.
 */
void
pin_bad_item(int place, const char *subject)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid answer from Pinterest for %s",
					subject),
			 errdetail("Item %d of a page is no JSON object.", place)));
}

/*
 * pin_read_options
 *		Turns the codes and names of a targeting type into entities.
 *
 * options: an array of objects that map codes to names; a type without values
 * may have null in the place of either.  Returns a document that is an array, below the
 * current memory context.
 */
PinJsonDocument *
pin_read_options(const char *type, const PinJsonNode *options, const char *subject)
{
	PinJsonDocument *document = pin_json_create(PIN_JSON_ARRAY);
	int			nmaps = options == NULL ? 0 : pin_json_length(options);

	for (int i = 0; i < nmaps; i++)
	{
		const PinJsonNode *map = pin_json_element(options, i);
		List	   *members = NIL;
		ListCell   *lc;

		if (pin_json_type(map) == PIN_JSON_OBJECT)
			members = pin_json_members(map);
		else if (map != NULL)
			pin_bad_item(i + 1, subject);
		foreach(lc, members)
		{
			PinJsonMember *member = lfirst(lc);
			PinJsonNode *entity = pin_json_append_object(pin_json_root(document));

			pin_json_add_string(entity, "targeting_type", type);
			pin_json_add_utf8(entity, "code", member->name);
			pin_json_add_node(entity, "name", member->node);
		}
	}
	return document;
}
