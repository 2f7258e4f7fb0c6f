// bitloft's customer portal: an e-mail address, a magic link with a button, an authenticator app at once, and thirty days on
// a device. Rows S3.3 to S3.22 of the mission, with the script of a phone switched off.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { complaintsOf } from './lib/checks.mjs';
import { DAY, MINUTE, SECOND } from './lib/clock.mjs';
import { ask } from './lib/gateway.mjs';
import { journey } from './lib/journey.mjs';
import { linkIn } from './lib/post.mjs';
import { wrongCode } from './lib/totp.mjs';
import { askForLink, giveCode, leaveRecoveryCodes, otherThan, own, readKey, readRecoveryCodes, signOut } from './lib/visitor.mjs';

const DASHBOARD = '/dashboard?tickets=open';
const SUPPORT = { label: 'support@bitloft.test', url: 'mailto:support@bitloft.test' };
const person = (name) => ({ name, email: `${name}@kunde.example`, display_name: name, password: false });

const step = journey('bitloft', {
  language: 'de',
  mail: true,
  portals: {
    bitloft: {
      title: 'bitloft Kundenportal', issuer: 'Kundenportal bitloft', sign_in: ['link'], support: SUPPORT,
      rules: [
        { path: '/manifest.webmanifest', policy: 'bypass' },
        { path: '/**', policy: 'two_factor' },
      ],
    },
  },
  people: ['jan', 'uwe', 'eva'].map(person),
});

/** The first phone, the same in all steps, and its app. */
let phone;
let app;

async function followLink(page, mail) {
  await page.goto(linkIn(mail));
}

const confirm = (page) => page.getByRole('button', { name: 'Anmeldung bestätigen' }).click();

// S3.3, S3.4, S3.22
step('only the address is asked for, and where to write if it is not taken', async (world) => {
  phone = await world.visitor();
  await phone.open(DASHBOARD);
  await phone.page.waitForURL(own('login'));
  assert.equal(await phone.page.locator('[name="password"]').count(), 0);
  await phone.page.locator('summary').click();
  await phone.page.getByText('Wird Ihre Adresse nicht angenommen? Schreiben Sie an:').waitFor();
  await world.look(phone.page, 'login');
});

// S3.5, S3.6
step('an address nobody has is answered like any other, and gets no mail', async (world) => {
  const { page } = phone;
  await askForLink(page, 'niemand@kunde.example');
  const answered = (await page.locator('main').innerText()).replaceAll('niemand@', 'jan@');
  await page.locator('summary').click();
  assert.equal(await page.locator(`main a[href="${SUPPORT.url}"]`).innerText(), SUPPORT.label);
  await world.look(page, 'link-sent');
  await page.getByRole('link', { name: 'von vorn beginnen' }).click();
  await askForLink(page, 'jan@kunde.example');
  assert.equal(await page.locator('main').innerText(), answered);
});

// S3.7, S3.8
step('the mail brings a link that a scanner cannot use up, and a button that does', async (world) => {
  const mail = await world.mail.next('jan@kunde.example');
  assert.equal(mail.tls, true, 'the mail travelled encrypted');
  assert.match(mail.headers.subject, /Anmeldelink für bitloft Kundenportal/);
  assert.ok(mail.parts['text/plain'].includes(SUPPORT.label));
  assert.deepEqual(world.mail.all('niemand@kunde.example'), []);
  for (const method of ['GET', 'HEAD', 'GET']) {
    assert.equal((await ask(linkIn(mail), { method })).status, 200);
  }
  await followLink(phone.page, mail);
  await world.look(phone.page, 'link');
  await confirm(phone.page);
  await phone.page.waitForURL(own('enrol'));
  await followLink(phone.page, mail);
  await phone.page.getByRole('heading', { name: 'Dieser Link gilt nicht mehr' }).waitFor();
  await world.look(phone.page, 'link-spent');
});

// S3.9, S3.10
step('nobody gets in without the second factor', async (world) => {
  await phone.open(DASHBOARD);
  await phone.page.waitForURL(own('(login|enrol)'));
  assert.equal((await ask(world.origin + DASHBOARD)).status, 401);
});

// S3.18
step('after fifteen minutes it begins again with the address', async (world) => {
  const { page } = phone;
  await phone.open(`/.vestibule/enrol?return_to=${encodeURIComponent(DASHBOARD)}`);
  const key = await readKey(page);
  await page.getByText('Bitte schließen Sie vor').waitFor();
  world.clock.turn(14 * MINUTE - 20 * SECOND);
  await page.reload();
  await page.getByText('Noch eine Minute').waitFor();
  await readKey(page);
  world.clock.turn(MINUTE + 20 * SECOND);
  await giveCode(page, wrongCode(key, world.clock));
  await page.getByText('Die Anmeldung hat zu lange gedauert').waitFor();
  await page.waitForURL(own('(login|enrol)'));
  assert.equal(await page.locator('[name="username"]').count(), 1);
  await world.look(page, 'login-expired');
});

