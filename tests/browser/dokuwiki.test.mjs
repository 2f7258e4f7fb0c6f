// A real portal that cannot be changed: DokuWiki, under the rules of the file we ship for it, knows the visitor by the
// identity header and does its everyday work.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, newContext } from './lib/browser.mjs';
import { startDokuwiki } from './lib/dokuwiki.mjs';
import { ask, startServe } from './lib/gateway.mjs';
import { browserTests } from './lib/places.mjs';
import { enrol, givePassword } from './lib/visitor.mjs';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');

const shipped = readFileSync(join(browserTests, '../../config/dokuwiki.toml'), 'utf8');
const rules = shipped.slice(shipped.indexOf('[[portal.rule]]'), shipped.indexOf('[[test]]'));

let browser;
let wiki;
let gateway;
before(async () => {
  browser = await launch();
  wiki = await startDokuwiki();
  gateway = await startServe('wiki', {
    portals: { wiki: { title: 'Office wiki', upstream: wiki.origin, rules } },
    people: [{ name: 'zoe', display_name: 'Zoë Jansen', email: 'zoe@example.com', groups: ['office'] }],
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await wiki?.stop();
});

test('this wiki is set up as the shipped file says', () => {
  const lines = shipped.match(/^#\s+\$conf.*;/gm).map((line) => line.replace(/^#\s+/, ''));
  assert.ok(lines.length >= 4);
  const settings = readFileSync(join(wiki.root, 'conf/local.php'), 'utf8');
  for (const line of lines) assert.ok(settings.includes(line), line);
});

test('the shipped rules open the look of the wiki and nothing of its content', async () => {
  const status = async (path, method = 'GET') => (await ask(gateway.origin('wiki') + path, { method })).status;
  assert.equal(await status('/lib/exe/css.php'), 200);
  assert.equal(await status('/lib/tpl/dokuwiki/images/logo.png'), 200);
  assert.equal(await status('/lib/exe/css.php', 'POST'), 401);
  for (const path of ['/doku.php?id=start', '/lib/exe/jsonrpc.php', '/lib/exe/fetch.php?media=agenda.png', '/feed.php']) {
    assert.equal(await status(path), 401, path);
  }
  assert.equal(await status('/install.php'), 403);
});

test('zoe signs in with a code, edits and saves a page, uploads a file, and DokuWiki says it was her', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const origin = gateway.origin('wiki');
  const refused = [];
  page.on('response', (answer) => {
    if (answer.status() >= 500) refused.push(`${answer.status()} ${answer.url()}`);
  });

  await page.goto(`${origin}/doku.php?id=minutes&do=edit`);
  await givePassword(page, 'zoe');
  await enrol(page);
  await page.locator('.user bdi').filter({ hasText: 'Zoë Jansen' }).waitFor();

  await page.locator('#wiki__text').fill('====== Minutes ======\n\nThe budget was approved.');
  await page.locator('#edit__summary').fill('first minutes');
  await page.locator('#edbtn__save').click();
  await page.getByRole('heading', { name: 'Minutes' }).waitFor();
  await page.goto(`${origin}/doku.php?id=minutes&do=edit`);
  await page.locator('#wiki__text').fill('====== Minutes ======\n\nThe budget was approved at noon.');
  await page.locator('#edbtn__save').click();
  await page.getByText('approved at noon').waitFor();

  await page.goto(`${origin}/doku.php?id=minutes&do=media&tab_files=upload`);
  await page.locator('#mediamanager__uploader input[type=file]')
    .setInputFiles({ name: 'agenda.png', mimeType: 'image/png', buffer: PIXEL });
  await page.locator('#mediamanager__upload_button').click();
  await page.locator('.qq-upload-success').waitFor();

  const data = (name) => readFileSync(join(wiki.root, 'data', name));
  assert.match(data('pages/minutes.txt').toString(), /approved at noon/);
  assert.deepEqual(data('media/agenda.png'), PIXEL);
  const changes = data('meta/minutes.changes').toString().trim().split('\n').map((line) => line.split('\t'));
  assert.deepEqual(changes.map((change) => change[4]), ['zoe', 'zoe'], 'the change log names her');
  assert.match(data('meta/_media.changes').toString(), /\tagenda\.png\tzoe\t/);
  assert.deepEqual(refused, []);
  await context.close();
});
