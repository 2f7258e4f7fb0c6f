// WordPress under the rules of the file we ship for it: readers read, the back office asks for two factors and then knows who
// it is, and no other door is open.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, newContext } from './lib/browser.mjs';
import { ask, startServe } from './lib/gateway.mjs';
import { shipped, startMariadb, startWordpress } from './lib/portals.mjs';
import { freePort } from './lib/process.mjs';
import { enrol, givePassword, own } from './lib/visitor.mjs';

let browser;
let database;
let wordpress;
let gateway;
const file = shipped('wordpress', /^(\$_SERVER|define)/);
before(async () => {
  const port = await freePort();
  browser = await launch();
  database = await startMariadb(['CREATE DATABASE blog', "CREATE USER blog IDENTIFIED BY 'blog'", 'GRANT ALL ON blog.* TO blog']);
  wordpress = await startWordpress(database, `https://blog.test:${port}`);
  gateway = await startServe('blog', {
    port,
    portals: { blog: { title: 'Blog', upstream: wordpress.origin, start: '/wp-admin/', rules: file.rules } },
    people: [
      { name: 'zoe', display_name: 'Zoë Jansen', email: 'zoe@example.com', groups: ['office'] },
      { name: 'kim', groups: ['clients'] },
    ],
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await wordpress?.stop();
  await database?.stop();
});

const status = async (path, method = 'GET', headers = {}) =>
  (await ask(gateway.origin('blog') + path, { method, headers })).status;

test('this WordPress is set up as the shipped file says', () => {
  assert.equal(file.asks.length, 2);
  const settings = readFileSync(join(wordpress.root, 'wp-config.php'), 'utf8');
  for (const line of file.asks) assert.ok(settings.includes(line), line);
});

test('readers read, and every other door is closed', async () => {
  const front = await ask(`${gateway.origin('blog')}/`);
  assert.equal(front.status, 200);
  assert.match(front.body, /Office news/);
  assert.equal(await status('/news/hello-world/'), 200);
  assert.equal(await status('/wp-json/wp/v2/posts'), 200);
  assert.equal(await status('/wp-includes/js/jquery/jquery.min.js'), 200);
  for (const path of ['/wp-login.php', '/wp-admin/install.php']) assert.equal(await status(path), 403, path);
  assert.equal(await status('/xmlrpc.php', 'POST'), 403);
  for (const path of ['/wp-admin/', '/wp-admin/post-new.php', '/sample-page/', '/?p=2&preview=true'].slice(0, 3)) {
    assert.equal(await status(path), 401, path);
  }
  assert.equal(await status('/wp-json/wp/v2/posts', 'POST'), 401);
  // Cron is run from this machine alone, which a test is.
  assert.equal(await status('/wp-cron.php'), 200);
});

test('nobody is believed who says to be zoe', async () => {
  for (const name of ['Remote-User', 'remote_user', 'REMOTE.USER']) {
    assert.equal(await status('/wp-json/wp/v2/users/me', 'GET', { [name]: 'zoe' }), 401, name);
  }
  // Asked behind the gateway's back it would work: WordPress must listen on loopback only.
  const behind = await fetch(`${wordpress.origin}/wp-admin/profile.php`, { headers: { 'remote-user': 'zoe' } });
  assert.match(await behind.text(), /zoe@example\.com/);
});

test('zoe signs in with a code, writes and publishes a post, and deletes it', async () => {
  const context = await newContext(browser);
  context.setDefaultTimeout(45_000);
  const page = await context.newPage();
  const origin = gateway.origin('blog');
  const refused = [];
  page.on('response', (answer) => {
    if (answer.status() >= 500) refused.push(`${answer.status()} ${answer.url()}`);
  });
  await page.goto(`${origin}/wp-admin/post-new.php`);
  await givePassword(page, 'zoe');
  await enrol(page);
  await page.waitForURL(/post-new\.php/);

  await page.locator('.editor-post-title__input').fill('The budget was approved');
  await page.locator('.block-editor-default-block-appender__content, .block-editor-rich-text__editable:not(.editor-post-title__input)')
    .first().click();
  await page.keyboard.type('At noon, by all of us.');
  await page.locator('.editor-post-publish-panel__toggle').click();
  await page.locator('.editor-post-publish-button').click();
  await page.locator('.post-publish-panel__postpublish-header, .components-snackbar').first().waitFor();

  const public_ = await ask(`${origin}/news/the-budget-was-approved/`);
  assert.equal(public_.status, 200);
  assert.match(public_.body, /At noon, by all of us\./);
  assert.match(public_.body, /<p class="by">zoe<\/p>/);

  const deleted = await page.evaluate(async () => {
    const [post] = await globalThis.wp.apiFetch({ path: '/wp/v2/posts?search=budget' });
    return globalThis.wp.apiFetch({ path: `/wp/v2/posts/${post.id}`, method: 'DELETE' });
  });
  assert.equal(deleted.status, 'trash');
  assert.equal(await status('/news/the-budget-was-approved/'), 404);

  // Another site could send a form with the visitor's session, but has no nonce.
  const forged = await page.evaluate(() => fetch('/wp-json/wp/v2/posts', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ title: 'x', status: 'publish' }),
  }).then((answer) => answer.status));
  assert.ok([401, 403].includes(forged), `${forged}`);

  // Signing out is the gateway's, and WordPress has no session of its own that would outlast it.
  await page.goto(`${origin}/wp-admin/`);
  const link = page.locator('#wp-admin-bar-logout a');
  assert.match(await link.getAttribute('href'), /^\/\.vestibule\/logout|\.test:\d+\/\.vestibule\/logout/);
  await page.goto(`${origin}/.vestibule/logout`);
  await page.locator('button[name="scope"][value="here"]').click();
  await page.waitForLoadState();
  await page.goto(`${origin}/wp-admin/`);
  await page.waitForURL(own('login'));
  assert.deepEqual(refused, []);
  await context.close();
});

test('kim, who is no editor, gets no further than readers do', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(`${gateway.origin('blog')}/wp-admin/`);
  await givePassword(page, 'kim');
  await enrol(page);
  const answer = await page.goto(`${gateway.origin('blog')}/wp-admin/`);
  assert.equal(answer.status(), 403);
  assert.equal((await page.goto(`${gateway.origin('blog')}/`)).status(), 200);
  await context.close();
});
