// A real Chromium and the contexts a visitor may come with.
import { chromium as engine } from 'playwright-core';
import { chromium } from './places.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Portals have names here, as they do in life; every one of them is this machine.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };
export const NARROW = { width: 320, height: 640 };

/** `more` are flags that one test needs: a service worker, for one, is refused where any certificate is not trusted. */
export function launch(more = []) {
  return engine.launch({ executablePath: chromium, args: [...FLAGS, ...more] });
}

/** A visitor's browser: the gateway's own certificate is accepted, English is asked for unless told otherwise. */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: DESKTOP,
    ...options,
  });
  context.setDefaultTimeout(15_000);
  return context;
}
