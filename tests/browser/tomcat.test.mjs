// Tomcat's own examples and manager under the rules of the file we ship: a servlet sees who it is, a WebSocket works, and no
// spelling of a path leads to the manager.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { launch, newContext } from './lib/browser.mjs';
import { ask, startServe } from './lib/gateway.mjs';
import { project } from './lib/places.mjs';
import { shipped, startTomcat } from './lib/portals.mjs';
import { enrol, givePassword } from './lib/visitor.mjs';

let browser;
let tomcat;
let gateway;
before(async () => {
  browser = await launch();
  tomcat = await startTomcat();
  gateway = await startServe('apps', {
    portals: { apps: { title: 'Applications', upstream: tomcat.origin, rules: shipped('tomcat').rules } },
    people: [{ name: 'zoe', display_name: 'Zoë Jansen', groups: ['office'] }],
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await tomcat?.stop();
});

/** One request as it is written here, for paths that clients tidy up. */
function raw(path, fields = '') {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: gateway.port, servername: 'apps.test', rejectUnauthorized: false }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: apps.test:${gateway.port}\r\n${fields}Connection: close\r\n\r\n`);
    });
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => (text += part));
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

test('this Tomcat has the valve that the shipped file shows', () => {
  const words = (text) => text.replace(/[#\s]+/g, ' ');
  const [valve] = readFileSync(join(project, 'config/tomcat.toml'), 'utf8').match(/<Valve[^>]*>/);
  assert.ok(words(readFileSync(join(tomcat.base, 'conf/server.xml'), 'utf8')).includes(words(valve)));
});

test('strangers see what is public and nothing else', async () => {
  const status = async (path, headers = {}) => (await ask(gateway.origin('apps') + path, { headers })).status;
  assert.equal(await status('/examples/servlets/images/code.gif'), 200);
  assert.equal(await status('/examples/servlets/'), 401);
  assert.equal(await status('/examples/servlets/', { 'Remote-User': 'zoe' }), 401);
  assert.equal(await status('/examples/servlets/images/code.gif;jsessionid=1'), 401);
  for (const path of ['/manager/text/list', '/host-manager/html', '/docs/']) assert.equal(await status(path), 403, path);
});

test('zoe signs in with a code; servlet, session and WebSocket work as they are', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const origin = gateway.origin('apps');
  await page.goto(`${origin}/examples/servlets/servlet/RequestHeaderExample`);
  await givePassword(page, 'zoe');
  await enrol(page);
  await page.getByText('RequestHeaderExample').first().waitFor().catch(() => {});
  const shown = (await page.locator('body').innerText()).toLowerCase();
  assert.match(shown, /remote-user\s+zoe/);
  assert.match(shown, /x-forwarded-proto\s+https/);
  assert.ok(!shown.includes('__host-vestibule'), 'no cookie of the gateway gets there');

  // A link that the servlet makes is one of this address.
  await page.goto(`${origin}/examples/servlets/servlet/SessionExample`);
  await page.locator('input[name="dataname"]').first().fill('colour');
  await page.locator('input[name="datavalue"]').first().fill('orange');
  await page.locator('form[method="POST"] input[type="submit"]').first().click();
  await page.getByText('colour = orange').first().waitFor();
  assert.ok(page.url().startsWith(origin), page.url());
  const [cookie] = (await context.cookies()).filter(({ name }) => name === 'JSESSIONID');
  assert.ok(cookie.secure, 'the valve tells Tomcat that visitors come over TLS');

  const echoed = await page.evaluate(() => new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://${location.host}/examples/websocket/echoProgrammatic`);
    socket.onopen = () => socket.send('hello over TLS');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => reject(new Error('no WebSocket'));
  }));
  assert.equal(echoed, 'hello over TLS');

  // The manager, in every spelling that Tomcat knows: with zoe's session, who is no administrator.
  const session = (await context.cookies(origin)).map(({ name, value }) => `${name}=${value}`).join('; ');
  const fields = `Cookie: ${session}\r\n`;
  assert.match(await raw('/examples/servlets/', fields), /^HTTP\/1\.1 200 /);
  for (const path of ['/manager/html', '/examples/..;/manager/html', '/examples/..;x=1/manager/html', '/examples/../manager/html',
    '/examples/%2e%2e/manager/html', '/examples/%2e%2e%3b/manager/html', '/examples/..%2fmanager/html', '/manager;a=b/html',
    '//manager/html', '/%6danager/html', '/examples/servlets/images/..;/..;/..;/manager/html', '/examples;/../manager/html',
    '/./manager/html', '/manager%2fhtml', '/examples\\..\\manager\\html']) {
    const answer = await raw(path, fields);
    assert.match(answer, /^HTTP\/1\.1 (400|403|404) /, `${path}: ${answer.slice(0, 200)}`);
    assert.doesNotMatch(answer, /www-authenticate: basic/i, `${path} met the manager`);
  }
  await context.close();
});
