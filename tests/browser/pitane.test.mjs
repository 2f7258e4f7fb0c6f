// Pitane Mobility's drivers' portal, in Dutch: name and password, a second factor for this user, and the pairing number that the
// page on the driver's phone shows and the administrator enters. Rows S0.13 to S0.18 of the mission.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { journey } from './lib/journey.mjs';
import { giveCode, givePassword, own, signOut } from './lib/visitor.mjs';

const RIDES = '/ritten?dag=vandaag';
const AUTHENTICATOR = '/.vestibule/authenticator';

const step = journey('pitane', {
  language: 'nl',
  portals: {
    pitane: {
      title: 'Chauffeursportaal', issuer: 'Pitane Mobility', support: { label: 'Planning', url: 'tel:+31201234567' },
      rules: [{ path: '/**', policy: 'one_factor' }],
    },
  },
  people: [{ name: 'henk', second_factor: 'required' }, { name: 'ilse' }],
  settings: '[second_factor]\nrequirement = "off"\nmethods = ["totp"]\n',
});

/** Henk's phone with the page open, and what he signs in on. */
let phone;
let tablet;

/** The digits the page shows under `id`. */
async function shown(page, id) {
  const digits = page.locator(`#${id}`).filter({ hasText: /\d{3} \d{3}/ });
  await digits.waitFor();
  return (await digits.innerText()).replace(/\s/g, '');
}

// S0.13, S0.14
step('who needs no second factor signs in with name and password alone', async (world) => {
  const ilse = await world.visitor();
  await ilse.open(RIDES);
  await world.look(ilse.page, 'login');
  await givePassword(ilse.page, 'ilse');
  await world.arrives(ilse.page, RIDES, 'ilse');
  await ilse.leave();
});

// S0.13, S0.14
step('this driver must have one, and does not get in before', async (world) => {
  tablet = await world.visitor({ viewport: DESKTOP });
  await tablet.open(RIDES);
  await givePassword(tablet.page, 'henk');
  await tablet.page.waitForURL(own('enrol'));
  await world.look(tablet.page, 'enrol');
  await tablet.open(RIDES);
  await tablet.page.waitForURL(own('(login|enrol)'));
});

// S0.15, S0.16
step('the page on the phone shows a pairing number', async (world) => {
  phone = await world.visitor({ scripts: true });
  await phone.open(AUTHENTICATOR);
  phone.number = await shown(phone.page, 'number');
  assert.match(phone.number, /^\d{9}$/);
  await world.look(phone.page, 'pairing-number');
});

// S0.17
step('the administrator enters it at this user, once', async (world) => {
  world.gateway.command('user', 'pair', 'henk', phone.number);
  await phone.page.locator('#linked').waitFor();
  assert.equal(await phone.page.locator('#account').innerText(), 'henk');
  await world.look(phone.page, 'linked');
  assert.throws(() => world.gateway.command('user', 'pair', 'ilse', phone.number), /no authenticator page shows this number/);
});

// S0.18
step('from then on name, password and the code of the page open the portal', async (world) => {
  const { page } = tablet;
  await tablet.open(RIDES);
  await givePassword(page, 'henk');
  await page.waitForURL(own('second-factor'));
  await world.look(page, 'second-factor');
  // Time enough left to type it.
  await phone.page.waitForFunction(() => document.querySelector('#left').value > 4);
  const code = await shown(phone.page, 'code');
  await giveCode(page, code);
  await world.arrives(page, RIDES, 'henk');

  await signOut(page, world.origin);
  await tablet.open(RIDES);
  await givePassword(page, 'henk');
  await giveCode(page, code);
  await page.getByText('Deze code is al gebruikt').waitFor();
  await Promise.all([phone.leave(), tablet.leave()]);
});
