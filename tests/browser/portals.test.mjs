// Several portals on several hosts: one sign-in for all of them, a list to choose from, a page of welcome, a look of one's own,
// and several accounts in one browser.
// With JavaScript and without; the policy of our pages must let a browser go from one host to the other.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf, passesAxe } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { startPortal } from './lib/portal.mjs';
import { enrol, giveCode, givePassword, own, signOut } from './lib/visitor.mjs';

const DEEP = '/reports/2026?year=2026';
const logo = join(tmpdir(), `vestibule-browser-logo-${process.pid}.svg`);

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch();
  portal = await startPortal();
  writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30" width="90" height="30"><path fill="#8a1c4a" d="M0 0h90v30z"/></svg>');
  const rules = [{ path: '/**', policy: 'two_factor' }];
  gateway = await startServe('portals', {
    portals: {
      // Nothing stands behind the door.
      door: { title: 'Example Transport', rules: '', color: '#8a1c4a', logo },
      planning: { title: 'Planning', upstream: portal.origin, rules, start: '/dashboard' },
      wiki: { title: 'Wiki', upstream: portal.origin, rules, landing: true, welcome: 'What we know, written down.' },
      closed: { title: 'Closed', upstream: portal.origin, rules: [{ path: '/**', policy: 'deny' }] },
    },
    people: ['anna', 'bert'].map((name) => ({ name, email: `${name}@example.com` })),
    settings: '[second_factor]\nmethods = ["totp"]\n\n[single_sign_on]\nhome = "door"\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await portal?.stop();
});

const at = (name) => `${gateway.origin(name)}/`;
/** The code apps that were linked on the way. */
const apps = {};
const asked = (page) => page.locator('#asked').innerText();

for (const [name, javaScriptEnabled] of [['anna', true], ['bert', false]]) {
  test(`${name} signs in once for every host ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    const context = await newContext(browser, { javaScriptEnabled });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(gateway.origin('planning') + DEEP);
    await givePassword(page, name);
    assert.ok(page.url().startsWith(at('door')), 'home asks, not the portal');
    const { app } = await enrol(page);
    await page.waitForURL(gateway.origin('planning') + DEEP);
    assert.equal(await asked(page), DEEP);
    assert.equal(await page.locator('#remote-user').innerText(), name);

    // The next host: a page of welcome, then not a word.
    await page.goto(at('wiki'));
    await page.getByText('What we know, written down.').waitFor();
    await page.locator('a.button.main').click();
    await page.waitForURL(at('wiki'));
    assert.equal(await page.locator('#remote-user').innerText(), name);

    // The list, at home and elsewhere.
    await page.goto(at('door'));
    const rows = page.locator('.rows a');
    assert.deepEqual(await rows.allInnerTexts(), ['Planning', 'Wiki']);
    await rows.first().click();
    await page.waitForURL(`${at('planning')}dashboard`);

    // Signing out at one is signing out at all.
    await signOut(page, gateway.origin('wiki'));
    await page.goto(`${at('planning')}x`);
    await givePassword(page, name);
    assert.ok(page.url().startsWith(at('door')), 'home asks again');
    // This time a form of ours is the last step before the way back.
    await giveCode(page, await app.next());
    apps[name] = app;
    await page.waitForURL(`${at('planning')}x`);
    assert.equal(await asked(page), '/x');
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('one browser goes from anna to bert and back without signing in again', async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  const who = () => page.locator('.who .muted').innerText();
  await page.goto(`${at('door')}.vestibule/login`);
  await givePassword(page, 'anna');
  await giveCode(page, await apps.anna.next());
  await page.waitForURL(at('door'));
  await page.goto(`${at('door')}.vestibule/account`);
  await page.locator('a[href="/.vestibule/accounts"]').click();
  await page.locator('button[name="action"][value="another"]').click();
  await givePassword(page, 'bert');
  await giveCode(page, await apps.bert.next());
  await page.waitForURL(at('door'));
  assert.match(await who(), /bert/);
  await page.goto(`${at('door')}.vestibule/accounts`);
  await page.locator('button[name="id"]').click();
  await page.waitForURL(at('door'));
  assert.match(await who(), /anna/);
  await signOut(page, gateway.origin('door'));
  await page.locator('a[href^="/.vestibule/accounts"]').click();
  await page.getByText('bert', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`a portal keeps its own look, and its picture is drawn, in ${colorScheme} colours`, async () => {
    const context = await newContext(browser, { bypassCSP: true, colorScheme });
    const page = await context.newPage();
    await page.goto(`${at('door')}.vestibule/login`);
    assert.equal(await page.locator('.brand img').evaluate((image) => image.complete && image.naturalWidth > 0), true);
    const color = await page.locator('button.main').first().evaluate((button) => getComputedStyle(button).backgroundColor);
    assert.equal(color === 'rgb(138, 28, 74)', colorScheme === 'light', color);
    await passesAxe(page, 'own look');
    await page.goto(at('wiki'));
    await passesAxe(page, 'the page of welcome');
    await context.close();
  });
}
