// A stranger knows the password: the owner is mailed, opens the link on a phone that is signed in nowhere, and presses once.
import assert from 'node:assert/strict';
import { DESKTOP } from './lib/browser.mjs';
import { journey } from './lib/journey.mjs';
import { linkIn } from './lib/post.mjs';
import { givePassword, own } from './lib/visitor.mjs';

const REPORTS = '/reports?week=47';
const ADDRESS = 'mira@harbour.example';

const step = journey('harbour', {
  language: 'nl',
  mail: true,
  server: 'trusted_proxies = ["127.0.0.1"]',
  portals: {
    harbour: {
      title: 'Havenboek', support: { label: 'Helpdesk', url: 'mailto:help@harbour.example' },
      rules: [{ path: '/**', policy: 'one_factor' }],
    },
  },
  people: [{ name: 'mira', email: ADDRESS }],
  settings: '[second_factor]\nrequirement = "off"\n',
});

/** The computer on Mira's desk, and one that is not hers. */
let desk;
let strange;

async function signIn(world, visitor) {
  await visitor.open(REPORTS);
  await givePassword(visitor.page, 'mira');
  await world.arrives(visitor.page, REPORTS, 'mira');
}

const subjectOf = ({ headers }) => headers.subject;

step('the first sign-in is told once, the second not at all', async (world) => {
  desk = await world.visitor({ from: '203.0.113.7', viewport: DESKTOP });
  await signIn(world, desk);
  const mail = await world.notices.next(ADDRESS);
  assert.equal(subjectOf(mail), 'Nieuw apparaat bij Havenboek');
  assert.match(mail.parts['text/plain'], /203\.0\.113\.7/);
  await desk.open(`/.vestibule/login?again=1&return_to=${encodeURIComponent(REPORTS)}`);
  await givePassword(desk.page, 'mira');
  await world.arrives(desk.page, REPORTS, 'mira');
});

step('another browser in the same place is a new device', async (world) => {
  strange = await world.visitor({ from: '203.0.113.7', viewport: DESKTOP });
  await signIn(world, strange);
  const mail = await world.notices.next(ADDRESS);
  assert.equal(subjectOf(mail), 'Nieuw apparaat bij Havenboek');
  assert.equal(world.notices.all(ADDRESS).length, 2);

  const phone = await world.visitor({ from: '198.51.100.9' });
  await phone.page.goto(linkIn(mail));
  await phone.page.waitForURL(own('not-me'));
  await world.look(phone.page, 'not-me');
  await strange.open(REPORTS);
  await world.arrives(strange.page, REPORTS, 'mira');

  await phone.page.getByRole('button', { name: 'Alles beëindigen' }).click();
  await phone.page.getByRole('heading', { name: 'Alles is beëindigd' }).waitFor();
  await world.look(phone.page, 'not-me-done');
  for (const { page, open } of [strange, desk, phone]) {
    await open(REPORTS);
    await page.waitForURL(own('login'));
  }
  await phone.page.goto(linkIn(mail));
  await phone.page.getByRole('heading', { name: 'Deze link werkt niet meer' }).waitFor();
  await world.look(phone.page, 'not-me-spent');
});
