/*-------------------------------------------------------------------------
 *
 * adslists.h
 *	  The second part of the lists of the schema "ads", one after the other.
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

/* labels */
LIST_KEYS(labels)
KEY_OF_ADVERTISER
LIST_KEY(label_id, id, ID, "Label")
LIST_END
LIST_COLUMNS(labels)
LIST_COLUMN(label_type, TEXT, "Kind of label: BRAND or CUSTOM")
LIST_COLUMN(value, TEXT, "What the label says")
LIST_COLUMN(status, TEXT, "ACTIVE or ARCHIVED")
LIST_COLUMN(parent_type, TEXT, "What kind of entity the label is on, such as CAMPAIGN")
LIST_COLUMN(parent_id, ID, "Entity that the label is on")
LIST_END

/* promotions */
LIST_KEYS(promotions)
KEY_OF_ADVERTISER
LIST_KEY(promotion_id, id, ID, "Promotion")
LIST_END
LIST_COLUMNS(promotions)
LIST_COLUMN(promotion_title, TEXT, "Name of the promotion, which only the advertiser sees")
LIST_COLUMN(promotion_type, TEXT, "What is promised, such as FREE_SHIPPING; decides the text that is shown")
LIST_COLUMN(promotion_code, TEXT, "Code that buyers redeem")
LIST_COLUMN(promotion_custom_id, TEXT, "The advertiser's own id of the promotion")
LIST_COLUMN(status, TEXT, "Status that the promotion was set to")
LIST_COLUMN(discount_status, TEXT, "Status that results from the times: ACTIVE, SCHEDULED, EXPIRED and the like")
LIST_COLUMN(start_time, SECONDS, "When the promotion begins")
LIST_COLUMN(end_time, SECONDS, "When the promotion ends")
LIST_COLUMN(template_values, JSON, "Values that complete the text that is shown")
LIST_COLUMN(platform_type, TEXT, "Where the promotion was made, such as SHOPIFY")
LIST_COLUMN(external_id, TEXT, "Id of the promotion there")
LIST_END

/* advertiser_defined_events */
LIST_KEYS(advertiser_defined_events)
KEY_OF_ADVERTISER
LIST_KEY(name, name, TEXT, "Name of the event, as it is sent to Pinterest")
LIST_END
LIST_COLUMNS(advertiser_defined_events)
LIST_COLUMN(mapped_conversion_type, TEXT, "Standard event that campaigns optimize it as")
LIST_END

/* page_visit_tags */
LIST_KEYS(page_visit_tags)
KEY_OF_ADVERTISER
LIST_KEY(conversion_tag_id, conversion_tag_id, ID, "Conversion tag")
LIST_KEY(conversion_event, conversion_event, TEXT, "Event of the tag")
LIST_END
LIST_COLUMNS(page_visit_tags)
LIST_COLUMN(created_time, SECONDS, "When the event was first seen")
LIST_END

/* conversion_quality */
LIST_KEYS(conversion_quality)
KEY_OF_ADVERTISER
LIST_KEY(lookback_period, lookback_period, TEXT, "Days that the score looks back on: 1d or 14d")
LIST_KEY(source_platform, source_platform, TEXT, "Where the events happened, such as WEB or OFFLINE")
LIST_KEY(ingestion_source, ingestion_source, TEXT, "How the events came to Pinterest, such as TAG or CONVERSIONS_API")
LIST_END
LIST_COLUMNS(conversion_quality)
LIST_COLUMN(overall_status, TEXT, "GOOD, FAIR or NEEDS_IMPROVEMENT")
LIST_COLUMN(quality_components, JSON, "What makes up the score, with coverage and details of each part")
LIST_END

/* audience_insights */
LIST_KEYS(audience_insights)
KEY_OF_ADVERTISER
LIST_KEY(type, type, TEXT, "Whose audience it is: YOUR_TOTAL_AUDIENCE, YOUR_ENGAGED_AUDIENCE or PINTEREST_TOTAL_AUDIENCE")
LIST_END
LIST_COLUMNS(audience_insights)
LIST_COLUMN(date, DATE, "Day that the insights are as of")
LIST_COLUMN(size, COUNT, "People in the audience")
LIST_COLUMN(size_is_upper_bound, FLAG, "Whether the size is rounded up to the next limit")
LIST_COLUMN(categories, JSON, "Interests, with shares and indexes")
LIST_COLUMN(demographics, JSON, "Ages, genders, devices, metros and countries, with shares")
LIST_END

/* customer_segments */
LIST_KEYS(customer_segments)
KEY_OF_ADVERTISER
LIST_KEY(customer_segment_id, id, ID, "Customer segment")
LIST_END
LIST_COLUMNS(customer_segments)
LIST_COLUMN(name, TEXT, "Name of the customer segment")
LIST_COLUMN(status, TEXT, "Status of the customer segment")
LIST_COLUMN(audience_ids, TEXTS, "Audiences that make up the segment")
LIST_COLUMN(created_time, SECONDS, "When the segment was created")
LIST_COLUMN(updated_time, SECONDS, "When the segment was last changed")
LIST_END

