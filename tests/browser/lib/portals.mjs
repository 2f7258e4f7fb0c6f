// Portals nobody here wrote, from Debian's packages, each a process of the test's own with data of its own: WordPress and
// phpMyAdmin over MariaDB, applications in Tomcat. Nothing of the machine's own services is used or touched.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserTests, project } from './places.mjs';
import { Program, freePort } from './process.mjs';

const portals = join(project, 'packaging/portals');
const workplace = (name) => mkdtempSync(join(tmpdir(), `vestibule-${name}-`));
const answers = (url) => fetch(url, { redirect: 'manual' }).then((answer) => answer.status < 500, () => false);

/** The rules of a shipped file, and the lines its comment says are to be written at the portal. */
export function shipped(name, lines = /$^/) {
  const text = readFileSync(join(project, 'config', `${name}.toml`), 'utf8');
  return {
    rules: text.slice(text.indexOf('[[portal.rule]]'), text.indexOf('[[test]]')),
    asks: (text.match(/^#\s{3}.*$/gm) ?? []).map((line) => line.replace(/^#\s+/, '').replace(/\s+\/\/.*$/, ''))
      .filter((line) => lines.test(line)),
  };
}

/** A MariaDB in a folder of its own; `setup` are statements for its first start. */
export async function startMariadb(setup) {
  const folder = workplace('mariadb');
  const data = join(folder, 'data');
  execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal',
    '--skip-test-db', '--user=root'], { stdio: 'pipe' });
  const port = await freePort();
  const first = join(folder, 'first.sql');
  writeFileSync(first, `${setup.join(';\n')};\n`);
  const program = new Program('mariadb', 'mariadbd', ['--no-defaults', `--datadir=${data}`, '--user=root',
    `--socket=${folder}/socket`, '--bind-address=127.0.0.1', `--port=${port}`, `--pid-file=${folder}/pid`,
    `--init-file=${first}`, '--skip-log-bin', '--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0']);
  await program.until(() => /ready for connections/.test(program.output));
  return {
    host: `127.0.0.1:${port}`,
    port,
    stop: () => program.stop().finally(() => rmSync(folder, { recursive: true, force: true })),
  };
}

async function startPhp(name, root, router, environment, folder) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const limits = ['-d', 'memory_limit=256M', '-d', 'upload_max_filesize=16M', '-d', 'post_max_size=16M'];
  const program = new Program(name, 'php', [...limits, '-S', `127.0.0.1:${port}`, '-t', root, ...router],
    { env: { ...process.env, ...environment } });
  await program.until(() => answers(`${origin}/`));
  return { origin, root, stop: () => program.stop().finally(() => rmSync(folder, { recursive: true, force: true })) };
}

/** WordPress with the shipped plugin. `site` is its address as visitors see it. */
export async function startWordpress(database, site) {
  const folder = workplace('wordpress');
  const root = join(folder, 'site');
  execFileSync('cp', ['-rL', '/usr/share/wordpress', root]);
  rmSync(join(root, 'wp-content'), { recursive: true });
  mkdirSync(join(root, 'wp-content/mu-plugins'), { recursive: true });
  mkdirSync(join(root, 'wp-content/plugins'));
  mkdirSync(join(root, 'wp-content/uploads'));
  const own = join(browserTests, 'wordpress');
  cpSync(join(own, 'plain'), join(root, 'wp-content/themes/plain'), { recursive: true });
  for (const name of ['wp-config.php', 'install.php', 'router.php']) cpSync(join(own, name), join(root, name));
  cpSync(join(portals, 'wordpress-vestibule.php'), join(root, 'wp-content/mu-plugins/vestibule.php'));
  const environment = { BLOG_ORIGIN: site, BLOG_DATABASE: database.host };
  execFileSync('php', [join(root, 'install.php')], { env: { ...process.env, ...environment }, stdio: 'pipe' });
  rmSync(join(root, 'install.php'));
  return startPhp('wordpress', root, [join(root, 'router.php')], environment, folder);
}

/** phpMyAdmin that asks the shipped script for accounts; `accounts` maps people to "account:password". */
export async function startPhpmyadmin(database, asked, accounts) {
  const folder = workplace('phpmyadmin');
  const root = join(folder, 'site');
  execFileSync('cp', ['-rL', '/usr/share/phpmyadmin', root]);
  mkdirSync(join(folder, 'tmp'));
  const script = join(folder, 'vestibule-signon.php');
  cpSync(join(portals, 'phpmyadmin-signon.php'), script);
  writeFileSync(join(folder, 'accounts.ini'),
    Object.entries(accounts).map(([person, account]) => `${person} = "${account}"\n`).join(''));
  const settings = asked.join('\n').replace('/etc/phpmyadmin/vestibule-signon.php', script);
  writeFileSync(join(folder, 'config.inc.php'), `<?php
$cfg['blowfish_secret'] = '0123456789abcdef0123456789abcdef';
$cfg['Servers'][1]['host'] = '127.0.0.1';
$cfg['Servers'][1]['port'] = ${database.port};
${settings}
`);
  const vendor = join(root, 'libraries/vendor_config.php');
  writeFileSync(vendor, readFileSync(vendor, 'utf8')
    .replace('/var/lib/phpmyadmin/tmp/', `${folder}/tmp/`)
    .replace('/etc/phpmyadmin/config.inc.php', `${folder}/config.inc.php`));
  return startPhp('phpmyadmin', root, [], { VESTIBULE_ACCOUNTS: join(folder, 'accounts.ini') }, folder);
}

/** Tomcat with its own examples and its manager, under a base of the test's own. */
export async function startTomcat() {
  const base = workplace('tomcat');
  for (const name of ['conf', 'logs', 'temp', 'webapps', 'work']) mkdirSync(join(base, name));
  for (const name of ['server.xml', 'web.xml']) cpSync(join(browserTests, 'tomcat', name), join(base, 'conf', name));
  const port = await freePort();
  const program = new Program('tomcat', 'java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp',
    '/usr/share/tomcat10/bin/bootstrap.jar:/usr/share/tomcat10/bin/tomcat-juli.jar',
    '-Dcatalina.home=/usr/share/tomcat10', `-Dcatalina.base=${base}`, `-Djava.io.tmpdir=${base}/temp`, `-Dtest.port=${port}`,
    'org.apache.catalina.startup.Bootstrap', 'start']);
  const origin = `http://127.0.0.1:${port}`;
  await program.until(() => answers(`${origin}/examples/`), 60);
  return { origin, base, stop: () => program.stop().finally(() => rmSync(base, { recursive: true, force: true })) };
}
