// `vestibule demo` as somebody meets it who tries it for the first time, and what its sample portal can do.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf } from './lib/checks.mjs';
import { ask, startDemo } from './lib/gateway.mjs';
import { startPortal } from './lib/portal.mjs';
import { Authenticator } from './lib/totp.mjs';
import { giveCode, givePassword, own } from './lib/visitor.mjs';

let browser;
let demo;
let page;
before(async () => {
  browser = await launch();
  demo = await startDemo();
  page = await (await newContext(browser)).newPage();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('what the demo prints opens its portal at the page asked for', async () => {
  const complaints = complaintsOf(page);
  await page.goto(`${demo.address}/headers?from=readme&q=a%20b`);
  await givePassword(page, demo.user, demo.password);
  await page.waitForURL(own('second-factor'));
  await giveCode(page, await new Authenticator(demo.key).next());
  await page.waitForURL(`${demo.address}/headers?from=readme&q=a%20b`);
  const received = await page.locator('table').innerText();
  assert.match(received, new RegExp(`remote-user\\s+${demo.user}`));
  assert.match(received, /x-forwarded-proto\s+https/);
  assert.doesNotMatch(received, /__Host-vestibule/);
  assert.deepEqual(complaints, []);
});

test('a form, a download and an upload pass unchanged', async () => {
  await page.goto(`${demo.address}/form`);
  await page.locator('#subject').fill('Größe & Maß');
  await page.locator('form button[type="submit"]').click();
  assert.equal(await page.locator('#sent-1').innerText(), 'Größe & Maß');

  await page.goto(`${demo.address}/files`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[href="/download"]').click()]);
  assert.equal(download.suggestedFilename(), 'sample.txt');
  assert.match(readFileSync(await download.path(), 'utf8'), /line 400 of a file/);

  const file = Buffer.alloc(3_000_000, 'vestibule');
  await page.locator('#file').setInputFiles({ name: 'large.bin', mimeType: 'application/octet-stream', buffer: file });
  await page.locator('form button[type="submit"]').click();
  await page.getByText(createHash('sha256').update(file).digest('hex')).waitFor();
});

test('a WebSocket says back what it hears', async () => {
  await page.goto(`${demo.address}/ws`);
  await page.getByText('Connected.').waitFor();
  for (const words of ['hello', 'überall']) {
    await page.locator('#text').fill(words);
    await page.locator('form button[type="submit"]').click();
    await page.locator('#log li').filter({ hasText: words }).waitFor();
  }
});

test('before a portal of one\'s own it tells that portal who is there', async () => {
  const portal = await startPortal();
  const gateway = await startDemo(['--upstream', portal.origin]);
  const visitor = await (await newContext(browser)).newPage();
  try {
    await visitor.goto(`${gateway.address}/reports?month=11`);
    await givePassword(visitor, gateway.user, gateway.password);
    await visitor.waitForURL(own('second-factor'));
    await giveCode(visitor, await new Authenticator(gateway.key).next());
    await visitor.waitForURL(`${gateway.address}/reports?month=11`);
    assert.equal(await visitor.locator('#asked').innerText(), '/reports?month=11');
    assert.equal(await visitor.locator('#remote-user').innerText(), gateway.user);
  } finally {
    await visitor.close();
    await gateway.stop();
    await portal.stop();
  }
});

test('a stranger meets 401 where no person looks, and the public page without being asked', async () => {
  const answer = await ask(`${demo.address}/`, { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 401);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.match(JSON.parse(answer.body).login_url, /\/\.vestibule\/login/);
  assert.equal((await ask(`${demo.address}/public/`)).status, 200);
});
