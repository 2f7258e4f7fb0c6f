// A day of somebody who looks after the people of a transport firm, in Dutch: fifty of them come from a table and are invited,
// one loses the phone, one trusts a home network by mistake, and a group that could choose must have a second factor.
// Rows S0.1 to S0.12, S1.3 to S1.11 and S1.16 to S1.20 of the mission as far as they are about administrators.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { MINUTE, SECOND } from './lib/clock.mjs';
import { ask } from './lib/gateway.mjs';
import { journey } from './lib/journey.mjs';
import { codeIn, linkIn } from './lib/post.mjs';
import { giveCode, givePassword, leaveRecoveryCodes, own, readKey, readRecoveryCodes, signOut } from './lib/visitor.mjs';

const RIDES = '/ritten?dag=vandaag';
const OFFICE = '198.51.100.20';
const HOME = '203.0.113.77';

const step = journey('kantoor', {
  language: 'nl',
  mail: true,
  server: 'trusted_proxies = ["127.0.0.1"]',
  portals: {
    kantoor: {
      title: 'Rittenportaal', issuer: 'Vervoer Noord', support: { label: 'Planning', url: 'tel:+31201234567' },
      rules: [{ path: '/**', policy: 'one_factor' }],
    },
  },
  people: [{ name: 'marijke', display_name: 'Marijke de Vries', email: 'marijke@vervoer.example', second_factor: 'required' }],
  settings: `
[second_factor]
requirement = "off"
methods = ["totp"]

[[group]]
name = "chauffeurs"
second_factor = "required"

[[group]]
name = "planning"
second_factor = "optional"

[[directory]]
kind = "store"

[admin]
portals = ["kantoor"]
security = ["user:marijke"]
`,
});

/** As a spreadsheet here writes it. Three of the fifty have a story of their own. */
const NAMED = [
  ['fatima', 'Fatima El Idrissi', 'chauffeurs'], ['sofie', 'Sofie Bakker', 'chauffeurs'], ['joost', 'Joost Mulder', 'planning'],
];
const FIFTY = [...NAMED, ...Array.from({ length: 47 }, (_, n) => [`rijder${n + 1}`, `Rijder ${n + 1}`, 'chauffeurs'])];
const line = ([name, display, groups]) => `${name};${display};${name}@vervoer.example;${groups}`;
const TABLE = ['name;display_name;email;groups', ...FIFTY.map(line)].join('\n');

/** Passwords that people choose. */
const chosen = (name) => `${name} rijdt door de regen`;
/** Everybody's browser and app, as the day goes on. */
const desks = {};
const apps = {};

const office = () => desks.marijke.page;
const click = (page, name) => page.getByRole('button', { name, exact: true }).click();
const follow = (page, name) => page.getByRole('link', { name, exact: true }).click();
const done = (page, text) => page.locator('[role="status"]').filter({ hasText: text }).waitFor();

/** The administrator's page at `path`, with a code first where the last one is too old. */
async function openOffice(world, path) {
  await desks.marijke.open(path);
  if (own('second-factor').test(office().url())) await giveCode(office(), await apps.marijke.next());
  await office().waitForURL((url) => url.pathname + url.search === path);
}

/** A link that was mailed, a password of one's own, and the sign-in. */
async function accept(world, name, from) {
  const mail = await world.notices.next(`${name}@vervoer.example`);
  const desk = await world.visitor({ viewport: DESKTOP, from });
  desks[name] = desk;
  await desk.page.goto(linkIn(mail));
  await desk.page.locator('[name="new_password"]').fill(chosen(name));
  await world.look(desk.page, 'invitation');
  await desk.page.locator('form:has([name="new_password"]) button[type="submit"]').click();
  await world.look(desk.page, 'invitation-done');
  await desk.open(RIDES);
  await givePassword(desk.page, name, chosen(name));
}

/** Links an app; a code by mail says that it is really this person. */
async function setUp(world, name) {
  const { page } = desks[name];
  await page.waitForURL(own('enrol'));
  await page.locator('button[form="send-email"]').click();
  await world.look(page, 'enrol');
  apps[name] = world.authenticator(await readKey(page));
  await page.locator('[name="sent_code"]').fill(codeIn(await world.mail.next(`${name}@vervoer.example`)));
  await page.locator('[name="code"]').fill(await apps[name].next());
  await click(page, 'Instellen afronden');
  await readRecoveryCodes(page);
  await leaveRecoveryCodes(page);
}

// S0.1, S0.2, S0.3
step('the administrator signs in, sets up her app and finds her pages', async (world) => {
  desks.marijke = await world.visitor({ viewport: DESKTOP, from: OFFICE });
  await desks.marijke.open('/.vestibule/account');
  await givePassword(office(), 'marijke');
  await setUp(world, 'marijke');
  await desks.marijke.open('/.vestibule/account');
  await follow(office(), 'Beheer');
  await office().getByRole('heading', { name: 'Eén persoon' }).waitFor();
});

