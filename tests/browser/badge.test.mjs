// The badge in a portal's own pages, in a real browser: it says who is signed in, lets the page be, and goes when it is told to.
// Without JavaScript as with it; under a strict policy and under one that forbids it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { launch, newContext } from './lib/browser.mjs';
import { doesNotScrollSideways, passesAxe } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { EVERY_VIEW, inspect } from './lib/inspect.mjs';
import { givePassword, own, signOut } from './lib/visitor.mjs';

const STRICT = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'";
// A portal that does its best to be in the way: every element restyled, another base, a grid for a body.
const RUDE = `* { all: unset; display: block !important; color: red !important; position: static !important; float: left }
[hidden] { display: none !important } body { display: grid !important; grid-template-rows: auto 1fr } a, p, aside { font-size: 40px !important }`;
const PAGES = {
  '/': { head: '<meta name="viewport" content="width=device-width, initial-scale=1">', body: '<main><h1>Rides of today</h1><p>Nothing planned.</p><form><label>Notes <input name="notes"></label></form></main>' },
  '/strict': { policy: STRICT, body: '<main><h1>Strict</h1></main>' },
  '/closed': { policy: "default-src 'none'", body: '<main><h1>Closed</h1></main>' },
  '/rude': { head: `<base href="https://elsewhere.test/" target="_blank"><style>${RUDE}</style>`, body: '<main><h1>Rude</h1></main>' },
};

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch();
  const server = http.createServer((request, response) => {
    const { policy, head = '', body } = PAGES[new URL(request.url, 'http://x').pathname] ?? {};
    if (!body) return response.writeHead(204).end();
    if (policy) response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('cache-control', 'max-age=600');
    return response.end(`<!doctype html><html lang="en"><head><title>Portal</title>${head}</head><body>${body}</body></html>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  portal = server;
  gateway = await startServe('badge', {
    portals: {
      rides: {
        title: 'Rides',
        upstream: `http://127.0.0.1:${server.address().port}`,
        badge: true,
        rules: [{ path: '/**', policy: 'one_factor' }],
      },
    },
    people: [
      { name: 'anna', display_name: 'Anna Ångström' },
      { name: 'bert', display_name: 'Bartholomäus Freiherr von und zu Hohenstein-Waldeck-Pyrmont' },
    ],
    settings: '[second_factor]\nrequirement = "optional"\nmethods = ["totp"]\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  portal?.closeAllConnections();
  portal?.close();
});

const at = (path) => gateway.origin('rides') + path;
const badge = (page) => page.locator('vestibule-badge aside');
const close = (page) => badge(page).locator('input');

/** Everything the browser's console says but for ordinary notes. */
function errorsOf(page) {
  const errors = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (problem) => errors.push(String(problem)));
  return errors;
}

async function signedIn(name, options = {}) {
  const context = await newContext(browser, options);
  const page = await context.newPage();
  await page.goto(at('/'));
  await givePassword(page, name);
  await page.waitForURL(at('/'));
  return { context, page };
}

