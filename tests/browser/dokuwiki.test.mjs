// A real portal that cannot be changed: DokuWiki knows the visitor by the identity header and does its everyday work.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, newContext } from './lib/browser.mjs';
import { startDokuwiki } from './lib/dokuwiki.mjs';
import { startServe } from './lib/gateway.mjs';
import { enrol, givePassword } from './lib/visitor.mjs';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');

let browser;
let wiki;
let gateway;
before(async () => {
  browser = await launch();
  wiki = await startDokuwiki();
  gateway = await startServe('wiki', {
    portals: { wiki: { title: 'Office wiki', upstream: wiki.origin, rules: [{ path: '/**', policy: 'two_factor' }] } },
    people: [{ name: 'zoe', display_name: 'Zoë Jansen', email: 'zoe@example.com', groups: ['office'] }],
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await wiki?.stop();
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
