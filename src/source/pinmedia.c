/*-------------------------------------------------------------------------
 *
 * pinmedia.c
 *	  URLs of the picture and the video of a Pin.
 *
 * The media of a Pin are pictures in several sizes, a video with a cover, or a list
 * of either.  Most who join a Pin with what it cost want one URL to show.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "source/pinmedia.h"

/*
 * text_of
 *		A field that is a text, in UTF-8; NULL if it is none, or empty.
 */
static const char *
text_of(const PinJsonNode *object, const char *name)
{
	PinJsonValue value;

	pin_json_pick(object, 1, &name, &value);
	return value.type == PIN_JSON_STRING && value.text[0] != '\0' ?
		value.text : NULL;
}

/*
 * node_of
 *		A field of a type, or NULL.
 */
static const PinJsonNode *
node_of(const PinJsonNode *object, const char *name, PinJsonType type)
{
	PinJsonValue value;

	pin_json_pick(object, 1, &name, &value);
	return value.type == type ? value.node : NULL;
}

/*
 * width_of
 *		Width of a picture in pixels; 0 if it is not known.
 */
static double
width_of(const PinJsonNode *image)
{
	static const char *const name = "width";
	PinJsonValue value;

	pin_json_pick(image, 1, &name, &value);
	return value.type == PIN_JSON_NUMBER ? strtod(value.text, NULL) : 0;
}

/*
 * largest_image
 *		URL of the widest of some pictures, of which the first counts among equals;
 *		NULL if there is none.
 *
 * images: maps sizes to pictures.
 */
static const char *
largest_image(const PinJsonNode *images)
{
	const char *url = NULL;
	double		widest = -1;
	ListCell   *lc;

	foreach(lc, images == NULL ? NIL : pin_json_members(images))
	{
		const PinJsonNode *image = ((PinJsonMember *) lfirst(lc))->node;

		if (pin_json_type(image) != PIN_JSON_OBJECT ||
			text_of(image, "url") == NULL || width_of(image) <= widest)
			continue;
		widest = width_of(image);
		url = text_of(image, "url");
	}
	return url;
}

/*
 * find_urls
 *		URLs of a picture and of a video, as far as they are not found yet.
 */
static void
find_urls(const PinJsonNode *media, const char **image, const char **video)
{
	if (*image == NULL)
		*image = largest_image(node_of(media, "images", PIN_JSON_OBJECT));
	if (*image == NULL)
		*image = text_of(media, "cover_image_url");
	if (*video == NULL)
		*video = text_of(media, "video_url");
}

/*
 * pin_media_add
 *		Adds the fields image_url and video_url to a Pin, which are those of its
 *		first picture and of its first video.
 */
void
pin_media_add(PinJsonNode *pin)
{
	const PinJsonNode *media = node_of(pin, "media", PIN_JSON_OBJECT);
	const PinJsonNode *items;
	const char *image = NULL;
	const char *video = NULL;

	if (media == NULL)
		return;
	find_urls(media, &image, &video);
	items = node_of(media, "items", PIN_JSON_ARRAY);
	for (int i = 0; items != NULL && i < pin_json_length(items); i++)
	{
		const PinJsonNode *item = pin_json_element(items, i);

		if (pin_json_type(item) == PIN_JSON_OBJECT)
			find_urls(item, &image, &video);
	}
	if (image != NULL)
		pin_json_add_utf8(pin, "image_url", image);
	if (video != NULL)
		pin_json_add_utf8(pin, "video_url", video);
}
