// Passkeys with Chromium's own virtual authenticator: made, used beside the password and instead of it, copied, removed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf, costOf, isCheap, passesAxe } from './lib/checks.mjs';
import { addLock } from './lib/device.mjs';
import { startServe } from './lib/gateway.mjs';
import { startPortal } from './lib/portal.mjs';
import { enrol, givePassword, leaveRecoveryCodes, own, readRecoveryCodes, signOut } from './lib/visitor.mjs';

const USE = 'button[data-purpose]';

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch();
  portal = await startPortal();
  const rules = [{ path: '/**', policy: 'two_factor' }];
  gateway = await startServe('passkey', {
    portals: { wiki: { title: 'Wiki', upstream: portal.origin, rules }, notes: { title: 'Notes', upstream: portal.origin, rules } },
    people: ['anna', 'bert', 'carl', 'dora'].map((name) => ({ name })),
    settings: '[second_factor]\nmethods = ["totp", "passkey"]\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await portal?.stop();
});

/** A visitor with a device that unlocks itself. */
async function visitor({ unlocks = true } = {}) {
  const context = await newContext(browser, { bypassCSP: false });
  const page = await context.newPage();
  const { device, authenticatorId } = await addLock(page, { unlocks });
  return { context, page, device, authenticatorId, complaints: complaintsOf(page) };
}

async function makePasskey(page) {
  await page.waitForURL(own('enrol'));
  await page.locator(USE).click();
}

async function arrives(page, name) {
  await page.locator('#remote-user').waitFor();
  assert.equal(await page.locator('#remote-user').innerText(), name);
}

test('anna makes a passkey instead of an app, and signs in without name and password, and with both', async () => {
  const { context, page, device, authenticatorId, complaints } = await visitor();
  const origin = gateway.origin('wiki');
  await page.goto(`${origin}/start`);
  await givePassword(page, 'anna');
  await makePasskey(page);
  assert.equal((await readRecoveryCodes(page)).length, 10);
  await leaveRecoveryCodes(page);
  await arrives(page, 'anna');

  // Offered in the browser's own list of names, which the virtual device answers by itself.
  await signOut(page, origin);
  await page.goto(`${origin}/start`);
  await arrives(page, 'anna');

  // With the button.
  await signOut(page, origin);
  await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await page.goto(`${origin}/start`);
  await page.waitForURL(own('login'));
  await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await page.locator(USE).click({ noWaitAfter: true }).catch(() => {});
  await arrives(page, 'anna');

  // As the second factor.
  await signOut(page, origin);
  await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await page.goto(`${origin}/start`);
  await givePassword(page, 'anna');
  await page.waitForURL(own('second-factor'));
  assert.equal(await page.locator('[name="code"]').count(), 0, 'there is no app to type a code of');
  await device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await page.locator(USE).click();
  await arrives(page, 'anna');

  assert.deepEqual(complaints, []);
  await context.close();
});

test('a passkey is good for its own host alone', async () => {
  const { context, page } = await visitor();
  await page.goto(`${gateway.origin('wiki')}/start`);
  await givePassword(page, 'bert');
  await makePasskey(page);
  await readRecoveryCodes(page);
  await page.goto(`${gateway.origin('notes')}/start`);
  await givePassword(page, 'bert');
  await page.waitForURL(own('second-factor'));
  await page.getByText('wiki.test').first().waitFor();
  assert.equal(await page.locator(USE).count(), 0);
  await context.close();
});

test('a device nobody unlocked, and a copy whose counter went back, are refused', async () => {
  const { context, page, device, authenticatorId } = await visitor();
  const origin = gateway.origin('wiki');
  await page.goto(`${origin}/start`);
  await givePassword(page, 'carl');
  await makePasskey(page);
  await readRecoveryCodes(page);
  await leaveRecoveryCodes(page);
  await arrives(page, 'carl');
  const { credentials: [copy] } = await device.send('WebAuthn.getCredentials', { authenticatorId });
  await signOut(page, origin);
  await page.goto(`${origin}/start`);
  await arrives(page, 'carl');
  await signOut(page, origin);

  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.goto(`${origin}/start`);
  await givePassword(page, 'carl');
  await page.locator(USE).click();
  await page.locator('[data-passkey] [role="alert"]').waitFor();

  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await device.send('WebAuthn.clearCredentials', { authenticatorId });
  await device.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copy, signCount: 0 } });
  await page.locator(USE).click();
  await page.locator('#error').waitFor();
  assert.equal(new URL(page.url()).pathname, '/.vestibule/second-factor');
  await context.close();
});

test('dora adds a passkey to her app, removes it, and it signs nobody in any more', async () => {
  const { context, page, complaints } = await visitor();
  const origin = gateway.origin('wiki');
  await page.goto(`${origin}/start`);
  await givePassword(page, 'dora');
  await enrol(page);
  await arrives(page, 'dora');
  await page.goto(`${origin}/.vestibule/account`);
  await page.locator('a[href*="/enrol"]').click();
  await page.locator('[name="label"]').fill('Laptop');
  await makePasskey(page);
  await page.waitForURL(own('account'));
  await page.getByText('Passkey for wiki.test').waitFor();
  const row = page.locator('li', { hasText: 'Laptop' });
  await row.locator('button').click();
  await page.waitForURL(/done=passkey-removed/);
  await signOut(page, origin);
  await page.goto(`${origin}/start`);
  await page.locator('#error').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('pages with passkeys pass axe, cost no more than others, and without scripts offer none', async () => {
  const context = await newContext(browser, { bypassCSP: true });
  const page = await context.newPage();
  const origin = gateway.origin('wiki');
  isCheap(await costOf(page, () => page.goto(`${origin}/.vestibule/login`)), 'login');
  await page.locator(USE).waitFor();
  await passesAxe(page, 'login');
  await context.close();

  const plain = await newContext(browser, { javaScriptEnabled: false });
  const still = await plain.newPage();
  await still.goto(`${origin}/.vestibule/login`);
  assert.equal(await still.locator(USE).isVisible(), false);
  await plain.close();
});
