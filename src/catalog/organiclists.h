/*-------------------------------------------------------------------------
 *
 * organiclists.h
 *	  Lists of the schema "organic": accounts, boards and Pins.
 *
 * The lists are expanded by catalog.c, in the manner of PostgreSQL's kwlist.h.
 * LIST_KEYS(name) begins the natural key of a list, LIST_COLUMNS(name) its other
 * columns, and LIST_END ends either.  The entries are
 *
 *	KEY_OF_ADVERTISER
 *	LIST_KEY(name, api_name, kind, description)
 *	LIST_COLUMN(name, kind, description)
 *
 * where the name of a column is that of the field.  How they are asked for stands
 * in resourcelist.h.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */

/* there is deliberately not an #ifndef here */

/* user_accounts */
LIST_KEYS(user_accounts)
KEY_OF_ADVERTISER
LIST_KEY(user_account_id, id, ID, "User account")
LIST_END
LIST_COLUMNS(user_accounts)
LIST_COLUMN(username, TEXT, "Name of the account")
LIST_COLUMN(account_type, TEXT, "BUSINESS or PINNER")
LIST_COLUMN(business_name, TEXT, "Name of the business")
LIST_COLUMN(about, TEXT, "What the profile says")
LIST_COLUMN(website_url, TEXT, "Website of the profile")
LIST_COLUMN(profile_image, TEXT, "URL of the picture of the profile")
LIST_COLUMN(follower_count, COUNT, "Accounts that follow this one")
LIST_COLUMN(following_count, COUNT, "Accounts that this one follows")
LIST_COLUMN(board_count, COUNT, "Boards of the account")
LIST_COLUMN(pin_count, COUNT, "Pins of the account, created and saved ones")
LIST_COLUMN(monthly_views, COUNT, "Views of its Pins in a month")
LIST_END

/* boards */
LIST_KEYS(boards)
KEY_OF_ADVERTISER
LIST_KEY(board_id, id, ID, "Board")
LIST_END
LIST_COLUMNS(boards)
LIST_COLUMN(name, TEXT, "Name of the board")
LIST_COLUMN(description, TEXT, "Description of the board")
LIST_COLUMN(privacy, TEXT, "PUBLIC, PROTECTED or SECRET")
LIST_COLUMN(is_ads_only, FLAG, "Whether the board is for Pins of ads alone")
LIST_COLUMN(owner, JSON, "User who owns the board")
LIST_COLUMN(media, JSON, "URLs of the cover and of Pins")
LIST_COLUMN(pin_count, COUNT, "Pins on the board")
LIST_COLUMN(follower_count, COUNT, "Accounts that follow the board")
LIST_COLUMN(collaborator_count, COUNT, "Accounts that share the board")
LIST_COLUMN(created_at, TIME, "When the board was created")
LIST_COLUMN(board_pins_modified_at, TIME, "When Pins of the board last changed")
LIST_END

/* board_sections */
LIST_KEYS(board_sections)
KEY_OF_ADVERTISER
LIST_KEY(board_id, board_id, ID, "Board")
LIST_KEY(board_section_id, id, ID, "Section of the board")
LIST_END
LIST_COLUMNS(board_sections)
LIST_COLUMN(name, TEXT, "Name of the section")
LIST_END

/* organic_pins */
LIST_KEYS(organic_pins)
KEY_OF_ADVERTISER
LIST_KEY(pin_id, id, ID, "Pin")
LIST_END
LIST_COLUMNS(organic_pins)
LIST_COLUMN(title, TEXT, "Title of the Pin")
LIST_COLUMN(description, TEXT, "Description of the Pin")
LIST_COLUMN(link, TEXT, "Where a click on the Pin leads")
LIST_COLUMN(alt_text, TEXT, "What the picture shows, for those who do not see it")
LIST_COLUMN(creative_type, TEXT, "Format of the Pin, such as REGULAR or VIDEO")
LIST_COLUMN(image_url, TEXT, "URL of the largest picture of the Pin; of a video, of its cover")
LIST_COLUMN(video_url, TEXT, "URL of the video of the Pin")
LIST_COLUMN(media, JSON, "Pictures and videos of the Pin, in all sizes")
LIST_COLUMN(dominant_color, TEXT, "Color of most of the picture, in hexadecimal")
LIST_COLUMN(board_id, ID, "Board that the Pin is on")
LIST_COLUMN(board_section_id, ID, "Section of the board")
LIST_COLUMN(board_owner, JSON, "User who owns the board")
LIST_COLUMN(parent_pin_id, ID, "Pin that this one was saved from")
LIST_COLUMN(is_owner, FLAG, "Whether the Pin is the account's own")
LIST_COLUMN(is_standard, FLAG, "Whether the Pin is a standard one")
LIST_COLUMN(has_been_promoted, FLAG, "Whether the Pin has been an ad")
LIST_COLUMN(created_at, TIME, "When the Pin was created")
LIST_COLUMN(pin_metrics, JSON, "Metrics of the last 90 days and of all time")
LIST_END

/* board_pins */
LIST_KEYS(board_pins)
KEY_OF_ADVERTISER
LIST_KEY(board_id, board_id, ID, "Board that was asked for")
LIST_KEY(pin_id, id, ID, "Pin")
LIST_END
LIST_COLUMNS(board_pins)
LIST_COLUMN(title, TEXT, "Title of the Pin")
LIST_COLUMN(description, TEXT, "Description of the Pin")
LIST_COLUMN(link, TEXT, "Where a click on the Pin leads")
LIST_COLUMN(alt_text, TEXT, "What the picture shows, for those who do not see it")
LIST_COLUMN(creative_type, TEXT, "Format of the Pin, such as REGULAR or VIDEO")
LIST_COLUMN(image_url, TEXT, "URL of the largest picture of the Pin; of a video, of its cover")
LIST_COLUMN(video_url, TEXT, "URL of the video of the Pin")
LIST_COLUMN(media, JSON, "Pictures and videos of the Pin, in all sizes")
LIST_COLUMN(dominant_color, TEXT, "Color of most of the picture, in hexadecimal")
LIST_COLUMN(board_section_id, ID, "Section of the board")
LIST_COLUMN(board_owner, JSON, "User who owns the board")
LIST_COLUMN(parent_pin_id, ID, "Pin that this one was saved from")
LIST_COLUMN(is_owner, FLAG, "Whether the Pin is the account's own")
LIST_COLUMN(is_standard, FLAG, "Whether the Pin is a standard one")
LIST_COLUMN(has_been_promoted, FLAG, "Whether the Pin has been an ad")
LIST_COLUMN(created_at, TIME, "When the Pin was created")
LIST_COLUMN(pin_metrics, JSON, "Metrics of the last 90 days and of all time")
LIST_END