// S0.4, S1.3
step('a table with mistakes changes nothing and loses nothing', async (world) => {
  await follow(office(), 'Personen importeren');
  await world.look(office(), 'import');
  const wrong = TABLE.replace('sofie@vervoer.example', 'sofie vervoer').replace('rijder7@vervoer.example', 'rijder8@vervoer.example');
  await office().locator('#csv').fill(wrong);
  await click(office(), 'Proberen zonder iets te wijzigen');
  await office().getByRole('heading', { name: 'Wat er zou gebeuren' }).waitFor();
  const refused = await office().locator('tr', { hasText: 'Niet mogelijk' }).allInnerTexts();
  assert.deepEqual(refused.map((text) => text.split('\t').slice(0, 2)), [['3', 'sofie'], ['12', 'rijder8']]);
  assert.equal(await office().locator('#csv').inputValue(), wrong);
  assert.equal(await office().getByRole('button', { name: 'Nu importeren' }).count(), 0);
  await world.look(office(), 'import-refused');
});

step('the mended table is tried, then imported: fifty people', async (world) => {
  await office().locator('#csv').fill(TABLE);
  await click(office(), 'Proberen zonder iets te wijzigen');
  const counts = office().locator('dl.facts dd');
  assert.deepEqual(await counts.allInnerTexts(), ['50', '0', '0', '0']);
  await world.look(office(), 'import-tried');
  assert.equal(world.gateway.command('user', 'list', '--format', 'json').match(/"rijder\d+"/g), null, 'nothing is written yet');
  await click(office(), 'Nu importeren');
  await office().getByRole('heading', { name: 'Wat er is gebeurd' }).waitFor();
  await follow(office(), 'Personen');
  await office().getByRole('heading', { name: '51 personen' }).waitFor();
  await world.look(office(), 'people');
  await office().locator('#q').fill('bakk');
  await click(office(), 'Zoeken');
  assert.deepEqual(await office().locator('tbody th a').allInnerTexts(), ['Sofie Bakker']);
});

// S0.10 to S0.12
step('one press writes to all who have no password, after she has read the letter', async (world) => {
  await follow(office(), 'Iedereen tonen');
  await follow(office(), 'Iedereen zonder wachtwoord uitnodigen');
  await office().getByRole('heading', { name: '50 personen' }).waitFor();
  const letter = await office().locator('.letter').innerText();
  assert.match(letter, /^Fatima El Idrissi, .*Uw gebruikersnaam is fatima/s);
  assert.match(letter, /De link werkt één keer/);
  await world.look(office(), 'letters');
  await click(office(), '50 e-mails versturen');
  await done(office(), 'De e-mails zijn verstuurd.');
  for (const [name] of FIFTY) assert.equal(world.notices.all(`${name}@vervoer.example`).length, 1, name);
  await follow(office(), 'Iedereen zonder wachtwoord uitnodigen');
  await office().getByText('Iedereen heeft een wachtwoord, of een e-mail').waitFor();
});

step('who lost the letter is sent another, and the first one no longer works', async (world) => {
  await openOffice(world, '/.vestibule/admin/person?user=rijder1');
  await world.look(office(), 'person-new');
  await follow(office(), 'Uitnodigen');
  await world.look(office(), 'letter');
  await click(office(), 'Versturen');
  await done(office(), 'De e-mail is verstuurd.');
  const [first, second] = [await world.notices.next('rijder1@vervoer.example'), await world.notices.next('rijder1@vervoer.example')];
  const desk = await world.visitor({ from: OFFICE });
  await desk.page.goto(linkIn(first));
  assert.equal(await desk.page.locator('[name="new_password"]').count(), 0);
  await desk.page.goto(linkIn(second));
  assert.equal(await desk.page.locator('[name="new_password"]').count(), 1);
  await desk.leave();
});

// S0.6, S1.5
step('the link outlives a scanner, and sets a password of one’s own', async (world) => {
  const mail = world.notices.all('fatima@vervoer.example')[0];
  for (const method of ['GET', 'HEAD', 'GET']) assert.equal((await ask(linkIn(mail), { method })).status, 200);
  await accept(world, 'fatima', OFFICE);
  await setUp(world, 'fatima');
  await world.arrives(desks.fatima.page, RIDES, 'fatima');
  await desks.fatima.page.goto(linkIn(mail));
  await world.look(desks.fatima.page, 'invitation-spent');
  assert.equal(await desks.fatima.page.locator('[name="new_password"]').count(), 0, 'once');
});

// S1.9, S1.10
step('one loses her phone, asks for help, and is told to wait', async (world) => {
  const { page } = desks.fatima;
  await signOut(page, world.origin);
  await desks.fatima.open(RIDES);
  await givePassword(page, 'fatima', chosen('fatima'));
  await page.waitForURL(own('second-factor'));
  await page.locator('summary').click();
  await page.locator('a[href*="/help?"]').click();
  await world.look(page, 'help');
  await page.locator('form[action$="/help"] button').click();
  desks.fatima.reference = await page.locator('dd code').innerText();
  await world.look(page, 'help-filed');
  await desks.fatima.open(RIDES);
  assert.match(page.url(), own('(login|second-factor)'), 'asking moves nothing');
});

