// One visitor carried all the way through, with scripts and without: sign in, enrol, code, trust, return, sign out.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { startPortal } from './lib/portal.mjs';
import { Authenticator } from './lib/totp.mjs';
import {
  chooseRecovery, enrol, giveCode, givePassword, own, press, readKey, readRecoveryCodes, signOut,
} from './lib/visitor.mjs';

const DEEP = '/reports/2026?year=2026&q=a%20b&tag=x';

let browser;
let portal;
let gateway;
before(async () => {
  browser = await launch();
  portal = await startPortal();
  gateway = await startServe('journey', {
    portals: { planning: { title: 'Planning', upstream: portal.origin, rules: [{ path: '/**', policy: 'two_factor' }] } },
    people: ['anna', 'bert', 'carl', 'dora', 'kept-copy', 'kept-download', 'kept-print'].map((name) => ({
      name, display_name: `${name} de Vries`, email: `${name}@example.com`, groups: ['office'],
    })),
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await portal?.stop();
});

async function arrives(page, name) {
  await page.locator('#asked').waitFor();
  assert.equal(await page.locator('#asked').innerText(), DEEP, 'path and query are those first asked for');
  assert.equal(await page.locator('#remote-user').innerText(), name);
  assert.equal(await page.locator('#remote-groups').innerText(), 'office');
  assert.equal(await page.locator('#cookie').count(), 0, 'the gateway keeps its cookies to itself');
}

for (const [name, javaScriptEnabled] of [['anna', true], ['bert', false]]) {
  test(`${name} signs in, enrols, is remembered, returns and leaves ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    const context = await newContext(browser, { javaScriptEnabled });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const origin = gateway.origin('planning');

    await page.goto(origin + DEEP);
    await givePassword(page, name, 'not the password');
    await page.locator('[aria-invalid="true"]').first().waitFor();
    assert.equal(await page.locator('[name="username"]').inputValue(), name, 'what was typed is kept');
    await givePassword(page, name);
    const { app } = await enrol(page);
    await arrives(page, name);

    await signOut(page, origin);
    await page.goto(origin + DEEP);
    await givePassword(page, name);
    await page.waitForURL(own('second-factor'));
    assert.equal(await page.locator('[name="trust_device"]').isChecked(), false, 'never ticked for the visitor');
    assert.equal(await page.locator('[name="trust_address"]').isChecked(), false, 'never ticked for the visitor');
    await giveCode(page, await app.next(), { trustDevice: true });
    await arrives(page, name);

    await signOut(page, origin);
    await page.goto(origin + DEEP);
    await givePassword(page, name);
    await arrives(page, name);

    await page.goto(`${origin}/.vestibule/account`);
    await page.getByText(`${name}@example.com`).first().waitFor();
    await press(page, 'remove_device');
    await signOut(page, origin, 'everywhere');
    await page.goto(origin + DEEP);
    await givePassword(page, name);
    await page.waitForURL(own('second-factor'));
    await giveCode(page, await app.next());
    await arrives(page, name);

    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test('recovery codes are copied, downloaded and printed as they are shown', async () => {
  for (const keep of ['copy', 'download', 'print']) {
    const context = await newContext(browser, { acceptDownloads: true });
    const origin = gateway.origin('planning');
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await context.addInitScript(() => { globalThis.print = () => { globalThis.printed = true; }; });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(origin + DEEP);
    await givePassword(page, `kept-${keep}`);
    await giveCode(page, await new Authenticator(await readKey(page)).next());
    const codes = await readRecoveryCodes(page);
    if (keep === 'copy') {
      await page.locator('button[data-copy="codes"]').click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), codes.join('\n'));
    } else if (keep === 'download') {
      const [file] = await Promise.all([
        page.waitForEvent('download'), page.locator('button[data-download="codes"]').click(),
      ]);
      assert.equal(file.suggestedFilename(), `recovery-codes-planning.test_${gateway.port}.txt`);
      const [head, empty, ...lines] = readFileSync(await file.path(), 'utf8').trimEnd().split('\n');
      assert.equal(head, `Planning · planning.test:${gateway.port} · kept-${keep}`);
      assert.equal(empty, '');
      assert.deepEqual(lines, codes);
    } else {
      await page.locator('button[data-print]').click();
      assert.equal(await page.evaluate(() => globalThis.printed), true);
      await page.emulateMedia({ media: 'print' });
      await page.locator('.paper').filter({ hasText: `planning.test:${gateway.port} · kept-${keep}` }).waitFor();
      assert.equal(await page.locator('#codes li').first().isVisible(), true);
      assert.equal(await page.locator('button[data-print]').isVisible(), false, 'paper has no buttons');
      await page.emulateMedia({ media: 'screen' });
    }
    // Who kept them is not reminded to.
    await page.locator('a[data-kept]').click();
    await arrives(page, `kept-${keep}`);
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('a recovery code opens the door once', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const origin = gateway.origin('planning');
  await page.goto(origin + DEEP);
  await givePassword(page, 'carl');
  const { codes } = await enrol(page);
  for (const accepted of [true, false]) {
    await signOut(page, origin);
    await page.goto(origin + DEEP);
    await givePassword(page, 'carl');
    await page.waitForURL(own('second-factor'));
    await chooseRecovery(page);
    await giveCode(page, codes[3].toLowerCase());
    if (accepted) await arrives(page, 'carl');
    else await page.locator('[name="code"][aria-invalid="true"]').waitFor();
  }
  await context.close();
});

test('a trusted network spares the code in any browser there, until it is removed', async () => {
  const origin = gateway.origin('planning');
  const office = await (await newContext(browser)).newPage();
  await office.goto(origin + DEEP);
  await givePassword(office, 'dora');
  const { app } = await enrol(office);
  await signOut(office, origin);
  await office.goto(origin + DEEP);
  await givePassword(office, 'dora');
  await giveCode(office, await app.next(), { trustAddress: true });
  await arrives(office, 'dora');

  const second = await (await newContext(browser)).newPage();
  await second.goto(origin + DEEP);
  await givePassword(second, 'dora');
  await arrives(second, 'dora');
  await second.goto(`${origin}/.vestibule/account`);
  await press(second, 'remove_address');

  const third = await (await newContext(browser)).newPage();
  await third.goto(origin + DEEP);
  await givePassword(third, 'dora');
  await third.waitForURL(own('second-factor'));
  for (const page of [office, second, third]) await page.context().close();
});
