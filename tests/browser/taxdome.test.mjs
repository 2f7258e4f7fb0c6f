// A firm's client portal as TaxDome has it, in French: an account at a provider or an e-mail address and a password, then the
// code of an app; on a computer and on a phone. Rows S2.1 to S2.29 of the mission as far as they are about signing in; scripts
// only where a device is unlocked.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { DAY } from './lib/clock.mjs';
import { addLock } from './lib/device.mjs';
import { hashOf } from './lib/gateway.mjs';
import { journey } from './lib/journey.mjs';
import { signInThere } from './lib/provider.mjs';
import {
  chooseRecovery, giveCode, givePassword, leaveRecoveryCodes, own, press, readKey, readRecoveryCodes, signOut,
} from './lib/visitor.mjs';

const TAXES = '/declarations/2026?etape=pieces';
const WIZARD = '/.vestibule/enrol?return_to=/.vestibule/account';
const ADDRESS = 'claire@client.example';
const SUPPORT = { label: 'Votre conseiller, M. Lefèvre', url: 'mailto:lefevre@cabinet.test' };
const claire = { name: 'claire', display_name: 'Claire Moreau', email: ADDRESS };

const step = journey('taxdome', {
  language: 'fr',
  provider: { name: 'google', title: 'Google' },
  portals: {
    taxdome: {
      title: 'Espace client', issuer: 'Cabinet Lefèvre', support: SUPPORT, rules: [{ path: '/**', policy: 'two_factor' }],
    },
  },
  people: [claire],
  settings: '[trust]\ndevice = "until-password-change"\nunlock = ["passkey", "pin"]\n\n[second_factor]\nmethods = ["totp", "passkey"]\n',
});

/** Claire's computer, her phone with the app, and the codes she keeps in a drawer. */
let computer;
let app;
let drawer;

async function goToGoogle(world, page) {
  await page.getByRole('button', { name: 'Se connecter avec Google' }).click();
  await page.waitForURL(`${world.provider.issuer}/**`);
}

// S2.2, S2.3, S2.4
step('the firm has an address and a page of its own', async (world) => {
  computer = await world.visitor({ viewport: DESKTOP });
  const { page } = computer;
  await computer.open(TAXES);
  await page.waitForURL(own('login'));
  await page.getByText('Cabinet Lefèvre').waitFor();
  await page.getByRole('button', { name: 'Se connecter avec Google' }).waitFor();
  await world.look(page, 'login');
});

// S2.10
step('an e-mail address and a password lead to the setting up of the app', async (world) => {
  const { page } = computer;
  await givePassword(page, ADDRESS, 'not the password');
  await page.getByText('Le nom ou le mot de passe est incorrect').waitFor();
  await world.look(page, 'login-wrong');
  await givePassword(page, ADDRESS);
  app = world.authenticator(await readKey(page));
  await world.look(page, 'enrol');
  await giveCode(page, await app.next());
  drawer = await readRecoveryCodes(page);
  await world.look(page, 'recovery-codes');
  await leaveRecoveryCodes(page);
});

// S2.29
step('they end where they wanted to go', async (world) => {
  await world.arrives(computer.page, TAXES, 'claire');
});

// S2.6, S2.7, S2.8
step('the account at Google is linked once, from inside', async (world) => {
  const { page } = computer;
  await computer.open('/.vestibule/account');
  await press(page, 'link_identity');
  await signInThere(page, 'claire.moreau');
  await page.waitForURL(own('account'));
  await page.getByText('Le compte a été associé').waitFor();
  await world.look(page, 'account-linked');
});

// S2.6, S2.7, S2.8, S2.9, S2.12
for (const [place, viewport] of [['on a computer', DESKTOP], ['on a phone', undefined]]) {
  step(`signing in with Google ${place} is followed by the app's code`, async (world) => {
    const visitor = await world.visitor({ viewport });
    await visitor.open(TAXES);
    await goToGoogle(world, visitor.page);
    await signInThere(visitor.page, 'claire.moreau');
    await visitor.page.waitForURL(own('second-factor'));
    await world.look(visitor.page, 'second-factor');
    await giveCode(visitor.page, await app.next());
    await world.arrives(visitor.page, TAXES, 'claire');
    await visitor.leave();
  });
}

// S2.8
step('somebody else’s account at Google opens nothing, and stopping there is no fault', async (world) => {
  const stranger = await world.visitor();
  const { page } = stranger;
  await stranger.open(TAXES);
  await goToGoogle(world, page);
  await signInThere(page, 'mallory');
  await page.getByRole('heading', { name: 'Ce compte ne permet pas d’entrer ici' }).waitFor();
  await world.look(page, 'google-unknown');
  await page.getByRole('link', { name: 'Retour à la connexion' }).click();
  await goToGoogle(world, page);
  await page.getByRole('link', { name: /cancel/i }).click();
  await page.getByRole('heading', { name: 'Vous ne vous êtes pas connecté chez Google' }).waitFor();
  await world.look(page, 'google-cancelled');
  await stranger.leave();
});

// S2.12, S2.13
step('a code that is refused costs nothing: the new one is taken', async (world) => {
  const { page } = computer;
  await signOut(page, world.origin);
  await computer.open(TAXES);
  await givePassword(page, ADDRESS);
  await page.getByText('Un nouveau code apparaît toutes les 30 secondes').waitFor();
  const code = await app.next();
  await giveCode(page, code);
  await world.arrives(page, TAXES, 'claire');

  await signOut(page, world.origin);
  await computer.open(TAXES);
  await givePassword(page, ADDRESS);
  await giveCode(page, code);
  await page.getByText('Ce code a déjà été utilisé. Attendez le suivant.').waitFor();
  await world.look(page, 'code-used');
  await giveCode(page, await app.next());
  await world.arrives(page, TAXES, 'claire');
});

