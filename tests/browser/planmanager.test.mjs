// PlanManager: user name and password, a code by mail or text message, and "Trust this IP" in the office for a month. Rows
// S4.6 to S4.9 of the mission, and S4.10 to S4.13 as far as visitors and the command line go; no scripts anywhere.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { DAY, MINUTE, SECOND } from './lib/clock.mjs';
import { journey } from './lib/journey.mjs';
import { codeIn } from './lib/post.mjs';
import { giveCode, givePassword, otherThan, own, press, signOut } from './lib/visitor.mjs';

const PLANNING = '/planning/week?number=47';
const OFFICE = '203.0.113.7';
const HOME = '198.51.100.9';
const person = (name, phone) => ({ name, email: `${name}@transport.example`, phone, groups: ['office'] });

const step = journey('planmanager', {
  language: 'en',
  mail: true,
  texts: true,
  server: 'trusted_proxies = ["127.0.0.1"]',
  portals: {
    planmanager: {
      title: 'PlanManager', support: { label: 'PlanManager support', url: 'https://support.planmanager.test/' },
      rules: [{ path: '/**', policy: 'two_factor' }],
    },
  },
  people: [person('marie', '+32 470 12 34 56'), person('jean', '+32 470 65 43 21')],
  settings: '[second_factor]\nmethods = ["email", "sms"]\n',
});

/** The computer at Marie's desk. */
let desk;

/** Name and password, where somebody stands who is not signed in. */
async function begin(visitor, name) {
  await visitor.open(PLANNING);
  await givePassword(visitor.page, name);
}

/** Has a code mailed and types it. */
async function giveMailedCode(world, { page }, name, ticked) {
  await page.waitForURL(own('second-factor'));
  await press(page, 'send');
  await giveCode(page, codeIn(await world.mail.next(`${name}@transport.example`)), ticked);
}

// S4.6
step('the usual user name and password come first', async (world) => {
  desk = await world.visitor({ from: OFFICE, viewport: DESKTOP });
  await desk.open(PLANNING);
  await desk.page.waitForURL(own('login'));
  await world.look(desk.page, 'login');
  await givePassword(desk.page, 'marie', 'not the password');
  await desk.page.getByText('The name or the password is not right').waitFor();
  await world.look(desk.page, 'login-wrong');
  await givePassword(desk.page, 'marie');
});

// S4.6, S4.7
step('a code comes by mail, and opens the page first asked for', async (world) => {
  const { page } = desk;
  await page.waitForURL(own('second-factor'));
  await page.getByText('We send a code of six digits to').waitFor();
  await world.look(page, 'mail-offered');
  assert.deepEqual(world.mail.all('marie@transport.example'), [], 'nothing is sent before the button is pressed');
  await press(page, 'send');
  const mail = await world.mail.next('marie@transport.example');
  assert.equal(mail.tls, true);
  assert.match(mail.headers.subject, /^\d{6} is your code for PlanManager$/);
  assert.ok(mail.parts['text/plain'].includes(OFFICE), 'from where it was asked for');
  await page.getByText('You can have another code sent in').waitFor();
  await giveCode(page, otherThan(codeIn(mail)));
  await page.getByText('This code is not right').waitFor();
  await world.look(page, 'mail-wrong');
  await giveCode(page, codeIn(mail));
  await world.arrives(page, PLANNING, 'marie');
});

// S4.7
step('a code that is ten minutes old is worth nothing, and a new one is sent', async (world) => {
  const { page } = desk;
  await signOut(page, world.origin);
  await begin(desk, 'marie');
  await press(page, 'send');
  const late = codeIn(await world.mail.next('marie@transport.example'));
  world.clock.turn(10 * MINUTE);
  await giveCode(page, late);
  await page.getByText('This code no longer works').waitFor();
  await giveMailedCode(world, desk, 'marie');
  await world.arrives(page, PLANNING, 'marie');
});

