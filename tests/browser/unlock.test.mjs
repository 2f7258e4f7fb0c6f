// A remembered device is unlocked: with its PIN and no scripts, and with a passkey of Chromium's own virtual authenticator.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf, costOf, isCheap, passesAxe } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { startPortal } from './lib/portal.mjs';
import { enrol, giveCode, givePassword, leaveRecoveryCodes, own, readRecoveryCodes, signOut } from './lib/visitor.mjs';

const USE = 'button[data-purpose]';

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch();
  portal = await startPortal();
  gateway = await startServe('unlock', {
    portals: { wiki: { title: 'Wiki', upstream: portal.origin, rules: [{ path: '/**', policy: 'two_factor' }] } },
    people: [{ name: 'anna', display_name: 'Anna Arndt' }, { name: 'bert', display_name: 'Bert Bos' }, { name: 'carl' }],
    settings: '[second_factor]\nmethods = ["totp", "passkey"]\n\n[trust]\nunlock = ["passkey", "pin"]\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await portal?.stop();
});

async function arrives(page, name) {
  await page.locator('#remote-user').waitFor();
  assert.equal(await page.locator('#remote-user').innerText(), name);
}

async function typePin(page, pin) {
  await page.locator('[name="pin"]').fill(pin);
  await page.locator('form:has([name="pin"]) button[type="submit"]').first().click();
}

/** Comes back on a remembered device. */
async function comesBack(page, origin) {
  await signOut(page, origin);
  await page.goto(`${origin}/start?from=mail`);
  await page.waitForURL(own('login'));
}

test('anna sets a PIN right after her device was remembered, and unlocks with it, all without scripts', async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  const origin = gateway.origin('wiki');
  await page.goto(`${origin}/start`);
  await givePassword(page, 'anna');
  const { app } = await enrol(page);
  await arrives(page, 'anna');

  await signOut(page, origin);
  await page.goto(`${origin}/start`);
  await givePassword(page, 'anna');
  await page.waitForURL(own('second-factor'));
  await giveCode(page, await app.next(), { trustDevice: true });
  await page.waitForURL(own('pin'));
  await page.locator('[name="pin_again"]').fill('407193');
  await typePin(page, '123456');
  await page.locator('#error').waitFor();
  await page.locator('[name="pin_again"]').fill('407193');
  await typePin(page, '407193');
  await arrives(page, 'anna');

  await comesBack(page, origin);
  await page.getByRole('heading', { name: 'Welcome back, Anna Arndt' }).waitFor();
  assert.equal(await page.locator('[name="username"]').count(), 0);
  assert.equal(await page.locator(USE).isVisible().catch(() => false), false);
  await typePin(page, '407194');
  await page.locator('#error').waitFor();
  await typePin(page, '407193');
  await arrives(page, 'anna');
  assert.equal(new URL(page.url()).search, '?from=mail', 'the deep link is kept');

  await page.goto(`${origin}/.vestibule/account`);
  await page.getByText('Unlocked with the PIN of the device').waitFor();

  // Somebody else at the same device.
  await comesBack(page, origin);
  await page.getByRole('link', { name: 'Sign in with another account' }).click();
  await page.locator('[name="username"]').waitFor();

  for (let wrong = 0; wrong < 5; wrong += 1) {
    if (wrong === 0) await page.goto(`${origin}/start`);
    await typePin(page, '407194');
    await page.locator('#error').waitFor();
  }
  await page.getByText('after five wrong PINs it is forgotten').waitFor();
  await page.goto(`${origin}/start`);
  await givePassword(page, 'anna');
  await page.waitForURL(own('second-factor'));
  await context.close();
});

test('bert unlocks a remembered device with a passkey, offered by the browser and with the button', async () => {
  const context = await newContext(browser, { bypassCSP: false });
  const page = await context.newPage();
  const device = await context.newCDPSession(page);
  await device.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true },
  });
  const present = (enabled) => device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  const complaints = complaintsOf(page);
  const origin = gateway.origin('wiki');
  await page.goto(`${origin}/start`);
  await givePassword(page, 'bert');
  await page.waitForURL(own('enrol'));
  await page.locator(USE).click();
  await readRecoveryCodes(page);
  await leaveRecoveryCodes(page);
  await arrives(page, 'bert');

  // Remembered, with the passkey as the second factor; no PIN is wanted.
  await signOut(page, origin);
  await present(false);
  await page.goto(`${origin}/start`);
  await givePassword(page, 'bert');
  await page.waitForURL(own('second-factor'));
  await page.locator('label[for="trust_device"]').click();
  await present(true);
  await page.locator(USE).click();
  await page.waitForURL(own('pin'));
  await page.getByRole('link', { name: 'Not now' }).click();
  await arrives(page, 'bert');

  // With the button.
  await present(false);
  await comesBack(page, origin);
  await page.getByRole('heading', { name: 'Welcome back, Bert Bos' }).waitFor();
  assert.equal(await page.locator('[name="pin"]').count(), 0);
  await present(true);
  await page.locator(USE).click({ noWaitAfter: true }).catch(() => {});
  await arrives(page, 'bert');
  assert.equal(new URL(page.url()).search, '?from=mail');

  // A device that nobody unlocks stays locked.
  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await comesBack(page, origin);
  await page.locator(USE).click();
  await page.locator('[data-passkey] [role="alert"]').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the pages to unlock and to set a PIN pass axe and cost no more than others', async () => {
  const context = await newContext(browser, { bypassCSP: true });
  const page = await context.newPage();
  const origin = gateway.origin('wiki');
  await page.goto(`${origin}/start`);
  await givePassword(page, 'carl');
  const { app } = await enrol(page);
  await arrives(page, 'carl');
  await signOut(page, origin);
  await page.goto(`${origin}/start`);
  await givePassword(page, 'carl');
  await page.waitForURL(own('second-factor'));
  await giveCode(page, await app.next(), { trustDevice: true });
  await page.waitForURL(own('pin'));
  isCheap(await costOf(page, () => page.reload()), 'pin');
  await passesAxe(page, 'pin');
  await page.locator('[name="pin_again"]').fill('407193');
  await typePin(page, '407193');
  await arrives(page, 'carl');
  await signOut(page, origin);
  isCheap(await costOf(page, () => page.goto(`${origin}/.vestibule/login`)), 'unlock');
  await page.locator('[name="pin"]').waitFor();
  await passesAxe(page, 'unlock');
  await context.close();
});
