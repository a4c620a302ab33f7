// What people write: downloads a report and inserts its rows, some at a time.
//
//   load.js URL COLUMNS TABLE
//
// COLUMNS is JSON: [[API name, type, what a missing value is], ...].  Writes the
// process id of its backend, begins when it reads a line, and writes one at the end.
const { Client } = require('pg');
const readline = require('readline');

async function main() {
  const [url, columnsText, table] = process.argv.slice(2);
  const columns = JSON.parse(columnsText);
  const client = new Client();
  await client.connect();
  console.log((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
  const input = readline.createInterface({ input: process.stdin });
  await new Promise((resolve) => input.once('line', resolve));

  const report = JSON.parse(await (await fetch(url)).text());
  const perQuery = Math.floor(65535 / columns.length);
  let values = [];
  const flush = async () => {
    const rows = [];
    for (let n = 0; n < values.length; n += columns.length) {
      rows.push('(' + columns.map((_, i) => '$' + (n + i + 1)).join(',') + ')');
    }
    if (rows.length) await client.query(`INSERT INTO ${table} VALUES ${rows.join(',')}`, values);
    values = [];
  };
  await client.query('BEGIN');
  for (const rows of Object.values(report)) {
    for (const row of rows) {
      for (const [name, , missing] of columns) values.push(row[name] ?? missing);
      if (values.length === perQuery * columns.length) await flush();
    }
  }
  await flush();
  await client.query('COMMIT');
  console.log('done');
  await client.end();
  input.close();
}

main().catch((error) => { console.error(error); process.exit(1); });
