// PinkWeb: a password, a code by SMS, and the authenticator app as the better way, linked with both codes in one form. Each
// client says whether a code is asked: yes, no, or as each user likes. Rows S1.1 to S1.25 of the mission; no scripts anywhere.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { SECOND } from './lib/clock.mjs';
import { journey } from './lib/journey.mjs';
import { codeIn } from './lib/post.mjs';
import {
  giveCode, givePassword, leaveRecoveryCodes, otherThan, own, press, readKey, readRecoveryCodes, signOut,
} from './lib/visitor.mjs';

const FILE = '/dossier/2026?stuk=jaarrekening';
const WIZARD = '/.vestibule/enrol';
const support = { label: 'Pinkweb helpdesk', url: 'mailto:helpdesk@pinkweb.test' };
const branch = (issuer) => ({ title: 'PinkWeb', issuer, support, rules: [{ path: '/**', policy: 'one_factor' }] });

const PEOPLE = [
  { name: 'nel', groups: ['bakkerij'], phone: '+31 6 1000 0001' },
  { name: 'olaf', groups: ['drukkerij'], phone: '+31 6 1000 0002' },
  { name: 'otto', groups: ['drukkerij'], phone: '+31 6 1000 0007' },
  { name: 'jan', email: 'jan@slagerij.example', groups: ['slagerij'], phone: '+31 6 1000 0003' },
  { name: 'kees', groups: ['slagerij'] },
  { name: 'petra', groups: ['kantoor'], phone: '+31 6 1000 0005', second_factor: 'required' },
  { name: 'ruud', groups: ['kantoor'], phone: '+31 6 1000 0006' },
];

const step = journey('pinkweb', {
  language: 'nl',
  mail: true,
  texts: true,
  portals: { pinkweb: branch('PinkWeb Utrecht'), 'pinkweb-zwolle': branch('PinkWeb Zwolle') },
  people: PEOPLE,
  // The client's word, as PinkWeb has it: no, each as they like, yes.
  settings: `
[second_factor]
requirement = "off"
methods = ["sms", "totp", "email"]
ask_missing = true

[[group]]
name = "bakkerij"
second_factor = "off"

[[group]]
name = "drukkerij"
second_factor = "optional"

[[group]]
name = "slagerij"
second_factor = "required"
`,
});

async function begin(visitor, name) {
  await visitor.open(FILE);
  await givePassword(visitor.page, name);
}

/** Has a code sent and reads it on the phone with this number. */
async function receive(world, page, number) {
  await press(page, 'send');
  return world.texts.next(number);
}

const later = (page) => page.getByRole('link', { name: 'Niet nu' }).click();

// S1.4, S1.5, S1.6
step('a client that says no: the password is enough, until the client says yes', async (world) => {
  const nel = await world.visitor({ viewport: DESKTOP });
  await begin(nel, 'nel');
  await world.arrives(nel.page, FILE, 'nel');
  await nel.open('/.vestibule/account');
  await nel.page.getByText('Om een code vragen als ik me aanmeld').waitFor({ state: 'detached' });

  // S1.4, S1.5: the client now says yes.
  const changed = PEOPLE.map((person) => (person.name === 'nel' ? { ...person, groups: ['slagerij'] } : person));
  world.gateway.relist(changed);
  await signOut(nel.page, world.origin);
  await begin(nel, 'nel');
  await nel.page.waitForURL(own('second-factor'));
  await nel.leave();
});

// S1.7, S1.8
step('a client that leaves it to each: asked from the next sign-in on, or no more', async (world) => {
  const olaf = await world.visitor();
  const { page } = olaf;
  await begin(olaf, 'olaf');
  await world.arrives(page, FILE, 'olaf');
  await olaf.open('/.vestibule/account');
  await world.look(page, 'account-optional');
  await page.getByRole('button', { name: 'Inschakelen' }).click();
  // It counts at once, for this page too.
  await page.waitForURL(own('second-factor'));
  await giveCode(page, codeIn(await receive(world, page, '+31610000002')));
  await page.getByRole('button', { name: 'Uitschakelen' }).waitFor();
  await world.look(page, 'account-switched-on');
  await signOut(page, world.origin);
  await begin(olaf, 'olaf');
  world.clock.turn(31 * SECOND);
  await giveCode(page, codeIn(await receive(world, page, '+31610000002')));
  await later(page);
  await olaf.open('/.vestibule/account');
  await page.getByRole('button', { name: 'Uitschakelen' }).click();
  await page.getByRole('button', { name: 'Inschakelen' }).waitFor();
  await signOut(page, world.origin);
  await begin(olaf, 'olaf');
  await world.arrives(page, FILE, 'olaf');
  await olaf.leave();
});

