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

/* user_account_report */
LIST_KEYS(user_account_report)
KEY_OF_ADVERTISER
KEY_OF_DAY
LIST_KEY(split_field, split_field, TEXT, "What the row is split by: NO_SPLIT, APP_TYPE, OWNED_CONTENT, SOURCE or PIN_FORMAT; each is a full breakdown")
LIST_KEY(split_value, split_value, TEXT, "Value of that, in Pinterest's words")
LIST_END
LIST_COLUMNS(user_account_report)
LIST_COLUMN(data_status, TEXT, "Whether the metrics of the day are there, such as READY or PROCESSING")
LIST_FIELD(impression, IMPRESSION, COUNT, "Times that Pins were on a screen")
LIST_FIELD(engagement, ENGAGEMENT, COUNT, "Clicks and saves together")
LIST_FIELD(engagement_rate, ENGAGEMENT_RATE, RATIO, "Engagements per impression")
LIST_FIELD(pin_click, PIN_CLICK, COUNT, "Clicks on Pins")
LIST_FIELD(pin_click_rate, PIN_CLICK_RATE, RATIO, "Clicks on Pins per impression")
LIST_FIELD(outbound_click, OUTBOUND_CLICK, COUNT, "Clicks that led to the destination")
LIST_FIELD(outbound_click_rate, OUTBOUND_CLICK_RATE, RATIO, "Outbound clicks per impression")
LIST_FIELD(save, SAVE, COUNT, "Times that Pins were saved to a board")
LIST_FIELD(save_rate, SAVE_RATE, RATIO, "Saves per impression")
LIST_FIELD(closeup, CLOSEUP, COUNT, "Times that Pins were seen in close-up")
LIST_FIELD(closeup_rate, CLOSEUP_RATE, RATIO, "Close-ups per impression")
LIST_FIELD(profile_visit, PROFILE_VISIT, COUNT, "Visits of the profile")
LIST_FIELD(video_mrc_view, VIDEO_MRC_VIEW, COUNT, "Views of videos, of 2 seconds and half of the picture at least")
LIST_FIELD(video_start, VIDEO_START, COUNT, "Times that videos began to play")
LIST_FIELD(video_10s_view, VIDEO_10S_VIEW, COUNT, "Views of videos of 10 seconds at least")
LIST_FIELD(quartile_95_percent_view, QUARTILE_95_PERCENT_VIEW, COUNT, "Times that videos were played to 95 percent")
LIST_FIELD(video_avg_watch_time, VIDEO_AVG_WATCH_TIME, RATIO, "Average time of a view of videos, in milliseconds")
LIST_FIELD(video_v50_watch_time, VIDEO_V50_WATCH_TIME, COUNT, "Time that videos were played, in milliseconds")
LIST_END

/* pin_report */
LIST_KEYS(pin_report)
KEY_OF_ADVERTISER
LIST_KEY(pin_id, pin_id, ID, "Pin")
KEY_OF_DAY
LIST_END
LIST_COLUMNS(pin_report)
LIST_COLUMN(data_status, TEXT, "Whether the metrics of the day are there, such as READY or PROCESSING")
LIST_FIELD(impression, IMPRESSION, COUNT, "Times that Pins were on a screen")
LIST_FIELD(pin_click, PIN_CLICK, COUNT, "Clicks on Pins")
LIST_FIELD(outbound_click, OUTBOUND_CLICK, COUNT, "Clicks that led to the destination")
LIST_FIELD(save, SAVE, COUNT, "Times that Pins were saved to a board")
LIST_FIELD(save_rate, SAVE_RATE, RATIO, "Saves per impression")
LIST_FIELD(user_follow, USER_FOLLOW, COUNT, "Accounts that began to follow")
LIST_FIELD(profile_visit, PROFILE_VISIT, COUNT, "Visits of the profile")
LIST_FIELD(video_mrc_view, VIDEO_MRC_VIEW, COUNT, "Views of videos, of 2 seconds and half of the picture at least")
LIST_FIELD(video_start, VIDEO_START, COUNT, "Times that videos began to play")
LIST_FIELD(video_10s_view, VIDEO_10S_VIEW, COUNT, "Views of videos of 10 seconds at least")
LIST_FIELD(quartile_95_percent_view, QUARTILE_95_PERCENT_VIEW, COUNT, "Times that videos were played to 95 percent")
LIST_FIELD(video_avg_watch_time, VIDEO_AVG_WATCH_TIME, RATIO, "Average time of a view of videos, in milliseconds")
LIST_FIELD(video_v50_watch_time, VIDEO_V50_WATCH_TIME, COUNT, "Time that videos were played, in milliseconds")
LIST_END

