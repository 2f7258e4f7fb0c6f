// Every page of the gateway, met on the way a visitor meets it: axe without a violation in light, dark, 320 px and reduced
// motion, no sideways scrolling, at most five requests and 30 kB, in all four languages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, newContext } from './lib/browser.mjs';
import { costOf, isCheap } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { EVERY_VIEW, inspect } from './lib/inspect.mjs';
import { startPortal } from './lib/portal.mjs';
import { freePort } from './lib/process.mjs';
import { Authenticator, wrongCode } from './lib/totp.mjs';
import { chooseRecovery, confirmSignOut, giveCode, givePassword, own, readKey } from './lib/visitor.mjs';

const LANGUAGES = { en: EVERY_VIEW, nl: ['narrow', 'desktop-dark'], de: ['narrow', 'desktop-dark'], fr: ['narrow', 'desktop-dark'] };

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch();
  portal = await startPortal();
  const nobody = `http://127.0.0.1:${await freePort()}`;
  gateway = await startServe('pages', {
    portals: {
      planning: {
        title: 'Planning',
        upstream: portal.origin,
        rules: [
          { path: '/board/**', policy: 'two_factor', subjects: ['group:board'] },
          { path: '/board/**', policy: 'deny' },
          { path: '/**', policy: 'two_factor' },
        ],
      },
      down: { title: 'Archive', upstream: nobody, rules: [{ path: '/**', policy: 'bypass' }] },
    },
    people: Object.keys(LANGUAGES).map((language) => ({
      name: `anna-${language}`, display_name: 'Anna de Vries', email: `anna-${language}@example.com`, groups: ['office'],
    })),
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await portal?.stop();
});

for (const [language, views] of Object.entries(LANGUAGES)) {
  test(`every page in ${language} is accessible, narrow enough and light`, { timeout: 240_000 }, async () => {
    const context = await newContext(browser, { bypassCSP: true, locale: language });
    const page = await context.newPage();
    const origin = gateway.origin('planning');
    const person = `anna-${language}`;
    let count = 0;

    // Does something that ends on a page of ours, and looks at that page.
    const meet = async (name, act, wanted) => {
      const cost = await costOf(page, act);
      if (wanted) await page.waitForURL(wanted);
      isCheap(cost, name);
      assert.equal(await page.locator('html').getAttribute('lang'), language, `${name}: in the visitor's language`);
      count += 1;
      await inspect(page, `${String(count).padStart(2, '0')}-${name}-${language}`, views);
    };

    await meet('login', () => page.goto(`${origin}/reports`), own('login'));
    await meet('login-wrong', () => givePassword(page, person, 'not the password'));
    await meet('enrol', () => givePassword(page, person), own('enrol'));
    const key = await readKey(page);
    const app = new Authenticator(key);
    await meet('enrol-wrong', () => giveCode(page, wrongCode(key)));
    await meet('recovery-codes', async () => giveCode(page, await app.next()));
    await meet('account', () => page.goto(`${origin}/.vestibule/account`));
    await meet('forbidden', () => page.goto(`${origin}/board/minutes`));
    await meet('not-found', () => page.goto(`${origin}/.vestibule/no-such-page`));
    await meet('logout', () => page.goto(`${origin}/.vestibule/logout`));
    await meet('signed-out', () => confirmSignOut(page));
    await page.goto(`${origin}/reports`);
    await meet('second-factor', () => givePassword(page, person), own('second-factor'));
    await meet('second-factor-wrong', () => giveCode(page, wrongCode(key)));
    await meet('recovery', () => chooseRecovery(page));
    await meet('recovery-wrong', () => giveCode(page, '22222-33333'));
    await page.goto(`${origin}/.vestibule/second-factor`);
    await giveCode(page, await app.next(), { trustDevice: true, trustAddress: true });
    await meet('account-with-trust', () => page.goto(`${origin}/.vestibule/account`));
    await meet('portal-down', () => page.goto(`${gateway.origin('down')}/`));
    await meet('unknown-host', () => page.goto(`https://stranger.test:${gateway.port}/`));
    await context.close();
  });
}

test('a visitor chooses another language and keeps it', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(`${gateway.origin('planning')}/reports?year=2026`);
  await page.locator('a[hreflang="nl"]').first().click();
  await page.locator('html[lang="nl"]').waitFor();
  await page.goto(`${gateway.origin('planning')}/reports?year=2026`);
  await page.locator('html[lang="nl"]').waitFor();
  await context.close();
});
