// What a person does in front of the pages: reads, types, clicks. Only the fixed addresses and field names are known here.
import assert from 'node:assert/strict';
import { PASSWORD } from './gateway.mjs';
import { Authenticator } from './totp.mjs';

export const own = (name) => new RegExp(`/\\.vestibule/${name}(\\?|$)`);

const formWith = (page, field) => page.locator(`form:has([name="${field}"])`);

async function submit(page, field) {
  await formWith(page, field).first().locator('button[type="submit"]').first().click();
}

/** On the sign-in page: name and password. */
export async function givePassword(page, name, password = PASSWORD) {
  await page.waitForURL(own('login'));
  await page.locator('[name="username"]').fill(name);
  await page.locator('[name="password"]').fill(password);
  await submit(page, 'password');
}

/** On a page with a code field: the code typed key by key, and what is to be trusted. */
export async function giveCode(page, code, { trustDevice = false, trustAddress = false } = {}) {
  const form = formWith(page, 'code').first();
  for (const [name, wanted] of [['trust_device', trustDevice], ['trust_address', trustAddress]]) {
    if (!wanted) continue;
    const box = form.locator(`[name="${name}"]`);
    await form.locator(`label[for="${await box.getAttribute('id')}"]`).click();
    assert.ok(await box.isChecked(), `${name} is ticked`);
  }
  await form.locator('[name="code"]').fill('');
  await form.locator('[name="code"]').pressSequentially(code);
  await submit(page, 'code');
}

/** On the enrolment page: the key as the `otpauth:` link carries it. */
export async function readKey(page) {
  await page.waitForURL(own('enrol'));
  const link = await page.locator('a[href^="otpauth:"]').first().getAttribute('href');
  const key = new URL(link).searchParams.get('secret');
  assert.match(key, /^[A-Z2-7]{16,}$/);
  return key;
}

/** Sets up a code app where the gateway insists, and leaves the recovery codes behind. `clock` is the gateway's, if turned. */
export async function enrol(page, clock = undefined) {
  const app = new Authenticator(await readKey(page), clock);
  await giveCode(page, await app.next());
  const codes = await readRecoveryCodes(page);
  await leaveRecoveryCodes(page);
  return { app, codes };
}

export async function readRecoveryCodes(page) {
  const list = page.locator('#codes li');
  await list.first().waitFor();
  const codes = (await list.allInnerTexts()).map((text) => text.trim());
  assert.equal(codes.length, 10, 'ten recovery codes');
  assert.equal(new Set(codes).size, 10, 'all different');
  return codes;
}

/** Goes on from the recovery codes; whoever kept none is reminded once, where scripts run. */
export async function leaveRecoveryCodes(page) {
  const onward = page.locator('a[data-kept]');
  await onward.click();
  const reminder = page.locator('[data-unsaved]');
  if (await reminder.isVisible().catch(() => false)) await onward.click();
}

/** On the code page: a recovery code instead, found behind "No access to the app?". */
export async function chooseRecovery(page) {
  await page.locator('details:has(a[href*="method=recovery"]) summary').click();
  await page.locator('a[href*="method=recovery"]').click();
}

/** Presses a button of the account page. */
export async function press(page, action) {
  await page.locator(`form:has([name="action"][value="${action}"]) button`).first().click();
}

/** Leaves by the sign-out page; `scope` is `here` or `everywhere`. */
export async function signOut(page, origin, scope = 'here') {
  await page.goto(`${origin}/.vestibule/logout`);
  await confirmSignOut(page, scope);
}

/** On the sign-out page: yes. */
export async function confirmSignOut(page, scope = 'here') {
  await page.locator(`button[name="scope"][value="${scope}"]`).click();
  await page.waitForLoadState();
}

/** On a sign-in page that needs no password: the address, and a link by mail. */
export async function askForLink(page, address) {
  await page.waitForURL(own('login'));
  await page.locator('[name="username"]').fill(address);
  await submit(page, 'username');
  await page.waitForURL(own('link'));
}

/** Six digits that are not these. */
export const otherThan = (digits) => (digits === '000000' ? '000001' : '000000');
