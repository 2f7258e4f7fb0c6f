// A form posted after the session ended: kept, shown after the sign-in, and sent byte for byte with one press, in real
// Chromium with and without scripts; and an upload that is too large to keep, told so before it is uploaded.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { launch, newContext } from './lib/browser.mjs';
import { complaintsOf, costOf, isCheap, passesAxe } from './lib/checks.mjs';
import { startServe } from './lib/gateway.mjs';
import { givePassword, own } from './lib/visitor.mjs';

const TEXT = 'Line one\nLine two: é € "quotes" & <tags> + 100%';
const FILE = Buffer.from(Array.from({ length: 20_000 }, (_, n) => n % 256));

/** A portal with a form of each kind; it keeps what it receives, and answers with a page or a way on. */
async function startForms() {
  const received = [];
  const form = (kind, fields) => `<form method="post" action="save/${kind}?id=7" enctype="${kind === 'files'
    ? 'multipart/form-data' : 'application/x-www-form-urlencoded'}">${fields}<button>Save ${kind}</button></form>`;
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'POST') received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
    if (request.url.startsWith('/pages/save/elsewhere')) {
      return response.writeHead(303, { location: 'https://other.test:1/thanks' }).end();
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (request.method === 'POST') {
      // A relative link: it must be followed from where the form was sent to.
      return response.end('<!doctype html><html lang="en"><title>Saved</title><h1>Saved</h1><a href="next">on</a></html>');
    }
    return response.end(`<!doctype html><html lang="en"><title>Edit</title><h1>Edit</h1>
${form('text', '<input name="title"><textarea name="text"></textarea><input type="hidden" name="_csrf" value="a+b/c=">')}
${form('files', '<input name="title"><input type="file" name="scan">')}
${form('elsewhere', '<input name="title">')}</html>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    received,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

let browser;
let forms;
let gateway;
before(async () => {
  browser = await launch();
  forms = await startForms();
  gateway = await startServe('resend', {
    portals: { desk: { title: 'Desk', upstream: forms.origin, rules: [{ path: '/**', policy: 'one_factor' }] } },
    people: [{ name: 'anna', display_name: 'Anna Arndt' }, { name: 'bert', display_name: 'Bert Bos' }],
    settings: '[second_factor]\nrequirement = "off"\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await forms?.stop();
});

const endSessions = () => gateway.command('session', 'revoke', '--user', 'anna');

async function opensForm(page) {
  await page.goto(`${gateway.origin('desk')}/pages/edit?id=7`);
  if (own('login').test(page.url())) await givePassword(page, 'anna');
  await page.getByRole('heading', { name: 'Edit' }).waitFor();
}

async function fills(page, kind) {
  const form = page.locator(`form[action^="save/${kind}"]`);
  await form.locator('[name="title"]').fill('Überschrift');
  if (kind === 'text') await form.locator('[name="text"]').fill(TEXT);
  const scan = { name: 'a scan.bin', mimeType: 'application/octet-stream', buffer: FILE };
  if (kind === 'files') await form.locator('[name="scan"]').setInputFiles(scan);
  return form.getByRole('button', { name: 'Save' });
}

/** What arrived, with the boundary that each browser draws anew in its place. */
function plain({ url, headers, body }) {
  const boundary = /boundary=(\S+)/.exec(headers['content-type'])?.[1];
  const text = body.toString('latin1');
  const type = boundary ? headers['content-type'].replace(boundary, 'X') : headers['content-type'];
  return { url, type, origin: headers.origin, referer: headers.referer, cookie: headers.cookie,
    user: headers['remote-user'], length: headers['content-length'], text: boundary ? text.replaceAll(boundary, 'X') : text };
}

for (const [name, options] of [['with scripts', {}], ['without scripts', { javaScriptEnabled: false }]]) {
  for (const kind of ['text', 'files']) {
    test(`a form with ${kind} that met a sign-in arrives as it would have without, ${name}`, async () => {
      const context = await newContext(browser, options);
      const page = await context.newPage();
      const complaints = complaintsOf(page);
      await opensForm(page);
      await (await fills(page, kind)).click();
      await page.getByRole('heading', { name: 'Saved' }).waitFor();
      const wanted = plain(forms.received.at(-1));

      await opensForm(page);
      const button = await fills(page, kind);
      endSessions();
      const before = forms.received.length;
      await button.click();
      await givePassword(page, 'anna');
      await page.waitForURL(own('resend'));
      await page.getByRole('heading', { name: 'Send your form now?' }).waitFor();
      const shown = await page.locator('main').innerText();
      const parts = { text: ['Überschrift', TEXT.split('\n')[1], 'not shown here'], files: ['Überschrift', 'File a scan.bin, 20 kB'] };
      for (const part of parts[kind]) assert.ok(shown.includes(part), `${part} in ${shown}`);
      assert.ok(shown.includes('/pages/save/') && shown.includes('It will be sent as Anna Arndt.'), shown);
      assert.ok(!shown.includes('a+b/c='), 'what is called a token stays off the screen');
      assert.equal(forms.received.length, before, 'nothing was sent yet');

      await page.getByRole('button', { name: 'Send now' }).click();
      await page.getByRole('heading', { name: 'Saved' }).waitFor();
      assert.equal(forms.received.length, before + 1);
      assert.deepEqual(plain(forms.received.at(-1)), wanted);
      assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, `/pages/save/${kind}?id=7`);
      if (!('javaScriptEnabled' in options)) {
        const leads = await page.getByRole('link', { name: 'on' }).evaluate((link) => new URL(link.href).pathname);
        assert.equal(leads, '/pages/save/next');
      }

      // A reload asks the browser to send again: ours knows that it was sent.
      page.on('dialog', (dialog) => dialog.accept());
      await page.reload();
      await page.getByRole('heading', { name: 'Nothing waits to be sent' }).waitFor();
      assert.equal(forms.received.length, before + 1);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }
}

test('the page is cheap and stands axe, and somebody else at the browser gets nothing', async () => {
  const context = await newContext(browser, { bypassCSP: true });
  const page = await context.newPage();
  await opensForm(page);
  const button = await fills(page, 'text');
  endSessions();
  const before = forms.received.length;
  await button.click();
  await givePassword(page, 'anna');
  await page.waitForURL(own('resend'));
  isCheap(await costOf(page, () => page.reload()), 'resend');
  await passesAxe(page, 'resend');
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('heading', { name: 'Edit' }).waitFor();
  assert.equal(new URL(page.url()).search, '?id=7', 'back to where the form stood');

  const again = await fills(page, 'text');
  endSessions();
  await again.click();
  await givePassword(page, 'bert');
  await page.getByRole('heading', { name: 'Nothing waits to be sent' }).waitFor();
  await passesAxe(page, 'resend-nothing');
  assert.equal(forms.received.length, before);
  await context.close();
});

test('an answer that leads to another site is followed as it would have been', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  await page.route('https://other.test:1/**', (route) => route.fulfill({ body: '<h1>Thanks</h1>', contentType: 'text/html' }));
  await opensForm(page);
  const button = await fills(page, 'elsewhere');
  endSessions();
  await button.click();
  await givePassword(page, 'anna');
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.waitForURL('https://other.test:1/thanks').catch(() => {});
  assert.match(page.url(), /^(https:\/\/other\.test:1\/thanks|chrome-error:)/);
  await context.close();
});

for (const [name, flags] of [['HTTP/2', []], ['HTTP/1.1', ['--disable-http2']]]) {
  test(`an upload too large to keep is told so in a clear page over ${name}, and arrives once signed in`, async () => {
    const another = await launch(flags);
    try {
      const context = await newContext(another, { javaScriptEnabled: false });
      const page = await context.newPage();
      await opensForm(page);
      const buffer = Buffer.alloc(8 * 1024 * 1024, 'x');
      const chooses = (form) => form.locator('[name="scan"]').setInputFiles({ name: 'film.bin', mimeType: 'video/mp4', buffer });
      const form = page.locator('form[action^="save/files"]');
      await chooses(form);
      endSessions();
      const before = forms.received.length;
      await form.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'Your form was not received' }).waitFor();
      await page.getByText('too large to be kept').waitFor();
      await page.getByRole('link', { name: 'Sign in and return to the form' }).click();
      await givePassword(page, 'anna');
      await page.getByRole('heading', { name: 'Edit' }).waitFor();
      assert.equal(new URL(page.url()).search, '?id=7');
      assert.equal(forms.received.length, before);
      await chooses(form);
      await form.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'Saved' }).waitFor();
      assert.ok(forms.received.at(-1).body.length > buffer.length);
    } finally {
      await another.close();
    }
  });
}
