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

/* catalogs */
LIST_KEYS(catalogs)
KEY_OF_ADVERTISER
LIST_KEY(catalog_id, id, ID, "Catalog")
LIST_END
LIST_COLUMNS(catalogs)
LIST_COLUMN(name, TEXT, "Name of the catalog")
LIST_COLUMN(catalog_type, TEXT, "RETAIL, HOTEL or CREATIVE_ASSETS")
LIST_COLUMN(created_at, TIME, "When the catalog was created")
LIST_COLUMN(updated_at, TIME, "When the catalog was last changed")
LIST_END

/* feeds */
LIST_KEYS(feeds)
KEY_OF_ADVERTISER
LIST_KEY(feed_id, id, ID, "Feed")
LIST_END
LIST_COLUMNS(feeds)
LIST_COLUMN(catalog_id, ID, "Catalog that the feed belongs to; null: the default one of its type")
LIST_COLUMN(name, TEXT, "Name of the feed")
LIST_COLUMN(status, TEXT, "ACTIVE or INACTIVE")
LIST_COLUMN(catalog_type, TEXT, "RETAIL, HOTEL or CREATIVE_ASSETS")
LIST_COLUMN(format, TEXT, "Format of the file, such as TSV or XML")
LIST_COLUMN(location, TEXT, "URL of the file")
LIST_COLUMN(preferred_processing_schedule, JSON, "Time of day and time zone at which the file is to be read")
LIST_COLUMN(default_country, TEXT, "Country of the products, ISO 3166-1 alpha-2")
LIST_COLUMN(default_currency, TEXT, "Currency of prices that do not say one, ISO 4217")
LIST_COLUMN(default_locale, TEXT, "Language of the products")
LIST_COLUMN(default_availability, TEXT, "Availability of products that do not say one")
LIST_COLUMN(created_at, TIME, "When the feed was created")
LIST_COLUMN(updated_at, TIME, "When the feed was last changed")
LIST_END

/* feed_processing_results */
LIST_KEYS(feed_processing_results)
KEY_OF_ADVERTISER
LIST_KEY(feed_id, feed_id, ID, "Feed")
LIST_KEY(processing_result_id, id, ID, "Processing of the feed")
LIST_END
LIST_COLUMNS(feed_processing_results)
LIST_COLUMN(status, TEXT, "COMPLETED, FAILED or PROCESSING")
LIST_COLUMN(created_at, TIME, "When the processing began")
LIST_COLUMN(updated_at, TIME, "When the result was last changed")
LIST_COLUMN(product_counts, JSON, "Products in the file, and those of them that were taken")
LIST_COLUMN(video_counts, JSON, "Likewise of videos")
LIST_COLUMN(ingestion_details, JSON, "Errors and warnings of the processing, and products by availability")
LIST_COLUMN(validation_details, JSON, "Counts of items by error and by warning")
LIST_END

/* feed_item_issues */
LIST_KEYS(feed_item_issues)
KEY_OF_ADVERTISER
LIST_KEY(processing_result_id, processing_result_id, ID, "Processing of the feed")
LIST_KEY(item_number, item_number, COUNT, "Place of the item in the file, from 0 on")
LIST_END
LIST_COLUMNS(feed_item_issues)
LIST_COLUMN(item_id, TEXT, "The merchant's id of the item, as product_item_id of reports")
LIST_COLUMN(errors, JSON, "Errors of the item by their names, with the attribute and its value")
LIST_COLUMN(warnings, JSON, "Warnings of the item, likewise")
LIST_END

/* product_groups */
LIST_KEYS(product_groups)
KEY_OF_ADVERTISER
LIST_KEY(product_group_id, id, ID, "Product group of the catalog")
LIST_END
LIST_COLUMNS(product_groups)
LIST_COLUMN(catalog_id, ID, "Catalog of the products")
LIST_COLUMN(feed_id, ID, "Feed of the products")
LIST_COLUMN(name, TEXT, "Name of the product group")
LIST_COLUMN(description, TEXT, "Description of the product group")
LIST_COLUMN(type, TEXT, "How it came about, such as MERCHANT_CREATED or TOP_SELLERS")
LIST_COLUMN(status, TEXT, "ACTIVE or INACTIVE")
LIST_COLUMN(is_featured, FLAG, "Whether it is featured on the profile")
LIST_COLUMN(filters, JSON, "Conditions that its products fulfill")
LIST_COLUMN(catalog_type, TEXT, "RETAIL, HOTEL or CREATIVE_ASSETS")
LIST_COLUMN(country, TEXT, "Country of the products, ISO 3166-1 alpha-2")
LIST_COLUMN(locale, TEXT, "Language of the products")
LIST_COLUMN(created_at, SECONDS, "When the product group was created")
LIST_COLUMN(updated_at, SECONDS, "When the product group was last changed")
LIST_END

/* product_group_counts */
LIST_KEYS(product_group_counts)
KEY_OF_ADVERTISER
LIST_KEY(product_group_id, product_group_id, ID, "Product group of the catalog")
LIST_END
LIST_COLUMNS(product_group_counts)
LIST_COLUMN(catalog_type, TEXT, "RETAIL, HOTEL or CREATIVE_ASSETS")
LIST_COLUMN(total, COUNT, "Products of the group")
LIST_COLUMN(in_stock, COUNT, "Those that are in stock")
LIST_COLUMN(out_of_stock, COUNT, "Those that are out of stock")
LIST_COLUMN(preorder, COUNT, "Those that can be ordered ahead")
LIST_COLUMN(videos, COUNT, "Videos of the products")
LIST_END

/* products */
LIST_KEYS(products)
KEY_OF_ADVERTISER
LIST_KEY(product_group_id, product_group_id, ID, "Product group of the catalog")
LIST_KEY(pin_id, pin_id, ID, "Pin of the product")
LIST_END
LIST_COLUMNS(products)
LIST_COLUMN(item_id, TEXT, "The merchant's id of the product, as product_item_id of reports; of a hotel or a creative asset, its own")
LIST_COLUMN(item_group_id, TEXT, "The merchant's id of the product that this is a variant of")
LIST_COLUMN(title, TEXT, "Title of the Pin")
LIST_COLUMN(link, TEXT, "Where a click on the Pin leads")
LIST_COLUMN(image_url, TEXT, "URL of the largest picture of the Pin")
LIST_COLUMN(availability, TEXT, "IN_STOCK, OUT_OF_STOCK or PREORDER")
LIST_COLUMN(price, AMOUNT, "Price")
LIST_COLUMN(sale_price, AMOUNT, "Reduced price")
LIST_COLUMN(currency, TEXT, "Currency of the prices, ISO 4217")
LIST_COLUMN(catalog_type, TEXT, "RETAIL, HOTEL or CREATIVE_ASSETS")
LIST_COLUMN(metadata, JSON, "What the catalog says about the product")
LIST_COLUMN(pin, JSON, "The Pin")
LIST_END