// S1.11
step('the administrator checks, answers with a reason, and the next sign-in sets up a new phone', async (world) => {
  await openOffice(world, '/.vestibule/admin/help');
  await world.look(office(), 'help-list');
  await follow(office(), desks.fatima.reference);
  await world.look(office(), 'help-request');
  await office().locator('#reason').fill('Gebeld op het vaste nummer, telefoon in het water');
  await click(office(), 'Tweede stap opnieuw laten instellen');
  await done(office(), 'De hulpvraag is toegestaan; de persoon krijgt bericht.');
  const { page } = desks.fatima;
  const letter = await world.notices.next('fatima@vervoer.example');
  assert.ok(letter.headers.subject, 'she is told');
  await desks.fatima.open(RIDES);
  if (own('login').test(page.url())) await givePassword(page, 'fatima', chosen('fatima'));
  await setUp(world, 'fatima');
  await world.arrives(page, RIDES, 'fatima');
});

// S1.16, S1.17
step('one trusts the network at home by mistake, and a second browser there is not asked', async (world) => {
  await accept(world, 'sofie', HOME);
  await setUp(world, 'sofie');
  const { page } = desks.sofie;
  await world.arrives(page, RIDES, 'sofie');
  await signOut(page, world.origin);
  await desks.sofie.open(RIDES);
  await givePassword(page, 'sofie', chosen('sofie'));
  await giveCode(page, await apps.sofie.next(), { trustAddress: true });
  await world.arrives(page, RIDES, 'sofie');
  desks.lodger = await world.visitor({ from: HOME });
  await desks.lodger.open(RIDES);
  await givePassword(desks.lodger.page, 'sofie', chosen('sofie'));
  await world.arrives(desks.lodger.page, RIDES, 'sofie');
});

// S1.18, S1.19, S1.20
step('the administrator finds that trust and takes it back; the open pages ask for a code', async (world) => {
  await openOffice(world, '/.vestibule/admin/trusts?user=sofie');
  await world.look(office(), 'trusts');
  const row = office().locator('tbody tr', { hasText: HOME });
  assert.match(await row.innerText(), /sofie.*203\.0\.113\.77/s);
  await row.getByRole('button', { name: 'Verwijderen' }).click();
  await world.look(office(), 'trust-confirm');
  await office().locator('button[name="sure"]').click();
  await done(office(), 'Verwijderd.');
  await desks.lodger.open(RIDES);
  await desks.lodger.page.waitForURL(own('second-factor'));
  await desks.sofie.open(RIDES);
  await world.arrives(desks.sofie.page, RIDES, 'sofie');
});

// S0.7, S0.8, S1.6
step('a group that could choose must: she sees whom it touches, and the open session is asked', async (world) => {
  await accept(world, 'joost', OFFICE);
  const { page } = desks.joost;
  await world.arrives(page, RIDES, 'joost');
  await openOffice(world, '/.vestibule/admin/groups');
  await world.look(office(), 'groups');
  await follow(office(), 'planning');
  await world.look(office(), 'group');
  await office().locator('#word').selectOption('required');
  await click(office(), 'Verder');
  await office().getByText('Dit raakt één persoon').waitFor();
  await world.look(office(), 'group-confirm');
  await desks.joost.open(RIDES);
  await world.arrives(page, RIDES, 'joost');
  await office().locator('button[name="sure"]').click();
  await done(office(), 'De groep is gewijzigd.');
  await desks.joost.open(RIDES);
  await setUp(world, 'joost');
  await world.arrives(page, RIDES, 'joost');
});

// S0.10, S0.11
step('somebody leaves: disabled, and out at the next request', async (world) => {
  await openOffice(world, '/.vestibule/admin/person?user=joost');
  await world.look(office(), 'person');
  await click(office(), 'Uitschakelen');
  await world.look(office(), 'disable-confirm');
  await office().locator('button[name="sure"]').click();
  await done(office(), 'De persoon is uitgeschakeld');
  await desks.joost.open(RIDES);
  await desks.joost.page.waitForURL(own('login'));
  await givePassword(desks.joost.page, 'joost', chosen('joost'));
  await desks.joost.page.getByText('De naam of het wachtwoord klopt niet.').waitFor();
});

// S0.12
step('the day is in the log and in the numbers', async (world) => {
  await openOffice(world, '/.vestibule/admin/audit');
  await world.look(office(), 'audit');
  const log = await office().locator('main').innerText();
  for (const part of ['telefoon in het water', 'marijke as security', 'joost', 'sofie']) assert.ok(log.includes(part), part);
  await openOffice(world, '/.vestibule/admin/overview');
  await world.look(office(), 'overview');
  assert.ok((await office().locator('svg').count()) >= 2);
});

step('a quarter of an hour later a fresh code is asked for first', async (world) => {
  world.clock.turn(15 * MINUTE + SECOND);
  await desks.marijke.open('/.vestibule/admin');
  await office().waitForURL(own('second-factor'));
  await world.look(office(), 'asked-again');
  await giveCode(office(), await apps.marijke.next());
  await office().waitForURL(own('admin'));
  await Promise.all(Object.values(desks).map((desk) => desk.leave()));
});