// S3.7 on a computer, while the mail is read on the phone
step('a link opened on another device shows a short code to type on the first', async (world) => {
  const computer = await world.visitor({ viewport: DESKTOP });
  await computer.open(DASHBOARD);
  await askForLink(computer.page, 'uwe@kunde.example');
  const other = await world.visitor();
  await followLink(other.page, await world.mail.next('uwe@kunde.example'));
  await world.look(other.page, 'link-elsewhere');
  await other.page.getByRole('button', { name: 'Code anzeigen' }).click();
  const digits = (await other.page.locator('.digits').innerText()).trim();
  await world.look(other.page, 'link-code');
  await other.open(DASHBOARD);
  await other.page.waitForURL(own('login'));
  await giveCode(computer.page, otherThan(digits));
  await computer.page.getByText('Das ist nicht der Code').waitFor();
  await world.look(computer.page, 'link-code-wrong');
  await giveCode(computer.page, digits);
  await computer.page.waitForURL(own('enrol'));
  await Promise.all([computer.leave(), other.leave()]);
});

// S3.11, S3.12, S3.13, S3.14
step('the app is set up with the picture, the copied key or the link, under the name of the portal', async (world) => {
  const computer = await world.visitor({ scripts: true, viewport: DESKTOP });
  const complaints = complaintsOf(computer.page);
  await computer.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.origin });
  await computer.open(DASHBOARD);
  await askForLink(computer.page, 'eva@kunde.example');
  await followLink(computer.page, await world.mail.next('eva@kunde.example'));
  await confirm(computer.page);
  const key = await readKey(computer.page);
  await computer.page.getByRole('img', { name: /^QR-Code/ }).waitFor();
  await computer.page.getByRole('button', { name: 'Schlüssel kopieren' }).click();
  await computer.page.getByRole('button', { name: 'Kopiert' }).waitFor();
  assert.equal((await computer.page.evaluate(() => navigator.clipboard.readText())).replaceAll(' ', ''), key);
  const link = new URL(await computer.page.locator('a[href^="otpauth:"]').getAttribute('href'));
  assert.equal(link.searchParams.get('issuer'), 'Kundenportal bitloft');
  assert.deepEqual(complaints, []);
  await computer.leave();
});

// S3.15, S3.16, S3.17
step('the code opens the dashboard, and the device is remembered for thirty days', async (world) => {
  const { page } = phone;
  await phone.open(DASHBOARD);
  await askForLink(page, 'jan@kunde.example');
  await followLink(page, await world.mail.next('jan@kunde.example'));
  await confirm(page);
  await world.look(page, 'enrol');
  app = world.authenticator(await readKey(page));
  await giveCode(page, await app.next(), { trustDevice: true });
  await readRecoveryCodes(page);
  await world.look(page, 'recovery-codes');
  await leaveRecoveryCodes(page);
  await world.arrives(page, DASHBOARD, 'jan');
  await phone.open('/.vestibule/account');
  await page.getByText('Dieses Gerät', { exact: true }).waitFor();
  await world.look(page, 'account');
});

/** Signs in by a new link; the rest is up to the visitor's device. */
async function signInAgain(world, { page, open }) {
  await open(DASHBOARD);
  await askForLink(page, 'jan@kunde.example');
  await followLink(page, await world.mail.next('jan@kunde.example'));
  await confirm(page);
}

// S3.16, S3.17
step('there the link alone lets in until the last second, elsewhere the code is asked', async (world) => {
  await signOut(phone.page, world.origin);
  await world.look(phone.page, 'signed-out');
  const granted = world.clock.now();
  await signInAgain(world, phone);
  await world.arrives(phone.page, DASHBOARD, 'jan');

  const computer = await world.visitor({ viewport: DESKTOP });
  await signInAgain(world, computer);
  await computer.page.waitForURL(own('second-factor'));
  await world.look(computer.page, 'second-factor');
  await giveCode(computer.page, await app.next());
  await world.arrives(computer.page, DASHBOARD, 'jan');
  await computer.leave();

  world.clock.until(granted + 30 * DAY - 2 * MINUTE);
  await signInAgain(world, phone);
  await world.arrives(phone.page, DASHBOARD, 'jan');
  world.clock.turn(2 * MINUTE + SECOND);
  await phone.open(DASHBOARD);
  await phone.page.waitForURL(own('(login|second-factor)'));
});

// S3.18, S3.22
step('support can be written to from every page and mail', async (world) => {
  await phone.open('/.vestibule/nothing-here');
  await world.look(phone.page, 'not-found');
  await phone.leave();
});

// S3.19, S3.20, S3.21
step('the portal stays an app of its own', async (world) => {
  const manifest = await ask(`${world.origin}/manifest.webmanifest`);
  assert.equal(manifest.status, 200);
  assert.ok(manifest.body.includes('<p id="asked">/manifest.webmanifest</p>'), 'the portal answered');
});
