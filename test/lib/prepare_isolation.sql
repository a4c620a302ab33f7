-- What the specs need to find in their database: isolationtester knows nothing
-- of the environment, in which the sandbox's address stands.
\getenv url PINTEREST_SANDBOX_URL
\getenv token PINTEREST_SANDBOX_TOKEN
\getenv advertiser PINTEREST_SANDBOX_ADVERTISER

CREATE EXTENSION pinterest_fdw;
CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
  OPTIONS (api_url :'url', advertiser_id :'advertiser');
CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
  OPTIONS (access_token :'token');
CREATE SCHEMA pinterest_live;
IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO pinterest_live;
