// Every page in every state and language, as the Rust tests hang them in `gallery`: the states no short journey meets.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { launch, newContext } from './lib/browser.mjs';
import { inspect } from './lib/inspect.mjs';
import { browserTests, project } from './lib/places.mjs';

const ALL = ['desktop-light', 'phone-dark', 'narrow'];
const VIEWS = { en: ALL, nl: ['narrow'], de: ['narrow'], fr: ['narrow'] };
const TYPES = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', html: 'text/html; charset=utf-8' };

let browser;
let server;
let origin;
before(async () => {
  browser = await launch();
  // Assets have their content's hash in the name when embedded; on disk they have not.
  server = http.createServer((request, response) => {
    const asset = request.url.match(/^\/\.vestibule\/assets\/(\w+)\.[0-9a-f]+\.(\w+)$/);
    const file = asset
      ? join(project, 'static/assets', `${asset[1]}.${asset[2]}`)
      : join(browserTests, 'gallery', decodeURIComponent(request.url));
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[file.split('.').pop()] });
    return response.end(readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(async () => {
  await browser?.close();
  server?.close();
});

for (const [language, views] of Object.entries(VIEWS)) {
  test(`every state of every page in ${language} stands axe and 320 px`, { timeout: 400_000 }, async () => {
    const wall = join(browserTests, 'gallery', language);
    assert.ok(existsSync(wall), 'run `cargo test gallery` first: it draws the pages');
    const hung = readdirSync(wall).map((file) => file.replace(/\.html$/, ''));
    assert.ok(hung.length > 100, `${hung.length} pages`);
    // How many tries are left is one sentence, the same under every error: one error stands for all.
    const names = hung.filter((name) => !/-[13]$/.test(name) || name.includes('wrong'));
    const context = await newContext(browser, { bypassCSP: true });
    // Two at once: a page waits for its renderer, not for this process.
    const walk = async () => {
      const page = await context.newPage();
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        await page.goto(`${origin}/${language}/${name}.html`);
        await inspect(page, `${name}-${language}`, views, { picture: language === 'en' });
      }
    };
    await Promise.all([walk(), walk()]);
    await context.close();
  });
}
