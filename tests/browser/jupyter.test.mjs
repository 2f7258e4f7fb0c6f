// An application that lives on WebSockets and that nobody here wrote: JupyterLab runs a cell behind the gateway, and its
// sockets end with the session.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { launch, newContext } from './lib/browser.mjs';
import { startServe } from './lib/gateway.mjs';
import { startJupyter } from './lib/jupyter.mjs';
import { enrol, givePassword } from './lib/visitor.mjs';

let browser;
let lab;
let gateway;
before(async () => {
  browser = await launch();
  lab = await startJupyter();
  gateway = await startServe('lab', {
    portals: { lab: { title: 'Laboratory', upstream: lab.origin, rules: [{ path: '/**', policy: 'two_factor' }] } },
    people: [{ name: 'zoe', display_name: 'Zoë Jansen', email: 'zoe@example.com', groups: ['office'] }],
    settings: '[log]\naccess = true\n',
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await lab?.stop();
});

test('zoe signs in with a code, runs a cell, sees what the kernel says, and loses the sockets with the session', async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const sockets = [];
  page.on('websocket', (socket) => {
    const about = { url: socket.url(), heard: 0, closed: undefined };
    socket.on('framereceived', () => (about.heard += 1));
    socket.on('close', () => (about.closed = Date.now()));
    sockets.push(about);
  });

  await page.goto(`${gateway.origin('lab')}/lab/tree/sums.ipynb`);
  await givePassword(page, 'zoe');
  await enrol(page);
  const cell = page.locator('.jp-Notebook .jp-CodeCell').first();
  await cell.waitFor({ timeout: 60_000 });
  // Lab forgets what is pressed before the kernel has introduced itself.
  const output = cell.locator('.jp-OutputArea-output').filter({ hasText: '42 says the kernel True' }).first();
  for (const end = Date.now() + 60_000; Date.now() < end && !(await output.isVisible()); await page.waitForTimeout(1000)) {
    await cell.locator('.cm-content').click();
    await page.keyboard.press('Control+Enter');
  }
  await output.waitFor();

  const kernel = sockets.filter(({ url, closed }) => /\/api\/kernels\/.*\/channels/.test(url) && closed === undefined);
  assert.equal(kernel.length, 1, 'one socket to the kernel');
  assert.ok(kernel[0].heard > 3, 'it carried what the kernel said');
  const open = sockets.filter(({ closed }) => closed === undefined);
  const ended = Date.now();
  gateway.command('session', 'revoke', '--user', 'zoe');
  const told = Date.now();
  while (open.some(({ closed }) => closed === undefined) && Date.now() - told < 5000) await page.waitForTimeout(20);
  for (const { url, closed } of open) {
    assert.ok(closed !== undefined, `${url} is still open`);
    assert.ok(closed - told < 1000, `${url} ended ${closed - told} ms after the command, ${closed - ended} ms after it began`);
  }
  assert.match(gateway.program.output, /"path":"\/api\/kernels\/[^"]*\/channels"[^\n]*"status":101/);
  await context.close();
});
