// The authenticator page in one browser, the sign-in in another: paired by its number, at hand without a network.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf, costOf, doesNotScrollSideways, isCheap, passesAxe } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { inspect } from './lib/inspect.mjs';
import { vestibule } from './lib/places.mjs';
import { startPortal } from './lib/portal.mjs';
import { giveCode, givePassword, leaveRecoveryCodes, own, readRecoveryCodes, signOut } from './lib/visitor.mjs';

const LOCALES = { en: 'en-GB', nl: 'nl-NL', de: 'de-DE', fr: 'fr-FR' };
const ALL = ['desktop-light', 'phone-dark', 'narrow'];

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch(['--ignore-certificate-errors']);
  portal = await startPortal();
  const rules = [{ path: '/**', policy: 'two_factor' }];
  gateway = await startServe('authenticator', {
    portals: { wiki: { title: 'Wiki', upstream: portal.origin, rules } },
    people: ['anna', 'bert', 'carl'].map((name) => ({ name })),
    settings: '[second_factor]\nmethods = ["totp", "approval"]\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await portal?.stop();
});

const address = () => `${gateway.origin('wiki')}/.vestibule/authenticator`;

/** A phone with the page open, showing its number. */
async function phone(options = {}) {
  const context = await newContext(browser, options);
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(address());
  await page.locator('#number').filter({ hasText: /\d/ }).waitFor();
  return { context, page, complaints };
}

const digits = async (page, id) => {
  const shown = page.locator(`#${id}`).filter({ hasText: /\d{3} \d{3}/ });
  await shown.waitFor();
  return (await shown.innerText()).replace(/\s/g, '');
};

/** The page's code, with time enough left to type it. */
async function codeOf(page) {
  await page.waitForFunction(() => document.querySelector('#left').value > 4, undefined, { timeout: 10_000 });
  return digits(page, 'code');
}

/** Waits for a code that was not used before. */
async function freshCode(page, used) {
  await page.waitForFunction(
    (old) => document.querySelector('#code').textContent.replace(/\s/g, '') !== old, used, { timeout: 40_000 });
  return codeOf(page);
}

/** In the wizard: number and code of the page. */
async function pairInWizard(visitor, page) {
  await visitor.waitForURL(own('enrol'));
  await visitor.locator('a[href*="by=page"]').click();
  await visitor.locator('[name="pairing"]').fill(await digits(page, 'number'));
  const code = await codeOf(page);
  await giveCode(visitor, code);
  return code;
}

test('anna pairs the page, closes it, opens it without a network, and signs in with its code', { timeout: 120_000 }, async () => {
  const { context, page, complaints } = await phone();
  const sitting = await newContext(browser);
  const visitor = await sitting.newPage();
  await visitor.goto(`${gateway.origin('wiki')}/start`);
  await givePassword(visitor, 'anna');
  const used = await pairInWizard(visitor, page);
  await readRecoveryCodes(visitor);
  await leaveRecoveryCodes(visitor);
  await visitor.locator('#remote-user').waitFor();
  await page.locator('#linked').waitFor();
  assert.equal(await page.locator('#account').innerText(), 'anna');
  await visitor.goto(`${gateway.origin('wiki')}/.vestibule/account`);
  await visitor.getByText('Authenticator (Chrome').waitFor();

  // No script can read the keys out of the browser.
  const kept = await page.evaluate(() => new Promise((resolve, reject) => {
    const asked = indexedDB.open('vestibule-authenticator');
    asked.onerror = reject;
    asked.onsuccess = () => {
      const found = asked.result.transaction('kept').objectStore('kept').get('page');
      found.onsuccess = () => resolve({ ...found.result, totp: found.result.totp.extractable, signer: found.result.signer.extractable });
    };
  }));
  assert.deepEqual([kept.stage, kept.totp, kept.signer, kept.number], ['linked', false, false, undefined]);

  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.close();
  const again = await context.newPage();
  await again.goto(address());
  await again.locator('#linked').waitFor();
  const code = await freshCode(again, used);
  await signOut(visitor, gateway.origin('wiki'));
  await visitor.goto(`${gateway.origin('wiki')}/start`);
  await givePassword(visitor, 'anna');
  await visitor.waitForURL(own('second-factor'));
  await giveCode(visitor, code);
  await visitor.locator('#remote-user').waitFor();

  // The worker answers for the page alone.
  const elsewhere = await again.goto(`${gateway.origin('wiki')}/start`).catch(() => 'no network');
  assert.equal(elsewhere, 'no network');
  assert.deepEqual(complaints, []);
  await context.close();
  await sitting.close();
});

test('an administrator pairs bert, who forgets the page again', { timeout: 60_000 }, async () => {
  const { context, page } = await phone();
  const number = await digits(page, 'number');
  execFileSync(vestibule, ['user', 'pair', 'bert', number, '--config', gateway.file], { cwd: gateway.folder });
  await page.locator('#linked').waitFor();
  assert.equal(await page.locator('#account').innerText(), 'bert');
  const code = await codeOf(page);
  const sitting = await newContext(browser);
  const visitor = await sitting.newPage();
  await visitor.goto(`${gateway.origin('wiki')}/start`);
  await givePassword(visitor, 'bert');
  await visitor.waitForURL(own('second-factor'));
  await giveCode(visitor, code);
  await visitor.locator('#remote-user').waitFor();
  await page.locator('#forget summary').click();
  await page.locator('#forget-now').click();
  await page.locator('#waiting').waitFor();
  assert.notEqual(await digits(page, 'number'), number);
  await context.close();
  await sitting.close();
});