// S4.7
step('where no mail arrives, a text message does', async (world) => {
  const { page } = desk;
  await signOut(page, world.origin);
  await begin(desk, 'marie');
  await page.locator('summary').click();
  await page.getByRole('link', { name: 'Have a code sent by text message' }).click();
  await world.look(page, 'sms-offered');
  await press(page, 'send');
  const message = await world.texts.next('+32470123456');
  assert.ok(message.text.endsWith(`\n@${new URL(world.origin).hostname} #${codeIn(message)}`), message.text);
  await world.look(page, 'sms-sent');
  await giveCode(page, codeIn(message));
  await world.arrives(page, PLANNING, 'marie');
});

// S4.8
step('in the office the network is trusted, with a warning, and no code is asked there again', async (world) => {
  const { page } = desk;
  await signOut(page, world.origin);
  await begin(desk, 'marie');
  await page.getByText('Send the code').waitFor();
  await press(page, 'send');
  await page.getByText(`Trust the office network ${OFFICE} for 30 days`).waitFor();
  await page.getByText('Not at home, on the move or on public Wi-Fi').waitFor();
  assert.equal(await page.locator('[name="trust_address"]').isChecked(), false);
  await world.look(page, 'mail-sent');
  const code = codeIn(await world.mail.next('marie@transport.example'));
  await giveCode(page, code, { trustAddress: true });
  await world.arrives(page, PLANNING, 'marie');
  desk.trusted = world.clock.now();

  const meeting = await world.visitor({ from: OFFICE });
  await begin(meeting, 'marie');
  await world.arrives(meeting.page, PLANNING, 'marie');
  await meeting.leave();
});

// S4.8
step('a colleague in the same office is still asked', async (world) => {
  const colleague = await world.visitor({ from: OFFICE });
  await begin(colleague, 'jean');
  await colleague.page.waitForURL(own('second-factor'));
  await colleague.leave();
});

/** The computer at Marie's home. */
let kitchen;

// S4.9
step('at home the code is asked each time, as long as home is not trusted', async (world) => {
  kitchen = await world.visitor({ from: HOME });
  for (const _ of ['monday', 'tuesday']) {
    await begin(kitchen, 'marie');
    await giveMailedCode(world, kitchen, 'marie');
    await world.arrives(kitchen.page, PLANNING, 'marie');
    await signOut(kitchen.page, world.origin);
  }
});

// S4.9, S4.10, S4.11, S4.12
step('a home trusted by mistake is in the list, is deleted there, and asks again', async (world) => {
  const { page } = kitchen;
  await begin(kitchen, 'marie');
  await giveMailedCode(world, kitchen, 'marie', { trustAddress: true });
  await world.arrives(page, PLANNING, 'marie');
  await kitchen.open('/.vestibule/account');
  const row = (address) => page.getByRole('listitem').filter({ hasText: address }).filter({ has: page.locator('[id^="a-"]') });
  await row(OFFICE).waitFor();
  await row(HOME).getByText('You are here now').waitFor();
  await world.look(page, 'account');
  const listed = world.gateway.command('trust', 'list', '--json');
  for (const address of [OFFICE, HOME]) assert.ok(listed.includes(address), listed);
  await row(HOME).getByRole('button', { name: 'Remove' }).click();
  await page.getByText('The network was removed').waitFor();
  assert.equal(await row(HOME).count(), 0);
  await signOut(page, world.origin);
  await begin(kitchen, 'marie');
  await page.waitForURL(own('second-factor'));
  await kitchen.leave();
});

// S4.8, S4.13
step('after thirty days the office is asked for a code again', async (world) => {
  const { page } = desk;
  world.clock.until(desk.trusted + 30 * DAY - MINUTE);
  await begin(desk, 'marie');
  await world.arrives(page, PLANNING, 'marie');
  world.clock.turn(MINUTE + SECOND);
  await desk.open(PLANNING);
  await page.waitForURL(own('second-factor'));
  await desk.leave();
  assert.ok(!world.gateway.command('trust', 'list', '--json').includes(OFFICE));
});