/** Jan, of whom a code is required. */
let jan;

// S1.1, S1.2, S1.3, S1.4, S1.5
step('a client that says yes: a code by SMS after name and password', async (world) => {
  jan = await world.visitor();
  const { page } = jan;
  await jan.open(FILE);
  await world.look(page, 'login');
  await givePassword(page, 'jan');
  await page.getByText('We sturen een code van zes cijfers naar').waitFor();
  await world.look(page, 'sms-offered');
  const message = await receive(world, page, '+31610000003');
  assert.equal(message.by, 'first');
  assert.match(message.text, /^\d{6} is uw code voor PinkWeb/);
  assert.ok(message.text.endsWith(`\n@pinkweb.test #${codeIn(message)}`), message.text);
  await page.getByText('seconden kunt u nog een code laten sturen').waitFor();
  await world.look(page, 'sms-sent');
  await giveCode(page, otherThan(codeIn(message)));
  await page.getByText('Deze code klopt niet').waitFor();
  await world.look(page, 'sms-wrong');
  await press(page, 'send');
  await page.getByText('Er is een code onderweg').waitFor();
  world.clock.turn(31 * SECOND);
  const second = await receive(world, page, '+31610000003');
  await giveCode(page, codeIn(second));
});

// S1.12
step('after it the app is offered, as the way that does not fail', async (world) => {
  const { page } = jan;
  await page.getByRole('heading', { name: 'Een app voor uw codes instellen?' }).waitFor();
  await page.getByText('Sms’jes kunnen te laat komen of zoekraken').waitFor();
  await world.look(page, 'app-offered');
  await later(page);
  await world.arrives(page, FILE, 'jan');
});

// S1.12, S1.13
step('where the provider of text messages fails, the second one carries them', async (world) => {
  const { page } = jan;
  world.carriers[0].isDown = true;
  await signOut(page, world.origin);
  await begin(jan, 'jan');
  const message = await receive(world, page, '+31610000003');
  assert.equal(message.by, 'second');
  assert.ok(world.carriers[0].refused > 0);
  await giveCode(page, codeIn(message));
  await later(page);
  await world.arrives(page, FILE, 'jan');
});

// S1.1, S1.13
step('where both fail, the page says what to do, and a mail brings the code', async (world) => {
  const { page } = jan;
  world.carriers[1].isDown = true;
  await signOut(page, world.origin);
  await begin(jan, 'jan');
  await press(page, 'send');
  await page.getByText('De code kon nu niet worden gestuurd').waitFor();
  await page.locator('summary').click();
  await world.look(page, 'sms-down');
  await page.getByRole('link', { name: 'Een code per mail laten sturen' }).click();
  await press(page, 'send');
  await giveCode(page, codeIn(await world.mail.next('jan@slagerij.example')));
  await world.arrives(page, FILE, 'jan');
  for (const carrier of world.carriers) carrier.isDown = false;
});

// S1.9
step('who has no mobile number is asked for it, and it counts once its code was typed', async (world) => {
  const kees = await world.visitor();
  const { page } = kees;
  await begin(kees, 'kees');
  await page.waitForURL(own('contact'));
  await world.look(page, 'number-missing');
  const name = async (number) => {
    await page.locator('[name="to"]').fill(number);
    await page.getByRole('button', { name: 'Code sturen' }).click();
  };
  await name('06 1000 0004');
  await page.getByText('Dit is geen mobiel nummer met landcode').waitFor();
  await world.look(page, 'number-malformed');
  await name('+31 6 1000 0004');
  await world.texts.next('+31610000004');
  await world.look(page, 'number-code');
  world.clock.turn(31 * SECOND);
  const code = codeIn(await receive(world, page, '+31610000004'));
  await giveCode(page, code);
  await world.arrives(page, FILE, 'kees');
  await signOut(page, world.origin);
  await begin(kees, 'kees');
  await giveCode(page, codeIn(await receive(world, page, '+31610000004')));
  await later(page);
  await kees.leave();
});

