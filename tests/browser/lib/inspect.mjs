// Looks at one page the way different visitors see it, and keeps a picture of each.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, NARROW, PHONE } from './browser.mjs';
import { doesNotScrollSideways, passesAxe } from './checks.mjs';
import { artifacts } from './places.mjs';

const VIEWS = [
  { view: 'desktop-light', viewport: DESKTOP, colorScheme: 'light' },
  { view: 'desktop-dark', viewport: DESKTOP, colorScheme: 'dark' },
  { view: 'phone-light', viewport: PHONE, colorScheme: 'light' },
  { view: 'phone-dark', viewport: PHONE, colorScheme: 'dark' },
  { view: 'narrow', viewport: NARROW, colorScheme: 'light', reducedMotion: 'reduce' },
];

export const EVERY_VIEW = VIEWS.map(({ view }) => view);

/** Axe, width and, if wanted, a screenshot of the page as it stands, in each of the views named. */
export async function inspect(page, name, views, { picture = true } = {}) {
  for (const { view, viewport, colorScheme, reducedMotion = 'no-preference' } of VIEWS) {
    if (!views.includes(view)) continue;
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion });
    // Colours that fade from one scheme to the other are judged when they have arrived.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
    await passesAxe(page, `${name}, ${view}`);
    await doesNotScrollSideways(page, `${name}, ${view}`);
    if (!picture) continue;
    mkdirSync(join(artifacts, view), { recursive: true });
    await page.screenshot({ path: join(artifacts, view, `${name}.png`), fullPage: true });
  }
}