test('carl approves a sign-in by its number, without a script where he signs in, and refuses another', { timeout: 90_000 }, async () => {
  const { context, page, complaints } = await phone();
  const pairing = await digits(page, 'number');
  execFileSync(vestibule, ['user', 'pair', 'carl', pairing, '--config', gateway.file], { cwd: gateway.folder });
  await page.locator('#linked').waitFor();

  /** Signs in as far as the number on the screen. */
  const ask = async () => {
    const sitting = await newContext(browser, { javaScriptEnabled: false });
    const visitor = await sitting.newPage();
    await visitor.goto(`${gateway.origin('wiki')}/start`);
    await givePassword(visitor, 'carl');
    await visitor.waitForURL(own('second-factor'));
    await visitor.goto(`${gateway.origin('wiki')}/.vestibule/second-factor?method=approval`);
    await visitor.locator('button.main').click();
    return { sitting, visitor, number: (await visitor.locator('.digits').innerText()).trim() };
  };

  const first = await ask();
  await page.locator('#request').waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(`\n${first.number}\n`), 'the page does not show the number');
  assert.equal(await page.locator('#where').innerText(), 'Wiki');
  await page.locator('#approve').click();
  assert.ok(await page.locator('#short').isVisible(), 'no number, no approval');
  await page.locator('#typed').fill(first.number);
  await page.locator('#approve').click();
  await page.locator('[data-state="approved"]').waitFor();
  // The screen that waits looks again by itself.
  await first.visitor.locator('.done').waitFor();
  await first.visitor.locator('button.main').click();
  await first.visitor.locator('#remote-user').waitFor();
  await first.sitting.close();

  const second = await ask();
  await page.locator('#request').waitFor();
  await page.locator('#refuse').click();
  await page.locator('[data-state="refused"]').waitFor();
  await second.visitor.locator('[name="password"]').waitFor();
  await second.sitting.close();

  // An app that is gone takes its page along.
  execFileSync(vestibule, ['user', 'reset-second-factor', 'carl', '--config', gateway.file], { cwd: gateway.folder });
  await page.locator('#gone').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('the page can be installed, and costs no more than others', async () => {
  const { context, page } = await phone();
  const session = await context.newCDPSession(page);
  const { errors, url } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(new URL(url).pathname, '/.vestibule/authenticator/manifest.webmanifest');
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // The test's certificate is its own, and its window forgets.
  const ofTheTest = ['in-incognito', 'not-from-secure-origin'];
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => !ofTheTest.includes(errorId)), []);
  const scopes = await page.evaluate(() =>
    navigator.serviceWorker.getRegistrations().then((all) => all.map(({ scope }) => new URL(scope).pathname)));
  assert.deepEqual(scopes, ['/.vestibule/authenticator']);
  await context.close();

  // What the worker fetches to keep is fetched once; the page itself is counted without it.
  const plain = await newContext(browser, { serviceWorkers: 'block' });
  const bare = await plain.newPage();
  const cost = await costOf(bare, () => bare.goto(address()));
  cost.requests = cost.requests.filter((url) => !/\/pairing$|webmanifest$|worker\.js$/.test(url));
  isCheap(cost, 'authenticator');
  await plain.close();
});

test('the worker keeps the page and its looks, and nothing of the portal', async () => {
  const { context, page } = await phone();
  await page.evaluate(() => navigator.serviceWorker.ready);
  const seen = await page.evaluate(() => fetch('/.vestibule/login').then((answer) => answer.url));
  assert.match(seen, /\/\.vestibule\/login$/);
  const keys = await page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)));
    return all.flat();
  });
  assert.ok(keys.length >= 4 && keys.every((path) => path.startsWith('/.vestibule/')), keys.join(' '));
  await context.close();
});

for (const [language, locale] of Object.entries(LOCALES)) {
  test(`every state of the page in ${language} stands axe and 320 px`, { timeout: 120_000 }, async () => {
    const { context, page } = await phone({ bypassCSP: true, locale });
    const views = language === 'en' ? ALL : ['narrow'];
    const look = (state) => inspect(page, `authenticator-${state}-${language}`, views, { picture: language === 'en' });
    await digits(page, 'code');
    await look('waiting');
    // The other states as the script shows them.
    const state = (parts) => page.evaluate((shown) => {
      for (const id of ['unable', 'lost', 'over', 'gone', 'request', 'said', 'waiting', 'linked', 'codes', 'how', 'again', 'keep', 'forget'])
        document.getElementById(id).hidden = !shown.includes(id);
      document.getElementById('account').textContent = 'anna.van-der-example@planning.example.com';
      document.getElementById('where').textContent = 'A portal with a long name of its own';
      for (const word of document.getElementById('said').children) word.hidden = false;
      document.querySelectorAll('details').forEach((part) => { part.open = true; });
    }, parts);
    await context.setOffline(true);
    for (const [name, parts] of [['request', ['request', 'linked', 'codes']], ['said', ['said', 'linked', 'codes']], ['gone', ['gone', 'again']], ['linked', ['linked', 'codes', 'keep', 'forget']], ['over', ['over', 'again']],
      ['lost', ['lost', 'again']], ['unable', ['unable']]]) {
      await state(parts);
      await passesAxe(page, name);
      await doesNotScrollSideways(page, name);
      await look(name);
    }
    await context.close();
  });
}