// S1.11
step('in the office each account has its own word', async (world) => {
  const office = await world.visitor({ viewport: DESKTOP });
  await begin(office, 'ruud');
  await world.arrives(office.page, FILE, 'ruud');
  await signOut(office.page, world.origin);
  await begin(office, 'petra');
  await office.page.waitForURL(own('second-factor'));
  await office.leave();
});

/** Otto, who has not switched anything on yet, and his app. */
let otto;
let app;

// S1.16, S1.17, S1.18, S1.19
step('the wizard stands at an address the help menu can link to, and on the account page', async (world) => {
  otto = await world.visitor();
  const { page } = otto;
  await otto.open(`${WIZARD}?return_to=${encodeURIComponent(FILE)}`);
  await givePassword(page, 'otto');
  await page.waitForURL(own('enrol'));
  await otto.open('/.vestibule/account');
  await page.getByRole('link', { name: 'Authenticator-app toevoegen' }).click();
  await page.waitForURL(own('enrol'));
});

// S1.20
step('the app calls the account after the branch', async (world) => {
  for (const [portal, branchName] of [['pinkweb', 'PinkWeb Utrecht'], ['pinkweb-zwolle', 'PinkWeb Zwolle']]) {
    const visitor = await world.visitor();
    await visitor.page.goto(world.gateway.origin(portal) + WIZARD);
    await givePassword(visitor.page, 'otto');
    await visitor.page.waitForURL(own('enrol'));
    const link = new URL(await visitor.page.locator('a[href^="otpauth:"]').getAttribute('href'));
    assert.equal(link.searchParams.get('issuer'), branchName);
    await visitor.page.locator('.facts').getByText(branchName).waitFor();
    await visitor.leave();
  }
});

/** Fills in both codes of the one form. */
async function giveBoth(page, sent, shown) {
  await page.locator('[name="sent_code"]').fill(sent);
  await page.locator('[name="code"]').fill(shown);
  await page.getByRole('button', { name: 'Instellen afronden' }).click();
}

// S1.21, S1.22, S1.23
step('linking takes the code of an SMS and the code of the app, in one form', async (world) => {
  const { page } = otto;
  await otto.open(`${WIZARD}?return_to=${encodeURIComponent(FILE)}`);
  const key = await readKey(page);
  app = world.authenticator(key);
  await world.look(page, 'wizard');
  await page.getByRole('button', { name: /^Code per sms sturen naar/ }).click();
  const code = codeIn(await world.texts.next('+31610000007'));
  assert.equal(await readKey(page), key, 'the key that was scanned is still the one');
  await world.look(page, 'wizard-sent');
  await giveBoth(page, otherThan(code), await app.next());
  await page.getByText('Deze code klopt niet').waitFor();
  await world.look(page, 'wizard-wrong');

  // S1.15: the time of the phone is wrong.
  await giveBoth(page, code, app.far());
  await page.getByText('De klok van uw telefoon loopt waarschijnlijk 9 minuten verkeerd').waitFor();
  await world.look(page, 'wizard-clock');
  await giveBoth(page, code, await app.next());
});

// S1.24, S1.25
step('it is shown as linked, and from then on the app signs in', async (world) => {
  const { page } = otto;
  await readRecoveryCodes(page);
  await world.look(page, 'recovery-codes');
  await leaveRecoveryCodes(page);
  await world.arrives(page, FILE, 'otto');
  await otto.open('/.vestibule/account');
  await page.getByText('App 1').waitFor();
  await page.getByRole('button', { name: 'Inschakelen' }).click();
  await page.getByText('Vanaf nu wordt bij het aanmelden om een code gevraagd').waitFor();
  await world.look(page, 'account-linked');
  await signOut(page, world.origin);
  await begin(otto, 'otto');
  await page.locator('summary').click();
  await page.getByRole('link', { name: 'De code uit uw app gebruiken' }).click();
  await world.look(page, 'app-code');
  await giveCode(page, await app.next());
  await world.arrives(page, FILE, 'otto');
});