/* schedules */
LIST_KEYS(schedules)
KEY_OF_ADVERTISER
LIST_KEY(schedule_id, schedule_id, ID, "Schedule")
LIST_END
LIST_COLUMNS(schedules)
LIST_COLUMN(name, TEXT, "Name of the schedule")
LIST_COLUMN(entity_type, TEXT, "What kind of entity is changed")
LIST_COLUMN(entity_id, ID, "Campaign that is changed")
LIST_COLUMN(schedule_type, TEXT, "What is changed: CAMPAIGN_BUDGET_CHANGE or CAMPAIGN_BID_MULTIPLIERS")
LIST_COLUMN(schedule_action, TEXT, "What is done to the campaign")
LIST_COLUMN(schedule_status, TEXT, "How far the schedule is")
LIST_COLUMN(start_timestamp, SECONDS, "When the change begins")
LIST_COLUMN(end_timestamp, SECONDS, "When the change ends")
LIST_COLUMN(delta_value, JSON, "By how much a budget changes, or by which multipliers bids do")
LIST_END

/* ad_pins */
LIST_KEYS(ad_pins)
KEY_OF_ADVERTISER
LIST_KEY(pin_id, id, ID, "Pin")
LIST_END
LIST_COLUMNS(ad_pins)
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
LIST_END

/* billing_profiles */
LIST_KEYS(billing_profiles)
KEY_OF_ADVERTISER
LIST_KEY(billing_profile_id, id, ID, "Billing profile")
LIST_END
LIST_COLUMNS(billing_profiles)
LIST_COLUMN(billing_type, TEXT, "How the advertiser pays, such as CREDIT_CARD or INVOICE")
LIST_COLUMN(status, TEXT, "Whether it can be paid with, such as VALID")
LIST_COLUMN(card_type, TEXT, "Kind of card")
LIST_COLUMN(payment_method_brand, TEXT, "Brand of the method of payment")
LIST_END

/* billing_invoices */
LIST_KEYS(billing_invoices)
KEY_OF_ADVERTISER
LIST_KEY(billing_invoice_id, id, ID, "Invoice or credit memo")
LIST_END
LIST_COLUMNS(billing_invoices)
LIST_COLUMN(document_type, TEXT, "INVOICE or CREDIT_MEMO")
LIST_COLUMN(status, TEXT, "OPEN or CLOSED")
LIST_COLUMN(billing_period_start_date, DATE, "First day that is billed")
LIST_COLUMN(billing_period_end_date, DATE, "Last day that is billed")
LIST_COLUMN(invoice_due_date, DATE, "Day on which it is due")
LIST_COLUMN(currency, TEXT, "Currency of the amounts, ISO 4217")
LIST_COLUMN(amount_billed_micro_currency, MICRO, "What is to be paid, in micro-currency")
LIST_COLUMN(amount_net_micro_currency, MICRO, "Amount without tax, in micro-currency")
LIST_COLUMN(amount_tax_micro_currency, MICRO, "Tax, in micro-currency")
LIST_COLUMN(amount_discount_micro_currency, MICRO, "Discount, in micro-currency")
LIST_COLUMN(bill_to_country, TEXT, "Country of the address")
LIST_COLUMN(payment_terms, TEXT, "Terms of payment, such as NET 30")
LIST_COLUMN(ad_account_name, TEXT, "Name of the advertiser on the invoice")
LIST_END

/* credits */
LIST_KEYS(credits)
KEY_OF_ADVERTISER
LIST_KEY(place, place, COUNT, "Place in Pinterest's list, from 1 on: credits have no id")
LIST_END
LIST_COLUMNS(credits)
LIST_COLUMN(title, TEXT, "What the credit is called")
LIST_FIELD(discount_type, discountType, TEXT, "Kind of credit, such as COUPON or GOODWILL_CREDIT")
LIST_FIELD(active, active, FLAG, "Whether it can be spent")
LIST_FIELD(discount_currency, discountCurrency, TEXT, "Currency of the amounts, ISO 4217")
LIST_FIELD(discount_in_micro_currency, discountInMicroCurrency, MICRO, "Amount, in micro-currency")
LIST_FIELD(remaining_discount_in_micro_currency, remainingDiscountInMicroCurrency, MICRO, "What is left of it, in micro-currency")
LIST_END

/* businesses */
LIST_KEYS(businesses)
LIST_KEY(business_id, id, ID, "Business")
LIST_END
LIST_COLUMNS(businesses)
LIST_COLUMN(business_roles, TEXTS, "Roles of the token's user in the business")
LIST_COLUMN(is_shared_partner, FLAG, "Of a partner: whether this business may access the partner's assets")
LIST_FIELD(business, user, JSON, "The business as a user, with its name")
LIST_COLUMN(assets_summary, JSON, "Assets that the user may access, by permission")
LIST_COLUMN(created_by_user, JSON, "User who made the relationship")
LIST_COLUMN(created_by_business, JSON, "Business that made the relationship")
LIST_COLUMN(created_time, MILLISECONDS, "When the relationship was made")
LIST_END

/* business_ad_accounts */
LIST_KEYS(business_ad_accounts)
LIST_KEY(business_id, business_id, ID, "Business")
LIST_KEY(advertiser_id, asset_id, ID, "Advertiser (ad account)")
LIST_KEY(permission, permission, TEXT, "What the business may do with the advertiser, a row for each such as OWNER or ANALYST")
LIST_END
LIST_COLUMNS(business_ad_accounts)
LIST_COLUMN(asset_type, TEXT, "Always AD_ACCOUNT")
LIST_END
