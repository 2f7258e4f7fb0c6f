// A DokuWiki of the test's own, from Debian's package, served by PHP on a loopback port.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { Program, freePort } from './process.mjs';
import { browserTests } from './places.mjs';

export async function startDokuwiki() {
  const root = mkdtempSync(join(tmpdir(), 'vestibule-dokuwiki-'));
  execFileSync(join(browserTests, 'dokuwiki/setup'), [root]);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const router = join(browserTests, 'dokuwiki/router.php');
  const php = new Program('dokuwiki', 'php', ['-S', `127.0.0.1:${port}`, '-t', root, router]);
  await php.until(() => fetch(`${origin}/doku.php`).then((answer) => answer.ok, () => false));
  return {
    origin,
    root,
    async stop() {
      await php.stop().finally(() => rmSync(root, { recursive: true, force: true }));
    },
  };
}
