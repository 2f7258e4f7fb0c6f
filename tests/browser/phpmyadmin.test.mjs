// phpMyAdmin under the rules of the file we ship for it: administrators alone get to it, and work under the database account
// that belongs to their name without knowing its password.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, newContext } from './lib/browser.mjs';
import { ask, startServe } from './lib/gateway.mjs';
import { shipped, startMariadb, startPhpmyadmin } from './lib/portals.mjs';
import { enrol, givePassword } from './lib/visitor.mjs';

let browser;
let database;
let phpmyadmin;
let gateway;
const file = shipped('phpmyadmin', /^\$cfg/);
before(async () => {
  browser = await launch();
  database = await startMariadb([
    'CREATE DATABASE shop',
    'CREATE TABLE shop.orders (id INT PRIMARY KEY, customer VARCHAR(40))',
    "INSERT INTO shop.orders VALUES (1, 'Jansen'), (2, 'Bakker')",
    'CREATE DATABASE payroll',
    "CREATE USER shopkeeper IDENTIFIED BY 'a secret of the database'",
    'GRANT SELECT, INSERT ON shop.* TO shopkeeper',
  ]);
  phpmyadmin = await startPhpmyadmin(database, file.asks, { zoe: 'shopkeeper:a secret of the database' });
  gateway = await startServe('db', {
    portals: { db: { title: 'Database', upstream: phpmyadmin.origin, rules: file.rules } },
    people: [
      { name: 'zoe', groups: ['admins'] },
      { name: 'ria', groups: ['admins'] },
      { name: 'kim', groups: ['office'] },
    ],
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await phpmyadmin?.stop();
  await database?.stop();
});

async function arrive(name, path) {
  const context = await newContext(browser);
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await page.goto(gateway.origin('db') + path);
  await givePassword(page, name);
  await enrol(page);
  return { context, page };
}

test('the shipped file says all that phpMyAdmin must be told', () => assert.equal(file.asks.length, 4));

test('strangers get nothing, whoever they say to be', async () => {
  const status = async (path, headers = {}) => (await ask(gateway.origin('db') + path, { headers })).status;
  for (const path of ['/', '/index.php?route=/sql', '/js/dist/main.js', '/themes/pmahomme/css/theme.css']) {
    assert.equal(await status(path), 401, path);
    assert.equal(await status(path, { 'Remote-User': 'zoe' }), 401, path);
  }
  for (const path of ['/setup/index.php', '/libraries/vendor_config.php', '/sql/create_tables.sql']) {
    assert.equal(await status(path), 403, path);
  }
});

test('zoe signs in with a code and works as the account that is hers', async () => {
  const { context, page } = await arrive('zoe', '/index.php?route=/database/sql&db=shop');
  await page.locator('#sqlqueryform').waitFor();
  const run = async (statement) => {
    await page.locator('#sqlqueryform .CodeMirror').last().waitFor();
    await page.evaluate((text) => {
      [...document.querySelectorAll('#sqlqueryform .CodeMirror')].at(-1).CodeMirror.setValue(text);
    }, statement);
    await page.locator('#button_submit_query').click();
  };
  await run("INSERT INTO orders VALUES (3, 'Visser')");
  await page.locator('.alert-success, .result_query').getByText('1 row inserted').first().waitFor();
  await page.goto(`${gateway.origin('db')}/index.php?route=/database/sql&db=shop`);
  await run('SELECT customer, CURRENT_USER() AS me FROM orders ORDER BY id');
  const result = page.locator('.table_results');
  await result.waitFor().catch(async () => assert.fail(await page.locator('body').innerText()));
  const text = await result.innerText();
  for (const word of ['Jansen', 'Bakker', 'Visser', 'shopkeeper@%']) assert.ok(text.includes(word), `${word} in ${text}`);
  // The account is not the machine's: what it may not see is not there.
  assert.ok(!(await page.content()).includes('payroll'));
  await context.close();
});

test('an administrator without an account of the database is sent away, and an office worker is not let in', async () => {
  const { context, page } = await arrive('ria', '/index.php');
  assert.ok(!(await page.content()).includes('shop'), page.url());
  await context.close();
  const other = await arrive('kim', '/index.php');
  const answer = await other.page.goto(`${gateway.origin('db')}/index.php`);
  assert.equal(answer.status(), 403);
  await other.context.close();
});
