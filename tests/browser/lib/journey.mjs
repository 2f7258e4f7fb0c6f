// A seed system: its portal as an operator would set it up, with everything real around it, and the visitors who live through
// its sign-in, one step after the other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, launch, newContext } from './browser.mjs';
import { Clock } from './clock.mjs';
import { startServe } from './gateway.mjs';
import { inspect } from './inspect.mjs';
import { startPortal } from './portal.mjs';
import { Box, startMail, startTexts } from './post.mjs';
import { freePort } from './process.mjs';
import { Authenticator } from './totp.mjs';

const VIEWS = ['phone-light', 'desktop-light'];

/**
 * The steps of one system; they share its world and go on from each other. `plan` says what the operator wrote: `portals`,
 * `people`, `settings`, `server`, and which of `mail`, `texts` and `provider` there are. The first portal has the system's name.
 * Returns what declares a step: it is given the world.
 */
export function journey(system, plan) {
  let world;
  let broken = false;
  before(async () => {
    world = await World.begin(system, plan);
  });
  after(() => world?.stop());
  return (claim, act) => test(`${system}: ${claim}`, { timeout: 60_000 }, async (step) => {
    if (broken) return step.skip('an earlier step failed');
    broken = true;
    await act(world);
    broken = false;
    return undefined;
  });
}

class World {
  #parts = [];
  #seen = new Set();
  #still = new Map();
  clock = new Clock();

  static async begin(system, plan) {
    const world = new World();
    await world.#begin(system, plan).catch(async (problem) => {
      await world.stop();
      throw problem;
    });
    return world;
  }

  async #begin(system, { portals, people, language, settings = '', server = '', mail = false, texts = false, provider }) {
    Object.assign(this, { system, language });
    this.browser = await launch();
    const portal = await this.#keep(startPortal());
    const port = await freePort();
    this.origin = `https://${system}.test:${port}`;
    const parts = [`[pages]\nlanguage = "${language}"\n`];
    if (mail) {
      const server = await this.#keep(startMail(system));
      this.mail = server.box;
      this.notices = server.notices;
      parts.push(server.settings);
    }
    if (texts) {
      const taken = [];
      this.carriers = [await this.#keep(startTexts('first', 'json', taken)), await this.#keep(startTexts('second', 'form', taken))];
      this.texts = new Box(() => taken);
      parts.push(...this.carriers.map(({ settings: lines }) => lines));
    }
    if (provider) {
      const callbacks = [`${this.origin}/.vestibule/provider/callback`];
      const { startProvider } = await import('./provider.mjs');
      this.provider = await this.#keep(startProvider({ ...provider, callbacks }));
      parts.push(this.provider.settings);
    }
    const served = Object.entries(portals).map(([name, entry]) => [name, { upstream: portal.origin, ...entry }]);
    this.support = Object.values(portals)[0].support;
    this.gateway = await this.#keep(startServe(system, {
      port, people, server,
      portals: Object.fromEntries(served),
      settings: [...parts, settings].join('\n'),
      environment: this.clock.environment,
    }));
  }

  async #keep(starting) {
    const part = await starting;
    this.#parts.unshift(part);
    return part;
  }

  async stop() {
    await this.browser?.close();
    for (const part of this.#parts) await part.stop();
    this.clock.stop();
  }

  /** Somebody with a browser of their own, at `from` where the gateway trusts a proxy to say so. Without scripts, unless told. */
  async visitor({ from, scripts = false, ...options } = {}) {
    const context = await newContext(this.browser, {
      bypassCSP: true,
      javaScriptEnabled: scripts,
      locale: this.language,
      viewport: PHONE,
      ...(from && { extraHTTPHeaders: { 'x-forwarded-for': from } }),
      ...options,
    });
    const page = await context.newPage();
    if (!scripts) this.#still.set(page, await context.newCDPSession(page));
    return { context, page, open: (path) => page.goto(this.origin + path), leave: () => context.close() };
  }

  /** An authenticator app with this key, on a phone that has the gateway's time. */
  authenticator(key) {
    return new Authenticator(key, this.clock);
  }

  /**
   * Looks at a page of the gateway the first time somebody meets it: its language, the support contact, and on a phone and a
   * desktop axe, the width and a picture.
   */
  async look(page, name) {
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const number = String(this.#seen.size).padStart(2, '0');
    assert.equal(await page.locator('html').getAttribute('lang'), this.language, `${name}: in the visitor's language`);
    const contact = page.locator(`footer a[href="${this.support.url}"]`);
    assert.equal(await contact.innerText(), this.support.label, `${name}: says where to find help`);
    const before = page.viewportSize();
    const inspection = () => inspect(page, `${this.system}-${number}-${name}`, VIEWS);
    await withScripts(this.#still.get(page), inspection);
    await page.setViewportSize(before ?? DESKTOP);
  }

  /** The portal, with what was asked for first and who is there. */
  async arrives(page, path, name) {
    await page.locator('#asked').waitFor();
    assert.equal(await page.locator('#asked').innerText(), path, 'the address first asked for');
    assert.equal(await page.locator('#remote-user').innerText(), name);
  }
}

/** Lets axe run where the visitor has scripts switched off. The page's own were left out when it was loaded. */
async function withScripts(session, act) {
  if (!session) return act();
  const forbid = (value) => session.send('Emulation.setScriptExecutionDisabled', { value });
  // What a session never forbade it cannot allow; and when it ends, nothing is forbidden any more.
  await forbid(true);
  await forbid(false);
  return act().finally(() => forbid(true));
}