/* top_pins */
LIST_KEYS(top_pins)
KEY_OF_ADVERTISER
KEY_OF_DAY
LIST_KEY(sort_by, sort_by, TEXT, "Metric by which the Pin is among the top ones of the day")
LIST_KEY(pin_id, pin_id, ID, "Pin")
LIST_END
LIST_COLUMNS(top_pins)
LIST_COLUMN(rank, COUNT, "Place of the Pin among these, from 1 on")
LIST_COLUMN(data_status, JSON, "For each metric, whether it is there")
LIST_FIELD(impression, IMPRESSION, COUNT, "Times that Pins were on a screen")
LIST_FIELD(engagement, ENGAGEMENT, COUNT, "Clicks and saves together")
LIST_FIELD(engagement_rate, ENGAGEMENT_RATE, RATIO, "Engagements per impression")
LIST_FIELD(pin_click, PIN_CLICK, COUNT, "Clicks on Pins")
LIST_FIELD(pin_click_rate, PIN_CLICK_RATE, RATIO, "Clicks on Pins per impression")
LIST_FIELD(outbound_click, OUTBOUND_CLICK, COUNT, "Clicks that led to the destination")
LIST_FIELD(outbound_click_rate, OUTBOUND_CLICK_RATE, RATIO, "Outbound clicks per impression")
LIST_FIELD(save, SAVE, COUNT, "Times that Pins were saved to a board")
LIST_FIELD(save_rate, SAVE_RATE, RATIO, "Saves per impression")
LIST_FIELD(closeup, CLOSEUP, COUNT, "Times that Pins were seen in close-up")
LIST_FIELD(closeup_rate, CLOSEUP_RATE, RATIO, "Close-ups per impression")
LIST_FIELD(video_mrc_view, VIDEO_MRC_VIEW, COUNT, "Views of videos, of 2 seconds and half of the picture at least")
LIST_FIELD(video_start, VIDEO_START, COUNT, "Times that videos began to play")
LIST_FIELD(video_10s_view, VIDEO_10S_VIEW, COUNT, "Views of videos of 10 seconds at least")
LIST_FIELD(quartile_95_percent_view, QUARTILE_95_PERCENT_VIEW, COUNT, "Times that videos were played to 95 percent")
LIST_FIELD(video_avg_watch_time, VIDEO_AVG_WATCH_TIME, RATIO, "Average time of a view of videos, in milliseconds")
LIST_FIELD(video_v50_watch_time, VIDEO_V50_WATCH_TIME, COUNT, "Time that videos were played, in milliseconds")
LIST_END

/* top_video_pins */
LIST_KEYS(top_video_pins)
KEY_OF_ADVERTISER
KEY_OF_DAY
LIST_KEY(sort_by, sort_by, TEXT, "Metric by which the Pin is among the top ones of the day")
LIST_KEY(pin_id, pin_id, ID, "Pin")
LIST_END
LIST_COLUMNS(top_video_pins)
LIST_COLUMN(rank, COUNT, "Place of the Pin among these, from 1 on")
LIST_COLUMN(data_status, JSON, "For each metric, whether it is there")
LIST_FIELD(impression, IMPRESSION, COUNT, "Times that Pins were on a screen")
LIST_FIELD(outbound_click, OUTBOUND_CLICK, COUNT, "Clicks that led to the destination")
LIST_FIELD(save, SAVE, COUNT, "Times that Pins were saved to a board")
LIST_FIELD(video_mrc_view, VIDEO_MRC_VIEW, COUNT, "Views of videos, of 2 seconds and half of the picture at least")
LIST_FIELD(video_start, VIDEO_START, COUNT, "Times that videos began to play")
LIST_FIELD(video_10s_view, VIDEO_10S_VIEW, COUNT, "Views of videos of 10 seconds at least")
LIST_FIELD(quartile_95_percent_view, QUARTILE_95_PERCENT_VIEW, COUNT, "Times that videos were played to 95 percent")
LIST_FIELD(video_avg_watch_time, VIDEO_AVG_WATCH_TIME, RATIO, "Average time of a view of videos, in milliseconds")
LIST_FIELD(video_v50_watch_time, VIDEO_V50_WATCH_TIME, COUNT, "Time that videos were played, in milliseconds")
LIST_END
