// What every page of the gateway must stand: axe, 320 px without sideways scrolling, five requests, thirty kilobytes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fails with the rule, the element and the reason of each violation. The context must have `bypassCSP`. */
export async function passesAxe(page, name) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const result = await page.evaluate(
    (runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'], elementRef: false }), STANDARDS);
  const found = result.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html}\n    ${node.failureSummary}`).join('\n  ')}`,
  );
  assert.equal(found.length, 0, `${name}: axe found\n  ${found.join('\n  ')}`);
  assert.ok(result.passes.length > 5, `${name}: axe looked at a real page`);
}

export async function doesNotScrollSideways(page, name) {
  const { wide, have } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    have: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= have, `${name}: ${wide} px wide in a window of ${have} px`);
}

/** Counts what one navigation costs over the wire, with an empty cache. */
export async function costOf(page, act) {
  await page.waitForLoadState('networkidle');
  const session = await page.context().newCDPSession(page);
  // A redirect goes on under the same id: it is the way to the page, not a part of it.
  const requests = new Map();
  let bytes = 0;
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!request.url.startsWith('data:')) requests.set(requestId, request.url);
  });
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await act();
  await page.waitForLoadState('networkidle');
  await session.detach();
  return { requests: [...requests.values()], bytes };
}

export function isCheap({ requests, bytes }, name) {
  assert.ok(requests.length <= 5, `${name}: five requests are allowed, not ${requests.join(' ')}`);
  assert.ok(bytes <= 30_000, `${name}: ${bytes} bytes, 30 kB are allowed`);
}

/** Collects what the browser says against the page: a refused style or script, an error in a script. */
export function complaintsOf(page) {
  const complaints = [];
  page.on('console', (message) => {
    const text = message.text();
    if (/content security policy|refused to/i.test(text)) complaints.push(text);
  });
  page.on('pageerror', (problem) => complaints.push(String(problem)));
  return complaints;
}
