// What a program that uses node-postgres lists and reads; t/090_clients.pl runs it with
// NODE_PATH, and compares what it prints: names and values, one a line.

const { Client, types } = require('pg');

const show = (name, value) => console.log(`${name}\t${value}`);
// As without this, a date would be an instant of the local time zone.
types.setTypeParser(types.builtins.DATE, text => text);
const plain = value => Array.isArray(value) ? value.join(',')
  : value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);

async function connect() {
  const client = new Client();      // takes the environment
  await client.connect();
  return client;
}

async function main() {
  const client = await connect();
  const row = async (text, ...values) =>
    (await client.query({ text, values, rowMode: 'array' })).rows[0].map(plain).join('|');
  const names = async (text, ...values) =>
    (await client.query({ text, values, rowMode: 'array' })).rows.map(one => one[0]).join(',');
  const { CAMPAIGN: campaign, LISTED: listed, DAY: day } = process.env;
  const schemas = ['pinterest_ads', 'pinterest_live'];

  show('driver', `node-postgres ${require('pg/package.json').version}`);
  show('schemas', await names(`SELECT schema_name FROM information_schema.schemata
    WHERE schema_name ~ '^(pinterest_(ads|live)|reports)$' ORDER BY 1`));
  show('tables', await names(`SELECT table_schema || '.' || table_name FROM information_schema.tables
    WHERE table_schema ~ '^(pinterest_(ads|live)|reports)$' ORDER BY 1`));
  for (const schema of schemas) {
    show(`columns in ${schema}`, await names(`SELECT column_name FROM information_schema.columns
      WHERE table_schema = $1 AND table_name = 'campaign_report' ORDER BY ordinal_position`, schema));
    show(`report in ${schema}`, await row(`SELECT campaign_id, date, total_impression, spend_in_dollar
      FROM ${schema}.campaign_report WHERE campaign_id = $1 AND date = $2`, campaign, day));
    show(`list in ${schema}`, await row(`SELECT daily_spend_cap, tracking_urls FROM ${schema}.campaigns
      WHERE campaign_id = $1`, listed));
    show(`array in ${schema}`, await row(`SELECT permissions FROM ${schema}.advertisers`));
  }
  show('view', await row(`SELECT week, spend_in_dollar, total_impression, click_rate
    FROM reports.campaign_by_week WHERE campaign_id = $1 AND week = date_trunc('week', $2::date)::date`,
    campaign, day));
  const found = [];
  for (let back = 0; back < 8; back++) {
    found.push(await client.query({ name: 'days', rowMode: 'array', values: [day, back],
      text: 'SELECT count(*) FROM pinterest_live.campaign_report WHERE date = $1::date - $2::int' }));
  }
  show('prepared', found.map(one => one.rows[0][0]).join(','));

  show('refreshed', await row(
    `SELECT target::text, rows, unchanged FROM pinterest.refresh('pinterest_ads.campaigns')`));
  show('checked', await row(`SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok)
    FROM pinterest.check('pinterest')`));
  await client.query("CALL pinterest.refresh_all('{pinterest_ads.campaigns}')");
  show('called', await row(
    `SELECT status FROM pinterest.status WHERE target = 'pinterest_ads.campaigns'::regclass`));

  // Somebody who waits for Pinterest, and gives up
  const other = await connect();
  const failed = client.query('SELECT * FROM pinterest_live.audiences').catch(error => error.code);
  for (let waiting = 0; !waiting;) {
    const { rowCount } = await other.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%live.audiences%'`);
    waiting = rowCount;
    await new Promise(done => setTimeout(done, 20));
  }
  await other.end();
  show('cancelled', await failed);
  show('afterwards', await row('SELECT count(*) FROM pinterest_ads.advertisers'));
  await client.end();
}

main().catch(error => { console.error(error); process.exit(1); });
