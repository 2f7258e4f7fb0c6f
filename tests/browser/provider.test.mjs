// Signing in with an account at a real OpenID provider: linked once, then used; everybody else's is refused.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf, passesAxe } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { startPortal } from './lib/portal.mjs';
import { freePort } from './lib/process.mjs';
import { signInThere, startProvider } from './lib/provider.mjs';
import { enrol, giveCode, givePassword, own, press } from './lib/visitor.mjs';

const DEEP = '/reports/2026?year=2026';

let browser;
let portal;
let provider;
let gateway;
let origin;
before(async () => {
  browser = await launch();
  portal = await startPortal();
  // The provider must know the gateway's address before the gateway is asked for the provider's.
  const port = await freePort();
  origin = `https://planning.test:${port}`;
  provider = await startProvider({ name: 'acme', title: 'Acme', callbacks: [`${origin}/.vestibule/provider/callback`] });
  gateway = await startServe('provider', {
    port,
    portals: { planning: { title: 'Planning', upstream: portal.origin, rules: [{ path: '/**', policy: 'two_factor' }] } },
    people: ['anna', 'bert'].map((name) => ({ name, email: `${name}@example.com` })),
    settings: provider.settings,
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await provider?.stop();
  await portal?.stop();
});

async function goThere(page) {
  await page.waitForURL(own('login'));
  await page.locator('button[name="provider"][value="acme"]').click();
  await page.waitForURL(`${provider.issuer}/**`);
}

let app;

test('anna links an account while she is signed in', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(origin + DEEP);
  await givePassword(page, 'anna');
  ({ app } = await enrol(page));
  await page.goto(`${origin}/.vestibule/account`);
  await press(page, 'link_identity');
  await page.waitForURL(`${provider.issuer}/**`);
  await signInThere(page, 'anna-at-acme');
  await page.waitForURL(own('account'));
  await page.getByText('The account was linked').waitFor();
  await page.getByText('anna-at-acme@acme.example').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`anna signs in with it ${javaScriptEnabled ? 'with' : 'without'} JavaScript, and shows a code on top`, async () => {
    const context = await newContext(browser, { javaScriptEnabled });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(origin + DEEP);
    await goThere(page);
    await signInThere(page, 'anna-at-acme');
    await page.waitForURL(own('second-factor'));
    await giveCode(page, await app.next());
    await page.locator('#asked').waitFor();
    assert.equal(await page.locator('#asked').innerText(), DEEP);
    assert.equal(await page.locator('#remote-user').innerText(), 'anna');
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('an account that nobody linked signs nobody in, and the password still does', async () => {
  const context = await newContext(browser, { bypassCSP: true });
  const page = await context.newPage();
  await page.goto(origin + DEEP);
  await goThere(page);
  await signInThere(page, 'mallory');
  await page.getByRole('heading', { name: 'This account cannot sign in here' }).waitFor();
  await passesAxe(page, 'an account nobody linked');
  await page.getByRole('link', { name: 'Back to signing in' }).click();
  await givePassword(page, 'bert');
  await page.waitForURL(own('enrol'));
  await context.close();
});

test('who stops at the provider is told so calmly', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.goto(origin + DEEP);
  await goThere(page);
  await page.getByRole('link', { name: /cancel/i }).click();
  await page.getByRole('heading', { name: 'You did not sign in at Acme' }).waitFor();
  await context.close();
});

test('an answer fetched in another browser is refused, and used up', async () => {
  const [anna, mallory] = [await newContext(browser), await newContext(browser)];
  const page = await anna.newPage();
  await page.goto(origin + DEEP);
  const departure = page.waitForRequest((request) => request.url().startsWith(provider.issuer));
  await goThere(page);

  // Mallory signs in at the provider on Anna's way there, and ends up at the gateway without Anna's cookie.
  const elsewhere = await mallory.newPage();
  await elsewhere.goto((await departure).url());
  await signInThere(elsewhere, 'anna-at-acme');
  await elsewhere.getByRole('heading', { name: 'This sign-in has ended' }).waitFor();
  const answer = elsewhere.url();
  assert.ok(new URL(answer).searchParams.get('code'), 'the provider gave a code');

  await page.goto(answer);
  await page.getByRole('heading', { name: 'This sign-in has ended' }).waitFor();
  await page.goto(origin + DEEP);
  await page.waitForURL(own('login'));
  await Promise.all([anna.close(), mallory.close()]);
});