// S2.14
step('without the app a recovery code opens, once, and the adviser can be reached', async (world) => {
  const { page } = computer;
  for (const isNew of [true, false]) {
    await signOut(page, world.origin);
    await computer.open(TAXES);
    await givePassword(page, ADDRESS);
    await page.getByText('Pas d’accès à l’application ?').click();
    assert.equal(await page.locator(`main a[href="${SUPPORT.url}"]`).innerText(), SUPPORT.label);
    await world.look(page, 'no-access');
    await page.getByText('Pas d’accès à l’application ?').click();
    await chooseRecovery(page);
    await world.look(page, 'recovery');
    await giveCode(page, drawer[0]);
    if (isNew) await world.arrives(page, TAXES, 'claire');
    else await page.getByText('Ce code de secours est incorrect').waitFor();
  }
});

// S2.14, S2.15
step('the adviser switches the second factor off, and a new app is set up', async (world) => {
  const { page } = computer;
  world.gateway.command('user', 'reset-second-factor', 'claire');
  await computer.open(TAXES);
  await givePassword(page, ADDRESS);
  app = world.authenticator(await readKey(page));
  await giveCode(page, await app.next());
  await leaveRecoveryCodes(page);
  await world.arrives(page, TAXES, 'claire');
});

/** Claire's phone, with the PIN she chooses for it. */
let phone;
const PIN = '407193';
const NEW_PASSWORD = 'another horse and another staple';

async function typePin(page, pin, again) {
  await page.locator('[name="pin"]').fill(pin);
  if (again) await page.locator('[name="pin_again"]').fill(again);
  await page.locator('form:has([name="pin"]) button[type="submit"]').first().click();
}

// S2.22, S2.23, S2.24
step('a phone is remembered until the password changes, and a PIN is chosen for it', async (world) => {
  phone = await world.visitor();
  const { page } = phone;
  await phone.open(TAXES);
  await givePassword(page, ADDRESS);
  await page.getByText('jusqu’au changement de votre mot de passe').waitFor();
  await giveCode(page, await app.next(), { trustDevice: true });
  await page.waitForURL(own('pin'));
  await world.look(page, 'pin');
  await typePin(page, PIN, '407194');
  await page.getByText('Les deux codes PIN ne sont pas identiques').waitFor();
  await world.look(page, 'pin-mismatch');
  await typePin(page, PIN, PIN);
  await world.arrives(page, TAXES, 'claire');
  await phone.open('/.vestibule/account');
  await page.getByText('Se termine quand votre mot de passe change').waitFor();
  await world.look(page, 'account-trusted');
});

// S2.22, S2.24
step('from then on the PIN opens it, a year later too', async (world) => {
  const { page } = phone;
  for (const later of [2 * DAY, 360 * DAY]) {
    world.clock.turn(later);
    await phone.open(TAXES);
    await page.getByRole('heading', { name: 'Claire Moreau' }).waitFor();
    assert.equal(await page.locator('[name="password"]').count(), 0);
    await world.look(page, 'unlock');
    await typePin(page, '407194');
    await page.getByText('Ce code PIN n’est pas le bon').waitFor();
    await world.look(page, 'unlock-wrong');
    await typePin(page, PIN);
    await world.arrives(page, TAXES, 'claire');
  }
});

// S2.22
step('when the password changes, everything is asked again', async (world) => {
  const { page } = phone;
  world.gateway.relist([{ ...claire, password: hashOf(NEW_PASSWORD) }]);
  await phone.open(TAXES);
  await givePassword(page, ADDRESS, NEW_PASSWORD);
  await page.waitForURL(own('second-factor'));
  await phone.leave();
});

// S2.25, S2.26, S2.27
step('a finger or a face opens it instead, where the PIN is left for later', async (world) => {
  const other = await world.visitor({ scripts: true });
  const { page } = other;
  const { present } = await addLock(page);
  const use = page.locator('button[data-purpose]');
  await present(false);
  await other.open(TAXES);
  await givePassword(page, ADDRESS, NEW_PASSWORD);
  await giveCode(page, await app.next());
  await world.arrives(page, TAXES, 'claire');
  await other.open(WIZARD);
  await present(true);
  await use.click();
  await page.getByText('La clé d’accès a été ajoutée').waitFor();
  await world.look(page, 'account-passkey');

  await present(false);
  await signOut(page, world.origin);
  await other.open(TAXES);
  await givePassword(page, ADDRESS, NEW_PASSWORD);
  await page.locator('label[for="trust_device"]').click();
  await world.look(page, 'second-factor-passkey');
  await present(true);
  await use.click();
  await page.waitForURL(own('pin'));
  await page.getByRole('link', { name: 'Pas maintenant' }).click();
  await world.arrives(page, TAXES, 'claire');

  await present(false);
  await signOut(page, world.origin);
  await other.open(TAXES);
  await page.getByRole('heading', { name: 'Claire Moreau' }).waitFor();
  assert.equal(await page.locator('[name="pin"]').count(), 0);
  await world.look(page, 'unlock-passkey');
  await present(true);
  await use.click({ noWaitAfter: true }).catch(() => {});
  await world.arrives(page, TAXES, 'claire');
  await Promise.all([other.leave(), computer.leave()]);
});