for (const javaScriptEnabled of [true, false]) {
  test(`a badge names the visitor, is closed, stays away and is back after the next sign-in ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    const { context, page } = await signedIn('anna', { javaScriptEnabled });
    const errors = errorsOf(page);
    await page.goto(at('/?day=3#late'));
    await badge(page).waitFor();
    const summary = badge(page).locator('summary');
    assert.equal(await summary.innerText(), 'Signed in as Anna Ångström');
    const links = badge(page).getByRole('link');
    assert.equal(await links.count(), 0, 'folded');
    await summary.click();
    assert.deepEqual(await links.allInnerTexts(), ['Account', 'Switch account', 'Sign out']);

    // What was being typed is not lost.
    await page.locator('[name="notes"]').fill('half a sentence');
    const remembered = page.waitForResponse((response) => response.url().endsWith('/.vestibule/badge'));
    await page.getByRole('checkbox', { name: 'Hide this until the next sign-in' }).click();
    assert.equal((await remembered).status(), 200);
    await badge(page).waitFor({ state: 'hidden' });
    assert.equal(await page.locator('[name="notes"]').inputValue(), 'half a sentence');
    assert.equal(page.url(), at('/?day=3#late'));
    for (const path of ['/', '/?day=3', '/strict']) {
      await page.goto(at(path));
      assert.equal(await page.locator('vestibule-badge').count(), 0, path);
    }

    await signOut(page, gateway.origin('rides'));
    // Sign-ins are told apart by the second in which they began.
    await page.waitForTimeout(1100);
    await page.goto(at('/'));
    await givePassword(page, 'anna');
    await page.waitForURL(at('/'));
    await badge(page).waitFor();
    // The keyboard closes it as well, and the next step is the page's own.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await badge(page).waitFor({ state: 'hidden' });
    await page.keyboard.press('Tab');
    assert.equal(await page.locator('[name="notes"]:focus').count(), 1);
    assert.deepEqual(errors, []);
    await context.close();
  });
}

test('its ways lead to our pages and back', async () => {
  const { context, page } = await signedIn('anna');
  const ways = { Account: 'account', 'Switch account': 'accounts', 'Sign out': 'logout' };
  for (const [name, address] of Object.entries(ways)) {
    await page.goto(at('/rude?x=1'));
    await badge(page).locator('summary').click();
    await badge(page).getByRole('link', { name, exact: true }).click();
    await page.waitForURL(own(address));
    assert.equal(new URL(page.url()).origin, gateway.origin('rides'), 'whatever the base of the page');
  }
  assert.equal(context.pages().length, 1, 'in the same window');
  assert.equal(new URL(page.url()).searchParams.get('return_to'), '/rude?x=1');
  await context.close();
});

test('a strict policy that lets it in has it, one that does not has none, and neither complains', async () => {
  const { context, page } = await signedIn('anna');
  const errors = errorsOf(page);
  await page.goto(at('/strict'));
  await badge(page).waitFor();
  await close(page).click();
  await badge(page).waitFor({ state: 'hidden' });
  await context.clearCookies({ name: '__Host-vestibule-badge' });
  await page.goto(at('/closed'));
  await page.getByText('Closed').waitFor();
  assert.equal(await page.locator('vestibule-badge').count(), 0);
  assert.deepEqual(errors, []);
  await context.close();
});

test('neither page changes the other: a rude portal finds no way in, and its layout is its own', async () => {
  const { context, page } = await signedIn('anna');
  await page.goto(at('/rude'));
  await badge(page).waitFor();
  const seen = () => page.evaluate(() => {
    const host = document.querySelector('vestibule-badge');
    const aside = host.shadowRoot.querySelector('aside');
    const { position, color } = getComputedStyle(host);
    return { position, color, size: getComputedStyle(aside).fontSize, height: aside.getBoundingClientRect().height < 50 };
  });
  const { position, size, height } = await seen();
  assert.deepEqual({ position, size, height }, { position: 'fixed', size: '14px', height: true });
  const place = () => page.evaluate(() => JSON.stringify(document.querySelector('main').getBoundingClientRect()));
  const withBadge = await place();
  await page.evaluate(() => document.querySelector('vestibule-badge').remove());
  assert.equal(await place(), withBadge, 'nothing moved');
  await context.close();
});

test('it is not printed', async () => {
  const { context, page } = await signedIn('anna');
  await badge(page).waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await badge(page).isVisible(), false);
  await context.close();
});

test('a badge stands axe, 320 px and both colour schemes, folded and open', async () => {
  for (const name of ['anna', 'bert']) {
    const { context, page } = await signedIn(name, { bypassCSP: true });
    await badge(page).waitFor();
    await inspect(page, `badge-${name}`, EVERY_VIEW);
    await badge(page).locator('summary').click();
    await inspect(page, `badge-${name}-open`, EVERY_VIEW);
    await badge(page).locator('summary').focus();
    await passesAxe(page, name);
    await doesNotScrollSideways(page, name);
    await context.close();
  }
});
