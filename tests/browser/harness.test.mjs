// The measuring tools themselves: each must find the fault it is there for.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { NARROW, launch, newContext } from './lib/browser.mjs';
import { doesNotScrollSideways, passesAxe } from './lib/checks.mjs';
import { startDokuwiki } from './lib/dokuwiki.mjs';
import { Authenticator, codeAt, wrongCode } from './lib/totp.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function pageOf(html) {
  const context = await newContext(browser, { bypassCSP: true, viewport: NARROW });
  const page = await context.newPage();
  await page.setContent(html);
  return page;
}

test('the authenticator gives the codes of RFC 6238', () => {
  const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  for (const [seconds, code] of [[59, '287082'], [1111111109, '081804'], [1234567890, '005924'], [20000000000, '353130']]) {
    assert.equal(codeAt(key, Math.floor(seconds / 30)), code);
  }
});

test('the authenticator never gives a code twice, nor a wrong code that is right', async () => {
  const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const app = new Authenticator(key);
  const codes = [await app.next(), await app.next()];
  assert.notEqual(codes[0], codes[1]);
  assert.ok(!codes.includes(wrongCode(key)));
});

test('axe finds a field without a label', async () => {
  const page = await pageOf('<html lang="en"><title>t</title><main><h1>h</h1><input name="code"></main></html>');
  await assert.rejects(passesAxe(page, 'bad page'), /label/);
});

test('a page wider than the window is noticed', async () => {
  const page = await pageOf('<html lang="en"><meta name="viewport" content="width=device-width"><div style="width:400px">x</div></html>');
  await assert.rejects(doesNotScrollSideways(page, 'bad page'), /\d+ px wide in a window of 320 px/);
});

test('the wiki itself shows nothing to a stranger', async () => {
  const wiki = await startDokuwiki();
  try {
    const answer = await fetch(`${wiki.origin}/doku.php?id=start&do=edit`);
    assert.match(await answer.text(), /Permission Denied/);
    const settings = await fetch(`${wiki.origin}/conf/local.php`);
    assert.equal(settings.status, 403);
  } finally {
    await wiki.stop();
  }
});
